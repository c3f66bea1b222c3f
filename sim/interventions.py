"""Interventions at work: asked at fixed points of the day, and doing nothing where none is due.

In the morning, before anyone acts, settings change and arrows freeze. In the evening events are
recognised before they are settled, so that one may be stopped or turned into another, and posts
are written, changed and deleted after. Nothing is drawn; until one acts, a market with
interventions is the market without, to the bit.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, get_args

import numpy as np

from sim import day as market_day
from sim.awaited import (
    Awaited,
    basket_of,
    comes_to_pass,
    draft_of,
    message_of,
    order_of,
    post_row,
    revision_of,
    revision_row,
    row_of,
    take_out,
    take_out_row,
)
from sim.births import born_of
from sim.config.intervention import Arrow, Do, Intervention, When
from sim.events import AN_ACT
from sim.phases import intervene
from sim.phases.ledger import note_intervention
from sim.phases.platform import low_stars_on_page
from sim.room import with_room
from sim.state import ANYWHERE, FEEDBACK, NOBODY, REVIEW
from sim.world import World

if TYPE_CHECKING:
    from sim.engine import Engine

NO_SUCH_EVENT = "the baseline has no such event"
NEVER_CAME = "the event did not come to pass"
NO_POST = "the event is no post"
NO_ORDER = "the event is no order"
NOTHING_THERE = "there was no such post any more"
POSTED_ALREADY = "the customer had posted already"
TOO_LATE = "its last day had passed"
NOT_BLOCKED = "an event of that kind cannot be stopped"
BITS: dict[str, int] = {arrow: 1 << k for k, arrow in enumerate(get_args(Arrow))}


@dataclass
class Planned:
    """One intervention of a market, and how far it has got."""

    what: Intervention
    place: int
    event: Awaited
    lost: str = NEVER_CAME
    """Why it has not acted."""
    acted: int | None = None
    """Day on which it did."""
    ended: bool = False

    @property
    def active(self) -> bool:
        """Does it hold now?"""
        return self.acted is not None and not self.ended

    def due_in_the_morning(self, today: int) -> bool:
        """Is this the first morning on which it holds?"""
        if self.what.when.day is not None:
            return today == self.what.when.day
        return self.event.day is not None and today == self.event.day + self.what.after_days + 1

    def due_in_the_evening(self, today: int) -> bool:
        """Is this its evening?"""
        if self.what.when.day is not None:
            return today == self.what.when.day
        return self.event.day is not None and today == self.event.day + self.what.after_days


@dataclass
class Interventions:
    """All interventions of one market, and the events that others want to know of."""

    planned: list[Planned]
    watched: list[Awaited] = field(default_factory=list)

    @classmethod
    def of(cls, stated: Sequence[Intervention]) -> Interventions:
        """Those that a market states; events with a name are those of its own life."""
        return cls(
            [Planned(one, n, Awaited(one.when, one.when.event)) for n, one in enumerate(stated)]
        )

    def copy(self) -> Interventions:
        """The same, from here on apart."""
        return copy.deepcopy(self)

    def told(self, ids: Mapping[int, int | None]) -> None:
        """Which event each name stands for, by place of the intervention; None = there is none."""
        for place, event in ids.items():
            one = self.planned[place]
            one.event.id = event
            if event is None:
                one.lost, one.ended = NO_SUCH_EVENT, True

    def watch(self, events: Sequence[When]) -> None:
        """Look out for events, whose ids are then known."""
        self.watched += [Awaited(when, when.event) for when in events]

    # the morning --------------------------------------------------------------------------------

    def morning(self, engine: Engine, today: int) -> None:
        """What holds from this morning on, before anyone acts."""
        due = [one for one in self._waiting() if one.due_in_the_morning(today)]
        shown_anew = False
        for one in due:
            if one.what.until is not None and one.what.until < today:
                one.lost, one.ended = TOO_LATE, True
            elif one.what.do == "set":
                self._note(engine, one, today)
                engine.set_values(one.what.values or {})
                shown_anew = True
            elif one.what.do == "position":
                self._note(engine, one, today)
                self._force(engine)
                shown_anew = True
            elif one.what.do == "freeze":
                freeze(engine.world, str(one.what.arrow))
                self._note(engine, one, today)
                engine.world.now["frozen"] = self._frozen()
        if shown_anew:
            market_day.platform_shows(engine.world, today - 1)

    def _waiting(self) -> Iterator[Planned]:
        return (one for one in self.planned if one.acted is None and not one.ended)

    def _frozen(self) -> int:
        bits = 0
        for one in self.planned:
            if one.active and one.what.arrow is not None:
                bits |= BITS[one.what.arrow]
        return bits

    def _force(self, engine: Engine) -> None:
        """Write which listings are kept at which position."""
        w, names = engine.world, engine.listing_names
        w.listings["forced"] = 0
        for one in self.planned:
            if one.active and one.what.do == "position":
                place = one.what.position
                row = names.index(str(one.what.listing))
                w.listings["forced"][row] = ANYWHERE if isinstance(place, str) else place

    # the evening --------------------------------------------------------------------------------

    def before_sales(self, engine: Engine, today: int) -> None:
        """Before today's baskets become orders."""
        for event in self._open(today, engine):
            row = basket_of(engine, event)
            if row is not None:
                key = int(engine.world.baskets["key"][row])
                comes_to_pass(event, "order", key, today)
        for one in self._stopping(today, "order"):
            take_out(engine.world, "baskets", one.event.key)
            self._note(engine, one, today)

    def before_words(self, engine: Engine, today: int) -> None:
        """Before today's posts, revisions and messages are settled."""
        w = engine.world
        for event in self._open(today, engine):
            for look in (draft_of, revision_of, message_of):
                found = look(engine, event, today)
                if found is not None:
                    comes_to_pass(event, *found, today)
                    break
        for one in self._waiting():
            if one.event.day != today or one.what.do not in ("flip", "block"):
                continue
            if one.what.do == "flip" and one.event.kind in ("feedback", "review"):
                row = row_of(w, "drafts", one.event.key)
                w.drafts["stars"][row] = one.what.stars
            elif one.what.do == "flip" and one.event.kind == "change":
                w.revisions["stars"][revision_row(w, one.event)] = one.what.stars
            elif one.what.do == "flip":
                one.lost, one.ended = NO_POST, True
                continue
            elif one.event.kind in ("feedback", "review"):
                take_out(w, "drafts", one.event.key)
            elif one.event.kind in ("change", "deletion"):
                take_out_row(w, "revisions", revision_row(w, one.event))
            else:
                take_out(w, "outbox", one.event.key)
            self._note(engine, one, today)

    def after_words(self, engine: Engine, today: int) -> None:
        """After today's posts and revisions are settled, before the rest of the evening."""
        for one in self._waiting():
            if one.what.do in ("post", "change", "delete") and one.due_in_the_evening(today):
                self._write(engine, one, today)
        over = [one for one in self.planned if one.active and one.what.until == today]
        for one in over:
            one.ended = True
        if over:
            engine.world.now["frozen"] = self._frozen()
            self._force(engine)

    def _open(self, today: int, engine: Engine) -> Iterator[Awaited]:
        """Events that have not come to pass yet; none does in the warm-up."""
        if today <= engine.config.warm_up:
            return
        for event in (*(one.event for one in self._waiting()), *self.watched):
            if event.day is None and event.when.day is None:
                yield event

    def _stopping(self, today: int, kind: str) -> Iterator[Planned]:
        for one in self._waiting():
            if one.what.do == "block" and one.event.day == today and one.event.kind == kind:
                yield one

    def _write(self, engine: Engine, one: Planned, today: int) -> None:
        """Write, change or delete a post tonight."""
        w, what = engine.world, one.what
        if what.do == "post":
            with_room(w, posts=w.posts.size + 1, hidden=w.hidden.size + 1, drafts=1)
            with_room(w, mail=w.mail.size + 1, inbox=w.inbox.size + 1)
            _room_to_note(w)
            post = self._post(engine, one, today)
        else:
            post = post_row(w, one.event)
            stars = 0 if what.do == "delete" else what.stars
            if post == NOBODY:
                one.lost = NO_POST if one.event.kind not in ("feedback", "review") else one.lost
            else:
                _room_to_note(w)
                if not intervene.change_post(w, post, stars, _born(one, today), today):
                    post, one.lost = NOBODY, NOTHING_THERE
        if post == NOBODY:
            one.ended = True
            one.lost = NOTHING_THERE if one.lost == NEVER_CAME else one.lost
        else:
            self._note(engine, one, today)

    def _post(self, engine: Engine, one: Planned, today: int) -> int:
        w, what = engine.world, one.what
        if not one.what.by_customer:
            listing = engine.listing_names.index(str(what.listing))
            named = listing, what.stars, one.place, _born(one, today)
            return int(intervene.post_by_nobody(w, *named, today))
        if one.event.kind != "order":
            one.lost = NO_ORDER
            return NOBODY
        channel = REVIEW if what.channel == "review" else FEEDBACK
        order = order_of(w, one.event.key)
        one.lost = POSTED_ALREADY
        return int(intervene.post_of_order(w, order, channel, what.stars, _born(one, today), today))

    def _note(self, engine: Engine, one: Planned, today: int) -> None:
        """It acts today."""
        one.acted, one.lost = today, ""
        if one.what.do not in ("position", "freeze"):
            one.ended = True
        if engine.ledger is not None:
            _note_in_ledger(engine, one, today)


