"""Sellers act: each reads what had arrived by yesterday evening and follows its strategy.

Every line of the strategy that fits what was read is acted on; complaints that no line names are
answered as the seller's care says. What is sent today reaches its customer tomorrow morning. Rules
7, 8 and 9 in README; rules: outreach.
"""

import numpy as np

from sim.draws import ANSWER_DELAY, ANSWERS, REVIEW_MATCHED, join, uniform
from sim.jit import kernel, rule
from sim.phases.common import order_row
from sim.phases.limits import held_back, may_send
from sim.rules.account import is_closed
from sim.rules.outreach import fits, needs_consent
from sim.state import (
    ANSWER,
    APOLOGISE,
    EVERY_DAYS,
    MAIL_CLAIM,
    MAIL_COMPLAINT,
    MAIL_FEEDBACK,
    MAIL_REVIEW,
    MOST_LINES,
    NOBODY,
    ODR_ABOVE,
    ON_DAY,
    OPTED_OUT,
    REPLACE,
    REPLY_PUBLIC,
    REQUEST_REMOVAL,
    REVIEW,
    STATE_IS,
)

SECOND = 100
"""Added to the number of a further act on the same mail, to tell its key from kinds of contact."""
OF_A_CLAIM = 200


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
    w.outbox.reward[n] = 0 if line == NOBODY else w.lines.reward[line]
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
    """Can the seller see that the buyer of this order has reviewed the listing, or rated it?"""
    if w.p.channels == 1:
        post = w.orders.feedback[row]
        return post != NOBODY and w.posts.shown_on[post] < w.now.day
    post = w.users.last_post[w.orders.buyer[row]]
    while post != NOBODY:
        q = w.posts
        shown = q.shown_on[post] < w.now.day
        if shown and q.channel[post] == REVIEW and q.listing[post] == w.orders.listing[row]:
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


@rule
def reaches(w, i, do):
    """Can this be done about mail i at all: in public, to the platform, or through a channel?"""
    if do == REPLY_PUBLIC or do == REQUEST_REMOVAL:
        return True
    order, post = channel_to(w, i), w.inbox.post[i]
    if order == NOBODY:
        return False
    user = w.posts.author[post] if post != NOBODY else w.orders.buyer[order_row(w, order)]
    return w.users.opted_out[user] != OPTED_OUT or not needs_consent(do, post != NOBODY)


@rule
def is_verified_review(w, i):
    """Is mail i about a review by somebody who bought the listing? Ratings are."""
    kind = w.inbox.kind[i]
    of_listing = kind == MAIL_REVIEW or (kind == MAIL_FEEDBACK and w.p.channels == 1)
    return of_listing and w.posts.verified[w.inbox.post[i]] != 0


