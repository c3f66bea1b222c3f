"""What several phases need: keys, rows, records of the day, defects."""

import numpy as np

from sim.draws import join, user_key
from sim.jit import kernel, prefetch, rule
from sim.rules.defaults import NO_DEFAULTS
from sim.state import (
    BUYER,
    BY_CLAIM,
    BY_FEEDBACK,
    BY_PLATFORM,
    CANCELLED_ORDER,
    CHANGED,
    CHARGED_BACK,
    CLAIM,
    DUE_BLOCK,
    HELD,
    LOW_RATING,
    NON_BUYER,
    OF_ORDERS,
    REFUNDED,
    STANDING,
)

AHEAD = 8
"""So many rows ahead is fetched what lies scattered in memory."""
AT_ONCE = 64
"""So many customers are handled at once."""
NEAREST = 2
"""Newest reviews on the page that pull what the next reviewer says (Han & Anderson)."""


@rule
def key_of_user(w, user):
    """Birth key of a user by row: buyers first, then non-buying users."""
    n_buyers = w.p.n_buyers
    if user < n_buyers:
        return user_key(BUYER, user)
    return user_key(NON_BUYER, user - n_buyers)


@kernel
def key_of_pair(w, user, listing):
    """Birth key of what a user and a listing have between them, whenever they meet."""
    return join(key_of_user(w, user), w.listings.key[listing])


@rule
def day_word(day):
    """A day as part of a key; the past has negative days."""
    return np.uint64(day + 1_000_000)


@rule
def record_row(day):
    """Row of a day in the daily tables; the past is not recorded and shares row 0."""
    return max(day, 0)


@rule
def fetch_records(w, day):
    """Ask for the records of a day, which nobody has touched yet, before all begin to count."""
    sellers = w.seller_days[record_row(day)]
    for k in range(w.now.n_sellers):
        prefetch(sellers, k)


@rule
def year_of(day):
    """Year of a day, counted from day 0; the past belongs to the first."""
    return record_row(day) // 365


@rule
def book_row(w, date):
    """Row of a date in the books."""
    return date - w.p.first_date


@rule
def in_order(keys):
    """Places of keys in ascending order. They are hashes, so nearly all of the way is to put each
    where it would stand if they were spread evenly."""
    n = keys.size
    bits = 0
    while (1 << bits) < n:
        bits += 1
    shift = np.uint64(64 - bits)
    before = np.zeros((1 << bits) + 1, np.int64)
    if bits > 0:
        for i in range(n):
            before[1 + np.int64(keys[i] >> shift)] += 1
    for b in range(1, before.size):
        before[b] += before[b - 1]
    order, sorted_keys = np.empty(n, np.int64), np.empty(n, np.uint64)
    for i in range(n):
        bucket = np.int64(keys[i] >> shift) if bits > 0 else 0
        place = before[bucket]
        before[bucket] = place + 1
        order[place], sorted_keys[place] = i, keys[i]
    for i in range(1, n):
        key, which, place = sorted_keys[i], order[i], i
        while place > 0 and sorted_keys[place - 1] > key:
            sorted_keys[place], order[place] = sorted_keys[place - 1], order[place - 1]
            place -= 1
        sorted_keys[place], order[place] = key, which
    return order


@rule
def order_row(w, order):
    """Row of an order by id, or -1 when there is none or it is too old to be kept."""
    if order < w.now.oldest_order or order >= w.now.n_orders:
        return -1
    return order % w.orders.size


@kernel
def order_id(w, row):
    """Id of the kept order in a row."""
    size = w.orders.size
    newest = w.now.n_orders - 1
    return newest - (newest - row) % size


