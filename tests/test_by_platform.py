"""Orders that the platform stores, packs and ships: its service, its fee, its faults."""

from __future__ import annotations

import numpy as np
import pytest
from markets import lived, small_market
from test_offers import CALM, kept

from sim.engine import Engine
from sim.state import (
    AT_RISK,
    BY_CLAIM,
    BY_PLATFORM,
    CANCELLED_ORDER,
    CLOSED,
    DAMAGED_ITEM,
    DEACTIVATED,
    FEEDBACK,
    HEALTHY,
    QUEUED,
    STRUCK_THROUGH,
    WRONG,
)

PAN = "sellers.0.listings.0.by_platform=true"
ALL = tuple(f"sellers.0.listings.{k}.by_platform=true" for k in range(4))
SLOW = "platform.by_platform.on_time=0.3"


def shipped(engine: Engine) -> tuple[np.ndarray, np.ndarray]:
    """Kept orders of the focal seller: by the platform, and by itself."""
    orders = kept(engine)
    orders = orders[orders["seller"] == 0]
    platforms = orders["by"] & BY_PLATFORM != 0
    return orders[platforms], orders[~platforms]


def test_service_is_the_platforms_and_knows_no_queue():
    engine = lived(
        PAN, *CALM, "sellers.0.capacity=1", "sellers.0.damaged=0.5", "sellers.0.cancelled=0.5",
        "platform.by_platform.damaged=0", "platform.by_platform.wrong_item=0.3",
    )  # fmt: skip
    theirs, own = shipped(engine)
    assert set(theirs["listing"]) == {0} and 0 not in set(own["listing"])
    assert set(theirs["trouble"]) == {0, WRONG} and not (theirs["marks"] & QUEUED).any()
    assert (own["marks"] & QUEUED).any()
    assert {CANCELLED_ORDER, DAMAGED_ITEM} <= set(own["trouble"])
    assert np.mean(theirs["trouble"] == WRONG) == pytest.approx(0.3, abs=0.1)


@pytest.mark.parametrize("on_time", [0.3, 0.98])
def test_lateness_is_the_platforms(on_time):
    theirs, own = shipped(lived(*ALL[:2], *CALM, f"platform.by_platform.on_time={on_time}"))
    arrived = theirs[theirs["placed"] < 0]
    late = np.mean(arrived["delivered"] > arrived["promised"])
    assert late == pytest.approx(1 - on_time, abs=0.12) and len(own) > 0


def test_the_fee_stands_in_place_of_what_service_costs():
    engine = lived(PAN, *CALM, "platform.by_platform.fee=7.5")
    w = engine.world
    for orders, service in zip(shipped(engine), (750, w.sellers["service_cost"][0]), strict=True):
        fee = np.rint(w.p["fees_referral"][0] * orders["price"])
        goods = w.listings["unit_cost"][orders["listing"]]
        assert (orders["cost"] == goods + service + fee).all() and len(orders)


@pytest.mark.parametrize("struck", [0.0, 1.0])
def test_feedback_about_the_platforms_delivery_alone_is_struck_through(struck):
    engine = lived(
        PAN, *CALM, SLOW, f"platform.by_platform.struck={struck}", "sellers.0.on_time=0.3",
        "platform.feedback.leave_rate=0.5", "platform.feedback.product_only_share=0",
    )  # fmt: skip
    w = engine.world
    posts = w.posts[: w.count("n_posts")]
    posts = posts[(posts["channel"] == FEEDBACK) & (posts["seller"] == 0)]
    orders = w.orders[posts["order"] % w.orders.size]
    theirs = orders["by"] & BY_PLATFORM != 0
    gone = posts["status"] == STRUCK_THROUGH
    assert gone[theirs].any() == (struck > 0) and not gone[~theirs].any()
    lag = w.p["feedback_strike_lag_days"][0]
    assert (posts["due_strike"][gone] == posts["posted"][gone] + lag).all()
    assert (orders["defect"][gone] & 1 == 0).all()
    assert (posts["stars"][gone] <= 2).all()


CLAIMS = (
    "complaining.complain=[1, 1, 1, 1, 1]", "complaining.claim=[1, 1, 1, 1, 1]",
    "platform.claims.chargeback_share=0", "platform.claims.granted_unanswered=false",
    "complaining.returns=[0, 0, 0, 0, 0]", "sellers.0.cancelled=0",
    "sellers.0.care={answers: 0, delay_days: 1.0, tone: 0, refund: 0}", "run_out=90",
    "sellers.0.strategy=none",
)  # fmt: skip


