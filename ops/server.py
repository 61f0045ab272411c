"""The HTTP server: waitress, one process a worker, all on one listening socket.

waitress reads a whole request before a thread takes it, so that a slow or half-open client holds
no thread. The gateway itself is built in each worker, after the fork: threads and database
connections don't survive one.
"""

import ctypes
import logging
import os
import signal
import socket
import time
from collections.abc import Callable
from types import FrameType

import waitress

from ops.addresses import parse_address
from ops.config import Config
from ops.errors import ConfigError, ExitCode, OpsError
from ops.memory import keep_freed_memory
from ops.wiring import build_gateway

log = logging.getLogger("kontingent.ops")

_CONNECTION_LIMIT = 4000
_IDLE_TIMEOUT_S = 60
# Above our own limit, so that the gateway itself journals and refuses what is too large; far
# above it the server cuts off, so that nobody can fill the disk.
_BODY_LIMIT_FACTOR = 8
_RESTART_PAUSE_S = 1.0
# How long requests in hand may take after SIGTERM.
_DRAIN_S = 15.0
_POLL_S = 0.5
_SIGNALS = (signal.SIGTERM, signal.SIGINT)
# prctl(2): the signal that a process gets when its parent dies.
_PR_SET_PDEATHSIG = 1


def listen(address: str) -> socket.socket:
    """Open the listening socket. Raises ConfigError, OpsError `serve.address` (exit code 3)."""
    host, port = parse_address(address)
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except UnicodeError:  # of a name that no host can have
        listening.close()
        raise ConfigError(f"{address!r}: HOST:PORT is expected") from None
    except OSError as error:
        listening.close()
        raise OpsError(
            "serve.address", f"{address}: {error.strerror}", exit_code=ExitCode.UNAVAILABLE
        ) from None
    listening.listen(1024)
    return listening


def serve(
    config: Config, listening: socket.socket, *, workers: int, ready: Callable[[], None]
) -> None:
    """Serve until SIGTERM or SIGINT, then finish what is in hand.

    `ready` is called once when the socket answers.
    """
    if workers == 1:
        _serve_here(config, listening, ready=ready)
    else:
        _Supervisor(config, listening).run(workers, ready=ready)


def _serve_here(config: Config, listening: socket.socket, *, ready: Callable[[], None]) -> None:
    stopping: list[int] = []

    def stop(number: int, _frame: FrameType | None) -> None:
        stopping.append(number)

    keep_freed_memory()
    gateway = build_gateway(config)
    try:
        server = waitress.create_server(
            gateway.wire,
            sockets=[listening],
            threads=config.gateway.threads,
            connection_limit=_CONNECTION_LIMIT,
            channel_timeout=_IDLE_TIMEOUT_S,
            max_request_body_size=_BODY_LIMIT_FACTOR * config.exchange.max_message_bytes,
            asyncore_use_poll=True,
            ident="kontingent",
        )
        for number in _SIGNALS:
            signal.signal(number, stop)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)
        ready()
        while not stopping:
            _poll(server)
        # No new connections; those that wait for an answer get it.
        server.accepting = False
        deadline = time.monotonic() + _DRAIN_S
        while _in_hand(server) and time.monotonic() < deadline:
            _poll(server)
        server.task_dispatcher.shutdown()
    finally:
        gateway.close()


def _poll(server: waitress.server.BaseWSGIServer) -> None:
    server.asyncore.loop(timeout=_POLL_S, map=server._map, use_poll=True, count=1)


def _in_hand(server: waitress.server.BaseWSGIServer) -> bool:
    return any(
        channel.requests or channel.total_outbufs_len for channel in server.active_channels.values()
    )


class _Supervisor:
    """Forks the workers, starts a fallen one again, and takes them all down at the end."""

    def __init__(self, config: Config, listening: socket.socket) -> None:
        self._config = config
        self._listening = listening
        self._children: set[int] = set()

    def run(self, workers: int, *, ready: Callable[[], None]) -> None:
        """Keep the workers running until SIGTERM or SIGINT."""
        for number in _SIGNALS:
            signal.signal(number, _leave)
        try:
            for _ in range(workers):
                self._fork()
            ready()
            while True:
                pid, status = os.wait()
                self._children.discard(pid)
                log.error("event=worker_died pid=%s status=%s", pid, status)
                time.sleep(_RESTART_PAUSE_S)
                self._fork()
        except SystemExit:
            pass
        finally:
            for pid in self._children:
                os.kill(pid, signal.SIGTERM)
            for pid in self._children:
                os.waitpid(pid, 0)

    def _fork(self) -> None:
        # A signal between the fork and the child's own handlers would run the parent's in it.
        signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            self._work(parent)
        self._children.add(pid)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _SIGNALS)

    def _work(self, parent: int) -> None:
        """Be a worker; never returns."""
        code = 1
        try:
            # A parent that is killed must not leave workers that hold its port.
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
            if os.getppid() == parent:
                _serve_here(self._config, self._listening, ready=lambda: None)
            code = 0
        except Exception as error:
            log.error("event=worker_failed error=%s", type(error).__name__)
        finally:
            os._exit(code)


def _leave(_signal: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)
