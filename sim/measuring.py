"""Measures of a platform as the kernels see them, and the tables that they are kept in."""

from __future__ import annotations

from typing import get_args

import numpy as np

from sim import state
from sim.config.health import Measure, OrderMark, Rated
from sim.config.market import Market
from sim.parameters import first_date
from sim.room import grown
from sim.world import World

_PLAIN = ("window_days", "lag_days", "min_count", "spared", "defaults", "start", "most", "gain",
          "gain_orders")  # fmt: skip


def measure_arrays(market: Market, sellers: int, listings: int, days: int) -> dict[str, np.ndarray]:
    """Everything that measures need, by names in ``World``; empty where there are none.

    ``sellers``, ``listings``: rows with room; ``days``: rows of the daily tables.
    """
    stated = market.platform.measures
    n, dates = len(stated), days - first_date(market)
    of_products = any(m.level == "product" for m in stated.values())
    of_conduct = any(m.policy_score for m in stated.values())
    return {
        **_rows(stated),
        "standing": np.zeros((sellers, n), state.MEASURED),
        "product_standing": np.zeros((listings, n), state.MEASURED),
        "lost_points": np.zeros((dates if of_conduct else 0, sellers)),
        "tallies": np.zeros((dates if n else 0, sellers * n), state.TALLY),
        "product_tallies": np.zeros((dates if of_products else 0, listings * n), state.TALLY),
        "standing_days": np.zeros((days if n else 0, sellers * n), state.STANDING_DAY),
        "product_standing_days": np.zeros(
            (days if of_products else 0, listings * n), state.STANDING_DAY
        ),
    }


def with_room_for(w: World, sellers: int, listings: int) -> dict[str, np.ndarray]:
    """The same tables with room for so many sellers and listings."""
    n = w.measures.size
    return {
        "standing": grown(w.standing, sellers),
        "product_standing": grown(w.product_standing, listings),
        "lost_points": grown(w.lost_points, sellers, axis=1),
        "tallies": grown(w.tallies, sellers * n, axis=1),
        "product_tallies": grown(w.product_tallies, listings * n, axis=1),
        "standing_days": grown(w.standing_days, sellers * n, axis=1),
        "product_standing_days": grown(w.product_standing_days, listings * n, axis=1),
    }


def _rows(stated: dict[str, Measure]) -> dict[str, np.ndarray]:
    """Rows of measures, of the parts of mixes, and of steps."""
    names = list(stated)
    parts = [part for m in stated.values() for part in m.mix or ()]
    steps = [step for m in stated.values() for step in sorted(m.steps or ())]
    measures = np.zeros(len(stated), state.MEASURE)
    mix_parts = np.zeros(len(parts), state.MIX_PART)
    first_part = first_step = 0
    for row, m in zip(measures, stated.values(), strict=True):
        _fill(row, m)
        row["first_part"], row["n_parts"] = first_part, len(m.mix or ())
        row["first_step"], row["n_steps"] = first_step, len(m.steps or ())
        first_part, first_step = first_part + row["n_parts"], first_step + row["n_steps"]
    for row, part in zip(mix_parts, parts, strict=True):
        row["measure"], row["weight"] = names.index(part.measure), part.weight
        row["ranked"] = part.ranked is not None
        row["worst"], row["best"] = part.ranked or (0.0, 0.0)
    return {
        "measures": measures,
        "mix_parts": mix_parts,
        "steps": np.array(steps, state.STEP),
    }


def _fill(row: np.void, m: Measure) -> None:
    """Write one measure's row."""
    marks = get_args(OrderMark)
    for name in _PLAIN:
        row[name] = getattr(m, name)
    row["product"], row["higher"] = m.level == "product", m.better == "higher"
    row["marks"] = sum(1 << marks.index(mark) for mark in set(m.orders_with or ()))
    row["pair_month_max"] = m.pair_month_max or 0
    row["pair_item_days"] = m.pair_item_days or 0
    row["min_price"] = round(100 * m.min_price)
    if m.orders_with is not None:
        row["kind"] = state.OF_ORDERS
    elif m.ratings is not None:
        row["kind"], row["rated"] = state.OF_RATINGS, get_args(Rated).index(m.ratings)
    else:
        row["kind"] = state.OF_CONDUCT if m.policy_score else state.OF_MEASURES
