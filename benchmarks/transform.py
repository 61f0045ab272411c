"""The SMEV 3 transform beside libxml2's exclusive C14N of the same tree, in one process."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from lxml import etree

from benchmarks.ratios import paired_ratio
from benchmarks.report import Report
from benchmarks.settings import SEED, Scale
from signing.xml.canonical import canonicalize
from signing.xml.transform import transform_canonical

_SIZES = (10_000, 100_000, 1_000_000)
# Short runs are repeated until they take so many bytes, so that the clock has something to see.
_ROUND_BYTES = 1_000_000
_TYPES = "urn://x-artefacts-smev-gov-ru/services/message-exchange/types/1.3"
_BASIC = "urn://x-artefacts-smev-gov-ru/services/message-exchange/types/basic/1.3"
_CONTENT = "urn://x-artefacts-kontingent/benchmark/1.0"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"


@dataclass(frozen=True, slots=True)
class _Sink:
    """Takes what is written, as cheaply as can be."""

    def write(self, data: bytes, /) -> int:
        return len(data)


class TransformBenchmark:
    """What the transform costs by C14N, at three sizes, with few and with many attributes."""

    def __init__(self, scale: Scale, report: Report) -> None:
        self._rounds = scale.transform_rounds
        self._report = report

    def run(self) -> None:
        """Measure and print."""
        self._report.step("transform: SMEV 3 contents of three sizes")
        kinds = (("elements", elements_row), ("attributes", attributes_row))
        rows = [
            self._measure(kind, make_content(size_bytes, row))
            for kind, row in kinds
            for size_bytes in _SIZES
        ]
        columns = ["content", "KB", "elements", "C14N ms", "transform ms", "transform / C14N"]
        note = (
            f"CPU time of one thread, the least of {self._rounds} rounds; ratios within a round, "
            "their median with the least and the greatest. The smaller, the better."
        )
        self._report.table(
            "The SMEV 3 transform and exclusive C14N of the same tree",
            columns,
            rows,
            texts=1,
            note=note,
        )

    def _measure(self, kind: str, root: etree._Element) -> list[str]:
        canonical, tree = canonicalize(root), etree.ElementTree(root)
        times = max(1, _ROUND_BYTES // len(canonical))
        c14n, transform = [], []
        for _ in range(self._rounds):
            c14n.append(
                _cpu_ms(
                    times, lambda: tree.write_c14n(_Sink(), exclusive=True, with_comments=False)
                )
            )
            transform.append(_cpu_ms(times, lambda: transform_canonical(canonical)))
        ratio = paired_ratio(transform, c14n)
        elements = sum(1 for _ in root.iter())
        self._report.row(
            "transform",
            {
                "content": kind,
                "bytes": len(canonical),
                "elements": elements,
                "c14n_ms": round(min(c14n), 3),
                "transform_ms": round(min(transform), 3),
                "ratio": round(ratio.median, 2),
            },
        )
        return [
            kind,
            f"{len(canonical) / 1000:.0f}",
            str(elements),
            f"{min(c14n):.2f}",
            f"{min(transform):.2f}",
            str(ratio),
        ]


def _cpu_ms(times: int, call: Callable[[], object]) -> float:
    started = time.thread_time_ns()
    for _ in range(times):
        call()
    return (time.thread_time_ns() - started) / 1e6 / times


def make_content(size_bytes: int, row: Callable[[Random, int], str]) -> etree._Element:
    """Return the part of a message that its sender signs, filled with rows."""
    random, rows, filled = Random(SEED), [], 0
    while filled < size_bytes:
        rows.append(row(random, len(rows)))
        filled += len(rows[-1].encode())
    return etree.fromstring(
        f'<t:SenderProvidedRequestData xmlns:t="{_TYPES}" Id="SIGNED_BY_CONSUMER">'
        f'<b:MessagePrimaryContent xmlns:b="{_BASIC}">'
        f'<s:Students xmlns:s="{_CONTENT}" xmlns:xsi="{_XSI}">{"".join(rows)}</s:Students>'
        "</b:MessagePrimaryContent></t:SenderProvidedRequestData>"
    )


def elements_row(random: Random, number: int) -> str:
    return (
        f"<s:Student><s:FamilyName>Алёхина-Королёва</s:FamilyName><s:FirstName>Ульяна</s:FirstName>"
        f"<s:BirthDate>2010-01-{number % 28 + 1:02}</s:BirthDate>"
        f"<s:Snils>{random.randrange(10**11):011}</s:Snils>"
        f"<s:School><s:Name>МБОУ «СОШ № {number}» &amp; детский сад</s:Name>"
        f"<s:Code>{random.randrange(10**6)}</s:Code></s:School></s:Student>"
    )


def attributes_row(random: Random, number: int) -> str:
    return (
        f'<s:Student Id="ID_{number}" version="{number % 3}">'
        f'<s:Name family="Алёхина-Королёва" first="Ульяна">x</s:Name>'
        f'<s:Document type="passport" number="{random.randrange(10**6):06}"></s:Document>'
        f'<s:BirthDate xsi:type="s:Date">2010-01-{number % 28 + 1:02}</s:BirthDate></s:Student>'
    )
