"""What a customer feels: service from lateness and trouble, product from quality and promise.

Satisfaction is the latent variable of an ordered logit (McCullagh 1980); private stars are what
the customer would say to nobody. Lateness: a cliff at the promised date that saturates after a
week, and most late orders are judged while waiting (Olist, Brazil 2016-18). Disappointment: what
displayed stars and description promised beyond what came (Li & Hitt 2008). Taste: known in part
before buying, so that who likes it most buys first (the same).
"""

import numpy as np

from sim.jit import rule

TYPICAL_QUALITY = 0.6
TYPICAL_STARS = 4.2


@rule
def lateness_loss(days_late, knots):
    """Latent satisfaction lost by lateness; ``knots`` float64[2, n] of (days, loss)."""
    days, loss = knots[0], knots[1]
    if days_late <= days[0]:
        return loss[0]
    for k in range(1, days.size):
        if days_late < days[k]:
            share = (days_late - days[k - 1]) / (days[k] - days[k - 1])
            return loss[k - 1] + share * (loss[k] - loss[k - 1])
    return loss[-1]


@rule
def days_felt_late(judged, promised, delivered, on_its_way, waiting_days):
    """Lateness that is judged: what tracking says of a parcel on its way, or that has come.

    Who judges while nothing has been sent yet adds ``waiting_days`` to the days so far.
    """
    if on_its_way:
        return float(max(0, delivered - promised))
    return max(0, judged - promised) + waiting_days


@rule
def product_latent(
    quality, oversell, seen_stars, taste, noise, scale, typical, disappointment, per_star
):
    """Latent satisfaction with the product; ``taste`` and ``noise`` in latent units.

    What was expected is the mean of what the description and the displayed stars (0 = none seen)
    promised; the gap to what came is felt in part, and only when it falls short.
    """
    came = scale * (quality - TYPICAL_QUALITY)
    expected = came + scale * oversell
    if seen_stars > 0.0:
        expected = 0.5 * (expected + per_star * (seen_stars - TYPICAL_STARS))
    shortfall = max(0.0, expected - came)
    return typical + came + taste + noise - disappointment * shortfall


@rule
def felt_stars(latent, cuts):
    """Private stars 1..5 of a latent satisfaction; ``cuts`` float64[4], increasing."""
    stars = 1
    for cut in cuts:
        if latent > cut:
            stars += 1
    return stars


@rule
def store_latent(service, product, product_known, blames_store):
    """Satisfaction with the store: service, and the product for those who blame the store."""
    if product_known and blames_store:
        return min(service, product)
    return service


@rule
def taste_match(u, half_width):
    """How well a listing suits a customer, in [-half_width, half_width]."""
    return half_width * (2.0 * u - 1.0)


@rule
def known_taste(u_before, half_width, known):
    """The part of the taste match with a product that a customer knows before buying."""
    return known * taste_match(u_before, half_width)


@rule
def product_taste(u_before, u_after, half_width, known):
    """Taste match with a product that came; correlates with the liking before by ``known``."""
    found_out = np.sqrt(1.0 - known * known) * taste_match(u_after, half_width)
    return known_taste(u_before, half_width, known) + found_out
