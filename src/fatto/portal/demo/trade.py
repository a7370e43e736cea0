"""What the companies of the demo world buy and sell again and again: one `Plan` per trading relation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import NamedTuple

from fatto.portal.demo import pdf
from fatto.portal.demo.sheet import (
    ZERO,
    Enclosure,
    Fund,
    Instalment,
    Order,
    Reference,
    Row,
    Sheet,
    Vat,
    Withholding,
    row,
    sums,
)
from fatto.portal.demo.world import PARTIES

_22, _21, _19 = Decimal("22.00"), Decimal("21.00"), Decimal("19.00")
_RATES_2025_08 = date(2025, 8, 1)
"""Law 141/2025: 19 and 9 % became 21 and 11 %."""

VATS = {
    "22": Vat(rate=_22),
    "10": Vat(rate=Decimal("10.00")),
    "4": Vat(rate=Decimal("4.00")),
    "22 split": Vat(
        rate=_22, split=True, reason="Scissione dei pagamenti, art. 17-ter D.P.R. 633/1972"
    ),
    "N1": Vat(nature="N1", category="E", reason="Escluso art. 15 D.P.R. 633/1972"),
    "N2.2": Vat(nature="N2.2", category="O", reason="Regime forfettario, L. 190/2014 art. 1 commi 54-89"),
    "N3.1": Vat(nature="N3.1", category="G", reason="Non imponibile art. 8 c. 1 lett. a) D.P.R. 633/1972"),
    "N6.3": Vat(nature="N6.3", category="AE", reason="Inversione contabile art. 17 c. 6 lett. a) D.P.R. 633/1972"),
    "22 N6.3": Vat(rate=_22, nature="N6.3", category="S", reason="Integrazione art. 17 c. 6 lett. a) D.P.R. 633/1972"),
    "AE": Vat(category="AE", code="VATEX-EU-AE", reason="Taxare inversă"),
    "O": Vat(category="O", code="VATEX-EU-O", reason="Neplătitor de TVA, art. 310 Cod fiscal"),
    "E": Vat(category="E", reason="Neimpozabil în România, art. 278 alin. (2) Cod fiscal"),
    "ro 21": Vat(rate=_21),
    "ro 19": Vat(rate=_19),
    "ro 11": Vat(rate=Decimal("11.00")),
    "ro 9": Vat(rate=Decimal("9.00")),
}  # fmt: skip


def vat(key: str, day: date) -> Vat:
    """The treatment by its key; `standard` and `reduced` are Romania's rates of that day."""
    if key == "standard":
        key = "ro 19" if day < _RATES_2025_08 else "ro 21"
    elif key == "reduced":
        key = "ro 9" if day < _RATES_2025_08 else "ro 11"
    return VATS[key]


