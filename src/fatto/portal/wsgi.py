"""The web application, for granian (`fatto web`) or another WSGI server."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

from fatto.portal import serve

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fatto.portal.settings")
serve.leave_with_parent()
application = get_wsgi_application()
