"""Strategies as data: lines of *when -> who -> what -> how much*.

A line names an event that the seller sees, filters on what it can see of it, an act, and what the
act may cost. Nothing here is private to customers; nothing in the engine is special to a strategy.
"""

# A table of parameters reads best with one paragraph each.
# fmt: off
from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from sim.config.fields import WORDS, Frozen, Probability, param

When = Literal["order_shipped", "order_delivered", "promise_passed", "feedback_posted",
               "review_posted", "complaint", "claim_opened", "odr_above", "state_is",
               "every_days", "on_day"]
Do = Literal["thank", "ask_feedback", "ask_review", "ask_both", "apologise", "refund", "replace",
             "reply_public", "ask_change", "request_removal", "set_service", "set_price", "pause",
             "reward", "buy_reviews"]
AccountState = Literal["healthy", "at risk", "deactivated"]
Stars = Annotated[int, Field(ge=1, le=5)]

ORDER_EVENTS = ("order_shipped", "order_delivered", "promise_passed")
POSTS = ("feedback_posted", "review_posted")
ALL_STARS = frozenset(range(1, 6))
TROUBLE = ("complaint", "claim_opened")
ABOUT_THE_STORE = ("odr_above", "state_is", "every_days", "on_day")
STORE_ACTS = ("set_service", "set_price", "pause")
ASKS = ("ask_feedback", "ask_review", "ask_both")
TO_THE_STORE = (*STORE_ACTS, "buy_reviews")
"""Acts that are no messages, and have no limits of work and money."""

MESSAGES = ("thank", *ASKS, "apologise", "refund", "replace")
ACTS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("order_shipped", "order_delivered"), (*MESSAGES, "reward")),
    "promise_passed": MESSAGES,
    **dict.fromkeys(TROUBLE, ("apologise", "refund", "replace")),
    "feedback_posted": (*MESSAGES, "reward", "reply_public", "ask_change", "request_removal"),
    "review_posted": (*MESSAGES, "reward", "reply_public", "ask_change"),
    **dict.fromkeys(ABOUT_THE_STORE, TO_THE_STORE),
}
"""What may be done on which event."""

FILTERS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys((*ORDER_EVENTS, *TROUBLE), ("reviewed", "contacted", "days_since")),
    "feedback_posted": ("stars", "reviewed", "contacted", "days_since"),
    "review_posted": ("stars", "verified", "contacted", "days_since"),
    **dict.fromkeys(ABOUT_THE_STORE, ()),
}
"""What can be seen of which event."""

OF_EVENTS = {"odr_above": "above", "state_is": "state", "every_days": "days", "on_day": "day"}
"""Fields that say more about an event, by event."""

OF_ACTS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("thank", *ASKS, "ask_change", "reply_public"), ("tone",)),
    "apologise": ("tone", "remedy"),
    "refund": ("tone", "remedy"),
    "replace": ("tone",),
    "set_service": ("service",),
    "set_price": ("price",),
    "pause": ("pause_days",),
    "reward": ("tone", "reward"),
    "buy_reviews": ("bought",),
}
"""Fields that say more about an act, by act."""
OPTIONAL = ("tone",)
WITH_MONEY = ("apologise", "refund")
"""Acts that may give money back."""

CODE = r"[A-Za-z_][\w.]*:[A-Za-z_]\w*"
"""A class in Python, as in ``package.module:Class``."""


class Remedy(Frozen):
    """What goes with a message."""

    refund: float = param(
        0.0, "Share of the price given back", unit="share", low=0.0, high=1.0, source="design",
        status="design")


class Service(Frozen):
    """Service as set by a strategy; null = as it is."""

    on_time: float | None = Field(None, ge=0.02, le=0.9999, description="Share on time")
    damaged: Probability | None = Field(None, description="Share of orders damaged")
    wrong_item: Probability | None = Field(None, description="Share of orders with a wrong item")
    cancelled: Probability | None = Field(None, description="Share of orders cancelled")
    capacity: int | None = Field(None, ge=1, le=10_000_000, description="Orders handled a day")


class Bought(Frozen):
    """Reviews that are bought at once, spread evenly over the seller's listings."""

    reviews: int = param(
        ..., "How many", unit="reviews", low=1, high=10_000, source="design", status="design")
    price: float = param(
        ..., "Paid for each", unit="USD", low=0.0, high=1000.0, source="design", status="design")
    stars: int = param(
        5, "Stars of each", unit="stars", low=1, high=5, source="design", status="design")


