"""The catalogue of rules is what the code makes: no more, no less, with the same words."""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from registry.problems import Rule
from registry.procedures.acts import act_of
from registry.rule_catalogue import CATALOGUE

ROOT = Path(__file__).resolve().parents[3]
CATALOGUE_FILE = ROOT / "registry" / "rule_catalogue.py"
KEY = re.compile(r"[a-z_]+\.[a-z_]+")


@dataclass(frozen=True)
class Made:
    """A problem or a rule that the code makes; None for what it works out as it runs."""

    code: str
    message: str | None


def sources() -> list[Path]:
    found = [*(ROOT / "registry").rglob("*.py"), *(ROOT / "store").rglob("*.py")]
    return [path for path in found if path != CATALOGUE_FILE]


def made_in(source: str) -> Iterator[Made]:
    """What a module makes; where a key is computed, every key that the module writes counts."""
    tree = ast.parse(source)
    computed = False
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or name_of(node.func) not in ("Problem", "Rule"):
            continue
        given = dict(zip(("code", "field", "message_ru"), node.args, strict=False))
        given |= {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}
        code = text_of(given["code"])
        if code is None:
            computed = True
        else:
            yield Made(code, text_of(given["message_ru"]))
    if computed:
        for node in ast.walk(tree):
            text = text_of(node)
            if text is not None and KEY.fullmatch(text):
                yield Made(text, None)


def name_of(node: ast.AST) -> str | None:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else None


def text_of(node: ast.AST) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def test_every_key_is_catalogued_and_every_entry_is_made() -> None:
    made = {each.code for path in sources() for each in made_in(path.read_text("utf-8"))}
    known = {rule.code for rule in CATALOGUE}
    assert made - known == set(), "add them to registry/rule_catalogue.py"
    assert known - made == set(), "no code makes these any more"


def test_the_scan_sees_what_is_made() -> None:
    source = 'Problem("a.b", "f", "Т")\nRule(code, "f", x)\ntable = {"c.d": 1, "Words here": 2}'
    assert set(made_in(source)) == {Made("a.b", "Т"), Made("a.b", None), Made("c.d", None)}
    assert set(made_in('names = ["c.d"]')) == set()
    named = 'problems.Problem(message_ru="Т", field="f", code="a.b")'
    assert set(made_in(named)) == {Made("a.b", "Т")}


def test_the_words_are_those_of_the_code() -> None:
    told = {rule.code: rule.message_ru for rule in CATALOGUE}
    for path in sources():
        for each in made_in(path.read_text("utf-8")):
            if each.message is not None:
                assert each.message == told[each.code], each.code


def test_keys_are_unique_and_dotted() -> None:
    assert [code for code, count in Counter(r.code for r in CATALOGUE).items() if count > 1] == []
    assert all(KEY.fullmatch(rule.code) for rule in CATALOGUE)


@pytest.mark.parametrize("rule", CATALOGUE, ids=lambda rule: rule.code)
def test_a_rule_is_told_in_russian_and_cites_a_known_act(rule: Rule) -> None:
    assert re.match(r"[А-ЯЁ]", rule.message_ru)
    assert not rule.message_ru.endswith(".")
    assert rule.field
    if rule.clause is not None:
        assert all(act_of(part) for part in rule.clause.split("; "))
