"""Private keys in tokens (smart cards, HSMs) over PKCS#11, by `python-pkcs11`, an extra.

The token gets digests, never data, and its key never leaves it. RSA is asked for by CKM_RSA_PKCS
and ECDSA by CKM_ECDSA, which every token has; GOST R 34.10 of 256 bits by CKM_GOSTR3410, which was
not tried on hardware: `load_token_signer` verifies a probe, so that another form is refused.

One lock and one session a module and token: a login belongs to the whole process, sessions are few
in hardware, and a token makes one signature at a time anyway. After a fork the child starts the
module anew and logs in again at its first signature, as PKCS#11 demands.

Source: PKCS#11 v2.40 §2.1, §2.3.6, §6.7 (applications and processes); RFC 8017 §9.2.
"""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from signing.algorithms import (
    DIGEST_OF_SIGNATURE,
    EC_KEY,
    GOST_256_KEY,
    GOST_2001_KEY,
    RSA_KEY,
    SignatureAlgorithm,
)
from signing.certificates import Certificate, parse_certificate
from signing.der import encode_oid, read_value
from signing.errors import ProviderError
from signing.providers.token_uri import TOKEN_SCHEME, TokenUri, parse_token_uri

if TYPE_CHECKING:
    from signing.providers.service import Providers, Signer

__all__ = ["TOKEN_SCHEME", "TokenKey", "load_token_signer"]

# DigestInfo up to the digest: RFC 8017 §9.2, note 1.
_DIGEST_INFO = {
    SignatureAlgorithm.RSA_SHA256: bytes.fromhex("3031300d060960864801650304020105000420"),
    SignatureAlgorithm.RSA_SHA512: bytes.fromhex("3051300d060960864801650304020305000440"),
}
_SHA2 = {
    SignatureAlgorithm.RSA_SHA256: hashlib.sha256,
    SignatureAlgorithm.RSA_SHA512: hashlib.sha512,
    SignatureAlgorithm.ECDSA_SHA256: hashlib.sha256,
    SignatureAlgorithm.ECDSA_SHA384: hashlib.sha384,
}
# RFC 5480 §2.1.1.1.
_CURVES = {
    encode_oid("1.2.840.10045.3.1.7"): SignatureAlgorithm.ECDSA_SHA256,
    encode_oid("1.3.132.0.34"): SignatureAlgorithm.ECDSA_SHA384,
}
_ALGORITHMS = {
    RSA_KEY: (SignatureAlgorithm.RSA_SHA256, SignatureAlgorithm.RSA_SHA512),
    GOST_256_KEY: (SignatureAlgorithm.GOST_2012_256,),
    GOST_2001_KEY: (SignatureAlgorithm.GOST_2001, SignatureAlgorithm.GOST_2001_URN),
}


# Between attempts at a token that has failed.
_PAUSES_S = (0.05, 0.25)

_Result = TypeVar("_Result")


