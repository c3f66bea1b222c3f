"""Figures of a sweep: a metric over two factors, and what every factor does alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.figures.answer import unit
from experiments.figures.material import COLOURS, MARKERS
from experiments.figures.sheet import FAINT, INK, QUIET, WIDTH, Drawn, Sheet
from experiments.numbers import known, limit_text, style_of, tick_text, unit_text, value_text

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

    from experiments.metrics import Metric
    from experiments.statistics import Estimate
    from experiments.sweep.effects import Axis

MAP = (1.25, 0.55, 4.55, 4.2)
LINES = (6.75, 0.55, 2.45, 4.2)
KEY = 0.35
LETTERS = 13
"""Letters of tick labels that fit on an inch."""
MOST_LINES = 5
MOST_NUMBERS = 9
"""Places a side beyond which a map has colours alone."""
LINE = "#D55E00"
COLUMN, ROW, GAP, BELOW = 4.2, 1.9, 0.35, 1.05
DASHES = ("--", ":", "-.")


@dataclass(frozen=True)
class Surface:
    """A metric over two factors: [y places][x places].

    ``found``: what it is; ``moved``: how far from where both factors are at their first.
    """

    metric: Metric
    x: Axis
    y: Axis
    found: list[list[Estimate]]
    moved: list[list[Estimate]]
    limit: float | None
    """Where a line is always drawn: the platform's limit of the order defect rate."""
    contours: tuple[float, ...]

    @property
    def name(self) -> str:
        """Of its files."""
        return f"{self.metric.name}_{self.x.name}_{self.y.name}"

    @property
    def values(self) -> np.ndarray:
        """[y places, x places], NaN where nothing has been lived."""
        return np.array([[cell.value for cell in row] for row in self.found], float)


def draw_surface(surface: Surface, folder: Path, file: str) -> Drawn:
    """A map with contours at the left, at the right the changes as lines with their bands."""
    metric = surface.metric
    title = f"{metric.label} over {surface.x.name} and {surface.y.name}"
    sheet = Sheet(5.5 + KEY, title, _subtitle(metric))
    drawn = _draw_map(sheet.axes(*MAP), surface)
    sheet.key(5.5, _key(surface, drawn), left=MAP[0])
    _draw_lines(sheet.axes(*LINES), surface)
    sheet.text(MAP[0], 0.2, "Each cell; darker is worse" if _judged(metric) else "Each cell")
    sheet.text(LINES[0] - 0.5, 0.2, "Change from the lower left cell, 95 % bands")
    sheet.save(folder, file)
    return Drawn(file, title, _caption(surface, drawn), _alt(surface))


def _draw_map(axes: Axes, surface: Surface) -> list[float]:
    """The map; returns the values at which there are contours."""
    import matplotlib

    values, metric = surface.values, surface.metric
    shown = np.ma.masked_invalid(values)
    # Dark is worse: for a metric of which more is better the scale is turned.
    colours = matplotlib.colormaps["Blues" if metric.direction != "higher" else "Blues_r"]
    low, high = (float(shown.min()), float(shown.max())) if shown.count() else (0.0, 1.0)
    margin = 0.25 * (high - low) or 1.0
    ends = (low, high + margin) if metric.direction != "higher" else (low - margin, high)
    image = axes.pcolormesh(shown, cmap=colours, vmin=ends[0], vmax=ends[1], rasterized=True)
    _name_places(axes, surface.x, surface.y)
    if max(values.shape) <= MOST_NUMBERS:
        _write_numbers(axes, surface, image)
    else:
        style = style_of(metric)
        bar = axes.figure.colorbar(image, ax=axes, fraction=0.05, pad=0.02)
        bar.ax.yaxis.set_major_formatter(
            lambda v, _: tick_text(style, style.scale * v) + style.unit
        )
        bar.outline.set_visible(False)
    return _draw_contours(axes, surface, shown)


def _write_numbers(axes: Axes, surface: Surface, image: Any) -> None:
    small = 8.5 if max(surface.values.shape) <= 7 else 7.0
    for (j, i), value in np.ndenumerate(surface.values):
        if not known(value):
            continue
        red, green, blue, _ = image.cmap(image.norm(value))
        dark = 0.299 * red + 0.587 * green + 0.114 * blue < 0.5
        axes.text(
            i + 0.5, j + 0.5, value_text(value, surface.metric), ha="center", va="center",
            fontsize=small, color="white" if dark else INK,
        )  # fmt: skip


