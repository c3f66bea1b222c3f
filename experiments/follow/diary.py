"""A diary: what happened, sentence by sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from experiments.event_phrases import counted
from experiments.event_words import Context, in_words
from experiments.events import Event
from experiments.follow.lives import Life, of_order, of_user
from sim.events import KINDS

When = tuple[int, int, int]
"""Day, place in the day, id: the same for the same entry in every arm."""
WITH_A_MESSAGE = ("refund", "replacement")
"""Remedies that go with the message that brings them."""


@dataclass(frozen=True)
class Entry:
    """One line of a diary: an event with what goes with it, or what a week had of routine."""

    when: When
    text: str
    events: tuple[Event, ...] = ()
    since: int | None = None
    """First day, of a line that tells several."""

    @property
    def day(self) -> int:
        """The day, or the last of several."""
        return self.when[0]

    @property
    def days(self) -> str:
        """``day 41``, ``days 36 to 42``."""
        return f"day {self.day}" if self.since is None else f"days {self.since} to {self.day}"


@dataclass(frozen=True)
class Diary:
    """What one arm has of somebody or something."""

    arm: str
    about: str
    entries: Sequence[Entry]
    events: Sequence[Event]
    """All that is told, in the order of the ledger; of which a twin may lack some."""
    context: Context


def when_of(event: Event) -> When:
    """Where an event stands in the ledger."""
    return event.day, KINDS.index(event.kind), event.event_id


def user_diary(life: Life, user: int) -> Diary:
    """The diary of a customer, or of a user who never buys here."""
    events, context = of_user(life, user), life.context("user")
    n = Counter(event.kind for event in events if event.what != "default")
    parts = [counted(n["trip"], "trip")]
    if user < life.n_buyers:
        parts.append(counted(n["order"], "order"))
        parts.append(counted(n["feedback"], "rating") + f" of {'a store' if n == 1 else 'stores'}")
    parts.append(counted(n["review"], "review"))
    return Diary(life.arm, ", ".join(parts), entries_of(events, context), events, context)


def order_diary(life: Life, order: int, trip: int | None) -> Diary:
    """The diary of an order; where there is none, of the trip that led to it elsewhere."""
    events, context = of_order(life, order, trip), life.context("user", "order")
    placed = next((event for event in events if event.kind == "order"), None)
    about = f"{placed.listing} from {placed.seller}" if placed else "there is no such order"
    return Diary(life.arm, about, entries_of(events, context), events, context)


def entries_of(events: Iterable[Event], context: Context) -> list[Entry]:
    """Events as entries: an order stands with its trip, a remedy with the message it came with."""
    heads: dict[int, list[Event]] = {}
    for event in events:
        head = heads.get(event.cause_id or 0)
        if head is not None and head[0].day == event.day and _goes_with(event, head[0]):
            head.append(event)
        else:
            heads[event.event_id] = [event]
    return [
        Entry(when_of(head), _sentence(head, with_it, context), (head, *with_it))
        for head, *with_it in heads.values()
    ]


def _goes_with(event: Event, head: Event) -> bool:
    bought = event.kind == "order" and head.kind == "trip"
    given = event.kind == "remedy" and event.what in WITH_A_MESSAGE and head.kind == "contact"
    return bought or given


def _sentence(head: Event, with_it: Sequence[Event], context: Context) -> str:
    # A message about money back or another item says no more than what comes with it.
    if with_it and head.kind == "contact" and head.what in ("refund", "replace"):
        head, *with_it = with_it
    said = [in_words(head, context)]
    said += [in_words(event, context.without("user", "seller")) for event in with_it]
    return " and ".join(said)
