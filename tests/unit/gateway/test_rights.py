"""Deny by default: only what is written may be done."""

import pytest

from gateway.errors import GatewayError
from gateway.rights import Agency, Rights

FUND = Agency("FUND00001", "Фонд", frozenset({"aa", "bb"}), frozenset({"students:FindStudent"}))
PORTAL = Agency("PORT00001", "Портал", frozenset({"cc"}), frozenset({"enrollment:*"}))
RIGHTS = Rights((FUND, PORTAL))


def ask(fingerprint: str, code: str | None, service: str, operation: str) -> Agency:
    return RIGHTS.authorise(
        fingerprint=fingerprint, sender_code=code, service=service, operation=operation
    )


def test_owner_of_a_certificate_may_do_what_is_written() -> None:
    assert ask("bb", "FUND00001", "students", "FindStudent") is FUND
    assert ask("cc", "PORT00001", "enrollment", "SubmitApplication") is PORTAL


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (("dd", "FUND00001", "students", "FindStudent"), "sender.unknown"),
        (("cc", "FUND00001", "students", "FindStudent"), "sender.code_mismatch"),
        (("aa", None, "students", "FindStudent"), "sender.code_mismatch"),
        (("aa", "fund00001", "students", "FindStudent"), "sender.code_mismatch"),
        (("aa", "FUND00001", "students", "GetHealthCard"), "access.denied"),
        (("aa", "FUND00001", "enrollment", "FindStudent"), "access.denied"),
        (("cc", "PORT00001", "students", "FindStudent"), "access.denied"),
    ],
)
def test_everything_else_is_refused(request_: tuple[str, str | None, str, str], code: str) -> None:
    with pytest.raises(GatewayError) as error:
        ask(*request_)
    assert error.value.code == code
