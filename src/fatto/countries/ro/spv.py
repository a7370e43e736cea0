"""RO e-Factura at ANAF: logging in, sending, following, listing, fetching, checking.

`Anaf` is the service (`channels.channel.Service`), `Spv` the way in with one person's token (`…Channel`); what the
answers mean is in `answers`. A token belongs to a person's certificate and opens every company on which that person
has rights.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from time import sleep
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit
from xml.sax.saxutils import quoteattr

import msgspec

from fatto.channels import http
from fatto.channels.channel import (
    ChannelError,
    ChannelType,
    Complaint,
    Damaged,
    Empty,
    Found,
    Incoming,
    Kind,
    Limit,
    Listing,
    LoginNeeded,
    Page,
    Parcel,
    Permanent,
    Progress,
    Receipt,
    Setting,
    Temporary,
    Tokens,
    Training,
)
from fatto.channels.limiter import InMemory, Key, Limiter, Quota
from fatto.countries.ro import answers, receipts
from fatto.countries.ro.answers import TIME_ZONE, Answer, Call
from fatto.countries.ro.identifiers import normalise_cnp, normalise_cui, of_party
from fatto.errors import FattoError
from fatto.i18n import _
from fatto.invoice.model import Invoice, Party

AUTH, API, PUBLIC = "FATTO_ANAF_AUTH_URL", "FATTO_ANAF_API_URL", "FATTO_ANAF_PUBLIC_URL"
CLIENT_ID, CLIENT_SECRET = "FATTO_ANAF_CLIENT_ID", "FATTO_ANAF_CLIENT_SECRET"  # names of variables

SETTINGS = (
    Setting(
        variable=AUTH,
        default="https://logincert.anaf.ro/anaf-oauth2/v1",
        kind="url",
        meaning="where people log in to ANAF; an address without a path gets the usual one",
    ),
    Setting(
        variable=API,
        default="https://api.anaf.ro/prod/FCTEL/rest",
        kind="url",
        meaning="where invoices are sent and fetched; https://api.anaf.ro/test/FCTEL/rest is ANAF's test environment",
    ),
    Setting(
        variable=PUBLIC,
        default="https://webservicesp.anaf.ro",
        kind="url",
        meaning="ANAF's services without login: validating, PDF, seals",
    ),
    Setting(variable=CLIENT_ID, meaning="of the OAuth profile registered in ANAF's portal"),
    Setting(variable=CLIENT_SECRET, meaning="of the same profile", secret=True),
)

MINUTE = Quota(name="ro-spv-minute", most=1000, per="minute")
LISTS = Quota(name="ro-spv-lists", most=1500, per="day", time_zone=TIME_ZONE)
PAGES = Quota(name="ro-spv-pages", most=100_000, per="day", time_zone=TIME_ZONE)
PERSONS_LISTS = Quota(name="ro-spv-persons-lists", most=100_000, per="day", time_zone=TIME_ZONE)
STATES = Quota(name="ro-spv-states", most=100, per="day", time_zone=TIME_ZONE)
DOWNLOADS = Quota(name="ro-spv-downloads", most=10, per="day", time_zone=TIME_ZONE)
MESSAGES_TO_SELLERS = Quota(name="ro-spv-rasp", most=1000, per="day", time_zone=TIME_ZONE)
"""As ANAF publishes them: for all calls; a company's lists; a message's states and downloads; a company's messages.

