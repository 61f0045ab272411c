"""A gateway in this process, some of whose parts may be made to fail."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any
from wsgiref.util import setup_testing_defaults

from gateway.pipeline import Pipeline
from gateway.wire import Wire
from ops.config import Config
from ops.wiring import Gateway, build_gateway
from signing.algorithms import SignatureAlgorithm
from signing.errors import ProviderError
from signing.providers import Signer
from tests.support.http import SOAP_HEADERS, STUDENTS, HttpReply

Change = Callable[[Pipeline], Pipeline]


@contextmanager
def running_gateway(config: Config) -> Iterator[Gateway]:
    """A gateway of this configuration; closed at the end."""
    gateway = build_gateway(config)
    try:
        yield gateway
    finally:
        gateway.close()


def changed(gateway: Gateway, change: Change) -> Wire:
    """The same gateway's application with another pipeline in it."""
    wire = gateway.wire
    return Wire(
        endpoints={
            path: replace(endpoint, pipeline=change(endpoint.pipeline))
            for path, endpoint in wire._endpoints.items()
        },
        catalogue=wire._catalogue,
        max_message_bytes=wire._max_message_bytes,
        ready=wire._ready,
    )


def post(wire: Wire, data: bytes) -> HttpReply:
    """POST a message by WSGI."""
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": STUDENTS,
        "CONTENT_TYPE": SOAP_HEADERS["Content-Type"],
        "CONTENT_LENGTH": str(len(data)),
        "HTTP_SOAPACTION": SOAP_HEADERS["SOAPAction"],
        "REMOTE_ADDR": "192.0.2.1",
        "wsgi.input": BytesIO(data),
    }
    setup_testing_defaults(environ)
    told: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], _: object = None) -> Any:
        told.append((status, headers))

    body = b"".join(wire(environ, start_response))
    ((status, headers),) = told
    return HttpReply(int(status[:3]), {name.lower(): text for name, text in headers}, body)


@dataclass(frozen=True, slots=True)
class LostKey:
    """A private key whose token was pulled out."""

    algorithm: SignatureAlgorithm
    public_key_info: bytes = b""

    def sign(self, data: bytes) -> bytes:
        raise ProviderError("provider.signing_failed", "the token is gone")

    def export_pem(self) -> bytes:
        raise ProviderError("provider.key_unreadable", "the token is gone")


def without_keys(pipeline: Pipeline) -> Pipeline:
    """The pipeline, none of whose keys signs any more."""

    def lose(signer: Signer) -> Signer:
        return replace(signer, _key=LostKey(signer.algorithm))

    replies = pipeline.replies
    lost = {algorithm: lose(signer) for algorithm, signer in replies.signers.items()}
    return replace(pipeline, replies=replace(replies, default=lose(replies.default), signers=lost))
