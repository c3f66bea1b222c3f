"""Search and shop: examine the results of this morning, choose one or nothing.

Reads the ranking and attraction of last night; appends baskets and encounters; counts impressions
and examinations (whole numbers). Trips are taken a block at a time: what all of them examine comes
into ``w.in_view``, its draws are made at once, then everyone chooses. Rules: attention, choice,
come_across.
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
from sim.jit import kernel, prefetch, rule
from sim.phases.common import AHEAD, key_of_user, record_row, year_of
from sim.phases.frozen import examine_anywhere, position_matters
from sim.phases.ledger import note_trip
from sim.phases.offers import offer_taken, seller_of
from sim.rules.attention import MAX_EXAMINED, depth, pages_opened
from sim.rules.choice import race_time, remembered, soonest
from sim.rules.satisfaction import taste_match
from sim.state import MEMORY, NO_OFFER, NOBODY, OWN, TRIPS_IN_VIEW

OF_TRIP, OF_USER, OF_LISTING = range(3)
"""Rows of ``w.view_keys``."""
LUCK, TASTE, TELLS, ATTRACTION, SOONEST = range(5)
"""Rows of ``w.view_draws``."""


@kernel
def examine(w, trip, at):
    """Put the listings that this trip examines in view, from ``at`` on.

    Returns how many, and how many of them are the first results as they are ranked. There must be
    room for MAX_EXAMINED, all of which are written: a loop of a length that cannot be guessed costs
    more.
    """
    key, category = w.trips.key[trip], w.trips.category[trip]
    n = min(depth(w.depth_cdf, uniform(w.streams[TRIP_DEPTH], key)), w.n_ranked[category])
    if not position_matters(w):
        examine_anywhere(w, key, category, n, at)
        return n, as_ranked(w, trip, at, n)
    for k in range(MAX_EXAMINED):
        w.in_view[at + k] = w.shelf[category, k]
    explores = uniform(w.streams[TRIP_EXPLORES], key) < w.p.search_explore_share
    if explores and n > 0 and w.n_fresh[category] > 0:
        found = first_new_listing(w, key, category)
        shown = False
        for k in range(n):
            shown = shown or w.in_view[at + k] == found
        if not shown:
            w.in_view[at + n - 1] = found
            return n, n - 1
    return n, n


@rule
def as_ranked(w, trip, at, n):
    """How many of the n in view from ``at`` on are the first results, before one that is not."""
    category, first = w.trips.category[trip], 0
    while first < n and w.in_view[at + first] == w.shelf[category, first]:
        first += 1
    return first


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
def meet(w, trip, t, at):
    """Note who looks at what is in view from ``at`` on: the t-th trip of those at hand."""
    user, seen = w.trips.user[trip], w.viewers
    seen.trip[t], seen.user[t], seen.row[t] = w.trips.key[trip], key_of_user(w, user), user
    seen.segment[t], seen.voice[t] = w.users.segment[user], w.users.voice[user]
    for i in range(at, at + MAX_EXAMINED):
        w.view_by[i] = t


@rule
def look_up(w, n):
    """What is known of the first n in view: birth keys, who sells, how attractive it is to the
    segment of who looks. One loop over everybody's, whose length is no surprise."""
    for i in range(n):
        listing, t = w.in_view[i], w.view_by[i]
        w.view_keys[OF_TRIP, i], w.view_keys[OF_USER, i] = w.viewers.trip[t], w.viewers.user[t]
        w.view_keys[OF_LISTING, i] = w.listings.key[listing]
        w.view_sellers[i] = seller_of(w, listing, w.listings.shown[listing])
        w.view_draws[ATTRACTION, i] = w.attraction[w.viewers.segment[t], listing]


@rule
def draw(w, n, year):
    """The draws of the first n in view: one loop without a branch."""
    luck, taste, tells = w.view_draws[LUCK], w.view_draws[TASTE], w.view_draws[TELLS]
    trips, users = w.view_keys[OF_TRIP], w.view_keys[OF_USER]
    listings, attraction = w.view_keys[OF_LISTING], w.view_draws[ATTRACTION]
    soon = w.view_draws[SOONEST]
    choice, before, unbought = (
        w.streams[TRIP_CHOICE],
        w.streams[TASTE_CHOICE],
        w.streams[UNBOUGHT_POSTED],
    )
    for i in range(n):
        pair = join(users[i], listings[i])
        luck[i] = uniform(choice, join(trips[i], listings[i]))
        taste[i] = taste_match(uniform(before, pair), w.p.choice_taste)
        tells[i] = uniform(unbought, pair, year)
        soon[i] = soonest(luck[i], attraction[i], taste[i])


@kernel
def look(w, trip, n, day):
    """Look closer at the first n in view, which one trip examines."""
    meet(w, trip, 0, 0)
    look_up(w, n)
    draw(w, n, year_of(day))


@rule
def note_seen(w, trip, at, n, ranked, row):
    """Count impressions (all of the opened pages) and examinations; returns those listed.

    Nearly all trips examine the first results as they are ranked: these are counted by how far
    trips went, and by listing in the evening.
    """
    category = w.trips.category[trip]
    pages = pages_opened(n, w.p.search_page_size)
    opened = min(pages * w.p.search_page_size, w.n_ranked[category])
    w.looked.pages[category, pages] += 1
    w.looked.depth[category, ranked] += 1
    for i in range(at + ranked, at + n):
        listing = w.in_view[i]
        w.listing_days.examined[row, listing] += 1
        if w.listings.position[listing] > opened:
            w.listing_days.impressions[row, listing] += 1
    return opened


