"""What comes of a step."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from registry.model import CaseEvent
from registry.problems import Problem

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Done(Generic[T]):
    """The case as it is now, and the events that made it so."""

    case: T
    events: tuple[CaseEvent, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """Everything that stands in the way; nothing was changed."""

    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Missing:
    """There is no such case."""
