"""Measures: every evening the platform sums what was tallied, and says how stores stand.

Marks that nobody makes by acting are made here: not on its way in time, not there by the promise.
Reads tallies and points of conduct; writes what stands tonight, and its records. Rules: measures,
odr (the window).
"""

import numpy as np

from sim.jit import kernel, rule
from sim.phases.common import book_row, happens, order_row, record_row
from sim.rules.account import is_closed
from sim.rules.measures import (
    between,
    conduct,
    mean_of_ratings,
    rank_among,
    share_of_orders,
    stepped,
    sum_of_ratings,
)
from sim.rules.odr import window
from sim.state import (
    ARRIVED_LATE,
    CANCELLED_ORDER,
    NEVER,
    OF_CONDUCT,
    OF_MEASURES,
    OF_ORDERS,
    OF_RATINGS,
    RATED_POINTS,
    RATED_VOLUME,
    SHIPPED_LATE,
)

NO_END = 2**62


@rule
def mark_late(w, day):
    """Orders that should be on their way, or there, by tonight and are not, unless cancelled."""
    o, looked_at = w.orders, 0
    for m in range(w.measures.size):
        looked_at |= w.measures.marks[m]
    if looked_at & (SHIPPED_LATE | ARRIVED_LATE) == 0:
        return
    for order in range(w.now.oldest_order, w.now.n_orders):
        row = order_row(w, order)
        if o.trouble[row] == CANCELLED_ORDER:
            continue
        if o.placed[row] + w.p.fulfilment_dispatch_days == day and o.dispatched[row] > day:
            happens(w, row, SHIPPED_LATE)
        if o.promised[row] == day and o.delivered[row] > day:
            happens(w, row, ARRIVED_LATE)


@rule
def tallied(w, m, tallies, column, since, day):
    """Part and whole of measure m over its window, in a column of a table of tallies.

    Nothing counts from before ``since``.
    """
    first, last = window(day, w.measures.window_days[m], w.measures.lag_days[m])
    part, whole = np.int64(0), np.int64(0)
    for date in range(max(first, since, w.p.first_date), last + 1):
        part += tallies.part[book_row(w, date), column]
        whole += tallies.whole[book_row(w, date), column]
    return part, whole


@rule
def points_lost(w, m, seller, day):
    """Points of conduct that violations in the window have cost a seller."""
    first, last = window(day, w.measures.window_days[m], w.measures.lag_days[m])
    lost = 0.0
    first = max(first, w.sellers.counted_from[seller], w.p.first_date)
    for date in range(first, last + 1):
        lost += w.lost_points[book_row(w, date), seller]
    return lost


@rule
def plain_value(w, m, part, whole):
    """Value of a measure of orders or ratings."""
    a = w.measures
    if a.kind[m] == OF_ORDERS:
        return share_of_orders(part, whole, a.spared[m], a.min_count[m])
    if a.rated[m] == RATED_POINTS or a.rated[m] == RATED_VOLUME:
        return sum_of_ratings(part, whole, a.min_count[m])
    return mean_of_ratings(part, whole, a.min_count[m])


@rule
def is_peer(w, product, k):
    """Is the store (or the product's) one that others are compared with: not closed?"""
    return not is_closed(w.sellers.state[w.listings.seller[k] if product else k])


@rule
def towards_better(w, m, value):
    """The value, or its negative where lower is better."""
    return value if w.measures.higher[m] != 0 else -value


@rule
def peers_of(w, m, table, n):
    """Values of measure m among peers that have one, better ones last."""
    values, found = np.empty(n), 0
    for k in range(n):
        value = table.value[k, m]
        if not np.isnan(value) and is_peer(w, w.measures.product[m] != 0, k):
            values[found] = towards_better(w, m, value)
            found += 1
    return np.sort(values[:found])


@rule
def rank_of(w, m, table, peers, k):
    """Rank of store (or product) k among its peers in measure m."""
    own = towards_better(w, m, table.value[k, m])
    return rank_among(peers, own, int(is_peer(w, w.measures.product[m] != 0, k)))


@rule
def step(w, m, table, n):
    """Show the values of steps in place of the measure's own, by rank."""
    a = w.measures
    if a.n_steps[m] == 0:
        return
    peers = peers_of(w, m, table, n)
    first = a.first_step[m]
    steps = w.steps[first : first + a.n_steps[m]]
    for k in range(n):
        table.value[k, m] = stepped(rank_of(w, m, table, peers, k), steps.rank, steps.value)


@rule
def mix_stores(w, m, n):
    """Weighted sum of other measures; none where one of them is missing."""
    a, s = w.measures, w.standing
    for k in range(n):
        s.value[k, m], s.part[k, m], s.whole[k, m] = 0.0, 0, NO_END
    for i in range(a.first_part[m], a.first_part[m] + a.n_parts[m]):
        x = w.mix_parts
        other = x.measure[i]
        peers = peers_of(w, other, s, n)
        for k in range(n):
            value = s.value[k, other]
            if x.ranked[i] != 0:
                value = between(rank_of(w, other, s, peers, k), x.worst[i], x.best[i])
            s.value[k, m] += x.weight[i] * value
            s.whole[k, m] = min(s.whole[k, m], s.whole[k, other])
    for k in range(n):
        if s.whole[k, m] < a.min_count[m]:
            s.value[k, m] = np.nan


@rule
def measure_stores(w, m, day):
    """Measure m of every store tonight."""
    a, s, n = w.measures, w.standing, w.now.n_sellers
    if a.kind[m] == OF_MEASURES:
        mix_stores(w, m, n)
    else:
        for k in range(n):
            since = -NEVER if a.kind[m] == OF_RATINGS else w.sellers.counted_from[k]
            part, whole = tallied(w, m, w.tallies, k * a.size + m, since, day)
            if a.kind[m] == OF_CONDUCT:
                lost = points_lost(w, m, k, day)
                part = np.int64(np.rint(lost))
                value = conduct(a.start[m], a.gain[m], a.gain_orders[m], whole, lost, a.most[m])
                s.value[k, m] = value if whole >= a.min_count[m] else np.nan
            else:
                s.value[k, m] = plain_value(w, m, part, whole)
            s.part[k, m], s.whole[k, m] = part, whole
    step(w, m, s, n)


@rule
def measure_products(w, m, day):
    """Measure m of every listing tonight."""
    s, n = w.product_standing, w.now.n_listings
    for k in range(n):
        part, whole = tallied(w, m, w.product_tallies, k * w.measures.size + m, -NEVER, day)
        s.value[k, m] = plain_value(w, m, part, whole)
        s.part[k, m], s.whole[k, m] = part, whole
    step(w, m, s, n)


@rule
def note_standing(w, m, table, days, n, day):
    """Copy tonight's standing to the records; whether a gate is breached is not known yet."""
    row = record_row(day)
    for k in range(n):
        column = k * w.measures.size + m
        days.value[row, column] = table.value[k, m]
        days.part[row, column], days.whole[row, column] = table.part[k, m], table.whole[k, m]
        days.breached[row, column] = 0


@kernel
def measure(w, day):
    """All measures of stores and products tonight, in the order in which they are stated."""
    if w.measures.size == 0:
        return
    mark_late(w, day)
    for m in range(w.measures.size):
        if w.measures.product[m] != 0:
            measure_products(w, m, day)
            days = w.product_standing_days
            note_standing(w, m, w.product_standing, days, w.now.n_listings, day)
        else:
            measure_stores(w, m, day)
            note_standing(w, m, w.standing, w.standing_days, w.now.n_sellers, day)
