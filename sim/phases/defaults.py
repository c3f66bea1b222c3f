"""Ratings that the platform leaves in the evening for customers who have said nothing.

They are no posts: the order remembers that it has one, until the customer's own rating takes its
place, or a complaint, claim or return takes it away. Rule: defaults.
"""

import numpy as np

from sim.jit import kernel, rule
from sim.phases.common import record_row, refresh_due
from sim.phases.dates import seller_rates
from sim.phases.judge import has
from sim.phases.ledger import note_default as note_in_ledger
from sim.phases.ratings import rated_with_earlier
from sim.phases.shown import note_default
from sim.phases.tally import tally_default
from sim.rules.defaults import NO_DEFAULTS, leaves_default
from sim.state import (
    DEFAULT_GONE,
    DEFAULT_STANDS,
    FINE,
    NEVER,
    NO_DEFAULT,
    NOBODY,
    QUIET,
    RETURNED,
    UNTRACKED,
    WILL_COMPLAIN,
)


@rule
def troubled(w, row):
    """Has there been a complaint (made, not only meant), a claim or a return?"""
    care = w.orders.care[row]
    return has(w, row, RETURNED) or (care != QUIET and care != WILL_COMPLAIN)


@rule
def is_tracked(w, row):
    """Can the platform follow the parcel?"""
    return w.orders.happened[row] & UNTRACKED == 0


@rule
def count_default(w, row, day, sign):
    """Add (sign 1) or take away (-1) all that the platform's own rating of an order counts for."""
    note_default(w, row, day, sign)
    if w.measures.size > 0:
        tally_default(w, row, w.orders.defaulted_on[row], sign)


@rule
def drop_default(w, row, day):
    """What the platform left for the customer counts no more, and nothing is left again."""
    o = w.orders
    if o.default[row] == DEFAULT_STANDS:
        count_default(w, row, day, -1)
        note_in_ledger(w, row, False)
    o.default[row] = DEFAULT_GONE


@rule
def decide_default(w, row, day):
    """The day has come on which the platform rates a silent customer's order, or does not."""
    o = w.orders
    o.due_default[row] = NEVER
    refresh_due(w, row)
    silent = o.feedback[row] == NOBODY and o.default[row] == NO_DEFAULT
    silent = silent and not rated_with_earlier(w, row)
    if silent and leaves_default(
        w.p.defaults_when,
        seller_rates(w, o.seller[row]),
        troubled(w, row),
        is_tracked(w, row),
        o.delivered[row] <= min(o.promised[row], day),
        o.trouble[row] == FINE,
    ):
        o.default[row], o.defaulted_on[row] = DEFAULT_STANDS, day
        count_default(w, row, day, 1)
        note_in_ledger(w, row, True)
        w.seller_days.defaults[record_row(day), o.seller[row]] += 1
        w.market_days.defaults[record_row(day)] += 1


@kernel
def leave_defaults(w, day):
    """Tonight's ratings for silent customers, in order of key; the morning listed their orders."""
    if w.p.defaults_when == NO_DEFAULTS:
        return
    rows = np.empty(w.now.n_due, np.int64)
    n = 0
    for i in range(w.now.n_due):
        if w.orders.due_default[w.due_today[i]] == day:
            rows[n] = w.due_today[i]
            n += 1
    keys = np.empty(n, np.uint64)
    for i in range(n):
        keys[i] = w.orders.key[rows[i]]
    for i in np.argsort(keys):
        decide_default(w, rows[i], day)
