"""Code lists: what is mapped, what is kept, and what is refused."""

import pytest

from adapters.errors import AdapterError
from adapters.schools.codes import load_code_lists, parse_code_lists
from registry import codes as registry_codes

NAMES = (
    "sex",
    "citizenship",
    "document_type",
    "education_form",
    "programme",
    "entry_reason",
    "organisation_type",
    "organisation_status",
)


def toml(**changes: str) -> str:
    tables = {name: f"[{name}.codes]\n'a' = '1'\n" for name in NAMES}
    return "".join({**tables, **changes}.values())


def test_values_are_found_whatever_their_case_and_yo() -> None:
    lists = load_code_lists("gorod.toml")
    assert lists.entry_reason.translate("Приём в 1 класс") == "admission.class_1"
    assert lists.entry_reason.translate("ПРИЕМ В 1 КЛАСС") == "admission.class_1"


def test_an_open_list_keeps_what_it_does_not_know_unless_it_looks_like_ours() -> None:
    citizenship = load_code_lists("gorod.toml").citizenship
    assert [citizenship.translate(each) for each in "0123"] == ["1", "3", "4", "2"]
    assert citizenship.translate("4") is None
    assert citizenship.translate("РФ") == "РФ"


def test_a_closed_list_keeps_nothing() -> None:
    sex = load_code_lists("gorod.toml").sex
    assert (sex.translate("ж"), sex.translate("?")) == ("female", None)


@pytest.mark.parametrize(
    ("name", "code_list"),
    [
        ("citizenship", registry_codes.CodeList.CITIZENSHIP),
        ("document_type", registry_codes.CodeList.IDENTITY_DOCUMENT_TYPE),
        ("education_form", registry_codes.CodeList.EDUCATION_FORM),
        ("programme", registry_codes.CodeList.PROGRAMME),
        ("organisation_status", registry_codes.CodeList.ORGANISATION_STATUS),
        ("organisation_type", registry_codes.CodeList.ORGANISATION_TYPE),
        ("entry_reason", registry_codes.CodeList.ENTRY_REASON),
    ],
)
def test_what_is_mapped_to_is_known_to_the_register(
    name: str, code_list: registry_codes.CodeList
) -> None:
    for code in getattr(load_code_lists("gorod.toml"), name).ours:
        assert registry_codes.is_known(code_list, code)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[sex",
        toml(extra="[extra.codes]\n'a' = '1'\n"),
        toml(sex=""),
        toml(sex="[sex]\nclosed = true\n"),
        toml(sex="[sex]\nclosed = 'yes'\n[sex.codes]\n'a' = '1'\n"),
        toml(sex="[sex]\nopen = true\n[sex.codes]\n'a' = '1'\n"),
        toml(sex="[sex.codes]\n'a' = 1\n"),
        toml(sex="[sex.codes]\n'a' = ''\n"),
        toml(sex="[sex.codes]\n'Ёж' = '1'\n'еж' = '2'\n"),
        "sex = 1\n" + toml(sex=""),
    ],
)
def test_lists_that_make_no_sense_are_refused(text: str) -> None:
    with pytest.raises(AdapterError) as caught:
        parse_code_lists(text)
    assert caught.value.code == "source.misconfigured"


def test_a_file_that_is_not_there() -> None:
    with pytest.raises(AdapterError):
        load_code_lists("no-such.toml")
