"""Revocation lists as values: read once, whole, or refused.

A list that says something this package does not read (a delta, other authorities' certificates,
an unknown critical extension) is refused with a code of its own, never read as if it did not.
Whether a list is its authority's is `signing.pki.trust`'s question.

Source: RFC 5280 §5.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote_to_bytes

from asn1crypto import crl
from asn1crypto import x509 as asn1_x509
from cryptography import x509

from signing.asn1 import ASN1_LOCK
from signing.errors import SigningError

# Lists of the largest authorities take about 10 MB.
MAX_LIST_BYTES = 64 * 2**20
_PEM_BEGIN = b"-----BEGIN"
_PEM_LIST = re.compile(rb"-----BEGIN X509 CRL-----")
_PEM = re.compile(_PEM_LIST.pattern + rb"\s([A-Za-z0-9+/=\s]+?)-----END X509 CRL-----")

# The extensions whose meaning is honoured here, so that they may be critical (RFC 5280 §5.2, §5.3).
_KNOWN = frozenset(
    {
        x509.AuthorityKeyIdentifier.oid,
        x509.CRLNumber.oid,
        x509.IssuingDistributionPoint.oid,
    }
)
_KNOWN_OF_ENTRIES = frozenset({x509.CRLReason.oid})


@dataclass(frozen=True, slots=True)
class Period:
    """A time in which a certificate is revoked or on hold; its start belongs to it."""

    start: datetime
    end: datetime | None
    """None: for ever."""

    def holds(self, at: datetime) -> bool:
        """Say whether the moment belongs to it."""
        return self.start <= at and (self.end is None or at < self.end)


@dataclass(frozen=True, slots=True)
class Scope:
    """The certificates of its authority that a list is complete for (RFC 5280 §5.2.5)."""

    points: frozenset[bytes] | None = None
    """Names of the distribution points that it is published at; None: those of every point."""
    users: bool = True
    authorities: bool = True

    def covers(self, subject: Subject) -> bool:
        """Say whether a certificate that the list does not name is not revoked by it."""
        if not (self.authorities if subject.is_authority else self.users):
            return False
        return self.points is None or bool(self.points & subject.points)


@dataclass(frozen=True, slots=True)
class Subject:
    """What of a certificate matters to the lists of its authority."""

    serial: int
    not_after: datetime
    is_authority: bool
    points: frozenset[bytes] = frozenset()
    """Names of its distribution points (RFC 5280 §4.2.1.13), as octets."""
    files: frozenset[str] = frozenset()
    """The last path segments of those that are URIs: how the files are called."""


@dataclass(frozen=True, slots=True)
class _Entry:
    revoked_at: datetime
    on_hold: bool


@dataclass(frozen=True, slots=True, eq=False)
class RevocationList:
    """A complete list as it was read; each is equal to itself alone."""

    issuer: str
    """asn1crypto's hashable form of the name, equal for names that compare equal."""
    this_update: datetime
    next_update: datetime | None
    scope: Scope
    entries: Mapping[int, _Entry]
    """By serial number."""
    signed: bytes
    signature: bytes
    algorithm: bytes
    """AlgorithmIdentifier, DER."""
    file: str = ""
    """The name of its file; empty when it came without."""
    is_kept: bool = False
    """Its file has been spoilt since: what it revokes stays revoked, but it shows nothing else."""


@dataclass(frozen=True, slots=True)
class Status:
    """What the lists of its authority say of a certificate."""

    periods: tuple[Period, ...]
    """When it is revoked or on hold."""
    known_until: datetime | None
    """To when a list that is complete for it is current; None when there is no such list."""


def parse_revocation_lists(data: bytes, *, file: str = "") -> tuple[RevocationList, ...]:
    """Return every list of a PEM bundle, or the one of DER; at least one.

    Raises SigningError: ``certificate.malformed`` (not a list), ``revocation.delta_unsupported``
    (§5.2.4), ``revocation.indirect_unsupported`` (§5.2.5, other authorities' certificates),
    ``revocation.scope_unsupported`` (some reasons, attribute certificates or a relative name
    only), ``revocation.critical_extension`` (unknown), ``revocation.too_large``.
    """
    where = f"{file}: " if file else ""
    if len(data) > MAX_LIST_BYTES:
        raise SigningError("revocation.too_large", f"{where}over {MAX_LIST_BYTES} bytes")
    try:
        return tuple(_parse(der, file) for der in _split(data))
    except SigningError as error:
        raise SigningError(error.code, where + error.detail) from None


def read_subject(certificate: asn1_x509.Certificate) -> Subject:
    """Return what of a certificate matters to its authority's lists; under the lock of asn1crypto.

    Distribution points for some reasons only, and those of other issuers' lists, are left out.
    """
    names = [
        name
        for point in certificate.crl_distribution_points_value or ()
        if not point["reasons"].native and not point["crl_issuer"].native
        if isinstance(point["distribution_point"], asn1_x509.DistributionPointName)
        if point["distribution_point"].name == "full_name"
        for name in point["distribution_point"].chosen
    ]
    uris = [name.chosen.contents for name in names if name.name == "uniform_resource_identifier"]
    entries = [name.chosen.dump() for name in names if name.name == "directory_name"]
    return Subject(
        serial=certificate.serial_number,
        not_after=certificate.not_valid_after,
        is_authority=bool(certificate.ca),
        points=frozenset(uris + entries),
        files=frozenset(map(_last_segment, uris)) - {""},
    )


