"""What an administrator may set: one table of environment variables, read and checked at start.

Each field of `Config` is a row: its variable, its default, what it means, and how its text is read. The table in
docs/operations.md is compared with this one by a test.
"""

from __future__ import annotations

import contextlib
import dataclasses
import difflib
import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, unquote, urlsplit

if TYPE_CHECKING:
    from fatto.channels.channel import Setting

PREFIX = "FATTO_"
PUSH = "FATTO_PUSH_"
"""Settings of `fatto push`, which may run on the same machine."""


class WrongSetting(Exception):
    """One or more variables cannot be used; the message has a line for each, with what would be right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A setting as the table shows it."""

    variable: str
    default: str  # as a person reads it
    meaning: str
    secret: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Email:
    """How letters leave: `smtp`, or the folder where they are put as files."""

    kind: str = "folder"
    host: str = ""
    port: int = 0
    user: str = ""
    password: str = dataclasses.field(default="", repr=False)
    encryption: str = ""  # "", "tls" (STARTTLS) or "ssl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """Where letters to the portal are fetched, over IMAP."""

    host: str
    port: int
    user: str
    password: str = dataclasses.field(repr=False)
    folder: str = "INBOX"
    encryption: str = "ssl"  # "ssl" or "tls" (STARTTLS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """A store that speaks S3."""

    name: str
    prefix: str = ""
    endpoint: str | None = None
    region: str | None = None


# -- reading one text ------------------------------------------------------------------------------
# Each reader takes the text of a variable and gives its value, or raises ValueError with what would be right.


class _Unfit(ValueError):
    """A value that looks right and is not: what is needed, and what is wrong."""

    def __init__(self, right: str, wrong: str) -> None:
        super().__init__(right)
        self.wrong = wrong


def _text(value: str) -> str:
    return value


def _folder(value: str) -> Path:
    return Path(value).expanduser().absolute()


def _number(low: int, high: int) -> Callable[[str], int]:
    def read(value: str) -> int:
        if not value.isascii() or not value.isdigit() or not low <= int(value) <= high:
            raise ValueError(f"a whole number from {low} to {high}")
        return int(value)

    return read


def _yes(value: str) -> bool:
    if value.lower() in ("yes", "true", "1", "on"):
        return True
    if value.lower() in ("no", "false", "0", "off"):
        return False
    raise ValueError("yes or no")


def _one_of(*words: str) -> Callable[[str], str]:
    def read(value: str) -> str:
        if value.lower() not in words:
            raise ValueError(f"one of {', '.join(words)}")
        return value.lower()

    return read


def _hosts(value: str) -> tuple[str, ...]:
    hosts = tuple(host.strip().lower() for host in value.split(",") if host.strip())
    if not hosts or any("/" in host or ":" in host or " " in host for host in hosts):
        raise ValueError("host names without scheme and port, separated by commas, for example fatto.example.org")
    return hosts


def _address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path.strip("/") or parts.query:
        raise ValueError("a web address without a path, for example https://fatto.example.org")
    return f"{parts.scheme}://{parts.netloc}"


def _secret_key(value: str) -> str:
    if len(value) < 40:
        raise ValueError("at least 40 random characters")
    return value


def _certificates(value: str) -> Path:
    path, right = _folder(value), "a PEM file with certificates"
    try:
        data = path.read_bytes()
    except OSError as error:
        raise _Unfit(right, f"it cannot be read ({error.strerror or error})") from None
    begin = b"-----BEGIN CERTIFICATE-----"
    blocks = data.split(begin)[1:]
    if not blocks:
        raise _Unfit(right, "there is no certificate in it")
    from cryptography import x509

    for number, block in enumerate(blocks, 1):
        which = f"certificate {number} of {len(blocks)} in it"
        if b"-----END CERTIFICATE-----" not in block:
            raise _Unfit(right, f"{which} is cut off: its end is missing")
        try:
            x509.load_pem_x509_certificate(begin + block)
        except ValueError:
            raise _Unfit(right, f"{which} is damaged and cannot be read") from None
    return path


def _token(value: str) -> str:
    if len(value) < 16:
        raise ValueError("at least 16 random characters")
    return value


def _database(value: str) -> dict[str, Any]:
    right = "an address like postgresql://fatto:PASSWORD@db.example.org:5432/fatto"
    if urlsplit(value).scheme not in ("postgresql", "postgres"):
        raise ValueError(right)
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    try:
        found = conninfo_to_dict(value)
    except ProgrammingError:
        raise ValueError(right) from None
    if not found.get("dbname"):
        raise ValueError(f"{right}; the name of the database is missing")
    return dict(found)


