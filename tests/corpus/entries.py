"""One message of the corpus, how the file holds it, and what this package makes of it."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from lxml import etree

from signing.algorithms import DEFAULT_SIGNATURES
from signing.certificates import Certificate
from signing.errors import SigningError
from signing.pki.trust import TrustStore
from signing.providers import Providers
from signing.xml.parser import parse_document
from signing.xml.personal import verify_personal
from signing.xml.smev3 import Holder, verify_smev3
from signing.xml.wss import parse_envelope, verify_sender, verify_smev

FOLDER = Path(__file__).resolve().parent
# The moment that all certificates of the corpus are judged at.
MOMENT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
VALID = "valid"


class Family(StrEnum):
    """By which rules a message is verified."""

    SMEV2 = "smev2"
    SMEV2_SEAL = "smev2-seal"
    """SMEV's own signature over a message of SMEV 2."""
    SMEV3 = "smev3"
    PERSONAL = "personal"
    """Signatures of persons in the content of a message of SMEV 2."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A message and what has to come out."""

    name: str
    family: Family
    key: str
    holder: str
    """Of SMEV 3: whose signature it is about; '' elsewhere."""
    expected: str
    """'valid', or the code of the refusal."""
    message: bytes

    @property
    def id(self) -> tuple[str, str, str, str]:
        """What tells it from all others."""
        return self.family, self.name, self.key, self.holder


def write_corpus(entries: Iterable[Entry], authority: bytes) -> None:
    """Write the committed files: the same bytes for the same entries."""
    lines = []
    for entry in entries:
        # Bytes that are no UTF-8 stand as lone surrogates, which JSON keeps.
        row = {**asdict(entry), "message": entry.message.decode("utf-8", "surrogateescape")}
        lines.append(json.dumps(row) + "\n")
    packed = gzip.compress("".join(lines).encode(), compresslevel=9, mtime=0)
    (FOLDER / "attacks.jsonl.gz").write_bytes(packed)
    (FOLDER / "authority.pem").write_bytes(authority)


def read_corpus() -> list[Entry]:
    """Return the committed entries."""
    text = gzip.decompress((FOLDER / "attacks.jsonl.gz").read_bytes()).decode()
    entries = []
    for line in text.splitlines():
        row = json.loads(line)
        message = row.pop("message").encode("utf-8", "surrogateescape")
        entries.append(Entry(**{**row, "family": Family(row["family"]), "message": message}))
    return entries


def judge(entry: Entry, providers: Providers, trust: TrustStore) -> str:
    """Return what comes out: 'valid', or the code of the first refusal."""
    try:
        root = parse_document(entry.message)
        for certificate in _verify(entry, root, providers):
            trust.verify(certificate, at=MOMENT)
    except SigningError as error:
        return error.code
    return VALID


def _verify(entry: Entry, root: etree._Element, providers: Providers) -> list[Certificate]:
    """Verify the signature that the entry is about, and return whose it is."""
    allowed = DEFAULT_SIGNATURES
    if entry.family is Family.SMEV3:
        holder = Holder(entry.holder)
        return [verify_smev3(root, providers, allowed=allowed, holder=holder).certificate]
    envelope = parse_envelope(root)
    if entry.family is Family.SMEV2_SEAL:
        return [verify_smev(envelope, providers, allowed=allowed).certificate]
    verified = verify_sender(envelope, providers, allowed=allowed)
    if entry.family is Family.SMEV2:
        return [verified.certificate]
    parts = verify_personal(verified.payload, providers, allowed=allowed)
    assert parts, "a message of this family has a signature of a person"
    return [part.certificate for part in parts]
