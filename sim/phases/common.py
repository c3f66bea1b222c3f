"""What several phases need: keys, rows, records of the day, defects."""

import numpy as np

from sim.draws import join, user_key
from sim.jit import kernel, rule
from sim.state import BUYER, DELETED, NON_BUYER, REMOVED

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
def year_of(day):
    """Year of a day, counted from day 0; the past belongs to the first."""
    return record_row(day) // 365


@rule
def book_row(w, date):
    """Row of a date in the books."""
    return date - w.p.first_date


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
    w.due[row] = min(o.due_receive[row], o.due_care[row], o.due_feedback[row], o.due_review[row])


@rule
def add_defect(w, row, reason):
    """The order counts as a defect for one more reason; it is counted once (ODR, by order date)."""
    o = w.orders
    if o.defect[row] == 0:
        w.books.defects[book_row(w, o.placed[row]), o.seller[row]] += 1
    o.defect[row] |= reason


@rule
def drop_defect(w, row, reason):
    """A reason for counting the order as a defect has gone."""
    o = w.orders
    before = o.defect[row]
    o.defect[row] = before & ~reason
    if before != 0 and o.defect[row] == 0:
        w.books.defects[book_row(w, o.placed[row]), o.seller[row]] -= 1


@rule
def give_back(w, row, cents, day):
    """Refund at most what is left of the price; returns what was given (cents)."""
    o = w.orders
    given = min(cents, o.price[row] - o.refunded[row])
    o.refunded[row] += given
    w.seller_days.costs[record_row(day), o.seller[row]] += given
    return given


@rule
def review_on_page(w, listing, k):
    """The k-th newest review of a listing (from 0): a post, or minus its stars if it has none."""
    return w.recent[listing, (w.listings.n_recent[listing] - 1 - k) % w.recent.shape[1]]


@rule
def standing_stars(w, post):
    """Stars of a review on a page; 0 if its author or the platform has deleted it."""
    if post < 0:
        return -post
    status = w.posts.status[post]
    return 0 if status == DELETED or status == REMOVED else np.int32(w.posts.stars[post])


@rule
def newest_stars(w, listing):
    """Mean stars of the newest standing reviews on a page, 0 = none; new ones come at night."""
    total, found = 0, 0
    for k in range(min(w.listings.n_recent[listing], w.recent.shape[1])):
        stars = standing_stars(w, review_on_page(w, listing, k))
        if stars > 0 and found < NEAREST:
            total += stars
            found += 1
    return total / found if found > 0 else 0.0
