"""Rewards for reviews: whom a promise moves, how kindly, when it is paid, what it risks."""

from __future__ import annotations

import numpy as np
import pytest
from lines import UNMOVED, lived, lived_without, own, posts_of, sent_by_day, total

from sim.state import FEEDBACK, REVIEW, REWARD

FREE = ("platform.policy.reward={says: allowed}", "days=60", "past.days=0", "speaking.herding=0.0",
        "judging.disappointment=0.0", "sellers.0.capacity=null", *UNMOVED)  # fmt: skip
PLAIN = ("responding.reward=1.0", "responding.reward_kindness=0.0")
PROMISE = "{when: order_delivered, do: reward, reward: 10}"


def posted(engine, channel: int = REVIEW, orders: int = 1_000_000) -> dict[tuple, int]:
    """Stars of posts about the focal seller's first orders in the market, by what they are about.

    Of several orders of a listing its buyer may review one: that is by author and listing.
    """
    rows = posts_of(engine, channel)
    rows = rows[(rows["order"] >= 0) & (rows["order"] < orders)]
    about = ("author", "listing") if channel == REVIEW else ("key",)
    names = zip(*(rows[name].tolist() for name in about), strict=True)
    return dict(zip(names, rows["first_stars"].tolist(), strict=True))


def common(one, other) -> int:
    """So many of the first orders are the same, before reviews have changed who buys what."""
    n = min(one.world.count("n_orders"), other.world.count("n_orders"))
    assert one.world.count("oldest_order") == other.world.count("oldest_order") == 0
    same = one.world.orders["key"][:n] == other.world.orders["key"][:n]
    same &= one.world.orders["listing"][:n] == other.world.orders["listing"][:n]
    return n if same.all() else int(np.argmin(same))


@pytest.fixture(scope="module")
def silent():
    return lived_without(*FREE)


@pytest.fixture(scope="module")
def rewarded():
    return lived(PROMISE, more=FREE)


def test_money_brings_more_reviews_and_takes_none_away(silent, rewarded):
    n = common(silent, rewarded)
    without, with_money = posted(silent, orders=n), posted(rewarded, orders=n)
    assert len(without) > 20 and set(without) <= set(posted(rewarded))
    assert len(with_money) > 1.3 * len(without)


def test_what_is_said_for_money_is_kinder_and_never_harsher(silent):
    kind = (*FREE, "responding.reward=1.0", "responding.reward_kindness=1.5")
    kinder = lived(PROMISE, more=kind)
    n = common(silent, kinder)
    plain, sweet = posted(silent, orders=n), posted(kinder, orders=n)
    assert set(plain) == set(sweet)
    gains = np.array([sweet[key] - plain[key] for key in plain])
    assert gains.min() == 0 and gains.sum() > 0


def test_who_is_promised_nothing_speaks_as_ever(silent):
    """Where money neither lifts nor pleases, reviews are the same and cost what was promised."""
    engine = lived(PROMISE, more=(*FREE, *PLAIN))
    assert posted(engine) == posted(silent)
    assert total(engine, "spent_outreach") > total(silent, "spent_outreach") == 0


def test_a_reward_is_paid_once_when_the_review_is_posted_and_else_not():
    """Costs beyond the work of the messages are the rewards of those who reviewed after it."""
    engine, arrived = sent_by_day((PROMISE,), more=FREE)
    sent = np.concatenate(arrived)
    promised = set(sent[sent["kind"] == REWARD]["order"].tolist())
    paid = total(engine, "spent_outreach") - 0.10 * len(promised)
    rows = posts_of(engine, REVIEW)
    rows = rows[(rows["posted"] >= 1) & (rows["posted"] <= 60)]
    followed = np.isin(rows["order"], list(promised))
    assert 0 < round(paid / 10.0, 6) <= followed.sum()
    assert paid / 10.0 == pytest.approx(followed.sum(), abs=0.1 * followed.sum())
    w = engine.world
    reviewed = rows["order"][followed]
    kept = reviewed[reviewed >= w.count("oldest_order")]
    assert kept.size > 20 and not w.orders["reward"][kept % w.orders.size].any()


def test_a_promise_needs_consent_and_obeys_the_window_for_requests():
    shut = lived(PROMISE, more=(*FREE, "platform.contact.opted_out_share=1.0"))
    assert total(shut, "spent_outreach") == 0
    engine, arrived = sent_by_day((PROMISE,), more=(*FREE, "platform.contact.request_from_days=6"))
    _, waited = sent_by_day((PROMISE,), more=(*FREE, "platform.contact.request_from_days=0"))
    late = np.concatenate(arrived)
    soon = np.concatenate(waited)
    late, soon = (x[x["kind"] == REWARD] for x in (late, soon))
    assert 0 < len(late) < len(soon)
    days = {int(row["order"]): day for day, rows in enumerate(arrived, 1) for row in rows
            if row["kind"] == REWARD}  # fmt: skip
    orders = engine.world.orders
    assert all(day >= orders["delivered"][order % orders.size] + 6 for order, day in days.items())


def test_a_second_request_is_refused_where_one_an_order_is_allowed():
    once = (*FREE, "platform.contact.one_request_per_order=true")
    ask = "{when: order_delivered, do: ask_review, after_days: 1}"
    _, arrived = sent_by_day((PROMISE, ask), more=once)
    rows = np.concatenate(arrived)
    assert {REWARD} == set(rows["kind"].tolist()) - {0}


@pytest.mark.parametrize("less", ["0.01", "2"])
def test_less_money_brings_fewer_reviews(less, rewarded):
    less = lived(PROMISE.replace("10", less), more=FREE)
    n = common(less, rewarded)
    fewer = posted(less, orders=n)
    assert set(fewer) <= set(posted(rewarded)) and len(fewer) < len(posted(rewarded, orders=n))


def test_budgets_count_what_was_promised():
    _, arrived = sent_by_day((PROMISE.replace("}", ", budget: 31}"),), more=FREE)
    rows = np.concatenate(arrived)
    assert (rows["kind"] == REWARD).sum() == 2 * 3, "3 promises of 10.10 USD in either month"


def test_rewards_are_found_out_message_by_message():
    engine = lived(PROMISE, more=("platform.policy.reward={says: forbidden, found_out: 1.0, "
                                  "penalties: []}", "days=40"))  # fmt: skip
    assert total(engine, "found_out") == total(engine, "forbidden") > 20
    shut = lived(PROMISE, more=("platform.policy.reward={says: forbidden, found_out: 1.0}",
                                "days=40"))  # fmt: skip
    assert "deactivated" in set(own(shut, "state"))


def test_rewards_are_for_reviews_and_leave_feedback_alone(silent, rewarded):
    n = common(silent, rewarded)
    feedback = posted(silent, FEEDBACK, n)
    assert len(feedback) > 20 and posted(rewarded, FEEDBACK, n) == feedback
