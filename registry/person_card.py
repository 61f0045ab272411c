"""The card of a person: who it is, by which papers, where it lives, who acts for it.

As of a day and as known at a moment, like the portfolio (`registry.portfolio`), from which it takes
the names and the enrolments of the day.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from operator import attrgetter
from typing import Protocol

from registry.identifiers import PersonId
from registry.model import (
    Address,
    BirthAct,
    FormerName,
    IdentityDocument,
    Person,
    Representative,
)
from registry.portfolio import PortfolioReader, Study, assemble_portfolio


@dataclass(frozen=True, slots=True)
class Representation:
    """Somebody who acts for the person, and who that is."""

    representative: Representative
    person: Person


@dataclass(frozen=True, slots=True)
class CardFacts:
    """What the register holds of a person beside the facts of the portfolio, of all times."""

    birth_act: BirthAct | None
    documents: Sequence[IdentityDocument]
    addresses: Sequence[Address]
    representations: Sequence[Representation]


class CardReader(Protocol):
    """Where these facts come from."""

    def card_facts(self, person_id: PersonId, *, known_on: datetime | None) -> CardFacts:
        """The facts of a person that was not merged, as known at a moment or now."""
        ...


@dataclass(frozen=True, slots=True)
class PersonCard:
    """A person on the day `as_of`.

    `documents` are those issued by then, valid still or not; addresses and representatives those
    whose period holds the day. `studies` are the enrolments of the day.
    """

    person: Person
    former_names: tuple[FormerName, ...]
    as_of: date
    known_on: datetime | None
    birth_act: BirthAct | None
    documents: tuple[IdentityDocument, ...]
    addresses: tuple[Address, ...]
    representations: tuple[Representation, ...]
    studies: tuple[Study, ...]


def find_person_card(
    person_id: PersonId,
    portfolios: PortfolioReader,
    cards: CardReader,
    *,
    as_of: date,
    known_on: datetime | None = None,
) -> PersonCard | None:
    """The card of a person, or of the one that it was merged into.

    None when the register has no such person, or had none at that moment. Raises only what the
    store behind the readers raises.
    """
    facts = portfolios.facts(person_id, known_on=known_on)
    if facts is None:
        return None
    portfolio = assemble_portfolio(facts, as_of=as_of, known_on=known_on)
    more = cards.card_facts(facts.person.id, known_on=known_on)
    return PersonCard(
        person=portfolio.person,
        former_names=portfolio.former_names,
        as_of=as_of,
        known_on=known_on,
        birth_act=more.birth_act,
        documents=tuple(
            sorted(
                (each for each in more.documents if (each.issued_on or date.min) <= as_of),
                key=lambda each: (each.issued_on or date.min, each.type_code, each.number),
            )
        ),
        addresses=tuple(
            sorted(
                (each for each in more.addresses if _holds(each.begins_on, each.ends_on, as_of)),
                key=attrgetter("kind", "text"),
            )
        ),
        representations=tuple(
            sorted(
                (
                    each
                    for each in more.representations
                    if _holds(each.representative.begins_on, each.representative.ends_on, as_of)
                ),
                key=lambda each: (each.representative.type_code, each.person.id),
            )
        ),
        studies=tuple(each for each in portfolio.trajectory if each.is_current),
    )


def _holds(begins_on: date | None, ends_on: date | None, day: date) -> bool:
    """Whether a period holds the day; a beginning that was not told lies before."""
    return (begins_on or date.min) <= day <= (ends_on or date.max)
