"""The corpus made anew, from the samples and defects of the unit tests and with keys of its own."""

from __future__ import annotations

from collections.abc import Iterator

from tests.corpus.entries import VALID, Entry, Family
from tests.unit.signing import defects, defects_personal, defects_smev3, samples, samples_smev3
from tests.unit.signing.xml.test_wss import through_smev

KEYS = ("agency-gost", "agency-rsa")
_STRANGERS = {
    "stranger-gost": "certificate.untrusted",
    "stranger-rsa": "certificate.untrusted",
    "expired-gost": "certificate.expired",
    "expired-rsa": "certificate.expired",
}


def generate() -> Iterator[Entry]:
    """Return every good sample and every defect, in an order that packs well."""
    for key in KEYS:
        yield from _make_smev2(key)
        yield from _make_personal(key)
        for name in defects_smev3.DEFECTS:
            found, message = defects_smev3.break_message(name, key)
            yield Entry(name, Family.SMEV3, key, found.holder, found.code, message)
    for key in samples_smev3.KEYS:
        yield from _make_smev3(key)
    for key, code in _STRANGERS.items():
        yield Entry("good", Family.SMEV2, key, "", code, samples.signed(key))
        for holder in samples_smev3.SAMPLES["request"].holders:
            message = samples_smev3.signed("request", key)
            yield Entry("request_1.2", Family.SMEV3, key, holder, code, message)


def _make_smev2(key: str) -> Iterator[Entry]:
    good = samples.signed(key)
    yield Entry("good", Family.SMEV2, key, "", VALID, good)
    sealed = through_smev(key)
    yield Entry("through_smev", Family.SMEV2, key, "", VALID, sealed)
    yield Entry("through_smev", Family.SMEV2_SEAL, key, "", VALID, sealed)
    yield Entry("without_a_seal", Family.SMEV2_SEAL, key, "", "signature.seal_missing", good)
    other = sealed.replace(b" id-1 ", b" id-2 ")
    yield Entry("message_id_changed", Family.SMEV2_SEAL, key, "", "signature.invalid", other)
    for name in defects.DEFECTS:
        code, message = defects.break_message(name, good)
        yield Entry(name, Family.SMEV2, key, "", code, message)


def _make_personal(key: str) -> Iterator[Entry]:
    for smev3 in (False, True):
        name = "smev_transform" if smev3 else "good"
        message = defects_personal.signed(key, smev3=smev3)
        yield Entry(name, Family.PERSONAL, key, "", VALID, message)
    for name in defects_personal.DEFECTS:
        code, message = defects_personal.break_message(name, key)
        yield Entry(name, Family.PERSONAL, key, "", code, message)


def _make_smev3(key: str) -> Iterator[Entry]:
    for name, sample in samples_smev3.SAMPLES.items():
        for version in sample.versions:
            message = samples_smev3.signed(name, key, version)
            for holder in sample.holders:
                yield Entry(f"{name}_{version}", Family.SMEV3, key, holder, VALID, message)