def test_the_platform_pays_claims_about_its_own_delivery():
    engine = Engine(small_market(*ALL, *CALM, SLOW, *CLAIMS, "past.days=0"))
    engine.live_through(90)
    theirs, own = shipped(engine)
    paid = theirs["refunded"] == theirs["price"]
    late = theirs["delivered"] > theirs["promised"]
    assert len(own) == 0 and paid.sum() > 20 and (late | (theirs["trouble"] > 0))[paid].all()
    assert not (theirs["defect"] & BY_CLAIM).any()
    assert engine.world.count("oldest_order") == 0
    costs = engine.world.seller_days["costs"][:, 0].sum()
    assert costs == theirs["cost"].sum()  # and nothing of the refunds


def test_a_seller_pays_claims_about_its_own_delivery():
    engine = Engine(small_market(*CALM, *CLAIMS, "past.days=0", "sellers.0.on_time=0.3"))
    engine.live_through(90)
    _, own = shipped(engine)
    paid = own["refunded"] == own["price"]
    assert paid.sum() > 20 and (own["defect"][paid] & BY_CLAIM != 0).all()
    costs = engine.world.seller_days["costs"][:, 0].sum()
    assert costs == own["cost"].sum() + own["refunded"].sum()


STRICT = (
    "rivals.exit_per_year=0.0", "days=40", "buyers.trips_per_year=120.0",
    "platform.odr.min_orders=5", "platform.odr.min_defects=1", "platform.odr.lower_bound=0",
    "platform.odr.lag_days=0", "platform.odr.window_days=30", "platform.account.at_risk_days=3",
    "platform.feedback.leave_rate=0.5", "platform.by_platform.struck=0",
    "sellers.0.on_time=0.99", "sellers.0.damaged=0", "sellers.0.wrong_item=0",
    "sellers.0.cancelled=0", "sellers.0.quality=0.99", SLOW,
)  # fmt: skip


def test_the_account_looks_at_the_sellers_own_orders():
    engine = lived(*ALL, *STRICT)
    rows = engine.tables()["sellers"]
    own = rows["seller"] == "Northwind"
    assert (rows["platform_orders"][own] == rows["window_orders"][own]).all()
    assert (rows["platform_defects"][own] == rows["window_defects"][own]).all()
    assert rows["odr"][own][-1] > 0.01 and set(rows["state"][own]) == {"healthy"}


def test_the_same_service_by_itself_costs_it_the_account():
    rows = lived(*STRICT, "sellers.0.on_time=0.3").tables()["sellers"]
    own = rows["seller"] == "Northwind"
    assert (rows["platform_orders"][own] == 0).all() and "deactivated" in set(rows["state"][own])


@pytest.mark.parametrize(
    ("state", "goes_on", "barred", "live"),
    [
        (DEACTIVATED, "true", 0, True),
        (DEACTIVATED, "false", 0, False),
        (DEACTIVATED, "true", 1, False),
        (CLOSED, "true", 0, False),
        (AT_RISK, "false", 0, True),
    ],
)
def test_what_stays_on_sale_without_an_account(state, goes_on, barred, live):
    engine = Engine(small_market(PAN, *CALM, f"platform.by_platform.goes_on={goes_on}"))
    w = engine.world
    w.sellers["state"][0], w.sellers["barred"][0], w.sellers["since"][0] = state, barred, engine.day
    engine.live_a_day()
    own_orders = w.listings["on_sale"][:4].tolist()
    selling = state in (HEALTHY, AT_RISK)
    assert own_orders == [live, selling, selling, selling]


def test_found_out_for_forbidden_outreach_everything_goes():
    says = "platform.policy.thank={says: forbidden, found_out: 1.0}"
    line = "strategies={mine: [{when: order_delivered, do: thank}]}"
    engine = lived(
        PAN, *CALM, says, line, "sellers.0.strategy=mine", "platform.account.plan_days=90"
    )
    w = engine.world
    assert w.sellers["state"][0] == DEACTIVATED and w.sellers["barred"][0] == 1
    assert (w.listings["on_sale"][:4] == 0).all()


def test_who_is_reinstated_is_not_barred_any_more():
    engine = Engine(small_market(PAN, *CALM, "past.days=0"))
    engine.world.sellers["barred"][0] = 1
    engine.live_a_day()
    assert engine.world.sellers["state"][0] == HEALTHY
    assert engine.world.sellers["barred"][0] == 0
