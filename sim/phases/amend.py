"""Settle what becomes of posts: changes, deletions, follow-ups, strike-through.

The platform applies its rules here: who may revise, in time. Rules: editing, follow_ups, feedback.
"""

import numpy as np

from sim.events import FOLDED, STRUCK_OUT
from sim.jit import kernel, rule
from sim.phases.common import is_counted, record_row
from sim.phases.ledger import note_follow_up, note_removal, note_revision, post_event
from sim.phases.ratings import marked
from sim.phases.revising import offered, settle_follow_up
from sim.phases.settle import count_post
from sim.rules.editing import ALLOWED
from sim.rules.feedback import is_negative
from sim.state import CHANGED, DELETED, FEEDBACK, HIDDEN, NEVER, STRUCK_THROUGH

FOLD = 1
"""Place of "fold" among what ``feedback.removal`` may be."""


@rule
def take_down(w, post, day):
    """The post is deleted, and what it counts for taken back."""
    q = w.posts
    if is_counted(w, post):
        count_post(w, post, day, -1)
    if q.status[post] == HIDDEN:
        q.shown_on[post] = NEVER
    q.status[post], q.changed[post] = DELETED, day
    w.market_days.deletions[record_row(day)] += 1


@rule
def change(w, post, stars, day):
    """The post has other stars from tonight on."""
    q, counted = w.posts, is_counted(w, post)
    if counted:
        count_post(w, post, day, -1)
        q.status[post] = CHANGED
    q.stars[post], q.changed[post] = stars, day
    if counted:
        count_post(w, post, day, 1)
    w.market_days.changes[record_row(day)] += 1


@kernel
def settle_revisions(w, day):
    """Today's changes, deletions and follow-ups take effect, in order of key, where allowed."""
    q = w.posts
    for i in np.argsort(w.revisions.key[: w.now.n_revisions]):
        post, stars = w.revisions.post[i], w.revisions.stars[i]
        if stars < 0:
            if settle_follow_up(w, post, stars, day):
                note_follow_up(w, i, post)
            continue
        stars = marked(w, stars) if stars > 0 else stars
        if offered(w, post, q.author[post], day, stars) == ALLOWED:
            q.changes[post] += 1
            before = q.stars[post]
            if stars == 0:
                take_down(w, post, day)
            else:
                change(w, post, stars, day)
            note_revision(w, i, post, before)
    w.now.n_revisions = 0


@rule
def strike(w, post, day, cause):
    """Negative feedback that still counts is struck through, and its stars stop counting; or it is
    folded: nobody sees it any more, and they count. ``cause``: id of an event."""
    q = w.posts
    seen = is_counted(w, post) and q.folded[post] == 0
    if seen and is_negative(q.stars[post], w.p.feedback_negative_up_to):
        if w.p.feedback_removal == FOLD:
            q.folded[post] = 1
            note_removal(w, post, cause, FOLDED)
        else:
            count_post(w, post, day, -1)
            q.status[post] = STRUCK_THROUGH
            note_removal(w, post, cause, STRUCK_OUT)
        w.market_days.struck[record_row(day)] += 1


@kernel
def strike_through(w, day):
    """The platform strikes feedback wholly about the product of its own accord."""
    q, post = w.posts, w.now.n_struck
    while post < w.now.n_posts and q.posted[post] + w.p.feedback_strike_lag_days <= day:
        if q.due_strike[post] == day and q.channel[post] == FEEDBACK:
            strike(w, post, day, post_event(w, post))
        post += 1
    w.now.n_struck = post
