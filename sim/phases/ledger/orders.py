"""Trips, orders and what goes wrong with them, as they are noted."""

from sim.draws import join
from sim.events import (
    BY_ITS_SELLER,
    BY_THE_PLATFORM,
    CAME_DAMAGED,
    CAME_WRONG,
    CATEGORIES,
    CHARGEBACK,
    CLAIMED,
    COMPLAINT,
    DELIVERY,
    DISPATCH,
    GRANTED,
    NO_EVENT,
    NOT_ANSWERED,
    OPENED,
    ORDERED,
    PLAIN,
    SENT_IN,
    TRIP,
    UNTRACKED_PARCEL,
    WAS_CANCELLED,
    event_id,
)
from sim.jit import kernel
from sim.phases.ledger.basics import SECOND_OF_ITS_KIND, about_order, felt, note, show_seen
from sim.state import BY_PLATFORM, DAMAGED_ITEM, NOBODY, UNTRACKED, WRONG


@kernel
def note_trip(w, trip, at, n_examined, shown):
    """A trip: what stood on the opened pages, and what of it is in view from ``at`` on."""
    if w.log.on == 0:
        return
    n, look = note(w, TRIP, w.trips.key[trip], NO_EVENT, PLAIN), w.log.n_looks
    w.events.user[n], w.events.shown[n], w.events.look[n] = w.trips.user[trip], shown, look
    w.events.what[n] = CATEGORIES + w.trips.category[trip]
    w.log.n_looks = look + 1
    for k in range(w.looks.shape[1]):
        w.looks[look, k] = w.in_view[at + k] if k < n_examined else NOBODY


@kernel
def note_order(w, row):
    """A new order, and what its buyer saw of the listing."""
    if w.log.on == 0:
        return
    o, e, key = w.orders, w.events, w.orders.key[row]
    by_platform = o.by[row] & BY_PLATFORM != 0
    what = BY_THE_PLATFORM if by_platform else BY_ITS_SELLER
    n = note(w, ORDERED, key, event_id(TRIP, key), what)
    about_order(w, n, row)
    e.value[n], e.until[n] = o.price[row] / 100.0, o.promised[row]
    show_seen(w, n, o.seen_stars[row], o.seen_count[row], o.seen_position[row])
    w.trails.last[row] = e.id[n]
    w.trails.feedback_by[row], w.trails.review_by[row] = NO_EVENT, NO_EVENT


@kernel
def note_served(w, row, given, day):
    """An order has left its seller's queue: to be dispatched on a day, or cancelled.

    ``given``: cents given back with a cancellation, else negative.
    """
    if w.log.on == 0:
        return
    o, e, key = w.orders, w.events, w.orders.key[row]
    n = note(w, DISPATCH, key, event_id(ORDERED, key), PLAIN)
    about_order(w, n, row)
    if given >= 0:
        e.what[n], e.value[n] = WAS_CANCELLED, given / 100.0
        w.trails.last[row] = e.id[n]
    else:
        e.until[n] = o.dispatched[row]
        if o.happened[row] & UNTRACKED != 0:
            e.what[n] = UNTRACKED_PARCEL


@kernel
def note_delivery(w, row):
    """The parcel has arrived."""
    if w.log.on == 0:
        return
    key, trouble, what = w.orders.key[row], w.orders.trouble[row], PLAIN
    if trouble == DAMAGED_ITEM:
        what = CAME_DAMAGED
    elif trouble == WRONG:
        what = CAME_WRONG
    n = note(w, DELIVERY, key, event_id(DISPATCH, key), what)
    about_order(w, n, row)
    w.trails.last[row] = w.events.id[n]


@kernel
def note_complaint(w, row, unanswered):
    """A complaint goes to the seller; or the platform's deadline passes without an answer."""
    if w.log.on == 0:
        return
    key = w.orders.key[row]
    if unanswered:
        own = join(key, SECOND_OF_ITS_KIND)
        n = note(w, COMPLAINT, own, event_id(COMPLAINT, key), NOT_ANSWERED)
    else:
        n = note(w, COMPLAINT, key, w.trails.last[row], PLAIN)
        felt(w, n, row)
    about_order(w, n, row)
    w.trails.last[row] = w.events.id[n]


@kernel
def note_claim_opened(w, row):
    """A claim is filed with the platform."""
    if w.log.on == 0:
        return
    n = note(w, CLAIMED, w.orders.key[row], w.trails.last[row], OPENED)
    about_order(w, n, row)
    w.trails.last[row] = w.events.id[n]


@kernel
def note_claim_decided(w, row, what, given):
    """A claim is granted, refused or paid by the platform; or the card issuer has taken the money
    back (no claim was opened then). ``given``: cents."""
    if w.log.on == 0:
        return
    key = w.orders.key[row]
    cause = w.trails.last[row] if what == CHARGEBACK else event_id(CLAIMED, key)
    n = note(w, CLAIMED, join(key, SECOND_OF_ITS_KIND), cause, what)
    about_order(w, n, row)
    w.events.value[n] = given / 100.0
    w.trails.last[row] = w.events.id[n]
    if what == GRANTED or what == CHARGEBACK:
        w.seller_trails.worse[w.orders.seller[row]] = w.events.id[n]


@kernel
def note_return(w, row, given):
    """The item is sent back; ``given``: cents."""
    if w.log.on == 0:
        return
    key = w.orders.key[row]
    n = note(w, SENT_IN, key, event_id(DELIVERY, key), PLAIN)
    about_order(w, n, row)
    w.events.value[n] = given / 100.0
    w.trails.last[row] = w.events.id[n]
