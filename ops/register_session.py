"""The register as one command sees it: read in one state, shown once that is recorded."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TypeVar
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from sqlalchemy.engine import Engine

from ops.clock import utc_now
from ops.commands.context import AppContext
from ops.commands.personal import Disclosure, moment_in, read_snils
from ops.errors import ExitCode, OpsError
from ops.operators import record_disclosure
from ops.student_rows import Row, history_rows
from ops.student_screens import names_for
from ops.veil import Veil, fields_of
from ops.wiring import open_store
from registry.calendar import WorkingCalendar
from registry.identifiers import PersonId
from store.person_history import PersonHistory
from store.unit_of_work import UnitOfWork

T = TypeVar("T")
# Whose data are to be shown, and which fields of them.
Fields = Mapping[PersonId, tuple[str, ...]]


def not_found() -> OpsError:
    """The error for nobody found: `person.not_found` (exit code 1)."""
    return OpsError("person.not_found", "the register holds nobody like that")


@dataclass(frozen=True, slots=True)
class Session:
    """The register, open for one command, and whether its personal data are shown."""

    engine: Engine
    disclosure: Disclosure
    zone: ZoneInfo
    calendar: WorkingCalendar
    # The region's own ranking policies.
    policies: tuple[Path, ...] = ()

    @property
    def veil(self) -> Veil:
        """Covers what is not to be shown."""
        return Veil(lifted=self.disclosure.unmask)

    @property
    def today(self) -> date:
        """The day where the region lies."""
        return utc_now().astimezone(self.zone).date()

    def moment(self, value: datetime | date | None) -> datetime | None:
        """A moment that was given, in the region's zone unless it brought its own."""
        return moment_in(value, self.zone)

    def read(self, work: Callable[[UnitOfWork], T]) -> T:
        """What is made of one state of the register."""
        with UnitOfWork(self.engine, read_only=True) as unit:
            return work(unit)

    def person(self, work: UnitOfWork, person_id: UUID | None, snils: str | None) -> PersonId:
        """The person that is meant. Raises OpsError `person.key` (2), `person.not_found` (1)."""
        if (person_id is None) == (snils is None):
            raise OpsError(
                "person.key", "name the person by PERSON or by --snils", exit_code=ExitCode.USAGE
            )
        if person_id is not None:
            return PersonId(person_id)
        views = work.students.by_snils(read_snils(snils or ""), as_of=self.today)
        if not views:
            raise not_found()
        return views[0].person.id

    def disclose(self, operation: str, fields: Fields) -> None:
        """Record who is about to be shown what; does nothing while the data stay covered."""
        if self.disclosure.unmask:
            record_disclosure(
                self.engine,
                fields,
                operation=operation,
                purpose=self.disclosure.reason,
                clock=utc_now,
                new_id=uuid4,
            )

    def history(self, operation: str, found: PersonHistory | None) -> list[Row]:
        """The rows of a history, once it is recorded that they are shown."""
        if found is None:
            raise not_found()
        self.disclose(operation, {found.person_id: fields_of(found.changes)})
        return history_rows(found.changes, names_for(found.names), self.veil)


@contextmanager
def open_session(app: AppContext, disclosure: Disclosure) -> Iterator[Session]:
    """Open the register that the configuration names. Raises ConfigError, StoreError."""
    zone = ZoneInfo(app.config.gateway.timezone)
    engine = open_store(app.config)
    try:
        policies = tuple(map(app.config.path, app.config.region.policies))
        yield Session(engine, disclosure, zone, app.config.calendar, policies)
    finally:
        engine.dispose()
