"""The generated documents on procedures and rules, from the tables that the register follows."""

from collections.abc import Iterable
from typing import Any

from registry.calendar import load_production_calendar
from registry.procedures.acts import Act, load_acts
from registry.procedures.catalogue import PROCEDURES
from registry.procedures.engine import Procedure
from registry.procedures.portal_codes import PORTAL_TITLES
from registry.procedures.reasons import REASONS
from registry.rule_catalogue import SECTIONS


def render_procedures() -> str:
    """Return every table of transitions with its diagram, and the data that they rest on."""
    parts = [
        "# Procedures\n\n",
        "Each procedure is one table: from which state which action leads where, by which\n",
        "clause, who may take it, what it is refused for and which reason it names. A step that\n",
        "isn't in the table is refused, with all its problems at once (docs/rules.md).\n",
    ]
    parts += [_procedure(each) for each in PROCEDURES.values()]
    parts += [_portal_codes(), _reasons(), _acts(), _calendar()]
    return "".join(parts)


def render_rules() -> str:
    """Return the catalogue of rules: what a refused value or step is told."""
    parts = [
        "# Rules\n\n",
        "Every problem that the register tells of: its stable key, the field it is about (or the\n",
        "first of them), the message, which never holds a value, and the clause; a rule without\n",
        "one is the register's own. Changes: docs/rules-changelog.md.\n",
    ]
    for section in SECTIONS:
        rows = [
            (f"`{rule.code}`", f"`{rule.field}`", rule.message_ru, rule.clause or "")
            for rule in section.rules
        ]
        parts.append(f"\n## {section.title}\n\n")
        parts.append(_table(("key", "field", "message", "clause"), rows))
    return "".join(parts)


def _procedure(procedure: Procedure[Any]) -> str:
    initial, finals = procedure.initial, sorted(procedure.finals)
    parts = [
        f"\n## {procedure.title_ru} (`{procedure.key}`)\n\n",
        f"Begins in `{initial}`; final: {_listed(finals)}.\n\n",
        _diagram(procedure),
        "\n",
    ]
    rows = [
        (
            f"`{each.action}`",
            _listed(each.sources),
            f"`{each.target}`",
            _listed(sorted(each.actors)),
            _listed(guard.rule.code.partition(".")[2] for guard in each.guards),
            _listed(each.reasons),
            each.clause,
        )
        for each in procedure.transitions
    ]
    head = ("action", "from", "to", "who", "refused as `transition.…`", "reasons", "clause")
    parts.append(_table(head, rows))
    terms = [
        (f"`{state}`", each.text_ru, f"`{each.whose}`", each.clause)
        for state, each in procedure.deadlines.items()
    ]
    parts.append("\n")
    parts.append(
        _table(("state", "is to be left", "whose step", "clause"), terms)
        if terms
        else "No act sets a deadline.\n"
    )
    return "".join(parts)


def _diagram(procedure: Procedure[Any]) -> str:
    lines = ["```mermaid\n", "stateDiagram-v2\n", f"    [*] --> {procedure.initial}\n"]
    lines += [
        f"    {source} --> {each.target}: {each.action}\n"
        for each in procedure.transitions
        for source in each.sources
    ]
    lines += [f"    {state} --> [*]\n" for state in sorted(procedure.finals)]
    return "".join([*lines, "```\n"])


def _portal_codes() -> str:
    rows = [(str(code), title) for code, title in PORTAL_TITLES.items()]
    return (
        "\n## Portal codes of kindergartens\n\n"
        "Computed from the state and the day, never kept: `queued` is 140 before the desired day\n"
        "and 160 from it on; 170 and 180 tell of a change accepted or refused, beside the code of\n"
        "the state. A cancelled application has no code.\n\n" + _table(("code", "title"), rows)
    )


def _reasons() -> str:
    rows = [(f"`{key}`", title) for key, title in REASONS.items()]
    return "\n## Reasons\n\n" + _table(("key", "title"), rows)


def _acts() -> str:
    rows = [
        (each.citation, each.title, _period(each), "; ".join(each.amendments))
        for each in load_acts()
    ]
    unread = [each.citation for each in load_acts() if not each.points_read]
    return (
        "\n## Acts\n\n"
        + _table(("cited as", "act", "in force", "changes known"), rows)
        + "\nNumbers of points are general knowledge, not compared with the text, in:\n"
        + f"{', '.join(unread)}. Compare them before relying on a number.\n"
    )


def _period(act: Act) -> str:
    until = "" if act.until is None else f"{act.until:%d.%m.%Y}"
    return f"{act.since:%d.%m.%Y}–{until}"


def _calendar() -> str:
    rows = [
        (
            str(each.year),
            each.source,
            "; ".join(f"{m.since:%d.%m} → {m.off:%d.%m}" for m in each.moves),
        )
        for each in load_production_calendar().years.values()
    ]
    return (
        "\n## Working days\n\n"
        "Two days off a week, the holidays of art. 112 of the Labour Code, and the days off that\n"
        "the Government moved. A year that isn't listed follows the Code alone. Regional holidays\n"
        "and the time zone come from the configuration. A term begins on the day after; one in\n"
        "calendar days that ends on a day off ends on the next working day.\n\n"
        + _table(("year", "by", "days off moved"), rows)
    )


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)
