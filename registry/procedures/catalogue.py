"""All procedures, and which one a case follows."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from registry.model import Application, ApplicationKind, TransferCase, YearEndCase
from registry.procedures.additional import ADDITIONAL
from registry.procedures.college import COLLEGE
from registry.procedures.engine import Procedure, ProcedureKey
from registry.procedures.graduation import GRADUATION
from registry.procedures.kindergarten import KINDERGARTEN
from registry.procedures.promotion import PROMOTION
from registry.procedures.school import SCHOOL
from registry.procedures.transfer import TRANSFER

Case = Application | TransferCase | YearEndCase

PROCEDURES: Mapping[ProcedureKey, Procedure[Any]] = MappingProxyType(
    {
        each.key: each
        for each in (
            SCHOOL,
            KINDERGARTEN,
            COLLEGE,
            ADDITIONAL,
            TRANSFER,
            PROMOTION,
            GRADUATION,
        )
    }
)


def procedure_of(kind: ApplicationKind | ProcedureKey) -> Procedure[Any]:
    """The procedure of a kind of applications, or by its own key."""
    return PROCEDURES[ProcedureKey(kind.value)]


def procedure_of_case(case: Case) -> Procedure[Any]:
    """The procedure that a case follows."""
    match case:
        case Application():
            return procedure_of(case.kind)
        case TransferCase():
            return TRANSFER
        case YearEndCase():
            return GRADUATION if case.graduation else PROMOTION
