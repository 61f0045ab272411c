"""Every procedure at random over a real database: whatever is asked, the register stays whole.

SQLite is enough: what two databases do differently is tested with parallel connections elsewhere.
"""

import shutil
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from registry.cases import (
    Done,
    EnrolmentTerms,
    MoveApplication,
    MoveTransfer,
    MoveYearEnd,
    OpenYearEnd,
    Refused,
    RequestTransfer,
    Step,
    SubmitApplication,
    move_application,
    move_transfer,
    move_year_end,
    open_year_end,
    request_transfer,
    submit_application,
)
from registry.cases.commands import OrderTerms
from registry.cases.places import HOLDING_STATES
from registry.identifiers import EnrolmentId
from registry.model import ApplicationKind, Choice, Declared, TransferScope
from registry.procedures.catalogue import PROCEDURES, procedure_of
from registry.procedures.engine import Procedure, ProcedureKey
from registry.procedures.reasons import REASONS
from registry.procedures.states import Actor
from store.engine import create_engine_for
from store.tables import (
    MAIN_PROGRAMMES,
    applications,
    case_events,
    certificates,
    class_groups,
    class_placements,
    enrolments,
    keeping_of,
    place_quotas,
    transfer_cases,
    year_end_cases,
)
from tests.conftest import TEST_VAULT
from tests.integration.store.cases import (
    HERE,
    HERE_5,
    HERE_5_NEXT,
    HERE_6,
    LONG_AGO,
    THERE,
    THERE_5,
    Outcome,
    child,
    insert,
    make_region,
    on,
    pupil,
    rows,
    take,
)
from tests.integration.store.test_admissions import COOK, JOINER, quota
from tests.integration.store.test_tables import CLASS

pytestmark = pytest.mark.slow

