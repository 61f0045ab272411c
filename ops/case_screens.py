"""The screens of applications, transfers and gaps, made of the rows that `--json` writes."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ops.case_rows import Row
from ops.printing import one_line
from ops.texts import Texts


class CaseScreens:
    """Shows rows in the operator's language; rules and clauses are Russian in any."""

    def __init__(self, screen: Console, texts: Texts) -> None:
        self._screen = screen
        self._say = texts
        self._day = "%d.%m.%Y" if texts.language == "ru" else "%Y-%m-%d"

    def table(self, rows: Sequence[Row], columns: Sequence[str], *, empty: str) -> None:
        """A table of these columns, or a sentence where there is nothing."""
        if not rows:
            self._screen.print(self._say(empty))
            return
        table = Table(box=None, pad_edge=False)
        for column in columns:
            table.add_column(self._say(column))
        for row in rows:
            table.add_row(*(self._cell(row.get(column)) for column in columns))
        self._screen.print(table)

    def lines(self, row: Row, names: Iterable[str]) -> None:
        """The values of a row that has them, each on a line."""
        for name in names:
            if row.get(name) not in (None, "", [], {}):
                told = f"{self._say(name)}: {self._text(row[name])}"
                self._screen.print(one_line(told), markup=False)

    def section(self, title: str, rows: Sequence[Row], columns: Sequence[str]) -> None:
        """A table with a heading, where there is something."""
        if rows:
            self._screen.print(f"\n[bold]{escape(self._say(title))}[/]")
            self.table(rows, columns, empty="")

    def problems(self, rows: Sequence[Row]) -> None:
        """What stands in a step's way."""
        self._screen.print(self._say("Refused; nothing was changed."))
        self.table(rows, ("problem", "field", "message", "clause"), empty="")

    def _cell(self, value: object) -> str:
        return escape(one_line(self._text(value)))

    def _text(self, value: Any) -> str:
        if value is None:
            return ""
        if isinstance(value, bool):
            return self._say("yes" if value else "no")
        if isinstance(value, date) and not isinstance(value, datetime):
            return value.strftime(self._day)
        if isinstance(value, list):
            return ", ".join(self._text(each) for each in value)
        if isinstance(value, dict):
            return ", ".join(f"{name}={self._text(each)}" for name, each in value.items())
        return str(value)
