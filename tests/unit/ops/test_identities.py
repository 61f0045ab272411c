"""Authorities and revocation lists, from the configuration to the verdict."""

from __future__ import annotations

from pathlib import Path

import pytest

from ops.config import load_config
from ops.demo import initialise
from ops.errors import ConfigError
from ops.identities import load_trust
from signing.certificates import parse_certificate
from signing.errors import SigningError, TrustError
from signing.providers import load_providers
from tests.unit.signing.samples import NOW

PROVIDERS = load_providers()


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    initialise(folder, demo=True, database_url=None, providers=PROVIDERS, clock=lambda: NOW)
    return folder


def judge(folder: Path, name: str, *changes: tuple[str, str]) -> str:
    """The refusal of a demonstration certificate by the demonstration's configuration, changed."""
    text = (folder / "kontingent.toml").read_text("utf-8")
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    path = folder / "changed.toml"
    path.write_text(text, "utf-8")
    store = load_trust(load_config(path, {}), PROVIDERS)
    try:
        store.verify(parse_certificate((folder / f"pki/{name}.pem").read_bytes()), at=NOW)
    except TrustError as error:
        return error.code
    return ""


FOLDER = 'crl_folder = "pki/crl"\n'


@pytest.mark.parametrize("kind", ["gost", "rsa"])
def test_demonstration_uses_its_lists(demo: Path, kind: str) -> None:
    for name in (f"revoked-{kind}", f"branch-revoked-{kind}"):
        assert judge(demo, name) == "certificate.revoked"
        assert judge(demo, name, (FOLDER, "")) == ""
    for name in (f"agency-{kind}", f"branch-{kind}"):
        assert judge(demo, name, (FOLDER, FOLDER + "require_revocation = true\n")) == ""
        assert (
            judge(demo, name, (FOLDER, "require_revocation = true\n"))
            == "certificate.revocation_unknown"
        )


def test_lists_by_name(demo: Path) -> None:
    lists = 'crls = ["pki/crl/ca.crl"]\n'
    assert judge(demo, "revoked-rsa", (FOLDER, lists)) == "certificate.revoked"
    assert judge(demo, "branch-revoked-rsa", (FOLDER, lists)) == ""


def test_what_cannot_be_read_is_told_at_the_start(demo: Path) -> None:
    with pytest.raises(ConfigError) as missing:
        judge(demo, "agency-rsa", (FOLDER, 'crls = ["absent.crl"]\n'))
    assert "absent.crl" in missing.value.detail
    with pytest.raises(SigningError) as wrong:
        judge(demo, "agency-rsa", (FOLDER, 'crls = ["pki/crl/ca.crl", "pki/ca.pem"]\n'))
    assert wrong.value.code == "certificate.malformed"
    assert "2 of 2" in wrong.value.detail
    with pytest.raises(SigningError) as folder:
        judge(demo, "agency-rsa", (FOLDER, 'crl_folder = "pki"\n'))
    assert folder.value.code == "certificate.malformed"
    assert "agency-gost.key: " in folder.value.detail
