"""The figures of an explanation: a walk from the old value to the new, part by part, and below it
what the parts are made of."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from experiments.explain.of_places import LABELS
from experiments.explain.of_places import heading as place_heading
from experiments.explain.of_rates import DIGITS, points
from experiments.explain.of_rates import heading as rate_heading
from experiments.explain.places import HOWS, PlaceChange
from experiments.explain.rates import PARTS, RateChange
from experiments.explain.said import signed
from experiments.figures.material import COLOURS
from experiments.figures.sheet import FAINT, INK, KEY_HEIGHT, QUIET, WIDTH, Sheet, style
from sim.phases.platform import SCORE_PARTS

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

LEFT, RIGHT = 0.82, 0.25
WALK, ROW, GAP, AXIS = 2.2, 0.3, 0.62, 0.5
NAMES = 2.6
"""Room for names of listings, inches."""
MOST_ROWS = 14
LONGEST = 34
WORSE, BETTER = "#D55E00", "#0072B2"
PART_COLOURS = (*COLOURS, "#8C6D31", "#999999")
HATCHES = ("", "///", "", "\\\\\\", "xxx", "", "...", "")
"""Parts differ in grey as well."""
KINDS = {
    "defects added": ("added", "X", WORSE),
    "defects withdrawn": ("withdrawn", "P", BETTER),
    "defects aged out": ("aged out", "v", "#009E73"),
}


def draw_place(change: PlaceChange, subtitle: str, files: Sequence[Path]) -> None:
    """Draw the change of a position into files, by their endings (.png, .svg).

    It needs a listing that was there on both evenings.
    """
    rows = _rows(change)
    more = len(change.passes) - len(rows)
    with style():
        height = WALK + AXIS + GAP + KEY_HEIGHT + ROW * (len(rows) + 2.2) + AXIS
        sheet = Sheet(height if change.stays else WALK + AXIS, place_heading(change), subtitle)
        _walk_of_places(sheet.axes(LEFT, 0.1, WIDTH - LEFT - RIGHT, WALK), change)
        if change.stays:
            _scores(sheet, WALK + AXIS + 0.1, change, rows, more)
        _save(sheet, files)


def draw_rate(change: RateChange, subtitle: str, files: Sequence[Path]) -> None:
    """Draw the change of an order defect rate. It needs a rate on both evenings."""
    from matplotlib.lines import Line2D

    with style():
        sheet = Sheet(WALK + AXIS + GAP + KEY_HEIGHT + 1.3 + AXIS, rate_heading(change), subtitle)
        _walk_of_rates(sheet.axes(LEFT, 0.1, WIDTH - LEFT - RIGHT, WALK), change)
        top = WALK + AXIS + 0.25
        sheet.text(0.1, top, "Defective orders by order date, in the two windows", fontsize=10.5)
        kinds = {"counts on both evenings": ("o", QUIET)}
        kinds |= {name: (marker, colour) for name, marker, colour in KINDS.values()}
        key: dict[str, Artist] = {
            name: Line2D([], [], ls="", marker=marker, color=colour, ms=7)
            for name, (marker, colour) in kinds.items()
        }
        sheet.key(top + 0.25, key)
        axes = sheet.axes(1.5, top + 0.25 + KEY_HEIGHT, WIDTH - 1.5 - RIGHT, 1.3)
        _windows(axes, change)
        _save(sheet, files)


# ---------------------------------------------------------------- walks


def _walk_of_places(axes: Axes, change: PlaceChange) -> None:
    """From the old position to the new; downwards is worse."""
    from matplotlib.ticker import MaxNLocator

    old = change.before.position if change.before else change.after.position
    first, last = change.days
    steps = [(_two_lines(_THEY[how]), n) for how, n in change.counts()]
    if not change.stays:
        what = "it came on sale" if change.after.on_sale else "it left the sale"
        if change.before and change.before.on_sale == change.after.on_sale:
            what = "listings of stores\nthat are still there"
        steps = [(what, change.own_step)]
    ends = (f"evening of\nday {first}", f"evening of\nday {last}")
    _walk(axes, float(old), steps, ends, _as_place, down=True)
    axes.set_ylabel("position, 1 = top")
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))


_THEY = {
    "passed me": "passed it",
    "passed by me": "passed by it",
    "entered above": "came on sale above",
    "left above": "left the sale above",
}


def _walk_of_rates(axes: Axes, change: RateChange) -> None:
    """From the old rate to the new, in percent."""
    days = change.before.day, change.after.day
    names = [f"{_two_lines(part)}\n({change.count(part):,})" for part in PARTS]
    ends = (f"evening of\nday {days[0]}", f"evening of\nday {days[1]}")
    old = round(100 * float(change.before.rate or 0), DIGITS)
    _walk(axes, old, list(zip(names, points(change), strict=True)), ends, _as_rate)
    axes.set_ylabel("order defect rate, %")


def _walk(
    axes: Axes,
    old: float,
    steps: Sequence[tuple[str, float]],
    ends: tuple[str, str],
    written: Callable[[float, bool], str],
    *,
    down: bool = False,
) -> None:
    """Bars from step to step, hatched where the value grows, which is worse.

    ``written``: a value as text, or a step (True). ``down``: larger values lie below.
    """
    here, values = old, [old]
    for x, (_, step) in enumerate(steps, 1):
        axes.bar(
            x, step, bottom=here, width=0.56, color=WORSE if step > 0 else BETTER,
            hatch="///" if step > 0 else "", ec="white", lw=0,
        )  # fmt: skip
        axes.plot([x - 1, x + 0.28], [here, here], color=QUIET, lw=0.8, zorder=0)
        upper = min(here, here + step) if down else max(here, here + step)
        axes.annotate(
            written(step, True), (x, upper), (0, 3), textcoords="offset points", ha="center",
            fontsize=9, color=INK if step else QUIET,
        )  # fmt: skip
        here += step
        values.append(here)
    end = len(steps) + 1
    axes.plot([len(steps), end], [here, here], color=QUIET, lw=0.8, zorder=0)
    for x, value in ((0, old), (end, here)):
        axes.plot([x], [value], "o", color=INK, ms=7, zorder=3)
        axes.annotate(
            written(value, False), (x, value), (0, 7), textcoords="offset points", ha="center",
            fontweight="bold",
        )  # fmt: skip
    low, high = min(values), max(values)
    room = max(high - low, 0.05 * abs(high), 1e-6)
    limits = (low - 0.12 * room, high + 0.25 * room)
    axes.set_ylim((high + 0.12 * room, low - 0.25 * room) if down else limits)
    axes.set_xlim(-0.5, end + 0.5)
    axes.set_xticks(range(end + 1), [ends[0], *(name for name, _ in steps), ends[1]])
    axes.tick_params(axis="x", length=0)


def _as_place(value: float, step: bool) -> str:
    return signed(value, 0) if step else f"{value:.0f}"


def _as_rate(value: float, step: bool) -> str:
    return signed(value, DIGITS) if step else f"{value:.{DIGITS}f} %"


def _two_lines(text: str) -> str:
    head, _, tail = text.partition(" ")
    return f"{head}\n{tail}" if tail else text


# ---------------------------------------------------------------- what scores did


def _rows(change: PlaceChange) -> list[tuple[str, np.ndarray]]:
    """Rivals that passed or were passed, with what each part added to their lead."""
    found = []
    for how in HOWS:
        for one in change.of(how):
            if np.isfinite(one.gap).all():
                found.append((f"{one.rival}, {_THEY[how]}", one.gap))
    return found[:MOST_ROWS]


def _scores(
    sheet: Sheet, top: float, change: PlaceChange, rows: list[tuple[str, np.ndarray]], more: int
) -> None:
    """The change of its own score, and of the lead of each rival over it, by part."""
    from matplotlib.patches import Patch

    shown = [
        k
        for k in range(len(SCORE_PARTS))
        if abs(change.own[k]) > 0.0 or any(abs(gap[k]) > 0.0 for _, gap in rows)
    ]
    left = "What each part of the score did: to its own score, and to each rival's lead over it"
    sheet.text(0.1, top + 0.1, left, fontsize=10.5)
    key: dict[str, Artist] = {
        LABELS[SCORE_PARTS[k]]: Patch(facecolor=PART_COLOURS[k], hatch=HATCHES[k], ec="white", lw=0)
        for k in shown
    }
    sheet.key(top + 0.38, key)
    everything = [(f"{change.listing}: own score", change.own), *rows]
    axes = sheet.axes(
        NAMES, top + 0.42 + KEY_HEIGHT, WIDTH - NAMES - RIGHT, ROW * (len(everything) + 0.4)
    )
    for y, (_, parts) in enumerate(everything):
        _stacked(axes, y, parts, shown)
    names = [_short(name) for name, _ in everything]
    axes.set_yticks(range(len(everything)), names)
    axes.set_ylim(len(everything) - 0.4, -0.6)
    axes.tick_params(axis="y", length=0)
    axes.axvline(0.0, color=INK, lw=1.0)
    axes.spines["left"].set_visible(False)
    axes.axhline(0.5, color=FAINT, lw=1.0)
    said = "change of the score; dots: all parts together"
    hidden = f" ({more} more have no two scores to compare, or no room)" if more > 0 else ""
    axes.set_xlabel(said + hidden)


def _stacked(axes: Axes, y: int, parts: np.ndarray, shown: list[int]) -> None:
    """A row of parts, those above 0 to the right, the others to the left."""
    ends = [0.0, 0.0]
    for k in shown:
        side = int(parts[k] > 0.0)
        axes.barh(
            y, parts[k], left=ends[side], height=0.62, color=PART_COLOURS[k], hatch=HATCHES[k],
            ec="white", lw=0,
        )  # fmt: skip
        ends[side] += parts[k]
    axes.plot([parts.sum()], [y], "o", color=INK, mec="white", ms=6, zorder=3)


def _short(name: str) -> str:
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 1]}…"


# ---------------------------------------------------------------- what defects did


def _windows(axes: Axes, change: RateChange) -> None:
    """Both windows of order dates, and the defects that each evening counted."""
    came = {d.order: d.part for d in change.defects}
    for y, window in enumerate((change.before, change.after)):
        axes.barh(
            y, window.last - window.first + 1, left=window.first - 0.5, height=0.5, color="#EFEFEF",
            zorder=0,
        )  # fmt: skip
        stacked: Counter[int] = Counter()
        for order, (placed, reasons) in window.rows().items():
            if reasons:  # of one day, one above the other
                _, marker, colour = KINDS.get(came.get(order, ""), ("", "o", QUIET))
                height = y + 0.17 - 0.13 * min(stacked[placed], 3)
                stacked[placed] += 1
                axes.plot([placed], [height], marker, color=colour, ms=7, mec="white")
    labels = [
        f"evening {w.day}:\n{w.defects:,} of {w.orders:,}" for w in (change.before, change.after)
    ]
    axes.set_yticks([0, 1], labels)
    axes.set_ylim(1.5, -0.5)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("day on which the order was placed; grey: the window of the evening")


# ---------------------------------------------------------------- files


def _save(sheet: Sheet, files: Sequence[Path]) -> None:
    """Write the sheet, and put each file in its place when it is whole."""
    with tempfile.TemporaryDirectory() as made:
        sheet.save(Path(made), "figure")
        for file in files:
            shutil.copyfile(Path(made) / f"figure{file.suffix.lower()}", file)