class Good(NamedTuple):
    name: str
    unit: str
    price: str
    quantity: tuple[int, int]
    vat: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A seller invoices a buyer every so many months."""

    seller: str
    buyer: str
    goods: tuple[Good, ...]
    every: int = 1
    start: int = 0
    """In which of the `every` months, from 0."""
    day: int = 10
    rows: tuple[int, int] = (1, 1)
    kind: str = ""
    currency: str = ""
    terms: tuple[int, ...] = (30,)
    """Days to each instalment; empty when the document says nothing of payment."""
    means: str = ""
    swing: float = 0.02
    """How far prices move, as a part of one."""
    style: Callable[[Sheet, Random], None] | None = None
    since: int = 0
    """Months before today from which it runs; 0 for as long as the world."""


def draft(plan: Plan, year: int, month: int) -> Sheet:
    """The invoice of a month, without a number. The same plan and month give the same invoice."""
    source = Random(f"{plan.seller}>{plan.buyer}>{plan.day}:{year}-{month:02d}")  # noqa: S311 - invented data
    issued = workday(date(year, month, plan.day))
    seller, buyer = PARTIES[plan.seller], PARTIES[plan.buyer]
    italian = "IT" in (seller.country, buyer.country) and seller.country != "RO"
    count = min(source.randint(*plan.rows), len(plan.goods))
    chosen = sorted(source.sample(range(len(plan.goods)), count))
    sheet = Sheet(
        kind=plan.kind or ("TD01" if italian else "380"),
        issued=issued,
        seller=seller,
        buyer=buyer,
        rows=tuple(make_row(plan.goods[index], issued, source, plan.swing, seller.key) for index in chosen),
        currency=plan.currency or ("EUR" if italian else "RON"),
        means=plan.means or ("MP05" if italian else "30"),
    )
    if sheet.means in {"MP05", "30"}:
        sheet.iban = seller.iban_eur if seller.country == "RO" and sheet.currency == "EUR" else seller.iban
    if sheet.currency == "EUR" and not italian:
        sheet.exchange = rate_of(issued)
    if plan.style is not None:
        plan.style(sheet, source)
    if plan.terms:
        pay(sheet, plan.terms)
    else:
        sheet.means = ""
    return sheet


def workday(day: date) -> date:
    """The same day, or the Friday before a weekend."""
    return day - timedelta(days=max(0, day.weekday() - 4))


def noon(day: date) -> datetime:
    return datetime.combine(day, time(12), tzinfo=UTC)


def rate_of(day: date) -> Decimal:
    """An invented exchange rate, lei per euro, near the real ones."""
    return Decimal("4.9700") + Decimal((day.toordinal() * 37) % 1400) / 10_000


def make_row(good: Good, day: date, source: Random, swing: float, seller: str) -> Row:
    """A line of the good: a quantity within its range, its price give or take `swing`."""
    base = Decimal(good.price)
    price = (base * Decimal(round(1 + source.uniform(-swing, swing), 4))).quantize(base)
    quantity = Decimal(source.randint(*good.quantity))
    if good.unit in {"KG", "KGM", "LT", "LTR"} and quantity > 1:
        quantity += Decimal(source.randint(0, 999)) / 1000
    letters = "".join(letter for letter in seller.upper() if letter.isascii())[:3]
    code = f"{letters}{sum(good.name.encode()) % 9000 + 1000}"
    return row(good.name, quantity, good.unit, price, vat(good.vat, day), code=code)


def pay(sheet: Sheet, terms: tuple[int, ...]) -> None:
    """Split what is payable into instalments; the last takes the cents that remain."""
    payable = sums(sheet).payable
    part = (payable / len(terms)).quantize(ZERO)
    amounts = [part] * (len(terms) - 1)
    amounts.append(payable - sum(amounts, ZERO))
    sheet.instalments = tuple(
        Instalment(amount=amount, due=sheet.issued + timedelta(days=days))
        for amount, days in zip(amounts, terms, strict=True)
    )


# --- what makes kinds of invoices different


def with_deliveries(sheet: Sheet, source: Random) -> None:
    """A deferred invoice over the goods of the month's delivery notes."""
    sheet.kind = "TD24"
    count = min(len(sheet.rows), source.randint(1, 3))
    first = source.randint(100, 900)
    days = sorted(source.sample(range(2, 24), count))
    sheet.deliveries = tuple(
        Reference(number=f"{first + 7 * index}", issued=sheet.issued.replace(day=day)) for index, day in enumerate(days)
    )
    sheet.rows = tuple(line._replace(delivery=index % count + 1) for index, line in enumerate(sheet.rows))


def with_note(sheet: Sheet, source: Random) -> None:
    """A deferred invoice with the first delivery note attached."""
    with_deliveries(sheet, source)
    note = sheet.deliveries[0]
    lines = [f"Mittente: {sheet.seller.full_name}", f"Destinatario: {sheet.buyer.full_name}", ""]
    lines += [f"{line.quantity} {line.unit}  {line.name}" for line in sheet.rows if line.delivery == 1]
    title = f"Documento di trasporto n. {note.number} del {note.issued:%d/%m/%Y}"
    sheet.enclosures = (
        Enclosure(name=f"DDT_{note.number}.pdf", data=pdf.page(title, lines), description="Documento di trasporto"),
    )


def with_period(sheet: Sheet, source: Random) -> None:
    """Consumption of the month before."""
    last = sheet.issued.replace(day=1) - timedelta(days=1)
    sheet.period = (last.replace(day=1), last)


def professional(sheet: Sheet, source: Random) -> None:
    """An architect's fee: 4 % to the fund (Inarcassa), 20 % of the fee withheld by the business that pays."""
    sheet.kind = "TD06"
    sheet.fund = Fund(kind="TC04", percent=Decimal("4.00"), vat=VATS["22"])
    if sheet.buyer.vat:
        sheet.withholding = Withholding(kind="RT01", percent=Decimal("20.00"), cause="A")


def accountant(sheet: Sheet, source: Random) -> None:
    """An accounting firm's fee: 4 % to the fund of its profession, 20 % withheld."""
    sheet.kind = "TD06"
    sheet.fund = Fund(kind="TC02", percent=Decimal("4.00"), vat=VATS["22"])
    if sheet.buyer.regime != "RF19":
        sheet.withholding = Withholding(kind="RT01", percent=Decimal("20.00"), cause="A")


def flat_rate(sheet: Sheet, source: Random) -> None:
    """The flat-rate scheme: no VAT, no tax withheld, a stamp of 2 € over 77,47 €."""
    sheet.notes = (
        (
            "Operazione effettuata ai sensi dell'art. 1, commi da 54 a 89, L. 190/2014: "
            "non soggetta a IVA né a ritenuta d'acconto"
        ),
    )
    if sum((line.net for line in sheet.rows), ZERO) > Decimal("77.47"):
        sheet.stamp = Decimal("2.00")
        sheet.rows += (row("Rimborso imposta di bollo", Decimal("1.00"), "", Decimal("2.00"), VATS["N1"]),)


