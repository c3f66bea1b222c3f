"""Receive and judge: what arrived, what is late, and how satisfied that leaves the customer.

Works on the orders due today; writes those orders and their buyer's memory. A waiting customer
judges service when patience runs out; the product is judged on arrival. Rules: satisfaction.
"""

import numpy as np

from sim.draws import (
    BLAMES_STORE,
    PRODUCT_NOISE,
    SERVICE_NOISE,
    TASTE_CHOICE,
    TASTE_PRODUCT,
    logistic_noise,
    uniform,
)
from sim.jit import kernel, prefetch, rule
from sim.phases.common import AHEAD, key_of_pair, record_row
from sim.phases.ledger import note_delivery
from sim.rules.satisfaction import (
    days_felt_late,
    felt_stars,
    lateness_loss,
    product_latent,
    product_taste,
    store_latent,
)
from sim.state import (
    ARRIVED,
    CANCELLED_ORDER,
    DAMAGED_ITEM,
    FORGIVEN,
    JUDGED,
    MEMORY,
    NEVER,
    NOBODY,
    WRONG,
)


@rule
def has(w, row, mark):
    """Does the order carry this mark?"""
    return (w.orders.marks[row] & mark) != 0


@kernel
def receive_order(w, row, day):
    """The parcel arrives if it is due; otherwise patience runs out today."""
    o = w.orders
    if o.delivered[row] == day:
        o.marks[row] |= ARRIVED
        record = record_row(day)
        w.seller_days.delivered[record, o.seller[row]] += 1
        if day > o.promised[row]:
            w.seller_days.late[record, o.seller[row]] += 1
        note_delivery(w, row)


@rule
def trouble_loss(w, row):
    """Latent satisfaction lost by what went wrong with the order, as far as the buyer knows."""
    trouble = w.orders.trouble[row]
    if trouble == CANCELLED_ORDER:
        return w.p.judging_cancelled
    if has(w, row, ARRIVED):
        if trouble == DAMAGED_ITEM:
            return w.p.judging_damaged
        if trouble == WRONG:
            return w.p.judging_wrong_item
    return 0.0


@rule
def lateness_felt(w, row, day):
    """Latent satisfaction lost by lateness as it is felt today; forgiven in part, if at all."""
    o, late = w.orders, 0.0
    if o.trouble[row] != CANCELLED_ORDER:
        delivered = o.delivered[row]
        late = days_felt_late(
            day, o.promised[row], delivered, delivered != NEVER, w.p.judging_waiting_days
        )
    lateness = lateness_loss(late, w.lateness)
    if o.asked[row] & FORGIVEN != 0:  # as much as a settled complaint gives back
        lateness = max(0.0, lateness - w.p.complaining_recovery)
    return lateness


@kernel
def service_felt(w, row, day):
    """Latent satisfaction with service as of today; lateness counts once, when first judged."""
    o = w.orders
    if has(w, row, JUDGED):
        return o.service[row] - trouble_loss(w, row)
    noise = logistic_noise(uniform(w.streams[SERVICE_NOISE], o.key[row]))
    loss = lateness_felt(w, row, day) + trouble_loss(w, row)
    return w.p.judging_service + noise - loss


@kernel
def product_felt(w, row):
    """Latent satisfaction with the product; NaN before it has arrived."""
    o = w.orders
    if not has(w, row, ARRIVED):
        return np.nan
    listing = o.listing[row]
    pair = key_of_pair(w, o.buyer[row], listing)
    taste = product_taste(
        uniform(w.streams[TASTE_CHOICE], pair),
        uniform(w.streams[TASTE_PRODUCT], pair),
        w.p.judging_taste,
        w.p.judging_taste_known,
    )
    noise = logistic_noise(uniform(w.streams[PRODUCT_NOISE], o.key[row]))
    quality, oversell = w.listings.quality[listing], w.listings.oversell[listing]
    if o.placed[row] < w.listings.since[listing]:  # sold before the quality changed
        quality, oversell = w.listings.quality_before[listing], w.listings.oversell_before[listing]
    return product_latent(
        quality,
        oversell,
        o.seen_stars[row] / 10.0,
        taste,
        noise,
        w.p.judging_quality,
        w.p.judging_product,
        w.p.judging_disappointment,
        w.p.judging_expected_per_star,
    )


@rule
def store_felt(w, row):
    """Latent satisfaction with the store: what feedback is about."""
    o = w.orders
    blames = uniform(w.streams[BLAMES_STORE], o.key[row]) < w.p.judging_blames_store
    return store_latent(o.service[row], o.product[row], has(w, row, ARRIVED), blames)


@rule
def remember_store(w, user, seller, stars, day):
    """Keep the last satisfaction with a store, over the oldest of those remembered."""
    slot = 0
    for m in range(MEMORY):
        if w.memory.seller[user, m] == seller:
            slot = m
            break
        if w.memory.seller[user, m] == NOBODY:
            slot = m
            break
        if w.memory.day[user, m] < w.memory.day[user, slot]:
            slot = m
    w.memory.seller[user, slot] = seller
    w.memory.stars[user, slot] = stars
    w.memory.day[user, slot] = day


@kernel
def note_judged(w, row, day, service, product):
    """Write satisfactions felt today, and when the order is looked at next."""
    o, record = w.orders, record_row(day)
    seller = o.seller[row]
    o.service[row] = service
    o.product[row] = product
    if not has(w, row, JUDGED):
        o.lateness[row] = lateness_felt(w, row, day) if w.measures.size > 0 else 0.0
        w.seller_days.judged_service[record, seller] += 1
        w.seller_days.felt_service[record, seller] += felt_stars(service, w.cuts)
    if has(w, row, ARRIVED):
        w.seller_days.judged_product[record, seller] += 1
        w.seller_days.felt_product[record, seller] += felt_stars(product, w.cuts)
    o.marks[row] |= JUDGED
    o.judged_on[row] = day
    o.due_receive[row] = o.delivered[row] if o.delivered[row] > day else NEVER
    stars = felt_stars(store_felt(w, row), w.cuts)
    remember_store(w, o.buyer[row], seller, stars, day)


@kernel
def receive(w, day, lo, hi):
    """Rows [lo, hi) of today's due orders: what arrives."""
    for i in range(lo, hi):
        prefetch(w.orders, w.due_today[min(i + 4 * AHEAD, w.now.n_due - 1)])
        buyer = w.orders.buyer[w.due_today[min(i + 2 * AHEAD, w.now.n_due - 1)]]
        prefetch(w.users, buyer)
        prefetch(w.memory, buyer)
        row = w.due_today[i]
        if w.orders.due_receive[row] == day and w.users.own_mind[w.orders.buyer[row]] == 0:
            receive_order(w, row, day)


@kernel
def judge(w, day, lo, hi):
    """Rows [lo, hi) of today's due orders: satisfaction of those that arrived or ran late."""
    for i in range(lo, hi):
        row = w.due_today[i]
        if w.orders.due_receive[row] == day and w.users.own_mind[w.orders.buyer[row]] == 0:
            note_judged(w, row, day, service_felt(w, row, day), product_felt(w, row))
