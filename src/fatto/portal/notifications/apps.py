"""The app of notices."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "fatto.portal.notifications"
    label = "notifications"

    def ready(self) -> None:
        """Be told of the deeds that people are told of."""
        from fatto.portal.notifications import kinds
        from fatto.portal.tenancy import trail

        trail.listen("fatto.tell_people", kinds.BY_VERB, in_turn=True)
