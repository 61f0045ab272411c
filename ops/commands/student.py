"""kontingent student: persons of the register."""

from collections.abc import Callable
from datetime import date, datetime
from uuid import UUID

import click

from ops.commands.context import AppContext, pass_app, print_json
from ops.commands.personal import (
    Day,
    Disclosure,
    PersonalCommand,
    as_of_option,
    known_on_option,
    person_options,
    snils_option,
    snils_text,
    veil_options,
)
from ops.errors import ExitCode, OpsError
from ops.register_session import Fields, not_found, open_session
from ops.student_rows import (
    CARD_FIELDS,
    FOUND_FIELDS,
    HEALTH_FIELDS,
    PORTFOLIO_FIELDS,
    REPRESENTATIVE_FIELDS,
    Row,
    card_row,
    found_row,
    health_rows,
    portfolio_row,
)
from ops.student_screens import StudentScreens
from registry.commands import ByDocument, ByPersonalData, BySnils, FindStudent
from registry.health_card import find_health_card
from registry.person_card import PersonCard, find_person_card
from registry.portfolio import find_portfolio
from registry.rules import check_find_student
from registry.students import look_up
from store.person_history import health_history, person_history


@click.group()
def student() -> None:
    """Persons: who they are, what they learnt, what was changed and when.

    Names, birth dates, СНИЛС, documents and health are covered. `--unmask --reason TEXT` shows
    them, once it has been recorded who was shown what of whom, and why.

    Example: kontingent student find --name "Иванов Иван" --born 2014-05-06
    """


@student.command(cls=PersonalCommand)
@snils_option
@click.option("--name", metavar="NAMES", help='Surname, first name, patronymic: "Иванов Иван".')
@click.option("--born", type=Day(), metavar="DATE", help="Day of birth; goes with --name.")
@click.option(
    "--document",
    nargs=3,
    metavar="TYPE SERIES NUMBER",
    help="An identity document by its code (12 a passport); '-' for no series.",
)
@as_of_option
@veil_options
@pass_app
def find(
    app: AppContext,
    *,
    snils: str | None,
    name: str | None,
    born: date | None,
    document: tuple[str, str, str] | None,
    as_of: date | None,
    reason: str | None,
    unmask: bool,
    as_json: bool,
) -> None:
    """Find persons, and where they study.

    Exit code 1 when nobody is found.

    Example: kontingent student find --name "Иванов Иван Иванович" --born 06.05.2014
    """
    by = _key(snils, name, born, document)
    with open_session(app, Disclosure.of(unmask=unmask, reason=reason)) as session:
        query = FindStudent(by, as_of)
        problems = check_find_student(query, session.today)
        if problems:
            told = "; ".join(f"{each.code} ({each.field}): {each.message_ru}" for each in problems)
            raise OpsError("query.invalid", told, exit_code=ExitCode.USAGE)
        views = session.read(
            lambda work: look_up(query, work.students, as_of=as_of or session.today)
        )
        if not views:
            raise not_found()
        session.disclose("student find", {view.person.id: FOUND_FIELDS for view in views})
        rows = [found_row(view, session.veil) for view in views]
    _print(app, rows, as_json=as_json, show=lambda screens: screens.found(rows))


@student.command(cls=PersonalCommand)
@person_options
@as_of_option
@known_on_option
@veil_options
@pass_app
def show(
    app: AppContext,
    *,
    person_id: UUID | None,
    snils: str | None,
    as_of: date | None,
    known_on: datetime | date | None,
    reason: str | None,
    unmask: bool,
    as_json: bool,
) -> None:
    """Show who a person is, by which papers, who acts for them, and where they study.

    PERSON is the id that `student find` shows; --snils does instead.

    Example: kontingent student show --snils - --unmask --reason "обращение № 12"
    """
    with open_session(app, Disclosure.of(unmask=unmask, reason=reason)) as session:
        card = session.read(
            lambda work: find_person_card(
                session.person(work, person_id, snils),
                work.portfolios,
                work.cards,
                as_of=as_of or session.today,
                known_on=session.moment(known_on),
            )
        )
        if card is None:
            raise not_found()
        session.disclose("student show", _of_card(card))
        row = card_row(card, session.veil)
    _print(app, [row], as_json=as_json, show=lambda screens: screens.card(row))


