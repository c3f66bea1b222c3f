"""Others: users who met a listing without buying it, and would say something of it.

Buyers of other things and non-buying users; one draw per user, listing and year, whenever they
meet. Who looked and did not buy likes it less than buyers do, and extremes speak more here too.
Eligibility is the platform's business when posts are settled. Rules: satisfaction, speaking.
"""

from sim.draws import TASTE_CHOICE, UNBOUGHT_NOISE, UNBOUGHT_POSTED, logistic_noise, uniform
from sim.events import TRIP, event_id
from sim.jit import kernel, rule
from sim.phases.common import key_of_pair, order_row, year_of
from sim.phases.write import draft, in_stars, post_key, stars_on_page
from sim.rules.satisfaction import TYPICAL_QUALITY, felt_stars, known_taste
from sim.rules.speaking import propensity
from sim.state import CANCELLED_ORDER, NOBODY, REVIEW


@rule
def has_bought(w, user, listing):
    """Has the user bought (and not been refused) this listing, as far back as orders are kept?"""
    order = w.users.last_order[user]
    while order != NOBODY:
        row = order_row(w, order)
        if row < 0:
            return False
        if w.orders.listing[row] == listing and w.orders.trouble[row] != CANCELLED_ORDER:
            return True
        order = w.orders.previous[row]
    return False


@rule
def opinion(w, listing, pair):
    """Latent opinion of someone who did not buy: quality as it looks, what is known of its taste,
    own bias and spread."""
    looks = w.p.judging_quality * (w.listings.quality[listing] - TYPICAL_QUALITY)
    before = uniform(w.streams[TASTE_CHOICE], pair)
    taste = known_taste(before, w.p.judging_taste, w.p.judging_taste_known)
    noise = logistic_noise(uniform(w.streams[UNBOUGHT_NOISE], pair))
    own = w.p.speaking_unbought_bias + w.p.speaking_unbought_spread * noise
    return w.p.judging_product + looks + taste + own


@rule
def would_say_it(w, user, pair, latent, year):
    """Is the opinion extreme enough for the draw with which the user met the listing?"""
    base, stars = w.p.reviews_leave_rate_unbought, felt_stars(latent, w.cuts)
    chance = propensity(base, stars, w.users.voice[user], w.report_curve, 1.0)
    return uniform(w.streams[UNBOUGHT_POSTED], pair, year) < chance


@kernel
def come_across(w, day, lo, hi):
    """Encounters [lo, hi) of today: those who did not buy the listing write a review of it."""
    for i in range(lo, hi):
        user, listing = w.encounters.user[i], w.encounters.listing[i]
        pair = key_of_pair(w, user, listing)
        latent = opinion(w, listing, pair)
        speaks = would_say_it(w, user, pair, latent, year_of(day))
        if speaks and not has_bought(w, user, listing):
            draft(
                w,
                post_key(pair, REVIEW),
                user,
                NOBODY,
                listing,
                w.listings.seller[listing],
                REVIEW,
                in_stars(w, user, latent, 0.0, stars_on_page(w, listing)),
                0,
            )
            w.drafts.cause[w.now.n_drafts - 1] = event_id(TRIP, w.encounters.trip[i])
