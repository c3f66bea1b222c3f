"""``Marketplace``: the market as a Mesa model. Build it, step it, look at its agents and tables.

A step is a day: users and sellers act, then the platform. ``model.step()`` runs the compiled
phases over everyone; ``model.agents.shuffle_do("step")`` followed by ``model.platform_turn()``
runs the same phases agent by agent, in any order, and gives the same tables to the bit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import mesa

from sim.agents import Buyer, NonBuyingUser, Seller
from sim.config.market import Market
from sim.ledger import Ledger
from sim.own_strategy import Makers
from sim.registry import AgentsOnDemand


class Marketplace(AgentsOnDemand):
    """One market.

    ``config``: what it is made of. ``replicate``: which luck of the seed (int >= 0),
    ``world_replicate``: which world (default: as ``replicate``).
    ``own_strategies``, ``ledger``: as for :class:`sim.engine.Engine`.
    ``buyers`` and ``sellers``: agents of your own by number (0-based) and by seller's name, each a
    subclass of Buyer or Seller that overrides some of the documented hooks; only they leave the
    compiled loop. Raises ValueError for an unknown number, name or class.
    """

    def __init__(
        self,
        config: Market,
        replicate: int = 0,
        world_replicate: int | None = None,
        *,
        own_strategies: Makers | None = None,
        ledger: Ledger | None = None,
        buyers: Mapping[int, type[Buyer]] | None = None,
        sellers: Mapping[str, type[Seller]] | None = None,
    ) -> None:
        mesa.Model.__init__(self, rng=config.seed)
        self.datacollector: mesa.DataCollector | None = None
        self._build(config, replicate, world_replicate, own_strategies, ledger)
        self.set_up_agents(buyers or {}, sellers or {})
        self._live_past()

    def step(self) -> None:
        """Live one day: everyone acts, then the platform; then data are collected.

        Raises RuntimeError when agents have acted on their own today, or after the last day.
        """
        if self.agents_have_acted:
            raise RuntimeError("agents have acted today: end their day with platform_turn()")
        self.live_a_day()
        if self.datacollector is not None:
            self.datacollector.collect(self)

    def platform_turn(self) -> None:
        """The evening of the day: settle what agents added, fulfil, enforce, rank, record."""
        today = self.day
        super().platform_turn()
        if today == self.last_day:
            self.running = False

    def run(self, progress: Callable[[int, int], Any] | None = None) -> Marketplace:
        """Live all days that are left, run-out included; returns the market itself.

        ``progress`` is called with (days lived, days in all) after each. Raises RuntimeError
        after a day that failed.
        """
        while self.day <= self.last_day:
            today = self.day
            self.step()
            if self.day == today:  # Mesa 3.5 passes over steps after one that failed
                raise RuntimeError(f"day {today} failed before; build the market anew")
            if progress is not None:
                progress(self.day - 1, self.last_day)
        return self


__all__ = ["Buyer", "Marketplace", "NonBuyingUser", "Seller"]
