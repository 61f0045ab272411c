"""What a whole signed message costs: SMEV 2 envelopes of several sizes, signed and verified.

Bytes in, verdict out, with the certificate that comes in the message: parsing and every check of
ours, its trust among them; signxml validates the certificate too, xmlsec takes its key as it is.
signxml signs and verifies the same content enveloped, the way it is made for. One thread;
contenders take turns.
"""

import base64
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import signxml
import xmlsec
from lxml import etree

from benchmarks.ratios import paired_ratio
from benchmarks.report import Report
from benchmarks.settings import Scale
from benchmarks.spyne_peer.signatures import ReplySigner
from benchmarks.transform import elements_row, make_content
from ops.memory import keep_freed_memory
from signing import namespaces as ns
from signing.algorithms import DEFAULT_SIGNATURES
from signing.certificates import parse_certificates
from signing.pki.trust import TrustPolicy, TrustStore
from signing.providers import GostChoice, Providers, load_providers
from signing.xml.parser import parse_xml
from signing.xml.wss import build_envelope, parse_envelope, sign_payload, verify_sender

_SIZES = (5_000, 10_000, 100_000, 1_000_000)
# signxml takes seconds for a megabyte.
_SIGNXML_UP_TO = 100_000
_XMLSEC, _SIGNXML = "xmlsec, RSA", "signxml, RSA"
_OURS_RSA = "kontingent, RSA"


@dataclass
class _Contender:
    """One way to sign and verify; what was measured is gathered in the lists, in CPU seconds."""

    size_bytes: int
    name: str
    sign: Callable[[], object]
    verify: Callable[[], object]
    signed: list[float] = field(default_factory=list)
    verified: list[float] = field(default_factory=list)