@kernel
def count_looks(w, day):
    """Impressions and examinations of the day, for all trips that went so far down the results."""
    row, looked, listings = record_row(day), w.looked, w.listings
    for category in range(w.n_ranked.size):
        for k in range(MAX_EXAMINED - 1, 0, -1):  # who went further has been here too
            looked.pages[category, k] += looked.pages[category, k + 1]
            looked.depth[category, k] += looked.depth[category, k + 1]
    for listing in range(w.now.n_listings):
        category, place = listings.category[listing], listings.position[listing] - 1
        page = place // w.p.search_page_size
        if place < w.n_ranked[category] and page < MAX_EXAMINED:
            w.listing_days.impressions[row, listing] += looked.pages[category, page + 1]
            if place < MAX_EXAMINED:
                w.listing_days.examined[row, listing] += looked.depth[category, place + 1]
    looked.pages[:], looked.depth[:] = 0, 0


@rule
def knows(w, user, seller):
    """Does the user remember this store?"""
    known = False
    for m in range(MEMORY):
        known |= w.memory.seller[user, m] == seller
    return known


@rule
def personal(w, user, taste, seller, day):
    """Utility of a listing that only this user sees: taste and own experience of the store."""
    v = taste
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
def choose(w, trip, at, n, day):
    """The listing that this trip buys, or NOBODY: the winner of the race among those in view."""
    key, user = w.trips.key[trip], w.trips.user[trip]
    best = race_time(uniform(w.streams[TRIP_NOTHING], key), w.p.choice_nothing_rate, 0.0)
    winner = NOBODY
    for i in range(at, at + n):
        u, attraction = w.view_draws[LUCK, i], w.view_draws[ATTRACTION, i]
        own, soon = w.view_draws[TASTE, i], w.view_draws[SOONEST, i]
        if knows(w, user, w.view_sellers[i]):
            own = personal(w, user, own, w.view_sellers[i], day)
            soon = soonest(u, attraction, own)
        if soon < best:
            time = race_time(u, attraction, own)
            if time < best:
                best, winner = time, w.in_view[i]
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
def remember_met(w, n):
    """Append what those at hand looked at without buying and would speak of if they felt enough.

    One draw per user, listing and year: meeting it again the same year does not toss again, and
    those who write without buying do not die out as everyone has met everything. Whether what is
    felt is extreme enough for the draw is left to those few (see come_across).
    """
    if w.p.channels == 1:  # nobody who did not buy may rate
        return
    base = w.p.reviews_leave_rate_unbought * w.report_curve.max()
    for i in range(n):
        t = w.view_by[i]
        speaks = w.view_draws[TELLS, i] < base * w.viewers.voice[t]
        if speaks and w.in_view[i] != w.viewers.bought[t]:
            e = w.now.n_encounters
            w.encounters.user[e] = w.viewers.row[t]
            w.encounters.listing[e] = w.in_view[i]
            w.encounters.trip[e] = w.viewers.trip[t]
            w.now.n_encounters = e + 1


@rule
def finish(w, trip, t, at, n, ranked, bought, row):
    """What follows from what the t-th trip at hand examined and chose, but for those met."""
    note_trip(w, trip, at, n, note_seen(w, trip, at, n, ranked, row))
    offer = OWN if bought == NOBODY else offer_taken(w, trip, bought)
    if offer == NO_OFFER:
        bought = NOBODY
    if bought != NOBODY:
        put_in_basket(w, trip, bought, offer)
    w.viewers.bought[t] = bought


@kernel
def finish_trip(w, trip, n, bought, row):
    """Everything that follows from what one trip examined, the first n in view, and chose."""
    finish(w, trip, 0, 0, n, as_ranked(w, trip, 0, n), bought, row)
    remember_met(w, n)


@rule
def take_trips(w, day, lo, hi, begins):
    """Trips [lo, hi) of today, at most TRIPS_IN_VIEW; ``begins`` int64[TRIPS_IN_VIEW + 1]."""
    at, row, last = 0, record_row(day), w.now.n_trips - 1
    for trip in range(lo, hi):
        ahead = w.trips.user[min(trip + AHEAD, last)]
        prefetch(w.users, ahead)
        prefetch(w.memory, ahead)
        t = trip - lo
        begins[t] = at
        if w.users.own_mind[w.trips.user[trip]] == 0:
            meet(w, trip, t, at)
            n, w.viewers.ranked[t] = examine(w, trip, at)
            at += n
    begins[hi - lo] = at
    look_up(w, at)
    draw(w, at, year_of(day))
    for trip in range(lo, hi):
        t, user = trip - lo, w.trips.user[trip]
        if w.users.own_mind[user] == 0:
            n, bought = begins[t + 1] - begins[t], NOBODY
            if user < w.p.n_buyers:
                bought = choose(w, trip, begins[t], n, day)
            finish(w, trip, t, begins[t], n, w.viewers.ranked[t], bought, row)
    remember_met(w, at)


@kernel
def shop(w, day, lo, hi):
    """Trips [lo, hi) of today: buyers buy, non-buying users only browse."""
    begins = np.empty(TRIPS_IN_VIEW + 1, np.int64)
    for first in range(lo, hi, TRIPS_IN_VIEW):
        take_trips(w, day, first, min(first + TRIPS_IN_VIEW, hi), begins)
