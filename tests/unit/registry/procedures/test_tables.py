"""The tables: every step that is in them can be taken, every other one is refused."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from registry.model import ApplicationKind
from registry.procedures.acts import act_of
from registry.procedures.catalogue import PROCEDURES, procedure_of
from registry.procedures.engine import (
    Deadline,
    Moved,
    Procedure,
    ProcedureKey,
    Transition,
    move,
)
from registry.procedures.reasons import REASONS
from registry.procedures.school import SCHOOL
from registry.procedures.school_facts import SchoolFacts
from registry.procedures.states import Actor
from registry.procedures.transfer import TRANSFER, TransferFacts
from tests.unit.registry.procedures.cases import (
    ALL,
    CALENDAR,
    TODAY,
    all_facts,
    each_line,
    good_facts,
)
from tests.unit.registry.procedures.conditions import CONDITIONS

LINES = list(each_line())
NAMES = [f"{procedure.key}-{source}-{line.action}" for procedure, line, source in LINES]
by_line = pytest.mark.parametrize(("procedure", "line", "source"), LINES, ids=NAMES)
by_procedure = pytest.mark.parametrize("procedure", ALL, ids=lambda procedure: procedure.key)

# From which state which states can be reached in one step, as the acts and the portal have it.
STEPS: dict[ProcedureKey, dict[str, set[str]]] = {
    ProcedureKey.SCHOOL: {
        "draft": {"registered", "withdrawn"},
        "registered": {"checking", "withdrawn"},
        "checking": {"documents_needed", "test", "returned", "ranked", "withdrawn"},
        "documents_needed": {"checking", "withdrawn"},
        "test": {"ranked", "refused", "withdrawn"},
        "ranked": {"offered", "waiting", "refused", "withdrawn"},
        "offered": {"enrolled", "withdrawn"},
        "waiting": {"offered", "refused", "withdrawn"},
    },
    ProcedureKey.KINDERGARTEN: {
        "registered": {"review", "cancelled"},
        "review": {"confirm_documents", "queued", "refused", "cancelled"},
        "confirm_documents": {"review", "refused", "cancelled"},
        "queued": {"queued", "offered", "cancelled"},
        "offered": {"consent_review", "suspended_no_show", "suspended_declined", "cancelled"},
        "consent_review": {"contract", "refused", "cancelled"},
        "contract": {"enrolled", "suspended_no_show"},
        "suspended_no_show": {"queued", "suspended_no_show", "cancelled"},
        "suspended_declined": {"queued", "suspended_declined", "cancelled"},
    },
    ProcedureKey.COLLEGE: {
        "draft": {"registered", "withdrawn"},
        "registered": {"checking", "withdrawn"},
        "checking": {"documents_needed", "returned", "entrance_test", "ranked", "withdrawn"},
        "documents_needed": {"checking", "returned", "withdrawn"},
        "entrance_test": {"ranked", "refused", "withdrawn"},
        "ranked": {"recommended", "refused", "withdrawn"},
        "recommended": {"originals_given", "refused", "withdrawn"},
        "originals_given": {"enrolled", "withdrawn"},
    },
    ProcedureKey.ADDITIONAL: {
        "registered": {"checking", "withdrawn"},
        "checking": {"selection", "contract", "waiting", "refused", "withdrawn"},
        "selection": {"contract", "waiting", "refused", "withdrawn"},
        "waiting": {"contract", "refused", "withdrawn"},
        "contract": {"enrolled", "refused", "withdrawn"},
    },
    ProcedureKey.TRANSFER: {
        "requested": {"assigning", "expelled", "watched", "cancelled"},
        "assigning": {"requested", "cancelled"},
        "expelled": {"documents_issued"},
        "documents_issued": {"documents_issued", "received", "closed"},
        "received": {"documents_issued", "enrolled"},
        "enrolled": {"closed"},
        "watched": {"received", "closed"},
    },
    ProcedureKey.PROMOTION: {
        "studying": {"assessed", "left"},
        "assessed": {"promoted", "conditional", "left"},
        "conditional": {"promoted", "retained", "adapted", "individual", "left"},
    },
    ProcedureKey.GRADUATION: {
        "studying": {"admitted", "not_admitted", "left"},
        "not_admitted": {"admitted", "reference_issued", "left"},
        "admitted": {"examined", "failed", "left"},
        "failed": {"examined", "reference_issued", "left"},
        "examined": {"certified", "left"},
        "certified": {"graduated"},
    },
}


def take(
    procedure: Procedure[Any],
    state: str,
    action: str,
    *,
    actor: Actor,
    facts: Any,
    reason: str | None = None,
) -> Moved | set[str]:
    """A step, or the keys of its problems."""
    outcome = move(
        procedure,
        state,
        action,
        actor=actor,
        reason=reason,
        today=TODAY,
        calendar=CALENDAR,
        facts=facts,
    )
    return outcome if isinstance(outcome, Moved) else {problem.code for problem in outcome}


@by_procedure
def test_the_table_leads_where_the_acts_lead(procedure: Procedure[Any]) -> None:
    found: dict[str, set[str]] = {}
    for line in procedure.transitions:
        for source in line.sources:
            found.setdefault(source, set()).add(line.target)
    assert found == STEPS[procedure.key]


@by_procedure
def test_who_acts_what_must_hold_and_which_reasons_there_are(procedure: Procedure[Any]) -> None:
    found = {
        line.action: (
            " ".join(sorted(line.actors)),
            " ".join(guard.rule.code.partition(".")[2] for guard in line.guards),
            " ".join(line.reasons),
        )
        for line in procedure.transitions
    }
    assert found == CONDITIONS[procedure.key]


@by_line
def test_a_line_can_be_taken_by_each_of_its_actors_for_each_of_its_reasons(
    procedure: Procedure[Any], line: Transition[Any], source: str
) -> None:
    facts = good_facts(procedure, line)
    for actor in line.actors:
        for reason in line.reasons or (None,):
            moved = take(procedure, source, line.action, actor=actor, facts=facts, reason=reason)
            assert isinstance(moved, Moved)
            assert (moved.from_state, moved.to_state) == (source, line.target)
            assert (moved.actor, moved.reason, moved.clause) == (actor, reason, line.clause)
            assert moved.due_on is None or moved.due_on >= TODAY


@by_line
def test_any_other_actor_is_refused(
    procedure: Procedure[Any], line: Transition[Any], source: str
) -> None:
    facts = good_facts(procedure, line)
    reason = line.reasons[0] if line.reasons else None
    others = set(Actor) - line.actors
    assert others
    for actor in others:
        assert take(procedure, source, line.action, actor=actor, facts=facts, reason=reason) == {
            "transition.actor"
        }


@by_line
def test_a_reason_is_named_where_one_is_needed_and_only_there(
    procedure: Procedure[Any], line: Transition[Any], source: str
) -> None:
    facts, actor = good_facts(procedure, line), min(line.actors)
    unknown = take(procedure, source, line.action, actor=actor, facts=facts, reason="whim")
    assert unknown == {"transition.reason_unknown"}
    if line.reasons:
        missing = take(procedure, source, line.action, actor=actor, facts=facts)
        assert missing == {"transition.reason_missing"}


@by_line
def test_every_guard_that_fails_is_told_and_no_other(
    procedure: Procedure[Any], line: Transition[Any], source: str
) -> None:
    reason = line.reasons[0] if line.reasons else None
    told = set()
    for facts in all_facts(procedure):
        failing = {guard.rule.code for guard in line.guards if not guard.holds(facts, TODAY)}
        if frozenset(failing) in told or not failing:
            continue
        told.add(frozenset(failing))
        actor = min(line.actors)
        outcome = take(procedure, source, line.action, actor=actor, facts=facts, reason=reason)
        assert outcome == failing
    assert {code for failing in told for code in failing} == {
        guard.rule.code for guard in line.guards
    }


@by_procedure
def test_every_step_outside_the_table_is_refused(procedure: Procedure[Any]) -> None:
    actions = {line.action for line in procedure.transitions}
    refused = 0
    for state in procedure.states:
        for action in actions - {line.action for line in procedure.open_lines(state)}:
            for line in procedure.lines_of(action):
                for actor in Actor:
                    reason = line.reasons[0] if line.reasons else None
                    facts = good_facts(procedure, line)
                    outcome = take(
                        procedure, state, action, actor=actor, facts=facts, reason=reason
                    )
                    assert isinstance(outcome, set)
                    assert "transition.not_allowed" in outcome
                    refused += 1
    assert refused > len(actions)


@by_procedure
def test_final_states_have_no_way_out_and_every_other_state_has_one(
    procedure: Procedure[Any],
) -> None:
    for state in procedure.states:
        assert bool(procedure.open_lines(state)) == (state not in procedure.finals)


@by_procedure
def test_every_state_can_be_reached_and_every_case_can_end(procedure: Procedure[Any]) -> None:
    reached = {procedure.initial}
    ending = set(procedure.finals)
    for _ in procedure.states:
        for line in procedure.transitions:
            if reached & set(line.sources):
                reached.add(line.target)
            if line.target in ending:
                ending |= set(line.sources)
    assert reached == ending == set(procedure.states)


@by_line
def test_a_line_cites_an_act_in_force_and_reasons_with_titles(
    procedure: Procedure[Any], line: Transition[Any], source: str
) -> None:
    act = act_of(line.clause)
    assert act is not None
    assert act.is_in_force(TODAY)
    assert set(line.reasons) <= set(REASONS)


@by_procedure
def test_deadlines_cite_acts_and_say_their_terms(procedure: Procedure[Any]) -> None:
    for deadline in procedure.deadlines.values():
        assert act_of(deadline.clause) is not None
        assert deadline.text_ru


def test_every_reason_is_used() -> None:
    used = {
        reason for procedure in ALL for line in procedure.transitions for reason in line.reasons
    }
    assert used == set(REASONS)


def test_all_problems_come_at_once() -> None:
    outcome = take(
        SCHOOL, "ranked", "refuse", actor=Actor.PORTAL, facts=SchoolFacts(TODAY, places_free=1)
    )
    assert outcome == {
        "transition.actor",
        "transition.reason_missing",
        "transition.places_left",
    }
    outcome = take(
        SCHOOL,
        "enrolled",
        "refuse",
        actor=Actor.PORTAL,
        facts=SchoolFacts(TODAY),
        reason="whim",
    )
    assert outcome == {
        "transition.not_allowed",
        "transition.actor",
        "transition.reason_unknown",
    }
    facts = TransferFacts()
    assert take(TRANSFER, "lost", "fly", actor=Actor.SYSTEM, facts=facts) == {
        "transition.unknown_state",
        "transition.unknown_action",
    }


def test_problems_name_fields_and_clauses() -> None:
    outcome = move(
        SCHOOL,
        "draft",
        "register",
        actor=Actor.PORTAL,
        today=TODAY,
        calendar=CALENDAR,
        facts=SchoolFacts(TODAY),
    )
    assert isinstance(outcome, list)
    assert [(each.code, each.field) for each in outcome] == [
        ("transition.window_closed", "submitted_at"),
        ("transition.age_permission", "birth_date"),
    ]
    assert outcome[1].clause == "273-ФЗ, ст. 67, ч. 1"


def test_facts_of_another_procedure_are_a_mistake_of_the_caller() -> None:
    with pytest.raises(TypeError, match="SchoolFacts"):
        take(SCHOOL, "draft", "register", actor=Actor.PORTAL, facts=TransferFacts())


@pytest.mark.parametrize("kind", list(ApplicationKind))
def test_each_kind_of_application_has_its_procedure(kind: ApplicationKind) -> None:
    assert procedure_of(kind).key == kind.value
    assert procedure_of(ProcedureKey(kind.value)) is procedure_of(kind)


def test_the_procedures_are_all_there() -> None:
    assert set(PROCEDURES) == set(ProcedureKey)


FIRST = SCHOOL.transitions[0]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"transitions": (*SCHOOL.transitions, FIRST)}, "two lines"),
        ({"transitions": (*SCHOOL.transitions, replace(FIRST, action="x", target="y"))}, "state"),
        ({"finals": SCHOOL.finals - {"returned"}}, "leads out"),
        (
            {"transitions": (*SCHOOL.transitions, replace(FIRST, sources=("enrolled",)))},
            "leads out",
        ),
        ({"deadlines": {"enrolled": Deadline("273-ФЗ", Actor.SYSTEM, working_days=1)}}, "final"),
        ({"initial": "somewhere"}, "state"),
    ],
)
def test_a_table_that_is_none_is_not_made(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(SCHOOL, **changes)


@pytest.mark.parametrize(
    "terms",
    [
        {},
        {"working_days": 1, "calendar_days": 1},
        {"working_days": 1, "rule_ru": "когда-нибудь"},
        {"rule": lambda facts, today, calendar: today},
    ],
)
def test_a_deadline_is_one_term(terms: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="one term"):
        Deadline("273-ФЗ", Actor.SYSTEM, **terms)


def test_acts_are_in_force_in_their_time() -> None:
    act = act_of("приказ № 457, п. 20")
    assert act is not None
    assert not act.is_in_force(date(2020, 12, 31))
    assert act.is_in_force(date(2026, 12, 31))
    assert not act.is_in_force(date(2027, 1, 1))
    assert act_of("приказ № 4570") is None
    assert act_of("приказ № 177, п. 3") is not None
