"""What the stand-in knows: people, tokens, uploads, boxes, counters. No network here.

Texts and limits are ANAF's; see `answers` for what they mean.
"""

from __future__ import annotations

import base64
import hashlib
import random
import secrets
import threading
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from fatto.countries.ro.answers import HERE
from fatto.countries.ro.sandbox import papers
from fatto.errors import FattoError
from fatto.formats.xml import local, parse

DAY = 86_400.0
KEEPS = 60 * DAY

Judge = Callable[[bytes], Sequence[str]]
"""A document → ANAF's texts against it; none when it is right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """How often something goes wrong, each from 0 to 1. `Sandbox.break_next` makes one happen for certain."""

    server_error: float = 0.0
    """HTTP 500 or 503; of an upload, nothing is registered."""
    html_page: float = 0.0
    """The firewall's page, with HTTP 200."""
    truncated: float = 0.0
    """Half a ZIP."""
    lost_upload: float = 0.0
    """Registers the upload, then drops the connection."""
    dropped: float = 0.0
    """Drops the connection and does nothing."""
    expired_token: float = 0.0
    """The access token ends in the middle."""
    duplicated: float = 0.0
    """A page holds some of its messages twice."""
    reordered: float = 0.0
    """A page is in no order."""
    moving: float = 0.0
    """Before a page after the first is given, new messages come in."""
    technical: float = 0.0
    """`A aparut o eroare tehnica`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """Limits as ANAF publishes them; None for none."""

    minute: int | None = 1000
    lists: int | None = 1500
    pages: int | None = 100_000
    states: int | None = 100
    downloads: int | None = 10
    rasp: int | None = 1000
    per_page: int = 500


NO_CAPS = Caps(minute=None, lists=None, pages=None, states=None, downloads=None, rasp=None)


_EXAMPLE_ERROR = (
    "E: validari globale  SCHEMATRON   eroare: [BR-RO-110]-Daca Codul tarii Vanzatorului (BT-40) este RO, atunci"
    " Subdiviziunea tarii Vanzatorului (BT-39) trebuie sa fie codificata folosind lista de coduri ISO 3166-2:RO"
)


class Content(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What a message holds, as parameters."""

    kind: str
    """`invented`, `file`, `errors`, `rasp`."""
    number: int = 0
    seller: tuple[str, str] = ("", "")
    buyer: tuple[str, str] = ("", "")
    day: str = ""
    file: str = ""
    """SHA-256 of the bytes, in `World.files`."""
    texts: list[str] = []
    about: str = ""


class Stored(msgspec.Struct, kw_only=True):
    """A message in a box."""

    id: str
    cif: str
    label: str
    reference: str
    at: float
    details: str
    content: Content

    def entry(self) -> dict[str, str]:
        """As lists show it."""
        return {
            "data_creare": datetime.fromtimestamp(self.at, HERE).strftime("%Y%m%d%H%M"),
            "cif": self.cif,
            "id_solicitare": self.reference,
            "detalii": self.details,
            "tip": self.label,
            "id": self.id,
        }


class Upload(msgspec.Struct, kw_only=True):
    """Something that was handed in."""

    reference: str
    cif: str
    person: str
    standard: str
    file: str
    at: float
    ready: float
    options: list[str] = []
    state: str = "in prelucrare"
    message: str = ""


class Person(msgspec.Struct, kw_only=True):
    """Somebody with a certificate, and the companies on which rights were given."""

    serial: str
    name: str
    companies: list[str]


class Token(msgspec.Struct, kw_only=True):
    person: str
    until: float


class State(msgspec.Struct, kw_only=True):
    """All that is remembered; kept as JSON when there is a folder."""

    number: int = 5_000_000_000
    people: dict[str, Person] = {}
    access: dict[str, Token] = {}
    refresh: dict[str, Token] = {}
    uploads: dict[str, Upload] = {}
    boxes: dict[str, dict[str, Stored]] = {}
    names: dict[str, str] = {}


