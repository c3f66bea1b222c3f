"""An experiment from its file to a results directory: all arms, all replicates, all cores."""

from __future__ import annotations

import hashlib
import shutil
import time
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from experiments import manifest
from experiments.break_even import Explored, explore
from experiments.break_even_table import write_explored
from experiments.config import Loaded
from experiments.flips import explore_sides
from experiments.interventions import Fate
from experiments.metrics import METRICS
from experiments.mistakes import UserError
from experiments.own_code import classes, refuse_unless_allowed
from experiments.pilots import matched
from experiments.progress import Progress
from experiments.replicate import (
    Done,
    Plan,
    Record,
    Task,
    part_files,
    recorded_tables,
    run_task,
)
from experiments.results import join_tables, results_directory, write_table
from experiments.size import daily_rows, n_cores, workers_that_fit
from experiments.workers import Failure, run_tasks

MOST_ROWS = 5_000_000


@dataclass(frozen=True)
class Outcome:
    """What an experiment came to: where it is, what failed, and whether placebos were exact."""

    path: Path
    failures: list[Failure]
    manifest: dict[str, Any]
    report_problem: str = ""
    """Why summary and report are missing; empty when they are there."""

    @property
    def placebos_exact(self) -> bool:
        """Did every A/A arm live the baseline's life to the bit?"""
        return all(self.manifest["placebo"].values())


class NothingSucceeded(UserError):
    """Every replicate failed; there is nothing to keep."""

    def __init__(self, failures: list[Failure]) -> None:
        self.failures = failures
        super().__init__(f"all replicates failed; the first: {failures[0].error}")


def run_experiment(
    loaded: Loaded,
    out: Path | None = None,
    *,
    workers: int | None = None,
    only_replicate: int | None = None,
    p_values: bool = False,
    allow_code: bool = False,
    progress: Progress | None = None,
) -> Outcome:
    """Run an experiment and write its results to ``out`` (default: the next place in results/).

    ``allow_code``: may strategies in Python run that are not installed as entry points?
    ``workers`` None = one per core. ``progress`` is called with (runs done, runs in all). Levers of
    ``equal_spend`` are set first, on pilot replicates.
    Raises UserError when ``out`` holds something already or code may not run, NothingSucceeded
    when nothing did; leaves nothing behind when interrupted.
    """
    code_from = refuse_unless_allowed(loaded, allow_code)
    for arm in loaded.arms:
        classes(arm.market, code_from)  # what cannot be imported is said before anything runs
    cores = 1 if only_replicate is not None else n_cores()  # one that is looked into runs in here
    n_workers = workers_that_fit([arm.market for arm in loaded.arms], workers or cores)
    tasks = tasks_of(loaded, n_workers, only_replicate)
    with results_directory(out, loaded.experiment.name) as target:
        wall = time.perf_counter()
        loaded, spend = matched(loaded, workers or n_cores(), progress, code_from)
        folder = target.partial
        parts = folder / "parts"
        parts.mkdir()
        vary, record = loaded.experiment.vary, recorded_as(loaded)
        baseline = [arm.name for arm in loaded.arms].index(loaded.baseline)
        plan = Plan(loaded.market, loaded.arms, vary, record, parts, code_from, baseline)
        collected = _Collected(plan, progress)
        collected.total = sum(len(task.arms) for task in tasks)
        run_tasks(run_task, plan, tasks, n_workers, collected.done, collected.failed)
        collected.settle()
        simulated = time.perf_counter() - wall
        rows = _write_tables(collected, plan, folder)
        explored, beside = _look_further(loaded, plan, collected, n_workers, folder)
        shutil.rmtree(parts)
        found = manifest.describe(
            loaded,
            replicates=collected.replicates,
            failures=collected.failures,
            states=collected.states,
            fates=collected.fates(),
            recorded_as=plan.record,
            placebos=collected.placebos(loaded),
            content_hash=collected.content_hash(),
            rows=rows,
            times={
                "workers": n_workers,
                "replicates_s": round(simulated, 3),
                "worker_cpu_s": round(sum(d.worked_s for d in collected.kept), 3),
                "market_cpu_s": round(sum(d.simulated_s for d in collected.kept), 3),
            },
        )
        found["break_even"] = write_explored(explored, [arm.name for arm in loaded.arms], folder)
        found |= {"equal_spend": spend} if spend else {}
        found |= {"side_by_side": beside} if beside else {}
        regression = loaded.experiment.regression
        found |= {"regression": regression.model_dump()} if regression else {}
        manifest.write(found, folder)
        problem = _problem_with_words(folder, p_values)
        found["times"]["wall_s"] = round(time.perf_counter() - wall, 3)
        manifest.write(found, folder)
    return Outcome(target.path, collected.failures, found, problem)


def _look_further(
    loaded: Loaded, plan: Plan, collected: _Collected, workers: int, folder: Path
) -> tuple[Explored, dict[str, Any]]:
    """Move what is assumed, of messages or of platforms, to see what rests on it."""
    what = (loaded, plan, collected.measured(), collected.replicates, workers)
    if loaded.experiment.platforms:
        return Explored([], []), explore_sides(*what, folder, collected.also)
    return explore(*what, collected.also), {}


def recorded_as(loaded: Loaded) -> Record:
    """How rows are kept: as asked for, or by week when days would be too many."""
    record = loaded.experiment.record
    return "weekly" if record == "daily" and total_rows(loaded) > MOST_ROWS else record


