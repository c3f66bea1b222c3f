"""The market of ``market.yaml`` as plain Mesa would write it: agents are Python objects.

The same market, phase by phase and parameter by parameter, as the engine in ``sim/`` lives; its
first morning is the engine's. Only luck is drawn otherwise, so the two agree in distribution
(``tests/test_peers.py``). What that market leaves out is left out here (``must_be_plain``).

Two idioms say who is asked on a day, and nothing else: in "everyone", every agent steps every day
and looks for itself whether it goes shopping and what of its own is due; in "sampled", one draw
over all users tells who goes shopping, what is due lies in buckets by day, and only agents
concerned act.

    python -m benchmarks.plain_mesa --buyers 10000 --days 30 --idiom sampled
"""

from __future__ import annotations

import argparse
import gc
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from math import exp, sqrt
from statistics import median
from typing import Any, Literal, TypeVar

import mesa
import numpy as np

from benchmarks.contenders import MARKET
from benchmarks.plain_agents import Buyer, Seller
from benchmarks.plain_orders import Order
from benchmarks.plain_platform import Day, Platform
from benchmarks.plain_rules import Rules, must_be_plain, trips_on_day
from benchmarks.plain_users import User
from sim.build import build
from sim.config.market import Market
from sim.world import World

YEAR = 365
BATCH = 4096
Drawn = TypeVar("Drawn")
Parcel = tuple[int, int, float, float]
Idiom = Literal["everyone", "sampled"]


class Everyone:
    """Every agent steps every day; each keeps what is due with it."""

    def __init__(self, model: PlainMarket) -> None:
        self.model = model

    def live_a_day(self) -> None:
        """Users first, then sellers: in the order in which they were made."""
        self.model.agents.do("step")

    def place(self, order: Order) -> None:
        """A new order waits with its buyer."""
        order.buyer.orders.append(order)
        self.remind(order)

    def remind(self, order: Order) -> None:
        """Something about an order is due on another day."""
        order.buyer.next_due = min(order.buyer.next_due, order.due)

    def complain(self, order: Order) -> None:
        """The seller reads it tomorrow."""
        order.seller.complaints.append(order)

    def answer_later(self, order: Order) -> None:
        """The seller keeps the answer in mind until its day, which may be today."""
        order.seller.to_answer.append(order)

    def write_to_buyer(self, order: Order) -> None:
        """The buyer hears it tomorrow."""
        order.buyer.letters.append(order)
        order.buyer.next_due = min(order.buyer.next_due, self.model.day + 1)


class Sampled:
    """Only those act who go shopping, or have something due, which is kept by day."""

    def __init__(self, model: PlainMarket) -> None:
        self.model = model
        self.rates = np.array([user.rate for user in model.users])
        self.due: defaultdict[int, list[Order]] = defaultdict(list)
        self.complaints: defaultdict[int, list[Order]] = defaultdict(list)
        self.answers: defaultdict[int, list[Order]] = defaultdict(list)
        self.letters: defaultdict[int, list[Order]] = defaultdict(list)

    def live_a_day(self) -> None:
        """One draw says who shops; then what lies in today's buckets."""
        model, day = self.model, self.model.day
        u, rates = model.rng.random(self.rates.size), self.rates * model.pace
        shoppers = np.flatnonzero(u < rates)
        users = model.users
        for k, rate, draw in zip(
            shoppers.tolist(), rates[shoppers].tolist(), u[shoppers].tolist(), strict=True
        ):
            users[k].go_shopping(trips_on_day(rate, draw))
        for order in self.due.pop(day, ()):
            if order.due == day:
                order.buyer.attend(order)
        for order in self.letters.pop(day, ()):
            order.buyer.hear(order)
        for order in self.complaints.pop(day, ()):
            order.seller.consider(order)
        for order in self.answers.pop(day, ()):
            order.seller.answer(order)

    def place(self, order: Order) -> None:
        """A new order goes into the bucket of the day on which it is due."""
        self.due[order.due].append(order)

    remind = place

    def complain(self, order: Order) -> None:
        """The seller reads it tomorrow."""
        self.complaints[self.model.day + 1].append(order)

    def answer_later(self, order: Order) -> None:
        """The answer goes out on its day, which may be today."""
        self.answers[order.answer_on].append(order)

    def write_to_buyer(self, order: Order) -> None:
        """The buyer hears it tomorrow."""
        self.letters[self.model.day + 1].append(order)


