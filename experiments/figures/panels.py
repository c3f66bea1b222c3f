"""Where the panels of a figure over time stand: arms together in one cell, or a cell for each.

Few lines share a panel and are named at their ends. Many get a panel each, in which the others
stay as thin grey lines: twelve lines in one panel cannot be told apart, least of all in grey.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING

from experiments.figures.sheet import WIDTH, Sheet

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from experiments.figures.material import Material

MOST_TOGETHER = 3
"""Arms that share a panel, with their bands."""

LEFT, RIGHT, BOTTOM = 0.82, 0.12, 0.52
END_LABELS = 2.0
"""Room for names at the ends of lines, inches."""

GAP, HEADING, LINE = 0.18, 0.4, 0.17
"""Between columns of a grid; above a cell, for its name; for a second line of names. Inches."""


BOLD_LETTER = 0.096
"""Mean width of a letter of a heading, inches."""


@dataclass(frozen=True)
class Cell:
    """The panels of some arms, one above the other; ``width`` in inches."""

    arms: tuple[int, ...]
    panels: list[Axes]
    width: float
    is_only: bool
    is_left: bool
    is_lowest: bool


class Layout:
    """Cells for ``arms`` (their numbers), with panels of these heights in each, inches."""

    def __init__(
        self, material: Material, arms: Sequence[int], heights: Sequence[float], gap: float
    ) -> None:
        self.arms, self.heights, self.gap = arms, heights, gap
        self.together = len(arms) <= MOST_TOGETHER
        self.columns = 1 if self.together else _columns(len(arms))
        room = RIGHT if not self.together else END_LABELS
        self.width = (WIDTH - LEFT - room - GAP * (self.columns - 1)) / self.columns
        self.names = material.labels(int(self.width / BOLD_LETTER), rows=2)
        if self.together:
            self.heading = 0.1
        else:
            self.heading = HEADING + LINE * any("\n" in self.names[arm] for arm in arms)
        self.cell_height = sum(heights) + gap * (len(heights) - 1) + self.heading

    @property
    def height(self) -> float:
        """All of it, with room for the axis of days."""
        rows = 1 if self.together else ceil(len(self.arms) / self.columns)
        return rows * self.cell_height + BOTTOM

    def place(self, sheet: Sheet, top: float) -> list[Cell]:
        """Make the axes; cells of a grid get their arm's name as heading."""
        groups = [tuple(self.arms)] if self.together else [(arm,) for arm in self.arms]
        cells = []
        for place, arms in enumerate(groups):
            left = LEFT + place % self.columns * (self.width + GAP)
            below = top + place // self.columns * self.cell_height + self.heading
            if not self.together:
                sheet.text(
                    left, below - 0.08, self.names[arms[0]], va="bottom", fontweight="bold",
                    linespacing=1.1,
                )  # fmt: skip
            is_left = place % self.columns == 0
            is_lowest = place + self.columns >= len(groups)
            panels = []
            for height in self.heights:
                panels.append(sheet.axes(left, below, self.width, height))
                panels[-1].tick_params(labelleft=is_left, labelbottom=False)
                below += height + self.gap
            panels[-1].tick_params(labelbottom=is_lowest)
            cells.append(Cell(arms, panels, self.width, self.together, is_left, is_lowest))
        return cells


def _columns(count: int) -> int:
    return 2 if count == 4 else 3 if count in (5, 6, 9) else 4
