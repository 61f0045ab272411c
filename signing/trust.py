"""Whether a certificate is accepted: chain, dates, key usage, revocation lists at hand.

Path validation (RFC 5280 §6) is pyhanko-certvalidator's, with the signatures of `signing.chain`.
Nothing is ever fetched.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TypeVar

from asn1crypto import crl, x509
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.path import ValidationPath

from signing.asn1 import ASN1_LOCK
from signing.certificates import Certificate
from signing.chain import ChainSignatures
from signing.errors import SigningError, TrustError
from signing.providers import Providers

_CACHED_PATHS = 1024
# So long a refusal is remembered, counted on the clock of those who ask.
_REFUSAL_HOLDS = timedelta(minutes=1)

_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class TrustPolicy:
    """Whom we believe."""

    anchors: tuple[Certificate, ...]
    """Authorities that are believed as they are (RFC 5280 §6.1.1 d); a sender's own certificate
    here is believed too."""
    intermediates: tuple[Certificate, ...] = ()
    """Authorities between an anchor and the senders; believed only through an anchor."""
    crls: tuple[bytes, ...] = ()
    """Revocation lists, DER, each signed by its authority itself. What a list revokes stays
    revoked when the list is out of date; an authority without a list here revokes nothing."""


@dataclass(frozen=True, slots=True)
class _Window:
    """The time in which every certificate of a path holds."""

    start: datetime
    end: datetime
    revoked_from: datetime | None
    """The first moment at which one of them is revoked."""

    def holds(self, at: datetime) -> bool:
        return self.start <= at <= self.end


@dataclass(frozen=True, slots=True)
class _Finding:
    """What the search for a path came to."""

    window: _Window | None
    """None without a path."""
    sought: datetime
    """The moment for which it was sought."""

    def answers(self, moment: datetime) -> bool:
        """Say whether another search for this moment is to be spared."""
        if self.window is not None and self.window.holds(moment):
            return True
        # Another path may hold then; but a search that fails costs a thousand times more than
        # the question, and whoever is refused may well ask again.
        return abs(moment - self.sought) < _REFUSAL_HOLDS


class _Memory:
    """The latest findings by fingerprint, bounded. Safe to use from several threads."""

    def __init__(self) -> None:
        self._findings: OrderedDict[str, _Finding] = OrderedDict()
        self._lock = threading.Lock()

    def recall(self, fingerprint: str, moment: datetime) -> _Finding | None:
        """Return the finding that answers for this moment."""
        with self._lock:
            found = self._findings.get(fingerprint)
            if found is None or not found.answers(moment):
                return None
            self._findings.move_to_end(fingerprint)
            return found

    def remember(self, fingerprint: str, finding: _Finding) -> None:
        with self._lock:
            self._findings[fingerprint] = finding
            self._findings.move_to_end(fingerprint)
            while len(self._findings) > _CACHED_PATHS:
                self._findings.popitem(last=False)


@dataclass(frozen=True, slots=True)
class _RevocationList:
    content: crl.CertificateList
    issuer: x509.Name
    revoked: dict[int, datetime]
    """When, by serial number."""


class TrustStore:
    """Decides by one policy. Safe to use from several threads; remembers paths it has found."""

    def __init__(self, policy: TrustPolicy, providers: Providers) -> None:
        """Raises SigningError ``certificate.malformed`` when a revocation list cannot be read."""
        with ASN1_LOCK:
            self._anchors = [x509.Certificate.load(one.der) for one in policy.anchors]
            self._intermediates = [x509.Certificate.load(one.der) for one in policy.intermediates]
            self._lists = [_read_list(data) for data in policy.crls]
        self._signatures = ChainSignatures(providers)
        # Apart, so that strangers however many push no sender out.
        self._accepted = _Memory()
        self._refused = _Memory()

    def verify(self, certificate: Certificate, *, at: datetime) -> None:
        """Raise TrustError unless the certificate is to be accepted at this moment.

        Codes, the first that holds: ``certificate.usage`` (not made for signing messages),
        ``certificate.untrusted`` (no path to an anchor), ``certificate.revoked``,
        ``certificate.not_yet_valid`` and ``certificate.expired`` (it or an authority above it).
        """
        _check_usage(certificate)
        window = self._find_window(certificate, at)
        if window.revoked_from is not None and at >= window.revoked_from:
            raise TrustError("certificate.revoked", "the certificate or its authority")
        if at < window.start:
            raise TrustError("certificate.not_yet_valid", "the certificate or its authority")
        if at > window.end:
            raise TrustError("certificate.expired", "the certificate or its authority")

    def _find_window(self, certificate: Certificate, at: datetime) -> _Window:
        """Return the window of a path that holds at `at`, or at least held once.

        Whether a certificate is out of date or was never trusted is told apart by looking for a
        path at a moment inside its own validity, the nearest to `at`: outside of it no other
        path changes anything.
        """
        if certificate.not_before > certificate.not_after:
            raise TrustError("certificate.untrusted", "a certificate that is never valid")
        nearest = min(max(at, certificate.not_before), certificate.not_after)
        finding = self._recall(certificate, nearest)
        if finding is None:
            with ASN1_LOCK:
                # Another thread may have found it while this one waited.
                finding = self._recall(certificate, nearest) or self._search(certificate, nearest)
        if finding.window is None:
            raise TrustError("certificate.untrusted", "no path to a trusted authority")
        return finding.window

    def _recall(self, certificate: Certificate, moment: datetime) -> _Finding | None:
        fingerprint = certificate.fingerprint
        return self._accepted.recall(fingerprint, moment) or self._refused.recall(
            fingerprint, moment
        )

    def _search(self, certificate: Certificate, nearest: datetime) -> _Finding:
        """Look for a path at this moment, then at the certificate's first; the lock is held."""
        for moment in dict.fromkeys((nearest, certificate.not_before)):
            window = self._find_path(certificate, moment)
            if window is not None:
                finding = _Finding(window, nearest)
                self._accepted.remember(certificate.fingerprint, finding)
                return finding
        finding = _Finding(None, nearest)
        self._refused.remember(certificate.fingerprint, finding)
        return finding

    def _find_path(self, certificate: Certificate, moment: datetime) -> _Window | None:
        """Return the window of a path that holds at this moment."""
        context = ValidationContext(
            trust_roots=self._anchors,
            other_certs=self._intermediates,
            moment=moment,
            allow_fetching=False,
            revocation_mode="soft-fail",
            time_tolerance=timedelta(0),
            signature_validator=self._signatures,
        )
        try:
            subject = x509.Certificate.load(certificate.der)
            path = _run(CertificateValidator(subject, None, context).async_validate_path())
            window = self._measure(path)
        except Exception:  # whatever broken bytes lead the validator to: it is not a valid path
            return None
        return window if window.holds(moment) else None

    def _measure(self, path: ValidationPath) -> _Window:
        """Return when all certificates of the path hold, the anchor's own dates among them."""
        chain = list(path)
        validities = [one["tbs_certificate"]["validity"] for one in chain]
        revocations = [
            moment
            for issuer, subject in pairwise(chain)
            for moment in self._find_revocations(issuer, subject)
        ]
        return _Window(
            start=max(validity["not_before"].native for validity in validities),
            end=min(validity["not_after"].native for validity in validities),
            revoked_from=min(revocations, default=None),
        )

    def _find_revocations(
        self, issuer: x509.Certificate, subject: x509.Certificate
    ) -> Iterator[datetime]:
        for one in self._lists:
            moment = one.revoked.get(subject.serial_number)
            if moment is not None and one.issuer == issuer.subject and self._is_signed(one, issuer):
                yield moment

    def _is_signed(self, revocations: _RevocationList, issuer: x509.Certificate) -> bool:
        content = revocations.content
        try:
            self._signatures.validate_signature(
                content["signature"].native,
                content["tbs_cert_list"].dump(),
                issuer["tbs_certificate"]["subject_public_key_info"],
                content["signature_algorithm"],
            )
        except Exception:  # whatever a broken key leads the library to: it is not signed by it
            return False
        return True


