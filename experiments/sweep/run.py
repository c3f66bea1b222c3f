"""A sweep from its cells to its store: whatever is there already is not lived again."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from experiments.metrics import METRICS
from experiments.mistakes import UserError
from experiments.own_code import code_of, refuse_code_unless_allowed
from experiments.progress import Progress
from experiments.sweep.file import Sweep
from experiments.sweep.live import Lived, SweepPlan, Task, live
from experiments.sweep.planning import check_cells
from experiments.sweep.store import CRASHED, FAILED, OK, Row, Store
from experiments.workers import DIED, Failure, run_tasks
from sim import cache

MOST_RUNS = 10_000
"""Runs beyond which a sweep asks whether it is meant."""


@dataclass(frozen=True)
class Planned:
    """A sweep whose cells have all been looked into, and what of it is there already."""

    sweep: Sweep
    digests: list[bytes]
    user_days: float
    """Users times days of a replicate of all cells; 0 where the plan was looked into before."""
    code: frozenset[str]
    """Strategies in Python that cells name."""
    known: frozenset[tuple[bytes, int]]
    """(digest, replicate) of what need not be lived."""
    lost: int = 0
    """Results in the store that are not of this plan."""
    new_code: bool = False
    """Was what is in the store lived by other code?"""

    @property
    def runs(self) -> int:
        """Different markets times replicates."""
        return len(set(self.digests)) * self.sweep.stated.replicates

    def tasks(self) -> Iterator[Task]:
        """What is to be lived: all cells of a replicate before the next, each market once.

        So every beginning of a sweep is a balanced design, and a worker needs one past at a time.
        """
        first = {digest: cell for cell, digest in reversed(list(enumerate(self.digests)))}
        cells = sorted(first.values())
        for replicate in range(self.sweep.stated.replicates):
            for cell in cells:
                if (self.digests[cell], replicate) not in self.known:
                    yield Task(cell, replicate)


def planned(sweep: Sweep, store: Store | None, workers: int, *, retry: bool = False) -> Planned:
    """Look into all cells, or take them from the store, where they are as they were.

    ``retry``: what failed is to be lived again. Raises ConfigError for mistakes in cells.
    """
    known = frozenset(store.known(failures=not retry)) if store else frozenset()
    if store is not None and store.meta("identity") == sweep.identity:
        named = frozenset(store.meta("code"))
        return Planned(sweep, store.digests(), store.meta("user_days"), named, known)
    digests, user_days, code = check_cells(sweep, workers)
    lost = 0
    if store is not None:
        wanted = set(digests)
        lost = sum(digest not in wanted for digest, _ in known)
    changed = store is not None and store.meta("fingerprint") not in (None, cache.fingerprint())
    return Planned(sweep, digests, user_days, frozenset(code), known, lost, changed)


def keep_plan(plan: Planned, store: Store) -> None:
    """Write the plan into the store, where it is another than the one there."""
    sweep = plan.sweep
    if store.meta("identity") == sweep.identity:
        store.tell(**_about(sweep))
        return
    names = list(sweep.factors)
    points = (dict(zip(names, point, strict=True)) for point in sweep.points)
    store.plan(
        list(zip(plan.digests, points, strict=True)),
        identity=sweep.identity,
        fingerprint=cache.fingerprint(),
        code=sorted(plan.code),
        user_days=plan.user_days,
        metrics=list(METRICS),
        **_about(sweep),
    )
    store.note(f"planned {len(plan.digests):,} cells, {sweep.stated.replicates} replicates")


def _about(sweep: Sweep) -> dict[str, Any]:
    stated = sweep.stated
    return {
        "name": stated.name,
        "replicates": stated.replicates,
        "limit": sweep.base.platform.odr.limit,
        "focal": sweep.base.focal_name(),
        "config": sweep.text,
        "config_file": str(sweep.path),
        "stated": stated.model_dump(mode="json"),
    }


@dataclass
class Ran:
    """What a command has added to a store."""

    ok: int = 0
    failures: list[Failure] = field(default_factory=list)
    wall_s: float = 0.0


def run_planned(
    plan: Planned,
    store: Store,
    workers: int,
    *,
    allow_code: bool = False,
    progress: Progress | None = None,
    run: Callable[..., None] = run_tasks,
) -> Ran:
    """Live what is missing; every result is in the store before the next is asked for.

    ``run``: how tasks are handed out, as ``workers.run_tasks``. Raises UserError for code that is
    not allowed, DiskFull when nothing more can be kept.
    """
    code_from = refuse_code_unless_allowed(plan.code, plan.sweep.path, allow_code)
    began, ran = time.perf_counter(), Ran()
    tasks = list(plan.tasks())
    before = plan.runs - len(tasks)

    def told() -> None:
        if progress is not None:
            done = before + ran.ok + len(ran.failures)
            progress(done, plan.runs, failed=len(ran.failures))

    def done(lived: Lived) -> None:
        digest = plan.digests[lived.task.cell]
        replicate = lived.task.replicate
        row = Row(digest, replicate, OK, lived.numbers, "", "", lived.cpu_s, lived.market_s)
        store.add(row)
        ran.ok += 1
        told()

    def failed(failure: Failure) -> None:
        cell, replicate = failure.task
        status = CRASHED if failure.error == DIED else FAILED
        row = Row(plan.digests[cell], replicate, status, None, failure.error, failure.trace)
        store.add(row)
        ran.failures.append(failure)
        told()

    try:
        run(live, SweepPlan(plan.sweep, code_from), tasks, workers, done, failed, apart=True)
    finally:
        ran.wall_s = time.perf_counter() - began
    return ran


def live_one(sweep: Sweep, cell: int, replicate: int, allow_code: bool) -> Lived:
    """One cell in one replicate, in this process, as a failure is looked into; nothing is kept.

    Raises UserError for a cell or replicate that there is not, and whatever living it raises.
    """
    for what, found, n in (
        ("--cell", cell, len(sweep.points)),
        ("--replicate", replicate, sweep.stated.replicates),
    ):
        if not 0 <= found < n:
            raise UserError(f"{what}: found {found}; allowed: 0 to {n - 1}")
    arm = sweep.arm(sweep.points[cell])
    code = set(code_of(arm.market).values())
    code_from = refuse_code_unless_allowed(code, sweep.path, allow_code)
    return live(SweepPlan(sweep, code_from), Task(cell, replicate))


def again(config_file: str, cell: int, replicate: int) -> str:
    """The command that lives one cell again and shows what happens."""
    return f"python run.py sweep {near(Path(config_file))} --cell {cell} --replicate {replicate}"


def near(path: Path) -> Path:
    """``path`` as seen from here when it lies below."""
    here, whole = Path.cwd(), path.resolve()
    return whole.relative_to(here) if whole.is_relative_to(here) else path
