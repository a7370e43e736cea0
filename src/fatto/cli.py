"""The command line: `fatto open`, `fatto read`, `fatto check`, `fatto render`, `fatto verify`, `fatto push`.

Other distributions, the portal first, add commands through the entry-point group `fatto.commands`:
each entry point is a function that takes argparse's subparsers and adds its parsers to them, each
with `set_defaults(run=…)`, a function from the parsed arguments to the exit code. They are loaded
only when a command is asked for that is not one of these, so that reading an invoice neither
waits for Django nor needs it.
"""

from __future__ import annotations

import argparse
import io
import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import msgspec

from fatto import __version__, countries, i18n, money, pipeline
from fatto.channels.seal import Seal
from fatto.envelopes import Enclosed
from fatto.envelopes.paths import Unique, clean
from fatto.errors import FattoError, Unopenable
from fatto.formats import Reading
from fatto.i18n import _
from fatto.rules import messages
from fatto.rules.finding import Finding
from fatto.rules.verdict import Verdict

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

EXPECTED = {".xml", ".p7m", ".p7e", ".tsd", ".zip", ".eml", ".pdf"}
"""Endings that promise an invoice: such a file is reported even if its bytes are something else."""
BROKEN_PIPE = 128 + 13
INTERRUPTED = 128 + 2


def main(argv: list[str] | None = None) -> int:
    """Run one command; gives the exit code. Wrong usage raises SystemExit(2), as argparse does."""
    arguments = sys.argv[1:] if argv is None else argv
    parser, commands = _parser()
    asked = next((each for each in arguments if not each.startswith("-")), None)
    wants_help = not arguments or (asked is None and arguments[0] in ("-h", "--help"))
    missing = _load_others(commands) if wants_help or (asked and asked not in commands.choices) else {}
    if not arguments:
        parser.print_help()
        return 0
    if asked is not None and asked not in commands.choices and missing:
        reasons = "; ".join(f"{name}: {reason}" for name, reason in missing.items())
        sys.stderr.write(
            f"fatto: there is no command {asked} here. Some commands could not be loaded ({reasons})."
            " The portal's come with: pip install fatto[portal]\n"
        )
        return 2
    parsed = parser.parse_args(arguments)
    if not hasattr(parsed, "run"):
        parser.print_help()
        return 0
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
    try:
        code: int = parsed.run(parsed)
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        # Whoever read our output has seen enough; keep the interpreter from complaining at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    except KeyboardInterrupt:
        return INTERRUPTED


def _load_others(commands: Subparsers) -> dict[str, str]:
    """Add the commands of other distributions; gives those that cannot be loaded, with the reason."""
    missing: dict[str, str] = {}
    points: Iterable[EntryPoint] = entry_points(group="fatto.commands")
    for point in sorted(points, key=lambda each: each.name):
        try:
            register: Callable[[Subparsers], None] = point.load()
            register(commands)
        except Exception as error:  # whatever is wrong with an extra, the library's commands must go on
            missing[point.name] = str(error)
    return missing