def total_rows(loaded: Loaded) -> int:
    """Rows of all daily tables of all runs."""
    return loaded.experiment.replicates * sum(daily_rows(arm.market) for arm in loaded.arms)


def tasks_of(loaded: Loaded, workers: int, only: int | None = None) -> list[Task]:
    """All replicates in order; each is one task, or several when there are workers to spare.

    Raises UserError for a replicate that the experiment does not have.
    """
    n = loaded.experiment.replicates
    if only is not None and only >= n:
        raise UserError(f"--only-replicate: found {only}; allowed: 0 to {n - 1}")
    replicates = range(n) if only is None else [only]
    parts = min(len(loaded.arms), -(-workers // len(replicates)))
    slices = np.array_split(np.arange(len(loaded.arms)), parts)
    return [
        Task(replicate, tuple(map(int, arms)), part)
        for replicate in replicates
        for part, arms in enumerate(slices)
    ]


class _Collected:
    """What comes back from workers; a replicate counts when all its arms are there."""

    def __init__(self, plan: Plan, progress: Progress | None) -> None:
        self.plan, self.progress = plan, progress
        self.kept: list[Done] = []
        self.failures: list[Failure] = []
        self.states: dict[int, str] = {}
        self.total = self.so_far = 0

    def done(self, done: Done) -> None:
        self.kept.append(done)
        self._tell(len(done.task.arms))

    def failed(self, failure: Failure) -> None:
        self.failures.append(failure)
        self._tell(len(failure.task.arms))

    def _tell(self, runs: int) -> None:
        self.so_far += runs
        if self.progress is not None:
            self.progress(self.so_far, self.total)

    def also(self, done: int, total: int) -> None:
        """Tell of runs beside those of the replicates."""
        if self.progress is not None:
            self.progress(self.so_far + done, self.total + total)

    def settle(self) -> None:
        """Drop replicates of which a part failed, sort the rest, compare the parts of each.

        Raises NothingSucceeded, and RuntimeError when parts of a replicate branched from
        different states.
        """
        by_replicate = {failure.task.replicate: failure for failure in reversed(self.failures)}
        self.failures = [by_replicate[replicate] for replicate in sorted(by_replicate)]
        lost = set(by_replicate)
        self.kept = [done for done in self.kept if done.task.replicate not in lost]
        self.kept.sort(key=lambda done: (done.task.replicate, done.task.part))
        if not self.kept:
            raise NothingSucceeded(self.failures)
        states = defaultdict(set)
        for done in self.kept:
            if done.branched_from:
                states[done.task.replicate].add(done.branched_from)
        for replicate, hashes in states.items():
            if len(hashes) > 1:
                raise RuntimeError(f"arms of replicate {replicate} branched from different states")
        self.states = {replicate: hashes.pop() for replicate, hashes in states.items()}

    @property
    def replicates(self) -> list[int]:
        return sorted({done.task.replicate for done in self.kept})

    def measured(self) -> dict[tuple[str, str], np.ndarray]:
        """(part, whole) by replicate, of every arm and metric."""
        pairs: dict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
        by_arm = defaultdict(list)
        for done in self.kept:
            for arm, found in done.measured.items():
                by_arm[arm].append(found)
        for arm, found_in in sorted(by_arm.items()):
            for name in METRICS:
                pairs[self.plan.arms[arm].name, name] = [found[name] for found in found_in]
        return {key: np.array(values) for key, values in pairs.items()}

    def fates(self) -> dict[int, list[list[Fate]]]:
        """What became of interventions, by arm, a list for every replicate."""
        found = defaultdict(list)
        for done in self.kept:
            for arm, became in done.fates.items():
                found[arm].append(became)
        return found

    def _hashes(self, arm: int) -> list[str]:
        return [done.hashes[arm] for done in self.kept if arm in done.hashes]

    def placebos(self, loaded: Loaded) -> dict[str, bool]:
        """For every A/A arm: are all its daily tables those of the baseline, to the bit?"""
        names = [arm.name for arm in loaded.arms]
        base = self._hashes(names.index(loaded.baseline))
        return {
            arm.name: self._hashes(i) == base for i, arm in enumerate(loaded.arms) if arm.placebo
        }

    def content_hash(self) -> str:
        """Hash of all daily tables of all runs, however they were kept."""
        digest = hashlib.sha256()
        for done in self.kept:
            for arm, found in sorted(done.hashes.items()):
                digest.update(f"{done.task.replicate} {self.plan.arms[arm].name}\n{found}".encode())
        return digest.hexdigest()


def _write_tables(collected: _Collected, plan: Plan, folder: Path) -> dict[str, int]:
    """Join the workers' parts, add what was measured; returns rows by table."""
    from experiments.summary import measured_table

    rows = {}
    for name in recorded_tables(plan.record, [arm.market for arm in plan.arms]):
        files = [
            file
            for replicate in collected.replicates
            for file in part_files(plan.folder, name, replicate)
        ]
        if files:
            rows[name] = join_tables(files, folder / f"{name}.parquet")
    measured = measured_table(collected.measured(), collected.replicates)
    write_table(measured, folder / "measured.parquet")
    return {**rows, "measured": len(measured["arm"])}


def _problem_with_words(folder: Path, p_values: bool) -> str:
    """Make everything that is made from the tables alone; says why when that fails, else nothing.

    Whatever goes wrong here, hours of simulation are worth keeping.
    """
    from experiments.again import write_summary_and_report

    try:
        write_summary_and_report(folder, p_values, half_made=True)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return ""
