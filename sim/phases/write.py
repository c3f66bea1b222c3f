"""Plan and write posts: whether and when the buyer of an order leaves feedback and a review.

What is written is a draft; the platform settles it in the evening. Rules: speaking, feedback.
"""

import numpy as np

from sim.draws import (
    FEEDBACK_DELAY,
    FEEDBACK_NOISE,
    FEEDBACK_POSTED,
    PRODUCT_ONLY,
    REVIEW_DELAY,
    REVIEW_NOISE,
    REVIEW_POSTED,
    join,
    logistic_noise,
    normal,
    uniform,
)
from sim.events import NO_EVENT
from sim.jit import kernel, rule
from sim.phases.common import newest_stars, order_id
from sim.phases.judge import has
from sim.phases.ratings import form_day, marked, one_channel, rated_felt, rated_with_earlier
from sim.phases.reward import kinder
from sim.rules.feedback import is_negative
from sim.rules.satisfaction import felt_stars
from sim.rules.speaking import (
    delay_days,
    post_day,
    propensity,
    reminder_day,
    said_latent,
    stars_met,
)
from sim.state import ARRIVED, FED_BACK, FEEDBACK, NEVER, REVIEW, REVIEWED


@kernel
def post_key(key, channel):
    """Birth key of a first post: what it is about, and the channel."""
    return join(key, channel)


@kernel
def draft(w, key, author, order, listing, seller, channel, stars, product_only):
    """Append a post to be settled by the platform tonight."""
    n = w.now.n_drafts
    w.drafts.key[n] = key
    w.drafts.author[n] = author
    w.drafts.order[n] = order
    w.drafts.listing[n] = listing
    w.drafts.seller[n] = seller
    w.drafts.channel[n] = channel
    w.drafts.stars[n] = stars
    w.drafts.product_only[n] = product_only
    w.drafts.cause[n] = NO_EVENT
    w.now.n_drafts = n + 1


@rule
def feedback_day(w, row, day, lift):
    """Day on which feedback will be left if nothing more happens, or NEVER.

    ``lift`` is what requests have done; the platform's reminder comes on top of it.
    """
    o, start = w.orders, form_day(w, row)
    if start >= NEVER or rated_with_earlier(w, row):
        return NEVER
    base, stars = w.p.feedback_leave_rate, felt_stars(rated_felt(w, row), w.cuts)
    voice, again = w.users.voice[o.buyer[row]], lift * w.p.feedback_reminder_lift
    chance = propensity(base, stars, voice, w.report_curve, lift)
    if w.p.speaking_everyone_posts != 0:
        chance = 1.0
    u = uniform(w.streams[FEEDBACK_POSTED], o.key[row])
    reminded = propensity(base, stars, voice, w.report_curve, again)
    if u >= max(chance, reminded):  # nearly everybody: no delay needs to be drawn
        return NEVER
    z = normal(w.streams[FEEDBACK_DELAY], o.key[row])
    due = post_day(
        u,
        chance,
        reminded,
        day,
        reminder_day(
            o.placed[row],
            o.promised[row],
            w.p.feedback_reminder_after_promise_days,
            w.p.feedback_reminder_after_order_days,
        ),
        delay_days(z, w.p.speaking_feedback_delay_days, w.p.speaking_feedback_delay_sd),
    )
    due = max(due, start + w.p.feedback_opens_after_days)
    return due if due <= start + w.p.feedback_window_days else NEVER


@rule
def review_day(w, row, day, lift):
    """Day on which the buyer will review the listing, or NEVER; only of what has arrived, and
    where the rating of the order is not its review.

    ``lift`` as for feedback. Nobody reviews an order older than the market keeps orders.
    """
    o = w.orders
    if not has(w, row, ARRIVED) or one_channel(w):
        return NEVER
    stars = felt_stars(o.product[row], w.cuts)
    voice = w.users.voice[o.buyer[row]]
    chance = propensity(w.p.reviews_leave_rate, stars, voice, w.report_curve, lift)
    if w.p.speaking_everyone_posts != 0:
        chance = 1.0
    u = uniform(w.streams[REVIEW_POSTED], o.key[row])
    if u >= chance:
        return NEVER
    z = normal(w.streams[REVIEW_DELAY], o.key[row])
    delay = delay_days(z, w.p.speaking_review_delay_days, w.p.speaking_review_delay_sd)
    due = post_day(u, chance, chance, day, day, delay)
    return due if due <= o.placed[row] + w.p.kept_days else NEVER


@rule
def note_plan(w, row, feedback_due, review_due):
    """Write when posts are due; what was planned before is kept unless it is called off."""
    o = w.orders
    if not has(w, row, FED_BACK):
        kept = feedback_due != NEVER and o.due_feedback[row] != NEVER
        o.due_feedback[row] = min(feedback_due, o.due_feedback[row]) if kept else feedback_due
    if not has(w, row, REVIEWED):
        kept = review_due != NEVER and o.due_review[row] != NEVER
        o.due_review[row] = min(review_due, o.due_review[row]) if kept else review_due


@rule
def stars_on_page(w, listing):
    """Stars that a reviewer of a listing meets on its page this morning, 0 = none."""
    return stars_met(w.listings.stars[listing], newest_stars(w, listing), w.p.speaking_nearby)


@rule
def in_stars(w, user, latent, noise, shown):
    """Stars 1..5 in which a user says a latent opinion; ``shown`` stars pull it, 0 = none."""
    said = said_latent(
        latent,
        w.users.leniency[user],
        noise,
        shown,
        felt_stars(latent, w.cuts),
        w.users.conformity[user],
        w.p.speaking_latent_per_star,
    )
    return marked(w, felt_stars(said, w.cuts))


@kernel
def stars_said(w, row, channel):
    """Stars 1..5 that the buyer gives in a channel, from satisfaction, leniency and opinion."""
    o = w.orders
    latent = rated_felt(w, row) if channel == FEEDBACK else np.float64(o.product[row])
    latent += kinder(w, row, channel)
    purpose = FEEDBACK_NOISE if channel == FEEDBACK else REVIEW_NOISE
    noise = w.p.speaking_noise * logistic_noise(uniform(w.streams[purpose], o.key[row]))
    if channel == FEEDBACK:
        noise += w.p.feedback_kindness
    shown = stars_on_page(w, o.listing[row]) if channel == REVIEW else 0.0
    return in_stars(w, o.buyer[row], latent, noise, shown)


@kernel
def write(w, row, channel, stars):
    """The buyer writes feedback or a review with these stars today."""
    o = w.orders
    key = post_key(o.key[row], channel)
    product_only = 0
    if channel == FEEDBACK:
        o.marks[row] |= FED_BACK
        o.due_feedback[row] = NEVER
        service_fine = felt_stars(o.service[row], w.cuts) >= 4
        only = uniform(w.streams[PRODUCT_ONLY], key) < w.p.feedback_product_only_share
        negative = is_negative(stars, w.p.feedback_negative_up_to)
        product_only = 1 if service_fine and only and negative else 0
    else:
        o.marks[row] |= REVIEWED
        o.due_review[row] = NEVER
    draft(
        w,
        key,
        o.buyer[row],
        order_id(w, row),
        o.listing[row],
        o.seller[row],
        channel,
        stars,
        product_only,
    )
