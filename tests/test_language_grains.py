"""The whole strategy language at once: whoever acts first, and whichever way the day is lived."""

from __future__ import annotations

import pytest
from compare import (
    OWN_MIND,
    agents_in_order,
    agents_in_random_order,
    agents_in_reverse,
    assert_same,
    compiled_day,
)
from lines import market, total

from sim.config.market import Market
from sim.config.strategy import ABOUT_THE_STORE, ACTS
from sim.engine import Engine
from sim.model import Marketplace
from sim.strategies import WHEN

MORE = {"refund": ", remedy: {refund: 0.5}", "set_price": ", price: 0.9",
        "pause": ", pause_days: 1",
        "set_service": ", service: {damaged: 0.2}", "odr_above": ", above: 0.0",
        "state_is": ", state: at risk", "every_days": ", days: 9", "on_day": ", day: 5",
        "reward": ", reward: 4.0", "buy_reviews": ", bought: {reviews: 4, price: 3}"}  # fmt: skip
EVERYTHING = tuple(
    f"{{when: {when}, do: {do}{MORE.get(when, '')}{MORE.get(do, '')}}}"
    for when, acts in ACTS.items()
    for do in acts
)
LIMITED = tuple(
    line.replace("}", ", after_days: 2, per_day: 1, budget: 30}", 1)
    for line in EVERYTHING
    if "remedy" not in line and not any(f"when: {w}" in line for w in ABOUT_THE_STORE)
)
FILTERED = (
    "{when: feedback_posted, contacted: false, do: thank}",
    "{when: order_shipped, do: thank}",
    "{when: order_delivered, contacted: false, do: ask_both, after_days: 1}",
    "{when: review_posted, contacted: true, do: ask_change}",
    "{when: complaint, do: apologise, tone: 1.0, after_days: 3, budget: 0}",
    "{when: promise_passed, contacted: true, reviewed: false, do: apologise}",
)
LINES, IDS = (EVERYTHING[-50:], LIMITED, FILTERED), ("free", "limited", "filtered")
RULES = (
    "platform.contact={request_from_days: 1, request_to_days: 9, one_request_per_order: true}",
    "platform.policy.thank={says: forbidden, found_out: 0.02}", "responding.opt_out=0.1",
    "platform.account.enforced=true", "platform.account.plan_days=3", "rivals.strategy=mine",
    "rivals.adopters=0.5", "days=25", "sellers.0.on_time=0.7", "past.days=20",
)  # fmt: skip


def everything(lines: tuple[str, ...]) -> Market:
    return market(*lines[:50], more=RULES)


def test_everything_is_everything():
    assert len(EVERYTHING) == sum(map(len, ACTS.values())) > 50 > len(LIMITED) > 30
    assert {line.split("when: ")[1].split(",")[0] for line in EVERYTHING[:50]} <= set(WHEN)


@pytest.mark.parametrize("way", [agents_in_order, agents_in_reverse, agents_in_random_order])
@pytest.mark.parametrize("lines", LINES, ids=IDS)
def test_the_order_in_which_sellers_and_users_act_changes_nothing(lines, way):
    config = everything(lines)
    one, other = Marketplace(config), Marketplace(config)
    for _ in range(10):
        compiled_day(one)
        way(other)
        assert_same(one, other, ignore=OWN_MIND)
    assert total(one, "contacts") > 30 and total(one, "spent_outreach") > 0


@pytest.mark.parametrize("lines", LINES, ids=IDS)
def test_a_branch_without_changes_goes_on_as_it_would_have(lines):
    config = everything(lines)
    straight, begun = Engine(config), Engine(config)
    begun.live_through(12)
    twin = begun.branch(config)
    for engine in (straight, twin):
        engine.live_through(config.days)
    assert twin.state_hash() == straight.state_hash()


def test_what_was_put_off_under_another_strategy_sets_no_store():
    """Orders to the own store are forgotten with the strategy; messages go out as written."""
    late = "{when: every_days, days: 10, do: set_price, price: 0.5, after_days: 5}"
    young = ("past.days=0", "days=30")
    begun = Engine(market(late, more=young))
    begun.live_through(12)
    assert begun.world.count("n_pending") == 1
    plain = without_strategy(begun.config)
    twin = begun.branch(plain)
    twin.live_through(30)
    silent = Engine(plain)
    silent.live_through(30)
    assert twin.world.listings["price"].tolist() == silent.world.listings["price"].tolist()


def without_strategy(config: Market) -> Market:
    """The same market, whose focal seller follows nothing."""
    sellers = [s.model_copy(update={"strategy": "none"}) for s in config.sellers]
    return config.model_copy(update={"sellers": tuple(sellers), "strategies": {}})
