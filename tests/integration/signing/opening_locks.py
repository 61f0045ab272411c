"""Open locked keys, in a process of its own: what is broken may end the process, or never end.

`run` starts it. Each file is given on the standard input as a line: its kind (key or store) and its
bytes in hex; a line of outcomes comes back for each.
"""

from __future__ import annotations

import subprocess
import sys
import warnings
from collections.abc import Iterable

from signing.errors import SigningError
from signing.providers import load_pkcs12
from signing.providers.gost_engine import GostEngineProvider
from signing.providers.protocol import Provider
from signing.providers.rsa_ecdsa import RsaEcdsaProvider
from tests.unit.signing.locks import PASSWORD

File = tuple[str, bytes]


def run(files: Iterable[File], *, timeout_s: float) -> list[str]:
    """Return the outcome of each: ``opened`` or the code of its refusal, with the number tried.

    Fails on a process that dies, with the file that killed it, and on one that takes too long.
    """
    asked = list(files)
    lines = "".join(f"{kind} {data.hex()}\n" for kind, data in asked)
    done = subprocess.run(
        [sys.executable, "-m", __name__],
        input=lines.encode(), capture_output=True, check=False, timeout=timeout_s,
    )  # fmt: skip
    found = done.stdout.decode().splitlines()
    if done.returncode or len(found) != len(asked):
        kind, data = asked[len(found)] if len(found) < len(asked) else ("", b"")
        raise AssertionError(f"{done.returncode}: {kind} {data.hex()} {done.stderr.decode()}")
    return found


def _open(providers: list[Provider], kind: str, data: bytes) -> str:
    outcomes = []
    if kind == "store":
        try:
            data = load_pkcs12(data, PASSWORD).key
        except SigningError as error:
            return error.code
    for provider in providers:
        try:
            key = provider.load_private_key(data, password=PASSWORD)
            key.sign(b"message")
            outcomes.append("opened")
        except SigningError as error:
            outcomes.append(error.code)
    return max(outcomes, key="opened".__eq__)


def main() -> None:
    """Answer each line."""
    # Of what is not quite DER.
    warnings.simplefilter("ignore")
    providers: list[Provider] = [GostEngineProvider(), RsaEcdsaProvider()]
    for line in sys.stdin:
        kind, _, text = line.partition(" ")
        print(_open(providers, kind, bytes.fromhex(text)), flush=True)


if __name__ == "__main__":
    main()
