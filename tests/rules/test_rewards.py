"""Money for reviews: how far a reward reaches, and when bought reviews are found."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.rules.rewards import found_day, reach, reward_effect
from sim.state import NEVER

AMOUNTS = st.integers(0, 100_000)
UNIT = st.floats(1e-12, 1 - 1e-12)


@pytest.mark.parametrize(
    ("cents", "scale", "reached"),
    [(0, 5.0, 0.0), (500, 5.0, 0.632), (1500, 5.0, 0.950), (500, 1.0, 0.993), (100, 5.0, 0.181)],
)
def test_reach_by_hand(cents, scale, reached):
    assert reach(cents, scale) == pytest.approx(reached, abs=5e-4)


@given(AMOUNTS, AMOUNTS, st.floats(0.01, 1000.0))
def test_more_money_reaches_no_less_and_never_all(a, b, scale):
    low, high = sorted((a, b))
    assert 0.0 <= reach(low, scale) <= reach(high, scale) <= 1.0


@pytest.mark.parametrize(
    ("effect", "reached", "factor"), [(3, 0, 1), (3, 1, 3), (3, 0.5, 2), (1, 1, 1)]
)
def test_the_effect_is_that_of_a_reward_without_end_in_part(effect, reached, factor):
    assert reward_effect(float(effect), float(reached)) == factor


@pytest.mark.parametrize(
    ("u_found", "share", "u_delay", "mean", "day"),
    [
        (0.44, 0.45, np.exp(-1), 100.0, 110),
        (0.45, 0.45, np.exp(-1), 100.0, NEVER),
        (0.0, 0.0, 0.5, 100.0, NEVER),
        (0.0, 1.0, 0.999999, 100.0, 11),
        (0.0, 1.0, 1e-12, 3650.0, NEVER),
    ],
)
def test_found_day_by_hand(u_found, share, u_delay, mean, day):
    assert found_day(10, u_found, share, u_delay, mean) == day


@given(UNIT, UNIT, st.floats(0, 1), st.floats(0, 1), st.floats(1, 3650))
def test_a_better_platform_finds_the_same_and_more_and_never_on_the_day(u, v, a, b, mean):
    low, high = sorted((a, b))
    early, late = found_day(10, u, high, v, mean), found_day(10, u, low, v, mean)
    assert 11 <= early <= late <= NEVER


def test_delays_have_their_mean():
    u = (np.arange(20_000) + 0.5) / 20_000
    days = np.array([found_day(0, 0.0, 1.0, x, 100.0) for x in u])
    assert days.mean() == pytest.approx(100.5, abs=0.5)
