"""The configured keys, authorities and agencies, read from their files."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gateway.rights import Agency
from ops.config import Config
from ops.errors import ConfigError
from signing.certificates import Certificate, parse_certificate, parse_certificates
from signing.errors import SigningError
from signing.providers import Providers, Signer
from signing.trust import TrustPolicy, TrustStore

# A bundle of some hundred authorities; whatever is larger is another file.
_FILE_LIMIT_BYTES = 4 * 2**20
_UNUSABLE = ("provider.key_", "certificate.malformed")


def load_signers(config: Config, providers: Providers) -> tuple[Signer, ...]:
    """Read the gateway's own keys. Raises ConfigError, ProviderError."""
    password = config.secrets.key_password
    return tuple(
        load_signer(
            providers,
            config.path(pair.key),
            config.path(pair.certificate),
            password=password.encode() if password else None,
        )
        for pair in config.signing.keys
    )


def load_signer(
    providers: Providers, key: Path, certificate: Path, *, password: bytes | None
) -> Signer:
    """Read a key and its certificate.

    Raises ConfigError, with the provider's code when one of the files holds what can't be used, and
    ProviderError when the cryptography is missing.
    """
    key_data, certificate_data = read_file(key), read_file(certificate)
    with _about(certificate):
        parse_certificate(certificate_data)
    with _about(key, f" (with {certificate})"):
        return providers.load_signer(key_data, certificate_data, password=password)


def read_certificates(path: Path) -> tuple[Certificate, ...]:
    """Read every certificate of a file. Raises ConfigError, also `certificate.malformed`."""
    data = read_file(path)
    with _about(path):
        return parse_certificates(data)


@contextmanager
def _about(path: Path, more: str = "") -> Iterator[None]:
    """Name the file to blame when its content can't be used. Raises ConfigError."""
    try:
        yield
    except SigningError as error:
        if not error.code.startswith(_UNUSABLE):
            raise
        raise ConfigError(f"{path}{more}: {error.detail}", code=error.code) from None


def load_trust(config: Config, providers: Providers) -> TrustStore:
    """Read the authorities that the configuration trusts. Raises ConfigError."""
    policy = TrustPolicy(
        anchors=_bundle(config, config.trust.anchors),
        intermediates=_bundle(config, config.trust.intermediates),
    )
    return TrustStore(policy, providers)


def load_agencies(config: Config) -> tuple[Agency, ...]:
    """Read the registered systems with their certificates. Raises ConfigError."""
    agencies, owners = [], dict[str, str]()
    for section in config.agencies:
        prints = set()
        for name in section.certificates:
            fingerprint = read_certificates(config.path(name))[0].fingerprint
            if owners.setdefault(fingerprint, section.code) != section.code:
                raise ConfigError(f"{name}: the certificate of {owners[fingerprint]} already")
            prints.add(fingerprint)
        agencies.append(
            Agency(
                code=section.code,
                name=section.name,
                certificates=frozenset(prints),
                rights=frozenset(section.rights),
            )
        )
    return tuple(agencies)


def load_fingerprints(config: Config, names: tuple[str, ...]) -> frozenset[str]:
    """Return the fingerprints of certificate files. Raises ConfigError."""
    return frozenset(certificate.fingerprint for certificate in _bundle(config, names))


def read_file(path: Path) -> bytes:
    """Read a key or certificate file. Raises ConfigError with the path and the reason."""
    try:
        with path.open("rb") as file:
            data = file.read(_FILE_LIMIT_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from None
    if len(data) > _FILE_LIMIT_BYTES:
        raise ConfigError(f"{path}: over {_FILE_LIMIT_BYTES} bytes")
    return data


def _bundle(config: Config, names: tuple[str, ...]) -> tuple[Certificate, ...]:
    return tuple(
        certificate for name in names for certificate in read_certificates(config.path(name))
    )
