"""What platforms ask of a rating: for store and listing at once, on which scale, in which days.

Reads orders; writes nothing. Rules: feedback, satisfaction.
"""

import numpy as np

from sim.jit import rule
from sim.parameters import NO_LIMIT
from sim.phases.common import order_row
from sim.phases.judge import has, store_felt
from sim.rules.feedback import FROM_ORDER, end_of_order, form_start, in_class, shares_rating
from sim.rules.satisfaction import store_latent
from sim.state import ARRIVED, CANCELLED_ORDER, NEVER, NOBODY


@rule
def one_channel(w):
    """Is there one rating for store and listing, in place of feedback and reviews?"""
    return w.p.channels == 1


@rule
def marked(w, stars):
    """The mark that the platform has for these stars: the stars, or their class of three."""
    if w.p.scale == 3:
        return in_class(stars, w.p.feedback_positive_from, w.p.feedback_negative_up_to)
    return np.int64(stars)


@rule
def mark_steps(w):
    """Stars from one mark to the next."""
    return 2 if w.p.scale == 3 else 1


@rule
def rated_felt(w, row):
    """Latent satisfaction that feedback is about: the store's, or everybody's worst of service and
    product where the same rating is for the listing."""
    if one_channel(w):
        o = w.orders
        return store_latent(o.service[row], o.product[row], has(w, row, ARRIVED), True)
    return store_felt(w, row)


@rule
def order_end(w, row):
    """Day on which the order is over; NEVER or in the future where it is not.

    A cancelled one is over when its customer learns of it.
    """
    o = w.orders
    if o.trouble[row] == CANCELLED_ORDER:
        learns = o.judged_on[row] if o.due_receive[row] == NEVER else o.due_receive[row]
        return np.int64(learns)
    end = end_of_order(o.dispatched[row], o.delivered[row], w.p.feedback_auto_confirm_days)
    return np.int64(end)


@rule
def form_day(w, row):
    """Day that the days of the order's feedback form count from."""
    o, counts_from = w.orders, w.p.feedback_counts_from
    if counts_from == FROM_ORDER:
        return np.int64(o.placed[row])
    return np.int64(form_start(counts_from, o.placed[row], o.promised[row], order_end(w, row)))


@rule
def rated_with_earlier(w, row):
    """Is the rating of an earlier order of the same listing that of this order too?"""
    o, days = w.orders, w.p.feedback_same_item_days
    if not one_channel(w) or days >= NO_LIMIT:
        return False
    order = o.previous[row]
    while order != NOBODY:
        before = order_row(w, order)
        if before < 0 or not shares_rating(o.placed[row], o.placed[before], days):
            return False
        if o.listing[before] == o.listing[row] and o.trouble[before] != CANCELLED_ORDER:
            return True
        order = o.previous[before]
    return False
