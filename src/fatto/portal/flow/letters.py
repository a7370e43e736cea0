"""Letters by e-mail: text and HTML of the same words, in the reader's language, under the firm's name."""

from __future__ import annotations

from email.utils import formataddr, parseaddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from fatto.portal.tenancy.brands import Look
from fatto.portal.tenancy.models import Firm, Invitation


def address(token: str) -> str:
    """The whole address of a link."""
    return f"{settings.URL.rstrip('/')}{reverse('invitation', kwargs={'token': token})}"


def invitation(
    firm: Firm, found: list[Invitation], token: str, *, known: bool, look: Look | None = None, logo: str = ""
) -> EmailMultiAlternatives:
    """The letter about invitations of one firm to one address; not sent yet.

    Each of `found` has its company loaded; `known` says that the address has an account already. Answers
    go to whoever invited. `look` stands in for what the firm published, and `logo` for the
    address of its logo, for looking at a draft.
    """
    first = found[0]
    companies = [row for row in found if row.company is not None]
    context = {
        "firm": firm,
        "first": first,
        "name": next((row.name for row in found if row.name), ""),
        "companies": companies,
        "team": next((row for row in found if row.company is None), None),
        "by": first.by,
        "known": known,
        "url": address(token),
        "expires": first.expires_at,
        "site": settings.URL,
        "brand": look,
        "brand_logo": logo,
    }
    with translation.override(first.language):
        subject = render_to_string("letters/invitation_subject.txt", context)
        text = render_to_string("letters/invitation.txt", context)
        html = render_to_string("letters/invitation.html", context)
    letter = EmailMultiAlternatives(
        subject=" ".join(subject.split()),
        body=text.strip() + "\n",
        from_email=under_the_name_of(firm),
        to=[formataddr((" ".join(first.name.split()), first.email)) if first.name else first.email],
        reply_to=[formataddr((" ".join(str(first.by).split()), first.by.email))] if first.by else [],
    )
    letter.attach_alternative(html, "text/html")
    return letter


def under_the_name_of(firm: Firm) -> str:
    """The portal's own sender address under the firm's name: servers would refuse to send from the firm's."""
    return formataddr((" ".join(firm.name.split()), parseaddr(settings.DEFAULT_FROM_EMAIL)[1]))
