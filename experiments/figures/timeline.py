"""What figures over time draw in their panels: means, bands, the warm-up, names of lines."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

import numpy as np

from experiments.figures.material import Material
from experiments.figures.panels import Cell
from experiments.figures.sheet import INK, QUIET

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

BAND = (0.1, 0.9)
"""Quantiles between which a band lies. Wide, so that skew rarely puts a mean outside."""

FEWEST_QUANTILES = 5
"""Replicates from which on these are shown; of fewer the band shows all they span."""

SMOOTH_DAYS = 7
POINTS_TOGETHER, POINTS_ALONE, POINTS_BEHIND = 370, 125, 50
"""Points of a line at most: more cannot be seen at that width and make the SVG large."""

STEPS = (1, 2, 5, 10, 15, 30, 60, 90, 180, 360)
"""Days between ticks of the axis."""

CONTEXT, SHADE = "#BDBDBD", "#F1F1F1"
BASELINE_DASHES = (0, (3, 1.5))


@dataclass(frozen=True)
class Lines:
    """What is drawn of each arm: mean and band as [arm, day], over ``days``."""

    days: np.ndarray
    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray

    def of(self, arms: Sequence[int]) -> Lines:
        """Those of some arms."""
        rows = list(arms)
        return Lines(self.days, self.mean[rows], self.low[rows], self.high[rows])


def lines_of(material: Material, each: np.ndarray, mean: np.ndarray | None = None) -> Lines:
    """Mean over replicates and band of ``each`` [arm, replicate, day]; NaN where none has a value.

    ``mean`` replaces the mean where it is not that of the replicates, as for a ratio of totals.
    """
    ordered = np.sort(each, axis=1)  # NaN last
    count = np.isfinite(each).sum(axis=1, keepdims=True)
    shares = BAND if material.n >= FEWEST_QUANTILES else (0.0, 1.0)
    low, high = (_quantile(ordered, count, share) for share in shares)
    if mean is None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # days on which nobody has a value
            mean = np.nanmean(each, axis=1)
    return Lines(material.days, mean, low, high)


def _quantile(ordered: np.ndarray, count: np.ndarray, share: float) -> np.ndarray:
    """Quantile along axis 1 of sorted values of which the first ``count`` are there.

    As numpy.nanquantile, which takes a call for every arm and day.
    """
    place = share * np.maximum(count - 1, 0)
    below = np.floor(place).astype(int)
    above = np.minimum(below + 1, np.maximum(count - 1, 0))
    low, high = (np.take_along_axis(ordered, at, axis=1) for at in (below, above))
    return np.asarray((low + (place - below) * (high - low))[:, 0])


def band_text(n: int) -> str:
    """What a band holds."""
    return f"8 in 10 of {n} replicates" if n >= FEWEST_QUANTILES else f"all {n} replicates"


def band_sentence(n: int, lines: str = "means of") -> str:
    """The same for a caption; ``lines`` says what the lines are, as far as to the replicates."""
    if n == 1:
        return "There is one replicate, so nothing shows how much of this is luck."
    if n < FEWEST_QUANTILES:
        return f"Lines are {lines} {n} replicates, bands span all of these."
    return (
        f"Lines are {lines} {n} replicates; on each day 8 in 10 of these lie in the band, one "
        "in 10 above and one in 10 below."
    )


def smooth(material: Material, values: np.ndarray) -> np.ndarray:
    """Mean of the last seven days along the last axis, of fewer at the start; weekly data as is."""
    step = int(np.median(np.diff(material.days))) if len(material.days) > 1 else SMOOTH_DAYS
    window = max(1, round(SMOOTH_DAYS / step))
    seen = np.isfinite(values)
    sums = np.cumsum(np.where(seen, values, 0.0), axis=-1)
    counts = np.cumsum(seen, axis=-1, dtype=float)
    for running in (sums, counts):
        running[..., window:] -= running[..., :-window].copy()
    return np.divide(sums, counts, out=np.full(values.shape, np.nan), where=counts > 0)


# ---------------------------------------------------------------- lines and bands


def draw_days(material: Material, cell: Cell, first: float | None = None) -> None:
    """The axis of days, with the warm-up shaded."""
    begin = float(material.days[0] if first is None else first)
    end = max(float(material.days[-1]), begin + 1.0)
    most = 8 if cell.is_only else 5
    step = next((s for s in STEPS if (end - begin) / s <= most), 360 * ceil(end / 360 / most))
    ticks = np.arange(ceil(begin / step) * step, end + 0.5, step)
    for panel in cell.panels:
        panel.set_xlim(begin, end)
        panel.set_xticks(ticks)
        if begin <= material.warm_up:
            panel.axvspan(begin, material.warm_up, color=SHADE, lw=0, zorder=-2)
    if cell.is_lowest:
        cell.panels[-1].set_xlabel("day")


def draw_lines(panel: Axes, cell: Cell, lines: Lines, material: Material) -> None:
    """The arms of a cell with their bands; alone in it, an arm has the others behind it."""
    if not cell.is_only:
        _draw_others(panel, cell.arms[0], lines, material)
    keep = _kept(len(lines.days), POINTS_TOGETHER if cell.is_only else POINTS_ALONE)
    days = lines.days[keep]
    for i in cell.arms:
        look = material.looks[i]
        if material.n > 1:
            panel.fill_between(
                days, lines.low[i][keep], lines.high[i][keep], color=look.colour, alpha=0.18,
                lw=0, zorder=1.5,
            )  # fmt: skip
        dashes = look.dashes if cell.is_only else "-"
        panel.plot(days, lines.mean[i][keep], color=look.colour, lw=2.0, ls=dashes, zorder=3)


def _draw_others(panel: Axes, arm: int, lines: Lines, material: Material) -> None:
    """The other arms in grey, the baseline dashed in black."""
    behind = [i for i in range(len(material.arms)) if i != arm]
    if material.baseline is not None:
        base = material.arms.index(material.baseline)
        if base in behind:
            behind.remove(base)
            keep = _kept(len(lines.days), POINTS_ALONE)
            panel.plot(
                lines.days[keep], lines.mean[base][keep], color=INK, lw=1.1, ls=BASELINE_DASHES,
                zorder=2,
            )  # fmt: skip
    keep = _kept(len(lines.days), POINTS_BEHIND)
    panel.plot(lines.days[keep], lines.mean[behind][:, keep].T, color=CONTEXT, lw=0.7, zorder=1)


def _kept(count: int, most: int) -> np.ndarray:
    """Which of ``count`` days are drawn, counted from the end, where a line must end."""
    return np.arange(count)[::-1][:: max(1, ceil(count / most))][::-1]


def name_ends(panel: Axes, cell: Cell, lines: Lines, material: Material, height: float) -> None:
    """Names and markers at the right ends of the lines, pushed apart where they would touch."""
    labels = material.labels(23, rows=2)
    low, high = panel.get_ylim()
    ends, arms = [], []
    for i in cell.arms:
        seen = np.flatnonzero(np.isfinite(lines.mean[i]))
        if len(seen):
            arms.append(i)
            end = (lines.mean[i][seen[-1]] - low) / (high - low)
            ends.append(min(max(end, 0.0), 1.0))
    rows = max((labels[i].count("\n") + 1 for i in arms), default=1)
    for i, end, place in zip(arms, ends, spread(ends, (0.17 * rows + 0.05) / height), strict=True):
        look = material.looks[i]
        panel.plot(
            [1.0], [end], marker=look.marker, color=look.colour, ms=6.5,
            transform=panel.transAxes, clip_on=False, zorder=6,
        )  # fmt: skip
        panel.annotate(
            labels[i], (1.0, end), (1.0 + 0.22 / cell.width, place), xycoords="axes fraction",
            textcoords="axes fraction", va="center", annotation_clip=False, linespacing=1.1,
            arrowprops={"arrowstyle": "-", "color": look.colour, "lw": 0.8, "shrinkA": 2,
                        "shrinkB": 3},
        )  # fmt: skip


def spread(places: Sequence[float], gap: float) -> list[float]:
    """Places on a line of length 1, moved so that neighbours are ``gap`` apart or more."""
    order = np.argsort(places, kind="stable")
    moved = np.array(places, float)[order]
    for _ in range(200):
        close = np.flatnonzero(np.diff(moved) < gap - 1e-9)
        if not len(close):
            break
        for i in close:
            push = (gap - (moved[i + 1] - moved[i])) / 2.0
            moved[i] -= push
            moved[i + 1] += push
    if len(moved):
        # Back inside where the pushing left the line at one end.
        moved += max(0.0, -moved[0]) - max(0.0, moved[-1] - 1.0)
    back = np.empty(len(moved))
    back[order] = moved
    return [float(place) for place in back]


def line_key(
    material: Material, cells: Sequence[Cell], *, measured: bool, line: str = "mean of the arm"
) -> dict[str, Artist]:
    """The signs of a figure over time; ``measured``: it shows the measured days only.

    ``line`` says what an arm's line is.
    """
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    drawn = {i for cell in cells for i in cell.arms}
    key: dict[str, Artist] = {}
    if not cells[0].is_only:
        key[line] = Line2D([], [], color=QUIET, lw=2.0)
    if material.n > 1:
        key[band_text(material.n)] = Patch(facecolor=QUIET, alpha=0.25, lw=0)
    if not cells[0].is_only and len(material.arms) > 1:
        if material.baseline is not None and material.arms.index(material.baseline) in drawn:
            key["baseline"] = Line2D([], [], color=INK, lw=1.1, ls=BASELINE_DASHES)
        key["other arms"] = Line2D([], [], color=CONTEXT, lw=0.7)
    if material.warm_up >= material.days[0] and not measured:
        key["warm-up, not counted"] = Patch(facecolor=SHADE, edgecolor=CONTEXT, lw=0.5)
    return key
