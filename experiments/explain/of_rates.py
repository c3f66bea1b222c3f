"""The change of an order defect rate in words and as tables."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from experiments.event_words import told
from experiments.explain.because import Between, counted
from experiments.explain.because_of_orders import Named, behind_rate, named
from experiments.explain.rates import PARTS, RateChange, Window
from experiments.explain.said import Told, adding_up, in_run, new_table, reason_lines, signed
from experiments.numbers import NOTHING, plain

if TYPE_CHECKING:
    from rich.table import Table

DIGITS = 3
HOW = (
    "What a part adds is the mean of two ways to get from the old counts to the new, first the "
    "defects, then the orders, and the other way round; so the parts add up exactly."
)


def told_rate(change: RateChange, between: Between, arm: str, replicate: int) -> Told:
    """Why the order defect rate of a seller is what it is."""
    days = between.days
    where = f" ({in_run(days, arm, replicate)})"
    windows = (change.before, change.after)
    counts = [f"Evening of day {w.day}: {_counted(w)}." for w in windows]
    if change.change is None:
        none = "Without orders there is no rate, and no change of one."
        return Told(heading(change) + where, [*counts, none], [], [])
    defects = [named(defect, between) for defect in change.defects]
    return Told(
        heading(change) + where,
        [*counts, _sum(change), HOW],
        [_parts_table(change), *([_defects_table(defects, between)] if defects else [])],
        list(reason_lines(behind_rate(change, between), between.events)),
    )


def heading(change: RateChange) -> str:
    """``Why the order defect rate of Northwind went from 0.620 % to 0.890 %``"""
    old, new = rate_text(change.before.rate), rate_text(change.after.rate)
    said = f"Why the order defect rate of {change.seller}"
    if change.change is None:
        return f"{said} went from {old} to {new}".replace(NOTHING, "none")
    return f"{said} stayed at {new}" if change.change == 0 else f"{said} went from {old} to {new}"


def rate_text(rate: Fraction | None) -> str:
    """``0.620 %``"""
    return NOTHING if rate is None else f"{100 * float(rate):.{DIGITS}f} %"


def points(change: RateChange) -> list[float]:
    """What each part adds, in points (hundredths), rounded so that they add up as printed."""
    old, new = (
        round(100 * float(window.rate or 0), DIGITS) for window in (change.before, change.after)
    )
    effects = change.parts()
    return adding_up([100 * effects[part] for part in PARTS], DIGITS, new - old)


def _counted(window: Window) -> str:
    dates = f"order dates {window.first} to {window.last}"
    if not window.orders:
        return f"no order with {dates}"
    return f"{window.defects:,} of {window.orders:,} orders with {dates}, {rate_text(window.rate)}"


def _sum(change: RateChange) -> str:
    added, gone, old, came, left = (change.count(part) for part in PARTS)
    return (
        f"{counted(added, 'defect')} added − {gone:,} withdrawn − {old:,} aged out; "
        f"{counted(came, 'order')} came into the window, {left:,} aged out of it."
    )


def _parts_table(change: RateChange) -> Table:
    made = new_table("What each part adds to the rate, in points")
    for name in ("part", "how many", "each", "together"):
        made.add_column(name, justify="left" if name == "part" else "right")
    effects = points(change)
    for part, effect in zip(PARTS, effects, strict=True):
        n = change.count(part)
        each = f"{signed(100 * float(change.each(part)), 4)}" if n else ""
        made.add_row(part, f"{n:,}", plain(each), plain(signed(effect, DIGITS)))
    made.add_section()
    made.add_row("change", "", "", plain(signed(round(sum(effects), DIGITS), DIGITS)))
    return made


def _defects_table(defects: list[Named], between: Between) -> Table:
    """Every defect that came or went, with the event by which it did."""
    from rich.markup import escape

    made = new_table("The defects")
    for name in ("order", "of day", "", "by", "event"):
        made.add_column(name, overflow="fold")
    for one in defects:
        event = one.event
        said = one.why if event is None else f"day {event.day}: {told(event)}"
        what = one.defect.part.removeprefix("defects ")
        if one.defect.with_order:
            what += ", with its order"
        cells = (str(one.defect.order), str(one.defect.placed), what, said)
        made.add_row(*(escape(plain(c)) for c in cells), str(event.event_id) if event else "")
    return made
