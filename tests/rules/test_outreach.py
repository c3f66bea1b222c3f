"""Which line applies, what a message costs, and what repetition leaves of its effect."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.rules.outreach import (
    SEND,
    TOO_LATE,
    WAIT,
    agrees,
    clumsiness,
    fits,
    is_to_the_store,
    lift,
    messages,
    month_of,
    needs_consent,
    request_verdict,
    won_over,
    work_cents,
)
from sim.state import (
    ANSWER,
    APOLOGISE,
    ASK_BOTH,
    ASK_CHANGE,
    ASK_FEEDBACK,
    ASK_REVIEW,
    ASKED_FEEDBACK,
    ASKED_REVIEW,
    FORGIVEN,
    MOST_MESSAGES,
    NEVER,
    ONE_MESSAGE,
    PAUSE,
    REFUND,
    REPLACE,
    REPLY_PUBLIC,
    REQUEST_REMOVAL,
    REQUESTED,
    SET_PRICE,
    SET_SERVICE,
    THANK,
)

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


KINDS = (ANSWER, APOLOGISE, THANK, ASK_FEEDBACK, ASK_REVIEW, ASK_BOTH, REFUND, REPLACE,
         ASK_CHANGE, REPLY_PUBLIC, REQUEST_REMOVAL, SET_SERVICE, SET_PRICE, PAUSE)  # fmt: skip
FORM_LETTERS = (THANK, ASK_FEEDBACK, ASK_REVIEW, ASK_BOTH, REQUEST_REMOVAL)
TO_THE_STORE = (SET_SERVICE, SET_PRICE, PAUSE)


@pytest.mark.parametrize("kind", KINDS)
def test_own_words_cost_by_their_tone_form_letters_the_same_and_settings_nothing(kind):
    costs = [work_cents(kind, tone, 3.0, 0.1) for tone in (0.0, 0.5, 1.0)]
    if kind in FORM_LETTERS:
        assert costs == [10, 10, 10]
    else:
        assert costs == ([0, 0, 0] if kind in TO_THE_STORE else [0, 150, 300])
    assert is_to_the_store(kind) == (kind in TO_THE_STORE)


ALWAYS_ASKS_LEAVE = (THANK, ASK_FEEDBACK, ASK_REVIEW, ASK_BOTH, ASK_CHANGE)
ABOUT_A_POST = (APOLOGISE, REFUND, REPLACE)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("about_a_post", [True, False])
def test_customers_opt_out_of_all_but_what_their_order_needs(kind, about_a_post):
    expected = kind in ALWAYS_ASKS_LEAVE or (about_a_post and kind in ABOUT_A_POST)
    assert needs_consent(kind, about_a_post) == expected


# --- when a request may go out -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "delivered", "expected"),
    [
        (14, 10, WAIT), (15, 10, SEND), (40, 10, SEND), (41, 10, TOO_LATE),
        (9, 10, WAIT), (10, 10, WAIT), (900, NEVER, WAIT),
    ],
)  # fmt: skip
def test_a_window_of_five_to_thirty_days(day, delivered, expected):
    assert request_verdict(day, delivered, 5, 30) == expected


@pytest.mark.parametrize("delivered", [NEVER, 50, 10, 9])
def test_where_requests_are_free_they_need_not_wait_for_the_parcel(delivered):
    assert request_verdict(10, delivered, 0, 10_000) == SEND


DAY, WINDOW = st.integers(-400, 4000), st.integers(0, 400)


@given(DAY, st.one_of(DAY, st.just(NEVER)), WINDOW, WINDOW)
def test_a_request_waits_then_may_be_sent_then_is_too_late(day, delivered, first, length):
    order = {WAIT: 0, SEND: 1, TOO_LATE: 2}
    now, later = (request_verdict(d, delivered, first, first + length) for d in (day, day + 1))
    assert order[now] <= order[later]
    if delivered != NEVER:
        assert request_verdict(delivered + first, delivered, first, first + length) == SEND
        assert request_verdict(delivered + first + length, delivered, first, first + length) == SEND
        end = delivered + first + length + 1
        assert request_verdict(end, delivered, first, first + length) == TOO_LATE


# --- what is known of an order -------------------------------------------------------------------


@given(st.integers(0, MOST_MESSAGES), st.lists(st.booleans(), min_size=4, max_size=4))
def test_messages_are_counted_apart_from_the_marks_beside_them(n, marks):
    bits = zip((ASKED_FEEDBACK, ASKED_REVIEW, REQUESTED, FORGIVEN), marks, strict=True)
    asked = n * ONE_MESSAGE + sum(bit for bit, is_set in bits if is_set)
    assert messages(asked) == n
    assert 0 <= asked < 256, "it is kept in a byte"


# --- clumsiness ----------------------------------------------------------------------------------


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_the_kinder_the_less_clumsy(share, a, b):
    cold, kind = sorted((a, b))
    assert 0.0 <= clumsiness(share, kind) <= clumsiness(share, cold) <= 2.0 * share
    assert clumsiness(share, 0.5) == pytest.approx(share)
    assert clumsiness(share, 1.0) == 0.0 and clumsiness(share, 0.0) == pytest.approx(2.0 * share)
