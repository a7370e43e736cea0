"""Notices as mails: text and HTML of the same words, short, in the person's language, under the firm's name."""

from __future__ import annotations

import hashlib
from email.utils import formataddr, parseaddr
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from fatto.portal.flow.letters import under_the_name_of
from fatto.portal.notifications import links
from fatto.portal.notifications.hours import Hours
from fatto.portal.notifications.models import Post
from fatto.portal.notifications.summary import Part, absolute
from fatto.portal.tenancy.models import Firm, Member


def letter(post: Post, member: Member, parts: list[Part], clock: Hours) -> EmailMultiAlternatives:
    """The mail about what there is to say; not sent yet. Made in the language that is active."""
    digest = post.channel == Post.Channel.DIGEST
    firms = {part.firm.pk: part.firm for part in parts if part.firm is not None}
    firm = next(iter(firms.values())) if len(firms) == 1 else None
    rows = [row for part in parts for row in part.rows]
    documents = sum(part.count for part in parts if part.rows or part.kind.said is None)
    context: dict[str, Any] = {
        "sender": firm.name if firm else "Fatto",
        "firm": firm or {"name": "Fatto"},
        "name": member.get_short_name(),
        "parts": parts,
        "rows": rows,
        "several": len({part.place for part in parts}) > 1,
        "more": documents - len(rows) if rows else 0,
        "single": rows[0] if len(rows) == 1 and documents == 1 and len(parts) == 1 else None,
        "digest": digest,
        "must": all(part.kind.must for part in parts),
        "url": parts[0].url if len(parts) == 1 else absolute(reverse("landing")),
        "settings_url": absolute(reverse("notice-settings")),
        "hours": int(links.LASTS.total_seconds() // 3600),
        "linked": any("/n/" in row.url for row in rows),
        "site": settings.URL,
    }
    with timezone.override(clock.zone):
        text = render_to_string("letters/notice.txt", context)
        html = render_to_string("letters/notice.html", context)
    headers = {"Message-ID": _message_id(post), "Auto-Submitted": "auto-generated"}
    if digest:
        off = absolute(reverse("digest-off", kwargs={"token": links.off(member)}))
        headers |= {"List-Unsubscribe": f"<{off}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    name = " ".join(member.name.split())
    made = EmailMultiAlternatives(
        subject=subject(parts),
        body=_plainly(text),
        from_email=under_the_name_of(firm) if isinstance(firm, Firm) else settings.DEFAULT_FROM_EMAIL,
        to=[formataddr((name, member.email)) if name else member.email],
        headers=headers,
    )
    made.attach_alternative(html, "text/html")
    return made


def subject(parts: list[Part]) -> str:
    """The fact, and whose it is."""
    facts: dict[str, int] = {}
    said: list[str] = []
    for part in parts:
        if part.kind.said is not None:
            said.append(part.text)
        else:
            facts[part.kind.key] = facts.get(part.kind.key, 0) + part.count
    by_key = {part.kind.key: part.kind for part in parts}
    told = [*said, *(by_key[key].many(n) for key, n in facts.items())]
    text = ", ".join(told[:2])
    if len(told) > 2:
        text = _("%(facts)s and more") % {"facts": text}
    places = list(dict.fromkeys(part.place for part in parts if part.place))
    if len(places) == 1:
        text = f"{text} · {places[0]}"
    elif places:
        there = ngettext("%(n)s place", "%(n)s places", len(places)) % {"n": len(places)}
        text = f"{text} · {there}"
    return " ".join(text.split())


def payload(post: Post, parts: list[Part], *, named: bool) -> dict[str, Any]:
    """What a push shows: by default no names and no amounts, since it stands on locked screens."""
    from fatto import i18n, money

    body = ", ".join(part.text for part in parts)
    title = "Fatto"
    row = parts[0].rows[0] if len(parts) == 1 and parts[0].count == 1 and parts[0].rows else None
    url = row.url if row else parts[0].url if len(parts) == 1 else absolute(reverse("notices"))
    if named:
        title = parts[0].place if len({part.place for part in parts}) == 1 else title
        if row is not None:
            language = translation.get_language() or "en"
            document = row.document
            words = [document.party_name or document.name]
            if document.amount is not None:
                words.append(f"{money.amount(document.amount, language)} {document.currency}".strip())
            if document.due_date:
                words.append(_("due %(date)s") % {"date": i18n.day(document.due_date, language)})
            body = f"{body}: {', '.join(words)}"
    return {"title": title or "Fatto", "body": body[:400], "url": url, "tag": f"notice-{post.notice_id}"}


def _message_id(post: Post) -> str:
    """The same for every attempt at one message, so that mail programs see one."""
    host = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    mark = hashlib.sha256(f"{settings.SECRET_KEY}-{post.pk}".encode()).hexdigest()[:24]
    return f"<notice-{post.pk}-{mark}@{host}>"


def _plainly(text: str) -> str:
    """Without the empty lines that template tags leave."""
    lines = [line.rstrip() for line in text.strip().splitlines()]
    kept = [line for n, line in enumerate(lines) if line or (n and lines[n - 1])]
    return "\n".join(kept) + "\n"
