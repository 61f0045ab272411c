"""Names in one script, and by ear."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.identity.folding import fold_name, sound_of


@pytest.mark.parametrize("text", ["Сeргеев", "CEРГEЕВ", "сергеев", "СЕРГЕЕB"])
def test_latin_letters_in_a_cyrillic_word_are_what_they_look_like(text: str) -> None:
    assert fold_name(text) == "сергеев"


@pytest.mark.parametrize(
    ("latin", "cyrillic"),
    [
        ("Rakhimov", "Рахимов"),
        ("Rahimov", "Рахимов"),
        ("Shchukin", "Щукин"),
        ("Yusupova", "Юсупова"),
        ("Iusupova", "Юсупова"),
        ("Zarina", "Зарина"),
        ("Dilnoza", "Дилноза"),
    ],
)
def test_latin_words_are_read_as_transliterations(latin: str, cyrillic: str) -> None:
    assert fold_name(latin) == fold_name(cyrillic)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("Бабич", "Бобич"),
        ("Геннадьевич", "Генадьевич"),
        ("Сергей", "Sergei"),
        ("Лев", "Леф"),
        ("Алёна", "Олена"),
    ],
)
def test_names_that_sound_alike_have_one_sound(one: str, two: str) -> None:
    assert sound_of(fold_name(one)) == sound_of(fold_name(two))


@pytest.mark.parametrize(("one", "two"), [("Анна", "Инна"), ("Иванов", "Петров"), ("Лев", "Лея")])
def test_other_names_sound_otherwise(one: str, two: str) -> None:
    assert sound_of(fold_name(one)) != sound_of(fold_name(two))


@given(st.text(max_size=30))
def test_folding_is_stable_and_keeps_no_latin_letter(text: str) -> None:
    folded = fold_name(text)
    assert not set(folded) & set("abcdefghijklmnopqrstuvwxyz") or not folded.isalpha()
    assert sound_of(folded) == sound_of(folded)
