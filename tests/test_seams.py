"""Where rules of platforms meet: gates that ask for more, offers and penalties, rings that grow."""

from __future__ import annotations

import numpy as np
import pytest
from compare import table_bytes
from lines import LOUD, market
from markets import small_market
from punished import LATE, LISTINGS, RATING, THANK, evening, forbids, found_out, world

from experiments.mistakes import ConfigError
from sim import room
from sim.engine import Engine
from sim.model import Marketplace
from sim.rules.odr import wilson_lower
from sim.state import (
    BY_PLATFORM,
    DEFAULT_STANDS,
    NOBODY,
    RETURNED,
    STRUCK_THROUGH,
    UNTRACKED,
)

# --- gates that ask for more than one thing


def breached_with(gate: str, late: tuple[float, int, int], rating: float = np.nan) -> bool:
    """Is the gate breached by a store with these late orders (value, part, whole) and rating?"""
    w = world(gate)
    w.standing[0, LATE] = late
    w.standing[0, RATING] = (rating, 0, 50)
    evening(w, 1)
    return bool(w.seller_gates["breached"][0, 0])


@pytest.mark.parametrize(
    ("late", "rating", "expected"),
    [(0.1, 4.7, True), (0.1, 4.5, False), (0.01, 4.7, False), (0.1, np.nan, False)],
)
def test_all_conditions_of_a_gate_must_hold(late, rating, expected):
    gate = "{measure: late, above: 0.04, also: [{measure: rating, above: 4.6}], then: [hide]}"
    assert breached_with(gate, (late, 10, 100), rating) == expected


@pytest.mark.parametrize(("marked", "expected"), [(4, False), (5, True)])
def test_a_gate_may_ask_for_so_many_marked_orders(marked, expected):
    gate = "{measure: late, above: 0.02, marked_at_least: 5, then: [hide]}"
    assert breached_with(gate, (marked / 100, marked, 100)) == expected


def test_a_gate_may_ask_for_certainty_as_the_defect_rate_does():
    gate = "{measure: late, above: 0.04, confidence: 0.9, then: [hide]}"
    z = 1.2815515655446004
    assert wilson_lower(6, 100, z) < 0.04 < wilson_lower(8, 100, z)
    assert not breached_with(gate, (0.06, 6, 100)) and breached_with(gate, (0.08, 8, 100))
    assert not breached_with(gate, (np.nan, 8, 20)), (
        "without a value there is nothing to be sure of"
    )


@pytest.mark.parametrize(
    ("gate", "said"),
    [
        ("{measure: rating, above: 4.6, confidence: 0.9, then: [hide]}", "shares of orders"),
        ("{measure: late, below: 0.1, confidence: 0.9, then: [hide]}", "found confidence"),
        ("{measure: late, above: 0.1, also: [{measure: mood, above: 1}], then: [hide]}", "mood"),
        ("{measure: late, above: 0.1, also: [{measure: rating}], then: [hide]}", "above, below"),
        (
            "{measure: late, above: 0.1, also: [{measure: of_product, above: 0.1}], then: [hide]}",
            "both of stores, or both of products",
        ),
    ],
)
def test_conditions_that_make_no_sense_are_refused(gate, said):
    with pytest.raises(ConfigError, match=said):
        world(gate)


# --- offers, penalties, reinstatement

SHARED = (
    *LOUD, "days=60", "platform.reviews.leave_rate=0.6",
    "sellers.0.offers=[{listing: Rival 1 / 1, price: 12.0}]",
    "platform.offers.others_share=0.5",
)  # fmt: skip


def test_a_page_is_wiped_for_its_owner_and_for_nobody_else():
    """A review made through another's offer stands on the page of whoever owns the listing."""
    config = small_market(*SHARED, forbids("[wipe_reviews, block_reviews]"[1:-1]))
    engine = Engine(config)
    engine.live_through(30)
    w = engine.world
    posts = w.posts[: w.count("n_posts")]
    owners = w.listings["seller"][posts["listing"]]
    foreign = (posts["channel"] == 1) & (posts["seller"] == 0) & (owners != 0)
    assert foreign.sum() > 3
    before = posts["status"][foreign].tolist()
    found_out(w, 0, THANK, 30)
    w.now["day"] = 30
    evening(w, 30)
    w.now["day"] = 31
    assert posts["status"][foreign].tolist() == before
    mine = (posts["channel"] == 1) & (owners == 0)
    assert (posts["status"][mine] == STRUCK_THROUGH).sum() > 3
    engine.live_through(60)
    n = engine.world.count("n_listings")
    assert (engine.world.listings["n_reviews"][:n] >= 0).all()
    later = engine.world.posts[: engine.world.count("n_posts")]
    late = later[(later["channel"] == 1) & (later["posted"] > 30)]
    assert not (engine.world.listings["seller"][late["listing"]] == 0).any(), "blocked"
    assert len(late) > 0


