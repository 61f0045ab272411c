"""Who runs the command, and the record of what they were shown."""

import os
from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.engine import Engine

from registry.access import AccessEvent
from registry.identifiers import PersonId
from store.unit_of_work import UnitOfWork

SHOWN = "shown"


def operator_name() -> str:
    """The operator's name by the system's own word: the environment could say any."""
    try:
        import pwd  # not on every system

        return pwd.getpwuid(os.getuid()).pw_name
    except (ImportError, KeyError):
        return f"uid {os.getuid()}" if hasattr(os, "getuid") else "unknown"


def record_disclosure(
    engine: Engine,
    fields: Mapping[PersonId, tuple[str, ...]],
    *,
    operation: str,
    purpose: str,
    clock: Callable[[], datetime],
    new_id: Callable[[], UUID],
) -> None:
    """Record, for good, that this operator is about to be shown these fields of these persons.

    Call it before anything is shown; when it raises (`StoreError`), nothing may be.
    """
    at, actor = clock(), operator_name()
    events = [
        AccessEvent(
            id=new_id(),
            at=at,
            person_id=person_id,
            actor=actor,
            purpose=purpose.strip(),
            operation=operation,
            fields=names,
            outcome=SHOWN,
        )
        for person_id, names in fields.items()
    ]
    with UnitOfWork(engine) as work:
        work.access.record(*events)
        work.commit()
