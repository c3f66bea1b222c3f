"""The events behind a part of a change: which ones, and the chain of causes of the one that counts.

An explanation of a sum ends with what happened: the order that was late, the review that came of
it, the penalty. Where no single event is behind a part, that is said in place of a chain.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from experiments.events import Event, Events
from experiments.explain.evenings import Evening
from experiments.explain.places import Pass, PlaceChange
from sim.phases.platform import SCORE_PARTS


@dataclass(frozen=True)
class Reason:
    """What is behind a part: a sentence, and the chain of events of the one that stands for it."""

    text: str
    chain: tuple[Event, ...] = ()


@dataclass(frozen=True)
class Between:
    """Two evenings of a run and its events."""

    before: Evening
    after: Evening
    events: Events

    @property
    def days(self) -> tuple[int, int]:
        """The two days."""
        return self.before.day, self.after.day

    def happened(self, **same: Any) -> list[Event]:
        """Events after the first evening and up to the second."""
        return self.events.where(*self.days, **same)

    def reason(self, text: str, events: Sequence[Event]) -> Reason:
        """A sentence with the chain of the last of some events, if there are any."""
        return Reason(text, tuple(self.events.chain(events[-1])) if events else ())

    def fact(self, listing: str, part: str) -> tuple[float, float]:
        """What a part of a listing's score is made from, on both evenings."""
        row, category = SCORE_PARTS.index(part), self.after.category(listing) or ""
        places = (e.results[category].place(listing) for e in (self.before, self.after))
        old, new = (place.facts[row] if place else np.nan for place in places)
        return float(old), float(new)


def behind_place(change: PlaceChange, between: Between) -> Reason | None:
    """What is behind the largest part of a change of position; None where there is no part."""
    if not change.stays:
        return on_or_off(change.listing, between)
    largest = change.largest()
    if largest is None:
        return None
    if largest.how in ("entered above", "left above"):
        return on_or_off(largest.rival, between)
    return behind_pass(change.listing, largest, between)


def behind_pass(listing: str, passed: Pass, between: Between) -> Reason | None:
    """What is behind the part of the scores that did most for a pass; None for a tie."""
    if passed.most is None:
        return None
    who, part = passed.rival if passed.by_rival else listing, SCORE_PARTS[passed.most]
    old, new = between.fact(who, part)
    if old == new and part not in ("velocity", "conversion"):
        return Reason(
            f"Nothing changed that this part of {who}'s score is made from: scores are scaled "
            "within the category, so it moved as the category did."
        )
    return BEHIND[part](who, between)


def on_or_off(listing: str, between: Between) -> Reason:
    """Why a listing came on sale, or is there no more."""
    then, now = (e.off.get(listing) for e in (between.before, between.after))
    if listing not in between.before.sellers:
        came = between.events.where(
            -between.days[1], between.days[1], kind="entry", listing=listing
        )
        return between.reason(f"{listing} is new.", [e for e in came if e.what != "offer"])
    seller = between.after.sellers[listing]
    about = [
        event
        for event in between.happened(
            seller=seller, kind=("state", "exit", "enforcement", "setting")
        )
        if event.listing in (None, listing) and (event.kind != "setting" or event.what == "pause")
    ]
    if now is not None:
        return between.reason(f"{listing} is off sale: {now}.", about)
    said = f"on the evening of day {between.days[0]} it was not, as {then}"
    return between.reason(f"{listing} is on sale again; {said}.", about)


def _orders(listing: str, between: Between) -> Reason:
    """Behind velocity and conversion: what sold."""
    first, last = between.days
    orders = between.happened(kind="order", listing=listing)
    ago = between.events.where(2 * first - last, first, kind="order", listing=listing)
    old, new = between.fact(listing, "velocity")
    before, after = map(share, between.fact(listing, "conversion"))
    said = (
        f"{listing} had {counted(len(orders), 'order')} on days {first + 1} to {last} and "
        f"{len(ago):,} in as many days before. Its recent orders, of which the older ones fade, "
        f"went from {old:.1f} to {new:.1f}; of those who looked at it lately {before} had bought "
        f"on the first evening, {after} on the second."
    )
    if new <= old or not orders:
        return Reason(f"{said} No single event is behind sales that were not made.")
    return between.reason(f"{said} The last of these orders:", orders)


