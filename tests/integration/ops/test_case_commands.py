"""kontingent application, transfer, gaps: steps, rankings, covered screens, wrong input."""

import base64
import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Engine

from ops import operators, register_session
from ops.commands import case_options
from registry.cases import RequestTransfer, request_transfer
from registry.codes import PrivilegeRank
from registry.model import Application, TransferCase, TransferScope
from store.errors import StoreError
from store.tables import access_events, applications, class_groups
from tests.integration.store.cases import (
    FAMILY,
    HERE,
    LONG_AGO,
    THERE,
    contents,
    done,
    insert,
    make_region,
    on,
    pupil,
    rows,
    take,
)
from tests.integration.store.test_admissions import quota
from tests.integration.store.test_intakes import apply
from tests.integration.store.test_tables import CLASS
from tests.support.commands import Finished, call

_CONFIG = """
[gateway]
code = "KONT00001"
name = "ИС «Контингент»"

[signing]
keys = [{ key = "pki/gateway.key", certificate = "pki/gateway.pem" }]
"""
_KEY = "test:" + base64.urlsafe_b64encode(bytes(range(32))).decode().rstrip("=")
NOW = datetime(2026, 7, 1, 9, 0, tzinfo=UTC)
WHY = ("--unmask", "--reason", "обращение № 12")
SECRETS = ("Ёлкин", "Пётр", "2019-03-01", "01.03.2019", "sibling")
CLASS_1 = UUID(int=70)
INTAKE = ("--organisation", str(HERE), "--year", "2026", "--parallel", "1")

Run = Callable[..., Finished]


@pytest.fixture
def region(engine: Engine) -> Engine:
    make_region(engine)
    group = {**CLASS, "id": CLASS_1, "parallel": 1, "school_year": 2026, "capacity": 5}
    insert(engine, class_groups, {**group, "recorded_at": LONG_AGO})
    quota(engine, 1, 1)
    return engine


@pytest.fixture
def run(
    region: Engine,
    database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Run:
    """Calls a command on the region, on 1 July 2026."""
    path = tmp_path / "kontingent.toml"
    path.write_text(_CONFIG, "utf-8")
    monkeypatch.setenv("KONTINGENT_DATABASE_URL", database_url)
    monkeypatch.setenv("KONTINGENT_DATA_KEYS", _KEY)
    for module in (case_options, register_session):
        monkeypatch.setattr(module, "utc_now", lambda: NOW)
    return lambda *arguments, lang="en": call("--config", path, "--lang", lang, *arguments)


def ok(finished: Finished) -> list[dict[str, Any]]:
    """The rows of a command that went well."""
    assert finished.exit_code == 0, finished.errors + finished.text
    return finished.rows


def move(run: Run, case: Application, action: str, *more: str) -> Finished:
    return run("application", "move", str(case.id), action, "--json", *more)


ENROL = (
    "--order-number=17-з",
    "--order-date=2026-07-01",
    "--begins=2026-09-01",
    f"--class={CLASS_1}",
    "--form=11",
    "--programme=12",
)


def test_from_an_application_to_a_class(region: Engine, run: Run) -> None:
    case = apply(region, 1, ready=False)
    assert ok(move(run, case, "start_check"))[0]["to_state"] == "checking"
    assert ok(move(run, case, "rank", "--declare", "documents_complete=true"))
    (step,) = ok(move(run, case, "offer", "--actor", "authority", "--note", "комиссия"))
    assert (step["clause"], step["dry_run"]) == ("приказ № 458, пп. 14, 17", False)
    before = contents(region)
    assert ok(move(run, case, "enrol", *ENROL, "--dry-run"))[0]["dry_run"] is True
    assert contents(region) == before
    assert ok(move(run, case, "enrol", *ENROL))[0]["to_state"] == "enrolled"
    (row,) = ok(run("application", "show", str(case.id), "--json"))
    assert [event["action"] for event in row["events"]][2:] == [
        "start_check",
        "rank",
        "offer",
        "enrol",
    ]
    assert row["events"][-1]["cause"] == f"operator {operators.operator_name()}"
    assert row["events"][-2]["note"] == "•••"


def test_everything_that_stands_in_the_way_is_told(region: Engine, run: Run) -> None:
    case = apply(region, 1)
    before = contents(region)
    refused = move(run, case, "rank", *ENROL, "--reason=no_places", "--expected-version=1")
    assert refused.exit_code == 1
    assert [row["problem"] for row in refused.rows] == [
        "case.changed_since",
        "transition.not_allowed",
        "transition.reason_unknown",
        "enrolment.terms_extra",
    ]
    assert set(refused.rows[0]) == {"problem", "field", "message", "clause"}
    screen = run("application", "move", str(case.id), "enrol", lang="ru")
    assert screen.exit_code == 1
    assert "Отказано, ничего не изменено." in screen.text
    assert "приказ № 458, п. 31" not in screen.text  # the step itself isn't possible here
    assert "transition.not_allowed" in screen.text
    assert contents(region) == before


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--declare", "documents_complete"), "declared.unknown"),
        (("--declare", "height=1"), "declared.unknown"),
        (("--declare", "documents_complete=maybe"), "declared.value"),
        (("--declare", "debts=-1"), "declared.value"),
        (("--declare", "contract_on=2026-02-30"), "declared.value"),
        (("--order-number", "1"), "order.incomplete"),
        (("--begins", "2026-09-01", "--programme", "12"), "order.incomplete"),
    ],
)
def test_wrong_usage_of_move(run: Run, arguments: tuple[str, ...], code: str) -> None:
    finished = run("application", "move", str(UUID(int=5)), "offer", *arguments)
    assert (finished.exit_code, finished.output) == (2, b"")
    assert finished.errors.startswith(f"error: {code}"), finished.errors