def test_what_the_platform_ships_is_no_measure_of_the_seller():
    config = small_market(
        *LOUD, "sellers.0.tracked=0.0", "sellers.0.listings.0.by_platform=true",
        "platform.measures={untracked: {orders_with: [untracked], window_days: 400}}",
    )  # fmt: skip
    engine = Engine(config)
    engine.live_through(60)
    w = engine.world
    orders = w.orders[: w.count("n_orders")]
    mine = orders[(orders["seller"] == 0) & (orders["placed"] >= 1 - config.past.days)]
    theirs = mine["by"] & BY_PLATFORM != 0
    assert theirs.sum() > 20 and (~theirs).sum() > 20
    assert not (mine["happened"][theirs] & UNTRACKED).any()
    assert int(w.standing["whole"][0, 0]) == (~theirs).sum()


def test_measures_of_orders_begin_anew_with_reinstatement():
    stated = "platform.measures={late: {orders_with: [arrived_late], window_days: 60}}"
    engine = Engine(small_market(*LOUD, stated))
    engine.live_through(40)
    before = int(engine.world.standing["whole"][0, 0])
    engine.world.sellers["counted_from"][0] = 41
    engine.live_through(45)
    after = int(engine.world.standing["whole"][0, 0])
    assert 0 < after < before
    placed = engine.world.orders["placed"][: engine.world.count("n_orders")]
    mine = engine.world.orders["seller"][: engine.world.count("n_orders")] == 0
    assert after == ((placed >= 41) & mine).sum()


# --- ratings for the silent

SILENT = (
    "days=150", "past.days=20", "platform.channels=1", "platform.defaults.when=always",
    "platform.defaults.after_days=10", "platform.feedback.window_days=15",
    "platform.feedback.change_window_days=10", "platform.claims.window_days=20",
    "platform.odr.window_days=20", "platform.odr.lag_days=5",
)  # fmt: skip


def test_a_ring_that_grows_in_the_evening_loses_no_rating(monkeypatch):
    """What the morning listed by row is found in its new row."""
    config = small_market(*SILENT)
    plain = Marketplace(config)
    plain.run()
    grown, evening_room = Marketplace(config), room.for_the_evening

    def larger(w):
        if w.count("day") == 120:
            assert w.count("n_orders") > w.orders.size, "the ring has wrapped"
            room._more_orders(w, w.orders.size)
        evening_room(w)

    monkeypatch.setattr(room, "for_the_evening", larger)
    grown.run()
    assert table_bytes(plain) == table_bytes(grown)
    assert plain.world.market_days["defaults"].sum() > 100


def test_an_order_that_shares_a_rating_gets_none_from_the_platform():
    config = small_market(*SILENT, "platform.feedback.same_item_days=15",
                          "buyers.trips_per_year=300.0", "rivals.count=1")  # fmt: skip
    engine = Engine(config)
    engine.live_through(60)
    w = engine.world
    orders = w.orders[: min(w.count("n_orders"), w.orders.size)]
    shared = np.zeros(len(orders), bool)
    for row, order in enumerate(orders):
        other = order["previous"]
        while other != NOBODY and other >= w.count("oldest_order"):
            before = w.orders[other % w.orders.size]
            if order["placed"] - before["placed"] >= 15:
                break
            shared[row] |= before["listing"] == order["listing"] and before["trouble"] != 3
            other = before["previous"]
    stands = orders["default"] == DEFAULT_STANDS
    assert shared.sum() > 20 and (stands & ~shared).sum() > 20
    assert not (stands & shared).any()


def test_returns_and_requests_for_removal_of_strategies_still_settle():
    """All of it at once, lived through: nothing is negative, nothing counted that is not there."""
    config = market(
        "{when: feedback_posted, stars: [1, 2], do: request_removal}",
        more=("platform=jd", "platform.feedback.kindness=0.0", "platform.feedback.leave_rate=0.5",
              "complaining.returns=[0.9, 0.9, 0.5, 0.2, 0.1]"),
    )  # fmt: skip
    engine = Engine(config)
    engine.live_through(engine.last_day)
    w = engine.world
    n = w.count("n_listings")
    assert (w.listings["n_reviews"][:n] >= 0).all() and (w.stock[:n] >= 0).all()
    assert (w.tallies["whole"] >= 0).all() and (w.books["rated"] >= 0).all()
    returned = w.orders["marks"] & RETURNED != 0
    assert returned.any() and len(LISTINGS) > 0
