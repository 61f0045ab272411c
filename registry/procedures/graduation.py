"""The end of a stage: admission to the state exams (ГИА), results, certificate, expulsion.

Source: 273-ФЗ, art. 59-61; приказ № 546 of 05.10.2020 for certificates.
"""

from dataclasses import dataclass
from datetime import date

from registry.calendar import WorkingCalendar
from registry.problems import Rule
from registry.procedures import reasons as because
from registry.procedures.engine import Deadline, Guard, Procedure, ProcedureKey, Transition
from registry.procedures.guards import NO_DEBTS
from registry.procedures.states import Actor
from registry.procedures.states import GraduationState as S

_SCHOOL = frozenset({Actor.ORGANISATION})
_CERTIFICATE_DAYS = 10


@dataclass(frozen=True, slots=True)
class GraduationFacts:
    """What the end of a stage depends on.

    `admission_test_passed`: the final essay or interview. `exams_passed`: None while the results
    aren't known. `certificate_known`: the certificate has a number and a day.
    `order_on`: the day of the order of expulsion of who has finished, once it is known.
    """

    debts: int = 0
    admission_test_passed: bool = False
    exams_passed: bool | None = None
    certificate_known: bool = False
    order_on: date | None = None


def is_admissible(facts: GraduationFacts, _: date) -> bool:
    """The essay or the interview is passed."""
    return facts.admission_test_passed


def is_not_admissible(facts: GraduationFacts, _: date) -> bool:
    """Something stands in the way of the exams."""
    return facts.debts > 0 or not facts.admission_test_passed


def has_passed(facts: GraduationFacts, _: date) -> bool:
    """The exams are passed."""
    return facts.exams_passed is True


def has_failed(facts: GraduationFacts, _: date) -> bool:
    """The exams aren't passed."""
    return facts.exams_passed is False


def has_certificate(facts: GraduationFacts, _: date) -> bool:
    """The certificate is issued."""
    return facts.certificate_known


def certificate_due(facts: GraduationFacts, _: date, calendar: WorkingCalendar) -> date | None:
    """When the certificate is due: the order of expulsion starts the term."""
    if facts.order_on is None:
        return None
    return calendar.add_calendar_days(facts.order_on, _CERTIFICATE_DAYS)


ADMISSIBLE = Guard(
    Rule(
        "transition.admission_test",
        "exams",
        "Нет зачёта за итоговое сочинение или собеседование",
        "273-ФЗ, ст. 59, ч. 6",
    ),
    is_admissible,
)
NOT_ADMISSIBLE = Guard(
    Rule(
        "transition.admissible",
        "exams",
        "Оснований для недопуска к итоговой аттестации нет",
        "273-ФЗ, ст. 59, ч. 6",
    ),
    is_not_admissible,
)
EXAMS_PASSED = Guard(
    Rule("transition.exams_not_passed", "exams", "Итоговая аттестация не пройдена"), has_passed
)
EXAMS_FAILED = Guard(
    Rule(
        "transition.exams_not_failed",
        "exams",
        "Нет неудовлетворительных результатов итоговой аттестации",
    ),
    has_failed,
)
CERTIFICATE = Guard(
    Rule(
        "transition.certificate_missing",
        "certificate",
        "Не указаны номер и дата документа об образовании",
        "273-ФЗ, ст. 60, ч. 6",
    ),
    has_certificate,
)

RULES = tuple(
    guard.rule for guard in (ADMISSIBLE, NOT_ADMISSIBLE, EXAMS_PASSED, EXAMS_FAILED, CERTIFICATE)
)

GRADUATION: Procedure[GraduationFacts] = Procedure(
    key=ProcedureKey.GRADUATION,
    title_ru="Завершение уровня образования",
    states=S,
    facts=GraduationFacts,
    initial=S.STUDYING,
    finals=frozenset({S.GRADUATED, S.REFERENCE_ISSUED, S.LEFT}),
    transitions=(
        Transition(
            "admit",
            (S.STUDYING, S.NOT_ADMITTED),
            S.ADMITTED,
            "273-ФЗ, ст. 59, ч. 6",
            _SCHOOL,
            (NO_DEBTS, ADMISSIBLE),
        ),
        Transition(
            "deny_admission",
            (S.STUDYING,),
            S.NOT_ADMITTED,
            "273-ФЗ, ст. 59, ч. 6",
            _SCHOOL,
            (NOT_ADMISSIBLE,),
            (because.DEBTS, because.ADMISSION_TEST_FAILED),
        ),
        Transition(
            "pass_exams",
            (S.ADMITTED,),
            S.EXAMINED,
            "273-ФЗ, ст. 59, ч. 3",
            _SCHOOL | {Actor.SYSTEM},
            (EXAMS_PASSED,),
        ),
        Transition(
            "fail_exams",
            (S.ADMITTED,),
            S.FAILED,
            "273-ФЗ, ст. 59, ч. 7",
            _SCHOOL | {Actor.SYSTEM},
            (EXAMS_FAILED,),
        ),
        Transition(
            "pass_retake",
            (S.FAILED,),
            S.EXAMINED,
            "273-ФЗ, ст. 59, ч. 7",
            _SCHOOL | {Actor.SYSTEM},
            (EXAMS_PASSED,),
        ),
        Transition(
            "certify",
            (S.EXAMINED,),
            S.CERTIFIED,
            "273-ФЗ, ст. 60, ч. 6",
            _SCHOOL,
            (CERTIFICATE,),
        ),
        Transition(
            "issue_reference",
            (S.FAILED, S.NOT_ADMITTED),
            S.REFERENCE_ISSUED,
            "273-ФЗ, ст. 60, ч. 12",
            _SCHOOL,
        ),
        Transition("graduate", (S.CERTIFIED,), S.GRADUATED, "273-ФЗ, ст. 61, ч. 1", _SCHOOL),
        Transition(
            "leave",
            (S.STUDYING, S.NOT_ADMITTED, S.ADMITTED, S.FAILED, S.EXAMINED),
            S.LEFT,
            "273-ФЗ, ст. 61",
            _SCHOOL | {Actor.SYSTEM},
            (),
            (because.TRANSFERRED, because.LEFT_BY_WISH, because.DIED),
        ),
    ),
    deadlines={
        S.EXAMINED: Deadline(
            "приказ № 546",
            Actor.ORGANISATION,
            rule=certificate_due,
            rule_ru="10 дней со дня издания акта об отчислении",
        ),
    },
)
