"""Feedback: by the buyer of an order, once, in time."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.rules.feedback import (
    ALLOWED,
    ALREADY_LEFT,
    NO_ORDER,
    NOT_THE_BUYER,
    NOT_YET_OPEN,
    REFUSALS,
    WINDOW_CLOSED,
    is_negative,
    is_positive,
    may_leave,
)

USER = st.integers(-1, 3)
DAY = st.integers(-50, 200)
SPAN = st.integers(0, 100)


def verdict(author=1, buyer=1, already=False, day=20, placed=10, opens=3, window=90):
    return may_leave(author, buyer, already, day, placed, opens, window)


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ({}, ALLOWED),
        ({"buyer": -1}, NO_ORDER),
        ({"author": -1, "buyer": -1}, NO_ORDER),
        ({"author": 2}, NOT_THE_BUYER),
        ({"already": True}, ALREADY_LEFT),
        ({"day": 10}, NOT_YET_OPEN),
        ({"day": 12}, NOT_YET_OPEN),
        ({"day": 13}, ALLOWED),  # opens three days after the order
        ({"day": 99}, ALLOWED),
        ({"day": 100}, ALLOWED),  # the ninetieth day after the order
        ({"day": 101}, WINDOW_CLOSED),
        ({"day": 10, "opens": 0, "window": 0}, ALLOWED),
    ],
)
def test_each_refusal_and_the_days_at_the_edge(case, expected):
    assert verdict(**case) == expected


@given(st.integers(0, 3), USER, st.booleans(), DAY, DAY, SPAN, SPAN)
def test_allowed_is_what_every_single_rule_allows(
    author, buyer, already, day, placed, opens, window
):
    every = author == buyer and not already and opens <= day - placed <= window
    found = may_leave(author, buyer, already, day, placed, opens, window)
    assert (found == ALLOWED) == every


@given(DAY, DAY, SPAN, SPAN)
def test_the_form_is_open_for_the_days_in_between(day, placed, opens, window):
    days = [d for d in range(placed - 1, placed + 102)
            if verdict(day=d, placed=placed, opens=opens, window=window) == ALLOWED]  # fmt: skip
    assert len(days) == max(0, window - opens + 1)


@pytest.mark.parametrize(
    ("stars", "negative", "positive"),
    [(1, True, False), (2, True, False), (3, False, False), (4, False, True), (5, False, True)],
)
def test_one_and_two_stars_are_negative_four_and_five_positive(stars, negative, positive):
    assert (is_negative(stars, 2), is_positive(stars, 4)) == (negative, positive)


@given(st.integers(0, 5), st.integers(1, 3))
def test_no_stars_is_both_negative_and_positive_and_none_is_neither(stars, negative_up_to):
    positive_from = negative_up_to + 1
    assert not (is_negative(stars, negative_up_to) and is_positive(stars, positive_from))
    assert not is_negative(0, negative_up_to)


def test_every_verdict_has_words_of_its_own():
    assert len(set(REFUSALS)) == len(REFUSALS) == 8
