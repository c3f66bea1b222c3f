"""A simulated market as a log of orders: complete, and in agreement with its daily tables."""

from __future__ import annotations

import numpy as np
import pytest
from markets import small_market

from experiments.estimators import answered_before_delivery, late_share, stars_by_lateness
from experiments.order_log import order_log
from sim.engine import Engine

LONG = (
    "days=400", "run_out=100", "platform.feedback.leave_rate=0.2", "sellers.0.on_time=0.6",
    "sellers.0.care.answers=0.0",
)  # fmt: skip


@pytest.fixture(scope="module")
def market() -> Engine:
    return Engine(small_market(*LONG))


@pytest.fixture(scope="module")
def log(market):
    return order_log(market)


def test_every_order_of_the_recorded_days_is_there_once(market, log):
    orders = market.tables()["market"]["orders"]
    by_day = np.bincount(np.floor(log.ordered).astype(int), minlength=401)[1:]
    assert by_day.tolist() == orders.tolist() and len(log) > 3000


def test_late_orders_are_those_of_the_tables(market, log):
    sellers = market.tables()["sellers"]
    known = sellers["late"].sum() / sellers["delivered"].sum()
    assert late_share(log) == pytest.approx(known, abs=0.02)
    assert np.isnan(log.delivered).mean() < 0.03, "few are cancelled, the rest has come"


def test_feedback_is_that_of_the_tables_and_later_than_its_order(market, log):
    sellers = market.tables()["sellers"]
    posted = sum(int(sellers[f"feedback_{k}"].sum()) for k in range(1, 6))
    assert 0.9 * posted < (log.stars > 0).sum() < 1.1 * posted
    assert np.array_equal(np.isnan(log.answered), log.stars == 0)
    assert (log.answered[log.stars > 0] > log.ordered[log.stars > 0]).all()


def test_late_parcels_are_judged_worse_and_often_before_they_come(log):
    cells = stars_by_lateness(log)
    assert cells["on time"].negative < cells["4-7 days late"].negative
    before = answered_before_delivery(log)
    assert before.on_time < 0.1 < before.late


def test_a_market_that_has_begun_is_refused():
    engine = Engine(small_market("days=5", "past.days=5"))
    engine.live_a_day()
    with pytest.raises(ValueError, match="begins on day 1, and day 2 is next"):
        order_log(engine)
