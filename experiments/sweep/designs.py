"""Designs: from factors to points, the values that every cell gives to every factor.

A point is a tuple with a value per factor, in the order of the file: a number, a text, the name of
a level; None where the factor stays as in the base.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import Any

import numpy as np

from experiments.mistakes import shown
from experiments.sweep.condition import Condition
from experiments.sweep.stated import SAMPLED, Design, Factor, is_share
from sim.config.checks import suggestion

Point = tuple[Any, ...]
Factors = Mapping[str, Factor]


def points_of(design: Design, factors: Factors) -> list[Point]:
    """The points of a design, each once, in its order.

    Raises ValueError for values that a factor does not have and conditions that cannot be met.
    """
    points = list(_points(design, factors))
    try:
        return list(dict.fromkeys(points))
    except TypeError:  # strategies that are written out are mappings and lists
        return list({repr(point): point for point in reversed(points)}.values())[::-1]


def most_points(design: Design, factors: Factors) -> int:
    """At most so many points, without making them: what is too many is refused before."""
    match design.kind:
        case "factorial":
            return math.prod(len(settings(factor)) for factor in factors.values())
        case "one_at_a_time":
            return 1 + sum(len(settings(factor)) for factor in factors.values())
        case "points":
            return len(design.points or ())
        case "combined":
            return sum(most_points(one, factors) for one in design.designs or ())
        case "filtered":
            return most_points(design.design, factors) if design.design else 0
    return design.cells or 0


def settings(factor: Factor) -> list[Any]:
    """The values that a factor takes one by one: as stated, or steps of its range."""
    if factor.levels is not None:
        return list(factor.levels)
    if factor.values is not None:
        return list(factor.values)
    shares = np.linspace(0.0, 1.0, factor.steps)
    return list(dict.fromkeys(at_share(factor, float(share)) for share in shares))


def at_share(factor: Factor, share: float) -> Any:
    """The value at a share (0 to 1) of the range; of single values each has an equal part of it."""
    if factor.levels is not None or factor.values is not None:
        single = settings(factor)
        return single[min(int(share * len(single)), len(single) - 1)]
    low, high = factor.between or (0.0, 1.0)
    if share >= 1.0:
        return int(high) if factor.whole else high  # as stated, without a rounding on the way
    if factor.scale == "log":
        value = low * (high / low) ** share
    else:
        value = low + (high - low) * share
    if factor.whole:
        return round(value)
    # Twelve digits: 0.30000000000000004 would be a cell of its own beside 0.3.
    return float(f"{value:.12g}")


def _points(design: Design, factors: Factors) -> Iterator[Point]:
    match design.kind:
        case "factorial":
            yield from product(*(settings(factor) for factor in factors.values()))
        case "one_at_a_time":
            yield from _one_at_a_time(factors)
        case "points":
            yield from (_stated(point, factors) for point in design.points or ())
        case "combined":
            for one in design.designs or ():
                yield from _points(one, factors)
        case "filtered":
            yield from _kept(design, factors)
        case _:
            yield from _sampled(design, factors)


def _one_at_a_time(factors: Factors) -> Iterator[Point]:
    base: Point = (None,) * len(factors)
    yield base
    for i, factor in enumerate(factors.values()):
        for value in settings(factor):
            yield (*base[:i], value, *base[i + 1 :])


def _sampled(design: Design, factors: Factors) -> Iterator[Point]:
    """Points of a low-discrepancy or Latin hypercube design (scipy.stats.qmc), scrambled."""
    from scipy.stats import qmc

    assert design.kind in SAMPLED
    n, d = design.cells or 0, len(factors)
    rng = np.random.default_rng(design.draw)
    match design.kind:
        case "sobol":
            shares = qmc.Sobol(d, rng=rng).random_base2(n.bit_length() - 1)
        case "halton":
            shares = qmc.Halton(d, rng=rng).random(n)
        case _:
            shares = qmc.LatinHypercube(d, rng=rng).random(n)
    for row in shares:
        pairs = zip(factors.values(), row, strict=True)
        yield tuple(at_share(factor, float(share)) for factor, share in pairs)


def _kept(design: Design, factors: Factors) -> Iterator[Point]:
    condition = Condition(design.keep or "", list(factors))
    for point in _points(design.design, factors) if design.design else ():
        if condition(dict(zip(factors, point, strict=True))):
            yield point


def _stated(point: Mapping[str, Any], factors: Factors) -> Point:
    for name, value in point.items():
        if name not in factors:
            close = suggestion(name, list(factors))
            raise ValueError(
                f"found {shown(name)}, which is no factor; allowed: {_said(factors)}{close}"
            )
        levels = factors[name].levels
        if (
            levels is not None
            and value is not None
            and not (isinstance(value, str) and value in levels)
        ):
            known = _said(levels)
            raise ValueError(f"{name}: found {shown(value)}, which is no level; allowed: {known}")
        if factors[name].moves is not None and value is not None and not is_share(value):
            raise ValueError(f"{name}: found {shown(value)}; allowed: a number from 0 to 1")
    return tuple(point.get(name) for name in factors)


def value_text(value: Any) -> str:
    """A value of a factor on one line, in full: a strategy that is written out as JSON."""
    if isinstance(value, (bool, dict, list, tuple)):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def _said(names: Iterable[str]) -> str:
    return ", ".join(names)
