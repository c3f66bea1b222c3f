"""What customers wrote, and how that compares with what they felt."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.figures.material import Material
from experiments.figures.sheet import FAINT, INK, KEY_HEIGHT, QUIET, WIDTH, Drawn, Sheet, Skipped

if TYPE_CHECKING:
    from matplotlib.axes import Axes

STAR_COLOURS = ("#5A1400", "#B8541A", "#DDAA55", "#A9CFE8", "#E2EEF7")
"""From one star to five: each lighter than the one before, so that grey shows the order too."""

NAMES, RIGHT = 2.15, 0.9
SMALLEST_NAMED = 5.0
"""Percent of a bar from which a number fits into it."""


def draw_opinions(material: Material, folder: Path) -> Drawn | Skipped:
    """Feedback and reviews of each arm as bars of shares of one to five stars."""
    name, title = "opinions", "Feedback for the store and reviews of the listings"
    counts = {
        kind: np.stack([material.total(f"{kind}_{stars}") for stars in range(1, 6)], axis=1)
        for kind in ("feedback", "reviews")
    }
    if not any(count.sum() for count in counts.values()):
        return Skipped(name, title, "nobody left feedback or a review in the measured period")
    row, bar = 0.72, 0.27
    rows = len(material.arms)
    top = KEY_HEIGHT + 0.1
    sheet = Sheet(
        top + rows * row + 0.5, title, "Shares of one to five stars, posted in the measured period"
    )
    axes = sheet.axes(NAMES, top, WIDTH - NAMES - RIGHT, rows * row)
    sheet.text(WIDTH - RIGHT + 0.12, top - 0.2, "n posted", fontsize=8.5, color=QUIET)
    for i, label in enumerate(material.labels(17, rows=2)):
        sheet.text(0.1, top + (i + 0.5) * row, label, va="center", linespacing=1.1)
        for k, (kind, count) in enumerate(counts.items()):
            y = i + 0.5 + (k - 0.5) * bar * 1.12 / row
            _bar(axes, y, count[i], bar / row, kind)
        if i:
            axes.axhline(i, color=FAINT, lw=0.6)
    axes.set_ylim(rows, 0.0)
    axes.set_xlim(0.0, 100.0)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("share of what was posted, %")
    _key(sheet)
    sheet.save(folder, name)
    caption = (
        "Feedback is about the store and needs an order; reviews are about a listing and may come "
        "from people who bought elsewhere. Dark is one star, light is five. n: how many were "
        f"posted in the measured period, in {_replicates(material)} together. Only feedback counts "
        "toward the order defect rate."
    )
    alt = f"Shares of one to five stars in feedback and in reviews for {', '.join(material.arms)}."
    return Drawn(name, title, caption, alt)


def _replicates(material: Material) -> str:
    return "one replicate" if material.n == 1 else f"all {material.n} replicates"


def _bar(axes: Axes, y: float, counts: np.ndarray, height: float, kind: str) -> None:
    total = counts.sum()
    axes.annotate(
        kind, (0.0, y), (-6, 0), textcoords="offset points", ha="right", va="center", fontsize=8.5,
        annotation_clip=False,
    )  # fmt: skip
    axes.annotate(
        f"{total:,.0f}", (100.0, y), (8, 0), textcoords="offset points", va="center", fontsize=8.5,
        annotation_clip=False,
    )  # fmt: skip
    if not total:
        axes.text(0.5, y, "none", va="center", fontsize=8.5, color=QUIET)
        return
    left = 0.0
    for stars, (share, colour) in enumerate(zip(100.0 * counts / total, STAR_COLOURS, strict=True)):
        axes.barh(y, share, height, left, color=colour, edgecolor="white", lw=0.8)
        if share >= SMALLEST_NAMED:
            ink = "white" if stars < 2 else INK
            axes.text(
                left + share / 2, y, f"{share:.0f}", ha="center", va="center", fontsize=8.5,
                color=ink,
            )  # fmt: skip
        left += share


def _key(sheet: Sheet) -> None:
    from matplotlib.patches import Patch

    sheet.key(
        0.02,
        {
            f"{stars} star{'s' * (stars > 1)}": Patch(facecolor=colour, edgecolor=QUIET, lw=0.4)
            for stars, colour in enumerate(STAR_COLOURS, 1)
        },
    )


# ---------------------------------------------------------------- felt and said


def draw_felt(material: Material, folder: Path) -> Drawn | Skipped:
    """Dumbbells from mean private satisfaction to mean stars posted."""
    name, title = "felt", "What customers felt, and what was said"
    parts = (
        ("Service: felt → said in feedback", *_felt_and_said(material, "service", "feedback")),
        ("Product: felt → said in reviews", *_felt_and_said(material, "product", "reviews")),
    )
    ends = np.concatenate([np.concatenate(part[1:]) for part in parts])
    ends = ends[np.isfinite(ends)]
    if not len(ends):
        return Skipped(name, title, "nothing was judged in the measured period")
    row, gap, head = 0.44, 0.35, 0.3
    rows = len(material.arms)
    top = KEY_HEIGHT + head
    sheet = Sheet(top + rows * row + 0.5, title, "Mean stars in the measured period")
    width = (WIDTH - NAMES - gap - 0.2) / 2
    room = max(0.16 * float(np.ptp(ends)), 0.12)
    for place, (heading, felt, said) in enumerate(parts):
        left = NAMES + place * (width + gap)
        sheet.text(left, KEY_HEIGHT + 0.04, heading, fontsize=10, fontweight="bold")
        axes = sheet.axes(left, top, width, rows * row)
        for y in range(rows):
            _dumbbell(axes, y, felt[y], said[y], material.looks[y].colour)
        axes.set_ylim(rows - 0.5, -0.5)
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.set_xlim(
            max(ends.min() - room, 1.0 - room / 2), min(ends.max() + room, 5.0 + room / 2)
        )
        axes.set_xlabel("stars")
        axes.grid(axis="x", color=FAINT, lw=0.6)
    for y, label in enumerate(material.labels(24, rows=2)):
        sheet.text(
            NAMES - 0.15, top + (y + 0.5) * row, label, ha="right", va="center", linespacing=1.1
        )
    _key_of_dumbbells(sheet)
    sheet.save(folder, name)
    caption = (
        "Open circle: mean private satisfaction, in stars, of everybody who had something to "
        "judge, whether or not they wrote. Filled: mean stars of what was posted. Where the two "
        "are far apart, stars do not tell what customers experienced. Reviews also come from "
        f"people who did not buy here. Over the measured period, {_replicates(material)} together."
    )
    alt = f"Felt and posted stars, for service and product, for {', '.join(material.arms)}."
    return Drawn(name, title, caption, alt)


def _felt_and_said(material: Material, what: str, kind: str) -> tuple[np.ndarray, np.ndarray]:
    """Mean stars per arm: as felt by who judged, as posted; NaN where there is nothing."""
    period = material.measured
    judged = material.array(f"judged_{what}")[:, :, period]
    felt = material.array(f"felt_{what}")[:, :, period]
    weight = np.where(np.isfinite(felt), np.nan_to_num(judged), 0.0)
    counts = np.stack([material.total(f"{kind}_{stars}") for stars in range(1, 6)], axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean_felt = (weight * np.nan_to_num(felt)).sum(axis=(1, 2)) / weight.sum(axis=(1, 2))
        mean_said = counts @ np.arange(1.0, 6.0) / counts.sum(axis=1)
    return mean_felt, mean_said


def _dumbbell(axes: Axes, y: int, felt: float, said: float, colour: str) -> None:
    axes.plot([felt, said], [y, y], color=colour, lw=2.2, zorder=2)
    axes.plot([felt], [y], "o", ms=8.5, mfc="white", mec=colour, mew=1.8, zorder=3)
    axes.plot([said], [y], "o", ms=8.5, color=colour, zorder=3)
    outward = 1 if said >= felt else -1
    for value, side in ((felt, -outward), (said, outward)):
        if np.isfinite(value):
            axes.annotate(
                f"{value:.2f}", (value, y), (8 * side, 0), textcoords="offset points",
                ha="left" if side > 0 else "right", va="center", fontsize=8.5,
            )  # fmt: skip


def _key_of_dumbbells(sheet: Sheet) -> None:
    from matplotlib.lines import Line2D

    sign: Any = {"color": INK, "lw": 0, "marker": "o", "ms": 8, "mew": 1.6}
    sheet.key(
        0.02,
        {
            "felt: private satisfaction": Line2D([], [], **sign, mfc="white"),
            "said: stars posted": Line2D([], [], **sign),
        },
    )
