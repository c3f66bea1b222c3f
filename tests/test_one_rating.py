"""One rating for store and listing: who leaves it, what it counts for, what strategies do."""

from __future__ import annotations

import numpy as np
import pytest
from lines import FEEDBACK, LOUD, REVIEWS, UNMOVED, lived, posts_of, total, whole
from markets import small_market

from sim import build, room, state
from sim import day as market_day
from sim.engine import Engine
from sim.errors import Refused
from sim.model import Buyer, Marketplace, NonBuyingUser
from sim.rules import feedback, reviews

ONE = ("platform.channels=1",)
EXACT = ("speaking.noise=0.0", "speaking.leniency_sd=0.0")
OTHERS_WRITE = "platform.reviews.leave_rate_unbought=0.05"


def market(*more: str):
    """A small lively market."""
    return small_market(*LOUD, "days=60", OTHERS_WRITE, *more)


@pytest.fixture(scope="module")
def one() -> Engine:
    return whole(market(*ONE, "sellers.0.strategy=recover"))


@pytest.fixture(scope="module")
def two() -> Engine:
    return whole(market())


def posts(engine: Engine) -> np.ndarray:
    return engine.world.posts[: engine.world.count("n_posts")]


def counted(engine: Engine) -> np.ndarray:
    """Posts that stand, changed or not."""
    found = posts(engine)
    return found[(found["status"] == state.STANDING) | (found["status"] == state.CHANGED)]


# who rates ---------------------------------------------------------------------------------------


def test_every_rating_is_of_an_order_by_its_customer(one, two):
    ratings = posts(one)
    assert len(ratings) > 300
    assert set(ratings["channel"]) == {state.FEEDBACK}
    assert ratings["verified"].all() and (ratings["order"] >= 0).all()
    assert (ratings["author"] < one.config.buyers.count).all()
    assert len(set(ratings["order"].tolist())) == len(ratings)
    # and with two channels others write too
    assert not posts(two)["verified"].all()


@pytest.mark.parametrize(("channels", "found"), [(1, False), (2, True)])
def test_nobody_meets_a_listing_to_write_of_it(channels, found):
    engine, met = Engine(market(f"platform.channels={channels}")), 0
    for _ in range(20):
        engine.begin_day()
        market_day.shop_all(engine.world, engine.day)
        met += engine.world.count("n_encounters")
        room.for_speaking(engine.world)
        market_day.users_turn(engine.world, engine.day)
        engine.platform_turn()
    assert (met > 0) == found


def test_reviews_by_hand_are_refused_and_ratings_are_not():
    model = Marketplace(market(*ONE))
    for _ in range(5):
        model.step()
    stranger = next(iter(model.agents_by_type[NonBuyingUser]))
    with pytest.raises(Refused, match=reviews.REFUSALS[reviews.RATINGS_ONLY]):
        stranger.post_review(0, 5)
    w = model.world
    rows = np.flatnonzero((w.orders["placed"] == 1) & (w.orders["feedback"] == state.NOBODY))
    buyer = model.agents_by_type[Buyer][int(w.orders["buyer"][rows[0]])]
    order = buyer.order_id(int(rows[0]))
    with pytest.raises(Refused, match=reviews.REFUSALS[reviews.RATINGS_ONLY]):
        buyer.post_review(int(w.orders["listing"][rows[0]]), 5)
    buyer.leave_feedback(order, 2)
    before, listing = w.stock.copy(), int(w.orders["listing"][rows[0]])
    model.platform_turn()
    post = w.posts[int(w.orders["feedback"][rows[0]])]
    assert (post["stars"], post["verified"], post["listing"]) == (2, 1, listing)
    assert w.stock[listing, 1] > before[listing, 1]


# what it counts for ------------------------------------------------------------------------------


