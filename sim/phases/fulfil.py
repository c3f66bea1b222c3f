"""Settle orders and fulfil: the market sorts today's baskets by key and makes them orders.

Then every seller hands over what it can this evening, first in by day, then by key; the rest
waits in its queue. Rules: fulfilment, costs.
"""

import numpy as np

from sim.draws import (
    CANCELLED,
    DAMAGED,
    DISTANCE,
    HANDLING,
    PATIENCE,
    PROMISE,
    TRACKED,
    TRANSIT,
    WRONG_ITEM,
    normal,
    normals,
    uniform,
)
from sim.jit import kernel, prefetch, rule
from sim.phases.common import (
    AHEAD,
    book_row,
    give_back,
    happens,
    in_order,
    order_id,
    order_row,
    record_row,
    refresh_due,
)
from sim.phases.dates import default_day
from sim.phases.judge import has
from sim.phases.ledger import note_order, note_served
from sim.phases.offers import (
    is_by_platform,
    note_taken,
    price_of,
    seller_of,
    service_cents,
    stated_price_of,
    unit_cost_of,
)
from sim.phases.tally import tally_sale
from sim.rules.fulfilment import handling_days, patience_days, promise_days, transit_days
from sim.state import (
    BY_PLATFORM,
    CANCELLED_ORDER,
    DAMAGED_ITEM,
    FINE,
    HELD,
    JUDGED,
    NEVER,
    NO_DEFAULT,
    NOBODY,
    QUEUED,
    QUIET,
    UNTRACKED,
    WAS_CANCELLED,
    WRONG,
)


@rule
def day_limit(day):
    """Days beyond what a column can hold count as never."""
    return min(day, NEVER)


@rule
def new_order(w, b, day, z_distance, z_promise):
    """Make an order of basket b: id, promise, money, records. Returns its row."""
    n = w.now.n_orders
    row = n % w.orders.size
    o, p = w.orders, w.p
    key, listing, user = w.baskets.key[b], w.baskets.listing[b], w.baskets.user[b]
    o.key[row] = key
    offer = w.baskets.offer[b]
    o.buyer[row], o.listing[row], o.offer[row] = user, listing, offer
    o.seller[row] = seller_of(w, listing, offer)
    o.price[row], o.refunded[row] = price_of(w, listing, offer), 0
    o.by[row] = BY_PLATFORM if is_by_platform(w, listing, offer) else 0
    o.previous[row] = w.users.last_order[user]
    o.next_in_queue[row], o.feedback[row] = NOBODY, NOBODY
    o.service[row], o.product[row] = np.nan, np.nan
    o.lateness[row], o.happened[row] = 0.0, 0
    o.seen_stars[row] = int(np.rint(10.0 * w.baskets.stars[b]))
    o.seen_count[row] = min(65535, w.baskets.count[b])
    o.seen_position[row] = min(255, w.baskets.position[b])
    promise = promise_days(
        z_distance, z_promise,
        np.sqrt(p.fulfilment_distance), p.fulfilment_promise_days, p.fulfilment_promise_sd,
    )  # fmt: skip
    o.placed[row], o.promised[row] = day, day_limit(day + promise)
    o.dispatched[row], o.delivered[row], o.due_receive[row] = NEVER, NEVER, NEVER
    o.due_care[row], o.due_feedback[row], o.due_review[row] = NEVER, NEVER, NEVER
    o.due_default[row], o.defaulted_on[row], o.default[row] = NEVER, NEVER, NO_DEFAULT
    o.judged_on[row], o.planned_on[row] = NEVER, NEVER
    o.trouble[row], o.marks[row], o.defect[row], o.care[row] = FINE, 0, 0, QUIET
    o.asked[row], o.reward[row] = 0, 0
    w.users.last_order[user] = n
    w.users.purchases[user] += 1
    w.now.n_orders = n + 1
    return row


@rule
def loses_patience(w, row):
    """Day on which the customer judges the store if the parcel is still not there."""
    z = normal(w.streams[PATIENCE], w.orders.key[row])
    wait = patience_days(z, w.p.judging_patience_days, w.p.judging_patience_sd)
    return day_limit(w.orders.promised[row] + wait)


@rule
def is_platforms(w, row):
    """Does the platform fulfil the order?"""
    return (w.orders.by[row] & BY_PLATFORM) != 0


