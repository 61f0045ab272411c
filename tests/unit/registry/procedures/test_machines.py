"""Random steps through every procedure, whatever the facts: what must always hold."""

from datetime import date, timedelta
from typing import Any, ClassVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from registry.procedures.acts import act_of
from registry.procedures.additional import ADDITIONAL
from registry.procedures.college import COLLEGE
from registry.procedures.engine import Moved, Procedure, move
from registry.procedures.graduation import GRADUATION
from registry.procedures.kindergarten import KINDERGARTEN
from registry.procedures.portal_codes import PORTAL_TITLES, event_code, portal_code
from registry.procedures.promotion import PROMOTION
from registry.procedures.reasons import REASONS
from registry.procedures.school import SCHOOL
from registry.procedures.states import Actor
from registry.procedures.states import KindergartenState as S
from registry.procedures.transfer import TRANSFER
from registry.rule_catalogue import CATALOGUE
from tests.unit.registry.procedures.cases import ALL, CALENDAR, all_facts, good_facts

CODES = {entry.code for entry in CATALOGUE}
DAYS = st.integers(0, 40)
ANY_REASON = st.none() | st.sampled_from(sorted(REASONS))


class Machine(RuleBasedStateMachine):
    """A case of one procedure, and who knows what happens to it."""

    procedure: ClassVar[Procedure[Any]]

    def __init__(self) -> None:
        super().__init__()
        self.state: str = self.procedure.initial
        self.today = date(2026, 1, 1)
        self.due_on: date | None = None
        self.events: list[Moved] = []

    @initialize(days=st.integers(0, 365))
    def begin(self, days: int) -> None:
        self.today += timedelta(days=days)

    @rule(days=DAYS)
    def wait(self, days: int) -> None:
        self.today += timedelta(days=days)

    @rule(data=st.data(), actor=st.sampled_from(Actor), reason=ANY_REASON)
    def try_anything(self, data: st.DataObject, actor: Actor, reason: str | None) -> None:
        actions = sorted({line.action for line in self.procedure.transitions})
        action = data.draw(st.sampled_from([*actions, "fly"]))
        self.take(action, actor, reason, data.draw(st.sampled_from(all_facts(self.procedure))))

    @rule(data=st.data())
    def try_what_the_table_has(self, data: st.DataObject) -> None:
        lines = self.procedure.open_lines(self.state)
        if not lines:
            return
        line = data.draw(st.sampled_from(lines))
        reason = data.draw(st.sampled_from(line.reasons)) if line.reasons else None
        actor = data.draw(st.sampled_from(sorted(line.actors)))
        self.take(line.action, actor, reason, good_facts(self.procedure, line))

    def take(self, action: str, actor: Actor, reason: str | None, facts: Any) -> None:
        before = self.state
        outcome = move(
            self.procedure,
            before,
            action,
            actor=actor,
            reason=reason,
            today=self.today,
            calendar=CALENDAR,
            facts=facts,
        )
        line = self.procedure.line(before, action)
        if isinstance(outcome, Moved):
            assert before not in self.procedure.finals
            assert line is not None
            assert actor in line.actors
            assert all(guard.holds(facts, self.today) for guard in line.guards)
            assert (reason in line.reasons) if line.reasons else reason is None
            self.state, self.due_on = outcome.to_state, outcome.due_on
            assert outcome.due_on is None or outcome.due_on >= self.today
            self.events.append(outcome)
        else:
            assert outcome
            assert self.state == before
            assert len({problem.code for problem in outcome}) == len(outcome)
            assert {problem.code for problem in outcome} <= CODES
            assert all(problem.message_ru and problem.field for problem in outcome)

    @invariant()
    def the_state_is_of_the_procedure(self) -> None:
        assert self.state in set(self.procedure.states)

    @invariant()
    def a_final_state_has_no_deadline(self) -> None:
        if self.state in self.procedure.finals:
            assert self.due_on is None

    @invariant()
    def every_event_names_its_clause_and_joins_the_one_before(self) -> None:
        assert all(act_of(event.clause) for event in self.events)
        states = [self.procedure.initial, *(event.to_state for event in self.events)]
        assert [event.from_state for event in self.events] == states[:-1]
        assert states[-1] == self.state


class SchoolMachine(Machine):
    procedure = SCHOOL


class KindergartenMachine(Machine):
    procedure = KINDERGARTEN
    desired_on = date(2026, 9, 1)

    @invariant()
    def the_portal_shows_a_code_of_its_list(self) -> None:
        state = S(self.state)
        code = portal_code(state, desired_on=self.desired_on, today=self.today)
        assert code in PORTAL_TITLES if state is not S.CANCELLED else code is None
        if state is S.QUEUED:
            assert code == (140 if self.today < self.desired_on else 160)

    @invariant()
    def a_change_is_told_and_nothing_else(self) -> None:
        for event in self.events:
            code = event_code(event.action)
            assert (code is not None) == event.action.endswith("_change")
            assert code is None or code in PORTAL_TITLES


class CollegeMachine(Machine):
    procedure = COLLEGE


class AdditionalMachine(Machine):
    procedure = ADDITIONAL


class TransferMachine(Machine):
    procedure = TRANSFER


class PromotionMachine(Machine):
    procedure = PROMOTION


class GraduationMachine(Machine):
    procedure = GRADUATION


MACHINES: tuple[type[Machine], ...] = (
    SchoolMachine,
    KindergartenMachine,
    CollegeMachine,
    AdditionalMachine,
    TransferMachine,
    PromotionMachine,
    GraduationMachine,
)


@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: machine.procedure.key)
def test_machine(machine: type[Machine]) -> None:
    machine.TestCase.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)
    machine.TestCase("runTest").runTest()


def test_there_is_a_machine_for_every_procedure() -> None:
    assert {machine.procedure for machine in MACHINES} == set(ALL)
