"""Two diaries side by side: what is the same, and the first event in which they differ.

An event has the same id in every arm, so the first difference is the first event that either lacks
or whose fields differ.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from itertools import zip_longest
from typing import Any

from experiments.event_words import in_words
from experiments.events import Event
from experiments.follow.diary import Diary, Entry, when_of

LABELS = {
    "cause_id": "what led to it",
    "what": "how",
    "shown_stars": "stars shown",
    "shown_count": "reviews shown",
    "shown": "listings on the opened pages",
    "examined": "listings looked at",
    "prompted_by": "what prompted it",
    "stars_before": "stars before",
    "felt_service": "felt about the service",
    "felt_product": "felt about the product",
    "order": "order",
}
"""Names of fields that do not say by themselves what they are."""
IDS = ("cause_id", "prompted_by")
OF_A_LISTING = ("examined", "shown")
"""Of a trip: what else was looked at is no part of a listing's diary."""


@dataclass(frozen=True)
class Row:
    """Lines of two diaries that tell of the same; None where one has nothing to tell."""

    mine: Entry | None
    twin: Entry | None
    differs: bool

    @property
    def one(self) -> Entry:
        """Either of the two."""
        found = self.mine or self.twin
        assert found is not None
        return found


@dataclass(frozen=True)
class First:
    """The first event that either diary lacks, or that is another one in the twin."""

    mine: Event | None
    twin: Event | None
    fields: tuple[str, ...]

    @property
    def one(self) -> Event:
        """The event where there is one; the earlier of two."""
        found = [event for event in (self.mine, self.twin) if event is not None]
        return min(found, key=when_of)


@dataclass(frozen=True)
class Compared:
    """A diary and its twin."""

    mine: Diary
    twin: Diary
    rows: list[Row]
    first: First | None
    first_row: Row | None
    """The line that tells of the first difference."""


def compare(mine: Diary, twin: Diary, *, listing: bool = False) -> Compared:
    """A diary beside its twin."""
    unlike = dict(_unlike(mine.events, twin.events, OF_A_LISTING if listing else ()))
    rows = list(_rows(mine.entries, twin.entries, set(unlike)))
    if not unlike:
        return Compared(mine, twin, rows, None, None)
    first = min(unlike.values(), key=lambda found: when_of(found.one))
    return Compared(mine, twin, rows, first, _row_of(first.one, rows))


def _row_of(event: Event, rows: Sequence[Row]) -> Row | None:
    """The line that tells of an event, or the week that counts it."""

    def tells(row: Row) -> bool:
        entries = [entry for entry in (row.mine, row.twin) if entry is not None]
        return any(event.event_id == e.event_id for entry in entries for e in entry.events)

    alone = [row for row in rows if row.one.day == event.day and tells(row)]
    weeks = [row for row in rows if (row.one.since or math.inf) <= event.day <= row.one.day]
    return next(iter(alone or weeks), None)


def _unlike(
    mine: Sequence[Event], twin: Sequence[Event], not_of_trips: Sequence[str]
) -> Iterator[tuple[int, First]]:
    """Events that are not the same in both, by id."""
    here = {event.event_id: event for event in mine}
    there = {event.event_id: event for event in twin}
    for event_id in here | there:
        one, other = here.get(event_id), there.get(event_id)
        if one is None or other is None:
            yield event_id, First(one, other, ())
            continue
        left_out = not_of_trips if one.kind == "trip" else ()
        names = tuple(name for name in differing(one, other) if name not in left_out)
        if names:
            yield event_id, First(one, other, names)


def differing(mine: Event, twin: Event) -> Iterator[str]:
    """Names of the fields in which two events differ."""
    for field in fields(Event):
        one, other = getattr(mine, field.name), getattr(twin, field.name)
        if one != other and not _as_good_as(one, other):
            yield field.name


def _as_good_as(one: Any, other: Any) -> bool:
    both = isinstance(one, float) and isinstance(other, float)
    return both and math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)


def _rows(mine: Sequence[Entry], twin: Sequence[Entry], unlike: set[int]) -> Iterator[Row]:
    """Lines by when they happened; those of the same event and day side by side."""
    here, there = ({entry.when: entry for entry in entries} for entries in (mine, twin))
    for when in sorted({*here, *there}):
        one, other = here.get(when), there.get(when)
        yield Row(one, other, _differ(one, other, unlike))


def _differ(one: Entry | None, other: Entry | None, unlike: set[int]) -> bool:
    if one is None or other is None or one.text != other.text:
        return True
    return any(event.event_id in unlike for event in (*one.events, *other.events))


# ---------------------------------------------------------------- in words


def first_sentence(found: Compared) -> str:
    """``First difference, day 63: …``."""
    first, mine, twin = found.first, found.mine, found.twin
    if first is None:
        return f"No difference: all of it is the same in “{mine.arm}” and “{twin.arm}”."
    day = f"First difference, day {first.one.day}"
    if first.mine is None or first.twin is None:
        has, lacks = (mine, twin) if first.twin is None else (twin, mine)
        text = in_words(first.one, has.context)
        return f"{day}: only in “{has.arm}”, not in “{lacks.arm}”: {text}."
    names = ", ".join(_moved(name, first.mine, first.twin) for name in first.fields)
    text = in_words(first.one, (mine if first.one is first.mine else twin).context)
    return f"{day}: {text}. It differs in {names} (“{mine.arm}”; “{twin.arm}”)."


def _moved(name: str, mine: Event, twin: Event) -> str:
    """``position (3; 5)``, or the bare name where values would say nothing."""
    label = LABELS.get(name, name)
    if name in IDS:
        return label
    values = [getattr(event, name) for event in (mine, twin)]
    if name == "examined":
        return f"{label} ({_from_where(*values)})"
    texts = (tuple(_value(value, digits) for value in values) for digits in (1, 2, 3, 6, 12))
    # With as many digits as it takes to tell the two apart.
    here, there = next((pair for pair in texts if pair[0] != pair[1]), map(str, values))
    return f"{label} ({here}; {there})"


def _from_where(mine: Sequence[str] | None, twin: Sequence[str] | None) -> str:
    """``number 4: Steel pan; Rival 8 / 1``: where two lists begin to differ."""
    pairs = list(zip_longest(mine or (), twin or (), fillvalue="no more"))
    place = next(k for k, (one, other) in enumerate(pairs) if one != other)
    return f"number {place + 1}: {'; '.join(pairs[place])}"


def _value(value: Any, digits: int) -> str:
    if value is None:
        return "none"
    return f"{value:.{digits}f}" if isinstance(value, float) else str(value)


def within(rows: Sequence[Row], days: tuple[int, int]) -> list[Row]:
    """Lines of some days; of several days where they overlap with them."""
    first, last = days
    return [row for row in rows if first <= row.one.day and (row.one.since or row.one.day) <= last]


def unsaid_difference(row: Row) -> str:
    """In which fields two events differ whose words are the same; "" where words say it."""
    if not row.differs or row.mine is None or row.twin is None or row.mine.text != row.twin.text:
        return ""
    pairs = zip(row.mine.events, row.twin.events, strict=False)
    return ", ".join(_moved(name, one, two) for one, two in pairs for name in differing(one, two))
