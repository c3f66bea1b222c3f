"""The orders of a simulated market as a log, in the form in which real logs are looked at.

A market keeps orders only as long as a window can reach them, so they are written down on the way,
when their feedback window has closed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from experiments.estimators import OrderLog
from sim.engine import Engine
from sim.state import NEVER, NOBODY
from sim.world import World

HOURS = {"ordered": 0.4, "handed_over": 0.5, "delivered": 0.6, "promised": 0.0, "answered": 0.9}
"""Time of the day given to what the market knows by the day alone: an answer of the day on which
the parcel came is later than the parcel, as it is in the market."""

AT_LEAST = 30
"""Days of orders that are written down at a time, where feedback windows never close."""


@dataclass(frozen=True)
class OrdersLived:
    """Orders of a market's recorded days, as the market keeps them, with their feedback."""

    orders: np.ndarray
    """Rows of ``sim.state.ORDER`` in order of id."""
    first_id: int
    """Id of the first; the others follow without a gap."""
    answered: np.ndarray
    """Day of their feedback; NEVER = none."""
    stars: np.ndarray
    """Stars that it had at first; 0 = none."""

    @classmethod
    def through(cls, engine: Engine) -> OrdersLived:
        """Live a market to its end and write down all orders placed on its recorded days.

        Feedback counts with the stars that were given first, and the last orders with what came in
        the run-out. Raises ValueError for a market that has begun its recorded days already.
        """
        if engine.day > 1:
            raise ValueError(f"the log begins on day 1, and day {engine.day} is next")
        p, config = engine.world.p, engine.config
        first_id = engine.world.count("n_orders")
        kept, window = int(p["kept_days"][0]), int(p["feedback_window_days"][0])
        closed = min(window, kept - AT_LEAST)
        written, parts = 0, []
        while engine.day <= engine.last_day:
            engine.live_a_day()
            today = engine.day - 1
            if today - written >= kept or today == engine.last_day:
                last = config.days if today == engine.last_day else today - closed
                parts.append(_orders(engine.world, written + 1, min(last, config.days)))
                written = last
        orders, answered, stars = (np.concatenate(column) for column in zip(*parts, strict=True))
        return cls(orders, first_id, answered, stars)


def order_log(engine: Engine) -> OrderLog:
    """Live a market to its end; the log of all orders placed on its recorded days.

    Raises ValueError for a market that has begun its recorded days already.
    """
    return OrderLog(**order_columns(OrdersLived.through(engine)))


def _orders(w: World, first: int, last: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The kept orders placed on days ``first`` to ``last`` in order of id, with their feedback."""
    ids = np.arange(w.count("oldest_order"), w.count("n_orders"))
    orders = w.orders[ids % w.orders.size]
    orders = orders[(orders["placed"] >= first) & (orders["placed"] <= last)]
    orders["delivered"][orders["delivered"] >= w.count("day")] = NEVER
    answered = orders["feedback"] != NOBODY
    posts = w.posts[np.maximum(orders["feedback"], 0)]
    return (
        orders,
        np.where(answered, posts["posted"], NEVER),
        np.where(answered, posts["first_stars"], 0).astype(int),
    )


def order_columns(lived: OrdersLived) -> dict[str, np.ndarray]:
    """Columns of an :class:`OrderLog`."""
    orders = lived.orders
    days = {
        "ordered": orders["placed"],
        "handed_over": orders["dispatched"],
        "delivered": orders["delivered"],
        "promised": orders["promised"],
        "answered": lived.answered,
    }
    columns = {
        name: np.where(day == NEVER, np.nan, day + HOURS[name]) for name, day in days.items()
    }
    return columns | {"stars": lived.stars}