def _draw_contours(axes: Axes, surface: Surface, shown: Any) -> list[float]:
    if not (surface.x.ordered and surface.y.ordered) or min(shown.shape) < 2:
        return []
    inside = [
        at
        for at in sorted({*surface.contours, *([surface.limit] if surface.limit else [])})
        if shown.count() and shown.min() < at < shown.max()
    ]
    for at, dashes in _strokes(surface, inside).items():
        axes.contour(
            np.arange(shown.shape[1]) + 0.5, np.arange(shown.shape[0]) + 0.5, shown, [at],
            colors=[LINE], linewidths=2.4 if dashes == "-" else 1.6, linestyles=dashes,
        )  # fmt: skip
    return inside


def _strokes(surface: Surface, inside: Sequence[float]) -> dict[float, str]:
    """How the contour at each value is drawn: the limit as a whole line."""
    others = [at for at in inside if at != surface.limit]
    strokes = {at: DASHES[i % len(DASHES)] for i, at in enumerate(others)}
    return {at: strokes.get(at, "-") for at in inside}


def _key(surface: Surface, inside: Sequence[float]) -> dict[str, Artist]:
    from matplotlib.lines import Line2D

    return {
        value_text(at, surface.metric) + (", the limit" if dashes == "-" else ""): Line2D(
            [], [], color=LINE, ls=dashes, lw=2.4 if dashes == "-" else 1.6
        )
        for at, dashes in _strokes(surface, inside).items()
    }


def _name_places(axes: Axes, x: Axis, y: Axis) -> None:
    axes.set_xlabel(_short(x.name, 50))
    axes.set_ylabel(_short(y.name, 50))
    for side, laid, most in ((axes.xaxis, x, 9), (axes.yaxis, y, 12)):
        step = -(-len(laid.labels) // most)
        places = range(0, len(laid.labels), step)
        long = max(len(laid.labels[i]) for i in places) > LETTERS * MAP[2] / len(places)
        side.set_ticks(
            [i + 0.5 for i in places], [_short(laid.labels[i], 14) for i in places],
            rotation=30 if long and side is axes.xaxis else 0,
            ha="right" if side is axes.yaxis or long else "center",
        )  # fmt: skip
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)


def _draw_lines(axes: Axes, surface: Surface) -> None:
    """A line per place of y, five at most, named at its end."""
    style, at = style_of(surface.metric), np.arange(len(surface.x.labels))
    rows = np.unique(np.linspace(0, len(surface.y.labels) - 1, MOST_LINES).round().astype(int))
    ends = []
    for k, j in enumerate(rows):
        colour = COLOURS[k % len(COLOURS)]
        middle, low, high = style.scale * np.array(surface.moved[j], float).T
        axes.fill_between(at, low, high, color=colour, alpha=0.18, lw=0)
        axes.plot(at, middle, color=colour, marker=MARKERS[k], ms=5, lw=1.6)
        last = [value for value in middle if np.isfinite(value)]
        if last:
            ends.append((last[-1], _short(surface.y.labels[j], 9), colour))
    axes.axhline(0.0, color=QUIET, lw=1.0, zorder=0)
    axes.yaxis.set_major_formatter(lambda v, _: tick_text(style, v, signed=True))
    axes.set_ylabel(unit(surface.metric), fontsize=8.5, labelpad=2)
    if surface.metric.name == "position":
        axes.invert_yaxis()
    _name_ends(axes, ends, _short(surface.y.name, 16))
    _ticks_along(axes, surface.x, 5)
    axes.grid(axis="y", color=FAINT, lw=0.6)


def _name_ends(axes: Axes, ends: list[tuple[float, str, str]], title: str) -> None:
    """Names beside the ends of lines, moved apart where they would lie on one another."""
    low, high = axes.get_ylim()
    places = sorted(((value - low) / (high - low), name, colour) for value, name, colour in ends)
    least, before = 0.055, -1.0
    heights = []
    for height, _, _ in places:
        before = max(height, before + least)
        heights.append(before)
    over = max(0.0, (heights[-1] if heights else 0.0) - 1.0)
    for height, (_, name, colour) in zip(heights, places, strict=True):
        axes.text(
            1.03, height - over, name, transform=axes.transAxes, color=colour, va="center",
            fontsize=9, fontweight="bold",
        )  # fmt: skip
    axes.text(
        1.03, 1.06, title, transform=axes.transAxes, ha="left", va="center", fontsize=8.5,
        color=QUIET,
    )  # fmt: skip


