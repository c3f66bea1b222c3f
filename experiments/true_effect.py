"""The true elasticity of sales to what a listing shows: arms that differ in it, pair by pair."""

from __future__ import annotations

import math

import numpy as np

from experiments.statistics import NOTHING, Estimate, t_quantile


def elasticity(arm: np.ndarray, base: np.ndarray, level: float = 0.95) -> Estimate:
    """ln of the ratio of sales over ln of the ratio of what is shown, arm to baseline.

    Arm, base: [n, 2], a row per replicate, in the same order: sales, and what the listing shows
    (stars, or a number of reviews). Ratios are of totals over replicates, with the paired
    delete-one jackknife and Student's t (Shao & Tu 1995, The Jackknife and Bootstrap). NaN where
    nothing is sold or shown, and where arms that leave out one replicate do not all show more, or
    all less, than the baseline: their ratio would hang on chance.
    Raises ValueError when the arms do not have the same number of replicates.
    """
    if arm.shape != base.shape:
        raise ValueError(f"arms with {len(arm)} and {len(base)} replicates cannot be paired")
    known = ~(np.isnan(arm) | np.isnan(base)).any(axis=1)
    arm, base = arm[known], base[known]
    n = len(arm)
    whole = _logs(arm.sum(axis=0), base.sum(axis=0))
    without = _logs(arm.sum(axis=0) - arm, base.sum(axis=0) - base) if n > 1 else whole[None]
    shown = np.append(without[:, 1], whole[1])
    if not (np.isfinite(whole).all() and np.isfinite(without).all()):
        return NOTHING
    if not ((shown > 0).all() or (shown < 0).all()):
        return NOTHING
    value = float(whole[0] / whole[1])
    if n < 2:
        return Estimate(value, math.nan, math.nan)
    moves = without[:, 0] / without[:, 1]
    moves = moves - moves.mean()
    half = t_quantile(level, n - 1) * math.sqrt((n - 1) / n * float(moves @ moves))
    return Estimate(value, value - half, value + half)


def _logs(arm: np.ndarray, base: np.ndarray) -> np.ndarray:
    """ln(arm / base), not finite where either is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.log(arm / base)
