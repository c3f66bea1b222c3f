"""Runs of a result, lived again: the same draws, this time with their ledger.

Whoever asks why something happened needs more than the tables of a result hold. A run takes less
than a second, so it is lived again from what the manifest says, and what it measures is compared
with what the result measured: a replay that is not the run itself is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from experiments.again import read_manifest
from experiments.interventions import looked_up, named_events, told_events
from experiments.ledger_table import in_memory
from experiments.metrics import measure
from experiments.mistakes import UserError
from experiments.own_code import code_of
from experiments.results import read_table
from sim.config.checks import suggestion
from sim.config.intervention import Intervention
from sim.config.market import Market
from sim.engine import Engine
from sim.ledger import Columns, Ledger

Look = Callable[[Engine, int], None]
"""Called after every evening from the first recorded day on, with the day.

Twice after that of the last day of the warm-up: as it was, and under the settings of the arm.
"""


@dataclass(frozen=True)
class Result:
    """A result that is open: what it says, and the markets of its arms."""

    folder: Path
    manifest: dict[str, Any]

    @property
    def arms(self) -> list[str]:
        """Names of the arms, in order."""
        return [arm["name"] for arm in self.manifest["arms"]]

    def arm(self, name: str | None) -> str:
        """The arm of that name; None = the baseline. Raises UserError where there is none."""
        if name is None:
            return str(self.manifest["baseline"])
        return one_of(name, self.arms, "--arm")

    def replicate(self, number: int | None) -> int:
        """That replicate; None = the first. Raises UserError where the result does not hold it."""
        there = list(self.manifest["replicates"])
        if number is None:
            return int(there[0])
        if number not in there:
            said = f"--replicate: found {number}; allowed: {', '.join(map(str, there[:30]))}"
            raise UserError(said + (", …" if len(there) > 30 else ""))
        return number

    def entry(self, arm: str) -> dict[str, Any]:
        """What the manifest says of an arm."""
        found: dict[str, Any] = next(e for e in self.manifest["arms"] if e["name"] == arm)
        return found

    def market(self, arm: str, *, in_warm_up: bool = False) -> Market:
        """The market of an arm after the warm-up, or in it."""
        differs = self.entry(arm)["resolved_in_warm_up" if in_warm_up else "resolved"]
        return Market.model_validate(_tuples({**self.manifest["config_resolved"], **differs}))


@dataclass(frozen=True)
class Replayed:
    """A run that was lived again, to the end."""

    engine: Engine
    ledger: Columns
    arm: str
    replicate: int


def _tuples(value: Any) -> Any:
    """What JSON holds as a market takes it: lists are tuples."""
    if isinstance(value, dict):
        return {key: _tuples(part) for key, part in value.items()}
    return tuple(map(_tuples, value)) if isinstance(value, list) else value


def open_result(folder: Path) -> Result:
    """A result whose runs can be lived again. Raises UserError where they cannot."""
    manifest = read_manifest(folder)
    if "config_resolved" not in manifest or "resolved" not in manifest["arms"][0]:
        raise UserError(f"{folder}: made by an older version; allowed: results of this one")
    return Result(folder, manifest)


def one_of(name: str, known: list[str], where: str) -> str:
    """The name itself. Raises UserError where it is not known."""
    if name not in known:
        said = f"{where}: found {name!r}; allowed: {', '.join(known[:12])}"
        raise UserError(said + (", …" if len(known) > 12 else "") + suggestion(name, known))
    return name


def begin(
    result: Result,
    arm: str,
    replicate: int,
    look: Look | None = None,
    *,
    ledger: bool = True,
    more: tuple[Intervention, ...] = (),
) -> Engine:
    """The market of a run at the end of its warm-up, about to go on under the arm's settings.

    ``more``: interventions beside those of the arm.
    """
    market = result.market(arm)
    if code_of(market):
        raise UserError(f"arm {arm!r} follows a strategy in Python, which is not run from results")
    world = 0 if result.manifest["vary"] == "luck" else replicate
    before = result.market(arm, in_warm_up=True)
    engine = Engine(before, replicate, world, ledger=Ledger() if ledger else None)
    while engine.day <= before.warm_up:
        engine.live_a_day()
        if look is not None:
            look(engine, engine.day - 1)
    all_of_them = (*market.interventions, *more)
    branch = engine.branch(market.model_copy(update={"interventions": all_of_them}))
    branch.interventions.told(_told(result, arm, market, replicate))
    return branch


def _told(result: Result, arm: str, market: Market, replicate: int) -> dict[int, int | None]:
    """Ids of the events that an arm's interventions name, as they are in the baseline."""
    named, baseline = named_events(market), str(result.manifest["baseline"])
    if not named or arm == baseline:
        return {}
    if replicate in result.manifest["replicates"]:
        return told_events(result.entry(arm), market, replicate)
    ids = looked_up(begin(result, baseline, replicate, ledger=False), tuple(named.values()))
    return {n: ids[repr(when)] for n, when in named.items()}


def replay(result: Result, arm: str, replicate: int, look: Look | None = None) -> Replayed:
    """Live one run of a result again. Raises UserError where it does not measure the same."""
    engine = begin(result, arm, replicate, look)
    if look is not None:
        look(engine, engine.day - 1)
    while engine.day <= engine.last_day:
        engine.live_a_day()
        if look is not None:
            look(engine, engine.day - 1)
    check_same(result, arm, replicate, engine)
    return Replayed(engine, in_memory(engine), arm, replicate)


def check_same(result: Result, arm: str, replicate: int, engine: Engine) -> None:
    """Raises UserError where a run measures something else than the result did."""
    table = read_table(result.folder / "measured.parquet")
    mine = (table["arm"] == arm) & (table["replicate"] == replicate)
    found = measure(engine.tables(), engine.focal, engine.config)
    for name, *stored in zip(*(table[c][mine] for c in ("metric", "part", "whole")), strict=True):
        same = name not in found or np.allclose(found[name], stored, 1e-9, 1e-9, equal_nan=True)
        if not same:
            raise UserError(
                f"{result.folder}: lived again, arm {arm!r}, replicate {replicate}, measures "
                f"another {name}: {found[name][0]:.6g} in place of {stored[0]:.6g}; the result "
                f"was made by other code ({result.manifest['code_fingerprint']}); allowed: "
                "results of the code that is here. Run the experiment again"
            )
