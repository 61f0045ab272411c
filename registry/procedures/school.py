"""Admission to a school. Source: приказ № 458 of 02.09.2020 (registry.md §3).

A foreigner's set of documents is checked first and returned without consideration when it isn't
complete; then comes the test of Russian. A pupil in transfer is exempt from both. An application
that was returned isn't refused: the next one may follow at any time.
"""

from registry.procedures import reasons as because
from registry.procedures.engine import Deadline, Procedure, ProcedureKey, Transition
from registry.procedures.guards import (
    DOCUMENTS,
    DOCUMENTS_LACKING,
    NO_PLACES,
    PLACES,
    WINDOW,
)
from registry.procedures.school_facts import (
    AGE,
    FOREIGNER,
    INCOMPLETE_SET,
    LEGAL_STAY,
    NOT_FOREIGNER,
    TEST_FAILED,
    TEST_PASSED,
    SchoolFacts,
    check_due,
    order_due,
    waiting_due,
)
from registry.procedures.states import Actor
from registry.procedures.states import SchoolState as S

_FAMILY = frozenset({Actor.APPLICANT, Actor.PORTAL})
_SCHOOL = frozenset({Actor.ORGANISATION})
_DECIDERS = frozenset({Actor.ORGANISATION, Actor.AUTHORITY, Actor.SYSTEM})

_ORDER_RU = (
    "1 класс по территории и льготам: 3 рабочих дня после завершения приёма заявлений; "
    "иначе 5 рабочих дней после приёма заявления и документов, "
    "у иностранных граждан после результата тестирования"
)
_ORDER_CLAUSE = "приказ № 458, пп. 17, 31"

SCHOOL: Procedure[SchoolFacts] = Procedure(
    key=ProcedureKey.SCHOOL,
    title_ru="Приём в школу",
    states=S,
    facts=SchoolFacts,
    initial=S.DRAFT,
    finals=frozenset({S.RETURNED, S.ENROLLED, S.REFUSED, S.WITHDRAWN}),
    transitions=(
        Transition(
            "register",
            (S.DRAFT,),
            S.REGISTERED,
            "приказ № 458, пп. 17, 23",
            _FAMILY | _SCHOOL,
            (WINDOW, AGE),
        ),
        Transition(
            "start_check",
            (S.REGISTERED,),
            S.CHECKING,
            "приказ № 458, п. 29",
            _SCHOOL | {Actor.SYSTEM},
        ),
        Transition(
            "request_documents",
            (S.CHECKING,),
            S.DOCUMENTS_NEEDED,
            "приказ № 458, п. 26",
            _SCHOOL,
            (NOT_FOREIGNER, DOCUMENTS_LACKING),
            (because.DOCUMENTS_INCOMPLETE, because.DOCUMENTS_DIFFER),
        ),
        Transition(
            "give_documents",
            (S.DOCUMENTS_NEEDED,),
            S.CHECKING,
            "приказ № 458, п. 26",
            _FAMILY | _SCHOOL,
        ),
        Transition(
            "return_incomplete",
            (S.CHECKING,),
            S.RETURNED,
            "приказ № 458 в ред. № 727",
            _SCHOOL,
            (FOREIGNER, INCOMPLETE_SET),
            (because.DOCUMENTS_INCOMPLETE, because.NO_LEGAL_STAY),
        ),
        Transition(
            "send_to_test",
            (S.CHECKING,),
            S.TEST,
            "273-ФЗ, ст. 78",
            _SCHOOL,
            (FOREIGNER, LEGAL_STAY, DOCUMENTS),
        ),
        Transition(
            "pass_test",
            (S.TEST,),
            S.RANKED,
            "273-ФЗ, ст. 78",
            _SCHOOL | {Actor.AUTHORITY},
            (TEST_PASSED,),
        ),
        Transition(
            "fail_test",
            (S.TEST,),
            S.REFUSED,
            "273-ФЗ, ст. 78",
            _SCHOOL | {Actor.AUTHORITY},
            (TEST_FAILED,),
            (because.TEST_FAILED,),
        ),
        Transition(
            "rank",
            (S.CHECKING,),
            S.RANKED,
            "приказ № 458, пп. 9, 10, 12",
            _DECIDERS,
            (NOT_FOREIGNER, DOCUMENTS),
        ),
        Transition(
            "offer",
            (S.RANKED,),
            S.OFFERED,
            "приказ № 458, пп. 14, 17",
            _DECIDERS,
            (PLACES,),
        ),
        Transition(
            "wait",
            (S.RANKED,),
            S.WAITING,
            "приказ № 458, пп. 14, 17",
            _DECIDERS,
            (NO_PLACES,),
        ),
        Transition(
            "offer_freed",
            (S.WAITING,),
            S.OFFERED,
            "приказ № 458, п. 14",
            _DECIDERS,
            (PLACES,),
        ),
        Transition(
            "refuse",
            (S.RANKED, S.WAITING),
            S.REFUSED,
            "приказ № 458, п. 15",
            _SCHOOL | {Actor.AUTHORITY},
            (NO_PLACES,),
            (because.NO_PLACES,),
        ),
        # By п. 15 the selection of art. 67, ч. 5 is the one other ground, places or none.
        Transition(
            "refuse_selection",
            (S.RANKED, S.WAITING),
            S.REFUSED,
            "приказ № 458, п. 15",
            _SCHOOL | {Actor.AUTHORITY},
            (),
            (because.SELECTION_FAILED,),
        ),
        Transition("enrol", (S.OFFERED,), S.ENROLLED, _ORDER_CLAUSE, _SCHOOL, (PLACES, DOCUMENTS)),
        Transition(
            "withdraw",
            (
                S.DRAFT,
                S.REGISTERED,
                S.CHECKING,
                S.DOCUMENTS_NEEDED,
                S.TEST,
                S.RANKED,
                S.OFFERED,
                S.WAITING,
            ),
            S.WITHDRAWN,
            "регламент реестра, отзыв заявления",
            _FAMILY,
        ),
    ),
    deadlines={
        S.REGISTERED: Deadline(
            _ORDER_CLAUSE, Actor.ORGANISATION, rule=check_due, rule_ru=_ORDER_RU
        ),
        S.CHECKING: Deadline(
            "приказ № 458, пп. 17, 31 и в ред. № 727",
            Actor.ORGANISATION,
            rule=check_due,
            rule_ru=f"иностранный гражданин: 5 рабочих дней на проверку комплекта; {_ORDER_RU}",
        ),
        S.RANKED: Deadline(_ORDER_CLAUSE, Actor.ORGANISATION, rule=order_due, rule_ru=_ORDER_RU),
        S.OFFERED: Deadline(_ORDER_CLAUSE, Actor.ORGANISATION, rule=order_due, rule_ru=_ORDER_RU),
        S.WAITING: Deadline(
            "приказ № 458, п. 17",
            Actor.ORGANISATION,
            rule=waiting_due,
            rule_ru="1 класс: последний день приёма, 5 сентября; иначе без срока",
        ),
    },
)