CLASS_1 = UUID(int=70)
CASES = (applications, transfer_cases, year_end_cases)
SETTINGS = settings(
    max_examples=12,
    stateful_step_count=16,
    # To shrink a failure takes minutes, and what was done is printed anyway.
    phases=[Phase.generate],
    derandomize=True,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
_STEPS_AT_ONCE = 6
# What leads a case back or out of the procedure.
_BACK = (
    "withdraw",
    "cancel",
    "refuse",
    "return",
    "request_documents",
    "ask_documents",
    "fail",
    "decline",
    "note_no_show",
    "leave",
    "deny",
)
FAVOURABLE = Declared(
    documents_complete=True,
    legal_stay=True,
    selection_passed=True,
    contract_on=date(2026, 4, 1),
    assessed=True,
    debt_since=date(2025, 5, 1),
    attempts=2,
    parents_agree=True,
    admission_test_passed=True,
    exams_passed=True,
)
# Four steps of five lead on: most random ones are refused, and nothing would be reached.
fairness = st.sampled_from([True, True, True, True, False])
flags = st.sampled_from([None, False, True])
circumstances = st.builds(
    Declared,
    documents_complete=flags,
    legal_stay=flags,
    test_passed=flags,
    selection_passed=flags,
    contract_on=st.sampled_from([None, date(2026, 4, 1)]),
    moving_away=flags,
    assessed=flags,
    debts=st.sampled_from([None, 0, 1]),
    debt_since=st.just(date(2025, 5, 1)),
    attempts=st.sampled_from([None, 2]),
    parents_agree=flags,
    admission_test_passed=flags,
    exams_passed=flags,
)


class Machine(RuleBasedStateMachine):
    """A region on a database of its own, a day that goes on, and what must always hold."""

    folder: ClassVar[Path]
    template: ClassVar[Path]
    day = date(2026, 4, 2)

    def __init__(self) -> None:
        super().__init__()
        path = self.folder / f"{uuid4()}.db"
        shutil.copyfile(self.template, path)
        self.engine = make_region(create_engine_for(f"sqlite:///{path}", vault=TEST_VAULT))
        self.minutes = 0
        self.taken: Counter[str] = Counter()
        self.fill()

    def fill(self) -> None:
        """Put in what the procedure begins with."""

    def teardown(self) -> None:
        self.engine.dispose()

    @rule(days=st.sampled_from([1, 30]))
    def wait(self, days: int) -> None:
        self.day += timedelta(days=days)

    def act(self, use_case: Callable[..., Outcome], command: Any) -> Outcome:
        """Take a step; `take` sees to it that a refused one leaves nothing."""
        self.minutes += 1
        clock = on(self.day)
        moment = datetime(self.day.year, self.day.month, self.day.day, 9, tzinfo=UTC)
        clock = type(clock)(moment + timedelta(seconds=self.minutes), clock.zone, clock.calendar)
        outcome = take(self.engine, use_case, command, clock)
        self.taken[type(outcome).__name__] += 1
        return outcome

    def pick(
        self, data: st.DataObject, procedure: Procedure[Any], state: str, *, fair: bool
    ) -> tuple[str, Step]:
        """A step of the table. A fair one leads on, by who may take it, with all that it needs."""
        lines = procedure.open_lines(state) or procedure.transitions
        if fair:
            lines = tuple(each for each in lines if not each.action.startswith(_BACK)) or lines
            line = data.draw(st.sampled_from(lines))
            told = replace(FAVOURABLE, debts=data.draw(st.sampled_from([0, 1])))
            reason = line.reasons[0] if line.reasons else None
            return line.action, Step(min(line.actors), "machine", reason, None, told)
        line = data.draw(st.sampled_from([*lines, *procedure.transitions]))
        actor = data.draw(st.sampled_from(sorted(Actor)))
        reason = data.draw(st.sampled_from([*line.reasons, None, *list(REASONS)[:1]]))
        return line.action, Step(actor, "machine", reason, None, data.draw(circumstances))

    def order(self, data: st.DataObject, *, fair: bool) -> OrderTerms | None:
        if fair:
            return OrderTerms("1", self.day)
        later = OrderTerms("1", self.day + timedelta(days=1))
        return data.draw(st.sampled_from([None, later]))

    def terms(
        self, data: st.DataObject, programmes: list[str], group: Any, *, fair: bool
    ) -> EnrolmentTerms | None:
        order = self.order(data, fair=fair)
        if order is None:
            return None
        days, groups = ([1], [group, None]) if fair else ([0, 60], [CLASS_1, THERE_5, HERE_5])
        begins_on = self.day + timedelta(days=data.draw(st.sampled_from(days)))
        if fair and group == CLASS_1:
            begins_on = max(begins_on, date(2026, 6, 1))
        code = programmes[0] if fair else data.draw(st.sampled_from(programmes))
        chosen: Any = data.draw(st.sampled_from(groups))
        return EnrolmentTerms(order, begins_on, chosen, "11", code)

    @invariant()
    def each_case_is_where_its_events_led(self) -> None:
        events: dict[UUID, list[Any]] = defaultdict(list)
        for event in rows(self.engine, case_events, "sequence"):
            events[event["case_id"]].append(event)
        cases = {row["id"]: (table, row) for table in CASES for row in rows(self.engine, table)}
        assert set(events) == set(cases)
        for case_id, steps in events.items():
            table, row = cases[case_id]
            assert [step["sequence"] for step in steps] == list(range(1, len(steps) + 1))
            assert all(one["to_state"] == other["from_state"] for one, other in pairwise(steps))
            assert row["state"] == steps[-1]["to_state"]
            procedure = PROCEDURES[ProcedureKey(steps[0]["procedure"])]
            if "live" in row:
                assert row["live"] is (row["state"] not in procedure.finals)
            if row["state"] in procedure.finals:
                assert row["due_on"] is None
            history = keeping_of(table).history
            former = [each for each in rows(self.engine, history) if each["id"] == case_id]
            assert row["version"] == len(former) + 1

    @invariant()
    def enrolments_never_overlap(self) -> None:
        for _, studies in self._by("person_id", enrolments):
            main = [each for each in studies if each["programme_code"] in MAIN_PROGRAMMES]
            for one, other in pairwise(main):
                assert one["ends_on"] is not None
                assert one["ends_on"] < other["begins_on"]

    @invariant()
    def seats_are_in_their_enrolment_and_never_too_many(self) -> None:
        studies = {each["id"]: each for each in rows(self.engine, enrolments)}
        for enrolment_id, seats in self._by("enrolment_id", class_placements):
            for seat in seats:
                assert seat["begins_on"] >= studies[enrolment_id]["begins_on"]
                end = studies[enrolment_id]["ends_on"]
                assert end is None or (seat["ends_on"] is not None and seat["ends_on"] <= end)
        capacity = {each["id"]: each["capacity"] for each in rows(self.engine, class_groups)}
        for group, seats in self._by("class_group_id", class_placements):
            for seat in seats:
                day = seat["begins_on"]
                there = [
                    each
                    for each in seats
                    if each["begins_on"] <= day
                    and (each["ends_on"] is None or each["ends_on"] >= day)
                ]
                assert len(there) <= capacity[group]

    @invariant()
    def places_are_never_negative(self) -> None:
        places: Counter[tuple[Any, ...]] = Counter()
        for row in rows(self.engine, place_quotas):
            places[row["organisation_id"], row["programme_code"]] += row["places"]
        held = Counter(
            (row["offered_id"], row["offered_programme"] or "")
            for row in rows(self.engine, applications)
            if row["state"] in HOLDING_STATES
        )
        assert all(count <= places[key] for key, count in held.items())
        for row in rows(self.engine, applications):
            assert (row["state"] in HOLDING_STATES) == (row["offered_id"] is not None)

    def _by(self, key: str, table: Any) -> Iterator[tuple[UUID, list[dict[str, Any]]]]:
        found: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
        for row in rows(self.engine, table, "begins_on"):
            if not row["retracted"]:
                found[row[key]].append(row)
        yield from found.items()


class Admission(Machine):
    """Three children of the right age, and one place at each of two organisations."""

    kind: ClassVar[ApplicationKind]
    births: ClassVar[dict[ApplicationKind, date]] = {
        ApplicationKind.SCHOOL: date(2019, 3, 1),
        ApplicationKind.KINDERGARTEN: date(2023, 3, 1),
        ApplicationKind.COLLEGE: date(2010, 3, 1),
        ApplicationKind.ADDITIONAL: date(2014, 3, 1),
    }
    programmes: ClassVar[dict[ApplicationKind, list[str]]] = {
        ApplicationKind.SCHOOL: ["12", "12", "211"],
        ApplicationKind.KINDERGARTEN: ["11", "11", "12"],
        ApplicationKind.COLLEGE: ["211", "212", "12"],
        ApplicationKind.ADDITIONAL: ["411", "412", "12"],
    }

    def fill(self) -> None:
        self.apart = self.kind in (ApplicationKind.COLLEGE, ApplicationKind.ADDITIONAL)
        if self.kind is ApplicationKind.COLLEGE:
            self.day = date(2026, 7, 1)
        self.children = [
            child(self.engine, number, birth_date=self.births[self.kind]) for number in (1, 2, 3)
        ]
        group = {**CLASS, "id": CLASS_1, "parallel": 1, "school_year": 2026, "capacity": 1}
        insert(self.engine, class_groups, {**group, "recorded_at": LONG_AGO})
        for number, organisation in enumerate((HERE, THERE)):
            for place, programme in enumerate((JOINER, COOK) if self.apart else ("",)):
                key = number * 2 + place + 1
                quota(self.engine, key, 1, programme=programme, organisation=organisation)

    @rule(data=st.data())
    def submit(self, data: st.DataObject) -> None:
        named = data.draw(
            st.lists(
                st.tuples(st.sampled_from([HERE, THERE]), st.sampled_from([JOINER, COOK])),
                min_size=1,
                max_size=3,
                unique=True,
            )
        )
        choices = tuple(
            Choice(number, organisation, programme if self.apart else None, territory=True)
            for number, (organisation, programme) in enumerate(named, 1)
        )
        command = SubmitApplication(
            kind=self.kind,
            person_id=data.draw(st.sampled_from(self.children)),
            applicant_id=None,
            school_year=2026,
            parallel=1,
            submitted_at=datetime(self.day.year, self.day.month, self.day.day, 8, tzinfo=UTC),
            desired_on=date(2026, 4, 2) if self.kind is ApplicationKind.KINDERGARTEN else None,
            choices=choices,
            privileges=(),
            step=Step(Actor.PORTAL, "machine"),
            average=4.5 if self.kind is ApplicationKind.COLLEGE else None,
        )
        self.act(submit_application, command)

    @rule(data=st.data())
    def move(self, data: st.DataObject) -> None:
        for _ in range(_STEPS_AT_ONCE):
            self.step(data)

    def step(self, data: st.DataObject) -> None:
        cases = rows(self.engine, applications, "serial")
        if not cases:
            return
        case = data.draw(st.sampled_from(cases))
        fair = data.draw(fairness)
        action, step = self.pick(data, procedure_of(self.kind), case["state"], fair=fair)
        target = procedure_of(self.kind).line(case["state"], action)
        enrols = target is not None and target.target == "enrolled"
        programmes = self.programmes[self.kind]
        group = CLASS_1 if self.kind is ApplicationKind.SCHOOL else None
        if case["offered_id"] != HERE:
            group = None
        command = MoveApplication(
            case["id"],
            action,
            step,
            organisation_id=None if fair else data.draw(st.sampled_from([None, HERE, THERE])),
            programme_code=None if fair else data.draw(st.sampled_from([None, COOK])),
            enrolment=self.terms(data, programmes, group, fair=fair) if enrols else None,
            originals_on=self.day if action == "give_originals" else None,
        )
        self.act(move_application, command)


_NAMES_RECEIVER = frozenset({"assign", "reassign", "report_arrival"})


class Transfers(Machine):
    """Three pupils of one school, and a child from outside."""

    day = date(2026, 2, 2)

    def fill(self) -> None:
        self.people = [pupil(self.engine, number)[0] for number in (1, 2, 3)]
        self.people.append(child(self.engine, 4))

    @rule(data=st.data())
    def request(self, data: st.DataObject) -> None:
        scope = data.draw(st.sampled_from(list(TransferScope)))
        inside = scope is not TransferScope.TO_OUTSIDE
        command = RequestTransfer(
            data.draw(st.sampled_from(self.people)),
            scope,
            "Школа № 5" if scope is TransferScope.FROM_OUTSIDE else None,
            data.draw(st.sampled_from([THERE, HERE, None])) if inside else None,
            None if inside else data.draw(st.sampled_from([None, "Школа № 9"])),
            5,
            Step(Actor.PORTAL, "machine"),
        )
        self.act(request_transfer, command)

    @rule(data=st.data())
    def move(self, data: st.DataObject) -> None:
        for _ in range(_STEPS_AT_ONCE):
            self.step(data)

    def step(self, data: st.DataObject) -> None:
        cases = rows(self.engine, transfer_cases, "requested_at")
        if not cases:
            return
        case = data.draw(st.sampled_from(cases))
        procedure, fair = PROCEDURES[ProcedureKey.TRANSFER], data.draw(fairness)
        action, step = self.pick(data, procedure, case["state"], fair=fair)
        if action == "expel_moving":
            step = replace(step, declared=replace(step.declared, moving_away=True))
        names = data.draw(st.booleans()) if action in _NAMES_RECEIVER else not fair
        command = MoveTransfer(
            case["id"],
            action,
            step,
            to_id=data.draw(st.sampled_from([THERE, HERE])) if names else None,
            to_name=None if names or fair else data.draw(st.sampled_from([None, "Школа № 9"])),
            expulsion=self.order(data, fair=fair) if action.startswith("expel") else None,
            enrolment=self.terms(data, ["13", "411"], THERE_5, fair=fair)
            if action == "enrol"
            else None,
            order=self.order(data, fair=fair) if action == "report_arrival" else None,
        )
        self.act(move_transfer, command)


class YearEnds(Machine):
    """Three pupils, one seat in the class above and one in the class of who stays."""

    day = date(2026, 5, 28)

    def fill(self) -> None:
        self.studies = [pupil(self.engine, number)[1] for number in (1, 2, 3)]

    @rule(data=st.data())
    def open(self, data: st.DataObject) -> None:
        enrolment: EnrolmentId = data.draw(st.sampled_from(self.studies))
        step = Step(Actor.ORGANISATION, "machine")
        command = OpenYearEnd(enrolment, 2025, data.draw(st.booleans()), step)
        self.act(open_year_end, command)

    @rule(data=st.data())
    def move(self, data: st.DataObject) -> None:
        for _ in range(_STEPS_AT_ONCE):
            self.step(data)

    def step(self, data: st.DataObject) -> None:
        cases = rows(self.engine, year_end_cases, "person_id", "school_year")
        if not cases:
            return
        case = data.draw(st.sampled_from(cases))
        key = ProcedureKey.GRADUATION if case["graduation"] else ProcedureKey.PROMOTION
        fair = data.draw(fairness)
        action, step = self.pick(data, PROCEDURES[key], case["state"], fair=fair)
        if action == "certify":
            self.certify(case)
        classes: list[Any] = [None, HERE_6, HERE_5_NEXT]
        seated = action in ("promote", "promote_conditionally", "clear_debts", "retain")
        ends = action in ("graduate", "promote") or not fair
        command = MoveYearEnd(
            case["id"],
            action,
            step,
            next_class_id=data.draw(st.sampled_from(classes)) if seated or not fair else None,
            order=self.order(data, fair=fair) if ends else None,
        )
        self.act(move_year_end, command)

    def certify(self, case: dict[str, Any]) -> None:
        row = {
            "id": uuid4(),
            "person_id": case["person_id"],
            "organisation_id": HERE,
            "type_code": "12",
            "number_index": b"n" * 16,
            "number_sealed": b"sealed",
            "issued_on": self.day,
            "with_honours": False,
            "recorded_at": LONG_AGO,
        }
        insert(self.engine, certificates, row)


# By procedure: its machine, what it is given, and which states it has to get to.
MACHINES: dict[str, tuple[type[Machine], dict[str, Any], set[str]]] = {
    **{each.value: (Admission, {"kind": each}, {"enrolled"}) for each in ApplicationKind},
    "transfer": (Transfers, {}, {"enrolled", "closed", "watched"}),
    "year_end": (YearEnds, {}, {"assessed", "graduated"}),
}


@pytest.mark.parametrize("name", MACHINES)
def test_whatever_is_asked_the_register_stays_whole(
    name: str, sqlite_template: Path, tmp_path: Path
) -> None:
    base, more, reached = MACHINES[name]
    taken: Counter[str] = Counter()

    class Here(base):  # type: ignore[misc, valid-type]
        folder, template = tmp_path, sqlite_template

        def teardown(self) -> None:
            taken.update(self.taken)
            taken.update(event["to_state"] for event in rows(self.engine, case_events))
            super().teardown()

    for key, value in more.items():
        setattr(Here, key, value)
    run_state_machine_as_test(Here, settings=SETTINGS)
    # A machine that got nowhere would prove nothing.
    assert not reached - set(taken), taken
    assert taken[Done.__name__] > 20
    assert taken[Refused.__name__] > 20
