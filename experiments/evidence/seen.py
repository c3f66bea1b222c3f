"""What is kept of a simulated market to look for findings in: orders, posts, daily tables."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from experiments.estimators import OrderLog
from experiments.estimators_of_posts import PostLog
from experiments.order_log import OrdersLived, order_columns
from sim.config.market import Market
from sim.engine import Engine
from sim.state import DELETED, FEEDBACK, NOBODY, REMOVED, REVIEW

Tables = dict[str, dict[str, np.ndarray]]


@dataclass(frozen=True)
class Seen:
    """One market after its last day. Arrays of orders and posts are structured as in ``sim``."""

    market: Market
    tables: Tables
    lived: OrdersLived
    """Orders placed on recorded days, in order of id."""
    posts: np.ndarray
    """Everything posted on recorded days, feedback and reviews."""
    users: np.ndarray
    stores: np.ndarray
    """Sellers as they are in the end."""
    listings: np.ndarray
    """Listings as they are in the end."""
    cuts: np.ndarray
    """Latent satisfaction between private stars."""

    @property
    def days(self) -> int:
        """Recorded days."""
        return self.market.days

    @property
    def orders(self) -> np.ndarray:
        """Orders placed on recorded days."""
        return self.lived.orders

    @cached_property
    def order_log(self) -> OrderLog:
        """The orders as real logs have them."""
        return OrderLog(**order_columns(self.lived))

    @cached_property
    def reviews(self) -> PostLog:
        """Reviews of users, with the stars that they were first posted with."""
        written = (self.posts["channel"] == REVIEW) & (self.posts["author"] != NOBODY)
        return _log(self.posts[written], "listing")

    @cached_property
    def feedback(self) -> PostLog:
        """Feedback with the stars that it was first posted with; about the store."""
        return _log(self.posts[self.posts["channel"] == FEEDBACK], "seller")

    def order_of(self, posts: np.ndarray) -> np.ndarray:
        """Index into ``orders`` of each post's order, -1 where there is none or it is older."""
        index = posts["order"] - self.lived.first_id
        return np.where((posts["order"] != NOBODY) & (index >= 0), index, -1)

    def felt(self, latent: np.ndarray) -> np.ndarray:
        """Private stars 1..5 of latent satisfactions; 0 where nothing was felt."""
        stars = 1 + np.searchsorted(self.cuts, latent, side="left")
        return np.where(np.isnan(latent), 0, stars)


def live(market: Market, replicate: int = 0, world_replicate: int | None = None) -> Seen:
    """Live a market through to the end of its run-out. Replicates as for ``Engine``."""
    engine = Engine(market, replicate, world_replicate)
    lived = OrdersLived.through(engine)
    w = engine.world
    posts = w.posts[: w.count("n_posts")]
    return Seen(
        market,
        engine.tables(),
        lived,
        posts[(posts["posted"] >= 1) & (posts["posted"] <= market.days)].copy(),
        w.users.copy(),
        w.sellers[: w.count("n_sellers")].copy(),
        w.listings[: w.count("n_listings")].copy(),
        np.asarray(w.cuts).copy(),
    )


def _log(posts: np.ndarray, target: str) -> PostLog:
    return PostLog(
        author=posts["author"].astype(int),
        target=posts[target].astype(int),
        day=posts["posted"].astype(int),
        stars=posts["first_stars"].astype(int),
        verified=posts["verified"] != 0,
        standing=~np.isin(posts["status"], (DELETED, REMOVED)),
    )
