"""Whether a certificate is accepted: chain, dates, key usage, revocation lists at hand.

Path validation (RFC 5280 §6) is pyhanko-certvalidator's, with the signatures of
`signing.pki.chain`; revocation is judged here (§6.3), by lists in files alone. Nothing is ever
fetched.

Longer than most modules: the policy, the search for a path and the memory of what was found have
to be read together.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

from asn1crypto import algos, x509
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.authority import AuthorityWithCert, CertTrustAnchor, TrustQualifiers
from pyhanko_certvalidator.path import ValidationPath

from signing.asn1 import ASN1_LOCK
from signing.certificates import Certificate
from signing.errors import SigningError, TrustError
from signing.pki.chain import ChainSignatures
from signing.pki.folder import RevocationFolder
from signing.pki.revocation import (
    Period,
    RevocationList,
    Status,
    judge,
    parse_revocation_lists,
    read_subject,
)
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
    """Authorities between an anchor and the senders; believed only through an anchor, each as far
    as the basicConstraints, path length and KeyUsage above it allow (RFC 5280 §6.1.4 k-n)."""
    crls: tuple[bytes, ...] = ()
    """Revocation lists, DER or PEM (RFC 5280 §5). One counts when the authority that has issued a
    certificate has signed it with the same key, and its KeyUsage, if any, has cRLSign (§6.3.3 f).
    What it revokes stays revoked when the list is out of date; but it holds for moments before the
    date that stands there (§5.3.3 leaves invalidityDate to the reader; it is not looked at)."""
    crl_folder: Path | None = None
    """A folder whose every file holds lists, as `crls`; read again when it changes. Distribution
    points of a certificate (§4.2.1.13) are looked up here alone: the file that is called like the
    last path segment of a URI answers for the certificate; without one, any list of its issuer."""
    require_revocation: bool = False
    """Refuse a certificate unless, for it and each authority below the anchor, a list that is
    complete for it is at hand and its nextUpdate has not passed (§6.3.3 a, §5.1.2.5). Without
    this an authority that has no current list revokes nothing more. Anchors are believed as they
    are. A list made after the moment in question knows about it, too."""
    allow_gost_2001: bool = False
    """Believe certificates and lists that are signed by GOST R 34.10-2001, for judging old messages
    by their time (the standard ended on 31 December 2019)."""


@dataclass(frozen=True, slots=True)
class _Window:
    """The time in which every certificate of a path holds."""

    start: datetime
    end: datetime
    revoked: tuple[Period, ...]
    """When one of them is revoked or on hold."""
    known_until: datetime | None
    """The last moment for which lists are at hand for all of them; None when there is none."""

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


class _State:
    """The lists of one moment and all that was found by them."""

    def __init__(self, lists: Iterable[RevocationList]) -> None:
        self.lists: dict[str, list[RevocationList]] = {}
        for one in lists:
            self.lists.setdefault(one.issuer, []).append(one)
        self.signed: dict[tuple[RevocationList, bytes], bool] = {}
        """Whether a key has signed a list; under the lock of asn1crypto."""
        # Apart, so that strangers however many push no sender out.
        self.accepted = _Memory()
        self.refused = _Memory()


class TrustStore:
    """Decides by one policy. Safe to use from several threads; remembers paths it has found."""

    def __init__(
        self,
        policy: TrustPolicy,
        providers: Providers,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``clock`` counts seconds, for looking at the folder now and then.

        Raises SigningError when a revocation list or the folder cannot be read: codes of
        `parse_revocation_lists` and ``revocation.folder_unreadable``.
        """
        self._require_revocation = policy.require_revocation
        with ASN1_LOCK:
            self._anchors = [_make_anchor(one) for one in policy.anchors]
            self._intermediates = [x509.Certificate.load(one.der) for one in policy.intermediates]
        self._lists = tuple(
            one
            for index, data in enumerate(policy.crls)
            for one in _read_lists(data, f"list {index + 1} of {len(policy.crls)}")
        )
        self._folder = (
            None if policy.crl_folder is None else RevocationFolder(policy.crl_folder, clock=clock)
        )
        self._folder_lock = threading.Lock()
        self._state = self._make_state()
        self._signatures = ChainSignatures(providers, allow_gost_2001=policy.allow_gost_2001)

    def verify(self, certificate: Certificate, *, at: datetime) -> None:
        """Raise TrustError unless the certificate is to be accepted at this moment.

        Codes, the first that holds: ``certificate.usage`` (not made for signing messages),
        ``certificate.untrusted`` (no path to an anchor), ``certificate.revoked`` (or on hold),
        ``certificate.not_yet_valid`` and ``certificate.expired`` (it or an authority above it),
        ``certificate.revocation_unknown`` (the policy asks for a current list).
        """
        _check_usage(certificate)
        self._refresh()
        window = self._find_window(certificate, at)
        if any(period.holds(at) for period in window.revoked):
            raise TrustError("certificate.revoked", "the certificate or its authority")
        if at < window.start:
            raise TrustError("certificate.not_yet_valid", "the certificate or its authority")
        if at > window.end:
            raise TrustError("certificate.expired", "the certificate or its authority")
        if self._require_revocation and (window.known_until is None or at > window.known_until):
            raise TrustError(
                "certificate.revocation_unknown", "no current revocation list of an authority"
            )

    def _refresh(self) -> None:
        """Take the folder's lists anew when they have changed; who comes meanwhile goes on."""
        if self._folder is None or not self._folder_lock.acquire(blocking=False):
            return
        try:
            if self._folder.refresh():
                self._state = self._make_state()
        finally:
            self._folder_lock.release()

    def _make_state(self) -> _State:
        return _State((*self._lists, *(() if self._folder is None else self._folder.lists)))

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
        state, fingerprint = self._state, certificate.fingerprint
        return state.accepted.recall(fingerprint, moment) or state.refused.recall(
            fingerprint, moment
        )

    def _search(self, certificate: Certificate, nearest: datetime) -> _Finding:
        """Look for a path at this moment, then at the certificate's first; the lock is held."""
        state = self._state
        for moment in dict.fromkeys((nearest, certificate.not_before)):
            window = self._find_path(certificate, moment, state)
            if window is not None:
                finding = _Finding(window, nearest)
                state.accepted.remember(certificate.fingerprint, finding)
                return finding
        finding = _Finding(None, nearest)
        state.refused.remember(certificate.fingerprint, finding)
        return finding

    def _find_path(
        self, certificate: Certificate, moment: datetime, state: _State
    ) -> _Window | None:
        """Return the window of a path that holds at this moment."""
        try:
            context = ValidationContext(
                trust_roots=self._anchors_for(certificate),
                other_certs=self._intermediates,
                moment=moment,
                allow_fetching=False,
                revocation_mode="soft-fail",
                time_tolerance=timedelta(0),
                signature_validator=self._signatures,
            )
            subject = x509.Certificate.load(certificate.der)
            path = _run(CertificateValidator(subject, None, context).async_validate_path())
            window = self._measure(path, state)
        except Exception:  # whatever broken bytes lead the validator to: it is not a valid path
            return None
        return window if window.holds(moment) else None

    def _anchors_for(self, certificate: Certificate) -> list[CertTrustAnchor]:
        """Leave out those of its name and key but of other bytes.

        For the library they are the same authority, so that whoever holds the key of an anchor
        could give it other dates and uses.
        """
        own = AuthorityWithCert(x509.Certificate.load(certificate.der))
        return [
            one
            for one in self._anchors
            if one.certificate.dump() == certificate.der or one.authority != own
        ]

    def _measure(self, path: ValidationPath, state: _State) -> _Window:
        """Return when all certificates of the path hold, the anchor's own dates among them."""
        chain = list(path)
        if len(chain) > 1:
            _check_issuing(chain[0])
        validities = [one["tbs_certificate"]["validity"] for one in chain]
        statuses = [self._find_status(*link, state) for link in pairwise(chain)]
        end = min(validity["not_after"].native for validity in validities)
        known = [status.known_until for status in statuses]
        return _Window(
            start=max(validity["not_before"].native for validity in validities),
            end=end,
            revoked=tuple(period for status in statuses for period in status.periods),
            known_until=_earliest(known, default=end),
        )

    def _find_status(
        self, issuer: x509.Certificate, subject: x509.Certificate, state: _State
    ) -> Status:
        """Return what the lists that its issuer has signed say of a certificate."""
        usage = issuer.key_usage_value
        may_sign = usage is None or "crl_sign" in usage.native
        lists = state.lists.get(issuer.subject.hashable, []) if may_sign else []
        signed = (one for one in lists if self._is_signed(one, issuer, state))
        return judge(read_subject(subject), signed)

    def _is_signed(self, one: RevocationList, issuer: x509.Certificate, state: _State) -> bool:
        key = issuer["tbs_certificate"]["subject_public_key_info"]
        question = (one, key.dump())
        if question not in state.signed:
            try:
                self._signatures.validate_signature(
                    one.signature, one.signed, key, algos.SignedDigestAlgorithm.load(one.algorithm)
                )
                state.signed[question] = True
            except Exception:  # whatever a broken key leads the library to: it has not signed it
                state.signed[question] = False
        return state.signed[question]


