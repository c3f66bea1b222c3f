"""What was measured, as lines of a table, as figures, and on the committed page."""

from __future__ import annotations

import math
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator

from experiments.figures.sheet import FAINT, INK, QUIET, Sheet, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

HEAD = f"{'':42}{'median':>10}  {'range':>19}  {'unit':14} target"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
OURS, OTHERS = "#0B62A4", {"everyone": "#B3261E", "sampled": "#C77700", "floor": QUIET}
NAMES = {
    "ours": "this market",
    "everyone": "plain Mesa, everyone steps",
    "sampled": "plain Mesa, sampled agents",
    "floor": "floor",
}
TITLES = {
    "sides": "Side by side",
    "years": "A year, and what memory holds at its end",
    "scaling": "Scaling",
    "phases": "Where a year of 100,000 buyers goes, phase by phase",
    "starts": "Starts",
}
Rows = dict[str, list[dict[str, Any]]]


def figure(value: float) -> str:
    """Three digits that count."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def spread(values: list[float]) -> str:
    """Least and most, where there are several."""
    return f"{figure(min(values))} - {figure(max(values))}" if len(values) > 1 else ""


def line(what: str, values: list[float], unit: str, target: str) -> str:
    """One line of the table on the screen."""
    return (
        f"{what:42}{figure(median(values)):>10}  {spread(values):>19}  {unit:14} {target}".rstrip()
    )


def slope(x: list[int], y: list[float]) -> float:
    """Slope of a line through the points on log-log paper, by least squares."""
    return float(np.polyfit(np.log(x), np.log(y), 1)[0])


# --- figures ------------------------------------------------------------------------------------


def draw(rows: Rows, path: Path) -> None:
    """Cost against buyers, days, listings and sellers, on log-log paper, as SVG and PNG."""
    panels = [row["details"] for row in rows["scaling"] if row["details"]]
    with style():
        sheet = Sheet(
            6.6, "What a market costs", "CPU seconds of one core; both scales logarithmic"
        )
        for k, panel in enumerate(panels):
            axes = sheet.axes(0.85 + 4.95 * (k % 2), 0.35 + 3.3 * (k // 2), 3.9, 2.4)
            _panel(axes, panel, rows.get("sides", []))
        sheet.save(path.parent, path.stem)


def _panel(axes: Axes, panel: dict[str, Any], sides: list[dict[str, Any]]) -> None:
    x, y = np.array(panel["x"], float), np.array(panel["y"], float)
    what = "all days" if panel["what"] == "days" else "a day"
    title = f"Cost of {what} against {panel['what']}, slope {slope(panel['x'], panel['y']):.2f}"
    axes.set_title(title, fontsize=10, loc="left", color=INK)
    axes.loglog(x, y, "o-", color=OURS, markersize=4, linewidth=1.6, label=NAMES["ours"])
    if panel["what"] == "buyers" and sides:
        _others(axes, sides)
        low, high = axes.get_ylim()
        axes.set_ylim(low / 4, high)  # room for the names
        axes.legend(fontsize=8, loc="lower right", frameon=False, labelcolor="linecolor")
    axes.set_xlabel(panel["what"])
    axes.set_ylabel("CPU s")
    low, high = axes.get_ylim()
    if high < 20 * low:  # room for a decade and to name several values on it
        middle = math.sqrt(low * high)
        low, high = min(low, middle / 4.5), max(high, middle * 4.5)
        axes.set_ylim(low, high)
    many = high > 100 * low
    axes.yaxis.set_major_locator(LogLocator(subs=(1.0,) if many else (1.0, 2.0, 5.0)))
    axes.xaxis.set_major_locator(FixedLocator(list(x)))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(FuncFormatter(lambda at, _: _plain(at)))
    axes.grid(color=FAINT, linewidth=0.6)
    axes.minorticks_off()


def _plain(value: float) -> str:
    """A number on an axis, as one says it."""
    return f"{value:,.0f}" if value >= 1 else f"{value:.4g}"


def _others(axes: Axes, sides: list[dict[str, Any]]) -> None:
    """Peers and floor beside ours: CPU seconds of a day."""
    for kind, color in OTHERS.items():
        points = []
        for row in sides:
            if row["details"].get("kind") == kind:
                buyers = int(row["what"].split(" ")[0].replace(",", ""))
                points.append((buyers, median(row["values"]) * 1.2 * buyers / 1e9))
        if points:
            axes.loglog(*zip(*points, strict=True), "o-", color=color, markersize=3, linewidth=1.0,
                        label=NAMES[kind])  # fmt: skip


# --- the page -----------------------------------------------------------------------------------


def renew(path: Path, on: dict[str, Any], rows: Rows) -> None:
    """Put what was measured between the marks of the page. Raises SystemExit as ``around``."""
    before, after = around(path)
    path.write_text(before + BEGIN + "\n" + measured(on, rows) + END + after, encoding="utf-8")


def around(path: Path) -> tuple[str, str]:
    """The page before and after what was measured. Raises SystemExit where it has no such place."""
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    if BEGIN not in text or END not in text:
        raise SystemExit(f"{path}: a page with the marks {BEGIN} and {END} is needed")
    return text.split(BEGIN)[0], text.split(END)[1]


def measured(on: dict[str, Any], rows: Rows) -> str:
    """What was measured, in Markdown."""
    load = f", load {on['load'][0]:.1f} at the start" if on["load"] else ""
    said = [
        f"Measured {on['when'][:10]} on {on['cores']} cores of an {on['processor']}{load}; "
        f"Python {on['python']}, Mesa {on['mesa']}, Numba {on['numba']}, NumPy {on['numpy']}.",
        "",
    ]
    for part, title in TITLES.items():
        if not rows.get(part):
            continue
        said += [f"### {title}", ""]
        said += _phases(rows[part]) if part == "phases" else _table(rows[part])
        said.append("")
    return "\n".join(said)


def _table(rows: list[dict[str, Any]]) -> list[str]:
    found = ["| what | median | range | unit | target |", "| --- | ---: | ---: | --- | ---: |"]
    for row in rows:
        what = row["what"].strip()
        for kind, name in NAMES.items():
            what = what.replace(f": {kind}", f": {name}")
        what = f"… {what}" if row["what"].startswith(" ") else what
        cells = [what, figure(median(row["values"])), spread(row["values"]), row["unit"]]
        found.append(f"| {' | '.join([*cells, row['target']])} |")
    return found


def _phases(rows: list[dict[str, Any]]) -> list[str]:
    found = ["| phase | share | ns per order |", "| --- | ---: | ---: |"]
    for row in rows:
        share, each = row["values"][0], row["details"]["ns_per_order"]
        name = row["what"].strip()
        name = name if " " in name else f"`{name}`"
        if not math.isnan(share):
            found.append(f"| {name} | {share:.1f} % | {each:,.0f} |")
    return found
