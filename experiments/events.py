"""The events of a ledger, to be looked up one by one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from sim.state import NEVER

Ledger = Mapping[str, np.ndarray]
COLUMNS = (
    "event_id", "cause_id", "day", "kind", "what", "user", "seller", "listing", "order", "post",
    "channel", "stars", "stars_before", "described", "served", "shipped", "verified", "prompted_by",
    "value", "felt_service", "felt_product", "shown_stars", "shown_count", "position", "until",
    "shown", "examined",
)  # fmt: skip


@dataclass(frozen=True)
class Event:
    """One row of a ledger; None where it says nothing."""

    event_id: int
    cause_id: int | None
    day: int
    kind: str
    what: str | None = None
    user: int | None = None
    seller: str | None = None
    listing: str | None = None
    order: int | None = None
    post: int | None = None
    channel: str | None = None
    stars: int | None = None
    stars_before: int | None = None
    described: int | None = None
    served: int | None = None
    shipped: int | None = None
    verified: int | None = None
    prompted_by: int | None = None
    value: float | None = None
    felt_service: float | None = None
    felt_product: float | None = None
    shown_stars: float | None = None
    shown_count: int | None = None
    position: int | None = None
    until: int | None = None
    shown: int | None = None
    examined: tuple[str, ...] | None = None


MISSING = {
    **dict.fromkeys(("cause_id", "order", "post", "prompted_by", "stars", "stars_before"), 0),
    **dict.fromkeys(("described", "served", "shipped"), 0),
    **dict.fromkeys(("user", "verified", "shown_count", "position", "shown"), -1),
    **dict.fromkeys(("kind", "what", "seller", "listing", "channel"), ""),
    "until": -NEVER,
}
"""What stands in columns in memory where there is nothing to say; NaN in ``NUMBERS``."""
NUMBERS = ("value", "felt_service", "felt_product", "shown_stars")


class Events:
    """The events of one run, to be looked up; columns as ``sim.ledger`` makes them.

    Columns that a ledger lacks are missing in all its events.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._columns = {name: ledger[name] for name in COLUMNS if name in ledger}
        self._order = np.argsort(ledger["event_id"], kind="stable")
        self._ids = ledger["event_id"][self._order]

    def at(self, row: int) -> Event:
        """The event of a row."""
        return Event(**{name: _said(name, values[row]) for name, values in self._columns.items()})

    def find(self, event_id: int | None) -> Event | None:
        """The event of an id; None where the ledger has none."""
        if event_id is None:
            return None
        place = int(np.searchsorted(self._ids, np.uint64(event_id)))
        if place == len(self._ids) or int(self._ids[place]) != event_id:
            return None
        return self.at(int(self._order[place]))

    def where(self, after: int, until: int, **same: Any) -> list[Event]:
        """Events of days after ``after`` and up to ``until`` whose columns have these values.

        A tuple stands for any of its values. In the order of the ledger.
        """
        day = self._columns["day"]
        rows = np.flatnonzero((day > after) & (day <= until))
        for name, value in same.items():
            column = self._columns[name][rows]
            values = value if isinstance(value, tuple) else (value,)
            rows = rows[np.logical_or.reduce([column == one for one in values])]
        return [self.at(int(row)) for row in rows]

    def chain(self, event: Event) -> list[Event]:
        """The event and what led to it, the first cause first."""
        found, seen = [event], {event.event_id}
        while True:
            cause = self.find(found[-1].cause_id)
            if cause is None or cause.event_id in seen:
                return found[::-1]
            seen.add(cause.event_id)
            found.append(cause)

    def of_order(self, order: int | None) -> Event | None:
        """The order itself."""
        if order is None:
            return None
        rows = np.flatnonzero(self._columns["order"] == np.uint64(order))
        placed = rows[self._columns["kind"][rows] == "order"]
        return self.at(int(placed[0])) if len(placed) else None

    def bought_on(self, trip: Event) -> Event | None:
        """The order that a trip ended with, if it did."""
        rows = np.flatnonzero(self._columns["cause_id"] == np.uint64(trip.event_id))
        placed = rows[self._columns["kind"][rows] == "order"]
        return self.at(int(placed[0])) if len(placed) else None


def _said(name: str, value: Any) -> Any:
    """A value of a row as Python has it; None where it is missing."""
    if value is None or (name in MISSING and value == MISSING[name]):
        return None
    if name == "examined":
        return tuple(map(str, value))
    if name in NUMBERS:
        return float(value) if np.isfinite(value) else None
    return value if isinstance(value, str) else int(value)
