"""The diary of a listing: weeks of looks and orders, single sentences for what matters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

import numpy as np

from experiments.columns import DAYS_OF_WEEK
from experiments.event_phrases import counted, starred
from experiments.events import Event
from experiments.follow.diary import Diary, Entry, entries_of
from experiments.follow.lives import Life, of_listing
from sim.events import KINDS
from sim.tables import Columns

FAR = 3
"""Places by which a listing must move from week to week to be told."""
A_HAIR = 0.05
"""Less than the tenth of a star to which stars are shown."""
ROUTINE = ("trip", "order", "dispatch", "delivery", "complaint", "claim", "return", "feedback")
AT_NIGHT, MOVED, WEEKLY = len(KINDS), len(KINDS) + 1, len(KINDS) + 2
"""Places in a day of what the evening's tables say, after all events."""


def seller_of(life: Life, listing: str) -> str:
    """The store of a listing."""
    engine = life.engine
    row = engine.listing_names.index(listing)
    return str(engine.seller_names[int(engine.world.listings["seller"][row])])


def listing_diary(life: Life, listing: str) -> Diary:
    """The diary of a listing. Empty where the arm has none of that name."""
    context = life.context("listing", "order")
    if listing not in life.engine.listing_names:
        return Diary(life.arm, "there is no such listing", (), (), context)
    seller = seller_of(life, listing)
    events = of_listing(life, listing, seller)
    old = [event.stars for event in events if event.kind == "past" and event.stars]
    events = [event for event in events if event.kind != "past"]
    about = f"of {seller}, with " + counted(len(old), "older review")
    if old:
        about += f" (mean {np.mean(old):.1f} stars)"
    entries = entries_of([event for event in events if not _is_routine(event)], context)
    evenings = _evenings(life, listing)
    entries += [*_weeks(events, evenings), *_nights(evenings)]
    entries.sort(key=lambda entry: entry.when)
    return Diary(life.arm, about, entries, events, context)


def _is_routine(event: Event) -> bool:
    """Is it told by the week? So is all that was said about the store, and to its customers."""
    about_store = event.channel == "feedback"
    to_customer = event.kind in ("contact", "remedy") and event.channel != "review"
    return event.kind in ROUTINE or about_store or to_customer


# ---------------------------------------------------------------- by the week


def _week(day: int) -> int:
    return (day - 1) // DAYS_OF_WEEK


def _weeks(events: Sequence[Event], evenings: Columns) -> Iterator[Entry]:
    """What every week had of routine, and where it ended."""
    promised = {event.order: event.until for event in events if event.kind == "order"}
    by_week: dict[int, list[Event]] = {}
    for event in events:
        if _is_routine(event):
            by_week.setdefault(_week(event.day), []).append(event)
    at_end = zip(*(evenings[name] for name in ("position", "stars", "n_reviews")), strict=True)
    ends = dict(zip(evenings["day"].tolist(), at_end, strict=True))
    for week, routine in sorted(by_week.items()):
        first, last = DAYS_OF_WEEK * week + 1, DAYS_OF_WEEK * (week + 1)
        said = _counts(routine, promised)
        if last in ends:
            place, shown, n = ends[last]
            with_stars = "no reviews" if np.isnan(shown) else f"{shown:.1f} stars of {n:,} reviews"
            said += f"; position {place}, {with_stars} at the end"
        yield Entry((last, WEEKLY, week), said, since=first)


def _counts(routine: Sequence[Event], promised: dict[int | None, int | None]) -> str:
    n = Counter((event.kind, event.what if event.kind != "trip" else None) for event in routine)
    ordered = sum(event.kind == "order" for event in routine)
    came = [event for event in routine if event.kind == "delivery"]
    late = sum(event.day > (promised.get(event.order) or event.day) for event in came)
    bad = n["delivery", "damaged"] + n["delivery", "wrong item"]
    parts = [f"looked at {_times(n['trip', None])}, ordered {_times(ordered)}"]
    if came:
        parts.append(f"{len(came):,} arrived" + f", {late:,} late" * bool(late))
        parts[-1] += f", {bad:,} damaged or wrong" * bool(bad)
    others = (
        (n["dispatch", "cancelled"], "cancellation"),
        (n["complaint", None], "complaint"),
        (n["claim", "opened"], "claim"),
        (n["return", None], "return"),
        (sum(event.kind == "contact" for event in routine), "message"),
    )
    parts += [counted(number, noun) for number, noun in others if number]
    rated = Counter(event.stars for event in routine if event.kind == "feedback")
    if rated:
        by_stars = ", ".join(f"{number:,} of {starred(s)}" for s, number in sorted(rated.items()))
        parts.append(f"ratings of the store: {by_stars}")
    return "; ".join(parts)


def _times(n: int) -> str:
    return "once" if n == 1 else counted(n, "time")


# ---------------------------------------------------------------- what evenings' tables say


def _evenings(life: Life, listing: str) -> Columns:
    """The recorded days of a listing, as the daily tables have them."""
    table = life.engine.tables()["listings"]
    mine = table["listing"] == listing
    return {
        name: table[name][mine] for name in ("day", "position", "stars", "n_reviews", "on_sale")
    }


def _nights(evenings: Columns) -> Iterator[Entry]:
    """Off sale and on again, and how far position and displayed stars moved within weeks."""
    days, on_sale = evenings["day"].tolist(), evenings["on_sale"]
    for i in np.flatnonzero(np.diff(on_sale) != 0) + 1:
        again = "on sale again" if on_sale[i] else "off sale"
        yield Entry((days[i], AT_NIGHT, 0), f"{again} from the next day on")
    ends = [i for i, day in enumerate(days) if day % DAYS_OF_WEEK == 0]
    for before, after in pairwise(ends):
        said = []
        old, new = (int(evenings["position"][i]) for i in (before, after))
        if on_sale[before] and on_sale[after] and abs(new - old) >= FAR:
            said.append(f"{'rose' if new < old else 'fell'} from position {old} to {new}")
        old_stars, new_stars = (float(evenings["stars"][i]) for i in (before, after))
        if abs(new_stars - old_stars) > A_HAIR:
            said.append(f"its displayed stars went from {old_stars:.1f} to {new_stars:.1f}")
        if said:
            text = f"{' and '.join(said)} within this week"
            yield Entry((days[after], MOVED, _week(days[after])), text)
