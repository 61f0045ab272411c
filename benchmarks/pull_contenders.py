"""The two ways to pull, each a function to be run in a process of its own."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil
import requests
import zeep
from requests.auth import HTTPBasicAuth
from sqlalchemy.orm import Session, registry

from adapters.errors import AdapterError
from adapters.schools.codes import load_code_lists
from adapters.schools.gorod import GorodAdapter, GorodSettings
from benchmarks.errors import BenchmarkError
from benchmarks.installation import vault_of_key
from benchmarks.settings import SOURCE
from ops.sync import run_sync
from registry.model import IdentityDocument
from registry.names import normalize_name
from store import tables
from store.engine import WRITING, create_engine_for
from store.errors import StoreError
from store.sealing import Sealing

PAGE_SIZE = 500
USER = "bench"
PASSWORD = "bench-only"


@dataclass(frozen=True, slots=True)
class Source:
    """Where to pull from, and the empty register to pull into with its key."""

    url: str
    database_url: str
    data_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Pull:
    """What a pull took, in the process that did it; `grown_mb` is the peak over the beginning."""

    elapsed_s: float
    cpu_s: float
    grown_mb: float


def pull_by_product(source: Source) -> Pull:
    """Pull as `kontingent sync run` does. Raises BenchmarkError `pull.failed`."""
    engine = create_engine_for(source.database_url, vault=vault_of_key(source.data_key))
    settings = GorodSettings(
        name=SOURCE, url=source.url, user=USER, password=PASSWORD, page_size=PAGE_SIZE
    )
    with _measured() as result:
        try:
            report = run_sync(
                SOURCE,
                GorodAdapter(settings),
                engine,
                clock=lambda: datetime.now(UTC),
                progress=lambda _: None,
            )
        except (AdapterError, StoreError) as error:
            raise BenchmarkError("pull.failed", str(error)) from None
    engine.dispose()
    if report.refused_count:
        raise BenchmarkError("pull.failed", f"{report.refused_count} records refused")
    return result()


@contextmanager
def _measured() -> Iterator[Callable[[], Pull]]:
    """Take the time of the block; the function given tells it afterwards."""
    found: list[Pull] = []
    before = psutil.Process().memory_info().rss
    cpu, started = time.process_time(), time.perf_counter()
    yield found.pop
    elapsed_s, cpu_s = time.perf_counter() - started, time.process_time() - cpu
    grown_mb = (_peak_bytes() - before) / 2**20
    found.append(Pull(elapsed_s=elapsed_s, cpu_s=cpu_s, grown_mb=grown_mb))


def _peak_bytes() -> int:
    """The most memory this process has held (Linux; `getrusage` tells the parent's after exec)."""
    for line in Path("/proc/self/status").read_text("ascii", errors="replace").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return psutil.Process().memory_info().rss


# The peer: zeep reads the contract and the pages, the ORM writes the same tables.


class Organisation:
    """A row of organisations, mapped below."""


class ClassGroup:
    """A row of class_groups."""


class Person:
    """A row of persons."""


class Document:
    """A row of person_documents."""


class Enrolment:
    """A row of enrolments."""


class Placement:
    """A row of class_placements."""


def _map_rows() -> None:
    mapper = registry(metadata=tables.metadata)
    for row, table in (
        (Organisation, tables.organisations),
        (ClassGroup, tables.class_groups),
        (Person, tables.persons),
        (Document, tables.person_documents),
        (Enrolment, tables.enrolments),
        (Placement, tables.class_placements),
    ):
        mapper.map_imperatively(row, table)


def pull_by_zeep(source: Source) -> Pull:
    """Pull as a straightforward script would. Raises BenchmarkError `pull.failed`."""
    _map_rows()
    vault = vault_of_key(source.data_key)
    engine = create_engine_for(source.database_url, vault=vault).execution_options(**WRITING)
    with _measured() as result, Session(engine) as session:
        try:
            _ZeepPull(source, session, Sealing(vault)).run()
        except (zeep.exceptions.Error, requests.RequestException) as error:
            raise BenchmarkError("pull.failed", type(error).__name__) from None
    engine.dispose()
    return result()


class _ZeepPull:
    def __init__(self, source: Source, session: Session, sealing: Sealing) -> None:
        http = requests.Session()
        http.trust_env = False
        http.auth = HTTPBasicAuth(USER, PASSWORD)
        transport = zeep.Transport(session=http)
        self._service = zeep.Client(f"{source.url}?wsdl", transport=transport).service
        self._session = session
        self._sealing = sealing
        self._lists = load_code_lists("gorod.toml")
        self._organisations: dict[str, Any] = {}
        self._classes: dict[str, Any] = {}

    def run(self) -> None:
        """Pull everything, a commit for each page."""
        for operation, item, write in (
            ("GetOrganisations", "Organisation", self._write_organisations),
            ("GetClasses", "Class", self._write_classes),
            ("GetPupils", "Pupil", self._write_pupils),
        ):
            for page in self._pages(operation):
                write(page.Items[item], datetime.now(UTC))
                self._session.commit()

    def _pages(self, operation: str) -> Iterator[Any]:
        arguments: dict[str, Any] = {"PageSize": PAGE_SIZE}
        while True:
            page = self._service[operation](**arguments)
            yield page
            if not page.NextPageToken:
                return
            arguments["PageToken"] = page.NextPageToken

    def _write_organisations(self, items: list[Any], now: datetime) -> None:
        rows = []
        for item in items:
            row = _filled(
                Organisation(),
                id=uuid4(),
                full_name=item.FullName,
                short_name=item.ShortName,
                inn=item.Inn,
                ogrn=item.Ogrn,
                oktmo=item.Oktmo,
                type_code=self._lists.organisation_type.translate(item.TypeCode),
                status_code=self._lists.organisation_status.translate(item.StatusCode),
                recorded_at=now,
            )
            self._organisations[item.SourceId] = row.id
            rows.append(row)
        self._session.add_all(rows)

    def _write_classes(self, items: list[Any], now: datetime) -> None:
        rows = []
        for item in items:
            row = _filled(
                ClassGroup(),
                id=uuid4(),
                organisation_id=self._organisations[item.OrganisationId],
                parallel=item.Parallel,
                letter=item.Letter,
                school_year=item.SchoolYear,
                shift=item.Shift,
                capacity=item.Capacity,
                recorded_at=now,
            )
            self._classes[item.SourceId] = row.id
            rows.append(row)
        self._session.add_all(rows)

    def _write_pupils(self, items: list[Any], now: datetime) -> None:
        people = [(item, self._person(item, now)) for item in items]
        self._session.add_all(person for _, person in people)
        # Nothing tells the ORM which rows need which: people first, then what refers to them.
        self._session.flush()
        placements = []
        for item, person in people:
            self._session.add_all(self._documents(item, person.id, now))
            enrolment = self._enrolment(item.Enrolment, person.id, now)
            self._session.add(enrolment)
            placements.append(self._placement(item.Enrolment, enrolment, now))
        self._session.flush()
        self._session.add_all(placements)

    def _person(self, item: Any, now: datetime) -> Any:
        person_id = uuid4()
        snils = None
        if item.Snils:
            snils = self._sealing.seal_snils(person_id, re.sub(r"\D", "", item.Snils))
        return _filled(
            Person(),
            id=person_id,
            snils_index=snils and snils.index,
            snils_sealed=snils and snils.sealed,
            family_name=item.FamilyName,
            first_name=item.FirstName,
            middle_name=item.MiddleName,
            family_key=normalize_name(item.FamilyName),
            first_key=normalize_name(item.FirstName),
            middle_key=normalize_name(item.MiddleName or ""),
            birth_date=item.BirthDate,
            sex=self._lists.sex.translate(item.Sex),
            citizenship_code=self._lists.citizenship.translate(item.CitizenshipCode),
            recorded_at=now,
        )

    def _documents(self, item: Any, person_id: Any, now: datetime) -> list[Any]:
        rows = []
        for each in item.IdentityDocument:
            row_id, type_code = uuid4(), self._lists.document_type.translate(each.Type)
            told = IdentityDocument(
                type_code=type_code, series=each.Series or "", number=each.Number
            )
            sealed = self._sealing.seal_document(row_id, told)
            rows.append(
                _filled(
                    Document(),
                    id=row_id,
                    person_id=person_id,
                    type_code=type_code,
                    document_index=sealed.index,
                    content_sealed=sealed.sealed,
                    recorded_at=now,
                )
            )
        return rows

    def _enrolment(self, item: Any, person_id: Any, now: datetime) -> Any:
        return _filled(
            Enrolment(),
            id=uuid4(),
            person_id=person_id,
            organisation_id=self._organisations[item.OrganisationId],
            begins_on=item["From"],
            ends_on=item.To,
            form_code=self._lists.education_form.translate(item.Form),
            programme_code=self._lists.programme.translate(item.Programme),
            entry_reason=self._lists.entry_reason.translate(item.EntryReason),
            recorded_at=now,
        )

    def _placement(self, item: Any, enrolment: Any, now: datetime) -> Any:
        return _filled(
            Placement(),
            id=uuid4(),
            enrolment_id=enrolment.id,
            organisation_id=enrolment.organisation_id,
            class_group_id=self._classes[item.ClassId],
            begins_on=enrolment.begins_on,
            ends_on=enrolment.ends_on,
            recorded_at=now,
        )


def _filled(row: Any, **values: Any) -> Any:
    for name, value in values.items():
        setattr(row, name, value)
    return row
