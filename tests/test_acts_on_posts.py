"""Acts on posts and on late orders: replies, requests to change and remove, words, goods."""

from __future__ import annotations

import numpy as np
import pytest
from lines import (
    FEEDBACK,
    REVIEWS,
    UNMOVED,
    kinds,
    lived,
    lived_without,
    own,
    posts_of,
    same_tables,
    sent_by_day,
    total,
)

from sim import state
from sim.engine import Engine
from sim.rules.satisfaction import lateness_loss
from sim.state import CHANGED, DELETED, FORGIVEN, STANDING, STRUCK_THROUGH

REPLY = "{when: review_posted, do: reply_public}"
REPLY_TO = "{{when: review_posted, {}, do: reply_public}}"
UNBOUGHT = ("platform.reviews.leave_rate_unbought=0.02",)


# --- public replies ------------------------------------------------------------------------------


def replied(engine: Engine) -> np.ndarray:
    """Which of the reviews posted by yesterday, or on the day before it, have a reply."""
    posts = posts_of(engine, state.REVIEW)
    return posts[posts["posted"] < engine.last_day]["replied"] == 1


def test_every_reviewer_is_replied_to_whoever_they_are():
    """Through no channel: unmatched, unverified, opted out."""
    shut = ("platform.contact.match_review=0.0", "platform.contact.opted_out_share=1.0", *UNBOUGHT)
    engine = lived(REPLY, more=shut)
    reviews = posts_of(engine, state.REVIEW)
    assert (reviews["verified"] == 0).sum() > 10 < (reviews["verified"] == 1).sum()
    assert replied(engine).all()
    assert not posts_of(engine, state.FEEDBACK)["replied"].any()
    rivals = engine.world.posts[: engine.world.count("n_posts")]
    assert not rivals["replied"][rivals["seller"] != 0].any()


@pytest.mark.parametrize("verified", [True, False])
def test_replies_may_go_to_verified_or_unverified_reviews_alone(verified):
    engine = lived(REPLY_TO.format(f"verified: {verified}"), more=UNBOUGHT)
    reviews = posts_of(engine, state.REVIEW)
    reviews = reviews[reviews["posted"] < engine.last_day]
    assert len(set(reviews["verified"].tolist())) == 2
    assert (replied(engine) == (reviews["verified"] == verified)).all()


def test_feedback_is_replied_to_as_well():
    engine = lived("{when: feedback_posted, stars: [1, 2], do: reply_public}")
    posts = posts_of(engine, state.FEEDBACK)
    posts = posts[posts["posted"] < engine.last_day]
    assert ((posts["replied"] == 1) == (posts["first_stars"] <= 2)).all()


def test_a_second_reply_is_refused_and_costs_nothing():
    one, two = lived(REPLY), lived(REPLY, REPLY, "{when: review_posted, do: reply_public, "
                                   "after_days: 3}")  # fmt: skip
    assert total(one, "contacts") > 50
    assert same_tables(one, two)


def test_a_reply_costs_its_words_and_reaches_nobody_in_person():
    quiet = "complaining.complain=[0.0, 0.0, 0.0, 0.0, 0.0]"
    one = lived("{when: review_posted, do: reply_public, tone: 0.8}", more=(quiet,))
    posts = posts_of(one, state.REVIEW)
    extra = int((posts["replied"][posts["posted"] >= 0] == 1).sum())
    assert total(one, "contacts") == extra > 50
    assert total(one, "spent_outreach") == pytest.approx(2.40 * extra)
    assert (one.world.orders["asked"] < state.ONE_MESSAGE).all()


SHARP = ("choice.segments=[{stars: 0.0, count: 0.0, store: 0.0, low_stars: -8.0}]",
         "sellers.0.quality=0.2", "sellers.0.listings.0.quality=0.2")  # fmt: skip


def test_a_reply_takes_weight_off_low_reviews():
    orders = {}
    for share in (0.0, 0.5, 1.0):
        more = (*SHARP, f"responding.reply_softens={share}")
        orders[share] = total(lived(REPLY, more=more), "orders")
    silent = lived_without(*SHARP)
    assert orders[0.0] == total(silent, "orders")
    assert orders[1.0] > 1.05 * orders[0.5] > 1.05 * orders[0.0]


