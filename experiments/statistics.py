"""What can be said about arms from a few replicates: means and shares, their differences, pairs.

The replicate is the unit everywhere: nothing inside a replicate is taken as independent, unless a
docstring says so. Arrays hold one number per replicate, in the same order for both arms of a
comparison (arm first, baseline second; differences are arm − baseline). NaN marks a replicate
without a value; it is left out, in comparisons together with its partner. With fewer than two
replicates the limits of every interval are NaN. Ratios of totals have a file of their own,
``experiments.ratios``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

FAMILY = (
    "The intervals of all arms' differences from the baseline within one metric aim to hold "
    "together with the stated confidence (Bonferroni: each is made at 1 - (1 - confidence) / m, "
    "where m is the number of arms without the baseline and without A/A arms). Different metrics "
    "are not corrected for one another; the intervals of single arms and of the share ahead are "
    "not either."
)
METHODS = {
    "mean": (
        "t interval over replicates; differences: t interval of the paired differences. Where "
        "values are strongly skewed and replicates few, it may hold some points less often than "
        "it says."
    ),
    "share": (
        "Exact (Clopper-Pearson) interval; differences: paired score interval (Newcombe 1998, "
        "method 10)."
    ),
    "proportion": (
        "Ratio of totals over replicates: exact interval at the effective number of trials "
        "(Korn & Graubard 1998), with the delete-one jackknife over replicates; differences: the "
        "farther limit of two, the paired jackknife with t and the two single intervals joined "
        "with the jackknife's correlation (Zou & Donner 2008)."
    ),
    "ahead": "Wilson score interval of the share of replicates in which the arm is better.",
    "p_value": (
        "Paired t (means), exact McNemar (shares), paired jackknife with t (ratios of totals); "
        "adjusted by Holm within the metric."
    ),
}


class Estimate(NamedTuple):
    """A number with the limits of its interval, all in the unit of what went in."""

    value: float
    low: float
    high: float


class Ahead(NamedTuple):
    """Share of replicates in which the arm is strictly better, its limits, and share of ties."""

    share: float
    low: float
    high: float
    tied: float


NOTHING = Estimate(math.nan, math.nan, math.nan)


def family_level(level: float, arms: int) -> float:
    """Level of each of ``arms`` intervals that shall hold together with ``level`` (Bonferroni).

    Pairing makes the arms' differences depend on one another through the baseline. Dunnett's
    smaller quantile supposes equal variances and normal differences; Bonferroni supposes nothing.
    """
    return 1.0 - (1.0 - level) / max(arms, 1)


def t_quantile(level: float, df: float) -> float:
    """Two-sided quantile of Student's t: half-widths in standard errors."""
    from scipy.special import stdtrit

    return float(stdtrit(df, 0.5 + level / 2.0))


# ---------------------------------------------------------------- one arm


def wilson(count: float, n: float, level: float) -> tuple[float, float]:
    """Score limits of a share of n trials (Wilson 1927, JASA 22:209). NaN for no trials."""
    from scipy.special import ndtri

    if n <= 0:
        return math.nan, math.nan
    z2 = float(ndtri(0.5 + level / 2.0)) ** 2
    share = count / n
    middle = (share + z2 / (2.0 * n)) / (1.0 + z2 / n)
    half = math.sqrt(z2 * (share * (1.0 - share) / n + z2 / (4.0 * n * n))) / (1.0 + z2 / n)
    return (
        0.0 if count <= 0 else max(0.0, middle - half),
        1.0 if count >= n else min(1.0, middle + half),
    )


def exact(count: float, n: float, level: float) -> tuple[float, float]:
    """Exact limits of a share of n trials (Clopper & Pearson 1934, Biometrika 26:404).

    ``count`` and ``n`` need not be whole (effective trials). NaN for no trials.
    """
    from scipy.special import betaincinv

    if n <= 0:
        return math.nan, math.nan
    tail, rest = (1.0 - level) / 2.0, n - count
    low = float(betaincinv(count, rest + 1.0, tail)) if count > 0 else 0.0
    high = float(betaincinv(count + 1.0, rest, 1.0 - tail)) if rest > 0 else 1.0
    return low, high


