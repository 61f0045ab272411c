"""Keys in a token: SoftHSM 2 with a folder of its own."""

from __future__ import annotations

import multiprocessing
import sys
import threading
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from ops.config import load_config
from ops.errors import ConfigError
from ops.identities import load_signers
from signing.algorithms import SignatureAlgorithm
from signing.certificates import Certificate, format_pem
from signing.cms.detached import sign_detached, verify_detached
from signing.errors import ProviderError
from signing.pki.issuing import Subject, issue_certificate
from signing.providers import KeyKind, Providers, Signer
from signing.providers.pkcs11 import TokenKey, _find_module, load_token_signer
from signing.xml.parser import parse_document
from signing.xml.wss import parse_envelope, sign_envelope, verify_sender
from tests.support.softhsm import IDS, KINDS, MODULE, PIN
from tests.unit.signing import samples
from tests.unit.signing.cms_samples import DATA, issuer, signer

pkcs11 = pytest.importorskip("pkcs11")


@pytest.fixture(autouse=True)
def forget_refusals(token: object) -> None:
    _find_module(MODULE)._refused.clear()


def load(kind: KeyKind, **changed: Any) -> Signer:
    arguments: dict[str, Any] = {
        "uri": f"pkcs11:token=gateway;object={kind}",
        "module": MODULE,
        "pin": PIN,
        "providers": samples.providers(),
    }
    arguments.update(changed)
    return load_token_signer(arguments.pop("uri"), **arguments)


def refusal(**changed: Any) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        load(KeyKind.RSA_2048, **changed)
    assert PIN not in str(caught.value)
    assert caught.value.__cause__ is None
    return caught.value


@pytest.mark.parametrize("kind", KINDS)
def test_signs(token: dict[KeyKind, Certificate], providers: Providers, kind: KeyKind) -> None:
    for uri in (
        f"pkcs11:token=gateway;object={kind}",
        f"pkcs11:token=gateway;id=%{IDS[kind]}",
        f"pkcs11:token=gateway;manufacturer=SoftHSM%20project;object={kind};id=%{IDS[kind]}",
    ):
        found = load(kind, uri=uri)
        assert found.certificate == token[kind]
        assert found.algorithm == signer(kind).algorithm
        providers.verify(found.algorithm, token[kind], b"m", found.sign(b"m"))
        assert PIN not in repr(found)
        assert PIN not in repr(found._key)


def test_signs_with_sha512(token: dict[KeyKind, Certificate], providers: Providers) -> None:
    found = load(KeyKind.RSA_2048, algorithm=SignatureAlgorithm.RSA_SHA512)
    providers.verify(SignatureAlgorithm.RSA_SHA512, token[KeyKind.RSA_2048], b"m", found.sign(b"m"))
    wrong = refusal(algorithm=SignatureAlgorithm.ECDSA_SHA256)
    assert wrong.code == "provider.key_algorithm"


@pytest.mark.parametrize("kind", KINDS)
def test_signs_envelopes_and_files(providers: Providers, kind: KeyKind) -> None:
    found = load(kind)
    message = sign_envelope(samples.envelope(), found)
    verified = verify_sender(
        parse_envelope(parse_document(message)), providers, allowed=providers.signatures
    )
    assert verified.certificate == found.certificate
    made = sign_detached(DATA, found, at=samples.NOW)
    assert verify_detached(made, DATA, providers).certificate == found.certificate


def test_threads_share_a_token(providers: Providers) -> None:
    signers = [load(kind) for kind in KINDS]
    failures: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for count in range(20):
                one = signers[(number + count) % len(signers)]
                data = f"{number} {count}".encode()
                providers.verify(one.algorithm, one.certificate, data, one.sign(data))
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


def _work_in_child(found: Signer) -> None:
    for _ in range(3):
        signature = found.sign(b"child")
        samples.providers().verify(found.algorithm, found.certificate, b"child", signature)


@pytest.mark.parametrize("is_busy", [False, True])
def test_fork_after_loading(providers: Providers, is_busy: bool) -> None:
    found = load(KeyKind.EC_P256)
    module = _find_module(MODULE)
    child = multiprocessing.get_context("fork").Process(target=_work_in_child, args=(found,))
    if is_busy:
        # Another thread of the parent is in the token while it forks.
        assert isinstance(found._key, TokenKey)
        with module.session(found._key._uri, PIN):
            child.start()
    else:
        child.start()
    for _ in range(3):
        providers.verify(found.algorithm, found.certificate, b"parent", found.sign(b"parent"))
    child.join(30)
    assert child.exitcode == 0


# The library's search objects tell of the lost session once more while they are collected.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_goes_on_after_a_failure(providers: Providers) -> None:
    found = load(KeyKind.EC_P256)
    for session in _find_module(MODULE)._sessions.values():
        session.close()
    providers.verify(found.algorithm, found.certificate, b"m", found.sign(b"m"))


