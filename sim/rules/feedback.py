"""Feedback: who may leave it, when, and when it is negative (rules 2 and 3 in README)."""

from sim.jit import rule

ALLOWED, NO_ORDER, NOT_THE_BUYER, ALREADY_LEFT, NOT_YET_OPEN, WINDOW_CLOSED, SENT_BACK = range(7)
REFUSALS = (
    "allowed",
    "feedback needs an order of that seller",
    "only the buyer of the order may leave feedback on it",
    "the order has feedback already",
    "the feedback form is not open yet",
    "the feedback window has closed",
    "the order has been sent back, and takes no rating any more",
)


@rule
def may_leave(author, buyer, already, day, placed, opens_after, window):
    """May this user leave feedback on this order today? Returns ALLOWED or why not.

    ``buyer`` -1 = there is no such order; ``window`` in days after the order, both ends included.
    """
    if buyer < 0:
        return NO_ORDER
    if author != buyer:
        return NOT_THE_BUYER
    if already:
        return ALREADY_LEFT
    if day < placed + opens_after:
        return NOT_YET_OPEN
    if day > placed + window:
        return WINDOW_CLOSED
    return ALLOWED


@rule
def is_negative(stars, negative_up_to):
    """Does feedback with these stars count in the order defect rate?"""
    return 1 <= stars <= negative_up_to


@rule
def is_positive(stars, positive_from):
    """Does it count as positive in the store's score?"""
    return stars >= positive_from
