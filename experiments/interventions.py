"""Interventions of an experiment: what they set is checked as in an arm, and named events are
looked up in the baseline of the same replicate.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from experiments.mistakes import ConfigError, Loc, Mistake
from experiments.yaml_source import Source
from sim.config.changes import changes
from sim.config.intervention import When, may_be_set
from sim.config.market import Market
from sim.engine import Engine

SECTION = "interventions"
NOT_SET = ("interventions", "strategies")
"""Parts of a market that no intervention sets."""

Put = Callable[[Source, str, object, str], Loc]
"""Puts a value at a path, as written in an arm, into a source; the place of the path is given."""
Validate = Callable[[Source, list[Mistake]], Market | None]


def check_sets(source: Source, market: Market, put: Put, validate: Validate) -> Iterator[Mistake]:
    """Mistakes in what the interventions of a market set; ``source`` is what it was read from."""
    for n, one in enumerate(market.interventions):
        twin = Source(source.data, dict(source.keys), dict(source.values), [], [])
        found: list[Mistake] = []
        taken: dict[Loc, str] = {}
        for path, value in (one.values or {}).items():
            at = (SECTION, n, "values", path)
            where = source.where(at, key=True)
            try:
                if path.split(".")[0] in NOT_SET:
                    raise _refused(where, at, "belongs to the experiment; allowed: other paths")
                loc = put(twin, path, value, where)
                twin.keys[loc], twin.values[loc] = where, source.where(at)
                if loc in taken:
                    said = f"found the same place as {taken[loc]}; allowed: each value once"
                    raise _refused(where, at, said)
                taken[loc] = path
            except ConfigError as error:
                found += error.mistakes
        changed = validate(twin, found) if one.values and not found else None
        for change in changes(market, changed) if changed else ():
            plain = re.sub(r"\.\d+(?=\.|$)", ".N", ".".join(map(str, change.loc)))
            if change.world and not may_be_set(plain):
                said = "is what the market was built with or counts by; allowed: settings of "
                said += "sellers and listings, costs, strategies, and rules read anew every day"
                where = twin.where(change.loc, key=True)
                found.append(Mistake(where, change.loc, said))
        yield from (replace(mistake, loc=_within(mistake.loc, n)) for mistake in found)


def _within(loc: Loc, n: int) -> Loc:
    return loc if loc[:1] == (SECTION,) else (SECTION, n, "values", ".".join(map(str, loc)))


def _refused(where: str, loc: Loc, said: str) -> ConfigError:
    return ConfigError([Mistake(where, loc, said)])


# --- events of the baseline --------------------------------------------------------------------


class Fate(NamedTuple):
    """What became of one intervention in one run."""

    event: int | None
    """Id of its event; None where it waits for a day, or there is no such event."""
    acted: int | None
    """Day on which it acted; None where it did not."""
    why: str
    """Why it did not."""


def fates(engine: Engine) -> list[Fate]:
    """What has become of the interventions of a market, in their order."""
    return [Fate(p.event.id, p.acted, p.lost) for p in engine.interventions.planned]


def named_events(market: Market) -> dict[int, When]:
    """Events that must be looked up in the baseline, by place of the intervention."""
    return {n: one.when for n, one in enumerate(market.interventions) if one.when.named}


def told_events(entry: Mapping[str, Any], market: Market, replicate: int) -> dict[int, int | None]:
    """Ids of named events as a result's manifest says that they were found, by place."""
    told: dict[int, int | None] = {}
    for n in named_events(market):
        event = entry["interventions"][n]["events"].get(str(replicate))
        told[n] = None if event is None else int(event)
    return told


def looked_up(engine: Engine, events: tuple[When, ...]) -> dict[str, int | None]:
    """Ids of events in the life of ``engine``, which is lived to its end; None = there is none.

    By what the event is in words (``repr``).
    """
    engine.ledger, engine.world.log["on"] = None, 0
    engine.interventions.watch(events)
    engine.live_through(engine.last_day)
    return {repr(found.when): found.id for found in engine.interventions.watched}
