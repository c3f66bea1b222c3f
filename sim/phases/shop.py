"""Search and shop: examine the results of this morning, choose one or nothing.

Reads the ranking and attraction of last night; appends baskets and encounters; counts impressions
and examinations (whole numbers). Rules: attention, choice, come_across.
"""

import numpy as np

from sim.draws import (
    TASTE_CHOICE,
    TRIP_CHOICE,
    TRIP_DEPTH,
    TRIP_EXPLORES,
    TRIP_NEW_LISTING,
    TRIP_NOTHING,
    UNBOUGHT_POSTED,
    join,
    uniform,
)
from sim.jit import kernel, rule
from sim.phases.common import key_of_user, record_row, year_of
from sim.phases.frozen import examine_anywhere, position_matters
from sim.phases.ledger import note_trip
from sim.phases.offers import offer_taken, seller_of
from sim.rules.attention import MAX_EXAMINED, depth, pages_opened
from sim.rules.choice import race_time, remembered
from sim.rules.satisfaction import taste_match
from sim.state import MEMORY, NO_OFFER, NOBODY, OWN


@kernel
def examine(w, trip, examined):
    """Write the listings that this trip examines into ``examined``; returns how many."""
    key, category = w.trips.key[trip], w.trips.category[trip]
    ranked = w.n_ranked[category]
    n = min(depth(w.depth_cdf, uniform(w.streams[TRIP_DEPTH], key)), ranked)
    if not position_matters(w):
        examine_anywhere(w, key, category, n, examined)
        return n
    for k in range(n):
        examined[k] = w.ranking[category, k]
    explores = uniform(w.streams[TRIP_EXPLORES], key) < w.p.search_explore_share
    if explores and n > 0 and w.n_fresh[category] > 0:
        found = first_new_listing(w, key, category)
        shown = False
        for k in range(n):
            shown = shown or examined[k] == found
        if not shown:
            examined[n - 1] = found
    return n


@rule
def first_new_listing(w, key, category):
    """The new listing that wins this trip's race among those of the category."""
    best, winner = -1.0, NOBODY
    for k in range(w.n_fresh[category]):
        listing = w.fresh[category, k]
        u = uniform(w.streams[TRIP_NEW_LISTING], join(key, w.listings.key[listing]))
        if u > best:
            best, winner = u, listing
    return winner


@rule
def note_seen(w, trip, examined, n, row):
    """Count impressions (all of the opened pages) and examinations; returns those listed."""
    category = w.trips.category[trip]
    opened = pages_opened(n, w.p.search_page_size) * w.p.search_page_size
    opened = min(opened, w.n_ranked[category])
    for k in range(opened):
        w.listing_days.impressions[row, w.ranking[category, k]] += 1
    for k in range(n):
        w.listing_days.examined[row, examined[k]] += 1
        if w.listings.position[examined[k]] > opened:
            w.listing_days.impressions[row, examined[k]] += 1
    return opened


@rule
def personal(w, user, pair, seller, day):
    """Utility of a listing that only this user sees: taste and own experience of the store."""
    v = taste_match(uniform(w.streams[TASTE_CHOICE], pair), w.p.choice_taste)
    for m in range(MEMORY):
        if w.memory.seller[user, m] == seller:
            v += remembered(
                w.memory.stars[user, m],
                day - w.memory.day[user, m],
                w.p.choice_own_experience,
                w.p.choice_memory_half_life_days,
            )
    return v


@kernel
def choose(w, trip, examined, n, day):
    """The listing that this trip buys, or NOBODY: the winner of the race."""
    key, user = w.trips.key[trip], w.trips.user[trip]
    me, segment = key_of_user(w, user), w.users.segment[user]
    best = race_time(uniform(w.streams[TRIP_NOTHING], key), w.p.choice_nothing_rate, 0.0)
    winner = NOBODY
    for k in range(n):
        listing = examined[k]
        born = w.listings.key[listing]
        u = uniform(w.streams[TRIP_CHOICE], join(key, born))
        seller = seller_of(w, listing, w.listings.shown[listing])
        own = personal(w, user, join(me, born), seller, day)
        time = race_time(u, w.attraction[segment, listing], own)
        if time < best:
            best, winner = time, listing
    return winner


@rule
def put_in_basket(w, trip, listing, offer):
    """Append a basket with what the buyer saw; it becomes an order when the market settles."""
    n = w.now.n_baskets
    w.baskets.key[n] = w.trips.key[trip]
    w.baskets.user[n] = w.trips.user[trip]
    w.baskets.listing[n], w.baskets.offer[n] = listing, offer
    w.baskets.stars[n] = w.listings.stars[listing]
    w.baskets.count[n] = w.listings.n_reviews[listing]
    w.baskets.position[n] = w.listings.position[listing]
    w.now.n_baskets = n + 1


@rule
def remember_met(w, trip, examined, n, bought, year):
    """Append the examined, unbought listings that this user would speak of if it felt enough.

    One draw per user, listing and year: meeting it again the same year does not toss again, and
    those who write without buying do not die out as everyone has met everything. Whether what is
    felt is extreme enough for the draw is left to those few (see come_across).
    """
    if w.p.channels == 1:  # nobody who did not buy may rate
        return
    user = w.trips.user[trip]
    me = key_of_user(w, user)
    chance = w.p.reviews_leave_rate_unbought * w.report_curve.max() * w.users.voice[user]
    for k in range(n):
        if examined[k] != bought:
            pair = join(me, w.listings.key[examined[k]])
            if uniform(w.streams[UNBOUGHT_POSTED], pair, year) < chance:
                e = w.now.n_encounters
                w.encounters.user[e] = user
                w.encounters.listing[e] = examined[k]
                w.encounters.trip[e] = w.trips.key[trip]
                w.now.n_encounters = e + 1


@kernel
def finish_trip(w, trip, examined, n, bought, row):
    """Everything that follows from what a trip examined and chose."""
    note_trip(w, trip, examined, n, note_seen(w, trip, examined, n, row))
    offer = OWN if bought == NOBODY else offer_taken(w, trip, bought)
    if offer == NO_OFFER:
        bought = NOBODY
    if bought != NOBODY:
        put_in_basket(w, trip, bought, offer)
    remember_met(w, trip, examined, n, bought, year_of(row))


@kernel
def shop(w, day, lo, hi):
    """Trips [lo, hi) of today: buyers buy, non-buying users only browse."""
    examined = np.empty(MAX_EXAMINED, np.int32)
    row = record_row(day)
    for trip in range(lo, hi):
        user = w.trips.user[trip]
        if w.users.own_mind[user] == 0:
            n = examine(w, trip, examined)
            bought = NOBODY
            if user < w.p.n_buyers:
                bought = choose(w, trip, examined, n, day)
            finish_trip(w, trip, examined, n, bought, row)
