"""Why a listing's position changed: who passed it and whom it passed, who came and who left.

A position is one more than the number of listings on sale with a better place, so between two
evenings it changes by those that came to lie above it minus those that lay above it and do no
more: position change = passed me − passed by me + entered above − left above. Off sale a listing
has no place in the results; its position then is the last plus one, and coming on sale or leaving
it is a part of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from sim.phases.platform import SCORE_PARTS

How = Literal["passed me", "passed by me", "entered above", "left above"]
HOWS: dict[How, int] = {"passed me": 1, "passed by me": -1, "entered above": 1, "left above": -1}
"""What can happen between two listings, and what it adds to the position."""


@dataclass(frozen=True)
class Results:
    """The search results of a category as an evening left them."""

    day: int
    listings: tuple[str, ...]
    """All of the category, on sale or not; arrays have an entry for each."""
    on_sale: np.ndarray
    position: np.ndarray
    score: np.ndarray
    """NaN off sale, as ``parts``."""
    parts: np.ndarray
    """[SCORE_PARTS, listing]; a listing's parts add up to its score."""
    facts: np.ndarray
    """What each part is made from, see ``FACTS``."""

    def place(self, listing: str) -> Place | None:
        """How a listing stands; None before it was there."""
        if listing not in self.listings:
            return None
        k = self.listings.index(listing)
        return Place(
            bool(self.on_sale[k]),
            int(self.position[k]),
            float(self.score[k]),
            self.parts[:, k].copy(),
            self.facts[:, k].copy(),
        )

    def above(self, position: int) -> set[str]:
        """Listings on sale with a better place."""
        better = self.on_sale & (self.position < position)
        return {self.listings[k] for k in np.flatnonzero(better)}

    def sold(self) -> set[str]:
        """Listings on sale."""
        return {self.listings[k] for k in np.flatnonzero(self.on_sale)}


@dataclass(frozen=True)
class Place:
    """How one listing stands on an evening."""

    on_sale: bool
    position: int
    score: float
    parts: np.ndarray
    facts: np.ndarray


@dataclass(frozen=True)
class Pass:
    """A rival that lies on the other side of the listing than before."""

    rival: str
    how: How
    own: np.ndarray
    """What each part added to the change of the listing's own score."""
    its: np.ndarray
    """The same of the rival's; NaN where it was off sale on one of the evenings."""
    leads: tuple[float, float]
    """The rival's score minus the listing's, on both evenings; NaN off sale."""

    @property
    def by_score(self) -> bool:
        """Do the scores of both evenings order the two as they stood? Not where an intervention
        sets positions."""
        sign = HOWS[self.how]
        return sign * self.leads[0] <= 0.0 <= sign * self.leads[1]

    @property
    def gap(self) -> np.ndarray:
        """What each part added to the rival's lead over the listing."""
        return self.its - self.own

    @property
    def size(self) -> float:
        """By how much the lead changed; 0 where there was none on one evening."""
        return abs(float(np.nansum(self.gap)))

    @property
    def most(self) -> int | None:
        """The part (its place in SCORE_PARTS) that did most for it; None where none did."""
        if not self.by_score:
            return None
        toward = HOWS[self.how] * np.nan_to_num(self.gap)
        best = int(np.argmax(toward))
        return best if toward[best] > 0.0 else None

    @property
    def by_rival(self) -> bool:
        """Did the rival's own change do more of that part than the listing's?"""
        part = self.most
        if part is None:
            return True
        sign = HOWS[self.how]
        return bool(sign * self.its[part] >= -sign * self.own[part])


@dataclass(frozen=True)
class PlaceChange:
    """The change of a listing's position between two evenings, and what it is made of."""

    listing: str
    days: tuple[int, int]
    before: Place | None
    """None where the listing was not there yet."""
    after: Place
    sold: tuple[int, int]
    """Listings on sale in the category."""
    passes: tuple[Pass, ...]

    @property
    def stays(self) -> bool:
        """Was it on sale on both evenings?"""
        return self.before is not None and self.before.on_sale and self.after.on_sale

    @property
    def change(self) -> int:
        """Positions lost (above 0) or gained."""
        return self.after.position - self.before.position if self.before else 0

    @property
    def own_step(self) -> int:
        """What coming on sale or leaving it did: all of the change, or nothing."""
        return 0 if self.stays else self.change

    @property
    def own(self) -> np.ndarray:
        """The change of the own score by part; NaN unless it was on sale on both evenings."""
        if self.before is None:
            return np.full(len(SCORE_PARTS), np.nan)
        return np.asarray(self.after.parts - self.before.parts)

    def of(self, how: How) -> list[Pass]:
        """Those of one kind, the largest change of the lead first."""
        found = [p for p in self.passes if p.how == how]
        return sorted(found, key=lambda p: (-p.size, p.rival))

    def counts(self) -> Iterator[tuple[How, int]]:
        """What each kind adds to the position."""
        for how, sign in HOWS.items():
            yield how, sign * len(self.of(how))

    def largest(self) -> Pass | None:
        """The pass that stands for the change: of the largest kind, the one with the most in it.

        Of the kinds that moved the position the way it went, if it went anywhere.
        """
        went = np.sign(self.change)
        kinds = [(how, n) for how, n in self.counts() if n and went * n >= 0]
        if not kinds:
            return None
        how = max(kinds, key=lambda kind: abs(kind[1]))[0]
        return self.of(how)[0]


def place_change(listing: str, before: Results, after: Results) -> PlaceChange:
    """Take the change of a position apart. Raises KeyError for a listing that is never there."""
    now, then = after.place(listing), before.place(listing)
    if now is None:
        raise KeyError(listing)
    change = PlaceChange(
        listing,
        (before.day, after.day),
        then,
        now,
        (int(before.on_sale.sum()), int(after.on_sale.sum())),
        (),
    )
    if then is None or not change.stays:
        return change
    were, are = before.above(then.position), after.above(now.position)
    sold_before, sold_after = before.sold(), after.sold()
    kinds: tuple[tuple[How, set[str]], ...] = (
        ("passed me", (are - were) & sold_before),
        ("passed by me", (were - are) & sold_after),
        ("entered above", are - sold_before),
        ("left above", were - sold_after),
    )
    passes = [
        Pass(rival, how, change.own, *_moved(rival, listing, before, after))
        for how, rivals in kinds
        for rival in sorted(rivals)
    ]
    return PlaceChange(listing, change.days, then, now, change.sold, tuple(passes))


def _moved(
    rival: str, listing: str, before: Results, after: Results
) -> tuple[np.ndarray, tuple[float, float]]:
    """The change of a rival's score by part, and its leads; NaN where it was off sale."""
    then, now = before.place(rival), after.place(rival)
    mine = [results.score[results.listings.index(listing)] for results in (before, after)]
    if then is None or now is None:
        return np.full(len(SCORE_PARTS), np.nan), (np.nan, np.nan)
    leads = float(then.score - mine[0]), float(now.score - mine[1])
    return np.asarray(now.parts - then.parts), leads
