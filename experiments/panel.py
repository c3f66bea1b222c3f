"""What a regression of sales on stars and numbers of reviews finds in a market's own records.

The log-log panel that studies of online reviews estimate (reviewed in You, Vadakkepatt & Joshi
2015, Journal of Marketing 79(2):19): ln orders of a period on ln displayed stars ("valence") and ln
standing reviews ("volume"), both as of the evening before the period, so that no order of the
period has moved them. It is here to be compared with the truth, not to be believed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from experiments.statistics import Estimate, t_quantile

PERIOD_DAYS = 28
"""Whole weeks, so that periods do not differ by their weekends."""

COLUMNS = ("listing", "day", "orders", "stars", "n_reviews", "on_sale")
"""Columns of the table of listings that a panel is made of."""


@dataclass(frozen=True)
class LeftOut:
    """Listing-periods that the regression does not use, each under the first reason that fits."""

    not_on_sale: int  # on some day of the period, or not there yet the evening before
    no_reviews: int  # the evening before: there is no logarithm
    no_orders: int  # in the period: the same
    alone: int  # of a listing with one usable period, which it cannot be compared with


@dataclass(frozen=True)
class Panel:
    """Usable listing-periods, in order of listing and period; arrays have a row for each."""

    listing: np.ndarray  # int[n], 0, 1, ...
    period: np.ndarray  # int[n], 0, 1, ...
    orders: np.ndarray  # float[n], ln orders
    shown: np.ndarray  # float[n, 2], ln standing reviews and ln displayed stars
    left_out: LeftOut


@dataclass(frozen=True)
class Regression:
    """Elasticities, in % of orders per 1 %, with intervals and standard errors by listing."""

    volume: Estimate  # of orders to the number of standing reviews
    valence: Estimate  # of orders to displayed stars
    volume_error: float
    valence_error: float
    listing_periods: int
    listings: int
    left_out: LeftOut


def panel_regression(
    listing: np.ndarray,
    day: np.ndarray,
    orders: np.ndarray,
    stars: np.ndarray,
    n_reviews: np.ndarray,
    on_sale: np.ndarray,
    *,
    listing_effects: bool = True,
    period_days: int = PERIOD_DAYS,
    level: float = 0.95,
) -> Regression:
    """Least squares with period effects and, unless told otherwise, listing effects.

    Arrays [n] have a row per listing and day (or week, by its last day), in any order: who, on
    which day, orders placed, displayed stars 1..5 (NaN without reviews), standing reviews, and
    whether it is on sale tomorrow (0 or 1). Listings of several markets need ids that differ.
    Raises ValueError for two rows of one listing and day, and where too little is left to estimate.
    """
    found = panel(listing, day, orders, stars, n_reviews, on_sale, period_days=period_days)
    return fit(found, listing_effects=listing_effects, level=level)


def panel(
    listing: np.ndarray,
    day: np.ndarray,
    orders: np.ndarray,
    stars: np.ndarray,
    n_reviews: np.ndarray,
    on_sale: np.ndarray,
    *,
    period_days: int = PERIOD_DAYS,
) -> Panel:
    """Arrays as in ``panel_regression``, by listing and period.

    The first evening on record opens the first period; days after the last whole one are not used.
    Raises ValueError for two rows of one listing and day, and for fewer than two whole periods.
    """
    ids, row = np.unique(listing, return_inverse=True)
    days, column = np.unique(day, return_inverse=True)
    if len(np.unique(row * len(days) + column)) < len(row):
        raise ValueError("found two rows of one listing and day; allowed: one")
    evenings = _evenings(days, period_days)

    def grid(values: np.ndarray) -> np.ndarray:
        """[listings, days]; NaN where a listing has no row."""
        out = np.full((len(ids), len(days)), np.nan)
        out[row, column] = np.ma.filled(np.ma.asarray(values, float), np.nan)
        return out

    eve = np.searchsorted(days, evenings)
    ends = np.searchsorted(days, evenings + period_days)
    sold, sale = grid(orders), grid(on_sale) == 1.0
    # on_sale speaks of tomorrow, so a period's days are told by the evenings before them.
    there = np.stack([sale[:, a:b].all(axis=1) for a, b in zip(eve, ends, strict=True)], axis=1)
    total = [sold[:, a + 1 : b + 1].sum(axis=1) for a, b in zip(eve, ends, strict=True)]
    return _usable(there, np.stack(total, axis=1), grid(n_reviews)[:, eve], grid(stars)[:, eve])


def _evenings(days: np.ndarray, period_days: int) -> np.ndarray:
    """Days whose evening opens a whole period; ``days`` are those on record, in order."""
    first, last = (int(days[0]), int(days[-1])) if len(days) else (0, 0)
    count = (last - first) // period_days
    if count < 2:
        raise ValueError(
            f"found {count} whole periods of {period_days} days after the first evening on record; "
            "allowed: at least 2"
        )
    ends = first + period_days * np.arange(count + 1)
    missing = sorted(set(ends.tolist()) - set(days.tolist()))
    if missing:
        raise ValueError(f"found no row of day {missing[0]}, on which a period of {period_days} "
                         "days begins or ends; allowed: every day, or weeks")  # fmt: skip
    return ends[:-1]


def _usable(there: np.ndarray, sold: np.ndarray, reviews: np.ndarray, stars: np.ndarray) -> Panel:
    """The listing-periods that have logarithms; arrays are [listings, periods]."""
    there = there & ~np.isnan(sold) & ~np.isnan(reviews)
    reviewed = there & (reviews > 0) & (stars > 0)
    used = reviewed & (sold > 0)
    alone = used & (used.sum(axis=1, keepdims=True) == 1)
    left_out = LeftOut(
        not_on_sale=int((~there).sum()),
        no_reviews=int((there & ~reviewed).sum()),
        no_orders=int((reviewed & ~used).sum()),
        alone=int(alone.sum()),
    )
    used &= ~alone
    listing, period = np.nonzero(used)
    shown = np.log(np.column_stack([reviews[used], stars[used]]))
    return Panel(listing, period, np.log(sold[used]), shown, left_out)


def fit(found: Panel, *, listing_effects: bool = True, level: float = 0.95) -> Regression:
    """Least squares on a panel; errors are clustered by listing, whose periods are not independent.

    Raises ValueError where too few listings or rows are left, or nothing tells the two apart.
    """
    n, listings = len(found.orders), len(np.unique(found.listing))
    periods, period = np.unique(found.period, return_inverse=True)
    free = n - len(periods) - 2 - (listings - 1 if listing_effects else 0)
    if listings < 2 or free < 1:
        raise ValueError(
            f"found {n} usable listing-periods of {listings} listings; allowed: at least 2 "
            f"listings, and more listing-periods than effects to estimate ({n - free})"
        )
    both = np.column_stack([found.orders, found.shown])
    effects = np.eye(len(periods))[period]
    if listing_effects:
        both, effects = _within(both, found.listing), _within(effects, found.listing)
    # Frisch & Waugh 1933: what period effects explain is taken out of both sides first.
    both = both - effects @ np.linalg.lstsq(effects, both, rcond=None)[0]
    slopes, errors = _clustered(both[:, 0], both[:, 1:], found.listing, len(periods) + 2)
    half = t_quantile(level, listings - 1) * errors
    volume, valence = (
        Estimate(float(b), float(b - h), float(b + h)) for b, h in zip(slopes, half, strict=True)
    )
    return Regression(
        volume, valence, float(errors[0]), float(errors[1]), n, listings, found.left_out
    )


def _within(values: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Values [n, k] less the means of their groups; group: int[n], 0, 1, ..."""
    counts = np.maximum(np.bincount(group), 1)
    means = [np.bincount(group, column) / counts for column in values.T]
    return values - np.column_stack(means)[group]


