"""The app of programs."""

from django.apps import AppConfig


class ProgramsConfig(AppConfig):
    name = "fatto.portal.programs"
    label = "programs"

    def ready(self) -> None:
        """Be told of what webhooks are told of."""
        from fatto.portal.programs.models import Event
        from fatto.portal.tenancy import trail

        verbs = [event.removeprefix("document.") for event in Event.values]
        trail.listen("fatto.tell_webhooks", verbs, wanted=lambda firm: firm.hooked)
