"""Every broken sibling of SMEV 3 messages is refused with its code, by every kind of key."""

from __future__ import annotations

import time

import pytest

from signing.algorithms import DEFAULT_SIGNATURES
from signing.errors import SigningError
from signing.parser import parse_document
from signing.providers import Providers
from signing.smev3 import verify_smev3
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
