"""The family of exceptions.

    FattoError
    ├── Unopenable      an envelope (zip, p7m, mail, PDF) that cannot be peeled
    └── Unreadable      bytes that are not an invoice we can read

What is wrong *in* a document is a `Finding`, a value, never an exception.
"""

from __future__ import annotations


class FattoError(Exception):
    """What went wrong with a file, as a stable code and a sentence for a person.

    `code` is for programs (`zip-bomb`, `not-xml`, …) and never changes meaning;
    `message` is an English sentence with its parameters filled in;
    `text` is the untranslated template and `values` its parameters, so that the edge can translate.
    """

    def __init__(self, code: str, text: str, **values: object) -> None:
        self.code = code
        self.text = text
        self.values = values
        super().__init__(self.message)

    @property
    def message(self) -> str:
        return self.text.format(**self.values) if self.values else self.text


class Unopenable(FattoError):
    """An envelope that cannot be peeled, or must not be."""


class Unreadable(FattoError):
    """Bytes in which no invoice can be read."""
