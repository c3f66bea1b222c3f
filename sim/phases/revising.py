"""Revising a rating: what the platform lets its author do, and what the author makes of it.

Where stars may not be changed (any more), a follow-up may say the same in words. Revisions are
appended by users and settled in the evening. Rules: editing, follow_ups, reconsidering.
"""

from sim.jit import kernel, rule
from sim.parameters import NO_LIMIT
from sim.phases.common import order_row, record_row
from sim.phases.ratings import mark_steps, marked, order_end, rated_felt
from sim.rules.editing import ALLOWED, may_become, may_revise
from sim.rules.follow_ups import ALLOWED as MAY_FOLLOW_UP
from sim.rules.follow_ups import may_follow_up
from sim.rules.reconsidering import changed_stars
from sim.rules.satisfaction import felt_stars
from sim.state import (
    DELETED,
    FEEDBACK,
    HIDDEN,
    NO_FOLLOW_UP,
    SOFTENED,
    WORSENED,
)

LOUDER, SOFTER_WORDS, HARSHER_WORDS = -2, -3, -4
"""What an author may do in place of giving stars: review as well, or add a follow-up."""


@kernel
def offered(w, post, user, day, stars):
    """May this user give this post these stars (0 = delete it) today?"""
    q, p, hidden = w.posts, w.p, w.posts.status[post] == HIDDEN
    feedback = q.channel[post] == FEEDBACK
    if feedback:
        window = p.feedback_change_window_days
        can = p.feedback_can_delete if stars == 0 else p.feedback_can_change
    else:
        window = p.reviews_change_window_days
        can = p.reviews_can_delete if stars == 0 else p.reviews_can_change
    gone = q.status[post] == DELETED
    verdict = may_revise(user, q.author[post], gone, day, q.posted[post], window, can != 0)
    if verdict != ALLOWED:
        return verdict
    if not feedback:
        return may_become(q.stars[post], stars, hidden, True, 0, 5, 1, NO_LIMIT, False)
    return may_become(
        q.stars[post],
        stars,
        hidden,
        q.asked[post] != 0,
        q.changes[post],
        p.feedback_change_up_to,
        p.feedback_change_to_from,
        p.feedback_max_changes,
        p.feedback_change_asked != 0,
    )


@kernel
def follow_up_verdict(w, post, user, day):
    """May this user add a follow-up to this post today? Only to feedback of a known order."""
    q = w.posts
    row = order_row(w, q.order[post])
    known = q.channel[post] == FEEDBACK and row >= 0
    return may_follow_up(
        user,
        q.author[post],
        q.status[post] != DELETED and q.status[post] != HIDDEN,
        q.follow_up[post] != NO_FOLLOW_UP,
        day,
        order_end(w, row) if known else 0,
        w.p.feedback_follow_up_days if known else 0,
    )


@rule
def stars_after(w, post, mended):
    """Stars of an author who was won over: satisfaction as it is, or mended as a complaint's is."""
    q = w.posts
    row = order_row(w, q.order[post])
    happier = 0
    if row >= 0:
        of_store = q.channel[post] == FEEDBACK
        latent = rated_felt(w, row) if of_store else w.orders.product[row]
        latent += w.users.leniency[q.author[post]]
        latent += w.p.feedback_kindness if of_store else 0.0
        if mended:
            latent += w.p.complaining_recovery
        happier = marked(w, felt_stars(latent, w.cuts))
    return changed_stars(q.stars[post], happier, mark_steps(w))


@rule
def stars_put_off(w, post, user, day):
    """A clumsy message: one mark less, or LOUDER where there is none that may be taken away."""
    worse = int(w.posts.stars[post]) - mark_steps(w)
    if worse >= 1 and offered(w, post, user, day, worse) == ALLOWED:
        return worse
    return LOUDER


@kernel
def revise(w, key, post, stars):
    """Append a revision to be settled tonight; 0 stars = delete, below a follow-up."""
    n = w.now.n_revisions
    w.revisions.key[n] = key
    w.revisions.post[n] = post
    w.revisions.stars[n] = stars
    w.now.n_revisions = n + 1


@rule
def settle_follow_up(w, post, words, day):
    """The follow-up stands under its rating from tomorrow, if it is still allowed; is it?"""
    q = w.posts
    allowed = follow_up_verdict(w, post, q.author[post], day) == MAY_FOLLOW_UP
    if allowed:
        q.follow_up[post] = SOFTENED if words == SOFTER_WORDS else WORSENED
        w.market_days.follow_ups[record_row(day)] += 1
    return allowed
