"""Bought reviews: where they appear, what they cost, which are found, and who may not buy."""

from __future__ import annotations

import numpy as np
import pytest
from lines import lived, lived_without, market, own, posts_of, total

from sim.engine import Engine
from sim.state import NOBODY, REMOVED, REVIEW, STANDING

HUNDREDS = "reviews: 400"
FREE = ("platform.policy.buy_reviews={says: allowed}", "days=60")
NEVER_FOUND = ("platform.bought.found_share=0.0",)
BUY = "{when: on_day, day: 20, do: buy_reviews, bought: {reviews: 30, price: 4}}"


def bought(engine, seller: int = 0) -> np.ndarray:
    rows = posts_of(engine, REVIEW, seller)
    return rows[rows["author"] == NOBODY]


@pytest.fixture(scope="module")
def engine():
    return lived(BUY, more=FREE)


def test_they_appear_on_the_day_spread_over_the_listings_and_cost_their_price(engine):
    rows = bought(engine)
    own_listings = np.flatnonzero(
        engine.world.listings["seller"][: engine.world.count("n_listings")] == 0
    )
    counts = [int((rows["listing"] == n).sum()) for n in own_listings]
    assert len(rows) == 30 == sum(counts) and max(counts) - min(counts) <= 1
    assert set(rows["posted"].tolist()) == {20} and set(rows["stars"].tolist()) == {5}
    assert set(rows["verified"].tolist()) == {1} and set(rows["order"].tolist()) == {NOBODY}
    spent = own(engine, "spent_outreach")
    assert spent[19] == 120.0 and spent.sum() == 120.0
    assert engine.world.market_days["bought"].sum() == 30
    assert len(np.unique(rows["key"])) == 30


def test_nothing_differs_before_that_evening():
    silent = lived_without(*FREE)
    engine = lived(BUY, more=FREE)
    for column in ("orders", "profit", "contacts"):
        same = own(engine, column)[:19] == own(silent, column)[:19]
        assert same.all()
    assert own(engine, "orders")[:20].tolist() == own(silent, "orders")[:20].tolist()


def test_nobody_gets_mail_about_them_and_users_keep_their_own_posts(engine):
    thanks = lived(BUY, "{when: review_posted, do: reply_public}", more=FREE)
    assert not bought(thanks)["replied"].any() and posts_of(thanks, REVIEW)["replied"].any()
    w = engine.world
    last = w.users["last_post"]
    posts = w.posts[: w.count("n_posts")]
    written = last[last != NOBODY]
    assert (posts["author"][written] == np.flatnonzero(last != NOBODY)).all()
    assert (posts["previous"][posts["author"] == NOBODY] == NOBODY).all()


def test_they_lift_displayed_stars_and_sales():
    low = ("sellers.0.listings.0.reviews=[9, 9, 9, 9, 9]", "sellers.0.quality=0.3", *NEVER_FOUND)
    many = BUY.replace("30", "300").replace("20", "2")
    plain, lifted = lived_without(*FREE, *low), lived(many, more=(*FREE, *low))
    assert total(lifted, "orders") > total(plain, "orders")
    listings = [e.tables()["listings"] for e in (plain, lifted)]
    stars = [t["stars"][(t["seller"] == "Northwind") & (t["day"] == 30)].mean() for t in listings]
    assert stars[1] > stars[0] + 0.2


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_found_ones_are_deleted_and_stop_counting(share):
    """Nobody but the platform deletes here, so counts are those of what was written."""
    found = (f"platform.bought.found_share={share}", "platform.bought.found_after_days=3")
    engine = lived(BUY, more=(*FREE, *found))
    rows, w = bought(engine), engine.world
    assert set(rows["status"].tolist()) == {REMOVED if share else STANDING}
    assert w.market_days["removed"].sum() == (30 if share else 0)
    n = w.count("n_listings")
    assert w.listings["n_reviews"][:n].tolist() == w.stock[:n].sum(axis=1).tolist()
    tables = engine.tables()["listings"]
    mine = tables["seller"] == "Northwind"
    counts = [tables["n_reviews"][mine & (tables["day"] == day)].sum() for day in (19, 60)]
    users = posts_of(engine, REVIEW)
    written = (users["author"] != NOBODY) & (users["posted"] > 19)
    assert written.sum() > 20
    assert counts[1] - counts[0] == written.sum() + (0 if share else 30)