@rule
def cost_of(w, row):
    """What an order costs its seller when nothing goes wrong: goods, service, fee (cents)."""
    listing, offer = w.orders.listing[row], w.orders.offer[row]
    fee = int(np.rint(w.p.fees_referral * w.orders.price[row]))
    return unit_cost_of(w, listing, offer) + service_cents(w, listing, offer) + fee


@rule
def note_sale(w, row, day):
    """Records and money of a new order."""
    seller, listing, record = w.orders.seller[row], w.orders.listing[row], record_row(day)
    price = w.orders.price[row]
    w.seller_days.orders[record, seller] += 1
    w.seller_days.revenue[record, seller] += price
    if w.sellers.held_until[seller] >= day:
        w.seller_days.withheld[record, seller] += price
        w.sellers.withheld[seller] += price
        w.orders.by[row] |= HELD
    w.orders.cost[row] = cost_of(w, row)
    w.seller_days.costs[record, seller] += w.orders.cost[row]
    w.listing_days.orders[record, listing] += 1
    w.market_days.orders[record] += 1
    w.books.orders[book_row(w, day), seller] += 1
    tally_sale(w, row)
    if is_platforms(w, row):
        w.books.platform_orders[book_row(w, day), seller] += 1
    note_taken(w, record, listing, w.orders.offer[row])
    w.listings.velocity[listing] += 1.0


@rule
def enqueue(w, row):
    """The order waits behind those of its seller that came before."""
    seller, order = w.orders.seller[row], order_id(w, row)
    if w.sellers.queue_head[seller] == NOBODY:
        w.sellers.queue_head[seller] = order
    else:
        w.orders.next_in_queue[order_row(w, w.sellers.queue_tail[seller])] = order
    w.sellers.queue_tail[seller] = order
    w.sellers.queue[seller] += 1
    w.orders.marks[row] |= QUEUED
    w.orders.due_receive[row] = loses_patience(w, row)
    refresh_due(w, row)


@rule
def overdue(w, row, day):
    """Has the order waited so long past its promise that the platform cancels it?"""
    return day > w.orders.promised[row] + w.p.fulfilment_cancelled_after_days


@rule
def what_goes_wrong(w, row, day):
    """Cancelled, damaged, wrong item or nothing: thresholds on a draw each."""
    key, seller = w.orders.key[row], w.orders.seller[row]
    cancelled, damaged = w.sellers.cancelled[seller], w.sellers.damaged[seller]
    wrong_item = w.sellers.wrong_item[seller]
    if is_platforms(w, row):
        cancelled, damaged = 0.0, w.p.by_platform_damaged
        wrong_item = w.p.by_platform_wrong_item
    if overdue(w, row, day) or uniform(w.streams[CANCELLED], key) < cancelled:
        return CANCELLED_ORDER
    if uniform(w.streams[DAMAGED], key) < damaged:
        return DAMAGED_ITEM
    if uniform(w.streams[WRONG_ITEM], key) < wrong_item:
        return WRONG
    return FINE


@rule
def note_spending(w, row, day):
    """What of an order's costs was a choice: quality beyond the least, punctuality and care."""
    seller, listing, offer = w.orders.seller[row], w.orders.listing[row], w.orders.offer[row]
    least = int(np.rint(w.p.costs_unit_share * stated_price_of(w, listing, offer)))
    record = record_row(day)
    extra = max(0, unit_cost_of(w, listing, offer) - least)
    w.seller_days.spent_quality[record, seller] += extra
    w.seller_days.spent_service[record, seller] += service_cents(w, listing, offer)


