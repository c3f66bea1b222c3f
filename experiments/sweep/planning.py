"""Before the first run: every cell is looked into, counted and its cost estimated."""

from __future__ import annotations

import time
from dataclasses import dataclass

from experiments.mistakes import ConfigError, Mistake
from experiments.own_code import code_of
from experiments.size import refuse_too_large
from experiments.sweep.file import Sweep
from experiments.workers import Failure, run_tasks
from sim.config.market import Market

CHUNK = 1000
MOST_MISTAKES = 200
"""Cells with mistakes after which no more are looked for."""
FIRST_DAYS, TIMED_DAYS = 5, 25


@dataclass(frozen=True)
class Chunk:
    """Some cells in a row that are looked into together."""

    first: int
    after: int


@dataclass(frozen=True)
class Checked:
    """What cells come to: what is lived in them, how much there is to live, what is wrong."""

    first: int
    digests: list[bytes]
    user_days: list[float]
    """Users times days, per cell: what its cost goes by."""
    code: set[str]
    """Strategies in Python that they name."""
    mistakes: list[Mistake]


def check_chunk(sweep: Sweep, chunk: Chunk) -> Checked:
    """Resolve and digest some cells."""
    found = Checked(chunk.first, [], [], set(), [])
    for point in sweep.points[chunk.first : chunk.after]:
        mistakes: list[Mistake] = []
        arm = sweep.resolved(point, mistakes)
        if arm is not None and arm.rebuilt:
            try:
                refuse_too_large(arm.market, sweep.base_source)
            except ConfigError as error:
                mistakes += error.mistakes
        if arm is None or mistakes:
            found.mistakes.extend(mistakes)
            if len(found.mistakes) > MOST_MISTAKES:
                break
            continue
        found.digests.append(sweep.digest(arm))
        past = arm.market.past.days if arm.rebuilt else 0
        found.user_days.append(_user_days(arm.market, past))
        found.code.update(code_of(arm.market).values())
    return found


def check_cells(sweep: Sweep, workers: int) -> tuple[list[bytes], float, set[str]]:
    """Digests of all cells, their user-days in all, and the strategies in Python they name.

    Raises ConfigError, which lists what is wrong with any cell, each mistake once.
    """
    n = len(sweep.points)
    chunks = [Chunk(first, min(first + CHUNK, n)) for first in range(0, n, CHUNK)]
    found: list[Checked] = []
    lost: list[Failure] = []
    few = len(chunks) < 2 * workers
    run_tasks(check_chunk, sweep, chunks, 1 if few else workers, found.append, lost.append)
    if lost:
        raise RuntimeError(lost[0].trace or lost[0].error)
    found.sort(key=lambda one: one.first)
    mistakes = [mistake for one in found for mistake in one.mistakes]
    if mistakes:
        # One wrong value is in many cells: the first of them stands for all.
        first = {(m.where, m.loc, m.text.rsplit(" (in ", 1)[0]): m for m in reversed(mistakes)}
        raise ConfigError(list(reversed(first.values())))
    digests = [digest for one in found for digest in one.digests]
    return digests, sum(sum(one.user_days) for one in found), set().union(*(o.code for o in found))


def seconds_per_user_day(market: Market) -> float:
    """CPU seconds that a user-day of a market takes here, from its first days."""
    from sim.engine import Engine

    engine = Engine(market, 0, 0)
    engine.live_through(min(FIRST_DAYS, engine.last_day - 1))
    first, last = engine.day, min(engine.day + TIMED_DAYS, engine.last_day)
    began = time.process_time()
    engine.live_through(last)
    users = market.buyers.count + market.non_buying_users.count
    return (time.process_time() - began) / ((last - first + 1) * max(users, 1))


def _user_days(market: Market, past: int) -> float:
    users = market.buyers.count + market.non_buying_users.count
    return float(users * (past + market.days + market.run_out_days()))