def public(sheet: Sheet, source: Random) -> None:
    """To a public office: codes of the tender, split payment, signed."""
    letters = "ABCDEF0123456789"
    sheet.orders = (
        Order(
            number=f"DET{source.randint(100, 990)}",
            issued=sheet.issued - timedelta(days=source.randint(40, 90)),
            cig="B" + "".join(source.choices(letters, k=9)),
        ),
    )
    sheet.tags = frozenset({"signed"})


def export(sheet: Sheet, source: Random) -> None:
    sheet.notes = (f"Order HH-{source.randint(2000, 9900)}. Delivery FCA Verona (Incoterms 2020)",)


def reverse(sheet: Sheet, source: Random) -> None:
    """A subcontractor's invoice without VAT: the buyer integrates it."""
    sheet.tags = frozenset({"reverse"})
    sheet.notes = ("Prestazioni rese in subappalto nel cantiere di Via Marconi, Rovigo",)


def from_abroad(sheet: Sheet, source: Random) -> None:
    """A document that the buyer issues to itself over a foreign supplier's invoice."""
    sheet.by_buyer = True
    sheet.iban = ""
    day = sheet.issued - timedelta(days=source.randint(3, 9))
    number = f"{sheet.seller.key[:2].upper()}-{day:%y%m}{source.randint(100, 999)}"
    sheet.refers = (Reference(number=number, issued=day),)


def self_billed(sheet: Sheet, source: Random) -> None:
    sheet.by_buyer = True
    sheet.iban = ""
    sheet.notes = ("Autofactură#Acord de autofacturare nr. 4/2024",)


def with_report(sheet: Sheet, source: Random) -> None:
    """A Romanian invoice with a statement of work attached."""
    hours = [f"{line.quantity} h  {line.name}" for line in sheet.rows]
    data = pdf.page("Statement of work", [f"{sheet.seller.full_name} for {sheet.buyer.full_name}", "", *hours])
    sheet.enclosures = (Enclosure(name="statement-of-work.pdf", data=data, description="Statement of work"),)


def contract(sheet: Sheet, source: Random) -> None:
    sheet.notes = ("Conform contractului cadru în vigoare",)


# --- the goods

_ENERGY = (Good("Energia elettrica, quota consumi F1-F2-F3", "KWH", "0.18740", (900, 1500), "22"),
           Good("Quota fissa, trasporto e oneri di sistema", "MESI", "64.20", (1, 1), "22"))  # fmt: skip
_ENERGY_10 = (Good("Energia elettrica e gas, locali di ristorazione", "KWH", "0.17950", (2100, 3400), "10"),
              Good("Servizi di rete", "MESI", "58.00", (1, 1), "10"))  # fmt: skip
_TELECOM = (Good("Canone fibra e 2 linee mobili", "MESI", "69.90", (1, 1), "22"),
            Good("Traffico extra soglia", "PZ", "4.75", (1, 3), "22"))  # fmt: skip
