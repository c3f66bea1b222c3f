"""The search for parameters at which moments come to their targets: damped Gauss-Newton steps.

Everything here is in two units: parameters in shares of their range (0 = lower, 1 = upper end),
residuals in half-widths of the moments' bands. Slopes over a small piece of the range would mostly
be luck, so pieces are large, and of every slope that part is dropped that luck explains. Between
the few times that all slopes are taken anew, each step corrects them (Broyden 1965).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

Point = tuple[float, ...]
"""Parameters in their own units."""
Outcome = np.ndarray | str
"""Moments by seed, shape (seeds, moments), NaN where one could not be computed; or, in words, why
no market could be lived at a point."""
Evaluate = Callable[[Sequence[Point]], list[Outcome]]

DAMPINGS = (0.01, 1.0, 10.0, 100.0)
"""Tried side by side at every step: from bold to careful."""
MATERIAL = 0.01
"""Share of the sum of squares by which a step must lower it to be followed without new slopes."""
REFRESHED = 1
"""Times that slopes are taken anew on the way; once more where the search ends."""
CLOSE = 0.02
"""Distance in half-widths at which the search ends: the bands say nothing so fine."""
DIGITS = 5
"""Significant digits of parameters, so that what is printed is what was lived."""
MET = f"moments are within {CLOSE:g} half-widths of their targets"
NO_STEP = "no step lowers the distance any further"


@dataclass(frozen=True)
class Problem:
    """What is to be met by what. Moments have shape (M,), parameters (P,), in their own units."""

    targets: np.ndarray
    half_widths: np.ndarray
    low: np.ndarray
    high: np.ndarray
    start: np.ndarray
    difference: float = 0.15
    """Piece of a parameter's range over which slopes are taken."""

    def point(self, shares: np.ndarray) -> Point:
        """Parameters at these shares of their ranges, rounded, within their bounds."""
        raw = self.low + shares * (self.high - self.low)
        rounded = np.array([float(f"{x:.{DIGITS}g}") for x in raw])
        return tuple(float(x) for x in np.clip(rounded, self.low, self.high))

    def shares(self, values: np.ndarray) -> np.ndarray:
        """The inverse of :meth:`point`, clipped to the bounds."""
        return np.clip((values - self.low) / (self.high - self.low), 0.0, 1.0)

    def by_seed(self, outcome: np.ndarray) -> np.ndarray:
        """Residuals of every seed, shape (seeds, M)."""
        return (outcome - self.targets) / self.half_widths


@dataclass(frozen=True)
class Step:
    """One step of the search, for its log."""

    number: int
    distance: float
    """Root mean square of residuals after it."""
    damping: float | None
    """None where no step was better than none."""
    refused: int
    """Points that could not be lived."""


@dataclass
class Fitted:
    """Where the search began and ended."""

    problem: Problem
    before: Point
    after: Point
    outcome_before: np.ndarray
    outcome_after: np.ndarray
    slopes: np.ndarray
    """Half-widths per range, shape (M, P), at the end, without what luck explains."""
    stopped: str
    steps: list[Step] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    """What was said at points that could not be lived, each once."""


class CannotStart(Exception):
    """The market cannot be lived as it is; the message says why."""


def fit(
    problem: Problem,
    evaluate: Evaluate,
    steps: int,
    said: Callable[[Step], None] = lambda step: None,
) -> Fitted:
    """Search from the start. ``said`` hears of every step. Raises CannotStart."""
    search = _Search(problem, evaluate)
    before, refreshed, stopped = search.here, 0, f"after {steps} steps, as many as allowed"
    search.take_slopes()
    found: list[Step] = []
    for number in range(1, steps + 1):
        distance, (damping, lost) = search.distance, search.step()
        found.append(Step(number, search.distance, damping, lost))
        said(found[-1])
        if search.distance < CLOSE:
            stopped = MET
            break
        if search.distance**2 < (1.0 - MATERIAL) * distance**2:
            continue
        if search.fresh or refreshed == REFRESHED:
            stopped = NO_STEP
            break
        search.take_slopes()
        refreshed += 1
    if not search.fresh:
        search.take_slopes()
    first, last = search.outcomes(before, search.here)
    slopes, after, refused = search.slopes, search.here, search.refused
    return Fitted(problem, before, after, first, last, slopes, stopped, found, refused)


