"""Gates: when the platform looks, what it takes for breached, and what follows from it."""

from __future__ import annotations

import numpy as np
import pytest
from compare import agents_in_random_order, assert_same, compiled_day
from lines import same_tables
from markets import small_market
from punished import (
    CONDUCT,
    LATE,
    LISTINGS,
    QUIET,
    RATING,
    REFUNDS,
    evening,
    measure,
    measure_product,
    of,
    on_sale,
    world,
)

from experiments.mistakes import ConfigError
from sim.engine import Engine
from sim.model import Marketplace
from sim.state import AT_RISK, CLOSED, DEACTIVATED, HEALTHY

HIDE = "{measure: late, above: 0.04, at_least: 10, then: [hide]}"


def state_of(w) -> int:
    return int(w.sellers["state"][0])


def test_a_penalty_without_days_lasts_as_long_as_the_gate_is_breached():
    w = world(HIDE)
    hidden = []
    for day, value in enumerate([0.04, 0.05, 0.9, 0.041, 0.0, 0.05, np.nan], start=1):
        measure(w, LATE, value)
        evening(w, day)
        hidden.append(set(of(w, 0)).isdisjoint(on_sale(w)))
        assert set(on_sale(w)) >= set(LISTINGS) - set(of(w, 0)), "only its own"
    assert hidden == [False, True, True, True, False, True, False]


def test_too_few_orders_are_passed_over():
    w = world(HIDE)
    for day, whole in enumerate([9, 10], start=1):
        measure(w, LATE, 0.9, whole)
        evening(w, day)
        assert w.seller_gates["breached"][0, 0] == (whole == 10)


def test_nothing_is_looked_at_before_day_one():
    w = world(HIDE)
    measure(w, LATE, 0.9)
    evening(w, 0)
    assert w.seller_gates["breached"].sum() == 0 and on_sale(w) == list(LISTINGS)


def test_between_two_looks_it_stays_as_it_was():
    w = world("{measure: late, above: 0.04, every_days: 7, then: [hide]}")
    measure(w, LATE, 0.9)
    breached = []
    for day in range(1, 22):
        if day == 10:
            measure(w, LATE, 0.0)
        evening(w, day)
        breached.append(not set(of(w, 0)) <= set(on_sale(w)))
    assert breached == [False] * 6 + [True] * 7 + [False] * 8


def test_what_states_its_days_is_renewed_at_every_look():
    w = world("{measure: late, above: 0.04, every_days: 7, then: [{do: hide, days: 3}]}")
    hidden = []
    for day in range(1, 25):
        measure(w, LATE, 0.9 if day < 20 else 0.0)
        evening(w, day)
        hidden.append(not set(of(w, 0)) <= set(on_sale(w)))
    looks = {7, 8, 9, 14, 15, 16}
    assert [day for day in range(1, 25) if hidden[day - 1]] == sorted(looks)


def test_a_fine_is_paid_at_every_crossing_and_not_in_between():
    w = world("{measure: late, above: 0.04, then: [{do: fine, amount: 12.5}]}")
    fines = []
    for day, value in enumerate([0.9, 0.9, 0.0, 0.9, 0.9], start=1):
        measure(w, LATE, value)
        evening(w, day)
        fines.append(int(w.seller_days["fines"][day, 0]))
        assert w.seller_days["costs"][day, 0] == fines[-1]
    assert fines == [1250, 0, 0, 1250, 0]
    assert w.seller_days["fines"][:, 1:].sum() == 0


def test_crossings_are_counted_within_a_calendar_year():
    w = world("{measure: late, above: 0.04, then: [{do: fine, amount: 1, last_time: 1}, "
              "{do: fine, amount: 10, first_time: 2, last_time: 2}, "
              "{do: fine, amount: 100, first_time: 3}]}")  # fmt: skip
    paid = {}
    for day in (1, 2, 10, 20, 21, 30, 31, 40, 41, 366, 367, 370):
        measure(w, LATE, 0.0 if day in (2, 20, 30, 40, 366) else 0.9)
        evening(w, day)
        paid[day] = w.seller_days["fines"][day, 0] / 100
    assert {day: usd for day, usd in paid.items() if usd} == {
        1: 1.0, 10: 10.0, 21: 100.0, 31: 100.0, 41: 100.0, 367: 1.0,
    }  # fmt: skip


