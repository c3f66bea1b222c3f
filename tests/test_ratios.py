"""Ratios of totals: cases by hand, limits that are known otherwise, laws, nothing at all."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments import statistics
from experiments.ratios import (
    effective_trials,
    jackknife,
    ratio,
    ratio_difference,
    ratio_p,
    ratio_variance_reduction,
)

WHOLES = st.integers(0, 500)
CELL = WHOLES.flatmap(lambda w: st.tuples(st.integers(0, w), st.just(w)))
TABLE = st.lists(st.tuples(CELL, CELL), min_size=2, max_size=25)


def pairs(*rows: tuple[float, float]) -> np.ndarray:
    return np.array(rows, float)


def both(table: list[tuple[tuple[int, int], tuple[int, int]]]) -> tuple[np.ndarray, np.ndarray]:
    x = np.array(table, float)
    return x[:, 0], x[:, 1]


def test_a_ratio_of_totals_is_not_the_mean_of_ratios() -> None:
    found = ratio(pairs((1, 1), (0, 99)))
    assert found.value == 0.01


def test_jackknife_by_hand() -> None:
    jack = jackknife(pairs((1, 10), (3, 10), (2, 20)))
    assert jack is not None
    without = np.array([5 / 30, 3 / 30, 4 / 20])
    assert jack.value == pytest.approx(0.15)
    assert jack.variance == pytest.approx(2 / 3 * ((without - without.mean()) ** 2).sum())


def test_equal_wholes_give_the_variance_of_a_mean() -> None:
    parts = np.array([1.0, 4.0, 2.0, 7.0, 0.0])
    jack = jackknife(np.stack([parts, np.full(5, 10.0)], axis=1))
    assert jack is not None
    assert jack.variance == pytest.approx((parts / 10).var(ddof=1) / 5)


def test_independent_orders_are_worth_as_many_trials() -> None:
    rng = np.random.default_rng(3)
    wholes = np.full(4000, 50.0)
    jack = jackknife(np.stack([rng.binomial(50, 0.1, 4000), wholes], axis=1))
    assert jack is not None
    assert effective_trials(jack, 0.95, False) == pytest.approx(200_000, rel=0.06)


def test_days_in_one_spell_are_worth_one_trial_a_replicate() -> None:
    rng = np.random.default_rng(3)
    spells = 365.0 * (rng.random(4000) < 0.2)
    jack = jackknife(np.stack([spells, np.full(4000, 365.0)], axis=1))
    assert jack is not None
    assert effective_trials(jack, 0.95, True) == pytest.approx(4000, rel=0.01)


def test_few_replicates_are_worth_less_and_none_more_than_was_counted() -> None:
    jack = jackknife(pairs((1, 100), (9, 100), (2, 100)))
    assert jack is not None
    few = statistics.t_quantile(0.95, 299) / statistics.t_quantile(0.95, 2)
    expected = 0.04 * 0.96 / jack.variance * few**2
    assert effective_trials(jack, 0.95, False) == pytest.approx(expected)
    even = jackknife(pairs((4, 100), (4, 100), (4, 101)))
    assert even is not None
    assert effective_trials(even, 0.95, False) == 301


@pytest.mark.parametrize("part", [0, 1])
def test_where_nothing_or_everything_happened(part: int) -> None:
    x = pairs(*[(part * 30, 30)] * 20)
    assert ratio(x)[1:] == pytest.approx(statistics.exact(600 * part, 600, 0.95))
    assert ratio(x, clustered=True)[1:] == pytest.approx(statistics.exact(20 * part, 20, 0.95))


def test_days_that_are_the_same_in_every_replicate_are_one_trial_each() -> None:
    x = pairs(*[(3, 30)] * 20)
    assert ratio(x, clustered=True)[1:] == pytest.approx(statistics.exact(2, 20, 0.95))


def test_replicates_without_anything_add_nothing() -> None:
    x = pairs((1, 10), (3, 10), (2, 20))
    empty = pairs((0, 0), (0, 0))
    for clustered in (False, True):
        assert ratio(np.vstack([x, empty]), 0.95, clustered) == ratio(x, 0.95, clustered)
        more = np.vstack([x, empty]), np.vstack([2 * x, empty])
        assert ratio_difference(*more, 0.95, clustered) == ratio_difference(
            x, 2 * x, 0.95, clustered
        )


@pytest.mark.parametrize("x", [pairs((1, 4)), pairs((1, 4), (0, 0)), pairs((0, 0), (0, 0))])
def test_fewer_than_two_replicates_with_a_whole_have_no_limits(x: np.ndarray) -> None:
    assert ratio(x).value == pytest.approx(0.25 if x[0, 1] else math.nan, nan_ok=True)
    assert np.isnan(ratio(x)[1:]).all()
    assert np.isnan(ratio_difference(x, x)[1:]).all()
    assert math.isnan(ratio_variance_reduction(x, x)) and math.isnan(ratio_p(x, x))


def test_arms_of_different_length_cannot_be_paired() -> None:
    with pytest.raises(ValueError, match="2 and 1 replicates"):
        ratio_difference(pairs((1, 4), (2, 4)), pairs((1, 4)))


def test_a_common_difference_is_close_to_the_paired_t() -> None:
    rng = np.random.default_rng(6)
    wholes = np.full(20, 10_000.0)
    base = rng.normal(0.5, 0.05, 20)
    arm = base - rng.normal(0.1, 0.02, 20)
    x, y = (np.stack([p * wholes, wholes], axis=1) for p in (arm, base))
    plain, found = statistics.mean_difference(arm, base), ratio_difference(x, y)
    assert found.value == pytest.approx(plain.value)
    assert found.low <= plain.low + 1e-12 and plain.high - 1e-12 <= found.high
    assert found.high - found.low < 1.6 * (plain.high - plain.low)
    assert ratio_p(x, y) == pytest.approx(statistics.mean_p(arm, base))
    assert ratio_variance_reduction(x, y) == pytest.approx(
        statistics.mean_variance_reduction(arm, base)
    )


def test_nothing_in_the_arm_clusters_as_in_the_baseline() -> None:
    base = pairs(*[(20, 365), (0, 365)] * 10)
    arm = base * [0.0, 1.0]
    alone = ratio(arm, clustered=True)
    found = ratio_difference(arm, base, clustered=True)
    assert alone.high == pytest.approx(0.168, abs=0.001)
    assert -0.06 < found.low < found.value < found.high < 0.0


def test_nothing_in_either_arm_does_not_prove_that_nothing_can_happen() -> None:
    x = pairs(*[(0, 365)] * 20)
    found = ratio_difference(x, x, clustered=True)
    assert found.value == 0.0
    assert (found.low, found.high) == pytest.approx((-0.168, 0.168), abs=0.001)


@given(TABLE, st.booleans())
def test_limits_stay_in_range_and_hold_their_value(table, clustered: bool) -> None:
    arm, base = both(table)
    for x in (arm, base):
        value, low, high = ratio(x, 0.95, clustered)
        if not math.isnan(low):
            assert 0.0 <= low <= value <= high <= 1.0 and low < high
    value, low, high = ratio_difference(arm, base, 0.95, clustered)
    if not math.isnan(low):
        assert -1.0 <= low <= value <= high <= 1.0


@given(TABLE, st.booleans(), st.randoms(use_true_random=False))
def test_order_of_replicates_does_not_matter(table, clustered: bool, random) -> None:
    before = ratio_difference(*both(table), 0.95, clustered)
    random.shuffle(table)
    after = ratio_difference(*both(table), 0.95, clustered)
    assert tuple(before) == pytest.approx(tuple(after), abs=1e-9, nan_ok=True)


@given(TABLE, st.booleans())
def test_arms_change_places(table, clustered: bool) -> None:
    arm, base = both(table)
    forth = ratio_difference(arm, base, 0.95, clustered)
    back = ratio_difference(base, arm, 0.95, clustered)
    assert tuple(forth) == pytest.approx((-back[0], -back[2], -back[1]), abs=1e-12, nan_ok=True)


@given(TABLE)
def test_identical_columns_differ_by_exactly_zero(table) -> None:
    arm, _ = both(table)
    value = ratio_difference(arm, arm).value
    assert value == 0.0 or not arm[:, 1].any()
    assert ratio_variance_reduction(arm, arm) == math.inf or math.isnan(
        ratio_variance_reduction(arm, arm)
    )


@given(TABLE)
def test_what_did_not_happen_mirrors_what_did(table) -> None:
    arm, _ = both(table)
    rest = np.stack([arm[:, 1] - arm[:, 0], arm[:, 1]], axis=1)
    found, mirror = ratio(arm), ratio(rest)
    assert tuple(found) == pytest.approx(
        (1 - mirror.value, 1 - mirror.high, 1 - mirror.low), abs=1e-9, nan_ok=True
    )
