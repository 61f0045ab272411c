"""kontingent student: covered screens, disclosures recorded before they are shown, wrong input."""

import base64
import json
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine, select

from ops import operators
from ops.commands import student
from store.engine import WRITING
from store.errors import StoreError
from store.tables import access_events, marks, persons
from tests.integration.store.lives import (
    FIRST,
    MOTHER,
    PUPIL,
    SECRETS,
    SNILS,
    TWIN,
    add_person,
    live,
    revise,
)
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
WHY = ("--unmask", "--reason", "обращение № 12")

Student = Callable[..., Finished]


@pytest.fixture
def lived(engine: Engine) -> Engine:
    live(engine)
    return engine


@pytest.fixture
def run(
    lived: Engine, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Student]:
    """Calls `kontingent student` on a register that holds a life."""
    path = tmp_path / "kontingent.toml"
    path.write_text(_CONFIG, "utf-8")
    monkeypatch.setenv("KONTINGENT_DATABASE_URL", database_url)
    monkeypatch.setenv("KONTINGENT_DATA_KEYS", _KEY)
    monkeypatch.setenv("COLUMNS", "300")

    def student_command(*arguments: str, lang: str = "en", stdin: bytes = b"") -> Finished:
        return call("--config", path, "--lang", lang, "student", *arguments, stdin=stdin)

    yield student_command


def events(engine: Engine) -> list[dict[str, Any]]:
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(select(access_events)).mappings()]


BY_NAME = ("--name", "соловьева алена", "--born", "17.05.2012")
PERSON = str(PUPIL)
COMMANDS = (
    ("find", *BY_NAME, "--as-of", "2024-10-05"),
    ("find", "--snils", "112-233-445 95"),
    ("find", "--document", "11", "II-АН", "123456"),
    ("show", PERSON, "--as-of", "2024-10-05"),
    ("portfolio", PERSON, "--as-of", "2030-01-01"),
    ("health", PERSON, "--as-of", "2024-10-05"),
    ("health", PERSON, "--changes"),
    ("history", PERSON),
)


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_covered_output_holds_no_personal_value(
    run: Student, lived: Engine, arguments: tuple[str, ...]
) -> None:
    for lang in ("en", "ru"):
        for more in ((), ("--json",)):
            finished = run(*arguments, *more, lang=lang)
            assert (finished.exit_code, finished.errors) == (0, "")
            assert finished.text
            assert [each for each in SECRETS if each in finished.text] == []
            if more:
                # Nor under escapes, nor with the words of health.
                told = json.dumps(finished.rows, ensure_ascii=False, default=str)
                assert [each for each in (*SECRETS, "E10", "nosology") if each in told] == []
    assert events(lived) == []


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_uncovered_output_is_recorded(
    run: Student, lived: Engine, arguments: tuple[str, ...]
) -> None:
    finished = run(*arguments, *WHY)
    assert finished.exit_code == 0, finished.errors
    seen = {each["person_id"]: each for each in events(lived)}
    event = seen[PUPIL]
    assert (event["purpose"], event["actor"]) == ("обращение № 12", operators.operator_name())
    assert event["operation"] == " ".join(
        ["student", arguments[0], *(each for each in arguments if each == "--changes")]
    )
    assert event["outcome"] == "shown"
    fields = json.loads(event["fields"])
    assert fields
    assert [each for each in SECRETS if each in event["fields"]] == []
    # A mother is shown with her child, and that is told of her as well.
    assert set(seen) == ({PUPIL, MOTHER} if arguments[0] == "show" else {PUPIL})


def test_uncovered_screens_show_all(run: Student) -> None:
    show = run("show", PERSON, *WHY, lang="ru").text
    for told in ("Соловьёва Алёна Петровна", "17.05.2012", "112-233-445 95", "II-АН", "Лесная"):
        assert told in show
    assert "Соловьёва Ольга" in show
    assert "АБ-777 20.05.2012 отдел ЗАГС" in show
    health = run("health", PERSON, *WHY, lang="ru").text
    assert "нозология" in health
    assert "диабет" in health
    history = run("history", PERSON, *WHY, lang="ru").text
    assert "номер актовой записи о рождении" in history
    portfolio = run("portfolio", PERSON, "--as-of", "2030-01-01", *WHY, lang="ru").text
    assert "00124000000777" in portfolio
    assert "№ 15-у (04.09.2023)" in portfolio


