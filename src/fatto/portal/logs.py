"""Log lines: one JSON object a line, with nothing in it that tells of a person.

A record's own text is written by us and carries ids and counts. What others put into exceptions and messages (an
address, a search word, a statement) is not ours to trust, so an exception is logged as its type and its place.
"""

from __future__ import annotations

import contextvars
import json
import logging
import re
import traceback
from datetime import UTC, datetime

REQUEST: contextvars.ContextVar[str] = contextvars.ContextVar("request_id", default="")

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_MAIL = re.compile(r"[^\s<>\"'(),;:=]+@[^\s<>\"'(),;]+")
_QUERY = re.compile(r"\?[^\s\"']*")
# Fields that libraries attach to records, with what they hold of people: not ours, so only these are let through.
_FIELDS = (
    "event",
    "method",
    "route",
    "status",
    "ms",
    "job",
    "task",
    "queue",
    "action",
    "company",
    "firm",
    "count",
    "bytes",
    "port",
    "pid",
    "code",
)


class JsonLines(logging.Formatter):
    """A record as one line of JSON: time, level, logger, message, request id, and a few known fields."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": scrub(_message(record)),
        }
        if REQUEST.get():
            line["request"] = REQUEST.get()
        for name in _FIELDS:
            if name in record.__dict__ and isinstance(record.__dict__[name], (str, int, float, bool)):
                line[name] = record.__dict__[name]
        if record.exc_info and record.exc_info[0]:
            line["error"] = record.exc_info[0].__name__
            line["where"] = [
                f"{frame.filename.rpartition('site-packages/')[2]}:{frame.lineno} {frame.name}"
                for frame in traceback.extract_tb(record.exc_info[2])[-12:]
            ]
        return json.dumps(line, ensure_ascii=False, default=str)


def _message(record: logging.LogRecord) -> str:
    """Our own records say what they say; of others' the template is kept, not the values put into it."""
    if record.name.partition(".")[0] == "fatto":
        return record.getMessage()
    if isinstance(record.msg, str) and record.args:
        return record.msg
    return str(record.msg).splitlines()[0] if str(record.msg) else ""


def scrub(text: str) -> str:
    """The text without e-mail addresses and without the query part of addresses."""
    return _QUERY.sub("", _MAIL.sub("…@…", text))