def _parser() -> tuple[argparse.ArgumentParser, Subparsers]:
    parser = argparse.ArgumentParser(prog="fatto", description="Electronic invoices: open, read, check, render.")
    parser.add_argument("--version", action="version", version=f"fatto {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    folders = (
        "Folders are walked, hidden files left out. In a folder, files that are neither XML, PDF nor an envelope"
        " are passed over; named themselves, or in an archive, they are reported."
    )

    command = commands.add_parser(
        "open",
        help="list what is inside files: archives, mails, signatures",
        description=f"List the files inside, after peeling archives, mails and signatures. {folders}",
    )
    command.add_argument("paths", metavar="PATH", nargs="+", type=Path, help="file or folder")
    command.add_argument(
        "--extract", metavar="DIR", type=Path, help="write the peeled files there; none is overwritten"
    )
    command.add_argument("--json", action="store_true", help="one JSON object a line for each file")
    _language(command)
    command.set_defaults(run=open_)

    command = commands.add_parser(
        "read",
        help="read invoices",
        description=f"Read the invoices in files. {folders} The exit code is 0 when all could be read, else 1.",
    )
    command.add_argument("paths", metavar="PATH", nargs="+", type=Path, help="file or folder")
    command.add_argument("--json", action="store_true", help="one JSON object a line for each invoice or unread file")
    _language(command)
    command.set_defaults(run=read)

    command = commands.add_parser(
        "check",
        help="judge invoices by the official rules",
        description=(
            "Judge invoices as the official checks do: structure, European standard EN 16931, national rules."
            f" {folders} The exit code is 0 when all are accepted, 1 when some are not, 2 when a file cannot be read."
        ),
    )
    command.add_argument("paths", metavar="PATH", nargs="+", type=Path, help="file or folder")
    command.add_argument("--json", action="store_true", help="one JSON object a line for each file")
    _language(command)
    command.set_defaults(run=check)

    command = commands.add_parser(
        "render",
        help="make a page of an invoice, as PDF or HTML",
        description="Make a readable page of one invoice. Of several in the file, the first, unless told otherwise.",
    )
    command.add_argument("path", metavar="PATH", type=Path, help="file with the invoice")
    command.add_argument("--pdf", metavar="OUT", type=Path, help="write a PDF there (- is standard output)")
    command.add_argument("--html", metavar="OUT", type=Path, help="write an HTML page there (- is standard output)")
    command.add_argument("--archive", action="store_true", help="PDF/A-3 with the original file attached")
    command.add_argument("--member", metavar="NAME", help="which file inside, as `fatto open` names it")
    command.add_argument("--index", metavar="N", type=int, help="which invoice of a lot, from 0")
    _language(command)
    command.set_defaults(run=render)

    command = commands.add_parser(
        "push",
        help="hand in to a portal whatever lies in a folder",
        description=(
            "Hand in to a portal the files of a folder, each once. Files that were taken are moved aside; one that"
            " was refused stays, with the reason beside it in NAME.error.txt. The exit code is 0 when all were taken,"
            " 1 when some were refused, 3 when the token opens nothing, 4 when files are left since the portal cannot"
            " be reached."
        ),
    )
    command.add_argument(
        "folder", metavar="FOLDER", type=Path, help="where the files lie; folders in it are left alone"
    )
    command.add_argument("--url", default=os.environ.get("FATTO_PUSH_URL"), help="the portal (or FATTO_PUSH_URL)")
    command.add_argument(
        "--token-file", metavar="FILE", type=Path, help="file that holds the token (or the variable FATTO_PUSH_TOKEN)"
    )
    command.add_argument("--watch", action="store_true", help="go on, and hand in what comes, until ended")
    command.add_argument("--every", metavar="SECONDS", type=float, default=5, help="how often to look (default: 5)")
    command.add_argument(
        "--settle", metavar="SECONDS", type=float, default=2, help="a file is whole after (default: 2)"
    )
    command.add_argument("--done", metavar="DIR", type=Path, help="where taken files go (default: FOLDER/done)")
    _language(command)
    command.set_defaults(run=push)

    command = commands.add_parser(
        "verify",
        help="what an authority's seal is worth",
        description=(
            "Verify the seal that an authority put on a document, offline: the ZIP as it was downloaded, document"
            " and seal in it. The exit code is 0 when it is valid and its certificate is known to be the"
            " authority's, 1 when it is invalid, missing or cannot be read, 4 when it is valid but the certificate"
            " is not known: look at it, and give it with --anchor if you trust it."
        ),
    )
    command.add_argument("path", metavar="ZIP", type=Path, nargs="?", help="as the authority gave it")
    command.add_argument(
        "--anchor",
        metavar="PEM",
        type=Path,
        nargs="+",
        action="extend",
        default=[],
        help="certificates (PEM or DER) to trust beside those known",
    )
    command.add_argument("--json", action="store_true", help="one line of JSON")
    _language(command)
    command.set_defaults(run=verify)
    return parser, commands


