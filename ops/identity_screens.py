"""The screens of `kontingent identity`, made of the rows that `--json` writes."""

from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ops.printing import one_line
from ops.student_rows import Row
from ops.texts import Texts

_COMPARED = ("person", "name", "birth_date", "sex", "snils", "birth_act", "documents")


class IdentityScreens:
    """Shows the queue, a conflict side by side, and what a decision moved."""

    def __init__(self, screen: Console, texts: Texts) -> None:
        self._screen = screen
        self._say = texts

    def queue(self, rows: Sequence[Row]) -> None:
        """Show conflicts, a line each."""
        if not rows:
            self._screen.print(self._say("Nothing waits for a decision."))
            return
        table = self._table("conflict", "score", "state", "source", "record", "persons", "reason")
        for row in rows:
            told = row["reasons"][0]["text"] if row["reasons"] else ""
            self._add(
                table,
                row["conflict"],
                f"{row['score']:.1f}",
                self._say(row["state"]),
                row["source"],
                row["source_id"],
                len(row["candidates"]),
                told,
            )
        self._screen.print(table)

    def conflict(self, row: Row) -> None:
        """Show a conflict: the record and the candidates side by side, then the reasons."""
        columns = [("record", row["record"])]
        columns += [
            (str(number), each["card"] or {})
            for number, each in enumerate(row["candidates"], start=1)
        ]
        table = self._table("", *(self._say(name) for name, _ in columns))
        for field in _COMPARED:
            values = [_shown(values.get(field)) for _, values in columns]
            if any(values):
                self._add(table, self._say(field), *values)
        self._screen.print(table)
        for number, each in enumerate(row["candidates"], start=1):
            told = "; ".join(reason["text"] for reason in each["reasons"])
            self._print(f"{number}. {each['score']:+.1f}  {told}")
        self._print(f"{self._say('state')}: {self._say(row['state'])}")

    def decisions(self, rows: Iterable[Row]) -> None:
        """Show merges and splits."""
        table = self._table("decision", "kind", "kept", "other", "at", "who", "reason")
        for row in rows:
            self._add(
                table,
                row["decision"],
                self._say(row["kind"]),
                row["kept"],
                row["other"],
                row["at"],
                row["actor"],
                row["reason"],
            )
        self._screen.print(table)

    def change(self, row: Row) -> None:
        """Show what a merge or split moved, or would move."""
        if row["dry_run"]:
            self._print(self._say("Nothing was written: a dry run."))
        else:
            self._print(f"{self._say('decision')}: {row['decision']}")
        self._print(f"{self._say('kept')}: {row['kept']}, {self._say('other')}: {row['other']}")
        for name, count in row["moved"].items():
            self._print(f"  {name}: {count}")

    def problems(self, rows: Iterable[Row]) -> None:
        """Show why nothing was done."""
        for row in rows:
            self._print(f"{row['code']} ({row['field']}): {row['message']}")

    def settled(self, row: Row) -> None:
        """Show that a conflict was decided."""
        self._print(f"{row['conflict']}: {self._say(row['state'])}")
        if row["change"] is not None:
            self.change(row["change"])

    def _table(self, *names: str) -> Table:
        table = Table(box=None, pad_edge=False)
        for name in names:
            table.add_column(escape(self._say(name)), overflow="fold")
        return table

    def _add(self, table: Table, *values: Any) -> None:
        table.add_row(*(escape(one_line(_shown(each))) for each in values))

    def _print(self, text: str) -> None:
        self._screen.print(one_line(text), markup=False)


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return "; ".join(map(str, value))
    return "" if value is None else str(value)
