"""What is measured in every run: one registry, and one function from tables to numbers.

Measured are days after the warm-up. A metric of a run is a part and a whole: defective orders and
orders, days above the limit and days. How they are brought together over replicates depends on
the kind of the metric (see ``experiments/statistics.py``).
"""

from __future__ import annotations

import numpy as np

from experiments.metric import (
    MONTH_DAYS,
    STARS,
    Columns,
    Metric,
    Pair,
    Tables,
    View,
    is_one_of,
    places,
    rivals_at_the_start,
)
from experiments.metrics_of_the_market import MARKET
from experiments.metrics_of_the_store import STORE
from sim.config.market import Market

__all__ = [
    "METRICS",
    "MONTH_DAYS",
    "STARS",
    "Columns",
    "Metric",
    "Pair",
    "Tables",
    "is_one_of",
    "measure",
    "rivals_at_the_start",
]

METRICS = {**STORE.metrics, **MARKET.metrics}
"""All metrics by name, those of the focal seller first."""


def measure(tables: Tables, focal: str, market: Market) -> dict[str, Pair]:
    """(part, whole) of every metric of one run; the value is part / whole, missing if whole is 0.

    ``tables``: "sellers", "listings" and "market" as the core makes them; ``focal``: the seller
    that the experiment is about; ``market``: what the run was made of.
    """
    view = _view(tables, focal, market)
    return {name: compute(view) for name, compute in {**STORE.compute, **MARKET.compute}.items()}


def _view(tables: Tables, focal: str, market: Market) -> View:
    def rows(columns: Columns, keep: np.ndarray) -> Columns:
        return {name: column[keep] for name, column in columns.items()}

    period = {name: rows(c, c["day"] > market.warm_up) for name, c in tables.items()}
    sellers, listings = period["sellers"], period["listings"]
    own, own_listings = sellers["seller"] == focal, listings["seller"] == focal
    first = rivals_at_the_start(tables["sellers"], focal, market.warm_up)
    cohort = is_one_of(sellers["seller"], first)
    listed = is_one_of(listings["seller"], first)
    return View(
        own=rows(sellers, own),
        own_listings=rows(listings, own_listings),
        own_places=places(listings, period.get("offers"), focal),
        rivals=rows(sellers, cohort),
        rival_listings=rows(listings, listed),
        listings=rows(listings, own_listings | listed),
        market=period["market"],
        n_rivals=len(first),
        months=(market.days - market.warm_up) / MONTH_DAYS,
        limit=market.platform.odr.limit,
        negative_up_to=market.platform.feedback.negative_up_to,
    )