class Line(Frozen):
    """One line of a strategy."""

    when: When = Field(description="Event that the seller sees")
    do: Do = Field(description="What it does then")
    stars: tuple[Stars, ...] | None = Field(
        None, description="Only posts with these stars", min_length=1, max_length=5)
    verified: bool | None = Field(None, description="Only (un)verified reviews")
    reviewed: bool | None = Field(
        None, description="Only customers who have (not) reviewed the listing, as far as their "
        "reviews can be matched to orders")
    contacted: bool | None = Field(
        None, description="Only orders about which the seller has (not) written before")
    days_since: tuple[int, int] | None = Field(
        None, description="Only while the order is from this to this many days old")
    above: Probability | None = Field(
        None, description="odr_above: the rate; looked at on every morning")
    state: AccountState | None = Field(
        None, description="state_is: the account state; looked at on every morning")
    days: int | None = Field(
        None, ge=1, le=3650, description="every_days: how often; on days that are multiples of it")
    day: int | None = Field(
        None, ge=1, le=3650, description="on_day: the day; on its morning, once")
    after_days: int = param(
        0, "Days from reading of the event to the act", unit="days", low=0, high=365,
        source="design", status="design")
    per_day: int | None = param(
        None, "Acts of this line a day at most; null = no limit", unit="acts/day", low=0,
        high=1_000_000, source="design", status="design")
    budget: float | None = param(
        None, "Work and money for this line in 30 days at most; null = no limit",
        unit="USD/30 days", low=0.0, high=1e9, source="design", status="design")
    tone: float | None = param(
        None, "Kindness of the message; null = as the seller's care; of money alone 0.5 about a "
        "post, else 0", unit="0..1", low=0.0, high=1.0, source="no source", status="assumed")
    remedy: Remedy | None = Field(None, description="What goes with an apology or refund")
    service: Service | None = Field(None, description="set_service: what is set")
    price: float | None = Field(
        None, ge=0.01, le=100.0, description="set_price: factor on the stated price")
    pause_days: int | None = Field(
        None, ge=1, le=3650, description="pause: days on which nothing is on sale")

    reward: float | None = Field(
        None, ge=0.01, le=1000.0, description="reward: USD promised for a review, where one "
        "rating serves store and listing for that; paid when it is posted")
    bought: Bought | None = Field(None, description="buy_reviews: how many, at what price")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        problems = list(_problems(self))
        if problems:
            raise ValueError("; ".join(problems))
        return self


def _problems(line: Line) -> Iterator[str]:
    if line.do not in ACTS[line.when]:
        yield f"found do: {line.do} on {line.when}; allowed: {', '.join(ACTS[line.when])}"
    for name in ("stars", "verified", "reviewed", "contacted", "days_since"):
        if getattr(line, name) is not None and name not in FILTERS[line.when]:
            seen = ", ".join(FILTERS[line.when]) or "no filter"
            yield f"found {name} on {line.when}; allowed there: {seen}"
    for event, name in OF_EVENTS.items():
        if (getattr(line, name) is not None) != (line.when == event):
            yield f"{name} belongs to {event}, and {event} needs it"
    needed = OF_ACTS.get(line.do, ())
    for name in ("tone", "remedy", "service", "price", "pause_days", "reward", "bought"):
        stated = getattr(line, name) is not None
        if stated and name not in needed:
            yield f"found {name} with do: {line.do}; allowed there: {', '.join(needed) or 'none'}"
        if not stated and name in needed and name not in OPTIONAL and line.do != "apologise":
            yield f"do: {line.do} needs {name}"
    if line.verified is False and line.do != "reply_public":
        yield "found verified: false; only do: reply_public reaches who did not buy"
    for name in ("per_day", "budget"):
        if line.do in TO_THE_STORE and getattr(line, name) is not None:
            said = "no work and no money" if line.do in STORE_ACTS else "its limits from bought"
            yield f"found {name} with do: {line.do}, which takes {said}"
    if line.service is not None and not line.service.model_dump(exclude_none=True):
        yield f"found a service of nothing; allowed: {', '.join(Service.model_fields)}"
    if line.days_since is not None and not 0 <= line.days_since[0] <= line.days_since[1]:
        yield f"found days_since {list(line.days_since)}; allowed: from 0 up, the first not later"


class Strategy(Frozen):
    """What a seller does toward customers and reviewers; an empty one does nothing."""

    about: str = Field("", description="What it is, in a sentence", max_length=2000,
                       json_schema_extra=WORDS)
    lines: tuple[Line, ...] = Field((), description="Its lines, all of which apply",
                                    max_length=50)
    code: str | None = Field(
        None, description="A class in Python in place of lines: package.module:Class",
        pattern=f"^{CODE}$", max_length=200)
    per_day: int | None = param(
        None, "With code: acts a day at most; null = no limit", unit="acts/day", low=0,
        high=1_000_000, source="design", status="design")
    budget: float | None = param(
        None, "With code: work and money in 30 days at most; null = no limit",
        unit="USD/30 days", low=0.0, high=1e9, source="design", status="design")

    @model_validator(mode="after")
    def _code_or_lines(self) -> Self:
        if self.code is not None and self.lines:
            raise ValueError("found code and lines; allowed: one of them")
        for name in ("per_day", "budget"):
            if self.code is None and getattr(self, name) is not None:
                raise ValueError(f"found {name} of a whole strategy; allowed: with code; lines "
                                 "have their own")
        return self


def lines_or_strategy(value: Any) -> Any:
    """A strategy may be written as its list of lines alone."""
    return {"lines": value} if isinstance(value, (tuple, list)) else value
