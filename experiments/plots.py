"""Figures of a run, drawn without a screen; colours are those of Okabe and Ito."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.config.market import Market

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Columns = Mapping[str, np.ndarray]

FOCAL, RIVALS, LIMIT = "#0072B2", "#9A9A9A", "#000000"
STYLE: Any = {"svg.hashsalt": "market", "font.size": 10.5, "text.parse_math": False}
LINES = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
STYLES = ("-", "--", "-.", ":")
STATES = {
    "at risk": ("v", "#E69F00"),
    "deactivated": ("X", "#D55E00"),
    "closed": ("s", "#000000"),
}
"""Marker and colour of the day a seller enters a state."""

MOST_NAMED = 12
SMOOTH_DAYS = 7
HAIR = 0.06
"""Positions by which lines are set apart, so that listings at the same position can be seen."""


def draw_odr_and_position(
    tables: Mapping[str, Columns], focal: str, market: Market, folder: Path
) -> None:
    """Write ``odr_and_position.png`` and ``.svg``: the focal seller's rate above, ranks below."""
    import matplotlib
    from matplotlib.figure import Figure

    sellers, listings = tables["sellers"], tables["listings"]
    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(10, 8.2), layout="constrained")
        above, below = figure.subplots(2, 1, sharex=True)
        _draw_odr(above, sellers, focal, market)
        _draw_positions(below, listings, focal)
        for axes in (above, below):
            axes.spines[["top", "right"]].set_visible(False)
            axes.set_xlim(1, max(market.days, 2))
        below.set_xlabel("Day")
        figure.savefig(folder / "odr_and_position.png", dpi=150)
        figure.savefig(folder / "odr_and_position.svg", metadata={"Date": None})


def _draw_odr(axes: Axes, sellers: Columns, focal: str, market: Market) -> None:
    """Rates as the platform saw them: they are what account states follow."""
    days, names, odr = _wide(sellers, "seller", "odr")
    odr = 100 * odr
    limit = 100 * market.platform.odr.limit
    rivals = [i for i, name in enumerate(names) if name != focal]
    own = names.index(focal)
    axes.plot(days, odr[:, rivals], color=RIVALS, lw=0.8, alpha=0.7)
    axes.plot([], [], color=RIVALS, lw=0.8, label="Rivals")
    axes.plot(days, odr[:, own], color=FOCAL, lw=2.6, label=_short(focal), zorder=4)
    axes.axhline(limit, color=LIMIT, lw=1.2, ls="--", label=f"Limit ({limit:g} %)")
    _mark_states(axes, sellers, days, odr, own)
    top = _top(odr, own, limit)
    if np.nanmax(odr, initial=0.0) > top:
        axes.annotate(
            "lines leave the plot above", (0.995, 0.985), xycoords="axes fraction", ha="right",
            va="top", fontsize=9, color="#555555",
        )  # fmt: skip
    axes.set_ylim(0, top)
    axes.set_ylabel("Order defect rate, %")
    axes.set_title(
        f"Order defect rate as the platform saw it: {_short(focal)} and {len(rivals)} rivals,\n"
        f"orders of {market.platform.odr.window_days} days, the youngest "
        f"{market.platform.odr.lag_days} days left out (n = {int(sellers['orders'].sum()):,} "
        "orders)",
        loc="left",
        fontsize=11.5,
    )
    axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0), frameon=False)


def _top(odr: np.ndarray, own: int, limit: float) -> float:
    """Upper end of the axis: all of the focal seller, most of the others."""
    most = np.nanquantile(odr, 0.99) if np.isfinite(odr).any() else 0.0
    own_most = np.nanmax(odr[:, own], initial=0.0)
    return 1.08 * max(2.0 * limit, own_most, min(float(most), 5.0 * limit))


def _mark_states(axes: Axes, sellers: Columns, days: np.ndarray, odr: np.ndarray, own: int) -> None:
    """Mark the day on which a seller enters a state other than healthy."""
    _, _, states = _wide(sellers, "seller", "state")
    before = np.vstack([np.full(states.shape[1], "healthy"), states[:-1]])
    for state, (marker, colour) in STATES.items():
        row, column = np.nonzero((states == state) & (before != state))
        if not len(row):
            continue
        heights = np.nan_to_num(odr[row, column])
        sizes = np.where(column == own, 110, 42)
        axes.scatter(
            days[row], heights, s=sizes, marker=marker, color=colour, edgecolor="white",
            linewidth=0.7, zorder=5, label=state.capitalize(),
        )  # fmt: skip


def _draw_positions(axes: Axes, listings: Columns, focal: str) -> None:
    mine = {name: column[listings["seller"] == focal] for name, column in listings.items()}
    axes.set_ylabel("Position in its category (1 = top)")
    days, names, positions = _wide(mine, "listing", "position")
    worst = 1.0
    for i, name in enumerate(names):
        smooth = _trailing_mean(positions[:, i], SMOOTH_DAYS)
        worst = max(worst, float(np.nanmax(smooth, initial=1.0)))
        category = mine["category"][mine["listing"] == name][0]
        axes.plot(
            days,
            smooth + HAIR * (i % len(LINES) - (min(len(names), len(LINES)) - 1) / 2),
            color=LINES[i % len(LINES)],
            ls=STYLES[i // len(LINES) % len(STYLES)],
            lw=1.8,
            label=f"{_short(name)}\n({_short(category)})" if i < MOST_NAMED else None,
        )
    axes.set_ylim(worst + 0.5, 0.5)
    step = max(1, round(worst / 8))
    axes.set_yticks(sorted({1, *range(step, int(worst) + 1, step)}))
    axes.set_title(
        f"Position in search of {_short(focal)}'s listings (n = {len(names)}), mean of the last "
        f"{SMOOTH_DAYS} days",
        loc="left",
        fontsize=11.5,
    )
    if names:
        axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0), frameon=False)


def _short(name: str) -> str:
    """A name as a label: not so long that it takes the plot's place, no leading underscore."""
    text = name if len(name) <= 24 else name[:23] + "…"
    return f" {text}" if text.startswith("_") else text


def _trailing_mean(values: np.ndarray, window: int) -> np.ndarray:
    """Mean of the last ``window`` values, of fewer at the start."""
    sums = np.cumsum(np.insert(values.astype(float), 0, 0.0))
    ends = np.arange(1, len(values) + 1)
    starts = np.maximum(ends - window, 0)
    return (sums[ends] - sums[starts]) / (ends - starts)


def _wide(table: Columns, by: str, column: str) -> tuple[np.ndarray, list[str], np.ndarray]:
    """Days, names in order of appearance, and ``column`` as [day, name]; NaN where absent."""
    days, rows = np.unique(table["day"], return_inverse=True)
    unique, first, which = np.unique(table[by].astype(str), return_index=True, return_inverse=True)
    rank = np.empty(len(unique), dtype=int)
    rank[np.argsort(first)] = np.arange(len(unique))
    values = table[column]
    text = values.dtype.kind in "OUT"
    wide = np.full(
        (len(days), len(unique)), "" if text else np.nan, dtype=object if text else float
    )
    wide[rows, rank[which]] = values
    return days, [str(name) for name in unique[np.argsort(first)]], wide