_HARDWARE = (
    Good("Vite testa svasata zincata 4x40, conf. 500", "CF", "11.80", (10, 60), "22"),
    Good("Tassello nylon 8 mm, conf. 100", "CF", "6.45", (20, 80), "22"),
    Good("Cerniera acciaio inox 100 mm", "PZ", "3.92", (40, 160), "22"),
    Good("Serratura da infilare 35 mm", "PZ", "17.30", (10, 40), "22"),
    Good("Maniglia satinata coppia", "CP", "22.50", (5, 30), "22"),
    Good("Cavo acciaio 4 mm", "MT", "1.18", (100, 400), "22"),
    Good("Nastro isolante nero 19 mm", "PZ", "0.94", (50, 200), "22"),
    Good("Lucchetto ottone 40 mm", "PZ", "7.85", (10, 50), "22"),
)
_TOOLS = (
    Good("Trapano avvitatore 18 V con due batterie", "PZ", "138.00", (2, 8), "22"),
    Good("Smerigliatrice angolare 125 mm", "PZ", "79.50", (2, 8), "22"),
    Good("Set chiavi combinate 26 pezzi", "PZ", "54.90", (3, 12), "22"),
    Good("Livella laser verde a 3 piani", "PZ", "219.00", (1, 4), "22"),
    Good("Disco diamantato 230 mm", "PZ", "28.40", (6, 24), "22"),
)
_BUILDING = (
    Good("Cemento 32,5 R in sacchi da 25 kg", "PZ", "5.20", (80, 240), "22"),
    Good("Rete elettrosaldata 20x20", "PZ", "14.70", (20, 60), "22"),
    Good("Tasselli chimici 300 ml", "PZ", "9.60", (12, 48), "22"),
    Good("Viti per cartongesso, conf. 1000", "CF", "13.10", (6, 24), "22"),
    Good("Profilo guida 50 mm, barra 4 m", "PZ", "4.35", (60, 180), "22"),
    Good("Silicone neutro trasparente 280 ml", "PZ", "3.75", (24, 72), "22"),
)
_FUEL = (Good("Gasolio autotrazione", "LT", "1.3820", (280, 620), "22"),)
_FOOD = (
    Good("Verdure fresche di stagione", "KG", "2.35", (40, 110), "4"),
    Good("Farina tipo 0 macinata a pietra", "KG", "1.12", (50, 120), "4"),
    Good("Carne bovina, tagli misti", "KG", "11.40", (20, 60), "10"),
    Good("Baccalà ammollato", "KG", "14.90", (8, 25), "10"),
    Good("Olio extravergine di oliva, latta 5 l", "PZ", "42.00", (3, 10), "4"),
    Good("Formaggio Asiago stagionato", "KG", "9.80", (6, 20), "4"),
    Good("Tovaglioli e carta alimentare", "CF", "18.50", (2, 8), "22"),
)
_WINE = (
    Good("Garganega 2024, bottiglia 0,75 l", "PZ", "5.60", (24, 96), "22"),
    Good("Tai rosso 2023, bottiglia 0,75 l", "PZ", "6.90", (24, 96), "22"),
    Good("Spumante brut, bottiglia 0,75 l", "PZ", "8.20", (12, 48), "22"),
)
_CLEANING = (
    Good("Detergente pavimenti concentrato, tanica 10 l", "PZ", "23.60", (8, 24), "22"),
    Good("Sapone mani ricarica 5 l", "PZ", "9.80", (10, 40), "22"),
    Good("Carta mani piegata a V, cartone", "CT", "27.90", (10, 40), "22"),
    Good("Guanti nitrile, conf. 100", "CF", "5.15", (20, 60), "22"),
)
_PLASTER = (
    Good("Intonaco premiscelato su pareti interne", "MQ", "13.50", (120, 420), "N6.3"),
    Good("Rasatura a gesso", "MQ", "7.80", (100, 300), "N6.3"),
    Good("Nolo ponteggio mobile", "GG", "45.00", (4, 15), "N6.3"),
)
_PLANTS = (
    Good("Impianto elettrico civile, punti luce", "PZ", "38.00", (30, 90), "N6.3"),
    Good("Quadro elettrico di appartamento", "PZ", "310.00", (1, 4), "N6.3"),
)
_WORKS = (
    Good("Ristrutturazione bagno, opere murarie e finiture", "AC", "4850.00", (1, 2), "10"),
    Good("Rifacimento manto di copertura", "MQ", "68.00", (60, 180), "10"),
    Good("Cappotto termico in EPS 12 cm", "MQ", "74.00", (80, 220), "10"),
    Good("Fornitura serramenti in PVC", "PZ", "420.00", (2, 8), "22"),
)
_ARCHITECT = (
    Good("Progetto architettonico esecutivo", "", "2400.00", (1, 1), "22"),
    Good("Direzione lavori, acconto", "", "1650.00", (1, 1), "22"),
    Good("Pratica edilizia e accatastamento", "", "980.00", (1, 1), "22"),
    Good("Coordinamento della sicurezza", "", "1200.00", (1, 1), "22"),
)
_MEALS = (
    Good("Pranzo di lavoro, menu concordato", "PZ", "27.27", (8, 40), "10"),
    Good("Cena aziendale con degustazione", "PZ", "40.91", (10, 45), "10"),
)
_SCHOOL = (
    Good("Servizio di pulizia ordinaria dei locali", "MESI", "3860.00", (1, 1), "22 split"),
    Good("Sanificazione straordinaria", "PZ", "240.00", (1, 4), "22 split"),
    Good("Fornitura materiale igienico", "CT", "31.40", (5, 20), "22 split"),
)
_GRAPHICS = (
    Good("Progetto grafico e impaginazione", "", "720.00", (1, 1), "N2.2"),
    Good("Illustrazione di copertina", "", "380.00", (1, 1), "N2.2"),
    Good("Menu stagionale, grafica e stampa", "", "210.00", (1, 1), "N2.2"),
    Good("Ritocco fotografico", "PZ", "18.00", (5, 30), "N2.2"),
)
_RO_VEGETABLES = (
    Good("Cartofi albi calibrați", "KGM", "2.10", (400, 1500), "reduced"),
    Good("Roșii românești categoria I", "KGM", "6.80", (100, 420), "reduced"),
    Good("Ceapă galbenă", "KGM", "2.45", (200, 800), "reduced"),
    Good("Mere Jonathan", "KGM", "3.60", (200, 900), "reduced"),
    Good("Lăzi din lemn refolosibile", "H87", "9.50", (10, 60), "standard"),
)
_RO_PRESERVES = (
    Good("Zacuscă de vinete 300 g", "H87", "8.90", (60, 240), "reduced"),
    Good("Dulceață de vișine 350 g", "H87", "11.40", (40, 160), "reduced"),
    Good("Murături asortate 680 g", "H87", "9.70", (60, 200), "reduced"),
    Good("Detergent vase 5 l", "H87", "32.50", (6, 30), "standard"),
)
_RO_ENERGY = (Good("Energie electrică activă", "KWH", "0.8840", (700, 1900), "standard"),
              Good("Tarif de distribuție și servicii de sistem", "MON", "118.00", (1, 1), "standard"))  # fmt: skip