def test_at_risk_leads_to_deactivation_and_a_plan_as_the_odr_does():
    w = world("{measure: late, above: 0.04, then: [at_risk]}", more=(
        "platform.account.at_risk_days=3", "platform.account.plan_days=2",
        "platform.account.plan_accepted=1.0"))  # fmt: skip
    states = []
    for day in range(1, 10):
        measure(w, LATE, 0.9 if day < 7 else 0.0)
        evening(w, day)
        states.append(state_of(w))
    assert states == [AT_RISK] * 3 + [DEACTIVATED] * 2 + [HEALTHY] * 4
    assert w.sellers["plans_sent"][0] == 1


def test_at_risk_ends_when_the_gate_is_passed():
    w = world("{measure: late, above: 0.04, then: [at_risk]}")
    for day, value in enumerate([0.9, 0.9, 0.0], start=1):
        measure(w, LATE, value)
        evening(w, day)
        assert state_of(w) == (AT_RISK if value else HEALTHY)


AHR = (
    "{measure: conduct, below: 200, then: [at_risk]}",
    "{measure: conduct, below: 100, then: [deactivate]}",
)


@pytest.mark.parametrize(
    ("score", "expected"),
    [(200, HEALTHY), (199, AT_RISK), (100, AT_RISK), (99, DEACTIVATED), (0, DEACTIVATED)],
)
def test_a_score_of_conduct_below_its_limits(score, expected):
    w = world(*AHR)
    measure(w, CONDUCT, score, 0)
    evening(w, 1)
    assert state_of(w) == expected


WISH = (
    "{measure: of_product, above: 0.2, at_least: 26, every_days: 7, then: [pay_refunds]}",
    "{measure: of_product, above: 0.3, at_least: 51, every_days: 7, then: [remove]}",
)


@pytest.mark.parametrize(
    ("orders", "share", "pays", "removed"),
    [(20, 0.4, 0, 0), (26, 0.2, 0, 0), (26, 0.21, 1, 0), (50, 0.4, 1, 0), (60, 0.4, 1, 1)],
)
def test_a_product_that_is_sent_back_too_often(orders, share, pays, removed):
    w = world(*WISH)
    listing, *others = of(w, 0)
    measure_product(w, share, orders, listing)
    evening(w, 7)
    assert (w.listings["refunds_until"][listing] > 7) == pays
    assert (listing not in on_sale(w)) == removed
    assert set(others) <= set(on_sale(w)) and (w.sellers["refunds_until"] < 7).all()


def test_what_is_removed_does_not_come_back():
    w = world(*WISH)
    measure_product(w, 0.4, 60)
    evening(w, 7)
    measure_product(w, 0.0, 60)
    evening(w, 14)
    evening(w, 300)
    assert 0 not in on_sale(w) and w.listings["removed"].sum() == 1


STORE = (
    "{measure: refunds, above: 0.05, then: [pay_refunds]}",
    "{measure: refunds, above: 0.25, then: [at_risk]}",
)


@pytest.mark.parametrize(
    ("share", "pays", "state"),
    [(0.05, False, HEALTHY), (0.08, True, HEALTHY), (0.30, True, AT_RISK)],
)
def test_a_store_that_gives_back_too_much(share, pays, state):
    w = world(*STORE)
    measure(w, REFUNDS, share)
    evening(w, 1)
    assert (w.sellers["refunds_until"][0] == 2) == pays and state_of(w) == state


TIERS = (
    "{measure: rating, below: 4.0, at_least: 50, then: [{do: exposure, amount: 0.5}]}",
    "{measure: rating, above: 4.2, at_least: 50, then: [{do: exposure, amount: 1.5}]}",
    "{measure: rating, above: 4.5, at_least: 100, then: [{do: exposure, amount: 2.0}]}",
)


@pytest.mark.parametrize(
    ("stars", "ratings", "factor"),
    [(3.9, 50, 0.5), (3.9, 49, 1.0), (4.1, 90, 1.0), (4.4, 90, 1.5), (4.6, 90, 1.5), (4.6, 100, 3)],
)
def test_tiers_move_scores_by_the_log_of_their_factors(stars, ratings, factor):
    w, plain = world(*TIERS), world(*TIERS)
    measure(w, RATING, stars, ratings)
    for market in (w, plain):
        evening(market, 1)
    moved = w.listings["score"] - plain.listings["score"]
    for k in LISTINGS:
        expected = np.log(factor) if k in of(w, 0) else 0.0
        assert moved[k] == pytest.approx(expected, abs=1e-12)
        assert w.listing_days["score"][1, k] == w.listings["score"][k], "as recorded"
    measure(w, RATING, 4.1, 100)
    evening(w, 2)
    assert w.sellers["exposure"][0] == 0.0


