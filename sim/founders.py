"""Who enters a market: sellers as stated, and rivals drawn by their names."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import ndtri

from sim import draws, past
from sim.config.market import NO_STRATEGY, Care, Listing, Market, Seller


class Founder(NamedTuple):
    """A seller about to enter: its values with every drawn one filled in."""

    config: Seller
    stated: bool
    exit_per_year: float


class Drawn:
    """Draws of one name, one slot each, as uniforms or normals."""

    def __init__(self, streams: np.ndarray, purpose: int, name: str) -> None:
        self._stream, self._key = streams[purpose], draws.name_key(name)

    def uniform(self, slot: int) -> float:
        return float(past.one_draw(self._stream, self._key, slot))

    def normal(self, slot: int) -> float:
        return float(ndtri(self.uniform(slot)))


def rival(market: Market, streams: np.ndarray, name: str) -> Founder:
    """A rival drawn by its name: service, care and listings."""
    r = market.rivals
    drawn = Drawn(streams, draws.SELLER_VALUES, name)
    late = min(0.9, r.late_median * np.exp(r.late_sd * drawn.normal(0)))
    trouble = min(0.3, r.trouble_median * np.exp(r.trouble_sd * drawn.normal(1)))
    care = float(np.clip(r.care_mean + r.care_sd * drawn.normal(2), 0.0, 1.0))
    own = drawn.normal(3)
    start = int(drawn.uniform(4) * len(market.categories))
    listings = []
    for k in range(r.listings_each):
        z = np.sqrt(0.5) * (own + Drawn(streams, draws.LISTING_VALUES, f"{name} / {k}").normal(9))
        quality = float(np.clip(r.quality_mean + r.quality_sd * z, 0.02, 0.98))
        category = market.categories[(start + k) % len(market.categories)].name
        listings.append(Listing(category=category, quality=quality))
    seller = Seller(
        name=name,
        on_time=float(np.clip(1.0 - late, 0.02, 0.9998)),
        damaged=float(trouble),
        wrong_item=float(trouble / 2),
        care=Care(answers=min(1.0, 0.6 + 0.4 * care), tone=care, refund=care),
        strategy=r.strategy if adopts(market, streams, name) else NO_STRATEGY,
        listings=tuple(listings),
    )
    return Founder(seller, False, r.exit_per_year)


def adopts(market: Market, streams: np.ndarray, name: str) -> bool:
    """Does this rival follow the rivals' strategy? Who does at a share does at a larger one."""
    return Drawn(streams, draws.ADOPTS, name).uniform(0) < market.rivals.adopters


def listing_name(seller: Seller, i: int) -> str:
    """Name of a seller's i-th listing."""
    return seller.listings[i].name or f"{seller.name} / {i + 1}"
