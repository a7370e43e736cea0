"""Settings: one table, read and checked at start, and the same in the documentation."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings

from fatto.countries.ro.sandbox.papers import own_sealer
from fatto.portal import config

ROOT = Path(__file__).parents[2]


def test_without_any_variable_the_defaults_are_safe():
    found = config.load({})
    assert found.data == Path("data").absolute()
    assert (found.bind, found.port, found.debug, found.proxies) == ("127.0.0.1", 8000, False, 0)
    assert found.database is None
    assert found.files is None


def test_an_empty_variable_counts_as_absent():
    assert config.load({"FATTO_PORT": "", "DATABASE_URL": ""}).port == 8000


@pytest.mark.parametrize(
    ("variable", "value", "right"),
    [
        ("FATTO_PORT", "0", "a whole number from 1 to 65535"),
        ("FATTO_PORT", "80 80", "a whole number"),
        ("FATTO_URL", "fatto.example.org", "a web address"),
        ("FATTO_URL", "https://fatto.example.org/portal", "without a path"),
        ("FATTO_HOSTS", "https://fatto.example.org", "host names without scheme"),
        ("FATTO_LOG", "loud", "one of debug, info, warning, error"),
        ("FATTO_DEBUG", "perhaps", "yes or no"),
        ("FATTO_EMAIL_URL", "smtp:", "smtp://HOST"),
        ("FATTO_EMAIL_FROM", "nobody", "an e-mail address"),
        ("FATTO_FILES_URL", "/srv/files", "s3://BUCKET/PREFIX"),
        ("FATTO_FILES_URL", "s3://bucket?end=x", "s3://BUCKET/PREFIX"),
        ("FATTO_SECRET_KEY", "short", "at least 40 random characters"),
        ("FATTO_METRICS_TOKEN", "short", "at least 16 random characters"),
        ("DATABASE_URL", "mysql://db/fatto", "postgresql://"),
        ("DATABASE_URL", "postgresql://db.example.org", "the name of the database is missing"),
    ],
)
def test_a_wrong_value_is_refused_by_name_with_what_is_right(variable: str, value: str, right: str):
    with pytest.raises(config.WrongSetting) as refused:
        config.load({variable: value})
    assert str(refused.value).startswith(f"{variable} ")
    assert right in str(refused.value)


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        (lambda pem: pem, ""),
        (lambda pem: pem + pem, ""),
        (lambda pem: pem[: len(pem) // 2], "certificate 1 of 1 in it is cut off"),
        (lambda pem: pem + pem[: len(pem) // 2], "certificate 2 of 2 in it is cut off"),
        (lambda pem: pem.replace(b"MII", b"AAA", 1), "certificate 1 of 1 in it is damaged"),
        (lambda pem: b"nothing", "there is no certificate in it"),
        (None, "it cannot be read (No such file or directory)"),
    ],
)
def test_certificates_are_read_at_the_start_and_what_is_wrong_with_their_file_is_said(tmp_path: Path, change, wrong):
    path = tmp_path / "authorities.pem"
    if change is not None:
        path.write_bytes(change(own_sealer().pem))
    if not wrong:
        assert config.load({"FATTO_SEAL_CERTIFICATES": str(path)}).seal_certificates == path
        return
    with pytest.raises(config.WrongSetting) as refused:
        config.load({"FATTO_SEAL_CERTIFICATES": str(path)})
    assert str(path) in str(refused.value)
    assert wrong in str(refused.value)
    assert "a PEM file with certificates is needed" in str(refused.value)


def test_settings_of_fatto_push_on_the_same_machine_are_not_the_portals():
    config.load({"FATTO_PUSH_TOKEN": "fatto_x", "FATTO_PUSH_URL": "https://fatto.example.org"})


def test_a_secret_is_not_repeated_in_the_refusal():
    with pytest.raises(config.WrongSetting) as refused:
        config.load({"DATABASE_URL": "mysql://fatto:hunter2@db/fatto"})
    assert "hunter2" not in str(refused.value)
    assert "hunter2" not in repr(config.load({"DATABASE_URL": "postgresql://fatto:hunter2@db/fatto"}))


def test_an_unknown_name_is_refused_with_the_nearest_known_one_and_all_troubles_are_told_at_once():
    with pytest.raises(config.WrongSetting) as refused:
        config.load({"FATTO_HOST": "a", "FATTO_WORKERS": "0"})
    assert "FATTO_HOST is not a setting of Fatto. Did you mean FATTO_HOSTS?" in str(refused.value)
    assert "FATTO_WORKERS '0'" in str(refused.value)


@pytest.mark.parametrize(
    "environment",
    [
        {"FATTO_S3_KEY": "key", "FATTO_FILES_URL": "s3://bucket"},
        {"FATTO_S3_KEY": "key", "FATTO_S3_SECRET": "secret"},
        {"FATTO_BACKUP_DATABASE_URL": "postgresql://backup@db/fatto"},
        {"FATTO_DEBUG": "yes", "FATTO_URL": "https://fatto.example.org"},
    ],
)
def test_settings_that_contradict_each_other_are_refused(environment: dict[str, str]):
    with pytest.raises(config.WrongSetting):
        config.load(environment)


def test_addresses_are_read_into_their_parts():
    found = config.load(
        {
            "FATTO_EMAIL_URL": "smtp+tls://me%40example.org:p%3Aw@mail.example.org",
            "FATTO_FILES_URL": "s3://bucket/some/prefix?endpoint=https://s3.example.org&region=eu-south-1",
            "DATABASE_URL": "postgresql://fatto:secret@db.example.org:5433/books?sslmode=require",
        }
    )
    assert (found.email.host, found.email.port, found.email.encryption) == ("mail.example.org", 587, "tls")
    assert (found.email.user, found.email.password) == ("me@example.org", "p:w")
    assert found.files == config.Bucket(
        name="bucket", prefix="some/prefix", endpoint="https://s3.example.org", region="eu-south-1"
    )
    assert found.database is not None
    assert found.database["sslmode"] == "require"
    assert (found.database["dbname"], found.database["port"]) == ("books", "5433")


def test_the_secret_key_is_made_once_and_kept_for_its_owner_alone(tmp_path: Path):
    found = config.load({"FATTO_DATA": str(tmp_path)})
    config.secret_key(found)
    assert not (tmp_path / "secret-key").exists(), "looking makes none"
    key = config.secret_key(found, make=True)
    assert len(key) >= 50
    assert config.secret_key(found, make=True) == config.secret_key(found) == key
    assert (tmp_path / "secret-key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret-key"]


def test_the_documentation_has_the_same_table():
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    table = re.findall(r"^\| `([A-Z0-9_]+)` \| (.*) \| (.*) \|$", text, flags=re.MULTILINE)
    assert table == [(row.variable, row.default, row.meaning) for row in config.rows()]


def test_nothing_is_signed_up_without_an_invitation(client):
    assert settings.ACCOUNT_ADAPTER == "fatto.portal.accounts.AccountAdapter"


def test_pages_forbid_scripts_and_styles_that_are_not_ours():
    directives = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    assert directives["default-src"] == ["'none'"]
    assert directives["script-src"] == directives["style-src"] == ["'self'"]
    assert directives["object-src"] == directives["base-uri"] == directives["frame-ancestors"] == ["'none'"]
    assert not any("unsafe" in source for sources in directives.values() for source in sources)
