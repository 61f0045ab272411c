"""Who stands where for a place, who is offered one, and why. Source: registry.md §3.

`load_policies` gives the policies, `rank` the order, `allot` the offers, `queue_at` and
`queue_position` the answers, `replay` a queue of the past, `explain_movement` why it moved.
"""

from registry.admission.allotment import (
    Allotment,
    ChoiceOutcome,
    Decision,
    Outcome,
    Waiting,
    allot,
)
from registry.admission.causes import Cause, CauseKind, Movement
from registry.admission.criteria import Criterion, CriterionName
from registry.admission.history import (
    Leaving,
    Queue,
    QueueEntry,
    QueueHistory,
    Version,
    entries_of,
    replay,
)
from registry.admission.movement import explain_movement
from registry.admission.policy import PolicyBook, QuotaGroup, RankingPolicy, Unfilled
from registry.admission.policy_files import federal_policies, load_policies, parse_policy
from registry.admission.queue import QueuePosition, is_waiting, queue_at, queue_position
from registry.admission.ranking import (
    Comparison,
    Intake,
    RankedApplication,
    Ranking,
    Reason,
    compare,
    rank,
)

__all__ = [
    "Allotment",
    "Cause",
    "CauseKind",
    "ChoiceOutcome",
    "Comparison",
    "Criterion",
    "CriterionName",
    "Decision",
    "Intake",
    "Leaving",
    "Movement",
    "Outcome",
    "PolicyBook",
    "Queue",
    "QueueEntry",
    "QueueHistory",
    "QueuePosition",
    "QuotaGroup",
    "RankedApplication",
    "Ranking",
    "RankingPolicy",
    "Reason",
    "Unfilled",
    "Version",
    "Waiting",
    "allot",
    "compare",
    "entries_of",
    "explain_movement",
    "federal_policies",
    "is_waiting",
    "load_policies",
    "parse_policy",
    "queue_at",
    "queue_position",
    "rank",
    "replay",
]
