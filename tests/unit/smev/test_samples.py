from datetime import UTC

import pytest
from lxml import etree

from smev.catalogue import Catalogue
from smev.contracts import SERVICES, STUDENTS_NS
from smev.envelope import parse_operation
from smev.errors import SmevError
from smev.message import Service, Status
from smev.samples import build_sample, sample_operations
from tests.unit.smev.samples import AGENCY, GATEWAY, MOMENT


@pytest.mark.parametrize("name", sample_operations())
def test_sample_keeps_its_contract(name: str) -> None:
    payload = build_sample(name, sender=AGENCY, recipient=GATEWAY, date=MOMENT)
    # As it is sent: written out and read again
    assert Catalogue().validate(etree.fromstring(etree.tostring(payload))) == ()


def test_every_operation_has_a_sample() -> None:
    published = {
        etree.QName(operation.request).localname
        for service in SERVICES.values()
        for operation in service.operations
    }
    assert published == set(sample_operations())


def test_sample_says_who_asks_whom() -> None:
    payload = build_sample(
        "FindStudent",
        sender=AGENCY,
        recipient=GATEWAY,
        date=MOMENT,
        originator=AGENCY,
        service=Service("OTHER", "2.00"),
        case_number=None,
    )
    operation = parse_operation(payload, default_timezone=UTC)
    message = operation.message
    assert operation.name == f"{{{STUDENTS_NS}}}FindStudent"
    assert (message.sender, message.recipient, message.originator) == (AGENCY, GATEWAY, AGENCY)
    assert (message.status, message.date) == (Status.REQUEST, MOMENT)
    assert (message.service, message.case_number) == (Service("OTHER", "2.00"), None)
    assert operation.content.findtext(f"{{{STUDENTS_NS}}}Snils") == "112-233-445 95"


def test_no_sample_of_an_unknown_operation() -> None:
    with pytest.raises(SmevError) as caught:
        build_sample("DropStudents", sender=AGENCY, recipient=GATEWAY, date=MOMENT)
    assert caught.value.code == "operation.unknown"
