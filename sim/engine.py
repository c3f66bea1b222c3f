"""``Engine``: a market that lives day by day, without Mesa. ``sim/model.py`` adds the agents."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from sim import build, day, own_strategy, room, settings
from sim.config.changes import changes
from sim.config.market import Market
from sim.config.paths import with_values
from sim.entry import replace_exits, replaced_name
from sim.interventions import Interventions
from sim.ledger import Ledger
from sim.offers import contested, listing_names, stated_offers
from sim.own_strategy import Makers
from sim.parameters import first_date, parameter_arrays
from sim.rules.account import is_closed
from sim.state import LEDGER
from sim.tables import Columns, offer_table
from sim.tables import tables as make_tables


class Engine:
    """One market: its world, and the names of who is in it.

    ``config``: what it is made of. ``replicate``: which luck of the seed (int >= 0).
    ``world_replicate``: which world of the seed (default: as ``replicate``).
    ``own_strategies``: classes for the strategies of ``config`` that are written in Python, by
    name; every seller that follows one gets an object of its own when its life begins. Raises
    ValueError where one is missing. ``ledger``: where every event is noted, if anywhere.
    """

    config: Market
    holds: Market
    """What holds now: ``config``, and what interventions have set since."""
    interventions: Interventions
    _minds: dict[int, Any]

    def __init__(
        self,
        config: Market,
        replicate: int = 0,
        world_replicate: int | None = None,
        *,
        own_strategies: Makers | None = None,
        ledger: Ledger | None = None,
    ) -> None:
        self._build(config, replicate, world_replicate, own_strategies, ledger)
        self._live_past()

    def _build(
        self,
        config: Market,
        replicate: int,
        world_replicate: int | None,
        own_strategies: Makers | None = None,
        ledger: Ledger | None = None,
    ) -> None:
        self._follow(config, own_strategies or {})
        self.config = self.holds = config
        self.interventions = Interventions.of(config.interventions)
        self.replicate = replicate
        self.ledger = ledger
        self.world = build.build(config, replicate, world_replicate, ledger=ledger is not None)
        self.seller_names = [s.name for s in config.sellers]
        self.seller_names += [f"Rival {k + 1}" for k in range(config.rivals.count)]
        self._born = [1 - config.past.days] * len(self.seller_names)
        self._exits = 0
        self._morning_done = False
        if ledger is not None:
            ledger.begin(self.world, self.day)
        day.platform_opens(self.world, self.day - 1)

    def _live_past(self) -> None:
        while self.day < 1:
            self.live_a_day()

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
        self.interventions.morning(self, self.day)
        room.for_the_morning(self.world, self.day)
        self._morning_done = True

    def live_a_day(self) -> None:
        """Everyone acts, then the platform. Raises RuntimeError after the last day."""
        self.begin_day()
        w, today = self.world, self.day
        day.shop_all(w, today)
        room.for_speaking(w)
        day.users_turn(w, today)
        self.act_own_minds()
        self.platform_turn()

    def live_through(self, last: int) -> None:
        """Live every day up to and including ``last``."""
        while self.day <= last:
            self.live_a_day()

    def platform_turn(self) -> None:
        """The evening of the day: settle what agents added, fulfil, enforce, rank, record."""
        self.begin_day()
        w, today, acts = self.world, self.day, self.interventions
        self._own_strategies_act(today)
        acts.before_sales(self, today)
        room.for_the_evening(w)
        day.settle_sales(w, today)
        acts.before_words(self, today)
        day.settle_words(w, today)
        acts.after_words(self, today)
        day.close_day(w, today)
        if self.ledger is not None:
            self.ledger.take(w, today)
        if w.count("exits") > 0:
            self._admit_entrants(today)
        if today == settings.first_capacities(self.config):
            settings.set_capacities(self.holds, w)
        w.now["day"] = today + 1
        self._morning_done = False
        self.forget_today()

    def set_values(self, values: Mapping[str, Any]) -> None:
        """Other values hold from now on, by path as an arm writes them; nothing is shown yet.

        Raises ValueError where they are not allowed.
        """
        before, self.holds = self.holds, with_values(self.holds, values)
        followed = self.world.sellers["strategy"].copy()
        settings.change_settings(before, self.holds, self.world, self.seller_names)
        self.world.replace(**parameter_arrays(self.holds))
        minds = self._minds
        self._follow(self.holds, self._makers)
        same = followed == self.world.sellers["strategy"]
        self._minds = {k: mind for k, mind in minds.items() if same[k]}
        if self.ledger is not None:
            self.ledger.note_prices(self.world, self.day)

    def _follow(self, config: Market, own_strategies: Makers) -> None:
        """Take the classes of strategies in Python; sellers' objects are made when needed."""
        names = list(config.all_strategies())
        self._own = {
            names.index(name): name for name, s in config.strategies.items() if s.code is not None
        }
        missing = sorted(set(self._own.values()) - own_strategies.keys())
        if missing:
            raise ValueError(f"no class is given for the strategies {', '.join(missing)}")
        self._makers = own_strategies
        self._minds = {}

    def _own_strategies_act(self, today: int) -> None:
        """Sellers whose strategy is a class in Python read their mail."""
        if not self._own:
            return
        for row in range(self.world.count("n_sellers")):
            seller = self.world.sellers[row]
            strategy = self._own.get(int(seller["strategy"]))
            if strategy is None or is_closed(int(seller["state"])) or seller["own_mind"]:
                continue
            who = own_strategy.Follower(row, self.seller_names[row], strategy, today)
            if row not in self._minds:
                self._minds[row] = own_strategy.make(self._makers[strategy], who)
            own_strategy.live_a_day(self.world, who, self._minds[row])

    def _admit_entrants(self, today: int) -> None:
        before = len(self.seller_names)
        names = replace_exits(self.holds, self.world, self.seller_names, self._exits)
        if self.ledger is not None:
            replaced = {before + i: replaced_name(name) for i, name in enumerate(names)}
            self.ledger.greet(self.world, today + 1, replaced)
        self._exits += len(names)
        self.seller_names += names
        self._born += [today + 1] * len(names)
        day.platform_opens(self.world, today)
        self.welcome(names)

    # what agents add ----------------------------------------------------------------------------

    def act_own_minds(self) -> None:
        """Agents that override hooks act; there are none here."""

    def forget_today(self) -> None:
        """The day is over."""

    def welcome(self, names: list[str]) -> None:
        """Sellers of these names have entered."""

    # another life from here on ------------------------------------------------------------------

    def branch(self, config: Market, own_strategies: Makers | None = None) -> Engine:
        """A market with this one's state that goes on under the settings of ``config``.

        Raises ValueError where the two configurations need different worlds, and for a market
        whose agents override hooks: agents are not copied.
        """
        for change in changes(self.config, config):
            if change.world:
                where = ".".join(map(str, change.loc))
                raise ValueError(f"{where} makes another world; build one in place of a branch")
        if self.world.users["own_mind"].any() or self.world.sellers["own_mind"].any():
            raise ValueError("a market whose agents override hooks cannot be branched")
        twin = Engine.__new__(Engine)
        twin._follow(config, own_strategies or {})
        twin.config, twin.replicate = config, self.replicate
        twin.holds = config
        twin.world, twin.ledger = self.world.copy(), None
        twin.seller_names, twin._born = list(self.seller_names), list(self._born)
        twin._exits, twin._morning_done = self._exits, self._morning_done
        if self._carry_interventions(twin):
            day.platform_shows(twin.world, self.day - 1)
        if self.ledger is not None:
            twin.ledger = self.ledger.copy()
            twin.ledger.note_prices(twin.world, self.day)
        return twin

    def _carry_interventions(self, twin: Engine) -> bool:
        """Let a branch with the same interventions go on with them, another begin anew.

        Gives its sellers what its configuration states; returns whether anything must be shown
        anew.
        """
        w, names = twin.world, twin.seller_names
        if twin.config.interventions == self.config.interventions:
            twin.interventions = self.interventions.copy()
            for one in twin.interventions.planned:
                if one.acted is not None and one.what.values is not None:
                    twin.holds = with_values(twin.holds, one.what.values)
            return settings.change_settings(self.holds, twin.holds, w, names)
        twin.interventions = Interventions.of(twin.config.interventions)
        held = bool(w.now["frozen"][0]) or bool(w.listings["forced"].any())
        w.now["frozen"], w.listings["forced"] = 0, 0
        touched = settings.change_settings(self.holds, twin.holds, w, names)
        if self.holds is not self.config:
            w.replace(**parameter_arrays(twin.holds))
        return touched or held or self.holds is not self.config

    def state_hash(self) -> str:
        """Hash (16 hex digits) of everything that is and has been in this market."""
        digest = hashlib.blake2b("\0".join(self.seller_names).encode(), digest_size=8)
        for name, array in self.world.tables().items():
            if name not in LEDGER:
                digest.update(array.view(np.uint8).data)
        return digest.hexdigest()

    # what there is ------------------------------------------------------------------------------

    @property
    def focal(self) -> str:
        """Name of the seller that tables and plots are about: marked, or the first."""
        return self.config.focal_name()

    @property
    def listing_names(self) -> list[str]:
        """Names of all listings by row."""
        return listing_names(self.config, self.seller_names)

    def tables(self) -> dict[str, Columns]:
        """Daily tables "sellers", "listings" and "market" of the recorded days lived so far.

        And "standing" where the platform measures something, "offers" where somebody offers
        another seller's listing.
        """
        days = min(self.day - 1, self.config.days)
        tables = make_tables(
            self.world,
            days=days,
            first_date=first_date(self.config),
            odr=self.config.platform.odr,
            sellers=self.seller_names,
            born=self._born,
            listings=self.listing_names,
            categories=[c.name for c in self.config.categories],
            measures=list(self.config.platform.measures),
        )
        if stated_offers(self.config):
            names = self.seller_names, self.listing_names
            tables["offers"] = offer_table(self.world, days, *names, len(contested(self.config)))
        return tables

    def nbytes(self) -> dict[str, int]:
        """Bytes of every table."""
        return {name: array.nbytes for name, array in self.world.tables().items()}


__all__ = ["Engine"]
