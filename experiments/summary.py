"""From what every replicate measured to the rows of ``summary.csv``, and back.

Measured numbers come as one array per arm and metric, rows = replicates, columns = (part, whole);
the value of a replicate is part / whole, and it has none where whole is 0. Row r is the same
replicate in every arm, so arms can be paired.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from experiments import ratios, statistics
from experiments.metrics import METRICS, Metric
from experiments.statistics import NOTHING, Ahead, Estimate

Measured = dict[tuple[str, str], np.ndarray]  # (arm, metric) -> [replicates, 2]


@dataclass(frozen=True)
class Row:
    """What is said about one arm in one metric; numbers that do not exist are NaN.

    ``diff`` and what follows compare with the baseline and are NaN in its own rows.
    """

    arm: str
    metric: str
    n: int  # replicates that have a value
    mean: float  # unit of the metric; proportions: ratio of totals
    ci_low: float
    ci_high: float
    diff: float  # arm − baseline, paired by replicate
    diff_ci_low: float  # together for all arms of the metric
    diff_ci_high: float
    ahead: float  # share of replicates strictly better; NaN where neither direction is better
    variance_reduction: float  # times smaller by pairing
    ahead_ci_low: float
    ahead_ci_high: float
    tied: float  # share of replicates
    missing: int  # replicates without a value; proportions: they add 0 to both totals
    p_value: float  # adjusted within the metric (Holm); NaN unless asked for


@dataclass(frozen=True)
class _Kind:
    """How a kind of metric is estimated and compared; all functions take [replicates, 2]."""

    estimate: Callable[[np.ndarray, float, bool], Estimate]
    difference: Callable[[np.ndarray, np.ndarray, float, bool], Estimate]
    reduction: Callable[[np.ndarray, np.ndarray], float]
    p_value: Callable[[np.ndarray, np.ndarray], float]


def values(pairs: np.ndarray) -> np.ndarray:
    """Value of every replicate, NaN where it has none; pairs [n, 2] -> [n]."""
    parts, wholes = pairs[:, 0], pairs[:, 1]
    known = wholes > 0
    return np.where(known, parts / np.where(known, wholes, 1.0), np.nan)


def _known(pairs: np.ndarray) -> np.ndarray:
    """Pairs in which every replicate without a value is (0, 0), however it came to have none."""
    pairs = np.asarray(pairs, float)
    return np.where(np.isfinite(pairs).all(axis=1, keepdims=True) & (pairs[:, 1:] > 0), pairs, 0.0)


_KINDS = {
    "mean": _Kind(
        lambda x, level, _: statistics.mean(values(x), level),
        lambda x, y, level, _: statistics.mean_difference(values(x), values(y), level),
        lambda x, y: statistics.mean_variance_reduction(values(x), values(y)),
        lambda x, y: statistics.mean_p(values(x), values(y)),
    ),
    "share": _Kind(
        lambda x, level, _: statistics.share(values(x), level),
        lambda x, y, level, _: statistics.share_difference(values(x), values(y), level),
        lambda x, y: statistics.mean_variance_reduction(values(x), values(y)),
        lambda x, y: statistics.share_p(values(x), values(y)),
    ),
    "proportion": _Kind(
        ratios.ratio,
        ratios.ratio_difference,
        ratios.ratio_variance_reduction,
        ratios.ratio_p,
    ),
}


def summarise(
    measured: Mapping[tuple[str, str], np.ndarray],
    arms: Sequence[str],
    baseline: str,
    placebos: Collection[str] = (),
    level: float = 0.95,
    p_values: bool = False,
) -> list[Row]:
    """Rows of every measured metric (in the registry's order) and arm (in the order given).

    An A/A arm (``placebos``) that equals the baseline to the bit differs by exactly 0, with
    certainty; one that does not is treated like any arm, for everybody to see. Metrics that the
    registry does not know are left out. Raises ValueError for a baseline that is no arm, for a
    metric that an arm lacks and for arms with different numbers of replicates.
    """
    if baseline not in arms:
        raise ValueError(f"baseline {baseline!r} is not among the arms: {', '.join(arms)}")
    rows: list[Row] = []
    for name in METRICS:
        lacking = [arm for arm in arms if (arm, name) not in measured]
        if len(lacking) == len(arms):
            continue
        if lacking:
            raise ValueError(f"{name} was not measured in {', '.join(lacking)}")
        columns = {arm: _known(measured[arm, name]) for arm in arms}
        rows += _metric_rows(METRICS[name], columns, baseline, placebos, level, p_values)
    return rows


def estimate(metric: Metric, pairs: np.ndarray, level: float = 0.95) -> Estimate:
    """What one metric comes to over replicates, as its kind asks for; pairs [n, 2]."""
    return _KINDS[metric.kind].estimate(_known(pairs), level, metric.clustered)


def _metric_rows(
    metric: Metric,
    columns: Mapping[str, np.ndarray],
    baseline: str,
    placebos: Collection[str],
    level: float,
    p_values: bool,
) -> list[Row]:
    """Rows of one metric; columns: arm -> [replicates, 2]."""
    family = [arm for arm in columns if arm != baseline and arm not in placebos]
    wide, base = statistics.family_level(level, len(family)), columns[baseline]
    rows = {
        arm: _row(metric, arm, x, None if arm == baseline else base, level, wide, arm in placebos)
        for arm, x in columns.items()
    }
    if p_values:
        raw = [_KINDS[metric.kind].p_value(columns[arm], base) for arm in family]
        for arm, p in zip(family, statistics.holm(raw), strict=True):
            rows[arm] = replace(rows[arm], p_value=p)
    return list(rows.values())


def _row(
    metric: Metric,
    arm: str,
    pairs: np.ndarray,
    base: np.ndarray | None,
    level: float,
    family_level: float,
    placebo: bool,
) -> Row:
    """One row; ``base`` is None for the baseline itself."""
    kind = _KINDS[metric.kind]
    estimate = kind.estimate(pairs, level, metric.clustered)
    n = int(np.count_nonzero(pairs[:, 1] > 0))
    difference, lead, reduction = NOTHING, Ahead(*[math.nan] * 4), math.nan
    if base is not None:
        difference = kind.difference(pairs, base, family_level, metric.clustered)
        lead = statistics.ahead(values(pairs), values(base), metric.direction, level)
        reduction = kind.reduction(pairs, base)
        if placebo and n and np.array_equal(pairs, base):
            difference = Estimate(0.0, 0.0, 0.0)
            lead = lead if math.isnan(lead.share) else Ahead(0.0, 0.0, 0.0, 1.0)
    return Row(
        arm=arm,
        metric=metric.name,
        n=n,
        mean=estimate.value,
        ci_low=estimate.low,
        ci_high=estimate.high,
        diff=difference.value,
        diff_ci_low=difference.low,
        diff_ci_high=difference.high,
        ahead=lead.share,
        variance_reduction=reduction,
        ahead_ci_low=lead.low,
        ahead_ci_high=lead.high,
        tied=lead.tied,
        missing=len(pairs) - n,
        p_value=math.nan,
    )


# ---------------------------------------------------------------- summary.csv

COLUMNS = tuple(field.name for field in fields(Row))
_TEXT, _WHOLE = ("arm", "metric"), ("n", "missing")
_FORMULA = re.compile(r"'*[=+\-@\t\r]")


def write_summary(rows: Iterable[Row], path: Path) -> None:
    """Write ``summary.csv`` (RFC 4180, UTF-8): NaN is an empty cell, numbers keep all digits.

    A text that a spreadsheet would run as a formula gets an apostrophe in front.
    """
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows([cell_text(x) for x in astuple(row)] for row in rows)


def cell_text(x: str | int | float) -> str:
    """The cell of a number or a text; no spreadsheet runs it as a formula."""
    if isinstance(x, str):
        return f"'{x}" if _FORMULA.match(x) else x
    return "" if math.isnan(x) else repr(x + 0)  # + 0: no negative zero


def read_summary(path: Path) -> list[Row]:
    """Rows of a ``summary.csv``. Raises ValueError when it has other columns."""
    with path.open(newline="", encoding="utf-8") as file:
        lines = csv.reader(file)
        if tuple(next(lines, ())) != COLUMNS:
            raise ValueError(f"{path}: not the columns of a summary: {', '.join(COLUMNS)}")
        return [Row(*map(_value, COLUMNS, line)) for line in lines]


def text_in(cell: str) -> str:
    """The text of a cell."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def _value(column: str, cell: str) -> Any:
    if column in _TEXT:
        return text_in(cell)
    if column in _WHOLE:
        return int(cell)
    return float(cell) if cell else math.nan


# ---------------------------------------------------------------- measured.parquet


def measured_table(
    measured: Mapping[tuple[str, str], np.ndarray], replicates: Sequence[int] | None = None
) -> dict[str, np.ndarray]:
    """Columns arm, replicate, metric, part, whole, one row per number.

    ``replicates`` are the numbers of the rows of every array (default 0, 1, 2, ...). Raises
    ValueError when an array has another number of rows.
    """
    arms: list[str] = []
    metrics: list[str] = []
    numbers: list[int] = []
    pairs = []
    for (arm, metric), x in measured.items():
        rows = range(len(x)) if replicates is None else replicates
        if len(rows) != len(x):
            raise ValueError(f"{arm}, {metric}: {len(x)} rows for {len(rows)} replicates")
        arms += [arm] * len(x)
        metrics += [metric] * len(x)
        numbers += rows
        pairs.append(np.asarray(x, float).reshape(-1, 2))
    both = np.concatenate(pairs) if pairs else np.empty((0, 2))
    return {
        "arm": np.array(arms, dtype=object),
        "replicate": np.array(numbers, dtype=np.int32),
        "metric": np.array(metrics, dtype=object),
        "part": both[:, 0],
        "whole": both[:, 1],
    }


def measured_from_table(columns: Mapping[str, np.ndarray]) -> Measured:
    """Arrays of measured numbers from the columns of a table, in order of replicate.

    Raises ValueError unless every arm and metric has the same replicates, each once.
    """
    order = np.argsort(columns["replicate"], kind="stable")
    rows: dict[tuple[str, str], list[int]] = {}
    for k in order:
        rows.setdefault((str(columns["arm"][k]), str(columns["metric"][k])), []).append(int(k))
    both = [np.ma.filled(columns[name].astype(float), np.nan) for name in ("part", "whole")]
    pairs = np.column_stack(both)  # a missing number may come masked from a file
    everywhere = np.unique(columns["replicate"])
    for (arm, metric), own in rows.items():
        if not np.array_equal(columns["replicate"][own], everywhere):
            raise ValueError(f"{arm}, {metric}: not every replicate is there exactly once")
    return {key: pairs[own] for key, own in rows.items()}
