"""Ratings left for the silent and ratings shown late; and that all of it adds up at both grains."""

from __future__ import annotations

import copy

import numpy as np
import pytest
from compare import agents_in_random_order, assert_same, compiled_day
from markets import lived, small_market
from test_conservation import (
    EVENTFUL,
    defects_are_orders_that_carry_a_reason,
    feedback_is_of_own_orders_in_time_and_once,
    grown,
    nothing_is_negative,
    orders_are_counted_once_everywhere,
    posts_are_recorded_on_their_day,
    run,
    standing,
    store_scores_count_standing_feedback_of_their_window,
)
from test_ten_rules import SILENT, buyers, column, counts, last_order, post_of, refusal, steps

from sim.model import Marketplace
from sim.rules import editing
from sim.state import (
    CANCELLED_ORDER,
    COMPLAINED,
    DEFAULT_GONE,
    DEFAULT_STANDS,
    DELETED,
    FEEDBACK,
    FINE,
    HIDDEN,
    MAIL_FEEDBACK,
    NEVER,
    NO_DEFAULT,
    NOBODY,
    RETURNED,
    REVIEW,
    STANDING,
    UNTRACKED,
    WILL_COMPLAIN,
)


def of(model):
    """Orders of a market so far, all of them kept."""
    assert model.world.count("oldest_order") == 0
    return model.world.orders[: model.world.count("n_orders")]


def defaults(when: str, *more: str) -> tuple[str, ...]:
    """Ten days after the end of an order the platform rates it."""
    stated = ("platform.defaults.after_days=10", "platform.feedback.auto_confirm_days=15")
    return (f"platform.defaults.when={when}", *stated, *more)


def day_of_default(orders):
    """Ten days after receipt, or after 15 days on the way."""
    return np.minimum(orders["delivered"], orders["dispatched"].astype(int) + 15) + 10


# --- defaults ------------------------------------------------------------------------------------


def test_every_silent_order_is_rated_on_its_day_and_no_cancelled_one():
    model = lived(*SILENT, *defaults("always", "sellers.0.cancelled=0.2"))
    orders, last = of(model), model.day - 1
    cancelled = orders["trouble"] == CANCELLED_ORDER
    due = (day_of_default(orders) <= last) & (orders["dispatched"] != NEVER)
    assert cancelled.any() and due.sum() > 500 and (~due & ~cancelled).any()
    np.testing.assert_array_equal(orders["default"] == DEFAULT_STANDS, due)
    np.testing.assert_array_equal(orders["defaulted_on"][due], day_of_default(orders)[due])
    recorded = (orders["defaulted_on"] > 0) & due
    for table in ("market", "sellers"):
        assert column(model, table, "defaults").sum() == recorded.sum()


def test_where_nobody_leaves_them_there_are_none():
    model = lived(*SILENT, *defaults("never"), days=40)
    assert np.all(of(model)["default"] == NO_DEFAULT)


def test_only_customers_of_sellers_who_rate_them_are_spoken_for():
    every, some, none = (
        lived(*SILENT, *defaults("if_seller_rated", f"platform.defaults.seller_rates={p}"), days=40)
        for p in (1.0, 0.5, 0.0)
    )
    rated = [
        {int(s) for s in of(m)["seller"][of(m)["default"] == DEFAULT_STANDS]}
        for m in (every, some, none)
    ]
    assert rated[2] == set() < rated[1] < rated[0]
    orders = of(some)  # a seller rates all of its customers, or none
    theirs = np.isin(orders["seller"], list(rated[1]))
    due = (day_of_default(orders) < some.day) & (orders["dispatched"] != NEVER)
    np.testing.assert_array_equal(orders["default"] == DEFAULT_STANDS, due & theirs)


def test_only_clean_deliveries_are_rated_where_the_platform_looks():
    model = lived(*SILENT, *defaults("clean_delivery", "sellers.0.on_time=0.6",
                                     "sellers.0.damaged=0.2"), days=50)  # fmt: skip
    orders = of(model)
    due = day_of_default(orders) < model.day
    clean = (orders["delivered"] <= np.minimum(orders["promised"], day_of_default(orders))) & (
        orders["trouble"] == FINE
    )
    clean &= orders["happened"] & UNTRACKED == 0
    assert (due & ~clean).sum() > 20
    np.testing.assert_array_equal(orders["default"] == DEFAULT_STANDS, due & clean)


