"""Raw HTTP: whatever bytes and headers, and exactly what came back."""

import http.client
from collections.abc import Mapping
from dataclasses import dataclass

STUDENTS = "/smev2/students"
ACTION = "urn://x-artefacts-kontingent/students/1.0/FindStudent"
SOAP_HEADERS: Mapping[str, str] = {
    "Content-Type": "text/xml; charset=utf-8",
    "SOAPAction": f'"{ACTION}"',
}


@dataclass(frozen=True, slots=True)
class HttpReply:
    """A reply as it came; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server listens."""

    host: str
    port: int

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    def ask(
        self,
        method: str,
        path: str,
        data: bytes | None = None,
        headers: Mapping[str, str | None] | None = None,
        *,
        timeout_s: float = 60,
    ) -> HttpReply:
        """Send one request on a connection of its own; a header of None is left out."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=timeout_s)
        sent = {name: text for name, text in (headers or {}).items() if text is not None}
        try:
            connection.request(method, path, body=data, headers=sent)
            reply = connection.getresponse()
            body = reply.read()
            found = {name.lower(): text for name, text in reply.getheaders()}
            return HttpReply(reply.status, found, body)
        finally:
            connection.close()

    def post(self, data: bytes, *, path: str = STUDENTS, **headers: str | None) -> HttpReply:
        """POST a message with the headers of SOAP 1.1, some of them changed (`_` is `-`)."""
        changed = {name.replace("_", "-"): text for name, text in headers.items()}
        return self.ask("POST", path, data, {**SOAP_HEADERS, **changed})

    def get(self, path: str) -> HttpReply:
        return self.ask("GET", path)
