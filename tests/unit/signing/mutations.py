"""Good messages changed at random: on their bytes, and on their trees.

Each mutation is a list of numbers, so that whoever draws them may be a property test or a fuzzer.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import cache

from lxml import etree

from signing import namespaces as ns
from signing.algorithms import DEFAULT_SIGNATURES
from signing.errors import SigningError
from signing.xml.explanation import explain_signature
from signing.xml.inspection import Document, Verdict, inspect_document
from signing.xml.parser import parse_document
from signing.xml.personal import verify_personal
from signing.xml.smev3 import Holder, verify_smev3
from signing.xml.wss import parse_envelope, verify_sender
from tests.unit.signing import defects_personal, samples, samples_smev3

Step = tuple[int, int, int]
_PIECES = (
    *(b"<", b">", b'"', b"'", b"&", b"#", b"/>", b"]]>", b"<!--", b"-->", b"<![CDATA[", b"<?x?>"),
    *(b'Id="Body"', b'Id="SIGNED_BY_CALLER"', b' xmlns="urn:x"', b' xmlns:ds="urn:x"', b"&#65;"),
    *(b"\xd0", b"\0", b"\xc2\xa0", b" ", b"\n", b"=", b"A", b"<!DOCTYPE a>", b'xml:lang="ru"'),
    *(b"ds:", b"soap:", b"t:", b"b:", b"m:", b"http://", b"1.3", b"</a>", b"<a>", b"<a/>"),
)
_TEXTS = ("", " ", "x", "AAAA", "\u00a0", "ORIGINAL", "#Body", "#SIGNED_BY_CALLER", "\n")
_ID_NAMES = ("Id", "ID", ns.WSU_ID, ns.XML_ID)
_IDS = ("Body", "SIGNED_BY_CALLER", "PERSONAL_SIGNATURE", "PersonalSignature", "other")


@dataclass(frozen=True, slots=True)
class Seed:
    """A good message, and how what it signs is read."""

    name: str
    message: bytes
    read: Callable[[bytes], tuple[bytes, ...]]

    @property
    def parts(self) -> tuple[bytes, ...]:
        """What its signatures cover."""
        return self.read(self.message)


def check(seed: Seed, message: bytes) -> bool:
    """Say whether a mutation still verifies; fail unless it then says what was signed.

    Whose certificate it is, is not asked: a changed one may have its key, and trust refuses it.
    Whatever it is, nothing but this package's exceptions is raised.
    """
    try:
        document = Document(message)
        reports = inspect_document(document, samples.providers(), trust=None, at=samples.NOW)
        for report in reports:
            explanation = explain_signature(document, report, samples.providers())
            assert (explanation.cause == "none") == (report.verdict is Verdict.VALID)
    except SigningError:
        pass
    try:
        found = seed.read(message)
    except SigningError:
        return False
    assert found == _parts(seed.name), "it verifies and says something else"
    return True


def measure_cpu_s(call: Callable[[], object]) -> float:
    """Call it, again when it was slow, and return the least it took: a pause is no cost of it."""
    least = float("inf")
    for _ in range(3):
        started = time.process_time()
        call()
        least = min(least, time.process_time() - started)
        if least < 0.5:
            break
    return least


def mutate_bytes(message: bytes, steps: Sequence[Step]) -> bytes:
    """Insert, delete, replace and copy pieces of the bytes."""
    made = bytearray(message)
    for kind, place, choice in steps:
        at, piece = place % (len(made) + 1), _PIECES[choice % len(_PIECES)]
        match kind % 6:
            case 0:
                made[at:at] = piece
            case 1:
                del made[at : at + 1 + choice % 40]
            case 2:
                made[at : at + len(piece)] = piece
            case 3:
                start = choice % (len(made) + 1)
                made[at:at] = made[start : start + 200]
            case 4 if at < len(made):
                made[at] = choice % 256
            case _ if at < len(made):
                made[at] ^= 1 << choice % 8
    return bytes(made)


def mutate_tree(message: bytes, steps: Sequence[Step]) -> bytes:
    """Move, copy, remove and change elements."""
    root = etree.fromstring(message)
    for kind, first, second in steps:
        elements = list(root.iter("*"))
        element, other = elements[first % len(elements)], elements[second % len(elements)]
        _TREE_STEPS[kind % len(_TREE_STEPS)](element, other, second)
    return etree.tostring(root, encoding="utf-8")


def _append(element: etree._Element, other: etree._Element, _: int) -> None:
    if element not in other.iterancestors() and element is not other and _has_parent(element):
        other.append(element)


def _insert(element: etree._Element, other: etree._Element, _: int) -> None:
    if element not in other.iterancestors() and element is not other and _has_parent(element):
        other.insert(0, element)


def _copy(element: etree._Element, other: etree._Element, _: int) -> None:
    other.append(deepcopy(element))


def _copy_before(element: etree._Element, other: etree._Element, _: int) -> None:
    if _has_parent(other):
        other.addprevious(deepcopy(element))


def _remove(element: etree._Element, _: etree._Element, __: int) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def _rename(element: etree._Element, other: etree._Element, _: int) -> None:
    element.tag = other.tag


def _move_name(element: etree._Element, other: etree._Element, _: int) -> None:
    """To the vocabulary of the other."""
    name = etree.QName(element).localname
    namespace = etree.QName(other).namespace
    element.tag = f"{{{namespace}}}{name}" if namespace else name


def _set_text(element: etree._Element, _: etree._Element, choice: int) -> None:
    element.text = _TEXTS[choice % len(_TEXTS)]


def _set_tail(element: etree._Element, _: etree._Element, choice: int) -> None:
    if _has_parent(element):
        element.tail = _TEXTS[choice % len(_TEXTS)]


def _take_text(element: etree._Element, other: etree._Element, _: int) -> None:
    element.text = other.text


def _set_id(element: etree._Element, _: etree._Element, choice: int) -> None:
    element.set(_ID_NAMES[choice % len(_ID_NAMES)], _IDS[choice // 4 % len(_IDS)])


def _take_attributes(element: etree._Element, other: etree._Element, _: int) -> None:
    for name, value in other.items():
        element.set(name, value)


def _move_attributes(element: etree._Element, other: etree._Element, _: int) -> None:
    if element is not other:
        _take_attributes(element, other, 0)
        for name in list(other.attrib):
            del other.attrib[name]


def _wrap(element: etree._Element, other: etree._Element, _: int) -> None:
    parent = element.getparent()
    if parent is not None:
        wrapper = etree.Element(other.tag)
        parent.replace(element, wrapper)
        wrapper.append(element)


def _unwrap(element: etree._Element, _: etree._Element, __: int) -> None:
    parent = element.getparent()
    if parent is not None:
        for child in list(element):
            element.addprevious(child)
        parent.remove(element)


def _swap(element: etree._Element, other: etree._Element, _: int) -> None:
    if _has_parent(element) and _has_parent(other):
        first, second = deepcopy(element), deepcopy(other)
        if element in other.iterancestors() or other in element.iterancestors():
            return
        for old, new in ((element, second), (other, first)):
            parent = old.getparent()
            if parent is not None:
                parent.replace(old, new)


_TREE_STEPS = (
    *(_append, _insert, _copy, _copy_before, _remove, _rename, _move_name, _set_text, _set_tail),
    *(_take_text, _set_id, _take_attributes, _move_attributes, _wrap, _unwrap, _swap),
)


def _has_parent(element: etree._Element) -> bool:
    return element.getparent() is not None


def _read_smev2(message: bytes) -> tuple[bytes, ...]:
    envelope = parse_envelope(parse_document(message))
    found = verify_sender(envelope, samples.providers(), allowed=DEFAULT_SIGNATURES)
    return (found.canonical,)


def _read_personal(message: bytes) -> tuple[bytes, ...]:
    envelope = parse_envelope(parse_document(message))
    found = verify_sender(envelope, samples.providers(), allowed=DEFAULT_SIGNATURES)
    parts = verify_personal(found.payload, samples.providers(), allowed=DEFAULT_SIGNATURES)
    return (found.canonical, *(part.canonical for part in parts))


def _read_smev3(message: bytes, holders: tuple[Holder, ...]) -> tuple[bytes, ...]:
    root = parse_document(message)
    parts = [
        verify_smev3(root, samples.providers(), allowed=DEFAULT_SIGNATURES, holder=holder)
        for holder in holders
    ]
    return tuple(part.canonical for part in parts)


def _seed_smev3(name: str, key: str, holder: Holder) -> Seed:
    return Seed(
        f"{name}-{holder}-{key}",
        samples_smev3.signed(name, key),
        lambda message: _read_smev3(message, (holder,)),
    )


@cache
def seeds() -> tuple[Seed, ...]:
    """Good messages of every family, by GOST and by RSA."""
    made = []
    for key in ("agency-gost", "agency-rsa"):
        made += [
            Seed(f"smev2-{key}", samples.signed(key), _read_smev2),
            Seed(f"personal-{key}", defects_personal.signed(key), _read_personal),
            _seed_smev3("ack", key, Holder.CALLER),
            _seed_smev3("send_request", key, Holder.CALLER),
            *(
                _seed_smev3("request", key, holder)
                for holder in samples_smev3.SAMPLES["request"].holders
            ),
        ]
    return tuple(made)


@cache
def _parts(name: str) -> tuple[bytes, ...]:
    return next(seed.parts for seed in seeds() if seed.name == name)
