"""``python run.py compare``: what two sweeps have in common, and how far they are apart."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from experiments.metrics import METRICS
from experiments.mistakes import UserError
from experiments.numbers import NOTHING, change_text, harmless, known, style_of, value_text
from experiments.statistics import Estimate
from experiments.summary import estimate
from experiments.sweep.effects import contrast, grouped, pairs_of
from experiments.sweep.store import Store
from experiments.sweep.table import Table
from experiments.terminal import console
from experiments.words import ANSWER

SAID = ("base", "set", "replicates", "vary", "factors", "design")
"""What of a sweep file decides which markets are lived."""


class _Side:
    """One of the two."""

    def __init__(self, folder: Path) -> None:
        """Raises UserError where there is no sweep or nothing has been lived yet."""
        with Store(folder) as store:
            self.table = Table(store)
            self.fingerprint: str = store.meta("fingerprint")
            digests = store.digests()
            self.lived = {
                (digests[cell], replicate): numbers
                for cell, replicate, numbers in store.of_the_plan()
            }
        self.folder = folder
        self.stated: Mapping[str, Any] = self.table.stated
        self.cells = {_key(point): cell for cell, point in enumerate(self.table.points)}


def compare(first: Path, second: Path) -> None:
    """Print it. Raises UserError where there is nothing to compare."""
    one, two = _Side(first), _Side(second)
    both = [(cell, two.cells[key]) for key, cell in one.cells.items() if key in two.cells]
    for side, other in ((one, two), (two, one)):
        alone = sum(key not in other.cells for key in side.cells)
        print(
            harmless(
                f"{side.folder}: {side.stated['name']}, {len(side.table.points):,} cells x "
                f"{side.stated['replicates']} replicates, {len(side.lived):,} runs; "
                f"{alone:,} cells only here"
            )
        )
    print(f"{len(both):,} cells are in both.")
    for line in _differences(one, two):
        print(line)
    if not both:
        raise UserError(
            "no cell is in both, by the names and values of factors: nothing to compare"
        )
    _print_table(one, two, np.array(both))


def _differences(one: _Side, two: _Side) -> list[str]:
    """What the files, the code and runs of the same market say."""
    lines = []
    other = [name for name in SAID if one.stated[name] != two.stated[name]]
    if other:
        lines.append(f"Their files differ in: {', '.join(other)}.")
    if one.fingerprint != two.fingerprint:
        lines.append("They were lived by different code.")
    same = one.lived.keys() & two.lived.keys()
    if same:
        unequal = sum(one.lived[key] != two.lived[key] for key in same)
        said = "all with the same numbers to the bit"
        if unequal:
            said = f"{unequal:,} of them with other numbers, which must not be: one store is wrong"
        lines.append(f"{len(same):,} runs are of the same market in both, {said}.")
    return lines


def _print_table(one: _Side, two: _Side, both: np.ndarray) -> None:
    from rich.table import Table as Printed

    printed = Printed(box=None, pad_edge=False)
    printed.add_column("Over the cells in both")
    for head in ("first", "second", "difference", "largest in a cell"):
        printed.add_column(head, justify="right")
    for name in _metrics(one, two):
        metric = METRICS[name]
        here, there = _paired(one, two, both, name)
        means = [estimate(metric, grouped(pairs, metric)) for pairs in (here, there)]
        difference = contrast([grouped(there, metric), grouped(here, metric)], (1, -1), metric)
        printed.add_row(
            metric.label,
            *(value_text(mean.value, metric) for mean in means),
            _change(difference, name),
            _largest(one, both, here, there, name),
        )
    console().print(printed)


def _paired(one: _Side, two: _Side, both: np.ndarray, name: str) -> tuple[np.ndarray, np.ndarray]:
    """[cells, replicates, 2] of the cells and replicates that both may have."""
    n = min(int(side.stated["replicates"]) for side in (one, two))
    here = pairs_of(one.table, name)[both[:, 0], :n]
    there = pairs_of(two.table, name)[both[:, 1], :n]
    lacking = np.isnan(here) | np.isnan(there)
    return np.where(lacking, np.nan, here), np.where(lacking, np.nan, there)


def _metrics(one: _Side, two: _Side) -> list[str]:
    """Those of either's surfaces, else those that answer the question of the place."""
    stated = [surface["metric"] for side in (one, two) for surface in side.stated["surfaces"]]
    names = dict.fromkeys(stated or ANSWER)
    return [n for n in names if n in one.table.metrics and n in two.table.metrics]


def _change(found: Estimate, name: str) -> str:
    if not known(found.value):
        return NOTHING
    metric = METRICS[name]
    text = change_text(found.value, metric) + style_of(metric).unit_of_change
    if known(found.low) and known(found.high) and found.low < found.high:
        text += f" ({change_text(found.low, metric)} to {change_text(found.high, metric)})"
    return text


def _largest(one: _Side, both: np.ndarray, here: np.ndarray, there: np.ndarray, name: str) -> str:
    metric = METRICS[name]
    moves = np.array(
        [
            contrast([grouped(b[None], metric), grouped(a[None], metric)], (1, -1), metric).value
            for a, b in zip(here, there, strict=True)
        ]
    )
    if np.isnan(moves).all():
        return NOTHING
    cell = int(np.nanargmax(np.abs(moves)))
    if moves[cell] == 0.0:
        return "0"
    point = one.table.points[int(both[cell, 0])]
    said = ", ".join(f"{factor} {value}" for factor, value in point.items() if value is not None)
    return harmless(f"{change_text(float(moves[cell]), metric)} at {said or 'the base'}")


def _key(point: Mapping[str, Any]) -> str:
    """The same for the same values of factors; a factor that is as in the base is none."""
    return json.dumps({k: v for k, v in point.items() if v is not None}, sort_keys=True)
