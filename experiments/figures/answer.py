"""The answer in one picture: how far each arm is from the baseline, and how sure that is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.figures.material import Look, Material
from experiments.figures.sheet import FAINT, INK, KEY_HEIGHT, QUIET, WIDTH, Drawn, Sheet, Skipped
from experiments.metrics import METRICS
from experiments.numbers import change_text, known, style_of, tick_text
from experiments.words import ANSWER, verdict

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from experiments.metrics import Metric
    from experiments.summary import Row

NAME, TITLE = "answer", "What each arm changes, compared with the baseline"
ROW, HEAD, FOOT, NAMES, GAP = 0.5, 0.68, 0.4, 2.0, 0.3
TINT = "#E8F1F8"


def draw_answer(material: Material, folder: Path) -> Drawn | Skipped:
    """Differences with their simultaneous intervals: a panel per metric, a row per arm."""
    if material.baseline is None:
        return Skipped(NAME, TITLE, "there is no other arm to compare with")
    arms = [i for i, arm in enumerate(material.arms) if arm != material.baseline]
    metrics = [METRICS[name] for name in ANSWER if _compared(material, arms, name)]
    if not metrics:
        return Skipped(NAME, TITLE, "the summary holds no differences")
    labels = material.labels(60)
    baseline = labels[material.arms.index(material.baseline)]
    sheet = Sheet(KEY_HEIGHT + HEAD + ROW * len(arms) + FOOT, TITLE, f"Baseline: {baseline}")
    width = (WIDTH - NAMES - 0.3 - GAP * (len(metrics) - 1)) / len(metrics)
    top = KEY_HEIGHT + HEAD
    for place, metric in enumerate(metrics):
        left = NAMES + place * (width + GAP)
        sheet.text(left, KEY_HEIGHT + 0.06, metric.label, fontsize=10.5, fontweight="bold")
        sheet.text(left, KEY_HEIGHT + 0.26, unit(metric), fontsize=8.5, color=QUIET)
        axes = sheet.axes(left, top, width, ROW * len(arms))
        rows = [material.found[material.arms[i], metric.name] for i in arms]
        panel(axes, rows, metric, [material.looks[i] for i in arms])
    for row, label in enumerate(material.labels(24, rows=2)[i] for i in arms):
        middle = top + ROW * (row + 0.5)
        sheet.text(NAMES - 0.15, middle, label, ha="right", va="center", linespacing=1.1)
    _key(sheet, material.n)
    sheet.save(folder, NAME)
    return Drawn(NAME, TITLE, _caption(material), _alt(material, len(arms), metrics))


def _compared(material: Material, arms: list[int], metric: str) -> bool:
    rows = [material.found.get((material.arms[i], metric)) for i in arms]
    return all(row is not None for row in rows) and any(row and known(row.diff) for row in rows)


def unit(metric: Metric) -> str:
    """The unit of differences, above a panel."""
    if metric.kind in ("proportion", "share"):
        return "percentage points"
    return "places" if metric.name == "position" else metric.unit


def panel(axes: Axes, rows: list[Row], metric: Metric, looks: list[Look]) -> None:
    """One metric, a row for each of ``rows``.

    The axis is turned where less is better, so that right is always better.
    """
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    style = style_of(metric)
    ends = [0.0]
    for y, (row, look) in enumerate(zip(rows, looks, strict=True)):
        if not known(row.diff):
            axes.text(0.0, y, " no value", va="center", fontsize=8.5, color=QUIET)
            continue
        point = style.scale * row.diff
        low, high = (
            style.scale * end if known(end) else point
            for end in (row.diff_ci_low, row.diff_ci_high)
        )
        ends += [low, high]
        clear = verdict(row, metric) in ("better", "worse", "higher", "lower")
        axes.plot([low, high], [y, y], "|-", color=look.colour, lw=2.0, ms=9, mew=2.0)
        axes.plot(
            [point], [y], marker=look.marker, ms=7, color=look.colour, mew=1.5,
            mfc=look.colour if clear else "white",
        )  # fmt: skip
        text = change_text(row.diff, metric)
        axes.text(
            point, y - 0.2, text, ha="center", va="bottom", fontsize=8.5, color=INK, zorder=4,
            bbox={"boxstyle": "square,pad=0.05", "fc": TINT, "ec": "none", "alpha": 0.8},
        )  # fmt: skip
    _limits(axes, ends, metric)
    axes.axvline(0.0, color=INK, lw=1.2, zorder=1)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    for y in range(1, len(rows)):
        axes.axhline(y - 0.5, color=FAINT, lw=0.6, zorder=0)
    axes.xaxis.set_major_locator(MaxNLocator(3, min_n_ticks=2))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: tick_text(style, x, signed=True)))


def _limits(axes: Axes, ends: list[float], metric: Metric) -> None:
    """Room for both sides of zero; the better side is to the right and tinted."""
    low, high = min(ends), max(ends)
    span = (high - low) or 1.0
    low, high = low - 0.16 * span, high + 0.16 * span
    left, right = ("worse", "better") if metric.direction != "neither" else ("lower", "higher")
    if metric.direction != "neither":
        axes.axvspan(0.0, low if metric.direction == "lower" else high, color=TINT, lw=0, zorder=-1)
    axes.set_xlim((high, low) if metric.direction == "lower" else (low, high))
    name_sides(axes, f"← {left}", f"{right} →")


def name_sides(axes: Axes, left: str, right: str) -> None:
    """What it means to stand to the left or to the right, above the panel."""
    for x, side, text in ((0.0, "left", left), (1.0, "right", right)):
        axes.annotate(
            text, (x, 1.0), (0, 3), xycoords="axes fraction", textcoords="offset points", ha=side,
            fontsize=8.5, color=QUIET,
        )  # fmt: skip


def _key(sheet: Sheet, n: int) -> None:
    from matplotlib.lines import Line2D

    line: Any = {"color": INK, "lw": 2.2, "marker": "s", "ms": 7.5, "mew": 1.5}
    hollow = Line2D([], [], **line, mfc="white")
    if n < 2:
        sheet.key(0.0, {"one replicate: no interval, nothing shows what is luck": hollow})
        return
    sheet.key(
        0.0,
        {
            "clear difference: the interval leaves out zero": Line2D([], [], **line, mfc=INK),
            "no clear difference: it includes zero": hollow,
        },
    )


def _caption(material: Material) -> str:
    return (
        f"Each mark is the mean difference between an arm and the baseline, “{material.baseline}”, "
        f"in the same replicates (n = {material.n}); its line is the interval, made for all arms "
        "of a metric together. Right of the zero line is better in every panel, so where less is "
        "better the axis runs from more to less: a lower order defect rate, a position closer to 1 "
        "and a lower risk of deactivation stand to the right."
    )


def _alt(material: Material, count: int, metrics: list[Metric]) -> str:
    labels = ", ".join(metric.label for metric in metrics)
    return f"Differences of {count} arms to {material.baseline} with intervals, for {labels}."
