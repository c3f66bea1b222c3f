"""Does a conclusion hold on a platform wherever its assumed values may lie?

For every platform of an experiment with ``platforms:``, and every value that its file gives a
``plausible`` range, the value is moved to both ends in a few replicates, arm and baseline paired. A
difference that is clear in all replicates and changes its side at an end is said to flip.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from experiments.break_even import MEASURES, Lived
from experiments.config import Loaded
from experiments.crossing import difference
from experiments.manifest import without_folders
from experiments.metrics import METRICS, measure
from experiments.own_code import classes
from experiments.replicate import Plan
from experiments.row_files import read_rows, write_rows
from experiments.side_by_side import each_side, sides
from experiments.summary import Measured, summarise
from experiments.words import verdict
from experiments.workers import Failure, run_tasks
from sim.config.market import Market
from sim.config.platform import PlatformRules
from sim.engine import Engine

FILE = "flips.csv"
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Trial:
    """One platform's arms (by index, its baseline first) in one replicate, one value moved."""

    platform: str
    path: str
    value: float
    replicate: int
    arms: tuple[int, ...]


@dataclass(frozen=True)
class Flip:
    """One conclusion and one assumed value; differences are arm minus baseline."""

    platform: str
    arm: str
    metric: str
    path: str  # of the value, within the platform's rules
    here: float  # in the platform's file
    low: float
    high: float
    difference: float  # in the replicates that were used, the value as it is
    at_low: float
    at_high: float
    flips: int  # 1 = the difference changes its side at an end
    replicates: int


def run_trial(plan: Plan, trial: Trial) -> Lived[Trial]:
    """Live through a platform's arms with one value moved."""
    began = time.process_time()
    base, *others = (moved(plan.arms[i].market, trial.path, trial.value) for i in trial.arms)
    world = 0 if plan.vary == "luck" else trial.replicate
    own = classes(base, plan.code_from)
    shared = Engine(base, trial.replicate, world, own_strategies=own)
    shared.live_through(base.warm_up)
    measured = {}
    for i, market in zip(trial.arms, (base, *others), strict=True):
        engine = shared.branch(market, classes(market, plan.code_from))
        engine.live_through(engine.last_day)
        found = measure(engine.tables(), engine.focal, market)
        measured[i] = {name: found[name] for name in MEASURES}
    return Lived(trial, measured, time.process_time() - began)


def moved(market: Market, path: str, value: float) -> Market:
    """The market with one value of its platform's rules set."""
    return market.model_copy(update={"platform": market.platform.with_value(path, value)})


def explore_sides(
    loaded: Loaded,
    plan: Plan,
    measured: Measured,
    replicates: Sequence[int],
    workers: int,
    folder: Path,
    tell: Progress = lambda done, total: None,
) -> dict[str, Any]:
    """Move what is assumed and write ``flips.csv``; returns the entry of the manifest.

    ``measured``: what all ``replicates`` measured; ``break_even`` of them are lived again.
    """
    names = [arm.name for arm in plan.arms]
    entry = sides(loaded.experiment.platforms, loaded.baseline, tuple(names))
    n = min(loaded.experiment.break_even, len(replicates))
    asked = list(_asked(entry, plan, names, replicates[:n])) if len(replicates) > 1 else []
    found: dict[Trial, Lived[Trial]] = {}
    failures: list[Failure] = []

    def note(lived: Lived[Trial]) -> None:
        found[lived.trial] = lived
        tell(len(found), len(asked))

    if asked:
        run_tasks(run_trial, plan, asked, workers, note, failures.append)
    rows = _rows(entry, plan, names, measured, found, n) if found else []
    write_rows(rows, Flip, folder / FILE)
    return {
        **entry,
        "replicates": n,
        "runs": sum(len(lived.measured) for lived in found.values()),
        "cpu_s": round(sum(lived.worked_s for lived in found.values()), 3),
        "failed": [without_folders(failure.error) for failure in failures],
    }


def read_flips(folder: Path) -> list[Flip]:
    """Rows of a result's ``flips.csv``; none where there is no such file."""
    return read_rows(Flip, folder / FILE)


def _asked(
    entry: Mapping[str, Any], plan: Plan, names: list[str], replicates: Sequence[int]
) -> Iterator[Trial]:
    """Both ends of every plausible range of every platform, in every replicate."""
    for platform, base, others in each_side(entry):
        arms = tuple(names.index(name) for name in (base, *others))
        for path, (low, high) in _rules(plan, arms).ranges().items():
            for value in (low, high):
                for replicate in replicates:
                    yield Trial(platform, path, value, replicate, arms)


def _rules(plan: Plan, arms: Sequence[int]) -> PlatformRules:
    return plan.arms[arms[0]].market.platform


def _rows(
    entry: Mapping[str, Any],
    plan: Plan,
    names: list[str],
    measured: Measured,
    found: Mapping[Trial, Lived[Trial]],
    n: int,
) -> list[Flip]:
    """One row for every clear difference of a platform and every value that was moved."""
    lived: dict[tuple[str, str, float], list[Lived[Trial]]] = defaultdict(list)
    for trial in sorted(found, key=lambda trial: trial.replicate):
        lived[trial.platform, trial.path, trial.value].append(found[trial])
    rows = []
    for platform, base, others in each_side(entry):
        own = {k: v for k, v in measured.items() if k[0] in (base, *others) and k[1] in MEASURES}
        for row in summarise(own, [base, *others], base):
            if row.arm == base or verdict(row, METRICS[row.metric]) not in ("better", "worse"):
                continue
            arms = tuple(names.index(name) for name in (row.arm, base))
            as_it_is = np.stack([measured[name, row.metric][:n] for name in (row.arm, base)], 1)
            rules = _rules(plan, arms)
            for path, ends in rules.ranges().items():
                low, high = (_at(lived[platform, path, e], arms, row.metric) for e in ends)
                here = difference(METRICS[row.metric], as_it_is)
                # Where few replicates tell another side than all of them, they tell nothing.
                told = np.sign(here) == np.sign(row.diff)
                flips = int(told and any(np.sign(end) == -np.sign(here) for end in (low, high)))
                value = float(rules.value_at(path))
                rows.append(
                    Flip(
                        platform, row.arm, row.metric, path, value, *ends, here, low, high, flips, n
                    )
                )
    return rows


def _at(lived: Sequence[Lived[Trial]], arms: Sequence[int], metric: str) -> float:
    """Difference of an arm to its baseline over the runs at one end; NaN without any."""
    if not lived:
        return float("nan")
    pairs = np.array([[run.measured[arm][metric] for arm in arms] for run in lived])
    return difference(METRICS[metric], pairs)


__all__ = ["FILE", "Flip", "explore_sides", "moved", "read_flips"]
