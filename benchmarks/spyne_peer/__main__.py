"""Serves the peer: `python -m benchmarks.spyne_peer --database URL --config FILE --workers N`.

waitress with the same options and the same forked workers as `kontingent serve`.
"""

import argparse
import os
import signal
import socket
import sys
from pathlib import Path

import waitress

from benchmarks.spyne_peer.application import make_application
from benchmarks.spyne_peer.signatures import ReplySigner
from ops.config import load_config
from ops.server import listen
from store.engine import create_engine_for


def main() -> int:
    """Serve until SIGTERM; prints the address when the socket listens."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.spyne_peer", description=__doc__)
    parser.add_argument("--bind", default="127.0.0.1:0", metavar="HOST:PORT")
    parser.add_argument("--database", required=True, metavar="URL")
    parser.add_argument(
        "--config",
        required=True,
        type=Path,
        metavar="FILE",
        help="the installation whose keys are used: to sign, and to open what is encrypted",
    )
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--threads", type=int, default=8)
    options = parser.parse_args()
    listening = listen(options.bind)
    host, port = listening.getsockname()[:2]
    print(f"http://{host}:{port}", flush=True)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    if options.workers == 1:
        _serve(listening, options)  # waitress returns when it is told to leave
        return 0
    children = [_fork(listening, options) for _ in range(options.workers)]
    try:
        signal.pause()
    finally:
        for pid in children:
            os.kill(pid, signal.SIGTERM)
            os.waitpid(pid, 0)
    return 0


def _fork(listening: socket.socket, options: argparse.Namespace) -> int:
    pid = os.fork()
    if pid:
        return pid
    try:
        _serve(listening, options)
    finally:
        os._exit(0)


def _serve(listening: socket.socket, options: argparse.Namespace) -> None:
    config = load_config(options.config, {})
    engine = create_engine_for(options.database, vault=config.vault)
    pki = options.config.parent / "pki"
    signer = ReplySigner(pki / "gateway-rsa.key", pki / "gateway-rsa.pem")
    server = waitress.create_server(
        make_application(engine, signer),
        sockets=[listening],
        threads=options.threads,
        connection_limit=4000,
        channel_timeout=60,
        asyncore_use_poll=True,
        ident="peer",
    )
    server.run()


if __name__ == "__main__":
    sys.exit(main())
