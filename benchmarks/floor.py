"""The floor: a bare compiled loop that does only what no market can avoid.

One hashed draw per user and day; per buyer's trip one choice among the examined listings and
nothing; per order one outcome and one posting decision. Nothing is remembered, counted by listing,
shown or ranked: it says how much of a year would be left if all bookkeeping were free. Trips,
depth of search, listings and attractions are those of a market on its first day, and as many trips
end in an order as are meant to (12 of 25).
"""

from __future__ import annotations

import time

import numpy as np
from numba import njit

from sim.config.market import Market
from sim.draws import GOLDEN, M1, M2
from sim.engine import Engine

BLOCK = 1024
ORDERS_PER_TRIP = 12 / 25
POSTS_PER_ORDER = 0.04
POSTED = np.uint64(0xD1B54A32D192ED03)


@njit(error_model="numpy", cache=True)
def mix(z):
    """SplitMix64's finaliser."""
    z = (z ^ (z >> np.uint64(30))) * M1
    z = (z ^ (z >> np.uint64(27))) * M2
    return z ^ (z >> np.uint64(31))


@njit(error_model="numpy", cache=True)
def unit(z):
    """A draw on (0, 1) from a key."""
    return (np.float64(mix(z) >> np.uint64(12)) + 0.5) * 2.0**-52


@njit(error_model="numpy", cache=True)
def choice(key, category, depth_cdf, ranking, n_ranked, attraction, nothing):
    """The winner of the race among the examined listings, or -1 for buying nothing."""
    u, n = unit(key ^ M1), 1
    while n < depth_cdf.size and u >= depth_cdf[n - 1]:
        n += 1
    best, bought = -np.log(unit(key ^ M2)) / nothing, -1
    for k in range(min(n, n_ranked[category])):
        listing = ranking[category, k]
        u = unit(key + np.uint64(listing) * GOLDEN)
        # -log(u) is more than this, which spares most of the logarithms
        if 1.999999 * (1.0 - u) < best * attraction[listing] * (1.0 + u):
            finish = -np.log(u) / attraction[listing]
            if finish < best:
                best, bought = finish, listing
    return bought


@njit(error_model="numpy", cache=True)
def live(days, rate, n_buyers, depth_cdf, ranking, n_ranked, attraction, nothing):
    """Live so many days; returns trips, browsing trips, orders, posts, days until delivery."""
    hit, hits = np.empty(BLOCK, np.bool_), np.empty(BLOCK, np.int64)
    trips, browsing, orders, posts, waited = 0, 0, 0, 0, 0.0
    for day in range(days):
        today = mix(np.uint64(day) * GOLDEN)
        for start in range(0, rate.size, BLOCK):
            rates = rate[start : start + BLOCK]
            word = today + np.uint64(start) * GOLDEN
            for i in range(rates.size):
                hit[i] = unit(word + np.uint64(i) * GOLDEN) < rates[i]
            found = 0
            for i in range(rates.size):  # no branch to be guessed wrongly
                hits[found] = i
                found += hit[i]
            for h in range(found):
                user = start + hits[h]
                if user >= n_buyers:
                    browsing += 1
                    continue
                trips += 1
                key = mix(today ^ mix(np.uint64(user) + GOLDEN))
                category = np.int64(key >> np.uint64(32)) % n_ranked.size
                if choice(key, category, depth_cdf, ranking, n_ranked, attraction, nothing) >= 0:
                    orders += 1
                    waited -= np.log(unit(key + M1))
                    posts += unit(key ^ POSTED) < POSTS_PER_ORDER
    return trips, browsing, orders, posts, waited


class Floor:
    """The floor of one market."""

    def __init__(self, market: Market) -> None:
        young = market.past.model_copy(update={"days": 0})
        w = Engine(market.model_copy(update={"past": young})).world
        attraction = w.attraction.mean(axis=0)
        self._market = w.rate, market.buyers.count, w.depth_cdf, w.ranking, w.n_ranked, attraction
        low, high = 1e-3, 1e6
        for _ in range(40):
            self._nothing = float(np.sqrt(low * high))
            trips, _, orders, *_ = live(3, *self._market, self._nothing)
            low, high = (
                (self._nothing, high) if orders > ORDERS_PER_TRIP * trips else (low, self._nothing)
            )

    def live(self, days: int) -> float:
        """CPU seconds that so many days take."""
        start = time.process_time()
        live(days, *self._market, self._nothing)
        return time.process_time() - start
