"""Rewards for reviews: whom a promise moves, how kindly, when it is paid, what it risks."""

from __future__ import annotations

import numpy as np
import pytest
from lines import UNMOVED, lived, lived_without, own, posts_of, sent_by_day, total

from sim.state import FEEDBACK, REVIEW, REWARD

FREE = ("platform.policy.reward={says: allowed}", "days=60", *UNMOVED)
PLAIN = ("responding.reward=1.0", "responding.reward_kindness=0.0")
PROMISE = "{when: order_delivered, do: reward, reward: 10}"


def reviews_by_order(engine) -> dict[int, int]:
    """Stars of reviews of the focal seller's listings by the birth key of the post."""
    rows = posts_of(engine, REVIEW)
    rows = rows[rows["order"] >= 0]
    return dict(zip(rows["key"].tolist(), rows["first_stars"].tolist(), strict=True))


@pytest.fixture(scope="module")
def silent():
    return lived_without(*FREE)


@pytest.fixture(scope="module")
def rewarded():
    return lived(PROMISE, more=FREE)


def test_money_brings_more_reviews_and_takes_none_away(silent, rewarded):
    """Demand follows reviews in the end, so only those of the first weeks are the same orders."""
    first = lived(PROMISE, more=(*FREE, "days=12")), lived_without(*FREE, "days=12")
    with_money, without = map(reviews_by_order, first)
    assert set(without) <= set(with_money)
    assert len(reviews_by_order(rewarded)) > 1.3 * len(reviews_by_order(silent))


def test_what_is_said_for_money_is_kinder_and_never_harsher():
    kind = (*FREE, "days=12", "responding.reward=1.0")
    plain = reviews_by_order(lived(PROMISE, more=(*kind, "responding.reward_kindness=0.0")))
    kinder = reviews_by_order(lived(PROMISE, more=(*kind, "responding.reward_kindness=1.5")))
    assert set(plain) == set(kinder)
    gains = np.array([kinder[key] - plain[key] for key in plain])
    assert gains.min() >= 0 and gains.sum() > 0


def test_who_is_promised_nothing_speaks_as_ever(silent):
    """Where money neither lifts nor pleases, reviews are the same and cost what was promised."""
    engine = lived(PROMISE, more=(*FREE, *PLAIN))
    assert reviews_by_order(engine) == reviews_by_order(silent)
    assert total(engine, "spent_outreach") > total(silent, "spent_outreach") == 0


def test_a_reward_is_paid_once_when_the_review_is_posted_and_else_not():
    """Costs beyond the work of the messages are the rewards of those who reviewed after it."""
    engine, arrived = sent_by_day((PROMISE,), more=FREE)
    sent = np.concatenate(arrived)
    promised = set(sent[sent["kind"] == REWARD]["order"].tolist())
    work = 0.10 * total(engine, "contacts")
    answers = 0.10 * (total(engine, "contacts") - len(promised))
    paid = total(engine, "spent_outreach") - (work - answers)
    rows = posts_of(engine, REVIEW)
    rows = rows[(rows["posted"] >= 1) & (rows["posted"] <= 60)]
    followed = np.isin(rows["order"], list(promised))
    assert 0 < paid / 10.0 <= followed.sum()
    assert paid / 10.0 == pytest.approx(followed.sum(), abs=0.1 * followed.sum())
    w = engine.world
    reviewed = rows["order"][followed]
    kept = reviewed[reviewed >= w.count("oldest_order")]
    assert kept.size > 20 and not w.orders["reward"][kept % w.orders.size].any()


def test_a_promise_needs_consent_and_obeys_the_window_for_requests():
    shut = lived(PROMISE, more=(*FREE, "platform.contact.opted_out_share=1.0"))
    assert total(shut, "spent_outreach") == 0
    _, arrived = sent_by_day((PROMISE,), more=(*FREE, "platform.contact.request_from_days=6"))
    engine, waited = sent_by_day((PROMISE,), more=(*FREE, "platform.contact.request_from_days=0"))
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
    assert len(reviews_by_order(less)) < len(reviews_by_order(rewarded))


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
    first = [lived(PROMISE, more=(*FREE, "days=12")), lived_without(*FREE, "days=12")]
    a, b = (posts_of(engine, FEEDBACK) for engine in first)
    assert a["key"].tolist() == b["key"].tolist() and a["stars"].tolist() == b["stars"].tolist()
