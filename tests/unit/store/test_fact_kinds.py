"""The rules of the store are those of the catalogue, and each kind of facts has its own."""

from collections.abc import Iterable
from typing import Any

import pytest

from registry.problems import Rule
from registry.rule_catalogue import CATALOGUE
from store import study_rows
from store.fact_kinds import FACT_KINDS
from store.facts import FactKind


def uncatalogued(rules: Iterable[Rule]) -> set[Rule]:
    return set(rules) - set(CATALOGUE)


def test_rules_of_studies_stand_whole_in_the_catalogue() -> None:
    assert uncatalogued(study_rows.RULES) == set()


@pytest.mark.parametrize("kind", FACT_KINDS, ids=lambda kind: kind.table.name)
def test_rules_of_a_kind_stand_whole_in_the_catalogue(kind: FactKind[Any]) -> None:
    assert uncatalogued(kind.rules.listed()) == set()


@pytest.mark.parametrize("kind", FACT_KINDS, ids=lambda kind: kind.table.name)
def test_rules_of_a_kind_fit_what_it_keeps(kind: FactKind[Any]) -> None:
    assert kind.rules.before_birth.field == kind.day
    has_organisation = "organisation_id" in kind.table.c
    assert (kind.rules.organisation_unknown is not None) == has_organisation


def test_no_two_kinds_share_a_word() -> None:
    words = [{rule.code.partition(".")[0] for rule in kind.rules.listed()} for kind in FACT_KINDS]
    assert all(len(each) == 1 for each in words)
    assert len(set.union(*words)) == len(FACT_KINDS)
