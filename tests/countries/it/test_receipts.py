"""SDI's messages are known for what they are, in every namespace they ever had."""

from __future__ import annotations

import pytest
from tests.countries.it.reading import ITALY, read

from fatto.errors import Unreadable

NAMESPACES = (
    "http://www.fatturapa.gov.it/sdi/messaggi/v1.0",
    "http://ivaservizi.agenziaentrate.gov.it/docs/xsd/fattura/messaggi/v1.0",
    "http://www.fatturapa.it/sdi/messaggi/v1.0",
)
ROOTS = {
    "RicevutaConsegna": "it-rc",
    "NotificaScarto": "it-ns",
    "RicevutaScarto": "it-ns",
    "NotificaMancataConsegna": "it-mc",
    "RicevutaImpossibilitaRecapito": "it-mc",
    "MetadatiInvioFile": "it-mt",
    "FileMetadati": "it-mt",
    "NotificaEsito": "it-ne",
    "NotificaEsitoCommittente": "it-ec",
    "ScartoEsitoCommittente": "it-se",
    "NotificaDecorrenzaTermini": "it-dt",
    "AttestazioneTrasmissioneFattura": "it-at",
    "postacert": "it-pec",
}


@pytest.mark.parametrize(("root", "code"), ROOTS.items())
@pytest.mark.parametrize("namespace", NAMESPACES)
def test_message_is_told_by_its_root(root: str, code: str, namespace: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read(f'<n:{root} xmlns:n="{namespace}" versione="1.0"/>'.encode())
    assert caught.value.code == "not-an-invoice"
    assert caught.value.values["notice"] == code


def test_invoice_is_no_message() -> None:
    assert not any(notice.code == "x" for notice in ITALY.notices)
    assert len({notice.code for notice in ITALY.notices}) == len(ITALY.notices)
