"""A sheet of paper to draw on: places in inches, a title, and files that are the same each time.

Places are given by hand, as matplotlib's own layout takes longer than all the drawing.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

WIDTH = 10.0
TITLE_HEIGHT = 0.36
SUBTITLE_HEIGHT = 0.22
KEY_HEIGHT = 0.30
INK, QUIET, FAINT = "#222222", "#595959", "#D9D9D9"

TICKS = {"color": QUIET, "labelcolor": INK, "labelsize": 9, "major.size": 3}
_FALLBACKS = (
    "Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei", "PingFang SC", "Hiragino Sans GB", "Microsoft YaHei", "SimHei",
    "Noto Emoji", "Segoe UI Emoji", "Symbola", "Arial Unicode MS",
)  # fmt: skip
"""Fonts for names in other scripts, used in the PNG where installed; browsers bring their own."""

_COORDINATES = re.compile(r'(?<= d=")[^"]*')
_DIGITS = re.compile(r"(\.\d\d)\d+")
_FONT = re.compile(r"(<text style=\"[^\"]*'DejaVu Sans')")


@dataclass(frozen=True)
class Drawn:
    """A figure on disk, as ``name.png`` and ``name.svg``; words for whoever reads or cannot see."""

    name: str
    title: str
    caption: str
    alt: str


@dataclass(frozen=True)
class Skipped:
    """A figure that cannot be drawn for this experiment, and why."""

    name: str
    title: str
    why: str


class Sheet:
    """A figure ``WIDTH`` inches wide whose parts are placed in inches from the top left.

    To be made and saved within ``style()``.
    """

    def __init__(self, height: float, title: str, subtitle: str = "") -> None:
        """``height`` counts from below the title, which comes on top of it."""
        from matplotlib.figure import Figure

        self.top = TITLE_HEIGHT + (SUBTITLE_HEIGHT if subtitle else 0.0)
        self.height = height + self.top
        self.figure = Figure(figsize=(WIDTH, self.height))
        self.text(0.1, 0.08 - self.top, title, fontsize=12.5, fontweight="bold")
        self.text(0.1, 0.34 - self.top, subtitle, fontsize=9.5, color=QUIET)

    def text(self, left: float, top: float, text: str, **how: Any) -> None:
        """Text whose upper left corner is ``left``, ``top``."""
        x, y = left / WIDTH, 1.0 - (top + self.top) / self.height
        self.figure.text(x, y, text, **({"va": "top", "color": INK} | how))

    def axes(self, left: float, top: float, width: float, height: float) -> Axes:
        """A plot of that size, without the lines above and to the right."""
        bottom = self.height - self.top - top - height
        place = (left / WIDTH, bottom / self.height, width / WIDTH, height / self.height)
        return self.figure.add_axes(place)

    def key(self, top: float, entries: dict[str, Artist], left: float = 0.1) -> None:
        """What the signs mean, on one line."""
        # matplotlib leaves out what begins with an underscore.
        names = [f" {name}" if name.startswith("_") else name for name in entries]
        self.figure.legend(
            entries.values(), names, loc="upper left", ncols=max(1, len(names)), frameon=False,
            bbox_to_anchor=(left / WIDTH, 1.0 - (top + self.top) / self.height), fontsize=9,
            borderpad=0, borderaxespad=0, handlelength=2.2, columnspacing=1.6, handletextpad=0.6,
        )  # fmt: skip

    def save(self, folder: Path, name: str) -> None:
        """Write ``name.png`` and ``name.svg``: the same bytes from the same numbers."""
        with warnings.catch_warnings():
            # Letters that no installed font has become boxes in the PNG; the SVG keeps the text.
            warnings.filterwarnings("ignore", message="Glyph .* missing")
            self.figure.savefig(folder / f"{name}.png", dpi=150)
            written = BytesIO()
            self.figure.savefig(written, format="svg", metadata={"Date": None})
        svg = written.getvalue().decode("utf-8")
        # A hundredth of a point cannot be seen, and its digits are half of the file.
        svg = _COORDINATES.sub(lambda found: _DIGITS.sub(r"\1", found.group()), svg)
        # Said here and not to matplotlib, which would look for all of them at every text.
        svg = _FONT.sub(r"\1, Verdana, sans-serif", svg)
        (folder / f"{name}.svg").write_bytes(svg.encode("utf-8"))


@contextmanager
def style() -> Iterator[None]:
    """Names are text and never formulas; the SVG keeps them as text and numbers its parts alike."""
    import matplotlib
    from matplotlib import font_manager

    installed = {font.name for font in font_manager.fontManager.ttflist}
    families = ["DejaVu Sans", *(name for name in _FALLBACKS if name in installed)]
    wanted: Any = {
        "svg.hashsalt": "market",
        "svg.fonttype": "none",
        "text.parse_math": False,
        "font.family": families,
        "font.size": 9.5,
        "axes.labelcolor": INK,
        "axes.edgecolor": QUIET,
        "axes.spines.top": False,
        "axes.spines.right": False,
        **{f"{axis}tick.{name}": value for axis in "xy" for name, value in TICKS.items()},
        "axes.axisbelow": True,
        "hatch.linewidth": 0.6,
    }
    with matplotlib.rc_context(wanted):
        yield