def _email(value: str) -> Email:
    parts = urlsplit(value)
    kinds = {"smtp": ("", 25), "smtp+tls": ("tls", 587), "smtps": ("ssl", 465)}
    if parts.scheme == "folder" and not parts.netloc and not parts.path:
        return Email()
    if parts.scheme not in kinds or not parts.hostname:
        raise ValueError("smtp://HOST, smtp+tls://USER:PASSWORD@HOST:587, smtps://USER:PASSWORD@HOST:465, or folder:")
    encryption, port = kinds[parts.scheme]
    return Email(
        kind="smtp",
        host=parts.hostname,
        port=parts.port or port,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        encryption=encryption,
    )


def _domain(value: str) -> str:
    found = value.strip().lower().lstrip("@")
    labels = found.split(".")
    good = len(labels) > 1 and len(found) <= 200 and found.isascii()
    if not good or not all(label and label.replace("-", "").isalnum() for label in labels):
        raise ValueError("the part of an e-mail address after the @, for example in.fatto.example.org")
    return found


def _mailbox(value: str) -> Mailbox:
    parts = urlsplit(value)
    kinds = {"imaps": ("ssl", 993), "imap+tls": ("tls", 143)}
    if parts.scheme not in kinds or not parts.hostname or not parts.username or not parts.password:
        raise ValueError("imaps://USER:PASSWORD@HOST:993/FOLDER or imap+tls://USER:PASSWORD@HOST:143/FOLDER")
    encryption, port = kinds[parts.scheme]
    folder = unquote(parts.path.strip("/")) or "INBOX"
    user, password = unquote(parts.username), unquote(parts.password)
    if any(ord(char) < 32 for char in folder + user + password):
        raise ValueError("a mailbox without control characters")
    return Mailbox(
        host=parts.hostname, port=parts.port or port, user=user, password=password, folder=folder, encryption=encryption
    )


def _sender(value: str) -> str:
    from email.utils import parseaddr

    if "@" not in parseaddr(value)[1] or "\n" in value:
        raise ValueError("an e-mail address, for example Fatto <fatto@example.org>")
    return value


def _bucket(value: str) -> Bucket:
    parts = urlsplit(value)
    query = parse_qs(parts.query)
    if parts.scheme != "s3" or not parts.netloc or set(query) - {"endpoint", "region"}:
        raise ValueError("s3://BUCKET/PREFIX, with ?endpoint=https://…&region=… if needed")
    return Bucket(
        name=parts.netloc,
        prefix=parts.path.strip("/"),
        endpoint=query.get("endpoint", [None])[0],
        region=query.get("region", [None])[0],
    )


# -- the table -------------------------------------------------------------------------------------


def _row(
    variable: str,
    read: Callable[[str], Any],
    meaning: str,
    *,
    default: str | None = None,
    absent: str = "",
    secret: bool = False,
) -> Any:
    """A row of the table. `default` is read like any text; without one the value is None, explained by `absent`."""
    shown = default if default is not None else absent
    row = Row(variable=variable, default=shown, meaning=meaning, secret=secret)
    return dataclasses.field(metadata={"row": row, "read": read, "default": default}, repr=not secret)


