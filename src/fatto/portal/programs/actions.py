"""What people and programs do about programs: tokens, what is handed in under a key, webhooks."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from fatto.portal.documents.models import Delivery
from fatto.portal.flow import arrive
from fatto.portal.programs import outside, tokens
from fatto.portal.programs.models import GRANTS, Event, Message, Scope, Token, Upload, Webhook
from fatto.portal.tenancy import sealing, trail
from fatto.portal.tenancy.action import Refusal, action
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.models import Firm
from fatto.portal.tenancy.permissions import ROLES, Can, Role
from fatto.portal.tenancy.states import move

MOST_TOKENS = 100
MOST_WEBHOOKS = 20


class NothingChosen(Refusal):
    """A token that may do nothing opens nothing."""

    status = 422

    def __init__(self) -> None:
        super().__init__(_("Choose what the program may do."))


class TooManyOfThem(Refusal):
    """Lists that nobody can oversee are not safe."""

    def __init__(self) -> None:
        super().__init__(_("There are too many already. Remove those that are not used."))


class KeyReused(Refusal):
    """A key stands for one file."""

    status = 422

    def __init__(self) -> None:
        super().__init__(_("This idempotency key was used for another file."))


class AddressRefused(Refusal):
    """A webhook's address must be one of the open internet, with https."""

    status = 422

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(_("This address cannot be used: it must begin with https:// and be reachable for everybody."))


class Asleep(Refusal):
    """Nothing is sent to a webhook that is switched off."""

    def __init__(self) -> None:
        super().__init__(_("This webhook is switched off. Switch it on first."))


@dataclass(frozen=True, slots=True)
class Issued:
    """A new token, and the only sight of it."""

    token: Token
    secret: str

    @property
    def company_id(self) -> int | None:
        return self.token.company_id


@dataclass(frozen=True, slots=True)
class Added:
    """A new webhook, and the only sight of its secret."""

    webhook: Webhook
    secret: str

    @property
    def company_id(self) -> int | None:
        return self.webhook.company_id


@action(Can.TOKEN_MANAGE, verb="token-issued")
def issue_token(actor: Actor, *, name: str, scopes: list[str], days: int | None) -> Issued:
    """Make a token for the space that the actor is in; it acts on the actor's side of it, for `days` or for good."""
    wanted = [each for each in possible_scopes(actor) if each in scopes]
    if not wanted or len(wanted) != len(set(scopes)):
        raise NothingChosen
    alive = Token.objects.filter(revoked_at=None)
    if (alive.filter(company=None) if actor.company is None else alive).count() >= MOST_TOKENS:
        raise TooManyOfThem
    assert actor.member is not None  # noqa: S101 - no program has the permission
    secret = tokens.make()
    token = Token.objects.create(
        firm=actor.firm,
        company=actor.company,
        side=actor.side,
        name=name.strip()[:100],
        hash=tokens.hashed(secret),
        prefix=secret[: tokens.SHOWN],
        scopes=wanted,
        created_by=actor.member,
        expires_at=timezone.now() + timedelta(days=days) if days else None,
    )
    return Issued(token, secret)


def possible_scopes(actor: Actor) -> list[str]:
    """What a token of the actor's side can do at all."""
    grants = ROLES[Role.FIRM_OWNER if actor.side == "firm" else Role.OWNER]
    return [each.value for each in Scope if GRANTS[each] <= grants]


possible_scopes.is_action = True  # type: ignore[attr-defined]  # changes nothing


@action(Can.TOKEN_MANAGE, verb="token-revoked")
def revoke_token(actor: Actor, token: Token) -> None:
    """From now on it opens nothing. Its row stays, for the names in the trail."""
    Token.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now())


@action(Can.DOCUMENT_UPLOAD)
def hand_in(
    actor: Actor, token: Token, *, name: str, sha256: str, size: int, key: str, details: dict[str, str] | None = None
) -> Delivery:
    """Note a file whose bytes are in the vault. Under a `key` that was used before, what came of it then.

    `details` are what is said of the supporting documents in it.
    """
    if key:
        before = Upload.objects.select_related("delivery").filter(token=token, key=key).first()
        if before is not None:
            if before.sha256 != sha256:
                raise KeyReused
            return before.delivery
    delivery = arrive.accept(actor, name=name, sha256=sha256, size=size, batch=uuid4(), channel="api", details=details)
    if key:
        Upload.objects.create(
            firm=actor.firm, company=actor.company, token=token, key=key, sha256=sha256, delivery=delivery
        )
    trail.record(
        actor, "handed-in", company_id=delivery.company_id, data={"name": delivery.name, "delivery": delivery.pk}
    )
    return delivery


@action(Can.WEBHOOK_MANAGE, verb="webhook-added")
def add_webhook(actor: Actor, *, url: str, events: list[str]) -> Added:
    """Tell an address of events from now on; gives the secret that its messages are signed with, shown once."""
    try:
        outside.target(url)
    except outside.Forbidden as no:
        raise AddressRefused(str(no)) from None
    own = Webhook.objects.filter(company=actor.company)
    if own.count() >= MOST_WEBHOOKS:
        raise TooManyOfThem
    secret = f"whsec_{secrets.token_urlsafe(32)}"
    webhook = Webhook.objects.create(
        firm=actor.firm,
        company=actor.company,
        side=actor.side,
        url=url,
        sealed=sealing.seal(secret),
        events=[each.value for each in Event if each in events],
        created_by_name=actor.name,
    )
    Firm.objects.filter(pk=actor.firm.pk).update(hooked=True)
    return Added(webhook, secret)


@action(Can.WEBHOOK_MANAGE, verb="webhook-removed")
def remove_webhook(actor: Actor, webhook: Webhook) -> None:
    """Forget an address, and what was sent to it."""
    webhook.delete()


@action(Can.WEBHOOK_MANAGE, verb="webhook-resumed")
def resume_webhook(actor: Actor, webhook: Webhook) -> None:
    """Switch on again what was switched off because nothing could be delivered."""
    Webhook.objects.filter(pk=webhook.pk).update(active=True, failing_since=None)


@action(Can.WEBHOOK_MANAGE)
def replay(actor: Actor, message: Message) -> None:
    """Send a message once more, with the same number and body."""
    from fatto.portal.programs import tasks

    if not message.webhook.active:
        raise Asleep
    move(
        message,
        "state",
        Message.State.WAITING,
        among=[Message.State.DELIVERED, Message.State.FAILED],
        attempts=0,
        finished_at=None,
    )
    tasks.send.configure(lock=f"message-{message.pk}").defer(firm=message.firm_id, message=message.pk)
