"""Reviews: who may post one on a listing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.rules.reviews import (
    ALLOWED,
    ALREADY_REVIEWED,
    NOT_A_BUYER,
    NOT_ELIGIBLE,
    REFUSALS,
    may_review,
)

COUNT = st.integers(0, 10)
FLAG = st.booleans()
MONEY = st.floats(0.0, 1000.0)


@pytest.mark.parametrize(
    ("purchases", "least", "already", "verified", "open_", "expected"),
    [
        (1, 1, False, False, True, ALLOWED),  # of other things
        (1, 1, False, True, True, ALLOWED),
        (0, 1, False, False, True, NOT_ELIGIBLE),  # no purchase anywhere
        (4, 5, False, True, True, NOT_ELIGIBLE),
        (5, 5, False, True, True, ALLOWED),
        (9, 1, True, True, True, ALREADY_REVIEWED),
        (9, 1, True, False, True, ALREADY_REVIEWED),
        (9, 1, False, False, False, NOT_A_BUYER),
        (9, 1, False, True, False, ALLOWED),
        (0, 0, False, False, True, ALLOWED),  # a platform open to everyone
    ],
)
def test_each_refusal_by_hand(purchases, least, already, verified, open_, expected):
    assert may_review(purchases, least, 0.0, 0.0, already, verified, open_) == expected


@given(COUNT, COUNT, FLAG, FLAG, FLAG)
def test_allowed_is_what_every_single_rule_allows(purchases, least, already, verified, open_):
    every = purchases >= least and not already and (verified or open_)
    assert (may_review(purchases, least, 0.0, 0.0, already, verified, open_) == ALLOWED) == every


@given(COUNT, COUNT, FLAG, FLAG, FLAG, st.integers(1, 5))
def test_buying_more_never_takes_the_right_away(purchases, least, already, verified, open_, more):
    if may_review(purchases, least, 0.0, 0.0, already, verified, open_) == ALLOWED:
        assert may_review(purchases + more, least, 0.0, 0.0, already, True, open_) == ALLOWED


@pytest.mark.parametrize(
    ("spent", "least", "expected"),
    [(49.99, 50.0, NOT_ELIGIBLE), (50.0, 50.0, ALLOWED), (0.0, 0.0, ALLOWED), (0.0, 0.01, 1)],
)
def test_money_makes_eligible_from_the_stated_sum_on(spent, least, expected):
    assert may_review(9, 1, spent, least, False, True, True) == expected


@given(COUNT, COUNT, MONEY, MONEY, FLAG, FLAG)
def test_purchases_and_money_are_both_needed(purchases, least, spent, least_spend, verified, open_):
    verdict = may_review(purchases, least, spent, least_spend, False, verified, open_)
    if purchases < least or spent < least_spend:
        assert verdict == NOT_ELIGIBLE
    else:
        assert verdict == (ALLOWED if verified or open_ else NOT_A_BUYER)
    assert may_review(purchases, least, spent, least_spend, True, verified, open_) == (
        ALREADY_REVIEWED
    )


def test_every_verdict_has_words_of_its_own():
    assert len(set(REFUSALS)) == len(REFUSALS) == 5
