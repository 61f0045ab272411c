"""What the code lists know."""

import pytest

from registry.codes import CodeList, is_known, is_main_programme, title_of


@pytest.mark.parametrize("code_list", CodeList)
def test_an_unknown_code_is_not_guessed(code_list: CodeList) -> None:
    assert not is_known(code_list, "999")
    assert title_of(code_list, "999") is None


def test_known_codes_have_titles() -> None:
    assert title_of(CodeList.EDUCATION_FORM, "11") == "очная"
    assert is_known(CodeList.IDENTITY_DOCUMENT_TYPE, "23")


@pytest.mark.parametrize(
    ("code", "main"), [("12", True), ("212", True), ("411", False), ("x", False)]
)
def test_main_programmes(code: str, main: bool) -> None:
    assert is_main_programme(code) is main
