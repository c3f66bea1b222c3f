"""The market written in plain Mesa, in two idioms, agrees with the engine; so costs compare like.

Both begin with the same worlds, one for each replicate, and share no rule and no draw after that.
So every quantity has, for each replicate, a difference between the two whose mean is zero if they
are the same market; its standard error comes from those differences. Posts and trouble are made
frequent, so that what is compared is counted in thousands.
"""

from __future__ import annotations

import os
from functools import cache
from typing import Any

import numpy as np
import pytest

from benchmarks.plain_mesa import MARKET, Idiom, PlainMarket
from experiments.config import load_market
from sim.config.market import Market
from sim.engine import Engine

REPLICATES = 48 if os.environ.get("MARKETPLACE_FULL") else 16
MOST = 4.0
"""Standard errors a mean difference may have; with 16 replicates luck brings more in 1 of 900."""
SIZE = (
    "buyers.count=4000",
    "non_buying_users.count=800",
    "rivals.count=40",
    "days=180",
    "rivals.trouble_median=0.02",
    "platform.feedback.leave_rate=0.2",
    "platform.reviews.leave_rate=0.1",
    "platform.reviews.leave_rate_unbought=0.005",
)
TINY = ("buyers.count=150", "non_buying_users.count=30", "rivals.count=10", "days=40")
Measures = dict[str, float]


def market(*overrides: str) -> Market:
    """The benchmark's market in another size."""
    return load_market(MARKET, overrides)


def engine_totals(config: Market, replicate: int) -> dict[str, Any]:
    """Totals of the engine's recorded days, by the names that the peer gives them."""
    engine = Engine(config, replicate)
    engine.live_through(engine.last_day)
    tables = engine.tables()
    everyone, sellers, listings = tables["market"], tables["sellers"], tables["listings"]
    counted = ("trips", "browsing", "orders", "complaints", "claims", "returns", "struck")
    found: dict[str, Any] = {name: everyone[name].sum() for name in counted}
    found |= {name: sellers[name].sum() for name in ("delivered", "late", "defects")}
    found["feedback_stars"] = [sellers[f"feedback_{k}"].sum() for k in range(1, 6)]
    found["review_stars"] = [listings[f"reviews_{k}"].sum() for k in range(1, 6)]
    found["unverified"] = (
        everyone["reviews_by_buyers_of_other_things"].sum()
        + everyone["reviews_by_non_buying_users"].sum()
    )
    last = listings["stars"][listings["day"] == config.days]
    return found | {"displayed_stars": np.nanmean(last)}


def measures(config: Market, t: dict[str, Any]) -> Measures:
    """What is compared: counts a head, shares, and rates, from totals."""
    orders, feedback, reviews = t["orders"], sum(t["feedback_stars"]), sum(t["review_stars"])
    found = {
        "trips a buyer": t["trips"] / config.buyers.count,
        "trips of another user": t["browsing"] / config.non_buying_users.count,
        "orders a buyer": orders / config.buyers.count,
        "orders a trip": orders / t["trips"],
        "deliveries an order": t["delivered"] / orders,
        "late share": t["late"] / t["delivered"],
        "complaints an order": t["complaints"] / orders,
        "claims an order": t["claims"] / orders,
        "returns an order": t["returns"] / orders,
        "feedback a buyer": feedback / config.buyers.count,
        "feedback an order": feedback / orders,
        "feedback struck through": t["struck"] / feedback,
        "reviews a buyer": reviews / config.buyers.count,
        "reviews an order": reviews / orders,
        "reviews without buying, a trip": t["unverified"] / (t["trips"] + t["browsing"]),
        "order defect rate": t["defects"] / orders,
        "displayed stars": t["displayed_stars"],
    }
    for k in range(5):
        found[f"feedback with {k + 1} stars"] = t["feedback_stars"][k] / feedback
        found[f"reviews with {k + 1} stars"] = t["review_stars"][k] / reviews
    return found


@cache
def ours() -> list[Measures]:
    """The engine's measures, a replicate each."""
    config = market(*SIZE)
    return [measures(config, engine_totals(config, r)) for r in range(REPLICATES)]


def theirs(idiom: Idiom, damage: float = 1.0) -> list[Measures]:
    """The peer's; its sellers damage ``damage`` times as much as the engine's."""
    config, found = market(*SIZE), []
    for replicate in range(REPLICATES):
        model = PlainMarket(config, idiom, replicate)
        for seller in model.sellers:
            seller.damaged *= damage
        found.append(measures(config, model.run(config.days).totals()))
    return found


def standard_errors_apart(one: list[Measures], other: list[Measures]) -> dict[str, float]:
    """Mean difference over its standard error, both from the differences by replicate."""
    apart = {}
    for name in one[0]:
        d = np.array([b[name] - a[name] for a, b in zip(one, other, strict=True)])
        apart[name] = float(d.mean() / (d.std(ddof=1) / np.sqrt(d.size)))
    return apart


@pytest.mark.slow
@pytest.mark.parametrize("idiom", ["everyone", "sampled"])
def test_plain_mesa_is_the_same_market(idiom: Idiom) -> None:
    apart = standard_errors_apart(ours(), theirs(idiom))
    assert {name: z for name, z in apart.items() if not abs(z) <= MOST} == {}


@pytest.mark.slow
def test_twice_the_damage_would_be_found() -> None:
    apart = standard_errors_apart(ours(), theirs("sampled", damage=2.0))
    assert apart["order defect rate"] > MOST
    assert apart["feedback with 1 stars"] > MOST


@pytest.mark.parametrize("idiom", ["everyone", "sampled"])
def test_the_same_seed_gives_the_same_days(idiom: Idiom) -> None:
    config = market(*TINY)
    one, again, other = (PlainMarket(config, idiom, r).run(40).totals() for r in (0, 0, 1))
    assert one == again != other
    assert one["orders"] > 0 and one["delivered"] > 0 and one["feedback"] > 0


@pytest.mark.parametrize(
    ("override", "what"),
    [
        ("rivals.exit_per_year=0.1", "exits"),
        ("rivals.load=0.5", "capacity"),
        ("platform.account.enforced=true", "enforcement"),
    ],
)
def test_a_market_with_more_to_it_is_refused(override: str, what: str) -> None:
    with pytest.raises(ValueError, match=what):
        PlainMarket(market(*TINY, override), "sampled")
