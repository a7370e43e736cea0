"""The documents app."""

from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "fatto.portal.documents"
    label = "documents"
