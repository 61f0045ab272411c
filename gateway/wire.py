"""WSGI: bytes in once, bytes out once; contracts and health beside the services.

The application reads the whole request before anything else; slow clients are the HTTP server's
to wait for (it hands a request over when it is complete).
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, BinaryIO
from urllib.parse import parse_qs
from wsgiref.types import StartResponse, WSGIEnvironment

from gateway.pipeline import Pipeline
from gateway.stages import Arrival
from smev.catalogue import Catalogue
from smev.errors import SmevError

_HOST = re.compile(r"([A-Za-z0-9._-]+|\[[0-9A-Fa-f:]+\])(:[0-9]{1,5})?")
_CHUNK = 64 * 1024
_REASONS = {
    200: "200 OK",
    404: "404 Not Found",
    405: "405 Method Not Allowed",
    500: "500 Internal Server Error",
    503: "503 Service Unavailable",
}
TRANSPORT = "smev2"
# The one revision whose contracts are published.
REVISION = "120315"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One published service: its name in the journal and in the rights, contract and pipeline."""

    service: str
    contract: str
    pipeline: Pipeline


class Wire:
    """The WSGI application.

    `max_message_bytes`: a larger request is journalled by size and hash, and refused.
    `ready`: tells whether the database answers. `public_url`: how clients reach the gateway, for
    the address in the contract; by default what the request says.
    """

    def __init__(
        self,
        *,
        endpoints: Mapping[str, Endpoint],
        catalogue: Catalogue,
        max_message_bytes: int,
        ready: Callable[[], bool],
        public_url: str | None = None,
    ) -> None:
        self._endpoints = endpoints
        self._catalogue = catalogue
        self._max_message_bytes = max_message_bytes
        self._ready = ready
        self._public_url = public_url

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request."""
        body = self._serve(environ, start_response)
        # The server sends what it is given; a HEAD's body would be read as the next answer.
        return [] if environ["REQUEST_METHOD"] == "HEAD" else body

    def _serve(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path, method = environ.get("PATH_INFO", ""), environ["REQUEST_METHOD"]
        endpoint = self._endpoints.get(path)
        if endpoint is None and path not in ("/healthz", "/readyz"):
            return _text(start_response, 404, "not found")
        if endpoint is not None and method == "POST":
            return self._post(endpoint, environ, start_response)
        if method not in ("GET", "HEAD"):
            allow = "GET, HEAD, POST" if endpoint else "GET, HEAD"
            return _text(start_response, 405, "method not allowed", allow=allow)
        if endpoint is not None:
            return self._contract(path, endpoint, environ, start_response)
        if path == "/healthz":
            return _text(start_response, 200, "ok")
        ready = self._ready()
        return _text(start_response, 200 if ready else 503, "ready" if ready else "not ready")

    def _post(
        self, endpoint: Endpoint, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        departure = endpoint.pipeline.handle(self._arrival(endpoint, environ))
        headers = [
            ("Content-Type", "text/xml; charset=utf-8"),
            ("Content-Length", str(len(departure.body))),
        ]
        if departure.retry_after_s is not None:
            headers.append(("Retry-After", str(departure.retry_after_s)))
        start_response(_REASONS[departure.http_status], headers)
        return [departure.body]

    def _arrival(self, endpoint: Endpoint, environ: WSGIEnvironment) -> Arrival:
        declared = _content_length(environ)
        data, size, digest = _read(environ["wsgi.input"], declared, self._max_message_bytes)
        return Arrival(
            transport=TRANSPORT,
            peer=environ.get("REMOTE_ADDR", ""),
            service=endpoint.service,
            content_type=environ.get("CONTENT_TYPE", ""),
            content_encoding=environ.get("HTTP_CONTENT_ENCODING", "").strip().lower(),
            soap_action=environ.get("HTTP_SOAPACTION"),
            data=data,
            size_bytes=size,
            sha256=digest,
            complete=size == declared,
        )

    def _contract(
        self,
        path: str,
        endpoint: Endpoint,
        environ: WSGIEnvironment,
        start_response: StartResponse,
    ) -> Iterable[bytes]:
        # Clients ask for ?wsdl in any case, .NET for ?WSDL.
        asked = parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
        query = {name.lower(): values for name, values in asked.items()}
        address = self._base_url(environ) + path
        try:
            if query.get("rev", [REVISION]) != [REVISION]:
                return _text(start_response, 404, "this revision is not published")
            if "wsdl" in query:
                document = self._catalogue.contract(endpoint.contract, address=address)
            elif "xsd" in query:
                document = self._catalogue.schema(query["xsd"][0], address=address)
            else:
                return _text(start_response, 405, "POST a message, or GET ?wsdl", allow="POST")
        except SmevError:
            return _text(start_response, 404, "not found")
        length = str(len(document))
        headers = [("Content-Type", "text/xml; charset=utf-8"), ("Content-Length", length)]
        start_response(_REASONS[200], headers)
        return [document]

    def _base_url(self, environ: WSGIEnvironment) -> str:
        if self._public_url is not None:
            return self._public_url.rstrip("/")
        host = environ.get("HTTP_HOST", "")
        if not _HOST.fullmatch(host):
            host = f"{environ['SERVER_NAME']}:{environ['SERVER_PORT']}"
        return f"{environ['wsgi.url_scheme']}://{host}"


def _content_length(environ: WSGIEnvironment) -> int:
    text = environ.get("CONTENT_LENGTH") or "0"
    return int(text) if text.isascii() and text.isdigit() else 0


def _read(stream: BinaryIO | Any, declared: int, limit: int) -> tuple[bytes | None, int, str]:
    """Read what was declared: the bytes (None when over the limit), the size, the SHA-256."""
    if declared <= limit:
        data = bytes(stream.read(declared)) if declared else b""
        return data, len(data), sha256(data).hexdigest()
    digest, size = sha256(), 0
    while size < declared and (chunk := stream.read(min(_CHUNK, declared - size))):
        digest.update(chunk)
        size += len(chunk)
    return None, size, digest.hexdigest()


def _text(
    start_response: StartResponse, status: int, text: str, *, allow: str | None = None
) -> Iterable[bytes]:
    body = (text + "\n").encode()
    headers = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))]
    if allow is not None:
        headers.append(("Allow", allow))
    start_response(_REASONS[status], headers)
    return [body]