def test_replies_to_good_reviews_change_nothing_but_the_bill():
    happy, silent = lived(REPLY_TO.format("stars: [3, 4, 5]"), more=SHARP), lived_without(*SHARP)
    assert total(happy, "spent_outreach") > 0
    for column in ("orders", "revenue"):
        assert own(happy, column).tolist() == own(silent, column).tolist()


# --- asking to change ----------------------------------------------------------------------------

BAD = ("sellers.0.damaged=0.4", "platform.feedback.leave_rate=1.0", "responding.opt_out=0.0",
       "platform.reviews.leave_rate=1.0", "platform.feedback.strike_probability=0.0",
       "complaining.complain=[0.0, 0.0, 0.0, 0.0, 0.0]")  # fmt: skip
MOVED = (*BAD, "reconsidering.half_life_days=1000", "reconsidering.clumsy_share=0.0")


def bad_posts(engine: Engine, channel: int = state.FEEDBACK) -> np.ndarray:
    """Posts of at most three stars whose authors have had time to think again."""
    posts = posts_of(engine, channel)
    early = (posts["posted"] > 0) & (posts["posted"] < engine.last_day - 3)
    return posts[(posts["first_stars"] <= 3) & early]


@pytest.mark.parametrize(("event", "channel"), [("feedback_posted", 0), ("review_posted", 1)])
@pytest.mark.parametrize("chance", [0.0, 0.3, 1.0])
def test_as_many_authors_change_as_the_parameter_says(event, channel, chance):
    more = (*MOVED, f"reconsidering.ask_change={chance}", "reconsidering.apology=0.0",
            "reconsidering.delete_share=0.0")  # fmt: skip
    engine = lived(f"{{when: {event}, stars: [1, 2, 3], do: ask_change}}", more=more)
    posts = bad_posts(engine, channel)
    posts = posts[posts["verified"] == 1]
    assert posts.size > 20
    changed = posts["status"] == CHANGED
    if chance in (0.0, 1.0):
        assert (changed == bool(chance)).all()
    else:
        assert 0.05 < changed.mean() < 0.55
    assert (posts["stars"][changed] > posts["first_stars"][changed]).all()


def test_an_apology_mends_what_a_request_to_change_does_not():
    stars = {}
    for do in ("apologise", "ask_change"):
        more = (*MOVED, "reconsidering.ask_change=1.0", "reconsidering.apology=1.0",
                "reconsidering.delete_share=0.0", "sellers.0.care.tone=1.0")  # fmt: skip
        engine = lived(f"{{when: feedback_posted, stars: [1], do: {do}}}", more=more)
        posts = bad_posts(engine)
        stars[do] = posts["stars"][posts["first_stars"] == 1].mean()
    assert stars["apologise"] > stars["ask_change"] + 0.5 and stars["ask_change"] >= 2.0


def test_what_platforms_allow_bounds_what_authors_do():
    more = (*MOVED, "reconsidering.ask_change=1.0", "reconsidering.apology=0.0")
    line = "{when: feedback_posted, stars: [1, 2, 3], do: ask_change}"
    removed = lived(line, more=(*more, "platform.feedback.can_change=false"))
    assert (bad_posts(removed)["status"] == DELETED).all()
    fixed = lived(line, more=(*more, "platform.feedback.can_change=false",
                              "platform.feedback.can_delete=false"))  # fmt: skip
    assert (bad_posts(fixed)["status"] == STANDING).all()


# --- tone ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("tone", "low", "high"), [(1.0, 0.0, 0.0), (0.5, 0.3, 0.7), (0.0, 1, 1)])
@pytest.mark.parametrize("do", ["apologise", "ask_change", "refund, remedy: {refund: 0.0}"])
def test_the_kinder_the_message_the_fewer_it_makes_worse(do, tone, low, high):
    more = (*BAD, *UNMOVED, "reconsidering.clumsy_share=0.5")
    engine = lived(f"{{when: feedback_posted, stars: [2, 3], do: {do}, tone: {tone}}}", more=more)
    posts = bad_posts(engine)
    posts = posts[posts["first_stars"] > 1]
    worse = posts["stars"] < posts["first_stars"]
    assert posts.size > 20 and low <= worse.mean() <= high


# --- asking the platform to remove ---------------------------------------------------------------

PRODUCT = ("platform.feedback.product_only_share=1.0", "platform.feedback.strike_probability=0.0",
           "judging.blames_store=1.0", "sellers.0.quality=0.2", "sellers.0.listings.1.quality=0.2",
           "sellers.0.damaged=0.1", *BAD[1:])  # fmt: skip