_RO_TELECOM = (Good("Abonament internet și telefonie", "MON", "96.00", (1, 1), "standard"),)
_RO_DIESEL = (Good("Motorină standard 5", "LTR", "6.1200", (900, 2600), "standard"),
              Good("AdBlue vrac", "LTR", "2.4000", (40, 160), "standard"))  # fmt: skip
_RO_LEASE = (Good("Rată leasing operațional cap tractor", "MON", "1480.00", (1, 1), "standard"),
             Good("Servicii de întreținere incluse", "MON", "165.00", (1, 1), "standard"))  # fmt: skip
_RO_OFFICE = (Good("Chirie birou etaj 2, 86 mp", "MON", "5400.00", (1, 1), "standard"),
              Good("Cheltuieli comune", "MON", "860.00", (1, 1), "standard"))  # fmt: skip
_RO_WOOD = (
    Good("Cherestea rășinoase uscată", "MTQ", "1150.00", (2, 8), "AE"),
    Good("Cherestea stejar", "MTQ", "3400.00", (1, 3), "AE"),
)
_RO_PAINT = (
    Good("Lac pe bază de apă 10 l", "H87", "245.00", (2, 8), "standard"),
    Good("Bandă abrazivă, set 10", "H87", "58.00", (3, 12), "standard"),
)
_RO_FURNITURE = (
    Good("Masă din stejar masiv 180 cm", "H87", "2350.00", (1, 4), "O"),
    Good("Scaun din fag lăcuit", "H87", "390.00", (4, 20), "O"),
    Good("Raft modular", "H87", "640.00", (2, 8), "O"),
    Good("Montaj la beneficiar", "HUR", "75.00", (4, 16), "O"),
)
_RO_FREIGHT = (
    Good("Transport rutier Cluj-Napoca – Linz, 24 t", "H87", "1420.00", (1, 4), "AE"),
    Good("Transport rutier Linz – Cluj-Napoca, 24 t", "H87", "1290.00", (1, 4), "AE"),
)
_RO_LOCAL_FREIGHT = (
    Good("Transport intern refrigerat", "KMT", "6.40", (180, 620), "standard"),
    Good("Așteptare la descărcare", "HUR", "85.00", (1, 6), "standard"),
)
_RO_SOFTWARE = (
    Good("Software development, senior", "HUR", "52.00", (60, 168), "AE"),
    Good("Software development, junior", "HUR", "34.00", (60, 168), "AE"),
    Good("Quality assurance", "HUR", "31.00", (20, 80), "AE"),
    Good("Project coordination", "HUR", "48.00", (10, 40), "AE"),
)
_RO_SOFTWARE_US = tuple(good._replace(vat="E") for good in _RO_SOFTWARE)
_RO_LAPTOPS = (Good("Laptop 14 inch, 32 GB RAM", "H87", "6200.00", (4, 7), "AE"),)
_RO_PERIPHERALS = (
    Good("Monitor 27 inch", "H87", "1150.00", (1, 4), "standard"),
    Good("Cablu USB-C 2 m", "H87", "49.00", (2, 10), "standard"),
)
_RO_SCRAP = (
    Good("Deșeuri feroase", "TNE", "1450.00", (3, 9), "AE"),
    Good("Deșeuri de cupru", "KGM", "31.00", (40, 120), "AE"),
)
_RO_FARM = (Good("Prune de masă, piață locală", "KGM", "4.20", (150, 500), "O"),)

