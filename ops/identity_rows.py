"""Conflicts, merges and splits as rows for scripts and screens, covered by the veil."""

from collections.abc import Iterable
from typing import Any

from ops.student_rows import Row
from ops.veil import Veil
from registry.errors import RegistryError
from registry.identifiers import parse_snils
from registry.identity.evidence import Evidence, Verdict, reason_text
from registry.person_card import PersonCard
from registry.problems import Problem
from registry.sources import SourcePupil
from store.conflict_queue import Asked
from store.identity_store import Change

# What of a person `identity show` shows, for the record of who saw it.
COMPARED_FIELDS = ("names", "birth_date", "birth_place", "birth_act", "snils", "documents")


def conflict_row(asked: Asked) -> Row:
    """A conflict without any personal data: ids, score, reasons."""
    conflict = asked.conflict
    return {
        "conflict": conflict.id,
        "state": asked.state,
        "opened_at": conflict.opened_at,
        "score": conflict.score,
        "source": conflict.record.source,
        "source_id": conflict.record.source_id,
        "person": conflict.holder,
        "reasons": _reasons(conflict.reasons),
        "candidates": [
            {
                "person": each.person,
                "score": each.score,
                "reasons": _reasons(each.reasons),
            }
            for each in conflict.candidates
        ],
        "decided_by": conflict.decisions[-1].by if conflict.decisions else None,
        "reason": asked.reason,
    }


def _reasons(reasons: Iterable[Evidence | Verdict]) -> list[Row]:
    return [{"key": each.value, "text": reason_text(each)} for each in reasons]


def told_row(pupil: SourcePupil, veil: Veil) -> Row:
    """A record as its source told it, in the fields that are compared."""
    act = pupil.birth_act
    return {
        "name": veil.full_name(pupil.family_name, pupil.first_name, pupil.middle_name),
        "birth_date": veil.birth_date(pupil.birth_date),
        "sex": pupil.sex,
        "snils": _snils(pupil.snils, veil),
        "birth_place": veil.hide(pupil.birth_place),
        "birth_act": None if act is None else veil.hide(act.number),
        "documents": [
            _document(each.type, each.series, each.number, veil) for each in pupil.documents
        ],
    }


def person_row(card: PersonCard, veil: Veil) -> Row:
    """A person of the register in the same fields."""
    person, act = card.person, card.birth_act
    return {
        "person": person.id,
        "name": veil.full_name(person.family_name, person.first_name, person.middle_name),
        "birth_date": veil.birth_date(person.birth_date),
        "sex": person.sex.value,
        "snils": veil.snils(person.snils),
        "birth_place": veil.hide(person.birth_place),
        "birth_act": None if act is None else veil.hide(act.number),
        "documents": [
            _document(each.type_code, each.series, each.number, veil) for each in card.documents
        ],
    }


def _snils(text: str | None, veil: Veil) -> Any:
    """A СНИЛС as a source wrote it: one with wrong check digits is hidden whole."""
    if text is None:
        return None
    try:
        return veil.snils(parse_snils(text))
    except RegistryError:
        return veil.hide(text)


def _document(type_code: str, series: str, number: str, veil: Veil) -> str:
    written = veil.hide(" ".join(filter(None, (series, number))))
    return f"{type_code}: {written}"


def change_row(change: Change, *, dry_run: bool) -> Row:
    """What a merge or split came to."""
    return {
        "decision": None if dry_run else change.id,
        "kept": change.kept,
        "other": change.absorbed,
        "dry_run": dry_run,
        "moved": change.counts,
        "problems": problem_rows(change.problems),
    }


def problem_rows(problems: Iterable[Problem]) -> list[Row]:
    """Problems by key, field and message."""
    return [
        {"code": each.code, "field": each.field, "message": each.message_ru} for each in problems
    ]


def decision_row(decision: Row) -> Row:
    """A decision that was made on a person."""
    return {
        "decision": decision["id"],
        "kind": decision["kind"],
        "kept": decision["kept_id"],
        "other": decision["absorbed_id"],
        "at": decision["at"],
        "actor": decision["actor"],
        "reason": decision["reason"],
        "reverses": decision["reverses"],
    }
