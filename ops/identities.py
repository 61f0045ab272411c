"""The configured keys, authorities and agencies, read from their files."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from gateway.rights import Agency
from ops.config import Config, KeySection
from ops.errors import ConfigError
from signing.algorithms import SignatureAlgorithm
from signing.certificates import Certificate, parse_certificates
from signing.errors import SigningError
from signing.pki.trust import TrustPolicy, TrustStore
from signing.providers import Providers, Signer, is_pkcs12, load_pkcs12, load_providers
from signing.providers.pkcs11 import TOKEN_SCHEME, load_token_signer

# A bundle of some hundred authorities; whatever is larger is another file.
_FILE_LIMIT_BYTES = 4 * 2**20
_UNUSABLE = ("provider.key_", "certificate.malformed")
ALGORITHMS: Mapping[str, SignatureAlgorithm] = {
    "gost2012-256": SignatureAlgorithm.GOST_2012_256,
    "gost2012-512": SignatureAlgorithm.GOST_2012_512,
    "gost2001": SignatureAlgorithm.GOST_2001,
    "gost2001-urn": SignatureAlgorithm.GOST_2001_URN,
    "rsa-sha256": SignatureAlgorithm.RSA_SHA256,
    "rsa-sha512": SignatureAlgorithm.RSA_SHA512,
    "ecdsa-sha256": SignatureAlgorithm.ECDSA_SHA256,
    "ecdsa-sha384": SignatureAlgorithm.ECDSA_SHA384,
}


def load_algorithms(names: tuple[str, ...]) -> frozenset[SignatureAlgorithm]:
    """Return the signature algorithms of these names. Raises ConfigError."""
    unknown = [name for name in names if name not in ALGORITHMS]
    if unknown:
        raise ConfigError(f"algorithms: {unknown[0]!r} (known: {', '.join(ALGORITHMS)})")
    return frozenset(ALGORITHMS[name] for name in names)


def choose_providers(config: Config) -> Providers:
    """Return the providers of cryptography that the configuration asks for.

    Raises ProviderError when one that is asked for by name is missing.
    """
    signing = config.signing
    return load_providers(gost=signing.gost, allow_insecure_signing=signing.allow_insecure_signing)


def load_signers(config: Config, providers: Providers) -> tuple[Signer, ...]:
    """Read the gateway's own keys. Raises ConfigError, ProviderError."""
    return tuple(_load_own(config, pair, providers) for pair in config.signing.keys)


def _load_own(config: Config, pair: KeySection, providers: Providers) -> Signer:
    certificate = None if pair.certificate is None else config.path(pair.certificate)
    if pair.key.startswith(TOKEN_SCHEME):
        return load_token_signer(
            pair.key,
            module=config.signing.pkcs11_module,
            pin=config.secrets.token_pin,
            certificate=None if certificate is None else read_certificates(certificate)[0],
            providers=providers,
        )
    password = config.secrets.key_password
    return load_signer(
        providers,
        config.path(pair.key),
        certificate,
        password=password.encode() if password else None,
    )


def load_signer(
    providers: Providers, key: Path, certificate: Path | None, *, password: bytes | None
) -> Signer:
    """Read a key and its certificate from their files; from one, if that is a PKCS#12.

    Raises ConfigError, with the provider's code when one of the files holds what can't be used, and
    ProviderError when the cryptography is missing.
    """
    content = read_file(key)
    if certificate is not None:
        own = read_certificates(certificate)[0].der
    with _about(key, f" (with {certificate})" if certificate else ""):
        if is_pkcs12(content):
            store = load_pkcs12(content, password)
            return providers.load_signer(
                store.key, store.certificate.der if certificate is None else own
            )
        if certificate is not None:
            return providers.load_signer(content, own, password=password)
    raise ConfigError(f"{key}: a key that is not in a PKCS#12 file needs its certificate")


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
    """Read the authorities that the configuration trusts, and their revocation lists.

    Raises ConfigError, SigningError.
    """
    section = config.trust
    policy = TrustPolicy(
        anchors=_bundle(config, section.anchors),
        intermediates=_bundle(config, section.intermediates),
        crls=tuple(read_file(config.path(name)) for name in section.crls),
        crl_folder=None if section.crl_folder is None else config.path(section.crl_folder),
        require_revocation=section.require_revocation,
        allow_gost_2001=section.allow_gost2001,
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
                algorithms=load_algorithms(section.algorithms),
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