def _reviews(listing: str, between: Between) -> Reason:
    """Behind stars and count: what was said, changed, deleted and removed."""
    (s0, s1), (n0, n1) = (between.fact(listing, part) for part in ("stars", "count"))
    said = f"{listing} had {_with_stars(n0, s0)}, and has {_with_stars(n1, s1)}."
    moved = _moved_stars(listing, between)
    if not moved:
        return Reason(f"{said} None came, changed or was taken back: old ones fade, or leave.")
    new = Counter(e.stars for e in moved if e.kind in ("review", "feedback"))
    came = [f"{counted(n, 'review')} of {counted(s or 0, 'star')}" for s, n in sorted(new.items())]
    other = Counter(e.kind for e in moved if e.kind in ("change", "deletion", "removal"))
    came += [counted(n, kind) for kind, n in other.items()]
    # The one that drew the mean furthest the way it went; of several the latest.
    sign = np.sign(s1 - s0) if np.isfinite(s1 - s0) else 1.0
    mean = s0 if np.isfinite(s0) else s1
    drawn = sorted(moved, key=lambda e: (sign * _pull(e, mean), e.day))
    return between.reason(f"{said} In between: {', '.join(came)}. The one that counts most:", drawn)


def _with_stars(n: float, mean: float) -> str:
    return f"{counted(int(n), 'review')} with {mean:.2f} stars in the mean" if n else "no review"


def _moved_stars(listing: str, between: Between) -> list[Event]:
    """Posts about a listing that came into the display, changed or went, between the evenings."""
    first, last = between.days
    kinds = ("review", "feedback", "change", "deletion", "removal")
    about = between.events.where(-last - 10_000, last, kind=kinds, listing=listing)
    about = [e for e in about if first < counts_from(e) <= last and e.what != "default"]
    reviews = [e for e in about if e.channel == "review"]
    return reviews or about  # one channel for both


def _pull(event: Event, mean: float) -> float:
    """By how many stars an event draws a mean up."""
    if event.kind in ("review", "feedback"):
        return (event.stars or mean) - mean
    if event.kind == "change":
        return (event.stars or mean) - (event.stars_before or mean)
    return mean - (event.stars_before or mean)


def counts_from(event: Event) -> int:
    """The first day on whose evening a post counts, or what became of it."""
    of_post = event.kind in ("review", "feedback")
    return event.until if of_post and event.until is not None else event.day


def _price(listing: str, between: Between) -> Reason:
    old, new = between.fact(listing, "price")
    said = f"The price that shoppers see of {listing} went from ${old:,.2f} to ${new:,.2f}."
    set_ = between.happened(kind="setting", what="price", listing=listing)
    if not set_:
        return Reason(f"{said} It is another seller's offer.")
    return between.reason(said, set_)


def _new(listing: str, between: Between) -> Reason:
    age = int(between.fact(listing, "new")[1])
    came = between.events.where(-10_000, between.days[1], kind="entry", listing=listing)
    said = f"{listing} was {counted(age, 'day')} old, and the boost of new listings fades with age."
    return between.reason(said, [e for e in came if e.what != "offer"])


def _exposure(listing: str, between: Between) -> Reason:
    old, new = between.fact(listing, "exposure")
    said = f"The platform's factor on how high {listing} is placed went from {old:g} to {new:g}."
    seller = between.after.sellers[listing]
    acts = between.happened(kind="enforcement", what="exposure", seller=seller)
    acts = [e for e in acts if e.listing in (None, listing)]
    if not acts:
        return Reason(f"{said} A penalty or an advantage has ended.")
    return between.reason(said, acts)


def _relevance(listing: str, between: Between) -> Reason:
    old, new = between.fact(listing, "relevance")
    return Reason(f"The relevance of {listing} went from {old:.2f} to {new:.2f}.")


BEHIND: dict[str, Callable[[str, Between], Reason]] = {
    "new": _new,
    "relevance": _relevance,
    "velocity": _orders,
    "conversion": _orders,
    "stars": _reviews,
    "count": _reviews,
    "price": _price,
    "exposure": _exposure,
}


def counted(n: int, noun: str) -> str:
    """``1 order``, ``3 orders``."""
    return f"{n:,} {noun}{'s' * (n != 1)}"


def share(value: float) -> str:
    """``4.1 %``; "none" where nobody looked."""
    return f"{100 * value:.1f} %" if np.isfinite(value) else "none"