How many lists a person may ask for is told in two ways (1,000 and none): ours blocks that one only when ANAF does.
"""

KEEPS = timedelta(days=60)
MARGIN_START, MARGIN_END = timedelta(minutes=5), timedelta(seconds=60)
"""Kept from the ends of what may be asked for, which ANAF judges by its own clock to the second."""
LISTED_WITHIN = timedelta(minutes=20)
"""Something that was taken is listed after so long; about a quarter of an hour was seen."""
LOOKS_BACK = timedelta(days=2)
"""So much earlier than a call it is looked for: our clock may be wrong, and an earlier call may have been lost."""
MOST_UPLOAD = 10 * http.MB
MOST_TOOL = 5 * http.MB
STANDARDS = ("UBL", "CN", "CII", "RASP")
EXTERN, SELF_BILLED, ENFORCEMENT, B2C = "extern", "autofactura", "executare", "b2c"
OPTIONS = frozenset({EXTERN, SELF_BILLED, ENFORCEMENT, B2C})
_TOOL_STANDARDS = {"UBL": "FACT1", "FACT1": "FACT1", "CN": "FCN", "FCN": "FCN"}


T = TypeVar("T")


def _now() -> datetime:
    return datetime.now(UTC)


class Anaf:
    """ANAF's servers as this installation reaches them; satisfies `channels.channel.Service`."""

    def __init__(
        self,
        variables: Mapping[str, str],
        client: http.Client | None = None,
        limiter: Limiter | None = None,
        *,
        clock: Callable[[], datetime] = _now,
        patience: float = 5.0,
    ) -> None:
        """`variables` as in SETTINGS, absent ones by their default. Raises `Permanent` (`setting-…`).

        So many seconds of `patience` are waited for a limit; a longer one raises `Limit`. Without a `limiter`, calls
        are counted in this process only.
        """
        self._auth = _with_path(_setting(variables, AUTH), "/anaf-oauth2/v1")
        self.api = _with_path(_setting(variables, API), "/prod/FCTEL/rest")
        public = _setting(variables, PUBLIC)
        root = re.sub(r"(/(prod|test))?/FCTEL/rest$", "", public)
        self._confirm, self._tools = f"{root}/api/validate/signature", f"{root}/prod/FCTEL/rest"
        self._id, self._secret = (variables.get(name, "").strip() for name in (CLIENT_ID, CLIENT_SECRET))
        self.client = client if client is not None else http.Client()
        self.limiter = limiter if limiter is not None else InMemory(clock)
        self.clock = clock
        self._patience = patience
        self.ahead = timedelta(0)
        """By how much ANAF's clock is ahead of ours."""

    # Logging in (RFC 6749, with ANAF's `token_content_type`)

    def login_url(self, *, state: str, back: str) -> str:
        """Where a person's browser goes to give permission; it comes back to `back` with `code` and `state`."""
        self._registered()
        query = {
            "response_type": "code",
            "client_id": self._id,
            "redirect_uri": back,
            "token_content_type": "jwt",
            "state": state,
        }
        return f"{self._auth}/authorize?{urlencode(query)}"

    def came_back(self, query: Mapping[str, str]) -> str:
        """What the browser came back with → the code; `LoginNeeded` when there is none."""
        code = query.get("code", "").strip()
        if code and not query.get("error"):
            return code
        official = ": ".join(filter(None, (query.get("error", ""), query.get("error_description", ""))))[:500]
        raise LoginNeeded("login-refused", answers.TROUBLES["login-refused"][1], official=official)

    def exchange(self, *, code: str, back: str) -> Tokens:
        """The code → the permission; within a minute of the login, and once."""
        return self._token({"grant_type": "authorization_code", "code": code, "redirect_uri": back})

    def refresh(self, refresh: str) -> Tokens:
        """A new pair for the old; `LoginNeeded` when a person is needed."""
        return self._token({"grant_type": "refresh_token", "refresh_token": refresh})

    def _token(self, form: Mapping[str, str]) -> Tokens:
        self._registered()
        basic = base64.b64encode(f"{self._id}:{self._secret}".encode()).decode()
        reply = self.client.call(
            "POST",
            f"{self._auth}/token",
            form={**form, "token_content_type": "jwt"},
            headers={"Authorization": f"Basic {basic}", "Accept": "application/json"},
            idempotent=False,
            most=http.MB,
        )
        answer = self.understood(Call.TOKEN, reply)
        data: dict[str, Any] = answer.value
        access, now = data["access_token"], self.clock()
        claims = _claims(access)
        lasts = data.get("expires_in")
        until = _claimed(claims, "exp")
        if until is None and isinstance(lasts, int | str) and str(lasts).isdecimal() and len(str(lasts)) < 12:
            until = now + timedelta(seconds=int(lasts))
        refresh = str(data.get("refresh_token") or form.get("refresh_token") or "")
        return Tokens(
            access=access,
            refresh=refresh,
            access_until=until,
            refresh_until=_claimed(_claims(refresh), "exp"),
            serial=str(claims.get("serial") or ""),
        )

    def _registered(self) -> None:
        if not self._id or not self._secret:
            raise Permanent(
                "setting-missing",
                _("Fatto is not registered at ANAF yet: {settings} must be set by the administrator."),
                settings=f"{CLIENT_ID}, {CLIENT_SECRET}",
            )

    def channel(self, access: str, *, subject: str = "") -> Spv:
        """The way in with this token; `subject` names the person whose it is, for limits that count by person."""
        return Spv(self, access, subject)

    # Services without a login

    def validate(self, data: bytes, standard: str) -> tuple[Complaint, ...]:
        """What ANAF's own check finds. Foreign buyers always fail its look at identities (there is no `extern`)."""
        answer = self._tool("validare", Call.VALIDATE, data, standard)
        complaints: tuple[Complaint, ...] = answer.value
        return complaints

    def paper(self, data: bytes, standard: str) -> bytes:
        """ANAF's own PDF of a document. It may well not be had: render your own."""
        data = _SCHEMA_LOCATION.sub(b"", data, count=1)  # the firewall takes a path in it for an attack
        try:
            answer = self._tool("transformare", Call.TRANSFORM, data, standard, "/DA")  # as it was, without checking
        except Temporary as error:
            if error.code != "firewall":
                raise
            answer = self._tool("transformare", Call.TRANSFORM, data, standard)
        paper: bytes = answer.value
        return paper

    def confirm(self, document: bytes, seal: bytes) -> bool:
        """Does ANAF itself say that the seal is its own and fits the document?"""
        reply = self.client.call(
            "POST",
            self._confirm,
            files={"file": ("factura.xml", document, "text/xml"), "signature": ("semnatura.xml", seal, "text/xml")},
            most=http.MB,
            before=lambda: self.take(MINUTE.of()),
        )
        said: bool = self.understood(Call.CONFIRM, reply).value
        return said

    def _tool(self, name: str, call: Call, data: bytes, standard: str, tail: str = "") -> Answer:
        kind = _TOOL_STANDARDS.get(standard)
        if kind is None:
            raise _bad_request(standard)
        if len(data) > MOST_TOOL:
            raise _too_large(MOST_TOOL)
        reply = self.client.call(
            "POST",
            f"{self._tools}/{name}/{kind}{tail}",
            content=data,
            headers={"Content-Type": "text/plain"},
            most=32 * http.MB,
            before=lambda: self.take(MINUTE.of()),
        )
        answer = self.understood(call, reply)
        if call is Call.TRANSFORM and not isinstance(answer.value, bytes):
            raise Temporary(
                "unknown",
                answers.TROUBLES["unknown"][1],
                official=reply.body[:200].decode("utf-8", "replace"),
                known=False,
            )
        return answer

    # For both

    def understood(self, call: Call, reply: http.Reply) -> Answer:
        """The answer when it is good; raises what it says when it is not."""
        self._learn_clock(reply)
        answer = answers.classify(call, reply.status, reply.body, reply.headers)
        if answer.kind == "ok":
            return answer
        raise answer.error(self.clock())

    def take(self, key: Key) -> None:
        """Count a call, waiting for a moment where that is enough."""
        waited = 0.0
        while True:
            try:
                return self.limiter.take(key)
            except Limit as limit:
                pause = max(0.01, (limit.until - self.clock()).total_seconds())
                if waited + pause > self._patience:
                    raise
                sleep(pause)
                waited += pause

    def now_there(self) -> datetime:
        """What ANAF's clock shows."""
        return self.clock() + self.ahead

    def _learn_clock(self, reply: http.Reply) -> None:
        with suppress(ValueError, TypeError, OverflowError):
            there = parsedate_to_datetime(reply.headers.get("date", "")).astimezone(UTC)
            self.set_clock(there)

    def set_clock(self, there: datetime) -> None:
        """Remember what ANAF's clock shows now; up to two seconds are the way of the message."""
        ahead = there - self.clock()
        self.ahead = ahead if abs(ahead) > timedelta(seconds=2) else timedelta(0)


