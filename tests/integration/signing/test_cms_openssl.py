"""Detached signatures of files against the openssl command line, in both directions."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from signing.algorithms import SignatureAlgorithm
from signing.certificates import format_pem
from signing.cms.detached import sign_detached, verify_all_signers, verify_detached
from signing.errors import SignatureError
from signing.providers import KeyKind, Providers
from tests.integration.signing.test_openssl import ENGINE, openssl
from tests.unit.signing import samples
from tests.unit.signing.cms_samples import DATA, KINDS, issuer, signer

DIGESTS = {
    KeyKind.GOST_2012_256: "md_gost12_256",
    KeyKind.GOST_2012_512: "md_gost12_512",
    KeyKind.GOST_2001: "md_gost94",
    KeyKind.RSA_2048: "sha256",
    KeyKind.EC_P256: "sha256",
    KeyKind.EC_P384: "sha384",
}
AT = str(int(samples.NOW.timestamp()))


@pytest.fixture
def folder(providers: Providers, tmp_path: Path) -> Path:
    if openssl("engine", "gost").returncode:
        pytest.skip("the openssl command has no gost engine")
    (tmp_path / "data").write_bytes(DATA)
    (tmp_path / "ca.pem").write_bytes(format_pem(issuer().certificate))
    for kind in DIGESTS:
        own = signer(kind)
        (tmp_path / f"{kind}.pem").write_bytes(format_pem(own.certificate))
        (tmp_path / f"{kind}.key").write_bytes(own._key.export_pem())
    return tmp_path


def sign(folder: Path, kind: KeyKind, *options: str, digest: str | None = None) -> bytes:
    made = openssl(
        "cms", "-sign", *ENGINE, "-binary", "-in", folder / "data", "-signer",
        folder / f"{kind}.pem", "-inkey", folder / f"{kind}.key", "-md", digest or DIGESTS[kind],
        "-outform", "DER", *options,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    return made.stdout


@pytest.mark.parametrize("cades", [(), ("-cades",)], ids=["plain", "cades"])
@pytest.mark.parametrize("kind", KINDS)
def test_openssl_verifies_ours(folder: Path, kind: KeyKind, cades: tuple[str, ...]) -> None:
    (folder / "sig").write_bytes(sign_detached(DATA, signer(kind), at=samples.NOW))
    arguments: tuple[str | Path, ...] = (
        "cms", "-verify", *ENGINE, *cades, "-binary", "-inform", "DER", "-in", folder / "sig",
        "-CAfile", folder / "ca.pem", "-attime", AT, "-purpose", "any",
    )  # fmt: skip
    found = openssl(*arguments, "-content", folder / "data")
    assert found.returncode == 0, found.stderr
    assert found.stdout == DATA
    (folder / "data").write_bytes(DATA + b" ")
    assert openssl(*arguments, "-content", folder / "data").returncode != 0


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("-cades",),
        ("-keyid",),
        ("-noattr",),
        ("-nosmimecap",),
        ("-stream",),
        ("-nodetach",),
        ("-nodetach", "-stream"),
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("kind", KINDS)
def test_we_verify_openssls(
    folder: Path, providers: Providers, kind: KeyKind, options: tuple[str, ...]
) -> None:
    made = sign(folder, kind, *options)
    if "-stream" in options:
        assert made[1] == 0x80
    found = verify_detached(made, DATA, providers)
    assert found.certificate == signer(kind).certificate
    assert found.has_attributes == ("-noattr" not in options)
    assert (found.signing_time is not None) == found.has_attributes
    assert found.names_certificate == ("-cades" in options)
    with pytest.raises(SignatureError):
        verify_detached(made, DATA + b" ", providers)


def test_we_verify_more_of_rsa_and_text(folder: Path, providers: Providers) -> None:
    made = sign(folder, KeyKind.RSA_2048, digest="sha512")
    found = verify_detached(made, DATA, providers)
    assert found.algorithm is SignatureAlgorithm.RSA_SHA512
    verify_detached(sign(folder, KeyKind.RSA_2048, "-outform", "PEM"), DATA, providers)
    verify_detached(base64.encodebytes(made), DATA, providers)
    with pytest.raises(SignatureError) as caught:
        verify_detached(sign(folder, KeyKind.RSA_2048, digest="sha1"), DATA, providers)
    assert caught.value.code == "signature.algorithm_not_allowed"


def test_we_verify_large_files_written_as_a_stream(folder: Path, providers: Providers) -> None:
    data = bytes(range(256)) * 4096
    (folder / "data").write_bytes(data)
    for options in (("-nodetach", "-stream"), ("-stream",)):
        verify_detached(sign(folder, KeyKind.GOST_2012_256, *options), data, providers)


def test_old_gost_only_where_it_is_allowed(folder: Path, providers: Providers) -> None:
    made = sign(folder, KeyKind.GOST_2001)
    with pytest.raises(SignatureError) as caught:
        verify_detached(made, DATA, providers)
    assert caught.value.code == "signature.algorithm_not_allowed"
    allowed = frozenset({SignatureAlgorithm.GOST_2001})
    verify_detached(made, DATA, providers, allowed=allowed)


def test_several_signers(folder: Path, providers: Providers) -> None:
    other = signer(KeyKind.EC_P256, 9)
    (folder / "other.pem").write_bytes(format_pem(other.certificate))
    (folder / "other.key").write_bytes(other._key.export_pem())
    second = ("-signer", f"{folder}/other.pem", "-inkey", f"{folder}/other.key")
    found = verify_all_signers(sign(folder, KeyKind.RSA_2048, *second), DATA, providers)
    expected = {signer(KeyKind.RSA_2048).certificate, other.certificate}
    assert {one.certificate for one in found} == expected
