"""What an evening of a live market left behind, as far as explanations need it.

Taken from the engine itself on that evening, so that what is explained is what was so: the results
of every category with what scores are made of, and the orders that the platform counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from experiments.explain.places import Results
from experiments.explain.rates import Window
from sim.phases.platform import SCORE_PARTS, score_parts
from sim.rules.odr import window
from sim.state import STATE_NAMES

if TYPE_CHECKING:
    from sim.engine import Engine

OPEN = STATE_NAMES[:2]
"""States of an account with which listings may be on sale."""


@dataclass(frozen=True)
class Evening:
    """A market at the end of a day."""

    day: int
    results: dict[str, Results]
    """By category."""
    windows: dict[str, Window]
    """By seller."""
    states: dict[str, str]
    """Account states by seller."""
    off: dict[str, str]
    """Why a listing is not on sale, for all that are not."""
    sellers: dict[str, str]
    """Whose a listing is."""

    def category(self, listing: str) -> str | None:
        """The category of a listing; None before it is there."""
        found = (name for name, results in self.results.items() if listing in results.listings)
        return next(found, None)


def evening(engine: Engine) -> Evening:
    """The evening of the day that ``engine`` has just lived."""
    day = engine.day - 1
    return Evening(
        day,
        {c.name: _results(engine, k, day) for k, c in enumerate(engine.config.categories)},
        _windows(engine, day),
        {
            name: STATE_NAMES[int(engine.world.sellers[k]["state"])]
            for k, name in enumerate(engine.seller_names)
        },
        _off_sale(engine, day),
        {name: engine.seller_names[s] for name, s in _owners(engine)},
    )


def _owners(engine: Engine) -> list[tuple[str, int]]:
    names = engine.listing_names
    return list(zip(names, engine.world.listings["seller"][: len(names)].tolist(), strict=True))


def _results(engine: Engine, category: int, day: int) -> Results:
    """The results of one category, with the parts of its scores."""
    w, names = engine.world, engine.listing_names
    rows = np.flatnonzero(w.listings["category"][: len(names)] == category)
    n_ranked = int(w.n_ranked[category])
    # In the order in which the engine scores them, as sums depend on it.
    ranked = np.sort(w.ranking[category, :n_ranked]).astype(np.int32)
    parts = np.full((len(SCORE_PARTS), len(names)), np.nan)
    if n_ranked:
        out = np.empty((len(SCORE_PARTS), n_ranked))
        score_parts(w, ranked, day, out)
        parts[:, ranked] = out
    return Results(
        day,
        tuple(names[k] for k in rows),
        np.isin(rows, ranked),
        w.listings["position"][rows].copy(),
        w.listings["score"][rows].copy(),
        parts[:, rows],
        _facts(engine, rows, day),
    )


def _facts(engine: Engine, rows: np.ndarray, day: int) -> np.ndarray:
    """What the parts of scores are made from, in the order of SCORE_PARTS."""
    w, n = engine.world, engine.world.listings[rows]
    prices = np.where(n["shown"] < 0, n["price"], w.offers["price"][np.maximum(n["shown"], 0)])
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.array(
            [
                day + 1 - n["born"],
                n["relevance"],
                n["velocity"],
                n["velocity"] / n["examined"],
                n["weighted_stars"] / n["weight"],
                n["n_reviews"],
                prices / 100.0,
                np.exp(w.sellers["exposure"][n["seller"]] + n["exposure"]),
            ],
            float,
        )


def _windows(engine: Engine, day: int) -> dict[str, Window]:
    """Every seller's orders in the window of the order defect rate.

    Raises RuntimeError where they are not those that the platform has counted.
    """
    w = engine.world
    first, last = window(day, int(w.p["odr_window_days"][0]), int(w.p["odr_lag_days"][0]))
    first = max(first, int(w.p["first_date"][0]))
    ids = np.arange(w.count("oldest_order"), w.count("n_orders"))
    orders = w.orders[ids % len(w.orders)]
    orders = orders[(orders["placed"] >= first) & (orders["placed"] <= last)]
    found = {}
    for k, name in enumerate(engine.seller_names):
        own = orders[orders["seller"] == k]
        columns = (own[c].copy() for c in ("key", "placed", "defect"))
        found[name] = Window(day, first, last, *columns)
        seen = w.sellers[k]["odr_orders"], w.sellers[k]["odr_defects"]
        if engine.day > 1 and (found[name].orders, found[name].defects) != seen:
            raise RuntimeError(f"{name}: the orders kept are not those counted on day {day}")
    return found


def _off_sale(engine: Engine, day: int) -> dict[str, str]:
    """Why listings are not on sale on the morning after, in words."""
    w = engine.world
    found = {}
    for k, (name, owner) in enumerate(_owners(engine)):
        listing, seller = w.listings[k], w.sellers[owner]
        if listing["on_sale"]:
            continue
        state, store = STATE_NAMES[int(seller["state"])], engine.seller_names[owner]
        if state not in OPEN:
            said = {
                "deactivated": f"the account of {store} is deactivated",
                "left": f"{store} has left",
            }.get(state, f"the account of {store} is closed")
        elif listing["removed"]:
            said = "the platform has taken it off sale for good"
        elif seller["hidden_until"] > day:
            said = f"the platform hides the listings of {store}"
        elif seller["paused_until"] > day:
            said = f"{store} pauses, until day {int(seller['paused_until'])}"
        elif listing["born"] > day + 1:
            said = f"it goes on sale on day {int(listing['born'])}"
        else:
            said = "nobody has an offer of it that can be bought"
        found[name] = said
    return found
