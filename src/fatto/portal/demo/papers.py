"""The files of the demo world: about 600 documents of 24 months, each with what became of it.

`papers(today)` gives the same files for the same day. Most follow from the plans of `trade`; the rest
are the cases that a portal must show: credit notes, integrations under reverse charge, a lot, an
account that suddenly differs, 500 lines, a ZIP, a file for somebody else.
"""

from __future__ import annotations

import io
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from random import Random

from fatto.portal.demo import fatturapa, identifiers, pdf, photographs, seconds, signing, trade, ubl
from fatto.portal.demo.seconds import HELD, Written
from fatto.portal.demo.sheet import Enclosure, Party, Row, Sheet, row
from fatto.portal.demo.trade import Good, Plan
from fatto.portal.demo.world import BRENTANI, COMPANY_OF, FIRM_OF, PARTIES, SOMARTA, DemoCompany

MONTHS = 24
FRESH = timedelta(days=42)
"""Younger documents are still being decided."""
LONG_AGO = timedelta(days=330)
"""Older ones are booked, unless something is wrong with them."""


class Outcome(StrEnum):
    """What became of a document."""

    WAITING = "waiting"
    APPROVED = "approved"
    DISPUTED = "disputed"
    BOOKED = "booked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What people did with a document, and how long after its arrival."""

    outcome: Outcome
    reason: str = ""
    """Of a dispute, as `approvals.models.Reason` calls it."""
    note: str = ""
    decided_after: timedelta = timedelta()
    booked_after: timedelta = timedelta()


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A file that arrives. It may hold several documents (a lot, a ZIP); they share their story.

    `company_key` is whose it is; None when it is no company's of the firm. `on_firm`: it was dropped on
    the firm, not on the company, as are invoices between two of the firm's companies.
    """

    name: str
    data: bytes
    firm_key: str
    company_key: str | None
    direction: str
    """`issued` or `received`, as that company sees it; `other` for what is no invoice."""
    received_at: datetime
    story: Story
    documents: int = 1
    on_firm: bool = False
    held: bool = False
    """Nobody decides on it: it waits for whoever looks around."""
    written: Written | None = None
    """What somebody wrote beside a scan."""


def papers(today: date) -> Iterator[Paper]:
    """All files in the order of their arrival, none later than the evening before `today`."""
    sheets = _sheets(today)
    found = [*_filed(sheets), *_others(today), _scanned(sheets)]
    end = datetime.combine(today, time(), tzinfo=UTC)
    for paper in sorted(found, key=lambda paper: (paper.received_at, paper.name)):
        if paper.received_at < end:
            yield replace(paper, story=_story(paper, end))


# --- invoices


def _sheets(today: date) -> list[Sheet]:
    """All invoices, numbered, in the order of their dates."""
    last = today.year * 12 + today.month - 1
    first = last - MONTHS
    sheets: list[Sheet] = []
    for plan in trade.PLANS:
        for month in range(first - first % 12, last + 1):  # from January, so that numbers begin there
            if month % plan.every == plan.start % plan.every and _runs(plan, month, last):
                sheet = trade.draft(plan, month // 12, month % 12 + 1)
                if sheet.issued < today:
                    sheets.append(sheet)
    sheets.sort(key=lambda sheet: (sheet.issued, sheet.seller.key, sheet.buyer.key))
    sheets += _integrations(sheets)
    sheets += _credits(sheets)
    sheets += _specials(today)
    sheets = [sheet for sheet in sheets if sheet.issued < today]
    sheets.sort(key=lambda sheet: (sheet.issued, sheet.seller.key, sheet.buyer.key, sheet.kind))
    _number(sheets)
    start = date(first // 12, first % 12 + 1, 1)
    kept = [sheet for sheet in sheets if sheet.issued >= start]
    seconds.mark(kept, today)
    return kept


def _runs(plan: Plan, month: int, last: int) -> bool:
    """Has the firm the company already, and does the relation last?"""
    served = [COMPANY_OF[key] for key in (plan.seller, plan.buyer) if key in COMPANY_OF]
    since = max((company.since for company in served if company.since < MONTHS), default=0) or plan.since
    return not since or month > last - since


def _integrations(sheets: list[Sheet]) -> list[Sheet]:
    """TD16: the buyer adds the VAT to a subcontractor's invoice that has none."""
    found = []
    for sheet in sheets:
        if "reverse" in sheet.tags:
            rows = tuple(line._replace(vat=trade.VATS["22 N6.3"], code="") for line in sheet.rows)
            found.append(
                replace(
                    sheet,
                    kind="TD16",
                    issued=trade.workday(sheet.issued + timedelta(days=6)),
                    rows=rows,
                    means="",
                    iban="",
                    instalments=(),
                    refers=(sheet,),
                    notes=(),
                    by_buyer=True,
                    tags=frozenset(),
                )
            )
    return found


