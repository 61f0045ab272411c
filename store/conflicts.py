"""The queue of uncertain matches, as a load fills it: rows of `identity_conflicts`."""

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from registry.identifiers import PersonId
from registry.identity.decision import ScoredCandidate
from registry.identity.evidence import Evidence, Verdict
from store.tables import identity_conflicts
from store.upsert import insert

Reason = Evidence | Verdict


class Conflicts:
    """Plans the conflicts of a batch; a record has one open at most."""

    def __init__(self, source: str, *, new_id: Callable[[], UUID], recorded_at: datetime) -> None:
        self._source = source
        self._new_id = new_id
        self._recorded_at = recorded_at
        self._planned: list[tuple[str, bytes, tuple[ScoredCandidate, ...], tuple[Reason, ...]]] = []

    def take(
        self,
        source_id: str,
        candidates: tuple[ScoredCandidate, ...],
        reasons: tuple[Reason, ...],
        *,
        sealed: bytes,
    ) -> None:
        """Plan to ask of which of `candidates` a record is; `sealed`: the record."""
        self._planned.append((source_id, sealed, candidates, reasons))

    def write(self, connection: Connection, *, is_known: Callable[[UUID], bool]) -> None:
        """Write what was planned; candidates who came to nothing are left out."""
        rows = []
        for source_id, sealed, candidates, reasons in self._planned:
            standing = [each for each in candidates if is_known(each.person)]
            if standing:
                rows.append(self._row(source_id, sealed, standing, reasons))
        insert(connection, identity_conflicts, rows)

    def _row(
        self,
        source_id: str,
        sealed: bytes,
        candidates: Sequence[ScoredCandidate],
        reasons: tuple[Reason, ...],
    ) -> dict[str, Any]:
        return {
            "id": self._new_id(),
            "source": self._source,
            "source_id": source_id,
            "record_sealed": sealed,
            "candidates": write_candidates(candidates, reasons),
            "score": candidates[0].score,
            "opened_at": self._recorded_at,
            "state": "open",
            "person_id": None,
            "decided_by": None,
            "reason": None,
            "recorded_at": self._recorded_at,
        }


def write_candidates(candidates: Iterable[ScoredCandidate], reasons: Iterable[Reason]) -> str:
    """Candidates and reasons as the column `candidates` holds them."""
    return json.dumps(
        {
            "reasons": [each.value for each in reasons],
            "persons": [
                {
                    "person": str(each.person),
                    "score": each.score,
                    "reasons": [reason.value for reason in each.reasons],
                }
                for each in candidates
            ],
        },
        separators=(",", ":"),
    )


def read_candidates(text: str) -> tuple[tuple[ScoredCandidate, ...], tuple[Reason, ...]]:
    """Candidates and reasons from the column `candidates`."""
    told = json.loads(text)
    candidates = tuple(
        ScoredCandidate(PersonId(UUID(each["person"])), each["score"], _reasons(each["reasons"]))
        for each in told["persons"]
    )
    return candidates, _reasons(told["reasons"])


def _reasons(keys: Iterable[str]) -> tuple[Reason, ...]:
    return tuple(_REASONS[key] for key in keys)


_REASONS: dict[str, Reason] = {each.value: each for each in (*Evidence, *Verdict)}
