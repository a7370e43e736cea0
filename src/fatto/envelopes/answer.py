"""What somebody wrote in answer to a letter: the new words alone, without what was quoted and who signed.

Mail programs quote in a dozen ways and say so in the reader's language; nothing marks it for machines. So the first
line that begins a quotation cuts the text, by the habits of Gmail, Outlook, Apple Mail, Thunderbird and the like in
English, Italian, Romanian and some neighbours. HTML is made plain text first, by reading it, never by running it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.utils import getaddresses
from html.parser import HTMLParser

from fatto.envelopes import mail
from fatto.envelopes.mail import Letter, Part

LONGEST = 20_000
"""Characters of a text that are looked at."""
_HTML_MOST = 400_000
_VOID = frozenset(
    {"br", "hr", "img", "input", "meta", "link", "area", "base", "col", "embed", "source", "track", "wbr"}
)
_BLOCKS = frozenset({"p", "div", "tr", "li", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6", "pre", "section"})
_UNSEEN = frozenset({"head", "script", "style", "title", "template", "noscript", "svg", "math", "iframe", "object"})
_QUOTED = re.compile(
    r"gmail_quote|gmail_extra|yahoo_quoted|protonmail_quote|moz-cite-prefix|zmail_extra|tutanota_quote"
    r"|divRplyFwdMsg|appendonsend|reply-intro|mail-editor-reference-message-container|OLK_SRC_BODY_SECTION"
)
_SIGNED = re.compile(
    r"gmail_signature|moz-signature|ms-outlook-mobile-signature|AppleMailSignature|protonmail_signature"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A message that came in."""

    sender: str
    """The address in `From`, in small letters; empty when there is none, or several."""
    recipients: tuple[str, ...]
    """Every address that it was sent to, as the headers say, in the letters that they were written in."""
    message_id: str
    automatic: bool
    """Did a machine write it: a notice of absence, a bounce, a receipt?"""
    text: str
    """What the person wrote, without quotations and signature; may be empty."""
    attachments: tuple[Part, ...]


def read(data: bytes) -> Answer:
    """Read a message. Never an error: what cannot be found is empty."""
    letter = mail.letter(data)
    senders = _addresses(letter.headers.get("from", ""))
    return Answer(
        sender=senders[0].lower() if len(senders) == 1 else "",
        recipients=_recipients(letter),
        message_id=letter.headers.get("message-id", "").strip()[:500],
        automatic=automatic(letter),
        text=_text(letter),
        attachments=letter.parts,
    )


_TO = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "to", "cc", "x-forwarded-to", "resent-to")


def _recipients(letter: Letter) -> tuple[str, ...]:
    found = [each for name in _TO for each in _addresses(letter.headers.get(name, ""))]
    return tuple(dict.fromkeys(found))


def _addresses(header: str) -> list[str]:
    try:
        pairs = getaddresses([header[:4000]])
    except Exception:  # odd headers make the standard library raise all sorts of things
        return []
    return [address.strip() for _name, address in pairs if "@" in address][:50]


def automatic(letter: Letter) -> bool:
    """Was it written by a machine? RFC 3834 for those that say so, older habits for the others."""
    headers = letter.headers
    if headers.get("auto-submitted", "no").lower().split(";")[0].strip() != "no":
        return True
    if headers.get("return-path", "").replace(" ", "") == "<>":
        return True  # a bounce (RFC 5321, 4.5.5)
    if headers.get("precedence", "").lower().strip() in ("bulk", "junk", "list", "auto_reply"):
        return True
    if headers.keys() & {"x-autoreply", "x-autorespond", "x-autoresponder", "x-failed-recipients", "list-id"}:
        return True
    if headers.get("content-type", "").lower().lstrip().startswith(("multipart/report", "message/delivery-status")):
        return True
    local = next(iter(_addresses(headers.get("from", ""))), "").partition("@")[0].lower()
    return local in ("mailer-daemon", "postmaster", "noreply", "no-reply", "donotreply")


def _text(letter: Letter) -> str:
    """The first plain text that says something, else the first HTML."""
    for kind in ("plain", "html"):
        for each in letter.texts:
            if each.kind == kind:
                plain = each.text if kind == "plain" else of_html(each.text)
                found = written(plain)
                if found:
                    return found
    return ""


# -- quotations ----------------------------------------------------------------------------------------------------

