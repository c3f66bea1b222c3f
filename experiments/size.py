"""How much memory and how many rows an experiment needs, before any of it is run."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

from experiments.mistakes import ConfigError, Loc, Mistake, shown
from experiments.yaml_source import Source
from sim.config.market import Market

BYTES_PER_USER = 70
BYTES_PER_YEARLY_TRIP = 18
"""Orders that some window can still reach; per user and trip a year."""

BYTES_PER_TRIP = 3
"""Posts, which are kept for good; with the others some 600 bytes a user at 25 trips a year."""

BYTES_PER_DAY_AND_ROW = 4 * 30 * 8
"""Some 30 columns of daily results for every seller and listing: the market's own, the table, its
rows with arm and replicate, and what is being written."""

BYTES_PER_DAY_AND_MEASURE = 4 * 9 * 8
"""The same of a store's (or product's) measure, with its tallies."""

MOST_BYTES = 16_000_000_000
WORLDS = 3
"""Worlds held at once by one worker: at most two to branch from, and that of the arm."""


def estimated_bytes(market: Market) -> int:
    """Memory a run of ``market`` needs, in bytes: users, and daily results of sellers, listings."""
    return sum(_needs(market).values())


def n_sellers_and_listings(market: Market) -> tuple[int, int]:
    """Sellers and listings at the start."""
    sellers = len(market.sellers) + market.rivals.count
    listings = sum(len(seller.listings) for seller in market.sellers)
    return sellers, listings + market.rivals.count * market.rivals.listings_each


def daily_rows(market: Market) -> int:
    """Rows of all daily tables of one run: sellers, listings, market, focal seller, standing."""
    return market.days * (sum(n_sellers_and_listings(market)) + 2 + n_measured(market))


def n_measured(market: Market) -> int:
    """Measures of all stores and listings at the start: rows of "standing" a day."""
    sellers, listings = n_sellers_and_listings(market)
    levels = [measure.level for measure in market.platform.measures.values()]
    return sellers * levels.count("store") + listings * levels.count("product")


def workers_that_fit(markets: Iterable[Market], wanted: int) -> int:
    """At most so many workers as have room in memory at once (at least one)."""
    return max(1, min(wanted, int(most_bytes() / bytes_a_worker(markets))))


def bytes_a_worker(markets: Iterable[Market]) -> int:
    """Memory of a worker that lives through these arms one after the other, in bytes."""
    return WORLDS * max(estimated_bytes(market) for market in markets)


def n_cores() -> int:
    """Processors that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


def most_bytes() -> int:
    """Memory that may be used: of this machine, and never more than MOST_BYTES."""
    try:
        machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return MOST_BYTES
    return min(MOST_BYTES, machine)


def refuse_too_large(market: Market, source: Source, arm: str | None = None) -> None:
    """Raises ConfigError when one run needs more memory than there is.

    ``arm`` is the name of the arm whose market it is, if that has a world of its own.
    """
    limit = most_bytes()
    if WORLDS * estimated_bytes(market) <= limit:
        return
    needs = _needs(market)
    loc = max(needs, key=lambda cause: needs[cause])
    said = (
        f"found {shown(at(market.model_dump(), loc))}, with which a run of {market.days:,} days "
        f"needs about {WORLDS * estimated_bytes(market) / 1e9:,.1f} GB of memory; allowed: at "
        f"most {limit / 1e9:.1f} GB"
    )
    if arm is not None:
        own = ("arms", arm)
        raise ConfigError([Mistake(source.where(own, key=True), (*own, *loc), said)])
    raise ConfigError([Mistake(source.where(loc), loc, said)])


def at(data: Any, loc: Loc) -> Any:
    """The value at a place of nested mappings and lists."""
    for step in loc:
        data = data[step]
    return data


def _needs(market: Market) -> dict[Loc, int]:
    """Estimated bytes by the parameter that causes them."""
    days = market.days + market.run_out_days()
    rows = sum(n_sellers_and_listings(market))

    def users(count: int, trips_per_year: float) -> int:
        per_trip = BYTES_PER_YEARLY_TRIP + BYTES_PER_TRIP * days / 365
        return int(count * (BYTES_PER_USER + trips_per_year * per_trip))

    buyers, others = market.buyers, market.non_buying_users
    return {
        ("buyers", "count"): users(buyers.count, buyers.trips_per_year),
        ("non_buying_users", "count"): users(others.count, others.trips_per_year),
        ("rivals", "count"): BYTES_PER_DAY_AND_ROW * rows * days
        + BYTES_PER_DAY_AND_MEASURE * n_measured(market) * days,
    }
