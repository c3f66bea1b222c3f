"""What a worker does: one replicate of an experiment, arm by arm, from one shared state."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from experiments.arms import Arm
from experiments.columns import weekly
from experiments.focal import focal_table
from experiments.metrics import measure
from experiments.results import content_hash, write_tables
from sim.config.market import Market
from sim.engine import Engine

Record = Literal["daily", "weekly", "focal"]
Columns = dict[str, np.ndarray]


@dataclass(frozen=True)
class Plan:
    """What all replicates of an experiment have in common; sent to every worker once."""

    market: Market
    arms: tuple[Arm, ...]
    vary: Literal["world", "luck"]
    record: Record
    folder: Path
    """Where parts of tables are written."""


@dataclass(frozen=True)
class Task:
    """Some arms (by index) of one replicate; ``part`` counts the tasks of the replicate."""

    replicate: int
    arms: tuple[int, ...]
    part: int = 0


@dataclass(frozen=True)
class Done:
    """What came of a task: numbers; the rows lie in files."""

    task: Task
    measured: dict[int, dict[str, tuple[float, float]]]
    """(part, whole) by arm and metric."""
    hashes: dict[int, str]
    """Hash of the daily tables by arm."""
    branched_from: str
    """Hash of the state that arms went on from; empty when each had a world of its own."""
    rows: dict[str, int]
    simulated_s: float
    worked_s: float
    """CPU seconds spent in the market, and in all."""


def run_task(plan: Plan, task: Task) -> Done:
    """Live through the arms of a task, measure them and write their rows.

    Raises RuntimeError when an arm has written into the state that arms share.
    """
    began, clock = time.process_time(), _Clock()
    measured, hashes = {}, {}
    parts: dict[str, list[Columns]] = {}
    shared = _Shared(plan, task.replicate)
    for index in task.arms:
        arm = plan.arms[index]
        with clock:
            engine = shared.begin(arm)
            engine.live_through(engine.last_day)
            tables = engine.tables()
        hashes[index] = content_hash(tables)
        measured[index] = measure(tables, engine.focal, arm.market)
        for name, columns in _recorded(tables, engine.focal, arm.market, plan.record):
            parts.setdefault(name, []).append(_labelled(columns, arm.name, task.replicate))
    shared.check()
    joined = {
        name: {c: np.concatenate([piece[c] for piece in pieces]) for c in pieces[0]}
        for name, pieces in parts.items()
    }
    write_tables({part_file(plan.folder, name, task): table for name, table in joined.items()})
    rows = {name: len(table["day"]) for name, table in joined.items()}
    return Done(
        task, measured, hashes, shared.hash, rows, clock.seconds, time.process_time() - began
    )


def part_file(folder: Path, table: str, task: Task) -> Path:
    """File of a task's rows of a table; files in order of name are rows in order."""
    return folder / f"{table}-{task.replicate:06d}-{task.part:03d}.parquet"


class _Shared:
    """The state at the end of the warm-up, from which arms branch; made when first needed."""

    def __init__(self, plan: Plan, replicate: int) -> None:
        self.plan, self.replicate = plan, replicate
        self.engine: Engine | None = None
        self.hash = ""

    def begin(self, arm: Arm) -> Engine:
        """The market of an arm, ready to live on."""
        world = 0 if self.plan.vary == "luck" else self.replicate
        if arm.rebuilt:
            return Engine(arm.market, self.replicate, world)
        if self.engine is None:
            self.engine = Engine(self.plan.market, self.replicate, world)
            self.engine.live_through(self.plan.market.warm_up)
            self.hash = self.engine.state_hash()
        return self.engine.branch(arm.market)

    def check(self) -> None:
        """Raises RuntimeError when the shared state has changed since it was made."""
        if self.engine is not None and self.engine.state_hash() != self.hash:
            raise RuntimeError("an arm has written into the state that arms share")


class _Clock:
    """CPU seconds spent inside its blocks."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __enter__(self) -> None:
        self._began = time.process_time()

    def __exit__(self, *error: Any) -> None:
        self.seconds += time.process_time() - self._began


def _recorded(
    tables: dict[str, Columns], focal: str, market: Market, record: Record
) -> Iterator[tuple[str, Columns]]:
    """The tables that are kept of one run, as they are kept."""
    names: Sequence[str] = ("market",) if record == "focal" else ("sellers", "listings", "market")
    kept = {name: tables[name] for name in names}
    kept["focal"] = focal_table(tables, focal, market)
    for name, columns in kept.items():
        yield name, weekly(name, columns) if record == "weekly" else columns


def _labelled(columns: Columns, arm: str, replicate: int) -> Columns:
    n = len(columns["day"])
    label = {
        "arm": np.full(n, arm, dtype=object),
        "replicate": np.full(n, replicate, dtype=np.int32),
    }
    return {**label, **columns}