REMOVE = "{{when: feedback_posted, stars: [1, 2], do: request_removal, after_days: {}}}"
GRANTED = "platform.feedback.removal_granted={}"


def struck(engine: Engine) -> tuple[np.ndarray, np.ndarray]:
    """Of negative feedback: is it struck through, and is it wholly about the product?"""
    posts = posts_of(engine, state.FEEDBACK)
    posts = posts[(posts["first_stars"] <= 2) & (posts["posted"] > 0)]
    posts = posts[posts["posted"] < engine.last_day - 6]
    assert 10 < posts["product_only"].sum() < posts.size - 5
    return posts["status"] == STRUCK_THROUGH, posts["product_only"] == 1


def test_what_is_wholly_about_the_product_is_removed_on_request_and_nothing_else():
    gone, product = struck(lived(REMOVE.format(0), more=(*PRODUCT, GRANTED.format(1.0))))
    assert (gone == product).all()
    gone, _ = struck(lived(REMOVE.format(0), more=(*PRODUCT, GRANTED.format(0.0))))
    assert not gone.any()
    gone, product = struck(lived(REMOVE.format(0), more=(*PRODUCT, GRANTED.format(0.5))))
    assert 0.25 < gone[product].mean() < 0.75 and not gone[~product].any()


@pytest.mark.parametrize(
    ("window", "after", "granted"), [(0, 0, 0), (1, 0, 1), (4, 3, 1), (3, 3, 0)]
)
def test_a_request_to_remove_comes_in_time_or_in_vain(window, after, granted):
    """Posted in the evening, read and asked on the next day at the earliest."""
    more = (*PRODUCT, GRANTED.format(1.0), f"platform.feedback.removal_window_days={window}")
    gone, product = struck(lived(REMOVE.format(after), more=more))
    assert gone[product].all() == bool(granted) == gone.any()


def test_removed_feedback_counts_no_more_and_the_request_is_a_form_letter():
    granted = lived(REMOVE.format(0), more=(*PRODUCT, GRANTED.format(1.0)))
    refused = lived(REMOVE.format(0), more=(*PRODUCT, GRANTED.format(0.0)))
    assert total(granted, "defects") < total(refused, "defects")
    assert granted.world.sellers["score"][0] > refused.world.sellers["score"][0]
    negative = posts_of(refused, state.FEEDBACK)
    n = ((negative["first_stars"] <= 2) & (negative["posted"] < refused.last_day)
         & (negative["posted"] >= 0)).sum()  # fmt: skip
    assert total(refused, "spent_outreach") == pytest.approx(0.10 * n)
    assert total(refused, "contacts") == 0, "it goes to the platform, and nobody complains here"


# --- before anybody complains: promise_passed ----------------------------------------------------

LATE = ("sellers.0.on_time=0.5", "judging.patience_days=60.0", "judging.patience_sd=0.0",
        "sellers.0.capacity=null", "sellers.0.damaged=0.0", "sellers.0.wrong_item=0.0",
        "complaining.complain=[0.0, 0.0, 0.0, 0.0, 0.0]", "responding.opt_out=0.0")  # fmt: skip
SORRY = "{{when: promise_passed, do: apologise, tone: {}}}"


def test_a_promise_has_passed_on_its_evening_where_nothing_has_come():
    engine, arrived = sent_by_day((SORRY.format(1.0),), more=LATE)
    w, told = engine.world, 0
    for day, rows in enumerate(arrived, start=1):
        kept = rows[rows["order"] >= w.count("oldest_order")]
        orders = w.orders[kept["order"] % w.orders.size]
        assert (orders["promised"] == day - 1).all() and (orders["delivered"] >= day).all()
        told += kept.size
    orders = w.orders[np.arange(w.count("oldest_order"), w.count("n_orders")) % w.orders.size]
    late = (orders["seller"] == 0) & (orders["promised"] < engine.last_day)
    late &= (orders["promised"] >= 0) & (orders["delivered"] > orders["promised"])
    assert told == (late & (orders["trouble"] != state.CANCELLED_ORDER)).sum() > 50


def by_key(engine: Engine) -> dict[int, np.void]:
    w = engine.world
    orders = w.orders[np.arange(w.count("oldest_order"), w.count("n_orders")) % w.orders.size]
    return {int(o["key"]): o for o in orders[orders["seller"] == 0]}


