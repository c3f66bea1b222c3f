"""Account health: healthy -> at risk -> deactivated -> plan of action -> reinstated or closed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.rules.account import (
    is_closed,
    is_on_sale,
    is_selling,
    next_state,
    plan_is_due,
    sentenced,
)
from sim.state import (
    AT_RISK,
    CLOSED,
    DEACTIVATED,
    HEALTHY,
    LEFT,
    NO_SENTENCE,
    TO_CLOSE,
    TO_DEACTIVATE,
)

STATES = st.sampled_from([HEALTHY, AT_RISK, DEACTIVATED, CLOSED, LEFT])
FLAG = st.booleans()
DAYS = st.integers(0, 60)
ARROWS = {
    HEALTHY: {HEALTHY, AT_RISK},
    AT_RISK: {HEALTHY, AT_RISK, DEACTIVATED},
    DEACTIVATED: {DEACTIVATED, HEALTHY, CLOSED},
    CLOSED: {CLOSED},
    LEFT: {LEFT},
}


@pytest.mark.parametrize(
    ("state", "days", "breached", "accepted", "last", "expected"),
    [
        (HEALTHY, 99, False, False, False, HEALTHY),
        (HEALTHY, 0, True, False, False, AT_RISK),
        (AT_RISK, 13, True, False, False, AT_RISK),
        (AT_RISK, 14, True, False, False, DEACTIVATED),
        (AT_RISK, 14, False, False, False, HEALTHY),
        (DEACTIVATED, 6, True, True, False, DEACTIVATED),
        (DEACTIVATED, 7, True, True, False, HEALTHY),
        (DEACTIVATED, 7, False, False, False, DEACTIVATED),
        (DEACTIVATED, 7, False, False, True, CLOSED),
        (DEACTIVATED, 7, False, True, True, HEALTHY),
    ],
)
def test_each_arrow_is_taken_on_its_day(state, days, breached, accepted, last, expected):
    assert next_state(state, days, breached, 14, 7, accepted, last) == expected


def walk(breaches, accepts, *, at_risk_days=3, plan_days=2, plans_allowed=2):
    """States evening by evening, keeping count of days and refusals as the platform does."""
    state, days, refused, verdicts, states = HEALTHY, 0, 0, iter(accepts), []
    for breached in breaches:
        accepted = False
        if plan_is_due(state, days, plan_days):
            accepted = next(verdicts)
            refused += not accepted
        after = next_state(
            state, days, breached, at_risk_days, plan_days, accepted, refused >= plans_allowed
        )
        days = 1 if after != state or plan_is_due(state, days, plan_days) else days + 1
        state = after
        states.append(state)
    return states


def test_a_breach_that_lasts_leads_off_sale_and_an_accepted_plan_back():
    states = walk([True] * 9, [False, True])
    assert states == [AT_RISK] * 3 + [DEACTIVATED] * 4 + [HEALTHY, AT_RISK]


def test_a_second_refused_plan_closes_the_account_for_good():
    states = walk([True] * 10, [False, False])
    assert states == [AT_RISK] * 3 + [DEACTIVATED] * 4 + [CLOSED] * 3


def test_a_breach_that_ends_in_time_is_forgiven():
    assert walk([True, True, False, False], []) == [AT_RISK, AT_RISK, HEALTHY, HEALTHY]


@given(STATES, DAYS, FLAG, DAYS, DAYS, FLAG, FLAG)
def test_states_change_along_the_arrows_only(state, days, breached, risk, plan, accepted, last):
    assert next_state(state, days, breached, risk, plan, accepted, last) in ARROWS[state]


@given(DAYS, DAYS, DAYS, FLAG, FLAG)
def test_without_a_breach_a_selling_account_stays_healthy(days, risk, plan, accepted, last):
    for state in (HEALTHY, AT_RISK):
        assert next_state(state, days, False, risk, plan, accepted, last) == HEALTHY


@given(STATES)
def test_an_account_sells_or_waits_or_is_closed(state):
    waits = state == DEACTIVATED
    assert int(is_selling(state)) + int(is_closed(state)) + int(waits) == 1


@given(STATES, DAYS, DAYS)
def test_plans_are_judged_of_the_deactivated_after_their_days(state, days, plan):
    assert plan_is_due(state, days, plan) == (state == DEACTIVATED and days >= plan)


@given(STATES, FLAG)
def test_who_sells_is_deactivated_by_a_penalty_and_nobody_else_is_moved(state, may_close):
    assert sentenced(state, NO_SENTENCE, may_close) == state
    expected = DEACTIVATED if is_selling(state) else state
    assert sentenced(state, TO_DEACTIVATE, may_close) == expected
    assert sentenced(state, TO_CLOSE, False) == expected


@given(STATES)
def test_an_account_is_closed_from_any_state_in_which_it_was_open(state):
    assert sentenced(state, TO_CLOSE, True) == (LEFT if state == LEFT else CLOSED)


@given(STATES, DAYS, DAYS)
def test_a_pause_covers_its_last_day_and_no_further(state, until, day):
    assert is_on_sale(state, until, day) == (is_selling(state) and day > until)
    assert not is_on_sale(state, until, until)
    assert is_on_sale(state, until, until + 1) == is_selling(state)