def _language(command: argparse.ArgumentParser) -> None:
    command.add_argument("--lang", choices=i18n.LANGUAGES, default="en", help="language of the texts (default: en)")


# Files --------------------------------------------------------------------------------------------


def _files(paths: Iterable[Path]) -> Iterator[tuple[Path, Path | None]]:
    """Every file named or found in a folder, with the folder that was named; sorted within folders."""
    for path in paths:
        if not path.is_dir():
            yield path, None
            continue
        for place, folders, names in os.walk(path):
            folders[:] = sorted(each for each in folders if not each.startswith("."))
            for name in sorted(names):
                found = Path(place, name)
                if not name.startswith(".") and found.is_file():
                    yield found, path


def _opened(paths: Iterable[Path]) -> Iterator[tuple[Path, Path | None, Enclosed]]:
    """What is inside the files; a path that the system does not let us read comes as an error."""
    for path, folder in _files(paths):
        try:
            for enclosed in pipeline.open(path):
                if folder is None or not _irrelevant(path, enclosed):
                    yield path, folder, enclosed
        except OSError as error:
            missing = isinstance(error, FileNotFoundError)
            refusal = Unopenable(
                "no-such-file" if missing else "unreadable-path",
                _("There is no such file.") if missing else _("The file cannot be opened: {reason}."),
                reason=error.strerror or str(error),
            )
            yield path, folder, Enclosed(name=path.name, error=refusal)


def _irrelevant(path: Path, enclosed: Enclosed) -> bool:
    """A file of another kind that merely lies in the same folder."""
    return (
        enclosed.member is None
        and enclosed.error is None
        and not enclosed.peeled
        and enclosed.kind in ("other", "image")
        and path.suffix.lower() not in EXPECTED
    )


# Texts --------------------------------------------------------------------------------------------


def _sentence(error: FattoError, language: str) -> str:
    values = {
        name: i18n.translate(value, language) if isinstance(value, str) else value
        for name, value in error.values.items()
    }
    return i18n.translate(error.text, language, **values)


def _finding(finding: Finding, language: str) -> dict[str, Any]:
    """A finding for programs: its fields, and its sentences."""
    plain: dict[str, Any] = msgspec.to_builtins(finding)
    for name in ("text", "fix", "words", "kinds"):
        plain.pop(name, None)
    return {**plain, "severity": finding.severity, "message": messages.say(finding, language).message}


def _judged(finding: Finding, language: str) -> dict[str, Any]:
    """A finding of a verdict for programs: always the same keys."""
    said = messages.say(finding, language)
    return {
        "code": finding.code,
        "severity": finding.severity,
        "set": finding.set,
        "path": finding.path,
        "line": finding.line,
        "found": finding.found,
        "expected": finding.expected,
        "message": said.message,
        "fix": said.fix,
    }


def _failure(path: Path, enclosed: Enclosed, error: FattoError, language: str) -> dict[str, Any]:
    """What cannot be read, for programs. A known official message names its kind in `notice`."""
    what: dict[str, Any] = {"code": error.code, "message": _sentence(error, language)}
    if "notice" in error.values:
        what["notice"] = error.values["notice"]
    return {"file": _shown(path), "member": enclosed.member, "error": what}


def _shown(path: Path) -> str:
    """A path as text; bytes in it that are no UTF-8 are replaced."""
    return os.fsencode(path).decode("utf-8", "replace")


def _place(path: Path, enclosed: Enclosed) -> str:
    return f"{_shown(path)} / {enclosed.member}" if enclosed.member else _shown(path)


def _emit(line: dict[str, Any]) -> None:
    sys.stdout.write(msgspec.json.encode(line).decode("utf-8") + "\n")