@dataclass(frozen=True, kw_only=True)
class Config:
    """Every setting, read. Names of variables stand beside."""

    data: Path = _row(
        "FATTO_DATA",
        _folder,
        "The folder for everything that must be kept: the embedded database, the files, keys.",
        default="./data",
    )
    url: str | None = _row(
        "FATTO_URL",
        _address,
        "The address people type. With https, cookies are sent over https only and browsers are told to stay on it.",
        absent="http://localhost and the port",
    )
    hosts: tuple[str, ...] | None = _row(
        "FATTO_HOSTS",
        _hosts,
        "The host names the portal answers to, separated by commas.",
        absent="the host of FATTO_URL, localhost",
    )
    bind: str = _row(
        "FATTO_BIND",
        _text,
        "The network address to listen on. Behind a proxy on the same machine leave it.",
        default="127.0.0.1",
    )
    port: int = _row("FATTO_PORT", _number(1, 65535), "The port to listen on.", default="8000")
    workers: int | None = _row(
        "FATTO_WORKERS", _number(1, 64), "How many web processes.", absent="one for each processor, at most 4"
    )
    threads: int = _row(
        "FATTO_THREADS", _number(1, 64), "How many requests each web process answers at a time.", default="8"
    )
    upload_mb: int = _row(
        "FATTO_UPLOAD_MB", _number(16, 100_000), "How many MB of files may be added at once.", default="4096"
    )
    jobs: int = _row("FATTO_JOBS", _number(1, 32), "How many jobs each worker process does at a time.", default="2")
    database: dict[str, Any] | None = _row(
        "DATABASE_URL",
        _database,
        "A PostgreSQL server of your own (16 or newer).",
        absent="the embedded server in FATTO_DATA",
        secret=True,
    )
    backup_database: dict[str, Any] | None = _row(
        "FATTO_BACKUP_DATABASE_URL",
        _database,
        "The same database under a role that may read past row security; only `fatto backup` uses it.",
        absent="none",
        secret=True,
    )
    secret_key: str | None = _row(
        "FATTO_SECRET_KEY",
        _secret_key,
        "Signs sessions and links, seals secrets. Must be the same on all machines that share one DATABASE_URL.",
        absent="made once and kept in FATTO_DATA",
        secret=True,
    )
    files: Bucket | None = _row(
        "FATTO_FILES_URL",
        _bucket,
        "Where files are kept: s3://BUCKET/PREFIX?endpoint=https://…&region=….",
        absent="the folder files in FATTO_DATA",
    )
    s3_key: str | None = _row(
        "FATTO_S3_KEY", _text, "The access key for FATTO_FILES_URL.", absent="what the machine provides", secret=True
    )
    s3_secret: str | None = _row(
        "FATTO_S3_SECRET",
        _text,
        "The secret that belongs to FATTO_S3_KEY.",
        absent="what the machine provides",
        secret=True,
    )
    email: Email = _row(
        "FATTO_EMAIL_URL",
        _email,
        "How e-mail leaves: smtp://, smtp+tls:// or smtps://USER:PASSWORD@HOST:PORT. "
        "`folder:` writes letters into FATTO_DATA/mail instead.",
        default="folder:",
        secret=True,
    )
    email_from: str = _row(
        "FATTO_EMAIL_FROM", _sender, "The sender of the portal's e-mail.", default="Fatto <fatto@localhost>"
    )
    mail_in_domain: str | None = _row(
        "FATTO_MAIL_IN_DOMAIN",
        _domain,
        "The domain whose addresses all reach the portal: letters can be answered by mail, and each company has an "
        "address to which documents are sent.",
        absent="no mail is taken",
    )
    mail_in_imap: Mailbox | None = _row(
        "FATTO_MAIL_IN_IMAP_URL",
        _mailbox,
        "Where the mail for that domain waits: imaps://USER:PASSWORD@HOST:993/FOLDER, or imap+tls://. "
        "Looked into every minute.",
        absent="mail comes by `fatto mail-in`",
        secret=True,
    )
    api_rate: int = _row(
        "FATTO_API_RATE", _number(1, 100_000), "How many requests a minute each API token may make.", default="600"
    )
    api_megabytes: int = _row(
        "FATTO_API_MEGABYTES", _number(1, 10_000), "The largest file, in MB, that the API takes.", default="500"
    )
    webhooks_inside: bool = _row(
        "FATTO_WEBHOOKS_INSIDE",
        _yes,
        "Whether webhooks may go to addresses of your own network, and without https.",
        default="no",
    )
    sync_hours: int = _row(
        "FATTO_SYNC_HOURS",
        _number(1, 48),
        "How often, in hours, the boxes of companies at their authorities are looked into.",
        default="4",
    )
    seal_certificates: Path | None = _row(
        "FATTO_SEAL_CERTIFICATES",
        _certificates,
        "A PEM file with certificates that count as an authority's own when its seals are verified, beside those "
        "that Fatto knows.",
        absent="those that Fatto knows",
    )
    training: bool = _row(
        "FATTO_TRAINING",
        _yes,
        "Whether the authorities' addresses lead to stand-ins for training, so that pages say loudly that nothing is "
        "real. `fatto demo` sets it.",
        default="no",
    )
    web_push: str = _row(
        "FATTO_WEB_PUSH",
        _one_of("yes", "no", "inside"),
        "Whether notices may be pushed to browsers, through the push services of their makers. "
        "`inside` also allows services of your own network, and without https.",
        default="yes",
    )
    log: str = _row(
        "FATTO_LOG",
        _one_of("debug", "info", "warning", "error"),
        "How much is logged to standard error, one JSON object a line.",
        default="info",
    )
    metrics_token: str | None = _row(
        "FATTO_METRICS_TOKEN",
        _token,
        "Who shows it (Authorization: Bearer …) may read /metrics from another machine.",
        absent="only this machine may",
        secret=True,
    )
    proxies: int = _row(
        "FATTO_PROXIES",
        _number(0, 8),
        "How many proxies stand in front and add X-Forwarded-For and X-Forwarded-Proto.",
        default="0",
    )
    debug: bool = _row(
        "FATTO_DEBUG",
        _yes,
        "For developers: errors are shown in the page. Never on a machine that others reach.",
        default="no",
    )
    chromium: str | None = _row(
        "FATTO_CHROMIUM", _text, "For developers: the browser that `make test` uses.", absent="looked for"
    )
    channels: Mapping[str, str] = dataclasses.field(default_factory=dict, repr=False)
    """What is set of the countries' channels, by variable; they declare these rows themselves."""


