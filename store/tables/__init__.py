"""The tables of the register. Source: registry.md §1.

The constraints keep the rules even against a writer that forgets them; those that no table can
state by itself are triggers (`store.guards`). Columns named `*_key` hold search keys made by
`registry.names`, `*_index` blind indexes, `*_sealed` ciphertexts (`store.vault`).
"""

from store.tables.access import access_events, destruction_acts
from store.tables.attainment import achievements, certificates, exams, health_items, marks
from store.tables.base import INDEX_BYTES, Keeping, keeping_of, metadata
from store.tables.cases import (
    APPLICATION_FINALS,
    TRANSFER_FINALS,
    application_choices,
    application_privileges,
    applications,
    case_events,
    place_quotas,
    transfer_cases,
    year_end_cases,
)
from store.tables.identity import identity_conflicts, identity_decisions, name_counts
from store.tables.journal import journal
from store.tables.organisations import class_groups, orders, organisations, programmes
from store.tables.people import (
    addresses,
    consents,
    former_names,
    person_documents,
    persons,
    representatives,
)
from store.tables.studies import MAIN_PROGRAMMES, class_placements, enrolments
from store.tables.sync import source_links, sync_cursors, sync_refusals

__all__ = [
    "APPLICATION_FINALS",
    "INDEX_BYTES",
    "MAIN_PROGRAMMES",
    "TRANSFER_FINALS",
    "Keeping",
    "access_events",
    "achievements",
    "addresses",
    "application_choices",
    "application_privileges",
    "applications",
    "case_events",
    "certificates",
    "class_groups",
    "class_placements",
    "consents",
    "destruction_acts",
    "enrolments",
    "exams",
    "former_names",
    "health_items",
    "identity_conflicts",
    "identity_decisions",
    "journal",
    "keeping_of",
    "marks",
    "metadata",
    "name_counts",
    "orders",
    "organisations",
    "person_documents",
    "persons",
    "place_quotas",
    "programmes",
    "representatives",
    "source_links",
    "sync_cursors",
    "sync_refusals",
    "transfer_cases",
    "year_end_cases",
]
