"""Contacts in the evening: the platform lets through what it allows; what is sent takes effect.

Messages reach their customers tomorrow morning; requests wait for the platform's window; what a
store sets for itself holds from tomorrow. Rules: outreach, account, costs.
"""

import numpy as np

from sim.draws import FOUND_OUT, REMOVED_ON_REQUEST, uniform
from sim.events import MESSAGE, event_id
from sim.jit import kernel, rule
from sim.phases.amend import strike
from sim.phases.bought import buy_reviews
from sim.phases.common import give_back, order_row, record_row
from sim.phases.ledger import (
    note_found_out,
    note_message,
    note_remedy,
    note_set,
    post_event,
)
from sim.phases.limits import is_request, request_day, take_back, work_and_goods
from sim.phases.punish import break_rule
from sim.rules.costs import service_cost_usd
from sim.rules.outreach import is_to_the_store, needs_consent
from sim.state import (
    ANSWER,
    ASK_BOTH,
    BUY_REVIEWS,
    NEVER,
    NOBODY,
    NOT_SENT,
    OPTED_OUT,
    OPTS_OUT_TODAY,
    PAUSE,
    REPLY_PUBLIC,
    REQUEST_REMOVAL,
    REQUESTED,
    REWARD,
    SET_PRICE,
)


@rule
def let_through(w, i, day):
    """Does the platform let contact i of the outbox go out today? Else it waits or is dropped."""
    kind, post = w.outbox.kind[i], w.outbox.post[i]
    opens = day
    if w.users.opted_out[w.outbox.user[i]] != 0 and needs_consent(kind, post != NOBODY):
        opens = NEVER
    elif is_request(kind):
        opens = request_day(w, order_row(w, w.outbox.order[i]), day)
    elif kind == REPLY_PUBLIC and w.posts.replied[post] != 0:
        opens = NEVER
    if opens > day:
        w.outbox.due[i] = opens if opens != NEVER else NOT_SENT
        take_back(w, i)
    return opens == day


@rule
def look_into(w, seller, line, key, cause, wrong, day):
    """Does the platform find out that an act of a line is one that it forbids?

    ``wrong``: a request to remove what is not about the product alone, which has rules of its own.
    ``cause``: id of the event that the act is.
    """
    a, record = w.lines, record_row(day)
    if line == NOBODY:
        return
    wrong = wrong and a.wrong_forbidden[line] != 0
    if wrong or a.forbidden[line] != 0:
        chance = a.wrong_found_out[line] if wrong else a.found_out[line]
        w.seller_days.forbidden[record, seller] += 1
        found = uniform(w.streams[FOUND_OUT], key) < chance
        note_found_out(w, seller, key, cause, found)
        if found:
            w.seller_days.found_out[record, seller] += 1
            break_rule(w, seller, a.wrong_kind[line] if wrong else a.kind[line], day)


@rule
def pay_for(w, i, day):
    """Work, money and goods of a contact are the seller's costs."""
    seller, record = w.outbox.seller[i], record_row(day)
    row, work, given = order_row(w, w.outbox.order[i]), work_and_goods(w, i), 0
    w.seller_days.costs[record, seller] += work
    if row >= 0:
        given = give_back(w, row, int(np.rint(w.outbox.refund[i] * w.orders.price[row])), day)
    note_remedy(w, i, given, work)
    spent = work + given
    if w.outbox.line[i] == NOBODY and w.outbox.kind[i] == ANSWER:  # the seller's care
        w.seller_days.spent_service[record, seller] += spent
    else:
        w.seller_days.spent_outreach[record, seller] += spent


@rule
def ask_for_removal(w, i, day):
    """The platform strikes feedback wholly about the product through, if it agrees that it is."""
    post = w.outbox.post[i]
    in_time = day <= w.posts.posted[post] + w.p.feedback_removal_window_days
    if in_time and w.posts.product_only[post] != 0:
        u = uniform(w.streams[REMOVED_ON_REQUEST], w.posts.key[post])
        if u < w.p.feedback_removal_granted:
            strike(w, post, day, event_id(MESSAGE, w.outbox.key[i]))


