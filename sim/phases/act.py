"""Sellers act: each reads what had arrived by yesterday evening and follows its strategy.

Every line of the strategy that fits what was read is acted on; complaints that no line names are
answered as the seller's care says. What is sent today reaches its customer tomorrow morning. Rules
7, 8 and 9 in README; rules: outreach.
"""

import numpy as np

from sim.draws import ANSWER_DELAY, ANSWERS, REVIEW_MATCHED, join, uniform
from sim.jit import kernel, rule
from sim.phases.common import order_row
from sim.rules.account import is_closed
from sim.rules.outreach import fits, month_of, work_cents
from sim.state import (
    ANSWER,
    APOLOGISE,
    MAIL_CLAIM,
    MAIL_COMPLAINT,
    MAIL_FEEDBACK,
    MAIL_REVIEW,
    NOBODY,
    NOT_SENT,
    ONE_MESSAGE,
    REFUND,
    REPLACE,
    REVIEW,
)

SECOND = 100
"""Added to the number of a further act on the same mail, to tell its key from kinds of contact."""


@rule
def contact(w, seller, kind, key, user, order, post, due, about, line, tone, refund):
    """Append a contact to be settled tonight: sent if due today, else kept for its day."""
    n = w.now.n_outbox
    w.outbox.key[n] = join(join(w.sellers.key[seller], key), kind)
    w.outbox.seller[n] = seller
    w.outbox.user[n] = user
    w.outbox.kind[n] = kind
    w.outbox.order[n] = order
    w.outbox.post[n] = post
    w.outbox.due[n] = due
    w.outbox.about[n] = about
    w.outbox.line[n] = line
    w.outbox.tone[n] = tone
    w.outbox.refund[n] = refund
    w.now.n_outbox = n + 1


@kernel
def answer_complaint(w, i, day):
    """Answer a complaint, or not, after a delay: the seller's care."""
    seller, order, key = w.inbox.seller[i], w.inbox.order[i], w.inbox.key[i]
    row = order_row(w, order)
    if row >= 0 and uniform(w.streams[ANSWERS], key) < w.sellers.answers[seller]:
        u = uniform(w.streams[ANSWER_DELAY], key)
        due = day + int(-np.log(u) * w.sellers.answer_delay[seller])
        tone, refund = w.sellers.tone[seller], w.sellers.refund[seller]
        user = w.orders.buyer[row]
        contact(w, seller, ANSWER, key, user, order, NOBODY, due, day - 1, NOBODY, tone, refund)


@rule
def review_seen(w, row):
    """Can the seller see that the buyer of this order has reviewed the listing?"""
    post = w.users.last_post[w.orders.buyer[row]]
    while post != NOBODY:
        q = w.posts
        if q.channel[post] == REVIEW and q.listing[post] == w.orders.listing[row]:
            matched = uniform(w.streams[REVIEW_MATCHED], q.key[post]) < w.p.contact_match_review
            return q.verified[post] != 0 and matched
        post = w.posts.previous[post]
    return False


@kernel
def channel_to(w, i):
    """Id of the order through which the sender of mail i can be written to, or NOBODY."""
    order, post = w.inbox.order[i], w.inbox.post[i]
    if w.inbox.kind[i] == MAIL_REVIEW:
        matched = uniform(w.streams[REVIEW_MATCHED], w.inbox.key[i]) < w.p.contact_match_review
        if w.posts.verified[post] == 0 or not matched:
            return NOBODY
        order = w.posts.order[post]
    return order


@kernel
def line_fits(w, i, line, day):
    """Does a line of the seller's strategy apply to what was read?"""
    a, kind = w.lines, w.inbox.kind[i]
    if a.when[line] != kind:
        return False
    post, order = w.inbox.post[i], channel_to(w, i)
    if order == NOBODY:
        return False
    user = w.posts.author[post] if post != NOBODY else w.orders.buyer[order_row(w, order)]
    if w.users.opted_out[user] != 0 and kind != MAIL_COMPLAINT:
        return False
    row = order_row(w, order)
    # Of an order that is too old to be kept nothing more is known.
    age = day - w.orders.placed[row] if row >= 0 else 10_000
    messages = w.orders.asked[row] // ONE_MESSAGE if row >= 0 else 0
    seen = row >= 0 and review_seen(w, row)
    verified = kind == MAIL_REVIEW and w.posts.verified[post] != 0
    return fits(
        w.inbox.stars[i], verified, seen, messages > 0, age,
        a.stars[line], a.verified[line], a.reviewed[line], a.contacted[line],
        a.from_days[line], a.to_days[line],
    )  # fmt: skip