def test_they_count_on_the_listing_only_where_the_platform_says_so():
    kept, shown = (
        lived(*SILENT, *defaults("always", f"platform.defaults.in_display={yes}"), days=40)
        for yes in ("false", "true")
    )
    assert (of(kept)["default"] == DEFAULT_STANDS).any()
    before = small_market(*SILENT)
    assert kept.world.stock.sum() == Marketplace(before).world.stock.sum()
    standing_ones = of(shown)[of(shown)["default"] == DEFAULT_STANDS]
    more = np.bincount(standing_ones["listing"], minlength=shown.world.stock.shape[0])
    first = Marketplace(before).world.stock
    np.testing.assert_array_equal(shown.world.stock[:, 4] - first[:, 4], more)
    np.testing.assert_array_equal(shown.world.listings["n_reviews"], shown.world.stock.sum(axis=1))
    # no score of a store
    np.testing.assert_array_equal(shown.world.books["rated"], kept.world.books["rated"])


def test_the_customers_own_rating_takes_its_place():
    model = lived(*SILENT, *defaults("always", "platform.defaults.in_display=true"), days=40)
    orders = of(model)
    order = int(np.flatnonzero(orders["default"] == DEFAULT_STANDS)[-1])
    listing, before = orders["listing"][order], model.world.stock.copy()
    buyers(model)[orders["buyer"][order]].leave_feedback(order, 2)
    others = of(model)["listing"][of(model)["default"] == DEFAULT_STANDS] == listing
    model.step()
    now = of(model)
    assert now["default"][order] == DEFAULT_GONE
    gained = ((now["default"] == DEFAULT_STANDS) & (now["listing"] == listing)).sum() - others.sum()
    assert model.world.stock[listing, 4] - before[listing, 4] == gained
    steps(model, 12)
    assert of(model)["default"][order] == DEFAULT_GONE


def test_a_default_never_stands_beside_a_rating_or_trouble():
    """After a day or two most customers have not been heard yet: much comes later than that."""
    model = lived(*EVENTFUL[1:], *defaults("always"), "platform.defaults.after_days=1",
                  "platform.feedback.auto_confirm_days=1", "platform.feedback.leave_rate=0.3",
                  "platform.defaults.in_display=true")  # fmt: skip
    orders = of(model)
    stands = orders["default"] == DEFAULT_STANDS
    troubled = (orders["marks"] & RETURNED != 0) | (orders["care"] >= COMPLAINED)
    assert np.all(orders["care"][stands] <= WILL_COMPLAIN)
    assert np.all(orders["feedback"][stands] == NOBODY) and not np.any(stands & troubled)
    taken = (orders["default"] == DEFAULT_GONE) & (orders["defaulted_on"] != NEVER)
    assert (taken & troubled).any() and (taken & (orders["feedback"] != NOBODY)).any()


# --- when a rating is shown ----------------------------------------------------------------------


def moderated(stars: int, days: int = 3):
    """A market that looks at ratings for some days; one is left, and settled last night."""
    model = lived(*SILENT, f"platform.reveal.moderation_days={days}", days=9)
    order, row = last_order(model, 9)
    author = buyers(model)[row["buyer"]]
    steps(model, 3)
    before = copy.deepcopy(model.world)
    author.leave_feedback(order, stars)
    author.post_review(int(row["listing"]), stars)
    model.step()
    return model, before, author, [post_of(model, author.row, c) for c in (FEEDBACK, REVIEW)]