class World:
    """The state and everything that happens to it. Safe for several threads."""

    def __init__(
        self,
        *,
        seed: int = 0,
        faults: Faults = Faults(),  # frozen
        caps: Caps = Caps(),  # frozen
        delay: float = 0.0,
        listed_after: float = 0.0,
        judge: Judge | None = None,
        folder: Path | None = None,
        clock: Callable[[], float],
        access_lasts: float = 90 * DAY,
        refresh_lasts: float = 365 * DAY,
        copied_seals: bool = False,
    ) -> None:
        self.faults, self.caps = faults, caps
        self.delay, self.listed_after = delay, listed_after
        self.judge = judge
        self.clock = clock
        self.access_lasts, self.refresh_lasts = access_lasts, refresh_lasts
        self.copied_seals = copied_seals
        self.lock = threading.RLock()
        self.chance = random.Random(seed)  # noqa: S311  # a test must come out the same each time
        self.broken: dict[str, deque[str]] = {}
        self.calls: Counter[str] = Counter()
        self.counted: Counter[tuple[str, str, int]] = Counter()
        self.codes: dict[str, tuple[str, str, float]] = {}
        self.files: dict[str, bytes] = {}
        self.state = State()
        self.folder = folder
        self.sealer = papers.own_sealer()
        if folder is not None:
            self._load(folder)
        self.waiting = [each for each in self.state.uploads.values() if each.state == "in prelucrare"]

    # Memory

    def _load(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "files").mkdir(exist_ok=True)
        key = folder / "sealer.pem"
        if key.exists():
            self.sealer = papers.sealer(key.read_bytes())
        else:
            self.sealer = papers.sealer()
            key.touch(mode=0o600)
            key.write_bytes(self.sealer.secret)
        kept = folder / "state.json"
        if kept.exists():
            self.state = msgspec.json.decode(kept.read_bytes(), type=State)

    def save(self) -> None:
        """Keep the state; nothing without a folder."""
        if self.folder is None:
            return
        with self.lock:
            data = msgspec.json.encode(self.state)
            new = self.folder / "state.json.new"
            new.write_bytes(data)
            new.replace(self.folder / "state.json")

    def keep(self, data: bytes) -> str:
        """Keep a file; gives its SHA-256."""
        digest = hashlib.sha256(data).hexdigest()
        self.files[digest] = data
        if self.folder is not None:
            (self.folder / "files" / digest).write_bytes(data)
        return digest

    def file(self, digest: str) -> bytes:
        data = self.files.get(digest)
        if data is None and self.folder is not None:
            data = self.files[digest] = (self.folder / "files" / digest).read_bytes()
        if data is None:
            raise KeyError(digest)
        return data

    # People and tokens

    def person(self, name: str, companies: Sequence[str], serial: str = "") -> Person:
        """Somebody who can log in; of the same name, the companies are replaced."""
        with self.lock:
            known = next((each for each in self.state.people.values() if each.name == name), None)
            if known is not None:
                known.companies = list(companies)
                return known
            serial = serial or f"INS{len(self.state.people) + 1:05d}"
            self.state.people[serial] = person = Person(serial=serial, name=name, companies=list(companies))
            return person

    def code(self, serial: str, back: str) -> str:
        """A person clicked through: a code for a minute."""
        code = secrets.token_urlsafe(24)
        with self.lock:
            self.codes[code] = (serial, back, self.clock() + 60)
        return code

    def tokens(self, serial: str) -> dict[str, object]:
        """A new pair for a person, as the token service answers."""
        now = self.clock()
        access, refresh = self._jwt(serial, now + self.access_lasts), self._jwt(serial, now + self.refresh_lasts)
        with self.lock:
            self.state.access[access] = Token(person=serial, until=now + self.access_lasts)
            self.state.refresh[refresh] = Token(person=serial, until=now + self.refresh_lasts)
            self.save()
        return {
            "access_token": access,
            "expires_in": int(self.access_lasts),
            "refresh_token": refresh,
            "token_type": "Bearer",
            "scope": "clientappid info issuer role serial",
        }

    def _jwt(self, serial: str, until: float) -> str:
        def part(value: object) -> str:
            return base64.urlsafe_b64encode(msgspec.json.encode(value)).decode().rstrip("=")

        now = int(self.clock())
        claims = {"iss": "sandbox", "iat": now, "nbf": now, "exp": int(until), "serial": serial, "role": "EFACTURA"}
        head = {"alg": "RS512", "kid": "sandbox", "typ": "JWT"}
        return f"{part(head)}.{part({**claims, 'jti': secrets.token_hex(8)})}.{secrets.token_urlsafe(32)}"

    def exchange(self, code: str, back: str) -> dict[str, object] | None:
        with self.lock:
            serial, given_for, until = self.codes.pop(code, ("", "", 0.0))
            if not serial or given_for != back or until < self.clock():
                return None
            return self.tokens(serial)

    def renew(self, refresh: str) -> dict[str, object] | None:
        """A new pair; the old one ends."""
        with self.lock:
            token = self.state.refresh.pop(refresh, None)
            if token is None or token.until < self.clock():
                return None
            for access, other in list(self.state.access.items()):
                if other.person == token.person and other.until < self.clock():
                    del self.state.access[access]
            return self.tokens(token.person)

    def who(self, access: str) -> Person | None:
        with self.lock:
            token = self.state.access.get(access)
            if token is None or token.until < self.clock():
                return None
            return self.state.people.get(token.person)

    def expire(self, access: str | None = None) -> None:
        """End an access token now, or all."""
        with self.lock:
            for each in [access] if access is not None else list(self.state.access):
                self.state.access.pop(each, None)

    def forget_logins(self) -> None:
        """End all tokens, those that renew too: everybody must log in again."""
        with self.lock:
            self.state.access.clear()
            self.state.refresh.clear()

    # Limits

    def over(self, name: str, subject: str, most: int | None, seconds: float = DAY) -> bool:
        """Count one more; is it too much?"""
        if most is None:
            return False
        now = self.clock()
        # A day ends at midnight there.
        window = datetime.fromtimestamp(now, HERE).toordinal() if seconds == DAY else int(now // seconds)
        with self.lock:
            key = (name, subject, window)
            self.counted[key] += 1
            return self.counted[key] > most

    # Faults

    def fault(self, call: str) -> str:
        """What goes wrong with this call: the next in line, else by chance; empty for nothing."""
        with self.lock:
            self.calls[call] += 1
            for name in (call, "any"):
                if self.broken.get(name):
                    return self.broken[name].popleft()
            kinds = {
                "server_error": self.faults.server_error,
                "html_page": self.faults.html_page,
                "dropped": self.faults.dropped,
                "technical": self.faults.technical if call in ("upload", "validare", "transformare") else 0.0,
                "truncated": self.faults.truncated if call == "descarcare" else 0.0,
                "lost_upload": self.faults.lost_upload if call == "upload" else 0.0,
                "expired_token": self.faults.expired_token
                if call not in ("token", "validare", "transformare")
                else 0.0,
            }
            draw = self.chance.random()
            for kind, rate in kinds.items():
                if draw < rate:
                    return kind
                draw -= rate
            return ""

    def draws(self, rate: float) -> bool:
        with self.lock:
            return rate > 0 and self.chance.random() < rate

    # Boxes

    def next_number(self) -> int:
        with self.lock:
            self.state.number += 1
            return self.state.number

    def put(self, cif: str, label: str, reference: str, details: str, content: Content, at: float) -> Stored:
        """A message into a box."""
        stored = Stored(
            id=str(self.next_number() - 2_000_000_000),
            cif=cif,
            label=label,
            reference=reference,
            at=at,
            details=details,
            content=content,
        )
        with self.lock:
            self.state.boxes.setdefault(cif, {})[stored.id] = stored
        return stored

    def deliver(self, seller: str, buyer: str, content: Content, at: float, reference: str = "") -> list[Stored]:
        """An invoice into both boxes; one box gets two messages when the parties are the same."""
        reference = reference or str(self.next_number())
        details = f"Factura cu id_incarcare={reference} emisa de cif_emitent={seller} pentru cif_beneficiar={buyer}"
        made = []
        for cif, label in ((seller, "FACTURA TRIMISA"), (buyer, "FACTURA PRIMITA")):
            if cif:
                made.append(self.put(cif, label, reference, details, content, at))
        return made

    def fill(self, companies: Mapping[str, str], messages: int, days: float = 55) -> None:
        """So many invented messages for each company (code → name), spread over the last days.

        Of twenty, fourteen are received, four issued, one is a list of errors, one a buyer's message.
        """
        with self.lock:
            now = self.clock()
            self.state.names.update(companies)
            for cif in companies:
                for step in range(messages):
                    at = now - 120 - (messages - 1 - step) * days * DAY / max(1, messages)
                    self.invent(cif, at, step % 20)
            self.save()

    def invent(self, cif: str, at: float, which: int = 0) -> Stored:
        """One invented message in a company's box."""
        with self.lock:
            number = self.next_number()
            reference = str(number)
            name = self.state.names.get(cif, f"Compania {cif} SRL")
            other, other_name = papers.partner(number * 7 + int(cif[-6:] or 0))
            day = datetime.fromtimestamp(at, HERE).date().isoformat()
            if which == 19:
                content = Content(
                    kind="rasp", about=str(number - 40), texts=["Cantitatea nu corespunde cu avizul de însoțire."]
                )
                details = f"Mesaj cumparator pentru factura cu id_incarcare={number - 40}"
                return self.put(cif, "MESAJ CUMPARATOR PRIMIT", reference, details, content, at)
            if which == 18:
                texts = [_EXAMPLE_ERROR]
                details = f"Erori de validare identificate la factura primita cu id_incarcare={reference}"
                content = Content(kind="errors", seller=(cif, name), texts=texts)
                return self.put(cif, "ERORI FACTURA", reference, details, content, at)
            seller, buyer = ((cif, name), (other, other_name)) if which >= 14 else ((other, other_name), (cif, name))
            content = Content(kind="invented", number=number, seller=seller, buyer=buyer, day=day)
            details = (
                f"Factura cu id_incarcare={reference} emisa de cif_emitent={seller[0]} pentru cif_beneficiar={buyer[0]}"
            )
            label = "FACTURA TRIMISA" if which >= 14 else "FACTURA PRIMITA"
            return self.put(cif, label, reference, details, content, at)

    def listed(self, cif: str, start: float, end: float, labels: Sequence[str] = ()) -> list[Stored]:
        """What lists show of a box in a window, newest first."""
        self.settle()
        with self.lock:
            box = self.state.boxes.get(cif, {})
            now = self.clock()
            found = [
                each
                for each in box.values()
                if start <= each.at <= end and each.at + KEEPS > now and (not labels or each.label in labels)
            ]
        return sorted(found, key=lambda each: (each.at, each.id), reverse=True)

    def message(self, ident: str) -> Stored | None:
        self.settle()
        with self.lock:
            return next((box[ident] for box in self.state.boxes.values() if ident in box), None)

    def document(self, stored: Stored) -> bytes:
        """The document in a message."""
        content = stored.content
        match content.kind:
            case "invented":
                day = datetime.fromisoformat(content.day).date()
                return papers.invoice(content.number, content.seller, content.buyer, day)
            case "errors":
                return papers.error_file(stored.reference, content.seller[0], content.texts)
            case "rasp":
                return papers.buyer_message(content.about, content.texts[0])
        return self.file(content.file)

    def zip(self, stored: Stored) -> bytes:
        """A message's ZIP."""
        return papers.message_zip(stored.reference, self.document(stored), self.sealer, copied=self.copied_seals)

    # Uploads

    def upload(self, person: Person, cif: str, standard: str, data: bytes, options: Sequence[str] = ()) -> Upload:
        """Register something that was handed in."""
        with self.lock:
            now = self.clock()
            upload = Upload(
                reference=str(self.next_number()),
                cif=cif,
                person=person.serial,
                standard=standard,
                file=self.keep(data),
                at=now,
                ready=now + self.delay,
                options=list(options),
            )
            self.state.uploads[upload.reference] = upload
            self.waiting.append(upload)
            self.save()
            return upload

    def settle(self) -> None:
        """Work off the uploads whose time has come."""
        with self.lock:
            now = self.clock()
            done = [each for each in self.waiting if each.ready <= now]
            for upload in done:
                self.waiting.remove(upload)
                self._work_off(upload)
            if done:
                self.save()

    def _work_off(self, upload: Upload) -> None:
        data = self.file(upload.file)
        at = upload.ready + self.listed_after
        earlier = next(
            (
                each
                for each in self.state.uploads.values()
                if each.file == upload.file and each.state == "ok" and each.reference != upload.reference
            ),
            None,
        )
        if upload.standard == "RASP":
            self._work_off_message(upload, data, at)
            return
        texts = [f"Factura a mai fost transmisa anterior cu index={earlier.reference}"] if earlier else []
        texts = texts or list(self.judge(data) if self.judge is not None else ())
        seller, buyer = parties(data)
        if not texts and not seller:
            texts = ["E: validari globale\n BR-07 / BR-09 Nu a fost identificat cif-ul vanzatorului"]
        if texts:
            details = f"Erori de validare identificate la factura primita cu id_incarcare={upload.reference}"
            content = Content(kind="errors", seller=(seller or upload.cif, ""), texts=texts)
            upload.state = "nok"
            upload.message = self.put(upload.cif, "ERORI FACTURA", upload.reference, details, content, at).id
            return
        upload.state = "ok"
        content = Content(kind="file", file=upload.file)
        if "autofactura" in upload.options:
            details = (
                f"Factura cu id_incarcare={upload.reference} transmisa de cif={buyer} ca autofactura"
                f" in numele cif={seller}"
            )
            made = [
                self.put(seller, "FACTURA TRIMISA", upload.reference, details, content, at),
                self.put(buyer or upload.cif, "FACTURA PRIMITA", upload.reference, details, content, at),
            ]
            upload.message = made[1].id
            return
        upload.message = self.deliver(seller, buyer, content, at, upload.reference)[0].id

    def _work_off_message(self, upload: Upload, data: bytes, at: float) -> None:
        root, _findings = parse(data)
        about = root.get("index_incarcare") or ""
        content = Content(kind="file", file=upload.file)
        details = f"Mesaj cumparator pentru factura cu id_incarcare={about}"
        sent = self.put(upload.cif, "MESAJ CUMPARATOR TRANSMIS", upload.reference, details, content, at)
        seller = next(
            (
                stored.cif
                for box in self.state.boxes.values()
                for stored in box.values()
                if stored.reference == about and stored.label == "FACTURA TRIMISA"
            ),
            "",
        )
        if seller:
            self.put(seller, "MESAJ CUMPARATOR PRIMIT", upload.reference, details, content, at)
        upload.state, upload.message = "ok", sent.id


def parties(data: bytes) -> tuple[str, str]:
    """The codes of seller and buyer in UBL or CII, digits only; empty where there is none."""
    try:
        root, _findings = parse(data)
    except FattoError:
        return "", ""
    found = {
        "AccountingSupplierParty": "",
        "AccountingCustomerParty": "",
        "SellerTradeParty": "",
        "BuyerTradeParty": "",
    }
    for element in root.iter():
        name = local(element)
        if name not in found or found[name]:
            continue
        for each in element.iter():
            inside = local(each)
            above = each.getparent()
            registered = inside == "ID" and above is not None and local(above) in _REGISTRATIONS
            digits = "".join((each.text or "").split()).upper().removeprefix("RO")
            if (inside == "CompanyID" or registered) and digits.isdecimal():
                found[name] = digits
                break
    return (
        found["AccountingSupplierParty"] or found["SellerTradeParty"],
        found["AccountingCustomerParty"] or found["BuyerTradeParty"],
    )


_REGISTRATIONS = ("SpecifiedTaxRegistration", "SpecifiedLegalOrganization")
