"""The committed corpus of attacks: what was refused stays refused, what was valid stays valid."""

from __future__ import annotations

import time
from collections import Counter

import pytest

from signing.certificates import parse_certificate
from signing.errors import SigningError
from signing.pki.trust import TrustPolicy, TrustStore
from signing.providers import Providers
from signing.xml.explanation import explain_signature
from signing.xml.inspection import Document, Verdict, inspect_document
from tests.corpus.entries import FOLDER, MOMENT, VALID, Entry, Family, judge, read_corpus
from tests.corpus.generator import generate
from tests.unit.signing import samples
from tests.unit.signing.xml.test_defects_smev3 import PARTS_THAT_HOLD

CORPUS = read_corpus()
# What of these messages carries a signature is signed as it should be.
_HOLD_IN_THEIR_PARTS = PARTS_THAT_HOLD | {"without_a_seal", "two_references"}


@pytest.fixture(scope="module")
def trust(providers: Providers) -> TrustStore:
    authority = parse_certificate((FOLDER / "authority.pem").read_bytes())
    return TrustStore(TrustPolicy((authority,)), providers)


def test_corpus_covers_all() -> None:
    counts = Counter((entry.family, entry.key, entry.expected == VALID) for entry in CORPUS)
    for key in ("agency-gost", "agency-rsa"):
        for family in Family:
            assert counts[family, key, True] >= 1
            assert counts[family, key, False] >= 2
        assert counts[Family.SMEV2, key, False] > 110
        assert counts[Family.SMEV3, key, False] > 200
        assert counts[Family.PERSONAL, key, False] > 50
    assert len({entry.id for entry in CORPUS}) == len(CORPUS)
    assert (FOLDER / "attacks.jsonl.gz").stat().st_size < 1_500_000


def test_every_message_has_its_outcome(providers: Providers, trust: TrustStore) -> None:
    wrong = []
    for entry in CORPUS:
        started = time.process_time()
        found = judge(entry, providers, trust)
        if found != entry.expected:
            wrong.append((entry.id, entry.expected, found))
        assert time.process_time() - started < 1, entry.id
    assert wrong == []


def test_inspection_has_a_reason_for_every_refusal(providers: Providers, trust: TrustStore) -> None:
    """No forged message has nothing but valid signatures, and nothing foreign is raised."""
    for entry in CORPUS:
        try:
            document = Document(entry.message)
        except SigningError as error:
            assert error.code
            assert entry.expected != VALID
            continue
        reports = inspect_document(document, providers, trust=trust, at=MOMENT)
        assert all(report.reason.partition(":")[0] for report in reports)
        all_valid = bool(reports) and all(one.verdict is Verdict.VALID for one in reports)
        if entry.expected == VALID:
            assert all_valid, entry.id
        elif entry.name not in _HOLD_IN_THEIR_PARTS:
            assert not all_valid, entry.id
        for report in reports:
            explanation = explain_signature(document, report, providers)
            assert (explanation.cause == "none") == (report.verdict is Verdict.VALID), entry.id


def test_new_corpus_has_the_same_names_and_outcomes(providers: Providers) -> None:
    authority = parse_certificate(samples.hierarchy()["ca.pem"])
    trust = TrustStore(TrustPolicy((authority,)), providers)
    made = list(generate())
    assert describe(made) == describe(CORPUS), "run python -m tests.corpus"
    for entry in made:
        assert judge(entry, providers, trust) == entry.expected, entry.id


def describe(entries: list[Entry]) -> dict[tuple[str, str, str, str], str]:
    return {entry.id: entry.expected for entry in entries}