def test_what_is_hidden_counts_nowhere_until_its_day():
    model, before, _, posts = moderated(1)
    q = model.world.posts
    for _ in range(2):
        assert q["status"][posts].tolist() == [HIDDEN, HIDDEN]
        assert counts(model.world)["stock"] == counts(before)["stock"]
        assert model.world.books["rated"].sum() == before.books["rated"].sum()
        assert model.world.books["defects"].sum() == before.books["defects"].sum()
        assert model.world.listings["n_recent"].sum() == before.listings["n_recent"].sum()
        assert model.world.count("n_inbox") == 0
        model.step()
    assert q["status"][posts].tolist() == [HIDDEN, HIDDEN]
    assert column(model, "market", "feedback").sum() == 1  # recorded on the day it was left
    model.step()
    assert q["status"][posts].tolist() == [STANDING, STANDING]
    assert model.world.stock.sum() == before.stock.sum() + 1
    assert model.world.books["rated"].sum() == before.books["rated"].sum() + 1
    assert model.world.books["defects"].sum() == before.books["defects"].sum() + 1
    assert model.world.listings["n_recent"].sum() == before.listings["n_recent"].sum() + 1
    mail = model.world.inbox[: model.world.count("n_inbox")]
    assert sorted(mail["post"][np.isin(mail["post"], posts)]) == sorted(posts)
    assert mail["stars"][mail["kind"] == MAIL_FEEDBACK].tolist() == [1]
    assert model.world.count("n_hidden") == 0


def test_what_is_hidden_may_be_deleted_and_not_changed():
    model, before, author, posts = moderated(1)
    for post in posts:
        refusal(editing.REFUSALS[editing.NOT_SHOWN], author.change_post, post, 5)
        author.delete_post(post)
    steps(model, 5)
    q = model.world.posts
    assert q["status"][posts].tolist() == [DELETED, DELETED]
    assert model.world.stock.sum() == before.stock.sum()
    assert model.world.books["rated"].sum() == before.books["rated"].sum()
    assert model.world.count("n_hidden") == 0


BLIND = ("platform.reveal.double_blind=true", "platform.feedback.window_days=20",
         "platform.feedback.leave_rate=0.5", "platform.reviews.leave_rate=0.1",
         "platform.feedback.product_only_share=1.0", "platform.feedback.strike_probability=1.0",
         "judging.blames_store=1.0", "sellers.0.damaged=0.2")  # fmt: skip


@pytest.mark.parametrize("rates", [0.0, 1.0])
def test_double_blind_feedback_is_shown_when_both_have_rated_or_the_form_has_closed(rates):
    model = lived(*BLIND, f"platform.defaults.seller_rates={rates}")
    w = model.world
    posts, orders = w.posts[: w.count("n_posts")], of(model)
    mine = posts[posts["channel"] == FEEDBACK]
    good = mine["stars"] >= 4
    assert good.sum() > 50 and (~good).sum() > 20
    closes = orders["placed"][mine["order"]].astype(int) + 20
    both = mine["posted"] if rates == 1.0 else np.maximum(mine["posted"], closes)
    np.testing.assert_array_equal(mine["shown_on"], np.where(good, both, both + 2))
    late = mine["shown_on"] >= model.day
    np.testing.assert_array_equal(mine["status"] == HIDDEN, late)
    assert late.any() and (~late).any()
    reviews = posts[posts["channel"] == REVIEW]
    np.testing.assert_array_equal(reviews["shown_on"], reviews["posted"])
    # struck through two days after it was shown, not after it was left
    struck = mine[(mine["due_strike"] != NEVER) & (mine["due_strike"] < model.day)]
    assert struck.size > 0
    np.testing.assert_array_equal(struck["due_strike"], struck["shown_on"] + 2)
    assert not np.any(struck["status"] == STANDING)


# --- all of it at once ---------------------------------------------------------------------------

ALL_ON = (
    "platform.feedback.change_up_to=3", "platform.feedback.change_to_from=3",
    "platform.feedback.max_changes=1", "platform.feedback.change_asked=true",
    "platform.feedback.follow_up_days=60", "platform.feedback.deleted_on_return=true",
    "platform.feedback.auto_confirm_days=12", "platform.feedback.change_window_days=10",
    "platform.defaults.when=if_seller_rated", "platform.defaults.after_days=3",
    "platform.defaults.in_display=true", "platform.defaults.seller_rates=0.6",
    "platform.reveal.double_blind=true", "platform.reveal.moderation_days=1",
    "platform.feedback.window_days=25", "platform.feedback.score_window_days=20",
    "reconsidering.clumsy_share=0.4", "reconsidering.apology=0.55",
    "platform.contact.opted_out_share=0.0", "platform.feedback.leave_rate=0.4",
    "platform.reviews.leave_rate=0.3",
)  # fmt: skip