@rule
def send(w, i, day):
    """A contact goes out: it costs, may be found out, and reaches its customer tomorrow."""
    seller, kind = w.outbox.seller[i], w.outbox.kind[i]
    note_message(w, i)
    pay_for(w, i, day)
    wrong = kind == REQUEST_REMOVAL and w.posts.product_only[w.outbox.post[i]] == 0
    key = w.outbox.key[i]
    look_into(w, seller, w.outbox.line[i], key, event_id(MESSAGE, key), wrong, day)
    if kind == REQUEST_REMOVAL:
        ask_for_removal(w, i, day)
        return
    w.seller_days.contacts[record_row(day), seller] += 1
    if kind == REPLY_PUBLIC:
        w.posts.replied[w.outbox.post[i]] = 1
        return
    n = w.now.n_arrivals
    w.arrivals[n] = w.outbox[i]
    if is_request(kind):
        w.orders.asked[order_row(w, w.outbox.order[i])] |= REQUESTED
        if w.p.contact_requests_ask_both != 0 and kind != REWARD:  # that is no button
            w.arrivals.kind[n] = ASK_BOTH
    w.now.n_arrivals = n + 1


@rule
def set_service(w, seller, line):
    """Service as the line says from now on; what it leaves open stays as it is."""
    s, a = w.sellers, w.lines
    if a.on_time[line] >= 0.0:
        s.on_time[seller], s.slowness[seller] = a.on_time[line], a.slowness[line]
    if a.damaged[line] >= 0.0:
        s.damaged[seller] = a.damaged[line]
    if a.wrong_item[line] >= 0.0:
        s.wrong_item[seller] = a.wrong_item[line]
    if a.cancelled[line] >= 0.0:
        s.cancelled[seller] = a.cancelled[line]
    if a.capacity[line] >= 0:
        s.capacity[seller] = a.capacity[line]
    cost = service_cost_usd(
        s.on_time[seller], s.damaged[seller], w.p.costs_punctuality, w.p.costs_intactness
    )
    s.service_cost[seller] = int(np.rint(100.0 * cost))


@rule
def set_store(w, i, day):
    """What a seller has set for its own store holds from tomorrow."""
    line, seller, kind = w.outbox.line[i], w.outbox.seller[i], w.outbox.kind[i]
    if line == NOBODY:
        return  # of a strategy that is followed no more
    note_set(w, i)
    if kind == BUY_REVIEWS:
        first = w.now.n_posts
        buy_reviews(w, seller, line, day)
        for post in range(first, w.now.n_posts):
            look_into(w, seller, line, w.posts.key[post], post_event(w, post), False, day)
    elif kind == PAUSE:
        last = day + w.lines.pause_days[line]
        w.sellers.paused_until[seller] = max(w.sellers.paused_until[seller], last)
    elif kind == SET_PRICE:
        n = w.listings
        for k in range(w.now.n_listings):
            if n.seller[k] == seller:
                n.price[k] = max(1, int(np.rint(w.lines.price[line] * n.stated_price[k])))
        f = w.offers
        for k in range(w.now.n_offers):
            if f.seller[k] == seller:
                f.price[k] = max(1, int(np.rint(w.lines.price[line] * f.stated_price[k])))
    else:
        set_service(w, seller, line)


@kernel
def settle_contacts(w, day):
    """Today's messages are sent, in order of key, then stores are set; later ones are kept."""
    kept = 0
    for i in range(w.now.n_pending):
        if w.pending.due[i] > day:
            w.pending[kept] = w.pending[i]
            kept += 1
    for i in range(w.now.n_arrivals):
        if w.users.opted_out[w.arrivals.user[i]] == OPTS_OUT_TODAY:
            w.users.opted_out[w.arrivals.user[i]] = OPTED_OUT
    w.now.n_arrivals = 0
    by_key = np.argsort(w.outbox.key[: w.now.n_outbox])
    for i in by_key:
        goes_out = w.outbox.due[i] <= day and w.outbox.due[i] != NOT_SENT
        if goes_out and not is_to_the_store(w.outbox.kind[i]) and let_through(w, i, day):
            send(w, i, day)
        if w.outbox.due[i] > day:
            w.pending[kept] = w.outbox[i]
            kept += 1
    for i in by_key:
        if w.outbox.due[i] == day and is_to_the_store(w.outbox.kind[i]):
            set_store(w, i, day)
    w.now.n_pending = kept
    w.now.n_outbox = 0
