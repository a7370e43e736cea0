"""What people see: htmx pages, one views file and one templates folder a noun."""