class Spv:
    """One person's way into SPV; satisfies `channels.channel.Channel`."""

    def __init__(self, anaf: Anaf, access: str, subject: str = "") -> None:
        self._anaf = anaf
        self._headers = {"Authorization": f"Bearer {access}"}
        self._subject = subject

    # Sending

    def send(self, parcel: Parcel) -> Receipt:
        """Hand it in, once. ANAF takes the same bytes twice as long as it has not worked off the first."""
        if parcel.standard not in STANDARDS or not parcel.options <= OPTIONS or not parcel.company.isdecimal():
            raise _bad_request(f"{parcel.standard} {sorted(parcel.options)} {parcel.company}")
        if len(parcel.data) > MOST_UPLOAD:
            raise _too_large(MOST_UPLOAD)
        if parcel.standard == "RASP":
            self._anaf.take(MESSAGES_TO_SELLERS.of(parcel.company))
        marks = dict.fromkeys(sorted(parcel.options - {B2C}), "DA")
        reply = self._call(
            "POST",
            "uploadb2c" if B2C in parcel.options else "upload",
            {"standard": parcel.standard, "cif": parcel.company, **marks},
            content=parcel.data,
        )
        receipt: Receipt = self._understood(
            Call.UPLOAD, reply, {"limit-rasp": MESSAGES_TO_SELLERS.of(parcel.company)}
        ).value
        return receipt

    def state(self, reference: str) -> Receipt:
        """How far an upload has come."""
        key = STATES.of(reference)
        self._anaf.take(key)
        reply = self._call("GET", "stareMesaj", {"id_incarcare": reference}, most=http.MB)
        receipt: Receipt = self._understood(Call.STATE, reply, {"limit-message": key}).value
        return Receipt(
            reference=reference, progress=receipt.progress, message=receipt.message, official=receipt.official
        )

    # Lists

    def page(self, company: str, start: datetime, end: datetime, number: int = 1) -> Page:
        """One page of 500 at most, newest first; the window is narrowed to what ANAF answers."""
        return self._narrowed(start, end, lambda first, last: self._page(company, first, last, number))

    def messages(self, company: str, start: datetime, end: datetime) -> Listing:
        """All pages, each message once.

        While pages are read, messages come and move the others on: so they are read until as many were seen as ANAF
        counts, three times at most. What any page counted holds: a later one that comes back empty proves nothing.
        """
        return self._narrowed(start, end, lambda first, last: self._messages(company, first, last))

    def _narrowed(self, start: datetime, end: datetime, ask: Callable[[datetime, datetime], T]) -> T:
        """Ask within the window that ANAF answers; once more when it has just told what its clock shows."""
        for slack in (1, 1, 5):
            try:
                return ask(*self.window(start, end, slack))
            except Permanent as error:
                if slack > 1 or error.code not in ("window-too-old", "window-in-future"):
                    raise
                there = answers.clock_in(error.official)
                if there is not None:
                    self._anaf.set_clock(there)
        raise AssertionError("the last try returns or raises")

    def _messages(self, company: str, start: datetime, end: datetime) -> Listing:
        if start >= end:
            return Listing(start=end, end=end, complete=False)  # nobody was asked
        seen: dict[str, Incoming] = {}
        unreadable: dict[str, None] = {}
        total, counted = 0, True
        for _round in range(3):
            number = pages = 1
            told = True
            held = False
            while number <= pages:
                try:
                    page = self._page(company, start, end, number)
                except Empty:  # fewer pages by now
                    break
                before = len(seen) + len(unreadable)
                seen.update((message.id, message) for message in page.messages)
                unreadable.update(dict.fromkeys(page.unreadable))
                # The page's own number is not to be trusted: we count.
                pages, total = max(pages, page.pages), max(total, page.total)
                held = held or bool(page.messages)
                if not page.counted:
                    told = False
                    if number >= pages and len(seen) + len(unreadable) > before:
                        pages = number + 1  # it does not say so, but there may be another
                number += 1
            counted = told and (counted or held)  # a round that brought nothing makes good for none
            if counted and len(seen) + len(unreadable) >= total:
                break
        return Listing(
            start=start,
            end=end,
            messages=tuple(sorted(seen.values(), key=lambda each: (each.at, each.id), reverse=True)),
            total=total,
            complete=counted and not unreadable and len(seen) >= total,
            unreadable=tuple(unreadable),
        )

    def recent(self, company: str, days: int) -> Listing:
        """The simple list of the last days; asks by pages when it is too long for it."""
        end = self._anaf.now_there()
        start = end - timedelta(days=days)
        self._take_list(LISTS.of(company))
        reply = self._call("GET", "listaMesajeFactura", {"zile": str(days), "cif": company})
        try:
            page: Page = self._understood(Call.LIST, reply, {"limit-lists": self._lists_key()}).value
        except Empty:
            return Listing(start=start, end=end)
        except Permanent as error:
            if error.code != "use-paging":
                raise
            return self.messages(company, start, end)
        return Listing(
            start=start,
            end=end,
            messages=page.messages,
            total=page.total,
            complete=not page.unreadable,
            unreadable=page.unreadable,
        )

    def window(self, start: datetime, end: datetime, slack: int = 1) -> tuple[datetime, datetime]:
        """The part of a window that ANAF answers: 60 days back and not ahead, by its clock, with margins."""
        now = self._anaf.now_there()
        return max(start, now - KEEPS + slack * MARGIN_START), min(end, now - slack * MARGIN_END)

    def _page(self, company: str, start: datetime, end: datetime, number: int) -> Page:
        if start >= end:
            return Page(number=number)
        self._take_list(PAGES.of(company))
        window = {"startTime": str(int(start.timestamp() * 1000)), "endTime": str(int(end.timestamp() * 1000))}
        reply = self._call("GET", "listaMesajePaginatieFactura", {**window, "cif": company, "pagina": str(number)})
        try:
            page: Page = self._understood(Call.PAGE, reply, {"limit-lists": self._lists_key()}).value
        except Empty as error:
            if error.code == "page-beyond":
                raise
            return Page(number=number)
        return replace(page, number=number)

    def _take_list(self, key: Key) -> None:
        self._anaf.take(self._lists_key())
        self._anaf.take(key)

    def _lists_key(self) -> Key:
        return PERSONS_LISTS.of(self._subject)

    # Fetching

    def fetch(self, message: str) -> bytes:
        """A message's ZIP, whole. A damaged one is fetched once more, then raised as `Damaged` with its bytes."""
        key = DOWNLOADS.of(message)
        for again in (False, True):
            try:
                self._anaf.take(key)
                reply = self._call("GET", "descarcare", {"id": message}, most=64 * http.MB)
                data: bytes = self._understood(Call.DOWNLOAD, reply, {"limit-message": key}).value
            except Limit as limit:
                limit.alone = limit.quota in (DOWNLOADS.name, "limit-message")
                raise
            except Damaged:
                if again:
                    raise
                continue
            return data
        raise AssertionError("the second try returns or raises")

    def find(
        self,
        parcel: Parcel,
        since: datetime,
        known: Collection[str] = (),
        held: Callable[[str], bytes | None] = lambda message: None,
    ) -> Found:
        """Was it handed in after all, since that moment?

        Looks for a message that holds exactly these bytes among those that belong to no sending known. A list of
        errors does not say what it is about: such ones are given as unexplained. Until `LISTED_WITHIN` has passed,
        not finding it proves nothing, and `complete` is False; till then, only what was listed since is fetched.
        Of a message that cannot be fetched any more today, nothing is known: the others are looked at all the same.
        """
        wanted = {Kind.BUYER_MESSAGE_SENT} if parcel.standard == "RASP" else {Kind.ISSUED}
        if SELF_BILLED in parcel.options:
            wanted.add(Kind.RECEIVED)
        listing = self.messages(parcel.company, since - LOOKS_BACK, self._anaf.now_there())
        early = listing.end < since + LISTED_WITHIN
        complete = listing.complete and not early
        unexplained: list[Incoming] = []
        looked_at: set[str] = set()
        for message in reversed(listing.messages):
            if message.reference in known or message.reference in looked_at:
                continue
            if message.kind in (Kind.ERRORS, Kind.UNKNOWN):
                unexplained.append(message)
                continue
            if message.kind not in wanted or (early and message.at < since - MARGIN_START):
                continue
            looked_at.add(message.reference)
            try:
                data = held(message.id)
                found = receipts.open(data if data is not None else self.fetch(message.id)).document
            except Limit as limit:
                if limit.quota not in (DOWNLOADS.name, "limit-message"):
                    raise
                complete = False
                continue
            except (ChannelError, FattoError):
                complete = False
                continue
            if found == parcel.data:
                receipt = Receipt(
                    reference=message.reference,
                    progress=Progress.ACCEPTED,
                    message=message.id,
                    at=message.at,
                    official=message.official,
                )
                return Found(receipt=receipt, complete=complete)
        return Found(unexplained=tuple(unexplained), complete=complete)

    # Calls

    def _call(
        self, method: str, name: str, params: Mapping[str, str], content: bytes | None = None, most: int = 16 * http.MB
    ) -> http.Reply:
        headers = self._headers if content is None else {**self._headers, "Content-Type": "text/plain"}
        return self._anaf.client.call(
            method,
            f"{self._anaf.api}/{name}",
            params=params,
            headers=headers,
            content=content,
            idempotent=method == "GET",
            most=most,
            total=180.0 if content is not None else 90.0,
            before=lambda: self._anaf.take(MINUTE.of()),
        )

    def _understood(self, call: Call, reply: http.Reply, keys: Mapping[str, Key]) -> Answer:
        """As `Anaf.understood`; a limit that is reached is told to the limiter, so that all workers know."""
        try:
            return self._anaf.understood(call, reply)
        except Limit as limit:
            key = MINUTE.of() if limit.code == "limit-minute" else keys.get(limit.code)
            if key is not None:
                self._anaf.limiter.block(key, limit.until)
            raise