def _clustered(
    y: np.ndarray, x: np.ndarray, group: np.ndarray, parameters: int
) -> tuple[np.ndarray, np.ndarray]:
    """Slopes [2] of y [n] on x [n, 2] and their standard errors, clustered by group int[n].

    Liang & Zeger 1986 (Biometrika 73:13) with the small-sample factor of Cameron & Miller 2015
    (Journal of Human Resources 50:317); listing effects lie within the clusters and do not count
    among the ``parameters``. Raises ValueError where x does not vary in two directions.
    """
    if np.linalg.svd(x, compute_uv=False)[-1] <= 1e-9 * math.sqrt(len(y)):
        raise ValueError(
            "found stars or numbers of reviews that do not vary, or only together, once listings "
            "and periods are taken out; allowed: both vary"
        )
    inverse = np.linalg.inv(x.T @ x)
    slopes = inverse @ (x.T @ y)
    scores = x * (y - x @ slopes)[:, None]
    sums = np.column_stack([np.bincount(group, column) for column in scores.T])
    n, clusters = len(y), len(np.unique(group))
    factor = clusters / (clusters - 1) * (n - 1) / max(n - parameters, 1)
    variance = factor * inverse @ (sums.T @ sums) @ inverse
    return slopes, np.sqrt(np.diag(variance))
