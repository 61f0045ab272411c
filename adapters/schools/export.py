"""The client of the school export contract, whatever system is behind it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from lxml import etree

from adapters.errors import AdapterError
from adapters.http_client import HttpSettings
from adapters.schools.codes import CodeLists
from adapters.schools.decode import (
    CLASS,
    ORGANISATION,
    PUPIL,
    Decoder,
    decode_class,
    decode_organisation,
    decode_pupil,
    decode_records,
)
from adapters.schools.fields import Fields, Shape
from adapters.schools.pages import (
    NAMESPACE,
    PAGE_SIZE_MAX,
    TOKEN_LENGTH_MAX,
    Chain,
    Page,
    read_page,
)
from adapters.soap_client import SoapClient
from adapters.soap_reply import Bounds
from registry.imports import SourceClass, SourceOrganisation, SourcePupil

CONTRACT_VERSION = "1.0"

_WSDL = "school-export-1.0.wsdl"
_BINDING = "SchoolExportSoap11"
_TITLE = 500

_INFO = Shape.of(
    texts={
        "Name": _TITLE,
        "Kind": _TITLE,
        "ContractVersion": 16,
        "Organisations": 16,
        "Classes": 16,
        "Pupils": 16,
    },
)

R = TypeVar("R", SourceOrganisation, SourceClass, SourcePupil)


@dataclass(frozen=True, slots=True)
class ExportSettings:
    """Where an export is, as whom to ask, and what to put up with.

    `name` is what the register calls the source. `timeout_s` bounds one page from the request to
    its last byte, however it trickles in; `connect_timeout_s` the connection before it.
    Raises `AdapterError` (source.misconfigured).
    """

    name: str
    url: str
    user: str
    password: str = field(repr=False)
    page_size: int = 500
    timeout_s: float = 60.0
    connect_timeout_s: float = 10.0
    max_response_bytes: int = 8 * 1024 * 1024

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise AdapterError("source.misconfigured", "a source has a name")
        if not 1 <= self.page_size <= PAGE_SIZE_MAX:
            raise AdapterError("source.misconfigured", f"page_size is from 1 to {PAGE_SIZE_MAX}")
        self.http()

    def http(self) -> HttpSettings:
        """The part of it that HTTP needs."""
        return HttpSettings(
            url=self.url,
            user=self.user,
            password=self.password,
            connect_timeout_s=self.connect_timeout_s,
            timeout_s=self.timeout_s,
            max_response_bytes=self.max_response_bytes,
        )


@dataclass(frozen=True, slots=True)
class SystemInfo:
    """Who answers, and how many records it has to give now."""

    name: str
    kind: str
    contract_version: str
    organisations: int
    classes: int
    pupils: int


class ExportAdapter:
    """Pulls pages from one source. Not to be shared between threads.

    The iterators ask for a page when it is wanted, and raise `AdapterError` in place of a page
    that is not right: whatever was yielded before is sound, and `token` of the last page yielded
    goes on from there. The last page is yielded only when the chain is complete.
    """

    def __init__(self, settings: ExportSettings, lists: CodeLists) -> None:
        self._settings = settings
        self._lists = lists
        self._client = SoapClient(
            _WSDL, namespace=NAMESPACE, binding=_BINDING, settings=settings.http()
        )

    @property
    def name(self) -> str:
        """What the register calls the source."""
        return self._settings.name

    def organisations(self, token: str | None = None) -> Iterator[Page[SourceOrganisation]]:
        """All organisations, or those from the page `token` on."""
        return self._pages(
            "GetOrganisations", "Organisation", ORGANISATION, decode_organisation, token
        )

    def classes(self, token: str | None = None) -> Iterator[Page[SourceClass]]:
        """All classes, or those from the page `token` on."""
        return self._pages("GetClasses", "Class", CLASS, decode_class, token)

    def pupils(self, token: str | None = None) -> Iterator[Page[SourcePupil]]:
        """All pupils, or those from the page `token` on."""
        return self._pages("GetPupils", "Pupil", PUPIL, decode_pupil, token)

    def system_info(self) -> SystemInfo:
        """Who answers; raises source.contract_changed for another version of the contract."""
        response = self._client.call("GetSystemInfo", {}, bounds=_bounds(1))
        fields = Fields(response, _INFO)
        version = fields.required("ContractVersion")
        if version != CONTRACT_VERSION:
            raise AdapterError("source.contract_changed", f"not version {CONTRACT_VERSION}")
        info = SystemInfo(
            name=fields.required("Name"),
            kind=fields.required("Kind"),
            contract_version=version,
            organisations=fields.number("Organisations"),
            classes=fields.number("Classes"),
            pupils=fields.number("Pupils"),
        )
        if fields.problems:
            wrong = ", ".join(each.field for each in fields.problems)
            raise AdapterError("source.contract_changed", f"missing or wrong: {wrong}")
        return info

    def close(self) -> None:
        """Close the connection; what is asked for next opens another."""
        self._client.close()

    def _pages(
        self, operation: str, item: str, shape: Shape, decoder: Decoder[R], token: str | None
    ) -> Iterator[Page[R]]:
        chain = Chain(token)
        try:
            while True:
                page = read_page(
                    self._ask(operation, token), item, page_size=self._settings.page_size
                )
                chain.follow(page)
                records, undecodable = decode_records(page.items, shape, decoder, self._lists)
                yield Page(records, page.next_token, page.total, undecodable)
                if page.next_token is None:
                    return
                token = page.next_token
        finally:
            self.close()

    def _ask(self, operation: str, token: str | None) -> etree._Element:
        arguments: dict[str, object] = {"PageSize": self._settings.page_size}
        if token is not None:
            if not (1 <= len(token) <= TOKEN_LENGTH_MAX and token.isprintable()):
                raise AdapterError("source.token_unknown", "no source gives out such a token")
            arguments["PageToken"] = token
        return self._client.call(operation, arguments, bounds=_bounds(self._settings.page_size))


def _bounds(records: int) -> Bounds:
    """How much markup `records` records can be: the largest has some 60 elements, two tags each."""
    return Bounds(tags=200 * (records + 1), attributes=16 * (records + 4))
