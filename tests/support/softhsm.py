"""A token for the tests: SoftHSM 2 with a folder of its own, which a process reads once."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from signing.certificates import Certificate
from signing.providers import KeyKind
from tests.unit.signing.cms_samples import signer

MODULE = "/usr/lib/softhsm/libsofthsm2.so"
PIN = "864209"
KINDS = (KeyKind.RSA_2048, KeyKind.EC_P256, KeyKind.EC_P384)
IDS = {kind: f"{number:02x}" for number, kind in enumerate(KINDS, 1)}


def run(*arguments: str | Path) -> None:
    done = subprocess.run(list(map(str, arguments)), capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="session")
def token(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[KeyKind, Certificate]]:
    """A token with a key and a certificate of each kind, and one key without a certificate."""
    if not Path(MODULE).exists():
        reason = "no SoftHSM 2 (apt-get install softhsm2)"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    (folder / "conf").write_text(
        f"directories.tokendir = {folder}/tokens\nobjectstore.backend = file\nlog.level = ERROR\n"
    )
    before = os.environ.get("SOFTHSM2_CONF")
    os.environ["SOFTHSM2_CONF"] = str(folder / "conf")
    for label in ("gateway", "twin", "twin"):
        run(
            "softhsm2-util", "--init-token", "--free", "--label", label, "--pin", PIN,
            "--so-pin", "1357",
        )  # fmt: skip
    for kind in KINDS:
        (folder / "key").write_bytes(signer(kind)._key.export_pem())
        run(
            "softhsm2-util", "--import", folder / "key", "--token", "gateway", "--label", kind,
            "--id", IDS[kind], "--pin", PIN,
        )  # fmt: skip
    run(
        "softhsm2-util", "--import", folder / "key", "--token", "gateway", "--label", "bare",
        "--id", "99", "--pin", PIN,
    )  # fmt: skip
    _store_certificates()
    yield {kind: signer(kind).certificate for kind in KINDS}
    os.environ.pop("SOFTHSM2_CONF")
    if before is not None:
        os.environ["SOFTHSM2_CONF"] = before


def _store_certificates() -> None:
    """Put the certificates into the token, as the maker's own tools would."""
    import pkcs11

    with pkcs11.lib(MODULE).get_token(token_label="gateway").open(rw=True, user_pin=PIN) as session:
        for kind in KINDS:
            session.create_object(
                {
                    pkcs11.Attribute.CLASS: pkcs11.ObjectClass.CERTIFICATE,
                    pkcs11.Attribute.CERTIFICATE_TYPE: pkcs11.CertificateType.X_509,
                    pkcs11.Attribute.TOKEN: True,
                    pkcs11.Attribute.LABEL: "certificate",
                    pkcs11.Attribute.ID: bytes.fromhex(IDS[kind]),
                    pkcs11.Attribute.SUBJECT: b"\x30\x00",
                    pkcs11.Attribute.VALUE: signer(kind).certificate.der,
                }
            )
