"""Records folded for comparing."""

from dataclasses import replace

import pytest

from registry.identifiers import parse_snils
from registry.identity.records import fold_full_name, make_profile, record_of_pupil
from registry.model import BirthAct, IdentityDocument, Sex
from registry.sources import SourceBirthAct, SourceRepresentative
from tests.unit.registry.identity.samples import ACT, CERTIFICATE, COMMON, RARE, profile
from tests.unit.registry.samples import PUPIL


def test_a_double_surname_has_parts() -> None:
    keys = fold_full_name(RARE.name)
    assert keys.family == "елкинаподгорная"
    assert keys.parts == ("елкина", "подгорная")
    assert fold_full_name(replace(RARE.name, family="Ёлкина Подгорная")) == keys
    assert fold_full_name(COMMON.name).parts == ("иванова",)


def test_a_pupil_becomes_a_record() -> None:
    parent = SourceRepresentative(
        "r1", "1", "Ёлкина", "Мария", None, PUPIL.birth_date, "female", None, None, None, None, None
    )
    pupil = replace(
        PUPIL, representatives=(parent,), birth_act=SourceBirthAct("123", PUPIL.birth_date, None)
    )
    record = record_of_pupil("school", pupil, organisation="o-1")
    assert (record.ref.source, record.ref.source_id) == ("school", "pupil-1")
    assert record.snils is not None
    assert record.snils.digits == "11223344595"
    assert record.sex is Sex.FEMALE
    assert record.organisation == "o-1"
    folded = make_profile(record)
    assert folded.parents[0].first == "мария"
    assert folded.act is not None
    assert not folded.act.unique


def test_a_wrong_snils_is_kept_as_written_only() -> None:
    record = record_of_pupil("school", replace(PUPIL, snils="112-233-445 96"))
    assert record.snils is None
    assert make_profile(record).written_snils == "11223344596"


@pytest.mark.parametrize(
    ("series", "number"), [("", "0"), ("II-АН", "000000"), ("", "б/н"), ("", "—"), ("", "12")]
)
def test_placeholders_are_no_documents(series: str, number: str) -> None:
    held = (IdentityDocument("11", series, number), CERTIFICATE)
    assert len(profile(COMMON, documents=held).documents) == 1


@pytest.mark.parametrize("number", ["б/н", "000", "", "---"])
def test_placeholders_are_no_acts(number: str) -> None:
    assert profile(COMMON, birth_act=BirthAct(number, ACT.recorded_on, None)).act is None


def test_nine_equal_digits_are_no_snils() -> None:
    assert profile(COMMON, snils=parse_snils("111-111-111 45")).snils is None
    assert profile(COMMON, snils=parse_snils("112-233-445 95")).snils == "11223344595"
