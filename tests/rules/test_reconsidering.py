"""What an apology makes an author do."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.rules.reconsidering import CHANGES, DELETES, UNMOVED, WORSE, changed_stars, reaction

UNIT = st.floats(1e-9, 1 - 1e-9)
DELAY = st.integers(0, 60)
EFFECT = st.floats(0.0, 0.6)
CLUMSY = st.floats(0.0, 0.4)  # with the effect at most 1, as the configuration demands
FLAG = st.booleans()
STARS = st.integers(1, 5)


def react(u, delay=0, u_delete=0.9, *, change=True, delete=True, effect=0.45, clumsy=0.10):
    return reaction(u, effect, delay, 7.0, clumsy, u_delete, 0.5, change, delete)


@pytest.mark.parametrize(
    ("case", "outcome"),
    [
        ({"u": 0.44}, CHANGES),
        ({"u": 0.44, "u_delete": 0.4}, DELETES),
        ({"u": 0.44, "u_delete": 0.5}, CHANGES),
        ({"u": 0.45}, UNMOVED),
        ({"u": 0.44, "delay": 7}, UNMOVED),  # half as strong a week later: .225
        ({"u": 0.22, "delay": 7}, CHANGES),
        ({"u": 0.89}, UNMOVED),
        ({"u": 0.90}, WORSE),
        ({"u": 0.44, "change": False}, DELETES),  # the only way left
        ({"u": 0.44, "u_delete": 0.4, "delete": False}, CHANGES),
        ({"u": 0.44, "change": False, "delete": False}, UNMOVED),
        ({"u": 0.91, "change": False}, UNMOVED),
    ],
)
def test_each_outcome_by_hand(case, outcome):
    assert react(**case) == outcome


def test_shares_of_outcomes_are_those_published():
    u = (np.arange(4000) + 0.5) / 4000
    outcomes = np.array([react(x, u_delete=(37 * x) % 1.0) for x in u])
    shares = np.bincount(outcomes, minlength=4) / u.size
    assert shares[CHANGES] + shares[DELETES] == pytest.approx(0.45, abs=0.001)
    assert shares[DELETES] == pytest.approx(0.225, abs=0.02)
    assert shares[WORSE] == pytest.approx(0.10, abs=0.001)


@given(UNIT, UNIT, DELAY, UNIT, EFFECT, CLUMSY)
def test_low_draws_are_won_over_high_ones_put_off_and_none_both(u, v, delay, d, effect, clumsy):
    low, high = sorted((u, v))
    below = react(low, delay, d, effect=effect, clumsy=clumsy)
    above = react(high, delay, d, effect=effect, clumsy=clumsy)
    if above in (CHANGES, DELETES):
        assert below in (CHANGES, DELETES)
    if below == WORSE:
        assert above == WORSE


@given(UNIT, DELAY, DELAY, UNIT, EFFECT, CLUMSY)
def test_a_quicker_apology_never_loses_whom_a_later_one_won(u, a, b, d, effect, clumsy):
    soon, late = (react(u, delay, d, effect=effect, clumsy=clumsy) for delay in sorted((a, b)))
    if late in (CHANGES, DELETES):
        assert soon == late


@given(UNIT, DELAY, UNIT, FLAG, FLAG, EFFECT, CLUMSY)
def test_nobody_does_what_is_not_allowed(u, delay, d, change, delete, effect, clumsy):
    outcome = react(u, delay, d, change=change, delete=delete, effect=effect, clumsy=clumsy)
    assert change or outcome not in (CHANGES, WORSE)
    assert delete or outcome != DELETES


@given(UNIT, DELAY, UNIT)
def test_without_effect_or_clumsiness_nobody_moves(u, delay, d):
    assert react(u, delay, d, effect=0.0, clumsy=0.0) == UNMOVED


@pytest.mark.parametrize(
    ("stars", "happier", "after"), [(1, 0, 2), (1, 4, 4), (2, 1, 3), (4, 5, 5), (5, 1, 5)]
)
def test_changed_stars_by_hand(stars, happier, after):
    assert changed_stars(stars, happier) == after


@given(STARS, st.integers(0, 5), st.integers(0, 5))
def test_the_won_over_give_more_stars_up_to_five(stars, a, b):
    less, more = (changed_stars(stars, happier) for happier in sorted((a, b)))
    assert min(5, stars + 1) <= less <= more <= 5