@rule
def serve(w, row, day, z_distance, z_handling, z_transit):
    """The seller handles the order this evening: cancelled, or on its way."""
    o, p = w.orders, w.p
    seller, key = o.seller[row], o.key[row]
    o.marks[row] &= ~QUEUED
    o.trouble[row] = what_goes_wrong(w, row, day)
    if o.trouble[row] == CANCELLED_ORDER:
        w.seller_days.cancelled[record_row(day), seller] += 1
        w.seller_days.costs[record_row(day), seller] -= o.cost[row]
        given = give_back(w, row, o.price[row], day)
        happens(w, row, WAS_CANCELLED)
        o.due_receive[row] = day + 1
        note_served(w, row, given, day)
    else:
        slow = w.p.by_platform_slowness if is_platforms(w, row) else w.sellers.slowness[seller]
        handling = handling_days(
            z_handling, slow,
            p.fulfilment_handling_days, p.fulfilment_handling_sd, p.fulfilment_longest_days,
        )  # fmt: skip
        transit = transit_days(
            z_distance, z_transit,
            np.sqrt(p.fulfilment_distance), slow,
            p.fulfilment_transit_days, p.fulfilment_transit_sd, p.fulfilment_longest_days,
        )  # fmt: skip
        note_spending(w, row, day)
        tracked = uniform(w.streams[TRACKED], key) < w.sellers.tracked[seller]
        if not tracked and not is_platforms(w, row):
            happens(w, row, UNTRACKED)
        o.dispatched[row] = day_limit(day + handling)
        o.delivered[row] = day_limit(day + handling + transit)
        if o.dispatched[row] < w.seller_days.shape[0]:
            w.seller_days.dispatched[record_row(o.dispatched[row]), seller] += 1
        o.due_default[row] = default_day(w, row)
        in_time = o.delivered[row] <= o.promised[row]  # nobody loses patience before the promise
        if has(w, row, JUDGED) or in_time or o.delivered[row] <= loses_patience(w, row):
            o.due_receive[row] = o.delivered[row]
        else:
            o.due_receive[row] = loses_patience(w, row)
        note_served(w, row, -1, day)
    refresh_due(w, row)


@rule
def serve_waiting(w, row, day):
    """The seller handles an order from its queue."""
    key = w.orders.key[row]
    z_distance, z_handling = normal(w.streams[DISTANCE], key), normal(w.streams[HANDLING], key)
    serve(w, row, day, z_distance, z_handling, normal(w.streams[TRANSIT], key))


@rule
def draws_of_orders(w, keys):
    """Standard normals [4, orders] of tonight's orders: distance, promise, handling, transit."""
    z = np.empty((4, keys.size))
    normals(w.streams[DISTANCE], keys, z[0])
    normals(w.streams[PROMISE], keys, z[1])
    normals(w.streams[HANDLING], keys, z[2])
    normals(w.streams[TRANSIT], keys, z[3])
    return z


@kernel
def settle_orders(w, day):
    """Today's baskets become orders, in order of key, and queue up with their sellers."""
    by_key = in_order(w.baskets.key[: w.now.n_baskets])
    z = draws_of_orders(w, w.baskets.key[by_key])
    for i in range(by_key.size):
        prefetch(w.users, w.baskets.user[by_key[min(i + AHEAD, by_key.size - 1)]])
        row = new_order(w, by_key[i], day, z[0, i], z[1, i])
        note_sale(w, row, day)
        note_order(w, row)
        if w.sellers.capacity[w.orders.seller[row]] < 0 or is_platforms(w, row):
            serve(w, row, day, z[0, i], z[2, i], z[3, i])
        else:
            enqueue(w, row)
    w.now.n_baskets = 0


@rule
def drop_overdue(w, seller, day):
    """What has waited too long leaves the queue, wherever it stands; it takes no work."""
    s, before, order = w.sellers, NOBODY, w.sellers.queue_head[seller]
    while order != NOBODY:
        row = order_row(w, order)
        after = w.orders.next_in_queue[row]
        if overdue(w, row, day):
            if before == NOBODY:
                s.queue_head[seller] = after
            else:
                w.orders.next_in_queue[order_row(w, before)] = after
            if after == NOBODY:
                s.queue_tail[seller] = before
            s.queue[seller] -= 1
            serve_waiting(w, row, day)
        else:
            before = order
        order = after


@kernel
def serve_queues(w, day):
    """Every seller with a capacity handles so many of its waiting orders, the oldest first."""
    for seller in range(w.now.n_sellers):
        capacity = w.sellers.capacity[seller]
        if capacity < 0:
            capacity = w.sellers.queue[seller]
        drop_overdue(w, seller, day)
        for _ in range(min(capacity, w.sellers.queue[seller])):
            row = order_row(w, w.sellers.queue_head[seller])
            w.sellers.queue_head[seller] = w.orders.next_in_queue[row]
            w.sellers.queue[seller] -= 1
            serve_waiting(w, row, day)
