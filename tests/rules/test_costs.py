"""What service and quality cost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.rules.costs import service_cost_usd, unit_cost_usd

LATE = st.floats(1e-4, 0.5)
BROKEN = st.floats(1e-4, 0.1)
PRICE = st.floats(0.0, 100.0)
SHARE = st.floats(0.0, 1.0)


def test_service_cost_by_hand():
    # late 2 %, damaged 0.4 %: 0.02 * (0.5 / 0.02 - 1) + 0.002 * (0.1 / 0.004 - 1)
    assert service_cost_usd(0.98, 0.004, 0.02, 0.002) == pytest.approx(0.02 * 24 + 0.002 * 24)


def test_half_late_and_a_tenth_damaged_costs_nothing_and_perfection_something_finite():
    assert service_cost_usd(0.5, 0.1, 0.02, 0.002) == 0.0
    assert service_cost_usd(0.1, 0.6, 0.02, 0.002) == 0.0
    assert service_cost_usd(1.0, 0.0, 0.02, 0.002) == pytest.approx(0.02 * 4999 + 0.002 * 999)


@given(LATE, LATE, BROKEN, BROKEN, PRICE, PRICE)
def test_avoiding_more_never_costs_less(l1, l2, b1, b2, punctuality, intactness):
    careful = service_cost_usd(1 - min(l1, l2), min(b1, b2), punctuality, intactness)
    careless = service_cost_usd(1 - max(l1, l2), max(b1, b2), punctuality, intactness)
    assert careful >= careless - 1e-9 >= -1e-9


@given(LATE, LATE, BROKEN, BROKEN)
def test_service_cost_is_convex_in_what_is_avoided(l1, l2, b1, b2):
    ends = [service_cost_usd(1 - late, broken, 1.0, 1.0) for late, broken in ((l1, b1), (l2, b2))]
    middle = service_cost_usd(1 - (l1 + l2) / 2, (b1 + b2) / 2, 1.0, 1.0)
    assert middle <= sum(ends) / 2 * (1 + 1e-9) + 1e-9


@given(LATE, BROKEN, PRICE, PRICE)
def test_punctuality_and_care_add_up(late, broken, punctuality, intactness):
    both = service_cost_usd(1 - late, broken, punctuality, intactness)
    one = service_cost_usd(1 - late, broken, punctuality, 0.0)
    other = service_cost_usd(1 - late, broken, 0.0, intactness)
    assert both == pytest.approx(one + other)


def test_unit_cost_by_hand():
    assert unit_cost_usd(20.0, 0.6, 0.35, 0.35) == pytest.approx(20 * (0.35 + 0.35 * 0.36))
    assert unit_cost_usd(20.0, 0.0, 0.35, 0.35) == pytest.approx(7.0)


@given(PRICE, SHARE, SHARE, SHARE, SHARE)
def test_unit_cost_rises_convexly_with_quality(price, q1, q2, base, extra):
    low, high = (unit_cost_usd(price, q, base, extra) for q in sorted((q1, q2)))
    middle = unit_cost_usd(price, (q1 + q2) / 2, base, extra)
    assert low <= high + 1e-9
    assert middle <= (low + high) / 2 + 1e-9


@given(PRICE, SHARE, st.floats(0.0, 10.0))
def test_unit_cost_is_proportional_to_price(price, quality, factor):
    once = unit_cost_usd(price, quality, 0.3, 0.4)
    assert unit_cost_usd(factor * price, quality, 0.3, 0.4) == pytest.approx(factor * once)
