"""A regression beside the truth: the elasticity of orders to stars and to the number of reviews."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from experiments.figures.material import COLOURS
from experiments.figures.sheet import FAINT, INK, QUIET, WIDTH, Drawn, Sheet, Skipped, style
from experiments.numbers import known
from experiments.regression_table import FIXED, POOLED, TRUTH, Elasticity
from experiments.regression_words import SUBJECTS, estimate_of, number

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NAME, TITLE = "elasticities", "What the regressions say, and the truth"
LABELS = {
    POOLED: "pooled regression",
    FIXED: "panel regression, listing\nand month fixed effects",
    TRUTH: "true effect (paired arms)",
}
MARKERS = {POOLED: "s", FIXED: "D", TRUTH: "o"}
ROW, HEAD, FOOT, NAMES, BETWEEN = 0.55, 0.6, 0.45, 2.3, 0.4


def draw_elasticities(rows: Sequence[Elasticity], folder: Path) -> Drawn | Skipped:
    """A panel for stars and one for reviews; in each, estimators with their 95 % intervals."""
    if not any(known(row.estimate) for row in rows):
        return Skipped(NAME, TITLE, "there is no estimate")
    with style():
        sheet = Sheet(HEAD + ROW * len(LABELS) + FOOT, TITLE, "Orders, in % per 1 % more")
        width = (WIDTH - NAMES - 0.3 - BETWEEN) / len(SUBJECTS)
        for place, (what, subject) in enumerate(SUBJECTS.items()):
            left = NAMES + place * (width + BETWEEN)
            sheet.text(left, 0.2, subject, fontsize=10.5, fontweight="bold")
            found = {row.estimator: row for row in rows if row.what == what}
            _panel(sheet.axes(left, HEAD, width, ROW * len(LABELS)), found)
        for y, label in enumerate(LABELS.values()):
            middle = HEAD + ROW * (y + 0.5)
            sheet.text(NAMES - 0.15, middle, label, ha="right", va="center", linespacing=1.1)
        sheet.save(folder, NAME)
    return Drawn(NAME, TITLE, _caption(), _alt(rows))


def _panel(axes: Axes, found: dict[str, Elasticity]) -> None:
    for y, name in enumerate(LABELS):
        row, truth = found[name], name == TRUTH
        if not known(row.estimate):
            axes.text(0.0, y, " no estimate", va="center", fontsize=8.5, color=QUIET)
            continue
        value, low, high = estimate_of(row)
        colour = INK if truth else COLOURS[0]
        axes.plot([low, high], [y, y], "|-", color=colour, lw=2.0, ms=9, mew=2.0)
        axes.plot(
            [value], [y], marker=MARKERS[name], ms=7, color=colour, mew=1.5,
            mfc=colour if truth else "white",
        )  # fmt: skip
        text = number(value, signed=True)
        axes.text(value, y - 0.2, text, ha="center", va="bottom", fontsize=8.5, color=INK)
    axes.axvline(0.0, color=INK, lw=1.2, zorder=1)
    axes.set_ylim(len(LABELS) - 0.5, -0.6)
    axes.margins(x=0.08)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    for y in range(1, len(LABELS)):
        axes.axhline(y - 0.5, color=FAINT, lw=0.6, zorder=0)


def _caption() -> str:
    return (
        "Marks are elasticities, lines their 95 % intervals; open marks are regressions on the "
        "baseline's records, the filled one is the truth from arms in which nothing else was "
        "changed. The two panels have scales of their own."
    )


def _alt(rows: Sequence[Elasticity]) -> str:
    return "; ".join(
        f"{SUBJECTS[row.what]}, {row.estimator}: {number(row.estimate, signed=True)}"
        for row in rows
        if known(row.estimate)
    )
