"""The app of programs."""

from django.apps import AppConfig


class ProgramsConfig(AppConfig):
    name = "fatto.portal.programs"
    label = "programs"
