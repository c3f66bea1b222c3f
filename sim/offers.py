"""Further offers: what sellers ask for listings that are another seller's, from the configuration.

There are as many as the stated sellers state; who enters later brings none. Rows go by seller and
place in its list.
"""

from __future__ import annotations

import numpy as np

from sim import state
from sim.config.market import Market, Offer
from sim.founders import listing_name
from sim.phases.offers import give_keys
from sim.rules.costs import unit_cost_usd
from sim.world import World


def stated_offers(market: Market) -> list[tuple[int, Offer]]:
    """(row of the seller, offer) of every further offer, by row."""
    return [(k, offer) for k, seller in enumerate(market.sellers) for offer in seller.offers]


def listing_names(market: Market, sellers: list[str]) -> list[str]:
    """Names of all listings of these sellers, by row."""
    stated, names = {s.name: s for s in market.sellers}, []
    for name in sellers:
        if name in stated:
            config = stated[name]
            names += [listing_name(config, i) for i in range(len(config.listings))]
        else:
            names += [f"{name} / {i + 1}" for i in range(market.rivals.listings_each)]
    return names


def contested(market: Market) -> list[str]:
    """Names of the listings that somebody else offers too, each once."""
    return list(dict.fromkeys(offer.listing for _, offer in stated_offers(market)))


def offer_tables(market: Market, rows: int) -> dict[str, np.ndarray]:
    """The tables of offers at their size, empty; ``rows`` days."""
    n = len(stated_offers(market))
    return {
        "offers": np.zeros(max(1, n), state.OFFER),
        "offer_days": np.zeros(
            (rows if n else 1, max(1, n + len(contested(market)))), state.OFFER_DAY
        ),
    }


def add_offers(market: Market, w: World, sellers: list[str]) -> None:
    """Write every further offer once all listings of these sellers, by row, are there."""
    names = listing_names(market, sellers)
    stated = stated_offers(market)
    for n, (k, config) in enumerate(stated):
        row, listing = w.offers[n], names.index(config.listing)
        row["seller"], row["listing"] = k, listing
        row["by_platform"] = config.by_platform
        row["next"] = w.listings["first_offer"][listing]
        w.listings["first_offer"][listing] = n
        w.sellers["by_platform"][k] |= config.by_platform
        set_offer(market, w, n, config)
    for slot, name in enumerate(contested(market), len(stated)):
        w.listings["own_slot"][names.index(name)] = slot
    w.now["n_offers"] = len(stated)
    if stated:
        give_keys(w)


def set_offer(market: Market, w: World, n: int, config: Offer) -> None:
    """Write price and cost of one offer: what an arm may change."""
    row = w.offers[n]
    listing = w.listings[row["listing"]]
    price = listing["stated_price"] / 100.0 if config.price is None else config.price
    cost = config.unit_cost
    if cost is None:
        costs = market.costs
        cost = unit_cost_usd(price, listing["quality"], costs.unit_share, costs.quality_share)
    row["price"] = row["stated_price"] = max(1, round(100 * price))
    row["unit_cost"] = round(100 * cost)


def change_offers(market: Market, w: World, sellers: set[int]) -> None:
    """Set the offers of sellers (rows) that were set anew, and those that follow their listings."""
    for n, (k, config) in enumerate(stated_offers(market)):
        follows = config.price is None or config.unit_cost is None
        owner = int(w.listings["seller"][w.offers["listing"][n]])
        if k in sellers or (follows and owner in sellers):
            set_offer(market, w, n, config)
