"""Platforms side by side: how far each arm is from the baseline on its own platform."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from experiments.figures.answer import panel, unit
from experiments.figures.material import COLOURS, MARKERS, Look
from experiments.figures.sheet import INK, KEY_HEIGHT, QUIET, WIDTH, Drawn, Sheet, style
from experiments.metrics import METRICS
from experiments.side_by_side import on_platform
from experiments.side_by_side_table import IN_WORDS

if TYPE_CHECKING:
    from experiments.side_by_side_table import SidePart

NAME, TITLE = "platforms", "What each arm changes on every platform"
ROW, HEAD, FOOT, NAMES, GAP = 0.42, 0.62, 0.4, 1.5, 0.3


def draw_beside(
    part: SidePart,
    turned: Mapping[tuple[str, str], list[str]],
    folder: Path,
) -> Drawn:
    """A panel per metric, a group of rows per platform, a row per arm; marks of what flips."""
    from matplotlib.lines import Line2D

    arms = [table.arm for table in part.tables[1:]]
    looks = [
        Look(COLOURS[i % len(COLOURS)], "-", MARKERS[i % len(MARKERS)]) for i in range(len(arms))
    ]
    count = len(part.sides) * len(arms)
    with style():
        sheet = Sheet(KEY_HEIGHT + HEAD + ROW * count + FOOT, TITLE, f"Against: {part.baseline}")
        metrics = [METRICS[name] for name in IN_WORDS]
        width = (WIDTH - NAMES - 0.3 - GAP * (len(metrics) - 1)) / len(metrics)
        top = KEY_HEIGHT + HEAD
        for place, metric in enumerate(metrics):
            left = NAMES + place * (width + GAP)
            sheet.text(left, KEY_HEIGHT + 0.06, metric.label, fontsize=10.5, fontweight="bold")
            sheet.text(left, KEY_HEIGHT + 0.26, unit(metric), fontsize=8.5, color=QUIET)
            axes = sheet.axes(left, top, width, ROW * count)
            names = [on_platform(side.name, arm) for side in part.sides for arm in arms]
            owners = [side for side in part.sides for _ in arms]
            rows = [o.rows[n, metric.name] for o, n in zip(owners, names, strict=True)]
            panel(axes, rows, metric, looks * len(part.sides))
            for y, name in enumerate(names):
                if turned.get((name, metric.name)):
                    axes.text(
                        0.995, y, "⇄", transform=axes.get_yaxis_transform(), ha="right",
                        va="center", fontsize=12, color=INK,
                    )  # fmt: skip
            for group in range(1, len(part.sides)):
                axes.axhline(group * len(arms) - 0.5, color=QUIET, lw=1.0, zorder=0)
        for group, side in enumerate(part.sides):
            middle = top + ROW * len(arms) * (group + 0.5)
            sheet.text(NAMES - 0.15, middle, side.name, ha="right", va="center")
        sheet.key(0.0, {
            arm: Line2D([], [], color=look.colour, marker=look.marker, lw=2.0)
            for arm, look in zip(arms, looks, strict=True)
        })  # fmt: skip
        sheet.save(folder, NAME)
    caption = (
        "Marks are differences to the baseline on the same platform, lines their intervals; right "
        "is better, filled marks are clear. ⇄: the side changes when an assumed value of that "
        "platform is moved to an end of its range."
    )
    alt = f"Differences of {len(arms)} arms on {len(part.sides)} platforms."
    return Drawn(NAME, TITLE, caption, alt)
