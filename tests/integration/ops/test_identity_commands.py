"""kontingent identity: covered screens, decisions that are kept, dry runs, refusals."""

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from store.tables import access_events, identity_conflicts, identity_decisions, persons
from tests.integration.store.identity_samples import ABSORBED, KEPT, LATER, Register
from tests.support.commands import Finished, call

_CONFIG = """
[gateway]
code = "KONT00001"
name = "ИС «Контингент»"

[signing]
keys = [{ key = "pki/gateway.key", certificate = "pki/gateway.pem" }]
"""
# The key of `tests.conftest.TEST_VAULT`.
_KEY = "test:" + base64.urlsafe_b64encode(bytes(range(32))).decode().rstrip("=")
WHY = ("--reason", "сверено с документами")
# What no covered screen may show.
SECRETS = ("Ёлкина", "Соловьёва", "Алёна", "Полина", "112-233", "11223344595", "123456", "2013-05")

Run = Callable[..., Finished]


@pytest.fixture
def register(engine: Engine) -> Register:
    """Two persons, and a record that may be of the first: a twin under the other's СНИЛС."""
    made = Register(engine)
    twin = replace(KEPT, source_id="twin", first_name="Полина", documents=(), enrolment=None)
    made.write("b", twin, at=LATER)
    return made


@pytest.fixture
def run(
    register: Register, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Run]:
    """Calls `kontingent identity` on that register."""
    assert register.kept
    path = tmp_path / "kontingent.toml"
    path.write_text(_CONFIG, "utf-8")
    monkeypatch.setenv("KONTINGENT_DATABASE_URL", database_url)
    monkeypatch.setenv("KONTINGENT_DATA_KEYS", _KEY)
    monkeypatch.setenv("COLUMNS", "300")

    def identity(*arguments: object, lang: str = "en") -> Finished:
        return call("--config", path, "--lang", lang, "identity", *map(str, arguments))

    yield identity


def rows(engine: Engine, table: Any) -> list[dict[str, Any]]:
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(select(table)).mappings()]


def conflict_of(run: Run) -> dict[str, Any]:
    (row,) = run("queue", "--json").rows
    assert isinstance(row, dict)
    return row


def test_the_queue_tells_what_waits_and_why(run: Run, register: Register) -> None:
    row = conflict_of(run)
    assert row["state"] == "open"
    assert (row["source"], row["source_id"]) == ("b", "twin")
    assert row["person"] == str(register.person("b", "twin"))
    assert [each["person"] for each in row["candidates"]] == [str(register.kept)]
    assert "identity.snils_of_another" in {each["key"] for each in row["reasons"]}
    assert run("queue", "--state", "joined", "--json").rows == []
    assert run("queue", lang="ru").text.startswith("конфликт")
    assert "Nothing waits" in run("queue", "--state", "joined").text


def test_covered_output_holds_no_personal_value(run: Run, engine: Engine) -> None:
    shown = conflict_of(run)["conflict"]
    for arguments in (("queue",), ("show", shown)):
        for lang in ("en", "ru"):
            for more in ((), ("--json",)):
                finished = run(*arguments, *more, lang=lang)
                assert (finished.exit_code, finished.errors) == (0, "")
                told = finished.text + (
                    json.dumps(finished.rows, ensure_ascii=False, default=str) if more else ""
                )
                assert [each for each in SECRETS if each in told] == []
    assert rows(engine, access_events) == []


def test_uncovered_output_is_recorded(run: Run, engine: Engine, register: Register) -> None:
    shown = conflict_of(run)["conflict"]
    finished = run("show", shown, "--unmask", *WHY, "--json")
    (row,) = finished.rows
    assert row["record"]["name"] == "Ёлкина-Соловьёва Полина Петровна"
    assert row["candidates"][0]["card"]["snils"] == row["record"]["snils"] == "112-233-445 95"
    seen = {(each["person_id"], each["operation"]) for each in rows(engine, access_events)}
    assert seen == {
        (register.kept, "identity show"),
        (register.person("b", "twin"), "identity show"),
    }
    refused = run("show", shown, "--unmask")
    assert (refused.exit_code, refused.text) == (2, "")


