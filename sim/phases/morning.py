"""Before anyone acts: who goes shopping today, and which orders have something due.

Draws nothing that depends on order; both grains of the day read the lists made here.
"""

import numpy as np

from sim.draws import (
    BROWSER_TRIPS,
    BUYER_TRIPS,
    FASHION,
    GOLDEN,
    SEASON,
    TRIP_CATEGORY,
    join,
    mix,
    normal,
    to_unit,
    uniform,
)
from sim.jit import kernel, rule
from sim.phases.common import day_word, key_of_user, record_row
from sim.rules.attention import MAX_EXAMINED
from sim.rules.shopping import category_guide, swing, trip_category, trips_on_day
from sim.state import DUE_BLOCK, NEVER, NOBODY, QUEUED

_BLOCK = 1024


@rule
def week_swing(stream, key, week, sd):
    """Season or fashion of a week for one birth key; weeks of the past are negative."""
    z_week = normal(stream, join(key, day_word(week)))
    return swing(z_week, normal(stream, join(key, day_word(week - 1))), sd)


@rule
def categories_today(w, week):
    """Running sums of the categories' weights among this week's trips."""
    cdf, before = np.empty(w.category_cdf.size), 0.0
    total = 0.0
    for c in range(cdf.size):
        share = w.category_cdf[c] - before
        before = w.category_cdf[c]
        fashion = week_swing(w.streams[FASHION], np.uint64(c), week, w.p.buyers_fashion_sd)
        total += share * fashion
        cdf[c] = total
    return cdf


@rule
def note_trip_of(w, n, user, day, k, categories, guide):
    """The k-th trip of a user today (from 0) is trip n."""
    key = join(join(key_of_user(w, user), day_word(day)), np.uint64(k))
    w.trips.key[n], w.trips.user[n] = key, user
    u = uniform(w.streams[TRIP_CATEGORY], key)
    w.trips.category[n] = trip_category(categories, guide, u)


@rule
def find_trips(w, day, first, last, base, n, season, categories, guide):
    """Append the trips of users [first, last) to ``w.trips`` from row n; returns the new n.

    Two passes, so that the first, which touches everyone, is one hash and one comparison.
    Beyond the capacity of ``w.trips`` trips are counted but not written. ``season`` multiplies
    everybody's rate, ``categories`` are running sums of weights, ``guide`` to be found in them.
    """
    hit, hits = np.empty(_BLOCK, np.bool_), np.empty(_BLOCK, np.int64)
    for start in range(first, last, _BLOCK):
        rates = w.rate[start : min(start + _BLOCK, last)]
        word = base + np.uint64(start - first) * GOLDEN
        for i in range(rates.size):
            hit[i] = to_unit(mix(word + np.uint64(i) * GOLDEN)) < rates[i] * season
        found = 0
        for i in range(rates.size):  # without a branch, which would be guessed wrongly
            hits[found] = i
            found += hit[i]
        for h in range(found):
            i = hits[h]
            u = to_unit(mix(word + np.uint64(i) * GOLDEN))
            for k in range(trips_on_day(rates[i] * season, u)):
                if n < w.trips.size:
                    note_trip_of(w, n, start + i, day, k, categories, guide)
                n += 1
    return n


@rule
def list_trips(w, day):
    """List today's trips, buyers first; their number may exceed the capacity."""
    n_buyers, n_users = w.p.n_buyers, w.p.n_users
    week = (day - 1) // 7
    season = week_swing(w.streams[SEASON], np.uint64(0), week, w.p.buyers_season_sd)
    season *= w.weekday[(day - 1) % 7]
    categories = categories_today(w, week)
    guide = category_guide(categories)
    base = mix(w.streams[BUYER_TRIPS] ^ mix(day_word(day)))
    n = find_trips(w, day, 0, n_buyers, base, 0, season, categories, guide)
    base = mix(w.streams[BROWSER_TRIPS] ^ mix(day_word(day)))
    total = find_trips(w, day, n_buyers, n_users, base, n, season, categories, guide)
    w.now.n_trips = total
    w.market_days.trips[record_row(day)] = n
    w.market_days.browsing[record_row(day)] = total - n


@rule
def fill_shelf(w):
    """Put side by side what most trips look at: the first results of every category."""
    for category in range(w.n_ranked.size):
        for k in range(MAX_EXAMINED):
            there = k < w.n_ranked[category]
            w.shelf[category, k] = w.ranking[category, k] if there else NOBODY


@rule
def find_due(w, day, first, last, n):
    """Append the rows in [first, last) with something due today; returns the new n.

    Blocks in which nothing is due by today are passed over. Hits are few, so they are looked for
    eight at a time.
    """
    hit = np.zeros(DUE_BLOCK, np.bool_)
    eights = hit.view(np.uint64)
    for block in range(first // DUE_BLOCK, (last + DUE_BLOCK - 1) // DUE_BLOCK):
        if w.due_blocks[block] > day:
            continue
        start = block * DUE_BLOCK
        due, soonest = w.due[start : start + DUE_BLOCK], np.int16(NEVER)
        for i in range(due.size):
            hit[i] = due[i] == np.int16(day)
            soonest = min(soonest, due[i] if due[i] >= np.int16(day) else np.int16(NEVER))
        hit[due.size :] = False
        hit[: max(first - start, 0)] = False
        hit[max(last - start, 0) :] = False
        w.due_blocks[block] = soonest
        for k in range(eights.size):
            if eights[k] != 0:
                for i in range(8 * k, 8 * k + 8):
                    if hit[i]:
                        if n < w.due_today.size:
                            w.due_today[n] = start + i
                        n += 1
    return n


@rule
def list_due(w, day):
    """List the orders with something due today, oldest first; may exceed the capacity.

    A look at a column of int16, where any is due at all, costs less than keeping a queue.
    """
    oldest = w.now.oldest_order % w.due.size
    n = find_due(w, day, oldest, w.due.size, 0)
    w.now.n_due = find_due(w, day, 0, oldest, n)


@rule
def forget_orders(w, day):
    """Let go of the oldest orders that no window can reach any more."""
    oldest, n_orders = w.now.oldest_order, w.now.n_orders
    while oldest < n_orders:
        row = oldest % w.orders.size
        waits = w.due[row] != NEVER or (w.orders.marks[row] & QUEUED) != 0
        if waits or day - w.orders.placed[row] <= w.p.kept_days:
            break
        oldest += 1
    w.now.oldest_order = oldest


@kernel
def begin(w, day):
    """List who acts today; call again with more room where a number exceeds its capacity."""
    forget_orders(w, day)
    fill_shelf(w)
    list_trips(w, day)
    list_due(w, day)


@kernel
def move_orders(w, orders, due):
    """Copy every kept order to its row in a larger ring."""
    for order in range(w.now.oldest_order, w.now.n_orders):
        orders[order % orders.size] = w.orders[order % w.orders.size]
        due[order % orders.size] = w.due[order % w.orders.size]
