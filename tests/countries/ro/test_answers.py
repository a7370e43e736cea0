"""Whatever ANAF answers is understood, and what nobody has met before is kept and not lost."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fatto.channels.channel import Duplicate, Kind, Limit, Page, Progress, Rights, Temporary, Uncertain
from fatto.countries.ro import answers, receipts
from fatto.countries.ro.answers import Call, classify

ROOT = Path(__file__).parents[3]
SAMPLES = json.loads((ROOT / "tests/samples/ro/messages/answers.json").read_text(encoding="utf-8"))
OFFICIAL = ROOT.parent / "shared" / "corpus" / "ro" / "anaf-responses"
NOW = datetime(2026, 11, 5, 8, 0, tzinfo=UTC)


@pytest.mark.parametrize("sample", SAMPLES, ids=[f"{each['call']}-{each['code']}" for each in SAMPLES])
def test_each_answer_has_its_class(sample: dict[str, object]) -> None:
    answer = classify(Call(str(sample["call"])), int(str(sample["status"])), str(sample["body"]).encode())
    assert (answer.kind, answer.code, answer.subject) == (sample["class"], sample["code"], sample["subject"])
    assert answer.known == (answer.code != "unknown")
    if answer.kind != "ok":
        error = answer.error(NOW)
        assert "{official}" not in error.message
        assert "{subject}" not in error.message
        assert error.official == answer.official


CALLS = {
    "upload": Call.UPLOAD, "staremesaj": Call.STATE, "listamesajefactura": Call.LIST,
    "listamesajepaginatiefactura": Call.PAGE, "listamesajepaginatie": Call.PAGE, "descarcare": Call.DOWNLOAD,
    "validare": Call.VALIDATE, "transformare": Call.TRANSFORM, "api": Call.CONFIRM, "oauth": Call.TOKEN,
}  # fmt: skip
EXPECTED = {
    "api_validate_signature__exemplu": "bad-request",
    "api_validate_signature__nevalidare_fisiere_incarcate": "ok",
    "api_validate_signature__validare_fisiere_incarcate": "ok",
    "descarcare__a_fost_atinsa_limita_de_apeluri_zilnice": "limit-message",
    "descarcare__id_ul_furnizat_nu_este_valid": "bad-request",
    "descarcare__nu_ati_completat_parametrul_standard": "bad-request",
    "descarcare__nu_aveti_dreptul_sa_descarcati_factura_cu_id_ul_mentionat_in": "no-rights-message",
    "descarcare__nu_exista_nici_o_factura_pentru_id_ul_solicitat": "no-such-message",
    "descarcare__observed_60_days_passed": "expired",
    "descarcare__observed_limit_per_message": "limit-message",
    "listamesajefactura__cif_este_non_numeric": "bad-request",
    "listamesajefactura__cif_ul_returneaza_mesaje": "ok",
    "listamesajefactura__limita_apeluri_zilnice_atinsa": "limit-lists",
    "listamesajefactura__limita_mesaje_in_pagina_atinsa": "use-paging",
    "listamesajefactura__lipsa_drepturi_spv": "no-rights-at-all",
    "listamesajefactura__lipsa_zile_sau_cif": "bad-request",
    "listamesajefactura__nu_aveti_drept_pentru_acest_cif": "no-rights-company",
    "listamesajefactura__nu_exista_mesaje": "no-messages",
    "listamesajefactura__numar_de_zile_este_non_numeric": "bad-request",
    "listamesajefactura__numar_de_zile_incorect": "bad-request",
    "listamesajefactura__parametrul_filtru_invalid": "bad-request",
    "listamesajepaginatie__observed_end_in_future": "window-in-future",
    "listamesajepaginatiefactura__cif_este_non_numeric": "bad-request",
    "listamesajepaginatiefactura__cif_ul_returneaza_mesaje": "ok",
    "listamesajepaginatiefactura__endtime_in_viitor": "window-in-future",
    "listamesajepaginatiefactura__endtime_inainte_de_starttime": "window-backwards",
    "listamesajepaginatiefactura__endtime_nu_este_un_numar_sau_nu_are_o_valoare_acceptata_de_s": "bad-request",
    "listamesajepaginatiefactura__limita_apeluri_zilnice_atinsa": "limit-lists",
    "listamesajepaginatiefactura__lipsa_drepturi_spv": "no-rights-at-all",
    "listamesajepaginatiefactura__lipsa_starttime_endtime_cif_sau_pagina": "bad-request",
    "listamesajepaginatiefactura__nu_aveti_drept_pentru_acest_cif": "no-rights-company",
    "listamesajepaginatiefactura__nu_exista_mesaje": "no-messages",
    "listamesajepaginatiefactura__pagina_nu_este_un_numar_sau_nu_are_o_valoare_acceptata_de_si": "bad-request",
    "listamesajepaginatiefactura__paginia_mai_mare_decat_total_pagini": "page-beyond",
    "listamesajepaginatiefactura__parametrul_filtru_invalid": "bad-request",
    "listamesajepaginatiefactura__starttime_mai_vechi_de_60_de_zile": "window-too-old",
    "listamesajepaginatiefactura__starttime_nu_este_un_numar_sau_nu_are_o_valoare_acceptata_de": "bad-request",
    "oauth_token__error_invalid_client_http400": "app-refused",
    "staremesaj__a_fost_atinsa_limita_de_apeluri_zilnice": "limit-message",
    "staremesaj__factura_a_fost_prelucrata_cu_succes": "ok",
    "staremesaj__factura_in_prelucrare": "ok",
    "staremesaj__factura_nu_a_fost_identificata_in_sistem": "no-such-upload",
    "staremesaj__factura_nu_a_fost_preluata_de_sistem": "ok",
    "staremesaj__factura_nu_a_fost_prelucrata_cu_succes": "ok",
    "staremesaj__index_de_incarcare_nu_este_valid": "bad-request",
    "staremesaj__nu_ati_completat_parametrul_id_incarcare": "bad-request",
    "staremesaj__nu_aveti_dreptul_de_interogare": "no-rights-at-all",
    "staremesaj__nu_aveti_dreptul_de_interogare_pentru_indexul_solicitat": "no-rights-upload",
    "transformare__observed_waf_block_http200": "firewall",
    "transformare_standard__dimensiune_prea_mare": "too-large",
    "transformare_standard__eroare_tehica": "technical",
    "transformare_standard__request_invalid": "no-such-service",
    "transformare_standard__standard_invalid": "bad-request",
    "transformare_standard__validare_esuata": "document-refused",
    "upload__a_fost_atinsa_limita_de_apeluri_zilnice": "limit-rasp",
    "upload__cif_ul_trebuie_sa_fie_numeric": "bad-request",
    "upload__eroare_tehnica": "technical",
    "upload__factura_a_fost_incarcata_cu_succes": "ok",
    "upload__fisierul_transmis_nu_respecta_structura_ubl_sau_cii": "not-valid-xml",
    "upload__marimea_fisierului_estre_prea_mare": "too-large",
    "upload__nu_a_fost_specificat_un_standard_bun": "bad-request",
    "upload__nu_ati_atasat_nimic_in_request_body": "bad-request",
    "upload__nu_ati_completat_parametrul_standard_sau_cif": "bad-request",
    "upload__nu_aveti_dreptul_de_incarcare": "no-rights-at-all",
    "upload__nu_aveti_dreptul_de_incarcare_pentru_cif_ul_specificat_in_re": "no-rights-company",
    "upload__observed_technical_error": "technical",
    "upload__parametrul_autofactura_este_completat_dar_este_invalid": "bad-request",
    "upload__parametrul_executare_este_completat_dar_cif_ul_nu_este_inreg": "not-in-register",
    "upload__parametrul_executare_este_completat_dar_este_invalid": "bad-request",
    "upload__parametrul_extern_este_completat_dar_este_invalid": "bad-request",
    "validare_standard__dimensiune_prea_mare": "too-large",
    "validare_standard__eroare_tehica": "technical",
    "validare_standard__request_invalid": "no-such-service",
    "validare_standard__standard_invalid": "bad-request",
    "validare_standard__validare_esuata": "complaints",
    "validare_standard__validare_succes": "ok",
}
ELSEWHERE = {"errorfile__duplicate_observed_text", "request_upload_RASP", "index"}


@pytest.mark.skipif(not OFFICIAL.is_dir(), reason="the shared corpus is not here")
def test_every_official_example_is_understood_under_each_status_it_was_met_with() -> None:
    found = {}
    for path in sorted(OFFICIAL.iterdir()):
        if path.stem in ELSEWHERE:
            continue
        call = CALLS[path.name.split("_")[0]]
        codes = {classify(call, status, path.read_bytes()).code for status in (200, 400)}
        assert len(codes) == 1, path.name
        found[path.stem] = codes.pop()
    assert found == EXPECTED


@pytest.mark.skipif(not OFFICIAL.is_dir(), reason="the shared corpus is not here")
def test_official_lists_and_files_give_what_they_say() -> None:
    page: Page = classify(
        Call.LIST, 200, (OFFICIAL / "listamesajefactura__cif_ul_returneaza_mesaje.json").read_bytes()
    ).value
    assert [(each.id, each.kind, each.reference) for each in page.messages] == [
        ("3001293434", Kind.ERRORS, "5001130147"),
        ("3001503294", Kind.ISSUED, "5001131297"),
    ]
    assert (page.messages[1].seller, page.messages[1].buyer) == ("8000000000", "3")
    paged: Page = classify(
        Call.PAGE, 200, (OFFICIAL / "listamesajepaginatiefactura__cif_ul_returneaza_mesaje.json").read_bytes()
    ).value
    assert (paged.pages, paged.total, len(paged.messages)) == (29, 14130, 2)
    root, _findings = receipts.parse((OFFICIAL / "errorfile__duplicate_observed_text.xml").read_bytes())
    assert [each.official for each in receipts.errors(root)] == [
        "Factura a mai fost transmisa anterior cu index=5012345678"
    ]
    states = {
        "factura_a_fost_prelucrata_cu_succes": (Progress.ACCEPTED, "1234"),
        "factura_nu_a_fost_prelucrata_cu_succes": (Progress.FAILED, "123"),
        "factura_nu_a_fost_preluata_de_sistem": (Progress.FAILED, ""),
        "factura_in_prelucrare": (Progress.WORKING, ""),
    }
    for name, (progress, message) in states.items():
        receipt = classify(Call.STATE, 200, (OFFICIAL / f"staremesaj__{name}.xml").read_bytes()).value
        assert (receipt.progress, receipt.message) == (progress, message)


def test_times_are_romanian_wall_time() -> None:
    assert answers.moment("202611011336") == datetime(2026, 11, 1, 11, 36, tzinfo=UTC)
    assert answers.moment("202607011336") == datetime(2026, 7, 1, 10, 36, tzinfo=UTC)
    assert answers.moment("202610250330") == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # it comes twice: the first
    assert answers.moment("202613011336") is None
    assert answers.moment("2026110113") is None


def test_limits_end_at_the_romanian_midnight() -> None:
    error = answers.matched(Call.LIST, "S-au facut deja 1000 interogari de lista mesaje").error(NOW)
    assert isinstance(error, Limit)
    assert error.until == datetime(2026, 11, 5, 22, 0, tzinfo=UTC)


def test_what_the_server_asks_to_wait_is_waited() -> None:
    error = classify(Call.PAGE, 429, b"", {"retry-after": "7"}).error(NOW)
    assert isinstance(error, Limit)
    assert (error.until - NOW).total_seconds() == 7


def test_rights_name_the_company() -> None:
    error = answers.matched(Call.LIST, "Nu aveti drept in SPV pentru CIF=185472903").error(NOW)
    assert isinstance(error, Rights)
    assert error.company == "185472903"
    assert "185472903" in error.message


def test_a_duplicate_names_the_earlier_upload() -> None:
    error = answers.matched(Call.UPLOAD, "Factura a mai fost transmisa anterior cu index=5100000001").error(NOW)
    assert isinstance(error, Duplicate)
    assert error.reference == "5100000001"


@pytest.mark.parametrize(("status", "body"), [(500, b""), (502, b"<html>"), (200, b""), (200, b"<html></html>")])
def test_an_upload_without_a_clear_answer_may_have_been_taken(status: int, body: bytes) -> None:
    assert isinstance(classify(Call.UPLOAD, status, body).error(NOW), Uncertain)


@pytest.mark.parametrize("text", ["A aparut o eroare tehnica. Cod: 1", "Ceva nou"])
def test_an_upload_that_anaf_says_no_to_was_not_taken(text: str) -> None:
    head = '<header xmlns="mfp:anaf:dgti:spv:respUploadFisier:v1" ExecutionStatus="1">'
    body = f'{head}<Errors errorMessage="{text}"/></header>'
    error = classify(Call.UPLOAD, 200, body.encode()).error(NOW)
    assert isinstance(error, Temporary)
    assert not isinstance(error, Uncertain)
    assert error.official == text


def test_an_unknown_text_is_kept_and_said_to_be_unknown() -> None:
    error = answers.matched(Call.LIST, "Un text nou").error(NOW)
    assert isinstance(error, Temporary)
    assert not error.known
    assert "Un text nou" in error.message


def test_an_entry_without_a_usable_id_is_kept_as_it_came() -> None:
    at = '"data_creare":"202611011336"'
    body = f'{{"mesaje":[{{"id":"x",{at}}},{{"id":"31",{at},"tip":"CEVA NOU"}},7]}}'.encode()
    page: Page = classify(Call.PAGE, 200, body).value
    assert [(each.id, each.kind, each.label) for each in page.messages] == [("31", Kind.UNKNOWN, "CEVA NOU")]
    assert len(page.unreadable) == 2


SECRET = "eyJhbGciOiJSUzUxMiJ9.c2VjcmV0.c2VjcmV0"


@pytest.mark.parametrize("status", [200, 400, 401, 403, 500])
@pytest.mark.parametrize(
    "body",
    [
        f'["{SECRET}"]',
        f'"{SECRET}"',
        SECRET,
        f'{{"token":"{SECRET}"}}',
        f'{{"access_token":["{SECRET}"],"error":"{SECRET}{SECRET}"}}',
        f'{{"error":{{"refresh_token":"{SECRET}"}},"message":"{SECRET}"}}',
        f"<html><body>Request Rejected {SECRET}</body></html>",
        f"<html><body>{SECRET}</body></html>",
        f'<answer errorMessage="{SECRET}"/>',
    ],
)
def test_nothing_of_an_answer_about_tokens_is_kept_that_may_be_one(status: int, body: str) -> None:
    error = classify(Call.TOKEN, status, body.encode()).error(NOW)
    assert SECRET not in f"{error.official} {error.message} {error.values} {error!r}"
    assert isinstance(error, Temporary), "and it is no proof that a permission ended"


def test_only_a_word_about_the_permission_says_that_it_has_ended() -> None:
    for status in (400, 401, 403):
        ended = classify(Call.TOKEN, status, b'{"error":"invalid_grant","error_description":"It is over."}')
        assert (ended.code, ended.official) == ("login", "invalid_grant: It is over.")
    for status in (401, 403):
        assert isinstance(classify(Call.TOKEN, status, b"Forbidden").error(NOW), Temporary)
        assert classify(Call.PAGE, status, b"Forbidden").code == "login"


def entries(count: int) -> str:
    return ",".join(f'{{"id":"{number}","data_creare":"202611011336"}}' for number in range(count))


def test_a_full_page_that_does_not_say_how_many_there_are_counts_nothing() -> None:
    def page(call: Call, count: int, more: str = "") -> Page:
        found: Page = classify(call, 200, f'{{"mesaje":[{entries(count)}]{more}}}'.encode()).value
        return found

    assert not page(Call.PAGE, 500).counted
    assert page(Call.PAGE, 499).counted
    assert page(Call.LIST, 500).counted
    told = page(Call.PAGE, 500, ',"numar_total_inregistrari":"801"')
    assert (told.counted, told.total, told.pages) == (True, 801, 2)


@pytest.mark.parametrize("body", [b'{"mesaje":null}', b'{"mesaje":"Eroare"}', b'{"mesaje":{}}'])
def test_a_list_that_is_none_is_no_empty_one(body: bytes) -> None:
    for call in (Call.LIST, Call.PAGE):
        assert classify(call, 200, body).code == "unknown"


def test_a_self_billed_invoice_names_its_seller_last() -> None:
    message = answers.incoming(
        {
            "data_creare": "202611011336",
            "id": "31",
            "id_solicitare": "51",
            "tip": "FACTURA TRIMISA",
            "detalii": "Factura cu id_incarcare=51 transmisa de cif=111 ca autofactura in numele cif=222",
        }
    )
    assert message is not None
    assert (message.seller, message.buyer) == ("222", "111")


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("E: validari globale  SCHEMATRON   eroare: [BR-RO-110]-Daca …", "BR-RO-110"),
        ("E: validari globale\n eroare regula: R6.1: CIF-ul vanzatorului nu figureaza in baza de date:1", "R6.1"),
        ("E: validari eroare regula: R_BT_31_cui: Cui vanzator incorect", "R_BT_31_cui"),
        ("R6.1: CIF-ul vanzatorului nu figureaza in baza de date:1", "R6.1"),
        ("BR-07 / BR-09 Nu a fost identificat cif-ul cumparatorului", "BR-07"),
        ("Altceva", ""),
    ],
)
def test_a_complaint_knows_its_rule(text: str, rule: str) -> None:
    assert answers.complaint(text).rule == rule


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(list(Call)), st.sampled_from([200, 400, 403, 500]), st.binary(max_size=200))
def test_no_bytes_whatever_make_it_stumble(call: Call, status: int, body: bytes) -> None:
    for start in (b"", b"{", b'{"eroare":', b"<header ", b"PK\x03\x04", b"<html>", b'{"mesaje":['):
        answer = classify(call, status, start + body)
        if answer.kind != "ok":
            answer.error(NOW)
