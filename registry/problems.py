"""A broken rule, as it is told to whoever sent the value, and the rule itself."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One broken rule: a stable key, the field it is about, a Russian message without values.

    `clause` is the rule's place in the law or the document it follows, None for the register's own.
    """

    code: str
    field: str
    message_ru: str
    clause: str | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as it stands in the catalogue; `field` is what it is about, where that is fixed."""

    code: str
    field: str
    message_ru: str
    clause: str | None = None

    def problem(self, field: str | None = None) -> Problem:
        """The problem of a value that breaks the rule, at `field` if that differs."""
        return Problem(self.code, field or self.field, self.message_ru, self.clause)
