"""From order to door: promise, handling, transit, patience, and how slow a seller is."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.config.market import Fulfilment
from sim.rules.fulfilment import (
    combined,
    handling_days,
    patience_days,
    promise_days,
    slowness,
    transit_days,
)

SHIPPED = Fulfilment()
Z = st.floats(-5.0, 5.0)
LOAD = st.floats(0.0, 0.99)
MEDIAN = st.floats(0.1, 30.0)
SD = st.floats(0.0, 1.5)
SLOW = st.floats(0.05, 10.0)
ON_TIME = st.floats(0.02, 0.9999)


def test_a_combined_normal_by_hand():
    assert combined(1.0, 2.0, 0.6) == pytest.approx(0.6 * 1.0 + 0.8 * 2.0)
    assert combined(1.5, 9.0, 1.0) == 1.5
    assert combined(9.0, 1.5, 0.0) == 1.5


def test_combined_normals_are_standard_and_correlated_as_stated():
    rng = np.random.default_rng(1)
    shared, own = rng.standard_normal((2, 20_000))
    both = np.array([combined(a, b, 0.6) for a, b in zip(shared, own, strict=True)])
    assert both.mean() == pytest.approx(0.0, abs=0.03)
    assert both.std() == pytest.approx(1.0, abs=0.02)
    assert np.corrcoef(both, shared)[0, 1] == pytest.approx(0.6, abs=0.02)


def test_median_days_by_hand():
    assert promise_days(0.0, 0.0, 0.8, 23.2, 0.42) == 23
    assert handling_days(0.0, 1.0, 1.9, 1.05, 60) == 1  # 1.9: the evening after the next morning
    assert handling_days(0.0, 0.5, 1.9, 1.05, 60) == 0  # 0.95: the same evening
    assert transit_days(0.0, 0.0, 0.8, 1.0, 7.1, 0.9, 60) == 8  # 7.1 begins an eighth day
    assert patience_days(0.0, 2.5, 0.6) == 3


def test_one_standard_deviation_later_by_hand():
    assert handling_days(1.0, 1.0, 1.9, 1.05, 60) == int(1.9 * math.exp(1.05))  # 5.43
    assert patience_days(1.0, 2.5, 0.6) == math.ceil(2.5 * math.exp(0.6))  # 4.56


def test_days_are_cut_at_both_ends():
    assert promise_days(-9.0, -9.0, 0.5, 5.0, 1.0) == 1
    assert handling_days(9.0, 1.0, 5.0, 1.0, 60) == 60
    assert transit_days(9.0, 9.0, 0.5, 1.0, 5.0, 1.0, 60) == 60
    assert transit_days(-9.0, -9.0, 0.5, 1.0, 5.0, 1.0, 60) == 1
    assert patience_days(-9.0, 2.5, 1.0) == 1


@given(Z, Z, Z, Z, LOAD, MEDIAN, SD, SLOW, SLOW)
def test_a_slower_seller_or_a_larger_draw_is_never_quicker(z, y, d, e, load, median, sd, s1, s2):
    quick, slow = sorted((s1, s2))
    z, y, d, e = (*sorted((z, y)), *sorted((d, e)))
    assert handling_days(z, quick, median, sd, 60) <= handling_days(y, slow, median, sd, 60)
    assert transit_days(d, z, load, quick, median, sd, 60) <= transit_days(
        e, y, load, slow, median, sd, 60
    )
    assert promise_days(d, z, load, median, sd) <= promise_days(e, y, load, median, sd)
    assert patience_days(z, median, sd) <= patience_days(y, median, sd)


@given(ON_TIME, ON_TIME)
def test_a_more_punctual_seller_is_no_slower(a, b):
    late, punctual = sorted((a, b))
    assert slowness(punctual, SHIPPED) <= slowness(late, SHIPPED)


@pytest.mark.parametrize("on_time", [0.5, 0.8, 0.93, 0.97, 0.98, 0.995])
def test_slowness_reproduces_the_stated_share_on_time(on_time):
    orders, f, slow = 20_000, SHIPPED, slowness(on_time, SHIPPED)
    load = math.sqrt(f.distance)
    late = 0
    for far, p, h, t in np.random.default_rng(7).standard_normal((orders, 4)):
        arrives = handling_days(h, slow, f.handling_days, f.handling_sd, f.longest_days)
        arrives += transit_days(far, t, load, slow, f.transit_days, f.transit_sd, f.longest_days)
        late += arrives > promise_days(far, p, load, f.promise_days, f.promise_sd)
    # four standard errors of the sample, and 3 % of the share for the table's own grid
    share = 1.0 - on_time
    tolerance = 4.0 * math.sqrt(share * on_time / orders) + 0.03 * share
    assert late / orders == pytest.approx(share, abs=tolerance)


def test_transit_of_the_typical_seller_is_as_measured():
    # Olist: 93 % on time (92 by timestamp) with the shipped medians; that is slowness 1
    assert slowness(0.93, SHIPPED) == pytest.approx(1.0, abs=0.1)
