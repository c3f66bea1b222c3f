"""Which event it is: found in a ledger by its id, and by its role in other replicates.

An event has the same id in every arm of a replicate, but other replicates have other events. What
they may have is one that plays the same part: the tenth order of a seller, the second negative
review of a listing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from experiments.mistakes import UserError
from sim.config.market import Market
from sim.ledger import Columns
from sim.rules.display import is_low

DROPPED = ("order", "feedback", "review", "contact", "change", "deletion")
"""Kinds of events without which a market can be lived again."""
FLIPPED = ("feedback", "review", "change")
"""Kinds of events that say how many stars."""
OTHERS_DOING = {
    "feedback": ("default",),
    "review": ("bought",),
    "change": ("softer words", "harsher words"),
    "deletion": ("with the return",),
}
"""Of these kinds, what is no act of an author, or not settled as one."""
BY_INTERVENTION = "by intervention"


@dataclass(frozen=True)
class Role:
    """The ``k``-th event of a kind that a seller or a listing has after the warm-up."""

    kind: str
    k: int
    owner: str
    """``seller`` or ``listing``"""
    name: str
    negative: bool = False
    what: str = ""
    """Of messages: which; of changes and deletions: of feedback, or of a review."""

    def __str__(self) -> str:
        which = f"{self.what} " if self.kind == "contact" else "negative " * self.negative
        noun = "message" if self.kind == "contact" else self.kind
        of_what = f" of {self.what}" if self.kind in ("change", "deletion") else ""
        link = {"feedback": "for", "contact": "from"}.get(self.kind, "of")
        if of_what:
            link = "for"
        return f"{which}{noun}{of_what} number {self.k:,} {link} {self.name}"


def find(ledger: Columns, event: int, where: str) -> dict[str, Any]:
    """The event of an id, as a row. Raises UserError where there is none in the run ``where``."""
    rows = np.flatnonzero(ledger["event_id"] == np.uint64(event))
    if rows.size == 0:
        said = "allowed: an event_id of that run, as in ledger.parquet (record: ledger)"
        raise UserError(f"event {event} does not happen in {where}; {said}")
    return {name: _plain(column[rows[0]]) for name, column in ledger.items()}


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def refuse(row: dict[str, Any], market: Market, *, flip: bool) -> None:
    """Raises UserError for an event that cannot be dropped, or flipped."""
    kind, what = str(row["kind"]), str(row["what"])
    known, do = (FLIPPED, "flipped") if flip else (DROPPED, "dropped")
    found = f"event {row['event_id']} is a {kind}" + (f" ({what})" if what else "")
    if kind not in known:
        raise UserError(f"{found}; allowed to be {do}: {', '.join(known)}")
    if what in OTHERS_DOING.get(kind, ()) or what == BY_INTERVENTION:
        raise UserError(f"{found}, which is nobody's own act; allowed to be {do}: those that are")
    if row["day"] <= market.warm_up:
        said = f"{found} of day {row['day']}; allowed: after the warm-up, which ends with day "
        raise UserError(f"{said}{market.warm_up}")


def role_of(ledger: Columns, row: dict[str, Any], market: Market) -> Role:
    """The part that an event plays in its run."""
    kind = str(row["kind"])
    owner = "listing" if kind == "review" else "seller"
    negative = kind in ("feedback", "review") and _is_negative(kind, int(row["stars"]), market)
    what = str(row["what"]) if kind == "contact" else ""
    if kind in ("change", "deletion"):
        what = "a review" if row["channel"] == "review" else "feedback"
    role = Role(kind, 0, owner, str(row[owner]), negative, what)
    rows = _played(ledger, role, market)
    place = ledger["event_id"][rows].tolist().index(row["event_id"])
    return Role(**{**role.__dict__, "k": place + 1})


def event_in_role(ledger: Columns, role: Role, market: Market) -> int | None:
    """Id of the event that plays a part in another run; None where there is none."""
    rows = _played(ledger, role, market)
    return int(ledger["event_id"][rows[role.k - 1]]) if len(rows) >= role.k else None


def _is_negative(kind: str, stars: int, market: Market) -> bool:
    if kind == "feedback":
        return stars <= market.platform.feedback.negative_up_to
    return bool(is_low(stars))


def _played(ledger: Columns, role: Role, market: Market) -> np.ndarray:
    """Rows of the events of which the role is the k-th, in the order in which they happened."""
    rows = np.flatnonzero(
        (ledger["kind"] == role.kind)
        & (ledger[role.owner] == role.name)
        & (ledger["day"] > market.warm_up)
    )
    kept = [i for i in rows.tolist() if _fits(ledger, i, role, market)]
    key = {"order": "order", "feedback": "post", "review": "post"}.get(role.kind, "event_id")
    kept.sort(key=lambda i: (int(ledger["day"][i]), int(ledger[key][i])))
    return np.array(kept, np.int64)


def _fits(ledger: Columns, i: int, role: Role, market: Market) -> bool:
    what = str(ledger["what"][i])
    if role.kind == "contact":
        return what == role.what
    if what in OTHERS_DOING.get(role.kind, ()) or what == BY_INTERVENTION:
        return False
    if role.kind in ("change", "deletion"):
        return bool((ledger["channel"][i] == "review") == (role.what == "a review"))
    if role.negative:
        return _is_negative(role.kind, int(ledger["stars"][i]), market)
    return True
