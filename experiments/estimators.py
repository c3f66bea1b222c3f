"""Statistics of order logs, real or simulated: one function for both, so that they can be compared.

Times are days as fractions, counted from any midnight, NaN where something did not happen; stars
are 1..5, 0 = none. What is selected is part of each definition.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from itertools import pairwise
from typing import NamedTuple

import numpy as np

STARS = np.arange(1, 6)
NEGATIVE_UP_TO = 2
LATENESS: dict[str, tuple[float, float]] = {
    "on time": (-np.inf, 0),
    "1-3 days late": (1, 3),
    "4-7 days late": (4, 7),
    "8-14 days late": (8, 14),
    "15 days late or more": (15, np.inf),
}
"""Cells of whole days late, both ends included."""


@dataclass(frozen=True)
class OrderLog:
    """Orders with what became of them; every column is an array of the same length."""

    ordered: np.ndarray
    handed_over: np.ndarray
    """When the carrier had it."""
    delivered: np.ndarray
    promised: np.ndarray
    answered: np.ndarray
    """When feedback (in a survey: the answer) was given."""
    stars: np.ndarray

    def __post_init__(self) -> None:
        lengths = {field.name: len(getattr(self, field.name)) for field in fields(self)}
        if len(set(lengths.values())) > 1:
            raise ValueError(f"columns of different lengths: {lengths}")

    def __len__(self) -> int:
        return len(self.ordered)

    def only(self, rows: np.ndarray) -> OrderLog:
        """The orders that ``rows`` (bool or indices) picks."""
        return replace(self, **{f.name: getattr(self, f.name)[rows] for f in fields(self)})

    @property
    def rated(self) -> OrderLog:
        """Orders that were delivered and have stars."""
        return self.only(~np.isnan(self.delivered) & (self.stars > 0))


class Cell(NamedTuple):
    """What the customers of one cell said: shares of 1..5 stars, and of how many."""

    n: int
    shares: np.ndarray

    @property
    def negative(self) -> float:
        """Share of 1 and 2 stars."""
        return float(self.shares[:NEGATIVE_UP_TO].sum())

    @property
    def mean(self) -> float:
        """Mean stars."""
        return float(self.shares @ STARS)


def stars_said(stars: np.ndarray) -> Cell:
    """Shares of 1..5 stars among those that have any; NaN where nobody has."""
    counts = np.bincount(stars[stars > 0], minlength=6)[1:6].astype(float)
    n = int(counts.sum())
    return Cell(n, counts / n if n else np.full(5, np.nan))


def days_late(log: OrderLog) -> np.ndarray:
    """Whole calendar days from the promised to the delivery day; NaN if not delivered."""
    return np.floor(log.delivered) - np.floor(log.promised)


def late_share(log: OrderLog) -> float:
    """Share of delivered orders that came on a calendar day after the promised one."""
    late = days_late(log)
    return float((late[~np.isnan(late)] > 0).mean())


def stars_by_lateness(log: OrderLog) -> dict[str, Cell]:
    """What was said of delivered orders, by cell of lateness."""
    rated = log.rated
    late = days_late(rated)
    return {
        name: stars_said(rated.stars[(late >= low) & (late <= high)])
        for name, (low, high) in LATENESS.items()
    }


def on_time_by_duration(log: OrderLog, edges: Sequence[float]) -> list[Cell]:
    """What was said of orders on time, by days from order to delivery in [edge, next edge)."""
    rated = log.rated
    on_time = rated.only(days_late(rated) <= 0)
    days = on_time.delivered - on_time.ordered
    return [
        stars_said(on_time.stars[(days >= low) & (days < high)]) for low, high in pairwise(edges)
    ]


class BeforeDelivery(NamedTuple):
    """Shares of rated, delivered orders whose answer came before the parcel."""

    all: float
    late: float
    on_time: float


def answered_before_delivery(log: OrderLog) -> BeforeDelivery:
    """How many did not wait for the parcel before they answered; NaN for a cell without orders."""
    rated = log.rated
    before, late = rated.answered < rated.delivered, days_late(rated) > 0
    return BeforeDelivery(_share(before), _share(before[late]), _share(before[~late]))


def days_to_answer(log: OrderLog) -> np.ndarray:
    """Days from delivery to the answer, of those who answered afterwards."""
    rated = log.rated
    days = rated.answered - rated.delivered
    return days[days >= 0]


def weekday_shares(days: np.ndarray, monday: float) -> np.ndarray:
    """Share of days by weekday, Monday first; ``monday`` is the number of any Monday."""
    weekday = (np.floor(days[~np.isnan(days)] - monday) % 7).astype(int)
    return np.bincount(weekday, minlength=7) / len(weekday)


def log_sd(values: np.ndarray) -> float:
    """Standard deviation of the log of what is above zero."""
    return float(np.log(values[values > 0]).std(ddof=1))


def sd_between(happened: np.ndarray, groups: np.ndarray, at_least: int = 30) -> float:
    """Standard deviation over groups with at least so many rows of the share of ``happened``, what
    binomial sampling alone gives taken off (0 where that is more)."""
    _, which = np.unique(groups, return_inverse=True)
    n = np.bincount(which)
    share = np.bincount(which, happened) / n
    share, n = share[n >= at_least], n[n >= at_least]
    if len(share) < 2:
        return float("nan")
    noise = np.mean(share * (1.0 - share) / n)
    return float(np.sqrt(max(0.0, share.var(ddof=1) - noise)))


def _share(found: np.ndarray) -> float:
    return float(found.mean()) if len(found) else float("nan")
