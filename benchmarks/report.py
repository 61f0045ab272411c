"""What a run has found: tables for people, JSON lines for what comes after."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from rich import box
from rich.console import Console
from rich.table import Table

_WIDTH = 132


class Report:
    """Prints tables to standard output and writes rows to a file as they come."""

    def __init__(self, json_path: Path | None) -> None:
        self._console = Console(width=_WIDTH, highlight=False)
        self._progress = Console(stderr=True, highlight=False)
        self._file: TextIO | None = json_path.open("w", encoding="utf-8") if json_path else None

    def close(self) -> None:
        """Close the file of rows."""
        if self._file is not None:
            self._file.close()

    def row(self, kind: str, values: dict[str, object]) -> None:
        """Write one JSON line."""
        if self._file is not None:
            self._file.write(json.dumps({"kind": kind, **values}, ensure_ascii=False) + "\n")
            self._file.flush()

    def say(self, text: str) -> None:
        """Print a line of the result."""
        self._console.print(text, markup=False)

    def step(self, text: str) -> None:
        """Tell, on standard error, what is being done."""
        self._progress.print(f"… {text}", style="dim", markup=False)

    def table(
        self,
        title: str,
        columns: Sequence[str],
        rows: Sequence[Sequence[str]],
        *,
        note: str,
        texts: int = 2,
    ) -> None:
        """Print a table; all columns but the first `texts` hold numbers."""
        table = Table(box=box.SIMPLE_HEAD)
        for place, column in enumerate(columns):
            table.add_column(column, justify="left" if place < texts else "right", no_wrap=True)
        for row in rows:
            table.add_row(*row)
        self._console.print(f"\n{title}", style="bold", markup=False)
        self._console.print(table)
        self._console.print(note, style="dim", markup=False)