def _say(text: str, stream: TextIO | None = None) -> None:
    (stream or sys.stdout).write(text + "\n")


def _cut(text: str, width: int) -> str:
    return (text if len(text) <= width else text[: width - 1] + "…").ljust(width)


# Commands -----------------------------------------------------------------------------------------


def open_(arguments: argparse.Namespace) -> int:
    """`fatto open`: list what is inside, and write it out when asked."""
    language: str = arguments.lang
    unique = Unique()
    all_opened = True
    for path, folder, enclosed in _opened(arguments.paths):
        if enclosed.error is not None:
            all_opened = False
            if arguments.json:
                _emit(_failure(path, enclosed, enclosed.error, language))
            else:
                _say(f"{_place(path, enclosed)}: {_sentence(enclosed.error, language)}", sys.stderr)
            continue
        written = None
        if arguments.extract is not None:
            within = path.relative_to(folder).parent if folder is not None else Path()
            written = _extract(arguments.extract, within, enclosed, unique)
        if arguments.json:
            _emit(
                {
                    "file": _shown(path),
                    "member": enclosed.member,
                    "name": enclosed.name,
                    "kind": enclosed.kind,
                    "size": len(enclosed.data),
                    "peeled": enclosed.peeled,
                    "signers": enclosed.signers,
                    **({"written": str(written)} if written else {}),
                }
            )
        else:
            signers = ", ".join(each.name or each.tax_id or "?" for each in enclosed.signers)
            layers = " ".join(enclosed.peeled) or "-"
            row = f"{enclosed.kind:6} {len(enclosed.data):>12,}  {layers:20} {_place(path, enclosed)}"
            _say(row + (f"  [{signers}]" if signers else ""))
    return 0 if all_opened else 1


def _extract(target: Path, within: Path, enclosed: Enclosed, unique: Unique) -> Path:
    """Write the peeled bytes under `target`, never outside it and never over another file."""
    name = clean(enclosed.member or enclosed.name)
    if "cms" in enclosed.peeled and name.lower().endswith((".p7m", ".tsd")):
        name = name[:-4]
    wanted = clean(str(within / name)) if within.parts else name
    root = target.resolve()
    while True:
        path = root / unique(wanted)
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.parent.resolve().is_relative_to(root):  # a link that lay there before
            raise SystemExit(f"fatto: {path.parent} leads out of {target}; nothing was written there.")
        try:
            with path.open("xb") as file:
                file.write(enclosed.data)
        except FileExistsError:
            continue
        return path


def read(arguments: argparse.Namespace) -> int:
    """`fatto read`: one line for each invoice, and for each file without."""
    language: str = arguments.lang
    invoices = failures = 0
    for path, _folder, enclosed in _opened(arguments.paths):
        try:
            readings = pipeline.read(enclosed)
        except FattoError as error:
            failures += 1
            if arguments.json:
                _emit(_failure(path, enclosed, error, language))
            else:
                _say(f"{_place(path, enclosed)}: {_sentence(error, language)}", sys.stderr)
            continue
        for reading in readings:
            invoices += 1
            if arguments.json:
                _emit(
                    {
                        "file": _shown(path),
                        "member": enclosed.member,
                        "index": reading.index,
                        "format": reading.format,
                        "invoice": reading.invoice,
                        "findings": [_finding(each, language) for each in reading.findings],
                    }
                )
            else:
                _say(_row(path, enclosed, reading, language))
    if not arguments.json:
        summary = _("{invoices} invoices read, {failures} files without one.")
        _say(i18n.translate(summary, language, invoices=invoices, failures=failures), sys.stderr)
    return 1 if failures else 0


