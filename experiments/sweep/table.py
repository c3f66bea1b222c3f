"""The table of a sweep: a row per cell and replicate, its factors and what was measured."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from experiments.metrics import METRICS
from experiments.mistakes import UserError
from experiments.summary import cell_text
from experiments.sweep.designs import value_text
from experiments.sweep.store import Store, unpacked

BASE = "base"
"""What stands in the table where a factor is as in the base."""


class Table:
    """What went well in a sweep, in order of cell and replicate, whoever finished first.

    ``cell``, ``replicate``: [rows]; ``pairs``: [rows, metrics, 2], part and whole; ``points``:
    values by factor of every cell of the plan.
    """

    def __init__(self, store: Store) -> None:
        """Raises UserError where nothing has been measured yet."""
        rows = list(store.of_the_plan())
        if not rows:
            raise UserError(f"{store.path.parent}: no cell has been lived yet")
        self.stated: dict[str, Any] = store.meta("stated")
        self.metrics: list[str] = store.meta("metrics")
        self.limit = float(store.meta("limit"))
        self.points = store.points()
        self.factors = list(self.stated["factors"])
        self.cell = np.array([row[0] for row in rows])
        self.replicate = np.array([row[1] for row in rows])
        self.pairs = np.array([unpacked(row[2]) for row in rows])

    def values(self, metric: str) -> np.ndarray:
        """[rows]: part / whole, NaN where the whole is 0."""
        part, whole = np.moveaxis(self.pairs[:, self.metrics.index(metric)], -1, 0)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(whole != 0, part / np.where(whole != 0, whole, 1), np.nan)

    def of_factor(self, name: str) -> list[Any]:
        """[cells]: the value of a factor, None where it is as in the base."""
        return [point[name] for point in self.points]

    def cell_means(self, metric: str) -> np.ndarray:
        """[cells]: what a metric comes to over the replicates; NaN where nothing is known.

        Ratios of totals for proportions, means otherwise, as everywhere (``statistics``).
        """
        k, n = self.metrics.index(metric), len(self.points)
        part, whole = (np.zeros(n) for _ in range(2))
        if METRICS[metric].kind == "proportion":
            np.add.at(part, self.cell, self.pairs[:, k, 0])
            np.add.at(whole, self.cell, self.pairs[:, k, 1])
        else:
            values = self.values(metric)
            there = ~np.isnan(values)
            np.add.at(part, self.cell[there], values[there])
            np.add.at(whole, self.cell[there], 1.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(whole > 0, part / np.where(whole > 0, whole, 1), np.nan)

    def columns(self) -> dict[str, np.ndarray]:
        """The table as it is exported: factors by name, then every metric's value.

        A factor that is called like another column is written as ``factor.NAME``.
        """
        taken = {"cell", "replicate", *self.metrics}
        found: dict[str, np.ndarray] = {"cell": self.cell, "replicate": self.replicate}
        for name in self.factors:
            column = _column(self.of_factor(name))[self.cell]
            free = name
            while free in taken or free in found:
                free = f"factor.{free}"
            found[free] = column
        return found | {metric: self.values(metric) for metric in self.metrics}


def export(folder: Path, to: str, out: Path | None) -> Path:
    """Write the table of a sweep as CSV or Parquet and return the file, else ``DIR/table.csv``.

    The bytes of a CSV depend on what was measured alone. Raises UserError where there is nothing
    to write or the file exists already outside ``folder``.
    """
    with Store(folder) as store:
        columns = Table(store).columns()
    file = out or folder / f"table.{to}"
    if out is not None and file.exists():
        raise UserError(f"{file}: exists already; allowed: a new file")
    try:
        if to == "parquet":
            from experiments.results import write_table

            write_table(columns, file)
        else:
            _write_csv(columns, file)
    except OSError as error:
        raise UserError(f"{file}: cannot be written: {error.strerror}") from error
    return file


def _write_csv(columns: Mapping[str, np.ndarray], file: Path) -> None:
    import csv

    with file.open("w", newline="", encoding="utf-8") as lines:
        writer = csv.writer(lines)
        writer.writerow(map(cell_text, columns))
        writer.writerows(zip(*(map(_cell, c.tolist()) for c in columns.values()), strict=True))


def _cell(value: Any) -> Any:
    """A number to the bit, nothing for NaN, and no text that a spreadsheet would run."""
    return cell_text(value)


def _column(values: list[Any]) -> np.ndarray:
    """Numbers where all are, else texts."""
    if all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in values):
        return np.array(values)
    return np.array([BASE if v is None else value_text(v) for v in values], dtype=object)
