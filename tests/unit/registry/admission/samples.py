"""Invented applications that the tests vary, and strategies that invent many."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from hypothesis import strategies as st

from registry.admission import Intake, RankingPolicy, federal_policies
from registry.identifiers import ApplicationId, OrganisationId, PersonId, QuotaId
from registry.model import (
    Application,
    ApplicationKind,
    Choice,
    PlaceQuota,
    Privilege,
    PrivilegeRank,
)

TODAY = date(2025, 7, 10)
OPENING = datetime(2025, 4, 1, 6, tzinfo=UTC)
POLICIES = {policy.kind: policy for policy in federal_policies()}
SCHOOL = POLICIES[ApplicationKind.SCHOOL]
KINDERGARTEN = POLICIES[ApplicationKind.KINDERGARTEN]
COLLEGE = POLICIES[ApplicationKind.COLLEGE]
ADDITIONAL = POLICIES[ApplicationKind.ADDITIONAL]


def organisation(number: int) -> OrganisationId:
    return OrganisationId(UUID(int=1000 + number))


INTAKE = Intake(organisation(1), 2025, 1)


def choice(number: int, priority: int = 1, *, territory: bool = False) -> Choice:
    return Choice(priority, organisation(number), None, territory)


def right(
    rank: PrivilegeRank = PrivilegeRank.FIRST,
    *,
    confirmed: bool = True,
    begins_on: date = date(2025, 1, 1),
    ends_on: date | None = None,
    code: str = "code",
) -> Privilege:
    return Privilege(code, rank, confirmed, begins_on, ends_on)


def application(
    number: int,
    *,
    choices: tuple[Choice, ...] = (choice(1),),
    privileges: tuple[Privilege, ...] = (),
    minutes: int | None = None,
    kind: ApplicationKind = ApplicationKind.SCHOOL,
    state: str = "ranked",
    desired_on: date | None = None,
    average: float | None = None,
    originals_on: date | None = None,
) -> Application:
    """The application with this number, given in as many minutes after the opening."""
    submitted_at = OPENING + timedelta(minutes=number if minutes is None else minutes)
    return Application(
        id=ApplicationId(UUID(int=number)),
        serial=number,
        kind=kind,
        person_id=PersonId(UUID(int=5000 + number)),
        applicant_id=None,
        school_year=2025,
        parallel=1,
        submitted_at=submitted_at,
        desired_on=desired_on,
        state=state,
        state_since=submitted_at,
        due_on=None,
        choices=choices,
        privileges=privileges,
        average=average,
        originals_on=originals_on,
    )


def quota(number: int, places: int, group: str = "general") -> PlaceQuota:
    """The places of the organisation with this number."""
    return PlaceQuota(
        QuotaId(UUID(bytes=f"{group:_>8}{number:08}".encode())),
        organisation(number),
        2025,
        1,
        None,
        group,
        places,
    )


_DAYS = st.integers(-4, 4).map(lambda days: TODAY + timedelta(days=days))
_PRIVILEGES = st.builds(
    Privilege,
    code=st.sampled_from(["code", "target_contract", "achievement"]),
    rank=st.sampled_from(PrivilegeRank),
    confirmed=st.booleans(),
    begins_on=_DAYS,
    ends_on=st.none() | _DAYS,
)


@st.composite
def applications_of(
    draw: st.DrawFn, policy: RankingPolicy, number: int, organisations: int = 3
) -> Application:
    """Any application of the policy's kind with this number; many of them are much alike."""
    wanted = draw(st.lists(st.integers(1, organisations), min_size=1, max_size=3, unique=True))
    return application(
        number,
        kind=policy.kind,
        state=min(policy.queue_states),
        choices=tuple(
            choice(each, priority, territory=draw(st.booleans()))
            for priority, each in enumerate(wanted, 1)
        ),
        privileges=tuple(draw(st.lists(_PRIVILEGES, max_size=2))),
        minutes=draw(st.integers(0, 3)),
        desired_on=draw(st.none() | _DAYS),
        average=draw(st.none() | st.sampled_from([3.5, 4.25, 4.75])),
        originals_on=draw(st.none() | _DAYS),
    )


@st.composite
def crowds(draw: st.DrawFn, policy: RankingPolicy, most: int = 14) -> list[Application]:
    """Some applications of one kind."""
    count = draw(st.integers(0, most))
    return [draw(applications_of(policy, number)) for number in range(1, count + 1)]
