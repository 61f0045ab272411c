"""The WSGI application: what the transport hands to the pipeline, and what it gives back."""

import io
from hashlib import sha256
from typing import Any

import pytest

from gateway.stages import Arrival, Departure
from gateway.wire import Endpoint, Wire
from smev.catalogue import Catalogue

LIMIT = 1000


class RecordingPipeline:
    """Keeps what came; answers what it is told to."""

    def __init__(self, departure: Departure) -> None:
        self.departure = departure
        self.arrivals: list[Arrival] = []

    def handle(self, arrival: Arrival) -> Departure:
        self.arrivals.append(arrival)
        return self.departure


class Client:
    """Calls a WSGI application the way a server does."""

    def __init__(self, departure: Departure, *, ready: bool = True) -> None:
        self.pipeline = RecordingPipeline(departure)
        endpoint = Endpoint(service="students", contract="students", pipeline=self.pipeline)  # type: ignore[arg-type]
        self.wire = Wire(
            endpoints={"/smev2/students": endpoint},
            catalogue=Catalogue(),
            max_message_bytes=LIMIT,
            ready=lambda: ready,
        )

    def __call__(self, method: str, path: str, body: bytes = b"", **environ: Any) -> "Client":
        path, _, query = path.partition("?")
        request = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "CONTENT_TYPE": "text/xml",
            "CONTENT_LENGTH": str(len(body)),
            "REMOTE_ADDR": "192.0.2.7",
            "SERVER_NAME": "gateway",
            "SERVER_PORT": "8080",
            "HTTP_HOST": "gateway.example:8080",
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
        }
        self.body = b"".join(self.wire({**request, **environ}, self._start))
        return self

    def _start(self, status: str, headers: list[tuple[str, str]], *_: Any) -> Any:
        self.status, self.headers = int(status.split(maxsplit=1)[0]), dict(headers)


@pytest.fixture
def client() -> Client:
    return Client(Departure(http_status=200, body=b"<reply/>"))


def test_post_hands_on_the_bytes(client: Client) -> None:
    client("POST", "/smev2/students", b"<a/>", HTTP_SOAPACTION='"x"', HTTP_CONTENT_ENCODING="GZIP ")
    (arrival,) = client.pipeline.arrivals
    assert arrival.data == b"<a/>"
    assert (arrival.size_bytes, arrival.sha256) == (4, sha256(b"<a/>").hexdigest())
    assert (arrival.service, arrival.peer) == ("students", "192.0.2.7")
    assert (arrival.soap_action, arrival.content_encoding) == ('"x"', "gzip")
    assert arrival.complete
    assert (client.status, client.body) == (200, b"<reply/>")
    assert client.headers["Content-Type"] == "text/xml; charset=utf-8"


def test_input_at_the_limit_is_kept_and_over_it_only_measured(client: Client) -> None:
    at, over = b"x" * LIMIT, b"x" * (LIMIT + 1)
    client("POST", "/smev2/students", at)("POST", "/smev2/students", over)
    kept, measured = client.pipeline.arrivals
    assert kept.data == at
    assert measured.data is None
    assert measured.size_bytes == LIMIT + 1
    assert measured.sha256 == sha256(over).hexdigest()


def test_input_cut_short_is_not_complete(client: Client) -> None:
    client("POST", "/smev2/students", b"<a/>", CONTENT_LENGTH="9")
    assert not client.pipeline.arrivals[0].complete


@pytest.mark.parametrize("length", ["", "-1", "+4", "four", "４"])
def test_odd_length_reads_nothing(client: Client, length: str) -> None:
    client("POST", "/smev2/students", b"<a/>", CONTENT_LENGTH=length)
    assert client.pipeline.arrivals[0].data == b""


def test_retryable_fault_says_when() -> None:
    client = Client(Departure(http_status=503, body=b"<f/>", retry_after_s=30))
    client("POST", "/smev2/students", b"<a/>")
    assert (client.status, client.headers["Retry-After"]) == (503, "30")


def test_contract_has_the_address_that_was_asked(client: Client) -> None:
    client("GET", "/smev2/students?wsdl")
    assert client.status == 200
    assert b'location="http://gateway.example:8080/smev2/students"' in client.body
    assert b"http://gateway.example:8080/smev2/students?xsd=" in client.body


def test_schema_of_the_contract_is_served(client: Client) -> None:
    client("GET", "/smev2/students?xsd=students-1.0.xsd")
    assert client.status == 200
    assert b'targetNamespace="urn://x-artefacts-kontingent/students/1.0"' in client.body


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/smev2/students/", 404),
        ("GET", "/smev2/students?xsd=../setup.cfg", 404),
        ("GET", "/smev2/students?xsd=", 404),
        ("GET", "/smev2/students", 405),
        ("PUT", "/smev2/students", 405),
        ("POST", "/healthz", 405),
        ("GET", "/healthz", 200),
        ("GET", "/readyz", 200),
    ],
)
def test_everything_else(client: Client, method: str, path: str, status: int) -> None:
    assert client(method, path).status == status
    assert client.pipeline.arrivals == []
    assert client.headers["Content-Length"] == str(len(client.body))


def test_not_ready_without_the_database() -> None:
    client = Client(Departure(http_status=200, body=b""), ready=False)
    assert client("GET", "/readyz").status == 503
    assert client("GET", "/healthz").status == 200


@pytest.mark.parametrize("path", ["/healthz", "/smev2/students?wsdl", "/smev2/students", "/none"])
def test_head_has_the_length_and_no_body(client: Client, path: str) -> None:
    full = client("GET", path)
    status, length = full.status, full.headers["Content-Length"]
    client("HEAD", path)
    assert (client.status, client.headers["Content-Length"], client.body) == (status, length, b"")


def test_revision_that_is_not_published_is_not_found(client: Client) -> None:
    assert client("GET", "/smev2/students?wsdl&rev=120315").status == 200
    assert client("GET", "/smev2/students?wsdl&rev=111111").status == 404
