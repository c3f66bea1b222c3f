"""Account health: healthy -> at risk -> deactivated -> plan of action -> reinstated or closed."""

from sim.jit import kernel, rule
from sim.state import AT_RISK, CLOSED, DEACTIVATED, HEALTHY, LEFT, NO_SENTENCE, TO_CLOSE


@rule
def next_state(state, days_in_state, breached, at_risk_days, plan_days, accepted, last_plan):
    """Tonight's state, from today's.

    ``accepted`` whether a plan of action judged today is accepted, ``last_plan`` whether a
    refusal would be the last. Deactivation and its end come after a stated number of days.
    """
    if state == HEALTHY:
        return AT_RISK if breached else HEALTHY
    if state == AT_RISK:
        if not breached:
            return HEALTHY
        return DEACTIVATED if days_in_state >= at_risk_days else AT_RISK
    if state == DEACTIVATED and days_in_state >= plan_days:
        if accepted:
            return HEALTHY
        return CLOSED if last_plan else DEACTIVATED
    return state


@rule
def plan_is_due(state, days_in_state, plan_days):
    """Is a plan of action judged tonight?"""
    return state == DEACTIVATED and days_in_state >= plan_days


@rule
def is_selling(state):
    """Are the seller's listings on sale?"""
    return state == HEALTHY or state == AT_RISK


@kernel
def is_closed(state):
    """Is the seller gone for good?"""
    return state == CLOSED or state == LEFT


@rule
def sentenced(state, sentence, may_close):
    """Tonight's state after penalties: who sells is deactivated, or the account is closed.

    Where no account may be closed yet, who is to be closed is deactivated.
    """
    if sentence == TO_CLOSE and may_close and not is_closed(state):
        return CLOSED
    return DEACTIVATED if sentence != NO_SENTENCE and is_selling(state) else state


@rule
def is_on_sale(state, off_until, day):
    """Are the seller's listings on sale on a day, which no pause or penalty must cover?"""
    return is_selling(state) and off_until < day
