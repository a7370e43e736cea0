"""Tags change whom a document waits for, and which rules fit it: what follows from tagging."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext_lazy as _

from fatto.portal.approvals import actions as approvals
from fatto.portal.conversation import actions
from fatto.portal.conversation.actions import Noted
from fatto.portal.documents import words
from fatto.portal.documents.models import Document
from fatto.portal.documents.states import Approval
from fatto.portal.flow import rules
from fatto.portal.tenancy.action import Refusal
from fatto.portal.tenancy.actor import Actor
from fatto.portal.tenancy.scope import whole


class WouldHide(Refusal):
    """Somebody who sees some tags alone would take the last of them off."""

    def __init__(self) -> None:
        super().__init__(_("You see this document by its tag. Ask somebody who sees all of them to take it off."))


def tag(actor: Actor, documents: Sequence[Document], *, add: Iterable[str] = (), remove: Iterable[str] = ()) -> Noted:
    """Put tags on documents and take others off; policies and rules that speak of tags are asked anew.

    Raises:
        WouldHide: a document would vanish for the person who tags it.
        conversation.actions.NoTag: something to add is no word, or too long.
    """
    remove = list(remove)
    gone = {words.tag_key(each) for each in remove}
    if actor.tags and any(
        gone >= {words.tag_key(each) for each in row.tags if each in actor.tags} for row in documents
    ):
        raise WouldHide
    done = actions.tag(actor, documents, add=add, remove=remove)
    waiting = [each for each in done.documents if each.approval == Approval.TO_APPROVE]
    if waiting:
        with whole():
            approvals.ask_again(actor, waiting)
            rules.apply(actor, waiting)
    return done
