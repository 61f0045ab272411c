"""The published contracts at work: messages checked against them, and the files to give out."""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import islice
from threading import Lock

from lxml import etree

from smev.contracts import SERVICES, OperationContract, ServiceContract
from smev.errors import SmevError
from smev.model import Status
from smev.problems import MAX_PROBLEMS, SchemaProblem, describe_errors, problem
from smev.schema_files import (
    check_address,
    compile_schema,
    declared_names,
    read_contract,
    read_schemas,
    serve_from,
)
from smev.xmltext import local_name, text_of

__all__ = ["MAX_PROBLEMS", "Catalogue", "SchemaProblem"]


@dataclass(frozen=True, slots=True)
class _Checks:
    """What a service's messages are checked with."""

    schemas: "_SchemaPool"
    names: frozenset[str]


# libxml2 fills a table of its own, without a lock, when it first compiles a schema in a process;
# lxml lets other threads run meanwhile. Two at once can spoil the table until the process ends.
_COMPILING = Lock()


class _SchemaPool:
    """Compiled schemas, each used by one thread at a time.

    libxml2 lets threads share a compiled schema, but lxml collects the errors of a validation in
    the XMLSchema object: two threads would read each other's. So a thread takes one out, or
    compiles one when all are taken (some milliseconds), and puts it back.
    """

    __slots__ = ("_compile", "_idle")

    def __init__(self, compile_one: Callable[[], etree.XMLSchema]) -> None:
        self._compile = compile_one
        self._idle: deque[etree.XMLSchema] = deque()

    def errors(self, element: etree._Element) -> tuple[etree._LogEntry, ...]:
        """Return the first errors of the element, none when it is valid."""
        try:
            schema = self._idle.pop()  # atomic: no lock on the way of every message
        except IndexError:
            schema = self._compile_one()
        try:
            if schema.validate(element):
                return ()
            # Twice as many as are told, for an error and its echo are told as one.
            return tuple(islice(schema.error_log, 2 * MAX_PROBLEMS))
        finally:
            self._idle.append(schema)

    def prepare(self) -> None:
        """Compile the schema now, so that no message has to wait for it."""
        self._idle.append(self._compile_one())

    def _compile_one(self) -> etree.XMLSchema:
        with _COMPILING:
            return self._compile()


class Catalogue:
    """The published services, from the files of the packages `xsd` and `wsdl`; works offline.

    Everything is read and compiled on first use and kept. Safe to share between threads.
    """

    def __init__(self, services: Mapping[str, ServiceContract] = SERVICES) -> None:
        self._services = services
        self._operations = {
            name: (service, operation)
            for service in services.values()
            for operation in service.operations
            for name in (operation.request, operation.reply)
        }
        self._lock = Lock()
        self._files: dict[str, bytes] | None = None
        self._checks: dict[str, _Checks] = {}

    def prepare(self) -> None:
        """Read and compile everything now. Raises SmevError when our own files are broken."""
        for service in self._services.values():
            self._checks_of(service).schemas.prepare()

    def validate(self, payload: etree._Element) -> tuple[SchemaProblem, ...]:
        """Return what is wrong with the Body's child, a request or a reply; empty when it is valid.

        At most 20 problems, and none of them quotes a value or a name from the message. Checked
        are the number of elements, the schema, and that AppData holds the element its operation
        asks for. Raises SmevError only when our own files are broken.
        """
        known = self._operations.get(payload.tag) if isinstance(payload.tag, str) else None
        if known is None:
            return (problem("operation.unknown"),)
        service, operation = known
        if _has_more_elements(payload, operation.max_elements):
            return (problem("too_many_elements"),)
        checks = self._checks_of(service)
        errors = checks.schemas.errors(payload)
        if errors:
            return describe_errors(errors, payload, checks.names)
        return _check_content(payload, operation)

    def operations(self, service: str) -> tuple[OperationContract, ...]:
        """Return what a service publishes. Raises SmevError `contract.unknown`."""
        return self._service(service).operations

    def element_names(self) -> frozenset[str]:
        """Return every element that the published schemas declare, as `{namespace}local`."""
        return declared_names(self._schema_files().values())

    def contract(self, service: str, *, address: str) -> bytes:
        """Return the WSDL of a service that is found at `address`, an http(s) URL without a query.

        The schemas it imports are looked for at `address?xsd=NAME`; give them there with `schema`.
        Raises SmevError `contract.unknown`, `contract.address`.
        """
        wsdl = self._service(service).wsdl
        check_address(address)
        return serve_from(read_contract(wsdl), address)

    def schema(self, name: str, *, address: str = "") -> bytes:
        """Return a published schema by its file name, as `contract` refers to it.

        The schemas it imports are looked for at `address?xsd=NAME`; without an address they are
        given relatively, as `?xsd=NAME`. Raises SmevError `schema.unknown`, `contract.address`.
        """
        if address:
            check_address(address)
        # A name is only ever looked up among the known ones: no path is made of it.
        data = self._schema_files().get(name)
        if data is None:
            raise SmevError("schema.unknown", "no schema of this name is published")
        return serve_from(data, address)

    def _service(self, name: str) -> ServiceContract:
        service = self._services.get(name)
        if service is None:
            raise SmevError("contract.unknown", "no service of this name is published")
        return service

    def _schema_files(self) -> Mapping[str, bytes]:
        if self._files is None:
            roots = {each for service in self._services.values() for each in service.schemas}
            self._files = read_schemas(sorted(roots))
        return self._files

    def _checks_of(self, service: ServiceContract) -> _Checks:
        checks = self._checks.get(service.name)
        if checks is not None:
            return checks
        with self._lock:
            if service.name not in self._checks:
                schemas = self._schema_files()
                self._checks[service.name] = _Checks(
                    schemas=_SchemaPool(lambda: compile_schema(service.messages)),
                    names=declared_names(schemas.values()),
                )
            return self._checks[service.name]


def _has_more_elements(payload: etree._Element, limit: int) -> bool:
    return any(count >= limit for count, _ in enumerate(payload.iter()))


def _check_content(
    payload: etree._Element, operation: OperationContract
) -> tuple[SchemaProblem, ...]:
    """Check the one rule that the schema can't: the right element, and only it, in AppData.

    The payload must be valid by its schema.
    """
    is_request = payload.tag == operation.request
    contents = operation.request_contents if is_request else operation.reply_contents
    message, data = payload.iterchildren("*")
    expected = contents.get(Status(text_of(next(message.iterchildren("{*}Status")))))
    app_data = next(data.iterchildren("{*}AppData"), None)
    found = [] if app_data is None else [child.tag for child in app_data.iterchildren("*")]
    if found == [expected]:
        return ()
    if expected is None and (not found or (len(found) == 1 and found[0] in contents.values())):
        return ()
    path = f"/{local_name(payload)}/MessageData" + ("" if app_data is None else "/AppData")
    kind = "content.unexpected" if found else "content.missing"
    return (problem(kind, path=path, expected=() if expected is None else (expected,)),)
