"""Pulling a municipality over real HTTP into a real database, however the source behaves."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from sqlalchemy import Engine, func, select

from adapters.errors import AdapterError
from adapters.schools.gorod import GorodAdapter, GorodSettings
from adapters.schools.pages import Page
from fixtures.region import Region
from fixtures.standins.gorod import DEFAULT_PASSWORD, DEFAULT_USER, GorodStandIn
from ops.sync import Step, SyncReport, run_sync
from store.cursors import SyncState
from store.tables import (
    class_groups,
    class_placements,
    enrolments,
    organisations,
    person_documents,
    persons,
    sync_refusals,
)
from store.unit_of_work import UnitOfWork
from tests.conftest import TEST_VAULT
from tests.unit.registry.samples import (
    ACHIEVEMENT,
    CERTIFICATE,
    CLASS,
    EXAM,
    HEALTH_ITEM,
    MARK,
    PUPIL,
    SCHOOL,
    STUDY,
)

REGION = Region(11, 3, 240)
PAGES = 3 + 12  # one of organisations, two of classes at most, twelve of pupils


@pytest.fixture
def standin() -> Iterator[GorodStandIn]:
    with GorodStandIn(REGION) as server:
        yield server


def clock() -> datetime:
    return datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


def pull(standin: GorodStandIn, engine: Engine, steps: list[Step] | None = None) -> SyncReport:
    settings = GorodSettings(
        name="gorod",
        url=standin.url,
        user=DEFAULT_USER,
        password=DEFAULT_PASSWORD,
        page_size=20,
        timeout_s=0.7,
    )
    progress = (lambda step: None) if steps is None else steps.append
    return run_sync("gorod", GorodAdapter(settings), engine, clock=clock, progress=progress)


def contents(engine: Engine) -> list[tuple[Any, ...]]:
    """Everything that the register holds of the source, without ids of ours."""
    statement = (
        select(
            persons.c.snils_index,
            persons.c.family_name,
            persons.c.first_name,
            persons.c.middle_name,
            persons.c.birth_date,
            persons.c.sex,
            person_documents.c.document_index,
            enrolments.c.begins_on,
            organisations.c.full_name,
            class_groups.c.parallel,
            class_groups.c.letter,
        )
        .select_from(persons)
        .outerjoin(person_documents)
        .outerjoin(enrolments, enrolments.c.person_id == persons.c.id)
        .outerjoin(organisations, organisations.c.id == enrolments.c.organisation_id)
        .outerjoin(class_placements, class_placements.c.enrolment_id == enrolments.c.id)
        .outerjoin(class_groups, class_groups.c.id == class_placements.c.class_group_id)
    )
    with engine.connect() as connection:
        return sorted((tuple(map(str, row)) for row in connection.execute(statement)), key=str)


def count(engine: Engine) -> int:
    with engine.connect() as connection:
        return connection.execute(select(func.count()).select_from(persons)).scalar_one()


def known(engine: Engine) -> set[tuple[str, str, str, str]]:
    """Index of the СНИЛС, family name, first name and birth date of everybody."""
    statement = select(
        persons.c.snils_index, persons.c.family_name, persons.c.first_name, persons.c.birth_date
    )
    with engine.connect() as connection:
        return {
            (str(snils), family, first, str(born))
            for snils, family, first, born in connection.execute(statement)
        }


def states(engine: Engine) -> dict[str, tuple[SyncState, str | None]]:
    with UnitOfWork(engine, read_only=True) as work:
        return {c.entity: (c.state, c.error_code) for c in work.cursors.list("gorod")}


def test_whole_municipality_goes_in(standin: GorodStandIn, engine: Engine) -> None:
    steps: list[Step] = []
    report = pull(standin, engine, steps)
    assert report.created == REGION.organisation_count + REGION.class_count + REGION.pupil_count
    assert (report.changed, report.unchanged, report.refused_count) == (0, 0, 0)
    assert not report.resumed
    assert count(engine) == REGION.pupil_count
    assert steps[-1] == Step("pupils", REGION.pupil_count, REGION.pupil_count)
    assert set(states(engine).values()) == {(SyncState.FINISHED, None)}


def test_second_pull_changes_nothing(standin: GorodStandIn, engine: Engine) -> None:
    pull(standin, engine)
    before = contents(engine)
    report = pull(standin, engine)
    assert (report.created, report.changed, report.resumed) == (0, 0, False)
    assert report.unchanged == REGION.organisation_count + REGION.class_count + REGION.pupil_count
    assert contents(engine) == before


def test_source_set_up_anew_with_other_children_mixes_nobody(engine: Engine) -> None:
    """The same ids, other children: a child of the one must not get the СНИЛС of the other."""
    children: dict[str, set[tuple[str, str, str, str]]] = {}
    for seed in (8, 7):
        region = Region(seed, 3, 240)
        with GorodStandIn(region) as server:
            report = pull(server, engine)
        if seed == 8:
            children["first"] = known(engine)
    assert report.refused_count > REGION.pupil_count * 0.9
    assert {problem.code for _, refusal in report.refused for problem in refusal.problems} >= {
        "person.identity_changed"
    }
    with engine.connect() as connection:
        rows = connection.execute(
            select(persons.c.snils_index, persons.c.birth_date).where(
                persons.c.snils_index.is_not(None)
            )
        )
        now = {(str(index), str(born)) for index, born in rows}
    assert now >= {(snils, born) for snils, _, _, born in children["first"] if snils != "None"}


FAILURES = {
    "timeout": "source.timeout",
    "drip": "source.timeout",
    "http500": "source.http_error",
    "fault": "source.fault",
    "truncated": "source.broken_page",
    "broken_xml": "source.broken_page",
    "doctype": "source.broken_page",
    "wrong_checksum": "source.checksum",
    "repeated_page": "source.broken_page",
    "schema_drift": "source.contract_changed",
}


@pytest.mark.parametrize("failure", FAILURES)
def test_broken_pull_stops_clearly_and_the_next_goes_on(
    standin: GorodStandIn, engine: Engine, failure: str
) -> None:
    standin.fail_next(failure, after_pages=PAGES // 2)
    with pytest.raises(AdapterError) as error:
        pull(standin, engine)
    assert error.value.code == FAILURES[failure]
    committed = count(engine)
    assert 0 < committed < REGION.pupil_count
    assert committed % 20 == 0, "no half-written page"
    assert states(engine)["pupils"] == (SyncState.FAILED, FAILURES[failure])
    assert states(engine)["classes"] == (SyncState.FINISHED, None)

    steps: list[Step] = []
    report = pull(standin, engine, steps)
    assert report.resumed
    assert report.created == REGION.pupil_count - committed, "goes on, and does nothing twice"
    assert {step.entity for step in steps} == {"pupils"}
    assert states(engine)["pupils"] == (SyncState.FINISHED, None)
    assert count(engine) == REGION.pupil_count


def test_resumed_register_is_the_undisturbed_one(
    standin: GorodStandIn, engine: Engine, tmp_path_factory: pytest.TempPathFactory
) -> None:
    for after in (0, 2, 5):
        standin.fail_next("http500", after_pages=after)
        with pytest.raises(AdapterError):
            pull(standin, engine)
    pull(standin, engine)
    disturbed = contents(engine)

    from store.engine import create_engine_for
    from store.migrations import upgrade

    calm = create_engine_for(
        f"sqlite:///{tmp_path_factory.mktemp('calm') / 'calm.db'}", vault=TEST_VAULT
    )
    upgrade(calm)
    pull(standin, calm)
    assert disturbed == contents(calm)
    calm.dispose()


def test_forgotten_token_begins_its_kind_anew(standin: GorodStandIn, engine: Engine) -> None:
    standin.fail_next("token_unknown", after_pages=PAGES // 2)
    with pytest.raises(AdapterError) as error:
        pull(standin, engine)
    assert error.value.code == "source.token_unknown"
    steps: list[Step] = []
    report = pull(standin, engine, steps)
    assert report.resumed
    assert report.unchanged > 0, "what was there already"
    assert [step.done for step in steps] == list(range(20, REGION.pupil_count + 1, 20))
    with UnitOfWork(engine, read_only=True) as work:
        (cursor,) = [each for each in work.cursors.list("gorod") if each.entity == "pupils"]
    assert cursor.created + cursor.unchanged == REGION.pupil_count
    assert count(engine) == REGION.pupil_count


def test_record_that_cannot_be_read_is_refused_alone(standin: GorodStandIn, engine: Engine) -> None:
    standin.fail_next("bad_record", after_pages=PAGES // 2)
    report = pull(standin, engine)
    assert report.refused_count == 1
    ((entity, refusal),) = report.refused
    assert entity == "pupils"
    assert refusal.problems
    assert count(engine) == REGION.pupil_count - 1


def test_source_that_is_not_there(engine: Engine) -> None:
    server = GorodStandIn(REGION)
    server.start()
    server.stop()
    with pytest.raises(AdapterError) as error:
        pull(server, engine)
    assert error.value.code == "source.unavailable"
    assert error.value.retryable
    assert count(engine) == 0


# --- refusals that are kept, and kinds that only some systems have ----------------------------


class Told:
    """A source whose records are set by hand, in pages of two."""

    def __init__(self, **records: tuple[Any, ...]) -> None:
        self._records = {"organisations": (), "classes": (), "pupils": (), **records}
        self.fail_at: str | None = None
        for entity in self._records:
            setattr(self, entity, partial(self._pages, entity))

    def _pages(self, entity: str, token: str | None = None) -> Iterator[Page[Any]]:
        records = self._records[entity]
        for start in range(int(token or 0), max(len(records), 1), 2):
            if self.fail_at == f"{entity} {start}":
                raise AdapterError("source.unavailable", "", retryable=True)
            rest = start + 2 < len(records)
            page = records[start : start + 2]
            yield Page(page, str(start + 2) if rest else None, len(records))


EVERYTHING: dict[str, tuple[Any, ...]] = {
    "organisations": (SCHOOL,),
    "classes": (CLASS,),
    "pupils": (PUPIL,),
    "studies": (STUDY,),
    "health_items": (HEALTH_ITEM,),
    "marks": (MARK, replace(MARK, source_id="mark-2", period=2), replace(MARK, source_id="mark-3")),
    "exams": (EXAM,),
    "certificates": (CERTIFICATE,),
    "achievements": (ACHIEVEMENT,),
}


def take(told: Any, engine: Engine) -> SyncReport:
    return run_sync("told", told, engine, clock=clock, progress=lambda step: None)


def kept(engine: Engine) -> list[tuple[str, str, list[str]]]:
    with UnitOfWork(engine, read_only=True) as work:
        return [
            (each.entity, each.refusal.source_id, [p.code for p in each.refusal.problems])
            for each in work.refusals.list("told")
        ]


def test_all_kinds_go_in_and_again_change_nothing(engine: Engine) -> None:
    report = take(Told(**EVERYTHING), engine)
    assert (report.created, report.unchanged, report.refused_count) == (10, 1, 0)
    report = take(Told(**EVERYTHING), engine)
    assert (report.created, report.changed, report.unchanged) == (0, 0, 11)


def test_a_run_cut_short_goes_on_among_all_kinds(engine: Engine) -> None:
    told = Told(**EVERYTHING)
    told.fail_at = "marks 2"
    with pytest.raises(AdapterError):
        take(told, engine)
    told.fail_at = None
    report = take(told, engine)
    assert report.resumed
    assert (report.created, report.unchanged) == (3, 1)


def test_refusals_are_kept_until_the_record_is_better(engine: Engine) -> None:
    bad_pupil = replace(PUPIL, sex="?", snils="1")
    stray = replace(MARK, source_id="mark-9", kind="day", pupil_source_id="")
    first = {**EVERYTHING, "pupils": (bad_pupil,), "marks": (stray,)}
    take(Told(**first), engine)
    expected = [
        ("achievements", "achievement-1", ["achievement.pupil_unknown"]),
        ("certificates", "certificate-1", ["certificate.pupil_unknown"]),
        ("exams", "exam-1", ["exam.pupil_unknown"]),
        ("health_items", "health-1", ["health.pupil_unknown"]),
        ("marks", "mark-9", ["text.empty", "mark.kind", "mark.period_extra"]),
        ("pupils", "pupil-1", ["person.sex", "snils.format"]),
        ("studies", "study-1", ["study.pupil_unknown"]),
    ]
    assert kept(engine) == expected
    take(Told(**first), engine)
    assert kept(engine) == expected, "once each"
    take(Told(**{**EVERYTHING, "marks": (replace(stray, kind="year"),)}), engine)
    assert kept(engine) == [("marks", "mark-9", ["text.empty", "mark.period_extra"])]


def test_what_is_kept_of_a_refusal_names_nobody(engine: Engine) -> None:
    take(Told(organisations=(SCHOOL,), pupils=(replace(PUPIL, snils="11223344599"),)), engine)
    with engine.connect() as connection:
        ((problems,),) = connection.execute(select(sync_refusals.c.problems)).all()
    assert "snils.checksum" in problems
    assert PUPIL.family_name not in problems
    assert "11223344599" not in problems


def test_a_record_refused_for_coming_twice_is_kept_as_refused(engine: Engine) -> None:
    take(Told(organisations=(SCHOOL, SCHOOL)), engine)
    assert kept(engine) == [("organisations", "school-1", ["record.repeated"])]
