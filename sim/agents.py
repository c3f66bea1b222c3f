"""Buyers, non-buying users and sellers: Mesa agents, each a handle on one row of the market.

An agent's ``step`` runs the day's phases on its own rows. Agents are made when somebody looks at
them, which draws no random number and changes nothing. A subclass may override these hooks:

* Buyer: ``examine``, ``choose``, ``judge``, ``speak``, ``stars``, ``reconsider``
* Seller: ``act``

Give the overriding agents to ``Marketplace(..., buyers={7: MyBuyer}, sellers={"Acme": MySeller})``;
they alone leave the compiled loop, and calling ``super()`` in every hook changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from sim import room
from sim.errors import Refused
from sim.handles import MarketAgent, User, check_stars
from sim.phases import act, come_across, judge, reconsider, revising, shop, speak, write
from sim.phases.common import order_id, record_row, refresh_due
from sim.phases.settle import feedback_verdict
from sim.rules import feedback
from sim.rules.attention import MAX_EXAMINED
from sim.state import FEEDBACK, MAIL_COMPLAINT, NEVER, NOBODY, REVIEW


class NonBuyingUser(User):
    """A user of the platform who never buys here, and may review what it comes across."""

    def step(self) -> None:
        """Come across listings, reconsider."""
        today, w, days = self._begin_step(), self.world, self.model.rows_of_today()
        met = w.count("n_encounters")
        trips, arrivals = days.trips(self.row), days.arrivals(self.row)
        if trips[0] < trips[1]:
            shop.shop(w, today, *trips)
            room.for_speaking(w)
            come_across.come_across(w, today, met, w.count("n_encounters"))
        if arrivals[0] < arrivals[1]:
            self._reconsider(*arrivals, today)


class Buyer(User):
    """A customer. The hooks return what the compiled rules would do; override them to differ."""

    def step(self) -> None:
        """Shop, receive, judge, speak, come across, reconsider."""
        today, days = self._begin_step(), self.model.rows_of_today()
        w, row = self.world, self.row
        trips, due, arrivals = days.trips(row), days.due(row), days.arrivals(row)
        if trips[0] == trips[1] and due[0] == due[1] and arrivals[0] == arrivals[1]:
            return
        if w.users["own_mind"][row]:
            self._step_with_own_mind(today, trips, due, arrivals)
            return
        met = w.count("n_encounters")
        shop.shop(w, today, *trips)
        room.for_speaking(w)
        judge.receive(w, today, *due)
        judge.judge(w, today, *due)
        speak.speak(w, today, *due)
        come_across.come_across(w, today, met, w.count("n_encounters"))
        self._reconsider(*arrivals, today)

    @property
    def baskets(self) -> np.ndarray:
        """What was put in the basket today, not yet ordered, as rows of ``sim.state.BASKET``."""
        filled = self.world.baskets[: self.world.count("n_baskets")]
        return filled[filled["user"] == self.row]

    @property
    def orders(self) -> np.ndarray:
        """Own orders that are still kept, newest first, as rows of ``sim.state.ORDER``."""
        w, rows, order = self.world, [], int(self.world.users["last_order"][self.row])
        while order >= w.count("oldest_order"):
            rows.append(order % w.orders.size)
            order = int(w.orders["previous"][rows[-1]])
        return w.orders[rows]

    def order_id(self, row: int) -> int:
        """Id of the order in a row of ``world.orders``, as ``leave_feedback`` wants it."""
        return int(order_id(self.world, row))

    def leave_feedback(self, order: int, stars: int) -> None:
        """Leave feedback on an order (by id) today. Raises Refused when the rules forbid it."""
        w = self.world
        check_stars(stars)
        verdict = feedback_verdict(w, self.row, order, self.model.day)
        pending = self.drafts
        if (
            verdict == feedback.ALLOWED
            and order in pending["order"][pending["channel"] == FEEDBACK]
        ):
            verdict = feedback.ALREADY_LEFT
        if verdict != feedback.ALLOWED:
            raise Refused(feedback.REFUSALS[verdict])
        row = order % w.orders.size
        self._draft(order, int(w.orders["listing"][row]), FEEDBACK, stars)

    # hooks ---------------------------------------------------------------------------------------

    def examine(self, trip: int) -> Sequence[int]:
        """Listings (rows) that this trip (row of ``world.trips``) examines, at most 16.

        What is not on sale is passed over.
        """
        return self.world.in_view[: shop.examine(self.world, trip, 0)[0]].tolist()

    def choose(self, trip: int, examined: Sequence[int]) -> int | None:
        """The examined listing to buy, or None."""
        self._look(trip, examined)
        chosen = shop.choose(self.world, trip, 0, len(examined), self.model.day)
        return None if chosen == NOBODY else int(chosen)

    def judge(self, order: int) -> tuple[float, float]:
        """Latent satisfaction with service and product (NaN = not there) of an order row."""
        w = self.world
        return judge.service_felt(w, order, self.model.day), judge.product_felt(w, order)

    def speak(self, order: int) -> tuple[int | None, int | None]:
        """Days on which feedback and review of an order row will be written; None = never.

        Where one rating is for store and listing, it is the feedback, and no review is taken.
        """
        row = self.world.orders[order]
        return _day_or_none(row["due_feedback"]), _day_or_none(row["due_review"])

    def stars(self, order: int, channel: int) -> int:
        """Stars 1..5 given for an order row in a channel (FEEDBACK or REVIEW).

        On a scale of three the platform keeps the mark of their class.
        """
        return int(write.stars_said(self.world, order, channel))

    def reconsider(self, arrival: int) -> int | None:
        """Stars to give after an apology (row of ``world.arrivals``): 0 = delete, None = keep."""
        stars = reconsider.reconsidered(self.world, arrival, self.model.day)
        return None if stars < 0 else int(stars)

    # the same phases, asking the hooks -----------------------------------------------------------

    def _step_with_own_mind(
        self, today: int, trips: tuple[int, int], due: tuple[int, int], arrivals: tuple[int, int]
    ) -> None:
        w, met = self.world, self.world.count("n_encounters")
        for trip in range(*trips):
            self._take_trip(trip, record_row(today))
        room.for_speaking(w)
        for order in w.due_today[slice(*due)].tolist():
            self._handle_order(order, today)
        come_across.come_across(w, today, met, w.count("n_encounters"))
        self._reconsider(*arrivals, today)

    def _take_trip(self, trip: int, row: int) -> None:
        w = self.world
        named = _rows(self.examine(trip), "examine")
        if len(named) > MAX_EXAMINED or len(set(named)) < len(named):
            raise ValueError(f"examine() must return at most {MAX_EXAMINED} rows, each once")
        if not set(range(w.count("n_listings"))).issuperset(named):
            raise ValueError(f"examine() must return rows of listings, not {named}")
        examined = [listing for listing in named if w.listings["on_sale"][listing]]
        chosen = self.choose(trip, examined)
        if chosen is not None and chosen not in named:
            raise ValueError(f"choose() must return one of {examined} or None, not {chosen!r}")
        bought = chosen if chosen in examined else NOBODY
        self._look(trip, examined)
        shop.finish_trip(w, trip, len(examined), bought, row)

    def _look(self, trip: int, examined: Sequence[int]) -> None:
        self.world.in_view[: len(examined)] = examined
        shop.look(self.world, trip, len(examined), self.model.day)

    def _handle_order(self, order: int, today: int) -> None:
        w = self.world
        if w.orders["due_receive"][order] == today:
            judge.receive_order(w, order, today)
            service, product = _pair(self.judge(order), "judge")
            judge.note_judged(w, order, today, float(service), float(product))
        speak.care_for(w, order, today)
        self._plan(order, today)
        for channel, column in ((FEEDBACK, "due_feedback"), (REVIEW, "due_review")):
            if w.orders[column][order] == today:
                stars = self.stars(order, channel)
                check_stars(stars)
                write.write(w, order, channel, stars)
        refresh_due(w, order)

    def _plan(self, order: int, today: int) -> None:
        """Ask ``speak`` about an order whose posts were planned today."""
        w = self.world
        if w.orders["planned_on"][order] != today:
            return
        days = _pair(self.speak(order), "speak")
        for column, day in zip(("due_feedback", "due_review"), days, strict=True):
            planned = w.orders[column][order]
            if day is not None and day != planned and not day > today:
                raise ValueError(f"speak() must return days after today ({today}), not {day!r}")
            w.orders[column][order] = NEVER if day is None else min(day, NEVER)
        refresh_due(w, order)

    def _reconsider(self, lo: int, hi: int, today: int) -> None:
        w = self.world
        if not w.users["own_mind"][self.row]:
            super()._reconsider(lo, hi, today)
            return
        for i in range(lo, hi):
            if not reconsider.asks_to_think_again(w, i):
                reconsider.hear(w, i, today)
                order = int(w.arrivals["order"][i])
                if order >= w.count("oldest_order"):
                    self._plan(order % w.orders.size, today)
                continue
            reconsider.think_again(w, i)
            stars = self.reconsider(i)
            room.with_room(w, revisions=w.count("n_revisions") + 1)
            if stars is None:
                words = reconsider.reconsidered(w, i, today)
                reconsider.answer_in_words(w, i, today, words)
            else:
                if stars != 0:
                    check_stars(stars)
                revising.revise(w, w.arrivals["key"][i], int(w.arrivals["post"][i]), stars)
            reconsider.count_message(w, i)


class Seller(MarketAgent):
    """A seller: reads every day what had arrived by yesterday evening, and acts."""

    def step(self) -> None:
        """Act."""
        self._begin_step()
        self.act()

    @property
    def name(self) -> str:
        """The seller's name."""
        return self.model.seller_names[self.row]

    @property
    def account(self) -> np.void:
        """Own row of ``sim.state.SELLER``."""
        return self.world.sellers[self.row]

    @property
    def inbox(self) -> list[int]:
        """Rows of ``world.inbox`` that this seller reads today."""
        mail = self.world.inbox["seller"][: self.world.count("n_inbox")]
        return np.flatnonzero(mail == self.row).tolist()

    def act(self) -> None:
        """Hook: send what was put off until today, answer complaints, follow the strategy."""
        own_mind = int(self.account["own_mind"])
        act.act(self.world, self.model.day, self.row, self.row + 1, own_mind)

    def answer(self, mail: int) -> None:
        """Answer a complaint (row of ``world.inbox``) as the seller's care says."""
        self._room_to_write(mail, complaint=True)
        act.answer_complaint(self.world, mail, self.model.day)

    def apologise(self, mail: int) -> None:
        """Apologise to the author of a bad post (row of ``world.inbox``), if there is a channel."""
        self._room_to_write(mail, complaint=False)
        act.apologise(self.world, mail, self.model.day)

    def _room_to_write(self, mail: int, *, complaint: bool) -> None:
        """Raises ValueError when the mail is not this seller's of today, or of another kind."""
        w = self.world
        if mail not in self.inbox:
            raise ValueError(f"row {mail} is not in the inbox of {self.name!r} today")
        if (w.inbox["kind"][mail] == MAIL_COMPLAINT) != complaint:
            raise ValueError("answer() is for complaints, apologise() for feedback and reviews")
        room.with_room(w, outbox=w.count("n_outbox") + room.contacts_of_a_day(w))


def _rows(value: Any, hook: str) -> list[int]:
    try:
        return [int(v) for v in value]
    except (TypeError, ValueError) as error:
        raise ValueError(f"{hook}() must return rows of listings, not {value!r}") from error


def _pair(value: Any, hook: str) -> tuple[Any, Any]:
    try:
        first, second = value
    except (TypeError, ValueError) as error:
        raise ValueError(f"{hook}() must return two values, not {value!r}") from error
    return first, second


def _day_or_none(day: int) -> int | None:
    return None if day == NEVER else int(day)
