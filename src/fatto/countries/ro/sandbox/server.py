"""The stand-in over HTTP: ANAF's paths, and answers in ANAF's words, typos included."""

from __future__ import annotations

import base64
import binascii
import contextlib
import html
import re
import socket
import sys
import uuid
from datetime import datetime
from email.parser import BytesParser
from email.policy import HTTP
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import msgspec

from fatto.channels import http
from fatto.channels.channel import ChannelError
from fatto.countries.ro import signature
from fatto.countries.ro.answers import HERE
from fatto.countries.ro.sandbox import papers
from fatto.countries.ro.sandbox.world import KEEPS, Person, World
from fatto.errors import FattoError
from fatto.formats.xml import local, namespace, parse

MOST = 11 * http.MB
_LABELS = {
    "E": ("ERORI FACTURA",),
    "T": ("FACTURA TRIMISA",),
    "P": ("FACTURA PRIMITA",),
    "R": ("MESAJ CUMPARATOR PRIMIT", "MESAJ CUMPARATOR TRANSMIS"),
}
_ROOTS = {"UBL": "Invoice", "CN": "CreditNote", "CII": "CrossIndustryInvoice", "RASP": "header"}
_FIREWALL = (
    "<html><head><title>Request Rejected</title></head><body>The requested URL was rejected. Please consult with your"
    " administrator.<br><br>Your support ID is: {number}<br><br><a href='javascript:history.back();'>[Go Back]</a>"
    "</body></html>"
)


