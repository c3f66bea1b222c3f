"""``on_day``, wrong requests for removal, and everything forbidden at once in both grains."""

from __future__ import annotations

import numpy as np
import pytest
from compare import (
    OWN_MIND,
    agents_in_order,
    agents_in_random_order,
    agents_in_reverse,
    assert_same,
    compiled_day,
)
from lines import evenings, lived, market, own, prices, total

from sim.config.policy import kinds
from sim.config.strategy import Line
from sim.model import Marketplace
from sim.state import FEEDBACK


def test_on_day_acts_on_the_morning_of_that_day_and_never_again():
    found = evenings(market("{when: on_day, day: 9, do: set_price, price: 0.5}",
                            more=("days=20",)), prices)  # fmt: skip
    assert [day for day in range(2, 21) if found[day - 1] != found[day - 2]] == [9]


ASK = "{when: feedback_posted, stars: [1, 2], do: request_removal}"
SURE = "{says: forbidden, found_out: 1.0, penalties: []}"


def test_only_wrong_requests_are_looked_at_as_wrong():
    """A request about what is wholly about the product is right, and has a verdict of its own."""
    wrong = lived(ASK, more=(f"platform.policy.wrong_removal={SURE}", "days=90"))
    right = lived(ASK, more=(f"platform.policy.request_removal={SURE}", "days=90"))
    both = lived(ASK, more=(f"platform.policy.request_removal={SURE}",
                            f"platform.policy.wrong_removal={SURE}", "days=90"))  # fmt: skip
    assert 0 < total(wrong, "found_out") == total(wrong, "forbidden") < total(both, "forbidden")
    assert total(right, "forbidden") == total(both, "forbidden")
    posts = wrong.world.posts[: wrong.world.count("n_posts")]
    low = (posts["channel"] == FEEDBACK) & (posts["seller"] == 0) & (posts["first_stars"] <= 2)
    read = low & (posts["posted"] >= 0) & (posts["posted"] < 90)
    assert total(wrong, "forbidden") == (read & (posts["product_only"] == 0)).sum()
    assert total(both, "forbidden") == read.sum()


def test_wrong_requests_may_cost_the_account_where_right_ones_do_not():
    harsh = "platform.policy.wrong_removal={says: forbidden, found_out: 1.0}"
    assert "deactivated" in set(own(lived(ASK, more=(harsh, "days=60")), "state"))
    none = ("platform.feedback.product_only_share=1.0", "sellers.0.on_time=0.9999",
            "sellers.0.damaged=0.0", "sellers.0.wrong_item=0.0", "sellers.0.cancelled=0.0",
            "judging.service=20", "judging.blames_store=1.0", "sellers.0.quality=0.1",
            "past.days=0")  # fmt: skip
    spotless = lived(ASK, more=(harsh, "days=60", *none))
    assert total(spotless, "forbidden") == 0
    asked = lived(ASK, more=(f"platform.policy.request_removal={SURE}", "days=60", *none))
    assert total(asked, "forbidden") > 0


def test_a_line_s_kinds():
    assert kinds(Line(when="feedback_posted", do="request_removal")) == (
        "request_removal", "wrong_removal")  # fmt: skip
    assert kinds(Line(when="order_shipped", do="reward", reward=2.0)) == ("reward",)
    buys = Line(when="on_day", day=3, do="buy_reviews", bought={"reviews": 3, "price": 1.0})
    assert kinds(buys) == ("buy_reviews",)
    assert kinds(Line(when="on_day", day=3, do="pause", pause_days=2)) == ()


EVERYTHING = (
    "{when: order_shipped, do: reward, reward: 3, after_days: 2}",
    "{when: order_delivered, do: reward, reward: 8, per_day: 4, budget: 200}",
    "{when: order_delivered, do: ask_review, after_days: 1}",
    "{when: feedback_posted, stars: [4, 5], reviewed: false, do: reward, reward: 5}",
    "{when: review_posted, do: reward, reward: 1}",
    "{when: feedback_posted, stars: [1, 2, 3], do: request_removal}",
    "{when: on_day, day: 3, do: buy_reviews, bought: {reviews: 20, price: 4}}",
    "{when: on_day, day: 3, do: buy_reviews, bought: {reviews: 7, price: 2, stars: 4}}",
    "{when: every_days, days: 4, do: buy_reviews, bought: {reviews: 5, price: 4}, after_days: 1}",
    "{when: odr_above, above: 0.0, do: buy_reviews, bought: {reviews: 1, price: 4}}",
    "{when: state_is, state: deactivated, do: buy_reviews, bought: {reviews: 2, price: 4}}",
)
RULES = (
    "platform.policy.reward={says: forbidden, found_out: 0.01}",
    "platform.policy.buy_reviews={says: forbidden, found_out: 0.01}",
    "platform.policy.wrong_removal={says: forbidden, found_out: 0.05}",
    "platform.bought={found_share: 0.6, found_after_days: 4}", "responding.opt_out=0.05",
    "platform.account.plan_days=3", "rivals.strategy=mine", "rivals.adopters=0.5", "days=25",
    "past.days=20",
)  # fmt: skip


@pytest.mark.parametrize("way", [agents_in_order, agents_in_reverse, agents_in_random_order])
def test_whoever_acts_first_and_whichever_way_the_day_is_lived(way):
    config = market(*EVERYTHING, more=RULES)
    one, other = Marketplace(config), Marketplace(config)
    for _ in range(14):
        compiled_day(one)
        way(other)
        assert_same(one, other, ignore=OWN_MIND)
    w = one.world
    assert w.market_days["bought"].sum() > 60 and w.market_days["removed"].sum() > 5
    assert w.seller_days["found_out"].sum() > 0 and w.orders["reward"].any()
    assert np.isin(w.sellers["strategy"][: w.count("n_sellers")], [1]).sum() > 1