class SignedMessageBenchmark:
    """Messages signed and verified a second, by size, beside xmlsec and signxml."""

    def __init__(self, scale: Scale, pki: Path, report: Report) -> None:
        """``pki``: the folder with the keys of a demonstration."""
        self._scale = scale
        self._pki = pki
        self._report = report

    def run(self) -> None:
        """Measure and print."""
        # As `serve` does; the peers gain by it as well.
        keep_freed_memory()
        contenders = [one for size in _SIZES for one in self._prepare(size)]
        for number in range(self._scale.rounds):
            self._report.step(f"signed messages: round {number + 1} of {self._scale.rounds}")
            for one in contenders:
                one.verified.append(_cpu_s(one.verify, self._scale.signing_s))
                one.signed.append(_cpu_s(one.sign, self._scale.signing_s))
        self._print(contenders)

    def _prepare(self, size_bytes: int) -> Iterator[_Contender]:
        payload = make_content(size_bytes, elements_row)
        engine, portable = load_providers(), load_providers(gost=GostChoice.PORTABLE)
        yield self._ours(size_bytes, "kontingent, GOST, engine", "agency-gost", payload, engine)
        yield self._ours(
            size_bytes, "kontingent, GOST, portable", "agency-gost", payload, engine, portable
        )
        yield self._ours(size_bytes, _OURS_RSA, "agency-rsa", payload, engine)
        yield self._xmlsec(size_bytes, payload)
        if size_bytes <= _SIGNXML_UP_TO:
            yield self._signxml(size_bytes, payload)

    def _ours(
        self,
        size_bytes: int,
        name: str,
        key: str,
        payload: etree._Element,
        signing: Providers,
        verifying: Providers | None = None,
    ) -> _Contender:
        signer = signing.load_signer(self._read(f"{key}.key"), self._read(f"{key}.pem"))
        message = sign_payload(payload, signer)
        providers, now = verifying or signing, datetime.now(UTC)
        policy = TrustPolicy(parse_certificates(self._read("ca.pem")))
        trust = TrustStore(policy, providers)
        return _Contender(
            size_bytes,
            name,
            lambda: sign_payload(payload, signer),
            lambda: _verify(message, providers, trust, now),
        )

    def _xmlsec(self, size_bytes: int, payload: etree._Element) -> _Contender:
        signer = ReplySigner(self._pki / "agency-rsa.key", self._pki / "agency-rsa.pem")

        def sign() -> bytes:
            envelope = build_envelope(payload)
            signer.sign(envelope)
            return etree.tostring(envelope, xml_declaration=True, encoding="UTF-8")

        message = sign()
        return _Contender(size_bytes, _XMLSEC, sign, lambda: _verify_by_xmlsec(message))

    def _signxml(self, size_bytes: int, payload: etree._Element) -> _Contender:
        key, certificate = self._read("agency-rsa.key"), self._read("agency-rsa.pem")
        signer = signxml.XMLSigner(c14n_algorithm=ns.EXC_C14N)

        def sign() -> bytes:
            return etree.tostring(signer.sign(payload, key=key, cert=certificate.decode()))

        message, authority = sign(), str(self._pki / "ca.pem")
        return _Contender(
            size_bytes,
            _SIGNXML,
            sign,
            lambda: signxml.XMLVerifier().verify(message, ca_pem_file=authority),
        )

    def _read(self, name: str) -> bytes:
        return (self._pki / name).read_bytes()

    def _print(self, contenders: Sequence[_Contender]) -> None:
        rows = []
        for one in contenders:
            peer = next(
                each
                for each in contenders
                if each.name == _XMLSEC and each.size_bytes == one.size_bytes
            )
            verify, sign = 1 / median(one.verified), 1 / median(one.signed)
            verify_ratio = paired_ratio(peer.verified, one.verified)
            sign_ratio = paired_ratio(peer.signed, one.signed)
            rows.append(
                [
                    f"{one.size_bytes / 1000:,.0f} KB",
                    one.name,
                    f"{verify:,.0f}",
                    "1" if one is peer else str(verify_ratio),
                    f"{sign:,.0f}",
                    "1" if one is peer else str(sign_ratio),
                ]
            )
            self._report.row(
                "signed message",
                {
                    "bytes": one.size_bytes,
                    "contender": one.name,
                    "verify_per_s": round(verify, 1),
                    "verify_ratio": round(verify_ratio.median, 3),
                    "sign_per_s": round(sign, 1),
                    "sign_ratio": round(sign_ratio.median, 3),
                },
            )
        self._report.table(
            "Whole signed messages, one thread",
            ["content", "by", "verify/s", "to xmlsec", "sign/s", "to xmlsec"],
            rows,
            note=(
                f"Medians of {self._scale.rounds} rounds, by CPU time. From bytes to a verdict, "
                "the certificate taken from the message; ours checks the shape as well. "
                "Ratios over 1 are in our favour."
            ),
        )


def _verify(message: bytes, providers: Providers, trust: TrustStore, at: datetime) -> None:
    envelope = parse_envelope(parse_xml(message))
    body = verify_sender(envelope, providers, allowed=DEFAULT_SIGNATURES)
    trust.verify(body.certificate, at=at)


def _verify_by_xmlsec(message: bytes) -> None:
    envelope = etree.fromstring(message)
    (token,) = envelope.iter(ns.TOKEN)
    (signature,) = envelope.iter(ns.SIGNATURE)
    body = envelope.find(ns.SOAP_BODY)
    context = xmlsec.SignatureContext()
    context.register_id(body, "Id", ns.WSU)
    context.key = xmlsec.Key.from_memory(
        base64.b64decode(token.text or ""), xmlsec.constants.KeyDataFormatCertDer
    )
    context.verify(signature)


def _cpu_s(call: Callable[[], object], seconds: float) -> float:
    """Return the CPU seconds of one call, of as many as fit."""
    call()
    count, started, began = 0, time.process_time(), time.perf_counter()
    while time.perf_counter() - began < seconds:
        call()
        count += 1
    return (time.process_time() - started) / count
