"""The tables of the report as rows of text, ready for the template."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from experiments.metrics import METRICS
from experiments.numbers import (
    NOTHING,
    change_unit,
    difference_texts,
    fraction_text,
    known,
    mean_texts,
    share_text,
)
from experiments.words import (
    VERDICT_WORDS,
    Found,
    Manifest,
    arm_names,
    baseline_of,
    by_arm_and_metric,
    verdict,
)

if TYPE_CHECKING:
    from experiments.metrics import Metric
    from experiments.summary import Row

Fractions = Mapping[tuple[str, str], tuple[float, float]]
"""Part and whole, added up over replicates, by arm and metric."""

METRICS_A_TABLE = 5
"""As many fit on a sheet of A4."""

BETTER = {"lower": "lower is better", "higher": "higher is better", "neither": ""}


@dataclass(frozen=True)
class Cell:
    """One arm in one metric; texts are "" where there is nothing to say."""

    mean: str
    interval: str = ""
    fraction: str = ""
    change: str = ""
    change_interval: str = ""
    word: str = ""


@dataclass(frozen=True)
class Line:
    """An arm with its cells."""

    arm: str
    is_baseline: bool
    about: str
    cells: list[Cell]


@dataclass(frozen=True)
class HeadlineTable:
    """A few metrics, arms as rows."""

    metrics: list[Metric]
    lines: list[Line]


@dataclass(frozen=True)
class FullRow:
    """One arm in one metric, with everything that summary.csv says."""

    arm: str
    cell: Cell
    n: str
    ahead: str
    tied: str
    reduction: str
    p_value: str


@dataclass(frozen=True)
class Block:
    """All arms in one metric."""

    metric: Metric
    better: str
    rows: list[FullRow]


def headline_tables(
    rows: Sequence[Row], manifest: Manifest, fractions: Fractions
) -> list[HeadlineTable]:
    """The headline metrics in tables narrow enough for paper."""
    found = by_arm_and_metric(rows)
    metrics = [
        metric
        for metric in METRICS.values()
        if metric.headline and any((arm, metric.name) in found for arm in arm_names(manifest))
    ]
    return [headline_table(rows, manifest, fractions, part) for part in _split(metrics)]


def headline_table(
    rows: Sequence[Row], manifest: Manifest, fractions: Fractions, metrics: list[Metric]
) -> HeadlineTable:
    """One table of these metrics, compared with the manifest's baseline."""
    found, baseline = by_arm_and_metric(rows), baseline_of(manifest)
    return HeadlineTable(
        metrics,
        [
            Line(
                arm["name"],
                arm["name"] == baseline,
                arm.get("about") or "",
                [_cell(found, arm["name"], metric, fractions) for metric in metrics],
            )
            for arm in manifest["arms"]
        ],
    )


def _split(metrics: list[Metric]) -> list[list[Metric]]:
    """Parts of nearly the same size, none too wide."""
    count = -(-len(metrics) // METRICS_A_TABLE)
    size = -(-len(metrics) // count) if count else 1
    return [metrics[i : i + size] for i in range(0, len(metrics), size)]


def _cell(found: Found, arm: str, metric: Metric, fractions: Fractions) -> Cell:
    row = found.get((arm, metric.name))
    if row is None:
        return Cell(NOTHING)
    mean, interval = mean_texts(row, metric)
    change, change_interval = difference_texts(row, metric)
    fraction = ""
    # Days hang together, so that their number would promise more than it holds.
    if (arm, metric.name) in fractions and (metric.name == "odr" or metric.kind == "share"):
        fraction = fraction_text(*fractions[arm, metric.name])
    if not known(row.diff):
        return Cell(mean, interval, fraction)
    change = change.removesuffix(change_unit(metric))
    word = VERDICT_WORDS[verdict(row, metric)]
    return Cell(mean, interval, fraction, change, change_interval, word)


def full_table(rows: Sequence[Row], manifest: Manifest) -> list[Block]:
    """Every metric and arm, in the order of the registry."""
    found = by_arm_and_metric(rows)
    return [
        Block(
            metric,
            BETTER[metric.direction],
            [
                _full_row(found, arm, metric)
                for arm in arm_names(manifest)
                if (arm, metric.name) in found
            ],
        )
        for metric in METRICS.values()
        if any((arm, metric.name) in found for arm in arm_names(manifest))
    ]


def _full_row(found: Found, arm: str, metric: Metric) -> FullRow:
    row = found[arm, metric.name]
    reduction = row.variance_reduction
    times = "∞" if reduction == math.inf else f"{reduction:,.3g} ×" if known(reduction) else ""
    return FullRow(
        arm=arm,
        cell=_cell(found, arm, metric, {}),
        n=f"{row.n:,} of {row.n + row.missing:,}" if row.missing else f"{row.n:,}",
        ahead=share_text(row.ahead, row.ahead_ci_low, row.ahead_ci_high) if known(row.diff) else "",
        tied=share_text(row.tied) if known(row.tied) and row.tied else "",
        reduction=times,
        p_value=f"{row.p_value:.2g}" if known(row.p_value) else "",
    )