def _credits(sheets: list[Sheet]) -> list[Sheet]:
    """Some goods went back: credit notes, and in Romania also invoices with a minus."""
    found = []
    for sheet in sheets:
        plain = sheet.kind in {"TD01", "TD24", "380"} and not sheet.tags and not sheet.stamp and sheet.currency != "USD"
        source = Random(f"credit:{sheet.seller.key}:{sheet.buyer.key}:{sheet.issued}")  # noqa: S311 - invented data
        if not plain or len(sheet.rows) < 2 or source.random() > 0.085:
            continue
        line = source.choice(sheet.rows)
        back = max(Decimal(1), (line.quantity / 4).to_integral_value())
        common = {
            "issued": trade.workday(sheet.issued + timedelta(days=source.randint(5, 18))),
            "deliveries": (),
            "enclosures": (),
            "instalments": (),
            "orders": (),
            "period": None,
            "means": "",
            "iban": "",
            "refers": (sheet,),
        }
        if sheet.kind != "380":
            common |= {"kind": "TD04", "notes": ("Reso merce",)}
        elif source.random() < 0.45:
            common |= {"notes": ("Stornare parțială",)}
            back = -back
        else:
            common |= {"kind": "381", "notes": ("Retur marfă",)}
        common["rows"] = (row(line.name, back, line.unit, line.price, line.vat, code=line.code),)
        found.append(replace(sheet, **common))  # type: ignore[arg-type]
    return found


def _specials(today: date) -> list[Sheet]:
    """What happens once: a lot of three schools, an invoice of 500 lines, a complaint about it."""
    lucenti, office = PARTIES["lucenti"], PARTIES["istituto"]
    day = trade.workday(today - timedelta(days=75))
    found = []
    for index, place in enumerate(("plesso di Via Scuole", "plesso di Via Dante", "palestra comunale")):
        sheet = Sheet(
            kind="TD01",
            issued=day,
            seller=lucenti,
            buyer=office,
            rows=(
                row(
                    f"Pulizia di fondo, {place}", Decimal("1.00"), "", Decimal(640 + 85 * index), trade.VATS["22 split"]
                ),
            ),
            means="MP05",
            iban=lucenti.iban,
        )
        trade.public(sheet, Random(f"lot:{index}"))  # noqa: S311 - invented data
        trade.pay(sheet, (30,))
        sheet.tags = frozenset({"signed", "lot"})
        found.append(sheet)
    found.append(_long(trade.workday(today - timedelta(days=58))))
    return found


def _long(day: date) -> Sheet:
    """The wholesaler's yearly assortment: 500 lines."""
    source = Random("assortment")  # noqa: S311 - invented data
    kinds = ("Vite", "Bullone", "Dado", "Rondella", "Tassello", "Gancio", "Staffa", "Perno", "Molla", "Rivetto")
    sizes = ("3x16", "4x20", "4x40", "5x50", "6x60", "6x80", "8x80", "8x100", "10x120", "12x140")
    finishes = ("zincato", "inox A2", "inox A4", "brunito", "ottonato")
    rows: list[Row] = []
    for index, (kind, size, finish) in enumerate((a, b, c) for a in kinds for b in sizes for c in finishes):
        rows.append(
            row(
                f"{kind} {finish} {size} mm, conf. 100",
                Decimal(source.randint(2, 25)),
                "CF",
                Decimal(source.randint(180, 2400)) / 100,
                trade.VATS["22"],
                code=f"BR{index + 10001}",
                discount=Decimal("12.00") if index % 7 == 0 else Decimal("0.00"),
            )
        )
    seller = PARTIES["minuteria"]
    sheet = Sheet(
        kind="TD01",
        issued=day,
        seller=seller,
        buyer=PARTIES["ferramenta"],
        rows=tuple(rows),
        means="MP05",
        iban=seller.iban,
        notes=("Assortimento annuale minuterie",),
    )
    csv = "\n".join(["codice;descrizione;quantita", *(f"{line.code};{line.name};{line.quantity}" for line in rows)])
    terms = pdf.page("Condizioni di vendita", ["Resa franco magazzino.", "Reclami entro 8 giorni."])
    sheet.enclosures = (
        Enclosure(name="assortimento.csv", data=csv.encode(), description="Elenco articoli"),
        Enclosure(name="condizioni.pdf", data=terms, description="Condizioni di vendita"),
    )
    trade.pay(sheet, (60, 90, 120))
    return sheet


