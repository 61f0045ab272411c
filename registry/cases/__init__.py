"""Use cases of the procedures: applications, transfers, ends of years, and what is overdue.

Each takes a command, the cases where they are kept, and the clock; each returns what was done, or
every problem of it. Nothing is committed here: what the caller does not commit was a dry run.
"""

from registry.cases.applications import move_application
from registry.cases.commands import (
    EnrolmentTerms,
    MoveApplication,
    MoveTransfer,
    MoveYearEnd,
    OpenYearEnd,
    RequestTransfer,
    Step,
    SubmitApplication,
)
from registry.cases.outcomes import Done, Missing, Refused
from registry.cases.submission import submit_application
from registry.cases.transfer_request import request_transfer
from registry.cases.transfers import move_transfer
from registry.cases.year_end import move_year_end, open_year_end

__all__ = [
    "Done",
    "EnrolmentTerms",
    "Missing",
    "MoveApplication",
    "MoveTransfer",
    "MoveYearEnd",
    "OpenYearEnd",
    "Refused",
    "RequestTransfer",
    "Step",
    "SubmitApplication",
    "move_application",
    "move_transfer",
    "move_year_end",
    "open_year_end",
    "request_transfer",
    "submit_application",
]
