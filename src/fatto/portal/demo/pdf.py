"""A one-page PDF of plain text, for attachments: no library, the same bytes for the same words."""

from __future__ import annotations


def page(title: str, lines: list[str]) -> bytes:
    """A4, Helvetica. Letters outside Latin-1 become question marks, as that font has no others."""
    drawn = ["BT", "/F1 16 Tf", "56 780 Td", f"({_escaped(title)}) Tj", "/F1 10 Tf", "0 -12 Td"]
    for line in lines:
        drawn += ["0 -16 Td", f"({_escaped(line)}) Tj"]
    stream = "\n".join([*drawn, "ET"]).encode("latin-1", "replace")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        (
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
            b" /Resources << /Font << /F1 5 0 R >> >> >>"
        ),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    made = b"%PDF-1.4\n"
    offsets = []
    for number, each in enumerate(objects, 1):
        offsets.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, each)
    start = len(made)
    made += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    made += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    made += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return made


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