class Server(ThreadingHTTPServer):
    """One thread a connection."""

    daemon_threads = True
    request_queue_size = 128
    disable_nagle_algorithm = True

    def __init__(self, address: tuple[str, int], world: World, client_id: str, client_secret: str) -> None:
        super().__init__(address, Handler)
        self.world = world
        self.client_id, self.client_secret = client_id, client_secret
        self.open_connections: set[socket.socket] = set()
        self.troubles: list[BaseException | None] = []

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no trouble; anything else stands in `troubles` for tests to see."""
        error = sys.exc_info()[1]
        if not isinstance(error, ConnectionError | TimeoutError):
            self.troubles.append(error)


class Dropped(Exception):
    """The connection ends without an answer."""


class Handler(BaseHTTPRequestHandler):
    """One request."""

    server: Server
    protocol_version = "HTTP/1.1"
    server_version = "training"
    sys_version = ""
    timeout = 60
    wbufsize = -1
    disable_nagle_algorithm = True

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002  # the standard library's name
        """Nothing: tokens would stand there."""

    def date_time_string(self, timestamp: float | None = None) -> str:
        return formatdate(self.world.clock() if timestamp is None else timestamp, usegmt=True)

    @property
    def world(self) -> World:
        return self.server.world

    def setup(self) -> None:
        super().setup()
        self.server.open_connections.add(self.connection)

    def finish(self) -> None:
        self.server.open_connections.discard(self.connection)
        with contextlib.suppress(OSError):
            super().finish()

    def do_GET(self) -> None:
        self._serve("GET")

    def do_POST(self) -> None:
        self._serve("POST")

    def _serve(self, method: str) -> None:
        length = self.headers.get("Content-Length", "0")
        self.body = b""
        if length.isdecimal() and int(length) <= MOST + http.MB:
            self.body = self.rfile.read(int(length))
        else:
            self.close_connection = True
        parts = urlsplit(self.path)
        self.query = {name: values[0] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        try:
            self._route(method, parts.path.rstrip("/"))
        except Dropped:
            self.close_connection = True
            with contextlib.suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)

    def _route(self, method: str, path: str) -> None:
        if path == "":
            return self._page("ANAF", "<p>This server plays ANAF for training. It passes nothing on to anybody.</p>")
        auth = re.fullmatch(r"(?:/anaf-oauth2/v1)/(authorize|choose|token)", path)
        if auth:
            return {"authorize": self._authorize, "choose": self._choose, "token": self._token}[auth[1]]()
        if path == "/api/validate/signature":
            return self._confirm()
        service = re.fullmatch(r"/(?:prod|test)/FCTEL/rest/(\w+)(/.*)?", path)
        if service:
            name, rest = service[1], service[2] or ""
            calls = {
                "upload": self._upload,
                "uploadb2c": self._upload,
                "stareMesaj": self._state,
                "listaMesajeFactura": self._list,
                "listaMesajePaginatieFactura": self._pages,
                "descarcare": self._download,
            }
            if name in ("validare", "transformare"):
                return self._tool(name, rest)
            if name in calls and not rest and method == ("POST" if name.startswith("upload") else "GET"):
                return calls[name]()
        return self._json(
            {
                "timestamp": datetime.fromtimestamp(self.world.clock(), HERE).isoformat(),
                "status": 404,
                "error": "Not Found",
                "path": path,
            },
            404,
        )

    # Answers

    def _send(self, status: int, kind: str, body: bytes, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def _json(self, data: object, status: int = 200) -> None:
        self._send(status, "application/json", msgspec.json.encode(data))

    def _xml(self, body: bytes) -> None:
        self._send(200, "application/xml", body)

    def _error(self, text: str, title: str = "Lista Mesaje") -> None:
        self._json({"eroare": text, "titlu": title})

    def _missing(self, text: str) -> None:
        at = datetime.fromtimestamp(self.world.clock(), HERE).strftime("%d-%m-%Y %H:%M:%S")
        self._json({"timestamp": at, "status": 400, "error": "Bad Request", "message": text}, 400)

    def _stumbles(self, call: str) -> str:
        """Count the call and have go wrong what is due; gives a fault that the call itself must see to, or `done`."""
        world = self.world
        if world.over("minute", "", world.caps.minute, 60.0):
            self._send(429, "text/plain", b"Too Many Requests", Retry_After="1")
            return "done"
        fault = world.fault(call)
        if fault == "dropped":
            raise Dropped
        if fault == "server_error":
            self._send(503, "text/html", b"<html><body><h1>503 Service Unavailable</h1></body></html>")
            return "done"
        if fault == "html_page":
            self._send(200, "text/html", _FIREWALL.format(number=world.next_number()).encode())
            return "done"
        if fault == "forbidden":
            self._send(403, "text/plain", b"Forbidden")
            return "done"
        if fault == "too_many":
            self._send(429, "text/plain", b"Too Many Requests", Retry_After="1")
            return "done"
        if fault == "expired_token":
            world.expire(self._bearer())
            return ""
        return fault

    # Logging in

    def _authorize(self) -> None:
        trouble = self._wrong_request()
        if trouble:
            return self._page("ANAF", f"<p>{html.escape(trouble)}</p>", 400)
        query = {name: self.query.get(name, "") for name in ("client_id", "redirect_uri", "state")}
        rows = ""
        for person in self.world.state.people.values():
            link = html.escape("choose?" + urlencode({**query, "person": person.serial}))
            companies = ", ".join(person.companies[:6]) + (" …" if len(person.companies) > 6 else "")
            rows += (
                f'<li><a href="{link}"><strong>{html.escape(person.name)}</strong><br>'
                f"certificate {html.escape(person.serial)}, CIF {html.escape(companies or 'none')}</a></li>"
            )
        none = html.escape("choose?" + urlencode({**query, "person": ""}))
        return self._page(
            "ANAF",
            "<p>Nothing here is real: no certificate is needed and nothing is sent to anybody."
            " Choose with whose certificate to log in.</p>"
            f'<ul>{rows}<li><a href="{none}">No certificate, or no permission</a></li></ul>',
        )

    def _choose(self) -> None:
        trouble = self._wrong_request()
        if trouble:
            return self._page("ANAF", f"<p>{html.escape(trouble)}</p>", 400)
        back = self.query["redirect_uri"]
        serial = self.query.get("person", "")
        said = {"state": self.query["state"]} if self.query.get("state") else {}
        if serial in self.world.state.people:
            said["code"] = self.world.code(serial, back)
        else:
            said |= {"error": "access_denied", "error_description": "No certificate."}
        joined = "&" if urlsplit(back).query else "?"
        return self._send(302, "text/plain", b"", Location=f"{back}{joined}{urlencode(said)}")

    def _wrong_request(self) -> str:
        if self.query.get("client_id") != self.server.client_id:
            return "There is no such client_id here."
        back = self.query.get("redirect_uri", "")
        try:
            http.check(back.split("?")[0])
        except ChannelError:
            return "redirect_uri must begin with https://, or be on this machine."
        return "" if back.isprintable() else "redirect_uri is no address."

    def _token(self) -> None:
        stumbled = self._stumbles("token")
        if stumbled == "done":
            return None
        given = self.headers.get("Authorization", "")
        wanted = f"{self.server.client_id}:{self.server.client_secret}"
        try:
            right = given.startswith("Basic ") and base64.b64decode(given[6:], validate=True).decode() == wanted
        except (binascii.Error, UnicodeDecodeError):
            right = False
        if not right:
            return self._json({"error": "invalid_client", "error_description": "Client authentication failed."}, 400)
        form = {name: values[0] for name, values in parse_qs(self.body.decode("utf-8", "replace")).items()}
        if form.get("grant_type") == "authorization_code":
            tokens = self.world.exchange(form.get("code", ""), form.get("redirect_uri", ""))
        elif form.get("grant_type") == "refresh_token":
            tokens = self.world.renew(form.get("refresh_token", ""))
        else:
            return self._json({"error": "invalid_request", "error_description": "grant_type"}, 400)
        if tokens is None:
            return self._json({"error": "invalid_grant", "error_description": "The code or token has ended."}, 400)
        if stumbled == "lost":
            raise Dropped
        return self._json(tokens)

    def _bearer(self) -> str:
        return self.headers.get("Authorization", "").removeprefix("Bearer ").strip()

    def _person(self) -> Person | None:
        """Who asks; answers 401 or 403 itself when nobody that is known does."""
        person = self.world.who(self._bearer())
        if person is None:
            self._send(401 if self._bearer().count(".") == 2 else 403, "text/plain", b"")
        return person

    # Sending

    def _upload(self) -> None:
        stumbled = self._stumbles("upload")
        if stumbled == "done":
            return None
        person = self._person()
        if person is None:
            return None
        at = datetime.fromtimestamp(self.world.clock(), HERE).strftime("%Y%m%d%H%M")
        standard, cif = self.query.get("standard"), self.query.get("cif")
        if not standard or not cif:
            return self._missing("Parametrii standard si cif sunt obligatorii")
        if not self.body:
            return self._missing("Trebuie sa aveti atasat in request un fisier de tip xml")
        options = [name for name in ("extern", "autofactura", "executare") if name in self.query]
        error = ""
        if stumbled == "technical":
            error = "A aparut o eroare tehnica. Cod: 1814"
        elif standard not in _ROOTS:
            error = "Valorile acceptate pentru parametrul standard sunt UBL, CN, CII sau RASP"
        elif not cif.isdecimal():
            error = f"CIF introdus= {cif} nu este un numar"
        elif len(self.body) > 10 * http.MB:
            error = "Marime fisier transmis mai mare de 10 MB."
        elif wrong := [name for name in options if self.query[name] != "DA"]:
            name = "autofacturare" if wrong[0] == "autofactura" else wrong[0]
            error = f"Daca parametrul {name} trebuie completat, valoarea acceptata este DA"
        elif not person.companies:
            error = "Nu exista niciun CIF pentru care sa aveti drept in SPV"
        elif cif not in person.companies:
            error = f"Nu aveti drept in SPV pentru CIF={cif}"
        elif standard == "RASP" and self.world.over("rasp", cif, self.world.caps.rasp):
            error = f"S-au incarcat deja {self.world.caps.rasp} de mesaje de tip RASP pentru cui={cif} in cursul zile"
        else:
            error = _not_valid(self.body, standard)
        if error:
            return self._xml(papers.upload_answer(at, error=error))
        upload = self.world.upload(person, cif, standard, self.body, options)
        if stumbled == "lost_upload":
            raise Dropped
        return self._xml(papers.upload_answer(at, reference=upload.reference))

    def _state(self) -> None:
        if self._stumbles("stareMesaj") == "done":
            return None
        person = self._person()
        if person is None:
            return None
        index = self.query.get("id_incarcare", "")
        if not index:
            return self._missing("Parametrul id_incarcare este obligatoriu")
        self.world.settle()
        upload = self.world.state.uploads.get(index)
        if not index.isdecimal():
            return self._xml(papers.state_answer(error=f"Id_incarcare introdus= {index} nu este un numar intreg"))
        if not person.companies:
            return self._xml(papers.state_answer(error="Nu exista niciun CIF petru care sa aveti drept"))
        if upload is None:
            return self._xml(papers.state_answer(error=f"Nu exista factura cu id_incarcare= {index}"))
        if upload.cif not in person.companies:
            error = f"Nu aveti dreptul de inteorgare pentru id_incarcare= {index}"
            return self._xml(papers.state_answer(error=error))
        if self.world.over("states", index, self.world.caps.states):
            error = f"S-au facut deja {self.world.caps.states} descarcari de mesaj in cursul zilei"
            return self._xml(papers.state_answer(error=error))
        return self._xml(papers.state_answer(state=upload.state, message=upload.message))

    # Lists

    def _list(self) -> None:
        if self._stumbles("lista") == "done":
            return None
        person = self._person()
        if person is None:
            return None
        days, cif = self.query.get("zile", ""), self.query.get("cif", "")
        if not days or not cif:
            return self._missing("Parametrii zile si cif sunt obligatorii")
        if not days.isdecimal():
            return self._error(f"Numarul de zile introdus= {days} nu este un numar intreg")
        if not 1 <= int(days) <= 60:
            return self._error("Numarul de zile trebuie sa fie intre 1 si 60")
        if not cif.isdecimal():
            return self._error(f"CIF introdus= {cif} nu este un numar")
        refused = self._refused(person, cif, "lists", self.world.caps.lists)
        if refused:
            return self._error(refused)
        now = self.world.clock()
        found = self.world.listed(cif, now - int(days) * 86400, now, _LABELS.get(self.query.get("filtru", ""), ()))
        if not found:
            return self._error(f"Nu exista mesaje in ultimele {days} zile")
        if len(found) > self.world.caps.per_page:
            return self._error(
                "Lista de mesaje este mai mare decat numarul de 500 elemente permise in pagina."
                " Folositi endpoint-ul cu paginatie."
            )
        title = f"Lista Mesaje disponibile din ultimele {days} zile"
        entries = [each.entry() for each in found]
        return self._json({"mesaje": entries, "serial": person.serial, "cui": cif, "titlu": title})

    def _pages(self) -> None:
        stumbled = self._stumbles("listaPaginatie")
        if stumbled == "done":
            return None
        person = self._person()
        if person is None:
            return None
        world = self.world
        given = {name: self.query.get(name, "") for name in ("startTime", "endTime", "pagina")}
        cif = self.query.get("cif", "")
        if not cif or not all(given.values()):
            return self._missing("Parametrii startTime, endTime, cif si pagina sunt obligatorii")
        for name, value in (*given.items(), ("CIF", cif)):
            if not value.isdecimal():
                what = "CIF introdus=" if name == "CIF" else f"{name} ="
                return self._error(f"{what} {value} nu este un numar sau nu are o valoare acceptata de sistem")
        start, end, number = int(given["startTime"]) / 1000, int(given["endTime"]) / 1000, int(given["pagina"])
        now = world.clock()
        if start < now - KEEPS:
            return self._error(
                f"startTime = {_wall(start)} nu poate fi mai vechi de 60 de zile fata de momentul requestului"
                f" = {_wall(now)}"
            )
        if end > now:
            return self._error(f"endTime = {_wall(end)} nu poate in viitor fata de momentul requestului = {_wall(now)}")
        if end <= start:
            return self._error(f"endTime = {_wall(end)} nu poate fi <= startTime = {_wall(start)}")
        refused = self._refused(person, cif, "pages", world.caps.pages)
        if refused:
            return self._error(refused)
        if stumbled == "empty_page":
            return self._error("Nu exista mesaje in intervalul selectat")
        if number > 1 and world.draws(world.faults.moving):
            for _each in range(3):
                world.invent(cif, end - 1, 0)
        found = world.listed(cif, start, end, _LABELS.get(self.query.get("filtru", ""), ()))
        size = world.caps.per_page
        pages = -(-len(found) // size)
        if not found:
            return self._error("Nu exista mesaje in intervalul selectat")
        if number > pages or number < 1:
            return self._error(f"Pagina solicitata {number} este mai mare decat numarul toatal de pagini {pages}")
        here = found[(number - 1) * size : number * size]
        entries = [each.entry() for each in here]
        if world.draws(world.faults.duplicated):
            entries += entries[: max(1, len(entries) // 10)]
        if world.draws(world.faults.reordered):
            with world.lock:
                world.chance.shuffle(entries)
        totals = {"numar_total_inregistrari": len(found), "numar_total_pagini": pages}
        return self._json(
            {
                "mesaje": entries,
                "numar_inregistrari_in_pagina": len(here),
                "numar_total_inregistrari_per_pagina": size,
                **({} if stumbled == "no_totals" else totals),
                "index_pagina_curenta": pages,  # as unreliable as it is at ANAF
                "serial": person.serial,
                "cui": cif,
                "titlu": f"Lista Mesaje disponibile din intervalul {_wall(start)} - {_wall(end)}",
            }
        )

    def _refused(self, person: Person, cif: str, name: str, most: int | None) -> str:
        if self.query.get("filtru", "E") not in _LABELS:
            return "Valorile acceptate pentru parametrul filtru sunt E, T, P sau R"
        if not person.companies:
            return "Nu exista niciun CIF pentru care sa aveti drept in SPV"
        if cif not in person.companies:
            return f"Nu aveti drept in SPV pentru CIF={cif}"
        if self.world.over(name, cif, most):
            return f"S-au facut deja {most} interogari de lista mesaje de catre utilizator in cursul zilei"
        return ""

    # Fetching

    def _download(self) -> None:
        stumbled = self._stumbles("descarcare")
        if stumbled == "done":
            return None
        person = self._person()
        if person is None:
            return None
        title = "Descarcare mesaj"
        ident = self.query.get("id", "")
        if not ident:
            return self._missing("Parametrul id este obligatoriu")
        if not ident.isdecimal():
            return self._error(f"Id descarcare introdus= {ident} nu este un numar intreg", title)
        stored = self.world.message(ident)
        if stored is None:
            return self._error(f"Pentru id={ident} nu exista inregistrata nici o factura", title)
        if stored.cif not in person.companies:
            return self._error("Nu aveti dreptul sa descarcati acesta factura", title)
        if stored.at + KEEPS < self.world.clock():
            return self._error(
                "Fisierul nu mai poate fi descarcat pentru ca a trecut perioada de 60 de zile in care este disponibil",
                title,
            )
        most = self.world.caps.downloads
        if self.world.over("downloads", ident, most):
            return self._error(
                f"S-au facut deja {most} descarcari la mesajul cu id_descarcare={ident} in cursul zilei", title
            )
        data = self.world.zip(stored)
        return self._send(200, "application/zip", data[: len(data) // 2] if stumbled == "truncated" else data)

    # Without a login

    def _tool(self, name: str, rest: str) -> None:
        stumbled = self._stumbles(name)
        if stumbled == "done":
            return None
        trace = str(uuid.UUID(int=self.world.next_number()))

        def nok(*texts: str) -> None:
            self._json({"stare": "nok", "Messages": [{"message": each} for each in texts], "trace_id": trace})

        standard = re.fullmatch(r"/(FACT1|FCN)(/DA)?", rest)
        if stumbled == "technical":
            return nok("A aparut o eroare tehnica. Cod: XXX")
        if not rest:
            return self._json({"status": 404, "error": "Not Found", "path": f"/FCTEL/rest/{name}/"}, 404)
        if standard is None:
            return nok("Valorile acceptate pentru parametrul standard sunt FACT1 si FCN")
        if len(self.body) > 5 * http.MB:
            return nok("Marime fisier transmis mai mare de 5 MB.")
        texts = [] if standard[2] else list(self.world.judge(self.body) if self.world.judge else ())
        invalid = _not_valid(self.body, "UBL" if standard[1] == "FACT1" else "CN")
        if invalid or texts:
            return nok(*([invalid] if invalid else texts))
        if name == "transformare":
            return self._send(200, "application/pdf", papers.pdf("RO e-Factura"))
        return self._json({"stare": "ok", "trace_id": trace})

    def _confirm(self) -> None:
        if self._stumbles("signature") == "done":
            return None
        head = f"Content-Type: {self.headers.get('Content-Type', '')}\r\n\r\n".encode()
        parts: dict[str, bytes] = {}
        for part in BytesParser(policy=HTTP).parsebytes(head + self.body).iter_parts():
            name = part.get_param("name", header="content-disposition")
            content = part.get_payload(decode=True)
            if isinstance(name, str) and isinstance(content, bytes):
                parts[name] = content
        if not parts.get("file") or not parts.get("signature"):
            text = (
                "Eroare tehnică: request incorect. Cauza: cel puțin unul din documente NU a fost încărcat sau NU este"
                " un fisier de tip XML specific facturii electronice."
            )
            return self._json({"msg": text}, 400)
        found = signature.verify(parts["file"], parts["signature"], [self.world.sealer.pem])
        good = found.verdict == "valid" and found.certificate == "pinned"
        verb = "au fost validate cu succes" if good else "NU au putut fi validate cu succes"
        return self._json(
            {
                "msg": f"Fișierele încărcate {verb}, din perspectiva autenticității semnăturii aplicate și a"
                " apartenenței acesteia la XML-ul ce reprezintă factura electronică."
            }
        )

    # Pages

    def _page(self, title: str, inside: str, status: int = 200) -> None:
        page = (
            '<!doctype html><html lang="en"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width"><title>TRAINING</title><style>'
            "body{margin:0;font:18px/1.5 system-ui,sans-serif;color:#1c1917;background:#fff7ed}"
            "header{background:repeating-linear-gradient(45deg,#9a3412,#9a3412 24px,#7c2d12 24px,#7c2d12 48px);"
            "color:#fff;padding:24px;text-align:center;font-size:34px;font-weight:800;letter-spacing:.08em}"
            "main{max-width:40rem;margin:2rem auto;padding:0 1rem}ul{list-style:none;padding:0}"
            "li a{display:block;margin:.75rem 0;padding:1rem;border:2px solid #9a3412;border-radius:10px;"
            "background:#fff;color:inherit;text-decoration:none}li a:hover,li a:focus{background:#ffedd5}"
            "</style></head><body><header>INSTRUIRE · TRAINING</header>"
            f"<main><h1>This is not {html.escape(title)}</h1>{inside}</main></body></html>"
        )
        self._send(status, "text/html; charset=utf-8", page.encode())


def _wall(at: float) -> str:
    return datetime.fromtimestamp(at, HERE).strftime("%d-%m-%Y %H:%M:%S")


def _not_valid(data: bytes, standard: str) -> str:
    """What ANAF says of a file that is no XML of the kind."""
    try:
        root, _findings = parse(data)
    except FattoError:
        detail = "Content is not allowed in prolog."
    else:
        right = local(root) == _ROOTS[standard]
        if right and (standard != "RASP" or namespace(root) == "mfp:anaf:dgti:spv:reqMesaj:v1"):
            return ""
        detail = f"cvc-elt.1.a: Cannot find the declaration of element '{local(root)}'. "
    return "Fisierul transmis nu este valid. org.xml.sax.SAXParseException; lineNumber: 1; columnNumber: 1; " + detail