class PlainMarket(mesa.Model):
    """One market; a step is a day. ``replicate``: which luck, and whose world it begins with.

    Raises ValueError where ``config`` has what is left out here.
    """

    def __init__(self, config: Market, idiom: Idiom, replicate: int = 0) -> None:
        super().__init__(seed=1_000_003 * config.seed + replicate)
        must_be_plain(config)
        world = build(config, replicate)
        self.config, self.rules = config, Rules(config)
        self.day = world.count("day")
        self.draw: Callable[[], float] = self.random.random
        self.normal: Callable[[], float] = _batches(self._draw_normals)
        self.logistic: Callable[[], float] = _batches(self._draw_logistics)
        self.parcel: Callable[[], Parcel] = _batches(self._draw_parcels)
        self.platform = Platform(config, self.rules, world, self.random)
        self._make_agents(world)
        self.idiom = Everyone(self) if idiom == "everyone" else Sampled(self)
        self._weekday = world.weekday.tolist()
        self._weights = np.array([c.share for c in config.categories])
        self._week_before = self._draw_week()
        self._begin_week()

    def _make_agents(self, w: World) -> None:
        n_buyers, rates = self.config.buyers.count, w.rate.tolist()
        self.users: list[User] = [
            (Buyer if k < n_buyers else User)(self, w.users[k], rate)
            for k, rate in enumerate(rates)
        ]
        self.sellers = [Seller(self, w.sellers[k], k) for k in range(w.count("n_sellers"))]
        self._draw_vocal()

    def _draw_vocal(self) -> None:
        """For every user, the listings it would speak of this year without buying them."""
        n = len(self.platform.seller_of)
        voices = np.array([user.voice for user in self.users])
        chance = np.minimum(1.0, self.rules.unbought_chance * voices)
        for user, count in zip(self.users, self.rng.binomial(n, chance).tolist(), strict=True):
            user.vocal = set(self.random.sample(range(n), count))

    # chance, many draws at a time -----------------------------------------------------------------

    def _draw_normals(self) -> list[float]:
        return self.rng.standard_normal(BATCH).tolist()

    def _draw_logistics(self) -> list[float]:
        return self.rng.logistic(size=BATCH).tolist()

    def _draw_parcels(self) -> Iterable[Parcel]:
        """Days promised and of patience after that; days of handling and transit, as factors.

        Promise and transit share the distance. How slow a seller is comes on top.
        """
        made, judging = self.config.fulfilment, self.config.judging
        far, promise, patience, handling, transit = self.rng.standard_normal((5, BATCH))
        load, own = sqrt(made.distance), sqrt(1.0 - made.distance)
        days = made.promise_days * np.exp(made.promise_sd * (load * far + own * promise))
        waits = judging.patience_days * np.exp(judging.patience_sd * patience)
        handled = made.handling_days * np.exp(made.handling_sd * handling)
        carried = made.transit_days * np.exp(made.transit_sd * (load * far + own * transit))
        return zip(
            np.maximum(1, np.rint(days)).astype(int).tolist(),
            np.maximum(1, np.ceil(waits)).astype(int).tolist(),
            handled.tolist(),
            carried.tolist(),
            strict=True,
        )

    # weeks --------------------------------------------------------------------------------------

    def _draw_week(self) -> np.ndarray:
        return self.rng.standard_normal(1 + len(self.config.categories))

    def _begin_week(self) -> None:
        """Season of all trips and fashion of categories, half shared with the week before."""
        shopping, z = self.config.buyers, self._draw_week()
        shared, self._week_before = (z + self._week_before) / sqrt(2.0), z
        self._season = exp(shopping.season_sd * shared[0] - 0.5 * shopping.season_sd**2)
        sd = shopping.fashion_sd
        fashion = np.exp(sd * shared[1:] - 0.5 * sd * sd)
        self.categories: list[float] = np.cumsum(self._weights * fashion).tolist()

    # days ---------------------------------------------------------------------------------------

    def step(self) -> None:
        """Live one day: everyone concerned acts, then the platform."""
        weekday = (self.day - 1) % 7
        if weekday == 0:
            self._begin_week()
        if self.day > 0 and self.day % YEAR == 0:
            self._draw_vocal()
        self.pace = self._season * self._weekday[weekday]
        self.idiom.live_a_day()
        self.platform.evening(self.day)
        self.day += 1

    def live_past(self) -> None:
        """Live the days before day 1, which are not recorded."""
        while self.day < 1:
            self.step()

    def run(self, days: int) -> PlainMarket:
        """Live the past, if it is still ahead, and so many recorded days."""
        self.live_past()
        for _ in range(days):
            self.step()
        return self

    def totals(self) -> dict[str, Any]:
        """Totals over the recorded days so far."""
        days, platform = self.platform.days, self.platform
        counts = {
            name: sum(getattr(day, name) for day in days)
            for name in Day.__dataclass_fields__
            if name not in ("feedback", "reviews")
        }
        feedback = [sum(day.feedback[k] for day in days) for k in range(5)]
        reviews = [sum(day.reviews[k] for day in days) for k in range(5)]
        defects = platform.defects_since_day_1()
        shown = [stars for stars in platform.stars if stars > 0.0]
        return counts | {
            "feedback": sum(feedback),
            "feedback_stars": feedback,
            "reviews": sum(reviews),
            "review_stars": reviews,
            "defects": defects,
            "odr": defects / max(1, counts["orders"]),
            "displayed_stars": sum(shown) / max(1, len(shown)),
        }