def test_a_rating_counts_once_for_the_store_and_once_for_the_listing(one):
    w, n = one.world, one.world.count("n_listings")
    fresh, ratings = build.build(one.config, 0), counted(one)
    old_sellers, old_listings = fresh.count("n_sellers"), fresh.count("n_listings")
    of_listing = np.bincount(ratings["listing"], minlength=n)
    of_listing[:old_listings] += fresh.listings["n_reviews"][:old_listings]
    assert of_listing.tolist() == w.listings["n_reviews"][:n].tolist()
    assert of_listing.tolist() == w.stock[:n].sum(axis=1).tolist()
    of_store = np.bincount(ratings["seller"], minlength=w.count("n_sellers"))
    of_store[:old_sellers] += fresh.sellers["rated_ever"][:old_sellers]
    assert of_store.tolist() == w.sellers["rated_ever"][: w.count("n_sellers")].tolist()


def test_daily_tables_show_it_as_feedback_and_as_a_review(one, two):
    tables = one.tables()
    for stars in range(5):
        said = tables["sellers"][FEEDBACK[stars]].sum()
        assert said == tables["listings"][REVIEWS[stars]].sum() > 0
    days = tables["market"]
    assert days["feedback"].tolist() == days["reviews"].tolist()
    others = ("reviews_by_buyers_of_other_things", "reviews_by_non_buying_users")
    assert sum(days[name].sum() for name in others) == 0
    assert sum(two.tables()["market"][name].sum() for name in others) > 0


def test_a_rating_that_is_struck_or_deleted_leaves_the_listing_too(one):
    gone = [(posts(one)["status"] == s).sum() for s in (state.DELETED, state.STRUCK_THROUGH)]
    assert min(gone) > 0  # and the counts above hold without them


def test_what_is_rated_is_the_worse_of_service_and_product():
    engine = whole(market(*ONE, *EXACT))
    w, worse_product = engine.world, 0
    for post in posts(engine):
        row = int(post["order"]) % w.orders.size
        order = w.orders[row]
        known = order["key"] != 0 and w.count("oldest_order") <= post["order"]
        if not known or order["care"] != state.QUIET or order["delivered"] > post["posted"]:
            continue
        felt = [1 + int((order[name] > w.cuts).sum()) for name in ("service", "product")]
        assert post["first_stars"] == min(felt)
        worse_product += felt[1] < felt[0]
    assert worse_product > 50


# what strategies make of it ----------------------------------------------------------------------

ASKS = "{{when: order_delivered, do: {}}}"
SORRY = "{{when: {}_posted, do: apologise, stars: {}}}"


def told(engine: Engine) -> tuple[float, float]:
    return total(engine, *FEEDBACK), total(engine, "contacts")


def test_whatever_is_asked_for_it_is_the_rating():
    quiet = (*ONE, *UNMOVED, "platform.feedback.leave_rate=0.03", "responding.ask_review=5.0")
    found = [
        told(lived(ASKS.format(do), more=quiet))
        for do in ("ask_feedback", "ask_review", "ask_both")
    ]
    assert found[0] == found[1] == found[2]
    assert found[0][0] > 1.2 * told(lived(more=quiet))[0]


def test_lines_for_reviews_read_ratings():
    line = "{when: review_posted, do: reply_public, stars: [1, 2], verified: true}"
    engine = lived(line, more=ONE)
    low = posts_of(engine, state.FEEDBACK)
    due = (low["stars"] <= 2) & (low["status"] == state.STANDING) & (low["posted"] < 100)
    assert due.sum() > 10 and low["replied"][due].all()
    assert not posts_of(lived(line), state.FEEDBACK)["replied"].any()
    refused = "{when: review_posted, do: reply_public, verified: false}"
    assert not posts_of(lived(refused, more=ONE), state.FEEDBACK)["replied"].any()


def test_two_lines_that_would_do_the_same_act_once():
    more = (*ONE, *UNMOVED)
    of_feedback, of_reviews = (SORRY.format(kind, "[1, 2]") for kind in ("feedback", "review"))
    single = told(lived(of_feedback, more=more))
    assert told(lived(of_feedback, of_reviews, more=more)) == single
    assert told(lived(of_reviews, of_feedback, more=more)) == single
    # both act where they do not meet, and lines of one kind act as often as they are written
    wider = SORRY.format("review", "[1, 2, 3]")
    assert told(lived(of_feedback, wider, more=more)) == told(lived(wider, more=more))
    assert told(lived(of_feedback, of_feedback, more=more))[1] > 1.5 * single[1]
    other = "{when: review_posted, do: reply_public, stars: [1, 2]}"
    assert told(lived(of_feedback, other, more=more))[1] > 1.5 * single[1]


