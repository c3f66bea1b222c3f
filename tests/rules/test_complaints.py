"""What an unhappy customer does first, and what an answer is worth."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.rules.complaints import answered_well, claim_granted, may_claim, worst_stars

SHARE = st.floats(0.0, 1.0)
DAYS = st.integers(0, 100)
STARS = st.integers(1, 5)


@pytest.mark.parametrize(
    ("tone", "refund", "delay", "chance"),
    [
        (1.0, 0.0, 0, 0.45),  # kindness alone
        (0.0, 1.0, 0, 0.75),  # money alone
        (1.0, 1.0, 0, 1 - 0.55 * 0.25),  # money settles a share of what kindness left
        (1.0, 1.0, 7, (1 - 0.55 * 0.25) / 2),  # a half-life later
        (0.0, 0.0, 0, 0.0),
    ],
)
def test_an_answer_by_hand(tone, refund, delay, chance):
    assert answered_well(tone, refund, delay, 0.45, 0.75, 7.0) == pytest.approx(chance)


@given(SHARE, SHARE, SHARE, SHARE, DAYS, DAYS, SHARE, SHARE)
def test_kinder_more_generous_and_sooner_settles_no_less(t1, t2, r1, r2, d1, d2, by_tone, by_money):
    worse = answered_well(min(t1, t2), min(r1, r2), max(d1, d2), by_tone, by_money, 7.0)
    better = answered_well(max(t1, t2), max(r1, r2), min(d1, d2), by_tone, by_money, 7.0)
    assert 0.0 <= worse <= better + 1e-15
    assert better <= 1.0


@given(SHARE, SHARE, DAYS, SHARE, SHARE)
def test_what_settles_nothing_settles_nothing(tone, refund, delay, by_tone, by_money):
    assert answered_well(tone, refund, delay, 0.0, 0.0, 7.0) == 0.0
    assert answered_well(0.0, 0.0, delay, by_tone, by_money, 7.0) == 0.0


@given(SHARE, SHARE, SHARE, SHARE)
def test_kindness_and_money_are_interchangeable(tone, refund, a, b):
    one, other = (
        answered_well(tone, refund, 0, a, b, 7.0),
        answered_well(refund, tone, 0, b, a, 7.0),
    )
    assert one == pytest.approx(other)


@pytest.mark.parametrize(("day", "open_"), [(10, True), (99, True), (100, True), (101, False)])
def test_claims_are_taken_up_to_the_last_day_of_the_window(day, open_):
    assert may_claim(day, 10, 90) == open_


@pytest.mark.parametrize(
    ("answered", "refunded", "fault", "unanswered_rule"), list(product([False, True], repeat=4))
)
def test_a_claim_is_granted_by_rule(answered, refunded, fault, unanswered_rule):
    left_alone = unanswered_rule and not answered
    expected = not refunded and (fault or left_alone)
    assert claim_granted(answered, refunded, fault, unanswered_rule) == expected


@given(STARS, STARS)
def test_severity_is_the_worse_of_what_is_known(service, goods):
    assert worst_stars(service, goods, True) == min(service, goods)
    assert worst_stars(service, goods, True) == worst_stars(goods, service, True)
    assert worst_stars(service, goods, False) == service
