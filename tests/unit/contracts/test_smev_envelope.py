"""Our statement of the envelope against the official ones: the same, but for what is named."""

import re
from copy import deepcopy
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from smev.schema_files import compile_schema
from tests.unit.contracts.messages import SMEV, good_messages, mutations
from tests.unit.contracts.official import is_officially_valid, needs_official

OURS = compile_schema("smev-rev120315.xsd")
COUNTS = {name: sum(1 for _ in mutations(each)) for name, each in good_messages().items()}
HEADER = f"""
<s:Header xmlns:s="{SMEV}" actor="a"><s:NodeId>1</s:NodeId><s:MessageId>m</s:MessageId>
<s:TimeStamp>2026-09-01T10:00:00Z</s:TimeStamp><s:MessageClass>REQUEST</s:MessageClass>
<s:PacketIds><s:Id><s:MessageId>m</s:MessageId><s:SubRequestNumber>1</s:SubRequestNumber></s:Id>
</s:PacketIds></s:Header>
"""


def with_patterned_codes(message: etree._Element) -> etree._Element:
    """Undo the one relaxation of docs/divergences.md: a code that breaks the pattern."""
    copy = deepcopy(message)
    for code in copy.iter(f"{{{SMEV}}}Code"):
        if not len(code) and not re.fullmatch(r"\s*[A-Z0-9]{4}\d{5}\s*", code.text or ""):
            code.text = "DEMO00001"
    return copy


def has_smev_element_in_data(message: etree._Element) -> bool:
    """The one narrowing of docs/divergences.md: `Service` and `OKTMO` are known in AppData too."""
    return any(
        element.find(f".//{{{SMEV}}}{name}") is not None
        for element in message.iter(f"{{{SMEV}}}AppData")
        for name in ("Service", "OKTMO")
    )


def assert_agreement(name: str, message: etree._Element) -> None:
    if OURS.validate(message):
        assert is_officially_valid(message) or is_officially_valid(with_patterned_codes(message)), (
            f"{name}: accepted by us only"
        )
    elif not has_smev_element_in_data(message):
        assert not is_officially_valid(message), f"{name}: refused by us only"


@pytest.mark.parametrize("name", good_messages())
def test_every_form_is_accepted(name: str) -> None:
    OURS.assertValid(good_messages()[name])


@needs_official
@pytest.mark.parametrize("name", good_messages())
def test_one_change_is_judged_as_officially(name: str) -> None:
    message = good_messages()[name]
    assert_agreement(name, message)
    for change, broken in mutations(message):
        assert_agreement(f"{name}: {change}", broken)


@needs_official
def test_header_is_judged_as_officially() -> None:
    header = etree.fromstring(HEADER, etree.XMLParser(remove_blank_text=True))
    OURS.assertValid(header)
    for change, broken in mutations(header):
        assert_agreement(change, broken)


@needs_official
@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from(sorted(good_messages())), st.lists(st.integers(0, 9999), min_size=2, max_size=3)
)
def test_several_changes_are_judged_as_officially(name: str, choices: list[int]) -> None:
    message, changes = good_messages()[name], []
    for choice in choices:
        options = mutations(message)
        change, message = next(islice(options, choice % COUNTS[name], None), ("none", message))
        changes.append(change)
    assert_agreement(f"{name}: {changes}", message)


@needs_official
def test_only_the_named_relaxation_is_ours_alone() -> None:
    alone = {name for name, each in good_messages().items() if not is_officially_valid(each)}
    assert alone == {"service_free_code"}
