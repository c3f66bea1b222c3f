"""What lies before the past that the market lives: older reviews and feedback, by the same rules.

Virtual customers are drawn until enough have spoken, so stocks agree with quality and service.
"""

import numpy as np

from sim.draws import LISTING_PAST, SELLER_PAST, join, logistic_noise, uniform, user_key
from sim.jit import kernel, rule
from sim.phases.common import book_row
from sim.phases.ledger import note_old_feedback, note_old_review
from sim.phases.ratings import marked, one_channel
from sim.phases.shown import count_shown, displayed_as, reviews_leave
from sim.phases.tally import tally_old
from sim.rules.feedback import is_positive
from sim.rules.satisfaction import felt_stars, lateness_loss, product_latent, taste_match

_DAYS_LATE = 5
"""Lateness of an older late order."""
_TRIES = 200
"""Virtual customers asked for one post before the last one is taken as it is."""


@kernel
def one_draw(stream, key, slot):
    """One uniform, for the few draws made in Python."""
    return uniform(stream, key, slot)


@kernel
def user_draws(stream, group, out):
    """One uniform per user of a group into out (float64[n])."""
    for i in range(out.size):
        out[i] = uniform(stream, user_key(group, i))


@rule
def speaks(w, stars, u):
    """Does a customer who felt these stars speak, relative to the most talkative stars?"""
    return u * w.report_curve.max() < w.report_curve[stars - 1]


@rule
def old_review(w, listing, key):
    """Stars of one older review of a listing.

    No virtual customer has chosen anything, so choice has not selected their taste.
    """
    stream, p, stars = w.streams[LISTING_PAST], w.p, 3
    for k in range(_TRIES):
        taste = taste_match(uniform(stream, key, 4 * k), p.judging_taste)
        latent = product_latent(
            w.listings.quality[listing],
            w.listings.oversell[listing],
            0.0,
            taste,
            logistic_noise(uniform(stream, key, 4 * k + 1)),
            p.judging_quality,
            p.judging_product,
            p.judging_disappointment,
            p.judging_expected_per_star,
        )
        felt = felt_stars(latent, w.cuts)
        noise = p.speaking_noise * logistic_noise(uniform(stream, key, 4 * k + 2))
        if one_channel(w):  # it rates the store as well
            noise += p.feedback_kindness
        stars = marked(w, felt_stars(latent + noise, w.cuts))
        if speaks(w, felt, uniform(stream, key, 4 * k + 3)):
            break
    return stars


@rule
def add_old_review(w, listing, stars, age):
    """Count one older review of this age (days before day 1)."""
    n, shown = w.listings, displayed_as(w, stars)
    note_old_review(w, listing, n.n_recent[listing], stars, age)
    w.stock[listing, stars - 1] += 1
    if reviews_leave(w):
        count_shown(w, listing, -int(age), True, shown, -w.p.past_days, 1)
    else:
        weight = w.p.display_weight_verified * w.p.display_decay ** (age - w.p.past_days)
        n.n_reviews[listing] += 1
        n.weight[listing] += weight
        n.weighted_stars[listing] += weight * shown
    w.recent[listing, n.n_recent[listing] % w.recent.shape[1]] = -stars
    n.n_recent[listing] += 1


@kernel
def old_reviews(w, listing, count, days):
    """``count`` reviews drawn from quality, spread over ``days`` before the lived past."""
    for k in range(count):
        key = join(w.listings.key[listing], k)
        age = w.p.past_days + days * (1.0 - (k + 0.5) / count)
        add_old_review(w, listing, old_review(w, listing, key), age)


@kernel
def stated_reviews(w, listing, counts, days):
    """Stated counts per star (int64[5]), in hashed order, spread over ``days`` before day 1."""
    total = counts.sum()
    stars = np.repeat(np.arange(1, 6), counts)
    keys = np.empty(total, np.uint64)
    for k in range(total):
        keys[k] = join(w.listings.key[listing], k)
    order = np.argsort(keys)
    for k in range(total):
        age = max(w.p.past_days, days * (1.0 - (k + 0.5) / total))
        add_old_review(w, listing, marked(w, stars[order[k]]), age)


@rule
def old_feedback_stars(w, seller, key):
    """Stars of one older feedback of a seller: late or broken as often as it is now."""
    stream, p, s, stars = w.streams[SELLER_PAST], w.p, w.sellers, 5
    for k in range(_TRIES):
        latent = p.judging_service + logistic_noise(uniform(stream, key, 4 * k))
        if uniform(stream, key, 4 * k + 1) > s.on_time[seller]:
            latent -= lateness_loss(_DAYS_LATE, w.lateness)
        if uniform(stream, key, 4 * k + 2) < s.damaged[seller] + s.wrong_item[seller]:
            latent -= p.judging_damaged
        felt = felt_stars(latent, w.cuts)
        stars = marked(w, felt_stars(latent + p.feedback_kindness, w.cuts))
        if speaks(w, felt, uniform(stream, key, 4 * k + 3)):
            break
    return stars


@kernel
def old_feedback(w, seller, days, per_day):
    """Feedback of the ``days`` from the first date in the books, ``per_day`` of it a day."""
    s, owed = w.sellers, 0.0
    for d in range(days):
        date = book_row(w, w.p.first_date + d)
        owed += per_day
        while owed >= 1.0:
            owed -= 1.0
            key = join(s.key[seller], s.rated_ever[seller])
            stars = old_feedback_stars(w, seller, key)
            good = 1 if is_positive(stars, w.p.feedback_positive_from) else 0
            w.books.rated[date, seller] += 1
            w.books.positive[date, seller] += good
            tally_old(w, seller, w.p.first_date + d, stars)
            note_old_feedback(w, seller, s.rated_ever[seller], stars, w.p.first_date + d)
            s.rated[seller] += 1
            s.positive[seller] += good
            s.rated_ever[seller] += 1
            s.positive_ever[seller] += good
