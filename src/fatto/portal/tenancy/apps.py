"""The tenancy app."""

from django.apps import AppConfig


class TenancyConfig(AppConfig):
    name = "fatto.portal.tenancy"
    label = "tenancy"
