"""What an arm of an experiment may change while the market lives: service, care, prices, quality.

Everything else of a seller or listing is either drawn once or has happened.
"""

from __future__ import annotations

import numpy as np

from sim import draws, state
from sim.config.market import CAPACITY_DAYS, Listing, Market, Seller
from sim.founders import Drawn, Founder, listing_name, rival
from sim.offers import change_offers
from sim.parameters import first_date, parameter_record
from sim.rules.costs import service_cost_usd, unit_cost_usd
from sim.rules.fulfilment import slowness
from sim.state import NEVER, NOBODY
from sim.strategies import strategy_arrays
from sim.world import World


def set_seller(market: Market, w: World, k: int, founder: Founder) -> None:
    """Write how one seller serves, answers and reaches out: what an arm may change."""
    config, costs, s = founder.config, market.costs, w.sellers[k]
    s["strategy"] = list(market.all_strategies()).index(config.strategy)
    if founder.stated:
        s["capacity"] = -1 if config.capacity is None else config.capacity
    for name in ("on_time", "damaged", "wrong_item", "cancelled", "tracked"):
        s[name] = getattr(config, name)
    s["paused_until"] = -NEVER
    s["slowness"] = slowness(config.on_time, market.fulfilment)
    s["answers"], s["answer_delay"] = config.care.answers, config.care.delay_days
    s["tone"], s["refund"] = config.care.tone, config.care.refund
    cost = service_cost_usd(config.on_time, config.damaged, costs.punctuality, costs.intactness)
    s["service_cost"] = round(100 * cost)


def set_listing(
    market: Market, w: World, n: int, seller: Seller, config: Listing, drawn: Drawn
) -> None:
    """Write price, costs and quality of one listing: what an arm may change."""
    row = w.listings[n]
    usual = market.categories[int(row["category"])].price
    price = config.price if config.price is not None else usual * np.exp(0.25 * drawn.normal(0))
    quality = config.quality if config.quality is not None else seller.quality
    cost = config.unit_cost
    if cost is None:
        costs = market.costs
        cost = unit_cost_usd(price, quality, costs.unit_share, costs.quality_share)
    row["price"] = row["stated_price"] = max(1, round(100 * price))
    row["unit_cost"] = round(100 * cost)
    row["since"] = w.count("day")
    row["quality_before"], row["oversell_before"] = row["quality"], row["oversell"]
    row["quality"] = quality
    oversell = config.oversell
    row["oversell"] = 0.05 * abs(drawn.normal(2)) if oversell is None else oversell


def change_settings(old: Market, new: Market, w: World, names: list[str]) -> bool:
    """Give sellers what ``new`` states in place of ``old``; what has happened stays.

    ``names`` are those of all sellers by row. Sellers and listings of which the two say the same
    are not touched. Returns whether anything was.
    """
    lines_before, strategies_before = w.lines, w.strategies
    strategies = strategy_arrays(new)
    w.replace(p=parameter_record(new), **strategies)
    stated_old, stated_new = ({s.name: s for s in market.sellers} for market in (old, new))
    first, touched = 0, set()
    for k, name in enumerate(names):
        if name in stated_new:
            before, after = stated_old[name], Founder(stated_new[name], True, 0.0)
        else:
            before, after = rival(old, w.streams, name).config, rival(new, w.streams, name)
        listings = after.config.listings
        # Rows of strategies may have moved, whoever follows them.
        row_before = strategies_before[w.sellers["strategy"][k]]
        row = list(new.all_strategies()).index(after.config.strategy)
        w.sellers["strategy"][k] = row
        _carry_on(w, k, lines_before, row_before, w.strategies[row])
        if after.config != before or new.costs != old.costs:
            touched.add(k)
            set_seller(new, w, k, after)
            for i, listing in enumerate(listings):
                drawn = Drawn(w.streams, draws.LISTING_VALUES, listing_name(after.config, i))
                set_listing(new, w, first + i, after.config, listing, drawn)
        first += len(listings)
    change_offers(new, w, touched)
    return bool(touched)


def _carry_on(
    w: World, seller: int, lines_before: np.ndarray, before: np.void, after: np.void
) -> None:
    """What a seller has put off, and its limits, where its lines may have moved or changed.

    Of lines that are no more, messages go out as written and limits begin anew.
    """
    old = lines_before[before["first"] :][: before["count"]]
    own = w.lines[after["first"] :][: after["count"]]
    waiting = w.pending[: w.count("n_pending")]
    mine = (waiting["seller"] == seller) & (waiting["line"] != NOBODY)
    if np.array_equal(old, own) and before["code"] == after["code"]:
        waiting["line"][mine] += after["first"] - before["first"]
    else:
        waiting["line"][mine] = NOBODY
        w.line_use[seller] = 0


def set_capacities(market: Market, w: World, first: int = 0) -> None:
    """Give drawn sellers from row ``first`` on the capacity that their load implies.

    Expected orders are those of the last 28 days; for an entrant, the mean of drawn sellers that
    sell and were there all that time. Before 28 days have been lived nobody knows: no limit.
    """
    load, n, day = market.rivals.load, w.count("n_sellers"), w.count("day")
    if load is None or day < first_capacities(market):
        return
    row, s = day + 1 - first_date(market), w.sellers[:n]
    recent = w.books["orders"][row - CAPACITY_DAYS : row, :n].mean(axis=0)
    drawn = s["stated"] == 0
    there = drawn & (s["state"] <= state.AT_RISK) & (s["born"] <= day - CAPACITY_DAYS)
    usual = float(recent[there].mean()) if there.any() else 0.0
    young = s["born"] > day - CAPACITY_DAYS
    expected = np.where(young, np.maximum(recent, usual), recent)
    for k in np.flatnonzero(drawn):
        if k >= first:
            s["capacity"][k] = max(1, int(np.ceil(expected[k] / load)))


def first_capacities(market: Market) -> int:
    """Day on whose evening drawn sellers first get a capacity: day 0, or 28 days lived."""
    return max(0, CAPACITY_DAYS - market.past.days)
