"""GnuTLS as another implementation of GOST than OpenSSL's: what we sign, it verifies."""

import os
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

from signing.certificates import format_pem
from signing.cms.detached import sign_detached
from signing.pki.issuing import Subject, issue_certificate
from signing.providers import KeyKind, Providers, Signer
from signing.providers.gost_engine import GostEngineProvider
from tests.unit.signing import samples

DATA = "Личное дело обучающегося".encode()
# The curves that GnuTLS 3.7 has, of those in use.
CURVES = (
    (KeyKind.GOST_2012_256, "1.2.643.2.2.35.1"),
    (KeyKind.GOST_2012_256, "1.2.643.2.2.36.0"),
    (KeyKind.GOST_2012_512, "1.2.643.7.1.2.1.2.1"),
)


@pytest.fixture(scope="module")
def certtool() -> str:
    found = shutil.which("certtool")
    if found is None:
        reason = "no certtool (apt-get install gnutls-bin)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


def make_signer(providers: Providers, kind: KeyKind, curve: str) -> Signer:
    key = GostEngineProvider().generate_key(kind, parameter_set=curve)
    certificate = issue_certificate(
        Subject("Проба", "Проба"),
        key.public_key_info,
        issuer=key,
        not_before=samples.NOW - timedelta(days=1),
        not_after=samples.NOW + timedelta(days=3650),
        serial=5,
    )
    return providers.join_signer(key, certificate)


def verify(certtool: str, folder: Path, data: bytes, signature: bytes, certificate: bytes) -> bool:
    for name, content in (("data", data), ("signature", signature), ("pem", certificate)):
        (folder / name).write_bytes(content)
    done = subprocess.run(
        [
            *(certtool, "--p7-verify", "--inder", "--infile", folder / "signature"),
            *("--load-data", folder / "data", "--load-certificate", folder / "pem"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode == 0 and "Signature status: ok" in done.stdout + done.stderr


@pytest.mark.parametrize(("kind", "curve"), CURVES)
def test_files_signed_by_gost(
    certtool: str, providers: Providers, tmp_path: Path, kind: KeyKind, curve: str
) -> None:
    signer = make_signer(providers, kind, curve)
    signature = sign_detached(DATA, signer, at=samples.NOW)
    certificate = format_pem(signer.certificate)
    assert verify(certtool, tmp_path, DATA, signature, certificate)
    assert not verify(certtool, tmp_path, DATA + b".", signature, certificate)
    other = make_signer(providers, kind, curve)
    assert not verify(certtool, tmp_path, DATA, signature, format_pem(other.certificate))
