"""Penalties: limits of gates, turns of repeated offences, days, points of a calendar year."""

import math
from itertools import pairwise
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim import state
from sim.config.health import FOR_DAYS, WITH_AMOUNT, PenaltyKind
from sim.rules.penalties import (
    calendar_year,
    crosses,
    happens_once,
    in_turn,
    lasts_until,
    points_of_new_year,
    reaches,
)

NUMBER = st.floats(-1e6, 1e6)
COUNT = st.integers(0, 1000)
POINTS = st.floats(0.0, 200.0)


def test_codes_are_those_of_the_names():
    """In the order of the declaration: the two are told apart by their places alone."""
    codes = [
        *(state.PUT_AT_RISK, state.DEACTIVATE, state.CLOSE, state.ADD_POINTS, state.HIDE),
        *(state.DELIST, state.REMOVE, state.EXPOSE, state.CHARGE, state.HOLD_PAYOUT),
        *(state.PAY_REFUNDS, state.UNFEATURE, state.LOWER_POLICY_SCORE, state.WIPE_REVIEWS),
        state.BLOCK_REVIEWS,
    ]
    assert get_args(PenaltyKind) == (
        "at_risk", "deactivate", "close", "points", "hide", "delist", "remove", "exposure", "fine",
        "hold_payout", "pay_refunds", "no_featured", "policy_score", "wipe_reviews",
        "block_reviews",
    )  # fmt: skip
    assert codes == list(range(15))


@pytest.mark.parametrize(
    ("day", "year"), [(1, 0), (365, 0), (366, 1), (730, 1), (731, 2), (1095, 2), (1096, 3)]
)
def test_a_calendar_year_begins_with_its_first_day(day, year):
    assert calendar_year(day) == year


@pytest.mark.parametrize(
    ("value", "whole", "limit", "is_above", "at_least", "expected"),
    [
        (0.05, 100, 0.04, True, 0, True),
        (0.04, 100, 0.04, True, 0, False),  # at the limit is within it, both ways
        (4.6, 100, 4.6, False, 0, False),
        (4.5, 100, 4.6, False, 0, True),
        (0.40, 20, 0.30, True, 51, False),  # Wish: too few orders
        (0.40, 60, 0.30, True, 51, True),
        (0.40, 50, 0.30, True, 51, False),  # "more than 50"
        (0.40, 51, 0.30, True, 51, True),
        (99.0, 0, 100.0, False, 0, True),  # a score of conduct counts no orders
        (math.nan, 100, 0.04, True, 0, False),
        (math.nan, 100, 0.04, False, 0, False),
    ],
)
def test_a_limit_is_crossed(value, whole, limit, is_above, at_least, expected):
    assert crosses(value, whole, limit, is_above, at_least) == expected


@given(NUMBER, COUNT, NUMBER, COUNT)
def test_nothing_is_beyond_a_limit_both_ways(value, whole, limit, at_least):
    above = crosses(value, whole, limit, True, at_least)
    below = crosses(value, whole, limit, False, at_least)
    assert above + below == (value != limit and whole >= at_least)


def test_jd_takes_more_for_the_second_and_third_time():
    rows = {2: (1, 1), 4: (2, 2), 8: (3, 1000)}
    due = [[points for points, row in rows.items() if in_turn(t, *row)] for t in range(1, 6)]
    assert due == [[2], [4], [8], [8], [8]]


def test_what_happens_once_and_what_lasts():
    """All but a warning, which holds as long as its gate is breached."""
    once = {name for code, name in enumerate(get_args(PenaltyKind)) if happens_once(code)}
    assert once.isdisjoint(FOR_DAYS)
    assert set(get_args(PenaltyKind)) - once - set(FOR_DAYS) == {"at_risk"}
    assert set(WITH_AMOUNT) - once == {"exposure"}


@given(st.integers(1, 1000), st.integers(1, 100))
def test_stated_days_begin_tomorrow(day, days):
    assert lasts_until(day, days, -1) - day == days
    assert lasts_until(day, 0, -1) == -1


@given(st.lists(POINTS, min_size=1, max_size=20), st.floats(0.5, 300.0))
def test_a_step_is_reached_once_however_points_come(added, at):
    totals = [0.0]
    for points in added:
        totals.append(totals[-1] + points)
    reached = sum(reaches(a, b, at) for a, b in pairwise(totals))
    assert reached == (totals[-1] >= at)


@pytest.mark.parametrize(
    ("points", "expected"), [(0, 0), (23, 0), (24, 24), (47, 24), (48, 48), (60, 60)]
)
def test_taobao_carries_24_over_and_keeps_48(points, expected):
    assert points_of_new_year(points, 24.0, 24.0, 48.0) == expected


@given(POINTS)
def test_where_nothing_is_carried_or_kept_points_end_with_the_year(points):
    assert points_of_new_year(points, math.inf, 0.0, math.inf) == 0.0
