"""Components of the score: shrunk to the category, scaled within it."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.rules.ranking import log_count, new_boost, relative_velocity, scaled, shrunk

AMOUNT = st.floats(0.0, 1e4)
PRIOR = st.floats(0.01, 1e3)
MEAN = st.floats(0.0, 10.0)


def test_shrinking_by_hand():
    # 12 orders of 60 looks, drawn to 10 % by 40 looks: (12 + 4) / 100
    assert shrunk(12.0, 60.0, 40.0, 0.1) == pytest.approx(0.16)
    assert shrunk(0.0, 0.0, 40.0, 0.1) == pytest.approx(0.1)  # nothing known: the category's
    assert shrunk(12.0, 60.0, 0.0, 0.1) == pytest.approx(0.2)  # no prior: its own


@given(AMOUNT, st.floats(0.01, 1e4), PRIOR, PRIOR, MEAN)
def test_a_shrunk_mean_lies_between_own_and_category_nearer_with_more_prior(
    total, exposure, a, b, mean
):
    weak, strong = sorted((a, b))
    own = total / exposure
    near, far = shrunk(total, exposure, strong, mean), shrunk(total, exposure, weak, mean)
    slack = 1e-9 * (1.0 + own + mean)
    assert min(own, mean) - slack <= near <= max(own, mean) + slack
    assert abs(near - mean) <= abs(far - mean) + slack


def test_velocity_by_hand():
    assert relative_velocity(5.0, 5.0, 5.0) == 0.0
    assert relative_velocity(15.0, 5.0, 5.0) == pytest.approx(math.log(2.0))


@given(AMOUNT, AMOUNT, PRIOR, AMOUNT)
def test_more_orders_never_lower_velocity(a, b, prior, mean):
    low, high = (relative_velocity(x, prior, mean) for x in sorted((a, b)))
    assert low <= high


@given(AMOUNT, AMOUNT, PRIOR)
def test_velocities_of_a_pair_are_opposite(a, b, prior):
    assert relative_velocity(a, prior, b) == pytest.approx(
        -relative_velocity(b, prior, a), abs=1e-9
    )


@given(st.lists(st.floats(-100.0, 100.0), min_size=2, max_size=20))
def test_a_scaled_component_has_mean_zero_and_spread_one_or_is_nothing(values):
    column = np.array(values)
    out = np.array([scaled(v, column.mean(), column.std()) for v in column])
    if column.std() > 1e-6:
        assert out.mean() == pytest.approx(0.0, abs=1e-6)
        assert out.std() == pytest.approx(1.0, abs=1e-6)
        assert np.all(np.diff(out[np.argsort(column)]) >= 0.0)
    elif np.ptp(column) == 0.0:
        assert np.all(out == 0.0)


def test_scaling_by_hand():
    assert scaled(7.0, 5.0, 4.0) == 0.5
    assert scaled(7.0, 7.0, 0.0) == 0.0


@pytest.mark.parametrize(("age", "boost"), [(0, 0.5), (15, 0.25), (29, 0.5 / 30), (30, 0), (99, 0)])
def test_the_boost_of_the_new_by_hand(age, boost):
    assert new_boost(age, 30, 0.5) == pytest.approx(boost)


@given(st.integers(0, 900), st.integers(0, 100), st.integers(0, 730), st.floats(0.0, 10.0))
def test_the_boost_only_fades(age, older, new_days, boost):
    assert (
        0.0 <= new_boost(age + older, new_days, boost) <= new_boost(age, new_days, boost) <= boost
    )


def test_the_count_enters_as_a_log():
    assert log_count(0) == 0.0
    assert log_count(9) == pytest.approx(math.log(10.0))
    assert log_count(100) - log_count(50) < log_count(50) - log_count(0)


def test_without_exposure_or_prior_a_listing_is_like_its_category():
    assert shrunk(0.0, 0.0, 0.0, 0.3) == 0.3
    assert shrunk(2.0, 4.0, 0.0, 0.3) == 0.5
