"""Outreach: which line of a strategy applies, and what a message does to whom it reaches.

What requests, thanks and repetition do is assumed (ranges in ``sim/config/people.py``); apology
against money: Abeler, Calaki, Andree & Basek 2010.
"""

import numpy as np

from sim.jit import rule
from sim.state import ASK_BOTH, THANK


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
def lift(asked, effect, further, messages_before):
    """Factor on a propensity: what a request does, less after other messages."""
    return 1.0 + (effect - 1.0) * further**messages_before if asked else 1.0


@rule
def won_over(apology, money, kind, refund):
    """Chance without delay that an author is won over: by an apology, money, or both."""
    unmoved = (1.0 - apology if kind else 1.0) * (1.0 - money * refund)
    return 1.0 - unmoved


@rule
def work_cents(kind, tone, answering, asking):
    """Work of a message in cents: of one's own words as kind as they are, of a form letter."""
    if THANK <= kind <= ASK_BOTH:
        return int(np.rint(100.0 * asking))
    return int(np.rint(100.0 * answering * tone))
