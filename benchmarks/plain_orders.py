"""Orders, and what their customers do about them: receive, judge, complain, return, post.

In plain Python, an order is an object with its days and feelings, its customer a Mesa agent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmarks.plain_platform import BY_CHARGEBACK, BY_CLAIM
from benchmarks.plain_rules import (
    CANCELLED,
    DAMAGED,
    FINE,
    FINE_FROM,
    NEVER,
    TYPICAL_QUALITY,
    TYPICAL_STARS,
    WRONG,
    delay_days,
)
from benchmarks.plain_users import User

if TYPE_CHECKING:
    from benchmarks.plain_agents import Buyer, Seller
    from benchmarks.plain_mesa import PlainMarket

MEMORY = 4
"""Stores a customer remembers."""
QUIET, WILL_COMPLAIN, COMPLAINED, CLAIM_OPEN, CARE_OVER = range(5)
"""Stages of a complaint."""


class Order:
    """What was promised and came, what its buyer feels, and what is due on which day.

    Latent draws that decide more than once (``u_*``) are drawn once, so that a second look at an
    order never tosses the coin again. ``due``: the first of the four days that are due.
    """

    __slots__ = (
        "answer_on", "answered", "arrived", "blames_store", "buyer", "care", "complained_on",
        "defect", "delivered", "due", "due_care", "due_feedback", "due_receive", "due_review",
        "fed_back", "judged", "listing", "placed", "price", "product", "promised", "refunded",
        "returned", "reviewed", "seen_stars", "seller", "service", "settled", "trouble",
        "u_complains", "u_feedback", "u_returns", "u_review",
    )  # fmt: skip

    def __init__(
        self, buyer: Buyer, seller: Seller, listing: int, price: int, seen_stars: float, placed: int
    ) -> None:
        self.buyer, self.seller, self.listing = buyer, seller, listing
        self.price, self.seen_stars, self.placed = price, seen_stars, placed
        self.refunded = 0
        self.service = self.product = 0.0
        self.due_care = self.due_feedback = self.due_review = NEVER
        self.arrived = self.judged = self.returned = self.settled = False
        self.answered = self.fed_back = self.reviewed = False
        self.care, self.defect = QUIET, 0
        draw = buyer.model.draw
        self.u_complains, self.u_returns = draw(), draw()
        self.u_feedback, self.u_review = draw(), draw()
        self.blames_store = draw() < buyer.model.rules.blames_store

    promised: int
    delivered: int
    due_receive: int
    due: int
    trouble: int
    complained_on: int
    answer_on: int

    def store_felt(self) -> float:
        """Latent satisfaction with the store: service, and the product for who blames it."""
        if self.arrived and self.blames_store:
            return min(self.service, self.product)
        return self.service


class Customer(User):
    """A user with orders."""

    def __init__(self, model: PlainMarket, row: np.void, rate: float) -> None:
        super().__init__(model, row, rate)
        self.memory: dict[int, tuple[int, int]] = {}
        """Felt stars of stores by their rows, and the day on which they were felt."""
        self.tastes_after: dict[int, float] = {}
        """What of the taste of a listing was found out after buying, -1 to 1."""

    def attend(self, order: Order) -> None:
        """Do what is due about an order today, and note when it is due next."""
        today = self.model.day
        if order.due_receive == today:
            self._receive(order, today)
            if order.care == QUIET:
                self._decide_complaint(order, today)
            if order.care == QUIET or order.care == CARE_OVER:
                self._plan_posts(order, today)
        if order.due_care == today:
            self._advance_care(order, today)
        if order.due_feedback == today:
            self._give_feedback(order)
        if order.due_review == today:
            self._review(order)
        self._note_due(order)

    def _note_due(self, order: Order) -> None:
        order.due = min(order.due_receive, order.due_care, order.due_feedback, order.due_review)
        if order.due < NEVER:
            self.model.idiom.remind(order)

    # judging ------------------------------------------------------------------------------------

    def _receive(self, order: Order, today: int) -> None:
        """The parcel comes, or patience with a late one ends; judge what is known."""
        model, rules = self.model, self.model.rules
        if order.delivered == today:
            order.arrived = True
            model.platform.today.delivered += 1
            model.platform.today.late += today > order.promised
        known = order.arrived or order.trouble == CANCELLED
        trouble = rules.trouble_costs[order.trouble] if known else 0.0
        if order.judged:
            order.service -= trouble
        else:
            late = 0
            if order.trouble != CANCELLED:
                late = min(max(0, order.delivered - order.promised), len(rules.late_costs) - 1)
            order.service = rules.service + model.logistic() - rules.late_costs[late] - trouble
        if order.arrived:
            order.product = self._product_felt(order)
        order.judged = True
        order.due_receive = order.delivered if order.delivered > today else NEVER
        self._remember(order, today)

    def _product_felt(self, order: Order) -> float:
        """Latent satisfaction with a product that came: quality, taste, and what was expected."""
        model, rules, listing = self.model, self.model.rules, order.listing
        after = self.tastes_after.get(listing)
        if after is None:
            after = self.tastes_after[listing] = 2.0 * model.draw() - 1.0
        taste = rules.known * self.taste_of(listing) + rules.taste_after * after
        came = rules.quality * (model.platform.quality[listing] - TYPICAL_QUALITY)
        expected = came + rules.quality * model.platform.oversell[listing]
        if order.seen_stars > 0.0:
            promised = rules.expected_per_star * (order.seen_stars - TYPICAL_STARS)
            expected = 0.5 * (expected + promised)
        shortfall = max(0.0, expected - came)
        felt = rules.product + came + taste + model.logistic()
        return felt - rules.disappointment * shortfall

    def _remember(self, order: Order, today: int) -> None:
        """Keep the last satisfaction with a store, over the oldest of those remembered.

        The memory is in order of days, as what is felt anew goes to its end.
        """
        memory, store = self.memory, order.seller.row
        if store in memory:
            del memory[store]
        elif len(memory) == MEMORY:
            del memory[next(iter(memory))]
        memory[store] = (self.model.rules.felt(order.store_felt()), today)

    # complaining --------------------------------------------------------------------------------

    def _severity(self, order: Order) -> int:
        """Felt stars of the worse of service and product."""
        worst = min(order.service, order.product) if order.arrived else order.service
        return self.model.rules.felt(worst)

    def _decide_complaint(self, order: Order, today: int) -> None:
        rules = self.model.rules
        if order.u_complains < rules.complain[self._severity(order) - 1]:
            delay = delay_days(self.model.normal(), rules.complaint_delay, 0.5)
            order.care, order.due_care = WILL_COMPLAIN, today + delay - 1

    def _advance_care(self, order: Order, today: int) -> None:
        """The next step of a complaint is due."""
        model = self.model
        if order.care == WILL_COMPLAIN:
            order.care, order.complained_on = COMPLAINED, today
            order.due_care = today + 2 + model.rules.answer_days
            model.platform.today.complaints += 1
            model.idiom.complain(order)
        elif order.care == COMPLAINED:
            self._escalate(order, today, 1.0)
        elif order.care == CLAIM_OPEN:
            self._hear_verdict(order, today)

    def hear(self, order: Order) -> None:
        """The seller's answer settles the complaint, or it is taken further; or is too late."""
        today, rules, seller = self.model.day, self.model.rules, order.seller
        if order.care == COMPLAINED:
            order.answered = True
            waited = order.answer_on - order.complained_on - 1
            if self.model.draw() < rules.settles(seller.tone, seller.refund, waited):
                order.settled = True
                order.service += rules.recovery
                if order.arrived:
                    order.product += seller.refund * rules.recovery
                self._remember(order, today)
                self._end_care(order, today)
            else:
                self._escalate(order, today, rules.claim_if_refused)
            self._note_due(order)
        elif order.care == CLAIM_OPEN:
            order.answered = True

    def _escalate(self, order: Order, today: int, share: float) -> None:
        """An unsettled complaint becomes a claim or chargeback, or is over."""
        model, rules, draw = self.model, self.model.rules, self.model.draw
        chance = share * rules.claim[self._severity(order) - 1]
        if today > order.promised + rules.claim_window or draw() >= chance:
            self._end_care(order, today)
        elif draw() < rules.chargeback_share:
            model.platform.add_defect(order, BY_CHARGEBACK)
            order.refunded = order.price
            self._end_care(order, today)
        else:
            order.care, order.due_care = CLAIM_OPEN, today + rules.claim_days
            model.platform.today.claims += 1

    def _hear_verdict(self, order: Order, today: int) -> None:
        """The claim is decided; granted, it is a defect and a refund."""
        model, rules = self.model, self.model.rules
        came = order.delivered if order.arrived else today
        at_fault = came > order.promised or order.trouble != FINE
        unanswered = rules.granted_unanswered and not order.answered
        if order.refunded < order.price and (unanswered or at_fault):
            model.platform.add_defect(order, BY_CLAIM)
            order.refunded = order.price
            order.service += rules.refund_settles * rules.recovery
        self._end_care(order, today)

    def _end_care(self, order: Order, today: int) -> None:
        """The complaint is over; what is left is said in public."""
        order.care, order.due_care = CARE_OVER, NEVER
        self._plan_posts(order, today)

    # speaking -----------------------------------------------------------------------------------

    def _plan_posts(self, order: Order, today: int) -> None:
        """Return it or not; leave feedback and a review or not, and when."""
        self._decide_return(order)
        if not order.fed_back:
            order.due_feedback = _planned(order.due_feedback, self._feedback_day(order, today))
        if not order.reviewed:
            order.due_review = _planned(order.due_review, self._review_day(order, today))

    def _decide_return(self, order: Order) -> None:
        if not order.arrived or order.returned or order.settled:
            return
        rules, broken = self.model.rules, order.trouble in (DAMAGED, WRONG)
        stars = 1 if broken else rules.felt(order.product)
        if order.refunded < order.price and order.u_returns < rules.returns[stars - 1]:
            order.returned, order.refunded = True, order.price
            self.model.platform.today.returns += 1

    def _feedback_day(self, order: Order, today: int) -> int:
        """Day on which feedback will be left, or NEVER: of its own accord or after a reminder."""
        rules, stars = self.model.rules, self.model.rules.felt(order.store_felt())
        if order.u_feedback >= rules.reminded_chance[stars - 1] * self.voice:
            return NEVER
        due = today
        if order.u_feedback >= rules.feedback_chance[stars - 1] * self.voice:
            reminder = min(
                order.promised + rules.reminder_after_promise,
                order.placed + rules.reminder_after_order,
            )
            due = max(today, reminder)
        due += delay_days(self.model.normal(), *rules.feedback_delay)
        due = max(due, order.placed + rules.feedback_opens)
        return due if due <= order.placed + rules.feedback_window else NEVER

    def _review_day(self, order: Order, today: int) -> int:
        """Day on which the listing will be reviewed, or NEVER; only what has arrived is."""
        rules = self.model.rules
        if not order.arrived:
            return NEVER
        if order.u_review >= rules.review_chance[rules.felt(order.product) - 1] * self.voice:
            return NEVER
        due = today + delay_days(self.model.normal(), *rules.review_delay)
        return due if due <= order.placed + rules.kept_days else NEVER

    def _give_feedback(self, order: Order) -> None:
        model, rules = self.model, self.model.rules
        order.fed_back, order.due_feedback = True, NEVER
        noise = rules.kindness + rules.noise * model.logistic()
        stars = self.in_stars(order.store_felt(), 0.0, noise)
        product_only = (
            stars <= rules.negative_up_to
            and rules.felt(order.service) >= FINE_FROM
            and model.draw() < rules.product_only
        )
        model.platform.feedback_left.append((order, stars, product_only))

    def _review(self, order: Order) -> None:
        model, platform = self.model, self.model.platform
        order.reviewed, order.due_review = True, NEVER
        noise = model.rules.noise * model.logistic()
        stars = self.in_stars(order.product, platform.stars_met(order.listing), noise)
        platform.reviews_left.append((order.buyer, order.listing, stars, True))


def _planned(before: int, now: int) -> int:
    """The earlier of two plans; a new plan not to post calls an old one off."""
    return min(before, now) if now < NEVER else NEVER
