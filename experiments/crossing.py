"""At which value of a parameter a difference between two arms disappears, from few runs.

The search asks for runs and is sent what they measured; who lives them is not its business.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from experiments.metrics import Metric
from experiments.summary import values

FOUND, NONE, UNSETTLED = "found", "none in range", "unsettled"
"""Verdicts: a value was found; the difference keeps its side over the range; in the replicates
that were used it lies on another side than in all of them, so that nothing can be said."""

LOOKS = ((0.25, 0.25), (0.5, 0.5), (1.0, 1.0))
"""(share of the replicates, share of the difference): an end of the range that takes less than so
much of the difference away in so many replicates is not looked at in more of them."""

STEPS = 3
"""Values at most that are tried between a value that keeps the side and one that does not."""

CLOSE = 0.05
"""Share of the first difference that is as good as zero."""

INSIDE = 0.1
"""Share of a bracket by which a try stays away from its ends."""

Pairs = np.ndarray
"""[replicates, 2 (arm, baseline), 2 (part, whole)]."""


class Ask(NamedTuple):
    """A wish for what the first ``n`` replicates measure with the parameter at ``value``."""

    value: float
    n: int


@dataclass(frozen=True)
class Finding:
    """What came of a search; numbers that do not exist are NaN.

    ``low`` and ``high``: between which values the crossing moves when replicates are left out one
    at a time; NaN where it disappears without one of them.
    """

    verdict: str
    value: float = math.nan
    low: float = math.nan
    high: float = math.nan
    replicates: int = 0


Search = Generator[list[Ask], list[Pairs], Finding]


def difference(metric: Metric, pairs: Pairs) -> float:
    """Arm less baseline over all replicates, in the unit of the metric; NaN where one has none."""
    arm, base = pairs[:, 0].astype(float), pairs[:, 1].astype(float)
    if metric.kind == "proportion":
        parts, wholes = arm.sum(axis=0), base.sum(axis=0)
        if not (parts[1] > 0 and wholes[1] > 0):
            return math.nan
        return float(parts[0] / parts[1] - wholes[0] / wholes[1])
    each = values(arm) - values(base)
    known = each[~np.isnan(each)]
    return float(known.mean()) if len(known) else math.nan


def search(start: float, ends: Sequence[float], n: int, of: Callable[[Pairs], float]) -> Search:
    """Look between ``start`` and the ``ends`` of its range for a value at which ``of`` is zero.

    ``of``: from what replicates measured to a difference that is positive in the main result.
    ``n``: replicates. Yields what it asks for and is sent the answers; returns what it found.
    """
    (at_start,) = yield [Ask(start, n)]
    if not of(at_start) > 0.0:
        return Finding(UNSETTLED, replicates=n)
    near, points = list(ends), {start: at_start}
    for share, lost in LOOKS:
        few = math.ceil(share * n)
        least = of(at_start[:few]) - lost * of(at_start)
        looks = dict(zip(near, (yield [Ask(end, few) for end in near]), strict=True))
        near = [end for end in near if not of(looks[end]) > least]
        if not near:
            return Finding(NONE, replicates=few)
    points |= looks
    crossed = [end for end in near if of(points[end]) <= 0.0]
    for end in crossed:
        yield from _narrow(points, start, end, n, of)
    if not crossed:  # there is nothing to compare at an end, as after it nobody bought
        return Finding(UNSETTLED, replicates=n)
    value = crossing({at: of(pairs) for at, pairs in points.items()}, start)
    return Finding(FOUND, value, *_without_one(points, start, n, of), n)


def _narrow(
    points: dict[float, Pairs], keeps: float, turns: float, n: int, of: Callable[[Pairs], float]
) -> Generator[list[Ask], list[Pairs], None]:
    """Add points between two values with differences of opposite signs, closer and closer.

    Secants and halves in turn: a secant alone creeps where the difference bends.
    """
    enough = CLOSE * of(points[keeps])
    for step in range(STEPS):
        share = 0.5
        if step % 2 == 0:
            above, below = of(points[keeps]), of(points[turns])
            share = min(max(above / (above - below), INSIDE), 1.0 - INSIDE)
        guess = keeps + share * (turns - keeps)
        (points[guess],) = yield [Ask(guess, n)]
        left = of(points[guess])
        if abs(left) <= enough or math.isnan(left):
            return
        keeps, turns = (guess, turns) if left > 0.0 else (keeps, guess)


def crossing(points: Mapping[float, float], start: float) -> float:
    """The value nearest to ``start`` at which a line through the points is zero; NaN if none is.

    ``points``: value -> difference; nothing is found where that at ``start`` is not positive.
    """
    known = {value: found for value, found in points.items() if not math.isnan(found)}
    if not known.get(start, 0.0) > 0.0:
        return math.nan
    ways = [sorted(v for v in known if v <= start)[::-1], sorted(v for v in known if v >= start)]
    found = []
    for way in ways:
        for near, far in pairwise(way):
            if known[far] <= 0.0:
                share = known[near] / (known[near] - known[far])
                found.append(near + share * (far - near))
                break
    return min(found, key=lambda value: abs(value - start), default=math.nan)


def _without_one(
    points: Mapping[float, Pairs], start: float, n: int, of: Callable[[Pairs], float]
) -> tuple[float, float]:
    """The least and the largest crossing when each replicate is left out once."""
    found = [
        crossing({at: of(np.delete(pairs, i, axis=0)) for at, pairs in points.items()}, start)
        for i in range(n if n > 1 else 0)
    ]
    if not found or any(map(math.isnan, found)):
        return math.nan, math.nan
    return min(found), max(found)
