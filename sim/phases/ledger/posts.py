"""Feedback and reviews, and what becomes of them, as they are noted."""

import numpy as np

from sim.draws import join
from sim.events import (
    BY_AUTHOR,
    BY_DEFAULT,
    CHANGE,
    DELETION,
    DELIVERY,
    HARSHER,
    LEFT_FEEDBACK,
    LEFT_REVIEW,
    MESSAGE,
    NO_EVENT,
    PLAIN,
    REMOVAL,
    SENT_IN,
    SOFTER,
    WAS_BOUGHT,
    WIPED,
    WITH_RETURN,
    event_id,
)
from sim.jit import kernel
from sim.phases.common import day_word, order_row, record_row
from sim.phases.ledger.basics import (
    SECOND_OF_ITS_KIND,
    about_order,
    about_post,
    felt,
    note,
    post_event,
    show_seen,
)
from sim.state import FEEDBACK, NOBODY, WORSENED


@kernel
def note_post(w, d, post):
    """Draft d has become a post. Stars, count and position are those of the morning."""
    if w.log.on == 0:
        return
    q, e, row = w.posts, w.events, order_row(w, w.posts.order[post])
    of_store = q.channel[post] == FEEDBACK
    n = note(w, LEFT_FEEDBACK if of_store else LEFT_REVIEW, q.key[post], w.drafts.cause[d], PLAIN)
    about_post(w, n, post)
    listing = q.listing[post]
    e.until[n] = q.shown_on[post]
    e.described[n], e.served[n], e.shipped[n] = q.described[post], q.served[post], q.shipped[post]
    stars = int(np.rint(10.0 * w.listings.stars[listing]))
    count = w.listing_days.n_reviews[record_row(w.now.day - 1), listing]
    show_seen(w, n, stars, count, w.listings.position[listing])
    if row >= 0:
        felt(w, n, row)
        by = w.trails.feedback_by[row] if of_store else w.trails.review_by[row]
        e.prompted[n] = by
        e.cause[n] = by if by != NO_EVENT else w.trails.last[row]
    elif q.author[post] == NOBODY:
        e.what[n], e.cause[n] = WAS_BOUGHT, w.seller_trails.set[q.seller[post]]


@kernel
def note_bad_feedback(w, post):
    """A post has made its order a defect."""
    if w.log.on != 0:
        w.seller_trails.worse[w.posts.seller[post]] = post_event(w, post)


@kernel
def note_default(w, row, left):
    """The platform leaves a rating for a silent customer; or (``left`` False) takes it back."""
    if w.log.on == 0:
        return
    key = join(w.orders.key[row], SECOND_OF_ITS_KIND)
    if left:
        n = note(w, LEFT_FEEDBACK, key, event_id(DELIVERY, w.orders.key[row]), BY_DEFAULT)
    else:
        n = note(w, REMOVAL, key, w.trails.last[row], BY_DEFAULT)
    about_order(w, n, row)
    w.events.channel[n], w.events.stars[n] = FEEDBACK, 5


@kernel
def note_revision(w, i, post, before):
    """Revision i has changed or deleted a post that had so many stars; a follow-up has not."""
    if w.log.on == 0:
        return
    key, stars = w.revisions.key[i], w.revisions.stars[i]
    cause = post_event(w, post) if key == w.posts.key[post] else event_id(MESSAGE, key)
    if stars == 0:
        n = note(w, DELETION, w.posts.key[post], cause, BY_AUTHOR)
    else:
        own = join(w.posts.key[post], w.posts.changes[post])
        n = note(w, CHANGE, own, cause, PLAIN)
    about_post(w, n, post)
    w.events.stars_before[n] = before
    if stars == 0:
        w.events.stars[n] = 0


@kernel
def note_follow_up(w, i, post):
    """Revision i has added a follow-up to a post."""
    if w.log.on == 0:
        return
    key = w.revisions.key[i]
    cause = post_event(w, post) if key == w.posts.key[post] else event_id(MESSAGE, key)
    n = note(w, CHANGE, join(w.posts.key[post], 0), cause, SOFTER)
    about_post(w, n, post)
    w.events.stars_before[n] = w.posts.stars[post]
    if w.posts.follow_up[post] == WORSENED:
        w.events.what[n] = HARSHER


@kernel
def note_gone_with_return(w, row, post):
    """A returned order takes its rating along."""
    if w.log.on == 0:
        return
    cause = event_id(SENT_IN, w.orders.key[row])
    n = note(w, DELETION, w.posts.key[post], cause, WITH_RETURN)
    about_post(w, n, post)
    w.events.stars_before[n], w.events.stars[n] = w.posts.stars[post], 0


@kernel
def note_removal(w, post, cause, what):
    """The platform removes or folds a post; ``cause``: id of an event."""
    if w.log.on == 0:
        return
    n = note(w, REMOVAL, w.posts.key[post], cause, what)
    about_post(w, n, post)
    w.events.stars_before[n], w.events.stars[n] = w.posts.stars[post], 0


@kernel
def note_wiped(w, listing):
    """Every review of a listing is gone, those from before the lived past among them."""
    if w.log.on == 0:
        return
    seller = w.listings.seller[listing]
    key = join(w.listings.key[listing], day_word(w.now.day))
    n = note(w, REMOVAL, key, w.seller_trails.worse[seller], WIPED)
    w.events.listing[n], w.events.seller[n] = listing, seller
