"""The panel regression finds what made-up panels were made with, and the paired arms the truth."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.panel import COLUMNS, PERIOD_DAYS, Regression, panel_regression
from experiments.true_effect import elasticity

VOLUME, VALENCE = 0.4, 1.7


def made_up(
    listings: int = 60, periods: int = 8, noise: float = 0.0, seed: int = 1, skew: float = 0.0
) -> dict[str, np.ndarray]:
    """Rows of a panel by day; ``skew``: stars and reviews hang on what is fixed."""
    random = np.random.default_rng(seed)
    days = np.arange(1, periods * PERIOD_DAYS + 2)
    shape = (listings, len(days))
    fixed = random.normal(0.0, 1.0, (listings, 1))
    stars = np.clip(4.0 + 0.2 * skew * fixed + random.normal(0.0, 0.2, shape), 1.0, 5.0)
    reviews = np.exp(3.0 + skew * fixed + random.normal(0.0, 0.3, shape))
    period = np.maximum(days - 2, 0) // PERIOD_DAYS
    eve = PERIOD_DAYS * period  # place of the evening before the period of each day
    month = random.normal(0.0, 0.5, periods)[period]
    rate = fixed + month + VOLUME * np.log(reviews[:, eve]) + VALENCE * np.log(stars[:, eve])
    luck = random.normal(0.0, noise, (listings, periods))[:, period]
    grids = {
        "listing": np.arange(listings)[:, None],
        "day": days[None, :],
        "orders": np.exp(rate + luck),
        "stars": stars,
        "n_reviews": reviews,
        "on_sale": np.ones(shape, int),
    }
    return {name: np.broadcast_to(grid, shape).ravel().copy() for name, grid in grids.items()}


def regressed(rows: dict[str, np.ndarray], **how) -> Regression:
    return panel_regression(*(rows[name] for name in COLUMNS), **how)


def slopes(found: Regression) -> list[float]:
    return [found.volume.value, found.valence.value, found.volume_error, found.valence_error]


# ---------------------------------------------------------------- the panel regression


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32), skew=st.floats(-2.0, 2.0))
def test_listing_effects_find_the_coefficients_whatever_is_fixed_about_listings(seed, skew):
    found = regressed(made_up(seed=seed, skew=skew, listings=12, periods=5))
    assert found.volume.value == pytest.approx(VOLUME, abs=1e-6)
    assert found.valence.value == pytest.approx(VALENCE, abs=1e-6)
    assert (found.listings, found.listing_periods) == (12, 60)


def test_without_listing_effects_what_is_fixed_is_taken_for_an_effect():
    rows = made_up(noise=0.1, skew=1.0, listings=200)
    assert regressed(rows, listing_effects=False).volume.value > VOLUME + 0.3
    assert regressed(rows).volume.value == pytest.approx(VOLUME, abs=0.05)


def test_intervals_hold_the_truth_about_as_often_as_they_say():
    found = [regressed(made_up(noise=0.5, seed=seed, listings=30)) for seed in range(100)]
    for held in (
        sum(one.volume.low <= VOLUME <= one.volume.high for one in found),
        sum(one.valence.low <= VALENCE <= one.valence.high for one in found),
    ):
        assert 88 <= held <= 100


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_the_order_of_rows_and_names_of_listings_change_nothing(seed):
    rows = made_up(noise=0.3, listings=9, periods=4)
    order = np.random.default_rng(seed).permutation(len(rows["day"]))
    shuffled = {name: column[order] for name, column in rows.items()}
    assert regressed(shuffled) == regressed(rows)
    named = rows | {"listing": np.array([f"L{k}" for k in rows["listing"]], dtype=object)}
    assert regressed(named) == regressed(rows)


@settings(max_examples=20, deadline=None)
@given(constants=st.lists(st.floats(-3.0, 3.0), min_size=9, max_size=9))
def test_a_constant_of_a_listing_changes_nothing(constants):
    rows = made_up(noise=0.3, listings=9, periods=4)
    other = rows | {"orders": rows["orders"] * np.exp(np.array(constants))[rows["listing"]]}
    assert slopes(regressed(other)) == pytest.approx(slopes(regressed(rows)), abs=1e-8)


def test_it_is_least_squares_with_a_dummy_for_each_listing_and_period():
    rows = made_up(noise=0.3, listings=6, periods=4, seed=5)
    gone = (rows["listing"] == 2) & (rows["day"] <= PERIOD_DAYS)  # not balanced
    rows = {name: column[~gone] for name, column in rows.items()}
    found = regressed(rows)
    assert found.left_out.not_on_sale == 1 and found.listing_periods == 23
    y, x = [], []
    for listing in range(6):
        own = {name: column[rows["listing"] == listing] for name, column in rows.items()}
        for period in range(4):
            eve = own["day"] == 1 + PERIOD_DAYS * period
            if not eve.any():
                continue
            within = (own["day"] > 1 + PERIOD_DAYS * period) & (
                own["day"] <= 1 + PERIOD_DAYS * (period + 1)
            )
            y.append(math.log(own["orders"][within].sum()))
            shown = [math.log(own[name][eve][0]) for name in ("n_reviews", "stars")]
            x.append([*shown, *np.eye(6)[listing], *np.eye(4)[period]])
    expected = np.linalg.lstsq(np.array(x), np.array(y), rcond=None)[0][:2]
    assert slopes(found)[:2] == pytest.approx(expected.tolist(), abs=1e-8)


def test_what_is_left_out_is_counted_under_the_first_reason():
    rows = made_up(listings=10, periods=3, noise=0.2)
    first = rows["day"] == 1
    own = {k: rows["listing"] == k for k in range(10)}
    rows["on_sale"][own[0] & (rows["day"] == 40)] = 0  # in the second period
    rows["n_reviews"][own[1] & first], rows["stars"][own[1] & first] = 0, np.nan
    rows["orders"][own[2] & (rows["day"] > 1 + 2 * PERIOD_DAYS)] = 0
    rows["orders"][own[3] & (rows["day"] > 1 + PERIOD_DAYS)] = 0  # leaves one period: alone
    found = regressed(rows)
    left = found.left_out
    assert (left.not_on_sale, left.no_reviews, left.no_orders, left.alone) == (1, 1, 3, 1)
    assert (found.listing_periods, found.listings) == (30 - 6, 9)


def test_weeks_give_what_days_give():
    rows = made_up(listings=20, periods=5, noise=0.2)
    rows["day"] = rows["day"] + 6  # the first evening ends a week
    weekly = {name: [] for name in COLUMNS}
    week = (rows["day"] - 1) // 7
    for listing in range(20):
        for w in np.unique(week):
            own = (rows["listing"] == listing) & (week == w)
            for name in COLUMNS:
                column = rows[name][own]
                weekly[name].append(column.sum() if name == "orders" else column[-1])
    found = regressed({name: np.array(values) for name, values in weekly.items()})
    assert slopes(found) == pytest.approx(slopes(regressed(rows)))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"keep": lambda r: r["day"] < 50}, "found 1 whole periods of 28 days"),
        ({"keep": lambda r: r["day"] < 0}, "found 0 whole periods"),
        ({"keep": lambda r: r["listing"] == 0}, "of 1 listings; allowed: at least 2 listings"),
        ({"keep": lambda r: (r["listing"] < 2) & (r["day"] < 60)}, "found 4 usable listing-period"),
        ({"orders": 0.0}, "found 0 usable listing-periods of 0 listings"),
        ({"stars": 4.5}, "do not vary"),
        ({"keep": lambda r: r["day"] != 29}, "found no row of day 29"),
        ({"day": 7}, "found two rows of one listing and day"),
    ],
)
def test_too_little_is_refused_in_words(change, said):
    rows = made_up(listings=8, periods=4)
    keep = change.pop("keep", lambda r: r["day"] > 0)(rows)
    rows = {name: column[keep] for name, column in rows.items()}
    rows |= {name: np.full(len(rows["day"]), value) for name, value in change.items()}
    with pytest.raises(ValueError, match=said):
        regressed(rows)


def test_it_takes_the_tables_of_a_living_market():
    from markets import lived

    tables = lived("days=120").tables()["listings"]
    found = panel_regression(*(tables[name] for name in COLUMNS))
    assert found.listing_periods > found.listings > 2
    assert found.volume.low < found.volume.value < found.volume.high


# ---------------------------------------------------------------- the paired arms


def test_the_true_effect_is_a_ratio_of_logs_of_totals():
    random = np.random.default_rng(3)
    base = np.column_stack([random.uniform(50, 150, 12), random.uniform(3.9, 4.2, 12)])
    arm = base * [1.1**2.5, 1.1]
    found = elasticity(arm, base)
    assert list(found) == pytest.approx([2.5, 2.5, 2.5])
    arm[:, 0] *= random.uniform(0.9, 1.1, 12)
    noisy = elasticity(arm, base)
    assert noisy.low < noisy.value < noisy.high
    totals = math.log(arm[:, 0].sum() / base[:, 0].sum())
    assert noisy.value == pytest.approx(totals / math.log(1.1))


def test_replicates_without_a_value_are_left_out_in_both_arms():
    base = np.array([[100.0, 4.0], [80.0, 4.1], [90.0, np.nan]])
    arm = np.array([[130.0, 4.4], [90.0, 4.3], [500.0, 4.4]])
    assert elasticity(arm, base) == elasticity(arm[:2], base[:2])


@pytest.mark.parametrize(
    "arm",
    [
        [[90.0, 4.0], [80.0, 4.0], [70.0, 4.0]],  # shows the same
        [[90.0, 4.0], [80.0, 3.9], [70.0, 4.11]],  # shows more or less, as it comes
        [[0.0, 4.4], [0.0, 4.4], [0.0, 4.4]],  # sells nothing
    ],
)
def test_where_nothing_can_be_told_there_is_no_number(arm):
    base = np.array([[90.0, 4.0], [80.0, 4.0], [70.0, 4.0]])
    assert all(map(math.isnan, elasticity(np.array(arm), base)))


def test_one_replicate_has_no_interval_and_arms_must_pair():
    found = elasticity(np.array([[110.0, 4.4]]), np.array([[100.0, 4.0]]))
    assert found.value == pytest.approx(1.0) and math.isnan(found.low) and math.isnan(found.high)
    with pytest.raises(ValueError, match="1 and 2 replicates"):
        elasticity(np.ones((1, 2)), np.ones((2, 2)))
