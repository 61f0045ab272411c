"""A broken rule, as it is told to whoever sent the value."""

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
