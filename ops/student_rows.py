"""Persons as rows for scripts and screens, with what the veil covers covered.

Both `--json` and the screens are made of these rows, so that one can't show more than the other.
"""

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from ops.veil import Veil
from registry.health_card import HealthCard
from registry.history import FactChange
from registry.model import (
    ClassGroup,
    FormerName,
    HealthItem,
    Mark,
    Order,
    Organisation,
    Person,
    StudentView,
)
from registry.person_card import PersonCard
from registry.portfolio import ClassStay, Portfolio, Study, SubjectResults, YearResults

Row = dict[str, Any]

# What of a person each command shows, for the record of who saw it.
FOUND_FIELDS = ("names", "birth_date", "snils", "study")
CARD_FIELDS = (
    "names",
    "former_names",
    "birth_date",
    "birth_place",
    "birth_act",
    "snils",
    "documents",
    "addresses",
    "representatives",
    "studies",
)
REPRESENTATIVE_FIELDS = ("names",)
PORTFOLIO_FIELDS = (
    "names",
    "former_names",
    "birth_date",
    "snils",
    "trajectory",
    "results",
    "exams",
    "certificates",
    "achievements",
)
HEALTH_FIELDS = ("health_card",)


def found_row(view: StudentView, veil: Veil) -> Row:
    """A person found, and where they study on the day."""
    row = {**_person(view.person, veil), "as_of": view.as_of}
    enrolment = view.enrolment
    return {
        **row,
        "organisation": _organisation(view.organisation),
        "class": _class(view.class_group),
        "enrolled_on": None if enrolment is None else enrolment.begins_on,
    }


def card_row(card: PersonCard, veil: Veil) -> Row:
    """The card of a person."""
    act = card.birth_act
    return {
        **_person(card.person, veil),
        "as_of": card.as_of,
        "known_on": _moment(card.known_on),
        "former_names": [_former_name(each, veil) for each in card.former_names],
        "sex": card.person.sex.value,
        "citizenship_code": card.person.citizenship_code,
        "country_code": card.person.country_code,
        "birth_place": veil.hide(card.person.birth_place),
        "birth_act": None
        if act is None
        else {
            "number": veil.hide(act.number),
            "recorded_on": veil.hide(act.recorded_on),
            "office": veil.hide(act.office),
        },
        "documents": [
            {
                "type_code": each.type_code,
                "series": veil.hide(each.series or None),
                "number": veil.hide(each.number),
                "issued_on": veil.hide(each.issued_on),
                "issued_by": veil.hide(each.issued_by),
                "valid_until": veil.hide(each.valid_until),
            }
            for each in card.documents
        ],
        "addresses": [
            {
                "kind": each.kind.value,
                "text": veil.hide(each.text),
                "fias_id": veil.hide(each.fias_id),
                "oktmo": None if each.oktmo is None else str(each.oktmo),
                "begins_on": each.begins_on,
                "ends_on": each.ends_on,
            }
            for each in card.addresses
        ],
        "representatives": [
            {
                "person_id": each.person.id,
                "name": _name(each.person, veil),
                "type_code": each.representative.type_code,
                "authority_type_code": each.representative.authority_type_code,
                "authority_number": veil.hide(each.representative.authority_number),
                "begins_on": each.representative.begins_on,
                "ends_on": each.representative.ends_on,
            }
            for each in card.representations
        ],
        "studies": [_study(each, veil) for each in card.studies],
    }


def portfolio_row(portfolio: Portfolio, veil: Veil) -> Row:
    """A portfolio."""

    def place(organisation_id: UUID | None) -> str | None:
        found = (each for each in portfolio.organisations.values() if each.id == organisation_id)
        return _organisation(next(found, None))

    return {
        **_person(portfolio.person, veil),
        "as_of": portfolio.as_of,
        "known_on": _moment(portfolio.known_on),
        "former_names": [_former_name(each, veil) for each in portfolio.former_names],
        "trajectory": [_study(each, veil) for each in portfolio.trajectory],
        "results": [_year(each) for each in portfolio.results],
        "exams": [
            {
                "kind": each.kind.value,
                "subject": each.subject,
                "held_on": each.held_on,
                "organisation": place(each.organisation_id),
                "score": each.score,
                "mark": each.mark,
                "passed": each.passed,
            }
            for each in portfolio.exams
        ],
        "certificates": [
            {
                "type_code": each.type_code,
                "number": veil.hide(each.number),
                "issued_on": each.issued_on,
                "organisation": place(each.organisation_id),
                "with_honours": each.with_honours,
                "medal": None if each.medal is None else each.medal.value,
                "average": each.average,
            }
            for each in portfolio.certificates
        ],
        "achievements": [
            {
                "kind": group.kind.value,
                "level": group.level.value,
                "title": each.title,
                "result": each.result,
                "achieved_on": each.achieved_on,
            }
            for group in portfolio.achievements
            for each in group.achievements
        ],
    }


