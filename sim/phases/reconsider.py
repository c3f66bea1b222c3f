"""Authors reconsider what reached them by yesterday evening: answers and apologies.

Writes the author's own order, and revisions that the platform settles tonight. Rules: complaints,
reconsidering, editing.
"""

from sim.draws import DELETES as DELETES_PURPOSE
from sim.draws import SETTLES, WON_OVER, uniform
from sim.jit import kernel, rule
from sim.phases.common import order_row, refresh_due
from sim.phases.judge import has, remember_store, store_felt
from sim.phases.speak import end_care, escalate
from sim.rules.complaints import answered_well
from sim.rules.editing import ALLOWED, may_revise
from sim.rules.reconsidering import CHANGES, DELETES, WORSE, changed_stars, reaction
from sim.rules.satisfaction import felt_stars
from sim.state import ANSWER, ANSWERED, ARRIVED, COMPLAINED, DELETED, FEEDBACK, SETTLED


@rule
def days_to_answer(w, i, day):
    """Days from when the seller could read of it (the day after) to when it wrote (yesterday)."""
    return day - 1 - (w.arrivals.about[i] + 1)


@kernel
def hear_answer(w, i, day):
    """The seller's answer to a complaint: settled, or taken further."""
    a, o = w.arrivals, w.orders
    row = order_row(w, a.order[i])
    if row < 0:
        return
    o.marks[row] |= ANSWERED
    if o.care[row] == COMPLAINED:
        seller = a.seller[i]
        refund = w.sellers.refund[seller]
        chance = answered_well(
            w.sellers.tone[seller],
            refund,
            days_to_answer(w, i, day),
            w.p.complaining_tone_settles,
            w.p.complaining_refund_settles,
            w.p.reconsidering_half_life_days,
        )
        if uniform(w.streams[SETTLES], o.key[row]) < chance:
            o.marks[row] |= SETTLED
            o.service[row] += w.p.complaining_recovery
            if has(w, row, ARRIVED):
                o.product[row] += refund * w.p.complaining_recovery
            felt = felt_stars(store_felt(w, row), w.cuts)
            remember_store(w, o.buyer[row], seller, felt, day)
            end_care(w, row, day)
        else:
            escalate(w, row, day, w.p.complaining_claim_if_refused)
    refresh_due(w, row)


@kernel
def offered(w, post, user, day, deleting):
    """May this user change (or delete) this post today?"""
    q = w.posts
    if q.channel[post] == FEEDBACK:
        window = w.p.feedback_change_window_days
        can = w.p.feedback_can_delete if deleting else w.p.feedback_can_change
    else:
        window = w.p.reviews_change_window_days
        can = w.p.reviews_can_delete if deleting else w.p.reviews_can_change
    gone = q.status[post] == DELETED
    return may_revise(user, q.author[post], gone, day, q.posted[post], window, can != 0)


@rule
def stars_after_apology(w, post):
    """Stars of an author who was won over: satisfaction mended by as much as a complaint's."""
    q = w.posts
    row = order_row(w, q.order[post])
    happier = 0
    if row >= 0:
        latent = store_felt(w, row) if q.channel[post] == FEEDBACK else w.orders.product[row]
        latent += w.p.complaining_recovery + w.users.leniency[q.author[post]]
        happier = felt_stars(latent, w.cuts)
    return changed_stars(q.stars[post], happier)


@kernel
def reconsidered(w, i, day):
    """Stars that arrival i makes its author give: 1..5, 0 = delete, -1 = leave it as it is."""
    a = w.arrivals
    post, user = a.post[i], a.user[i]
    outcome = reaction(
        uniform(w.streams[WON_OVER], a.key[i]),
        w.p.reconsidering_apology,
        days_to_answer(w, i, day),
        w.p.reconsidering_half_life_days,
        w.p.reconsidering_clumsy_share,
        uniform(w.streams[DELETES_PURPOSE], a.key[i]),
        w.p.reconsidering_delete_share,
        offered(w, post, user, day, False) == ALLOWED,
        offered(w, post, user, day, True) == ALLOWED,
    )
    if outcome == CHANGES:
        return stars_after_apology(w, post)
    if outcome == DELETES:
        return 0
    if outcome == WORSE and w.posts.stars[post] > 1:
        return int(w.posts.stars[post]) - 1
    return -1


@kernel
def revise(w, key, post, stars):
    """Append a revision to be settled tonight; 0 stars = delete."""
    n = w.now.n_revisions
    w.revisions.key[n] = key
    w.revisions.post[n] = post
    w.revisions.stars[n] = stars
    w.now.n_revisions = n + 1


@kernel
def reconsider(w, day, lo, hi):
    """Arrivals [lo, hi) of yesterday evening: answers are heard, apologies weighed."""
    for i in range(lo, hi):
        if w.users.own_mind[w.arrivals.user[i]] != 0:
            continue
        if w.arrivals.kind[i] == ANSWER:
            hear_answer(w, i, day)
        else:
            stars = reconsidered(w, i, day)
            if stars >= 0:
                revise(w, w.arrivals.key[i], w.arrivals.post[i], stars)
