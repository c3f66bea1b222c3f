"""What every entry of the ledger needs: a row, and what it is about."""

import numpy as np

from sim.events import LEFT_FEEDBACK, LEFT_REVIEW, NO_EVENT, event_id
from sim.jit import kernel, rule
from sim.phases.common import order_row
from sim.state import FEEDBACK, NEVER, NOBODY

SECOND_OF_ITS_KIND, THIRD_OF_ITS_KIND = 1, 2
"""Added to a birth key where more than one event of a kind is born of it."""


@kernel
def note(w, kind, key, cause, what):
    """Append an event of today, without its fields; returns its row."""
    e, n = w.events, w.log.n_events
    if n + 1 >= e.size:  # the last row takes what has no room
        w.log.lost += 1
        n = e.size - 1
    else:
        w.log.n_events = n + 1
    e.id[n], e.cause[n] = event_id(kind, key), cause
    e.order[n], e.post[n], e.prompted[n] = 0, 0, NO_EVENT
    e.value[n], e.service[n], e.product[n] = np.nan, np.nan, np.nan
    e.day[n], e.until[n] = w.now.day, NEVER
    e.user[n], e.seller[n], e.listing[n] = NOBODY, NOBODY, NOBODY
    e.shown_stars[n], e.shown_count[n], e.position[n], e.shown[n] = -1, -1, -1, -1
    e.look[n], e.what[n], e.kind[n], e.channel[n] = NOBODY, what, kind, -1
    e.stars[n], e.stars_before[n], e.verified[n] = 0, 0, -1
    e.described[n], e.served[n], e.shipped[n] = 0, 0, 0
    return n


@rule
def about_order(w, n, row):
    """Say of event n which order it is about."""
    e, o = w.events, w.orders
    e.user[n], e.seller[n], e.listing[n] = o.buyer[row], o.seller[row], o.listing[row]
    e.order[n] = o.key[row]


@rule
def show_seen(w, n, stars, count, position):
    """Say of event n what the listing's page showed; ``stars``: tenths, 0 where it showed none."""
    w.events.shown_stars[n] = stars if stars > 0 else -1
    w.events.shown_count[n], w.events.position[n] = count, position


@rule
def about_post(w, n, post):
    """Say of event n which post it is about."""
    e, q = w.events, w.posts
    e.user[n], e.seller[n], e.listing[n] = q.author[post], q.seller[post], q.listing[post]
    e.post[n], e.channel[n], e.stars[n] = q.key[post], q.channel[post], q.stars[post]
    e.verified[n] = q.verified[post]
    row = order_row(w, q.order[post])
    if row >= 0:
        e.order[n] = w.orders.key[row]


@rule
def post_event(w, post):
    """Id of the event that a post is."""
    feedback = w.posts.channel[post] == FEEDBACK
    return event_id(LEFT_FEEDBACK if feedback else LEFT_REVIEW, w.posts.key[post])


@rule
def felt(w, n, row):
    """Say of event n how satisfied the buyer of the order is, which nobody in the market sees."""
    w.events.service[n], w.events.product[n] = w.orders.service[row], w.orders.product[row]
