"""What a platform measures of stores and products, and what follows: measures, gates, penalties.

A measure is a share of orders, a sum over ratings, a score of conduct, or a mix of measures, over
a window of days. A gate compares one with a limit. Penalties follow from gates, from points
collected in a year, and from forbidden outreach that was found out.
"""

# fmt: off  (a table of parameters reads best with one paragraph each)
from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from sim.config.fields import Frozen, param

OrderMark = Literal["low_rating", "claim", "chargeback", "cancelled", "refunded", "returned",
                    "shipped_late", "arrived_late", "untracked", "unanswered", "disputed"]
"""What may be said of an order, each at most once."""

Rated = Literal["stars", "good", "points", "described", "service", "shipping", "volume"]
"""What is summed over ratings: stars; 1 for good; +1, 0, -1; the three shop scores; 1 for each."""

PenaltyKind = Literal["at_risk", "deactivate", "close", "points", "hide", "delist", "remove",
                      "exposure", "fine", "hold_payout", "pay_refunds", "no_featured",
                      "policy_score", "wipe_reviews", "block_reviews"]
WITH_AMOUNT = {"points": "points", "exposure": "x", "fine": "USD", "policy_score": "points"}
"""Penalties that need an amount, and its unit."""
FOR_DAYS = ("hide", "delist", "exposure", "hold_payout", "pay_refunds", "no_featured")
"""Penalties that last; without days as long as their gate is breached."""
PRODUCT_PENALTIES = ("remove", "pay_refunds", "exposure")
"""What a gate on a product may do: to that product alone."""


class Penalty(Frozen):
    """One thing that a platform does to a seller or a product."""

    do: PenaltyKind = Field(description="What is done")
    amount: float | None = Field(None, ge=0.0, le=1e6, description="How much: points, factor on "
                                 "exposure, USD (of a fine: for every act or crossing)")
    days: int | None = Field(None, ge=1, le=3650, description="How long; null = as long as the "
                             "gate is breached, of what was found out: for good")
    first_time: int = Field(1, ge=1, le=1000, description="From which time in a year on")
    last_time: int | None = Field(None, ge=1, le=1000, description="Until which time; null = all")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if (self.amount is not None) != (self.do in WITH_AMOUNT):
            raise ValueError(f"amount belongs to {', '.join(WITH_AMOUNT)}, which need it")
        if self.do == "exposure" and not self.amount:
            raise ValueError("found amount 0 with do: exposure; allowed: above 0; to take "
                             "listings out of the results: hide")
        if self.days is not None and self.do not in FOR_DAYS:
            raise ValueError(f"found days with do: {self.do}; allowed with: {', '.join(FOR_DAYS)}")
        if self.last_time is not None and self.last_time < self.first_time:
            raise ValueError("found last_time before first_time; allowed: not earlier")
        return self


def name_or_penalty(value: Any) -> Any:
    """A penalty without anything more to say may be written as its name."""
    return {"do": value} if isinstance(value, str) else value


Penalties = tuple[Annotated[Penalty, BeforeValidator(name_or_penalty)], ...]


class Part(Frozen):
    """One measure in a mix."""

    measure: str = Field(description="Name of a measure stated before", max_length=60)
    weight: float = param(
        1.0, "Weight of it", unit="weight", low=0.0, high=1000.0, source="see its file",
        status="assumed", world=True)
    ranked: tuple[float, float] | None = Field(
        None, description="Taken as the rank among peers, from this (worst) to that (best); null = "
        "as it is")


