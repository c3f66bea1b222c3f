"""Offers: whose offer on a listing shoppers see, take and pay.

A listing has the offer of its own seller, whose price and cost stand with the listing, and perhaps
further ones of other sellers in the table ``offers``. Offers go by the row of that table; OWN is
the own seller's. In the evening the featured one is chosen for tomorrow; a purchase takes it, or
now and then another one. Rules: featured, choice.
"""

import numpy as np

from sim.draws import FEATURED, TRIP_LOOKS, TRIP_OFFER, join, uniform
from sim.jit import kernel, rule
from sim.phases.common import day_word
from sim.rules.account import is_closed
from sim.rules.choice import TYPICAL_STORE, race_time
from sim.rules.featured import is_live, log_time, log_weight, may_be_featured
from sim.state import NO_OFFER, NOBODY, OWN


@rule
def seller_of(w, listing, offer):
    """Who sells through an offer."""
    return w.listings.seller[listing] if offer < 0 else w.offers.seller[offer]


@rule
def price_of(w, listing, offer):
    """Price of an offer, cents."""
    return w.listings.price[listing] if offer < 0 else w.offers.price[offer]


@rule
def stated_price_of(w, listing, offer):
    """Price of an offer as configured or drawn, cents."""
    return w.listings.stated_price[listing] if offer < 0 else w.offers.stated_price[offer]


@rule
def unit_cost_of(w, listing, offer):
    """What a unit costs who sells it through an offer, cents."""
    return w.listings.unit_cost[listing] if offer < 0 else w.offers.unit_cost[offer]


@rule
def is_by_platform(w, listing, offer):
    """Does the platform store, pack and ship what is sold through an offer?"""
    by = w.listings.by_platform[listing] if offer < 0 else w.offers.by_platform[offer]
    return by != 0


@rule
def live_now(w, listing, offer):
    """Can the offer be bought?"""
    return w.listings.own_live[listing] != 0 if offer < 0 else w.offers.live[offer] != 0


@rule
def key_of_offer(w, listing, offer):
    """Birth key of an offer: its seller's and its listing's."""
    seller = seller_of(w, listing, offer)
    return join(w.sellers.key[seller], w.listings.key[listing])


@kernel
def give_keys(w):
    """Write the birth keys of all further offers."""
    for k in range(w.now.n_offers):
        w.offers.key[k] = key_of_offer(w, w.offers.listing[k], k)


@rule
def after(w, listing, offer):
    """The next offer on a listing: its own, then the further ones; NO_OFFER at the end."""
    further = w.listings.first_offer[listing] if offer < 0 else w.offers.next[offer]
    return further if further != NOBODY else NO_OFFER


@rule
def service_cents(w, listing, offer):
    """What service costs the seller for one order: its own, or the platform's fee."""
    if is_by_platform(w, listing, offer):
        return int(np.rint(100.0 * w.p.by_platform_fee))
    return w.sellers.service_cost[seller_of(w, listing, offer)]


# --- purchases ----------------------------------------------------------------------------------


@rule
def other_taken(w, trip, listing, featured):
    """The live offer but the featured one that wins this shopper's race, or NO_OFFER."""
    key, segment = w.trips.key[trip], w.users.segment[w.trips.user[trip]]
    usual, x = w.category_price[w.listings.category[listing]], w.segments
    best, winner, offer = np.inf, NO_OFFER, OWN
    while offer != NO_OFFER:
        if offer != featured and live_now(w, listing, offer):
            v = x.price[segment] * np.log(price_of(w, listing, offer) / usual)
            score = w.sellers.score[seller_of(w, listing, offer)]
            if score >= 0.0:
                v += x.store[segment] * (score - TYPICAL_STORE)
            u = uniform(w.streams[TRIP_OFFER], join(key, key_of_offer(w, listing, offer)))
            time = race_time(u, 1.0, v)
            if time < best:
                best, winner = time, offer
        offer = after(w, listing, offer)
    return winner


@kernel
def offer_taken(w, trip, listing):
    """Through which offer a trip buys the listing it has chosen; NO_OFFER = it does not.

    Where none is featured only those buy who would have looked beyond the featured one.
    """
    featured = w.listings.offer[listing]
    if featured == OWN and w.listings.first_offer[listing] == NOBODY:
        return OWN
    looks = uniform(w.streams[TRIP_LOOKS], w.trips.key[trip]) < w.p.offers_others_share
    if not looks:
        return featured
    other = other_taken(w, trip, listing, featured)
    return other if other != NO_OFFER else featured


# --- the evening --------------------------------------------------------------------------------


@rule
def live_tomorrow(w, seller, by_platform, day):
    """Can an offer of this seller be bought tomorrow?"""
    s = w.sellers
    off_until = max(s.paused_until[seller], s.hidden_until[seller])
    return is_live(
        s.state[seller], off_until, day + 1, by_platform != 0,
        w.p.by_platform_goes_on != 0, s.barred[seller] != 0,
    )  # fmt: skip