@pytest.mark.parametrize(("kind", "forbidden"), [("review", True), ("feedback", False)])
def test_a_line_stays_the_outreach_that_it_was_written_for(kind, forbidden):
    verdict = "platform.policy.write_about_review={says: forbidden, found_out: 0.0}"
    engine = lived(SORRY.format(kind, "[1, 2]"), more=(*ONE, verdict))
    assert total(engine, "contacts") > 0
    assert (total(engine, "forbidden") > 0) == forbidden


@pytest.mark.parametrize(("reviewed", "acts"), [("true", True), ("false", False)])
def test_reviewed_is_whether_the_order_has_been_rated(reviewed, acts):
    engine = lived(f"{{when: feedback_posted, do: thank, reviewed: {reviewed}}}", more=ONE)
    assert (total(engine, "spent_outreach") > 0) == acts


def test_thanks_bring_ratings():
    rare = ("platform.feedback.leave_rate=0.1", "responding.opt_out=0.0")
    more = (*ONE, *rare, "responding.thank_posting=2.0")
    thanked = lived("{when: order_delivered, do: thank}", more=more)
    assert total(thanked, *FEEDBACK) > 1.2 * total(lived(more=more), *FEEDBACK)


# once for the same item --------------------------------------------------------------------------

REGULARS = (*ONE, "buyers.trips_per_year=300.0", "buyers.count=100", "rivals.count=1",
            "speaking.everyone_posts=true")  # fmt: skip


def days_since_same_item(engine: Engine) -> list[int]:
    """Of every rated order that is known, days since its customer bought the same item before."""
    w, found = engine.world, []
    for post in posts(engine)["order"].tolist():
        if post < w.count("oldest_order"):
            continue
        order = w.orders[post % w.orders.size]
        before = int(order["previous"])
        while before >= w.count("oldest_order"):
            other = w.orders[before % w.orders.size]
            same = other["listing"] == order["listing"]
            if same and other["trouble"] != state.CANCELLED_ORDER:
                found.append(int(order["placed"]) - int(other["placed"]))
                break
            before = int(other["previous"])
    return found


def test_further_orders_of_an_item_soon_after_have_no_rating_of_their_own():
    free = whole(market(*REGULARS))
    shared = whole(market(*REGULARS, "platform.feedback.same_item_days=15"))
    assert min(days_since_same_item(free)) < 15
    assert min(days_since_same_item(shared)) == 15
    # separate channels know nothing of it
    two = whole(market(*REGULARS, "platform.channels=2", "platform.feedback.same_item_days=15"))
    assert min(days_since_same_item(two)) < 15


def test_such_an_order_is_refused_by_hand_and_the_first_is_not():
    model = Marketplace(market(*REGULARS[:-1], "platform.feedback.same_item_days=15",
                               "platform.feedback.leave_rate=0.0"))  # fmt: skip
    for _ in range(10):
        model.step()
    w, seen = model.world, {True: 0, False: 0}
    orders, buyers = w.orders, list(model.agents_by_type[Buyer])
    for order in range(w.count("n_orders") - 400, w.count("n_orders")):
        row = order % orders.size
        if not -8 < orders["placed"][row] <= 5:
            continue
        mine = np.flatnonzero((orders["buyer"] == orders["buyer"][row])
                              & (orders["listing"] == orders["listing"][row])
                              & (orders["trouble"] != state.CANCELLED_ORDER)
                              & (orders["key"] != 0))  # fmt: skip
        before = [r for r in mine.tolist() if buyers[0].order_id(r) < order]
        soon = any(orders["placed"][row] - orders["placed"][r] < 15 for r in before)
        buyer = buyers[int(orders["buyer"][row])]
        assert buyer.row == orders["buyer"][row]
        if soon:
            with pytest.raises(Refused, match=feedback.REFUSALS[feedback.SAME_ITEM]):
                buyer.leave_feedback(order, 4)
        else:
            buyer.leave_feedback(order, 4)
        seen[soon] += 1
    assert min(seen.values()) > 5
