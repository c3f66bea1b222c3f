"""Agents made when asked for: what Mesa sees of a market of rows.

A million handles cost more than the year they would live through, so they are made type by type
when somebody reads ``agents`` or ``agents_by_type``. Making them draws no random number.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import mesa
import numpy as np
from mesa.agent import AgentSet

from sim.agents import Buyer, NonBuyingUser, Seller
from sim.engine import Engine
from sim.handles import MarketAgent

if TYPE_CHECKING:
    from sim.world import World

_TYPES = (Buyer, NonBuyingUser, Seller)


class RowsOfToday:
    """Which rows of today's lists belong to whom: the lists in order of user."""

    def __init__(self, w: World) -> None:
        self._trips = w.trips["user"][: w.count("n_trips")]
        due = w.due_today[: w.count("n_due")]
        buyers = w.orders["buyer"][due]
        order = np.argsort(buyers, kind="stable")
        due[:] = due[order]
        self._due = buyers[order]
        arrivals = w.arrivals[: w.count("n_arrivals")]
        arrivals[:] = arrivals[np.argsort(arrivals["user"], kind="stable")]
        self._arrivals = arrivals["user"].copy()

    @staticmethod
    def _range(users: np.ndarray, user: int) -> tuple[int, int]:
        lo, hi = np.searchsorted(users, (user, user + 1))
        return int(lo), int(hi)

    def trips(self, user: int) -> tuple[int, int]:
        """Rows [lo, hi) of ``world.trips``."""
        return self._range(self._trips, user)

    def due(self, user: int) -> tuple[int, int]:
        """Rows [lo, hi) of ``world.due_today``."""
        return self._range(self._due, user)

    def arrivals(self, user: int) -> tuple[int, int]:
        """Rows [lo, hi) of ``world.arrivals``."""
        return self._range(self._arrivals, user)


class _ByType(Mapping[type, AgentSet]):
    """Mesa's agents by exact type; a type's agents are made when its key is read."""

    def __init__(self, model: AgentsOnDemand) -> None:
        self._model = model

    def __getitem__(self, kind: type) -> AgentSet:
        self._model.make_agents(kind)
        return self._model._agents_by_type[kind]

    def __iter__(self) -> Iterator[type]:
        return iter(self._model.agent_types)

    def __len__(self) -> int:
        return len(self._model.agent_types)


class AgentsOnDemand(Engine, mesa.Model):
    """The part of a Marketplace that knows Mesa's registry."""

    def set_up_agents(
        self, buyers: Mapping[int, type[Buyer]], sellers: Mapping[str, type[Seller]]
    ) -> None:
        """Make the overriding agents, and mark their rows so that compiled loops skip them."""
        n_buyers = int(self.world.p["n_buyers"][0])
        self._own_minds: list[Buyer] = []
        self._own_sellers: list[Seller] = []
        self._made: set[type] = set()
        self.agents_have_acted = False
        self._rows: RowsOfToday | None = None
        for number, kind in sorted(buyers.items()):
            if not 0 <= number < n_buyers:
                raise ValueError(f"there is no buyer {number}; buyers are 0 to {n_buyers - 1}")
            _check_kind(kind, Buyer)
            self.world.users["own_mind"][number] = 1
            self._own_minds.append(kind(self, number))  # type: ignore[arg-type]
        for name, seller in sellers.items():
            if name not in self.seller_names:
                raise ValueError(f"there is no seller {name!r}; sellers: {self.seller_names}")
            _check_kind(seller, Seller)
            row = self.seller_names.index(name)
            self.world.sellers["own_mind"][row] = 1
            self._own_sellers.append(seller(self, row))  # type: ignore[arg-type]

    def act_own_minds(self) -> None:
        """The overriding agents' part of a day that the compiled loops have skipped."""
        for agent in (*self._own_minds, *self._own_sellers):
            agent.step()

    def rows_of_today(self) -> RowsOfToday:
        """Whose rows of today's lists are which; sorted once a day."""
        if self._rows is None:
            self._rows = RowsOfToday(self.world)
        return self._rows

    def forget_today(self) -> None:
        """The day is over."""
        self._rows = None
        self.agents_have_acted = False

    def make_agents(self, kind: type | None = None) -> None:
        """Make the agents of a type (or of all) that are not there yet, in order of row."""
        for base in _TYPES:
            if base not in self._made and (kind is None or kind is base):
                self._made.add(base)
                taken = {
                    a.row for a in (*self._own_minds, *self._own_sellers) if isinstance(a, base)
                }
                for row in self._rows_of(base):
                    if row not in taken:
                        base(self, row)  # type: ignore[arg-type]

    def _rows_of(self, base: type[MarketAgent]) -> range:
        p = self.world.p
        n_buyers, n_users = int(p["n_buyers"][0]), int(p["n_users"][0])
        if base is Buyer:
            return range(n_buyers)
        if base is NonBuyingUser:
            return range(n_buyers, n_users)
        return range(self.world.count("n_sellers"))

    def welcome(self, names: list[str]) -> None:
        """Sellers have entered: give them handles if the others have theirs."""
        if Seller in self._made:
            for name in names:
                Seller(self, self.seller_names.index(name))  # type: ignore[arg-type]

    @property
    def agents(self) -> AgentSet:
        """All agents."""
        self.make_agents()
        return super().agents

    @property
    def agents_by_type(self) -> Mapping[type, AgentSet]:  # type: ignore[override]
        """Agents by their exact class."""
        return _ByType(self)

    @property
    def agent_types(self) -> list[type]:
        """Classes of agents, overriding ones included; makes none."""
        there = [t for t in _TYPES if len(self._rows_of(t)) > 0]
        return there + [t for t in super().agent_types if t not in there]

    def remove_all_agents(self) -> None:
        """Remove all handles; the market's rows stay."""
        self.make_agents()
        super().remove_all_agents()


def _check_kind(kind: type, base: type) -> None:
    if not (isinstance(kind, type) and issubclass(kind, base)):
        raise ValueError(f"{kind!r} is not a subclass of {base.__name__}")