class _Search:
    """Where the search stands, and what it knows of the slopes there."""

    def __init__(self, problem: Problem, evaluate: Evaluate) -> None:
        self.problem, self.evaluate = problem, evaluate
        self.refused: list[str] = []
        self.lived: dict[Point, np.ndarray] = {}
        self.here = problem.point(problem.shares(problem.start))
        self.slopes = np.zeros((len(problem.targets), len(problem.start)))
        self.fresh = False
        """Were the slopes taken here?"""

    def take_slopes(self) -> None:
        """Slopes of all moments by all parameters, one piece to one side each.

        Where the market cannot be lived on one side the other is tried; without either, a
        parameter has no slopes and stays where it is.
        """
        here, step = self._shares(self.here), self.problem.difference
        ways = np.where(here + step <= 1.0, 1.0, -1.0)
        moved = [_moved(here, j, way * step) for j, way in enumerate(ways)]
        self._live([self.here, *map(self.problem.point, moved)], start=True)
        lost = [j for j, x in enumerate(moved) if self.problem.point(x) not in self.lived]
        for j in lost:
            moved[j] = _moved(here, j, -ways[j] * step)
        self._live([self.problem.point(moved[j]) for j in lost])
        self.slopes = np.zeros_like(self.slopes)
        for j, x in enumerate(moved):
            if self.problem.point(x) in self.lived:
                self.slopes[:, j] = self._slope(self.problem.point(x), j)
        self.fresh = True

    def step(self) -> tuple[float | None, int]:
        """Go to the best of some steps if it is better than here.

        Returns its damping (None: none was) and how many points could not be lived.
        """
        here, residuals = self._shares(self.here), self._residuals(self.here)
        tried: dict[Point, float] = {}
        for damping in DAMPINGS:
            moved = here + damped_step(self.slopes, residuals, here, damping)
            tried.setdefault(self.problem.point(np.clip(moved, 0.0, 1.0)), damping)
        self._live(list(tried))
        known = [point for point in tried if point in self.lived]
        best = min(known, key=self._sum_of_squares, default=self.here)
        if self._sum_of_squares(best) >= self._sum_of_squares(self.here):
            return None, len(tried) - len(known)
        way = self._shares(best) - here
        surprise = self._residuals(best) - residuals - self.slopes @ way
        self.slopes = self.slopes + np.outer(surprise, way) / (way @ way)
        self.here, self.fresh = best, False
        return tried[best], len(tried) - len(known)

    @property
    def distance(self) -> float:
        """Root mean square of residuals here, in half-widths."""
        return float(np.sqrt(self._sum_of_squares(self.here) / len(self.problem.targets)))

    def outcomes(self, *points: Point) -> list[np.ndarray]:
        """Moments by seed at points that were lived."""
        return [self.lived[point] for point in points]

    def _live(self, points: Sequence[Point], start: bool = False) -> None:
        for point, outcome in zip(points, self.evaluate(points), strict=True):
            if not isinstance(outcome, str):
                self.lived[point] = outcome
            elif start and point == self.here:
                raise CannotStart(outcome)
            elif outcome not in self.refused:
                self.refused.append(outcome)

    def _shares(self, point: Point) -> np.ndarray:
        return self.problem.shares(np.array(point))

    def _residuals(self, point: Point) -> np.ndarray:
        return np.asarray(np.nanmean(self.problem.by_seed(self.lived[point]), axis=0))

    def _sum_of_squares(self, point: Point) -> float:
        return float(np.sum(self._residuals(point) ** 2))

    def _slope(self, point: Point, j: int) -> np.ndarray:
        """Slopes by one parameter, from each seed's own difference."""
        piece = self._shares(point)[j] - self._shares(self.here)[j]
        there, here = (self.problem.by_seed(self.lived[p]) for p in (point, self.here))
        return without_luck((there - here) / piece)


def without_luck(by_seed: np.ndarray) -> np.ndarray:
    """Means over seeds of (seeds, M), shrunk by what their standard errors explain of them.

    A mean below its standard error becomes 0, one well above it hardly changes (the garrote of
    Breiman 1995). All-NaN columns become 0.
    """
    known = np.sum(~np.isnan(by_seed), axis=0)
    filled = np.where(np.isnan(by_seed), 0.0, by_seed)
    mean = filled.sum(axis=0) / np.maximum(known, 1)
    off = np.where(np.isnan(by_seed), 0.0, by_seed - mean)
    variance = np.sum(off**2, axis=0) / np.maximum(known - 1, 1) / np.maximum(known, 1)
    square = mean**2
    kept = np.maximum(square - variance, 0.0)
    return np.asarray(mean * np.divide(kept, square, out=np.zeros_like(mean), where=square > 0))


def damped_step(
    slopes: np.ndarray, residuals: np.ndarray, here: np.ndarray, damping: float
) -> np.ndarray:
    """The step d within the bounds that makes |residuals + slopes d|^2 + damping |d|^2 least."""
    from scipy.optimize import lsq_linear

    n = len(here)
    stacked = np.vstack([slopes, np.sqrt(damping) * np.eye(n)])
    wanted = np.concatenate([-residuals, np.zeros(n)])
    return np.asarray(lsq_linear(stacked, wanted, (-here, 1.0 - here), method="bvls").x)


def _moved(here: np.ndarray, j: int, by: float) -> np.ndarray:
    moved = here.copy()
    moved[j] = min(max(moved[j] + by, 0.0), 1.0)
    return moved
