"""kontingent gaps: pupils of whom nobody knows where they study, and overdue steps."""

import click

from ops.case_rows import CASE_FIELDS, Labels, gap_row, overdue_row
from ops.commands.case_options import show_rows
from ops.commands.context import AppContext, pass_app
from ops.commands.personal import Disclosure, PersonalCommand, veil_options
from ops.register_session import open_session
from registry.gaps import GapKind

_GAPS = ("gap", "since", "person_id", "name", "organisation", "case_id", "message", "clause")
_OVERDUE = ("case_id", "procedure", "state", "due_on", "days_late", "whose", "clause")
_OVERDUE_KIND = "overdue"


@click.command(cls=PersonalCommand)
@click.option(
    "--kind",
    type=click.Choice([*(each.value for each in GapKind), _OVERDUE_KIND]),
    help="Only gaps of this kind; `overdue` for the steps of all procedures that are late.",
)
@click.option("--oktmo", help="How the ОКТМО of an address in the region begins.")
@veil_options
@pass_app
def gaps(
    app: AppContext,
    *,
    kind: str | None,
    oktmo: str | None,
    reason: str | None,
    unmask: bool,
    as_json: bool,
) -> None:
    """List the gaps, the longest open first: each a question to an organisation.

    A transfer that isn't acknowledged, a pupil who left and didn't arrive, a child of school age
    who lives here and is enrolled nowhere. Exit code 0 also when there are some.

    Example: kontingent gaps --kind no_arrival
    """
    with open_session(app, Disclosure.of(unmask=unmask, reason=reason)) as session:
        if kind == _OVERDUE_KIND:
            late = session.read(lambda work: work.case_queries.overdue(session.today))
            rows = [overdue_row(each) for each in late]
            columns: tuple[str, ...] = _OVERDUE
        else:
            which = None if kind is None else GapKind(kind)
            found = session.read(
                lambda work: work.gaps.find(session.today, session.zone, kind=which, oktmo=oktmo)
            )
            labels = session.read(
                lambda work: Labels.of(
                    work.case_queries,
                    session.veil,
                    people=[each.person_id for each in found],
                    organisations=[each.organisation_id for each in found],
                )
            )
            session.disclose("gaps", {each.person_id: CASE_FIELDS for each in found})
            rows, columns = [gap_row(each, labels) for each in found], _GAPS
    show_rows(app, rows, as_json=as_json, columns=columns, empty="There are no gaps.")
