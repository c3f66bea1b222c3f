"""Ratings where platforms differ: what the form counts from, the scale, whose order is rated."""

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.config.platform import CountsFrom
from sim.rules import reviews
from sim.rules.feedback import (
    ALLOWED,
    ALREADY_LEFT,
    FROM_END,
    FROM_ORDER,
    FROM_PROMISE,
    NO_ORDER,
    NOT_YET_OPEN,
    SAME_ITEM,
    WINDOW_CLOSED,
    end_of_order,
    form_start,
    in_class,
    is_negative,
    is_positive,
    may_leave,
    shares_rating,
)
from sim.rules.reconsidering import changed_stars
from sim.state import NEVER

DAY = st.integers(-50, 400)


@pytest.mark.parametrize(
    ("dispatched", "delivered", "auto_confirm", "end"),
    [
        (10, 14, 10, 14),  # receipt comes first
        (10, 25, 10, 20),  # and here the platform confirms
        (10, 20, 10, 20),
        (10, 90, 10_000, 90),  # receipt alone
        (NEVER, NEVER, 10, NEVER),  # nothing has been sent
    ],
)
def test_an_order_ends_with_receipt_or_some_days_after_dispatch(
    dispatched, delivered, auto_confirm, end
):
    assert end_of_order(dispatched, delivered, auto_confirm) == end


def test_the_configuration_names_them_in_the_same_order():
    names = get_args(CountsFrom)
    assert (names[FROM_ORDER], names[FROM_END], names[FROM_PROMISE]) == ("order", "end", "promise")


@pytest.mark.parametrize(
    ("counts_from", "start"), [(FROM_ORDER, 3), (FROM_PROMISE, 20), (FROM_END, 11)]
)
def test_the_form_counts_from_what_the_platform_says(counts_from, start):
    assert form_start(counts_from, 3, 20, 11) == start


def test_no_form_is_open_while_the_order_is_not_over():
    assert may_leave(1, 1, False, 500, NEVER, 0, 15) == NOT_YET_OPEN
    verdicts = [may_leave(1, 1, False, day, 30, 0, 15) for day in (29, 30, 45, 46)]
    assert verdicts == [NOT_YET_OPEN, ALLOWED, ALLOWED, WINDOW_CLOSED]


def test_an_order_that_shares_a_rating_is_refused_whatever_the_day():
    verdicts = {may_leave(1, 1, False, day, 30, 0, 15, True) for day in range(20, 60)}
    assert verdicts == {SAME_ITEM}
    assert may_leave(1, 1, True, 30, 30, 0, 15, True) == ALREADY_LEFT
    assert may_leave(1, -1, False, 30, 30, 0, 15, True) == NO_ORDER


def test_orders_less_than_the_days_apart_share_a_rating():
    found = [shares_rating(day, 10, 15) for day in (10, 24, 25, 90)]
    assert found == [True, True, False, False]


@given(DAY, DAY, st.integers(1, 100), st.integers(1, 100))
def test_more_days_share_no_less(a, b, days, more):
    placed, before = max(a, b), min(a, b)
    assert shares_rating(placed, before, days) <= shares_rating(placed, before, days + more)


def test_classes_by_hand():
    assert [in_class(stars, 4, 2) for stars in range(1, 6)] == [1, 1, 3, 5, 5]
    assert [in_class(stars, 4, 1) for stars in range(1, 6)] == [1, 3, 3, 5, 5]
    assert [in_class(stars, 5, 2) for stars in range(1, 6)] == [1, 1, 3, 3, 5]


@given(st.integers(1, 5), st.sampled_from([4, 5]), st.sampled_from([1, 2]))
def test_a_class_has_one_mark_and_better_stars_are_in_no_worse_one(stars, good, bad):
    mark = in_class(stars, good, bad)
    assert in_class(mark, good, bad) == mark
    assert is_negative(mark, bad) == is_negative(stars, bad)
    assert is_positive(mark, good) == is_positive(stars, good)
    assert mark <= in_class(min(5, stars + 1), good, bad)


def test_of_three_marks_an_author_who_is_won_over_goes_up_by_one():
    assert [changed_stars(stars, 1, 2) for stars in (1, 3, 5)] == [3, 5, 5]
    assert changed_stars(1, 5, 2) == 5


def test_where_there_are_ratings_alone_nobody_reviews():
    best = dict(
        purchases=9, min_purchases=0, spent=1e3, min_spend=0.0, already=False, verified=True,
        open_to_non_buyers=True,
    )  # fmt: skip
    assert reviews.may_review(*best.values(), False) == reviews.ALLOWED
    assert reviews.may_review(*best.values(), True) == reviews.RATINGS_ONLY
