"""Outreach: which line of a strategy applies, and what a message does to whom it reaches.

What requests, thanks and repetition do is assumed (ranges in ``sim/config/people.py``); apology
against money: Abeler, Calaki, Andree & Basek 2010.
"""

import numpy as np

from sim.jit import rule
from sim.state import (
    APOLOGISE,
    ASK_BOTH,
    ASK_CHANGE,
    BUY_REVIEWS,
    MOST_MESSAGES,
    NEVER,
    ONE_MESSAGE,
    PAUSE,
    REFUND,
    REPLACE,
    REQUEST_REMOVAL,
    REWARD,
    SET_SERVICE,
    THANK,
)

SEND, WAIT, TOO_LATE = range(3)


@rule
def agrees(wanted, found):
    """Does a yes-or-no filter (1, 0, or -1 = either) let this through?"""
    return wanted < 0 or (wanted == 1) == found


@rule
def fits(
    stars, verified, reviewed, contacted, age, wanted_stars, wanted_verified, wanted_reviewed,
    wanted_contacted, from_days, to_days,
):  # fmt: skip
    """Do all filters of a line let an event through? ``wanted_stars`` bits 1..5, 0 = any."""
    if wanted_stars != 0 and wanted_stars & (1 << stars) == 0:
        return False
    if not agrees(wanted_verified, verified) or not agrees(wanted_reviewed, reviewed):
        return False
    return agrees(wanted_contacted, contacted) and from_days <= age <= to_days


@rule
def month_of(day):
    """Number of the 30 days for which a budget is meant; the first begin on day 1."""
    return (day - 1) // 30


@rule
def messages(asked):
    """Messages about an order that its customer has had, from the bits of ``asked``."""
    return (asked // ONE_MESSAGE) & MOST_MESSAGES


@rule
def request_verdict(day, delivered, from_days, to_days):
    """May a request about an order go out today: SEND, WAIT (a day at least) or TOO_LATE?

    ``delivered`` day of delivery, NEVER or in the future where it has not come; where requests
    are free from the start (0 days) they need not wait for it.
    """
    if from_days > 0 and (delivered == NEVER or day < delivered + from_days):
        return WAIT
    return TOO_LATE if delivered < day and day > delivered + to_days else SEND


@rule
def needs_consent(kind, about_a_post):
    """May customers have opted out of such a message? Not of what is about an order's trouble."""
    if THANK <= kind <= ASK_BOTH or kind == ASK_CHANGE or kind == REWARD:
        return True
    return about_a_post and (kind == APOLOGISE or kind == REFUND or kind == REPLACE)


@rule
def is_to_the_store(kind):
    """Is it an order to the seller's own store, or to a seller of reviews, and no message?"""
    return SET_SERVICE <= kind <= PAUSE or kind == BUY_REVIEWS


@rule
def clumsiness(share, tone):
    """Share of messages that make it worse: ``share`` at tone 0.5, none at 1, twice it at 0."""
    return 2.0 * share * (1.0 - tone)


@rule
def lift(asked, effect, further, messages_before):
    """What a prompt does, less after other messages: factor where the report curve is 1."""
    return 1.0 + (effect - 1.0) * further**messages_before if asked else 1.0


@rule
def won_over(words, money, refund):
    """Chance without delay that an author is won over: by words, money, or both."""
    return 1.0 - (1.0 - words) * (1.0 - money * refund)


@rule
def work_cents(kind, tone, answering, asking):
    """Work of a message in cents: of one's own words as kind as they are, of a form letter."""
    if is_to_the_store(kind):
        return 0
    if THANK <= kind <= ASK_BOTH or kind == REQUEST_REMOVAL or kind == REWARD:
        return int(np.rint(100.0 * asking))
    return int(np.rint(100.0 * answering * tone))