@pytest.fixture(scope="module")
def lively():
    return run(*EVENTFUL[1:], *ALL_ON, "past.reviews_per_day=0.0")


def test_everything_has_happened(lively):
    market = lively.model.tables()["market"]
    happened = ("changes", "deletions", "follow_ups", "defaults", "returns", "complaints")
    assert {name: market[name].sum() > 0 for name in happened} == dict.fromkeys(happened, True)
    assert (lively.posts["status"] == HIDDEN).any()
    assert (lively.orders["default"] == DEFAULT_STANDS).any()


@pytest.mark.parametrize(
    "law",
    [
        orders_are_counted_once_everywhere,
        feedback_is_of_own_orders_in_time_and_once,
        posts_are_recorded_on_their_day,
        store_scores_count_standing_feedback_of_their_window,
        defects_are_orders_that_carry_a_reason,
        nothing_is_negative,
    ],
)
def test_what_always_holds_holds(lively, law):
    law(lively)


def test_listings_show_standing_reviews_and_defaults(lively):
    w = lively.model.world
    reviews = lively.posts[(lively.posts["channel"] == REVIEW) & standing(lively.posts)]
    stands = lively.orders[lively.orders["default"] == DEFAULT_STANDS]
    stock = grown(lively.rows["stock"], w.stock.shape)
    np.add.at(stock, (reviews["listing"], reviews["stars"].astype(int) - 1), 1)
    np.add.at(stock[:, 4], stands["listing"], 1)
    np.testing.assert_array_equal(w.stock, stock)
    np.testing.assert_array_equal(w.listings["n_reviews"], stock.sum(axis=1))


def test_displayed_weights_are_those_of_what_stands(lively):
    w, today = lively.model.world, lively.model.day - 1
    rules = lively.model.config.platform.display
    decay = 2.0 ** (-1.0 / rules.half_life_days)
    reviews = lively.posts[(lively.posts["channel"] == REVIEW) & standing(lively.posts)]
    stands = lively.orders[lively.orders["default"] == DEFAULT_STANDS]
    weight = np.zeros(w.listings.size)
    own = np.where(reviews["verified"] == 1, rules.weight_verified, rules.weight_unverified)
    np.add.at(weight, reviews["listing"], own * decay ** (today - reviews["posted"].astype(int)))
    np.add.at(weight, stands["listing"], decay ** (today - stands["defaulted_on"].astype(int)))
    old = grown(lively.rows["stock"], w.stock.shape).sum(axis=1)
    fresh = old == 0  # what lies before the lived past fades on its own
    assert w.listings["n_reviews"][fresh].sum() > 100
    np.testing.assert_allclose(w.listings["weight"][fresh], weight[fresh], atol=1e-9)


def test_nothing_hidden_is_forgotten(lively):
    w = lively.model.world
    kept = set(w.hidden[: w.count("n_hidden")].tolist())
    hidden = set(np.flatnonzero(lively.posts["status"] == HIDDEN).tolist())
    assert hidden <= kept
    assert np.all(lively.posts["shown_on"][list(hidden)] > lively.model.day - 1)


def test_both_grains_are_one():
    config = small_market(
        *EVENTFUL[1:], *ALL_ON, "days=25", "past.days=20", "buyers.count=150",
        "non_buying_users.count=10", "buyers.trips_per_year=120.0",
        "platform.feedback.leave_rate=1.0", "platform.feedback.change_up_to=4",
    )  # fmt: skip
    at_once, by_agent = Marketplace(config), Marketplace(config)
    while at_once.day <= at_once.last_day:
        compiled_day(at_once)
        agents_in_random_order(by_agent)
    assert_same(at_once, by_agent)
    market = at_once.tables()["market"]
    assert min(market[name].sum() for name in ("changes", "follow_ups", "defaults")) > 0
