"""Gates, verdicts and steps of points as compiled loops see them, with a table of penalties."""

from __future__ import annotations

from collections.abc import Iterable
from statistics import NormalDist
from typing import get_args

import numpy as np

from sim import state
from sim.config.health import Also, Gate, Penalty, PenaltyKind
from sim.config.market import Market
from sim.config.policy import KINDS

ALWAYS = np.iinfo(np.int32).max
DO = {name: code for code, name in enumerate(get_args(PenaltyKind))}
"""Codes of what a penalty does, as in ``sim.state``."""


def penalty_arrays(market: Market) -> dict[str, np.ndarray]:
    """Tables "penalties", "gates", "verdicts" and "points_steps" of a market's platform."""
    rules = market.platform
    all_penalties: list[Penalty] = []

    def put(row: np.void, then: Iterable[Penalty]) -> None:
        row["first"], row["count"] = len(all_penalties), len(tuple(then))
        all_penalties.extend(then)

    names = list(rules.measures)
    further: list[tuple[int, bool, float]] = []
    gates = np.zeros(len(rules.gates), state.GATE)
    for row, gate in zip(gates, rules.gates, strict=True):
        row["measure"] = names.index(gate.measure)
        row["of_products"] = rules.measures[gate.measure].level == "product"
        row["above"], row["limit"] = _limit(gate)
        row["at_least"], row["every_days"] = gate.at_least, gate.every_days
        row["marked_at_least"] = gate.marked_at_least
        row["z"] = NormalDist().inv_cdf(gate.confidence) if gate.confidence > 0 else 0.0
        row["first_also"], row["n_also"] = len(further), len(gate.also)
        further += [(names.index(a.measure), *_limit(a)) for a in gate.also]
        row["harms"] = any(p.do != "exposure" or (p.amount or 0.0) < 1.0 for p in gate.then)
        put(row, gate.then)
    verdicts = np.zeros(len(KINDS), state.VERDICT)
    for row, kind in zip(verdicts, KINDS, strict=True):
        verdict = rules.policy.of(kind)
        put(row, verdict.penalties if verdict.says == "forbidden" else ())
    steps = np.zeros(len(rules.points.steps), state.POINTS_STEP)
    for row, step in zip(steps, rules.points.steps, strict=True):
        row["at"] = step.at
        put(row, step.then)
    table = np.zeros(len(all_penalties), state.PENALTY)
    for row, penalty in zip(table, all_penalties, strict=True):
        _fill(row, penalty)
    return {
        "penalties": table,
        "gates": gates,
        "further_limits": np.array(further, state.FURTHER_LIMIT),
        "verdicts": verdicts,
        "points_steps": steps,
    }


def _limit(stated: Gate | Also) -> tuple[bool, float]:
    """Is it breached above its limit; and the limit."""
    if stated.above is not None:
        return True, stated.above
    return False, stated.below or 0.0


def _fill(row: np.void, penalty: Penalty) -> None:
    amount = penalty.amount or 0.0
    if penalty.do == "exposure":
        amount = np.log(amount)
    elif penalty.do == "fine":
        amount = round(100 * amount)
    row["do"], row["amount"], row["days"] = DO[penalty.do], amount, penalty.days or 0
    row["first_time"], row["last_time"] = penalty.first_time, penalty.last_time or ALWAYS


def penalty_state(market: Market, sellers: int, listings: int) -> dict[str, np.ndarray]:
    """Tables of what was breached and is in force, for so many; no columns where no gates are."""
    penalties, gates = penalty_arrays(market)["penalties"], len(market.platform.gates)
    exposures = penalties.size if (penalties["do"] == state.EXPOSE).any() else 0
    return {
        "seller_gates": np.zeros((sellers, gates), state.GATED),
        "product_gates": np.zeros((listings, gates), state.GATED),
        "offences": np.zeros((sellers, len(KINDS)), state.OFFENCE),
        "exposures": np.zeros((sellers, exposures), np.int32),
        "product_exposures": np.zeros((listings, exposures), np.int32),
    }
