"""A stand-in for the simulator with tables of the right shape, for tests of what surrounds it."""

from __future__ import annotations

import sys
import time
from types import ModuleType

import numpy as np

from sim.config.market import Market

STARS = range(1, 6)


class Marketplace:
    """Draws tables at random; ``nap`` seconds a day make it slow enough to be interrupted."""

    nap = 0.0

    def __init__(self, config: Market) -> None:
        self.config = config
        stated = [seller.name for seller in config.sellers]
        self.names = stated + [f"Rival {i + 1}" for i in range(config.rivals.count)]
        focal = [seller.name for seller in config.sellers if seller.focal]
        self.focal = (focal or self.names)[0]

    def run(self, progress=None) -> None:
        for day in range(1, self.config.days + 1):
            time.sleep(self.nap)
            if progress:
                progress(day, self.config.days)

    def tables(self) -> dict[str, dict[str, np.ndarray]]:
        rng = np.random.default_rng(self.config.seed)
        return {
            "sellers": self._sellers(rng),
            "listings": self._listings(rng),
            "market": self._days(),
        }

    def _rows(self, names: list[str]) -> tuple[np.ndarray, np.ndarray]:
        days = np.arange(1, self.config.days + 1)
        return np.repeat(days, len(names)), np.tile(np.array(names, dtype=object), len(days))

    def _sellers(self, rng: np.random.Generator) -> dict[str, np.ndarray]:
        day, seller = self._rows(self.names)
        n = len(day)
        counts = {name: rng.poisson(14, n) for name in ("orders", "dispatched", "delivered")}
        rare = {name: rng.poisson(0.3, n) for name in ("late", "complaints", "returns", "claims")}
        feedback = {f"feedback_{k}": rng.poisson(0.05 * k**2, n) for k in STARS}
        odr = 0.006 + 0.004 * np.sin(day / 40 + np.tile(range(len(self.names)), self.config.days))
        odr[seller == self.names[-1]] = np.nan
        state = np.where(odr > 0.0095, "at risk", "healthy").astype(object)
        money = {"revenue": rng.normal(300, 20, n), "profit": rng.normal(60, 20, n)}
        tail = {"defects": rng.poisson(0.05, n), "odr": odr, "odr_final": odr, "state": state}
        columns = {"day": day, "seller": seller, **counts, **rare, **money, **feedback, **tail}
        return {**columns, "queue": rng.poisson(2, n)}

    def _listings(self, rng: np.random.Generator) -> dict[str, np.ndarray]:
        each = self.config.rivals.listings_each
        owners = [s.name for s in self.config.sellers for _ in s.listings]
        owners += [name for name in self.names[len(self.config.sellers) :] for _ in range(each)]
        day, listing = self._rows([f"listing {i}" for i in range(len(owners))])
        n, days = len(day), self.config.days
        counts = {name: rng.poisson(9, n) for name in ("impressions", "examined", "orders")}
        reviews = {f"reviews_{k}": rng.poisson(0.02 * k, n) for k in STARS}
        category = np.array([self.config.categories[0].name] * n, dtype=object)
        return {
            "day": day, "listing": listing, "seller": np.tile(np.array(owners, dtype=object), days),
            "category": category, **counts, **reviews, "n_reviews": 50 + day // 5,
            "stars": np.round(rng.normal(4.2, 0.1, n), 1), "score": rng.normal(size=n),
            "position": rng.integers(1, len(owners) + 1, n),
        }  # fmt: skip

    def _days(self) -> dict[str, np.ndarray]:
        day = np.arange(1, self.config.days + 1)
        return {"day": day, "trips": 340 + day % 7, "felt": np.full(len(day), 4.1)}


def install(nap: float = 0.0) -> None:
    """Make ``from sim.model import Marketplace`` give the stand-in."""
    module = ModuleType("sim.model")
    module.Marketplace = Marketplace  # type: ignore[attr-defined]
    Marketplace.nap = nap
    sys.modules["sim.model"] = module
