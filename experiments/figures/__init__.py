"""Figures of an experiment, drawn without a screen: one function each, PNG and SVG.

Arms differ by colour (Okabe and Ito's), line style and marker, and are named where they are drawn,
so that everything can be read in grey as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.figures.sheet import Drawn, Skipped

if TYPE_CHECKING:
    from experiments.figures.material import Columns
    from experiments.summary import Row

__all__ = ["Drawn", "Skipped", "draw_figures"]


def draw_figures(
    focal: Columns, manifest: Mapping[str, Any], rows: Sequence[Row], folder: Path
) -> list[Drawn | Skipped]:
    """Draw every figure into ``folder`` as ``NAME.png`` and ``NAME.svg``; in reading order.

    ``focal``: the columns of focal.parquet; ``rows``: those of summary.csv.
    """
    from experiments.figures.answer import draw_answer
    from experiments.figures.days import draw_position, draw_profit, draw_stars
    from experiments.figures.material import Material
    from experiments.figures.odr import draw_odr
    from experiments.figures.opinions import draw_felt, draw_opinions
    from experiments.figures.rivals import draw_rivals
    from experiments.figures.sheet import style

    folder.mkdir(parents=True, exist_ok=True)
    material = Material(focal, manifest, rows)
    with style():
        return [
            draw(material, folder)
            for draw in (
                draw_answer, draw_odr, draw_position, draw_stars, draw_opinions, draw_felt,
                draw_profit, draw_rivals,
            )
        ]  # fmt: skip