class _Module:
    """A maker's library in this process, and one session a token."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._library: Any = None
        self._sessions: dict[tuple[bytes, str], Any] = {}
        self._refused: set[tuple[bytes, str]] = set()
        self._lock = threading.RLock()
        self._is_forked = False
        self._inherited: list[Any] = []

    def forget(self) -> None:
        """Begin anew in a child process: neither the parent's lock nor its sessions are ours."""
        self._lock = threading.RLock()
        # Kept and never used: letting go of them would close sessions of the parent.
        self._inherited.append(dict(self._sessions))
        self._sessions.clear()
        self._is_forked = True

    def run(self, uri: TokenUri, pin: str | None, work: Callable[[Any], _Result]) -> _Result:
        """Return what the work makes of the token's session. Raises ProviderError.

        After a failure it is done again in a new session: tokens are taken out and put back, and
        SoftHSM 2 fails now and then while another process logs in. Nothing here changes a token.
        """
        for pause_s in _PAUSES_S:
            try:
                with self.session(uri, pin) as session:
                    return work(session)
            except ProviderError as error:
                if error.code != "provider.token_failed":
                    raise
            time.sleep(pause_s)
        with self.session(uri, pin) as session:
            return work(session)

    @contextmanager
    def session(self, uri: TokenUri, pin: str | None) -> Iterator[Any]:
        """Give the token's session, logged in, to one thread at a time. Raises ProviderError."""
        with self._lock, _translated():
            token = self._find_token(uri)
            name = (bytes(token.serial), str(token.label))
            session = self._sessions.get(name)
            if session is None:
                session = self._sessions[name] = self._log_in(token, name, pin)
            try:
                yield session
            except _library().exceptions.PKCS11Error:
                # Taken out, reset or locked: the next one opens the token anew.
                self._sessions.pop(name, None)
                _close(session)
                raise

    def _log_in(self, token: Any, name: tuple[bytes, str], pin: str | None) -> Any:
        if not pin:
            raise ProviderError("provider.token_pin", "the token needs a PIN")
        if name in self._refused:
            # Tokens lock themselves after some wrong PINs.
            raise ProviderError("provider.token_pin", "the token has refused the PIN before")
        errors, flags = _library().exceptions, _library().TokenFlag
        if token.flags & (flags.USER_PIN_FINAL_TRY | flags.USER_PIN_LOCKED):
            raise ProviderError("provider.token_pin", "the last try is left to people, or is over")
        try:
            return token.open(user_pin=pin)
        except errors.UserAlreadyLoggedIn:
            # A session that could not be closed: its login is this process's own.
            return token.open()
        except (errors.PinIncorrect, errors.PinInvalid, errors.PinLenRange, errors.PinLocked):
            self._refused.add(name)
            raise

    def _find_token(self, uri: TokenUri) -> Any:
        found = [token for token in self._tokens() if _is_token(token, uri)]
        if not found:
            raise ProviderError("provider.token_missing", "no such token")
        if len(found) > 1:
            raise ProviderError("provider.token_ambiguous", "several tokens fit the URI")
        return found[0]

    def _tokens(self) -> list[Any]:
        if self._library is None:
            if not Path(self._path).is_file():
                raise ProviderError("provider.token_unavailable", f"{self._path} is missing")
            try:
                self._library = _library().lib(self._path)
            except Exception as error:  # whatever a foreign library's loading leads to
                raise ProviderError(
                    "provider.token_unavailable", f"{self._path}: {type(error).__name__}"
                ) from None
        if self._is_forked:
            self._library.reinitialize()
            self._is_forked = False
        return [slot.get_token() for slot in self._library.get_slots(token_present=True)]


_modules: dict[str, _Module] = {}
_modules_lock = threading.Lock()


def _find_module(path: str) -> _Module:
    with _modules_lock:
        return _modules.setdefault(path, _Module(path))


def _forget_all() -> None:
    global _modules_lock  # noqa: PLW0603  # a thread that the child does not have may hold it
    _modules_lock = threading.Lock()
    for module in _modules.values():
        module.forget()


os.register_at_fork(after_in_child=_forget_all)


@dataclass(frozen=True, slots=True)
class TokenKey:
    """A private key in a token. Safe to use from several threads and after a fork."""

    algorithm: SignatureAlgorithm
    public_key_info: bytes = field(repr=False)
    """SubjectPublicKeyInfo of the public half, DER."""
    _uri: TokenUri
    _module: _Module = field(repr=False)
    _pin: str | None = field(repr=False)
    _providers: Providers = field(repr=False)

    def sign(self, data: bytes) -> bytes:
        """Return the SignatureValue over the data. Raises ProviderError ``provider.token_*``."""
        mechanisms = _library().Mechanism
        digest = self._digest(data)
        if self.algorithm in _DIGEST_INFO:
            mechanism, digest = mechanisms.RSA_PKCS, _DIGEST_INFO[self.algorithm] + digest
        elif self.algorithm in _SHA2:
            mechanism = mechanisms.ECDSA
        else:
            mechanism = mechanisms.GOSTR3410

        def sign(session: Any) -> bytes:
            key = _find_object(session, self._uri, "PRIVATE_KEY")
            # Keys of qualified signatures ask for the PIN at each one.
            pin = self._pin if _is_guarded(key) else None
            return bytes(key.sign(digest, mechanism=mechanism, pin=pin))

        return self._module.run(self._uri, self._pin, sign)

    def export_pem(self) -> bytes:
        """Raise ProviderError ``provider.token_export``: the key does not leave its token."""
        raise ProviderError("provider.token_export", "the key does not leave its token")

    def _digest(self, data: bytes) -> bytes:
        if self.algorithm in _SHA2:
            return _SHA2[self.algorithm](data).digest()
        return self._providers.digest(DIGEST_OF_SIGNATURE[self.algorithm], data)