# What to send -------------------------------------------------------------------------------------

_STANDARD_OF = {"ubl-invoice": "UBL", "ubl-creditnote": "CN", "cii": "CII"}
_NOBODY = "0" * 13


def prepare(data: bytes, syntax: str, invoice: Invoice, company: str) -> Parcel:
    """A document → the parcel: its standard, and what is special about its buyer.

    `extern`: the buyer has no Romanian code; `b2c`: the buyer is a person; `autofactura`: the buyer files it (389).
    Only what is the sender's own is sent: raises `Permanent` when it is not the seller, nor the buyer of a 389.
    """
    standard = _STANDARD_OF.get(syntax)
    if standard is None:
        raise Permanent(
            "not-for-anaf", _("ANAF takes invoices as UBL or CII, and this file is {format}."), format=syntax
        )
    sender = normalise_cui(company) or normalise_cnp(company) or ""
    if not sender:
        raise _bad_request(company)
    options = set()
    if invoice.type_code == "389" and sender in of_party(invoice.buyer) and sender not in of_party(invoice.seller):
        options.add(SELF_BILLED)
    elif sender not in _codes(invoice.seller):
        raise Permanent(
            "not-the-seller",
            _("The seller of this invoice is not CIF {company}, who would send it: ANAF takes it from its seller."),
            company=sender,
        )
    elif _is_person(invoice.buyer):
        options.add(B2C)
    elif not any(normalise_cui(each) for each in of_party(invoice.buyer)) and _abroad(invoice.buyer):
        options.add(EXTERN)
    return Parcel(data=data, company=sender, standard=standard, options=frozenset(options))


