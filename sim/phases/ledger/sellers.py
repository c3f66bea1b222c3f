"""What sellers set, and what the platform does to them, as they are noted."""

import numpy as np

from sim.draws import join
from sim.events import (
    A_MESSAGE,
    A_PENALTY,
    A_STATE,
    ENFORCEMENT,
    EXIT,
    FORBIDDEN,
    FOUND_OUT_ACT,
    NO_EVENT,
    PLAN_ACCEPTED,
    PLAN_REFUSED,
    PRICE,
    SETTING,
    STATE,
)
from sim.jit import kernel
from sim.phases.common import day_word
from sim.phases.ledger.basics import SECOND_OF_ITS_KIND, note
from sim.state import CLOSED, LEFT, NOBODY, ODR_ABOVE, STATE_IS


@kernel
def note_set(w, i):
    """Contact i of the outbox sets something of its seller's store; holds from tomorrow."""
    if w.log.on == 0:
        return
    a, e, seller, line = w.outbox, w.events, w.outbox.seller[i], w.outbox.line[i]
    cause, when = NO_EVENT, w.lines.when[line]
    if when == ODR_ABOVE:
        cause = w.seller_trails.worse[seller]
    elif when == STATE_IS:
        cause = w.seller_trails.state[seller]
    place = line - w.strategies.first[w.sellers.strategy[seller]]
    key = join(join(w.sellers.key[seller], place), day_word(w.now.day))
    n = note(w, SETTING, key, cause, A_MESSAGE + a.kind[i])
    e.seller[n], e.until[n] = seller, w.now.day + 1
    if w.lines.pause_days[line] > 0:
        e.until[n] = w.now.day + w.lines.pause_days[line]
    w.seller_trails.set[seller] = e.id[n]


@kernel
def note_price(w, listing, offer, day):
    """The price of a listing, or of another seller's offer on it, holds from ``day`` on."""
    if w.log.on == 0:
        return
    key = w.listings.key[listing] if offer < 0 else w.offers.key[offer]
    seller = w.listings.seller[listing] if offer < 0 else w.offers.seller[offer]
    cents = w.listings.price[listing] if offer < 0 else w.offers.price[offer]
    cause = w.seller_trails.set[seller]
    n = note(w, SETTING, join(key, day_word(day)), cause, PRICE)
    w.events.seller[n], w.events.listing[n] = seller, listing
    w.events.value[n], w.events.until[n] = cents / 100.0, day


@kernel
def note_found_out(w, seller, key, cause, found):
    """An act that the platform forbids, and whether it found out. ``key``: of the act."""
    if w.log.on == 0:
        return
    n = note(w, ENFORCEMENT, key, cause, FORBIDDEN)
    w.events.seller[n] = seller
    if found:
        n = note(w, ENFORCEMENT, join(key, SECOND_OF_ITS_KIND), w.events.id[n], FOUND_OUT_ACT)
        w.events.seller[n] = seller
        w.seller_trails.worse[seller] = w.events.id[n]


@kernel
def note_penalty(w, seller, listing, k, last):
    """Penalty k on a seller, or on one of its listings, until a day."""
    if w.log.on == 0:
        return
    cause = w.seller_trails.worse[seller]
    born = w.sellers.key[seller] if listing == NOBODY else w.listings.key[listing]
    key = join(join(join(born, k), day_word(w.now.day)), cause)
    n = note(w, ENFORCEMENT, key, cause, A_PENALTY + w.penalties.do[k])
    w.events.seller[n], w.events.listing[n] = seller, listing
    w.events.value[n], w.events.until[n] = w.penalties.amount[k], last


@kernel
def note_plan(w, seller, accepted):
    """The platform has decided on a plan of action."""
    if w.log.on == 0:
        return
    key = join(w.sellers.key[seller], w.sellers.plans_sent[seller])
    what = PLAN_ACCEPTED if accepted else PLAN_REFUSED
    n = note(w, ENFORCEMENT, key, w.seller_trails.state[seller], what)
    w.events.seller[n] = seller


@kernel
def note_state(w, seller, before, orders, defects):
    """An account is in another state tonight; who is closed or has left goes.

    Nothing in the market makes a store leave.
    """
    if w.log.on == 0:
        return
    after, t = w.sellers.state[seller], w.seller_trails
    key = join(w.sellers.key[seller], day_word(w.now.day))
    worse = after > before and t.worse[seller] != NO_EVENT
    cause = t.worse[seller] if worse else t.state[seller]
    if after == LEFT:
        cause = NO_EVENT
    n = note(w, STATE, key, cause, A_STATE + after)
    w.events.seller[n] = seller
    w.events.value[n] = defects / orders if orders > 0 else np.nan
    t.state[seller] = w.events.id[n]
    if after >= CLOSED:
        n = note(w, EXIT, w.sellers.key[seller], t.state[seller], A_STATE + after)
        w.events.seller[n] = seller
