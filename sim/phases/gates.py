"""Gates: every evening the platform compares what it measures with its limits, and acts.

Reads the standing of stores and products, writes what is breached and what follows; then sums up
what all penalties amount to tomorrow. From day 1 on. Rules: penalties.
"""

import numpy as np

from sim.events import WIPED as WIPED_OUT
from sim.jit import kernel, rule
from sim.phases.common import is_counted, record_row
from sim.phases.defaults import drop_default
from sim.phases.ledger import note_penalty, note_removal, note_wiped
from sim.phases.punish import count_time, inflict, turn_year
from sim.phases.ratings import one_channel
from sim.phases.settle import count_post
from sim.phases.shown import clear_shown
from sim.rules.account import is_closed
from sim.rules.odr import wilson_lower
from sim.rules.penalties import crosses, happens_once, in_turn, lasts_until
from sim.state import DEFAULT_STANDS, EXPOSE, PAY_REFUNDS, REMOVE, REVIEW, STRUCK_THROUGH


@rule
def looks(w, g, day):
    """Does the platform look at this gate tonight?"""
    return day % w.gates.every_days[g] == 0


@rule
def also_holds(w, standing, row, g):
    """Do the further conditions of a gate hold for a seller or listing tonight?"""
    a, f = w.gates, w.further_limits
    for k in range(a.first_also[g], a.first_also[g] + a.n_also[g]):
        m = f.measure[k]
        if not crosses(
            standing.value[row, m], standing.whole[row, m], f.limit[k], f.above[k] != 0, 0
        ):
            return False
    return True


@rule
def look(w, gated, standing, row, g, day):
    """Is gate g breached by a seller or listing tonight? Writes it; True where just crossed."""
    a, m = w.gates, w.gates.measure[g]
    value, part, whole = standing.value[row, m], standing.part[row, m], standing.whole[row, m]
    if a.z[g] > 0.0 and not np.isnan(value):
        value = wilson_lower(part, whole, a.z[g])
    now = crosses(value, whole, a.limit[g], a.above[g] != 0, a.at_least[g])
    now = now and part >= a.marked_at_least[g] and also_holds(w, standing, row, g)
    crossed = now and gated.breached[row, g] == 0
    gated.breached[row, g] = now
    if crossed:
        count_time(gated, row, g, day)
    return crossed


@rule
def is_due(w, k, times, crossed, looked):
    """Is penalty k of a breached gate due tonight?

    What happens once, at the crossing; what states its days, at every look; the rest, always.
    """
    a = w.penalties
    if not in_turn(times, a.first_time[k], a.last_time[k]):
        return False
    if happens_once(a.do[k]):
        return crossed
    return looked or a.days[k] == 0


@rule
def punish_store(w, seller, g, day, crossed):
    """What follows from a gate that a store has breached."""
    times, first = w.seller_gates.times[seller, g], w.gates.first[g]
    for k in range(first, first + w.gates.count[g]):
        if is_due(w, k, times, crossed, looks(w, g, day)):
            inflict(w, seller, k, day, lasts_until(day, w.penalties.days[k], day + 1))


@rule
def punish_product(w, listing, g, day, crossed):
    """What follows from a gate that a product has breached: to that product alone."""
    n, times, first = w.listings, w.product_gates.times[listing, g], w.gates.first[g]
    for k in range(first, first + w.gates.count[g]):
        if is_due(w, k, times, crossed, looks(w, g, day)):
            do, last = w.penalties.do[k], lasts_until(day, w.penalties.days[k], day + 1)
            note_penalty(w, n.seller[listing], listing, k, last)
            if do == REMOVE:
                n.removed[listing] = 1
            elif do == PAY_REFUNDS:
                n.refunds_until[listing] = max(n.refunds_until[listing], last)
            elif do == EXPOSE:
                w.product_exposures[listing, k] = max(w.product_exposures[listing, k], last)


@rule
def note_breach(w, g, row, seller, day):
    """Records of a gate that a store (or one of its products) stands beyond tonight."""
    record, n, m = record_row(day), w.measures.size, w.gates.measure[g]
    if w.gates.of_products[g] != 0:
        w.product_standing_days.breached[record, row * n + m] = 1
    else:
        w.standing_days.breached[record, row * n + m] = 1
    w.seller_days.breaches[record, seller] += w.gates.harms[g]


@rule
def pass_gate(w, g, day):
    """One gate, for every store or product that is still there."""
    if w.gates.of_products[g] == 0:
        for seller in range(w.now.n_sellers):
            if is_closed(w.sellers.state[seller]):
                continue
            crossed = False
            if looks(w, g, day):
                crossed = look(w, w.seller_gates, w.standing, seller, g, day)
            if w.seller_gates.breached[seller, g] != 0:
                note_breach(w, g, seller, seller, day)
                punish_store(w, seller, g, day, crossed)
        return
    for k in range(w.now.n_listings):
        if is_closed(w.sellers.state[w.listings.seller[k]]) or w.listings.removed[k] != 0:
            continue
        crossed = False
        if looks(w, g, day):
            crossed = look(w, w.product_gates, w.product_standing, k, g, day)
        if w.product_gates.breached[k, g] != 0:
            note_breach(w, g, k, w.listings.seller[k], day)
            punish_product(w, k, g, day, crossed)


@rule
def wipe(w, seller, day):
    """Every standing review of the seller's listings is removed, those of the past among them, and
    what the platform has left for customers."""
    q, n = w.posts, w.listings
    for post in range(w.now.n_posts):
        of_listing = q.channel[post] == REVIEW or one_channel(w)
        if n.seller[q.listing[post]] == seller and of_listing and is_counted(w, post):
            count_post(w, post, day, -1)
            q.status[post] = STRUCK_THROUGH
            note_removal(w, post, w.seller_trails.worse[seller], WIPED_OUT)
    for row in range(min(w.now.n_orders, w.orders.size)):
        stands = w.orders.default[row] == DEFAULT_STANDS
        if stands and n.seller[w.orders.listing[row]] == seller:
            drop_default(w, row, day)
    for k in range(w.now.n_listings):
        if n.seller[k] == seller:  # what is left is of before the lived past
            n.n_reviews[k], n.n_recent[k], n.weight[k], n.weighted_stars[k] = 0, 0, 0.0, 0.0
            w.stock[k, :] = 0
            clear_shown(w, k)
            note_wiped(w, k)


@rule
def exposure(w, exposures, row, day):
    """Sum of the factors' logs that hold tomorrow for a seller or listing."""
    total = 0.0
    for k in range(exposures.shape[1]):
        if exposures[row, k] > day:
            total += w.penalties.amount[k]
    return total


@rule
def sum_up(w, seller, day):
    """What a seller's penalties amount to tomorrow; a hold that ends tonight is paid out."""
    s = w.sellers
    if s.to_wipe[seller] != 0:
        wipe(w, seller, day)
        s.to_wipe[seller] = 0
    if s.held_until[seller] <= day:
        s.withheld[seller] = 0
    s.no_featured[seller] = s.unfeatured_until[seller] > day
    s.exposure[seller] = exposure(w, w.exposures, seller, day)


@kernel
def pass_gates(w, day):
    """Points of a new year, every gate in the order of the rule set, and what it all comes to."""
    if day < 1:
        return
    for seller in range(w.now.n_sellers):
        turn_year(w, seller, day)
    for g in range(w.gates.size):
        pass_gate(w, g, day)
    for seller in range(w.now.n_sellers):
        sum_up(w, seller, day)
    for k in range(w.now.n_listings):
        w.listings.exposure[k] = exposure(w, w.product_exposures, k, day)
