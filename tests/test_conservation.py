"""What must add up after any run: orders, posts, stars, defects and money, counted a second time.

Short enough that every order is still kept, so that all of it is recounted from rows.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from markets import lived, small_market

from sim.build import build
from sim.model import Marketplace
from sim.state import (
    ARRIVED,
    BY_CHARGEBACK,
    BY_CLAIM,
    BY_FEEDBACK,
    CANCELLED_ORDER,
    CHANGED,
    CLAIM_OPEN,
    FED_BACK,
    FEEDBACK,
    NEVER,
    NOBODY,
    QUEUED,
    RETURNED,
    REVIEW,
    STANDING,
)


class Run(NamedTuple):
    """A market after its last day, with its kept rows and what stood there at first."""

    model: Marketplace
    orders: np.ndarray
    posts: np.ndarray
    rows: dict[str, np.ndarray]
    n_sellers: int
    n_listings: int


def run(*overrides: str) -> Run:
    model = Marketplace(small_market(*overrides)).run()
    w, at_first = model.world, build(model.config, 0)
    assert w.count("oldest_order") == 0
    return Run(
        model,
        w.orders[: w.count("n_orders")],
        w.posts[: w.count("n_posts")],
        {name: getattr(at_first, name) for name in ("stock", "books", "sellers")},
        w.count("n_sellers"),
        w.count("n_listings"),
    )


def grown(array, shape):
    """``array`` with zeros for those who entered later."""
    out = np.zeros(shape, array.dtype)
    out[tuple(slice(n) for n in array.shape)] = array
    return out


def per(numbers, size, weights=None):
    """How many (or how much) of each number there is."""
    return np.bincount(numbers, weights, minlength=size)[:size]


def standing(posts):
    """Posts whose stars count."""
    return (posts["status"] == STANDING) | (posts["status"] == CHANGED)


# --- laws, each of a run -------------------------------------------------------------------------


def orders_are_counted_once_everywhere(r: Run):
    w = r.model.world
    sellers, listings = per(r.orders["seller"], r.n_sellers), per(r.orders["listing"], r.n_listings)
    np.testing.assert_array_equal(w.seller_days["orders"].sum(axis=0)[: r.n_sellers], sellers)
    np.testing.assert_array_equal(w.listing_days["orders"].sum(axis=0)[: r.n_listings], listings)
    np.testing.assert_array_equal(w.books["orders"].sum(axis=0)[: r.n_sellers], sellers)
    assert w.market_days["orders"].sum() == r.orders.size
    recorded = r.orders["placed"][r.orders["placed"] > 0]
    daily = r.model.tables()["market"]["orders"]
    np.testing.assert_array_equal(per(recorded, daily.size + 1)[1:], daily)
    np.testing.assert_array_equal(per(r.orders["buyer"], w.users.size), w.users["purchases"])
    np.testing.assert_array_equal(r.orders["seller"], w.listings["seller"][r.orders["listing"]])


def a_trip_buys_at_most_once(r: Run):
    assert np.unique(r.orders["key"]).size == r.orders.size
    market = r.model.tables()["market"]
    assert np.all(market["orders"] <= market["trips"])
    assert np.all(r.orders["buyer"] < r.model.config.buyers.count)


def every_order_waits_or_was_sent_or_cancelled(r: Run):
    w, o = r.model.world, r.orders
    queued, sent = (o["marks"] & QUEUED) != 0, o["dispatched"] != NEVER
    cancelled = o["trouble"] == CANCELLED_ORDER
    assert np.all(queued.astype(int) + sent + cancelled == 1)
    of = o["seller"]
    np.testing.assert_array_equal(w.sellers["queue"][: r.n_sellers], per(of[queued], r.n_sellers))
    np.testing.assert_array_equal(
        w.seller_days["cancelled"].sum(axis=0)[: r.n_sellers], per(of[cancelled], r.n_sellers)
    )
    in_table = sent & (o["dispatched"] < w.seller_days.shape[0])
    np.testing.assert_array_equal(
        w.seller_days["dispatched"].sum(axis=0)[: r.n_sellers], per(of[in_table], r.n_sellers)
    )
    assert np.all(o["dispatched"][sent] >= o["placed"][sent])
    assert np.all(o["delivered"][sent] > o["dispatched"][sent])
    assert np.all(o["delivered"][~sent] == NEVER)


def what_is_delivered_has_arrived_on_its_day(r: Run):
    w, o = r.model.world, r.orders
    arrived = (o["marks"] & ARRIVED) != 0
    np.testing.assert_array_equal(arrived, o["delivered"] < r.model.day)
    late = arrived & (o["delivered"] > o["promised"])
    for name, which in (("delivered", arrived), ("late", late)):
        counted = w.seller_days[name].sum(axis=0)[: r.n_sellers]
        np.testing.assert_array_equal(counted, per(o["seller"][which], r.n_sellers))
    assert np.all(np.isnan(o["product"]) == ~arrived)


def capacity_is_kept(r: Run):
    w, o = r.model.world, r.orders
    unlimited = w.sellers["capacity"][o["seller"]] < 0
    assert not np.any((o["marks"][unlimited] & QUEUED) != 0)


def feedback_is_of_own_orders_in_time_and_once(r: Run):
    o, rules = r.orders, r.model.config.platform.feedback
    left = r.posts[r.posts["channel"] == FEEDBACK]
    of = o[left["order"]]
    assert np.unique(left["order"]).size == left.size
    np.testing.assert_array_equal(left["author"], of["buyer"])
    np.testing.assert_array_equal(left["seller"], of["seller"])
    days = left["posted"] - of["placed"]
    assert np.all((days >= rules.opens_after_days) & (days <= rules.window_days))
    ids = np.flatnonzero(r.posts["channel"] == FEEDBACK)
    np.testing.assert_array_equal(o["feedback"][left["order"]], ids)
    assert (o["feedback"] != NOBODY).sum() == left.size
    assert np.all((o["marks"][o["feedback"] != NOBODY] & FED_BACK) != 0)


def reviews_are_one_a_pair_by_the_eligible(r: Run):
    users = r.model.world.users
    left = r.posts[r.posts["channel"] == REVIEW]
    pairs = np.stack([left["author"], left["listing"]])
    assert np.unique(pairs, axis=1).shape[1] == left.size
    authors = users[left["author"]]
    least = r.model.config.platform.reviews.min_purchases
    assert np.all(authors["purchases"] + authors["bought_before"] >= least)
    verified = left[left["verified"] == 1]
    of = r.orders[verified["order"]]
    np.testing.assert_array_equal(of["listing"], verified["listing"])
    np.testing.assert_array_equal(of["buyer"], verified["author"])
    assert np.all(left["order"][left["verified"] == 0] == NOBODY)


def posts_are_recorded_on_their_day(r: Run):
    w, posts = r.model.world, r.posts
    day = np.maximum(posts["posted"], 0)
    for channel, table, who, name in (
        (FEEDBACK, w.seller_days, "seller", "feedback"),
        (REVIEW, w.listing_days, "listing", "reviews"),
    ):
        for stars in range(1, 6):
            which = (posts["channel"] == channel) & (posts["first_stars"] == stars)
            counted = np.zeros(table.shape, int)
            np.add.at(counted, (day[which], posts[who][which]), 1)
            np.testing.assert_array_equal(table[f"{name}_{stars}"], counted)
        mine = posts[posts["channel"] == channel]
        assert w.market_days[name].sum() == mine.size
        assert w.market_days[f"said_{name}"].sum() == mine["first_stars"].sum()


def reviews_stand_as_posted_and_as_of_the_past(r: Run):
    w = r.model.world
    left = r.posts[(r.posts["channel"] == REVIEW) & standing(r.posts)]
    stock = grown(r.rows["stock"], w.stock.shape)
    np.add.at(stock, (left["listing"], left["stars"].astype(int) - 1), 1)
    np.testing.assert_array_equal(w.stock, stock)
    np.testing.assert_array_equal(w.listings["n_reviews"], stock.sum(axis=1))
    shown = w.listings["stars"][: r.n_listings]
    has = stock.sum(axis=1)[: r.n_listings] > 0
    assert np.all(shown[~has] == 0.0) and np.all((shown[has] >= 1.0) & (shown[has] <= 5.0))


def store_scores_count_standing_feedback_of_their_window(r: Run):
    w, rules = r.model.world, r.model.config.platform.feedback
    left = r.posts[(r.posts["channel"] == FEEDBACK) & standing(r.posts)]
    first, today = int(w.p["first_date"][0]), r.model.day - 1
    for name, counts in (
        ("rated", np.ones(left.size, bool)),
        ("positive", left["stars"] >= rules.positive_from),
    ):
        book = grown(r.rows["books"][name], w.books.shape)
        np.add.at(book, (left["posted"][counts] - first, left["seller"][counts]), 1)
        np.testing.assert_array_equal(w.books[name], book)
        window = book[max(0, today - rules.score_window_days + 1 - first) : today - first + 1]
        np.testing.assert_array_equal(w.sellers[name], window.sum(axis=0))
        np.testing.assert_array_equal(w.sellers[f"{name}_ever"], book.sum(axis=0))


def defects_are_orders_that_carry_a_reason(r: Run):
    w, o, rules = r.model.world, r.orders, r.model.config.platform.feedback
    negative = np.zeros(o.size, bool)
    left = r.posts[(r.posts["channel"] == FEEDBACK) & standing(r.posts)]
    negative[left["order"][left["stars"] <= rules.negative_up_to]] = True
    np.testing.assert_array_equal((o["defect"] & BY_FEEDBACK) != 0, negative)
    granted = (o["defect"] & (BY_CLAIM | BY_CHARGEBACK)) != 0
    defective = negative | granted
    first = int(w.p["first_date"][0])
    book = np.zeros(w.books.shape, int)
    np.add.at(book, (o["placed"][defective] - first, o["seller"][defective]), 1)
    np.testing.assert_array_equal(w.books["defects"], book)
    assert np.all(w.books["defects"] <= w.books["orders"])
    assert np.all(o["refunded"][granted] == o["price"][granted])
    claims = (o["defect"] & BY_CLAIM) != 0
    filed = w.market_days["claims"].sum()
    assert claims.sum() + (o["care"] == CLAIM_OPEN).sum() <= filed


def money_is_whole_cents_that_add_up(r: Run):
    w, o, costs = r.model.world, r.orders, r.model.config.costs
    of, n = o["seller"], r.n_sellers
    revenue = w.seller_days["revenue"].sum(axis=0)[:n]
    np.testing.assert_array_equal(revenue, per(of, n, o["price"]))
    made = o["trouble"] != CANCELLED_ORDER
    fee = np.rint(r.model.config.platform.fees.referral * o["price"])
    goods = w.listings["unit_cost"][o["listing"]] + w.sellers["service_cost"][of] + fee
    contacts = w.seller_days["contacts"].sum(axis=0)[:n]
    returned = (o["marks"] & RETURNED) != 0
    expected = (
        per(of, n, goods * made)
        + per(of, n, o["refunded"])
        + per(of, n, returned * int(100 * costs.return_shipping))
        + contacts * np.rint(100 * costs.answering * w.sellers["tone"][:n]).astype(int)
    )
    np.testing.assert_array_equal(w.seller_days["costs"].sum(axis=0)[:n], expected)
    profit = r.model.tables()["sellers"]["profit"] * 100.0
    np.testing.assert_allclose(profit, np.rint(profit), atol=1e-6)
    assert np.all((o["refunded"] >= 0) & (o["refunded"] <= o["price"]))


def the_market_is_the_sum_of_its_sellers(r: Run):
    w = r.model.world
    for name in ("orders", "complaints", "claims", "returns"):
        days = w.seller_days[name].sum(axis=1)
        np.testing.assert_array_equal(days, w.market_days[name])


def what_is_examined_was_shown(r: Run):
    days = r.model.world.listing_days[1:]
    assert np.all(days["examined"] <= days["impressions"])
    assert np.all(days["orders"] <= days["examined"])


def windows_hold_the_last_posts_and_revisions(r: Run):
    rules, posts = r.model.config.platform, r.posts
    revised = posts["changed"] != NEVER
    days = posts["changed"] - posts["posted"].astype(int)
    feedback = posts["channel"] == FEEDBACK
    assert np.all(days[revised & feedback] <= rules.feedback.change_window_days)
    assert np.all(days[revised & ~feedback] <= rules.reviews.change_window_days)
    market = r.model.world.market_days
    assert market["changes"].sum() + market["deletions"].sum() >= revised.sum()


def nothing_is_negative(r: Run):
    for table, columns in r.model.tables().items():
        for name, values in columns.items():
            if values.dtype.kind in "if" and name not in ("profit", "score"):
                assert not np.any(values < 0), f"{table}.{name}"
    w = r.model.world
    for name in ("orders", "defects", "positive", "rated"):
        assert np.all(w.books[name] >= 0)
    assert np.all(w.stock >= 0) and np.all(w.listings["weight"] >= -1e-9)


LAWS = (
    orders_are_counted_once_everywhere,
    a_trip_buys_at_most_once,
    every_order_waits_or_was_sent_or_cancelled,
    what_is_delivered_has_arrived_on_its_day,
    capacity_is_kept,
    feedback_is_of_own_orders_in_time_and_once,
    reviews_are_one_a_pair_by_the_eligible,
    posts_are_recorded_on_their_day,
    reviews_stand_as_posted_and_as_of_the_past,
    store_scores_count_standing_feedback_of_their_window,
    defects_are_orders_that_carry_a_reason,
    money_is_whole_cents_that_add_up,
    the_market_is_the_sum_of_its_sellers,
    what_is_examined_was_shown,
    windows_hold_the_last_posts_and_revisions,
    nothing_is_negative,
)

EVENTFUL = (
    "speaking.everyone_posts=true",
    "platform.reviews.leave_rate_unbought=0.02",
    "sellers.0.damaged=0.4",
    "sellers.0.strategy=recover",
    "rivals.strategy=recover",
    "rivals.exit_per_year=0.9",
    "platform.odr.window_days=20",
    "platform.odr.lag_days=0",
    "platform.account.at_risk_days=3",
    "platform.account.plan_days=4",
)
"""Everything happens: posts, revisions, deactivations, exits, entrants."""


@pytest.fixture(scope="module")
def eventful():
    return run(*EVENTFUL)


def test_the_eventful_market_is(eventful):
    market = eventful.model.tables()["market"]
    for name in ("feedback", "reviews", "changes", "deletions", "struck", "claims", "returns",
                 "reviews_by_non_buying_users", "reviews_by_buyers_of_other_things"):  # fmt: skip
        assert market[name].sum() > 0, name
    states = set(eventful.model.tables()["sellers"]["state"])
    assert {"healthy", "at risk", "deactivated", "left"} <= states
    assert eventful.n_sellers > 5
    assert np.any(eventful.orders["trouble"] == CANCELLED_ORDER)


@pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
def test_in_the_eventful_market(law, eventful):
    law(eventful)


def overrides(draw_from):
    """One override per path, its value drawn."""
    return st.fixed_dictionaries(draw_from).map(
        lambda chosen: tuple(f"{path}={value}" for path, value in chosen.items())
    )


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(
    overrides(
        {
            "seed": st.integers(0, 10**6),
            "days": st.integers(1, 60),
            "past.days": st.sampled_from([0, 1, 25]),
            "buyers.count": st.integers(1, 250),
            "buyers.trips_per_year": st.sampled_from([0.0, 20.0, 150.0]),
            "non_buying_users.count": st.sampled_from([0, 60]),
            "speaking.everyone_posts": st.sampled_from(["true", "false"]),
            "sellers.0.capacity": st.sampled_from(["null", "1", "5"]),
            "sellers.0.strategy": st.sampled_from(["none", "recover"]),
            "sellers.0.on_time": st.sampled_from([0.3, 0.9, 0.99]),
            "sellers.0.cancelled": st.sampled_from([0.0, 0.5]),
            "rivals.load": st.sampled_from(["null", "0.5", "4.0"]),
            "rivals.count": st.sampled_from([0, 3]),
            "rivals.exit_per_year": st.sampled_from([0.0, 0.95]),
            "platform.odr.min_orders": st.sampled_from([0, 30]),
            "platform.odr.lag_days": st.sampled_from([0, 10]),
            "platform.account.at_risk_days": st.sampled_from([1, 10]),
            "platform.account.plan_accepted": st.sampled_from([0.0, 1.0]),
            "platform.feedback.window_days": st.sampled_from([4, 30]),
            "platform.feedback.opens_after_days": st.sampled_from([0, 3]),
            "platform.feedback.change_window_days": st.sampled_from([0, 3, 60]),
            "platform.feedback.score_window_days": st.sampled_from([3, 365]),
            "platform.reviews.open_to_non_buyers": st.sampled_from(["true", "false"]),
        }
    )
)
@example(())
@example(EVENTFUL)
def test_every_law_holds_in_any_market(chosen):
    r = run(*chosen)
    for law in LAWS:
        law(r)


def test_with_ample_capacity_nothing_waits_overnight():
    tables = lived("sellers.0.capacity=10000", "rivals.load=0.01").tables()["sellers"]
    assert tables["orders"].sum() > 500 and tables["queue"].sum() == 0


def test_with_too_little_capacity_orders_wait_and_as_many_are_handled_as_can_be():
    model = lived("sellers.0.capacity=2", "rivals.load=null", "sellers.0.cancelled=0.0")
    o = model.world.orders[: model.world.count("n_orders")]
    mine = o[(o["seller"] == 0) & (o["trouble"] != CANCELLED_ORDER)]
    assert model.world.sellers["queue"][0] > 0
    sent = mine[mine["dispatched"] != NEVER]
    assert sent.size <= 2 * (60 + 40)
    # first in by day: whoever ordered on an earlier day is not behind one of a later day
    waiting = mine[(mine["marks"] & QUEUED) != 0]
    assert sent["placed"].max() <= waiting["placed"].min()


def test_no_order_waits_beyond_its_day_of_cancellation():
    model = Marketplace(small_market("sellers.0.capacity=1", "fulfilment.promise_sd=0.8"))
    while model.day <= model.last_day:
        model.step()
        w = model.world
        kept = np.arange(w.count("oldest_order"), w.count("n_orders")) % w.orders.size
        waiting = w.orders[kept][(w.orders["marks"][kept] & QUEUED) != 0]
        limit = waiting["promised"] + int(w.p["fulfilment_cancelled_after_days"][0])
        assert (limit >= model.day - 1).all()


def test_a_listing_sells_nothing_before_its_first_day():
    model = lived("sellers.0.listings.1.age_days=3")
    w = model.world
    kept = np.arange(w.count("oldest_order"), w.count("n_orders")) % w.orders.size
    placed = w.orders["placed"][kept]
    assert (placed >= w.listings["born"][w.orders["listing"][kept]]).all()


def test_capacity_set_from_load_is_that_of_sellers_who_sell():
    model = lived("rivals.exit_per_year=0.9", "days=400", "rivals.count=8")
    w, n = model.world, model.world.count("n_sellers")
    assert n > 12  # some have come and gone
    drawn = w.sellers["capacity"][:n][w.sellers["stated"][:n] == 0]
    assert np.median(drawn[8:]) >= 0.4 * np.median(drawn[:8])
