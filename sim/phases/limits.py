"""What holds a message back: the platform's window for requests, and the limits of its line.

What comes too early waits and takes nothing of the limits. What is over the day's limit goes out
tomorrow; what no money is left for does not go out. Rules: outreach.
"""

import numpy as np

from sim.draws import ANSWERS, uniform
from sim.jit import kernel, rule
from sim.phases.common import order_row
from sim.phases.offers import service_cents, unit_cost_of
from sim.rules.outreach import SEND, WAIT, month_of, request_verdict, work_cents
from sim.state import (
    ANSWER,
    ASK_BOTH,
    ASK_FEEDBACK,
    CANCELLED_ORDER,
    MAIL_COMPLAINT,
    NEVER,
    NOBODY,
    NOT_SENT,
    REPLACE,
    REQUESTED,
    REWARD,
)


@rule
def is_request(kind):
    """Does the message ask for feedback, a review or both, be it for a reward?"""
    return ASK_FEEDBACK <= kind <= ASK_BOTH or kind == REWARD


@rule
def request_day(w, row, day):
    """Day on which a request about an order can go out, today at best; NEVER if it cannot."""
    if row < 0:
        return NEVER
    asked_before = w.orders.asked[row] & REQUESTED != 0
    if w.orders.trouble[row] == CANCELLED_ORDER:
        return NEVER
    if asked_before and w.p.contact_one_request_per_order != 0:
        return NEVER
    from_days, delivered = w.p.contact_request_from_days, w.orders.delivered[row]
    verdict = request_verdict(day, delivered, from_days, w.p.contact_request_to_days)
    if verdict == WAIT:  # the seller does not know when it will come
        return max(day + 1, delivered + from_days) if delivered <= day else day + 1
    return day if verdict == SEND else NEVER


@rule
def held_back(w, i, day):
    """Can contact i, a request, not go out today? It waits or is dropped, and takes no limit."""
    if not is_request(w.outbox.kind[i]):
        return False
    opens = request_day(w, order_row(w, w.outbox.order[i]), day)
    if opens != day:
        w.outbox.due[i] = opens if opens != NEVER else NOT_SENT
    return opens != day


@rule
def work_and_goods(w, i):
    """Cents that contact i of the outbox takes beside money given back: work, a new item."""
    kind, row = w.outbox.kind[i], order_row(w, w.outbox.order[i])
    cents = work_cents(kind, w.outbox.tone[i], w.p.costs_answering, w.p.costs_asking)
    if row >= 0 and kind == REPLACE:  # goods and service once more, the fee not
        listing, offer = w.orders.listing[row], w.orders.offer[row]
        cents += unit_cost_of(w, listing, offer) + service_cents(w, listing, offer)
    return cents


@rule
def all_cents(w, i):
    """Cents that contact i takes in all, if none of the price has been given back before.

    A reward counts as promised, as nobody knows yet whether it must be paid.
    """
    row = order_row(w, w.outbox.order[i])
    money = int(np.rint(w.outbox.refund[i] * w.orders.price[row])) if row >= 0 else 0
    return work_and_goods(w, i) + money + w.outbox.reward[i]


@rule
def line_of(w, i):
    """Which line of its seller's strategy contact i is of, from 0, or NOBODY."""
    line, seller = w.outbox.line[i], w.outbox.seller[i]
    first = w.strategies.first[w.sellers.strategy[seller]]
    followed = first <= line < first + w.strategies.count[w.sellers.strategy[seller]]
    return w.lines.purse[line] if line != NOBODY and followed else NOBODY


@rule
def answered_otherwise(w, i):
    """Is the complaint of contact i answered by another contact, of a line or of care?"""
    a = w.outbox
    for k in range(w.now.n_outbox):
        same = k != i and a.order[k] == a.order[i] and a.seller[k] == a.seller[i]
        answers = a.kind[k] == ANSWER or (a.kind[k] == REPLACE and a.post[k] == NOBODY)
        if same and answers and a.due[k] != NOT_SENT:
            return True
    return False


@rule
def fall_back_on_care(w, i, day):
    """No money is left for a complaint's answer: the seller answers it as it would without."""
    seller, row = w.outbox.seller[i], order_row(w, w.outbox.order[i])
    answers = row >= 0 and w.lines.when[w.outbox.line[i]] == MAIL_COMPLAINT
    if answers and answered_otherwise(w, i):
        return False
    if not answers or uniform(w.streams[ANSWERS], w.orders.key[row]) >= w.sellers.answers[seller]:
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