def health_rows(card: HealthCard, veil: Veil) -> list[Row]:
    """The items of a health card, each valid on the day or past."""
    return [
        {"person_id": card.person_id, "as_of": card.as_of, "valid": valid, **_item(each, veil)}
        for valid, items in ((True, card.current), (False, card.past))
        for each in items
    ]


def history_rows(
    changes: Iterable[FactChange], names: Callable[[object], object], veil: Veil
) -> list[Row]:
    """Changes, a row each; `names` gives the name of a place or an order for its id."""
    return [
        {
            "known_since": _moment(change.recorded_at),
            "table": change.table,
            "key": change.key,
            "version": change.version,
            "change": change.kind.value,
            "valid_from": veil.valid_from(change),
            "fields": [
                {
                    "name": each.name,
                    "old": names(veil.field(change.table, each.name, each.old)),
                    "new": names(veil.field(change.table, each.name, each.new)),
                }
                for each in change.fields
            ],
        }
        for change in changes
    ]


def _person(person: Person, veil: Veil) -> Row:
    return {
        "person_id": person.id,
        "masked": not veil.lifted,
        "name": _name(person, veil),
        "birth_date": veil.birth_date(person.birth_date),
        "snils": veil.snils(person.snils),
    }


def _name(person: Person | FormerName, veil: Veil) -> str:
    return veil.full_name(person.family_name, person.first_name, person.middle_name)


def _former_name(name: FormerName, veil: Veil) -> Row:
    return {"name": _name(name, veil), "until": name.until}


def _study(study: Study, veil: Veil) -> Row:
    enrolment = study.enrolment
    return {
        "organisation": _organisation(study.organisation),
        "begins_on": enrolment.begins_on,
        "ends_on": enrolment.ends_on,
        "current": study.is_current,
        "programme_code": enrolment.programme_code,
        "form_code": enrolment.form_code,
        "funding_code": enrolment.funding_code,
        "realisation_code": enrolment.realisation_code,
        "entry_reason": veil.reason(enrolment.entry_reason),
        "exit_reason": veil.reason(enrolment.exit_reason),
        "entry_order": _order(study.entry_order),
        "exit_order": _order(study.exit_order),
        "classes": [_stay(each) for each in study.classes],
    }


def _stay(stay: ClassStay) -> Row:
    return {
        "class": _class(stay.class_group),
        "begins_on": stay.begins_on,
        "ends_on": stay.ends_on,
    }


def _order(order: Order | None) -> Row | None:
    return None if order is None else {"number": order.number, "issued_on": order.issued_on}


def _year(year: YearResults) -> Row:
    return {
        "school_year": year.school_year,
        "parallel": year.parallel,
        "organisation": _organisation(year.organisation),
        "subjects": [_subject(each) for each in year.subjects],
    }


def _subject(results: SubjectResults) -> Row:
    return {
        "subject": results.subject,
        "terms": {str(each.period): each.value for each in results.terms},
        "year": _value(results.year),
        "final": _value(results.final),
    }


def _value(mark: Mark | None) -> str | None:
    return None if mark is None else mark.value


def _item(item: HealthItem, veil: Veil) -> Row:
    return {
        "kind": veil.hide(item.kind.value),
        "code": veil.hide(item.code),
        "category": veil.hide(item.category),
        "detail": veil.hide(item.detail),
        "begins_on": item.begins_on,
        "ends_on": item.ends_on,
        "source": item.source,
    }


def _organisation(organisation: Organisation | None) -> str | None:
    return None if organisation is None else organisation.short_name or organisation.full_name


def _class(group: ClassGroup | None) -> str | None:
    return None if group is None else f"{group.parallel}{group.letter}"


def _moment(moment: Any) -> str | None:
    return None if moment is None else moment.isoformat()
