"""What leaves the gateway: replies and Faults, in their envelopes, signed."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from lxml import etree

from gateway.errors import GatewayError
from gateway.faults import RETRY_AFTER_S, build_fault, fault_for
from gateway.stages import Answered, Departure
from signing.algorithms import SignatureAlgorithm
from signing.errors import SigningError
from signing.providers import Signer
from signing.xml.wss import build_envelope, sign_payload
from smev.catalogue import Catalogue
from smev.envelope import build_operation
from smev.message import Participant, Service, reply_to

log = logging.getLogger("kontingent.gateway")
FAULT_STATUS = "FAULT"


@dataclass(frozen=True, slots=True)
class ReplyMaker:
    """Makes the bytes of a reply; nothing but a Fault leaves it unsigned.

    `signers` are the gateway's keys by algorithm: a reply is signed by the algorithm of its
    request where the gateway has such a key, else by `default`.
    """

    sender: Participant
    service: Service
    default: Signer
    signers: Mapping[SignatureAlgorithm, Signer]
    catalogue: Catalogue

    def reply(self, answered: Answered, *, now: datetime) -> bytes:
        """Return the signed reply.

        Raises GatewayError `signing.failed`, and `internal.error` when the reply would break the
        contract: an agency would learn that hours later.
        """
        authorised = answered.validated.authorised
        received, request = authorised.received, answered.validated.operation.message
        message = reply_to(
            request,
            sender=self.sender,
            service=self.service,
            status=answered.answer.status,
            date=now,
            request_id=received.trace.smev_message_id or str(received.message_id),
        )
        payload = build_operation(
            f"{authorised.operation}Response", message, answered.answer.content
        )
        problems = self.catalogue.validate(payload)
        if problems:
            hints = tuple(f"{problem.path}: {problem.message}" for problem in problems)
            log.error("event=reply_invalid message_id=%s at=%s", received.message_id, hints)
            raise GatewayError("internal.error")
        try:
            return sign_payload(payload, self._signer(received.trace.algorithm))
        except SigningError as error:
            log.error("event=signing_failed message_id=%s code=%s", received.message_id, error.code)
            raise GatewayError("signing.failed", error.code) from None

    def fault(
        self,
        code: str,
        *,
        message_id: UUID | None,
        hints: tuple[str, ...] = (),
        like: SignatureAlgorithm | None = None,
    ) -> Departure:
        """Return a Fault, signed when the gateway can sign, else with key and text only."""
        spec = fault_for(code)
        try:
            fault = build_fault(spec, message_id=message_id, hints=hints)
            body = sign_payload(fault, self._signer(like))
        except SigningError as error:
            log.error("event=signing_failed message_id=%s code=%s", message_id, error.code)
            envelope = build_envelope(build_fault(spec, message_id=None))
            body = etree.tostring(envelope, xml_declaration=True, encoding="UTF-8")
        retry_after_s = RETRY_AFTER_S if spec.retryable else None
        return Departure(http_status=spec.http_status, body=body, retry_after_s=retry_after_s)

    def unjournalled_fault(self, code: str) -> Departure:
        """Return the Fault for a message that the journal doesn't hold: it has no id of ours."""
        return self.fault(code, message_id=None)

    def _signer(self, algorithm: SignatureAlgorithm | None) -> Signer:
        return self.signers.get(algorithm, self.default) if algorithm else self.default
