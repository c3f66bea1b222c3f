"""What every agent is: a handle on one row; and what a user may do by hand: post, change, delete.

What is done by hand goes through the platform's rules at once and is settled in the evening.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import mesa
import numpy as np

from sim import room
from sim.errors import Refused
from sim.phases import reconsider, revising, write
from sim.phases.common import key_of_pair
from sim.phases.settle import review_verdict
from sim.rules import editing, follow_ups, reviews
from sim.state import CANCELLED_ORDER, NEVER, NOBODY, REVIEW

if TYPE_CHECKING:
    from sim.model import Marketplace
    from sim.world import World


class MarketAgent(mesa.Agent):
    """Base of all agents: ``row`` is its row in the users' or sellers' table."""

    model: Marketplace

    def __init__(self, model: Marketplace, row: int) -> None:
        super().__init__(model)
        self.row = row
        self._lived = NOBODY - NEVER

    @property
    def world(self) -> World:
        """The tables of the market."""
        return self.model.world

    def _begin_step(self) -> int:
        """Today; raises RuntimeError when this agent has acted today."""
        self.model.begin_day()
        if self._lived == self.model.day:
            raise RuntimeError(f"{self!r} has acted on day {self._lived} already")
        self._lived = self.model.day
        self.model.agents_have_acted = True
        return self._lived


class User(MarketAgent):
    """What buyers and non-buying users share: looking around, posting, reconsidering."""

    @property
    def posts(self) -> np.ndarray:
        """Own posts, newest first, as rows of ``sim.state.POST``."""
        w, rows, post = self.world, [], int(self.world.users["last_post"][self.row])
        while post != NOBODY:
            rows.append(post)
            post = int(w.posts["previous"][post])
        return w.posts[rows]

    @property
    def drafts(self) -> np.ndarray:
        """Posts written today, not yet settled, as rows of ``sim.state.DRAFT``."""
        written = self.world.drafts[: self.world.count("n_drafts")]
        return written[written["author"] == self.row]

    @property
    def traits(self) -> np.void:
        """Own row of ``sim.state.USER``."""
        return self.world.users[self.row]

    def post_review(self, listing: int, stars: int) -> None:
        """Review a listing today. Raises Refused when the platform's rules forbid it."""
        w = self.world
        check_stars(stars)
        if not 0 <= listing < w.count("n_listings"):
            raise Refused("there is no such listing")
        verdict = review_verdict(w, self.row, listing)
        pending = self.drafts
        written = pending["listing"][pending["channel"] == REVIEW]
        if verdict == reviews.ALLOWED and listing in written:
            verdict = reviews.ALREADY_REVIEWED
        if verdict != reviews.ALLOWED:
            raise Refused(reviews.REFUSALS[verdict])
        self._draft(self._order_of(listing), listing, REVIEW, stars)

    def change_post(self, post: int, stars: int) -> None:
        """Change a post (by id) to other stars. Raises Refused when the rules forbid it."""
        check_stars(stars)
        self._revise(post, stars)

    def delete_post(self, post: int) -> None:
        """Delete a post (by id). Raises Refused when the rules forbid it."""
        self._revise(post, 0)

    def add_follow_up(self, post: int, *, softer: bool) -> None:
        """Add words to a rating (by id), softer or harsher ones. Raises Refused as above."""
        w = self.world
        if not 0 <= post < w.count("n_posts"):
            raise Refused("there is no such post")
        verdict = revising.follow_up_verdict(w, post, self.row, self.model.day)
        if verdict != follow_ups.ALLOWED:
            raise Refused(follow_ups.REFUSALS[verdict])
        words = revising.SOFTER_WORDS if softer else revising.HARSHER_WORDS
        self._note_revision(post, words)

    def _revise(self, post: int, stars: int) -> None:
        w = self.world
        if not 0 <= post < w.count("n_posts"):
            raise Refused("there is no such post")
        verdict = revising.offered(w, post, self.row, self.model.day, stars)
        if verdict != editing.ALLOWED:
            raise Refused(editing.REFUSALS[verdict])
        self._note_revision(post, stars)

    def _note_revision(self, post: int, stars: int) -> None:
        w = self.world
        made = w.revisions[: w.count("n_revisions")]
        if post in made["post"]:  # the last word of the day counts
            made["stars"][made["post"] == post] = stars
            return
        room.with_room(w, revisions=w.count("n_revisions") + 1)
        revising.revise(w, w.posts["key"][post], post, stars)

    def _order_of(self, listing: int) -> int:
        """Id of the last own order of a listing that was not cancelled, or NOBODY."""
        w, order = self.world, int(self.world.users["last_order"][self.row])
        while order >= w.count("oldest_order"):
            row = order % w.orders.size
            bought = w.orders["trouble"][row] != CANCELLED_ORDER
            if bought and w.orders["listing"][row] == listing:
                return order
            order = int(w.orders["previous"][row])
        return NOBODY

    def _draft(self, order: int, listing: int, channel: int, stars: int) -> None:
        w = self.world
        room.with_room(w, drafts=w.count("n_drafts") + 1)
        seller = int(w.listings["seller"][listing])
        if order != NOBODY:
            key = w.orders["key"][order % w.orders.size]
            seller = int(w.orders["seller"][order % w.orders.size])
        else:
            key = np.uint64(key_of_pair(w, self.row, listing))  # Numba returns an int
        key = np.uint64(write.post_key(key, channel))
        write.draft(w, key, self.row, order, listing, seller, channel, stars, 0)

    def _reconsider(self, lo: int, hi: int, today: int) -> None:
        reconsider.reconsider(self.world, today, lo, hi)


def check_stars(stars: Any) -> None:
    if not isinstance(stars, int | np.integer) or not 1 <= stars <= 5:
        raise ValueError(f"stars must be a whole number from 1 to 5, not {stars!r}")
