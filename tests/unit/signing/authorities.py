"""Authorities of one kind of key with their leaves and lists, good and broken, for the tests."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from itertools import count
from typing import Any

from asn1crypto import crl, x509

from signing.certificates import Certificate
from signing.pki.issuing import (
    Issuer,
    Revocation,
    Subject,
    issue_certificate,
    issue_revocation_list,
)
from signing.providers import KeyKind, PrivateKey
from tests.unit.signing import samples
from tests.unit.signing.samples import NOW

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
ROOT = Subject("Корень", "Учреждение")
MIDDLE = Subject("Средний", "Учреждение")
LEAF = Subject("Лист", "Учреждение")
_serials = count(100)


@cache
def key(kind: KeyKind, name: str) -> PrivateKey:
    """One key for each name, made once: keys take long."""
    return samples.providers().generate_key(kind)


@dataclass(frozen=True)
class Tree:
    """A root, an authority below it, and whom they certify."""

    kind: KeyKind
    root: Issuer
    middle: Issuer

    def leaf(self, issuer: Issuer | None = None, **options: Any) -> Certificate:
        """A sender below the middle authority, or another one."""
        return certify(self, issuer or self.middle, LEAF, **options)

    def authority(
        self, name: str = "other", issuer: Issuer | None = None, **options: Any
    ) -> Issuer:
        """One more authority below the root, or another one, with a key of its own."""
        return make_authority(
            self.kind, name, Subject(f"УЦ {name}", "Учреждение"), issuer or self.root, **options
        )


def certify(tree: Tree, issuer: Issuer, subject: Subject, **options: Any) -> Certificate:
    return issue_certificate(
        subject,
        key(tree.kind, "leaf").public_key_info,
        issuer=issuer,
        not_before=NOW - 10 * DAY,
        not_after=NOW + 10 * DAY,
        serial=next(_serials),
        **options,
    )


def make_authority(
    kind: KeyKind, name: str, subject: Subject, issuer: Issuer | None = None, **options: Any
) -> Issuer:
    own = key(kind, name)
    certificate = issue_certificate(
        subject,
        own.public_key_info,
        issuer=issuer or own,
        not_before=NOW - 100 * DAY,
        not_after=NOW + 100 * DAY,
        serial=next(_serials),
        is_authority=True,
        **options,
    )
    return Issuer(certificate, own)


@cache
def tree(kind: KeyKind) -> Tree:
    root = make_authority(kind, "root", ROOT)
    return Tree(kind, root, make_authority(kind, "middle", MIDDLE, root, path_length=0))


def good_list(
    issuer: Issuer,
    *revocations: Revocation,
    this_update: datetime = NOW - HOUR,
    next_update: datetime | None = NOW + DAY,
) -> bytes:
    return issue_revocation_list(
        revocations, issuer=issuer, this_update=this_update, next_update=next_update, number=1
    )


def odd_list(
    issuer: Issuer,
    *,
    extensions: Iterable[dict[str, object]] = (),
    entry_extensions: Iterable[dict[str, object]] = (),
    serial: int = 1,
    this_update: datetime = NOW - HOUR,
) -> bytes:
    """A list with these extensions of itself and of its one entry, signed by the issuer."""
    made = crl.CertificateList.load(
        good_list(issuer, Revocation(serial, NOW - DAY), this_update=this_update)
    )
    tbs = made["tbs_cert_list"]
    for extension in extensions:
        tbs["crl_extensions"].append(extension)
    entry = tbs["revoked_certificates"][0]
    if added := list(entry_extensions):
        entry["crl_entry_extensions"] = added
    signed = tbs.dump(force=True)
    made["tbs_cert_list"] = crl.TbsCertList.load(signed)
    made["signature"] = issuer.key.sign(signed)
    return bytes(made.dump(force=True))


def point(**fields: object) -> dict[str, object]:
    """An IssuingDistributionPoint; `uri` is its one name."""
    uri = fields.pop("uri", None)
    if uri is not None:
        names = [x509.GeneralName(name="uniform_resource_identifier", value=uri)]
        fields["distribution_point"] = x509.DistributionPointName(name="full_name", value=names)
    return {
        "extn_id": "issuing_distribution_point",
        "critical": True,
        "extn_value": crl.IssuingDistributionPoint(fields),
    }
