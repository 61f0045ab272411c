"""Who may call what. Nobody may do anything that isn't written here."""

from dataclasses import dataclass

from gateway.errors import GatewayError


@dataclass(frozen=True, slots=True)
class Agency:
    """A registered system: its code on the exchange, its certificates and what it may call.

    `certificates` are SHA-256 fingerprints in hex; `rights` are `service:Operation` or `service:*`.
    """

    code: str
    name: str
    certificates: frozenset[str]
    rights: frozenset[str]


class Rights:
    """The registered systems, found by the certificate that signed."""

    def __init__(self, agencies: tuple[Agency, ...]) -> None:
        self._by_certificate = {
            fingerprint: agency for agency in agencies for fingerprint in agency.certificates
        }

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