def _check_usage(certificate: Certificate) -> None:
    """Refuse what was made for another purpose, also when the certificate itself is an anchor.

    Which extended uses Russian authorities list varies too much to ask for any; what is surely
    for TLS servers alone is refused. Source: RFC 5280 §4.2.1.3, §4.2.1.9, §4.2.1.12.
    """
    if certificate.key_usage is not None and "digital_signature" not in certificate.key_usage:
        raise TrustError("certificate.usage", "KeyUsage without digitalSignature")
    if certificate.is_authority:
        raise TrustError("certificate.usage", "an authority's certificate")
    if certificate.is_server_only:
        raise TrustError("certificate.usage", "ExtendedKeyUsage of TLS servers only")


def _read_list(data: bytes) -> _RevocationList:
    try:
        content = crl.CertificateList.load(data, strict=True)
        listed = content["tbs_cert_list"]["revoked_certificates"]
        revoked = {
            entry["user_certificate"].native: entry["revocation_date"].native for entry in listed
        }
        return _RevocationList(content, content.issuer, revoked)
    except Exception:  # asn1crypto raises whatever broken bytes lead it to
        raise SigningError("certificate.malformed", "not a revocation list") from None


def _run(work: Coroutine[None, None, _Result]) -> _Result:
    """Run the library's coroutine to its end, without an event loop.

    It waits for nothing but the network, which is off; so it never gives control away, and this
    works on any thread, also on one that has a loop of its own.
    """
    try:
        work.send(None)
    except StopIteration as done:
        result: _Result = done.value
        return result
    work.close()
    raise TrustError("certificate.untrusted", "the path validation waits for something")
