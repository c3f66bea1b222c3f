"""Limits of a strategy's lines: acts a day, and work and money in 30 days.

What is over the day's limit goes out tomorrow; what no money is left for does not go out. Rules:
outreach.
"""

import numpy as np

from sim.draws import ANSWERS, uniform
from sim.jit import kernel, rule
from sim.phases.common import order_row
from sim.rules.outreach import month_of, work_cents
from sim.state import ANSWER, COMPLAINED, NOBODY, NOT_SENT, REPLACE


@rule
def work_and_goods(w, i):
    """Cents that contact i of the outbox takes beside money given back: work, a new item."""
    kind, row = w.outbox.kind[i], order_row(w, w.outbox.order[i])
    cents = work_cents(kind, w.outbox.tone[i], w.p.costs_answering, w.p.costs_asking)
    if row >= 0 and kind == REPLACE:  # goods and service once more, the fee not
        seller = w.outbox.seller[i]
        cents += w.listings.unit_cost[w.orders.listing[row]] + w.sellers.service_cost[seller]
    return cents


@rule
def all_cents(w, i):
    """Cents that contact i takes in all, if none of the price has been given back before."""
    row = order_row(w, w.outbox.order[i])
    money = int(np.rint(w.outbox.refund[i] * w.orders.price[row])) if row >= 0 else 0
    return work_and_goods(w, i) + money


@rule
def line_of(w, i):
    """Which line of its seller's strategy contact i is of, from 0, or NOBODY."""
    line, seller = w.outbox.line[i], w.outbox.seller[i]
    first = w.strategies.first[w.sellers.strategy[seller]]
    followed = first <= line < first + w.strategies.count[w.sellers.strategy[seller]]
    return w.lines.purse[line] if line != NOBODY and followed else NOBODY


@rule
def fall_back_on_care(w, i, day):
    """No money is left for a complaint's answer: the seller answers it as it would without."""
    seller, row = w.outbox.seller[i], order_row(w, w.outbox.order[i])
    open_still = w.outbox.post[i] == NOBODY and row >= 0 and w.orders.care[row] == COMPLAINED
    if (
        not open_still
        or uniform(w.streams[ANSWERS], w.orders.key[row]) >= w.sellers.answers[seller]
    ):
        return False
    w.outbox.kind[i], w.outbox.line[i] = ANSWER, NOBODY
    w.outbox.tone[i], w.outbox.refund[i] = w.sellers.tone[seller], w.sellers.refund[seller]
    return True


@kernel
def may_send(w, i, day):
    """Is there work and money left today for contact i of the outbox? Counts it if so."""
    seller, k = w.outbox.seller[i], line_of(w, i)
    if k == NOBODY:
        return True
    use, line, cents = w.line_use, w.outbox.line[i], all_cents(w, i)
    if use.day[seller, k] != day:
        use.day[seller, k], use.sent[seller, k] = day, 0
    if use.month[seller, k] != month_of(day):
        use.month[seller, k], use.spent[seller, k] = month_of(day), 0
    if use.spent[seller, k] + cents > w.lines.budget[line]:
        if fall_back_on_care(w, i, day):
            return True
        w.outbox.due[i] = NOT_SENT  # the money is gone
        return False
    if use.sent[seller, k] >= w.lines.per_day[line]:
        w.outbox.due[i] = day + 1
        return False
    use.sent[seller, k] += 1
    use.spent[seller, k] += cents
    return True


@rule
def take_back(w, i):
    """The platform did not let contact i go out: it has cost nothing of the line's limits."""
    seller, k = w.outbox.seller[i], line_of(w, i)
    if k != NOBODY:
        w.line_use.sent[seller, k] -= 1
        w.line_use.spent[seller, k] -= all_cents(w, i)
