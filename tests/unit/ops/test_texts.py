"""What the screens say in Russian."""

import pytest

from ops.texts import Texts
from signing.xml.explanation import _SENTENCES, Cause
from signing.xml.inspection import Verdict


@pytest.mark.parametrize("cause", Cause)
def test_every_cause_is_told_in_russian(cause: Cause) -> None:
    sentence = _SENTENCES[cause]
    assert Texts("ru")(sentence) != sentence
    assert Texts("en")(sentence) == sentence


@pytest.mark.parametrize("verdict", Verdict)
def test_every_verdict_is_told_in_russian(verdict: Verdict) -> None:
    assert Texts("ru")(verdict.value) != verdict.value
