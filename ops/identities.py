"""The configured keys, authorities and agencies, read from their files."""

from collections.abc import Mapping
from pathlib import Path

from gateway.rights import Agency
from ops.config import Config, KeySection
from ops.errors import ConfigError
from signing.algorithms import SignatureAlgorithm
from signing.certificates import Certificate, parse_certificate, parse_certificates
from signing.providers import Providers, Signer, is_pkcs12, load_pkcs12, load_providers
from signing.providers.pkcs11 import TOKEN_SCHEME, load_token_signer
from signing.trust import TrustPolicy, TrustStore

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
    """Read the gateway's own keys. Raises ConfigError, SigningError."""
    return tuple(_load_signer(config, pair, providers) for pair in config.signing.keys)


def _load_signer(config: Config, pair: KeySection, providers: Providers) -> Signer:
    certificate = None if pair.certificate is None else config.path(pair.certificate)
    if pair.key.startswith(TOKEN_SCHEME):
        return load_token_signer(
            pair.key,
            module=config.signing.pkcs11_module,
            pin=config.secrets.token_pin,
            certificate=None if certificate is None else parse_certificate(read_file(certificate)),
            providers=providers,
        )
    password = config.secrets.key_password
    return open_signer(
        providers,
        config.path(pair.key),
        certificate,
        password=password.encode() if password else None,
    )


def open_signer(
    providers: Providers, key: Path, certificate: Path | None, *, password: bytes | None
) -> Signer:
    """Read a key and its certificate from their files; from one, if that is a PKCS#12.

    Raises ConfigError, SigningError.
    """
    content = read_file(key)
    if is_pkcs12(content):
        store = load_pkcs12(content, password)
        own = store.certificate.der if certificate is None else read_file(certificate)
        return providers.load_signer(store.key, own)
    if certificate is None:
        raise ConfigError(f"{key}: a key that is not in a PKCS#12 file needs its certificate")
    return providers.load_signer(content, read_file(certificate), password=password)


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
                algorithms=load_algorithms(section.algorithms),
            )
        )
    return tuple(agencies)


def load_fingerprints(config: Config, names: tuple[str, ...]) -> frozenset[str]:
    """Return the fingerprints of certificate files. Raises ConfigError, SigningError."""
    return frozenset(certificate.fingerprint for certificate in _bundle(config, names))


def read_file(path: Path) -> bytes:
    """Read a key or certificate file. Raises ConfigError with the path and the reason."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from None


def _bundle(config: Config, names: tuple[str, ...]) -> tuple[Certificate, ...]:
    return tuple(
        certificate
        for name in names
        for certificate in parse_certificates(read_file(config.path(name)))
    )
