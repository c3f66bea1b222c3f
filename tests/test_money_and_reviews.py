"""Where reviews need money spent on the platform: who may review, and who may not yet."""

from __future__ import annotations

import numpy as np
import pytest
from lines import LOUD, same_tables, whole
from markets import lived, small_market

from sim.errors import Refused
from sim.model import Buyer, Marketplace, NonBuyingUser
from sim.rules.reviews import NOT_ELIGIBLE, REFUSALS
from sim.state import CANCELLED_ORDER

SILENT = ("platform.feedback.leave_rate=0.0", "platform.reviews.leave_rate=0.0",
          "platform.reviews.leave_rate_unbought=0.0", "rivals.trouble_median=0.05",
          "sellers.0.cancelled=0.3")  # fmt: skip
NEEDS = "platform.reviews.min_spend={}"
ELSEWHERE = ("buyers.spend_elsewhere={}", "buyers.spend_elsewhere_sd=0.0")


def elsewhere(usd: float) -> tuple[str, ...]:
    return (ELSEWHERE[0].format(usd), ELSEWHERE[1])


def spent_here(model: Marketplace, buyer: Buyer, days: int) -> float:
    """What a buyer has paid for orders of so many days, by hand: not cancelled, not given back."""
    orders = buyer.orders
    recent = (orders["placed"] > model.day - days) & (orders["trouble"] != CANCELLED_ORDER)
    return float((orders["price"] - orders["refunded"])[recent].sum()) / 100.0


def may(user, listing: int) -> bool:
    """May this user review this listing today? A refusal must be for want of money."""
    try:
        user.post_review(listing, 4)
    except Refused as refused:
        assert str(refused) == REFUSALS[NOT_ELIGIBLE]
        return False
    return True


@pytest.mark.parametrize(("days", "usd"), [(365, 0.0), (10, 0.0), (10, 365.0)])
def test_who_has_spent_enough_in_time_may_review(days, usd):
    window = f"platform.reviews.min_spend_days={days}"
    model = lived(*SILENT, *elsewhere(usd), NEEDS.format(40), window, days=30)
    verdicts, plain = [], []
    for buyer in model.agents_by_type[Buyer]:
        money = spent_here(model, buyer, days) + usd * days / 365.0
        verdicts.append(money >= 40.0)
        plain.append(float(buyer.orders["price"].sum()) / 100.0 >= 40.0)
        assert may(buyer, 0) == verdicts[-1], money
    assert 20 < sum(verdicts) < len(verdicts) - 20
    assert verdicts != plain, "cancelled orders, refunds and old orders do not count"


@pytest.mark.parametrize(("usd", "eligible"), [(49.0, False), (51.0, True)])
def test_who_never_buys_here_may_have_spent_elsewhere(usd, eligible):
    model = lived(*SILENT, *elsewhere(usd), NEEDS.format(50), days=5)
    users = [u for u in model.agents_by_type[NonBuyingUser] if u.traits["bought_before"]]
    assert len(users) > 50 and {may(user, 0) for user in users} == {eligible}


def test_a_platform_that_needs_no_money_asks_nobody_for_it():
    rich, poor = (whole(small_market(*LOUD, "days=40", *elsewhere(usd))) for usd in (0.0, 1e5))
    assert same_tables(rich, poor)
    needs = whole(small_market(*LOUD, "days=40", *elsewhere(1e5), NEEDS.format(50)))
    for table in ("market", "listings"):
        for column, values in rich.tables()[table].items():
            assert np.array_equal(values, needs.tables()[table][column],
                                  equal_nan=values.dtype.kind == "f"), column  # fmt: skip


def test_reviews_of_those_who_spent_too_little_are_dropped():
    fields = ("reviews_by_non_buying_users", "reviews_by_buyers_of_other_things", "reviews")
    talk = (*LOUD, "days=60", "platform.reviews.leave_rate_unbought=0.05",
            "non_buying_users.trips_per_year=100.0")  # fmt: skip
    found = {}
    for name, usd, least in (("free", 0, 0), ("here", 0, 50), ("none", 0, 10**6), ("all", 99, 50)):
        market = whole(small_market(*talk, *elsewhere(usd), NEEDS.format(least))).tables()["market"]
        found[name] = [int(market[field].sum()) for field in fields]
    assert found["none"] == [0, 0, 0]
    assert found["here"][0] == 0 < found["here"][1]
    verified = {name: total - others - buyers for name, (others, buyers, total) in found.items()}
    assert verified["here"] < verified["free"]
    assert found["all"] == found["free"] and min(found["free"]) > 0


def test_feedback_needs_no_money():
    sums = whole(small_market(*LOUD, "days=40", *elsewhere(0.0), NEEDS.format(10**6))).tables()
    assert sums["market"]["reviews"].sum() == 0 < 100 < sums["market"]["feedback"].sum()
