"""Days that follow from an order and its seller: its end, when a rating of it is shown, when the
platform rates in the customer's place. Rules: feedback,
reveal, defaults.
"""

from sim.draws import SELLER_RATES, uniform
from sim.jit import kernel, rule
from sim.phases.common import order_row
from sim.phases.ratings import form_day, order_end
from sim.rules.defaults import IF_SELLER_RATED, NO_DEFAULTS
from sim.rules.feedback import is_positive
from sim.rules.reveal import shown_from
from sim.state import FEEDBACK, NEVER


@rule
def form_closes(w, row):
    """Last day of an order's feedback form."""
    return min(form_day(w, row) + w.p.feedback_window_days, NEVER)


@rule
def seller_rates(w, seller):
    """Does this seller rate its customers? The same for all of its orders."""
    return uniform(w.streams[SELLER_RATES], w.sellers.key[seller]) < w.p.defaults_seller_rates


@kernel
def shown_day(w, post, day):
    """Day from which a post of today is shown and counts; what is double-blind is feedback."""
    q, p = w.posts, w.p
    row = order_row(w, q.order[post])
    blind = p.reveal_double_blind != 0 and q.channel[post] == FEEDBACK and row >= 0
    if not blind:
        return shown_from(day, p.reveal_moderation_days, False, True, True, day, 0)
    return shown_from(
        day,
        p.reveal_moderation_days,
        True,
        is_positive(q.stars[post], p.feedback_positive_from),
        seller_rates(w, q.seller[post]),
        form_closes(w, row),
        p.reveal_bad_after_days,
    )


@rule
def default_day(w, row):
    """Day on whose evening the platform rates an order that was sent, if nobody has; or NEVER."""
    when = w.p.defaults_when
    if when == NO_DEFAULTS:
        return NEVER
    if when == IF_SELLER_RATED and not seller_rates(w, w.orders.seller[row]):
        return NEVER
    return min(order_end(w, row) + w.p.defaults_after_days, NEVER)
