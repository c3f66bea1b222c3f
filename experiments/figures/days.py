"""Position, stars, reviews and profit over time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from experiments.figures.material import Material
from experiments.figures.panels import MOST_TOGETHER, Layout
from experiments.figures.sheet import INK, KEY_HEIGHT, Drawn, Sheet
from experiments.figures.timeline import (
    Lines,
    band_sentence,
    draw_days,
    draw_lines,
    line_key,
    lines_of,
    name_ends,
    smooth,
)
from experiments.numbers import MONEY, tick_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TALL, CELL = 3.4, 1.6
"""Heights of a panel that all arms share, and of one of a grid."""

TALL_HALF, CELL_HALF, GAP = 2.2, 1.05, 0.16
"""The same where two panels stand above each other, and the gap between these."""

Prepare = Callable[["Axes", Lines], None]


def draw_position(material: Material, folder: Path) -> Drawn:
    """Position in search by day, 1 at the top."""
    name, title = "position", "Position in search"
    lines = lines_of(material, smooth(material, material.array("position")))
    many = int(material.manifest.get("n_listings", 2)) > 1
    what = f"Mean over {'listings and ' if many else ''}replicates, of the last 7 days; 1 = top"
    _draw(material, folder, name, title, what, [("position", lines, _top_is_one)])
    listings = "listings" if many else "listing"
    caption = (
        f"Where {material.focal}'s {listings} stood among the results of their category, mean of "
        "the last seven days; higher is better. A listing that is off sale, as after a "
        "deactivation, counts as one place after the last in its category." + _luck(material)
    )
    return Drawn(name, title, caption, _alt(material, "Position in search"))


def draw_stars(material: Material, folder: Path) -> Drawn:
    """Displayed stars above, standing reviews below."""
    name, title = "stars", "Displayed stars and number of reviews"
    stars = lines_of(material, smooth(material, material.array("stars")))
    reviews = lines_of(material, material.array("n_reviews"))
    parts = [("stars", stars, _some_stars), ("reviews", reviews, _from_zero)]
    _draw(material, folder, name, title, f"Over the listings of {material.focal}", parts)
    caption = (
        "Above: the stars that shoppers see at the listings, mean of the last seven days (the axis "
        "shows only the part of 1 to 5 that is used). Below: reviews standing at the listings, "
        "all together." + _luck(material)
    )
    return Drawn(name, title, caption, _alt(material, "Displayed stars and reviews"))


def draw_profit(material: Material, folder: Path) -> Drawn:
    """Profit added up since warm-up ended; against the baseline where there is one."""
    name = "profit"
    profit = np.where(material.measured, np.nan_to_num(material.array("profit")), 0.0)
    total = np.cumsum(profit, axis=2)
    if material.baseline is None:
        title, what = "Profit, added up", "US dollars since the end of the warm-up"
        shown = list(range(len(material.arms)))
        meaning = f"{material.focal}'s profit added up from the first measured day on."
    else:
        base = material.arms.index(material.baseline)
        title = "Profit gained or lost against the baseline, added up"
        what = f"US dollars since the end of the warm-up; zero is {material.labels(60)[base]}"
        shown = [i for i in range(len(material.arms)) if i != base]
        total = total - total[base]
        total[base] = np.nan  # it is the zero line
        meaning = (
            f"What {material.focal} earned more or less than under the baseline, "
            f"“{material.baseline}”, in the same replicate, added up from the first measured day "
            "on. A line that rises means more profit than under the baseline at that time."
        )
    lines = lines_of(material, total)
    _draw(material, folder, name, title, what, [("", lines, _money)], shown, measured=True)
    return Drawn(name, title, meaning + _luck(material), _alt(material, title))


def _draw(
    material: Material,
    folder: Path,
    name: str,
    title: str,
    what: str,
    parts: Sequence[tuple[str, Lines, Prepare]],
    shown: Sequence[int] | None = None,
    measured: bool = False,
) -> None:
    """Panels of ``parts`` above each other, for the arms ``shown`` (default all)."""
    arms = range(len(material.arms)) if shown is None else shown
    tall, half = (TALL, TALL_HALF) if len(arms) <= MOST_TOGETHER else (CELL, CELL_HALF)
    heights = [half if len(parts) > 1 else tall] * len(parts)
    layout = Layout(material, arms, heights, GAP)
    sheet = Sheet(KEY_HEIGHT + layout.height, title, what)
    cells = layout.place(sheet, KEY_HEIGHT - 0.1)
    for cell in cells:
        draw_days(material, cell, material.warm_up + 1 if measured else None)
        for panel, (label, lines, prepare) in zip(cell.panels, parts, strict=True):
            draw_lines(panel, cell, lines, material)
            prepare(panel, lines.of(arms))
            if cell.is_left:
                panel.set_ylabel(label)
            if cell.is_only:
                name_ends(panel, cell, lines, material, heights[0])
    sheet.key(0.0, line_key(material, cells, measured=measured))
    sheet.save(folder, name)


# ---------------------------------------------------------------- axes


def _ends(lines: Lines) -> tuple[float, float]:
    """Smallest and largest of what is drawn; 0 and 1 where there is nothing."""
    values = np.concatenate([lines.mean, lines.low, lines.high])
    values = values[np.isfinite(values)]
    return (float(values.min()), float(values.max())) if len(values) else (0.0, 1.0)


def _top_is_one(panel: Axes, lines: Lines) -> None:
    worst = max(_ends(lines)[1], 2.0)
    panel.set_ylim(worst + 0.03 * worst, 1.0 - 0.03 * worst)
    step = max(1, round(worst / 6))
    panel.set_yticks(sorted({1, *range(1 + step, int(worst) + 1, step)}))


def _some_stars(panel: Axes, lines: Lines) -> None:
    low, high = _ends(lines)
    middle, half = (low + high) / 2.0, max(0.55 * (high - low), 0.25)
    panel.set_ylim(max(middle - half, 1.0), min(middle + half, 5.03))


def _from_zero(panel: Axes, lines: Lines) -> None:
    panel.set_ylim(0.0, 1.05 * max(_ends(lines)[1], 1.0))


def _money(panel: Axes, lines: Lines) -> None:
    from matplotlib.ticker import FuncFormatter

    low, high = _ends(lines)
    low, high = min(low, 0.0), max(high, 0.0)
    room = 0.06 * ((high - low) or 1.0)
    panel.set_ylim(low - room, high + room)
    panel.axhline(0.0, color=INK, lw=1.0, zorder=1.8)
    panel.yaxis.set_major_formatter(FuncFormatter(lambda y, _: tick_text(MONEY, y)))


# ---------------------------------------------------------------- words


def _luck(material: Material) -> str:
    return f" {band_sentence(material.n)}"


def _alt(material: Material, what: str) -> str:
    return f"{what} by day for {', '.join(material.arms)}."