def mean(values: np.ndarray, level: float = 0.95) -> Estimate:
    """Mean over replicates with its t interval; values [n] in any unit.

    A sample in which all values are the same gets no limits (NaN): a width of zero would claim
    that another value cannot happen, which a metric that is mostly 0 soon refutes.
    """
    known = values[~np.isnan(values)]
    if len(known) == 0:
        return NOTHING
    middle = float(known.mean())
    if len(known) < 2 or known.min() == known.max():
        return Estimate(float(known[0]), math.nan, math.nan)
    error = float(known.std(ddof=1)) / math.sqrt(len(known))
    half = t_quantile(level, len(known) - 1) * error
    return Estimate(middle, middle - half, middle + half)


def share(values: np.ndarray, level: float = 0.95) -> Estimate:
    """Share of replicates with the value 1, with exact limits; values [n], each 0 or 1.

    Exact rather than Wilson: over 20 replicates Wilson's interval covers a risk just under 1 %
    in 84 % of cases only, because one event moves its lower limit to 0.9 %.
    """
    known = values[~np.isnan(values)]
    n = len(known)
    if n == 0:
        return NOTHING
    count = float(known.sum())
    limits = exact(count, n, level) if n > 1 else (math.nan, math.nan)
    return Estimate(count / n, *limits)


# ---------------------------------------------------------------- an arm against the baseline


