"""Those who buy and those who sell, as plain Mesa has them."""

from __future__ import annotations

from bisect import bisect
from math import ceil, exp, log
from typing import TYPE_CHECKING

import mesa
import numpy as np

from benchmarks.plain_orders import Customer, Order
from benchmarks.plain_rules import CANCELLED, DAMAGED, FINE, NEVER, WRONG, trips_on_day

if TYPE_CHECKING:
    from benchmarks.plain_mesa import PlainMarket


class Buyer(Customer):
    """A user who buys."""

    def __init__(self, model: PlainMarket, row: np.void, rate: float) -> None:
        super().__init__(model, row, rate)
        self.segment = int(row["segment"])
        self.likings: dict[int, float] = {}
        """exp(taste) of every listing met: what multiplies its attraction."""
        self.bought: dict[int, int] = {}
        """Day of the last purchase of a listing that was not cancelled."""
        self.orders: list[Order] = []
        self.next_due = NEVER
        self.letters: list[Order] = []

    def step(self) -> None:
        """Every day: shop or not, see to orders that are due, hear what has been answered."""
        model = self.model
        u, rate = model.draw(), self.rate * model.pace
        if u < rate:
            self.go_shopping(trips_on_day(rate, u))
        if self.next_due <= model.day:
            self._look_through_orders(model.day)

    def _look_through_orders(self, today: int) -> None:
        for order in self.orders:
            if order.due == today:
                self.attend(order)
        for order in self.letters:
            self.hear(order)
        self.letters.clear()
        self.orders = [order for order in self.orders if order.due < NEVER]
        self.next_due = min([order.due for order in self.orders], default=NEVER)

    def go_shopping(self, trips: int) -> None:
        """Search so many times; each time buy one of what is found, or nothing."""
        model = self.model
        model.platform.today.trips += trips
        for _ in range(trips):
            found = model.platform.results(model.categories)
            bought = self._choose(found)
            if bought is not None:
                self._buy(bought)
            if not self.vocal.isdisjoint(found):
                self.come_across(found, bought)

    def _choose(self, found: list[int]) -> int | None:
        """One of the examined listings or nothing, each in proportion to exp(utility)."""
        model, likings, memory = self.model, self.likings, self.memory
        rules, draw, seller_of = model.rules, model.draw, model.platform.seller_of
        attraction = model.platform.attraction[self.segment]
        total = rules.nothing
        ends = [total]
        for listing in found:
            liking = likings.get(listing)
            if liking is None:
                liking = likings[listing] = exp(rules.taste * (2.0 * draw() - 1.0))
            pull = attraction[listing] * liking
            if memory and seller_of[listing] in memory:
                pull *= self._experience(seller_of[listing])
            total += pull
            ends.append(total)
        k = bisect(ends, draw() * total)
        return found[k - 1] if k > 0 else None

    def _experience(self, seller: int) -> float:
        """What own experience of a store multiplies the attraction of its listings by."""
        rules, (stars, day) = self.model.rules, self.memory[seller]
        faded = 2.0 ** ((day - self.model.day) / rules.half_life)
        return exp(rules.experience * (stars - 3.0) * faded)

    def _buy(self, listing: int) -> None:
        model, platform = self.model, self.model.platform
        self.purchases += 1
        platform.sold[listing] += 1
        order = model.sellers[platform.seller_of[listing]].fulfil(self, listing)
        if order.trouble != CANCELLED:
            self.bought[listing] = model.day
        model.idiom.place(order)

    def has_bought(self, listing: int) -> bool:
        """Has it bought this listing, as far back as orders are kept?"""
        day = self.bought.get(listing, -NEVER)
        return self.model.day - day <= self.model.rules.kept_days

    def taste_of(self, listing: int) -> float:
        """How well a listing that was met seems to suit this buyer."""
        return log(self.likings[listing])


class Seller(mesa.Agent):
    """A seller that serves every order on the evening of its day and answers complaints."""

    model: PlainMarket

    def __init__(self, model: PlainMarket, row: np.void, number: int) -> None:
        super().__init__(model)
        self.row = number
        self.slowness = float(row["slowness"])
        self.cancelled, self.damaged = float(row["cancelled"]), float(row["damaged"])
        self.wrong_item = float(row["wrong_item"])
        self.answers, self.answer_delay = float(row["answers"]), float(row["answer_delay"])
        self.tone, self.refund = float(row["tone"]), float(row["refund"])
        self.complaints: list[Order] = []
        self.to_answer: list[Order] = []

    def step(self) -> None:
        """Every day: read the complaints of yesterday, send the answers that are due."""
        if self.complaints:
            self._read_complaints(self.model.day)
        if self.to_answer:
            self._send_answers(self.model.day)

    def fulfil(self, buyer: Buyer, listing: int) -> Order:
        """A new order: promised, and on its way this evening or cancelled."""
        model, platform = self.model, self.model.platform
        day, price = model.day, platform.price[listing]
        promise, patience, handling, transit = model.parcel()
        order = Order(buyer, self, listing, price, platform.stars[listing], day)
        order.promised = day + promise
        order.trouble = self._what_goes_wrong()
        if order.trouble == CANCELLED:
            order.delivered, order.refunded = NEVER, price
            order.due = order.due_receive = day + 1
            return order
        longest, slowness = model.rules.longest_days, self.slowness
        on_its_way = ceil(min(longest, slowness * transit)) or 1
        order.delivered = day + int(min(longest, slowness * handling)) + on_its_way
        order.due = order.due_receive = min(order.delivered, order.promised + patience)
        return order

    def _what_goes_wrong(self) -> int:
        draw = self.model.draw
        if draw() < self.cancelled:
            return CANCELLED
        if draw() < self.damaged:
            return DAMAGED
        return WRONG if draw() < self.wrong_item else FINE

    def _read_complaints(self, today: int) -> None:
        fresh = [order for order in self.complaints if order.complained_on == today]
        for order in self.complaints:
            if order.complained_on < today:
                self.consider(order)
        self.complaints = fresh

    def consider(self, order: Order) -> None:
        """Answer a complaint that has been read, or not; today or after some days."""
        model = self.model
        if model.draw() < self.answers:
            wait = int(model.random.expovariate(1.0) * self.answer_delay)
            order.answer_on = model.day + wait
            model.idiom.answer_later(order)

    def _send_answers(self, today: int) -> None:
        for order in self.to_answer:
            if order.answer_on == today:
                self.answer(order)
        self.to_answer = [order for order in self.to_answer if order.answer_on > today]

    def answer(self, order: Order) -> None:
        """Words and money go out; they are heard tomorrow."""
        given = round(self.refund * order.price)
        order.refunded = min(order.price, order.refunded + given)
        self.model.idiom.write_to_buyer(order)
