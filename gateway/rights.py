"""Who may call what. Nobody may do anything that isn't written here."""

from dataclasses import dataclass

from gateway.errors import GatewayError
from signing.algorithms import SignatureAlgorithm


@dataclass(frozen=True, slots=True)
class Agency:
    """A registered system: its code on the exchange, its certificates and what it may call.

    `certificates` are SHA-256 fingerprints in hex; `rights` are `service:Operation` or `service:*`.
    `algorithms` are what it may sign with; when empty, what everybody may.
    """

    code: str
    name: str
    certificates: frozenset[str]
    rights: frozenset[str]
    algorithms: frozenset[SignatureAlgorithm] = frozenset()


class Rights:
    """The registered systems, found by the certificate that signed."""

    def __init__(self, agencies: tuple[Agency, ...]) -> None:
        self._by_certificate = {
            fingerprint: agency for agency in agencies for fingerprint in agency.certificates
        }
        self.algorithms = frozenset(
            algorithm for agency in agencies for algorithm in agency.algorithms
        )
        """What some system may sign with, beside what everybody may."""

    def authorise(
        self, *, fingerprint: str, sender_code: str | None, service: str, operation: str
    ) -> Agency:
        """Return the agency to which the certificate belongs and which may call the operation.

        Raises GatewayError: `sender.unknown`, `sender.code_mismatch`, `access.denied`.
        """
        agency = self._by_certificate.get(fingerprint)
        if agency is None:
            raise GatewayError("sender.unknown")
        if sender_code != agency.code:
            raise GatewayError("sender.code_mismatch")
        if not agency.rights & {f"{service}:{operation}", f"{service}:*"}:
            raise GatewayError("access.denied")
        return agency
