"""Sellers whose strategy is a class in Python: what they see of their mail, and what they do.

The class runs in Python (``sim/own_strategy.py``); what it sees and does passes through here, so
that the rules for lines hold for it too.
"""

import numpy as np

from sim.draws import OWN_STRATEGY, join, uniform
from sim.jit import kernel
from sim.phases.act import (
    act_on,
    answer_complaint,
    channel_to,
    is_verified_review,
    reaches,
    review_seen,
)
from sim.phases.common import order_row
from sim.phases.limits import held_back, may_send
from sim.state import MAIL_COMPLAINT, NOBODY, THANK

SEEN = np.dtype(
    [
        ("draw", "f8"),
        ("kind", "i4"),
        ("stars", "i4"),
        ("verified", "i4"),
        ("reviewed", "i4"),
        ("contacted", "i4"),
        ("days_since", "i4"),  # -1 = no order is known
        ("price", "i4"),  # cents
        ("reachable", "i4"),
    ],
    align=True,
)


@kernel
def look_at(w, rows, day, seen):
    """Write what a seller sees of the mails in ``rows`` into ``seen`` (SEEN, one per row)."""
    for k in range(rows.size):
        i, x = rows[k], seen[k]
        x.kind, x.stars = w.inbox.kind[i], w.inbox.stars[i]
        x.draw = uniform(w.streams[OWN_STRATEGY], join(w.inbox.key[i], x.kind))
        x.verified = is_verified_review(w, i)
        x.reachable = reaches(w, i, THANK)
        x.days_since = -1
        order = channel_to(w, i)
        row = order_row(w, order) if order != NOBODY else -1
        if row >= 0:
            x.reviewed = review_seen(w, row)
            x.contacted = w.inbox.contacted[i]
            x.days_since = day - w.orders.placed[row]
            x.price = w.orders.price[row]


@kernel
def act_by_code(w, seller, day, rows, lines, after_days, tones, refunds, rewards):
    """Write down acts on the mails in ``rows``, as far as they reach anybody.

    A complaint without any gets the usual answer.
    """
    begun = w.now.n_outbox
    acted = np.zeros(w.now.n_inbox, np.int64)
    for k in range(rows.size):
        n, i = w.now.n_outbox, rows[k]
        if not reaches(w, i, w.lines.do[lines[k]]):
            continue
        act_on(w, i, lines[k], day, acted[i])
        acted[i] += 1
        w.outbox.due[n] = day + after_days[k]
        w.outbox.refund[n] = refunds[k]
        w.outbox.reward[n] = rewards[k]
        if not np.isnan(tones[k]):
            w.outbox.tone[n] = tones[k]
    for i in range(w.now.n_inbox):
        mine = w.inbox.seller[i] == seller and w.inbox.kind[i] == MAIL_COMPLAINT
        if mine and acted[i] == 0:
            answer_complaint(w, i, day)
    for i in range(begun, w.now.n_outbox):
        if w.outbox.due[i] == day and not held_back(w, i, day):
            may_send(w, i, day)
