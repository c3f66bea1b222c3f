"""The scorecard on one page: every band, and where the seeds lie."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from experiments.evidence.page import ROLES, VERDICTS, Scorecard, number
from experiments.evidence.scorecard import Measured
from experiments.figures.sheet import FAINT, INK, KEY_HEIGHT, QUIET, WIDTH, Sheet, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

NAME = "validation"
COLORS = {
    "in band": "#1B7A4B",
    "right sign only": "#C77700",
    "wrong": "#B3261E",
    "not computed": QUIET,
}
MARKS = {"in band": "o", "right sign only": "D", "wrong": "X", "not computed": "|"}
ROW, HEAD = 0.2, 0.42
COLUMNS, GAP = 2, 0.3
NAMES = 3.05
BEYOND = 0.8
"""Band widths beyond which a row is cut off, with an arrow."""


def draw(card: Scorecard, folder: Path) -> None:
    """Write ``validation.png`` and ``validation.svg`` into ``folder``."""
    blocks = [(ROLES[role], card.of(role)) for role in ROLES if card.of(role)]
    with style():
        columns = _columns(blocks)
        height = KEY_HEIGHT + max(sum(_tall(b) for b in c) for c in columns) + 0.15
        subtitle = f"Market {card.market}, {card.seeds} seeds; each row scaled by its own band"
        sheet = Sheet(height, "What is known of marketplaces, and what this one says", subtitle)
        width = (WIDTH - 0.2 - GAP * (COLUMNS - 1)) / COLUMNS
        for k, column in enumerate(columns):
            top = KEY_HEIGHT
            for title, rows in column:
                left = 0.1 + k * (width + GAP)
                sheet.text(left, top + 0.12, title, fontsize=9.5, fontweight="bold")
                _block(sheet, left, top + HEAD, width, rows)
                top += _tall((title, rows))
        _key(sheet)
        sheet.save(folder, NAME)


Block = tuple[str, list[Measured]]


def _tall(block: Block) -> float:
    return HEAD + ROW * len(block[1]) + 0.12


def _columns(blocks: list[Block]) -> list[list[Block]]:
    """Blocks in columns of about equal length; a long block goes on in the next."""
    total = sum(_tall(block) for block in blocks)
    columns: list[list[Block]] = [[]]
    used = 0.0
    for title, rows in blocks:
        while rows:
            room = total / COLUMNS - used
            fits = len(rows) if len(columns) == COLUMNS else int((room - HEAD) / ROW) + 1
            if fits < 3 and len(columns) < COLUMNS:
                columns.append([])
                used = 0.0
                continue
            part, rows = rows[:fits], rows[fits:]
            columns[-1].append((title, part))
            used += _tall((title, part))
            if rows:
                columns.append([])
                used, title = 0.0, f"{title} (continued)"
    return columns


def _block(sheet: Sheet, left: float, top: float, width: float, rows: list[Measured]) -> None:
    plot = sheet.axes(left + NAMES, top, width - NAMES, ROW * len(rows))
    plot.set_ylim(len(rows) - 0.5, -0.5)
    plot.set_xlim(-BEYOND, 1.0 + BEYOND)
    plot.axis("off")
    for y, m in enumerate(rows):
        _row(plot, y, m)
        middle = top + (y + 0.5) * ROW
        sheet.text(left, middle, m.finding.id, fontsize=6.8, color=QUIET, va="center")
        sheet.text(left + 0.85, middle, _short(m), fontsize=6.8, va="center")


def _short(m: Measured) -> str:
    name = m.finding.name
    return name if len(name) <= 43 else name[:42].rstrip(" ,") + "…"


def _scale(m: Measured) -> tuple[float, float]:
    """Zero and one of a row's axis: its band, or no effect and the largest value where open."""
    low, high = m.finding.band
    reach = float(np.max(np.abs(m.known - (low if math.isfinite(low) else high)), initial=1e-9))
    if math.isinf(high):
        return low, low + reach
    if math.isinf(low):
        return high - reach, high
    return (low, high) if high > low else (low - 1.0, high)


def _row(plot: Axes, y: int, m: Measured) -> None:
    if not len(m.known):
        return
    zero, one = _scale(m)
    color = COLORS[m.verdict]
    low, high = m.finding.band
    start = -BEYOND if math.isinf(low) else 0.0
    end = 1.0 + BEYOND if math.isinf(high) else 1.0
    if low == high:
        start, end = 0.96, 1.04
    plot.barh(y, end - start, left=start, height=0.62, color=FAINT, lw=0)
    if m.finding.neutral is not None:
        at = (m.finding.neutral - zero) / (one - zero)
        if -BEYOND <= at <= 1.0 + BEYOND:
            plot.plot([at, at], [y - 0.42, y + 0.42], color=QUIET, lw=0.8)
    at = (m.median - zero) / (one - zero)
    shown = min(max(at, -BEYOND + 0.06), 1.0 + BEYOND - 0.06)
    spread = np.clip([(x - zero) / (one - zero) for x in m.spread], -BEYOND, 1.0 + BEYOND)
    if at == shown:
        plot.plot(spread, [y, y], color=color, lw=1.2, solid_capstyle="butt")
        plot.plot(shown, y, MARKS[m.verdict], color=color, ms=4.0, mew=0)
    else:
        plot.plot(shown, y, ">" if at > shown else "<", color=color, ms=4.5, mew=0)
        beside, side = (-5, "right") if at > shown else (5, "left")
        plot.annotate(
            number(m.median), (shown, y), (beside, 0), textcoords="offset points", fontsize=6,
            ha=side, va="center", color=INK,
        )  # fmt: skip


def _key(sheet: Sheet) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    entries = {
        v: Line2D([], [], color=COLORS[v], marker=MARKS[v], ms=5, mew=0, lw=1.2) for v in VERDICTS
    }
    band = {"band of the source": Patch(color=FAINT, lw=0)}
    none = {"no effect": Line2D([], [], color=QUIET, marker="|", ms=8, ls="")}
    cut = {"off the scale": Line2D([], [], color=INK, marker=">", ms=5, mew=0, ls="")}
    sheet.key(0.0, {**entries, **band, **none, **cut})
