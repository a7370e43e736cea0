"""What ANAF answers, and what it means.

Its services answer alike for good and ill: HTTP 200 with an error text, JSON where a ZIP was due, the page of a
firewall in HTML. So an answer is judged by its body first and by its status only then, and the texts are matched by
their stable core: they come without diacritics, with typos, and with numbers in them. What nobody has met before is
temporary, kept as it came, and marked as unknown.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from io import BytesIO
from typing import Any, Literal
from zoneinfo import ZoneInfo

import msgspec

from fatto.channels.channel import (
    ChannelError,
    Complaint,
    Damaged,
    Duplicate,
    Empty,
    Expired,
    Incoming,
    Kind,
    Limit,
    LoginNeeded,
    Page,
    Permanent,
    Progress,
    Receipt,
    Rights,
    Temporary,
    Uncertain,
)
from fatto.channels.limiter import midnight_after
from fatto.envelopes.limits import MB, Budget, Limits
from fatto.envelopes.zip import Archive
from fatto.errors import FattoError
from fatto.formats.xml import parse
from fatto.i18n import _

TIME_ZONE = "Europe/Bucharest"
HERE = ZoneInfo(TIME_ZONE)
PAGE_SIZE = 500
"""Messages on a page, unless it says otherwise."""
ZIP_LIMITS = Limits(member=64 * MB, total=128 * MB, archive=64 * MB, members=20, depth=1)
"""A message holds two files, and uploads end at 10 MB."""

Class = Literal["ok", "empty", "rights", "limit", "expired", "duplicate", "login", "temporary", "permanent"]


class Call(StrEnum):
    """What was asked."""

    TOKEN = "token"  # noqa: S105  # the name of a call
    UPLOAD = "upload"
    STATE = "state"
    LIST = "list"
    PAGE = "page"
    DOWNLOAD = "download"
    VALIDATE = "validate"
    TRANSFORM = "transform"
    CONFIRM = "confirm"


_TOOLS = frozenset({Call.VALIDATE, Call.TRANSFORM, Call.CONFIRM})

# What can be wrong: code → (class, sentence). {official} is ANAF's own text.
TROUBLES: Mapping[str, tuple[Class, str]] = {
    "no-messages": ("empty", _("There are no messages at ANAF in this time.")),
    "no-rights-company": (
        "rights",
        _(
            "ANAF says that the person who logged in has no rights in SPV for CIF {subject}."
            " They must be granted there, or another person must connect."
        ),
    ),
    "no-rights-at-all": ("rights", _("ANAF says that the person who logged in has rights in SPV for no company.")),
    "no-rights-upload": (
        "rights",
        _("ANAF does not tell the person who logged in about upload {subject}: the rights are missing."),
    ),
    "no-rights-message": (
        "rights",
        _("ANAF does not give this message to the person who logged in: the rights are missing."),
    ),
    "limit-lists": ("limit", _("ANAF's daily limit for lists is reached. It goes on after midnight, Romanian time.")),
    "limit-message": (
        "limit",
        _("ANAF's daily limit for this one message is reached. It goes on after midnight, Romanian time."),
    ),
    "limit-rasp": (
        "limit",
        _("ANAF's daily limit for messages to sellers is reached. It goes on after midnight, Romanian time."),
    ),
    "limit-minute": ("limit", _("ANAF asks for a slower pace. It goes on by itself in a moment.")),
    "expired": (
        "expired",
        _("ANAF no longer gives this message, for the 60 days are over. Ask the other side for the document."),
    ),
    "no-such-message": ("permanent", _("ANAF knows no message with this number.")),
    "no-such-upload": ("permanent", _("ANAF knows no upload with this number ({subject}).")),
    "use-paging": ("permanent", _("There are too many messages for one list; they must be asked for by pages.")),
    "window-too-old": ("permanent", _("The list was asked for from more than 60 days ago.")),
    "window-in-future": (
        "permanent",
        _("The list was asked for until a moment that has not come at ANAF. Check this machine's clock."),
    ),
    "window-backwards": ("permanent", _("The list was asked for from its end to its beginning.")),
    "page-beyond": ("empty", _("The list has fewer pages by now.")),
    "too-large": ("permanent", _("The file is larger than ANAF takes: {official}")),
    "not-in-register": (
        "permanent",
        _("CIF {subject} is not in ANAF's register of enforcement bodies (executări silite)."),
    ),
    "not-valid-xml": (
        "permanent",
        _("ANAF did not take the file, for it does not have the form of an invoice: {official}"),
    ),
    "bad-request": ("permanent", _("ANAF did not understand what was asked: {official}")),
    "technical": ("temporary", _("ANAF has a technical trouble and took nothing. It is tried again.")),
    "already-sent": ("duplicate", _("ANAF has had this document before, under the upload index {subject}.")),
    "document-refused": ("permanent", _("ANAF found the document wrong: {official}")),
    "login": ("login", _("ANAF does not accept the login any more. Somebody must log in again with a certificate.")),
    "login-refused": (
        "login",
        _("ANAF did not let this person in: without a certificate known in SPV, or the permission was not given."),
    ),
    "app-refused": (
        "permanent",
        _("ANAF does not know this installation: check FATTO_ANAF_CLIENT_ID and FATTO_ANAF_CLIENT_SECRET."),
    ),
    "firewall": (
        "temporary",
        _("The firewall in front of ANAF refused the call. Its number for the support: {subject}."),
    ),
    "web-page": ("temporary", _("ANAF answered with a web page instead of data; it is probably out of order.")),
    "server-error": ("temporary", _("ANAF is out of order now (HTTP {subject}). It is tried again.")),
    "redirected": ("temporary", _("ANAF sent us to another address, where we do not go.")),
    "no-such-service": ("permanent", _("There is no such service at this address. Check the addresses of ANAF.")),
    "damaged": ("temporary", _("The message came damaged from ANAF. It is fetched again.")),
    "unknown": ("temporary", _("ANAF answered something that is not known here: {official}")),
}


class Pattern:
    """The stable core of a text, without diacritics, in lower case, every run of blanks one blank."""

    __slots__ = ("calls", "code", "matches")

    def __init__(self, core: str, code: str, *calls: Call) -> None:
        self.matches = re.compile(core).search
        self.code = code
        self.calls = frozenset(calls)
        """Where it is met; everywhere when empty."""


_NUMBER = r"= ?(?P<subject>\d+)"
PATTERNS = (
    Pattern(r"nu exista mesaje in (ultimele|intervalul)", "no-messages"),
    Pattern(rf"nu aveti drept in spv pentru cif{_NUMBER}", "no-rights-company"),
    Pattern(r"nu exista niciun cif pe[nt]*tru care sa aveti drept", "no-rights-at-all"),
    Pattern(rf"nu aveti dreptul de in\w*gare pentru id_incarcare{_NUMBER}", "no-rights-upload"),
    Pattern(r"nu aveti dreptul de in\w*gare", "no-rights-upload"),
    Pattern(r"nu aveti dreptul sa descarcati", "no-rights-message"),
    Pattern(r"s-au facut deja \d+ (de )?interogari", "limit-lists"),
    Pattern(r"s-au facut deja \d+ (de )?descarcari", "limit-message"),
    Pattern(r"s-au incarcat deja \d+ (de )?mesaje de tip rasp", "limit-rasp"),
    Pattern(r"s-au (facut|incarcat) deja \d+", "limit-lists", Call.LIST, Call.PAGE),
    Pattern(r"s-au (facut|incarcat) deja \d+", "limit-message"),
    Pattern(r"a trecut perioada de \d+ de zile", "expired"),
    Pattern(rf"pentru id{_NUMBER} nu exista inregistrata", "no-such-message"),
    Pattern(rf"nu exista factura cu id_incarcare{_NUMBER}", "no-such-upload"),
    Pattern(r"lista de mesaje este mai mare decat", "use-paging"),
    Pattern(r"starttime = .* nu poate fi mai vechi", "window-too-old"),
    Pattern(r"endtime = .* nu poate (fi )?in viitor", "window-in-future"),
    Pattern(r"endtime = .* nu poate fi <= starttime", "window-backwards"),
    Pattern(r"pagina solicitata \d+ este mai mare", "page-beyond"),
    Pattern(r"marime fisier transmis mai mare de", "too-large"),
    Pattern(r"cif introdus= ?(?P<subject>\d+) nu este inregistrat in registrul", "not-in-register"),
    Pattern(r"introdus= ?.* nu este un numar", "bad-request"),
    Pattern(r"= .* nu este un numar sau nu are o valoare acceptata", "bad-request"),
    Pattern(r"numarul de zile trebuie sa fie intre", "bad-request"),
    Pattern(r"valorile acceptate pentru parametrul", "bad-request"),
    Pattern(r"daca parametrul \w+ trebuie completat", "bad-request"),
    Pattern(r"parametr(ul|ii) .* (este|sunt) obligatori", "bad-request"),
    Pattern(r"trebuie sa aveti atasat in request", "bad-request"),
    Pattern(r"eroare tehnica: request incorect", "bad-request", Call.CONFIRM),
    Pattern(r"fisierul transmis nu este valid", "not-valid-xml"),
    Pattern(r"a aparut o eroare tehnica", "technical"),
    Pattern(rf"factura a mai fost transmisa anterior cu index{_NUMBER}", "already-sent"),
)
"""The texts of ANAF's description, and those met in production; the first that fits counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer, understood."""

    call: Call
    kind: Class
    code: str = "ok"
    official: str = ""
    """ANAF's own text as it came, shortened only beyond any sentence's length."""
    subject: str = ""
    """The number that the text names: a CIF, an index, an id."""
    known: bool = True
    refused: bool = False
    """Did ANAF itself say no? Else, after an upload, it may have been taken all the same."""
    value: Any = None
    """What was asked for: `Receipt`, `Page`, bytes, complaints, the token's JSON, True or False."""
    data: bytes = b""
    """A damaged message, as it came."""
    after: float | None = None
    """Seconds that the server asks to wait."""

    def error(self, now: datetime) -> ChannelError:
        """The exception that says the same; for everything but `ok`."""
        text = TROUBLES[self.code][1]
        said: dict[str, Any] = {"official": self.official}
        values: dict[str, Any] = {"subject": self.subject or "?"}
        match self.kind:
            case "limit":
                until = midnight_after(now, TIME_ZONE)
                if self.code == "limit-minute":
                    until = now + timedelta(seconds=min(max(self.after or 60.0, 1.0), 3600.0))
                return Limit(self.code, text, until=until, quota=self.code, **said, **values)
            case "rights":
                return Rights(
                    self.code, text, company=self.subject if self.code == "no-rights-company" else "", **said, **values
                )
            case "duplicate":
                return Duplicate(self.code, text, reference=self.subject, **said, **values)
            case "expired":
                return Expired(self.code, text, **said, **values)
            case "empty":
                return Empty(self.code, text, **said, **values)
            case "login":
                return LoginNeeded(self.code, text, **said, **values)
            case "permanent":
                return Permanent(self.code, text, known=self.known, **said, **values)
        if self.code == "damaged":
            return Damaged(self.code, text, data=self.data, **said, **values)
        if self.call is Call.UPLOAD and not self.refused:
            return Uncertain(self.code, text, known=self.known, **said, **values)
        return Temporary(self.code, text, known=self.known, **said, **values)