def test_a_product_is_moved_alone():
    w = world("{measure: of_product, above: 0.2, then: [{do: exposure, amount: 0.5, days: 2}]}")
    plain = world()
    listing, *_ = of(w, 0)
    measure_product(w, 0.4, 60, listing)
    evening(w, 1)
    evening(plain, 1)
    moved = w.listings["score"] - plain.listings["score"]
    assert moved[listing] == pytest.approx(np.log(0.5))
    assert all(moved[k] == 0.0 for k in LISTINGS if k != listing)
    measure_product(w, 0.0, 60, listing)
    exposures = []
    for day in (2, 3, 4):
        evening(w, day)
        exposures.append(float(w.listings["exposure"][listing]))
    assert exposures == [np.log(0.5), 0.0, 0.0]


def test_a_closed_store_is_left_alone():
    w = world("{measure: late, above: 0.04, then: [{do: fine, amount: 5}]}")
    w.sellers["state"][0] = CLOSED
    measure(w, LATE, 0.9)
    evening(w, 1)
    assert w.seller_days["fines"].sum() == 0 and w.seller_gates["breached"].sum() == 0


def test_of_products_only_products_can_be_punished():
    for penalty in ("at_risk", "hide", "{do: fine, amount: 1}", "no_featured"):
        with pytest.raises(ConfigError, match="for a product"):
            world(f"{{measure: of_product, above: 0.2, then: [{penalty}]}}")


LIVELY = (
    "days=60", "warm_up=5", "sellers.0.on_time=0.6",
    "sellers.0.strategy=thanks", "rivals.strategy=thanks",
    "rivals.late_median=0.1", "platform.feedback.leave_rate=0.3", "platform.reviews.leave_rate=0.3",
    "strategies={thanks: [{when: order_delivered, do: thank}]}",
    "complaining.claim=[0.5, 0.5, 0.2, 0.0, 0.0]", "platform.claims.refunds_by_platform=0.6",
    "platform.policy.thank={says: forbidden, found_out: 0.05, penalties: [{do: points, amount: 2}, "
    "{do: exposure, amount: 0.7, days: 9}, {do: fine, amount: 3, first_time: 2}]}",
    "platform.points={steps: [{at: 6, then: [{do: hide, days: 4}, {do: hold_payout, days: 9}]}, "
    "{at: 12, then: [wipe_reviews, block_reviews]}, {at: 18, then: [close]}]}",
    "platform.measures={late: {orders_with: [arrived_late], window_days: 20}, "
    "back: {orders_with: [returned], level: product, window_days: 30}}",
    "platform.gates=[{measure: late, above: 0.1, at_least: 5, every_days: 3, then: [at_risk, "
    "pay_refunds, no_featured, {do: exposure, amount: 0.5}]}, "
    "{measure: back, above: 0.1, at_least: 3, then: [pay_refunds]}, "
    "{measure: back, above: 0.25, at_least: 8, then: [remove]}]",
)  # fmt: skip


def test_both_grains_agree_under_gates_and_penalties():
    config = small_market(*LIVELY)
    at_once, by_agent = Marketplace(config), Marketplace(config)
    for _ in range(45):
        compiled_day(at_once)
        agents_in_random_order(by_agent)
    assert_same(at_once, by_agent)
    days = at_once.world.seller_days
    assert days["fines"].sum() > 0 and days["withheld"].sum() > 0 and days["points"].max() >= 18
    assert (days["state"] == CLOSED).any() and at_once.world.sellers["reviews_blocked"].any()


def test_a_gate_that_nobody_crosses_changes_nothing():
    plain = Engine(small_market("days=30"))
    gates = Engine(small_market(
        "days=30", "platform.measures={late: {orders_with: [arrived_late]}}",
        "platform.gates=[{measure: late, above: 1.0, then: [close, hide, pay_refunds]}]",
        "platform.points={steps: [{at: 12, then: [close]}], kept_from: 48}"))  # fmt: skip
    plain.live_through(30)
    gates.live_through(30)
    assert same_tables(plain, gates)


def test_no_gates_cost_no_rows():
    w = Engine(small_market(*QUIET)).world
    widths = ("gates", "points_steps"), ("standing", "seller_gates", "exposures")
    assert all(getattr(w, name).size == 0 for names in widths for name in names)
    assert w.lost_points.shape[0] == 0