def _of_channels() -> dict[str, Setting]:
    """The settings that the countries' channels declare."""
    from fatto import countries  # the packs are needed by few commands

    declared = (each.settings for country in countries.every() for each in country.channels)
    return {setting.variable: setting for settings in declared for setting in settings}


def rows() -> tuple[Row, ...]:
    """The table, for the documentation."""
    own = tuple(field.metadata["row"] for field in dataclasses.fields(Config) if field.metadata)
    return own + tuple(
        Row(variable=each.variable, default=each.default or "none", meaning=each.meaning, secret=each.secret)
        for each in _of_channels().values()
    )


def load(environment: Mapping[str, str] | None = None) -> Config:
    """Read the environment.

    An empty variable counts as absent, as compose files produce them.

    Raises:
        WrongSetting: a value cannot be used, settings contradict each other, or a FATTO_ name is not known.
    """
    given = {name: value for name, value in (os.environ if environment is None else environment).items() if value}
    troubles: list[str] = []
    values: dict[str, Any] = {}
    for field in dataclasses.fields(Config):
        if not field.metadata:
            continue
        row: Row = field.metadata["row"]
        text = given.get(row.variable, field.metadata["default"])
        try:
            values[field.name] = None if text is None else field.metadata["read"](text)
        except ValueError as right:
            shown = "" if row.secret else f" {text!r}"
            wrong = f"{right.wrong}; " if isinstance(right, _Unfit) else ""
            troubles.append(f"{row.variable}{shown} cannot be used: {wrong}{right} is needed.")
    values["channels"] = {}
    for variable, setting in _of_channels().items():
        if (text := given.get(variable)) is None:
            continue
        try:
            values["channels"][variable] = _channel_text(setting, text)
        except ValueError as right:
            troubles.append(f"{variable} cannot be used: {right} is needed.")
    known = [row.variable for row in rows()]
    for name in sorted(given):
        if name.startswith(PREFIX) and name not in known and not name.startswith(PUSH):
            near = difflib.get_close_matches(name, known, 1)
            troubles.append(f"{name} is not a setting of Fatto." + (f" Did you mean {near[0]}?" if near else ""))
    if not troubles:
        troubles += _contradictions(values)
    if troubles:
        raise WrongSetting("\n".join(troubles))
    return Config(**values)


def _channel_text(setting: Setting, text: str) -> str:
    from fatto.channels import http
    from fatto.errors import FattoError

    if setting.kind == "url":
        try:
            return http.check(text, setting=setting.variable)
        except FattoError:
            raise ValueError("a web address that begins with https:// (http:// on this machine only)") from None
    return text.strip()


def _contradictions(values: Mapping[str, Any]) -> list[str]:
    found = []
    if values["backup_database"] and not values["database"]:
        found.append("FATTO_BACKUP_DATABASE_URL is set without DATABASE_URL; the embedded server does not need it.")
    if bool(values["s3_key"]) != bool(values["s3_secret"]):
        found.append("FATTO_S3_KEY and FATTO_S3_SECRET are needed together.")
    if values["s3_key"] and not values["files"]:
        found.append("FATTO_S3_KEY is set without FATTO_FILES_URL.")
    if values["mail_in_imap"] and not values["mail_in_domain"]:
        found.append("FATTO_MAIL_IN_IMAP_URL is set without FATTO_MAIL_IN_DOMAIN.")
    if values["debug"] and str(values["url"] or "").startswith("https:"):
        found.append("FATTO_DEBUG cannot be on while FATTO_URL is a public https address.")
    return found


def secret_key(config: Config, *, make: bool = False) -> str:
    """The key that signs sessions: as set, or the one kept in the data folder, made there when `make` says so.

    Without either, a key that lasts as long as the process: enough for whoever only looks at the code.
    """
    if config.secret_key:
        return config.secret_key
    path = config.data / "secret-key"
    if not path.exists():
        fresh = secrets.token_urlsafe(48)
        if not make:
            return fresh
        # Written whole under another name and linked, so that two processes starting together agree.
        draft = config.data / f".secret-key-{os.getpid()}"
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
            file.write(fresh)
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_text(encoding="ascii").strip()
