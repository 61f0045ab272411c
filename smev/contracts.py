"""Which services are published, and what each operation carries in AppData.

The type of smev:AppData is open (xs:any, lax): SMEV's schema says so, and every client tool reads
it. XML Schema then checks each element it knows, but not that it is the right one; that rule is
this table, checked by `Catalogue.validate`. Restricting the type for each operation instead would
need xs:redefine or a second AppData in SMEV's own namespace, which gSOAP, PHP and zeep don't take.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from smev.model import Status

STUDENTS_NS = "urn://x-artefacts-kontingent/students/1.0"
EDUCATION_NS = "urn://x-artefacts-kontingent/education/1.0"
FAULTS_NS = "urn://x-artefacts-kontingent/faults/1.0"

# A request for one person has some 25 elements, its reply some 45.
SMALL_MESSAGE_ELEMENTS = 1_000


@dataclass(frozen=True, slots=True)
class OperationContract:
    """One operation; all names are `{namespace}local`.

    `request` and `reply` are the children of the two Bodies. AppData of a message holds exactly
    one element, by the message's status: `request_contents` and `reply_contents`. With a status
    that isn't listed AppData may be absent. `max_elements` bounds either message.
    """

    request: str
    reply: str
    request_contents: Mapping[Status, str]
    reply_contents: Mapping[Status, str]
    max_elements: int = SMALL_MESSAGE_ELEMENTS


@dataclass(frozen=True, slots=True)
class ServiceContract:
    """One published service: its files in the packages `wsdl` and `xsd`, and its operations.

    `schemas` are the files that its WSDL imports; `messages` is the one that declares the
    operations.
    """

    name: str
    namespace: str
    wsdl: str
    messages: str
    schemas: tuple[str, ...]
    operations: tuple[OperationContract, ...]


def _operation(name: str, namespace: str) -> OperationContract:
    prefix = f"{{{namespace}}}"
    return OperationContract(
        request=f"{prefix}{name}",
        reply=f"{prefix}{name}Response",
        request_contents=MappingProxyType({Status.REQUEST: f"{prefix}{name}Request"}),
        reply_contents=MappingProxyType(
            {
                Status.RESULT: f"{prefix}{name}Result",
                Status.REJECT: f"{prefix}Refusal",
                Status.INVALID: f"{prefix}Problems",
            }
        ),
    )


SERVICES: Mapping[str, ServiceContract] = MappingProxyType(
    {
        "students": ServiceContract(
            name="students",
            namespace=STUDENTS_NS,
            wsdl="students-1.0.wsdl",
            messages="students-1.0.xsd",
            schemas=("students-1.0.xsd", "faults-1.0.xsd"),
            operations=(_operation("FindStudent", STUDENTS_NS),),
        )
    }
)