def _last_segment(uri: bytes) -> str:
    path = re.split(rb"[?#]", uri, maxsplit=1)[0]
    return unquote_to_bytes(path.rpartition(b"/")[2]).decode("utf-8", "replace")


def judge(subject: Subject, lists: Iterable[RevocationList]) -> Status:
    """Return what these lists, all of the certificate's authority, say of it.

    What any of them names is revoked from the date that stands there. A hold ends with the next
    list of the same scope that no longer names the certificate (RFC 5280 §5.3.1).
    """
    own = tuple(lists)
    periods = [
        Period(entry.revoked_at, _find_release(subject, one, own) if entry.on_hold else None)
        for one in own
        if (entry := one.entries.get(subject.serial)) is not None
    ]
    # The file that is called as the certificate says answers for it, where there is one: the
    # authority may have parted its list without saying so in it.
    named = [one for one in own if one.file in subject.files]
    current = [
        one.next_update
        for one in named or own
        # A list may leave out what had expired when it was made (§5).
        if one.next_update is not None
        and not one.is_kept
        and one.this_update <= subject.not_after
        and one.scope.covers(subject)
    ]
    return Status(tuple(periods), max(current, default=None))


def _find_release(
    subject: Subject, holding: RevocationList, lists: Iterable[RevocationList]
) -> datetime | None:
    releases = (
        one.this_update
        for one in lists
        if one.scope == holding.scope
        and one.this_update > holding.this_update
        and subject.serial not in one.entries
    )
    return min(releases, default=None)


def _split(data: bytes) -> list[bytes]:
    if _PEM_BEGIN not in data[:4096]:
        return [data]
    blocks = _PEM.findall(data)
    if not blocks:
        raise SigningError("certificate.malformed", "no revocation list in the PEM text")
    if len(blocks) != len(_PEM_LIST.findall(data)):
        raise SigningError("certificate.malformed", "a broken revocation list in the PEM text")
    try:
        return [base64.b64decode(b"".join(block.split()), validate=True) for block in blocks]
    except ValueError:
        raise SigningError("certificate.malformed", "not base64") from None


def _parse(der: bytes, file: str) -> RevocationList:
    try:
        # Two readers: the one is fast on hundreds of thousands of entries, the other knows names
        # as they compare, and algorithms of any kind. The first also compares the two algorithms.
        content = x509.load_der_x509_crl(der)
        with ASN1_LOCK:
            outer = crl.CertificateList.load(der, strict=True)
            issuer = outer.issuer.hashable
            algorithm = outer["signature_algorithm"].dump()
        scope = _read_scope(content.extensions)
        return RevocationList(
            issuer=issuer,
            this_update=content.last_update_utc,
            next_update=content.next_update_utc,
            scope=scope,
            entries=_read_entries(content),
            signed=content.tbs_certlist_bytes,
            signature=content.signature,
            algorithm=algorithm,
            file=file,
        )
    except SigningError:
        raise
    except Exception:  # broken bytes lead either reader to anything
        raise SigningError("certificate.malformed", "not a revocation list") from None


def _read_scope(extensions: x509.Extensions) -> Scope:
    scope = Scope()
    for extension in extensions:
        if extension.oid == x509.DeltaCRLIndicator.oid:
            raise SigningError("revocation.delta_unsupported", "a delta, not a complete list")
        if extension.critical and extension.oid not in _KNOWN:
            raise SigningError("revocation.critical_extension", extension.oid.dotted_string)
        if isinstance(extension.value, x509.IssuingDistributionPoint):
            scope = _read_point(extension.value)
    return scope


def _read_point(point: x509.IssuingDistributionPoint) -> Scope:
    if point.indirect_crl:
        raise SigningError("revocation.indirect_unsupported", "a list for other authorities")
    if point.only_some_reasons or point.only_contains_attribute_certs or point.relative_name:
        raise SigningError("revocation.scope_unsupported", "a part that is not read here")
    names = point.full_name
    return Scope(
        points=None if names is None else frozenset(_name_octets(name) for name in names),
        users=not point.only_contains_ca_certs,
        authorities=not point.only_contains_user_certs,
    )


def _name_octets(name: x509.GeneralName) -> bytes:
    if isinstance(name, x509.UniformResourceIdentifier):
        return name.value.encode()
    if isinstance(name, x509.DirectoryName):
        return name.value.public_bytes()
    return b""


def _read_entries(content: x509.CertificateRevocationList) -> dict[int, _Entry]:
    entries: dict[int, _Entry] = {}
    for revoked in content:
        reason = _read_reason(revoked.extensions)
        if reason is x509.ReasonFlags.remove_from_crl:
            # It belongs into deltas; here it can only say that the certificate is not revoked.
            continue
        entry = _Entry(revoked.revocation_date_utc, reason is x509.ReasonFlags.certificate_hold)
        known = entries.get(revoked.serial_number)
        # Named twice, the worse counts: for ever before on hold, then the earlier.
        if known is None or _order(entry) < _order(known):
            entries[revoked.serial_number] = entry
    return entries


def _order(entry: _Entry) -> tuple[bool, datetime]:
    return entry.on_hold, entry.revoked_at


def _read_reason(extensions: x509.Extensions) -> x509.ReasonFlags | None:
    reason = None
    for extension in extensions:
        if extension.oid == x509.CertificateIssuer.oid:
            raise SigningError("revocation.indirect_unsupported", "an entry of another authority")
        if extension.critical and extension.oid not in _KNOWN_OF_ENTRIES:
            raise SigningError("revocation.critical_extension", extension.oid.dotted_string)
        if isinstance(extension.value, x509.CRLReason):
            reason = extension.value.reason
    return reason
