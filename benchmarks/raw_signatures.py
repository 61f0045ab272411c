"""What a signature by itself costs, without any XML: every algorithm by every provider.

One thread, the operations as the gateway calls them: the digest of about a kilobyte, a SignedInfo,
is part of both. Providers take turns within a round.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks.report import Report
from benchmarks.settings import Scale
from signing.errors import ProviderError
from signing.providers import KeyKind, PrivateKey, Provider
from signing.providers.gost_engine import GostEngineProvider
from signing.providers.portable import PortableGostProvider
from signing.providers.rsa_ecdsa import RsaEcdsaProvider

_DATA = bytes(range(256)) * 4
_ENGINE, _PORTABLE, _CRYPTOGRAPHY = "gost engine", "portable", "cryptography"
_GOST = (KeyKind.GOST_2012_256, KeyKind.GOST_2012_512, KeyKind.GOST_2001)
_OTHERS = (KeyKind.RSA_2048, KeyKind.RSA_3072, KeyKind.EC_P256, KeyKind.EC_P384)
_WARM_UP = 10
_NEW_KEYS = 5


@dataclass
class _Contender:
    """A provider with a key of its own; what was measured is gathered in the lists."""

    kind: KeyKind
    name: str
    provider: Provider
    key: PrivateKey
    new_key_ms: float
    verified: list[float]
    signed: list[float]

    def verify_with(self, public_key_info: bytes, signature: bytes) -> None:
        self.provider.verify(self.key.algorithm, public_key_info, _DATA, signature)


class RawSignatureBenchmark:
    """Verifications and signatures a second, by algorithm and provider."""

    def __init__(self, scale: Scale, report: Report) -> None:
        self._scale = scale
        self._report = report

    def run(self) -> None:
        """Measure and print."""
        contenders = list(self._prepare())
        for number in range(self._scale.rounds):
            self._report.step(f"signatures: round {number + 1} of {self._scale.rounds}")
            for one in contenders:
                self._measure(one)
        self._print(contenders)

    def _prepare(self) -> Iterator[_Contender]:
        for name, kinds, make in (
            (_ENGINE, _GOST, GostEngineProvider),
            (_PORTABLE, _GOST, lambda: PortableGostProvider(allow_insecure_signing=True)),
            (_CRYPTOGRAPHY, _OTHERS, RsaEcdsaProvider),
        ):
            try:
                provider: Provider = make()
            except ProviderError as error:
                self._report.step(f"left out: {name} ({error.detail})")
                continue
            for kind in kinds:
                key = provider.generate_key(kind)
                one = _Contender(kind, name, provider, key, 0.0, [], [])
                # The first key of all makes what the provider keeps for every key.
                _new_key_ms(one)
                one.new_key_ms = median(_new_key_ms(one) for _ in range(_NEW_KEYS))
                yield one

    def _measure(self, one: _Contender) -> None:
        info, signature = one.key.public_key_info, one.key.sign(_DATA)
        one.verified.append(_rate(lambda: one.verify_with(info, signature), self._scale.signing_s))
        one.signed.append(_rate(lambda: one.key.sign(_DATA), self._scale.signing_s))

    def _print(self, contenders: Sequence[_Contender]) -> None:
        by_engine = {one.kind: one for one in contenders if one.name == _ENGINE}
        order = {kind: place for place, kind in enumerate((*_GOST, *_OTHERS))}
        rows = []
        for one in sorted(contenders, key=lambda each: order[each.kind]):
            verified, signed = median(one.verified), median(one.signed)
            engine = by_engine.get(one.kind)
            ratio = "" if engine is None else f"{_ratio(one.verified, engine.verified):.2f}"
            rows.append(
                [
                    one.kind.value,
                    one.name,
                    f"{verified:,.0f}",
                    ratio,
                    f"{signed:,.0f}",
                    f"{one.new_key_ms:.2f}",
                ]
            )
            self._report.row(
                "raw signature",
                {
                    "algorithm": one.kind.value,
                    "provider": one.name,
                    "verify_per_s": round(verified),
                    "sign_per_s": round(signed),
                    "new_key_ms": round(one.new_key_ms, 3),
                },
            )
        self._report.table(
            "One signature over 1 KB, one thread",
            ["key", "provider", "verify/s", "of the engine", "sign/s", "new key, ms"],
            rows,
            note=(
                f"Medians of {self._scale.rounds} rounds, digests included. Verified by a key that "
                "comes all the time; “new key” is one verification by a key not seen before."
            ),
        )


def _new_key_ms(one: _Contender) -> float:
    key = one.provider.generate_key(one.kind)
    info, signature = key.public_key_info, key.sign(_DATA)
    started = time.perf_counter_ns()
    one.verify_with(info, signature)
    return (time.perf_counter_ns() - started) / 1e6


def _rate(call: Callable[[], object], seconds: float) -> float:
    """Return how often a second this can be called."""
    for _ in range(_WARM_UP):
        call()
    count, started = 0, time.perf_counter()
    while (elapsed := time.perf_counter() - started) < seconds:
        for _ in range(_WARM_UP):
            call()
        count += _WARM_UP
    return count / elapsed


def _ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Return the median of the rounds' ratios."""
    return median(one / other for one, other in zip(ours, theirs, strict=True))
