"""Choice as a race: a logit whose outcomes stay paired when one weight changes."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2

from sim.draws import join, uniform, user_key
from sim.rules.choice import (
    TYPICAL_STARS,
    TYPICAL_STORE,
    first_reviews,
    race_time,
    remembered,
    utility,
)

TRIPS = 8000
STREAM = np.uint64(0x1234567890ABCDEF)
UTILITIES = np.array([1.0, 0.2, -0.4, 0.7, 1.1])  # four listings, then buying nothing
WEIGHT = st.floats(0.0, 4.0)
STARS = st.floats(1.0, 5.0)
SHARE = st.floats(0.0, 1.0)
UNIT = st.floats(1e-9, 1 - 1e-9)


@pytest.fixture(scope="module")
def draws():
    """One uniform per trip and alternative, keyed by both: [trips, alternatives]."""

    def draw(trip, listing):
        me = np.uint64(user_key(0, trip))  # compiled, words come back as plain integers
        return uniform(STREAM, np.uint64(join(me, np.uint64(1000 + listing))))

    with np.errstate(over="ignore"):
        return np.array([[draw(t, a) for a in range(len(UTILITIES))] for t in range(TRIPS)])


def winners(draws, utilities):
    """Alternative that finishes first on every trip."""
    rates = np.exp(utilities)
    times = [[race_time(u, r, 0.0) for u, r in zip(row, rates, strict=True)] for row in draws]
    return np.argmin(times, axis=1)


@pytest.mark.parametrize("utilities", [UTILITIES, np.zeros(5), np.array([3.0, 0, 0, -2, 1])])
def test_winning_shares_are_those_of_the_logit(draws, utilities):
    expected = TRIPS * np.exp(utilities) / np.exp(utilities).sum()
    found = np.bincount(winners(draws, utilities), minlength=5)
    assert ((found - expected) ** 2 / expected).sum() < chi2.isf(0.001, 4)


@pytest.mark.parametrize("raised", range(4))
def test_raising_one_weight_moves_only_trips_to_it(draws, raised):
    more = UTILITIES.copy()
    more[raised] += math.log(1.1)
    before, after = winners(draws, UTILITIES), winners(draws, more)
    moved = before != after
    assert moved.any() and np.all(after[moved] == raised)


@pytest.mark.parametrize("gone", range(4))
def test_taking_one_listing_away_moves_only_its_own_trips(draws, gone):
    less = UTILITIES.copy()
    less[gone] = -700.0
    before, after = winners(draws, UTILITIES), winners(draws, less)
    moved = before != after
    np.testing.assert_array_equal(moved, before == gone)


def test_a_finishing_time_by_hand():
    assert race_time(math.exp(-1.0), 2.0, 0.0) == pytest.approx(0.5)
    assert race_time(math.exp(-1.0), 2.0, math.log(2.0)) == pytest.approx(0.25)


@given(UNIT, UNIT, st.floats(0.01, 100.0), st.floats(-3, 3), st.floats(0.0, 3.0))
def test_more_attraction_or_liking_or_a_larger_draw_finishes_no_later(u, v, rate, own, more):
    time = race_time(u, rate, own)
    assert race_time(u, rate, own + more) <= time
    assert race_time(u, rate * (1.0 + more), own) <= time
    assert race_time(max(u, v), rate, own) <= time
    assert time >= 0.0


@given(UNIT, st.floats(0.01, 100.0), st.floats(-3, 3))
def test_personal_liking_is_utility_like_any_other(u, rate, own):
    assert race_time(u, rate, own) == pytest.approx(race_time(u, rate * math.exp(own), 0.0))


def test_utility_by_hand():
    # price 10 % above usual, 4.5 stars from 9 reviews, a quarter low, 99 % positive
    v = utility(math.log(1.1), 4.5, 9, 0.25, 0.99, 0.5, -1.5, 0.35, 0.10, -0.8, 1.0)
    parts = -1.5 * math.log(1.1), 0.35 * 0.3, 0.10 * math.log(10), -0.8 * 0.25, 0.04, 0.5
    assert v == pytest.approx(sum(parts))


def test_a_typical_listing_at_the_usual_price_has_no_utility():
    assert utility(0.0, TYPICAL_STARS, 0, 0.0, TYPICAL_STORE, 0.0, -1.5, 1.0, 1.0, -1.0, 1.0) == 0.0
    assert utility(0.0, TYPICAL_STARS, 7, 0.0, -1.0, 0.0, -1.5, 1.0, 0.0, -1.0, 1.0) == 0.0


def test_a_store_without_one_positive_is_held_to_it_and_one_without_feedback_is_not():
    assert utility(0.0, 0.0, 0, 0.0, 0.0, 0.0, -1.0, 1.0, 1.0, -1.0, 2.0) == pytest.approx(-1.9)
    assert utility(0.0, 0.0, 0, 0.0, -1.0, 0.0, -1.0, 1.0, 1.0, -1.0, 2.0) == 0.0


@given(st.integers(0, 500), WEIGHT)
def test_without_stars_or_feedback_shown_none_is_held_against_a_listing(n, weight):
    assert utility(0.0, 0.0, n, 0.0, -1.0, 0.0, -1.0, weight, 0.0, -weight, weight) == 0.0


@given(STARS, STARS, SHARE, SHARE, SHARE, SHARE, st.integers(1, 500), WEIGHT)
def test_nothing_better_on_the_page_puts_shoppers_off(s1, s2, l1, l2, f1, f2, n, w):
    worse = utility(0.5, min(s1, s2), n, max(l1, l2), min(f1, f2), 0.0, -w, w, w, -w, w)
    better = utility(0.1, max(s1, s2), n + 1, min(l1, l2), max(f1, f2), 0.0, -w, w, w, -w, w)
    assert better >= worse - 1e-12


@given(st.floats(-1, 1), STARS, st.integers(1, 500), SHARE, SHARE, st.lists(WEIGHT, min_size=5,
       max_size=5))  # fmt: skip
def test_parts_of_utility_add_up(log_price, stars, n, low, store, weights):
    def v(weights):
        return utility(log_price, stars, n, low, store, 0.0, *weights)

    alone = [v([w if i == j else 0.0 for i, w in enumerate(weights)]) for j in range(5)]
    assert v(weights) == pytest.approx(sum(alone), abs=1e-9)


def test_first_reviews_by_hand():
    assert first_reviews(0, 1.0, 3.0) == 0.0
    assert first_reviews(3, 2.0, 3.0) == pytest.approx(2.0 * (1 - math.exp(-1)))
    assert first_reviews(1000, 2.0, 3.0) == pytest.approx(2.0)


@given(st.integers(0, 300), WEIGHT, st.floats(0.1, 50.0))
def test_each_further_review_adds_less(n, weight, scale):
    a, b, c = (first_reviews(n + k, weight, scale) for k in range(3))
    assert 0.0 <= a <= b <= c <= weight
    assert c - b <= b - a + 1e-12


def test_own_experience_by_hand():
    # five stars, 0.4 a star above 3, one half-life of 120 days ago: 0.4 * 2 / 2
    assert remembered(5, 120, 0.4, 120.0) == pytest.approx(0.4)
    assert remembered(1, 0, 0.4, 120.0) == pytest.approx(-0.8)
    assert remembered(3, 10, 0.4, 120.0) == 0.0


@given(st.integers(0, 2), st.integers(0, 1000), st.integers(0, 100), WEIGHT)
def test_experience_is_symmetric_about_three_stars_and_fades(off, ago, more, weight):
    good, bad = remembered(3 + off, ago, weight, 90.0), remembered(3 - off, ago, weight, 90.0)
    assert good == pytest.approx(-bad)
    assert remembered(3 + off, ago + more, weight, 90.0) <= good