def test_an_apology_before_judging_forgives_lateness_as_a_settled_complaint_would():
    sure = (*LATE, "complaining.tone_settles=1.0", "complaining.recovery=1.0")
    told, silent = lived(SORRY.format(1.0), more=sure), lived_without(*sure)
    ours, theirs, forgiven = by_key(told), by_key(silent), 0
    for key in ours.keys() & theirs.keys():
        a, b = ours[key], theirs[key]
        judged = a["marks"] & state.JUDGED != 0
        gone = a["trouble"] == state.CANCELLED_ORDER
        if a["asked"] & FORGIVEN and judged:
            lost = lateness_loss(float(a["delivered"] - a["promised"]), told.world.lateness)
            gained = float(a["service"]) - float(b["service"])
            assert gained == pytest.approx(min(lost, 1.0), abs=1e-5)
            forgiven += 1
        elif judged:
            assert a["service"] == b["service"]
            assert a["delivered"] <= a["promised"] + 2 or a["promised"] < 0 or gone, "heard in time"
    assert forgiven > 50
    assert own(told, "felt_service")[20:].mean() > own(silent, "felt_service")[20:].mean()


def test_words_without_kindness_forgive_nothing_and_money_helps():
    cold = lived(SORRY.format(0.0), more=LATE)
    assert not (cold.world.orders["asked"] & FORGIVEN).any()
    paid = lived("{when: promise_passed, do: refund, remedy: {refund: 0.5}}", more=LATE)
    assert (paid.world.orders["asked"] & FORGIVEN).any()
    orders = paid.world.orders
    back = orders["refunded"][(orders["seller"] == 0) & (orders["asked"] & FORGIVEN != 0)]
    assert (back > 0).all()
    lost = total(cold, "profit") - total(paid, "profit")
    assert total(paid, "spent_outreach") > 100 and lost > 50


# --- goods for a complaint -----------------------------------------------------------------------


def test_a_new_item_settles_a_complaint_as_the_whole_price_would():
    sure = ("complaining.refund_settles=1.0", "reconsidering.half_life_days=1000",
            "complaining.claim=[1.0, 1.0, 1.0, 1.0, 1.0]")  # fmt: skip
    replaced = lived("{when: complaint, do: replace}", more=sure)
    refused = lived("{when: complaint, do: apologise, tone: 0.0}", more=sure)
    assert total(replaced, "claims") == 0 < 20 < total(refused, "claims")
    engine, arrived = sent_by_day(("{when: complaint, do: replace, tone: 0.0}",), more=sure)
    sent = kinds(arrived, state.REPLACE)
    assert sent.size > 20 and total(engine, "spent_outreach") > 5.0 * sent.size


# --- filters split what they filter --------------------------------------------------------------

THANK = "{{when: {}, {}do: thank}}"
SPLITS = [
    ("feedback_posted", ("stars: [1, 2]", "stars: [3]", "stars: [4, 5]")),
    ("review_posted", ("stars: [5]", "stars: [1, 2, 3, 4]")),
    ("feedback_posted", ("reviewed: true", "reviewed: false")),
    ("order_delivered", ("reviewed: true", "reviewed: false")),
    ("feedback_posted", ("days_since: [0, 6]", "days_since: [7, 12]", "days_since: [13, 20000]")),
    ("order_shipped", ("days_since: [0, 1]", "days_since: [2, 99999999999]")),
    ("review_posted", ("contacted: true", "contacted: false")),
]


@pytest.mark.parametrize(("event", "parts"), SPLITS)
def test_a_filter_and_its_opposite_are_the_whole(event, parts):
    """Thanks that move nobody: each order is thanked by one of the lines, or by the one for all."""
    more = ("responding.opt_out=0.0", "days=60")
    whole = lived(THANK.format(event, ""), more=more)
    alone = [lived(THANK.format(event, part + ", "), more=more) for part in parts]
    together = lived(*(THANK.format(event, part + ", ") for part in parts), more=more)
    silent = total(lived_without(*more), "contacts")
    sums = [total(e, "contacts") - silent for e in (whole, together, *alone)]
    assert sums[0] == sums[1] == sum(sums[2:]) > 20
    assert event == "order_delivered" or all(n > 0 for n in sums[2:] if event != "review_posted")
    for columns, table in ((FEEDBACK, "sellers"), (REVIEWS, "listings")):
        assert total(whole, *columns, table=table) == total(together, *columns, table=table)