def _earliest(moments: Iterable[datetime | None], *, default: datetime) -> datetime | None:
    """Return the earliest; None when one of them is, `default` when there are none."""
    known = list(moments)
    return None if None in known else min((one for one in known if one), default=default)


def _make_anchor(certificate: Certificate) -> CertTrustAnchor:
    """Return the anchor with the path length that its certificate allows (RFC 5937 §3.2)."""
    loaded = x509.Certificate.load(certificate.der)
    limit = loaded.max_path_length if certificate.is_authority else None
    # The limit of attribute authorities has to be a number, too, and bounds nothing here.
    qualifiers = TrustQualifiers(max_path_length=limit, max_aa_path_length=limit)
    return CertTrustAnchor(loaded, qualifiers)


def _check_issuing(anchor: x509.Certificate) -> None:
    """Refuse a sender's certificate that is an anchor as the authority of another one.

    Of the others the library does so; anchors it takes as they are. Source: RFC 5280 §4.2.1.3,
    §4.2.1.9; RFC 5937 §3.2.
    """
    usage = anchor.key_usage_value
    if not anchor.ca or (usage is not None and "key_cert_sign" not in usage.native):
        raise TrustError("certificate.untrusted", "the anchor is no authority")


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


def _read_lists(data: bytes, where: str) -> tuple[RevocationList, ...]:
    try:
        return parse_revocation_lists(data)
    except SigningError as error:
        raise SigningError(error.code, f"{where}: {error.detail}") from None


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
