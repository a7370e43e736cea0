"""Who lives in the demo world: two firms, their ten companies, the people, and whom the companies trade with.

All of it is invented. Tax numbers and accounts have right check digits and follow from the party's key.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date

from fatto.portal.demo import identifiers
from fatto.portal.demo.sheet import NO_NUMBER, Party

PASSWORD = "fatto-demo-2026"  # noqa: S105 - shown on the console to whoever starts the demo
_OFFICES = {"VR": "023", "VI": "024", "PD": "028", "RO": "029", "VE": "027", "TN": "022", "MI": "015", "BO": "120"}


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoCompany:
    """A company that a firm serves."""

    key: str
    party: Party
    gate: str
    since: int = 24
    """Months that the firm has served it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoFirm:
    key: str
    name: str
    country: str
    language: str
    tax: str
    """Tax code under which the firm transmits."""
    companies: tuple[DemoCompany, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoPerson:
    """Who can log in. `roles`: (role, firm's or company's key); `assigned`: companies of an accountant."""

    email: str
    name: str
    language: str
    roles: tuple[tuple[str, str], ...]
    assigned: tuple[str, ...] = ()


def _code(key: str, length: int = 7) -> str:
    """An SDI recipient code."""
    letters = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"
    return "".join(random.Random(f"{key}:office").choices(letters, k=length))  # noqa: S311 - invented data


def _italian(
    key: str,
    name: str,
    street: str,
    house: str,
    post_code: str,
    city: str,
    province: str,
    *,
    capital: str = "10000.00",
    email: str = "",
    regime: str = "RF01",
) -> Party:
    """A business of several people; its tax code is its VAT number."""
    vat = identifiers.partita_iva(key, _OFFICES[province])
    rea = random.Random(f"{key}:rea").randint(190_000, 460_000)  # noqa: S311 - invented data
    return Party(
        key=key,
        name=name,
        vat=vat,
        tax=vat,
        street=street,
        house=house,
        post_code=post_code,
        city=city,
        province=province,
        regime=regime,
        register=f"{province}-{rea}",
        capital=capital,
        email=email,
        phone=f"045{rea}",
        office=_code(key),
        iban=identifiers.italian_iban(key),
    )


def _professional(
    key: str,
    first_name: str,
    last_name: str,
    born: date,
    place: str,
    street: str,
    house: str,
    post_code: str,
    city: str,
    province: str,
    *,
    woman: bool,
    regime: str = "RF01",
    business: bool = True,
) -> Party:
    """A person with a VAT number of their own, or a private person."""
    return Party(
        key=key,
        first_name=first_name,
        last_name=last_name,
        vat=identifiers.partita_iva(key, _OFFICES[province]) if business else "",
        tax=identifiers.codice_fiscale(first_name, last_name, born, place=place, woman=woman),
        street=street,
        house=house,
        post_code=post_code,
        city=city,
        province=province,
        regime=regime,
        office=_code(key) if business else "",
        iban=identifiers.italian_iban(key),
    )


def _public(key: str, name: str, street: str, house: str, post_code: str, city: str, province: str) -> Party:
    """A public office: six characters of recipient code, a tax code, no VAT number."""
    return Party(
        key=key,
        name=name,
        tax=identifiers.partita_iva(key, _OFFICES[province]),
        street=street,
        house=house,
        post_code=post_code,
        city=city,
        province=province,
        office=_code(key, 6),
    )


def _romanian(
    key: str,
    name: str,
    street: str,
    post_code: str,
    city: str,
    county: str,
    *,
    vat: bool = True,
    year: int = 2014,
    email: str = "",
) -> Party:
    code = identifiers.cui(key)
    number = random.Random(f"{key}:reg").randint(100, 4200)  # noqa: S311 - invented data
    register = {"RO-CJ": 12, "RO-B": 40, "RO-TM": 35, "RO-BV": 8, "RO-AB": 1, "RO-BH": 5, "RO-MS": 26, "RO-IF": 23}
    return Party(
        key=key,
        name=name,
        country="RO",
        vat=code if vat else "",
        tax="" if vat else code,
        street=street,
        post_code=post_code,
        city=city,
        province=county,
        register=f"Capital social 200 lei; J{register[county]}/{number}/{year}",
        email=email,
        iban=identifiers.romanian_iban(key),
        iban_eur=identifiers.romanian_iban(key, "EUR"),
    )


def _foreign(
    key: str,
    name: str,
    country: str,
    vat: str,
    street: str,
    post_code: str,
    city: str,
    iban: str = "",
    tax: str = "",
) -> Party:
    return Party(
        key=key,
        name=name,
        country=country,
        vat=vat,
        tax=tax,
        street=street,
        post_code=post_code,
        city=city,
        regime="RF18",
        iban=iban,
    )


_ELENA = date(1979, 4, 12)
_DAVIDE = date(1991, 9, 3)

_PARTIES = (
    # the companies of the Italian firm
    _italian("ferramenta", "Ferramenta Scaligeri S.r.l.", "Via dell'Artigianato", "14", "37135", "Verona", "VR",
             email="amministrazione@ferramenta-scaligeri.example"),
    _professional("marchetti", "Elena", "Marchetti", _ELENA, "L781", "Corso Cavour", "31", "37121", "Verona", "VR",
                  woman=True),
    _italian("adigetto", "Costruzioni Adigetto S.r.l.", "Viale dell'Industria", "7/B", "45100", "Rovigo", "RO",
             capital="50000.00", email="contabilita@costruzioni-adigetto.example"),
    _italian("osteria", "Osteria del Ponte Rosso S.n.c. di Benetti L. & C.", "Contrà San Biagio", "3", "36100",
             "Vicenza", "VI", capital="", email="osteria@ponterosso.example"),
    _italian("lucenti", "Lucenti Servizi S.r.l.", "Via Pascoli", "22", "35131", "Padova", "PD",
             capital="20000.00", email="gare@lucenti-servizi.example"),
    _professional("ferri", "Davide", "Ferri", _DAVIDE, "G224", "Via Altinate", "58", "35121", "Padova", "PD",
                  woman=False, regime="RF19"),
    # Italian trading partners
    _italian("energia", "Energia Lessinia S.p.A.", "Via Monte Baldo", "2", "37131", "Verona", "VR",
             capital="3000000.00"),
    _italian("telefonica", "Rete Veneta Telecomunicazioni S.p.A.", "Viale della Stazione", "90", "35129", "Padova",
             "PD", capital="12000000.00"),
    _italian("minuteria", "Minuteria Meccanica Brenta S.r.l.", "Via Chiesanuova", "118", "35136", "Padova", "PD"),
    _italian("utensili", "Utensileria Novaldi S.p.A.", "Via Lombardia", "40", "37060", "Castel d'Azzano", "VR",
             capital="500000.00"),
    _italian("immobiliare", "Immobiliare Porta Vescovo S.r.l.", "Via XX Settembre", "9", "37129", "Verona", "VR"),
    _italian("carburanti", "Carburanti Polesine S.r.l.", "Strada Statale 16", "211", "45100", "Rovigo", "RO"),
    _italian("intonaci", "Intonaci Fratelli Baratto S.n.c.", "Via Umberto I", "5", "45011", "Adria", "RO", capital=""),
    _italian("impianti", "Zorzan Impianti S.r.l.", "Via Einaudi", "16", "45030", "Villamarzana", "RO"),
    _italian("alimentari", "Ortofrutta e Alimentari Berici S.r.l.", "Via del Mercato Nuovo", "60", "36100", "Vicenza",
             "VI"),
    _italian("cantina", "Cantina Colle Sereno Soc. Agr. a r.l.", "Via Fontane", "1", "36021", "Barbarano Mossano",
             "VI"),
    _italian("detergenti", "Igienpadova Forniture S.r.l.", "Via Svizzera", "33", "35127", "Padova", "PD"),
    _italian("noleggio", "Noleggi Euganei S.p.A.", "Corso Spagna", "8", "35127", "Padova", "PD",
             capital="1500000.00"),
    _italian("studio", "Studio Brentani e Associati", "Via Roma", "12", "37121", "Verona", "VR", capital=""),
    _italian("condomini", "Amministrazioni Condominiali Arena S.a.s.", "Via Leoncino", "20", "37121", "Verona", "VR",
             capital=""),
    _italian("falegnameria", "Falegnameria Dal Bosco S.n.c.", "Via Casotti", "4", "37030", "Selva di Progno", "VR",
             capital=""),
    _italian("agriturismo", "Agriturismo Le Risorgive S.S.", "Via Bosco", "11", "37066", "Sommacampagna", "VR",
             capital=""),
    _italian("editrice", "Edizioni Quattro Fontane S.r.l.", "Via Savonarola", "77", "35137", "Padova", "PD"),
    _italian("altrove", "Serramenti Collina S.r.l.", "Via Trento", "6", "38068", "Rovereto", "TN"),
    _professional("privato", "Giovanni", "Rossetto", date(1958, 1, 20), "H620", "Via Sacro Cuore", "15", "45100",
                  "Rovigo", "RO", woman=False, business=False),
    _public("comune", "Comune di Vigodarsego", "Piazza del Municipio", "1", "35010", "Vigodarsego", "PD"),
    _public("istituto", "Istituto Comprensivo Statale G. Pascoli", "Via Scuole", "10", "35030", "Rubanello", "PD"),
    _public("azienda", "Azienda Servizi alla Persona Villa Serena", "Via Ospedale", "5", "35042", "Montebaldo", "PD"),
    # partners abroad
    _foreign("kuechen", "Nordküche Gastrotechnik GmbH", "DE", identifiers.german("kuechen"), "Industriestrasse 17",
             "86150", "Augsburg", identifiers.other_iban("kuechen", "DE")),
    _foreign("wolke", "Wolkenwerk Hosting GmbH", "AT", identifiers.austrian_uid("wolke"), "Seegasse 8", "6020",
             "Innsbruck", identifiers.other_iban("wolke", "AT")),
    _foreign("celtic", "Greenharp Software Ltd", "IE", identifiers.irish_vat("celtic"), "12 Harbour Row", "D02 X285",
             "Dublin"),
    _foreign("harbor", "Harborline Hardware Inc.", "US", NO_NUMBER, "480 Dock Street", "04101", "Portland ME",
             tax="84-3391027"),
    _foreign("spedition", "Donauspedition Lechner GmbH", "AT", identifiers.austrian_uid("spedition"), "Hafenstrasse 21",
             "4020", "Linz", identifiers.other_iban("spedition", "AT")),
    _foreign("messtechnik", "Isar Messtechnik GmbH", "DE", identifiers.german("messtechnik"), "Lindenallee 5", "80331",
             "München", identifiers.other_iban("messtechnik", "DE")),
    # the companies of the Romanian firm
    _romanian("verde", "DEPOZIT VERDE SRL", "Str. Fabricii nr. 118", "400632", "Cluj-Napoca", "RO-CJ",
              email="facturi@depozit-verde.example"),
    _romanian("lemn", "ATELIER LEMN APUSENI SRL", "Str. Principală nr. 44", "407430", "Huedin", "RO-CJ", vat=False,
              year=2021),
    _romanian("feleac", "TRANS FELEAC LOGISTIC SRL", "Calea Turzii nr. 210", "400495", "Cluj-Napoca", "RO-CJ",
              email="dispecerat@trans-feleac.example"),
    _romanian("pixel", "NORD PIXEL SOFTWARE SRL", "Str. Observatorului nr. 7", "400363", "Cluj-Napoca", "RO-CJ",
              year=2018, email="billing@nord-pixel.example"),
    # Romanian trading partners
    _romanian("someselectric", "SOMEȘ ELECTRIC FURNIZARE SA", "Bd. Muncii nr. 14", "400641", "Cluj-Napoca", "RO-CJ"),
    _romanian("ardealnet", "ARDEAL NET COMUNICAȚII SRL", "Str. Republicii nr. 60", "400015", "Cluj-Napoca", "RO-CJ"),
    _romanian("legume", "LEGUME PROASPETE CÂMPIA SRL", "Str. Gării nr. 3", "405100", "Câmpia Turzii", "RO-CJ"),
    _romanian("conserve", "CONSERVE BĂNĂȚENE SA", "Calea Șagului nr. 88", "300514", "Timișoara", "RO-TM"),
    _romanian("petrol", "PETROL TRANSILVAN DISTRIBUȚIE SA", "Str. Lungă nr. 190", "500051", "Brașov", "RO-BV"),
    _romanian("leasing", "LEASING CARPATIC IFN SA", "Bd. Unirii nr. 27, bl. 5", "030823", "SECTOR3", "RO-B"),
    _romanian("birouri", "BIROURI CENTRAL PARK SRL", "Str. Ploiești nr. 39", "400157", "Cluj-Napoca", "RO-CJ"),
    _romanian("cherestea", "CHERESTEA MUNTELE MARE SRL", "Sat Valea Ierii nr. 75", "407590", "Valea Ierii", "RO-CJ"),
    _romanian("electronice", "ELECTRONICE DIRECT SRL", "Șos. Vergului nr. 10", "022448", "SECTOR2", "RO-B"),
    _romanian("reciclare", "RECICLARE METALE BIHOR SRL", "Str. Uzinelor nr. 5", "410605", "Oradea", "RO-BH"),
    _romanian("magazin", "MAGAZINELE LA COLȚ SRL", "Str. Horea nr. 21", "400174", "Cluj-Napoca", "RO-CJ"),
    _romanian("hotel", "PENSIUNEA DEALUL ALBASTRU SRL", "Str. Viilor nr. 9", "510003", "Alba Iulia", "RO-AB"),
    _romanian("cafenea", "CAFENEAUA VECHE SRL", "Piața Mică nr. 4", "540026", "Târgu Mureș", "RO-MS"),
    _romanian("producator", "FERMA LIVADA DE SUS II", "Sat Livada nr. 30", "407405", "Iclod", "RO-CJ", vat=False,
              year=2022),
    _romanian("somarta", "SOMARTA CONTABILITATE SRL", "Str. Memorandumului nr. 12", "400114", "Cluj-Napoca", "RO-CJ"),
    _romanian("strain", "MOBILIER PUNCT ROȘU SRL", "Str. Zorilor nr. 2", "077190", "Voluntari", "RO-IF"),
)  # fmt: skip
PARTIES = {party.key: party for party in _PARTIES}

BRENTANI = DemoFirm(
    key="studio-brentani",
    name="Studio Brentani e Associati",
    country="IT",
    language="it",
    tax=PARTIES["studio"].tax,
    companies=(
        DemoCompany(key="ferramenta-scaligeri", party=PARTIES["ferramenta"], gate="soft"),
        DemoCompany(key="elena-marchetti", party=PARTIES["marchetti"], gate="none"),
        DemoCompany(key="costruzioni-adigetto", party=PARTIES["adigetto"], gate="soft"),
        DemoCompany(key="osteria-ponte-rosso", party=PARTIES["osteria"], gate="soft"),
        DemoCompany(key="lucenti-servizi", party=PARTIES["lucenti"], gate="hard"),
        DemoCompany(key="davide-ferri", party=PARTIES["ferri"], gate="soft", since=14),
    ),
)
SOMARTA = DemoFirm(
    key="somarta",
    name="Somarta Contabilitate SRL",
    country="RO",
    language="ro",
    tax=PARTIES["somarta"].vat,
    companies=(
        DemoCompany(key="depozit-verde", party=PARTIES["verde"], gate="hard"),
        DemoCompany(key="atelier-lemn", party=PARTIES["lemn"], gate="hard"),
        DemoCompany(key="trans-feleac", party=PARTIES["feleac"], gate="hard"),
        DemoCompany(key="nord-pixel", party=PARTIES["pixel"], gate="hard", since=18),
    ),
)
FIRMS = (BRENTANI, SOMARTA)
FIRM_OF = {company.key: firm for firm in FIRMS for company in firm.companies}
COMPANY_OF = {company.party.key: company for firm in FIRMS for company in firm.companies}

PEOPLE = (
    DemoPerson(email="giulia@studio-brentani.example", name="Giulia Brentani", language="it",
               roles=(("firm_owner", "studio-brentani"),)),
    DemoPerson(email="marco@studio-brentani.example", name="Marco Zanella", language="it",
               roles=(("accountant", "studio-brentani"),),
               assigned=("ferramenta-scaligeri", "costruzioni-adigetto", "osteria-ponte-rosso")),
    DemoPerson(email="chiara@studio-brentani.example", name="Chiara Lovato", language="it",
               roles=(("assistant", "studio-brentani"),),
               assigned=("elena-marchetti", "lucenti-servizi", "davide-ferri")),
    DemoPerson(email="paolo@ferramenta-scaligeri.example", name="Paolo Scaligeri", language="it",
               roles=(("owner", "ferramenta-scaligeri"),)),
    DemoPerson(email="luca@ferramenta-scaligeri.example", name="Luca Tosi", language="it",
               roles=(("employee", "ferramenta-scaligeri"),)),
    DemoPerson(email="elena@studiomarchetti.example", name="Elena Marchetti", language="it",
               roles=(("owner", "elena-marchetti"),)),
    DemoPerson(email="antonio@costruzioni-adigetto.example", name="Antonio Furlan", language="it",
               roles=(("owner", "costruzioni-adigetto"),)),
    DemoPerson(email="sara@costruzioni-adigetto.example", name="Sara Furlan", language="it",
               roles=(("approver", "costruzioni-adigetto"),)),
    DemoPerson(email="lucia@ponterosso.example", name="Lucia Benetti", language="it",
               roles=(("owner", "osteria-ponte-rosso"),)),
    DemoPerson(email="roberto@lucenti-servizi.example", name="Roberto Carraro", language="it",
               roles=(("owner", "lucenti-servizi"),)),
    DemoPerson(email="daniela@lucenti-servizi.example", name="Daniela Pavan", language="it",
               roles=(("in_house", "lucenti-servizi"),)),
    DemoPerson(email="davide@davideferri.example", name="Davide Ferri", language="it",
               roles=(("owner", "davide-ferri"),)),
    DemoPerson(email="ioana@somarta.example", name="Ioana Someșan", language="ro",
               roles=(("firm_owner", "somarta"),)),
    DemoPerson(email="radu@somarta.example", name="Radu Pop", language="ro", roles=(("accountant", "somarta"),),
               assigned=("depozit-verde", "atelier-lemn", "trans-feleac", "nord-pixel")),
    DemoPerson(email="mihai@depozit-verde.example", name="Mihai Ardelean", language="ro",
               roles=(("owner", "depozit-verde"),)),
    DemoPerson(email="vasile@atelier-lemn.example", name="Vasile Crișan", language="ro",
               roles=(("owner", "atelier-lemn"),)),
    DemoPerson(email="andreea@trans-feleac.example", name="Andreea Moldovan", language="ro",
               roles=(("owner", "trans-feleac"), ("approver", "depozit-verde"))),
    DemoPerson(email="tudor@nord-pixel.example", name="Tudor Bălan", language="ro", roles=(("owner", "nord-pixel"),)),
    DemoPerson(email="emma@northbay-capital.example", name="Emma Clarke", language="en",
               roles=(("auditor", "nord-pixel"),)),
)  # fmt: skip
