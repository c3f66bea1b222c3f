"""Arms that are lived again, and the events in them that concern somebody."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from experiments.event_words import Context
from experiments.events import Event, Events, Ledger
from experiments.replay import Result, replay
from sim.engine import Engine

OF_THE_STORE = ("entry", "exit", "setting", "state", "enforcement")
"""Kinds of events that concern all listings of a store."""


@dataclass(frozen=True)
class Life:
    """One replicate of one arm, lived to its end."""

    arm: str
    engine: Engine
    ledger: Ledger
    events: Events

    @property
    def n_buyers(self) -> int:
        """Users from this number on never buy here."""
        return self.engine.config.buyers.count

    @property
    def n_users(self) -> int:
        """All users."""
        return self.n_buyers + self.engine.config.non_buying_users.count

    def context(self, *unsaid: str) -> Context:
        """What sentences may draw on, private satisfaction among it."""
        cuts = self.engine.config.judging.cuts
        return Context(self.events, cuts, self.n_buyers, frozenset(unsaid))

    def at(self, rows: Iterable[int]) -> list[Event]:
        """Events of rows, in the order of the ledger."""
        return [self.events.at(int(row)) for row in sorted(set(rows))]

    def has_order(self, order: int) -> bool:
        """Was it ever placed?"""
        placed = self.ledger["kind"] == "order"
        return 0 < order < 2**64 and bool((self.ledger["order"][placed] == np.uint64(order)).any())


def live(result: Result, arm: str, replicate: int) -> Life:
    """Live one arm again. Raises UserError where it cannot be."""
    lived = replay(result, arm, replicate)
    return Life(arm, lived.engine, lived.ledger, Events(lived.ledger))


def of_user(life: Life, user: int) -> list[Event]:
    """What a user did, and what was done to it."""
    return life.at(np.flatnonzero(life.ledger["user"] == user))


def of_order(life: Life, order: int, trip: int | None) -> list[Event]:
    """The trip, the order and all that came of it; the trip alone where nothing was bought."""
    ledger = life.ledger
    rows = np.flatnonzero(ledger["order"] == np.uint64(order)).tolist()
    posts = np.unique(ledger["post"][rows])
    rows += np.flatnonzero(np.isin(ledger["post"], posts[posts != 0])).tolist()
    if trip is not None:
        rows += np.flatnonzero(ledger["event_id"] == np.uint64(trip)).tolist()
    return life.at(rows)


def of_listing(life: Life, listing: str, seller: str) -> list[Event]:
    """What concerns a listing: trips that looked at it, its orders and posts, its store."""
    ledger, kind = life.ledger, life.ledger["kind"]
    rows = np.flatnonzero(ledger["listing"] == listing).tolist()
    store = (ledger["seller"] == seller) & (ledger["listing"] == "") & np.isin(kind, OF_THE_STORE)
    rows += np.flatnonzero(store).tolist()
    trips, examined = np.flatnonzero(kind == "trip"), ledger["examined"]
    rows += [row for row in trips.tolist() if listing in (examined[row] or ())]
    return life.at(rows)
