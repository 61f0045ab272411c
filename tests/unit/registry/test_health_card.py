"""Which items of the health card hold on a day."""

from datetime import date, datetime, timedelta
from uuid import UUID

from registry.health_card import assemble_health_card, find_health_card
from registry.identifiers import HealthItemId, PersonId
from registry.model import HealthItem, HealthKind
from tests.unit.registry.samples import NOW, PERSON

BEGIN, END = date(2023, 9, 1), date(2024, 8, 31)
ONE_DAY = timedelta(days=1)


def item(number: int, kind: HealthKind, begins_on: date, ends_on: date | None) -> HealthItem:
    item_id = HealthItemId(UUID(int=number))
    return HealthItem(item_id, PERSON.id, kind, "11", None, None, begins_on, ends_on, "med")


GROUP = item(1, HealthKind.HEALTH_GROUP, BEGIN, END)
OPEN = item(2, HealthKind.VACCINATION, END, None)


def test_items_hold_from_their_first_to_their_last_day() -> None:
    for day, current, past in (
        (BEGIN - ONE_DAY, (), ()),
        (BEGIN, (GROUP,), ()),
        (END - ONE_DAY, (GROUP,), ()),
        (END, (GROUP, OPEN), ()),
        (END + ONE_DAY, (OPEN,), (GROUP,)),
    ):
        card = assemble_health_card(PERSON.id, (OPEN, GROUP), as_of=day)
        assert (card.current, card.past) == (current, past)


def test_items_go_by_kind_then_by_beginning() -> None:
    later = item(3, HealthKind.HEALTH_GROUP, END, None)
    disability = item(4, HealthKind.DISABILITY, BEGIN, None)
    card = assemble_health_card(PERSON.id, (OPEN, disability, later, GROUP), as_of=END)
    assert card.current == (GROUP, later, disability, OPEN)


class _Reader:
    def items(
        self, person_id: PersonId, *, known_on: datetime | None
    ) -> tuple[PersonId, list[HealthItem]] | None:
        # The person was merged into PERSON.
        return (PERSON.id, [GROUP]) if person_id.int == 7 and known_on == NOW else None


def test_the_card_is_that_of_the_person_found() -> None:
    card = find_health_card(PersonId(UUID(int=7)), _Reader(), as_of=BEGIN, known_on=NOW)
    assert card is not None
    assert (card.person_id, card.as_of, card.known_on) == (PERSON.id, BEGIN, NOW)
    assert card.current == (GROUP,)
    assert find_health_card(PersonId(UUID(int=7)), _Reader(), as_of=BEGIN) is None