_STYLES = ("{n}/{y}", "FT{n:06d}", "{y}/{n}", "V1-{n}", "{n}")
_LETTERS = {"verde": "DV", "lemn": "ALA", "feleac": "TFL", "pixel": "NPX"}


def _number(sheets: list[Sheet]) -> None:
    """Give numbers in the order of dates; the firm's companies count without gaps, by year."""
    counts: dict[tuple[str, int, str], int] = {}
    for sheet in sheets:
        year, seller, issuer = sheet.issued.year, sheet.seller.key, sheet.seller
        series = ""
        if sheet.by_buyer:
            issuer = sheet.buyer
            series = "R" if sheet.kind != "389" else f"AF-{seller[:2].upper()}-"
        key = (issuer.key, year, series)
        source = Random(f"number:{key}")  # noqa: S311 - invented data
        if issuer.key in COMPANY_OF:
            count = counts.get(key, 0) + 1
        else:
            begin = counts.get(key) or source.randint(20, 4000)
            count = begin + Random(f"{key}:{begin}").randint(1, 60)  # noqa: S311 - invented data
        counts[key] = count
        sheet.number = series + _style(issuer).format(n=count, y=year)


def _style(issuer: Party) -> str:
    if issuer.country == "RO":
        letters = _LETTERS.get(issuer.key) or "".join(
            letter for letter in issuer.name if letter.isascii() and letter.isupper()
        )
        return letters[:3] + "{y}-{n:05d}"
    if issuer.key in COMPANY_OF:
        return "{n}/{y}"
    return _STYLES[sum(issuer.key.encode()) % len(_STYLES)]


# --- files


def _filed(sheets: list[Sheet]) -> Iterator[Paper]:
    """The sheets as files: one each, save for the lot and the months that came as a ZIP."""
    lots: dict[tuple[str, str, date], list[Sheet]] = defaultdict(list)
    bundles: dict[tuple[str, int], list[Paper]] = defaultdict(list)
    zipped = _zipped_months(sheets)
    for number, sheet in enumerate(sheets):
        if "lot" in sheet.tags:
            lots[sheet.seller.key, sheet.buyer.key, sheet.issued].append(sheet)
            continue
        paper = _paper(number, sheet)
        month = sheet.issued.year * 12 + sheet.issued.month
        if paper.direction == "received" and (sheet.buyer.key, month) in zipped:
            bundles[sheet.buyer.key, month].append(paper)
        else:
            yield paper
    for number, lot in enumerate(lots.values(), len(sheets)):
        yield _paper(number, *lot)
    for (_, month), bundle in bundles.items():
        yield _bundle(bundle, month)


def _zipped_months(sheets: list[Sheet]) -> set[tuple[str, int]]:
    """One month each of two companies arrives as a ZIP of what they received."""
    last = sheets[-1].issued
    month = last.year * 12 + last.month
    return {("osteria", month - 4), ("verde", month - 3), ("pixel", month - 6)}


def _paper(number: int, *sheets: Sheet) -> Paper:
    sheet = sheets[0]
    company, direction = _whose(sheet)
    held = any(HELD in each.tags for each in sheets)
    firm = FIRM_OF[company.key]
    on_firm = sheet.seller.key in COMPANY_OF and sheet.buyer.key in COMPANY_OF and not sheet.by_buyer
    source = Random(f"arrival:{sheet.seller.key}:{sheet.number}:{sheet.issued}")  # noqa: S311 - invented data
    days = 0 if direction == "issued" else source.randint(1, 3)
    arrived = datetime.combine(sheet.issued + timedelta(days=days), time(), tzinfo=UTC)
    arrived += timedelta(minutes=source.randint(7 * 60, 17 * 60), seconds=source.randint(0, 59))
    if firm.country == "RO":
        return Paper(
            name=f"{5_000_000_000 + source.randint(0, 899_999_999)}.xml",
            data=ubl.write(sheet),
            firm_key=firm.key,
            company_key=company.key,
            direction=direction,
            received_at=arrived,
            story=_UNTOLD,
            on_firm=on_firm,
            held=held,
        )
    transmitter = sheet.seller.tax if direction == "received" and sheet.seller.country == "IT" else firm.tax
    progressive = _base36(number + 46_656)
    write = fatturapa.write_simplified if sheet.kind == "TD07" else fatturapa.write
    data = write(*sheets, transmitter=transmitter, progressive=progressive)
    name = f"IT{transmitter}_{progressive:0>5}.xml"
    if "signed" in sheet.tags:
        signer, code = _SIGNERS[sheet.seller.key]
        data = signing.sign(data, name=signer, tax_code=code, at=arrived - timedelta(minutes=20))
        name += ".p7m"
    return Paper(
        name=name,
        data=data,
        firm_key=firm.key,
        company_key=company.key,
        direction=direction,
        received_at=arrived,
        story=_UNTOLD,
        documents=len(sheets),
        on_firm=on_firm,
        held=held,
    )


