"""Search for the value at which something that rises or falls steadily comes to a wanted sum."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

STEPS = 6
"""Values that are tried lie on a grid of 10 ** -STEPS of the span or finer, in decimal places:
fine enough to hit, coarse enough to be copied by hand."""

MOST_TRIED = 25


@dataclass
class Search:
    """A root of ``f(x) = wanted`` between two ends, by regula falsi with bisections.

    Whoever searches asks ``next()`` for a value, tells what it comes to, and so on until there is
    none, so that several searches can go on side by side. ``f`` is monotone, up or down; where it
    has steps, or takes whole numbers only (``whole``), ``best`` is the nearest found.
    """

    wanted: float
    aim: float
    """How near is near enough, in units of ``wanted``."""
    low: float
    high: float
    f_low: float
    f_high: float
    whole: bool = False
    tried: dict[float, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.tried = {self.low: self.f_low, self.high: self.f_high}
        self._ends = [(self.low, self._miss(self.f_low)), (self.high, self._miss(self.f_high))]
        self._moved = -1

    @property
    def reachable(self) -> bool:
        """Does the sum lie between what the ends come to, or near enough to one of them?"""
        (_, a), (_, b) = self._first
        return a * b <= 0.0 or min(abs(a), abs(b)) <= self.aim

    @property
    def best(self) -> tuple[float, float]:
        """The value tried that comes nearest, with what it comes to."""
        return min(self.tried.items(), key=lambda pair: abs(self._miss(pair[1])))

    def next(self) -> float | None:
        """The value to try; None when near enough, or when nothing is left to be tried."""
        enough = abs(self._miss(self.best[1])) <= self.aim or len(self.tried) >= MOST_TRIED
        if enough or not self.reachable:
            return None
        (a, miss_a), (b, miss_b) = self._ends
        # Regula falsi alone can creep along where f is strongly curved.
        by_halves = len(self.tried) % 3 == 1 or miss_a == miss_b
        x = (a + b) / 2 if by_halves else (a * miss_b - b * miss_a) / (miss_b - miss_a)
        x = self._rounded(x, a, b)
        return x if a < x < b else None

    def tell(self, x: float, f: float) -> None:
        """What a value comes to."""
        self.tried[x] = f
        miss = self._miss(f)
        side = 0 if (miss > 0) == (self._ends[0][1] > 0) else 1
        if side == self._moved:  # the other end has stayed: lean towards it
            x_other, other = self._ends[1 - side]
            self._ends[1 - side] = (x_other, other / 2)
        self._ends[side], self._moved = (x, miss), side

    @property
    def _first(self) -> list[tuple[float, float]]:
        return [(x, self._miss(self.tried[x])) for x in (self.low, self.high)]

    def _miss(self, f: float) -> float:
        return f - self.wanted

    def _rounded(self, x: float, a: float, b: float) -> float:
        if not self.whole:
            return round(x, STEPS - math.floor(math.log10(self.high - self.low)))
        # Strictly inside, as long as there is anything inside.
        return min(max(round(x), int(a) + 1), int(b) - 1)
