"""The stages that every message passes, whatever transport brings it.

in: bytes → journal `received` → bounded parse → fixed shape → signature → trust and rights →
replay → schema → contents → use case; out: envelope → sign → journal `decided` → bytes.
Every refusal is a Fault (or, from the use case, a signed INVALID or REJECT) and is journalled.
"""

import logging
import traceback
from dataclasses import dataclass
from datetime import timedelta, tzinfo
from hashlib import sha256
from typing import Protocol

from gateway.errors import AlreadyAnswered, GatewayError, JournalUnavailable, StoredReply
from gateway.outcomes import Answer
from gateway.ports import AccessLog, Clock, IdFactory, Journal
from gateway.records import Decision, record_decided, record_received
from gateway.replies import FAULT_STATUS, ReplyMaker
from gateway.rights import Rights
from gateway.stages import (
    Answered,
    Arrival,
    Authorised,
    Departure,
    Fresh,
    Parsed,
    Received,
    Shaped,
    Trace,
    Validated,
    Verified,
)
from gateway.transport import verify_soap_action, verify_transport
from signing.algorithms import SignatureAlgorithm, is_digest_allowed
from signing.errors import SigningError
from signing.pki.trust import TrustStore
from signing.providers import Providers
from signing.xml.parser import DEFAULT_LIMITS, ParseLimits, parse_xml
from signing.xml.wss import (
    VerifiedBody,
    parse_envelope,
    peek_algorithm,
    verify_sender,
    verify_smev,
)
from smev.catalogue import Catalogue
from smev.envelope import parse_operation, peek_operation, peek_sender_code
from smev.errors import SmevError
from smev.problems import describe_error

# What the journal keeps of an id, and a reply's RequestIdRef may be.
MAX_REFERENCE_CHARS = 200
log = logging.getLogger("kontingent.gateway")


class Dispatcher(Protocol):
    """One published service: its operations and the way to their use cases."""

    def has_operation(self, name: str) -> bool:
        """Tell whether the service publishes the operation with this `{namespace}name`."""

    def dispatch(self, validated: Validated) -> Answer:
        """Return the use case's answer. Raises GatewayError."""


@dataclass(frozen=True, slots=True)
class PipelineSettings:
    """What the stages check against.

    `date_window_s`: how far `Message/Date` may be from our clock, either way.
    `smev_certificates`: fingerprints of SMEV's own certificates; a second signature by anybody
    else is refused, however trusted its authority.
    `require_smev_seal`: refuse messages without the second signature, that of SMEV itself.
    """

    code: str
    allowed_algorithms: frozenset[SignatureAlgorithm]
    timezone: tzinfo
    date_window_s: int = 300
    require_smev_seal: bool = False
    smev_certificates: frozenset[str] = frozenset()
    limits: ParseLimits = DEFAULT_LIMITS