_UNTOLD = Story(outcome=Outcome.WAITING)
_SIGNERS = {
    "lucenti": (
        "Roberto Carraro",
        identifiers.codice_fiscale("Roberto", "Carraro", date(1968, 6, 14), place="G224", woman=False),
    ),
    "adigetto": (
        "Antonio Furlan",
        identifiers.codice_fiscale("Antonio", "Furlan", date(1963, 2, 27), place="H620", woman=False),
    ),
}
"""Who signs what goes to public offices."""


def _whose(sheet: Sheet) -> tuple[DemoCompany, str]:
    """The company for which a sheet arrives, and how that company sees it."""
    seller, buyer = COMPANY_OF.get(sheet.seller.key), COMPANY_OF.get(sheet.buyer.key)
    if sheet.by_buyer and buyer is not None:
        return buyer, "issued"
    if seller is not None:
        return seller, "issued"
    if buyer is None:
        raise ValueError(f"nobody's invoice: {sheet.seller.key} to {sheet.buyer.key}")
    return buyer, "received"


def _base36(number: int) -> str:
    digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    written = ""
    while number:
        number, digit = divmod(number, 36)
        written = digits[digit] + written
    return written


def _bundle(inside: list[Paper], month: int) -> Paper:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for paper in inside:
            stamp = zipfile.ZipInfo(paper.name, paper.received_at.timetuple()[:6])
            stamp.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(stamp, paper.data)
    last = max(inside, key=lambda paper: paper.received_at)
    name = f"{last.company_key}-{(month - 1) // 12}-{(month - 1) % 12 + 1:02d}.zip"
    return replace(last, name=name, data=packed.getvalue(), documents=sum(paper.documents for paper in inside))


def _scanned(sheets: list[Sheet]) -> Paper:
    """A courtesy copy on paper, handed in on the day of the invoice; the electronic one comes later."""
    invoice = seconds.copied(sheets)
    return Paper(
        name="copia-di-cortesia.pdf",
        data=seconds.scan(invoice),
        firm_key=BRENTANI.key,
        company_key="ferramenta-scaligeri",
        direction="other",
        received_at=datetime.combine(invoice.issued, time(16, 20), tzinfo=UTC),
        story=_UNTOLD,
        written=seconds.written(invoice),
    )


