"""One bounded HTTP exchange: a time for the whole of it, a size, and nothing followed.

Made on `http.client` and not on a friendlier library because of what those do unasked: follow
redirects, read proxies and passwords from the environment, unpack compressed bodies of any size,
and begin the time-out anew with every byte that a slow peer sends.
"""

import base64
import contextlib
import re
import socket
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from urllib.parse import SplitResult, urlsplit

from adapters.errors import AdapterError

_READ_BYTES = 65536
_URL = re.compile(r"https?://[\x21-\x7e]+")


@dataclass(frozen=True, slots=True)
class HttpSettings:
    """Where to send requests, as whom, and what to put up with.

    `timeout_s` bounds the whole exchange after the connection stands; `connect_timeout_s` what
    comes before. Raises `AdapterError` (source.misconfigured).
    """

    url: str
    user: str
    password: str = field(repr=False)
    connect_timeout_s: float
    timeout_s: float
    max_response_bytes: int

    def __post_init__(self) -> None:
        if not _is_usable(self.url):
            raise AdapterError("source.misconfigured", "url: not an http(s) address, or has user@")
        if ":" in self.user or not (self.user + self.password).isprintable():
            # Source: RFC 7617, section 2.
            raise AdapterError("source.misconfigured", "user or password cannot be sent by Basic")
        if min(self.connect_timeout_s, self.timeout_s, self.max_response_bytes) <= 0:
            raise AdapterError("source.misconfigured", "time-outs and sizes are above zero")


@dataclass(frozen=True, slots=True)
class HttpReply:
    """An answer as it came; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class HttpClient:
    """Posts to one address, over a connection that is kept while the peer keeps it.

    Not to be shared between threads.
    """

    def __init__(self, settings: HttpSettings) -> None:
        self._settings = settings
        self._address = urlsplit(settings.url)
        credentials = f"{settings.user}:{settings.password}".encode()
        self._authorization = "Basic " + base64.b64encode(credentials).decode("ascii")
        self._connection: HTTPConnection | None = None

    def post(self, body: bytes, headers: Mapping[str, str]) -> HttpReply:
        """The peer's answer, whatever its status; raises `AdapterError` when there is none."""
        if self._connection is not None:
            # That the peer has closed the connection it kept is no failure, only bad timing.
            with contextlib.suppress(_NoAnswerError):
                return self._post(body, headers)
        try:
            return self._post(body, headers)
        except _NoAnswerError:
            detail = "closed the connection without an answer"
            raise AdapterError("source.unavailable", detail, retryable=True) from None

    def close(self) -> None:
        """Close the connection; the next `post` opens another."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _post(self, body: bytes, headers: Mapping[str, str]) -> HttpReply:
        connection = self._connection or self._connect()
        self._connection = connection
        deadline = _Deadline(connection.sock, self._settings.timeout_s)
        response: HTTPResponse | None = None
        try:
            with deadline:
                connection.request("POST", _target(self._address), body, self._headers(headers))
                response = connection.getresponse()
                reply = self._read(response)
        except (OSError, HTTPException, ValueError) as error:
            self.close()
            raise _translated(error, expired=deadline.expired, begun=response is not None) from None
        except AdapterError as error:
            self.close()
            raise _timed_out() if deadline.expired else error from None
        finally:
            if response is not None:
                response.close()
        if deadline.expired:
            self.close()
            raise _timed_out()
        if response.will_close:
            self.close()
        return reply

    def _connect(self) -> HTTPConnection:
        host, port = self._address.hostname or "", self._address.port
        timeout_s = self._settings.connect_timeout_s
        connection: HTTPConnection
        if self._address.scheme == "https":
            context = ssl.create_default_context()
            connection = HTTPSConnection(host, port, timeout=timeout_s, context=context)
        else:
            connection = HTTPConnection(host, port, timeout=timeout_s)
        try:
            connection.connect()
        except TimeoutError:
            connection.close()
            raise AdapterError("source.timeout", "no connection in time", retryable=True) from None
        except ssl.SSLCertVerificationError:
            connection.close()
            raise AdapterError("source.unavailable", "its certificate is not trusted") from None
        except (OSError, UnicodeError) as error:
            connection.close()
            detail = f"no connection ({type(error).__name__})"
            raise AdapterError("source.unavailable", detail, retryable=True) from None
        connection.sock.settimeout(self._settings.timeout_s)
        return connection

    def _headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        return {
            **headers,
            "Authorization": self._authorization,
            "Accept": "text/xml",
            "Accept-Encoding": "identity",
            "User-Agent": "kontingent",
        }

    def _read(self, response: HTTPResponse) -> HttpReply:
        limit = self._settings.max_response_bytes
        if response.length is not None and response.length > limit:
            raise _too_large(limit)
        chunks: list[bytes] = []
        size = 0
        while chunk := response.read(_READ_BYTES):
            size += len(chunk)
            if size > limit:
                raise _too_large(limit)
            chunks.append(chunk)
        if response.length:
            raise AdapterError("source.broken_page", "the answer was cut off", retryable=True)
        headers = {name.lower(): value for name, value in response.getheaders()}
        return HttpReply(response.status, headers, b"".join(chunks))


class _NoAnswerError(Exception):
    """The connection ended before the first byte of an answer."""


class _Deadline:
    """Shuts the socket down when the time is over, whoever is reading from it."""

    def __init__(self, sock: socket.socket, timeout_s: float) -> None:
        self._sock = sock
        self._expired = threading.Event()
        self._timer = threading.Timer(timeout_s, self._expire)
        self._timer.daemon = True

    @property
    def expired(self) -> bool:
        return self._expired.is_set()

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def _expire(self) -> None:
        self._expired.set()
        with contextlib.suppress(OSError):  # closed already
            # The plain socket's method: the TLS one would pull its state from under the reader.
            socket.socket.shutdown(self._sock, socket.SHUT_RDWR)


def _translated(error: Exception, *, expired: bool, begun: bool) -> Exception:
    if expired or isinstance(error, TimeoutError):
        return _timed_out()
    if begun:
        return AdapterError("source.broken_page", "the answer was cut off", retryable=True)
    if isinstance(error, ConnectionError):
        return _NoAnswerError()
    if isinstance(error, OSError):
        detail = f"connection lost ({type(error).__name__})"
        return AdapterError("source.unavailable", detail, retryable=True)
    return AdapterError("source.http_error", "the answer is not HTTP")


def _timed_out() -> AdapterError:
    return AdapterError("source.timeout", "no whole answer in time", retryable=True)


def _too_large(limit: int) -> AdapterError:
    return AdapterError("source.broken_page", f"larger than {limit} bytes")


def _is_usable(url: str) -> bool:
    if not _URL.fullmatch(url):
        return False
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and parts.username is None and parts.port != 0
    except ValueError:
        return False


def _target(address: SplitResult) -> str:
    path = address.path or "/"
    return f"{path}?{address.query}" if address.query else path