@rule
def time_tonight(w, listing, offer, day):
    """Log of the finishing time of an offer in tonight's race to be featured."""
    seller, s = seller_of(w, listing, offer), w.sellers
    orders = s.odr_orders[seller]
    odr = s.odr_defects[seller] / orders if orders > 0 else 0.0
    key = join(key_of_offer(w, listing, offer), day_word(day))
    weight = log_weight(
        float(price_of(w, listing, offer)), odr, w.p.odr_limit,
        w.p.offers_price_weight, w.p.offers_odr_weight,
    )  # fmt: skip
    return log_time(uniform(w.streams[FEATURED], key), weight)


@rule
def eligible(w, listing, offer):
    """May the seller of an offer have the featured one?"""
    seller, s = seller_of(w, listing, offer), w.sellers
    return may_be_featured(
        s.state[seller], s.no_featured[seller] != 0, w.p.offers_at_risk_eligible != 0
    )


@rule
def first_tonight(w, listing, day, only_eligible):
    """The live offer that wins tonight's race, or NO_OFFER."""
    best, winner, offer = np.inf, NO_OFFER, OWN
    while offer != NO_OFFER:
        if live_now(w, listing, offer) and (not only_eligible or eligible(w, listing, offer)):
            time = time_tonight(w, listing, offer, day)
            if winner == NO_OFFER or time < best:
                best, winner = time, offer
        offer = after(w, listing, offer)
    return winner


@kernel
def feature(w, day):
    """Which offers are live tomorrow, and which one of every listing is featured.

    A listing is on sale while any offer is. Where none of them may be featured the page shows the
    one that would be.
    """
    n, f = w.listings, w.offers
    for k in range(w.now.n_offers):
        there = n.born[f.listing[k]] <= day + 1 and n.removed[f.listing[k]] == 0
        f.live[k] = there and live_tomorrow(w, f.seller[k], f.by_platform[k], day)
    for k in range(w.now.n_listings):
        there = n.born[k] <= day + 1 and n.removed[k] == 0
        outlives = n.by_platform[k] != 0 and there
        outlives = outlives and live_tomorrow(w, n.seller[k], n.by_platform[k], day)
        n.own_live[k] = n.on_sale[k] != 0 or outlives
        if n.first_offer[k] == NOBODY:  # nothing to race with
            n.shown[k] = OWN
            n.offer[k] = OWN if n.own_live[k] != 0 and eligible(w, k, OWN) else NO_OFFER
            n.on_sale[k] = n.own_live[k]
            continue
        n.offer[k] = first_tonight(w, k, day, True)
        shown = n.offer[k] if n.offer[k] != NO_OFFER else first_tonight(w, k, day, False)
        n.on_sale[k] = shown != NO_OFFER
        n.shown[k] = shown if shown != NO_OFFER else OWN


@rule
def is_listed(w, listing):
    """Is there a seller left, of its own or another, that has not closed?"""
    offer = OWN
    while offer != NO_OFFER:
        if not is_closed(w.sellers.state[seller_of(w, listing, offer)]):
            return True
        offer = after(w, listing, offer)
    return False


# --- records ------------------------------------------------------------------------------------


@rule
def count_offer(w, row, listing, offer):
    """Count one offer in its seller's records of the day."""
    seller, days = seller_of(w, listing, offer), w.seller_days
    if not is_closed(w.sellers.state[seller]):
        days.offers[row, seller] += 1
        days.live_offers[row, seller] += live_now(w, listing, offer)
        featured = w.listings.on_sale[listing] != 0 and w.listings.offer[listing] == offer
        days.featured[row, seller] += featured


@rule
def record_offer(w, row, slot, listing, offer):
    """Tonight's state of one offer on a listing with several."""
    days, live = w.offer_days, live_now(w, listing, offer)
    days.price[row, slot] = price_of(w, listing, offer)
    days.live[row, slot] = live
    days.featured[row, slot] = live and w.listings.offer[listing] == offer
    off_sale = w.n_listed[w.listings.category[listing]] + 1
    days.position[row, slot] = w.listings.position[listing] if live else off_sale


@rule
def record_offers(w, row):
    """Offers of every seller tonight, and every offer on a listing with several."""
    days = w.seller_days
    for k in range(w.now.n_sellers):
        days.offers[row, k], days.live_offers[row, k], days.featured[row, k] = 0, 0, 0
    for k in range(w.now.n_listings):
        count_offer(w, row, k, OWN)
        if w.listings.own_slot[k] != NOBODY:
            record_offer(w, row, w.listings.own_slot[k], k, OWN)
    for k in range(w.now.n_offers):
        count_offer(w, row, w.offers.listing[k], k)
        record_offer(w, row, k, w.offers.listing[k], k)


@rule
def note_taken(w, row, listing, offer):
    """An order was placed through this offer, on a listing with several."""
    slot = w.listings.own_slot[listing] if offer < 0 else offer
    if slot != NOBODY:
        w.offer_days.orders[row, slot] += 1
