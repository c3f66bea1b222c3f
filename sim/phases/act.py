"""Sellers act: each reads what had arrived by yesterday evening and answers.

Complaints are answered as the seller's care says; ``recover`` also apologises to authors of bad
feedback and of bad reviews that can be matched to an order. What is sent today reaches its author
tomorrow morning. Rules 7 and 8 in README.
"""

import numpy as np

from sim.draws import ANSWER_DELAY, ANSWERS, REVIEW_MATCHED, join, uniform
from sim.jit import kernel, rule
from sim.phases.common import order_row
from sim.rules.account import is_closed
from sim.rules.feedback import is_positive
from sim.state import ANSWER, APOLOGISE, MAIL_COMPLAINT, MAIL_REVIEW, NOBODY

RECOVER = 1


@rule
def contact(w, seller, kind, key, user, order, post, due, about):
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
    w.now.n_outbox = n + 1


@kernel
def answer_complaint(w, i, day):
    """Answer a complaint, or not, after a delay: the seller's care."""
    seller, order, key = w.inbox.seller[i], w.inbox.order[i], w.inbox.key[i]
    row = order_row(w, order)
    if row >= 0 and uniform(w.streams[ANSWERS], key) < w.sellers.answers[seller]:
        u = uniform(w.streams[ANSWER_DELAY], key)
        due = day + int(-np.log(u) * w.sellers.answer_delay[seller])
        contact(w, seller, ANSWER, key, w.orders.buyer[row], order, NOBODY, due, day - 1)


@kernel
def recover(w, i, day):
    """Apologise to the author of a bad post, where there is a channel to reach them."""
    seller, post, key = w.inbox.seller[i], w.inbox.post[i], w.inbox.key[i]
    if is_positive(w.inbox.stars[i], w.p.feedback_positive_from):
        return
    author = w.posts.author[post]
    if w.users.opted_out[author] != 0:
        return
    if w.inbox.kind[i] == MAIL_REVIEW:
        matched = uniform(w.streams[REVIEW_MATCHED], key) < w.p.contact_match_review
        if w.posts.verified[post] == 0 or not matched:
            return
    about = w.posts.posted[post]
    contact(w, seller, APOLOGISE, key, author, w.posts.order[post], post, day, about)


@kernel
def read_mail(w, i, day):
    """What the seller does about one thing that arrived."""
    if w.inbox.kind[i] == MAIL_COMPLAINT:
        answer_complaint(w, i, day)
    elif w.sellers.strategy[w.inbox.seller[i]] == RECOVER:
        recover(w, i, day)


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
