"""The order defect rate: which dates count, and when the platform acts."""

from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from sim.rules.odr import breached, wilson_lower, window

Z90 = NormalDist().inv_cdf(0.9)
COUNTS = st.integers(1, 2000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
Z = st.floats(0.0, 3.0)


def test_sixty_days_both_ends_included():
    # fifteen days of lag: the last date that counts on day 100 is 85, and 26..85 are 60 dates
    assert window(100, 60, 15) == (26, 85)
    assert window(100, 1, 0) == (100, 100)


@given(st.integers(-100, 1000), st.integers(1, 365), st.integers(0, 60))
def test_the_window_is_as_long_as_stated_and_moves_a_day_a_day(day, days, lag):
    first, last = window(day, days, lag)
    assert last - first + 1 == days
    assert last == day - lag
    assert window(day + 1, days, lag) == (first + 1, last + 1)


@pytest.mark.parametrize(("defects", "orders"), [(0, 40), (1, 100), (3, 100), (7, 310), (50, 50)])
@pytest.mark.parametrize("confidence", [0.8, 0.9, 0.99])
def test_the_lower_bound_is_wilsons(defects, orders, confidence):
    both_sides = binomtest(defects, orders).proportion_ci(2 * confidence - 1, method="wilson")
    found = wilson_lower(defects, orders, NormalDist().inv_cdf(confidence))
    assert found == pytest.approx(both_sides.low, abs=1e-12)


def test_the_plain_rate_and_no_orders_are_the_limits():
    assert wilson_lower(3, 300, 0.0) == pytest.approx(0.01)
    assert wilson_lower(0, 0, Z90) == 0.0


@given(COUNTS, Z, Z)
def test_more_confidence_asks_for_a_lower_bound(counts, a, b):
    bold, careful = sorted((a, b))
    share = counts[0] / counts[1]
    bounds = wilson_lower(*counts, careful), wilson_lower(*counts, bold)
    assert -1e-12 <= bounds[0] <= bounds[1] + 1e-12 <= share + 2e-12


@given(COUNTS, Z, st.integers(2, 20))
def test_the_same_share_of_more_orders_is_surer(counts, z, times):
    surer = wilson_lower(times * counts[0], times * counts[1], z)
    assert surer >= wilson_lower(*counts, z) - 1e-12


@given(COUNTS, Z, st.floats(0.0, 0.5), st.integers(0, 60), st.integers(0, 9))
def test_a_further_defect_never_ends_a_breach_nor_a_sound_order_begins_one(
    counts, z, limit, min_orders, min_defects
):
    defects, orders = counts
    rules = limit, min_orders, min_defects, z
    if breached(defects, orders, *rules):
        assert breached(min(defects + 1, orders), orders, *rules)
    elif orders >= min_orders:
        assert not breached(defects, orders + 1, *rules)


@pytest.mark.parametrize(
    ("defects", "orders", "acts"),
    [
        (1, 100, False),  # at the limit is within it
        (2, 100, False),  # fewer than three defects
        (3, 29, False),  # fewer than thirty orders
        (3, 30, True),
        (3, 299, True),
        (3, 300, False),
        (0, 0, False),
    ],
)
def test_volume_is_considered_before_the_plain_rate(defects, orders, acts):
    assert breached(defects, orders, 0.01, 30, 3, 0.0) == acts


def test_by_bad_luck_alone_a_small_store_is_not_acted_upon():
    # 3 of 200 with z = 1.2816, z²/n = .00821: (.015 + .00411 - .01176) / 1.00821 = .0073
    assert wilson_lower(3, 200, Z90) == pytest.approx(0.0073, abs=1e-4)
    assert not breached(3, 200, 0.01, 30, 3, Z90)
    assert breached(5, 200, 0.01, 30, 3, Z90)
