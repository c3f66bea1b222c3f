"""Events that interventions wait for, recognised in the evening before they are settled.

An event is about to come to pass when what it will be made of lies in one of the day's sets and is
allowed: a basket, a draft, a revision, a message.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.births import event_of, key_of, next_change
from sim.config.intervention import When
from sim.phases import intervene
from sim.phases.settle import may_post
from sim.rules.display import is_low
from sim.rules.feedback import is_negative
from sim.state import FEEDBACK, NOBODY, NOT_SENT, REVIEW
from sim.world import World

if TYPE_CHECKING:
    from sim.engine import Engine


@dataclass
class Awaited:
    """An event that somebody waits for, and what is known of it."""

    when: When
    id: int | None = None
    """Id of the event, as soon as it is known."""
    day: int | None = None
    """Evening on which it came to pass."""
    kind: str = ""
    key: int = 0
    """What it was born of."""
    orders: int = 0
    """Orders of the seller so far, where the n-th is waited for."""


def comes_to_pass(event: Awaited, kind: str, key: int, today: int) -> None:
    event.kind, event.key, event.day = kind, key, today
    if event.id is None:
        event.id = event_of(kind, key)


def row_of(w: World, table: str, key: int) -> int | None:
    """Row of today's set in which a key stands, or None."""
    keys = getattr(w, table)["key"][: w.count(f"n_{table}")]
    rows = np.flatnonzero(keys == np.uint64(key))
    return int(rows[0]) if rows.size else None


def take_out(w: World, table: str, key: int) -> None:
    row = row_of(w, table, key)
    if row is not None:
        take_out_row(w, table, row)


def take_out_row(w: World, table: str, row: int) -> None:
    """Take a row out of one of the day's sets, whose order says nothing."""
    rows, n = getattr(w, table), w.count(f"n_{table}")
    rows[row : n - 1] = rows[row + 1 : n]
    w.now[f"n_{table}"] = n - 1


def basket_of(engine: Engine, event: Awaited) -> int | None:
    """The basket that will be the order waited for."""
    w = engine.world
    if event.id is not None:
        return row_of(w, "baskets", key_of("order", event.id))
    wanted = event.when.nth_order
    if wanted is None:
        return None
    baskets = w.baskets[: w.count("n_baskets")]
    sellers = np.where(
        baskets["offer"] < 0,
        w.listings["seller"][baskets["listing"]],
        w.offers["seller"][np.maximum(0, baskets["offer"])],
    )
    own = np.flatnonzero(sellers == engine.seller_names.index(wanted.seller))
    before, event.orders = event.orders, event.orders + own.size
    if not before < wanted.n <= event.orders:
        return None
    return int(own[np.argsort(baskets["key"][own])][wanted.n - before - 1])


def draft_of(engine: Engine, event: Awaited, today: int) -> tuple[str, int] | None:
    """The draft that will be the post waited for, and is allowed to be."""
    w = engine.world
    drafts = w.drafts[: w.count("n_drafts")]
    for row in np.argsort(drafts["key"]):
        kind = "feedback" if drafts["channel"][row] == FEEDBACK else "review"
        key = int(drafts["key"][row])
        if event.id is not None:
            wanted = key == key_of(kind, event.id)
        else:
            wanted = _is_named(engine, event.when, drafts[row])
        if wanted and may_post(w, row, today):
            return kind, key
    return None


def _is_named(engine: Engine, when: When, draft: np.void) -> bool:
    """Is a draft what the name of an event says, but for being the first?"""
    w, stars = engine.world, int(draft["stars"])
    feedback, one = draft["channel"] == FEEDBACK, int(w.p["channels"][0]) == 1
    seller = when.first_negative_feedback or when.first_feedback
    listing = when.first_negative_review or when.first_review
    if seller is not None and feedback:
        bad = is_negative(stars, int(w.p["feedback_negative_up_to"][0]))
        mine = int(draft["seller"]) == engine.seller_names.index(seller)
        return mine and (bad or when.first_feedback is not None)
    if listing is not None and (one or not feedback):
        mine = int(draft["listing"]) == engine.listing_names.index(listing)
        return mine and (is_low(stars) or when.first_review is not None)
    return False


def revision_of(engine: Engine, event: Awaited, today: int) -> tuple[str, int] | None:
    """The revision that will be the change or deletion waited for, and is allowed to be."""
    if event.id is None:
        return None
    w = engine.world
    wanted = {kind: key_of(kind, event.id) for kind in ("change", "deletion")}
    for i in range(w.count("n_revisions")):
        kind, key = _revision_event(w, i)
        if wanted[kind] == key and intervene.is_allowed(w, i, today):
            return kind, key
    return None


def _revision_event(w: World, i: int) -> tuple[str, int]:
    post = int(w.revisions["post"][i])
    key = int(w.posts["key"][post])
    if w.revisions["stars"][i] == 0:
        return "deletion", key
    return "change", next_change(key, int(w.posts["changes"][post]))


def revision_row(w: World, event: Awaited) -> int:
    rows = range(w.count("n_revisions"))
    return next(i for i in rows if _revision_event(w, i) == (event.kind, event.key))


def message_of(engine: Engine, event: Awaited, today: int) -> tuple[str, int] | None:
    """The message waited for, if it goes out tonight."""
    if event.id is None:
        return None
    w = engine.world
    key = key_of("contact", event.id)
    row = row_of(w, "outbox", key)
    if row is None or not NOT_SENT < w.outbox["due"][row] <= today:
        return None
    return "contact", key


def post_row(w: World, event: Awaited) -> int:
    """Row of the post that the event was, or NOBODY."""
    if event.kind not in ("feedback", "review"):
        return NOBODY
    posts = w.posts[: w.count("n_posts")]
    channel = FEEDBACK if event.kind == "feedback" else REVIEW
    same = (posts["key"] == np.uint64(event.key)) & (posts["channel"] == channel)
    rows = np.flatnonzero(same)
    return int(rows[0]) if rows.size else NOBODY


def order_of(w: World, key: int) -> int:
    """Id of a kept order by its key, or NOBODY."""
    ids = np.arange(w.count("oldest_order"), w.count("n_orders"))
    rows = np.flatnonzero(w.orders["key"][ids % w.orders.size] == np.uint64(key))
    return int(ids[rows[0]]) if rows.size else NOBODY
