"""Others: users who met a listing without buying it, and would say something of it.

Buyers of other things and non-buying users; one draw per user and listing, whenever they meet.
Eligibility is the platform's business when posts are settled. Rules: satisfaction, speaking.
"""

from sim.draws import UNBOUGHT_NOISE, logistic_noise, uniform
from sim.jit import kernel, rule
from sim.phases.common import key_of_pair, order_row
from sim.phases.write import draft, in_stars, post_key
from sim.rules.satisfaction import TYPICAL_QUALITY
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
def opinion_said(w, user, listing, pair):
    """Stars 1..5 of someone who did not buy: quality as it looks, own bias and spread."""
    u = uniform(w.streams[UNBOUGHT_NOISE], pair)
    looks = w.p.judging_quality * (w.listings.quality[listing] - TYPICAL_QUALITY)
    latent = w.p.judging_product + looks + w.p.speaking_unbought_bias
    latent += w.p.speaking_unbought_spread * logistic_noise(u)
    return in_stars(w, user, latent, 0.0, w.listings.stars[listing])


@kernel
def come_across(w, day, lo, hi):
    """Encounters [lo, hi) of today: those who did not buy the listing write a review of it."""
    for i in range(lo, hi):
        user, listing = w.encounters.user[i], w.encounters.listing[i]
        if not has_bought(w, user, listing):
            pair = key_of_pair(w, user, listing)
            draft(
                w,
                post_key(pair, REVIEW),
                user,
                NOBODY,
                listing,
                w.listings.seller[listing],
                REVIEW,
                opinion_said(w, user, listing, pair),
                0,
            )