def _codes(party: Party) -> set[str]:
    """All Romanian codes that a party is named by, wherever they stand."""
    written = (party.vat_id, party.tax_id, party.legal_id.value if party.legal_id else None)
    found = {normalise(each) for each in written if each for normalise in (normalise_cui, normalise_cnp)}
    return {each for each in found if each}


def _abroad(party: Party) -> bool:
    return party.address is not None and party.address.country not in (None, "RO")


def _is_person(party: Party) -> bool:
    """Known by a CNP, or by the thirteen zeros that stand for one not given."""
    if party.vat_id or _abroad(party):
        return False
    legal = party.legal_id.value.strip() if party.legal_id else ""
    if _NOBODY in (legal, (party.tax_id or "").strip()):
        return True
    ids = of_party(party)
    return len(ids) == 1 and normalise_cnp(ids[0]) is not None


def reply(reference: str, company: str, text: str) -> Parcel:
    """A buyer's message to the seller of an invoice (RASP): it tells, and rejects nothing in the eyes of the law."""
    buyer = normalise_cui(company)
    words = "".join(each for each in text if each.isprintable() or each == "\n").strip()
    if buyer is None or not reference.isdecimal() or not words:
        raise _bad_request(f"RASP {reference} {company}")
    message = quoteattr(words, {"\n": "&#10;"})
    xml = (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        f'<header xmlns="mfp:anaf:dgti:spv:reqMesaj:v1" index_incarcare="{reference}" message={message}/>\n'
    )
    return Parcel(data=xml.encode(), company=buyer, standard="RASP")


