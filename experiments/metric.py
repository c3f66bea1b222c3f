"""What a metric is, what it reads of a run, and the small sums that many of them share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

Columns = Mapping[str, np.ndarray]
Tables = Mapping[str, Columns]
Pair = tuple[float, float]

MONTH_DAYS = 365.0 / 12.0
STARS = range(1, 6)
DOWN = ("deactivated", "closed")
GONE = ("closed", "left")
MISSING: Pair = (0.0, 0.0)


@dataclass(frozen=True)
class Metric:
    """One thing that is measured.

    ``kind``: "mean" is one number per replicate; "proportion" counts a part of a whole in every
    replicate and is reported as ratio of totals; "share" is 0 or 1 per replicate.
    ``clustered``: the things counted in one replicate (days of one state) hang together.
    """

    name: str
    label: str
    definition: str
    unit: str
    direction: Literal["lower", "higher", "neither"]
    kind: Literal["mean", "proportion", "share"]
    missing: str
    headline: bool = False
    whose: Literal["focal", "rivals", "market"] = "focal"
    clustered: bool = False


@dataclass(frozen=True)
class View:
    """The measured days of one run, cut into what metrics read."""

    own: Columns
    own_listings: Columns
    own_places: Columns
    """``position`` and ``on_sale`` of its own listings and of what it offers on others'."""
    rivals: Columns
    rival_listings: Columns
    listings: Columns
    market: Columns
    n_rivals: int
    months: float
    limit: float
    negative_up_to: int


Compute = Callable[[View], Pair]
"""How a metric is computed."""


class Registry:
    """Metrics of one subject in order of declaration: what they are, and how each is computed."""

    def __init__(self) -> None:
        self.metrics: dict[str, Metric] = {}
        self.compute: dict[str, Compute] = {}

    def __call__(self, metric: Metric) -> Callable[[Compute], Compute]:
        """Declare a metric before the function that computes it."""

        def register(compute: Compute) -> Compute:
            self.metrics[metric.name] = metric
            self.compute[metric.name] = compute
            return compute

        return register


def mean(values: np.ndarray) -> Pair:
    """Mean of what is there; missing when nothing is."""
    known = values[~np.isnan(values)]
    return (float(known.mean()), 1.0) if len(known) else MISSING


def weighted(values: np.ndarray, weights: np.ndarray) -> Pair:
    total = float(weights.sum())
    return (float(np.nansum(values * weights)) / total, 1.0) if total > 0 else MISSING


def a_month(v: View, flow: np.ndarray) -> Pair:
    return float(flow.sum()) / v.months, 1.0


def star_counts(columns: Columns, channel: str) -> np.ndarray:
    return np.array([columns[f"{channel}_{k}"].sum() for k in STARS], float)


def rivals_at_the_start(sellers: Columns, focal: str, warm_up: int) -> set[str]:
    """Names of the rivals of the first measured day; who was gone by then is none of them."""

    def names(rows: np.ndarray) -> set[str]:
        return set(sellers["seller"][rows].tolist())

    gone = (sellers["day"] == warm_up) & np.isin(sellers["state"].astype(str), GONE)
    return names(sellers["day"] == warm_up + 1) - names(gone) - {focal}


def places(listings: Columns, offers: Columns | None, seller: str) -> Columns:
    """Where a seller's offers stand: ``day``, ``position`` and ``on_sale`` of each.

    On a listing that several offer (``offers``; None where there is none) only a seller's own
    offer counts: while it cannot be bought the seller is off sale there.
    """
    mine = listings["seller"] == seller
    if offers is None:
        return {name: listings[name][mine] for name in ("day", "position", "on_sale")}
    mine = mine & ~is_one_of(listings["listing"], set(offers["listing"].tolist()))
    its = offers["seller"] == seller
    names = {"day": "day", "position": "position", "on_sale": "live"}
    return {
        name: np.concatenate([listings[name][mine], offers[other][its]])
        for name, other in names.items()
    }


def is_one_of(names: np.ndarray, wanted: set[str]) -> np.ndarray:
    """Which of many names, of which few differ, are wanted (bool, as long as ``names``)."""
    return np.fromiter(map(wanted.__contains__, names.tolist()), bool, len(names))


def codes(names: np.ndarray) -> np.ndarray:
    """Names as whole numbers in order of appearance."""
    listed = names.tolist()
    index = {name: i for i, name in enumerate(dict.fromkeys(listed))}
    return np.fromiter(map(index.__getitem__, listed), np.intp, len(listed))
