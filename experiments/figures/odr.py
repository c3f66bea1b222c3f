"""The order defect rate over time, and what the platform did about it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from experiments.figures.material import Material
from experiments.figures.panels import MOST_TOGETHER, Layout
from experiments.figures.sheet import INK, KEY_HEIGHT, QUIET, Drawn, Sheet
from experiments.figures.timeline import (
    Lines,
    band_sentence,
    draw_days,
    draw_lines,
    line_key,
    lines_of,
    name_ends,
)
from experiments.numbers import limit_text
from experiments.words import limits_of

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

NAME, TITLE = "odr", "Order defect rate as the platform saw it"
STATES = (
    ("closed or left", ("closed", "left"), "#000000"),
    ("deactivated", ("deactivated",), "#D55E00"),
    ("at risk", ("at risk",), "#F3C96B"),
)
"""From the worst upward; each lighter than the one before, so that grey tells them apart too."""

TALL, TALL_STRIP, CELL, CELL_STRIP, GAP = 2.9, 0.62, 1.3, 0.5, 0.16
LIMIT_DASHES = (0, (1, 1.5))


def draw_odr(material: Material, folder: Path) -> Drawn:
    """Ratio of totals over replicates by day, above; shares of replicates in trouble, below."""
    arms = range(len(material.arms))
    if len(arms) <= MOST_TOGETHER:
        heights = [TALL] + [TALL_STRIP] * len(arms)
    else:
        heights = [CELL, CELL_STRIP]
    layout = Layout(material, arms, heights, GAP)
    sheet = Sheet(2 * KEY_HEIGHT + layout.height, TITLE, _what(material))
    lines, limits = _rates(material), limits_of(material.manifest)
    top = _top(material, lines, 100.0 * max(limits.values()))
    worst = _most_in_trouble(material)
    cells = layout.place(sheet, 2 * KEY_HEIGHT - 0.1)
    for cell in cells:
        rates, *strips = cell.panels
        draw_days(material, cell)
        draw_lines(rates, cell, lines, material)
        for limit in {limits[material.arms[i]] for i in cell.arms}:
            rates.axhline(100.0 * limit, color=INK, lw=1.3, ls=LIMIT_DASHES, zorder=2.5)
        rates.set_ylim(0.0, top)
        for strip, arm in zip(strips, cell.arms, strict=True):
            _draw_states(strip, material, arm, worst)
        if cell.is_left:
            rates.set_ylabel("ODR, %")
            for strip in strips:
                strip.set_ylabel("accounts,\n%", fontsize=8.5)
        if cell.is_only:
            name_ends(rates, cell, lines, material, TALL)
            _name_strips(strips, material)
    sheet.key(0.0, line_key(material, cells, measured=False, line="the arm, a ratio of totals"))
    sheet.key(KEY_HEIGHT - 0.07, _limit_key(limits) | _key_of_states())
    sheet.save(folder, NAME)
    return Drawn(NAME, TITLE, _caption(material, worst), _alt(material))


def _what(material: Material) -> str:
    below = "below, accounts in trouble"
    windows, lags = material.of_arms("window_days"), material.of_arms("lag_days")
    if len(windows) > 1 or len(lags) > 1:
        return f"Orders with a defect / orders in the window of the arm's platform; {below}"
    return (
        f"Orders with a defect / orders of {windows[0]} days, the youngest {lags[0]} days left "
        f"out; {below}"
    )


def _rates(material: Material) -> Lines:
    """Percent: totals of defects over totals of orders, and each replicate's own ratio."""
    orders = np.nan_to_num(material.array("window_orders"))
    defects = np.nan_to_num(material.array("window_defects"))
    totals = orders.sum(axis=1)
    each = np.divide(100.0 * defects, orders, np.full(orders.shape, np.nan), where=orders > 0)
    mean = np.divide(
        100.0 * defects.sum(axis=1), totals, np.full(totals.shape, np.nan), where=totals > 0
    )
    return lines_of(material, each, mean)


def _top(material: Material, lines: Lines, limit: float) -> float:
    """Upper end of the axis: every mean of the measured days, and most of every band."""
    means, bands = lines.mean[:, material.measured], lines.high[:, material.measured]
    largest = float(np.nanmax(means, initial=0.0))
    bands = bands[np.isfinite(bands)]
    most = float(np.quantile(bands, 0.99)) if len(bands) else 0.0
    return 1.08 * max(1.5 * limit, largest, min(most, 3.0 * largest))


def _most_in_trouble(material: Material) -> float:
    """Upper end of all strips, percent: the worst day of the worst arm, on a round scale."""
    states = [state for _, of_kind, _ in STATES for state in of_kind]
    share = 100.0 * np.nan_to_num(material.states(*states)).mean(axis=1).max(initial=0.0)
    return next((top for top in (20.0, 50.0) if share <= top), 100.0)


def _draw_states(strip: Axes, material: Material, arm: int, worst: float) -> None:
    """Shares of replicates whose account is at risk, deactivated, or gone, stacked."""
    bottom = np.zeros(len(material.days))
    for _, states, colour in STATES:
        top = bottom + 100.0 * np.nan_to_num(material.states(*states)[arm]).mean(axis=0)
        if (top > bottom).any():
            # Only days on which something changes: the rest of a step needs no points.
            moves = (np.diff(top, prepend=-1.0) != 0) | (np.diff(bottom, prepend=-1.0) != 0)
            moves[-1] = True
            strip.fill_between(
                material.days[moves], bottom[moves], top[moves], color=colour, lw=0, step="post"
            )
        bottom = top
    if not bottom.any():
        strip.annotate(
            "healthy throughout", (0.5, 0.5), xycoords="axes fraction", ha="center", va="center",
            fontsize=8.5, color=QUIET,
        )  # fmt: skip
    strip.set_ylim(0.0, worst)
    strip.set_yticks([0, worst])


def _name_strips(strips: Sequence[Axes], material: Material) -> None:
    for strip, label in zip(strips, material.labels(23, rows=2), strict=True):
        strip.annotate(
            label, (1.0, 0.5), (16, 0), xycoords="axes fraction", textcoords="offset points",
            va="center", annotation_clip=False, linespacing=1.1,
        )  # fmt: skip


def _limit_key(limits: dict[str, float]) -> dict[str, Artist]:
    from matplotlib.lines import Line2D

    shares = sorted(set(limits.values()))
    text = f"limit {limit_text(shares[0])}" if len(shares) == 1 else "limit of the arm's platform"
    return {text: Line2D([], [], color=INK, lw=1.3, ls=LIMIT_DASHES)}


def _key_of_states() -> dict[str, Artist]:
    from matplotlib.patches import Patch

    return {
        f"account {name}": Patch(facecolor=colour, lw=0) for name, _, colour in reversed(STATES)
    }


def _caption(material: Material, worst: float) -> str:
    luck = band_sentence(material.n, "ratios of totals over")
    return (
        f"Above: {material.focal}'s order defect rate as the platform computed it each evening. "
        f"{luck} The dotted line is the limit that the platform sets. Below: in what share of "
        "replicates the account was at risk, deactivated or closed on that day, from 0 to "
        f"{worst:.0f} % in every strip. As orders need time to turn out badly, the rate follows a "
        "change by weeks."
    )


def _alt(material: Material) -> str:
    return (
        f"Order defect rate by day for {', '.join(material.arms)}, with the platform's limit, and "
        "shares of replicates with an account at risk, deactivated or closed."
    )
