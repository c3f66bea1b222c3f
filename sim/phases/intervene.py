"""What an intervention does to posts in the evening, by the ways that posts go anyway.

Called by ``sim/interventions.py`` after posts and revisions of the day are settled, only where an
experiment says so. Who may do what, and when, is not asked: that is what intervening means.
"""

from sim.draws import join
from sim.jit import kernel
from sim.phases.amend import change, take_down
from sim.phases.common import day_word, order_row, refresh_due
from sim.phases.defaults import drop_default
from sim.phases.ledger import note_amended, note_written
from sim.phases.ratings import marked, one_channel
from sim.phases.revising import offered
from sim.phases.settle import (
    has_reviewed,
    new_post,
    record_feedback,
    record_review,
    show_in_time,
)
from sim.phases.write import draft, post_key
from sim.rules.editing import ALLOWED
from sim.state import (
    DELETED,
    FED_BACK,
    FEEDBACK,
    NEVER,
    NOBODY,
    REMOVED,
    REVIEW,
    REVIEWED,
    STRUCK_THROUGH,
)


@kernel
def write_post(w, key, author, order, listing, channel, stars, by, day):
    """A post appears tonight, whatever the rules say of its author; returns its row.

    ``by``: birth key of the intervention, as everywhere here.
    """
    seller = w.listings.seller[listing]
    row = order_row(w, order)
    if row >= 0:
        seller = w.orders.seller[row]
    w.now.n_drafts = 0  # today's are settled: the row is free
    draft(w, key, author, order, listing, seller, channel, stars, 0)
    w.now.n_drafts = 0
    post = new_post(w, 0, day)
    if channel == FEEDBACK:
        record_feedback(w, 0, post, day)
    if channel == REVIEW or one_channel(w):
        record_review(w, post, day)
    note_written(w, post, by)
    if channel == FEEDBACK:
        drop_default(w, row, day)
    show_in_time(w, post, day)
    return post


@kernel
def post_of_order(w, order, channel, stars, by, day):
    """The customer of an order leaves feedback on it, or a review of its listing, tonight.

    Returns the post, or NOBODY where there is one already or the order is not kept any more.
    """
    row = order_row(w, order)
    if row < 0:
        return NOBODY
    o = w.orders
    user, listing = o.buyer[row], o.listing[row]
    if channel == FEEDBACK and o.feedback[row] != NOBODY:
        return NOBODY
    if channel == REVIEW and has_reviewed(w, user, listing):
        return NOBODY
    if channel == FEEDBACK:
        o.marks[row] |= FED_BACK
        o.due_feedback[row] = NEVER
    else:
        o.marks[row] |= REVIEWED
        o.due_review[row] = NEVER
    refresh_due(w, row)
    key = post_key(o.key[row], channel)
    return write_post(w, key, user, order, listing, channel, stars, by, day)


@kernel
def post_by_nobody(w, listing, stars, place, by, day):
    """A review by nobody of this market, unverified; ``place`` tells those of a day apart."""
    key = join(join(w.listings.key[listing], day_word(day)), place)
    return write_post(w, key, NOBODY, NOBODY, listing, REVIEW, stars, by, day)


@kernel
def is_allowed(w, i, day):
    """Do the platform's rules allow revision i of today, if it is no follow-up?"""
    post, stars = w.revisions.post[i], w.revisions.stars[i]
    if stars < 0:
        return False
    stars = marked(w, stars) if stars > 0 else stars
    return offered(w, post, w.posts.author[post], day, stars) == ALLOWED


@kernel
def still_there(w, post):
    """Is the post still its author's to change?"""
    status = w.posts.status[post]
    return status != DELETED and status != REMOVED and status != STRUCK_THROUGH


@kernel
def change_post(w, post, stars, by, day):
    """The post has other stars from tonight on (0 = it is deleted); returns whether it could."""
    if not still_there(w, post):
        return False
    before = w.posts.stars[post]
    if stars == 0:
        take_down(w, post, day)
    else:
        change(w, post, marked(w, stars), day)
    note_amended(w, post, before, stars == 0, by)
    return True
