"""The exchange app."""

from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "fatto.portal.exchange"
    label = "exchange"
