"""Points lived on all cores: one task per point and seed, the same draws at every point."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from experiments.calibration.fit import Outcome, Point
from experiments.evidence import scorecard  # noqa: F401 - registers all findings
from experiments.evidence.finding import FINDINGS
from experiments.evidence.markets import lived
from experiments.progress import Progress
from experiments.workers import Failure, run_tasks

Task = tuple[Point, int]
Done = tuple[Task, list[float]]


@dataclass(frozen=True)
class Moments:
    """What all points have in common: the market's file, what is moved and what is looked at."""

    market_file: Path
    paths: tuple[str, ...]
    ids: tuple[str, ...]
    days: int | None


def moments_at(plan: Moments, task: Task) -> Done:
    """The moments of one seed's markets with the parameters at a point."""
    point, seed = task
    changes = [f"{path}={value!r}" for path, value in zip(plan.paths, point, strict=True)]
    findings = [FINDINGS[id] for id in plan.ids]
    names = dict.fromkeys(name for f in findings for name in f.markets)
    markets = lived(names, seed, plan.market_file, plan.days, changes)
    with np.errstate(divide="ignore", invalid="ignore"):
        return task, [f.compute(markets) for f in findings]


class Evaluator:
    """Lives points and remembers them. The number of workers changes nothing."""

    def __init__(
        self,
        function: Callable[[Any, Task], Done],
        plan: Any,
        seeds: Sequence[int],
        workers: int = 1,
        progress: Progress | None = None,
    ) -> None:
        self.function, self.plan, self.seeds = function, plan, seeds
        self.workers, self.progress = workers, progress
        self.known: dict[Point, Outcome] = {}
        self.rounds = 0
        self.n_lived = 0
        """Tasks that were done, for whoever wants to know what a search costs."""

    def __call__(self, points: Sequence[Point]) -> list[Outcome]:
        """Moments by seed at every point, or why there are none."""
        new = [point for point in dict.fromkeys(points) if point not in self.known]
        tasks = [(point, seed) for point in new for seed in self.seeds]
        found: dict[Task, list[float]] = {}
        failures: dict[Task, Failure] = {}

        def done(row: Done) -> None:
            found[row[0]] = row[1]
            self._tell(len(found) + len(failures), len(tasks))

        def failed(failure: Failure) -> None:
            failures[failure.task] = failure

        self.rounds += bool(tasks)
        run_tasks(self.function, self.plan, tasks, self.workers, done, failed)
        self.n_lived += len(tasks)
        for point in new:
            own = [(point, seed) for seed in self.seeds]
            errors = [failures[task].error for task in own if task in failures]
            rows = np.array([found[task] for task in own if task in found], float)
            self.known[point] = errors[0] if errors else _whole(rows)
        return [self.known[point] for point in points]

    def _tell(self, done: int, total: int) -> None:
        if self.progress is not None:
            # A name of its own for every round, so that time left is not counted from the first.
            self.progress(done, total, f"markets of round {self.rounds}")


def _whole(rows: np.ndarray) -> Outcome:
    """The rows, unless a moment could be computed in none of them."""
    lost = int(np.isnan(rows).all(axis=0).sum())
    return f"{lost} moments could be computed in no market" if lost else rows
