"""Feeds a file to everything that reads what strangers send, and says how long it took."""

from __future__ import annotations

import time

import msgspec

from fatto import countries, pipeline


def feed(name: str, data: bytes) -> float:
    """Open, read, write as JSON, read that again, fetch attachments; seconds of processor time.

    Anything raised but a `FattoError` passes through.
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
    return time.process_time() - start
