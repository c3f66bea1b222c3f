"""Which line applies, what a message costs, and what repetition leaves of its effect."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.rules.outreach import agrees, fits, lift, month_of, won_over, work_cents
from sim.state import ANSWER, APOLOGISE, ASK_BOTH, ASK_FEEDBACK, ASK_REVIEW, REPLACE, THANK

ANY = -1


def applies(**changes) -> bool:
    """Does a line without filters, but for these, let a five-star event of a young order in?"""
    event = dict(stars=5, verified=True, reviewed=False, contacted=False, age=7)
    filters = dict(wanted_stars=0, wanted_verified=ANY, wanted_reviewed=ANY, wanted_contacted=ANY,
                   from_days=0, to_days=1000)  # fmt: skip
    values = {**event, **filters, **changes}
    return bool(fits(*values.values()))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, True),
        ({"wanted_stars": 1 << 5 | 1 << 4}, True),
        ({"wanted_stars": 1 << 4}, False),
        ({"wanted_stars": 1 << 1, "stars": 1}, True),
        ({"wanted_verified": 1}, True),
        ({"wanted_verified": 1, "verified": False}, False),
        ({"wanted_verified": 0, "verified": False}, True),
        ({"wanted_reviewed": 1}, False),
        ({"wanted_reviewed": 0}, True),
        ({"wanted_contacted": 0, "contacted": True}, False),
        ({"from_days": 7, "to_days": 7}, True),
        ({"from_days": 8}, False),
        ({"to_days": 6}, False),
    ],
)
def test_every_filter_lets_in_what_it_names(changes, expected):
    assert applies(**changes) == expected


@pytest.mark.parametrize("found", [True, False])
def test_a_filter_that_is_not_stated_lets_everything_in(found):
    assert agrees(ANY, found)
    assert agrees(1, found) == found and agrees(0, found) != found


def test_months_of_a_budget_have_thirty_days_and_begin_on_day_one():
    assert [month_of(day) for day in (-29, 0, 1, 30, 31, 60)] == [-1, -1, 0, 0, 1, 1]


def test_who_is_not_asked_is_not_lifted():
    assert lift(False, 2.0, 0.5, 0) == 1.0


@given(st.floats(1.0, 10.0), st.floats(0.0, 1.0), st.integers(0, 10))
def test_each_further_message_lifts_less_and_never_below_one(effect, further, before):
    now, next_one = lift(True, effect, further, before), lift(True, effect, further, before + 1)
    assert 1.0 <= next_one <= now <= effect
    assert lift(True, effect, further, 0) == pytest.approx(effect)


def test_apology_and_money_each_win_over_who_the_other_leaves():
    assert won_over(0.45, 0.21, 0.0) == pytest.approx(0.45)
    assert won_over(0.0, 0.21, 1.0) == pytest.approx(0.21)
    assert won_over(0.45, 0.21, 1.0) == pytest.approx(1 - 0.55 * 0.79)
    assert won_over(0.0, 0.21, 0.0) == 0.0


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_more_money_never_wins_over_fewer(apology, money, refund):
    assert won_over(apology, money, refund) >= won_over(0.0, money, refund)
    assert 0.0 <= won_over(apology, money, refund) <= 1.0


def test_own_words_cost_by_their_tone_and_form_letters_do_not():
    for kind in (ANSWER, APOLOGISE, REPLACE):
        assert work_cents(kind, 0.5, 3.0, 0.1) == 150
        assert work_cents(kind, 0.0, 3.0, 0.1) == 0
    for kind in (THANK, ASK_FEEDBACK, ASK_REVIEW, ASK_BOTH):
        assert work_cents(kind, 0.5, 3.0, 0.1) == work_cents(kind, 0.0, 3.0, 0.1) == 10
