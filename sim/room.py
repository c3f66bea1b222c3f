"""Making room: arrays grow between phases, never inside them.

Each phase states how much it may append; the market sees to the room before it starts.
"""

from __future__ import annotations

import numpy as np

from sim.memory import zeros
from sim.phases.morning import begin, move_orders
from sim.phases.notice import ORDER_EVENTS
from sim.rules.attention import MAX_EXAMINED
from sim.state import BUY_REVIEWS, DUE_BLOCK, NEVER, NOBODY, ORDER, TRAIL, WIPE_REVIEWS
from sim.world import World


def grown(array: np.ndarray, rows: int, axis: int = 0) -> np.ndarray:
    """The array with at least ``rows`` rows along an axis: itself, or a larger copy."""
    if array.shape[axis] >= rows:
        return array
    shape = list(array.shape)
    shape[axis] = max(rows, shape[axis] + shape[axis] // 2)
    larger = zeros(tuple(shape), array.dtype)
    larger[tuple(slice(n) for n in array.shape)] = array
    return larger


def with_room(w: World, **rows: int) -> None:
    """Give the named tables at least so many rows."""
    for name, n in rows.items():
        array = getattr(w, name)
        if array.shape[0] < n:
            w.replace(**{name: grown(array, n)})


def for_the_morning(w: World, day: int) -> None:
    """List who acts today, with room for whatever shopping may add."""
    begin(w, day)
    trips, due = w.count("n_trips"), w.count("n_due")
    if trips > w.trips.size or due > w.due_today.size:
        with_room(w, trips=trips, due_today=due)
        begin(w, day)
    for_more_events(w, trips + 6 * due + 4 * w.count("n_arrivals"), looks=trips)
    with_room(
        w,
        baskets=trips,
        encounters=trips * MAX_EXAMINED,
        outbox=contacts_of_a_day(w),
        revisions=w.count("n_revisions") + w.count("n_arrivals"),
    )


def contacts_of_a_day(w: World) -> int:
    """At most so many contacts are written today: every line on every mail, and those put off."""
    lines = max(1, int(w.strategies["count"].max()))
    mails = w.count("n_inbox") + w.count("n_sellers")  # a look at the own store is like a mail
    return mails * lines + w.count("n_pending")


def for_speaking(w: World) -> None:
    """After shopping: room for posts of orders and of encounters, and for complaints."""
    drafts = w.count("n_drafts") + 2 * w.count("n_due") + w.count("n_encounters")
    claims = w.count("n_due") + w.count("n_arrivals")
    with_room(
        w,
        drafts=drafts,
        mail=w.count("n_mail") + w.count("n_due") + claims + drafts,
        troubles=2 * claims,  # each may bring a complaint or claim, and a return
    )


def for_more_events(w: World, more: int, looks: int = 0) -> None:
    """Room for so many more events in the ledger, if one is kept, and for looks of the day."""
    if w.log["on"][0]:
        with_room(w, events=int(w.log["n_events"][0]) + more + 1, looks=looks)


def events_of_an_evening(w: World) -> int:
    """At most so many events are noted in the platform's turn."""
    sellers, listings = w.count("n_sellers"), w.count("n_listings")
    penalties = w.gates.size * (1 + w.penalties.size) + w.points_steps.size * w.penalties.size
    per_act = 6 + 2 * w.penalties.size  # a message, a remedy or two, found out, its penalties
    acts = w.count("n_outbox") + 2 * reviews_bought_today(w)
    posts = w.count("n_posts") if (w.penalties["do"] == WIPE_REVIEWS).any() else 0
    if w.count("first_bought") > 0:
        posts += w.count("n_posts") - w.count("first_bought") + 1
    return (
        2 * w.count("n_baskets")
        + int(w.sellers["queue"][:sellers].sum())
        + 2 * w.count("n_drafts")  # with the default that it replaces
        + w.count("n_revisions")
        + w.count("n_posts")
        - w.count("n_struck")
        + w.count("n_hidden")
        + 2 * w.count("n_troubles")
        + w.count("n_due")
        + acts * per_act
        + posts
        + (sellers + listings) * (4 + penalties)
    )


def for_the_evening(w: World) -> None:
    """Before the platform's turn: room for new orders, posts, mail and contacts."""
    orders = w.count("n_orders") - w.count("oldest_order") + w.count("n_baskets")
    if orders > w.orders.size:
        _more_orders(w, orders)
    contacts = w.count("n_pending") + w.count("n_outbox")
    mail = w.count("n_mail") + w.count("n_drafts") + w.count("n_hidden")
    if (w.strategies["reads"] & ORDER_EVENTS).any():
        mail += 3 * orders
    if w.log["on"][0]:
        for_more_events(w, events_of_an_evening(w))
    with_room(
        w,
        posts=w.count("n_posts") + w.count("n_drafts") + reviews_bought_today(w),
        hidden=w.count("n_hidden") + w.count("n_drafts"),
        drafts=1,
        mail=mail,
        inbox=mail,
        pending=contacts,
        arrivals=contacts,
    )


def reviews_bought_today(w: World) -> int:
    """At most so many bought reviews appear tonight."""
    if not w.lines["reviews"].any():
        return 0
    rows = w.outbox[: w.count("n_outbox")]
    buys = rows[(rows["kind"] == BUY_REVIEWS) & (rows["line"] != NOBODY)]
    return int(w.lines["reviews"][buys["line"]].sum())


def _more_orders(w: World, rows: int) -> None:
    """A larger ring of orders; every kept order moves to its row in the new one."""
    size, newest = rows + rows // 8, w.count("n_orders") - 1
    # Rows that the morning has listed are others in the new ring.
    listed = w.due_today[: w.count("n_due")]
    listed[:] = (newest - (newest - listed) % w.orders.size) % size
    made = empty_orders(size)
    move_orders(w, made["orders"], made["due"])
    if w.log["on"][0]:
        kept = np.arange(w.count("oldest_order"), w.count("n_orders"))
        trails = np.zeros(size, TRAIL)
        trails[kept % size] = w.trails[kept % w.orders.size]
        w.replace(trails=trails)
    w.replace(**made)


def empty_orders(size: int) -> dict[str, np.ndarray]:
    """An empty ring of orders, its column of due days, and what says where to look for them."""
    due = zeros(size, np.int16)
    due[:] = NEVER
    unknown = np.full(-(-size // DUE_BLOCK), -NEVER, np.int16)
    return {"orders": zeros(size, ORDER), "due": due, "due_blocks": unknown}