def draw_main_effects(
    metrics: Sequence[Metric],
    axes_of: Sequence[Axis],
    found: Mapping[tuple[str, str], Sequence[Estimate]],
    folder: Path,
) -> Drawn:
    """A panel per metric and factor: changes along the factor, over all that others are.

    ``found``: changes from the factor's first place, by metric's and factor's names.
    """
    title = "What each factor does, whatever the others are"
    head, left = 0.35, 0.95
    width = min(COLUMN, (WIDTH - left - 0.2) / len(axes_of) - GAP)
    sheet = Sheet(head + len(metrics) * (ROW + BELOW) - 0.2, title)
    for j, metric in enumerate(metrics):
        top = head + j * (ROW + BELOW)
        sheet.text(0.1, top - 0.28, f"{metric.label}, change in {unit(metric)}", fontweight="bold")
        ends = [
            end
            for laid in axes_of
            for one in found[metric.name, laid.name]
            for end in one
            if known(end)
        ]
        for i, laid in enumerate(axes_of):
            axes = sheet.axes(left + i * (width + GAP), top, width, ROW)
            _effect_panel(axes, metric, laid, found[metric.name, laid.name])
            _share_scale(axes, ends, metric)
            if i:
                axes.set_yticklabels([])
    sheet.save(folder, "main_effects")
    caption = (
        "Marks are changes from the factor's first value, over all cells that have each value, "
        "bars their 95 % intervals, paired by replicate. Panels of a row share their scale."
    )
    alt = f"{len(metrics)} metrics along {len(axes_of)} factors."
    return Drawn("main_effects", title, caption, alt)


def _effect_panel(axes: Axes, metric: Metric, laid: Axis, found: Sequence[Estimate]) -> None:
    style, at = style_of(metric), np.arange(len(laid.labels))
    middle, low, high = style.scale * np.array(found, float).T
    axes.vlines(at, low, high, color=COLOURS[0], lw=2.0, alpha=0.6)
    axes.plot(at, middle, "o-" if laid.ordered else "o", color=COLOURS[0], ms=5, lw=1.4)
    axes.axhline(0.0, color=QUIET, lw=1.0, zorder=0)
    axes.yaxis.set_major_formatter(lambda v, _: tick_text(style, v, signed=True))
    axes.grid(axis="y", color=FAINT, lw=0.6)
    _ticks_along(axes, laid, 5)


def _share_scale(axes: Axes, ends: list[float], metric: Metric) -> None:
    if not ends:
        return
    scale = style_of(metric).scale
    low, high = scale * min(ends), scale * max(ends)
    margin = 0.06 * (high - low) or 1.0
    both = (low - margin, high + margin)
    axes.set_ylim(both[::-1] if metric.name == "position" else both)


def _ticks_along(axes: Axes, laid: Axis, most: int) -> None:
    step = -(-len(laid.labels) // most) if laid.ordered else 1
    places = range(0, len(laid.labels), step)
    wide = axes.get_position().width * WIDTH
    long = sum(len(_short(laid.labels[i], 14)) + 2 for i in places) > LETTERS * wide
    axes.set_xticks(
        list(places), [_short(laid.labels[i], 14) for i in places],
        rotation=30 if long else 0, ha="right" if long else "center",
    )  # fmt: skip
    axes.set_xlim(-0.3, len(laid.labels) - 0.7)
    axes.set_xlabel(_short(laid.name, 30))


def _judged(metric: Metric) -> bool:
    return metric.direction != "neither"


def _subtitle(metric: Metric) -> str:
    better = {"lower": "less is better", "higher": "more is better"}.get(metric.direction, "")
    return ", ".join(part for part in (unit_text(metric), better) if part)


def _short(text: str, most: int = 24) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _caption(surface: Surface, drawn: list[float]) -> str:
    said = [
        f"{surface.metric.label} in every cell (left), and how far it is from the lower left cell "
        f"for some values of {surface.y.name} (right; bands: 95 % intervals, paired by replicate)."
    ]
    limit = surface.limit
    if limit is not None:
        known_values = surface.values[np.isfinite(surface.values)]
        if limit in drawn:
            said.append(f"The thick line is the platform's limit, {limit_text(limit)}.")
        elif len(known_values):
            where = "under" if known_values.max() <= limit else "above"
            if known_values.max() <= limit or known_values.min() > limit:
                said.append(f"All cells are {where} the platform's limit, {limit_text(limit)}.")
    if any(at != limit for at in drawn):
        said.append("Lines between cells are drawn as if the metric went straight between them.")
    if not np.isfinite(surface.values).all():
        said.append("White cells have not been lived in any replicate as a whole.")
    return " ".join(said)


def _alt(surface: Surface) -> str:
    values = surface.values[np.isfinite(surface.values)]
    if not len(values):
        return "Nothing has been lived yet."
    ends = (value_text(float(end), surface.metric) for end in (values.min(), values.max()))
    return "From {} to {}.".format(*ends)
