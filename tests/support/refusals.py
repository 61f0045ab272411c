"""What every refusal must be, whatever it is for."""

import re

from tests.support.http import HttpReply
from tests.support.messages import Caller
from tests.support.replies import Fault, read_fault, read_status
from tests.support.server import Server

# The numbers that SMEV has for a refusal. Source: smev2.md §5.
SMEV_CODES = {
    "certificate.missing": "SMEV-100004",
    "signature.invalid": "SMEV-100003",
    "signature.missing": "SMEV-100008",
    "certificate.expired": "SMEV-100005",
}
_SECRETS = re.compile(rb"Traceback|\.py\b|lxml|libxml|spyne|sqlalchemy|sqlite|/tmp/|0x[0-9a-f]{6}")


def check_refused(
    server: Server, reply: HttpReply, key: str, *, faultcode: str = "Client", status: int = 500
) -> Fault:
    """Check a refusal from outside and in the journal, and return its Fault.

    It is a signed Fault with a stable key, in Russian, and tells nothing of our inside; it stands
    in the journal; nobody's data left with it; and the server goes on.
    """
    fault = read_fault(reply, server.installation)
    assert fault.key == key, fault.description
    assert reply.status == status
    assert ("retry-after" in reply.headers) is (status == 503)
    assert fault.code == SMEV_CODES.get(key, key)
    assert fault.faultcode == faultcode
    assert re.search(r"[А-Яа-я]{3}", fault.faultstring)
    assert fault.description.startswith(fault.faultstring)
    assert not _SECRETS.search(reply.body)
    assert fault.message_id is not None
    received, decided = server.installation.records(fault.message_id)
    assert (received.kind, decided.kind) == ("received", "decided")
    assert (decided.status, decided.fault_code, decided.replay_key) == ("FAULT", key, None)
    assert fault.message_id not in server.installation.audit
    assert server.alive()
    return fault


def check_honest(server: Server, caller: Caller) -> None:
    """Check that an honest request is answered."""
    assert read_status(server.address.post(caller.ask()), server.installation) == "RESULT"
