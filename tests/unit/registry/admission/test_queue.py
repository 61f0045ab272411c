"""Queue answers: position, total, and by privilege."""

import pytest
from hypothesis import given

from registry.admission import is_waiting, queue_at, queue_position
from registry.model import Application, PrivilegeRank
from tests.unit.registry.admission.samples import (
    INTAKE,
    KINDERGARTEN,
    SCHOOL,
    TODAY,
    application,
    choice,
    crowds,
    right,
)

FIRST, EXTRAORDINARY = PrivilegeRank.FIRST, PrivilegeRank.EXTRAORDINARY


def test_an_answer_counts_those_who_wait_for_the_same_intake() -> None:
    applications = [
        application(1, privileges=(right(),)),
        application(2, privileges=(right(EXTRAORDINARY),)),
        application(3),
        application(4),
        application(5, state="offered", privileges=(right(),)),
        application(6, state="withdrawn", privileges=(right(),)),
        application(7, choices=(choice(2),), privileges=(right(),)),
        application(8, privileges=(right(),), minutes=0),
    ]
    queue = queue_at(applications, SCHOOL, TODAY, INTAKE)
    answer = queue_position(queue, application(4).id)
    assert answer is not None
    assert (answer.position, answer.total) == (5, 5)
    assert (answer.privilege_rank, answer.position_in_rank, answer.total_in_rank) == (None, 2, 2)
    preferential = PrivilegeRank.PREFERENTIAL
    assert answer.totals == {EXTRAORDINARY: 1, FIRST: 2, preferential: 0, None: 2}
    assert answer.ahead == {EXTRAORDINARY: 1, FIRST: 2, preferential: 0, None: 1}
    privileged = queue_position(queue, application(1).id)
    assert privileged is not None
    assert (privileged.position, privileged.position_in_rank, privileged.total_in_rank) == (3, 2, 2)


def test_one_who_does_not_wait_has_no_position() -> None:
    gone = application(1, state="enrolled")
    queue = queue_at([gone, application(2)], SCHOOL, TODAY, INTAKE)
    assert not is_waiting(gone, SCHOOL)
    assert queue_position(queue, gone.id) is None


@pytest.mark.slow
@given(crowds(KINDERGARTEN))
def test_those_ahead_are_one_fewer_than_the_position(applications: list[Application]) -> None:
    queue = queue_at(applications, KINDERGARTEN, TODAY, INTAKE)
    for each in queue.ranked:
        answer = queue_position(queue, each.application.id)
        assert answer is not None
        assert sum(answer.ahead.values()) == answer.position - 1
        assert sum(answer.totals.values()) == answer.total
        assert answer.position_in_rank == answer.ahead[answer.privilege_rank] + 1