@kernel
def refresh_due(w, row):
    """Note the next day on which something happens to the order."""
    o = w.orders
    first = min(o.due_receive[row], o.due_care[row], o.due_feedback[row], o.due_review[row])
    first = min(first, o.due_default[row])
    w.due[row] = first
    w.due_blocks[row // DUE_BLOCK] = min(w.due_blocks[row // DUE_BLOCK], first)


@rule
def tally_order(w, row, before, after):
    """The order's marks have changed: it counts once where one of a measure's is among them."""
    o, n = w.orders, w.measures.size
    date = book_row(w, o.placed[row])
    for m in range(n):
        marks = w.measures.marks[m]
        change = int(after & marks != 0) - int(before & marks != 0)
        if w.measures.kind[m] != OF_ORDERS or change == 0:
            continue
        if w.measures.product[m] != 0:
            w.product_tallies.part[date, o.listing[row] * n + m] += change
        elif o.by[row] & BY_PLATFORM == 0:  # what the platform fulfils is not its seller's service
            w.tallies.part[date, o.seller[row] * n + m] += change


@rule
def happens(w, row, mark):
    """Something is said of the order from now on."""
    before = np.int64(w.orders.happened[row])
    w.orders.happened[row] = before | mark
    tally_order(w, row, before, before | mark)


@rule
def unhappens(w, row, mark):
    """It is said of the order no more."""
    before = np.int64(w.orders.happened[row])
    w.orders.happened[row] = before & ~mark
    tally_order(w, row, before, before & ~mark)


@rule
def mark_of(reason):
    """What is said of an order that is a defect for this reason."""
    if reason == BY_FEEDBACK:
        return LOW_RATING
    return CLAIM if reason == BY_CLAIM else CHARGED_BACK


@rule
def count_defect(w, row, sign):
    """Write a defective order into the books or take it out; the platform's also stand apart."""
    o = w.orders
    date, seller = book_row(w, o.placed[row]), o.seller[row]
    w.books.defects[date, seller] += sign
    if w.now.window_first <= o.placed[row] <= w.now.window_last:
        w.sellers.window_defects[seller] += sign
    if o.by[row] & BY_PLATFORM != 0:
        w.books.platform_defects[date, seller] += sign


@rule
def add_defect(w, row, reason):
    """The order counts as a defect for one more reason; it is counted once (ODR, by order date)."""
    o = w.orders
    if o.defect[row] == 0:
        count_defect(w, row, 1)
    o.defect[row] |= reason
    happens(w, row, mark_of(reason))


@rule
def drop_defect(w, row, reason):
    """A reason for counting the order as a defect has gone."""
    o = w.orders
    before = o.defect[row]
    o.defect[row] = before & ~reason
    unhappens(w, row, mark_of(reason))
    if before != 0 and o.defect[row] == 0:
        count_defect(w, row, -1)


@rule
def give_back(w, row, cents, day):
    """Refund at most what is left of the price; returns what was given (cents)."""
    o = w.orders
    given = min(cents, o.price[row] - o.refunded[row])
    o.refunded[row] += given
    if 2 * o.refunded[row] > o.price[row] and o.trouble[row] != CANCELLED_ORDER:
        happens(w, row, REFUNDED)
    w.seller_days.costs[record_row(day), o.seller[row]] += given
    if o.by[row] & HELD != 0:  # given back out of what is held
        w.sellers.withheld[o.seller[row]] = max(0, w.sellers.withheld[o.seller[row]] - given)
    return given


@rule
def give_back_by_rule(w, row, cents, day):
    """Refund after a claim or a return, of which the platform may pay a share; returns it all."""
    o, p = w.orders, w.p
    seller, given = o.seller[row], give_back(w, row, cents, day)
    pays_all = max(w.sellers.refunds_until[seller], w.listings.refunds_until[o.listing[row]]) >= day
    if p.claims_refunds_by_platform > 0.0 and not pays_all:
        paid = int(np.rint(p.claims_refunds_by_platform * given))
        w.seller_days.costs[record_row(day), seller] -= paid
    return given


@rule
def note_trouble(w, row):
    """A complaint, claim or return: tonight the platform looks at what hangs on it, if anything."""
    if w.p.defaults_when != NO_DEFAULTS or w.p.feedback_deleted_on_return != 0:
        n = w.now.n_troubles
        w.troubles.key[n], w.troubles.order[n] = w.orders.key[row], order_id(w, row)
        w.now.n_troubles = n + 1


@rule
def is_counted(w, post):
    """Do the post's stars count?"""
    return w.posts.status[post] == STANDING or w.posts.status[post] == CHANGED


@rule
def review_on_page(w, listing, k):
    """The k-th newest review of a listing (from 0): a post, or minus its stars if it has none."""
    return w.recent[listing, (w.listings.n_recent[listing] - 1 - k) % w.recent.shape[1]]


@rule
def standing_stars(w, post):
    """Stars of a review on a page; 0 if it is not to be seen."""
    if post < 0:
        return -post
    seen = is_counted(w, post) and w.posts.folded[post] == 0
    seen = seen and w.now.day - w.posts.posted[post] < w.p.display_window_days
    return np.int32(w.posts.stars[post]) if seen else 0


@rule
def newest_stars(w, listing):
    """Mean stars of the newest standing reviews on a page, 0 = none; new ones come at night.

    As reviews leave the display in order of date, those displayed are the newest of the standing.
    """
    total, found, most = 0, 0, min(NEAREST, w.listings.n_reviews[listing])
    for k in range(min(w.listings.n_recent[listing], w.recent.shape[1])):
        if found == most:
            break
        stars = standing_stars(w, review_on_page(w, listing, k))
        if stars > 0:
            total += stars
            found += 1
    return total / found if found > 0 else 0.0
