"""Are the sellers, listings and days of interventions those of the market?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sim.config.checks import suggestion

if TYPE_CHECKING:
    from sim.config.market import Market

Loc = tuple[str | int, ...]
MOST_NAMED = 10


def misplaced(market: Market) -> Iterator[tuple[Loc, Any, str]]:
    """(place, what was found, what is allowed) of all that interventions name and is not there."""
    sellers, listings = _sellers(market), _listings(market)
    for n, one in enumerate(market.interventions):
        loc: Loc = ("interventions", n)
        when = one.when
        for name in ("first_negative_feedback", "first_feedback"):
            yield from _unknown((*loc, "when", name), getattr(when, name), sellers, "seller")
        for name in ("first_negative_review", "first_review"):
            yield from _unknown((*loc, "when", name), getattr(when, name), listings, "listing")
        if when.nth_order is not None:
            place = (*loc, "when", "nth_order", "seller")
            yield from _unknown(place, when.nth_order.seller, sellers, "seller")
        yield from _unknown((*loc, "listing"), one.listing, listings, "listing")
        first, last = market.warm_up + 1, market.days + market.run_out_days()
        if when.day is not None and not first <= when.day <= last:
            said = f"found {when.day}; allowed: {first} to {last}, from the end of the warm-up to "
            yield (*loc, "when", "day"), when.day, said + "that of the run-out"


def _unknown(loc: Loc, name: Any, known: list[str], what: str) -> Iterator[tuple[Loc, Any, str]]:
    if name is None or name in known:
        return
    some = ", ".join(known[:MOST_NAMED]) + (", ..." if len(known) > MOST_NAMED else "")
    said = f'found "{name}", which is no {what} that is there from the start; allowed: {some}'
    yield loc, name, said + suggestion(name, known)


def _sellers(market: Market) -> list[str]:
    stated = [seller.name for seller in market.sellers]
    return stated + [f"Rival {k + 1}" for k in range(market.rivals.count)]


def _listings(market: Market) -> list[str]:
    stated = [
        listing.name or f"{seller.name} / {i + 1}"
        for seller in market.sellers
        for i, listing in enumerate(seller.listings)
    ]
    each = range(market.rivals.listings_each)
    return stated + [
        f"Rival {k + 1} / {i + 1}" for k in range(market.rivals.count) for i in each
    ]
