"""The flow app."""

from django.apps import AppConfig


class FlowConfig(AppConfig):
    name = "fatto.portal.flow"
    label = "flow"
