"""What must hold for a step: named pure tests of the facts of a case, shared by the procedures.

Each test says yes when the step may be taken; its rule says what a refused step is told.
"""

from datetime import date
from typing import Protocol

from registry.problems import Rule
from registry.procedures.engine import Guard


class HasPlaces(Protocol):
    """Facts that know of places."""

    @property
    def places_free(self) -> int:
        """How many places are neither taken nor offered to others."""
        ...


class HasDocuments(Protocol):
    """Facts that know of documents."""

    @property
    def documents_complete(self) -> bool:
        """Whether every document needed was given in and bears the application out."""
        ...


class HasWindow(Protocol):
    """Facts that know of the time of intake."""

    @property
    def window_open(self) -> bool:
        """Whether applications of this kind were taken on the day of the application."""
        ...


class HasContract(Protocol):
    """Facts that know of a contract."""

    @property
    def contract_on(self) -> date | None:
        """When the contract was signed."""
        ...


class HasDebts(Protocol):
    """Facts that know of academic debts."""

    @property
    def debts(self) -> int:
        """In how many subjects the pupil has a debt (академическая задолженность)."""
        ...


class HasReceiver(Protocol):
    """Facts that know where a pupil goes."""

    @property
    def receiver_named(self) -> bool:
        """Whether the receiving organisation is named."""
        ...


class HasOrder(Protocol):
    """Facts that know of the order of enrolment."""

    @property
    def order_known(self) -> bool:
        """Whether number and day of the order are known."""
        ...


def has_places(facts: HasPlaces, _: date) -> bool:
    """A place is free."""
    return facts.places_free > 0


def has_no_places(facts: HasPlaces, _: date) -> bool:
    """No place is free."""
    return facts.places_free <= 0


def has_documents(facts: HasDocuments, _: date) -> bool:
    """The documents are complete."""
    return facts.documents_complete


def lacks_documents(facts: HasDocuments, _: date) -> bool:
    """The documents aren't complete."""
    return not facts.documents_complete


def is_in_window(facts: HasWindow, _: date) -> bool:
    """The application came in its time."""
    return facts.window_open


def has_contract(facts: HasContract, today: date) -> bool:
    """The contract is signed, and not later than today."""
    return facts.contract_on is not None and facts.contract_on <= today


def lacks_contract(facts: HasContract, _: date) -> bool:
    """No contract is signed."""
    return facts.contract_on is None


def has_no_debts(facts: HasDebts, _: date) -> bool:
    """No subject is left undone."""
    return facts.debts == 0


def has_debts(facts: HasDebts, _: date) -> bool:
    """A subject is left undone."""
    return facts.debts > 0


def has_receiver(facts: HasReceiver, _: date) -> bool:
    """The receiving organisation is named."""
    return facts.receiver_named


def has_order(facts: HasOrder, _: date) -> bool:
    """Number and day of the order of enrolment are known."""
    return facts.order_known


PLACES = Guard(Rule("transition.no_places", "places", "Нет свободных мест"), has_places)
NO_PLACES = Guard(
    Rule("transition.places_left", "places", "Есть свободные места: отказ и ожидание невозможны"),
    has_no_places,
)
DOCUMENTS = Guard(
    Rule("transition.documents_incomplete", "documents", "Представлены не все документы"),
    has_documents,
)
DOCUMENTS_LACKING = Guard(
    Rule("transition.documents_complete", "documents", "Все документы уже представлены"),
    lacks_documents,
)
WINDOW = Guard(
    Rule("transition.window_closed", "submitted_at", "В этот день заявления не принимаются"),
    is_in_window,
)
CONTRACT = Guard(
    Rule("transition.contract_missing", "contract", "Договор не заключён"), has_contract
)
NO_CONTRACT = Guard(
    Rule("transition.contract_signed", "contract", "Договор уже заключён"), lacks_contract
)
NO_DEBTS = Guard(
    Rule("transition.debts", "debts", "Есть академическая задолженность"), has_no_debts
)
DEBTS = Guard(Rule("transition.no_debts", "debts", "Нет академической задолженности"), has_debts)
RECEIVER = Guard(
    Rule("transition.receiver_missing", "to_id", "Не указана принимающая организация"),
    has_receiver,
)
ORDER = Guard(
    Rule("transition.order_missing", "order", "Не указаны номер и дата распорядительного акта"),
    has_order,
)

RULES = tuple(
    guard.rule
    for guard in (
        PLACES,
        NO_PLACES,
        DOCUMENTS,
        DOCUMENTS_LACKING,
        WINDOW,
        CONTRACT,
        NO_CONTRACT,
        NO_DEBTS,
        DEBTS,
        RECEIVER,
        ORDER,
    )
)