def test_no_such_case(run: Run) -> None:
    nobody = str(UUID(int=5))
    for arguments in (
        ("application", "move", nobody, "offer"),
        ("application", "show", nobody),
        ("application", "explain", nobody),
        ("transfer", "show", nobody),
    ):
        finished = run(*arguments)
        assert (finished.exit_code, finished.output) == (1, b""), arguments
        assert finished.errors.startswith("error: case.not_found")
    assert run("application", "show", "5").exit_code == 2


def test_rank_and_apply(region: Engine, run: Run) -> None:
    early = apply(region, 1, 1)
    sibling = apply(region, 2, 5, rank=PrivilegeRank.PREFERENTIAL)
    before = contents(region)
    for arguments in ((), ("--apply", "--dry-run"), ("--dry-run",)):
        ranked = ok(run("application", "rank", *INTAKE, "--json", *arguments))
        assert contents(region) == before
        assert [(row["application_id"], row["decision"]) for row in ranked] == [
            (str(sibling.id), "offered"),
            (str(early.id), "no_places"),
        ]
    assert ranked[0]["explanation"][0]["message"] == "Подтверждено преимущественное право на приём"
    applied = ok(run("application", "rank", *INTAKE, "--json", "--apply"))
    assert [(row["action"], row["taken"]) for row in applied] == [("offer", True), ("wait", True)]
    assert [row["state"] for row in rows(region, applications, "serial")] == ["waiting", "offered"]
    listed = ok(run("application", "list", "--state", "waiting", "--json"))
    assert [row["application_id"] for row in listed] == [str(early.id)]
    screen = run("application", "rank", *INTAKE, "--explain", lang="ru")
    assert "Основания" in screen.text
    assert screen.exit_code == 0


def test_a_policy_of_the_region(region: Engine, run: Run, tmp_path: Path) -> None:
    apply(region, 1, 1)
    wrong = tmp_path / "wrong.toml"
    wrong.write_text("key = 1", "utf-8")
    finished = run("application", "rank", *INTAKE, "--policy", wrong)
    assert (finished.exit_code, finished.output) == (2, b"")
    assert finished.errors.startswith("error: policy."), finished.errors
    absent = run("application", "rank", *INTAKE, "--policy", tmp_path / "absent.toml")
    assert absent.exit_code == 2, absent.errors


def test_explain_where_it_stands_and_why_it_moved(region: Engine, run: Run) -> None:
    apply(region, 1, 1)
    mine = apply(region, 2, 2)
    apply(region, 3, 5, rank=PrivilegeRank.PREFERENTIAL)
    (row,) = ok(run("application", "explain", str(mine.id), "--json"))
    assert (row["position"], row["total"], row["ahead"]["preferential"]) == (3, 3, 1)
    past = ("--from", "2026-04-02", "--to", "2026-04-30")
    (moved,) = ok(run("application", "explain", str(mine.id), "--json", *past))
    assert (moved["position_then"], moved["position_now"]) == (2, 3)
    assert [(cause["cause"], cause["delta"]) for cause in moved["causes"]] == [
        ("new_privileged", 1)
    ]
    before = run("application", "explain", str(mine.id), "--from", "2026-03-01")
    assert before.exit_code == 1
    assert before.errors.startswith("error: queue.not_waiting")
    backwards = ("--from", "2026-05-02", "--to", "2026-04-30")
    assert run("application", "explain", str(mine.id), *backwards).exit_code == 2


