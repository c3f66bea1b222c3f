"""Feedback: who may leave it, when, and when it is negative (rules 2 and 3 in README).

Platforms count the days of the form from different events: the order (Amazon), the end of the
trade, which is receipt or, failing that, a number of days after dispatch (Taobao), or the promised
date (Wish, which asks then). Where one rating serves for store and listing, further orders of the
same item soon after may share it (JD).
"""

from sim.jit import rule
from sim.state import NEVER

(ALLOWED, NO_ORDER, NOT_THE_BUYER, ALREADY_LEFT, NOT_YET_OPEN, WINDOW_CLOSED, SAME_ITEM,
 SENT_BACK) = range(8)  # fmt: skip
REFUSALS = (
    "allowed",
    "feedback needs an order of that seller",
    "only the buyer of the order may leave feedback on it",
    "the order has feedback already",
    "the feedback form is not open yet",
    "the feedback window has closed",
    "an order of the same item shortly before is the one that is rated",
    "the order has been sent back, and takes no rating any more",
)


FROM_ORDER, FROM_END, FROM_PROMISE = range(3)
"""What the days of the form count from, in the order of ``feedback.counts_from``."""


@rule
def may_leave(author, buyer, already, day, start, opens_after, window, shared=False):
    """May this user leave feedback on this order today? Returns ALLOWED or why not.

    ``buyer`` -1 = there is no such order; ``start`` day that the form counts from, in the future
    where it has not come; ``window`` in days after it, both ends included; ``shared`` whether an
    order of the same item shortly before is the one that is rated.
    """
    if buyer < 0:
        return NO_ORDER
    if author != buyer:
        return NOT_THE_BUYER
    if already:
        return ALREADY_LEFT
    if shared:
        return SAME_ITEM
    if day < start + opens_after:
        return NOT_YET_OPEN
    if day > start + window:
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


@rule
def in_class(stars, positive_from, negative_up_to):
    """Good, neutral or bad, kept as 5, 3 or 1 stars."""
    if is_negative(stars, negative_up_to):
        return 1
    return 5 if is_positive(stars, positive_from) else 3


@rule
def end_of_order(dispatched, delivered, auto_confirm):
    """Day on which an order is over: receipt, or ``auto_confirm`` days after dispatch, whichever
    comes first; NEVER while it has not been sent."""
    if dispatched == NEVER:
        return NEVER
    return min(delivered, dispatched + auto_confirm)


@rule
def form_start(counts_from, placed, promised, end):
    """Day that the days of the form count from; NEVER or in the future where it has not come."""
    if counts_from == FROM_END:
        return end
    return promised if counts_from == FROM_PROMISE else placed


@rule
def shares_rating(placed, before, days):
    """Is an order so soon after the one before of the same item that it has no rating of its own?

    ``before`` day of that order; ``days`` from which on it has one again.
    """
    return placed - before < days
