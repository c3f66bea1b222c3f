"""What the moments say about the parameters: intervals, and what cannot be told apart.

Slopes are in half-widths of bands per range of a parameter. A singular value of 1 thus means that a
parameter, or a mixture of several, moves the moments by one half-width in all when it crosses its
whole range: below that, no value in the range is worse than another.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from experiments.calibration.fit import Fitted

NORMAL_95 = 1.96
FAINT = 1.0
"""Singular values below it say nothing."""
ALIKE = 0.9
"""Correlation of estimates above which a pair is named."""
PART = 0.3
"""Share of the largest part of a direction from which a parameter is named as part of it."""


@dataclass(frozen=True)
class Interval:
    """95 % interval of a parameter in its own units, clipped to its bounds."""

    low: float
    high: float
    clipped: bool
    at_bound: bool
    identified: bool
    """False where it covers the whole range."""


@dataclass(frozen=True)
class Direction:
    """Parameters that move together without any moment moving by a half-width."""

    size: float
    parts: tuple[tuple[int, float], ...]
    """(parameter, its part: 1 is the largest, negative goes the other way)."""


@dataclass(frozen=True)
class Identified:
    """All that can be said about the parameters. Shapes: parameters (P,)."""

    intervals: tuple[Interval, ...]
    singular_values: np.ndarray
    alone: tuple[int, ...]
    """Parameters that move no moment, each by itself."""
    directions: tuple[Direction, ...]
    """Of the others."""
    pairs: tuple[tuple[int, int, float], ...]
    """(parameter, parameter, correlation of their estimates)."""


def identify(fitted: Fitted) -> Identified:
    """Intervals and what cannot be told apart, from the slopes where the search ended."""
    slopes = fitted.slopes
    covariance = sandwich(slopes, _of_moments(fitted))
    alone = tuple(int(j) for j in np.flatnonzero(np.linalg.norm(slopes, axis=0) < FAINT))
    others = [j for j in range(slopes.shape[1]) if j not in alone]
    return Identified(
        _intervals(fitted, np.sqrt(np.diag(covariance))),
        np.linalg.svd(slopes, compute_uv=False),
        alone,
        _directions(slopes, others),
        _pairs(covariance, others),
    )


def sandwich(slopes: np.ndarray, of_moments: np.ndarray) -> np.ndarray:
    """(J'J)^-1 J' V J (J'J)^-1 for slopes J (M, P) and V (M, M); huge where J says nothing."""
    u, s, vt = np.linalg.svd(slopes, full_matrices=False)
    # A direction without slopes is unknown even if no moment's luck happens to point that way.
    inverse = 1.0 / np.maximum(s, 1e-6)
    middle = u.T @ of_moments @ u
    middle[s < 1e-6, s < 1e-6] = 1.0
    return np.asarray(vt.T @ (inverse[:, None] * middle * inverse) @ vt)


def _of_moments(fitted: Fitted) -> np.ndarray:
    """Covariance of residuals: what the bands leave open, and the luck of few seeds."""
    rows = fitted.problem.by_seed(fitted.outcome_after)
    whole = rows[~np.isnan(rows).any(axis=1)]
    of_targets = np.eye(rows.shape[1]) / NORMAL_95**2
    if len(whole) < 2:
        return of_targets
    return np.asarray(of_targets + np.atleast_2d(np.cov(whole, rowvar=False)) / len(whole))


def _intervals(fitted: Fitted, errors: np.ndarray) -> tuple[Interval, ...]:
    problem, found = fitted.problem, []
    for value, error, low, high in zip(
        fitted.after, errors, problem.low, problem.high, strict=True
    ):
        reach = NORMAL_95 * error * (high - low)
        ends = value - reach, value + reach
        near = 1e-3 * (high - low)
        found.append(
            Interval(
                max(float(low), float(ends[0])),
                min(float(high), float(ends[1])),
                clipped=bool(ends[0] < low or ends[1] > high),
                at_bound=bool(value - low < near or high - value < near),
                identified=not (ends[0] <= low and ends[1] >= high),
            )
        )
    return tuple(found)


def _directions(slopes: np.ndarray, others: list[int]) -> tuple[Direction, ...]:
    """Faint mixtures of those parameters that are not faint by themselves."""
    if not others:
        return ()
    _, sizes, rows = np.linalg.svd(slopes[:, others], full_matrices=False)
    found = []
    for size, row in zip(sizes, rows, strict=True):
        if size < FAINT:
            row = row / row[np.argmax(np.abs(row))]
            parts = sorted(zip(others, row, strict=True), key=lambda part: -abs(part[1]))
            named = tuple((j, float(x)) for j, x in parts if abs(x) >= PART)
            found.append(Direction(float(size), named))
    return tuple(found)


def _pairs(covariance: np.ndarray, others: list[int]) -> tuple[tuple[int, int, float], ...]:
    errors = np.sqrt(np.diag(covariance))
    alike = covariance / np.outer(errors, errors)
    return tuple(
        (i, j, float(alike[i, j]))
        for k, i in enumerate(others)
        for j in others[k + 1 :]
        if abs(alike[i, j]) > ALIKE
    )
