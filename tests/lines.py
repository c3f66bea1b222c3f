"""Small lively markets whose focal seller follows a few lines of the strategy language."""

from __future__ import annotations

import numpy as np
from markets import small_market

from sim.config.market import Market
from sim.engine import Engine
from sim.world import World

LOUD = (
    "days=120", "platform.feedback.leave_rate=0.3", "platform.reviews.leave_rate=0.2",
    "platform.account.enforced=false", "platform.contact.opted_out_share=0.0",
    "platform.contact.match_review=1.0", "sellers.0.damaged=0.1",
    "sellers.0.care={answers: 0.5, delay_days: 2.0, tone: 0.5, refund: 0.0}",
)  # fmt: skip
REVIEWS = tuple(f"reviews_{k}" for k in range(1, 6))
FEEDBACK = tuple(f"feedback_{k}" for k in range(1, 6))
UNMOVED = (
    "responding.opt_out=0.0", "reconsidering.apology=0.0", "reconsidering.money=0.0",
    "reconsidering.ask_change=0.0", "reconsidering.clumsy_share=0.0",
)  # fmt: skip
"""No message about a post does anything."""


def market(*lines: str, more: tuple[str, ...] = ()) -> Market:
    """A small lively market whose focal seller follows these lines (YAML mappings)."""
    strategy = f"strategies={{mine: [{', '.join(lines)}]}}"
    return small_market(*LOUD, strategy, "sellers.0.strategy=mine", *more)


def whole(config: Market) -> Engine:
    """A market that has lived all its days."""
    engine = Engine(config)
    engine.live_through(engine.last_day)
    return engine


def lived(*lines: str, more: tuple[str, ...] = ()) -> Engine:
    """The market of these lines, lived."""
    return whole(market(*lines, more=more))


def lived_without(*more: str) -> Engine:
    """The same without any strategy."""
    return whole(small_market(*LOUD, *more))


def own(engine: Engine, column: str, table: str = "sellers") -> np.ndarray:
    """A column of the focal seller's rows."""
    columns = engine.tables()[table]
    return columns[column][columns["seller"] == "Northwind"]


def total(engine: Engine, *columns: str, table: str = "sellers") -> float:
    """Sum of columns over the focal seller's rows."""
    return float(sum(own(engine, column, table).sum() for column in columns))


def sent_by_day(lines: tuple[str, ...], more: tuple[str, ...] = ()) -> tuple[Engine, list]:
    """A lived market, and what arrived from Northwind every morning, from day 2 on.

    Element k was sent on the evening of day k + 1.
    """
    engine = Engine(market(*lines, more=more))
    arrived = []
    while engine.day <= engine.config.days:
        engine.live_a_day()
        w = engine.world
        rows = w.arrivals[: w.count("n_arrivals")]
        arrived.append(rows[rows["seller"] == 0].copy())
    return engine, arrived


def kinds(arrived: list, kind: int) -> np.ndarray:
    """Of what arrived, the messages of one kind."""
    rows = np.concatenate(arrived)
    return rows[rows["kind"] == kind]


def posts_of(engine: Engine, channel: int, seller: int = 0) -> np.ndarray:
    """A seller's posts in a channel."""
    posts = engine.world.posts[: engine.world.count("n_posts")]
    return posts[(posts["channel"] == channel) & (posts["seller"] == seller)]


def evenings(config: Market, look) -> list:
    """What ``look(world)`` finds on the evening of every day; element k is that of day k + 1."""
    engine, found = Engine(config), []
    while engine.day <= config.days:
        engine.live_a_day()
        found.append(look(engine.world))
    return found


def prices(w: World) -> list[int]:
    """Prices of the focal seller's listings in cents."""
    rows = w.listings[: w.count("n_listings")]
    return rows["price"][rows["seller"] == 0].tolist()


def same_tables(one: Engine, other: Engine) -> bool:
    """Do two markets have the same daily tables?"""
    a, b = one.tables(), other.tables()
    return all(
        np.array_equal(values, b[name][column], equal_nan=values.dtype.kind == "f")
        for name, columns in a.items()
        for column, values in columns.items()
    )
