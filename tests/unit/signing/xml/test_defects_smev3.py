"""Every broken sibling of SMEV 3 messages is refused with its code, by every kind of key."""

from __future__ import annotations

import time

import pytest

from signing.algorithms import DEFAULT_SIGNATURES
from signing.errors import SigningError
from signing.providers import Providers
from signing.xml.inspection import Verdict, inspect_signatures
from signing.xml.parser import parse_document
from signing.xml.smev3 import verify_smev3
from tests.unit.signing import samples
from tests.unit.signing.defects_smev3 import DEFECTS, break_message


@pytest.mark.parametrize("name", DEFECTS)
def test_broken_sibling(name: str, agency: str, providers: Providers) -> None:
    defect, message = break_message(name, agency)
    started = time.process_time()
    with pytest.raises(SigningError) as caught:
        verify_smev3(
            parse_document(message), providers, allowed=DEFAULT_SIGNATURES, holder=defect.holder
        )
    assert caught.value.code == defect.code
    assert time.process_time() - started < 1


# What is left of these is signed as it should be, or by the algorithms of its time.
PARTS_THAT_HOLD = {"bare_operation", "only_the_personal_signature", "algorithms_of_2001"}


@pytest.mark.parametrize("name", [name for name in DEFECTS if name not in PARTS_THAT_HOLD])
def test_inspection_never_finds_all_valid(name: str, agency: str, providers: Providers) -> None:
    _, message = break_message(name, agency)
    try:
        reports = inspect_signatures(message, providers, trust=None, at=samples.NOW)
    except SigningError:
        return
    assert not reports or any(report.verdict is not Verdict.VALID for report in reports)
