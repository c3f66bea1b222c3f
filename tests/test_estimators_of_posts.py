"""Statistics of posts: known answers on made-up logs, and nothing found where nothing is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from experiments import estimators_of_posts as posts
from experiments.estimators import sd_between
from experiments.estimators_of_posts import PostLog


def log(target, day, stars=None, verified=True) -> PostLog:
    n = len(target)
    stars = np.full(n, 5) if stars is None else np.asarray(stars)
    return PostLog(
        np.arange(n), np.asarray(target), np.asarray(day), stars,
        np.full(n, verified), np.ones(n, bool),
    )  # fmt: skip


def by_chance(seed: int, targets: int = 30, n: int = 100, low: float = 0.1) -> PostLog:
    """Posts at random times with random stars."""
    rng = np.random.default_rng(seed)
    target = np.repeat(np.arange(targets), n)
    day = np.concatenate([np.sort(rng.integers(0, 1000, n)) for _ in range(targets)])
    return log(target, day, rng.choice([1, 2, 3, 4, 5], targets * n, p=[low, 0.1, 0.1, 0.2, 0.5]))


def test_gini_of_equal_of_one_who_has_all_and_of_a_known_case():
    assert posts.gini(np.full(7, 3.0)) == pytest.approx(0.0)
    assert posts.gini(np.array([0, 0, 0, 8.0])) == pytest.approx(0.75)
    assert posts.gini(np.array([1.0, 2.0, 3.0])) == pytest.approx(2 / 9)
    assert np.isnan(posts.gini(np.array([])))


@given(arrays(float, st.integers(1, 30), elements=st.floats(0.1, 1e3)), st.floats(0.1, 100))
def test_gini_knows_neither_order_nor_unit(x, factor):
    assert posts.gini(x) == pytest.approx(posts.gini(factor * x[::-1]), abs=1e-9)
    assert -1e-9 <= posts.gini(x) < 1


def test_shares_of_counts():
    counts = np.array([1, 1, 2, 6])
    assert posts.share_of_ones(counts) == 0.5
    assert posts.top_share(counts, 0.25) == 0.6
    assert posts.per_target(np.array([7, 3, 7, 7])).tolist() == [1, 3]


def test_a_power_law_of_rank_is_found_again():
    sales = 1000.0 * np.arange(1, 101) ** -0.8
    slope, bend = posts.rank_slope(sales)
    assert slope == pytest.approx(0.8) and bend == pytest.approx(0.0, abs=1e-9)


def test_icc_is_the_share_of_variance_between_targets():
    rng = np.random.default_rng(2)
    means = rng.normal(0, 1.0, 400)
    target = np.repeat(np.arange(400), 40)
    stars = means[target] + rng.normal(0, 2.0, len(target))
    assert posts.icc(log(target, np.zeros(len(target), int), stars)) == pytest.approx(0.2, abs=0.03)
    noise = rng.normal(0, 2.0, len(target))
    assert abs(posts.icc(log(target, np.zeros(len(target), int), noise))) < 0.01


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_chance_alone_shows_no_dependence(seed):
    random = by_chance(seed)
    assert abs(posts.lag_dependence(random, 1)) < 0.05
    assert abs(posts.lag_dependence(random, 3)) < 0.05
    assert abs(posts.after_a_low_one(random)) < 0.04
    assert abs(posts.burstiness(random)) < 0.08
    assert posts.weekly_dispersion(random) == pytest.approx(1.0, abs=0.1)


def test_runs_of_low_stars_are_seen():
    stars = np.tile(np.repeat([5, 1], 10), 5)
    runs = log(np.zeros(100, int), np.arange(100), stars)
    assert posts.after_a_low_one(runs) > 0.3 and posts.lag_dependence(runs, 1) > 0.7


def test_a_clock_is_not_bursty_and_a_burst_is():
    clock = log(np.zeros(60, int), 7 * np.arange(60))
    assert posts.burstiness(clock) == pytest.approx(-1.0)
    gaps = np.tile([0, 0, 0, 0, 50], 12)
    assert posts.burstiness(log(np.zeros(60, int), np.cumsum(gaps))) > 0.3


def test_windows_need_enough_posts_and_count_low_stars():
    target = np.repeat([1, 2], [20, 5])
    day = np.repeat([0, 61, 0], [10, 10, 5])
    stars = np.repeat([5, 1, 5, 1], [10, 2, 8, 5])
    assert sorted(posts.low_in_windows(log(target, day, stars))) == [0.0, 0.2]


def test_falling_stars_have_falling_slopes():
    day = np.tile(np.arange(40), 2)
    stars = np.concatenate([np.linspace(5, 3, 40), np.linspace(3, 5, 40)])
    slopes = posts.trend_with_age(log(np.repeat([0, 1], 40), day, stars))
    assert slopes[0] < 0 < slopes[1]


def test_spread_between_groups_is_net_of_sampling():
    rng = np.random.default_rng(3)
    groups = np.repeat(np.arange(300), 200)
    share = np.clip(rng.normal(0.10, 0.04, 300), 0, 1)
    happened = rng.random(len(groups)) < share[groups]
    assert sd_between(happened, groups) == pytest.approx(0.04, abs=0.005)
    assert sd_between(rng.random(len(groups)) < 0.1, groups) < 0.012


def test_nothing_to_look_at_is_missing():
    none = log(np.array([], int), np.array([], int))
    for statistic in (posts.icc, posts.sd_of_means, posts.burstiness, posts.memory,
                      posts.weekly_dispersion, posts.lag_dependence, posts.after_a_low_one,
                      posts.later_against_earlier):  # fmt: skip
        assert np.isnan(statistic(none)), statistic.__name__
