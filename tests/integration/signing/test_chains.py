"""Chains and revocation lists, judged by the openssl command line and by us alike."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from signing.certificates import format_pem, parse_certificate
from signing.errors import TrustError
from signing.pki.issuing import Issuer, Revocation, format_list_pem
from signing.pki.trust import TrustPolicy, TrustStore
from signing.providers import KeyKind, Providers
from tests.integration.signing.test_openssl import ENGINE, openssl
from tests.unit.signing import authorities
from tests.unit.signing.authorities import DAY, HOUR, good_list
from tests.unit.signing.samples import NOW

# What openssl says for each of our codes.
TOLD = {
    "": b": OK",
    "certificate.revoked": b"certificate revoked",
    "certificate.expired": b"certificate has expired",
    "certificate.usage": b"unsuitable certificate purpose",
    "certificate.untrusted": b"unable to get local issuer certificate",
    "certificate.revocation_unknown": b"unable to get certificate CRL",
}
ANCHORS = ("ca", "ca-gost")
INTERMEDIATES = ("intermediate", "intermediate-gost")
LEAVES = {
    "gateway": "",
    "gateway-rsa": "",
    "agency-gost": "",
    "agency-rsa": "",
    "smev": "",
    "branch-gost": "",
    "branch-rsa": "",
    "expired-gost": "certificate.expired",
    "expired-rsa": "certificate.expired",
    "revoked-gost": "certificate.revoked",
    "revoked-rsa": "certificate.revoked",
    "branch-revoked-gost": "certificate.revoked",
    "branch-revoked-rsa": "certificate.revoked",
    "wrong-usage-gost": "certificate.usage",
    "wrong-usage-rsa": "certificate.usage",
    "stranger-gost": "certificate.untrusted",
    "stranger-rsa": "certificate.untrusted",
    "ca": "certificate.usage",
    "ca-gost": "certificate.usage",
    "intermediate": "certificate.usage",
    "intermediate-gost": "certificate.usage",
    "stranger-ca": "certificate.usage",
}


@pytest.fixture
def folder(pki: dict[str, bytes], tmp_path: Path) -> Path:
    if openssl("engine", "gost").returncode:
        pytest.skip("the openssl command has no gost engine")
    for name, content in pki.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    for bundle, names in (("anchors", ANCHORS), ("intermediates", INTERMEDIATES)):
        (tmp_path / bundle).write_bytes(b"".join(pki[f"{name}.pem"] for name in names))
    lists = [content for name, content in sorted(pki.items()) if name.endswith(".crl")]
    (tmp_path / "lists").write_bytes(b"".join(lists))
    return tmp_path


def ask_openssl(folder: Path, name: str, *options: str) -> bytes:
    """What openssl says of a certificate by the anchors, intermediates and lists of the folder.

    The purpose is the one that asks for a signing key.
    """
    found = openssl(
        "verify", *ENGINE, "-purpose", "smimesign", "-attime", str(int(NOW.timestamp())),
        "-CAfile", folder / "anchors", "-untrusted", folder / "intermediates", *options,
        folder / f"{name}.pem",
    )  # fmt: skip
    assert (found.returncode == 0) == found.stdout.endswith(b": OK\n")
    return found.stdout + found.stderr


def ask_us(store: TrustStore, pem: bytes) -> str:
    try:
        store.verify(parse_certificate(pem), at=NOW)
    except TrustError as error:
        return error.code
    return ""


def test_every_certificate_is_here(pki: dict[str, bytes]) -> None:
    assert {f"{name}.pem" for name in LEAVES} == {name for name in pki if name.endswith(".pem")}


@pytest.mark.parametrize("name", LEAVES)
def test_openssl_agrees(
    folder: Path, providers: Providers, pki: dict[str, bytes], name: str
) -> None:
    policy = TrustPolicy(
        anchors=tuple(parse_certificate(pki[f"{one}.pem"]) for one in ANCHORS),
        intermediates=tuple(parse_certificate(pki[f"{one}.pem"]) for one in INTERMEDIATES),
        crl_folder=folder / "crl",
        require_revocation=True,
    )
    code = LEAVES[name]
    assert ask_us(TrustStore(policy, providers), pki[f"{name}.pem"]) == code
    told = ask_openssl(folder, name, "-crl_check_all", "-CRLfile", str(folder / "lists"))
    if name == "stranger-ca":
        # Two reasons at once; each names the one that it looks at first.
        assert b"self-signed certificate" in told or b"self signed" in told
    else:
        assert TOLD[code] in told


@pytest.mark.parametrize("name", ["agency-gost", "agency-rsa"])
def test_first_authority_alone_is_enough_for_agencies(folder: Path, name: str) -> None:
    ca, one = folder / "ca.pem", folder / f"{name}.pem"
    at = str(int(NOW.timestamp()))
    found = openssl(
        "verify", *ENGINE, "-attime", at, "-crl_check", "-CAfile", ca,
        "-CRLfile", folder / "crl/ca.crl", one,
    )  # fmt: skip
    assert found.returncode == 0, found.stderr


@pytest.mark.parametrize("name", ["ca", "intermediate"])
def test_openssl_shows_our_lists(folder: Path, name: str) -> None:
    # The command takes no engine, so that it reads those of RSA alone.
    found = openssl(
        "crl", "-in", folder / f"crl/{name}.crl", "-CAfile", folder / f"{name}.pem", "-noout",
        "-text",
    )  # fmt: skip
    assert b"verify OK" in found.stderr
    assert b"Key Compromise" in found.stdout


@pytest.mark.parametrize("kind", [KeyKind.GOST_2012_256, KeyKind.RSA_2048])
@pytest.mark.parametrize(
    ("defect", "code", "told"),
    [
        ("none", "", b": OK"),
        ("revoked_leaf", "certificate.revoked", b"certificate revoked"),
        ("revoked_authority", "certificate.revoked", b"certificate revoked"),
        ("missing", "certificate.revocation_unknown", b"unable to get certificate CRL"),
        ("stale", "certificate.revocation_unknown", b"CRL has expired"),
        ("wrong_key", "certificate.revocation_unknown", b"CRL signature failure"),
    ],
)
def test_openssl_agrees_on_broken_lists(
    providers: Providers, tmp_path: Path, kind: KeyKind, defect: str, code: str, told: bytes
) -> None:
    tree = authorities.tree(kind)
    leaf, middle = tree.leaf(), tree.middle
    ends = NOW - timedelta(minutes=1) if defect == "stale" else NOW + DAY
    signer = middle
    if defect == "wrong_key":
        signer = Issuer(middle.certificate, authorities.key(kind, "wrong"))
    below = [Revocation(leaf.serial, NOW - 2 * HOUR)] if defect == "revoked_leaf" else []
    above = (
        [Revocation(middle.certificate.serial, NOW - 2 * HOUR)]
        if defect == "revoked_authority"
        else []
    )
    lists = [good_list(tree.root, *above)]
    if defect != "missing":
        lists.append(good_list(signer, *below, next_update=ends))
    for name, certificate in (
        ("anchors", tree.root.certificate),
        ("intermediates", middle.certificate),
        ("leaf.pem", leaf),
    ):
        (tmp_path / name).write_bytes(format_pem(certificate))
    (tmp_path / "lists").write_bytes(b"".join(map(format_list_pem, lists)))
    policy = TrustPolicy(
        anchors=(tree.root.certificate,),
        intermediates=(middle.certificate,),
        crls=tuple(lists),
        require_revocation=True,
    )
    assert ask_us(TrustStore(policy, providers), format_pem(leaf)) == code
    options = ("-crl_check_all", "-CRLfile", str(tmp_path / "lists"))
    assert told in ask_openssl(tmp_path, "leaf", *options)


def test_we_read_the_lists_of_openssl(folder: Path, providers: Providers) -> None:
    """A list that openssl has made with a GOST key, in the shape that it gives it."""
    certificate = parse_certificate((folder / "branch-gost.pem").read_bytes())
    until = (NOW + 900 * DAY).strftime("%y%m%d%H%M%SZ")
    since = (NOW - HOUR).strftime("%y%m%d%H%M%SZ")
    serial = certificate.serial.to_bytes(16, "big").hex().upper()
    (folder / "index").write_text(f"R\t{until}\t{since},keyCompromise\t{serial}\tunknown\t/CN=x\n")
    (folder / "config").write_text(
        f"[ca]\ndefault_ca=d\n[d]\ndatabase={folder}/index\ndefault_md=md_gost12_256\n"
        "default_crl_days=30\n"
    )
    made = openssl(
        "ca", *ENGINE, "-gencrl", "-config", folder / "config",
        "-keyfile", folder / "intermediate-gost.key", "-cert", folder / "intermediate-gost.pem",
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    policy = TrustPolicy(
        anchors=(parse_certificate((folder / "ca-gost.pem").read_bytes()),),
        intermediates=(parse_certificate((folder / "intermediate-gost.pem").read_bytes()),),
        crls=(made.stdout,),
    )
    store = TrustStore(policy, providers)
    assert ask_us(store, format_pem(certificate)) == "certificate.revoked"
