"""What a sweep found out about its factors: groups of cells, effects, interactions.

The replicate is the unit: cells of one replicate share their world. A group is measured in the
replicates in which all of its cells are there, so that an unfinished sweep is not lopsided; groups
are compared replicate by replicate.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Any

import numpy as np

from experiments import ratios, statistics
from experiments.metrics import METRICS, Metric
from experiments.statistics import NOTHING, Estimate
from experiments.summary import estimate, values
from experiments.sweep.table import BASE, Table

MOST_PLACES = 24
"""Different numbers of a factor beyond which they are put into ranges."""
RANGES = 8
LEVEL = 0.95


@dataclass(frozen=True)
class Axis:
    """A factor as it is laid out: its places in order, and which place each cell has."""

    name: str
    labels: list[str]
    of_cell: np.ndarray
    """[cells]: place, -1 for cells that say nothing about this factor."""
    ordered: bool
    """Are the places numbers, from the least to the greatest?"""


@dataclass(frozen=True)
class Contrast:
    """A difference between groups of cells, or a difference of such differences."""

    metric: Metric
    factors: tuple[str, ...]
    ends: tuple[tuple[str, str], ...]
    """First and last place of each factor."""
    found: Estimate
    parts: tuple[Estimate, ...] = ()
    """Of an interaction: the first factor's effect at the second's first and last place."""


def axis(table: Table, name: str) -> Axis:
    """Lay a factor out.

    Where the design has cells that state every factor, those alone count: beside them a cell that
    leaves something as in the base says more than one thing at once. Else the cells that change
    this factor alone, and the base, which then has a place of its own.
    """
    found = table.of_factor(name)
    stated = np.array([all(v is not None for v in p.values()) for p in table.points])
    changed = np.array([sum(v is not None for v in p.values()) for p in table.points])
    alone = np.array([value is not None for value in found]) & (changed == 1)
    counts = stated if stated.any() else alone | (changed == 0)
    given = [v for v, counted in zip(found, counts, strict=True) if counted and v is not None]
    base = not stated.any() and bool((changed == 0).any())
    ordered = all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in given)
    ordered = ordered and not base
    if ordered and len(set(given)) > MOST_PLACES:
        some = [v if counted else None for v, counted in zip(found, counts, strict=True)]
        return _in_ranges(name, some, table.stated["factors"][name]["scale"] == "log")
    distinct = list({_key(value): value for value in given}.values())
    distinct = sorted(distinct) if ordered else _as_stated(table, name, distinct)
    labels = [_said(value, 3) for value in distinct]
    if len(set(labels)) < len(labels):
        labels = [_said(value, 12) for value in distinct]
    place = {_key(value): i for i, value in enumerate(distinct)}
    if base:
        labels = [BASE, *labels]
        place = {key: i + 1 for key, i in place.items()} | {_key(None): 0}
    of_cell = np.array(
        [
            place[_key(value)] if counted else -1
            for value, counted in zip(found, counts, strict=True)
        ]
    )
    return Axis(name, labels, of_cell, ordered)


def pairs_of(table: Table, metric: str) -> np.ndarray:
    """[cells, replicates, 2]: part and whole, NaN where a cell has not been lived."""
    replicates = int(table.stated["replicates"])
    found = np.full((len(table.points), replicates, 2), np.nan)
    found[table.cell, table.replicate] = table.pairs[:, table.metrics.index(metric)]
    return found


def grouped(pairs: np.ndarray, metric: Metric) -> np.ndarray:
    """[replicates, 2] of a group of cells together, from [cells, replicates, 2].

    Proportions add up; of everything else the cells' mean is taken. (0, 0) for replicates that lack
    a cell, or in which no cell has a value.
    """
    if not len(pairs):
        return np.zeros((pairs.shape[1], 2))
    if metric.kind == "proportion":
        together = pairs.sum(axis=0)
    else:
        each = np.stack([values(cell) for cell in np.nan_to_num(pairs)])
        with_value = ~np.isnan(each)
        n = with_value.sum(axis=0)
        total = np.where(with_value, each, 0.0).sum(axis=0)
        together = np.column_stack([total / np.maximum(n, 1), (n > 0).astype(float)])
    whole = ~np.isnan(pairs).any(axis=(0, 2))
    return np.where(whole[:, None] & (together[:, 1:] > 0), together, 0.0)


def contrast(groups: Sequence[np.ndarray], signs: Sequence[int], metric: Metric) -> Estimate:
    """Sum of sign times estimate over groups, paired by replicate, with its 95 % t interval.

    Proportions by the delete-one jackknife over replicates, which for means is the paired t
    interval itself.
    """
    there = np.all([group[:, 1] > 0 for group in groups], axis=0)
    own = [group[there] for group in groups]
    if metric.kind != "proportion":
        if not there.any():
            return NOTHING
        each = [sign * values(group) for sign, group in zip(signs, own, strict=True)]
        return _within(statistics.mean(np.sum(each, axis=0), LEVEL), len(signs), metric)
    if not there.any():
        return NOTHING
    middle = sum(
        sign * float(group[:, 0].sum() / group[:, 1].sum())
        for sign, group in zip(signs, own, strict=True)
    )
    jacks = [ratios.jackknife(group) for group in own]
    if any(jack is None for jack in jacks):
        return Estimate(middle, math.nan, math.nan)
    moves = np.sum([s * j.moves for s, j in zip(signs, jacks, strict=True) if j], axis=0)
    n = len(moves)
    error = math.sqrt((n - 1) / n * float(moves @ moves))
    if error == 0.0:
        return Estimate(middle, math.nan, math.nan)
    half = statistics.t_quantile(LEVEL, n - 1) * error
    return _within(Estimate(middle, middle - half, middle + half), len(signs), metric)


def _within(found: Estimate, groups: int, metric: Metric) -> Estimate:
    """Limits no farther than shares can be apart."""
    if metric.kind == "mean":
        return found
    most = groups / 2
    return Estimate(found.value, *(min(max(end, -most), most) for end in found[1:]))


def along(pairs: np.ndarray, laid: Axis, metric: Metric) -> list[Estimate]:
    """The metric at every place of a factor, over all that the other factors are there."""
    return [
        estimate(metric, grouped(pairs[laid.of_cell == i], metric), LEVEL)
        for i in range(len(laid.labels))
    ]


def over(pairs: np.ndarray, x: Axis, y: Axis, metric: Metric) -> list[list[Estimate]]:
    """[y places][x places]: the metric where both factors are there."""
    return [
        [
            estimate(metric, grouped(pairs[(x.of_cell == i) & (y.of_cell == j)], metric), LEVEL)
            for i in range(len(x.labels))
        ]
        for j in range(len(y.labels))
    ]


def moved(
    pairs: np.ndarray, groups: Sequence[np.ndarray], start: np.ndarray, metric: Metric
) -> list[Estimate]:
    """How far each group of cells is from those of ``start``, paired by replicate.

    ``groups``, ``start``: which cells, [cells] bool. 0 with certainty where they are the same.
    """
    base = grouped(pairs[start], metric)
    return [
        Estimate(0.0, 0.0, 0.0)
        if np.array_equal(own, start)
        else contrast([grouped(pairs[own], metric), base], (1, -1), metric)
        for own in groups
    ]


def moved_along(pairs: np.ndarray, laid: Axis, metric: Metric) -> list[Estimate]:
    """Changes from a factor's first place, over all that the other factors are there."""
    groups = [laid.of_cell == i for i in range(len(laid.labels))]
    return moved(pairs, groups, groups[0], metric)


