"""The change of a position in words and as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from experiments.explain.because import Between, behind_place, counted
from experiments.explain.places import HOWS, How, Pass, PlaceChange
from experiments.explain.said import Told, adding_up, in_run, new_table, reason_lines, signed
from experiments.numbers import plain
from sim.phases.platform import SCORE_PARTS

if TYPE_CHECKING:
    from rich.table import Table

LABELS = {
    "new": "new listing",
    "relevance": "relevance",
    "velocity": "velocity",
    "conversion": "conversion",
    "stars": "stars",
    "count": "number of reviews",
    "price": "price",
    "exposure": "platform's exposure",
}
SCALED = (
    "A part of a score is how far a listing is from the mean of its category, in standard "
    "deviations, times the platform's weight: it also moves when others do."
)
MOST_TOLD = 5
"""Rivals of a kind that sentences name; the table has all."""
DIGITS = 3


def told_place(change: PlaceChange, between: Between, arm: str, replicate: int) -> Told:
    """Why a listing stands where it stands."""
    reason = behind_place(change, between)
    return Told(
        heading(change) + f" ({in_run(change.days, arm, replicate)})",
        [*_sum(change), *_passes(change), *_own(change), *([SCALED] if change.stays else [])],
        [table(change)] if change.stays else [],
        list(reason_lines([reason] if reason else [], between.events)),
    )


def heading(change: PlaceChange) -> str:
    """``Why “Mug” went from position 3 to 5``"""
    name, old, new = change.listing, change.before, change.after
    if change.stays and old is not None:
        if change.change == 0:
            return f"Why {name} stayed at position {new.position}"
        return f"Why {name} went from position {old.position} to {new.position}"
    if new.on_sale:
        return f"Why {name} came on sale, at position {new.position}"
    if old is not None and old.on_sale:
        return f"Why {name} left the sale, from position {old.position}"
    return f"{name} was on sale on neither evening"


def _sum(change: PlaceChange) -> list[str]:
    """The sum of the parts, or what became of a listing that was off sale."""
    first, last = change.days
    old, new = change.before, change.after
    sold = f"{change.sold[0]} listings on sale in its category, then {change.sold[1]}"
    if old is None:
        return [
            f"It was not there yet on the evening of day {first}; on that of day {last} "
            + (f"it stood at position {new.position} of {change.sold[1]}." if new.on_sale else
               "it was not on sale yet.")
        ]  # fmt: skip
    if change.stays:
        up, down, came, left = (abs(n) for _, n in change.counts())
        moved = abs(change.change)
        went = f"{counted(moved, 'position')} {'lost' if change.change > 0 else 'gained'}"
        return [
            f"{counted(up, 'rival')} passed it, {down} passed by it, {came} came on sale above it, "
            f"{left} left the sale above it: {old.position} + {up} − {down} + {came} − {left} = "
            f"{new.position}, {went if moved else 'nothing lost or gained'} (1 = top; {sold})."
        ]
    said = (
        f"Position {old.position} on the evening of day {first}, {new.position} on that of day "
        f"{last}: off sale, a listing counts as last plus one."
    )
    step = f"{'coming on sale' if new.on_sale else 'leaving the sale'} is all of the change"
    if old.on_sale == new.on_sale:
        step = "the number of listings whose sellers are still there is all of the change"
    if change.change == 0:
        return [said]
    return [f"{said} No rival's pass is in it: {step} ({signed(change.own_step, 0)})."]


_WORDS: dict[How, str] = {
    "passed me": "passed it",
    "passed by me": "was passed by it",
    "entered above": "came on sale above it",
    "left above": "left the sale above it",
}
"""What is said of the rivals."""


def _passes(change: PlaceChange) -> list[str]:
    said = []
    for how in HOWS:
        found = change.of(how)
        said += [f"* {_one(change.listing, one)}" for one in found[:MOST_TOLD]]
        if len(found) > MOST_TOLD:
            said.append(f"* {_WORDS[how]}: {len(found) - MOST_TOLD} more, in the table.")
    return said


def _one(listing: str, passed: Pass) -> str:
    """``Rival 2 / 1 passed it: velocity did most, as its own fell by 0.12``"""
    said = f"{passed.rival} {_WORDS[passed.how]}"
    if passed.how in ("entered above", "left above"):
        return f"{said}."
    part = passed.most
    if not passed.by_score:
        return f"{said}, though not by their scores: an intervention sets positions."
    if part is None:
        return f"{said}: their scores are equal, and a draw decides between those each evening."
    own, its = printed(passed.own), printed(passed.its)
    who, by = (passed.rival, its) if passed.by_rival else (listing, own)
    return (
        f"{said}: {LABELS[SCORE_PARTS[part]]} did most, {signed(its[part] - own[part])} of a "
        f"change of {signed(sum(its) - sum(own))} in its lead; most of that is the change of "
        f"{who}, {signed(by[part])}."
    )


def printed(parts: np.ndarray) -> list[float]:
    """Changes of a score by part, rounded so that they add up as printed."""
    return adding_up(list(parts), DIGITS)


def _own(change: PlaceChange) -> list[str]:
    """How its own score changed, where no pass says it."""
    if not change.stays or change.passes:
        return []
    own = printed(change.own)
    most = int(np.argmax(np.abs(change.own)))
    return [
        f"Nobody changed sides with it. Its score changed by {signed(sum(own))}, most by "
        f"{LABELS[SCORE_PARTS[most]]} ({signed(own[most])})."
    ]


def table(change: PlaceChange) -> Table:
    """Every rival that changed sides, with what each part added to scores; as printed, rows add up.

    Parts that are nothing in all rows are left out.
    """
    rows = [("itself", change.listing, change.own, "")]
    for how in HOWS:
        for one in change.of(how):
            most = "" if one.most is None else LABELS[SCORE_PARTS[one.most]]
            rows.append((_WORDS[how], one.rival, one.its, most))
    values = np.nan_to_num(np.array([parts for _, _, parts, _ in rows]))
    shown = [k for k in range(len(SCORE_PARTS)) if np.abs(values[:, k]).max() > 0.0]
    made = new_table("Change of scores by part")
    made.add_column("listing", overflow="fold")
    made.add_column("")
    for k in shown:
        made.add_column(LABELS[SCORE_PARTS[k]].replace(" ", "\n"), justify="right")
    made.add_column("score", justify="right")
    made.add_column("did most")
    for what, name, parts, most in rows:
        cells = [signed(np.nan)] * (len(shown) + 1)
        if np.isfinite(parts).all():
            rounded = printed(parts)
            cells = [signed(value) for value in (*(rounded[k] for k in shown), sum(rounded))]
        made.add_row(_safe(name), what, *map(plain, cells), most)
    return made


def _safe(name: str) -> str:
    from rich.markup import escape

    return escape(plain(name))
