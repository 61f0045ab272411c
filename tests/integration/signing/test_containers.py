"""Key files that the openssl command line makes: PKCS#12 and encrypted PKCS#8."""

from __future__ import annotations

from pathlib import Path

import pytest

from ops.errors import ConfigError
from ops.identities import load_signer
from signing.certificates import format_pem
from signing.errors import ProviderError
from signing.providers import KeyKind, Providers, load_pkcs12
from tests.integration.signing.test_openssl import ENGINE, openssl
from tests.unit.signing.cms_samples import issuer, signer

KINDS = (
    KeyKind.GOST_2012_256,
    KeyKind.GOST_2012_512,
    KeyKind.GOST_2001,
    KeyKind.RSA_2048,
    KeyKind.EC_P384,
)
GOST89 = ("-keypbe", "gost89", "-certpbe", "gost89")
CIPHERS = {
    "usual": (),
    "gost": (*GOST89, "-macalg", "md_gost12_512"),
    "gost with SHA": GOST89,
    "AES": ("-keypbe", "AES-256-CBC", "-certpbe", "AES-256-CBC", "-macalg", "sha256"),
    "3DES": ("-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-3DES", "-macalg", "sha1"),
    "open": ("-keypbe", "NONE", "-certpbe", "NONE"),
}


@pytest.fixture
def folder(providers: Providers, tmp_path: Path) -> Path:
    if openssl("engine", "gost").returncode:
        pytest.skip("the openssl command has no gost engine")
    (tmp_path / "ca.pem").write_bytes(format_pem(issuer().certificate))
    for kind in KINDS:
        (tmp_path / f"{kind}.pem").write_bytes(format_pem(signer(kind).certificate))
        (tmp_path / f"{kind}.key").write_bytes(signer(kind)._key.export_pem())
    return tmp_path


def export(folder: Path, kind: KeyKind, password: str, *options: str) -> bytes:
    made = openssl(
        "pkcs12", "-export", *ENGINE, "-inkey", folder / f"{kind}.key", "-in",
        folder / f"{kind}.pem", "-certfile", folder / "ca.pem", "-passout", f"pass:{password}",
        *options,
    )  # fmt: skip
    assert made.returncode == 0, made.stderr
    return made.stdout


def refusal(data: bytes, password: bytes | None) -> str:
    with pytest.raises(ProviderError) as caught:
        load_pkcs12(data, password)
    return caught.value.code


@pytest.mark.parametrize("cipher", CIPHERS)
@pytest.mark.parametrize("kind", KINDS)
def test_pkcs12(folder: Path, providers: Providers, kind: KeyKind, cipher: str) -> None:
    for password, others in (("word", (b"no", None)), ("", (b"no",)), ("слово", (b"no", b""))):
        made = export(folder, kind, password, *CIPHERS[cipher])
        store = load_pkcs12(made, password.encode())
        assert store.certificate == signer(kind).certificate
        assert store.others == (issuer().certificate,)
        opened = providers.load_signer(store.key, store.certificate.der)
        providers.verify(opened.algorithm, opened.certificate, b"m", opened.sign(b"m"))
        for other in others:
            assert refusal(made, other) == "provider.key_password"


@pytest.mark.parametrize("kind", KINDS[:3])
def test_pkcs12_that_is_not_opened(folder: Path, kind: KeyKind) -> None:
    for options in (("-nomac",), ("-legacy",)):
        made = export(folder, kind, "word", *options)
        assert refusal(made, b"word") == "provider.key_unreadable"
    made = export(folder, kind, "word")
    assert refusal(made[:-1], b"word") == "provider.key_unreadable"
    assert refusal(export(folder, kind, "word", "-nocerts"), b"word") == "provider.key_unreadable"


def test_files_of_a_signer(folder: Path, providers: Providers) -> None:
    kind = KeyKind.GOST_2012_256
    store, key, certificate = folder / "a.pfx", folder / f"{kind}.key", folder / f"{kind}.pem"
    store.write_bytes(export(folder, kind, "word"))
    own = signer(kind).certificate
    for files in ((store, None), (store, certificate), (key, certificate)):
        assert load_signer(providers, *files, password=b"word").certificate == own
    with pytest.raises(ConfigError):
        load_signer(providers, key, None, password=None)
    with pytest.raises(ConfigError) as caught:
        load_signer(providers, store, folder / f"{KeyKind.GOST_2012_512}.pem", password=b"word")
    assert caught.value.code == "provider.key_mismatch"


@pytest.mark.parametrize(
    ("kind", "cipher"),
    [
        *((kind, cipher) for kind in KINDS for cipher in ("aes-128-cbc", "aes-256-cbc")),
        *((kind, "gost89") for kind in KINDS[:3]),
    ],
)
def test_encrypted_pkcs8(folder: Path, providers: Providers, kind: KeyKind, cipher: str) -> None:
    certificate = signer(kind).certificate.der
    for form in ("PEM", "DER"):
        locked = openssl(
            "pkcs8", *ENGINE, "-topk8", "-in", folder / f"{kind}.key", "-v2", cipher,
            "-outform", form, "-passout", "pass:word",
        ).stdout  # fmt: skip
        opened = providers.load_signer(locked, certificate, password=b"word")
        providers.verify(opened.algorithm, opened.certificate, b"m", opened.sign(b"m"))
        for password, code in ((b"no", "provider.key_unreadable"), (None, "provider.key_password")):
            with pytest.raises(ProviderError) as caught:
                providers.load_signer(locked, certificate, password=password)
            assert caught.value.code == code
