"""A gateway whose key never leaves its token."""

from pathlib import Path

import pytest

from signing.certificates import Certificate
from signing.providers import KeyKind
from signing.xml.parser import parse_document
from signing.xml.wss import parse_envelope, verify_sender
from tests.support import commands
from tests.support.fixtures import require_gost
from tests.support.installation import Installation, make_installation
from tests.support.messages import caller
from tests.support.server import running_server
from tests.support.softhsm import MODULE, PIN

pytest.importorskip("pkcs11")
pytestmark = pytest.mark.slow
KIND = KeyKind.RSA_2048


@pytest.fixture
def with_token(tmp_path: Path) -> Installation:
    """An installation that signs by the token alone."""
    require_gost()
    made = make_installation(tmp_path / "demo")
    text = made.config_path.read_text("utf-8")
    begin = text.index("keys = [")
    end = text.index("]", begin) + 1
    keys = f'pkcs11_module = "{MODULE}"\nkeys = [{{ key = "pkcs11:token=gateway;object={KIND}" }}]'
    made.config_path.write_text(text[:begin] + keys + text[end:], "utf-8")
    secrets = made.folder / "secrets.toml"
    with secrets.open("a", encoding="utf-8") as file:
        file.write(f'\n[signing]\ntoken_pin = "{PIN}"\n')
    return made


@pytest.mark.parametrize("workers", [1, 2])
def test_replies_are_signed_in_the_token(
    token: dict[KeyKind, Certificate], with_token: Installation, workers: int
) -> None:
    with running_server(with_token, workers=workers) as server:
        for name in ("agency-gost", "agency-rsa"):
            reply = server.address.post(caller(with_token, name).ask())
            assert reply.status == 200
            envelope = parse_envelope(parse_document(reply.body))
            providers = with_token.providers
            verified = verify_sender(envelope, providers, allowed=providers.signatures)
            assert verified.certificate == token[KIND]
    assert PIN not in server.log()


def test_wrong_pin_keeps_the_gateway_from_starting(
    token: dict[KeyKind, Certificate], with_token: Installation
) -> None:
    secrets = with_token.folder / "secrets.toml"
    secrets.write_text(secrets.read_text("utf-8").replace(PIN, "000000"), "utf-8")
    # In a process of its own: in this one somebody may be logged in to the token already.
    config = with_token.config_path
    finished = commands.run("--config", config, "serve", "--bind", "127.0.0.1:0")
    assert finished.exit_code == 3
    assert "provider.token_pin" in finished.errors
    assert PIN not in finished.errors