@kernel
def line_fits(w, i, line, day):
    """Does a line of the seller's strategy apply to what was read?"""
    a, kind = w.lines, w.inbox.kind[i]
    if a.when[line] != kind or not reaches(w, i, a.do[line]):
        return False
    row = -1
    if channel_to(w, i) != NOBODY:
        row = order_row(w, channel_to(w, i))
    # Of an order that is too old to be kept, or of none, nothing more is known.
    age = day - w.orders.placed[row] if row >= 0 else 10_000
    contacted = row >= 0 and w.inbox.contacted[i] != 0
    seen = row >= 0 and review_seen(w, row)
    return fits(
        w.inbox.stars[i], is_verified_review(w, i), seen, contacted, age,
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
    about = w.posts.shown_on[post] if is_post else day - 1
    tone = a.tone[line] if a.tone[line] >= 0.0 else w.sellers.tone[seller]
    if w.inbox.kind[i] == MAIL_COMPLAINT:
        kind = REPLACE if kind == REPLACE else ANSWER
    if w.inbox.kind[i] == MAIL_CLAIM:  # mail of the order, as its complaint was
        key = join(key, OF_A_CLAIM + attempt)
    elif attempt > 0:
        key = join(key, SECOND + attempt)
    due = day + a.after_days[line]
    contact(w, seller, kind, key, user, order, post, due, about, line, tone, a.refund[line])


@kernel
def apologise(w, i, day):
    """Apologise to the author of a post, where there is a channel to reach them."""
    seller, post, key = w.inbox.seller[i], w.inbox.post[i], w.inbox.key[i]
    order, author = channel_to(w, i), w.posts.author[post]
    if order != NOBODY and w.users.opted_out[author] != OPTED_OUT:
        tone, about = w.sellers.tone[seller], w.posts.shown_on[post]
        contact(w, seller, APOLOGISE, key, author, order, post, day, about, NOBODY, tone, 0.0)


@kernel
def follow_lines(w, i, day):
    """Act on every line that fits mail i; returns how many acts that makes.

    A rating for both is read by lines for feedback and lines for reviews; an act that one kind has
    led to is not done again for the other.
    """
    acted, for_feedback, for_reviews = 0, 0, 0
    strategy = w.sellers.strategy[w.inbox.seller[i]]
    first = w.strategies.first[strategy]
    for line in range(first, first + w.strategies.count[strategy]):
        if not line_fits(w, i, line, day):
            continue
        act, of_reviews = 1 << w.lines.do[line], w.lines.for_reviews[line] != 0
        if (for_feedback if of_reviews else for_reviews) & act != 0:
            continue
        act_on(w, i, line, day, acted)
        acted += 1
        if of_reviews:
            for_reviews |= act
        else:
            for_feedback |= act
    return acted


@kernel
def read_mail(w, i, day):
    """What the seller does about one thing that arrived."""
    strategy = w.sellers.strategy[w.inbox.seller[i]]
    if w.strategies.code[strategy] != 0:
        return
    acted = 0
    if w.strategies.reads[strategy] & (1 << w.inbox.kind[i]) != 0:
        acted = follow_lines(w, i, day)
    if w.inbox.kind[i] == MAIL_COMPLAINT and acted == 0:
        answer_complaint(w, i, day)


@rule
def reads_store(w, seller):
    """Does the seller's strategy have lines about the store itself?"""
    store = (1 << ODR_ABOVE) | (1 << STATE_IS) | (1 << EVERY_DAYS) | (1 << ON_DAY)
    return w.strategies.reads[w.sellers.strategy[seller]] & store != 0


@rule
def store_line_fits(w, seller, line, day):
    """Does a line about the store itself apply this morning, as things stood last night?"""
    a, s, when = w.lines, w.sellers, w.lines.when[line]
    if when == ODR_ABOVE:
        orders = s.odr_orders[seller]  # divided, as 0.29 * 100 is less than 29
        return orders > 0 and s.odr_defects[seller] / orders > a.above[line]
    if when == STATE_IS:
        return s.state[seller] == a.state[line]
    if when == ON_DAY:
        return day == a.day[line]
    return when == EVERY_DAYS and day > 0 and day % a.days[line] == 0


@kernel
def look_after_store(w, seller, day):
    """Lines about the store itself; where several set the same, the later line holds.

    Contacts are settled in order of key, and these need no draws: the key is the line's place.
    """
    strategy = w.sellers.strategy[seller]
    first = w.strategies.first[strategy]
    for line in range(first, first + w.strategies.count[strategy]):
        if store_line_fits(w, seller, line, day):
            n, due = w.now.n_outbox, day + w.lines.after_days[line]
            contact(w, seller, w.lines.do[line], w.sellers.key[seller], NOBODY, NOBODY, NOBODY,
                    due, day - 1, line, 0.0, 0.0)  # fmt: skip
            w.outbox.key[n] = np.uint64(seller) * np.uint64(MOST_LINES) + np.uint64(line - first)


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
    # What has waited longest goes first.
    for i in np.argsort(w.pending.about[: w.now.n_pending], kind="mergesort"):
        seller = w.pending.seller[i]
        mine = lo <= seller < hi and w.sellers.own_mind[seller] == own_minds
        if mine and w.pending.due[i] == day and not is_closed(w.sellers.state[seller]):
            send_pending(w, i, day)
    for i in range(w.now.n_inbox):
        seller = w.inbox.seller[i]
        mine = lo <= seller < hi and w.sellers.own_mind[seller] == own_minds
        if mine and not is_closed(w.sellers.state[seller]):
            read_mail(w, i, day)
    for seller in range(lo, hi):
        mine = w.sellers.own_mind[seller] == own_minds
        if mine and reads_store(w, seller) and not is_closed(w.sellers.state[seller]):
            look_after_store(w, seller, day)
    for i in range(begun, w.now.n_outbox):
        if w.outbox.due[i] == day and not held_back(w, i, day):
            may_send(w, i, day)
