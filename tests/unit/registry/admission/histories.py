"""Histories of queues: recorded versions of invented applications."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone

from hypothesis import strategies as st

from registry.admission import (
    PolicyBook,
    QueueHistory,
    RankingPolicy,
    Version,
    entries_of,
)
from registry.admission.criteria import CriterionName
from registry.model import Application, ApplicationKind
from tests.unit.registry.admission.samples import (
    INTAKE,
    POLICIES,
    TODAY,
    applications_of,
)

ZONE = timezone(timedelta(hours=3))
START = datetime(TODAY.year, TODAY.month, TODAY.day, 12, tzinfo=ZONE) - timedelta(days=4)
GONE = ("enrolled", "withdrawn", "cancelled", "refused", "offered", "suspended_declined", "odd")


def hour(hours: float) -> datetime:
    """So many hours after noon, four days before the day of the samples."""
    return START + timedelta(hours=hours)


def history(
    policies: RankingPolicy | tuple[RankingPolicy, ...], *versions: Version
) -> QueueHistory:
    """The history of the sample intake that these versions make."""
    book = policies if isinstance(policies, tuple) else (policies,)
    return QueueHistory(
        kind=book[0].kind,
        intake=INTAKE,
        policies=PolicyBook(book),
        zone=ZONE,
        entries=entries_of(versions, INTAKE, book[0].queue_states),
    )


def later_policy(policy: RankingPolicy) -> RankingPolicy:
    """Another order, in force from the day of the samples: the time goes before all else."""
    times = {CriterionName.SUBMITTED_AT}
    criteria = sorted(policy.criteria, key=lambda each: each.name not in times)
    return replace(
        policy, version="2", valid_from=TODAY, criteria=tuple(criteria), clause="другой порядок"
    )


@st.composite
def histories(draw: st.DrawFn) -> QueueHistory:
    """The history of a few applications that change often, sometimes at one moment."""
    policy = POLICIES[draw(st.sampled_from(ApplicationKind))]
    policies = (policy, later_policy(policy)) if draw(st.booleans()) else (policy,)
    versions: list[Version] = []
    for number in range(1, draw(st.integers(1, 7)) + 1):
        hours = draw(st.lists(st.integers(0, 32), min_size=1, max_size=5, unique=True))
        versions.extend(Version(hour(when * 6), draw(_versions(policy, number))) for when in hours)
    return history(policies, *versions)


@st.composite
def _versions(draw: st.DrawFn, policy: RankingPolicy, number: int) -> Application:
    application = draw(applications_of(policy, number, organisations=2))
    if draw(st.integers(0, 3)) == 0:
        return replace(application, state=draw(st.sampled_from(GONE)))
    return application
