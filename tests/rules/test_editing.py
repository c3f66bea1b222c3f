"""Changing and deleting posts: the author only, within the window only."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.rules.editing import (
    ALLOWED,
    GONE,
    NOT_OFFERED,
    NOT_THE_AUTHOR,
    REFUSALS,
    WINDOW_CLOSED,
    may_revise,
)

USER = st.integers(0, 3)
DAY = st.integers(-50, 200)


def verdict(user=1, author=1, deleted=False, day=20, posted=10, window=60, offered=True):
    return may_revise(user, author, deleted, day, posted, window, offered)


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ({}, ALLOWED),
        ({"user": 2}, NOT_THE_AUTHOR),
        ({"deleted": True}, GONE),
        ({"offered": False}, NOT_OFFERED),
        ({"day": 10}, ALLOWED),  # the day it was posted
        ({"day": 69}, ALLOWED),
        ({"day": 70}, ALLOWED),  # the last day: 60 after posting
        ({"day": 71}, WINDOW_CLOSED),
        ({"day": 10, "window": 0}, ALLOWED),
        ({"day": 11, "window": 0}, WINDOW_CLOSED),
    ],
)
def test_each_refusal_and_the_days_at_the_edge(case, expected):
    assert verdict(**case) == expected


@given(USER, USER, st.booleans(), DAY, DAY, st.integers(0, 100), st.booleans())
def test_allowed_is_what_every_single_rule_allows(
    user, author, deleted, day, posted, window, offered
):
    every = user == author and not deleted and offered and day - posted <= window
    found = may_revise(user, author, deleted, day, posted, window, offered)
    assert (found == ALLOWED) == every


@given(DAY, DAY, st.integers(0, 100), st.integers(0, 100))
def test_what_was_refused_for_lateness_stays_refused(day, posted, window, later):
    if verdict(day=day, posted=posted, window=window) == WINDOW_CLOSED:
        assert verdict(day=day + later, posted=posted, window=window) == WINDOW_CLOSED


@given(st.integers(2, 9), DAY, st.booleans(), st.booleans())
def test_strangers_learn_nothing_but_that_they_are_not_the_author(user, day, deleted, offered):
    assert verdict(user=user, day=day, deleted=deleted, offered=offered) == NOT_THE_AUTHOR


def test_every_verdict_has_words_of_its_own():
    assert len(set(REFUSALS)) == len(REFUSALS) == 10