@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_what_cannot_be_recorded_is_not_shown(
    run: Student, lived: Engine, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    """The table takes no events: the database itself refuses them."""
    with lived.execution_options(**WRITING).begin() as connection:
        for statement in _REFUSE[lived.dialect.name]:
            connection.exec_driver_sql(statement)
    for more in ((), ("--json",)):
        finished = run(*arguments, *WHY, *more)
        assert finished.exit_code == 3
        assert finished.output == b""
        assert finished.errors.startswith("error: store.")
        assert [each for each in SECRETS if each in finished.errors] == []
    assert run(*arguments).exit_code == 0


_REFUSE = {
    "sqlite": (
        "CREATE TRIGGER no_events BEFORE INSERT ON access_events"
        " BEGIN SELECT RAISE(ABORT, 'no'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION no_events() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'no'; END $$",
        "CREATE TRIGGER no_events BEFORE INSERT ON access_events"
        " FOR EACH ROW EXECUTE FUNCTION no_events()",
    ),
}


def test_the_event_is_durable_before_anything_is_shown(
    run: Student, lived: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded: list[int] = []

    def broken(*_: object) -> None:
        recorded.append(len(events(lived)))
        raise StoreError("store.failed")

    monkeypatch.setattr(student, "found_row", broken)
    assert run("find", *BY_NAME, *WHY).exit_code == 3
    assert recorded == [1]


@pytest.mark.parametrize("command", ["find", "show", "portfolio", "health", "history"])
@pytest.mark.parametrize("reason", [(), ("--reason", "  ")], ids=("missing", "empty"))
def test_uncovering_needs_a_reason(
    run: Student, lived: Engine, command: str, reason: tuple[str, ...]
) -> None:
    finished = run(command, "--snils", SNILS, "--unmask", *reason)
    assert (finished.exit_code, finished.output) == (2, b"")
    assert finished.errors.startswith("error: reason.missing")
    assert events(lived) == []


def test_several_found_are_listed(run: Student, lived: Engine) -> None:
    with lived.execution_options(**WRITING).begin() as connection:
        add_person(connection, TWIN)
    rows = run("find", *BY_NAME, "--json").rows
    assert [row["person_id"] for row in rows] == [str(PUPIL), str(TWIN)]
    assert [row["name"] for row in rows] == ["С. А. П.", "С. А. П."]
    assert [row["snils"] for row in rows] == ["•••-•••-••• 95", None]
    assert [row["birth_date"] for row in rows] == [2012, 2012]
    run("find", *BY_NAME, *WHY)
    assert {event["person_id"] for event in events(lived)} == {PUPIL, TWIN}


@pytest.mark.parametrize(
    "arguments",
    [
        ("find", "--name", "Соловьёва Алёна Ивановна", "--born", "2012-05-17"),
        ("find", "--snils", "06494906300"),
        ("find", "--document", "12", "4510", "123456"),
        ("show", "--snils", "06494906300"),
        *((command, str(UUID(int=999))) for command in ("show", "portfolio", "health", "history")),
        ("show", PERSON, "--known-on", "2024-09-30"),
        ("history", PERSON, "--known-on", "2024-09-30"),
        ("health", PERSON, "--changes", "--known-on", "2024-09-30"),
    ],
    ids=" ".join,
)
def test_nobody_is_exit_code_1(run: Student, lived: Engine, arguments: tuple[str, ...]) -> None:
    for more in ((), WHY):
        finished = run(*arguments, *more)
        assert (finished.exit_code, finished.output) == (1, b"")
        assert finished.errors.startswith("error: person.not_found")
    assert events(lived) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("find",),
        ("find", "--name", "Соловьёва Алёна"),
        ("find", "--born", "2012-05-17"),
        ("find", "--name", "Соловьёва", "--born", "2012-05-17"),
        ("find", "--name", "Соловьёва Алёна", "--born", "2112-05-17"),
        ("find", "--name", "Соловьёва Алёна", "--born", "31.02.2012"),
        ("find", "--name", "Соловьёва", "Алёна", "--born", "2012-05-17"),
        ("find", "--snils", SNILS, "--document", "11", "II-АН", "123456"),
        ("find", "--snils", "112-233-445 96"),
        ("find", "--snils", "1122334459"),
        ("find", "--document", "11", "II-АН", "12345"),
        ("find", "--document", "11", "II-АН"),
        ("find", "--document", "11", "II-АН", "123456", "778899"),
        ("find", "--snils", SNILS, "--as-of", "1812-09-07"),
        ("find", "--snils", SNILS, "--as-of", "7 сентября"),
        ("show",),
        ("show", SNILS),
        ("show", PERSON, "--snils", SNILS),
        ("show", "--snils", "112-233-445 96"),
        ("show", PERSON, "112-233-445"),
        ("portfolio", "--snilz", SNILS),
        ("portfolio", PERSON, "--known-on", "вчера"),
        ("portfolio", PERSON, "--known-on", "0001-01-01"),
        ("portfolio", PERSON, "--known-on", "9999-12-31T23:59"),
        ("history", PERSON, "--as-of", "2024-10-01"),
    ],
    ids=" ".join,
)
def test_wrong_usage_is_exit_code_2_and_repeats_no_value(
    run: Student, arguments: tuple[str, ...]
) -> None:
    finished = run(*arguments)
    assert (finished.exit_code, finished.output) == (2, b"")
    assert "Traceback" not in finished.errors
    values = [each for each in arguments[1:] if not each.startswith("--") and len(each) > 3]
    assert [each for each in values if each in finished.errors] == []


