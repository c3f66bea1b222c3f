"""What an intervention has frozen or forced: what readers see in place of what is.

An arrow of the loop is frozen from some morning on. Its reader then sees the values of that
morning, of a listing that came later none; whoever else reads them sees them as they are. Where
nothing is frozen or forced, every function here gives back what it was given.
"""

import numpy as np

from sim.draws import FORCED_PLACE, TRIP_PLACE, join, uniform
from sim.jit import rule
from sim.phases.common import day_word
from sim.state import (
    ANYWHERE,
    COUNT_TO_DEMAND,
    COUNT_TO_RANK,
    LOW_STARS_TO_DEMAND,
    ODR_TO_ACCOUNT,
    POSITION_TO_DEMAND,
    SALES_TO_RANK,
    STARS_TO_DEMAND,
    STARS_TO_RANK,
    STORE_TO_DEMAND,
)


@rule
def ranked_sales(w, listing):
    """Recent orders and examinations as the ranking sees them."""
    if w.now.frozen & SALES_TO_RANK != 0:
        return w.frozen.velocity[listing], w.frozen.examined[listing]
    return w.listings.velocity[listing], w.listings.examined[listing]


@rule
def ranked_stars(w, listing):
    """Weights of reviews and of their stars as the ranking sees them."""
    if w.now.frozen & STARS_TO_RANK != 0:
        return w.frozen.weight[listing], w.frozen.weighted_stars[listing]
    return w.listings.weight[listing], w.listings.weighted_stars[listing]


@rule
def ranked_count(w, listing):
    """Number of reviews as the ranking sees it."""
    if w.now.frozen & COUNT_TO_RANK != 0:
        return w.frozen.ranked_reviews[listing]
    return w.listings.n_reviews[listing]


@rule
def stars_in_demand(w, listing):
    """Displayed stars as they move shoppers."""
    if w.now.frozen & STARS_TO_DEMAND != 0:
        return w.frozen.stars[listing]
    return w.listings.stars[listing]


@rule
def count_in_demand(w, listing):
    """Number of reviews as it moves shoppers."""
    if w.now.frozen & COUNT_TO_DEMAND != 0:
        return w.frozen.n_reviews[listing]
    return w.listings.n_reviews[listing]


@rule
def low_stars_in_demand(w, listing, low):
    """Share of low stars on the page as it moves shoppers."""
    return w.frozen.low[listing] if w.now.frozen & LOW_STARS_TO_DEMAND != 0 else low


@rule
def store_in_demand(w, listing, score):
    """Score of the store as it moves shoppers; -1 = none."""
    return w.frozen.score[listing] if w.now.frozen & STORE_TO_DEMAND != 0 else score


@rule
def account_sees_odr(w):
    """Does the order defect rate still lead to anything?"""
    return w.now.frozen & ODR_TO_ACCOUNT == 0


@rule
def position_matters(w):
    """Do shoppers still examine the first results?"""
    return w.now.frozen & POSITION_TO_DEMAND == 0


@rule
def examine_anywhere(w, key, category, n, at):
    """Put n of the results in view from ``at`` on, wherever they stand: a race for each trip."""
    times = np.empty(n)
    for k in range(n):
        times[k] = 2.0
    for k in range(w.n_ranked[category]):
        listing = w.ranking[category, k]
        u = uniform(w.streams[TRIP_PLACE], join(key, w.listings.key[listing]))
        place = n
        while place > 0 and u < times[place - 1]:
            place -= 1
        for j in range(n - 1, place, -1):
            times[j], w.in_view[at + j] = times[j - 1], w.in_view[at + j - 1]
        if place < n:
            times[place], w.in_view[at + place] = u, listing


@rule
def forced_place(w, listing, day, n):
    """Place among n results (from 0) that a listing is forced to tonight, -1 = none."""
    place = w.listings.forced[listing]
    if place == 0:
        return -1
    if place == ANYWHERE:
        key = join(w.listings.key[listing], day_word(day))
        return int(uniform(w.streams[FORCED_PLACE], key) * n)
    return min(place, n) - 1


@rule
def free_place(placed, place):
    """The first place without a listing from ``place`` on, or else the last before it."""
    for k in range(place, placed.size):
        if placed[k] < 0:
            return k
    for k in range(place - 1, -1, -1):
        if placed[k] < 0:
            return k
    return place


@rule
def put_in_places(w, rows, order, day):
    """Move the listings that are forced to a place there; the others keep their order.

    Where two are forced to one place, the one for which it is stated has it, or the better one; the
    other has the next below, or at the end the next above.
    """
    n, forced = rows.size, 0
    for i in range(n):
        forced += w.listings.forced[rows[i]] != 0
    if forced == 0:
        return
    placed, moved = np.full(n, -1), np.zeros(n, np.int64)
    for at_random in (False, True):
        for i in range(n):
            listing = rows[order[i]]
            place = forced_place(w, listing, day, n)
            if place >= 0 and (w.listings.forced[listing] == ANYWHERE) == at_random:
                placed[free_place(placed, place)], moved[i] = order[i], 1
    free = 0
    for i in range(n):
        if moved[i] == 0:
            while placed[free] >= 0:
                free += 1
            placed[free] = order[i]
    for i in range(n):
        order[i] = placed[i]