_SAID = (
    r"wrote|writes|ha scritto|scrive|a scris|scrie|schrieb|a écrit|escribió|escreveu"  # how a quotation is announced
)
_ANNOUNCED = re.compile(rf".{{0,400}}\b(?:{_SAID})\s*:?\s*$", re.IGNORECASE)
_BEGINS = re.compile(
    r"(?:on|il(?: giorno)?|in data|alle|în(?: data(?: de)?)?|in(?: data(?: de)?)?|pe(?: data de)?|la|am|le|el|em)\b"
    r"(?=.*\d)|.*[<\[(]\S+@\S+[>\])]",
    re.IGNORECASE,
)
_RULE = re.compile(
    r"\s*[-_*]{2,}\s*(?:original message|messaggio originale|mesaj(?:ul)? (?:original|inițial|initial)"
    r"|forwarded message|messaggio inoltrato|mesaj redirecționat|mesaj retransmis|ursprüngliche nachricht"
    r"|message d'origine|mensaje original)\s*[-_*]{2,}\s*$",
    re.IGNORECASE,
)
_LINE = re.compile(r"\s*_{10,}\s*$")
_FROM = re.compile(r"[\s>*]*(?:from|da|de la|von|de)\s*:\*?\s*\S", re.IGNORECASE)
_SENT = re.compile(
    r"[\s>*]*(?:sent|date|to|subject|inviato|data|a|oggetto|trimis|dată|către|catre|la|subiect|gesendet|an|betreff)\s*:",
    re.IGNORECASE,
)
_SIGNATURE = re.compile(r"--\s?$")
_DEVICE = re.compile(
    r"\s*(?:(?:sent|inviato|trimis|gesendet)\b.{0,20}\b(?:from|da|dal|de pe|din|via|von)\b.{0,60}"
    r"|get outlook for .{0,40}|scarica outlook .{0,40}|obțineți outlook .{0,40}|ottieni outlook .{0,40})$",
    re.IGNORECASE,
)


def written(text: str) -> str:
    """The new words of an answer: all before the first quotation, without the signature."""
    text = text[:LONGEST].replace("\r\n", "\n").replace("\r", "\n").replace("\u00a0", " ").replace("\u200b", "")
    lines = [line.rstrip() for line in text.split("\n")]
    end = next((place for place in range(len(lines)) if _quotes(lines, place)), len(lines))
    kept = lines[:end]
    for place, line in enumerate(kept):
        if _SIGNATURE.match(line):
            kept = kept[:place]
            break
    while kept and (not kept[-1].strip() or kept[-1].lstrip().startswith(">") or _DEVICE.match(kept[-1])):
        kept.pop()
    # Quoted lines that the person answered between are left out; the answers stay.
    kept = [line for line in kept if not line.lstrip().startswith(">")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()


def _quotes(lines: list[str], place: int) -> bool:
    """Does a quotation begin at this line?"""
    line = lines[place].strip()
    if not line:
        return False
    if _RULE.match(line):
        return True
    if _LINE.match(line):
        return any(_FROM.match(each) for each in lines[place + 1 : place + 3])
    if _FROM.match(line):
        after = [each for each in lines[place + 1 : place + 8] if each.strip()][:4]
        return sum(bool(_SENT.match(each)) for each in after) >= 2
    if not _BEGINS.match(line):
        return False
    # The announcement may be broken over up to four lines; what follows is quoted, or the end.
    for count in range(1, 5):
        piece = " ".join(each.strip() for each in lines[place : place + count])
        if _ANNOUNCED.match(piece):
            following = [each for each in lines[place + count : place + count + 4] if each.strip()]
            return piece.rstrip().endswith(":") or not following or following[0].lstrip().startswith(">")
        if place + count < len(lines) and not lines[place + count].strip():
            return False
    return False


# -- HTML ----------------------------------------------------------------------------------------------------------


class _Plain(HTMLParser):
    """The text of a page: blocks become lines; what is not shown, quoted or a signature is left out."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.over = False
        self._open: list[str] = []
        self._silent: list[int] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self.pieces.append("\n")
        if tag in _VOID:
            return
        if tag in _BLOCKS:
            self.pieces.append("\n")
        if len(self._open) > 500:
            return
        self._open.append(tag)
        marks = " ".join(value or "" for name, value in attrs if name in ("class", "id"))
        if _QUOTED.search(marks) or (tag == "blockquote" and "".join(self.pieces).strip()):
            self.over = self.over or not self._silent
        if tag in _UNSEEN or tag == "blockquote" or _QUOTED.search(marks) or _SIGNED.search(marks):
            self._silent.append(len(self._open))

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS:
            self.pieces.append("\n")
        if tag not in self._open:
            return
        while self._open:
            last = self._open.pop()
            while self._silent and self._silent[-1] > len(self._open):
                self._silent.pop()
            if last == tag:
                break

    def handle_data(self, data: str) -> None:
        if not self._silent and not self.over:
            self.pieces.append(re.sub(r"\s+", " ", data))


def of_html(html: str) -> str:
    """A page as plain text, as far as its first quotation."""
    parser = _Plain()
    try:
        parser.feed(html[:_HTML_MOST])
        parser.close()
    except Exception:  # declarations that the standard library does not know
        parser.pieces.append(" ")
    text = "".join(parser.pieces)
    lines = [re.sub(r"[ \t]+", " ", line).strip() for line in text.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
