"""The web platform built with `fatto`: Django, the database and the job queue exist only from here down."""