def classify(call: Call, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> Answer:
    """An answer as it came → what it means. Never raises, whatever the bytes are."""
    headers = headers or {}
    if call is Call.TOKEN:
        return _of_tokens(status, body, headers)
    if body.startswith(b"PK\x03\x04") and call is Call.DOWNLOAD:
        if whole(body):
            return Answer(call=call, kind="ok", value=body)
        return Answer(call=call, kind="temporary", code="damaged", data=body)
    if body.startswith(b"%PDF") and call is Call.TRANSFORM and status == 200:
        return Answer(call=call, kind="ok", value=body)
    start = body[:64].lstrip(b"\xef\xbb\xbf \t\r\n")
    found: Answer | None = None
    if start.startswith((b"{", b"[")):
        found = _json(call, status, body)
    elif start.startswith(b"<") and not _is_html(body):
        found = _xml(call, body)
    if found is not None:
        if not found.known and status != 200:
            by_status = _by_status(call, status, body, headers)
            return by_status if by_status is not None and by_status.known else found
        return found
    if _is_html(body) and (support := _support_id(body)) is not None:
        return Answer(call=call, kind="temporary", code="firewall", official=_plain(body), subject=support)
    by_status = _by_status(call, status, body, headers)
    if by_status is not None:
        return by_status
    if _is_html(body):
        return Answer(call=call, kind="temporary", code="web-page", official=_plain(body))
    return _unknown(call, _plain(body))


def _support_id(body: bytes) -> str | None:
    """The number for the support that the firewall's page gives; None when it is another's page."""
    found = re.search(rb"support id is:?\s*(?:<[^>]{0,40}>)?\s*(\d{6,30})", body, re.IGNORECASE)
    if found:
        return found[1].decode()
    return "?" if b"request rejected" in body[:2000].lower() else None


def matched(call: Call, official: str, *, refused: bool = True) -> Answer:
    """A text of ANAF's → what it means."""
    core = fold(official[:4000])
    for pattern in PATTERNS:
        if pattern.calls and call not in pattern.calls:
            continue
        found = pattern.matches(core)
        if found:
            subject = found.groupdict().get("subject") or ""
            kind = TROUBLES[pattern.code][0]
            return Answer(
                call=call, kind=kind, code=pattern.code, official=_short(official), subject=subject, refused=refused
            )
    return _unknown(call, official, refused=refused)


def fold(text: str) -> str:
    """A text without diacritics, in lower case, every run of blanks one blank."""
    bare = "".join(each for each in unicodedata.normalize("NFD", text) if not unicodedata.combining(each))
    return " ".join(bare.lower().split())


def _unknown(call: Call, official: str, *, refused: bool = False) -> Answer:
    text = _short(official)
    return Answer(call=call, kind="temporary", code="unknown", official=text, known=False, refused=refused)


def _short(text: str) -> str:
    return text if len(text) <= 4000 else text[:3999] + "…"


def _plain(body: bytes) -> str:
    """What a person would see of the bytes."""
    text = body[:20_000].decode("utf-8", "replace")
    if _is_html(body):
        text = html.unescape(re.sub(r"<[^>]{0,500}>", " ", re.sub(r"(?s)<(script|style)\b.*?</\1>", " ", text)))
        text = " ".join(text.split())
    return _short("".join(each for each in text if each.isprintable() or each == "\n").strip())


def _is_html(body: bytes) -> bool:
    return _HTML.search(body[:1000]) is not None


_HTML = re.compile(rb"<!doctype\s+html|<(html|head|body)[\s>]", re.IGNORECASE)


def _by_status(call: Call, status: int, body: bytes, headers: Mapping[str, str]) -> Answer | None:
    """What the status alone tells, None when it tells nothing."""
    official = _plain(body)

    def answer(code: str, **more: Any) -> Answer:
        return Answer(call=call, kind=TROUBLES[code][0], code=code, official=official, **more)

    if status == 429:
        wait = headers.get("retry-after", "")
        return answer("limit-minute", after=float(wait) if wait.isdecimal() else None, refused=True)
    if status in (401, 403) and call not in _TOOLS and call is not Call.TOKEN:
        return answer("login", refused=True)
    if status == 413:
        return answer("too-large", refused=True)
    if status == 404:
        return answer("no-such-service", refused=True)
    if 300 <= status < 400:
        return answer("redirected", subject=str(status))
    if status >= 500:
        return answer("server-error", subject=str(status))
    return None


# JSON ---------------------------------------------------------------------------------------------


def _json(call: Call, status: int, body: bytes) -> Answer | None:
    try:
        data = msgspec.json.decode(body.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    if not isinstance(data, dict):
        return _unknown(call, _plain(body))
    if data.get("eroare"):
        return matched(call, str(data["eroare"]))
    if call in (Call.LIST, Call.PAGE) and isinstance(data.get("mesaje"), list):
        return _page(call, data)
    if call in (Call.VALIDATE, Call.TRANSFORM) and "stare" in data:
        return _checked(call, data)
    if call is Call.CONFIRM and "msg" in data:
        return _confirmed(str(data["msg"]))
    for name in ("message", "msg", "error_description"):
        if isinstance(data.get(name), str) and data[name]:
            found = matched(call, data[name])
            if found.known:
                return found
    if data.get("status") == 404 or data.get("error") == "Not Found":
        return Answer(call=call, kind="permanent", code="no-such-service", official=_plain(body), refused=True)
    return _unknown(call, _plain(body), refused=400 <= status < 500)


def _of_tokens(status: int, body: bytes, headers: Mapping[str, str]) -> Answer:
    """RFC 6749, section 5: tokens, or an `error` by its words.

    Nothing else of such an answer is kept, whatever it is: there may be tokens in it. And only a word about the
    permission says that it has ended: the server in front answers 401 and 403 on its own when something is amiss.
    """
    try:
        data = msgspec.json.decode(body.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        data = None
    if isinstance(data, dict):
        if isinstance(data.get("access_token"), str) and data["access_token"]:
            return Answer(call=Call.TOKEN, kind="ok", value=data)
        if isinstance(data.get("eroare"), str) and (said := matched(Call.TOKEN, data["eroare"])).known:
            return said
        words = [each for each in (data.get("error"), data.get("error_description")) if isinstance(each, str) and each]
        code = _TOKEN_ERRORS.get(words[0]) if words else None
        if code is not None:
            official = _short(": ".join(words))
            return Answer(call=Call.TOKEN, kind=TROUBLES[code][0], code=code, official=official, refused=True)
    elif _is_html(body) and (support := _support_id(body)) is not None:
        return Answer(call=Call.TOKEN, kind="temporary", code="firewall", subject=support)
    by_status = _by_status(Call.TOKEN, status, b"", headers)
    if by_status is not None:
        return by_status
    if _is_html(body):
        return Answer(call=Call.TOKEN, kind="temporary", code="web-page")
    error = data.get("error") if isinstance(data, dict) else None
    told = error if isinstance(error, str) and re.fullmatch(r"[\w.\- ]{1,60}", error) else f"HTTP {status}"
    return _unknown(Call.TOKEN, told, refused=isinstance(data, dict))


_TOKEN_ERRORS = {
    "invalid_client": "app-refused",
    "unauthorized_client": "app-refused",
    "invalid_grant": "login",
    "access_denied": "login-refused",
    "invalid_request": "bad-request",
    "unsupported_grant_type": "bad-request",
}


def _checked(call: Call, data: dict[str, Any]) -> Answer:
    """`validare` and `transformare`: good, or a list of what is wrong."""
    if str(data["stare"]).lower() == "ok":
        return Answer(call=call, kind="ok", value=())
    listed = data.get("Messages")
    texts = (
        [str(each.get("message") or "") for each in listed if isinstance(each, dict)]
        if isinstance(listed, list)
        else []
    )
    if len(texts) == 1:
        found = matched(call, texts[0])
        if found.known:
            return found
    complaints = tuple(complaint(text) for text in texts)
    if call is Call.VALIDATE and complaints:
        return Answer(call=call, kind="ok", code="complaints", value=complaints)
    official = _short("\n".join(texts))
    if not texts:
        return _unknown(call, msgspec.json.encode(data).decode())
    return Answer(
        call=call, kind="permanent", code="document-refused", official=official, value=complaints, refused=True
    )


def _confirmed(text: str) -> Answer:
    core = fold(text)
    if "nu au putut fi validate" in core:
        return Answer(call=Call.CONFIRM, kind="ok", official=text, value=False)
    if "au fost validate cu succes" in core:
        return Answer(call=Call.CONFIRM, kind="ok", official=text, value=True)
    return matched(Call.CONFIRM, text)


_KINDS = {
    "factura trimisa": Kind.ISSUED,
    "factura primita": Kind.RECEIVED,
    "erori factura": Kind.ERRORS,
    "mesaj cumparator primit": Kind.BUYER_MESSAGE_RECEIVED,
    "mesaj cumparator transmis": Kind.BUYER_MESSAGE_SENT,
}
_ISSUED_TO = re.compile(r"emisa de cif_emitent ?= ?(\d+) pentru cif_beneficiar ?= ?(\d+)")
_SELF_BILLED = re.compile(r"transmisa de cif ?= ?(\d+) ca autofactura in numele cif ?= ?(\d+)")


def _page(call: Call, data: dict[str, Any]) -> Answer:
    listed: list[object] = data["mesaje"]
    messages: list[Incoming] = []
    unreadable: list[str] = []
    for entry in listed:
        message = incoming(entry)
        if message is None:
            unreadable.append(_short(msgspec.json.encode(entry).decode()))
        else:
            messages.append(message)
    size = max(1, _whole_number(data.get("numar_total_inregistrari_per_pagina"), PAGE_SIZE))
    total = _whole_number(data.get("numar_total_inregistrari"), -1)
    page = Page(
        messages=tuple(messages),
        pages=_whole_number(data.get("numar_total_pagini"), -(-total // size) if total > 0 else 1),
        total=total if total >= 0 else len(listed),
        unreadable=tuple(unreadable),
        # A full page that does not say how many there are may not be the last; the simple list has one page only.
        counted=total >= 0 or len(listed) < size or call is Call.LIST,
    )
    return Answer(call=call, kind="ok", value=page)


def incoming(entry: object) -> Incoming | None:
    """An entry of a list → the message; None when it has no id, number or time to know it by."""
    if not isinstance(entry, dict):
        return None
    text = {name: str(value).strip() for name, value in entry.items() if isinstance(value, str | int)}
    at = moment(text.get("data_creare", ""))
    ident = text.get("id", "")
    if at is None or not ident.isdecimal():
        return None
    label, details = text.get("tip", ""), text.get("detalii", "")
    core = fold(details)
    issued, self_billed = _ISSUED_TO.search(core), _SELF_BILLED.search(core)
    seller, buyer = (issued[1], issued[2]) if issued else (self_billed[2], self_billed[1]) if self_billed else ("", "")
    return Incoming(
        id=ident,
        kind=_KINDS.get(fold(label), Kind.UNKNOWN),
        reference=text.get("id_solicitare", ""),
        at=at,
        company=text.get("cif", ""),
        seller=seller,
        buyer=buyer,
        label=label,
        official=details,
    )


def _whole_number(value: object, default: int) -> int:
    text = str(value)
    return int(text) if text.isdecimal() and len(text) < 12 else default


def moment(text: str) -> datetime | None:
    """`YYYYMMDDHHMM` as ANAF's clock on the wall shows it → the moment; of an hour that comes twice, the first."""
    if len(text) != 12 or not text.isdecimal():
        return None
    with suppress(ValueError):
        return datetime.strptime(text, "%Y%m%d%H%M").replace(tzinfo=HERE).astimezone(UTC)
    return None


def clock_in(text: str) -> datetime | None:
    """The time that a refused window quotes as ANAF's now: `momentul requestului = 30-07-2026 15:15:27`."""
    found = re.search(r"momentul requestului ?= ?(\d\d-\d\d-\d{4} \d\d:\d\d:\d\d)", text)
    if found is None:
        return None
    with suppress(ValueError):
        return datetime.strptime(found[1], "%d-%m-%Y %H:%M:%S").replace(tzinfo=HERE).astimezone(UTC)
    return None


# XML ----------------------------------------------------------------------------------------------

_UPLOAD = "{mfp:anaf:dgti:spv:respUploadFisier:v1}header"
_STATE = "{mfp:anaf:dgti:efactura:stareMesajFactura:v1}header"


def _xml(call: Call, body: bytes) -> Answer | None:
    if len(body) > MB:
        return None
    try:
        root, _findings = parse(body)
    except FattoError:
        return None
    texts = [each.get("errorMessage") or "" for each in root.iter() if each.get("errorMessage") is not None]
    if texts:
        official = "\n".join(texts)
        for text in texts:
            found = matched(call, text)
            if found.known:
                return replace(found, official=_short(official))
        return _unknown(call, official, refused=True)
    if root.tag == _UPLOAD:
        index = (root.get("index_incarcare") or "").strip()
        if root.get("ExecutionStatus") == "0" and index.isdecimal():
            at = moment(root.get("dateResponse") or "")
            return Answer(call=call, kind="ok", value=Receipt(reference=index, progress=Progress.WORKING, at=at))
    if root.tag == _STATE and root.get("stare") is not None:
        return _state(call, root.get("stare") or "", (root.get("id_descarcare") or "").strip())
    return _unknown(call, _plain(body))


def _state(call: Call, said: str, message: str) -> Answer:
    core = fold(said)
    progress = {
        "ok": Progress.ACCEPTED,
        "nok": Progress.FAILED,
        "in prelucrare": Progress.WORKING,
        "xml cu erori nepreluat de sistem": Progress.FAILED,
    }.get(core)
    if progress is None or (core in ("ok", "nok") and not message.isdecimal()):
        return _unknown(call, said)
    return Answer(call=call, kind="ok", value=Receipt(reference="", progress=progress, message=message, official=said))


# Texts about documents ----------------------------------------------------------------------------

_RULE = re.compile(
    r"\[(?P<a>[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)+)\]"  # [BR-RO-110]-…
    r"|eroare regula:\s*(?P<b>[A-Z][\w.]*?)\s*:"  # eroare regula: R_BT_31_cui: …
    r"|^\s*(?P<c>R\d+(?:\.\d+)+)\s*:"  # R6.1: …
    r"|\b(?P<d>BR-[A-Z0-9-]*\d)\b"  # BR-07 …
)


def complaint(text: str) -> Complaint:
    """One official text about a document, with the code of the rule that it names."""
    found = _RULE.search(text)
    return Complaint(official=text, rule=next(filter(None, found.groups()), "") if found else "")


def whole(data: bytes) -> bool:
    """Is it a ZIP with its directory, every file of which unpacks to what its checksum says?"""
    source = BytesIO(data)
    archive = Archive(source, Budget(ZIP_LIMITS, len(data)))
    count = 0
    try:
        for member in archive.members():
            count += 1
            for _piece in archive.unpack(member, ZIP_LIMITS.member):
                pass
            if count > ZIP_LIMITS.members:
                return False
    except FattoError:
        return False
    return archive.whole and count > 0
