"""The conversation app."""

from django.apps import AppConfig


class ConversationConfig(AppConfig):
    name = "fatto.portal.conversation"
    label = "conversation"
