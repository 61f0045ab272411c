"""Which papers, addresses and representatives a person has on a day."""

from datetime import date, datetime, timedelta
from uuid import UUID

from registry.identifiers import PersonId, RepresentativeId
from registry.model import Address, AddressKind, IdentityDocument, Representative
from registry.person_card import CardFacts, PersonCard, Representation, find_person_card
from registry.portfolio import PortfolioFacts
from tests.unit.registry.samples import PERSON
from tests.unit.registry.test_portfolio import BEGIN, END, STUDYING

ONE_DAY = timedelta(days=1)
MOTHER = PersonId(UUID(int=5))
UNDATED = IdentityDocument("11", "II-АН", "123456")
PASSPORT = IdentityDocument("12", "4510", "654321", issued_on=BEGIN, valid_until=BEGIN)
HOME = Address(AddressKind.ACTUAL, "ул. Лесная, 5", None, None, BEGIN, END)
ACTING = Representation(
    Representative(
        RepresentativeId(UUID(int=6)),
        PERSON.id,
        MOTHER,
        "1",
        None,
        None,
        begins_on=None,
        ends_on=END,
    ),
    PERSON,
)


class _Readers:
    def facts(self, person_id: PersonId, *, known_on: datetime | None) -> PortfolioFacts | None:
        # Number 9 was merged into PERSON.
        return STUDYING if person_id in (PERSON.id, PersonId(UUID(int=9))) else None

    def card_facts(self, person_id: PersonId, *, known_on: datetime | None) -> CardFacts:
        assert person_id == PERSON.id
        return CardFacts(None, (PASSPORT, UNDATED), (HOME,), (ACTING,))


def card(day: date, person_id: PersonId = PERSON.id) -> PersonCard | None:
    return find_person_card(person_id, _Readers(), _Readers(), as_of=day)


def on(day: date) -> PersonCard:
    found = card(day)
    assert found is not None
    return found


def test_what_a_day_holds() -> None:
    before, first, last, after = (on(day) for day in (BEGIN - ONE_DAY, BEGIN, END, END + ONE_DAY))
    assert [each.documents for each in (before, first)] == [(UNDATED,), (UNDATED, PASSPORT)]
    assert after.documents == (UNDATED, PASSPORT)
    assert [each.addresses for each in (before, first, last, after)] == [(), (HOME,), (HOME,), ()]
    acting = [len(each.representations) for each in (before, first, last, after)]
    assert acting == [1, 1, 1, 0]
    assert [len(each.studies) for each in (before, first, last, after)] == [0, 1, 1, 0]


def test_a_merged_person_has_the_card_of_the_one_it_proved_to_be() -> None:
    assert card(BEGIN, PersonId(UUID(int=9))) == card(BEGIN)
    assert card(BEGIN, PersonId(UUID(int=8))) is None
