"""Feeds a file to everything that reads what strangers send, and says how long it took."""

from __future__ import annotations

import time

import msgspec

from fatto import countries, pipeline, render


def feed(name: str, data: bytes, *, page: bool = False, paper: bool = False) -> float:
    """Open, read, write as JSON, read that again, fetch attachments; seconds of processor time.

    With `page` and `paper` what was read is also rendered, as HTML and as PDF.
    Anything raised passes through, but the refusal of a file that holds no invoice.
    """
    start = time.process_time()
    for document in pipeline.documents(data, name):
        if document.error is not None:
            assert document.error.code
            assert document.error.message
            continue
        for reading in document.readings:
            for finding in reading.findings:
                assert finding.text.format(found=finding.found, expected=finding.expected, path=finding.path)
            invoice = reading.invoice
            assert countries.decode(msgspec.json.encode(invoice)) == invoice
            country = countries.of(invoice)
            country.type_name(invoice)
            country.sections(invoice)
            country.instalments(invoice)
            country.self_issued(invoice)
            country.credit(invoice)
            for party in (invoice.seller, invoice.buyer):
                country.party_ids(party)
            for attached in invoice.attachments:
                content = pipeline.attachment(document.enclosed, reading.index, attached.index)
                assert (content is None) == (attached.size is None)
                assert content is None or len(content) == attached.size
            if page:
                assert render.html(reading, document.enclosed, "ro", country=country)
            if paper:
                assert render.pdf(reading, document.enclosed, "it", country=country, archive=True)
    return time.process_time() - start