def check(arguments: argparse.Namespace) -> int:
    """`fatto check`: the official verdict over each file."""
    language: str = arguments.lang
    right = refused = unread = 0
    asked: set[str] = set()
    for path, _folder, enclosed in _opened(arguments.paths):
        try:
            verdict = pipeline.check(enclosed, as_sent=True)
        except FattoError as error:
            unread += "notice" not in error.values  # an official message beside the invoice is no failure
            if arguments.json:
                _emit(_failure(path, enclosed, error, language))
            else:
                _say(f"{_place(path, enclosed)}: {_sentence(error, language)}", sys.stderr)
            continue
        right += verdict.accepted
        refused += not verdict.accepted
        asked |= verdict.sets.keys()
        if arguments.json:
            said = {
                "accepted": verdict.accepted,
                "structure": [_judged(each, language) for each in verdict.structure],
                "sets": {
                    name: {
                        "version": result.version,
                        "applies_from": result.applies_from,
                        "fired": result.fired,
                    }
                    for name, result in verdict.sets.items()
                },
                "findings": [_judged(each, language) for each in verdict.findings],
                "not_checked_here": list(countries.not_checked_here(verdict.sets)),
            }
            for index in _indexes(enclosed):
                _emit({"file": _shown(path), "member": enclosed.member, "index": index, **said})
        else:
            _say("\n".join(_report(_place(path, enclosed), verdict, language)))
    if not arguments.json:
        if codes := countries.not_checked_here(asked):
            text = _("Not checked here, since only the authority can: {codes}.")
            _say(i18n.translate(text, language, codes=", ".join(codes)), sys.stderr)
        summary = _("Passed: {right}. With errors: {refused}. Not readable: {unread}.")
        _say(i18n.translate(summary, language, right=right, refused=refused, unread=unread), sys.stderr)
    return 2 if unread else 1 if refused else 0


def _indexes(enclosed: Enclosed) -> list[int]:
    """The invoices of a file that was judged: one, several of a lot, which is taken or refused as a whole."""
    try:
        return [each.index for each in pipeline.read(enclosed)] or [0]
    except FattoError:
        return [0]


_SEVERITIES = {"fatal": _("error"), "warning": _("warning"), "info": _("note")}
MOST_PLACES = 5
"""So many places of the same finding are named."""


def _report(place: str, verdict: Verdict, language: str) -> Iterator[str]:
    """A verdict for people: one line, then what was found, errors first, each with what to do."""
    rules = ", ".join(
        f"{i18n.translate(pipeline.rules_title(name), language)} {result.version}"
        for name, result in verdict.sets.items()
    )
    said = [(each, messages.say(each, language)) for each in verdict.findings]
    errors = sum(each.severity == "fatal" for each, _words in said)
    counted = {"rules": rules, "errors": errors, "warnings": sum(each.severity == "warning" for each, _words in said)}
    if verdict.accepted:
        text = _("no errors, warnings: {warnings} ({rules})") if counted["warnings"] else _("no errors ({rules})")
    elif rules:
        text = _("errors: {errors}, warnings: {warnings} ({rules})")
    else:
        text = _("errors in the structure: {errors}; the rules are asked when it is right")
    yield f"{' ' if verdict.accepted else '!'} {place}: {i18n.translate(text, language, **counted)}"
    alike: dict[tuple[str, str, str, str], list[tuple[Finding, str]]] = {}
    for each, words in sorted(said, key=lambda pair: list(_SEVERITIES).index(pair[0].severity)):
        alike.setdefault((each.severity, each.code, words.message, words.fix), []).append((each, words.place))
    for (severity, code, message, fix), places in alike.items():
        yield ""
        yield f"    {i18n.translate(_SEVERITIES[severity], language).upper()}  {message}"
        if fix:
            yield f"    → {fix}"
        for each, where in places[:MOST_PLACES]:
            at = i18n.translate(_("line {line} of the file"), language, line=each.line) if each.line else ""
            yield "      " + " · ".join(cell for cell in (code, where, each.path, at) if cell)
        if len(places) > MOST_PLACES:
            more = i18n.translate(_("and {count} places more"), language, count=len(places) - MOST_PLACES)
            yield f"      {code} · {more}"
    if said:
        yield ""


