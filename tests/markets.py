"""Small markets for tests: the quickstart, cut down to what a second can live through."""

from __future__ import annotations

from experiments.config import ROOT, load_market
from sim.config.market import Market
from sim.model import Marketplace

SMALL = (
    "name=small",
    "days=60",
    "run_out=0",
    "past.days=40",
    "past.reviews_per_day=0.05",
    "rivals.count=4",
    "rivals.listings_each=2",
    "buyers.count=400",
    "buyers.trips_per_year=60.0",
    "non_buying_users.count=100",
    "sellers.Northwind.on_time=0.98",
    "sellers.Northwind.damaged=0.004",
    "sellers.Northwind.wrong_item=0.002",
    "sellers.Northwind.care={answers: 0.95, delay_days: 1.0, tone: 0.7, refund: 0.5}",
)
"""Five sellers with twelve listings in three categories, some 30 orders a day."""


def small_market(*overrides: str) -> Market:
    """A market of a few hundred users and 60 days; ``overrides`` as in ``--set path=value``."""
    return load_market(ROOT / "configs" / "quickstart.yaml", [*SMALL, *overrides])


def lived(*overrides: str, days: int | None = None, replicate: int = 0) -> Marketplace:
    """A small market that has lived ``days`` (None = all of them)."""
    model = Marketplace(small_market(*overrides), replicate)
    if days is None:
        return model.run()
    for _ in range(days):
        model.step()
    return model
