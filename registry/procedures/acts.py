"""The acts that procedures follow, and when each is in force. Data: `acts.toml`."""

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Act:
    """An act: how it is cited and titled (Russian), and its first and last day in force."""

    key: str
    citation: str
    title: str
    since: date
    until: date | None
    points_read: bool
    amendments: tuple[str, ...]

    def is_in_force(self, day: date) -> bool:
        """Whether the act is in force on `day`, as far as is known."""
        return self.since <= day and (self.until is None or day <= self.until)


@cache
def load_acts() -> tuple[Act, ...]:
    """Every act, in the order of the data file."""
    text = files("registry.procedures").joinpath("acts.toml").read_text("utf-8")
    return tuple(
        Act(
            key=table["key"],
            citation=table["citation"],
            title=table["title"],
            since=table["since"],
            until=table.get("until"),
            points_read=table["points_read"],
            amendments=tuple(table["amendments"]),
        )
        for table in tomllib.loads(text)["acts"]
    )


def act_of(clause: str) -> Act | None:
    """The act that `clause` («приказ № 458, п. 17») cites, None when it isn't one of ours."""
    return next((act for act in load_acts() if _cites(clause, act.citation)), None)


def _cites(clause: str, citation: str) -> bool:
    return clause == citation or clause.startswith((f"{citation}, ", f"{citation} "))