def _others(today: date) -> Iterator[Paper]:
    """What is no invoice of the companies: receipts in several forms, and invoices that belong to somebody else."""
    receipts = (
        ("osteria-ponte-rosso", 9, "Ricevuta taxi", "ricevuta-taxi.pdf", "Corsa stazione - fiera, 23,50 EUR"),
        ("ferramenta-scaligeri", 33, "Polizza assicurativa", "polizza-magazzino.pdf", "Premio annuo 1.240,00 EUR"),
        ("nord-pixel", 6, "Boarding pass", "boarding-pass.pdf", "Cluj-Napoca - Munich"),
        ("trans-feleac", 21, "Rovinieta", "rovinieta.pdf", "Valabil 12 luni"),
    )
    drawn = [
        (company, days, name, pdf.page(title, [line, f"{today - timedelta(days=days):%Y-%m-%d}"]))
        for company, days, title, name, line in receipts
    ]
    coffee = [("2 x Caffè", "2,60"), ("Acqua 0,5 l", "1,20"), ("Panino", "5,50")]
    drawn.append(
        (
            "ferramenta-scaligeri",
            4,
            "scontrino-bar.jpg",
            photographs.receipt("BAR ARENA - VERONA", coffee, ("TOTALE", "9,30")),
        )
    )
    sheets = [
        ("Bon fiscal - parcare", ["Parcare 2 h", "TOTAL 14,00 LEI"]),
        ("Bon fiscal - combustibil", ["Motorină 41,20 l", "TOTAL 309,00 LEI"]),
    ]
    drawn.append(("trans-feleac", 5, "bonuri-scanate.pdf", photographs.scan(sheets)))
    for company, days, name, data in drawn:
        arrived = datetime.combine(today - timedelta(days=days), time(15, 12), tzinfo=UTC)
        yield Paper(
            name=name,
            data=data,
            firm_key=FIRM_OF[company].key,
            company_key=company,
            direction="other",
            received_at=arrived,
            story=_UNTOLD,
        )
    lost = (
        (BRENTANI, "intonaci", "altrove", Good("Intonaco di facciata", "MQ", "16.20", (80, 200), "22"), 12),
        (SOMARTA, "cherestea", "strain", Good("Cherestea stejar", "MTQ", "3300.00", (1, 3), "standard"), 17),
    )
    for firm_, seller, buyer, good, days in lost:
        day = trade.workday(today - timedelta(days=days))
        sheet = trade.draft(Plan(seller=seller, buyer=buyer, goods=(good,), day=min(day.day, 28)), day.year, day.month)
        sheet.issued, sheet.number = day, f"{day:%m}{seller[:3].upper()}{days}"
        trade.pay(sheet, (30,))
        foreign = firm_ is SOMARTA
        yield Paper(
            name="3900117266.xml" if foreign else f"IT{PARTIES[seller].tax}_0ZZ9A.xml",
            data=ubl.write(sheet)
            if foreign
            else fatturapa.write(sheet, transmitter=PARTIES[seller].tax, progressive="0ZZ9A"),
            firm_key=firm_.key,
            company_key=None,
            on_firm=True,
            direction="received",
            received_at=datetime.combine(day + timedelta(days=1), time(9, 40), tzinfo=UTC),
            story=_UNTOLD,
        )


# --- what became of them

_REASONS = {
    "IT": (
        ("wrong_amount", "Il prezzo unitario non è quello concordato a voce con l'agente."),
        ("not_received", "Mancano due colli rispetto al documento di trasporto."),
        ("other", "Merce arrivata danneggiata, abbiamo chiesto la sostituzione."),
        ("already_paid", "Già pagata alla consegna."),
        ("not_ours", "Ordine mai fatto: chiedere al fornitore."),
    ),
    "RO": (
        ("wrong_amount", "Prețul pe unitate nu este cel din contract."),
        ("not_received", "Lipsesc doi paleți față de avizul de însoțire."),
        ("other", "Marfă deteriorată la transport, cerem înlocuirea."),
        ("already_paid", "Achitată deja cu bon fiscal."),
        ("not_ours", "Nu am comandat acest serviciu."),
    ),
}


def _story(paper: Paper, now: datetime) -> Story:
    """The older, the further: booked, approved and not yet booked, or still being decided."""
    source = Random(f"story:{paper.name}:{paper.received_at}")  # noqa: S311 - invented data
    age = now - paper.received_at
    chance = source.random()
    decided = timedelta(hours=source.randint(1, 96), minutes=source.randint(0, 59))
    booked = decided + timedelta(days=source.randint(2, 20), minutes=source.randint(0, 400))
    if paper.company_key is None or paper.direction == "other" or paper.held:
        return _UNTOLD
    if age > LONG_AGO:
        outcome = Outcome.BOOKED if chance < 0.97 else Outcome.DISPUTED
    elif age > FRESH:
        outcome = Outcome.BOOKED if chance < 0.30 else Outcome.APPROVED if chance < 0.92 else Outcome.DISPUTED
        if chance > 0.97:
            outcome = Outcome.WAITING
    else:
        outcome = Outcome.WAITING if chance < 0.55 else Outcome.APPROVED if chance < 0.74 else Outcome.DISPUTED
        if chance > 0.93:
            outcome = Outcome.BOOKED
    if decided >= age:
        outcome = Outcome.WAITING
    elif outcome is Outcome.BOOKED and booked >= age:
        outcome = Outcome.APPROVED
    if outcome is Outcome.DISPUTED and paper.direction == "issued":
        outcome = Outcome.APPROVED
    if outcome is Outcome.DISPUTED:
        reason, note = source.choice(_REASONS[FIRM_OF[paper.company_key].country])
        return Story(outcome=outcome, reason=reason, note=note, decided_after=decided)
    return Story(outcome=outcome, decided_after=decided, booked_after=booked)