def test_a_merge_is_tried_done_and_taken_back(run: Run, engine: Engine, register: Register) -> None:
    before = register.owners()
    pair = (register.kept, register.absorbed)
    tried = run("merge", *pair, *WHY, "--dry-run", "--json").rows[0]
    assert tried["dry_run"] is True
    assert tried["decision"] is None
    assert tried["moved"]["marks.person_id"] == 1
    assert register.owners() == before
    done = run("merge", *pair, *WHY, "--json").rows[0]
    assert done["moved"] == tried["moved"]
    (listed,) = run("decisions", register.absorbed, "--json").rows
    assert (listed["decision"], listed["kind"]) == (done["decision"], "merge")
    assert run("decisions", register.absorbed).exit_code == 0
    again = run("merge", *pair, *WHY)
    assert again.exit_code == 1
    assert "merge.absorbed_merged" in again.text
    back = run("split", done["decision"], *WHY)
    assert back.exit_code == 0
    assert register.owners() == before
    assert len(rows(engine, identity_decisions)) == 2


def test_a_conflict_is_decided_for_a_candidate(run: Run, register: Register) -> None:
    row = conflict_of(run)
    tried = run("decide", row["conflict"], "--join", register.kept, *WHY, "--dry-run", "--json")
    assert tried.rows[0]["change"]["moved"]["source_links.entity_id"] == 1
    assert conflict_of(run)["state"] == "open"
    done = run("decide", row["conflict"], "--join", register.kept, *WHY)
    assert done.exit_code == 0
    assert register.person("b", "twin") == register.kept
    assert run("queue", "--json").rows == []
    (joined,) = run("queue", "--state", "joined", "--json").rows
    assert joined["reason"] == "сверено с документами"
    again = run("decide", row["conflict"], "--separate", *WHY, "--json")
    assert again.exit_code == 1
    assert [each["code"] for each in again.rows[0]["problems"]] == ["conflict.decided"]


def test_a_conflict_is_decided_against_all(run: Run, engine: Engine, register: Register) -> None:
    row = conflict_of(run)
    own = register.person("b", "twin")
    assert run("decide", row["conflict"], "--separate", *WHY).exit_code == 0
    assert register.person("b", "twin") == own
    assert [each["state"] for each in rows(engine, identity_conflicts)] == ["separate"]


def test_a_record_is_split_off(run: Run, engine: Engine, register: Register) -> None:
    row = conflict_of(run)
    run("decide", row["conflict"], "--join", register.kept, *WHY)
    done = run("split", "--person", register.kept, "--record", "b", "twin", *WHY, "--json")
    assert done.exit_code == 0
    assert str(register.person("b", "twin")) == done.rows[0]["other"]
    assert len(rows(engine, persons)) == 7


@pytest.mark.parametrize(
    "arguments",
    [
        ("split", *WHY),
        ("split", "00000000-0000-0000-0000-000000000001", "--person", *["1"], *WHY),
        ("decide", "00000000-0000-0000-0000-000000000001", *WHY),
        ("merge", "иванов", "петров", *WHY),
        ("merge", "00000000-0000-0000-0000-000000000001"),
    ],
    ids=["nothing", "both", "no word", "no ids", "no reason"],
)
def test_wrong_usage_is_told_without_what_was_given(run: Run, arguments: tuple[str, ...]) -> None:
    finished = run(*arguments)
    assert finished.exit_code == 2
    assert "петров" not in finished.errors


def test_an_unknown_conflict_is_told(run: Run) -> None:
    nobody = "00000000-0000-0000-0000-0000000000ff"
    assert run("show", nobody).exit_code == 1
    assert run("decide", nobody, "--separate", *WHY).exit_code == 1
    assert run("split", nobody, *WHY).exit_code == 1
    assert ABSORBED.source_id
