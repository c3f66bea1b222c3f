"""Statistics of posts and of sales: one function for real and simulated logs.

A log has one row per post; ``day`` is whole days from any origin, ties in the order given. Every
function says what it selects, and returns NaN where nothing is left to look at.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np

NAN = float("nan")
LOW_UP_TO = 2


@dataclass(frozen=True)
class PostLog:
    """Posts in the order in which they were made; every column is an array of the same length."""

    author: np.ndarray
    target: np.ndarray
    """What they are about: a product, or a store."""
    day: np.ndarray
    stars: np.ndarray
    verified: np.ndarray
    standing: np.ndarray

    def __len__(self) -> int:
        return len(self.day)

    def only(self, rows: np.ndarray) -> PostLog:
        """The posts that ``rows`` (bool or indices) picks."""
        return replace(self, **{f.name: getattr(self, f.name)[rows] for f in fields(self)})

    def by_target(self, at_least: int) -> list[PostLog]:
        """One log per target with at least so many posts, each in order of day."""
        if not len(self):
            return []
        order = np.lexsort((np.arange(len(self)), self.day, self.target))
        cuts = np.flatnonzero(np.diff(self.target[order])) + 1
        return [self.only(rows) for rows in np.split(order, cuts) if len(rows) >= at_least]


# --- how unequal -----------------------------------------------------------------------------


def per_target(targets: np.ndarray) -> np.ndarray:
    """How often each target occurs, of those that occur."""
    return np.unique(targets, return_counts=True)[1]


def gini(x: np.ndarray) -> float:
    """Gini coefficient of values >= 0 (0 = all equal)."""
    x = np.sort(np.asarray(x, float))
    if not len(x) or x.sum() == 0:
        return NAN
    rank = np.arange(1, len(x) + 1)
    return float((2 * rank - len(x) - 1) @ x / (len(x) * x.sum()))


def top_share(x: np.ndarray, share: float) -> float:
    """Part of the total held by the largest ``share`` of values, at least one of them."""
    x = np.sort(np.asarray(x, float))[::-1]
    return float(x[: max(1, round(share * len(x)))].sum() / x.sum()) if len(x) else NAN


def share_of_ones(counts: np.ndarray) -> float:
    """Share of counts that are exactly one."""
    return float(np.mean(counts == 1)) if len(counts) else NAN


def rank_slope(sales: np.ndarray) -> tuple[float, float]:
    """Log sales on log rank over the better half: (exponent a of sales = b * rank ** -a, and the
    coefficient of the squared log rank when it is added, over all with sales)."""
    x = np.sort(sales[sales > 0])[::-1]
    if len(x) < 8:
        return NAN, NAN
    log_rank, log_sales = np.log(np.arange(1, len(x) + 1)), np.log(x)
    half = len(x) // 2
    a = -np.polyfit(log_rank[:half], log_sales[:half], 1)[0]
    return float(a), float(np.polyfit(log_rank, log_sales, 2)[0])


# --- stars -----------------------------------------------------------------------------------


def low_share(stars: np.ndarray) -> float:
    """Share of 1 and 2 stars."""
    return float(np.mean(stars <= LOW_UP_TO)) if len(stars) else NAN


def icc(log: PostLog, at_least: int = 10) -> float:
    """Intraclass correlation of stars by target, equal weights: variance of means net of sampling
    over that plus the mean variance within; targets with at least so many posts."""
    groups = [part.stars for part in log.by_target(at_least)]
    if len(groups) < 3:
        return NAN
    within = np.array([g.var(ddof=1) for g in groups])
    between = np.var([g.mean() for g in groups], ddof=1) - np.mean(
        [v / len(g) for v, g in zip(within, groups, strict=True)]
    )
    return float(between / (between + within.mean()))


def sd_of_means(log: PostLog, at_least: int = 10) -> float:
    """Standard deviation over targets with at least so many posts of their mean stars."""
    means = [part.stars.mean() for part in log.by_target(at_least)]
    return float(np.std(means, ddof=1)) if len(means) > 2 else NAN


def low_in_windows(log: PostLog, days: int = 60, at_least: int = 10) -> np.ndarray:
    """Share of 1 and 2 stars in every target and block of ``days`` with at least so many posts."""
    cell = log.target.astype(np.int64) * 100_000 + log.day // days
    cells, which = np.unique(cell, return_inverse=True)
    n = np.bincount(which, minlength=len(cells))
    low = np.bincount(which, log.stars <= LOW_UP_TO, minlength=len(cells))
    return low[n >= at_least] / n[n >= at_least]


def trend_with_age(log: PostLog, at_least: int = 20) -> np.ndarray:
    """Slope of stars on log(days since the target's first post + 1), one per target with at least
    so many posts."""
    slopes = []
    for part in log.by_target(at_least):
        age = np.log1p(part.day - part.day[0])
        if age.std() > 0:
            slopes.append(np.polyfit(age, part.stars, 1)[0])
    return np.array(slopes)


def lag_dependence(log: PostLog, lag: int = 1, at_least: int = 20) -> float:
    """Correlation of a post's stars with those of the post ``lag`` before on the same target, the
    target's mean taken off; 1 / (n - 1), by which that alone makes it negative, is given back."""
    found, weights = [], []
    for part in log.by_target(max(at_least, lag + 3)):
        x = part.stars - part.stars.mean()
        var = x.var()
        if var > 0:
            found.append((x[lag:] * x[:-lag]).mean() / var + 1.0 / (len(x) - 1))
            weights.append(len(x) - lag)
    return float(np.average(found, weights=weights)) if found else NAN


def after_a_low_one(log: PostLog, at_least: int = 20) -> float:
    """P(low | the post before on the target was low) less what chance alone gives when a target's
    low ones are shuffled, pooled over targets with at least so many posts."""
    pairs, by_chance, low_before = 0.0, 0.0, 0.0
    for part in log.by_target(at_least):
        low = part.stars <= LOW_UP_TO
        n, k = len(low), int(low.sum())
        pairs += float((low[1:] & low[:-1]).sum())
        by_chance += k * (k - 1) / n
        low_before += k * (n - 1) / n
    return (pairs - by_chance) / low_before if low_before else NAN


def later_against_earlier(log: PostLog, at_least: int = 20) -> float:
    """Correlation of (a post less the mean before it) with (that mean less the mean of all)."""
    against, off = [], []
    for part in log.by_target(at_least):
        before = np.cumsum(part.stars)[:-1] / np.arange(1, len(part))
        against.append(part.stars[1:] - before)
        off.append(before - part.stars.mean())
    if not against:
        return NAN
    return float(np.corrcoef(np.concatenate(against), np.concatenate(off))[0, 1])


# --- timing ----------------------------------------------------------------------------------


def burstiness(log: PostLog, at_least: int = 50) -> float:
    """Median over targets with at least so many posts of (s - m) / (s + m), s and m being standard
    deviation and mean of the days between posts (Goh & Barabasi 2008)."""
    found = []
    for part in log.by_target(at_least):
        gaps = np.diff(part.day)
        if gaps.sum() > 0:
            found.append((gaps.std() - gaps.mean()) / (gaps.std() + gaps.mean()))
    return float(np.median(found)) if found else NAN


def memory(log: PostLog, at_least: int = 50) -> float:
    """Median over targets of the correlation of successive gaps between posts, in days."""
    found = []
    for part in log.by_target(at_least):
        gaps = np.diff(part.day).astype(float)
        if gaps[1:].std() > 0 and gaps[:-1].std() > 0:
            found.append(np.corrcoef(gaps[1:], gaps[:-1])[0, 1])
    return float(np.median(found)) if found else NAN


def weekly_dispersion(log: PostLog, at_least: int = 50, weeks: int = 20) -> float:
    """Median over targets with at least so many posts and weeks of variance over mean of weekly
    counts, from the first post to the last."""
    found = []
    for part in log.by_target(at_least):
        counts = np.bincount((part.day - part.day[0]) // 7)[:-1]
        if len(counts) >= weeks:
            found.append(counts.var(ddof=1) / counts.mean())
    return float(np.median(found)) if found else NAN