def load_token_signer(
    uri: str,
    *,
    module: str | None,
    pin: str | None,
    providers: Providers,
    certificate: Certificate | None = None,
    algorithm: SignatureAlgorithm | None = None,
) -> Signer:
    """Return a signer of a key in a token, by its URI (RFC 7512).

    ``module``: path of the maker's library. ``certificate``: read from the token when absent.
    ``algorithm``: as `Providers.load_signer` has it.
    Raises ProviderError: ``provider.token_uri``, ``provider.token_unavailable``,
    ``provider.token_missing``, ``provider.token_ambiguous``, ``provider.token_pin``,
    ``provider.token_object``, ``provider.token_mechanism``, ``provider.token_failed``,
    ``provider.key_algorithm``, ``provider.key_mismatch``; SigningError ``certificate.malformed``.
    """
    parsed = parse_token_uri(uri)
    if module is None:
        raise ProviderError("provider.token_unavailable", "no module of PKCS#11 is configured")
    found = _find_module(module)
    if certificate is None:
        certificate = _read_certificate(found, parsed, pin)
    key = TokenKey(
        algorithm=_choose_algorithm(certificate, algorithm),
        public_key_info=certificate.public_key_info,
        _uri=parsed,
        _module=found,
        _pin=pin,
        _providers=providers,
    )
    return providers.join_signer(key, certificate)


def _read_certificate(module: _Module, uri: TokenUri, pin: str | None) -> Certificate:
    def read(session: Any) -> bytes:
        attributes = _library().Attribute
        # Labels are for people: the certificate has its own, the `id` of its key is the same.
        identifier = uri.id or _find_object(session, uri, "PRIVATE_KEY")[attributes.ID]
        found = _find_object(session, TokenUri(id=identifier), "CERTIFICATE")
        return bytes(found[attributes.VALUE])

    return parse_certificate(module.run(uri, pin, read), der_only=True)


def _choose_algorithm(
    certificate: Certificate, wanted: SignatureAlgorithm | None
) -> SignatureAlgorithm:
    possible: tuple[SignatureAlgorithm, ...] = _ALGORITHMS.get(certificate.public_key_algorithm, ())
    if certificate.public_key_algorithm == EC_KEY:
        algorithm = read_value(certificate.public_key_info).children()[0]
        possible = tuple(
            _CURVES[one.encoded] for one in algorithm.children() if one.encoded in _CURVES
        )
    if not possible:
        raise ProviderError("provider.token_mechanism", "no token is asked for this kind of key")
    if wanted not in {None, *possible}:
        raise ProviderError("provider.key_algorithm", "this key does not sign with this")
    return wanted or possible[0]


def _find_object(session: Any, uri: TokenUri, kind: str) -> Any:
    names = _library()
    wanted = {names.Attribute.CLASS: names.ObjectClass[kind]}
    if uri.object is not None:
        wanted[names.Attribute.LABEL] = uri.object
    if uri.id is not None:
        wanted[names.Attribute.ID] = uri.id
    found = list(session.get_objects(wanted))
    if not found:
        raise ProviderError("provider.token_object", "no such key or certificate in the token")
    if len(found) > 1:
        raise ProviderError("provider.token_ambiguous", "several objects fit the URI")
    return found[0]


def _is_guarded(key: Any) -> bool:
    names = _library()
    try:
        return bool(key[names.Attribute.ALWAYS_AUTHENTICATE])
    except names.exceptions.PKCS11Error:
        return False  # a token that does not know the attribute


def _is_token(token: Any, uri: TokenUri) -> bool:
    pairs = (
        (uri.token, token.label),
        (uri.serial, token.serial),
        (uri.manufacturer, token.manufacturer_id),
        (uri.model, token.model),
    )
    return all(wanted is None or wanted == _text(value) for wanted, value in pairs)


def _text(value: Any) -> str:
    """Return a token's text without the blanks and zeros it is filled up with."""
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    return str(value).rstrip(" \0")


def _library() -> Any:
    try:
        import pkcs11
    except ImportError:
        raise ProviderError(
            "provider.token_unavailable", "python-pkcs11 is missing (extra: kontingent[pkcs11])"
        ) from None
    return pkcs11


@contextmanager
def _translated() -> Iterator[None]:
    """Turn the library's errors into ours; their texts stay out, for they are the maker's."""
    errors = _library().exceptions
    try:
        yield
    except (
        errors.PinIncorrect,
        errors.PinInvalid,
        errors.PinLenRange,
        errors.PinLocked,
        errors.PinExpired,
        errors.UserPinNotInitialized,
    ) as error:
        raise ProviderError("provider.token_pin", type(error).__name__) from None
    except (errors.MechanismInvalid, errors.FunctionNotSupported, errors.KeyTypeInconsistent):
        raise ProviderError(
            "provider.token_mechanism", "the token does not sign with this algorithm"
        ) from None
    except (errors.PKCS11Error, RuntimeError, ValueError, TypeError, AttributeError) as error:
        raise ProviderError("provider.token_failed", type(error).__name__) from None


def _close(session: Any) -> None:
    try:
        session.close()
    except _library().exceptions.PKCS11Error:
        return
