"""The events behind a change of an order defect rate: by which post or claim an order counts."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from experiments.events import Event
from experiments.explain.because import Between, Reason, counted, counts_from
from experiments.explain.rates import OF_DEFECTS, Defect, Part, RateChange
from sim.events import KINDS
from sim.state import BY_CHARGEBACK, BY_CLAIM, BY_FEEDBACK

MOST_CHAINS = 2
"""Defects whose chains are told; the table names the others."""
REASONS = {
    BY_FEEDBACK: "negative feedback",
    BY_CLAIM: "a claim that was granted",
    BY_CHARGEBACK: "a chargeback",
}
WITHDRAWN = ("change", "deletion", "removal")
ON_THE_WAY = ("dispatch", "delivery", "complaint", "claim", "return")
AFTERWARDS, MOST_LATER = ("contact", "remedy", "return", "claim", *WITHDRAWN), 4


@dataclass(frozen=True)
class Named:
    """A defect that came or went, with the event by which it did."""

    defect: Defect
    event: Event | None
    """None where the ledger does not say."""

    @property
    def why(self) -> str:
        """For what it counts, or counted."""
        found = [words for bit, words in REASONS.items() if self.defect.reasons & bit]
        return " and ".join(found)


def named(defect: Defect, between: Between) -> Named:
    """The event by which a defect came, or went; of one that aged out, by which it had come."""
    about = between.events.where(defect.placed - 1, between.days[1], order=defect.order)
    if defect.part == "defects withdrawn":
        gone = [e for e in about if e.kind in WITHDRAWN and e.day > between.days[0]]
        return Named(defect, gone[-1] if gone else None)
    came = [e for e in about if counts_from(e) <= between.days[1] and _makes_defect(e, defect)]
    if defect.part == "defects added" and not defect.with_order:
        came = [e for e in came if counts_from(e) > between.days[0]] or came
    return Named(defect, came[0] if came else None)


def _makes_defect(event: Event, defect: Defect) -> bool:
    """Did the order begin to count as a defect by this event?"""
    if event.kind == "claim":
        wanted = {"granted": BY_CLAIM, "chargeback": BY_CHARGEBACK}.get(event.what or "", 0)
        return bool(defect.reasons & wanted)
    if not defect.reasons & BY_FEEDBACK or event.channel == "review":
        return False
    if event.kind == "change":
        return bool(event.stars and event.stars_before and event.stars < event.stars_before)
    return event.kind == "feedback" and event.what != "default" and bool(event.stars)


def behind_rate(change: RateChange, between: Between) -> list[Reason]:
    """What is behind the largest part of a change; empty where nothing moved."""
    largest = change.largest()
    if largest is None:
        return []
    if largest in OF_DEFECTS:
        return _of_defects(change, largest, between)
    reasons = [Reason(_of_orders(change, largest))]
    # The largest of those that single events are behind.
    effects = change.parts()
    others = [part for part in OF_DEFECTS if change.count(part)]
    if others:
        next_one = max(others, key=lambda part: abs(effects[part]))
        reasons += _of_defects(change, next_one, between)
    return reasons


def _of_defects(change: RateChange, part: Part, between: Between) -> list[Reason]:
    defects = change.of(part)
    reasons = []
    for defect in defects[:MOST_CHAINS]:
        found = named(defect, between)
        said = f"{_what_became(part)} order {defect.order} of day {defect.placed}, for {found.why}"
        chain = _story(found, between)
        after = _aged(change) if part == "defects aged out" else ""
        reasons.append(Reason(f"{said}{after}:" if chain else f"{said}{after}.", tuple(chain)))
    if len(defects) > MOST_CHAINS:
        reasons.append(Reason(f"The table names {len(defects) - MOST_CHAINS:,} more."))
    return reasons


def _story(found: Named, between: Between) -> list[Event]:
    """The causes of the event by which an order is a defect, or is one no more.

    With what else the order went through on the way, and what became of it until the evening.
    """
    if found.event is None:
        return []
    chain = between.events.chain(found.event)
    told = {event.event_id for event in chain}
    about = between.events.where(found.defect.placed - 1, between.days[1], order=found.defect.order)
    place = next((k for k, one in enumerate(about) if one.event_id == found.event.event_id), 0)
    on_the_way = [e for e in about[:place] if e.kind in ON_THE_WAY and e.event_id not in told]
    after = [e for e in about[place + 1 :] if e.kind in AFTERWARDS][:MOST_LATER]
    if found.defect.part != "defects added":
        after = []
    return [*sorted([*chain, *on_the_way], key=_when), *after]


def _when(event: Event) -> tuple[int, int]:
    return event.day, KINDS.index(event.kind)


def _what_became(part: Part) -> str:
    return {
        "defects added": "Counts as a defect now:",
        "defects withdrawn": "Counts as a defect no more:",
    }.get(part, "Was a defect and is too old to count:")


def _aged(change: RateChange) -> str:
    return f"; the window now begins with day {change.after.first}"


def _of_orders(change: RateChange, part: Part) -> str:
    dates = Counter(change.orders_in if part == "orders in" else change.orders_out)
    days, n = sorted(dates), sum(dates.values())
    most = max(dates, key=lambda day: (dates[day], -day))
    became = {
        "orders in": "came into the window, and over more orders defects are a lower rate",
        "orders aged out": "left the window, and over fewer orders defects are a higher rate",
    }[part]
    span = f"day {days[0]}" if len(days) == 1 else f"days {days[0]} to {days[-1]}"
    return (
        f"No single event is behind it: {counted(n, 'order')} of {span} {became} (most of one day: "
        f"{dates[most]}, on day {most})."
    )
