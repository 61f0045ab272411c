"""Portal codes: from the state and the day, of the known list only."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.procedures.kindergarten import KINDERGARTEN, KindergartenFacts
from registry.procedures.portal_codes import PORTAL_TITLES, event_code, portal_code
from registry.procedures.states import Actor
from registry.procedures.states import KindergartenState as S
from tests.unit.registry.procedures.cases import TODAY
from tests.unit.registry.procedures.test_tables import take

DAYS = st.dates(date(2020, 1, 1), date(2035, 1, 1))


@pytest.mark.parametrize(
    ("state", "code"),
    [
        (S.REGISTERED, 110),
        (S.REVIEW, 120),
        (S.CONFIRM_DOCUMENTS, 130),
        (S.REFUSED, 150),
        (S.OFFERED, 190),
        (S.SUSPENDED_NO_SHOW, 210),
        (S.SUSPENDED_DECLINED, 220),
        (S.CONSENT_REVIEW, 230),
        (S.CONTRACT, 240),
        (S.ENROLLED, 250),
        (S.CANCELLED, None),
    ],
)
def test_the_code_of_a_state(state: S, code: int | None) -> None:
    assert portal_code(state, desired_on=None, today=date(2026, 6, 1)) == code


@pytest.mark.parametrize(
    ("today", "code"),
    [(date(2026, 8, 31), 140), (date(2026, 9, 1), 160), (date(2026, 9, 2), 160)],
)
def test_the_queue_is_shown_by_the_desired_day(today: date, code: int) -> None:
    assert portal_code(S.QUEUED, desired_on=date(2026, 9, 1), today=today) == code
    assert portal_code(S.QUEUED, desired_on=None, today=today) == 160


def test_changes_have_codes_of_their_own() -> None:
    assert event_code("accept_change") == 170
    assert event_code("refuse_change") == 180
    assert event_code("offer") is None
    actions = {line.action for line in KINDERGARTEN.transitions}
    assert {"accept_change", "refuse_change"} <= actions


@given(state=st.sampled_from(S), desired_on=st.none() | DAYS, today=DAYS)
def test_codes_are_of_the_list(state: S, desired_on: date | None, today: date) -> None:
    code = portal_code(state, desired_on=desired_on, today=today)
    assert (code is None) == (state is S.CANCELLED)
    assert code is None or code in PORTAL_TITLES


@given(desired_on=DAYS)
def test_no_place_is_offered_while_140_is_shown(desired_on: date) -> None:
    facts = KindergartenFacts(desired_on=desired_on, places_free=1)
    shown = portal_code(S.QUEUED, desired_on=desired_on, today=TODAY)
    outcome = take(KINDERGARTEN, S.QUEUED, "offer", actor=Actor.AUTHORITY, facts=facts)
    refused = outcome == {"transition.before_desired_date"}
    assert refused == (shown == 140)
