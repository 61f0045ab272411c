"""The configured keys, authorities and agencies, read from their files."""

from pathlib import Path

from gateway.rights import Agency
from ops.config import Config
from ops.errors import ConfigError
from signing.certificates import Certificate, parse_certificate, parse_certificates
from signing.providers import Providers, Signer
from signing.trust import TrustPolicy, TrustStore

# A bundle of some hundred authorities; whatever is larger is another file.
_FILE_LIMIT_BYTES = 4 * 2**20


def load_signers(config: Config, providers: Providers) -> tuple[Signer, ...]:
    """Read the gateway's own keys. Raises ConfigError, SigningError."""
    password = config.secrets.key_password
    return tuple(
        providers.load_signer(
            read_file(config.path(pair.key)),
            read_file(config.path(pair.certificate)),
            password=password.encode() if password else None,
        )
        for pair in config.signing.keys
    )


def load_trust(config: Config, providers: Providers) -> TrustStore:
    """Read the authorities that the configuration trusts. Raises ConfigError, SigningError."""
    policy = TrustPolicy(
        anchors=_bundle(config, config.trust.anchors),
        intermediates=_bundle(config, config.trust.intermediates),
    )
    return TrustStore(policy, providers)


def load_agencies(config: Config) -> tuple[Agency, ...]:
    """Read the registered systems with their certificates. Raises ConfigError, SigningError."""
    agencies, owners = [], dict[str, str]()
    for section in config.agencies:
        prints = set()
        for name in section.certificates:
            fingerprint = parse_certificate(read_file(config.path(name))).fingerprint
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
    """Return the fingerprints of certificate files. Raises ConfigError, SigningError."""
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
        certificate
        for name in names
        for certificate in parse_certificates(read_file(config.path(name)))
    )