class Measure(Frozen):
    """One thing that is measured of every store, or of every product."""

    orders_with: tuple[OrderMark, ...] | None = Field(
        None, description="Share of orders, by their date, with at least one of these",
        min_length=1)
    ratings: Rated | None = Field(
        None, description="Mean over standing ratings, by their date; points and volume: the sum")
    policy_score: bool = Field(
        False, description="The score of conduct: what it starts with, less what violations cost, "
        "more for orders")
    mix: tuple[Part, ...] | None = Field(
        None, description="Weighted sum of other measures", min_length=1, max_length=20)
    level: Literal["store", "product"] = Field("store", description="Of what it is measured")
    better: Literal["lower", "higher"] = Field("lower", description="Which way is better")
    window_days: int = param(
        60, "Days that count", unit="days", low=1, high=3650, source="see its file",
        status="documented", world=True)
    lag_days: int = param(
        0, "Youngest days left out", unit="days", low=0, high=365, source="see its file",
        status="documented", world=True)
    min_count: int = param(
        0, "With fewer orders or ratings in the window there is no value", unit="count", low=0,
        high=1_000_000, source="see its file", status="documented", world=True)
    spared: int = param(
        0, "So many orders with a mark are passed over", unit="orders", low=0, high=1000,
        source="see its file", status="documented", world=True)
    defaults: bool = param(
        False, "Do ratings count that the platform left for silent customers?", unit="yes/no",
        source="see its file", status="documented", world=True)
    pair_month_max: int | None = param(
        None, "Of one customer at most so much counts in a calendar month of order dates; null = "
        "all", unit="count", low=1, high=1000, source="see its file", status="documented",
        world=True)
    pair_item_days: int | None = param(
        None, "Of one customer's good ratings of one listing, and of its bad ones, within so many "
        "days one counts; null = all", unit="days", low=1, high=365, source="see its file",
        status="documented", world=True)
    min_price: float = param(
        0.0, "Ratings of cheaper orders do not count", unit="USD", low=0.0, high=1e6,
        source="see its file", status="documented", world=True)
    start: float = param(
        200.0, "Score of conduct without violations and orders", unit="points", low=0.0, high=1e4,
        source="Amazon account health rating", status="published", world=True)
    most: float = param(
        1000.0, "The highest score of conduct", unit="points", low=0.0, high=1e4,
        source="Amazon account health rating", status="published", world=True)
    gain: float = param(
        4.0, "Points of conduct for every so many orders", unit="points", low=0.0, high=1e4,
        source="Amazon account health rating", status="published", world=True)
    gain_orders: int = param(
        200, "So many", unit="orders", low=1, high=1_000_000,
        source="Amazon account health rating", status="published", world=True)
    steps: tuple[tuple[float, float], ...] | None = Field(
        None, description="(rank among peers from which, value): the value shown in place of the "
        "measure, by its rank", min_length=1, max_length=20)

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        kinds = [self.orders_with, self.ratings, self.mix, self.policy_score or None]
        if sum(kind is not None for kind in kinds) != 1:
            raise ValueError("allowed: exactly one of orders_with, ratings, policy_score, mix")
        if self.level == "product" and (self.mix or self.policy_score):
            raise ValueError("found level: product; allowed with orders_with and ratings")
        return self


class Also(Frozen):
    """A further condition of a gate."""

    measure: str = Field(description="Name of a measure of the same level", max_length=60)
    above: float | None = Field(None, description="Holds above this")
    below: float | None = Field(None, description="... or below this")

    @model_validator(mode="after")
    def _one_limit(self) -> Self:
        _one_of_two(self)
        return self


def _one_of_two(limit: Gate | Also) -> None:
    if (limit.above is None) == (limit.below is None):
        raise ValueError("allowed: exactly one of above, below")


class Gate(Frozen):
    """A limit on a measure, and what follows where it is crossed."""

    measure: str = Field(description="Name of a measure", max_length=60)
    above: float | None = Field(None, description="Breached above this")
    below: float | None = Field(None, description="... or below this")
    at_least: int = param(
        0, "Only with at least so many orders or ratings in the window", unit="count", low=0,
        high=1_000_000, source="see its file", status="documented", world=True)
    marked_at_least: int = param(
        0, "Only with at least so many marked orders in the window", unit="count", low=0,
        high=1_000_000, source="see its file", status="documented", world=True)
    confidence: float = param(
        0.0, "Confidence of the one-sided Wilson lower bound of a share that must be above the "
        "limit; 0 = the plain value", unit="p", low=0.0, high=0.999,
        source="as the order defect rate's: volume is considered", status="assumed", world=True)
    also: tuple[Also, ...] = Field(
        (), description="Further conditions, all of which must hold too", max_length=8)
    every_days: int = param(
        1, "Days between two looks; in between it stays as it was", unit="days", low=1, high=365,
        source="see its file", status="documented", world=True)
    then: Penalties = Field(description="What follows", min_length=1, max_length=8)

    @model_validator(mode="after")
    def _one_limit(self) -> Self:
        _one_of_two(self)
        if 0.0 < self.confidence < 0.5 or (self.confidence > 0.0 and self.above is None):
            raise ValueError("found confidence; allowed: 0, or 0.5 to 0.999 with above")
        return self


class PointsStep(Frozen):
    """What follows when a year's points reach a number."""

    at: float = Field(ge=0.01, le=1e6, description="So many points")
    then: Penalties = Field(description="What follows", min_length=1, max_length=8)

    @model_validator(mode="after")
    def _ends(self) -> Self:
        if any(penalty.do == "points" for penalty in self.then):
            raise ValueError("found points as what follows from points; allowed: anything else")
        return self


class PointsRules(Frozen):
    """Penalty points of a calendar year; day 1 is 1 January of the first."""

    steps: tuple[PointsStep, ...] = Field((), description="What follows at how many points")
    carried_from: float | None = param(
        None, "Whoever ends a year with at least so many points ...", unit="points", low=0.0,
        high=1e6, source="see its file", status="documented", world=True)
    carried: float = param(
        0.0, "... begins the next with so many", unit="points", low=0.0, high=1e6,
        source="see its file", status="documented", world=True)
    kept_from: float | None = param(
        None, "Whoever has at least so many keeps them", unit="points", low=0.0, high=1e6,
        source="see its file", status="documented", world=True)
