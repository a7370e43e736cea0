"""The web app: pages, their pieces, and how they look."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "fatto.portal.web"
    label = "web"
