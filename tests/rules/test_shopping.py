"""How often users shop, and where."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import poisson

from sim.rules.shopping import (
    GUIDE,
    MOST_TRIPS,
    category_guide,
    swing,
    trip_category,
    trips_on_day,
)


def category_of(cdf: np.ndarray, u: float) -> int:
    """As a morning looks it up, which makes the guide once for all trips."""
    return trip_category(cdf, category_guide(cdf), u)


RATE = st.floats(0.0, 3.0)
UNIT = st.floats(1e-12, 1 - 1e-12)


@pytest.mark.parametrize(
    ("u", "trips"),
    # at half a trip a day: P(1 or more) = .3935, P(2 or more) = .0902, P(3 or more) = .0144
    [(0.40, 0), (0.39, 1), (0.091, 1), (0.090, 2), (0.0145, 2), (0.0143, 3)],
)
def test_trips_at_half_a_day_by_hand(u, trips):
    assert trips_on_day(0.5, u) == trips


@pytest.mark.parametrize("rate", [0.01, 0.07, 0.5, 2.0])
def test_frequencies_are_poisson(rate):
    u = (np.arange(20_000) + 0.5) / 20_000
    counts = np.bincount([trips_on_day(rate, x) for x in u], minlength=MOST_TRIPS + 1)
    expected = poisson.pmf(np.arange(MOST_TRIPS), rate)
    np.testing.assert_allclose(counts[:MOST_TRIPS] / u.size, expected, atol=1e-4)


@given(RATE, RATE, UNIT, UNIT)
def test_a_keener_shopper_takes_no_fewer_trips(r1, r2, u1, u2):
    fewer = trips_on_day(min(r1, r2), max(u1, u2))
    assert 0 <= fewer <= trips_on_day(max(r1, r2), min(u1, u2)) <= MOST_TRIPS


@given(RATE, UNIT)
def test_who_draws_above_the_rate_stays_at_home(rate, u):
    if u >= rate:
        assert trips_on_day(rate, u) == 0


def test_no_rate_no_trips_and_a_draw_of_almost_nothing_is_cut():
    assert trips_on_day(0.0, 1e-12) == 0
    assert trips_on_day(100.0, 1e-12) == MOST_TRIPS


@pytest.mark.parametrize(("u", "category"), [(0.0, 0), (0.19, 0), (0.2, 1), (0.5, 2), (0.999, 2)])
def test_categories_by_hand(u, category):
    assert category_of(np.array([0.2, 0.5, 1.0]), u) == category


@given(st.lists(st.floats(0.01, 5.0), min_size=1, max_size=8))
def test_categories_are_visited_by_their_shares(weights):
    shares = np.array(weights) / sum(weights)
    cdf = np.cumsum(shares)
    u = (np.arange(500) + 0.5) / 500
    visits = np.bincount([category_of(cdf, x) for x in u], minlength=shares.size)
    np.testing.assert_allclose(visits / u.size, shares, atol=2.1 / u.size)


@given(st.integers(1, 8))
def test_rounding_never_leads_outside_the_categories(n):
    cdf = np.cumsum(np.full(n, 1.0 / n)) - 1e-9
    assert category_of(cdf, math.nextafter(1.0, 0.0)) == n - 1


def test_running_sums_need_not_end_at_one():
    assert [category_of(np.array([1.0, 4.0]), u) for u in (0.0, 0.24, 0.26, 0.99)] == [0, 0, 1, 1]


def test_a_week_swings_about_one_and_is_like_the_week_before():
    z = np.random.default_rng(1).standard_normal(40_001)
    weeks = np.array([swing(a, b, 0.3) for a, b in zip(z[1:], z[:-1], strict=True)])
    assert weeks.mean() == pytest.approx(1.0, abs=0.01)
    assert np.log(weeks).std() == pytest.approx(0.3, abs=0.01)
    assert np.corrcoef(np.log(weeks[1:]), np.log(weeks[:-1]))[0, 1] == pytest.approx(0.5, abs=0.02)


def test_weeks_are_alike_where_nothing_swings():
    assert swing(2.0, -1.0, 0.0) == 1.0


@given(
    st.lists(st.floats(0.0, 10.0), min_size=1, max_size=40), st.floats(0.0, 1.0, exclude_max=True)
)
def test_the_guide_leads_where_a_search_from_the_start_does(weights, u):
    cdf, c = np.cumsum(weights), 0
    while c < cdf.size - 1 and u * cdf[-1] >= cdf[c]:
        c += 1
    assert category_of(cdf, u) == c
    assert category_guide(cdf)[int(u * GUIDE)] <= c
