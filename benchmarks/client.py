"""A client that costs little: raw sockets kept alive, one thread, in a process of its own.

It sends bytes that were made before and looks at no more of a reply than its status line and
length; some replies are kept, to be verified when the clock has stopped.
"""

import re
import selectors
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path

from benchmarks.errors import BenchmarkError
from benchmarks.messages import read_requests
from smev.contracts import STUDENTS_NS

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CLOSE = re.compile(rb"\r\nconnection: *close", re.IGNORECASE)
_SILENCE_S = 30.0
_READ_BYTES = 65536


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What to send: the messages `first` … `first + count` of a file, over some connections.

    A connection is replaced after `requests_per_connection`: whichever process of the server took
    it would else keep it, and one may have taken most of them.
    """

    port: int
    path: str
    messages: Path
    first: int
    count: int
    connections: int
    requests_per_connection: int
    samples: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came back; latencies in seconds, `replies` are kept ones by the message's index."""

    elapsed_s: float
    cpu_s: float
    latencies_s: tuple[float, ...]
    statuses: dict[int, int]
    replies: tuple[tuple[int, bytes], ...]

    @property
    def failed(self) -> int:
        """How many answers were not 200."""
        return sum(count for status, count in self.statuses.items() if status != 200)


class LoadClient:
    """The client's process, which keeps the messages that it has read."""

    def __init__(self, pool: ProcessPoolExecutor) -> None:
        self._pool = pool

    def run(self, load: Load) -> Outcome:
        """Send everything and wait for the last reply. Raises BenchmarkError `client.*`."""
        return self._pool.submit(send_load, load).result()


@contextmanager
def load_client() -> Iterator[LoadClient]:
    """A client process until the block ends."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        yield LoadClient(pool)


@dataclass(slots=True)
class _Channel:
    """One connection: the message it waits for an answer to, and what has come of that."""

    sock: socket.socket
    index: int = 0
    sent_at: float = 0.0
    sent: int = 0
    received: bytearray = field(default_factory=bytearray)
    size: int = 0


def send_load(load: Load) -> Outcome:
    """Send a load from this process; see `LoadClient.run`."""
    run = _Run(load)
    cpu, started = time.process_time(), time.perf_counter()
    try:
        run.send_all()
    except OSError as error:
        raise BenchmarkError("client.connection", type(error).__name__) from None
    elapsed_s = time.perf_counter() - started
    return Outcome(
        elapsed_s=elapsed_s,
        cpu_s=time.process_time() - cpu,
        latencies_s=tuple(run.latencies_s),
        statuses=run.statuses,
        replies=tuple(run.replies),
    )


class _Run:
    def __init__(self, load: Load) -> None:
        self._load = load
        requests = read_requests(load.messages)[load.first : load.first + load.count]
        if len(requests) < load.count:
            raise BenchmarkError("client.messages", "fewer were signed than are to be sent")
        self._waiting = iter(list(enumerate(map(self._frame, requests), load.first)))
        self._keep_every = max(1, load.count // max(1, load.samples))
        self._selector = selectors.DefaultSelector()
        self.latencies_s: list[float] = []
        self.statuses: dict[int, int] = {}
        self.replies: list[tuple[int, bytes]] = []

    def send_all(self) -> None:
        """Keep every connection busy until there is nothing more to send."""
        for _ in range(self._load.connections):
            self._send_next(self._connect())
        while len(self.latencies_s) < self._load.count:
            ready = self._selector.select(_SILENCE_S)
            if not ready:
                raise BenchmarkError("client.silence", f"no answer for {_SILENCE_S:.0f} s")
            for key, _ in ready:
                self._read(key.data)
        self._selector.close()

    def _frame(self, body: bytes) -> bytes:
        return (
            f"POST {self._load.path} HTTP/1.1\r\nHost: 127.0.0.1:{self._load.port}\r\n"
            "Content-Type: text/xml; charset=utf-8\r\n"
            f'SOAPAction: "{STUDENTS_NS}/FindStudent"\r\nContent-Length: {len(body)}\r\n\r\n'
        ).encode() + body

    def _connect(self) -> _Channel:
        sock = socket.create_connection(("127.0.0.1", self._load.port), timeout=_SILENCE_S)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        channel = _Channel(sock)
        self._selector.register(sock, selectors.EVENT_READ, channel)
        return channel

    def _close(self, channel: _Channel) -> None:
        self._selector.unregister(channel.sock)
        channel.sock.close()

    def _send_next(self, channel: _Channel) -> None:
        following = next(self._waiting, None)
        if following is None:
            self._close(channel)
            return
        channel.index, data = following
        channel.received.clear()
        channel.size = 0
        channel.sent += 1
        channel.sent_at = time.perf_counter()
        channel.sock.sendall(data)

    def _read(self, channel: _Channel) -> None:
        chunk = channel.sock.recv(_READ_BYTES)
        if not chunk:
            raise BenchmarkError("client.connection", "the server hung up in the middle")
        received = channel.received
        received += chunk
        if not channel.size:
            head = received.find(b"\r\n\r\n")
            if head < 0:
                return
            length = _LENGTH.search(received, 0, head)
            if length is None:
                raise BenchmarkError("client.connection", "an answer without Content-Length")
            channel.size = head + 4 + int(length[1])
        if len(received) >= channel.size:
            self._finish(channel)

    def _finish(self, channel: _Channel) -> None:
        self.latencies_s.append(time.perf_counter() - channel.sent_at)
        received = channel.received
        status = int(received[9:12])
        self.statuses[status] = self.statuses.get(status, 0) + 1
        head = received.index(b"\r\n\r\n")
        if (channel.index - self._load.first) % self._keep_every == 0 or status != 200:
            self.replies.append((channel.index, bytes(received[head + 4 :])))
        worn = channel.sent >= self._load.requests_per_connection
        if worn or _CLOSE.search(received, 0, head):
            self._close(channel)
            channel = self._connect()
        self._send_next(channel)