def ready(variables: Mapping[str, str]) -> bool:
    """Is all there that logging in needs?"""
    return all(variables.get(name, "").strip() for name in (CLIENT_ID, CLIENT_SECRET))


def training(companies: Mapping[str, str] | None = None, **options: Any) -> AbstractContextManager[Training]:
    """The stand-in for ANAF, running; see `sandbox.serve`."""
    from fatto.countries.ro import sandbox  # not needed in earnest

    return sandbox.serve(companies, **options)


# Small parts --------------------------------------------------------------------------------------

_SCHEMA_LOCATION = re.compile(rb"""\s[\w.\-]+:schemaLocation\s*=\s*(?:"[^"<]*"|'[^'<]*')""")


def _setting(variables: Mapping[str, str], name: str) -> str:
    default = next(each.default for each in SETTINGS if each.variable == name)
    return http.check(variables.get(name, "").strip() or default, setting=name)


def _with_path(url: str, path: str) -> str:
    """An address that names only a server gets the usual path; …/test alone gets the rest of it."""
    given = urlsplit(url).path
    if not given:
        return url + path
    if given in ("/prod", "/test") and path.startswith("/prod/"):
        return url + path.removeprefix("/prod")
    return url


def _claims(token: str) -> dict[str, Any]:
    """What a JWT says of itself, unproved: good for warnings, never for rights. Nothing when it is no JWT."""
    parts = token.split(".")
    if len(parts) != 3 or len(parts[1]) > 20_000:
        return {}
    with suppress(ValueError, msgspec.DecodeError, RecursionError):
        claims = msgspec.json.decode(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
        if isinstance(claims, dict):
            return claims
    return {}


def _claimed(claims: Mapping[str, Any], name: str) -> datetime | None:
    value = claims.get(name)
    if isinstance(value, int | float) and not isinstance(value, bool):
        with suppress(ValueError, OverflowError, OSError):
            return datetime.fromtimestamp(value, UTC)
    return None


def _bad_request(what: str) -> Permanent:
    return Permanent("bad-request", answers.TROUBLES["bad-request"][1], official=what)


def _too_large(most: int) -> Permanent:
    return Permanent("too-large", answers.TROUBLES["too-large"][1], official=f"> {most // http.MB} MB")


CHANNEL = ChannelType(
    code="ro-spv",
    name=_("SPV (RO e-Factura)"),
    service=Anaf,
    read=receipts.open,
    prepare=prepare,
    reply=reply,
    settings=SETTINGS,
    ready=ready,
    training=training,
    keeps=KEEPS,
    login_lasts=timedelta(days=365),
    follow=tuple(timedelta(seconds=each) for each in (30, 60, 120, 300, 900, 1800, 3600)),
)
