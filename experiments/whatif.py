"""What if one event had not happened, or had said something else: ``python run.py whatif DIR``.

The replicate is lived again with the one intervention that stops the event or turns it, so what
comes out is to the bit what an experiment with that intervention gives. What one event did in one
replicate is an anecdote; so the event that plays the same part is looked for in other replicates,
and the mean of what it did there is told with its interval.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from experiments.ledger_table import in_memory
from experiments.mistakes import UserError
from experiments.replay import Result, begin, check_same, open_result, replay
from experiments.roles import Role, event_in_role, find, refuse, role_of
from experiments.statistics import Estimate, mean
from experiments.workers import Failure, run_tasks
from sim.config.intervention import Intervention, When
from sim.engine import Engine

FEWEST = 20
"""Replicates in which a role is looked at, unless others are asked for."""
TRIED = 5
"""Times as many replicates are tried before it is given up."""


@dataclass(frozen=True)
class Measure:
    """One thing that is compared."""

    name: str
    unit: str
    digits: int
    of_listing: bool = False


MEASURES = (
    Measure("order defect rate", "%", 3),
    Measure("orders", "orders", 0),
    Measure("profit", "USD", 2),
    Measure("position of the listing", "1 = top", 3, of_listing=True),
    Measure("orders of the listing", "orders", 0, of_listing=True),
    Measure("stars of the listing at the end", "stars", 2, of_listing=True),
)
"""Of the seller of the event, over the measured days, and of its listing."""


@dataclass(frozen=True)
class Pair:
    """One replicate with its event and without it; values in the order of ``MEASURES``."""

    replicate: int
    event: int | None
    """Id of the event in the role; None where the replicate has none."""
    as_it_was: tuple[float, ...] = ()
    instead: tuple[float, ...] = ()
    first_day: int | None = None
    """First day on which a daily table differs; None where none does."""


@dataclass(frozen=True)
class Question:
    """What is asked: of which arm, about which part, and what is put in its place."""

    folder: Path
    arm: str
    role: Role
    seller: str
    listing: str
    stars: int | None
    """Stars that it says instead; None = it does not happen."""


@dataclass(frozen=True)
class Answer:
    """What came of it."""

    question: Question
    event: dict[str, Any]
    here: Pair
    others: tuple[Pair, ...]
    """All replicates that were tried, in order, ``here`` perhaps among them."""
    wanted: int

    @property
    def with_role(self) -> list[Pair]:
        """Those that have an event in the role."""
        return [pair for pair in self.others if pair.event is not None]

    def differences(self) -> list[Estimate]:
        """Mean of what would be different, by measure, with its interval."""
        pairs = self.with_role
        found = []
        for k in range(len(MEASURES)):
            each = [pair.instead[k] - pair.as_it_was[k] for pair in pairs]
            found.append(mean(np.array(each or [math.nan])))
        return found


def what_if(
    folder: Path,
    event: int,
    *,
    stars: int | None = None,
    arm: str | None = None,
    replicate: int | None = None,
    replicates: int = FEWEST,
    workers: int = 1,
) -> Answer:
    """Live a replicate of a result without an event, or with other stars, and its like in others.

    ``stars``: what it says instead; None = it does not happen. ``arm`` and ``replicate``: where the
    event happens (default: the baseline, the first). Raises UserError for an event that is not
    there or that cannot be changed.
    """
    result = open_result(folder)
    arm, replicate = result.arm(arm), result.replicate(replicate)
    lived = replay(result, arm, replicate)
    market = lived.engine.config
    row = find(lived.ledger, event, f"arm {arm!r}, replicate {replicate}")
    refuse(row, market, flip=stars is not None)
    if stars is not None and int(row["stars"]) == stars:
        raise UserError(f"event {event} says {stars} stars already; allowed: another number")
    role = role_of(lived.ledger, row, market)
    question = Question(folder, arm, role, str(row["seller"]), str(row["listing"]), stars)
    here = _pair(question, result, lived.engine, replicate, event)
    others = _elsewhere(question, result, replicates, workers)
    return Answer(question, row, here, others, replicates)


def intervention(event: int, stars: int | None) -> Intervention:
    """What is done about the event: it is stopped, or says something else."""
    when = When(event=event)
    if stars is None:
        return Intervention(when=when, do="block")
    return Intervention(when=when, do="flip", stars=stars)


def live_instead(result: Result, arm: str, replicate: int, event: int, stars: int | None) -> Engine:
    """The run without the event, to the end. Raises UserError where nothing came of that."""
    engine = begin(result, arm, replicate, more=(intervention(event, stars),), ledger=False)
    engine.live_through(engine.last_day)
    done = engine.interventions.planned[-1]
    if done.acted is None:
        raise UserError(f"event {event} could not be changed: {done.lost}")
    return engine


# --- one replicate ------------------------------------------------------------------------------


def _pair(question: Question, result: Result, was: Engine, replicate: int, event: int) -> Pair:
    instead = live_instead(result, question.arm, replicate, event, question.stars)
    first = first_difference(was, instead)
    return Pair(replicate, event, measured(was, question), measured(instead, question), first)


def measured(engine: Engine, question: Question) -> tuple[float, ...]:
    """The values of ``MEASURES`` in one run; NaN where there is nothing to measure."""
    tables, after = engine.tables(), engine.config.warm_up
    sellers, listings = tables["sellers"], tables["listings"]
    own = (sellers["seller"] == question.seller) & (sellers["day"] > after)
    orders, defects = sellers["orders"][own].sum(), sellers["defects"][own].sum()
    values = [
        100.0 * defects / orders if orders else math.nan,
        float(orders),
        float(sellers["profit"][own].sum()),
    ]
    of_it = (listings["listing"] == question.listing) & (listings["day"] > after)
    if not of_it.any():
        return (*values, math.nan, math.nan, math.nan)
    position, sold = listings["position"][of_it], listings["orders"][of_it]
    stars = listings["stars"][of_it][-1]
    return (*values, float(position.mean()), float(sold.sum()), float(stars))


HINDSIGHT = ("defects", "odr_final", "quality")
"""Columns that say of a day what was known later."""


def first_difference(one: Engine, other: Engine) -> int | None:
    """First day on which the daily tables of two runs differ; None where they do not."""
    days = []
    others = other.tables()
    for name, columns in one.tables().items():
        for column in columns.keys() - set(HINDSIGHT):
            a, b = columns[column], others[name][column]
            n = min(len(a), len(b))
            same = a[:n] == b[:n]
            if a.dtype.kind == "f":
                same |= np.isnan(a[:n]) & np.isnan(b[:n])
            unlike = np.flatnonzero(~same)
            if unlike.size:
                days.append(int(columns["day"][unlike[0]]))
            elif len(a) != len(b):
                longer = columns if len(a) > n else others[name]
                days.append(int(longer["day"][n]))
    return min(days, default=None)


# --- other replicates ---------------------------------------------------------------------------


def look_for_role(question: Question, replicate: int) -> Pair:
    """What a worker does: one replicate, with the event in the role and without it."""
    result = open_result(question.folder)
    engine = begin(result, question.arm, replicate)
    engine.live_through(engine.last_day)
    if replicate in result.manifest["replicates"]:
        check_same(result, question.arm, replicate, engine)
    event = event_in_role(in_memory(engine), question.role, engine.config)
    if event is None:
        return Pair(replicate, None)
    return _pair(question, result, engine, replicate, event)


def _elsewhere(question: Question, result: Result, wanted: int, workers: int) -> tuple[Pair, ...]:
    """Replicates of the result, then further ones, until enough have an event in the role."""
    known = list(result.manifest["replicates"])
    further = (r for r in range(TRIED * wanted + len(known)) if r not in known)
    waiting = [*known, *further][: TRIED * wanted]
    found: list[Pair] = []

    def more() -> Sequence[int]:
        missing = wanted - sum(pair.event is not None for pair in found)
        batch, waiting[:] = waiting[: max(missing, 0)], waiting[max(missing, 0) :]
        return batch

    def failed(failure: Failure) -> None:
        raise UserError(f"replicate {failure.task} failed: {failure.error}")

    run_tasks(look_for_role, question, more(), workers, found.append, failed, more)
    return tuple(sorted(found, key=lambda pair: pair.replicate))