def _born(one: Planned, today: int) -> np.uint64:
    """Birth key of an intervention that acts today: its place among those of the market."""
    return np.uint64(born_of(today, one.place))


def _room_to_note(w: World) -> None:
    """Room for three more events, beside what the evening needs, where a ledger is kept."""
    if w.log["on"][0]:
        with_room(w, events=w.events.size + 3)


def _note_in_ledger(engine: Engine, one: Planned, today: int) -> None:
    """A row of the ledger: what is done, to whom, because of which event."""
    w, what = engine.world, one.what
    _room_to_note(w)
    cause = np.uint64(one.event.id or 0)
    word = AN_ACT + get_args(Do).index(what.do)
    row = w.events[note_intervention(w, _born(one, today), cause, word)]
    if what.listing is not None:
        row["listing"] = engine.listing_names.index(what.listing)
        row["seller"] = w.listings["seller"][row["listing"]]
    if one.event.kind == "order":
        row["order"] = one.event.key
    elif one.event.kind in ("feedback", "review"):
        row["post"] = one.event.key
        row["channel"] = FEEDBACK if one.event.kind == "feedback" else REVIEW
    row["stars"] = what.stars or 0
    if isinstance(what.position, int):
        row["position"] = what.position
    if what.until is not None:
        row["until"] = what.until


def freeze(w: World, arrow: str) -> None:
    """Keep for the readers of an arrow what they see this morning."""
    n, f = w.listings, w.frozen
    kept: dict[str, tuple[tuple[str, str], ...]] = {
        "sales -> rank": (("velocity", "velocity"), ("examined", "examined")),
        "stars -> rank": (("weight", "weight"), ("weighted_stars", "weighted_stars")),
        "count -> rank": (("ranked_reviews", "n_reviews"),),
        "stars -> demand": (("stars", "stars"),),
        "count -> demand": (("n_reviews", "n_reviews"),),
    }
    for name, column in kept.get(arrow, ()):
        f[name] = n[column]
    for k in range(w.count("n_listings")):
        if arrow == "low stars -> demand":
            f["low"][k] = low_stars_on_page(w, k)
        elif arrow == "store score -> demand":
            offer = int(n["shown"][k])
            seller = n["seller"][k] if offer < 0 else w.offers["seller"][offer]
            f["score"][k] = w.sellers["score"][seller]
