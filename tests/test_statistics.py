"""Means and shares: cases by hand, what SciPy also has, published examples, laws."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from experiments import statistics
from experiments.statistics import Estimate

NUMBERS = st.floats(-1e6, 1e6, allow_subnormal=False).map(lambda x: round(x, 3))
PAIRS = st.lists(st.tuples(NUMBERS, NUMBERS), min_size=2, max_size=30)
BITS = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1)), min_size=2, max_size=30)


def columns(pairs: list[tuple[float, float]]) -> tuple[np.ndarray, np.ndarray]:
    both = np.array(pairs, float)
    return both[:, 0], both[:, 1]


def limits(estimate: Estimate) -> tuple[float, float]:
    return estimate.low, estimate.high


# ---------------------------------------------------------------- means


def test_mean_by_hand() -> None:
    found = statistics.mean(np.array([1.0, 2.0, 3.0]))
    assert found.value == 2.0
    assert limits(found) == pytest.approx((2 - 4.302653 / 3**0.5, 2 + 4.302653 / 3**0.5))


@pytest.mark.parametrize("level", [0.8, 0.95, 0.9875])
def test_mean_and_difference_equal_scipy(level: float) -> None:
    rng = np.random.default_rng(1)
    a, b = rng.lognormal(size=20), rng.lognormal(size=20)
    single = stats.ttest_1samp(a, 0.0).confidence_interval(level)
    assert limits(statistics.mean(a, level)) == pytest.approx(tuple(single), rel=1e-12)
    paired = stats.ttest_rel(a, b)
    assert limits(statistics.mean_difference(a, b, level)) == pytest.approx(
        tuple(paired.confidence_interval(level)), rel=1e-12
    )
    assert statistics.mean_p(a, b) == pytest.approx(paired.pvalue, rel=1e-10)


def test_missing_values_are_left_out_with_their_partner() -> None:
    a = np.array([1.0, 5.0, np.nan, 4.0])
    b = np.array([0.0, np.nan, 3.0, 1.0])
    assert statistics.mean(a).value == pytest.approx(10 / 3)
    assert statistics.mean_difference(a, b).value == 2.0
    assert statistics.ahead(a, b, "higher").share == 1.0


@pytest.mark.parametrize("values", [[3.0] * 5, [0.1] * 7])
def test_a_sample_without_spread_has_a_mean_and_no_limits(values: list[float]) -> None:
    found = statistics.mean(np.array(values))
    assert found.value == values[0]
    assert math.isnan(found.low) and math.isnan(found.high)
    assert math.isnan(statistics.mean_p(np.array(values), np.zeros(len(values))))


@pytest.mark.parametrize("values", [[], [2.0], [np.nan, 2.0]])
def test_fewer_than_two_replicates_have_no_limits(values: list[float]) -> None:
    x = np.array(values)
    for found in (
        statistics.mean(x),
        statistics.mean_difference(x, x),
        statistics.share(x / 2),
        statistics.share_difference(x / 2, x / 2),
    ):
        assert math.isnan(found.low) and math.isnan(found.high)
    lead = statistics.ahead(x, x, "lower")
    assert math.isnan(lead.low) and math.isnan(lead.high)
    assert math.isnan(statistics.mean_variance_reduction(x, x))
    assert math.isnan(statistics.mean_p(x, x)) and math.isnan(statistics.share_p(x, x))


def test_arms_of_different_length_cannot_be_paired() -> None:
    with pytest.raises(ValueError, match="3 and 2 replicates"):
        statistics.mean_difference(np.zeros(3), np.zeros(2))


@given(PAIRS, st.floats(-100, 100), st.floats(0.1, 100))
def test_intervals_move_and_stretch_with_the_data(
    pairs: list[tuple[float, float]], shift: float, factor: float
) -> None:
    a, b = columns(pairs)
    before = np.array(statistics.mean_difference(a, b))
    after = np.array(statistics.mean_difference(factor * a + shift, factor * b + shift))
    if not np.isnan(before).any():
        assert after == pytest.approx(factor * before, rel=1e-6, abs=1e-3)


@given(PAIRS, st.randoms(use_true_random=False))
def test_order_of_replicates_does_not_matter(pairs: list[tuple[float, float]], random) -> None:
    a, b = columns(pairs)
    random.shuffle(pairs)
    for one, two in zip(
        statistics.mean_difference(a, b),
        statistics.mean_difference(*columns(pairs)),
        strict=True,
    ):
        assert one == pytest.approx(two, rel=1e-9, abs=1e-6, nan_ok=True)
    assert statistics.ahead(a, b, "lower") == statistics.ahead(*columns(pairs), "lower")


@given(PAIRS)
def test_identical_columns_differ_by_exactly_zero(pairs: list[tuple[float, float]]) -> None:
    a, _ = columns(pairs)
    assert statistics.mean_difference(a, a).value == 0.0
    assert statistics.ahead(a, a, "higher")[::3] == (0.0, 1.0)
    assert statistics.mean_variance_reduction(a, a) in (math.inf, *(() if a.std() else (math.nan,)))


@given(PAIRS)
def test_a_difference_turns_its_sign_with_the_arms(pairs: list[tuple[float, float]]) -> None:
    a, b = columns(pairs)
    forth, back = statistics.mean_difference(a, b), statistics.mean_difference(b, a)
    assert (forth.value, forth.low) == pytest.approx((-back.value, -back.high), nan_ok=True)


# ---------------------------------------------------------------- shares


@pytest.mark.parametrize("count", [0, 1, 7, 19, 20])
@pytest.mark.parametrize("level", [0.9, 0.95, 0.99])
def test_limits_of_a_share_equal_scipy(count: int, level: float) -> None:
    test = stats.binomtest(count, 20)
    score = tuple(test.proportion_ci(level, method="wilson"))
    exact = tuple(test.proportion_ci(level, method="exact"))
    assert statistics.wilson(count, 20, level) == pytest.approx(score, abs=1e-12)
    assert statistics.exact(count, 20, level) == pytest.approx(exact, abs=1e-12)
    bits = np.arange(20) < count
    assert limits(statistics.share(bits.astype(float), level)) == pytest.approx(exact, abs=1e-12)


def test_no_trials_have_no_limits() -> None:
    assert np.isnan(statistics.wilson(0, 0, 0.95)).all()
    assert np.isnan(statistics.exact(0, 0, 0.95)).all()


def test_exact_limits_hold_every_risk_and_wilson_does_not() -> None:
    risks, counts = np.linspace(0.001, 0.2, 2000), np.arange(21)
    weights = stats.binom.pmf(counts[:, None], 20, risks)
    worst = {}
    for method in (statistics.exact, statistics.wilson):
        low, high = np.array([method(k, 20, 0.95) for k in counts]).T[:, :, None]
        worst[method.__name__] = (weights * ((low <= risks) & (risks <= high))).sum(axis=0).min()
    assert worst["exact"] >= 0.95
    assert worst["wilson"] == pytest.approx(0.84, abs=0.01)


@pytest.mark.parametrize(
    ("cells", "expected"),  # both, only first, only second, neither: Newcombe 1998, table III
    [
        ((36, 12, 2, 0), (0.0569, 0.3404)),
        ((20, 12, 2, 16), (0.0562, 0.3292)),
        ((18, 12, 2, 18), (0.0562, 0.3290)),
        ((36, 14, 0, 0), (0.1528, 0.4167)),
        ((35, 14, 0, 1), (0.1461, 0.4175)),
        ((18, 14, 0, 18), (0.1441, 0.3963)),
        ((2, 97, 1, 0), (0.8721, 0.9854)),
        ((1, 97, 1, 1), (0.8736, 0.9850)),
        ((0, 29, 1, 0), (0.6666, 0.9882)),
        ((2, 98, 0, 0), (0.9178, 0.9945)),
        ((1, 98, 0, 1), (0.9171, 0.9916)),
        ((0, 30, 0, 0), (0.8395, 1.0000)),
        ((54, 0, 0, 0), (-0.0664, 0.0664)),
        ((53, 0, 0, 1), (-0.0729, 0.0729)),
        ((30, 0, 0, 24), (-0.0358, 0.0358)),
        ((27, 0, 0, 27), (-0.0351, 0.0351)),
    ],
)
def test_paired_shares_equal_the_published_examples(
    cells: tuple[int, int, int, int], expected: tuple[float, float]
) -> None:
    assert statistics.paired_shares(*cells, 0.95) == pytest.approx(expected, abs=1e-4)


def test_share_difference_counts_its_pairs() -> None:
    arm = np.array([1.0] * 36 + [1.0] * 12 + [0.0] * 2)
    base = np.array([1.0] * 36 + [0.0] * 12 + [1.0] * 2)
    found = statistics.share_difference(arm, base)
    assert found.value == pytest.approx(0.2)
    assert limits(found) == pytest.approx((0.0569, 0.3404), abs=1e-4)


@given(BITS, st.sampled_from([0.8, 0.95, 0.99]))
def test_share_differences_stay_in_range_and_hold_their_value(
    pairs: list[tuple[int, int]], level: float
) -> None:
    a, b = columns(pairs)
    value, low, high = statistics.share_difference(a, b, level)
    assert -1.0 <= low <= value + 1e-12 and value <= high + 1e-12 and high <= 1.0
    assert low < high, "even where no pair differs, the next one may"
    back = statistics.share_difference(b, a, level)
    assert (low, high) == pytest.approx((-back.high, -back.low), abs=1e-12)


@pytest.mark.parametrize(("more", "fewer"), [(0, 0), (0, 6), (3, 3), (9, 2)])
def test_mcnemar_equals_the_binomial_test(more: int, fewer: int) -> None:
    a = np.array([1.0] * more + [0.0] * fewer + [1.0, 0.0])
    b = np.array([0.0] * more + [1.0] * fewer + [1.0, 0.0])
    differing = more + fewer
    expected = stats.binomtest(more, differing).pvalue if differing else 1.0
    assert statistics.share_p(a, b) == pytest.approx(expected)


# ---------------------------------------------------------------- ahead, pairing, families


def test_ahead_counts_ties_apart() -> None:
    arm, base = np.array([1.0, 2.0, 3.0, 4.0]), np.array([1.0, 3.0, 4.0, 2.0])
    found = statistics.ahead(arm, base, "lower")
    assert (found.share, found.tied) == (0.5, 0.25)
    assert (found.low, found.high) == pytest.approx(statistics.wilson(2, 4, 0.95))
    assert statistics.ahead(arm, base, "higher").share == 0.25
    assert np.isnan(statistics.ahead(arm, base, "neither")).all()


def test_pairing_gains_what_the_arms_share() -> None:
    rng = np.random.default_rng(4)
    world, own = rng.normal(size=2000), rng.normal(size=(2, 2000))
    found = statistics.mean_variance_reduction(3 * world + own[0], 3 * world + own[1])
    assert found == pytest.approx(10.0, rel=0.1)
    against = statistics.mean_variance_reduction(world, -world)
    assert against == pytest.approx(0.5)


def test_variance_reduction_at_its_ends() -> None:
    assert statistics.variance_reduction(2.0, 0.0) == math.inf
    assert math.isnan(statistics.variance_reduction(0.0, 0.0))
    assert math.isnan(statistics.variance_reduction(math.nan, 1.0))


def test_family_level_is_bonferroni() -> None:
    assert statistics.family_level(0.95, 4) == pytest.approx(0.9875)
    assert statistics.family_level(0.95, 1) == statistics.family_level(0.95, 0) == 0.95


def test_holm_by_hand() -> None:
    assert statistics.holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    adjusted = statistics.holm([0.9, math.nan, 0.01])
    assert adjusted[2] == pytest.approx(0.03) and math.isnan(adjusted[1])
    assert adjusted[0] == 1.0
    assert statistics.holm([]) == []


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
def test_holm_never_makes_smaller_and_keeps_the_order(raw: list[float]) -> None:
    adjusted = statistics.holm(raw)
    assert all(p <= q <= 1.0 for p, q in zip(raw, adjusted, strict=True))
    ordered = [adjusted[k] for k in np.argsort(raw, kind="stable")]
    assert ordered == sorted(ordered)