def _row(path: Path, enclosed: Enclosed, reading: Reading, language: str) -> str:
    """One invoice in a line: date, number, parties, total, where it lies."""
    invoice = reading.invoice
    total = invoice.totals.with_vat if invoice.totals.with_vat is not None else invoice.totals.payable
    issued = i18n.day(invoice.issue_date, language) if invoice.issue_date else "?"
    mark = "!" if any(each.severity != "info" for each in reading.findings) else " "
    cells = (
        f"{mark} {issued:11}",
        _cut(invoice.number or "?", 18),
        _cut(invoice.seller.name or "?", 26),
        _cut(invoice.buyer.name or "?", 26),
        f"{_amount(total, language):>14} {invoice.currency or '':3}",
        f"{_place(path, enclosed)}" + (f" #{reading.index}" if reading.index else ""),
    )
    return "  ".join(cells)


def _amount(value: Decimal | None, language: str) -> str:
    return money.amount(value, language) if value is not None else "?"


def render(arguments: argparse.Namespace) -> int:
    """`fatto render`: a page of one invoice."""
    from fatto import render as pages  # heavy: Typst and fonts

    language: str = arguments.lang
    if arguments.pdf is None and arguments.html is None:
        _say("fatto render: say where to write: --pdf OUT, --html OUT, or both", sys.stderr)
        return 2
    found, failures, more = _choose(arguments.path, arguments.member, arguments.index)
    if found is None:
        for enclosed, error in failures:
            _say(f"{_place(arguments.path, enclosed)}: {_sentence(error, language)}", sys.stderr)
        if not failures:
            trouble = i18n.translate(_("There is no such invoice in the file."), language)
            _say(f"{arguments.path}: {trouble}", sys.stderr)
        return 1
    enclosed, reading = found
    if more:
        note = i18n.translate(
            _("The file has several invoices; this is the first. Choose with --member, --index."), language
        )
        _say(f"{arguments.path}: {note}", sys.stderr)
    country = countries.of(reading.invoice)
    try:
        if arguments.html is not None:
            _write(arguments.html, pages.html(reading, enclosed, language, country=country).encode("utf-8"))
        if arguments.pdf is not None:
            paper = pages.pdf(reading, enclosed, language, country=country, archive=arguments.archive)
            _write(arguments.pdf, paper)
    except BrokenPipeError:
        raise
    except OSError as error:
        _say(f"fatto render: {error.filename}: {error.strerror}", sys.stderr)
        return 1
    return 0


def _choose(
    path: Path, member: str | None, index: int | None
) -> tuple[tuple[Enclosed, Reading] | None, list[tuple[Enclosed, FattoError]], bool]:
    """The invoice that was asked for, what else could not be read, and whether the choice was ours."""
    failures: list[tuple[Enclosed, FattoError]] = []
    found: tuple[Enclosed, Reading] | None = None
    for _path, _folder, enclosed in _opened([path]):
        if member is not None and enclosed.member != member:
            continue
        try:
            readings = pipeline.read(enclosed)
        except FattoError as error:
            failures.append((enclosed, error))
            continue
        for reading in readings:
            if index is not None and reading.index != index:
                continue
            if found is not None:
                return found, failures, True
            found = (enclosed, reading)
        if found is not None and (member is not None or index is not None):
            break
    return found, failures, False


def _write(target: Path, data: bytes) -> None:
    if str(target) == "-":
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
    else:
        target.write_bytes(data)


_UNKNOWN_CERTIFICATE = 4