def transfer(engine: Engine) -> TransferCase:
    base = RequestTransfer(pupil(engine, 9)[0], TransferScope.INSIDE, None, THERE, None, 5, FAMILY)
    case: TransferCase = done(take(engine, request_transfer, base, on(date(2026, 2, 2))))
    return case


def test_transfers(region: Engine, run: Run) -> None:
    case = transfer(region)
    for arguments in (("--overdue",), ("--live", "--organisation", str(THERE)), ()):
        (row,) = ok(run("transfer", "list", "--json", *arguments))
        assert (row["transfer_id"], row["state"], row["overdue"]) == (
            str(case.id),
            "requested",
            True,
        )
    assert ok(run("transfer", "list", "--json", "--state", "closed")) == []
    (shown,) = ok(run("transfer", "show", str(case.id), "--json"))
    assert [event["action"] for event in shown["events"]] == ["request"]
    (late,) = ok(run("gaps", "--kind", "overdue", "--json"))
    assert (late["case_id"], late["procedure"], late["whose"]) == (
        str(case.id),
        "transfer",
        "organisation",
    )


def test_gaps(region: Engine, run: Run) -> None:
    left = pupil(region, 9, ends_on=date(2026, 2, 4))[0]
    (row,) = ok(run("gaps", "--json"))
    assert (row["gap"], row["person_id"], row["since"]) == ("no_arrival", str(left), "2026-02-04")
    assert ok(run("gaps", "--kind", "not_enrolled", "--json")) == []
    assert "Пробелов нет." in run("gaps", "--kind", "not_enrolled", lang="ru").text
    assert run("gaps", "--kind", "other").exit_code == 2


def commands_on(engine: Engine) -> list[tuple[str, ...]]:
    case = apply(engine, 1, 1, rank=PrivilegeRank.PREFERENTIAL)
    moved = transfer(engine)
    pupil(engine, 10, ends_on=date(2026, 2, 4))
    return [
        ("application", "list"),
        ("application", "show", str(case.id)),
        ("application", "rank", *INTAKE),
        ("transfer", "list"),
        ("transfer", "show", str(moved.id)),
        ("gaps",),
    ]


def test_screens_are_covered_unless_that_is_recorded(region: Engine, run: Run) -> None:
    for command in commands_on(region):
        for more in ((), ("--json",)):
            for lang in ("en", "ru"):
                covered = run(*command, *more, lang=lang)
                assert covered.exit_code == 0, covered.errors
                assert "Ё. П." in covered.text
                assert not [each for each in SECRETS if each in covered.text], command
        assert rows(region, access_events) == []
        assert run(*command, "--unmask").exit_code == 2
        assert rows(region, access_events) == []
    for number, command in enumerate(commands_again(region), 1):
        shown = run(*command, *WHY)
        assert "Ёлкин Пётр" in shown.text, shown.errors
        seen = rows(region, access_events, "at")
        assert len({event["operation"] for event in seen}) == number
        assert {event["purpose"] for event in seen} == {"обращение № 12"}
        assert "names" in json.loads(seen[-1]["fields"])


def commands_again(engine: Engine) -> list[tuple[str, ...]]:
    (case,) = rows(engine, applications)
    return [
        ("application", "list"),
        ("application", "show", str(case["id"])),
        ("application", "rank", *INTAKE),
        ("transfer", "list"),
        ("gaps",),
    ]


def test_what_cannot_be_recorded_is_not_shown(
    region: Engine, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise StoreError("store.unavailable", "no disk")

    apply(region, 1)
    monkeypatch.setattr(register_session, "record_disclosure", fail)
    for command in (("application", "list"), ("application", "rank", *INTAKE)):
        finished = run(*command, *WHY)
        assert (finished.exit_code, finished.output) == (3, b"")


def test_nothing_matches(run: Run) -> None:
    assert "No application matches." in run("application", "list").text
    assert "Переводов не найдено." in run("transfer", "list", lang="ru").text
    assert "Nobody stands in this queue." in run("application", "rank", *INTAKE).text
