"""What a worker does in a sweep: one cell in one replicate, measured."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from experiments.metrics import METRICS, measure
from experiments.replicate import Plan, Shared
from experiments.sweep.file import Sweep
from experiments.sweep.store import packed


@dataclass(frozen=True)
class SweepPlan:
    """What all cells have in common; sent to every worker once."""

    sweep: Sweep
    code_from: Path | None = None
    """Where strategies in Python are looked for; None where none may run."""


class Task(NamedTuple):
    """A cell, by its number in the design, in one replicate."""

    cell: int
    replicate: int


@dataclass(frozen=True)
class Lived:
    """What came of a task."""

    task: Task
    numbers: bytes
    """Part and whole of every metric (``store.packed``)."""
    cpu_s: float
    market_s: float


_at_hand: dict[int, tuple[SweepPlan, Shared]] = {}
"""The past of the replicate at hand, from which its cells branch."""


def live(plan: SweepPlan, task: Task) -> Lived:
    """Live a cell to its end and measure it."""
    began = time.process_time()
    shared = _shared(plan, task.replicate)
    arm = plan.sweep.arm(plan.sweep.points[task.cell])
    lived = time.process_time()
    engine = shared.begin(arm)
    engine.live_through(engine.last_day)
    tables = engine.tables()
    market = time.process_time() - lived
    numbers = packed(measure(tables, engine.focal, arm.market), list(METRICS))
    return Lived(task, numbers, time.process_time() - began, market)


def _shared(plan: SweepPlan, replicate: int) -> Shared:
    known = _at_hand.get(replicate)
    if known is None or known[0] is not plan:
        for _, before in _at_hand.values():
            before.check()
        _at_hand.clear()
        sweep = plan.sweep
        base = Plan(
            sweep.base, (sweep.base_arm,), sweep.stated.vary, "focal", Path(), plan.code_from
        )
        _at_hand[replicate] = known = (plan, Shared(base, replicate))
    return known[1]