PLANS = (
    # Ferramenta Scaligeri, a shop
    Plan(seller="energia", buyer="ferramenta", goods=_ENERGY, rows=(2, 2), day=8, terms=(20,), style=with_period),
    Plan(seller="minuteria", buyer="ferramenta", goods=_HARDWARE, every=2, rows=(3, 6), day=27, terms=(30, 60, 90),
         means="MP12", style=with_deliveries),
    Plan(seller="utensili", buyer="ferramenta", goods=_TOOLS, every=3, rows=(2, 4), day=18, terms=(30, 60)),
    Plan(seller="immobiliare", buyer="ferramenta", every=3, start=1, day=2, terms=(10,),
         goods=(Good("Canone di locazione trimestrale, negozio e magazzino", "", "4950.00", (1, 1), "22"),), swing=0),
    Plan(seller="telefonica", buyer="ferramenta", goods=_TELECOM, every=2, start=1, rows=(1, 2), day=12, terms=(18,),
         means="MP19"),
    Plan(seller="ferramenta", buyer="adigetto", goods=_BUILDING, every=2, rows=(2, 5), day=28, terms=(30, 60),
         means="MP12", style=with_note),
    Plan(seller="ferramenta", buyer="condomini", goods=_HARDWARE, every=3, start=2, rows=(1, 3), day=20, terms=(30,)),
    Plan(seller="ferramenta", buyer="falegnameria", goods=_HARDWARE, every=3, rows=(2, 4), day=24, terms=(30, 60),
         means="MP12"),
    Plan(seller="ferramenta", buyer="harbor", every=8, start=3, day=16, rows=(2, 3), currency="USD", terms=(60,),
         goods=tuple(good._replace(vat="N3.1") for good in _HARDWARE), style=export),
    Plan(seller="studio", buyer="ferramenta", every=6, start=2, day=15, terms=(15,), style=accountant, swing=0,
         goods=(Good("Tenuta contabilità e adempimenti, semestre", "", "1380.00", (1, 1), "22"),)),
    # Elena Marchetti, an architect
    Plan(seller="telefonica", buyer="marchetti", goods=_TELECOM[:1], every=2, day=12, terms=(18,), means="MP19"),
    Plan(seller="celtic", buyer="marchetti", every=3, start=1, day=9, kind="TD17", terms=(), style=from_abroad,
         goods=(Good("CAD subscription, quarter", "", "486.00", (1, 1), "22"),)),
    Plan(seller="marchetti", buyer="adigetto", goods=_ARCHITECT, every=3, rows=(1, 2), day=22, style=professional),
    Plan(seller="marchetti", buyer="condomini", goods=_ARCHITECT, every=4, start=1, day=14, style=professional),
    Plan(seller="marchetti", buyer="privato", goods=_ARCHITECT, every=6, start=4, day=6, style=professional),
    Plan(seller="marchetti", buyer="agriturismo", goods=_ARCHITECT, every=6, start=1, rows=(1, 2), day=26,
         style=professional, terms=(30, 90)),
    Plan(seller="immobiliare", buyer="marchetti", every=3, day=2, terms=(10,), swing=0,
         goods=(Good("Canone di locazione trimestrale, studio", "", "1950.00", (1, 1), "22"),)),
    # Costruzioni Adigetto, a builder
    Plan(seller="carburanti", buyer="adigetto", goods=_FUEL, every=2, day=28, terms=(15,), means="MP19"),
    Plan(seller="intonaci", buyer="adigetto", goods=_PLASTER, every=3, rows=(1, 3), day=19, terms=(60,), style=reverse),
    Plan(seller="impianti", buyer="adigetto", goods=_PLANTS, every=4, start=1, rows=(1, 2), day=11, terms=(60,),
         style=reverse),
    Plan(seller="adigetto", buyer="privato", goods=_WORKS, every=4, start=2, rows=(1, 2), day=21, terms=(10, 40)),
    Plan(seller="adigetto", buyer="condomini", goods=_WORKS, every=3, start=1, rows=(1, 2), day=17, terms=(30, 60, 90)),
    Plan(seller="adigetto", buyer="comune", every=6, start=5, day=25, style=public,
         goods=(Good("Manutenzione straordinaria marciapiedi, SAL", "", "14200.00", (1, 1), "22 split"),)),
    # Osteria del Ponte Rosso, a restaurant
    Plan(seller="alimentari", buyer="osteria", goods=_FOOD, rows=(3, 6), day=27, terms=(30,), style=with_deliveries),
    Plan(seller="cantina", buyer="osteria", goods=_WINE, every=3, rows=(2, 3), day=16, terms=(30,)),
    Plan(seller="energia", buyer="osteria", goods=_ENERGY_10, every=2, rows=(2, 2), day=9, terms=(20,),
         style=with_period),
    Plan(seller="carburanti", buyer="osteria", every=4, start=1, day=14, kind="TD07", terms=(),
         goods=(Good("Gasolio autotrazione", "LT", "1.3900", (30, 60), "22"),)),
    Plan(seller="kuechen", buyer="osteria", every=9, start=5, day=20, kind="TD18", terms=(), style=from_abroad,
         goods=(Good("Abbattitore di temperatura 5 teglie", "PZ", "2180.00", (1, 1), "22"),)),
    Plan(seller="osteria", buyer="editrice", goods=_MEALS, every=4, start=1, day=19, terms=(15,)),
    Plan(seller="osteria", buyer="condomini", goods=_MEALS, every=6, start=5, rows=(1, 2), day=13, terms=(15,)),
    # Lucenti Servizi, a supplier of public offices
    Plan(seller="detergenti", buyer="lucenti", goods=_CLEANING, every=2, rows=(2, 4), day=23, terms=(30, 60),
         means="MP12"),
    Plan(seller="noleggio", buyer="lucenti", every=2, day=4, terms=(20,), means="MP19", swing=0,
         goods=(Good("Noleggio a lungo termine 2 furgoni", "MESI", "890.00", (1, 1), "22"),)),
    Plan(seller="lucenti", buyer="istituto", goods=_SCHOOL, every=2, rows=(1, 3), day=28, style=public),
    Plan(seller="lucenti", buyer="azienda", goods=_SCHOOL, every=3, start=2, rows=(1, 2), day=26, style=public),
    Plan(seller="lucenti", buyer="editrice", every=4, day=24,
         goods=(Good("Pulizia uffici, quadrimestre", "", "1120.00", (1, 1), "22"),)),
    # Davide Ferri, a designer under the flat-rate scheme
    Plan(seller="ferri", buyer="editrice", goods=_GRAPHICS, every=2, rows=(1, 2), day=21, style=flat_rate),
    Plan(seller="ferri", buyer="osteria", goods=_GRAPHICS[2:], every=4, start=3, day=10, style=flat_rate, since=14),
    Plan(seller="telefonica", buyer="ferri", goods=_TELECOM[:1], every=2, start=1, day=12, terms=(18,), means="MP19"),
    Plan(seller="wolke", buyer="ferri", every=6, start=1, day=5, kind="TD17", terms=(), style=from_abroad,
         goods=(Good("Cloud hosting, half year", "", "96.00", (1, 1), "22"),)),
    # Depozit Verde, a trader
    Plan(seller="legume", buyer="verde", goods=_RO_VEGETABLES, rows=(2, 4), day=9, terms=(15,)),
    Plan(seller="conserve", buyer="verde", goods=_RO_PRESERVES, every=3, rows=(2, 4), day=16, terms=(30,)),
    Plan(seller="someselectric", buyer="verde", goods=_RO_ENERGY, every=2, rows=(2, 2), day=11, terms=(15,),
         style=with_period),
    Plan(seller="feleac", buyer="verde", goods=_RO_LOCAL_FREIGHT, every=3, start=1, rows=(1, 2), day=25, terms=(30,)),
    Plan(seller="verde", buyer="magazin", goods=_RO_VEGETABLES + _RO_PRESERVES, every=2, rows=(3, 6), day=14,
         terms=(20,)),
    Plan(seller="verde", buyer="hotel", goods=_RO_VEGETABLES + _RO_PRESERVES, every=3, start=2, rows=(2, 5), day=22,
         terms=(15,)),
    Plan(seller="verde", buyer="reciclare", goods=_RO_SCRAP, every=8, start=4, rows=(1, 2), day=18, terms=(10,)),
    Plan(seller="producator", buyer="verde", goods=_RO_FARM, every=6, start=2, day=27, kind="389", terms=(5,),
         means="10", style=self_billed),
    # Atelier Lemn Apuseni, who does not pay VAT
    Plan(seller="ardealnet", buyer="lemn", goods=_RO_TELECOM, every=2, day=5, terms=(20,), swing=0),
    Plan(seller="cherestea", buyer="lemn", every=3, rows=(1, 2), day=12, terms=(30,),
         goods=tuple(good._replace(vat="standard") for good in _RO_WOOD)),
    Plan(seller="magazin", buyer="lemn", goods=_RO_PAINT, every=6, start=3, rows=(1, 2), day=20, terms=(15,)),
    Plan(seller="lemn", buyer="cafenea", goods=_RO_FURNITURE, every=3, start=1, rows=(1, 3), day=17, terms=(15,)),
    Plan(seller="lemn", buyer="hotel", goods=_RO_FURNITURE, every=6, start=4, rows=(2, 4), day=9, terms=(15, 45)),
    Plan(seller="lemn", buyer="pixel", goods=_RO_FURNITURE, every=8, start=6, rows=(2, 3), day=23, terms=(15,)),
    # Trans Feleac, a haulier that invoices in euro
    Plan(seller="petrol", buyer="feleac", goods=_RO_DIESEL, rows=(1, 2), day=15, terms=(15,)),
    Plan(seller="leasing", buyer="feleac", goods=_RO_LEASE, every=2, rows=(2, 2), day=3, currency="EUR", terms=(12,),
         style=contract, swing=0),
    Plan(seller="feleac", buyer="spedition", goods=_RO_FREIGHT, every=2, start=1, rows=(1, 2), day=26, currency="EUR",
         terms=(45,)),
    Plan(seller="feleac", buyer="conserve", goods=_RO_LOCAL_FREIGHT, every=3, rows=(1, 2), day=19, terms=(30,)),
    Plan(seller="feleac", buyer="leasing", every=12, start=7, day=10, currency="EUR", terms=(15,),
         goods=(Good("Transport și depozitare cap tractor", "H87", "740.00", (1, 1), "standard"),)),
    # Nord Pixel Software, who exports
    Plan(seller="birouri", buyer="pixel", goods=_RO_OFFICE, rows=(2, 2), day=4, terms=(10,), swing=0),
    Plan(seller="electronice", buyer="pixel", goods=_RO_LAPTOPS, every=10, start=4, day=13, terms=(15,)),
    Plan(seller="electronice", buyer="pixel", goods=_RO_PERIPHERALS, every=5, start=2, rows=(1, 2), day=20,
         terms=(15,)),
    Plan(seller="pixel", buyer="messtechnik", goods=_RO_SOFTWARE, rows=(2, 4), day=28, currency="EUR", terms=(30,),
         style=with_report),
    Plan(seller="pixel", buyer="celtic", goods=_RO_SOFTWARE, every=3, start=2, rows=(1, 3), day=27, currency="EUR",
         terms=(30,)),
    Plan(seller="pixel", buyer="harbor", goods=_RO_SOFTWARE_US, every=4, rows=(1, 2), day=24, currency="EUR",
         terms=(45,)),
    # new relations of the last two months, so that there is something to decide
    Plan(seller="falegnameria", buyer="ferramenta", day=13, terms=(30,), since=2,
         goods=(Good("Scaffalature in abete su misura", "MT", "118.00", (3, 9), "22"),)),
    Plan(seller="noleggio", buyer="ferramenta", day=19, terms=(20,), since=2,
         goods=(Good("Noleggio carrello elevatore", "MESI", "310.00", (1, 1), "22"),)),
    Plan(seller="detergenti", buyer="ferramenta", goods=_CLEANING, rows=(1, 2), day=24, terms=(30,), since=2),
    Plan(seller="editrice", buyer="marchetti", day=17, terms=(15,), since=2,
         goods=(Good("Stampa tavole e relazioni", "PZ", "9.40", (12, 40), "22"),)),
    Plan(seller="energia", buyer="marchetti", goods=_ENERGY, rows=(2, 2), day=11, terms=(20,), since=2),
    Plan(seller="noleggio", buyer="adigetto", day=16, terms=(30,), since=2,
         goods=(Good("Nolo miniescavatore 18 q", "GG", "145.00", (3, 12), "22"),)),
    Plan(seller="minuteria", buyer="adigetto", goods=_BUILDING, rows=(2, 4), day=20, terms=(30, 60), means="MP12",
         style=with_deliveries, since=2),
    Plan(seller="detergenti", buyer="osteria", goods=_CLEANING, rows=(1, 3), day=18, terms=(30,), since=2),
    Plan(seller="agriturismo", buyer="osteria", day=12, terms=(15,), since=2,
         goods=(Good("Formaggi di capra", "KG", "16.80", (4, 14), "10"),
                Good("Miele di acacia", "KG", "9.20", (3, 9), "10"))),
    Plan(seller="energia", buyer="lucenti", goods=_ENERGY, rows=(2, 2), day=10, terms=(20,), since=2),
    Plan(seller="carburanti", buyer="lucenti", goods=_FUEL, day=17, terms=(15,), means="MP19", since=2),
    Plan(seller="noleggio", buyer="ferri", day=14, terms=(20,), since=2,
         goods=(Good("Noleggio plotter da stampa", "MESI", "95.00", (1, 1), "22"),)),
    Plan(seller="petrol", buyer="verde", goods=_RO_DIESEL[:1], day=18, terms=(15,), since=2),
    Plan(seller="ardealnet", buyer="verde", goods=_RO_TELECOM, day=12, terms=(20,), since=2),
    Plan(seller="someselectric", buyer="lemn", goods=_RO_ENERGY, rows=(2, 2), day=13, terms=(15,), since=2),
    Plan(seller="petrol", buyer="lemn", goods=_RO_DIESEL[:1], day=19, terms=(15,), since=2),
    Plan(seller="ardealnet", buyer="feleac", goods=_RO_TELECOM, day=11, terms=(20,), since=2),
    Plan(seller="electronice", buyer="feleac", goods=_RO_PERIPHERALS, rows=(1, 2), day=17, terms=(15,), since=2),
    Plan(seller="hotel", buyer="pixel", day=18, terms=(10,), since=2,
         goods=(Good("Servicii de cazare", "DAY", "290.00", (2, 9), "reduced"),)),
    Plan(seller="ardealnet", buyer="pixel", goods=_RO_TELECOM, day=10, terms=(20,), since=2),
)  # fmt: skip
