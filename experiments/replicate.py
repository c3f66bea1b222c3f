"""What a worker does: one replicate of an experiment, arm by arm, from one shared state."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, Literal

import numpy as np

from experiments.arms import Arm
from experiments.columns import DAILY, SOMETIMES, weekly
from experiments.focal import focal_table
from experiments.interventions import Fate, fates, looked_up, named_events
from experiments.ledger_table import write_parts
from experiments.metrics import measure
from experiments.own_code import classes
from experiments.results import content_hash, table_writer
from sim.config.market import Market
from sim.engine import Engine
from sim.ledger import Ledger
from sim.offers import stated_offers

Record = Literal["daily", "weekly", "focal", "ledger"]
Columns = dict[str, np.ndarray]
MOST_WAITING = 200_000
"""Rows of a table that wait in memory for more, some 100 MB with their copies."""


@dataclass(frozen=True)
class Plan:
    """What all replicates of an experiment have in common; sent to every worker once."""

    market: Market
    arms: tuple[Arm, ...]
    vary: Literal["world", "luck"]
    record: Record
    folder: Path
    """Where parts of tables are written."""
    code_from: Path | None = None
    """Where strategies in Python are looked for; None where none may run."""
    baseline: int = 0
    """Index of the arm in whose life named events are looked up."""


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
    fates: dict[int, list[Fate]]
    """What became of interventions, by arm."""
    branched_from: str
    """Hash of the state that arms went on from; empty when each had a world of its own."""
    simulated_s: float
    worked_s: float
    """CPU seconds spent in the market, and in all."""


def run_task(plan: Plan, task: Task) -> Done:
    """Live through the arms of a task, measure them and write their rows.

    Raises RuntimeError when an arm has written into the state that arms share.
    """
    began, clock = time.process_time(), _Clock()
    measured, hashes, became = {}, {}, {}
    shared = Shared(plan, task.replicate)
    with _RowsToDisk(plan.folder, task.replicate) as rows:
        for index in task.arms:
            arm = plan.arms[index]
            with clock:
                engine = shared.begin(arm)
                engine.live_through(engine.last_day)
                tables = engine.tables()
            hashes[index], became[index] = content_hash(tables), fates(engine)
            measured[index] = measure(tables, engine.focal, arm.market)
            for name, columns in _recorded(tables, engine.focal, arm.market, plan.record):
                rows.add(name, index, _labelled(columns, arm.name, task.replicate))
            rows.add_ledger(engine, index, arm.name)
    shared.check()
    worked = time.process_time() - began
    return Done(task, measured, hashes, became, shared.hash, clock.seconds, worked)


def recorded_tables(record: Record, markets: Iterable[Market]) -> tuple[str, ...]:
    """Names of the tables that are kept of these markets, day by day or week by week."""
    if record == "focal":
        return ("market", "focal")
    markets = tuple(markets)
    there = {
        "offers": any(stated_offers(market) for market in markets),
        "standing": any(market.platform.measures for market in markets),
    }
    ledger = ("ledger",) * (record == "ledger")
    return (*DAILY, *(name for name in SOMETIMES if there[name]), *ledger)


def part_files(folder: Path, table: str, replicate: int) -> list[Path]:
    """Files that hold the rows of a table of one replicate, arm by arm."""
    return sorted(folder.glob(f"{table}-{replicate:06d}-*.parquet"))


class _RowsToDisk:
    """Rows of a task on their way to disk: several arms in a file, as files cost more than rows,
    and never more than MOST_WAITING rows in memory beside those of one arm."""

    def __init__(self, folder: Path, replicate: int) -> None:
        self.folder, self.replicate = folder, replicate
        self.waiting: dict[str, list[Columns]] = {}
        self.first: dict[str, int] = {}
        self.rows: dict[str, int] = {}

    def __enter__(self) -> _RowsToDisk:
        self.writer = table_writer()
        self.write, self.write_query = self.writer.__enter__()
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if error is None:
            for table in list(self.waiting):
                self._flush(table)
        self.writer.__exit__(kind, error, trace)

    def add(self, table: str, arm: int, columns: Columns) -> None:
        """Rows of one arm; arms come in order."""
        self.first.setdefault(table, arm)
        self.waiting.setdefault(table, []).append(columns)
        self.rows[table] = self.rows.get(table, 0) + len(columns["day"])
        if self.rows[table] > MOST_WAITING:
            self._flush(table)

    def add_ledger(self, engine: Engine, arm: int, name: str) -> None:
        """The events of one arm, if they are kept: a file for every chunk."""
        if engine.ledger is not None:
            stem = f"ledger-{self.replicate:06d}-{arm:06d}"
            places = (self.folder / f"{stem}-{k:06d}.parquet" for k in count())
            write_parts(engine, name, self.replicate, places, self.write_query)

    def _flush(self, table: str) -> None:
        pieces = self.waiting.pop(table)
        together = {c: np.concatenate([piece[c] for piece in pieces]) for c in pieces[0]}
        name = f"{table}-{self.replicate:06d}-{self.first.pop(table):06d}.parquet"
        del self.rows[table]
        self.write(self.folder / name, together)


class Shared:
    """The states at the end of the warm-up from which arms branch; made when first needed.

    Arms without a change of the world share one; an arm with one has another, in which its
    settings take effect on the same morning. At most two are kept at a time. Events that arms name
    are looked up in the life of the baseline, lived for that where it has not been.
    """

    def __init__(self, plan: Plan, replicate: int) -> None:
        self.plan, self.replicate = plan, replicate
        self.states: dict[bool, tuple[Engine, str]] = {}
        others = (arm for i, arm in enumerate(plan.arms) if i != plan.baseline)
        named = {repr(when): when for a in others for when in named_events(a.market).values()}
        self.named = tuple(named.values())
        self.ids: dict[str, int | None] | None = None

    @property
    def hash(self) -> str:
        """Hash of the state that arms without a world of their own share; empty if none."""
        return self.states[False][1] if False in self.states else ""

    def begin(self, arm: Arm) -> Engine:
        """The market of an arm, ready to live on."""
        baseline = self.plan.arms[self.plan.baseline]
        wanted = named_events(arm.market) if arm != baseline else {}
        if wanted and self.ids is None:
            self.ids = looked_up(self._branched(baseline), self.named)
        engine = self._branched(arm)
        ids = self.ids or {}
        engine.interventions.told({n: ids[repr(when)] for n, when in wanted.items()})
        return engine

    def _branched(self, arm: Arm) -> Engine:
        market = arm.world(self.plan.market)
        known = self.states.get(arm.rebuilt)
        if known is None or known[0].config != market:
            self.check()
            world = 0 if self.plan.vary == "luck" else self.replicate
            own = classes(market, self.plan.code_from)
            ledger = Ledger(self.plan.folder) if self.plan.record == "ledger" else None
            engine = Engine(market, self.replicate, world, own_strategies=own, ledger=ledger)
            engine.live_through(market.warm_up)
            self.states[arm.rebuilt] = (engine, engine.state_hash())
        own = classes(arm.market, self.plan.code_from)
        return self.states[arm.rebuilt][0].branch(arm.market, own)

    def check(self) -> None:
        """Raises RuntimeError when a shared state has changed since it was made."""
        for engine, before in self.states.values():
            if engine.state_hash() != before:
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
    every = {**tables, "focal": focal_table(tables, focal, market)}
    for name in recorded_tables("daily" if record == "ledger" else record, [market]):
        columns = every[name]
        yield name, weekly(name, columns) if record == "weekly" else columns


def _labelled(columns: Columns, arm: str, replicate: int) -> Columns:
    n = len(columns["day"])
    label = {
        "arm": np.full(n, arm, dtype=object),
        "replicate": np.full(n, replicate, dtype=np.int32),
    }
    return {**label, **columns}
