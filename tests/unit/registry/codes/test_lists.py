"""The data files hold what the lists' source says, code by code."""

from importlib.resources import files

import pytest

from registry.codes import CodeList, CodeMapping, codes_of, load_code_list, title_of
from registry.model import PrivilegeRank
from registry.procedures.states import KindergartenState


def numbers(*spans: range | int) -> tuple[str, ...]:
    return tuple(
        str(code) for span in spans for code in ([span] if isinstance(span, int) else span)
    )


CODES = {
    CodeList.HEALTH_GROUP: numbers(range(11, 19)),
    CodeList.PHYSICAL_EDUCATION_GROUP: numbers(range(21, 25)),
    CodeList.DISABILITY: numbers(range(11, 15)),
    CodeList.DISABILITY_CATEGORY: numbers(21, 22),
    CodeList.CITIZENSHIP: numbers(range(1, 5)),
    CodeList.EXCHANGE_CITIZENSHIP: numbers(range(4)),
    CodeList.IDENTITY_DOCUMENT_TYPE: numbers(range(11, 18), range(21, 32), 4),
    CodeList.AUTHORITY_DOCUMENT_TYPE: numbers(401, 402, 403, 499),
    CodeList.REPRESENTATIVE_TYPE: numbers(range(1, 8)),
    CodeList.EDUCATION_FORM: numbers(11, 12, 13, 21, 22),
    CodeList.REALISATION_FORM: numbers(range(1, 8)),
    CodeList.PROGRAMME: numbers(range(11, 16), 211, 212, 411, 412),
    CodeList.ADAPTATION: numbers(range(201, 215)),
    CodeList.PORTAL_ADAPTATION: numbers(range(1, 10)),
    CodeList.LIMITED_HEALTH_SCHOOLING: numbers(1, 2, 3),
    CodeList.LONG_TREATMENT: numbers(1, 2, 3),
    CodeList.CERTIFICATE_TYPE: numbers(11, 12, 4, 41),
    CodeList.ORGANISATION_STATUS: numbers(range(1, 10)),
    CodeList.KINDERGARTEN_PORTAL_STATUS: numbers(range(110, 200, 10), range(210, 260, 10)),
    CodeList.KINDERGARTEN_STATE: tuple(KindergartenState),
    CodeList.FUNDING: ("budget", "contract", "target"),
}
UNTITLED = {
    CodeList.IDENTITY_DOCUMENT_TYPE: set(numbers(16, range(23, 27), 29, 30)),
    CodeList.ADAPTATION: set(CODES[CodeList.ADAPTATION]),
    CodeList.PORTAL_ADAPTATION: set(CODES[CodeList.PORTAL_ADAPTATION]),
}
PARTS = {
    CodeList.ORGANISATION_TYPE: {"kindergarten", "school", "gymnasium", "lyceum"}
    | {"boarding_school", "college", "additional"},
    CodeList.ENTRY_REASON: {"admission.class_1", "admission.class_10", "transfer", "return"},
    CodeList.EXIT_REASON: {"finished.basic", "finished.secondary", "transfer.municipality"}
    | {"transfer.region", "transfer.country", "transfer.abroad", "college", "family_education"}
    | {"expelled", "wish", "health", "death", "court", "organisation_closed"},
    CodeList.COUNTRY: {"643", "051", "398", "417", "762", "860"},
    CodeList.LANGUAGE: {"rus", "tat"},
    CodeList.SUBJECT: {"russian", "mathematics", "physics", "physical_education"},
    CodeList.PRIVILEGE: {"judge", "prosecutor", "serviceman", "police", "large_family", "sibling"},
    CodeList.OWNERSHIP_FORM: {"13", "14", "16"},
    CodeList.LEGAL_FORM: {"75203", "75401", "75403", "75404", "75500"},
}


@pytest.mark.parametrize("code_list", CODES)
def test_a_list_holds_the_codes_of_its_source_and_no_others(code_list: CodeList) -> None:
    assert codes_of(code_list) == CODES[code_list]


@pytest.mark.parametrize("code_list", PARTS)
def test_a_list_of_ours_holds_what_the_register_needs(code_list: CodeList) -> None:
    assert set(codes_of(code_list)) >= PARTS[code_list]


def test_every_list_is_looked_at() -> None:
    assert {*CODES, *PARTS} == set(CodeList)


@pytest.mark.parametrize("code_list", CodeList)
def test_only_the_codes_that_our_source_leaves_untitled_have_no_title(code_list: CodeList) -> None:
    without = {code for code in codes_of(code_list) if title_of(code_list, code) is None}
    assert without == UNTITLED.get(code_list, set())


@pytest.mark.parametrize(
    ("code_list", "code", "title"),
    [
        (CodeList.CITIZENSHIP, "2", "гражданин Российской Федерации и иностранного государства"),
        (CodeList.CITIZENSHIP, "3", "иностранный гражданин"),
        (CodeList.EXCHANGE_CITIZENSHIP, "1", "иностранное государство"),
        (CodeList.EXCHANGE_CITIZENSHIP, "3", "двойное гражданство"),
        (CodeList.HEALTH_GROUP, "11", "I группа здоровья несовершеннолетнего"),
        (CodeList.HEALTH_GROUP, "18", "III группа состояния здоровья взрослого"),
        (CodeList.CERTIFICATE_TYPE, "11", "аттестат о среднем общем образовании"),
        (CodeList.CERTIFICATE_TYPE, "12", "аттестат об основном общем образовании"),
        (CodeList.KINDERGARTEN_PORTAL_STATUS, "250", "Зачислен"),
    ],
)
def test_titles_that_are_easily_mixed_up(code_list: CodeList, code: str, title: str) -> None:
    assert title_of(code_list, code) == title


def test_every_file_belongs_to_a_list_or_a_mapping() -> None:
    for folder, keys in (("lists", CodeList), ("mappings", CodeMapping)):
        names = {each.name for each in files("registry.codes").joinpath(folder).iterdir()}
        assert names == {f"{key}.toml" for key in keys}


def test_every_rank_occurs_and_every_privilege_cites_its_law() -> None:
    privileges = load_code_list(CodeList.PRIVILEGE).entries
    assert {each.rank for each in privileges} == set(PrivilegeRank)
    assert all(each.law for each in privileges)
