"""``Marketplace``: the market as a Mesa model. Build it, step it, look at its agents and tables.

A step is a day: users and sellers act, then the platform. ``model.step()`` runs the compiled
phases over everyone; ``model.agents.shuffle_do("step")`` followed by ``model.platform_turn()``
runs the same phases agent by agent, in any order, and gives the same tables to the bit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import mesa
import numpy as np

from sim import build, day, room
from sim.agents import Buyer, NonBuyingUser, Seller
from sim.config.market import Market
from sim.entry import replace_exits
from sim.parameters import first_date
from sim.registry import AgentsOnDemand
from sim.tables import tables as make_tables


class Marketplace(AgentsOnDemand):
    """One market.

    ``config``: what it is made of. ``replicate``: which world of the seed (int >= 0).
    ``buyers`` and ``sellers``: agents of your own by number (0-based) and by seller's name, each a
    subclass of Buyer or Seller that overrides some of the documented hooks; only they leave the
    compiled loop. Raises ValueError for an unknown number, name or class.
    """

    def __init__(
        self,
        config: Market,
        replicate: int = 0,
        *,
        buyers: Mapping[int, type[Buyer]] | None = None,
        sellers: Mapping[str, type[Seller]] | None = None,
    ) -> None:
        super().__init__(rng=config.seed)
        self.config = config
        self.replicate = replicate
        self.world = build.build(config, replicate)
        self.seller_names = [s.name for s in config.sellers]
        self.seller_names += [f"Rival {k + 1}" for k in range(config.rivals.count)]
        self._born = [1 - config.past.days] * len(self.seller_names)
        self._exits = 0
        self._morning_done = False
        self.datacollector: mesa.DataCollector | None = None
        day.platform_opens(self.world, self.day - 1)
        self.set_up_agents(buyers or {}, sellers or {})
        while self.day < 1:
            self._live_a_day()

    # the day ------------------------------------------------------------------------------------

    @property
    def day(self) -> int:
        """The day that is lived next; day 1 is the first recorded one."""
        return self.world.count("day")

    @property
    def last_day(self) -> int:
        """Last day of the run-out."""
        return self.config.days + self.config.run_out_days()

    def begin_day(self) -> None:
        """List who acts today, once; called by whoever acts first. Draws nothing anew.

        Raises RuntimeError after the last day.
        """
        if self._morning_done:
            return
        if self.day > self.last_day:
            raise RuntimeError(f"the market ended after day {self.last_day}")
        room.for_the_morning(self.world, self.day)
        self._morning_done = True

    def step(self) -> None:
        """Live one day: everyone acts, then the platform; then data are collected.

        Raises RuntimeError when agents have acted on their own today, or after the last day.
        """
        if self.agents_have_acted:
            raise RuntimeError("agents have acted today: end their day with platform_turn()")
        self._live_a_day()
        if self.datacollector is not None:
            self.datacollector.collect(self)

    def _live_a_day(self) -> None:
        self.begin_day()
        w, today = self.world, self.day
        day.shop_all(w, today)
        room.for_speaking(w)
        day.users_turn(w, today)
        self.act_own_minds()
        self.platform_turn()

    def platform_turn(self) -> None:
        """The evening of the day: settle what agents added, fulfil, enforce, rank, record."""
        self.begin_day()
        w, today = self.world, self.day
        room.for_the_evening(w)
        day.platform_turn(w, today)
        if w.count("exits") > 0:
            self._admit_entrants(today)
        if today == build.first_capacities(self.config):
            build.set_capacities(self.config, w)
        w.now["day"] = today + 1
        self._morning_done = False
        self.forget_today()
        if today == self.last_day:
            self.running = False

    def _admit_entrants(self, today: int) -> None:
        names = replace_exits(self.config, self.world, self.seller_names, self._exits)
        self._exits += len(names)
        self.seller_names += names
        self._born += [today + 1] * len(names)
        day.platform_opens(self.world, today)
        self.welcome(names)

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

    # what there is ------------------------------------------------------------------------------

    @property
    def focal(self) -> str:
        """Name of the seller that tables and plots are about: marked, or the first."""
        marked = [s.name for s in self.config.sellers if s.focal]
        return marked[0] if marked else self.seller_names[0]

    @property
    def listing_names(self) -> list[str]:
        """Names of all listings by row."""
        names: list[str] = []
        stated = {s.name: s for s in self.config.sellers}
        for seller in self.seller_names:
            if seller in stated:
                config = stated[seller]
                names += [build.listing_name(config, i) for i in range(len(config.listings))]
            else:
                each = self.config.rivals.listings_each
                names += [f"{seller} / {i + 1}" for i in range(each)]
        return names

    def tables(self) -> dict[str, dict[str, np.ndarray]]:
        """Daily tables "sellers", "listings" and "market" of the recorded days lived so far."""
        return make_tables(
            self.world,
            days=min(self.day - 1, self.config.days),
            first_date=first_date(self.config),
            odr=self.config.platform.odr,
            sellers=self.seller_names,
            born=self._born,
            listings=self.listing_names,
            categories=[c.name for c in self.config.categories],
        )

    def nbytes(self) -> dict[str, int]:
        """Bytes of every table."""
        return {name: array.nbytes for name, array in self.world.tables().items()}


__all__ = ["Buyer", "Marketplace", "NonBuyingUser", "Seller"]