@dataclass(frozen=True, slots=True)
class Pipeline:
    """The stages of one published service, joined with what they need."""

    settings: PipelineSettings
    providers: Providers
    trust: TrustStore
    rights: Rights
    journal: Journal
    access_log: AccessLog
    catalogue: Catalogue
    dispatcher: Dispatcher
    replies: ReplyMaker
    clock: Clock
    new_id: IdFactory

    def handle(self, arrival: Arrival) -> Departure:
        """Answer one request. Never raises: every failure is a Fault."""
        try:
            return self._decide_arrival(arrival)
        except JournalUnavailable as error:
            return self.replies.unjournalled_fault(error.code)
        except Exception as error:  # the last net: no traceback may reach the wire
            log.error("event=unexpected error=%s", _where(error))
            return self.replies.unjournalled_fault("internal.error")

    def _decide_arrival(self, arrival: Arrival) -> Departure:
        received = self._receive(arrival)
        trace = received.trace
        try:
            answered = self._answer(received)
            decision = Decision(
                status=answered.answer.status,
                body=self.replies.reply(answered, now=self.clock()),
                replay_key=answered.validated.authorised.replay_key,
                subject_id=answered.answer.subject_id,
            )
            self._decide(received, decision)
        except AlreadyAnswered as earlier:
            return self._repeat(received, earlier.stored)
        except JournalUnavailable:
            raise
        except SmevError as error:
            trace.failed("refused", error.code)
            return self._refuse(received, error.code, (describe_error(error),))
        except (GatewayError, SigningError) as error:
            trace.failed("refused", error.code)
            return self._refuse(received, error.code, getattr(error, "hints", ()))
        except Exception as error:
            log.error("event=unexpected message_id=%s error=%s", received.message_id, _where(error))
            return self._refuse(received, "internal.error", ())
        return self._release(received, decision)

    # The stages -----------------------------------------------------------------------------

    def _answer(self, received: Received) -> Answered:
        parsed = self._parse(received)
        shaped = self._shape(parsed)
        verified = self._verify(shaped)
        authorised = self._authorise(verified)
        fresh = self._check_replay(authorised)
        validated = self._validate(fresh)
        return self._use(validated)

    def _receive(self, arrival: Arrival) -> Received:
        message_id, now = self.new_id(), self.clock()
        self.journal.write(record_received(arrival, message_id, now))
        return Received(arrival=arrival, message_id=message_id, at=now, trace=Trace())

    def _parse(self, received: Received) -> Parsed:
        data = verify_transport(received.arrival)
        document = parse_xml(data, limits=self.settings.limits)
        received.trace.passed("parse")
        return Parsed(received=received, document=document)

    def _shape(self, parsed: Parsed) -> Shaped:
        envelope = parse_envelope(parsed.document)
        # What it says of itself chooses the key of a refusal, and nothing else.
        parsed.received.trace.algorithm = peek_algorithm(envelope)
        parsed.received.trace.passed("shape")
        return Shaped(received=parsed.received, envelope=envelope)

    def _verify(self, shaped: Shaped) -> Verified:
        trace = shaped.received.trace
        # Who it is, and with that what they may sign with, is known when the signature is.
        allowed = self.settings.allowed_algorithms | self.rights.algorithms
        body = verify_sender(shaped.envelope, self.providers, allowed=allowed)
        trace.certificate, trace.algorithm = body.certificate.fingerprint, body.algorithm
        trace.passed("signature")
        seal = None
        if shaped.envelope.smev_security is not None:
            seal = verify_smev(
                shaped.envelope, self.providers, allowed=self.settings.allowed_algorithms
            )
            self.trust.verify(seal.certificate, at=shaped.received.at)
            if seal.certificate.fingerprint not in self.settings.smev_certificates:
                raise GatewayError("certificate.not_smev")
            if seal.message_id is not None and len(seal.message_id) > MAX_REFERENCE_CHARS:
                raise GatewayError("schema.invalid", hints=("Header/MessageId",))
            trace.smev_message_id = seal.message_id
            trace.passed("smev_seal")
        elif self.settings.require_smev_seal:
            raise GatewayError("signature.seal_missing", "the seal of SMEV is required")
        return Verified(received=shaped.received, body=body, seal=seal)

    def _authorise(self, verified: Verified) -> Authorised:
        received, body = verified.received, verified.body
        self.trust.verify(body.certificate, at=received.at)
        received.trace.passed("trust")
        name = peek_operation(body.payload)
        if not self.dispatcher.has_operation(name):
            raise GatewayError("operation.unknown")
        received.trace.operation = _local(name)
        verify_soap_action(received.arrival.soap_action, name)
        agency = self.rights.authorise(
            fingerprint=body.certificate.fingerprint,
            sender_code=peek_sender_code(body.payload),
            service=received.arrival.service,
            operation=_local(name),
        )
        self._require_algorithms(body, agency.algorithms or self.settings.allowed_algorithms)
        received.trace.sender_code = agency.code
        received.trace.passed("rights")
        # Certificate identity and the digest of the verified Body: nothing unsigned is in the key.
        key = sha256(f"{body.certificate.fingerprint}:{body.body_sha256}".encode()).hexdigest()
        return Authorised(
            received=received, body=body, agency=agency, operation=name, replay_key=key
        )

    def _require_algorithms(
        self, body: VerifiedBody, allowed: frozenset[SignatureAlgorithm]
    ) -> None:
        if body.algorithm not in allowed or not is_digest_allowed(body.digest_algorithm, allowed):
            raise GatewayError("signature.algorithm_not_allowed", "not allowed to this sender")

    def _check_replay(self, authorised: Authorised) -> Fresh:
        stored = self.journal.find_reply(authorised.replay_key)
        if stored is not None:
            raise AlreadyAnswered(stored)
        smev_message_id = authorised.received.trace.smev_message_id
        if smev_message_id is not None:
            owner = self.journal.find_smev_message(smev_message_id)
            if owner is not None and owner != authorised.replay_key:
                raise GatewayError("replay.message_id_reused")
        return Fresh(authorised=authorised)

    def _validate(self, fresh: Fresh) -> Validated:
        authorised = fresh.authorised
        problems = self.catalogue.validate(authorised.body.payload)
        if problems:
            hints = tuple(f"{problem.path}: {problem.message}" for problem in problems)
            raise GatewayError("schema.invalid", hints=hints)
        operation = parse_operation(
            authorised.body.payload, default_timezone=self.settings.timezone
        )
        trace, message = authorised.received.trace, operation.message
        trace.request_id_ref = message.request_id_ref
        trace.origin_request_id_ref = message.origin_request_id_ref
        trace.case_number = message.case_number
        trace.passed("schema")
        if message.recipient.code != self.settings.code:
            raise GatewayError("recipient.unknown")
        window = timedelta(seconds=self.settings.date_window_s)
        if abs(authorised.received.at - message.date) > window:
            raise GatewayError("message.out_of_window")
        trace.passed("window")
        return Validated(authorised=authorised, operation=operation)

    def _use(self, validated: Validated) -> Answered:
        answer = self.dispatcher.dispatch(validated)
        return Answered(validated=validated, answer=answer)

    # What leaves ----------------------------------------------------------------------------

    def _release(self, received: Received, decision: Decision) -> Departure:
        """Let a journalled reply go; whose data it discloses is recorded before.

        When that can't be, the reply stays: the same message again gets it later.
        """
        trace = received.trace
        try:
            if decision.subject_id is not None:
                self.access_log.disclosed(
                    message_id=received.message_id,
                    agency=trace.sender_code or "",
                    operation=trace.operation or "",
                    subject_id=decision.subject_id,
                    case_number=trace.case_number or "",
                )
        except GatewayError as error:
            log.error("event=undisclosed message_id=%s code=%s", received.message_id, error.code)
            return self.replies.fault(
                error.code, message_id=received.message_id, like=trace.algorithm
            )
        return Departure(http_status=200, body=decision.body)

    def _decide(self, received: Received, decision: Decision) -> None:
        self.journal.write(record_decided(received, decision, at=self.clock()))

    def _repeat(self, received: Received, stored: StoredReply) -> Departure:
        """Give the stored reply again, byte for byte; it discloses what it did before."""
        trace = received.trace
        trace.passed("replay")
        trace.case_number = trace.case_number or stored.case_number
        decision = Decision(stored.status, stored.body, subject_id=stored.subject_id)
        self._decide(received, decision)
        return self._release(received, decision)

    def _refuse(self, received: Received, code: str, hints: tuple[str, ...]) -> Departure:
        departure = self.replies.fault(
            code, message_id=received.message_id, hints=hints, like=received.trace.algorithm
        )
        self._decide(received, Decision(FAULT_STATUS, departure.body, fault_code=code))
        return departure


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _where(error: Exception) -> str:
    """Name an unexpected error's type and place; its text may hold personal data."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {place.filename.rpartition('/')[2]}:{place.lineno}"