def test_a_share_is_found_and_a_larger_share_finds_the_same_and_more():
    dues = []
    for share in (0.3, 0.7):
        engine = lived(
            BUY.replace("reviews: 30", HUNDREDS),
            more=(*FREE, f"platform.bought.found_share={share}"),
        )
        rows = bought(engine)
        due = rows["due_strike"] < 32_000
        assert due.mean() == pytest.approx(share, abs=0.07)
        dues.append(dict(zip(rows["key"].tolist(), rows["due_strike"].tolist(), strict=True)))
    assert all(dues[1][key] <= due for key, due in dues[0].items())


def test_each_review_is_looked_at():
    chance = "platform.policy.buy_reviews={says: forbidden, found_out: %g, penalties: [%s]}"
    engine = lived(BUY, more=("days=60", chance % (1.0, "")))
    assert total(engine, "forbidden") == total(engine, "found_out") == 30
    assert set(own(engine, "state")) == {"healthy"}
    shut = lived(BUY, more=("days=60", chance % (1.0, "deactivate")))
    assert own(shut, "state")[19] == "deactivated" and own(shut, "state")[18] == "healthy"
    some = lived(BUY.replace("reviews: 30", HUNDREDS), more=("days=60", chance % (0.2, "")))
    assert total(some, "found_out") / 400 == pytest.approx(0.2, abs=0.06)
    others = "platform.policy.reward={says: forbidden, found_out: 1.0}"
    allowed = lived(BUY, more=(*FREE, others))
    assert total(allowed, "forbidden") == 0


def test_unverified_ones_are_counted_of_nobody():
    engine = lived(BUY, more=(*FREE, "platform.bought.verified=false"))
    silent = lived_without(*FREE)
    assert set(bought(engine)["verified"].tolist()) == {0}
    a, b = (e.tables()["market"] for e in (engine, silent))
    assert a["reviews"][19] == b["reviews"][19] + 30
    for column in ("reviews_by_buyers_of_other_things", "reviews_by_non_buying_users"):
        assert a[column][19] == b[column][19]


@pytest.mark.parametrize(
    ("when", "days"),
    [("every_days, days: 25", {25, 50}), ("on_day, day: 7", {7}),
     ("on_day, day: 7, after_days: 3", {10}), ("on_day, day: 4000, after_days: 0", set())],
)  # fmt: skip
def test_when_they_are_bought(when, days):
    if "4000" in when:
        when = when.replace("4000", "3650")
    engine = lived(BUY.replace("on_day, day: 20", when), more=FREE)
    assert set(bought(engine)["posted"].tolist()) == days


def test_low_stars_may_be_bought_and_are_no_negative_feedback():
    one = BUY.replace("price: 4", "price: 4, stars: 1")
    engine = lived(one, more=(*FREE, "platform.bought.found_share=1.0",
                              "platform.bought.found_after_days=2"))  # fmt: skip
    rows = bought(engine)
    assert set(rows["stars"].tolist()) == {1} and set(rows["status"].tolist()) == {REMOVED}


def test_a_branch_goes_on_with_what_was_bought():
    config = market(BUY, more=FREE)
    straight, begun = Engine(config), Engine(config)
    begun.live_through(30)
    twin = begun.branch(config)
    for engine in (straight, twin):
        engine.live_through(config.days)
    assert twin.world.market_days["bought"].sum() == 30
    assert twin.state_hash() == straight.state_hash()
