"""The focal seller beside its rivals: what one wins, others may lose."""

from __future__ import annotations

from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from experiments.figures.answer import name_sides
from experiments.figures.material import Material
from experiments.figures.sheet import FAINT, INK, KEY_HEIGHT, QUIET, WIDTH, Drawn, Sheet, Skipped
from experiments.metrics import METRICS
from experiments.numbers import style_of, tick_text, unit_text, value_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NAME = "rivals"
PAIRS = (("orders", "rivals_orders"), ("odr", "rivals_odr"), ("position", "rivals_position"))
RIVALS = "#7A7A7A"
NAMES, GAP, ROW, HEAD = 2.0, 0.4, 0.52, 0.68
ROOM = 0.18
"""Of the length of an axis, for the number beside a mark."""


def draw_rivals(material: Material, folder: Path) -> Drawn | Skipped:
    """Focal seller and mean rival per arm, for orders, order defect rate and position."""
    title = f"{material.labels_of_focal(40)} beside its rivals"
    counts = material.of_arms("n_rivals")
    if not any(counts):
        return Skipped(NAME, "Beside rivals", "this market has no rivals")
    pairs = [pair for pair in PAIRS if all(_has(material, metric) for metric in pair)]
    if not pairs:
        return Skipped(NAME, title, "the summary says nothing about rivals")
    rows = len(material.arms)
    top = KEY_HEIGHT + HEAD
    sheet = Sheet(top + rows * ROW + 0.4, title, "Means over the measured period")
    width = (WIDTH - NAMES - 0.2 - GAP * (len(pairs) - 1)) / len(pairs)
    for place, pair in enumerate(pairs):
        left = NAMES + place * (width + GAP)
        metric = METRICS[pair[0]]
        sheet.text(left, KEY_HEIGHT + 0.04, metric.label, fontsize=10.5, fontweight="bold")
        sheet.text(
            left,
            KEY_HEIGHT + 0.24,
            "% of orders" if pair[0] == "odr" else unit_text(metric),
            fontsize=8.5,
            color=QUIET,
        )
        _panel(sheet, (left, top, width, rows * ROW), pair, material)
    for y, label in enumerate(material.labels(24, rows=2)):
        middle = top + (y + 0.5) * ROW
        sheet.text(NAMES - 0.15, middle, label, ha="right", va="center", linespacing=1.1)
    _key(sheet, material)
    sheet.save(folder, NAME)
    caption = (
        f"Filled: {material.focal}. Grey ring: the mean of {_rivals(counts)} at "
        "the start (for the order defect rate, all their orders together). Each pair is one arm, "
        f"mean of {material.n} replicate{'s' * (material.n > 1)}."
    )
    alt = f"{material.focal} and its mean rival for each of {', '.join(material.arms)}."
    return Drawn(NAME, title, caption, alt)


def _rivals(counts: list[int]) -> str:
    """Whose mean it is; ``counts``: rivals, each number once that an arm has."""
    if len(counts) > 1:
        return "the arm's rivals that were there"
    one = counts == [1]
    return "the one rival that was there" if one else f"the {counts[0]} rivals that were there"


def _has(material: Material, metric: str) -> bool:
    return all((arm, metric) in material.found for arm in material.arms)


def _panel(
    sheet: Sheet,
    place: tuple[float, float, float, float],
    pair: tuple[str, str],
    material: Material,
) -> None:
    axes = sheet.axes(*place)
    style = style_of(METRICS[pair[0]])
    means = [style.scale * material.found[arm, m].mean for arm in material.arms for m in pair]
    span = _scale(axes, pair[0], [mean for mean in means if np.isfinite(mean)])
    for y, (arm, look) in enumerate(zip(material.arms, material.looks, strict=True)):
        rows = [material.found[arm, metric] for metric in pair]
        own, theirs = (style.scale * row.mean for row in rows)
        texts = [value_text(row.mean, METRICS[pair[0]]).removesuffix(style.unit) for row in rows]
        axes.plot([own, theirs], [y, y], color=FAINT, lw=2.2, zorder=1)
        axes.plot(
            [theirs], [y], "o", ms=8, mfc="white", mec=RIVALS, mew=1.8, zorder=2, clip_on=False
        )  # fmt: skip
        axes.plot([own], [y], look.marker, ms=8, color=look.colour, zorder=3, clip_on=False)
        outward = 1 if own >= theirs else -1
        for value, text, side, ink in (
            (own, texts[0], outward, INK),
            (theirs, texts[1], -outward, QUIET),
        ):
            if np.isfinite(value):
                # There is no room to the left of the axis' beginning.
                above = side < 0 and value - axes.get_xlim()[0] < ROOM * span
                axes.annotate(
                    text, (value, y), (0, 6) if above else (8 * side, 0), color=ink, fontsize=8.5,
                    textcoords="offset points", va="bottom" if above else "center",
                    ha="center" if above else "left" if side > 0 else "right",
                )  # fmt: skip
    if METRICS[pair[0]].direction == "lower":
        name_sides(axes, "← better", "")
    else:
        name_sides(axes, "", "better →")
    axes.set_ylim(len(material.arms) - 0.5, -0.5)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)


def _scale(axes: Axes, metric: str, ends: list[float]) -> float:
    """The axis from where the metric begins, 1 or 0, past the largest value; returns its length."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    style = style_of(METRICS[metric])
    first = 1.0 if metric == "position" else 0.0
    span = (max(ends, default=first) - first or 1.0) * (1.0 + ROOM)
    axes.set_xlim(first, first + span)
    if metric == "position":
        axes.set_xticks(range(1, int(first + span) + 1, max(1, ceil(span / 4))))
    else:
        axes.xaxis.set_major_locator(MaxNLocator(4, min_n_ticks=3))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: tick_text(style, x)))
    return span


def _key(sheet: Sheet, material: Material) -> None:
    from matplotlib.lines import Line2D

    own = Line2D([], [], color=INK, marker="s", ms=8, lw=0)
    theirs = Line2D([], [], marker="o", ms=8, mfc="white", mec=RIVALS, mew=1.8, lw=0)
    sheet.key(0.02, {material.labels_of_focal(40): own, "mean rival": theirs})