def _batches(draw: Callable[[], Iterable[Drawn]]) -> Callable[[], Drawn]:
    """One after the other of what is drawn many at a time, which NumPy does sooner than one."""

    def one_by_one() -> Iterator[Drawn]:
        while True:
            yield from draw()

    return one_by_one().__next__


def main() -> None:
    """Print the CPU time of a day, a user-day and an order."""
    from experiments.config import load_market

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--buyers", type=int, default=10_000)
    parser.add_argument("--days", type=int, default=30, help="recorded days (30)")
    parser.add_argument("--idiom", choices=("everyone", "sampled"), default="sampled")
    parser.add_argument("--repeats", type=int, default=3, help="markets that are lived (3)")
    options = parser.parse_args()
    size = (f"buyers.count={options.buyers}", f"non_buying_users.count={options.buyers // 5}")
    config = load_market(MARKET, (*size, f"days={options.days}"))
    ms = []
    for replicate in range(options.repeats):
        model = PlainMarket(config, options.idiom, replicate)
        model.live_past()
        gc.collect()
        gc.freeze()  # agents live as long as the market: looking for garbage among them is waste
        start = time.process_time()
        model.run(options.days)
        ms.append(1000.0 * (time.process_time() - start) / options.days)
        orders = model.totals()["orders"] / options.days
        gc.unfreeze()
    a_day, users = median(ms), config.buyers.count + config.non_buying_users.count
    print(
        f"{options.idiom}, {users:,} users: {a_day:.2f} ms CPU a day "
        f"({min(ms):.2f} - {max(ms):.2f}), {1e6 * a_day / users:.0f} ns a user-day, "
        f"{1000.0 * a_day / orders:.1f} us an order"
    )


if __name__ == "__main__":
    main()
