"""Independent check of GOST: the openssl command line with the gost engine."""

from __future__ import annotations

import base64
import subprocess
from pathlib import Path

import pytest
from lxml import etree

from signing import namespaces as ns
from signing.errors import ProviderError
from signing.providers import KeyKind, Providers
from signing.xml.parser import parse_document
from signing.xml.wss import parse_envelope, verify_sender
from tests.unit.signing import samples

ENGINE = ("-engine", "gost")


def openssl(*arguments: str | Path, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    try:
        return subprocess.run(
            ["openssl", *map(str, arguments)], input=given, capture_output=True, check=False
        )
    except FileNotFoundError:
        pytest.skip("no openssl command")


@pytest.fixture
def folder(pki: dict[str, bytes], tmp_path: Path) -> Path:
    for name, content in pki.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    if openssl("engine", "gost").returncode:
        pytest.skip("the openssl command has no gost engine")
    return tmp_path


@pytest.mark.parametrize("name", ["gateway", "agency-gost", "agency-rsa", "gateway-rsa", "smev"])
def test_openssl_verifies_the_chain(folder: Path, name: str) -> None:
    # The demonstration's dates are fixed, the machine's are not.
    at = str(int(samples.NOW.timestamp()))
    found = openssl(
        "verify", *ENGINE, "-x509_strict", "-attime", at, "-CAfile", folder / "ca.pem",
        folder / f"{name}.pem",
    )  # fmt: skip
    assert found.returncode == 0, found.stderr
    shown = openssl("x509", *ENGINE, "-in", folder / f"{name}.pem", "-noout", "-text")
    assert shown.returncode == 0
    assert b"Digital Signature" in shown.stdout


def test_openssl_refuses_the_stranger(folder: Path) -> None:
    found = openssl("verify", *ENGINE, "-CAfile", folder / "ca.pem", folder / "stranger-gost.pem")
    assert found.returncode != 0


def test_openssl_verifies_our_signature(folder: Path, providers: Providers) -> None:
    message = samples.signed("agency-gost")
    root = etree.fromstring(message)
    info = etree.tostring(next(root.iter(ns.SIGNED_INFO)), method="c14n", exclusive=True)
    value = base64.b64decode(str(next(root.iter(ns.SIGNATURE_VALUE)).text))
    (folder / "info").write_bytes(info)
    (folder / "value").write_bytes(value)
    key = openssl("x509", *ENGINE, "-in", folder / "agency-gost.pem", "-pubkey", "-noout").stdout
    (folder / "key").write_bytes(key)
    arguments = ("dgst", *ENGINE, "-md_gost12_256", "-verify", folder / "key", "-signature")
    assert openssl(*arguments, folder / "value", folder / "info").returncode == 0
    (folder / "info").write_bytes(info + b" ")
    assert openssl(*arguments, folder / "value", folder / "info").returncode != 0
    body = etree.tostring(root[1], method="c14n", exclusive=True)
    digest = openssl("dgst", *ENGINE, "-md_gost12_256", "-binary", given=body).stdout
    expected = base64.b64decode(str(next(root.iter(ns.DIGEST_VALUE)).text))
    assert digest == expected
    verified = verify_sender(
        parse_envelope(parse_document(message)), providers, allowed=providers.signatures
    )
    assert verified.digest == digest


def test_we_verify_the_signature_of_openssl(folder: Path, providers: Providers) -> None:
    signer = samples.signer("agency-gost")
    made = openssl(
        "dgst", *ENGINE, "-md_gost12_256", "-sign", folder / "agency-gost.key", "-binary",
        given=b"message",
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    providers.verify(signer.algorithm, signer.certificate, b"message", made.stdout)


@pytest.mark.parametrize("cipher", ["aes-256-cbc", "gost89"])
def test_we_read_keys_that_openssl_encrypted(
    folder: Path, pki: dict[str, bytes], providers: Providers, cipher: str
) -> None:
    locked = openssl(
        "pkcs8", *ENGINE, "-topk8", "-in", folder / "agency-gost.key", "-v2", cipher,
        "-passout", "pass:word",
    ).stdout  # fmt: skip
    assert b"ENCRYPTED" in locked
    certificate = pki["agency-gost.pem"]
    signer = providers.load_signer(locked, certificate, password=b"word")
    assert len(signer.sign(b"")) == 64
    for password, code in ((b"no", "provider.key_unreadable"), (None, "provider.key_password")):
        with pytest.raises(ProviderError) as caught:
            providers.load_signer(locked, certificate, password=password)
        assert caught.value.code == code


@pytest.mark.parametrize("parameter_set", ["A", "B", "C", "XA", "TCA", "TCB", "TCC", "TCD"])
def test_we_verify_every_parameter_set(
    folder: Path, providers: Providers, parameter_set: str
) -> None:
    made = openssl(
        "genpkey", *ENGINE, "-algorithm", "gost2012_256", "-pkeyopt", f"paramset:{parameter_set}"
    )
    assert made.returncode == 0, made.stderr
    (folder / "own.key").write_bytes(made.stdout)
    info = openssl("pkey", *ENGINE, "-in", folder / "own.key", "-pubout", "-outform", "DER").stdout
    signature = openssl(
        "dgst", *ENGINE, "-md_gost12_256", "-sign", folder / "own.key", "-binary", given=b"m"
    ).stdout
    algorithm = samples.signer("agency-gost").algorithm
    providers.verify_key(algorithm, info, b"m", signature)


def test_openssl_reads_our_keys(folder: Path, providers: Providers) -> None:
    for kind in (KeyKind.GOST_2012_256, KeyKind.RSA_2048):
        key = providers.generate_key(kind)
        (folder / "new.key").write_bytes(key.export_pem())
        public = openssl("pkey", *ENGINE, "-in", folder / "new.key", "-pubout", "-outform", "DER")
        assert public.stdout == key.public_key_info