def moved_over(pairs: np.ndarray, x: Axis, y: Axis, metric: Metric) -> list[list[Estimate]]:
    """[y places][x places]: changes from where both factors are at their first."""
    groups = [
        [(x.of_cell == i) & (y.of_cell == j) for i in range(len(x.labels))]
        for j in range(len(y.labels))
    ]
    return [moved(pairs, row, groups[0][0], metric) for row in groups]


def main_effect(pairs: np.ndarray, laid: Axis, metric: Metric) -> Contrast:
    """From a factor's first place to its last, whatever the others are."""
    groups = [grouped(pairs[laid.of_cell == i], metric) for i in _ends(laid)]
    return Contrast(metric, (laid.name,), (_names(laid),), contrast(groups, (-1, 1), metric))


def interaction(pairs: np.ndarray, x: Axis, y: Axis, metric: Metric) -> Contrast | None:
    """How much more x does at y's last place than at its first; None where a corner is missing."""
    corners = [pairs[(x.of_cell == i) & (y.of_cell == j)] for j in _ends(y) for i in _ends(x)]
    if not all(len(corner) for corner in corners):
        return None
    groups = [grouped(corner, metric) for corner in corners]
    parts = tuple(contrast(two, (-1, 1), metric) for two in (groups[:2], groups[2:]))
    whole = contrast(groups, (1, -1, -1, 1), metric)
    return Contrast(metric, (x.name, y.name), (_names(x), _names(y)), whole, parts)


def interactions(table: Table, axes: Sequence[Axis], metrics: Sequence[str]) -> list[Contrast]:
    """Of any two factors in every metric, where the design has their corners."""
    found = []
    for name in metrics:
        pairs = pairs_of(table, name)
        for x, y in combinations(axes, 2):
            one = interaction(pairs, x, y, METRICS[name])
            if one is not None:
                found.append(one)
    return found


def _ends(laid: Axis) -> tuple[int, int]:
    return 0, len(laid.labels) - 1


def _names(laid: Axis) -> tuple[str, str]:
    return laid.labels[0], laid.labels[-1]


def _in_ranges(name: str, found: list[Any], log: bool) -> Axis:
    """Ranges of equal width; in a log scale of equal factors."""
    numbers = np.array([math.nan if v is None else float(v) for v in found])
    low, high = np.nanmin(numbers), np.nanmax(numbers)
    log = bool(log and low > 0)
    edges = np.geomspace(low, high, RANGES + 1) if log else np.linspace(low, high, RANGES + 1)
    known = ~np.isnan(numbers)
    of_cell = np.full(len(numbers), -1)
    of_cell[known] = np.searchsorted(edges[1:-1], numbers[known], side="right")
    labels = [f"{a:.3g}–{b:.3g}" for a, b in pairwise(edges)]
    return Axis(name, labels, of_cell, ordered=True)


def _as_stated(table: Table, name: str, distinct: list[Any]) -> list[Any]:
    """Values in the order of the file, where it lists them."""
    factor = table.stated["factors"][name]
    listed = factor["values"] if factor["levels"] is None else list(factor["levels"])
    order = {_key(value): i for i, value in enumerate(listed or ())}
    return sorted(distinct, key=lambda value: order.get(_key(value), len(order)))


def _key(value: Any) -> str:
    return repr(value)


def _said(value: Any, digits: int) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.{digits}g}" if isinstance(value, float) else str(value)