def both_known(arm: np.ndarray, base: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Values of the replicates that have one in both arms; arm, base: [n] in, [k] out.

    Raises ValueError when the arms do not have the same number of replicates.
    """
    if arm.shape != base.shape:
        raise ValueError(f"arms with {len(arm)} and {len(base)} replicates cannot be paired")
    known = ~(np.isnan(arm) | np.isnan(base))
    return arm[known], base[known]


def mean_difference(arm: np.ndarray, base: np.ndarray, level: float = 0.95) -> Estimate:
    """Mean of the paired differences with its t interval; NaN limits when all are the same."""
    arm, base = both_known(arm, base)
    return mean(arm - base, level)


def paired_shares(
    both: float, only_arm: float, only_base: float, neither: float, level: float
) -> tuple[float, float]:
    """Limits of the difference of two paired shares, from the four counts of pairs.

    Newcombe 1998 (Statistics in Medicine 17:2635), method 10: the two Wilson intervals joined
    with the correlation phi, whose numerator is drawn toward 0 by n/2 when positive.
    """
    n = both + only_arm + only_base + neither
    a, b = both + only_arm, both + only_base
    numerator = both * neither - only_arm * only_base
    if numerator > 0:
        numerator = max(numerator - n / 2.0, 0.0)
    margins = a * (n - a) * b * (n - b)
    phi = numerator / math.sqrt(margins) if margins > 0 else 0.0
    first, second = Estimate(a / n, *wilson(a, n, level)), Estimate(b / n, *wilson(b, n, level))
    low, high = join(first, second, phi)
    return max(-1.0, low), min(1.0, high)


def join(first: Estimate, second: Estimate, correlation: float) -> tuple[float, float]:
    """Limits of first − second from the two intervals and their correlation (MOVER).

    Zou & Donner 2008, Statistics in Medicine 27:1693; the term with the correlation: Zou 2007,
    Psychological Methods 12:399.
    """
    down_a, up_a = first.value - first.low, first.high - first.value
    down_b, up_b = second.value - second.low, second.high - second.value
    low = down_a**2 - 2.0 * correlation * down_a * up_b + up_b**2
    high = up_a**2 - 2.0 * correlation * up_a * down_b + down_b**2
    middle = first.value - second.value
    return middle - math.sqrt(max(low, 0.0)), middle + math.sqrt(max(high, 0.0))


def share_difference(arm: np.ndarray, base: np.ndarray, level: float = 0.95) -> Estimate:
    """Difference of two shares of the same replicates; arm, base [n], each 0 or 1."""
    arm, base = both_known(arm, base)
    if len(arm) == 0:
        return NOTHING
    difference = float(arm.sum() - base.sum()) / len(arm)
    if len(arm) < 2:
        return Estimate(difference, math.nan, math.nan)
    both = float((arm * base).sum())
    only_arm, only_base = float(arm.sum()) - both, float(base.sum()) - both
    neither = len(arm) - both - only_arm - only_base
    return Estimate(difference, *paired_shares(both, only_arm, only_base, neither, level))


def variance_reduction(alone: float, paired: float) -> float:
    """How many times smaller pairing made the variance of the difference.

    ``alone`` is the sum of the two arms' variances, ``paired`` the variance of the paired
    difference. Below 1 pairing did harm; inf when the arms move as one; NaN when nothing varies.
    """
    if math.isnan(alone) or math.isnan(paired) or (alone <= 0 and paired <= 0):
        return math.nan
    return alone / paired if paired > 0 else math.inf


def mean_variance_reduction(arm: np.ndarray, base: np.ndarray) -> float:
    """Variance reduction of a difference of means or of shares; arm, base [n]."""
    arm, base = both_known(arm, base)
    if len(arm) < 2:
        return math.nan
    alone = float(arm.var(ddof=1) + base.var(ddof=1))
    return variance_reduction(alone, float((arm - base).var(ddof=1)))


def ahead(arm: np.ndarray, base: np.ndarray, better: str, level: float = 0.95) -> Ahead:
    """In which share of replicates the arm is strictly better than the baseline.

    ``better`` is "lower", "higher" or "neither" (then all NaN). Ties count as not ahead and are
    also given apart; limits are Wilson's, at the level of a single statement.
    """
    arm, base = both_known(arm, base)
    n = len(arm)
    if better not in ("lower", "higher") or n == 0:
        return Ahead(math.nan, math.nan, math.nan, math.nan)
    wins = int(np.count_nonzero(arm < base if better == "lower" else arm > base))
    limits = wilson(wins, n, level) if n > 1 else (math.nan, math.nan)
    return Ahead(wins / n, *limits, int(np.count_nonzero(arm == base)) / n)


# ---------------------------------------------------------------- p-values, only on request


def t_p(difference: float, error: float, df: float) -> float:
    """Two-sided p-value of a difference with its standard error; NaN when the error is 0."""
    from scipy.special import stdtr

    if not error > 0 or df < 1:
        return math.nan
    return float(2.0 * stdtr(df, -abs(difference) / error))


def mean_p(arm: np.ndarray, base: np.ndarray) -> float:
    """Paired t test; NaN when all differences are the same."""
    arm, base = both_known(arm, base)
    d = arm - base
    if len(d) < 2 or d.min() == d.max():
        return math.nan
    return t_p(float(d.mean()), float(d.std(ddof=1)) / math.sqrt(len(d)), len(d) - 1)


def share_p(arm: np.ndarray, base: np.ndarray) -> float:
    """Exact McNemar test: of the pairs that differ, does half go either way? 1 if none does."""
    from scipy.special import bdtr

    arm, base = both_known(arm, base)
    if len(arm) < 2:
        return math.nan
    more, fewer = np.count_nonzero(arm > base), np.count_nonzero(arm < base)
    differing = int(more + fewer)
    if differing == 0:
        return 1.0
    return min(1.0, 2.0 * float(bdtr(float(min(more, fewer)), differing, 0.5)))


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjusted p-values of one family (Holm 1979, Scand. J. Statist. 6:65).

    NaN (no test possible) stays NaN but counts as a member of the family.
    """
    m = len(p_values)
    known = sorted((p, k) for k, p in enumerate(p_values) if not math.isnan(p))
    adjusted, worst = [math.nan] * m, 0.0
    for rank, (p, k) in enumerate(known):
        worst = max(worst, min(1.0, (m - rank) * p))
        adjusted[k] = worst
    return adjusted