def test_pins() -> None:
    module = _find_module(MODULE)
    for session in module._sessions.values():
        session.close()
    module._sessions.clear()
    for pin in ("", None, "000000"):
        assert refusal(pin=pin).code == "provider.token_pin"
    # The right one is not tried either, for the token may be about to lock itself.
    assert "before" in refusal().detail


def test_the_last_try_of_a_pin_is_left_to_people() -> None:
    @dataclass
    class Token:
        flags: Any

        def open(self, user_pin: str) -> None:
            raise AssertionError("the PIN was tried")

    for flag in (pkcs11.TokenFlag.USER_PIN_FINAL_TRY, pkcs11.TokenFlag.USER_PIN_LOCKED):
        with pytest.raises(ProviderError) as caught:
            _find_module(MODULE)._log_in(Token(flag), (b"1", "t"), PIN)
        assert caught.value.code == "provider.token_pin"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"uri": "pkcs11:token=gateway;object=none"}, "provider.token_object"),
        ({"uri": "pkcs11:token=gateway;id=%77"}, "provider.token_object"),
        ({"uri": "pkcs11:token=gateway;object=bare"}, "provider.token_object"),
        ({"uri": "pkcs11:token=none;object=bare"}, "provider.token_missing"),
        ({"uri": "pkcs11:token=gateway;serial=0;object=bare"}, "provider.token_missing"),
        ({"uri": "pkcs11:token=twin;object=bare"}, "provider.token_ambiguous"),
        ({"uri": f"pkcs11:token=gateway;object=a?pin-value={PIN}"}, "provider.token_uri"),
        ({"module": None}, "provider.token_unavailable"),
        ({"module": "/nowhere/module.so"}, "provider.token_unavailable"),
        ({"module": __file__}, "provider.token_unavailable"),
    ],
)
def test_refusals(changed: dict[str, Any], code: str) -> None:
    assert refusal(**changed).code == code


def test_key_has_to_be_the_certificates(token: dict[KeyKind, Certificate]) -> None:
    key = signer(KeyKind.RSA_2048)._key
    other = issue_certificate(
        Subject("another", "PKCS11"),
        samples.providers().generate_key(KeyKind.RSA_2048).public_key_info,
        issuer=issuer(),
        not_before=samples.NOW - timedelta(days=1),
        not_after=samples.NOW + timedelta(days=1),
        serial=50,
    )
    assert key.public_key_info != other.public_key_info
    assert refusal(certificate=other).code == "provider.key_mismatch"
    other_kind = token[KeyKind.EC_P256]
    assert refusal(certificate=other_kind).code in {
        "provider.token_failed",
        "provider.token_mechanism",
    }


def test_gost_is_asked_of_a_token_that_lacks_it(token: object) -> None:
    own = signer(KeyKind.GOST_2012_256).certificate
    assert refusal(certificate=own).code in {"provider.token_mechanism", "provider.token_failed"}
    own = signer(KeyKind.GOST_2012_512).certificate
    assert refusal(certificate=own).code == "provider.token_mechanism"


def test_key_stays_in_its_token() -> None:
    key = load(KeyKind.RSA_2048)._key
    assert isinstance(key, TokenKey)
    with pytest.raises(ProviderError) as caught:
        key.export_pem()
    assert caught.value.code == "provider.token_export"


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pkcs11", None)
    assert refusal().code == "provider.token_unavailable"


def test_configured_key(
    token: dict[KeyKind, Certificate], providers: Providers, tmp_path: Path
) -> None:
    own = token[KeyKind.EC_P256]
    (tmp_path / "own.pem").write_bytes(format_pem(own))
    path = tmp_path / "kontingent.toml"
    path.write_text(
        f"""
[gateway]
code = "KONT00001"
name = "K"

[signing]
pkcs11_module = "{MODULE}"
keys = [
    {{ key = "pkcs11:token=gateway;object={KeyKind.RSA_2048}" }},
    {{ key = "pkcs11:token=gateway;object={KeyKind.EC_P256}", certificate = "own.pem" }},
]
""",
        "utf-8",
    )
    config = load_config(path, {"KONTINGENT_TOKEN_PIN": PIN})
    assert PIN not in repr(config)
    found = load_signers(config, providers)
    assert [one.certificate for one in found] == [token[KeyKind.RSA_2048], own]
    (tmp_path / "secrets.toml").write_text(f'[signing]\ntoken_pin = "{PIN}"\n', "utf-8")
    assert load_config(path, {}).secrets.token_pin == PIN
    bare = replace(config, signing=replace(config.signing, pkcs11_module=None))
    with pytest.raises((ProviderError, ConfigError)):
        load_signers(bare, providers)
