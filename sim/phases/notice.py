"""Notice: what happened to orders today, for sellers whose strategy looks at it.

Reads the orders that are kept, in the evening; appends mail. Costs nothing where nobody looks.
"""

from sim.draws import join
from sim.jit import kernel, rule
from sim.phases.common import order_row
from sim.phases.speak import send_mail
from sim.state import (
    CANCELLED_ORDER,
    MAIL_DELIVERED,
    MAIL_PROMISE_PASSED,
    MAIL_SHIPPED,
    NOBODY,
)

ORDER_EVENTS = (1 << MAIL_SHIPPED) | (1 << MAIL_DELIVERED) | (1 << MAIL_PROMISE_PASSED)


@rule
def reads(w, seller, kind):
    """Does some line of this seller's strategy name this kind of event?"""
    return w.strategies.reads[w.sellers.strategy[seller]] & (1 << kind) != 0


@rule
def somebody_looks(w):
    """Does any seller look at what happens to orders?"""
    for seller in range(w.now.n_sellers):
        if w.strategies.reads[w.sellers.strategy[seller]] & ORDER_EVENTS != 0:
            return True
    return False


@rule
def tell(w, row, order, kind):
    """The seller reads of it tomorrow."""
    o = w.orders
    send_mail(w, join(o.key[row], kind), o.seller[row], kind, order, NOBODY, 0)


@kernel
def notice(w, day):
    """Mail about every order that was dispatched or arrived today."""
    if not somebody_looks(w):
        return
    o = w.orders
    for order in range(w.now.oldest_order, w.now.n_orders):
        row = order_row(w, order)
        if o.trouble[row] == CANCELLED_ORDER:
            continue
        if o.dispatched[row] == day and reads(w, o.seller[row], MAIL_SHIPPED):
            tell(w, row, order, MAIL_SHIPPED)
        if o.delivered[row] == day and reads(w, o.seller[row], MAIL_DELIVERED):
            tell(w, row, order, MAIL_DELIVERED)
        waits = o.promised[row] == day and o.delivered[row] > day
        if waits and reads(w, o.seller[row], MAIL_PROMISE_PASSED):
            tell(w, row, order, MAIL_PROMISE_PASSED)