def verify(arguments: argparse.Namespace) -> int:
    """`fatto verify`: an authority's seal. Whose it is, the countries know."""
    language: str = arguments.lang
    files: list[Path] = list(arguments.anchor)
    if arguments.path is None and len(files) > 1:
        arguments.path = files.pop()  # it stood after the certificates
    if arguments.path is None:
        _say("fatto verify: say which ZIP", sys.stderr)
        return 2
    path: Path = arguments.path
    try:
        data = path.read_bytes()
        anchors = [each.read_bytes() for each in files]
        found = (country.verify(data, anchors) for country in countries.every())
        seal = next((each for each in found if each is not None), None)
    except OSError as error:
        _say(f"fatto verify: {error.filename or _shown(path)}: {error.strerror or error}", sys.stderr)
        return 1
    except FattoError as error:
        if arguments.json:
            _emit(_failure(path, Enclosed(name=path.name), error, language))
        else:
            at = "--anchor" if error.code == "not-a-certificate" else _shown(path)
            _say(f"{at}: {_sentence(error, language)}", sys.stderr)
        return 1
    if seal is None:
        unknown = Unopenable("no-seal-known", _("This is no file that an authority seals, as far as is known here."))
        if arguments.json:
            _emit(_failure(path, Enclosed(name=path.name), unknown, language))
        else:
            _say(f"{_shown(path)}: {_sentence(unknown, language)}", sys.stderr)
        return 1
    if arguments.json:
        reason = i18n.translate(seal.reason, language)
        _emit({"file": _shown(path), **msgspec.to_builtins(seal), "reason": reason})
    else:
        _say(f"{_shown(path)}: {i18n.translate(_seal_in_words(seal), language)}")
        if seal.reason:
            _say(f"  {i18n.translate(seal.reason, language)}")
        if seal.fingerprint:
            _say(f"  {seal.subject}")
            _say(f"  SHA-256 {seal.fingerprint}")
    if seal.verdict != "valid":
        return 1
    return 0 if seal.certificate == "pinned" else _UNKNOWN_CERTIFICATE


def _seal_in_words(seal: Seal) -> str:
    if seal.verdict == "unsigned":
        return _("There is no seal.")
    if seal.verdict == "invalid":
        return _("The seal is not valid.")
    if seal.certificate == "unknown":
        return _("The seal fits the document, but its certificate is not recognised as the authority's.")
    return _("The seal is valid.")


def push(arguments: argparse.Namespace) -> int:
    """`fatto push`: hand in what lies in a folder."""
    from fatto import push as pushing  # only this command speaks to the network

    language: str = arguments.lang

    def say(text: str) -> None:
        _say(text)
        sys.stdout.flush()

    def refuse(text: str, code: int = pushing.WRONG_USE) -> int:
        _say(f"fatto push: {i18n.translate(text, language)}", sys.stderr)
        return code

    if not arguments.folder.is_dir():
        return refuse(_("There is no such folder."))
    if not arguments.url:
        return refuse(_("Say which portal: --url https://…, or the variable FATTO_PUSH_URL."))
    if not pushing.trusted(arguments.url):
        return refuse(_("The portal's address must begin with https://, or the token could be read on the way."))
    try:
        token = pushing.token(arguments.token_file)
    except (OSError, UnicodeDecodeError):
        return refuse(_("The file with the token cannot be read."))
    if not token.isascii() or not token.isprintable() or not token:
        return refuse(_("A token is needed: --token-file FILE, or the variable FATTO_PUSH_TOKEN."))
    work = pushing.Push(
        folder=arguments.folder,
        url=arguments.url,
        token=token,
        done=arguments.done or arguments.folder / pushing.DONE,
        language=language,
        settle=max(0.0, arguments.settle),
        say=say,
    )
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        if arguments.watch:
            work.watch(max(0.1, arguments.every))
        return work.once()
    except pushing.NoEntry as no:
        return refuse(str(no), pushing.NO_ENTRY)
    except pushing.NotReached as away:
        return refuse(str(away), pushing.NOT_REACHED)


def _interrupt(number: int, frame: object) -> None:
    raise KeyboardInterrupt