@kernel
def act_on(w, i, line, day, attempt):
    """Do what a line says about mail i: written down now, sent on its day.

    ``attempt`` counts the acts on this mail, so that each has draws of its own.
    """
    a, seller, post = w.lines, w.inbox.seller[i], w.inbox.post[i]
    order, kind, key = channel_to(w, i), a.do[line], w.inbox.key[i]
    row = order_row(w, order)
    user = w.posts.author[post] if post != NOBODY else w.orders.buyer[row]
    is_post = w.inbox.kind[i] == MAIL_FEEDBACK or w.inbox.kind[i] == MAIL_REVIEW
    about = w.posts.posted[post] if is_post else day - 1
    tone = a.tone[line] if a.tone[line] >= 0.0 else w.sellers.tone[seller]
    if kind == REFUND:
        tone = 0.0  # money without kindness
    if w.inbox.kind[i] == MAIL_COMPLAINT:
        kind = REPLACE if kind == REPLACE else ANSWER
    if w.inbox.kind[i] == MAIL_CLAIM or attempt > 0:
        key = join(key, SECOND + attempt)
    due = day + a.after_days[line]
    contact(w, seller, kind, key, user, order, post, due, about, line, tone, a.refund[line])


@kernel
def apologise(w, i, day):
    """Apologise to the author of a post, where there is a channel to reach them."""
    seller, post, key = w.inbox.seller[i], w.inbox.post[i], w.inbox.key[i]
    order, author = channel_to(w, i), w.posts.author[post]
    if order != NOBODY and w.users.opted_out[author] == 0:
        tone, about = w.sellers.tone[seller], w.posts.posted[post]
        contact(w, seller, APOLOGISE, key, author, order, post, day, about, NOBODY, tone, 0.0)


@kernel
def read_mail(w, i, day):
    """What the seller does about one thing that arrived."""
    strategy = w.sellers.strategy[w.inbox.seller[i]]
    acted = 0
    if w.strategies.reads[strategy] & (1 << w.inbox.kind[i]) != 0:
        first = w.strategies.first[strategy]
        for line in range(first, first + w.strategies.count[strategy]):
            if line_fits(w, i, line, day):
                act_on(w, i, line, day, acted)
                acted += 1
    if w.inbox.kind[i] == MAIL_COMPLAINT and acted == 0:
        answer_complaint(w, i, day)


@rule
def may_send(w, i, day):
    """Is there work and money left today for contact i of the outbox? Counts it if so."""
    line, seller = w.outbox.line[i], w.outbox.seller[i]
    if line == NOBODY:
        return True
    first = w.strategies.first[w.sellers.strategy[seller]]
    if not first <= line < first + w.strategies.count[w.sellers.strategy[seller]]:
        return True  # of a strategy that is followed no more
    use, k = w.line_use, line - first
    if use.day[seller, k] != day:
        use.day[seller, k], use.sent[seller, k] = day, 0
    if use.month[seller, k] != month_of(day):
        use.month[seller, k], use.spent[seller, k] = month_of(day), 0
    kind, tone = w.outbox.kind[i], w.outbox.tone[i]
    work = work_cents(kind, tone, w.p.costs_answering, w.p.costs_asking)
    row = order_row(w, w.outbox.order[i])
    money = 0
    if row >= 0:
        money = int(np.rint(w.outbox.refund[i] * w.orders.price[row]))
        if w.outbox.kind[i] == REPLACE:
            money += w.listings.unit_cost[w.orders.listing[row]] + w.sellers.service_cost[seller]
    if use.spent[seller, k] + work + money > w.lines.budget[line]:
        w.outbox.due[i] = NOT_SENT  # the money is gone
        return False
    if use.sent[seller, k] >= w.lines.per_day[line]:
        w.outbox.due[i] = day + 1
        return False
    use.sent[seller, k] += 1
    use.spent[seller, k] += work + money
    return True


@rule
def send_pending(w, i, day):
    """A contact put off until today goes out."""
    n = w.now.n_outbox
    w.outbox[n] = w.pending[i]
    w.now.n_outbox = n + 1


@kernel
def act(w, day, lo, hi, own_minds):
    """Sellers [lo, hi) send what was put off until today, then read and answer their mail.

    ``own_minds`` 0 leaves out overriding agents, 1 is for them.
    """
    begun = w.now.n_outbox
    for i in range(w.now.n_pending):
        seller = w.pending.seller[i]
        mine = lo <= seller < hi and w.sellers.own_mind[seller] == own_minds
        if mine and w.pending.due[i] == day and not is_closed(w.sellers.state[seller]):
            send_pending(w, i, day)
    for i in range(w.now.n_inbox):
        seller = w.inbox.seller[i]
        mine = lo <= seller < hi and w.sellers.own_mind[seller] == own_minds
        if mine and not is_closed(w.sellers.state[seller]):
            read_mail(w, i, day)
    for i in range(begun, w.now.n_outbox):
        if w.outbox.due[i] == day:
            may_send(w, i, day)
