"""What is fuzzed: each target takes any bytes, and fails when a promise does not hold for them.

A mutation of a good message never verifies unless it says what was signed; nothing but the
exceptions of the package that is called comes out; no input of 100 KB costs a second of CPU.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator

from signing.certificates import parse_certificate
from signing.errors import SigningError
from signing.xml.parser import parse_document
from signing.xml.transform import transform_document
from smev.errors import SmevError
from smev.message_file import split_messages
from tests.unit.signing.mutations import (
    Step,
    check,
    measure_cpu_s,
    mutate_bytes,
    mutate_tree,
    seeds,
)

Target = Callable[[bytes], None]
MAX_BYTES = 100_000
MAX_CPU_S = 1.0
_STEP_BYTES = 9


def run(target: Target, data: bytes) -> None:
    """Call the target; fail when it takes too long."""
    assert measure_cpu_s(lambda: target(data[:MAX_BYTES])) < MAX_CPU_S, "more than a second of CPU"


def _read_steps(data: bytes) -> Iterator[Step]:
    for start in range(0, min(len(data), 8 * _STEP_BYTES), _STEP_BYTES):
        chunk = data[start : start + _STEP_BYTES].ljust(_STEP_BYTES, b"\0")
        first, second, third = (int.from_bytes(chunk[at : at + 3], "big") for at in (0, 3, 6))
        yield first, second, third


def fuzz_bytes(data: bytes) -> None:
    """A good message with its bytes changed: the first number says which, the others how."""
    seed = seeds()[(data[0] if data else 0) % len(seeds())]
    check(seed, mutate_bytes(seed.message, [*_read_steps(data[1:])]))


def fuzz_trees(data: bytes) -> None:
    """A good message with its elements changed."""
    seed = seeds()[(data[0] if data else 0) % len(seeds())]
    check(seed, mutate_tree(seed.message, [*_read_steps(data[1:])]))


def fuzz_messages(data: bytes) -> None:
    """Bytes that are taken for a message; none of them is signed."""
    if all(data != seed.message for seed in seeds()):
        assert not check(seeds()[0], data)


def fuzz_parser(data: bytes) -> None:
    """Bytes that are taken for a document."""
    with contextlib.suppress(SigningError):
        parse_document(data)


def fuzz_transform(data: bytes) -> None:
    """Bytes that are taken for an input of SMEV's transform."""
    with contextlib.suppress(SigningError):
        transform_document(data)


def fuzz_certificates(data: bytes) -> None:
    """Bytes that are taken for a certificate."""
    with contextlib.suppress(SigningError):
        parse_certificate(data, der_only=True)


def fuzz_files(data: bytes) -> None:
    """Bytes that are taken for a file of messages."""
    with contextlib.suppress(SmevError):
        split_messages(data)


TARGETS: dict[str, Target] = {
    "bytes": fuzz_bytes,
    "trees": fuzz_trees,
    "messages": fuzz_messages,
    "parser": fuzz_parser,
    "transform": fuzz_transform,
    "certificates": fuzz_certificates,
    "files": fuzz_files,
}
