"""Signed requests, made before anything is measured: no two alike, each for another pupil.

They are kept in one file, each after its length in four bytes, so that the client's process reads
them by itself.
"""

import os
import struct
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from itertools import chain
from multiprocessing import get_context
from pathlib import Path

from benchmarks.installation import Installation
from ops.config import load_config
from registry.identifiers import parse_snils
from signing.providers import load_providers
from signing.xml.wss import build_envelope, sign_envelope
from smev.contracts import STUDENTS_NS
from smev.message import Participant
from smev.samples import build_sample

_LENGTH = struct.Struct(">I")
_CHUNK = 500


class Algorithm(StrEnum):
    """What requests are signed with; the value names the agency's key files."""

    GOST = "gost"
    RSA = "rsa"

    @property
    def agency(self) -> str:
        """The sender code of the demonstration's agency with such a key."""
        return {"gost": "DEMO00001", "rsa": "DEMO00002"}[self.value]


@dataclass(frozen=True, slots=True)
class _Chunk:
    """Some messages to sign: for these pupils, numbered from `first` on."""

    installation: Installation
    algorithm: Algorithm
    first: int
    snils: tuple[str, ...]


def sign_requests(
    installation: Installation,
    algorithm: Algorithm,
    snils: Sequence[str],
    count: int,
    *,
    path: Path,
) -> None:
    """Write `count` signed requests to `path`, going round the pupils, by several processes."""
    chunks = [
        _Chunk(
            installation,
            algorithm,
            first,
            tuple(snils[n % len(snils)] for n in range(first, min(first + _CHUNK, count))),
        )
        for first in range(0, count, _CHUNK)
    ]
    with path.open("wb") as file, ExitStack() as stack:
        signed: Iterator[list[bytes]] = map(_sign, chunks)
        if len(chunks) > 1:  # for one it takes longer to start the processes
            context = get_context("spawn")
            pool = stack.enter_context(ProcessPoolExecutor(os.cpu_count(), mp_context=context))
            signed = pool.map(_sign, chunks)
        for message in chain.from_iterable(signed):
            file.write(_LENGTH.pack(len(message)) + message)


@cache
def read_requests(path: Path) -> tuple[bytes, ...]:
    """All messages of a file; kept, for the client comes back for the next ones."""
    data, messages, position = path.read_bytes(), [], 0
    while position < len(data):
        (size,) = _LENGTH.unpack_from(data, position)
        position += _LENGTH.size
        messages.append(data[position : position + size])
        position += size
    return tuple(messages)


def case_number(index: int) -> str:
    """The CaseNumber of the message with this index, by which replies are known again."""
    return f"bench-{index:07d}"


def _sign(chunk: _Chunk) -> list[bytes]:
    config = load_config(chunk.installation.config, {})
    pki = chunk.installation.pki
    signer = load_providers().load_signer(
        (pki / f"agency-{chunk.algorithm}.key").read_bytes(),
        (pki / f"agency-{chunk.algorithm}.pem").read_bytes(),
    )
    agency = next(each for each in config.agencies if each.code == chunk.algorithm.agency)
    messages = []
    for index, digits in enumerate(chunk.snils, chunk.first):
        payload = build_sample(
            "FindStudent",
            sender=Participant(code=agency.code, name=agency.name),
            recipient=Participant(code=config.gateway.code, name=config.gateway.name),
            date=datetime.now(UTC),
            case_number=case_number(index),
        )
        (element,) = payload.iter(f"{{{STUDENTS_NS}}}Snils")
        element.text = parse_snils(digits).formatted
        messages.append(sign_envelope(build_envelope(payload), signer))
    return messages
