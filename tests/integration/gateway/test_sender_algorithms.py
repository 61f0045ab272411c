"""What a sender may sign with: every algorithm is answered, the weak ones only where it is said."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway.faults import CATALOGUE
from ops.config import AgencySection, Config
from signing.algorithms import SignatureAlgorithm
from signing.certificates import format_pem, parse_certificate
from signing.pki.issuing import Issuer, Subject, issue_certificate
from signing.providers import KeyKind, Signer
from tests.support.gateways import post, running_gateway
from tests.support.installation import Installation
from tests.support.messages import Caller
from tests.support.replies import read_fault, read_status, verify

CODE = "TEST00001"
STRONG = (
    (KeyKind.GOST_2012_256, SignatureAlgorithm.GOST_2012_256),
    (KeyKind.GOST_2012_512, SignatureAlgorithm.GOST_2012_512),
    (KeyKind.RSA_2048, SignatureAlgorithm.RSA_SHA512),
    (KeyKind.EC_P256, SignatureAlgorithm.ECDSA_SHA256),
    (KeyKind.EC_P384, SignatureAlgorithm.ECDSA_SHA384),
)
WEAK = (
    (KeyKind.GOST_2001, SignatureAlgorithm.GOST_2001, "gost2001"),
    (KeyKind.GOST_2001, SignatureAlgorithm.GOST_2001_URN, "gost2001-urn"),
)
MakeCaller = Callable[[KeyKind, SignatureAlgorithm], Caller]


@pytest.fixture
def make_caller(installation: Installation, tmp_path: Path) -> MakeCaller:
    """Make an agency's system with a new key of the demonstration's authority."""

    def make(kind: KeyKind, algorithm: SignatureAlgorithm) -> Caller:
        providers = installation.providers
        authority = installation.pki("ca.pem").read_bytes()
        signer = providers.load_signer(installation.pki("ca.key").read_bytes(), authority)
        key = providers.generate_key(kind)
        now = datetime.now(UTC)
        certificate = issue_certificate(
            Subject("ИС «Проба»", "Проба"),
            key.public_key_info,
            issuer=Issuer(parse_certificate(authority), signer._key),
            not_before=now - timedelta(days=1),
            not_after=now + timedelta(days=1),
            serial=int(now.timestamp()),
        )
        pem = format_pem(certificate)
        (tmp_path / "test.pem").write_bytes(pem)
        return Caller(CODE, providers.load_signer(key.export_pem(), pem, algorithm=algorithm))

    return make


def with_agency(installation: Installation, folder: Path, algorithms: tuple[str, ...]) -> Config:
    section = AgencySection(
        code=CODE,
        name="Проба",
        certificates=(str(folder / "test.pem"),),
        rights=("students:*",),
        algorithms=algorithms,
    )
    config = installation.config
    return replace(config, agencies=(*config.agencies, section))


@pytest.mark.parametrize(("kind", "algorithm"), STRONG)
def test_every_strong_algorithm_is_answered(
    installation: Installation,
    tmp_path: Path,
    make_caller: MakeCaller,
    kind: KeyKind,
    algorithm: SignatureAlgorithm,
) -> None:
    asking = make_caller(kind, algorithm)
    with running_gateway(with_agency(installation, tmp_path, ())) as gateway:
        reply = post(gateway.wire, asking.ask())
        assert read_status(reply, installation) == "RESULT"
        tampered = asking.ask().replace(b"445 95", b"445 96")
        assert read_fault(post(gateway.wire, tampered), installation).key == "signature.invalid"


@pytest.mark.parametrize(("kind", "algorithm", "name"), WEAK)
def test_weak_algorithms_are_for_whom_they_are_named(
    installation: Installation,
    tmp_path: Path,
    make_caller: MakeCaller,
    kind: KeyKind,
    algorithm: SignatureAlgorithm,
    name: str,
) -> None:
    asking = make_caller(kind, algorithm)
    message = asking.ask()
    with running_gateway(with_agency(installation, tmp_path, ())) as gateway:
        fault = read_fault(post(gateway.wire, message), installation)
        assert fault.key == "signature.algorithm_not_allowed"
    with running_gateway(with_agency(installation, tmp_path, (name,))) as gateway:
        reply = post(gateway.wire, asking.ask())
        assert read_status(reply, installation) == "RESULT"
        # Its reply is signed by a key that we have, for we sign nothing by what is weak.
        assert verify(reply.body, installation).algorithm is SignatureAlgorithm.GOST_2012_256


def test_permission_of_one_sender_is_not_anothers(
    installation: Installation, tmp_path: Path, make_caller: MakeCaller, rsa: Caller
) -> None:
    """What is allowed to one is verified, but refused, when another one uses it."""
    make_caller(KeyKind.GOST_2001, SignatureAlgorithm.GOST_2001)
    narrowed = with_agency(installation, tmp_path, ("gost2001",))
    agencies = tuple(
        replace(one, algorithms=("gost2012-256",)) if one.code == rsa.code else one
        for one in narrowed.agencies
    )
    with running_gateway(replace(narrowed, agencies=agencies)) as gateway:
        fault = read_fault(post(gateway.wire, rsa.ask()), installation)
        assert fault.key == "signature.algorithm_not_allowed"
        weak_digest = replace(
            rsa, signer=_with_digest(rsa.signer, "http://www.w3.org/2001/04/xmldsig-more#gostr3411")
        )
    with running_gateway(with_agency(installation, tmp_path, ("gost2001",))) as gateway:
        fault = read_fault(post(gateway.wire, weak_digest.ask()), installation)
        assert fault.key == "signature.algorithm_not_allowed"
        assert fault.key in CATALOGUE


def _with_digest(signer: Signer, uri: str) -> Signer:
    digest = type(signer.digest_algorithm)(uri)
    return replace(signer, digest_algorithm=digest)
