"""Measures in the market: tallies equal a recount from orders and posts, at every grain."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
from compare import agents_in_random_order, assert_same
from markets import small_market

from sim.config.health import OrderMark
from sim.engine import Engine
from sim.model import Marketplace
from sim.phases.tally import tally_default, tally_post
from sim.rules.measures import month_of
from sim.state import (
    CHANGED,
    CLOSED,
    FEEDBACK,
    MEASURE,
    NEVER,
    NOBODY,
    REVIEW,
    STANDING,
    WAS_CANCELLED,
)
from sim.world import World

MARKS = get_args(OrderMark)
ALL = {mark: f"{{orders_with: [{mark}], window_days: 30}}" for mark in MARKS} | {
    "defects": "{orders_with: [low_rating, claim, chargeback], window_days: 60, lag_days: 5}",
    "few": "{orders_with: [refunded], window_days: 20, min_count: 60, spared: 2}",
    "refunds": "{orders_with: [refunded, cancelled], level: product, window_days: 31}",
    "stars": "{ratings: stars, better: higher, window_days: 30}",
    "good": "{ratings: good, better: higher, window_days: 30, min_price: 16.5}",
    "points": "{ratings: points, better: higher, window_days: 60, pair_month_max: 2, "
              "pair_item_days: 14}",
    "volume": "{ratings: volume, better: higher, window_days: 30}",
    "described": "{ratings: described, better: higher, window_days: 60, pair_month_max: 1}",
    "service": "{ratings: service, better: higher, window_days: 60}",
    "shipping": "{ratings: shipping, better: higher, window_days: 60}",
    "of the product": "{ratings: stars, level: product, better: higher, window_days: 60}",
    "conduct": "{policy_score: true, better: higher, gain_orders: 20, window_days: 30}",
    "index": "{mix: [{measure: stars, weight: 1.6}, {measure: volume, weight: 0.2, "
             "ranked: [8.5, 10.0]}], better: higher, steps: [[0.0, 2.5], [0.5, 4.0], "
             "[0.9, 4.9]]}",
    "mixed": "{mix: [{measure: stars, weight: 1.6}, {measure: shipped_late, weight: 2.0}, "
             "{measure: volume, weight: 0.2, ranked: [8.5, 10.0]}], better: higher}",
}  # fmt: skip
NAMES = list(ALL)
MEASURES = "platform.measures={" + ", ".join(f"{k}: {v}" for k, v in ALL.items()) + "}"
LIVELY = (
    MEASURES, "days=40", "platform.feedback.leave_rate=0.5", "platform.feedback.opens_after_days=0",
    "platform.reviews.leave_rate=0.3", "sellers.0.damaged=0.2", "sellers.0.cancelled=0.1",
    "sellers.0.tracked=0.7", "rivals.late_median=0.2", "rivals.strategy=recover",
    "buyers.trips_per_year=150.0", "platform.account.enforced=false",
    "fulfilment.dispatch_days=3", "complaining.claim=[0.9, 0.9, 0.5, 0.0, 0.0]",
    "platform.claims.chargeback_share=0.3", "rivals.exit_per_year=0.9", "past.days=60",
    "sellers.0.care={answers: 0.3, delay_days: 1.0, tone: 0.5, refund: 0.6}",
)  # fmt: skip
SHORT = (*LIVELY, "days=12", "past.days=15", "buyers.count=150", "non_buying_users.count=30")


@pytest.fixture(scope="module")
def engine() -> Engine:
    found = Engine(small_market(*LIVELY))
    found.live_through(40)
    return found


def kept_orders(w: World) -> np.ndarray:
    """All orders ever; none has been let go of."""
    assert w.count("oldest_order") == 0
    return w.orders[: w.count("n_orders")]


def posts_that_count(w: World, channel: int) -> np.ndarray:
    posts = w.posts[: w.count("n_posts")]
    standing = (posts["status"] == STANDING) | (posts["status"] == CHANGED)
    return np.flatnonzero(standing & (posts["channel"] == channel))


def in_window(days: np.ndarray, name: str, w: World, tonight: int) -> np.ndarray:
    row = w.measures[NAMES.index(name)]
    last = tonight - int(row["lag_days"])
    return (days <= last) & (days > last - int(row["window_days"]))


def standing(w: World, name: str, table: str = "standing", rows: str = "n_sellers") -> np.ndarray:
    return getattr(w, table)[: w.count(rows), NAMES.index(name)]


@pytest.mark.parametrize("name", [*MARKS, "defects"])
def test_shares_of_orders_equal_a_recount(engine, name):
    w = engine.world
    orders, m = kept_orders(w), NAMES.index(name)
    there = in_window(orders["placed"], name, w, engine.day - 1)
    marked = orders["happened"] & w.measures["marks"][m] != 0
    assert (marked & there).sum() > 0, "nobody is so marked: this test sees nothing"
    n = w.count("n_sellers")
    whole = np.bincount(orders["seller"][there], minlength=n)
    part = np.bincount(orders["seller"][there & marked], minlength=n)
    found = standing(w, name)
    assert found["whole"].tolist() == whole.tolist() and found["part"].tolist() == part.tolist()
    np.testing.assert_array_equal(
        found["value"], np.divide(part, whole, where=whole > 0, out=np.full(n, np.nan))
    )


def test_marks_say_what_happened(engine):
    w, tonight = engine.world, engine.day - 1
    orders = kept_orders(w)

    def has(name):
        return orders["happened"] & (1 << MARKS.index(name)) != 0

    cancelled = orders["trouble"] == 3
    served = orders["dispatched"] != NEVER
    posts = w.posts[: w.count("n_posts")]
    feedback = np.where(orders["feedback"] == NOBODY, 0, orders["feedback"])
    low = (orders["feedback"] != NOBODY) & (posts["stars"][feedback] <= 2)
    low &= posts["status"][feedback] <= CHANGED
    assert (has("low_rating") == low).all() and low.any()
    assert (has("cancelled") == cancelled).all() and cancelled.any()
    assert (has("returned") == (orders["marks"] & 4 != 0)).all()
    refunded = (2 * orders["refunded"] > orders["price"]) & ~cancelled
    assert (has("refunded") == refunded).all() and refunded.any()
    assert (has("claim") | has("chargeback") | has("low_rating") == (orders["defect"] != 0)).all()
    assert (has("claim") <= has("disputed")).all() and (has("disputed") & ~has("claim")).any()
    late = (orders["dispatched"] > orders["placed"] + 3) & (orders["placed"] + 3 <= tonight)
    assert (has("shipped_late")[served] == late[served]).all()
    late = (orders["delivered"] > orders["promised"]) & (orders["promised"] <= tonight)
    assert (has("arrived_late")[served] == late[served]).all()
    assert not (has("untracked") & ~served).any()
    share = has("untracked")[served & (orders["seller"] == 0)].mean()
    assert share == pytest.approx(0.3, abs=0.06)  # three standard errors


def test_too_few_orders_give_no_value_and_some_are_spared(engine):
    found = standing(engine.world, "few")
    enough = found["whole"] >= 60
    assert enough.any() and not enough.all()
    assert (np.isnan(found["value"]) == ~enough).all()
    expected = np.maximum(0, found["part"] - 2) / np.maximum(1, found["whole"])
    assert found["value"][enough].tolist() == expected[enough].tolist()


def test_shares_of_products_equal_a_recount(engine):
    w = engine.world
    orders, n = kept_orders(w), w.count("n_listings")
    there = in_window(orders["placed"], "refunds", w, engine.day - 1)
    marked = there & (orders["happened"] & 0b11000 != 0)
    found = standing(w, "refunds", "product_standing", "n_listings")
    assert found["whole"].tolist() == np.bincount(orders["listing"][there], minlength=n).tolist()
    assert found["part"].tolist() == np.bincount(orders["listing"][marked], minlength=n).tolist()
    assert found["part"].sum() > 20
    assert np.isnan(standing(w, "refunds")["value"]).all()  # is none of stores


def counted(w: World, name: str, posts: np.ndarray) -> list[tuple[int, int, int]]:
    """(post, part, whole) of a measure, by the rules in their own words: pairs, months, items."""
    row, q = w.measures[NAMES.index(name)], w.posts
    value = {
        "stars": lambda p: int(q["stars"][p]),
        "good": lambda p: int(q["stars"][p] >= 4),
        "points": lambda p: int(q["stars"][p] >= 4) - int(q["stars"][p] <= 2),
        "volume": lambda p: 1,
        "described": lambda p: int(q["described"][p]),
        "service": lambda p: int(q["served"][p]),
        "shipping": lambda p: int(q["shipped"][p]),
    }[name]
    most, apart = int(row["pair_month_max"]), int(row["pair_item_days"])
    months: dict[tuple, list[int]] = {}
    said: list[tuple] = []
    found = []
    for p in posts.tolist():
        x = value(p)
        if q["price"][p] < row["min_price"] or (name in ("described", "service") and x == 0):
            continue
        pair = (int(q["author"][p]), int(q["seller"][p]))
        day, item = int(q["order_day"][p]), int(q["listing"][p])
        if (
            apart
            and x != 0
            and any(s[:3] == (pair, item, x) and abs(s[3] - day) < apart for s in said)
        ):
            continue
        said.append((pair, item, x, day))
        month = months.setdefault((pair, month_of(day)), [])
        month.append(x if name == "points" else 1)
        if name == "points":
            found.append((p, min(most, sum(month)) - min(most, sum(month[:-1])), 1))
        elif most == 0 or len(month) <= most:
            found.append((p, x, 1))
    return found


@pytest.mark.parametrize(
    "name", ["stars", "good", "points", "volume", "described", "service", "shipping"]
)
def test_ratings_equal_a_recount(engine, name):
    w, n = engine.world, engine.world.count("n_sellers")
    posts = posts_that_count(w, FEEDBACK)
    rows = counted(w, name, posts)
    part, whole = np.zeros(n, int), np.zeros(n, int)
    there = in_window(w.posts["posted"], name, w, engine.day - 1)
    for post, x, y in rows:
        if there[post]:
            part[w.posts["seller"][post]] += x
            whole[w.posts["seller"][post]] += y
    found = standing(w, name)
    assert found["part"].tolist() == part.tolist() and found["whole"].tolist() == whole.tolist()
    assert whole.sum() > 100
    if name in ("points", "described", "good"):
        assert len(rows) < len(posts) or whole.sum() > part.sum(), "the limits bind nobody"
    sums = name in ("points", "volume")
    expected = part if sums else np.divide(part, whole, where=whole > 0, out=np.full(n, np.nan))
    np.testing.assert_array_equal(found["value"], expected)


def test_what_was_deleted_or_struck_counts_nowhere(engine):
    w = engine.world
    posts = w.posts[: w.count("n_posts")]
    gone = posts["status"] > CHANGED
    assert gone.any() and ((posts["tallied"] == 1) == ~gone).all()


def test_ratings_of_products_are_reviews_where_there_are_two_channels(engine):
    w, n = engine.world, engine.world.count("n_listings")
    posts = w.posts[posts_that_count(w, REVIEW)]
    posts = posts[in_window(posts["posted"], "of the product", w, engine.day - 1)]
    found = standing(w, "of the product", "product_standing", "n_listings")
    stars = np.bincount(posts["listing"], posts["stars"], minlength=n)
    assert found["part"].tolist() == stars.astype(int).tolist() and stars.sum() > 100


def test_shop_scores_see_their_own_part_of_the_order(engine):
    w = engine.world
    posts = w.posts[posts_that_count(w, FEEDBACK)]
    orders = kept_orders(w)[posts["order"]]
    late = orders["lateness"] > 1.0
    assert late.sum() > 20 and (~late).sum() > 20
    drop = {
        name: posts[name][~late & (posts[name] > 0)].mean() - posts[name][late].mean()
        for name in ("served", "shipped")
    }
    assert drop["shipped"] > 1.0 > 0.5 > abs(drop["served"])
    arrived = ~np.isnan(orders["product"])
    assert (posts["described"][~arrived & (posts["posted"] < 0)] == 0).all()
    assert np.corrcoef(orders["product"][arrived], posts["described"][arrived])[0, 1] > 0.4
    reviews = w.posts[posts_that_count(w, REVIEW)]
    assert not (reviews["described"].any() or reviews["shipped"].any())


def test_conduct_gains_by_orders_and_loses_by_what_was_lost():
    engine = Engine(small_market(*SHORT))
    engine.live_through(3)
    w = engine.world
    w.lost_points[3 - int(w.p["first_date"][0]), 0] = 30.0
    engine.live_a_day()
    found = standing(w, "conduct")
    lost = np.where(np.arange(len(found)) == 0, 30.0, 0.0)
    assert found["value"].tolist() == (200.0 + 4.0 * (found["whole"] // 20) - lost).tolist()
    assert found["whole"].max() >= 20 and found["part"].tolist() == lost.astype(int).tolist()


def test_a_mix_is_the_weighted_sum_and_steps_go_by_rank(engine):
    w = engine.world
    stars, late = standing(w, "stars")["value"], standing(w, "shipped_late")["value"]
    volume, mixed = standing(w, "volume")["value"], standing(w, "mixed")["value"]
    shown = standing(w, "index")["value"]
    peers = w.sellers["state"][: w.count("n_sellers")] < CLOSED
    assert peers.sum() >= 5

    def ranks(values):
        there = np.flatnonzero(peers & ~np.isnan(values))
        return {
            k: np.mean([(values[j] < values[k]) + 0.5 * (values[j] == values[k])
                        for j in there if j != k])
            for k in there
        }  # fmt: skip

    of_volume, plain = ranks(volume), np.full(len(stars), np.nan)
    for k in np.flatnonzero(peers):
        score = 0.2 * (8.5 + 1.5 * of_volume[k])
        plain[k] = 1.6 * stars[k] + score
        np.testing.assert_allclose(mixed[k], 1.6 * stars[k] + 2.0 * late[k] + score, rtol=1e-12)
    for k, rank in ranks(plain).items():
        assert shown[k] == (4.9 if rank >= 0.9 else 4.0 if rank >= 0.5 else 2.5)
    assert {2.5, 4.0, 4.9} <= set(shown[~np.isnan(shown)])


def test_shoppers_see_the_measure_that_is_shown():
    shown = ("platform.shown_score=stars", "platform.shown_best=5.0")
    engine = Engine(small_market(*SHORT, *shown))
    assert (engine.world.sellers["score"][:5] != 0.0).all()
    engine.live_through(5)
    w, n = engine.world, engine.world.count("n_sellers")
    value = standing(w, "stars")["value"]
    expected = np.where(np.isnan(value), -1.0, value / 5.0)
    assert w.sellers["score"][:n].tolist() == expected.tolist()
    plain = Engine(small_market(*SHORT))
    plain.live_through(5)
    assert plain.world.sellers["score"][:n].tolist() != expected.tolist()


def six_good_ratings(w: World, items: list[int], days: list[int], stars: int = 5) -> None:
    """User 0 rates orders at store 0, each of one listing and day, in this order."""
    w.users["last_post"][0] = NOBODY
    for k, (item, day) in enumerate(zip(items, days, strict=True)):
        post = w.posts[k]
        post["author"], post["seller"], post["listing"], post["stars"] = 0, 0, item, stars
        post["posted"], post["order_day"], post["channel"] = day, day, FEEDBACK
        post["previous"], post["price"] = (k - 1 if k else NOBODY), 2000
        w.users["last_post"][0] = k
        tally_post(w, k, 1)
    w.now["n_posts"] = len(items)


@pytest.mark.parametrize(
    ("items", "days", "stars", "points"),
    [
        ([0, 1, 2, 3, 4, 0], [2, 4, 6, 8, 10, 12], 5, 5),  # two of an item within 14 days
        ([0, 1, 2, 3, 4, 0], [2, 4, 6, 8, 10, 16], 5, 6),  # 14 days apart
        ([0, 1, 2, 3, 4, 5, 6], [2, 4, 6, 8, 10, 12, 14], 5, 6),  # six a month
        ([0, 1, 2, 3, 4, 5, 6], [2, 4, 6, 8, 10, 12, 32], 5, 7),  # February
        ([0, 0, 0, 1], [2, 3, 4, 5], 1, -2),  # several bad ones of an item count once
        ([0, 0, 1], [2, 3, 4], 3, 0),
    ],
)
def test_points_of_one_customer(items, days, stars, points):
    measures = "platform.measures={points: {ratings: points, window_days: 60, pair_month_max: 6, " \
        "pair_item_days: 14}}"  # fmt: skip
    engine = Engine(
        small_market(
            measures, "days=60", "past.days=0", "buyers.count=5", "past.feedback_per_day=0.0"
        )
    )
    w = engine.world
    six_good_ratings(w, items, days, stars)
    assert w.tallies["part"].sum() == points
    for k in reversed(range(len(items))):
        tally_post(w, k, -1)
    assert not w.tallies["part"].any() and not w.tallies["whole"].any()


def test_the_order_in_which_ratings_go_does_not_matter():
    measures = "platform.measures={points: {ratings: points, window_days: 60, pair_month_max: 3, " \
        "pair_item_days: 14}}"  # fmt: skip
    engine = Engine(
        small_market(
            measures, "days=60", "past.days=0", "buyers.count=5", "past.feedback_per_day=0.0"
        )
    )
    w = engine.world
    six_good_ratings(w, [0, 1, 0, 2, 3], [1, 2, 3, 4, 5])
    assert w.tallies["part"].sum() == 3
    tally_post(w, 0, -1)  # now the second of that item counts, and the month is still full
    assert w.tallies["part"].sum() == 3 and w.tallies["whole"].sum() == 4
    tally_post(w, 1, -1)
    assert w.tallies["part"].sum() == 3
    tally_post(w, 3, -1)
    assert w.tallies["part"].sum() == 2


def test_a_default_counts_where_defaults_do():
    measures = "platform.measures={with: {ratings: points, defaults: true}, " \
        "without: {ratings: points}, stars: {ratings: stars, defaults: true}, " \
        "shipping: {ratings: shipping, defaults: true}}"  # fmt: skip
    engine = Engine(small_market(measures, "days=20", "past.days=5", "buyers.count=100"))
    engine.live_through(5)
    w = engine.world
    before = w.tallies.copy()
    tally_default(w, 0, 6, 1)
    added = w.tallies["part"].astype(int) - before["part"]
    row, seller = 6 - int(w.p["first_date"][0]), int(w.orders["seller"][0])
    assert added[row, 4 * seller : 4 * seller + 4].tolist() == [1, 0, 5, 0]
    assert np.abs(added).sum() == 6
    tally_default(w, 0, 6, -1)
    assert w.tallies.tobytes() == before.tobytes()


def test_agent_by_agent_it_is_the_same():
    """Marks, tallies and standing do not depend on who acts first."""
    together, apart = (Marketplace(small_market(*SHORT)) for _ in range(2))
    for _ in range(10):
        together.step()
        agents_in_random_order(apart)
    assert_same(together, apart)
    assert together.world.tallies["part"].any()


def test_a_newcomer_begins_with_nothing(engine):
    w, n = engine.world, len(NAMES)
    new = [k for k in range(w.count("n_sellers")) if w.sellers["born"][k] > 1]
    assert new, "nobody entered"
    for k in new:
        first = w.standing_days[w.sellers["born"][k], n * k : n * k + n]
        stars, volume = (first[NAMES.index(name)] for name in ("stars", "volume"))
        assert np.isnan(stars["value"]) and volume["value"] == 0.0
        assert first[NAMES.index("conduct")]["value"] == 200.0


def test_older_feedback_counts_as_it_does_in_the_stores_score():
    measures = "platform.measures={good: {ratings: good, window_days: 365}, " \
        "shipping: {ratings: shipping, window_days: 365}}"  # fmt: skip
    engine = Engine(small_market(*SHORT, measures))
    engine.live_through(3)
    w, n = engine.world, engine.world.count("n_sellers")
    good, shipping = w.standing[:n, 0], w.standing[:n, 1]
    assert good["part"].tolist() == w.sellers["positive"][:n].tolist()
    assert good["whole"].tolist() == w.sellers["rated"][:n].tolist()
    assert 20 < shipping["whole"].sum() < good["whole"].sum() - 100


def test_where_nothing_is_measured_nothing_is_kept():
    engine = Engine(small_market("days=5", "past.days=5", "sellers.0.cancelled=0.3"))
    engine.live_through(5)
    w = engine.world
    for name in ("tallies", "product_tallies", "standing", "standing_days", "measures"):
        assert getattr(w, name).size == 0, name
    assert not w.orders["lateness"].any() and w.measures.dtype == MEASURE
    assert (w.orders["happened"] == WAS_CANCELLED).any()


def test_measures_alone_change_nothing_else():
    plain, measured = (
        Engine(small_market(*SHORT, *more)) for more in (("platform.measures={}",), ())
    )
    for engine in (plain, measured):
        engine.live_through(10)
    one, other = plain.tables(), measured.tables()
    assert set(other) - set(one) == {"standing"}
    for table, columns in one.items():
        for name, values in columns.items():
            np.testing.assert_array_equal(values, other[table][name], err_msg=f"{table}.{name}")


def test_the_table_of_standing(engine):
    w, table = engine.world, engine.tables()["standing"]
    assert len({len(values) for values in table.values()}) == 1
    last = table["day"] == 40
    for name in ("defects", "points"):
        rows = last & (table["measure"] == name)
        assert table["seller"][rows].tolist() == engine.seller_names
        assert (table["listing"][rows] == "").all()
        np.testing.assert_array_equal(table["value"][rows], standing(w, name)["value"])
        assert table["whole"][rows].tolist() == standing(w, name)["whole"].tolist()
    rows = last & (table["measure"] == "refunds")
    assert table["listing"][rows].tolist() == engine.listing_names
    found = standing(w, "refunds", "product_standing", "n_listings")
    np.testing.assert_array_equal(table["value"][rows], found["value"])
    assert not table["breached"].any()
    born = engine._born[-1]
    assert born > 1 and table["day"][table["seller"] == engine.seller_names[-1]].min() == born


@pytest.mark.parametrize(
    ("measures", "words"),
    [
        ("{a: {ratings: stars, level: product}, b: {mix: [{measure: a}]}}", "measure of products"),
        ("{b: {mix: [{measure: a}]}, a: {ratings: stars}}", "stated before"),
    ],
)
def test_what_a_mix_may_not_hold(measures, words):
    with pytest.raises(Exception, match=words):
        small_market(f"platform.measures={measures}")
