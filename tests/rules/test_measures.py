"""Measures: the calendar, shares and sums, scores of conduct, ranks among peers."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.rules.measures import (
    MONTHS,
    between,
    class_points,
    conduct,
    mean_of_ratings,
    month_of,
    month_of_year,
    points_within,
    rank_among,
    share_of_orders,
    shown_score,
    stepped,
    sum_of_ratings,
)

DAYS = st.integers(-4000, 4000)
VALUES = st.lists(st.sampled_from([0.0, 0.1, 0.2, 0.3, 0.5]), min_size=1, max_size=8)


def sorted_peers(*values):
    return np.sort(np.array(values, float))


def test_day_one_is_the_first_of_january():
    assert [month_of_year(d) for d in (1, 31, 32, 59, 60, 90, 91, 365)] == [1, 1, 2, 2, 3, 3, 4, 12]
    assert [month_of_year(d) for d in (0, -30, -31, 366, 397)] == [12, 12, 11, 1, 2]
    assert [month_of(d) for d in (0, 1, 31, 32, 365, 366)] == [-1, 0, 0, 1, 11, 12]


@given(st.integers(-10, 10))
def test_every_year_has_twelve_months_of_their_length(year):
    days = [month_of(d) for d in range(365 * year + 1, 365 * year + 366)]
    assert [days.count(m) for m in range(12 * year, 12 * year + 12)] == list(MONTHS)


@given(DAYS)
def test_months_follow_each_other(day):
    assert month_of(day + 1) - month_of(day) in (0, 1)
    assert month_of(day + 365) == month_of(day) + 12
    assert month_of(day) % 12 + 1 == month_of_year(day)


def test_points_of_classes():
    assert [class_points(*c) for c in ((True, False), (False, True), (False, False))] == [1, -1, 0]


def test_at_most_six_points_of_one_customer_a_month():
    before = np.arange(8)
    assert [points_within(1, b, 6) for b in before] == [1, 1, 1, 1, 1, 1, 0, 0]
    assert points_within(-1, 6, 6) == -1  # bad ones are not limited
    assert points_within(-1, 7, 6) == 0  # of seven good ones six counted
    assert points_within(1, 100, 0) == 1  # no limit


@given(st.lists(st.sampled_from([-1, 0, 1]), max_size=30), st.integers(1, 8))
def test_a_month_adds_up_to_the_smaller_of_points_and_limit(points, most):
    added = [points_within(p, sum(points[:i]), most) for i, p in enumerate(points)]
    assert sum(added) == min(most, sum(points))


def test_share_of_orders_by_hand():
    assert share_of_orders(3, 60, 0, 0) == pytest.approx(0.05)
    assert share_of_orders(3, 60, 1, 0) == pytest.approx(2 / 60)
    assert share_of_orders(1, 60, 2, 0) == 0.0
    assert np.isnan(share_of_orders(3, 29, 0, 30)) and np.isnan(share_of_orders(0, 0, 0, 0))
    assert share_of_orders(3, 30, 0, 30) == pytest.approx(0.1)


def test_refunds_of_a_product_with_few_and_with_many_orders():
    assert np.isnan(share_of_orders(8, 20, 0, 26))  # 40 %, and no limit looks at it
    assert share_of_orders(24, 60, 0, 26) == pytest.approx(0.4)


def test_one_order_with_several_defects_counts_once_in_the_rate():
    # 442 claims, 15 chargebacks and 628 bad ratings on 1,078 orders of 539,000
    assert share_of_orders(1078, 539_000, 0, 0) == pytest.approx(0.002)


def test_means_and_sums_of_ratings():
    assert mean_of_ratings(143, 146, 0) == pytest.approx(0.9795, abs=5e-5)
    assert np.isnan(mean_of_ratings(0, 0, 0)) and np.isnan(mean_of_ratings(20, 5, 6))
    assert sum_of_ratings(-3, 5, 0) == -3.0 and sum_of_ratings(0, 0, 0) == 0.0
    assert np.isnan(sum_of_ratings(-3, 5, 6))


def test_score_of_conduct_by_hand():
    assert conduct(200.0, 4.0, 200, 0, 0.0, 1000.0) == 200.0
    assert conduct(200.0, 4.0, 200, 199, 0.0, 1000.0) == 200.0
    assert conduct(200.0, 4.0, 200, 1000, 8.0, 1000.0) == 212.0
    assert conduct(200.0, 4.0, 200, 10**6, 0.0, 1000.0) == 1000.0
    assert conduct(200.0, 4.0, 200, 400, 1000.0, 1000.0) == 0.0


def test_rank_is_the_share_of_others_that_are_worse():
    peers = sorted_peers(1, 2, 2, 5)
    assert rank_among(peers, 1.0, 1) == 0.0 and rank_among(peers, 5.0, 1) == 1.0
    assert rank_among(peers, 2.0, 1) == pytest.approx(0.5)  # one worse, one alike, of three
    assert rank_among(peers, 3.0, 0) == pytest.approx(0.75)  # who is none of them
    assert rank_among(sorted_peers(4), 4.0, 1) == 0.5
    assert np.isnan(rank_among(peers, np.nan, 0))


@given(VALUES)
def test_ranks_have_a_mean_of_one_half_and_rise_with_the_value(values):
    ranks = [rank_among(sorted_peers(*values), v, 1) for v in values]
    assert np.mean(ranks) == pytest.approx(0.5)
    for a, x in zip(values, ranks, strict=True):
        for b, y in zip(values, ranks, strict=True):
            assert (a < b) <= (x < y) and (a == b) <= (x == y)


def test_review_satisfaction_by_hand():
    # 1, 4, 4, 4, 5, 5, 5, 5 stars and a volume score of 9: active 8.25, index 8.4
    stars = mean_of_ratings(1 + 3 * 4 + 4 * 5, 8, 0)
    assert 2.0 * stars == pytest.approx(8.25)
    volume = between(rank_among(sorted_peers(3, 8, 20, 30), 8.0, 1), 8.5, 10.0)
    assert volume == pytest.approx(9.0)
    assert 1.6 * stars + 0.2 * volume == pytest.approx(8.4)


def test_stars_of_a_shop_by_its_rank():
    ranks = np.array([0.0, 0.03, 0.2, 0.4, 0.7, 0.9])
    values = np.array([2.5, 3.0, 3.5, 4.0, 4.5, 4.9])
    at = {0.0: 2.5, 0.029: 2.5, 0.03: 3.0, 0.39: 3.5, 0.4: 4.0, 0.89: 4.5, 0.9: 4.9, 1.0: 4.9}
    assert {rank: stepped(rank, ranks, values) for rank in at} == at
    assert np.isnan(stepped(np.nan, ranks, values))
    assert np.isnan(stepped(0.1, ranks[2:], values[2:]))  # below the first step


def test_the_score_that_shoppers_see():
    assert shown_score(4.5, 5.0) == pytest.approx(0.9)
    assert shown_score(np.nan, 5.0) == -1.0
    assert shown_score(7.0, 5.0) == 1.0 and shown_score(-2.0, 5.0) == 0.0