def test_all_problems_of_a_query_are_told_at_once(run: Student) -> None:
    errors = run("find", "--document", "1234", "", "", "--as-of", "1812-09-07").errors
    for code in ("document.type", "document.number", "as_of.out_of_range"):
        assert code in errors
    assert errors.count("\n") == 1


def test_snils_from_standard_input(run: Student) -> None:
    for command in ("find", "show", "portfolio"):
        (row,) = run(command, "--snils", "-", "--json", stdin=b"112-233-445 95\n").rows
        assert row["person_id"] == PERSON
    for wrong in (b"", b"\xff\xfe\n"):
        finished = run("find", "--snils", "-", stdin=wrong)
        assert (finished.exit_code, finished.output) == (2, b"")


def test_a_portfolio_as_of_a_day_as_known_on_a_moment(run: Student, lived: Engine) -> None:
    revise(lived, marks, UUID(int=100), at=FIRST + timedelta(days=30), value="3")

    def term(*more: str) -> str:
        (row,) = run("portfolio", PERSON, "--json", *more).rows
        value: str = row["results"][0]["subjects"][0]["terms"]["1"]
        return value

    assert term() == "3"
    assert term("--known-on", "2024-10-30") == "4"
    # Of a day the end is meant, where the region lies: the change is of 12:00 there.
    assert term("--known-on", "2024-10-31") == "3"
    assert term("--known-on", "2024-10-31T11:59:59") == "4"
    assert term("--known-on", "2024-10-31T12:00:00") == "3"
    assert term("--known-on", "2024-10-31T08:59:59+00:00") == "4"
    (row,) = run("portfolio", PERSON, "--json", "--as-of", "2023-09-01").rows
    assert (row["results"], row["exams"], row["certificates"]) == ([], [], [])
    assert [each["ends_on"] for each in row["trajectory"]] == [None]
    assert row["trajectory"][0]["entry_order"] is None


def test_a_merged_person_is_shown_as_the_one_it_proved_to_be(run: Student, lived: Engine) -> None:
    with lived.execution_options(**WRITING).begin() as connection:
        add_person(connection, TWIN, merged_into=PUPIL)
    for command in ("show", "portfolio"):
        assert run(command, str(TWIN), "--json", *WHY).rows[0]["person_id"] == PERSON
    # Recorded is whose data they are.
    assert {event["person_id"] for event in events(lived)} == {PUPIL, MOTHER}


def test_a_foreign_text_commands_no_terminal(run: Student, lived: Engine) -> None:
    revise(lived, persons, PUPIL, at=FIRST, birth_place="[red]\x1b[2J\nx")
    text = run("show", PERSON, *WHY).text
    assert "\x1b" not in text
    assert "[red]\\u001b[2J\\nx" in text


def test_an_empty_health_card_says_so(run: Student) -> None:
    finished = run("health", str(MOTHER), lang="ru")
    assert (finished.exit_code, finished.text) == (0, "Карта здоровья пуста.\n")
    assert run("health", str(MOTHER), "--json").rows == []


def test_history_says_when_and_what(run: Student, lived: Engine) -> None:
    revise(lived, persons, PUPIL, at=FIRST + timedelta(days=30), birth_date=date(2012, 5, 18))
    rows = run("history", PERSON, "--json").rows
    last = rows[-1]
    assert (last["table"], last["version"], last["change"]) == ("persons", 2, "changed")
    assert last["known_since"] == "2024-10-31T09:00:00+00:00"
    assert last["fields"] == [{"name": "birth_date", "old": 2012, "new": 2012}]
    (shown,) = [
        row for row in rows if row["table"] == "enrolments" and row["valid_from"] == "2025-01-20"
    ]
    assert {"name": "organisation_id", "old": None, "new": "Лицей № 2"} in shown["fields"]
    uncovered = run("history", PERSON, "--json", *WHY).rows[-1]["fields"]
    assert uncovered == [{"name": "birth_date", "old": "2012-05-17", "new": "2012-05-18"}]