@student.command(cls=PersonalCommand)
@person_options
@as_of_option
@known_on_option
@veil_options
@pass_app
def portfolio(
    app: AppContext,
    *,
    person_id: UUID | None,
    snils: str | None,
    as_of: date | None,
    known_on: datetime | date | None,
    reason: str | None,
    unmask: bool,
    as_json: bool,
) -> None:
    """Show a person's whole education: where, with which marks, examinations and achievements.

    Only what had happened by --as-of is in it, as the register knew it on --known-on.

    Example: kontingent student portfolio 8f14e45f-ceea-467f-8f3c-1f0d1f3c5a11 --as-of 2024-10-01
    """
    with open_session(app, Disclosure.of(unmask=unmask, reason=reason)) as session:
        found = session.read(
            lambda work: find_portfolio(
                session.person(work, person_id, snils),
                work.portfolios,
                as_of=as_of or session.today,
                known_on=session.moment(known_on),
            )
        )
        if found is None:
            raise not_found()
        session.disclose("student portfolio", {found.person.id: PORTFOLIO_FIELDS})
        row = portfolio_row(found, session.veil)
    _print(app, [row], as_json=as_json, show=lambda screens: screens.portfolio(row))


@student.command(cls=PersonalCommand)
@person_options
@click.option("--changes", is_flag=True, help="Every change of the card instead of its items.")
@as_of_option
@known_on_option
@veil_options
@pass_app
def health(
    app: AppContext,
    *,
    person_id: UUID | None,
    snils: str | None,
    as_of: date | None,
    known_on: datetime | date | None,
    reason: str | None,
    changes: bool,
    unmask: bool,
    as_json: bool,
) -> None:
    """Show a person's health card: what is valid on the day, and what was before.

    No other command shows anything of it.

    Example: kontingent student health --snils - --as-of 2024-09-01 --unmask --reason "лагерь"
    """
    with open_session(app, Disclosure.of(unmask=unmask, reason=reason)) as session:
        if changes:
            found = session.read(
                lambda work: health_history(
                    work.connection,
                    session.person(work, person_id, snils),
                    known_on=session.moment(known_on),
                )
            )
            rows = session.history("student health --changes", found)
        else:
            card = session.read(
                lambda work: find_health_card(
                    session.person(work, person_id, snils),
                    work.health,
                    as_of=as_of or session.today,
                    known_on=session.moment(known_on),
                )
            )
            if card is None:
                raise not_found()
            session.disclose("student health", {card.person_id: HEALTH_FIELDS})
            rows = health_rows(card, session.veil)
    if changes and rows:
        _print(app, rows, as_json=as_json, show=lambda screens: screens.history(rows))
    else:
        _print(app, rows, as_json=as_json, show=lambda screens: screens.health(rows))


@student.command(cls=PersonalCommand)
@person_options
@known_on_option
@veil_options
@pass_app
def history(
    app: AppContext,
    *,
    person_id: UUID | None,
    snils: str | None,
    known_on: datetime | date | None,
    reason: str | None,
    unmask: bool,
    as_json: bool,
) -> None:
    """Show every change of every fact: from when it is true, and since when it is known.

    The health card has a history of its own: student health --changes.

    Example: kontingent student history 8f14e45f-ceea-467f-8f3c-1f0d1f3c5a11 --known-on 2024-12-31
    """
    with open_session(app, Disclosure.of(unmask=unmask, reason=reason)) as session:
        found = session.read(
            lambda work: person_history(
                work.connection,
                session.person(work, person_id, snils),
                known_on=session.moment(known_on),
            )
        )
        rows = session.history("student history", found)
    _print(app, rows, as_json=as_json, show=lambda screens: screens.history(rows))


def _key(
    snils: str | None,
    name: str | None,
    born: date | None,
    document: tuple[str, str, str] | None,
) -> BySnils | ByPersonalData | ByDocument:
    """What to find by. Raises OpsError `query.key` (exit code 2) unless it is one of three."""
    given = [each is not None for each in (snils, name, document)]
    if sum(given) != 1 or (name is None) != (born is None):
        raise OpsError(
            "query.key",
            "find by --snils, by --name with --born, or by --document",
            exit_code=ExitCode.USAGE,
        )
    if snils is not None:
        return BySnils(snils_text(snils))
    if document is not None:
        type_code, series, number = document
        return ByDocument(type_code, "" if series == "-" else series, number)
    names = (name or "").split()
    family, first, *more = names + [""] * (2 - len(names))
    return ByPersonalData(family, first, " ".join(more) or None, born or date.min)


def _of_card(card: PersonCard) -> Fields:
    others = {each.person.id: REPRESENTATIVE_FIELDS for each in card.representations}
    return {**others, card.person.id: CARD_FIELDS}


def _print(
    app: AppContext, rows: list[Row], *, as_json: bool, show: Callable[[StudentScreens], None]
) -> None:
    if as_json:
        for row in rows:
            print_json(row)
    else:
        show(StudentScreens(app.screen, app.language))
