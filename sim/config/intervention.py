"""Interventions: what an experiment does to a running market, on a day or when an event comes to
pass.

An event is named by its id, or by what it is: the first negative review of a listing, the n-th
order of a seller. In an experiment such a name is looked up in the baseline of the same replicate,
so that an arm acts on the very event that the baseline has, if it has it at all.
"""
# fmt: off  (a table of fields reads best with one paragraph each)
from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from sim.config.fields import Frozen

Arrow = Literal["sales -> rank", "stars -> rank", "count -> rank", "position -> demand",
                "stars -> demand", "count -> demand", "low stars -> demand",
                "store score -> demand", "odr -> account"]
"""Arrows of the loop that can be frozen, in the order of their bits (``sim/state.py``)."""

ARROWS: dict[str, str] = {
    "sales -> rank": "velocity and conversion in the score stay what they were",
    "stars -> rank": "the score keeps the review stars of that morning",
    "count -> rank": "the score keeps the numbers of reviews of that morning",
    "position -> demand": "shoppers examine as many results as ever, wherever they stand",
    "stars -> demand": "shoppers are moved by the displayed stars of that morning",
    "count -> demand": "shoppers are moved by the numbers of reviews of that morning",
    "low stars -> demand": "shoppers are moved by the low stars on the page of that morning",
    "store score -> demand": "shoppers are moved by the store scores of that morning",
    "odr -> account": "the order defect rate changes no account state any more",
}
"""What freezing each arrow means."""

Do = Literal["post", "flip", "change", "delete", "block", "set", "position", "freeze"]
WHEN = ("day", "event", "first_negative_review", "first_negative_feedback", "first_review",
        "first_feedback", "nth_order")
OF_POSTS = ("event", "first_negative_review", "first_negative_feedback", "first_review",
            "first_feedback")
"""Triggers that name a post (an event may)."""

NEEDS: dict[str, tuple[str, ...]] = {
    "post": ("stars",), "flip": ("stars",), "change": ("stars",), "delete": (), "block": (),
    "set": ("values",), "position": ("listing", "position"), "freeze": ("arrow",),
}
"""What each act needs to be told."""
MAY: dict[str, tuple[str, ...]] = {
    "post": ("channel", "listing", "after_days"), "change": ("after_days",),
    "delete": ("after_days",), "set": ("after_days",), "position": ("until", "after_days"),
    "freeze": ("until", "after_days"),
}
"""What it may be told besides."""

RULES = (
    "platform.search", "platform.account", "platform.fees", "platform.odr.enforced",
    "platform.odr.limit", "platform.odr.min_orders", "platform.odr.min_defects",
    "platform.odr.lower_bound", "platform.feedback.leave_rate", "platform.feedback.kindness",
    "platform.reviews.open_to_non_buyers", "platform.reviews.min_purchases",
    "platform.reviews.leave_rate", "platform.reviews.leave_rate_unbought",
    "platform.claims.granted_unanswered", "platform.claims.chargeback_share", "choice",
    "responding", "reconsidering",
)
"""Rules that are read anew every day, so that a running market may be given others; an arm that
states others from the start lives in a world of its own."""
BUILT_WITH = ("choice.segments", "choice.segments.N.share")
"""Parts of these that users are made of."""

EVENT_IDS = 2**64 - 1
SETTING: dict[str, Any] = {"world": False}


def said(default: Any, doc: str, **more: Any) -> Any:
    """A field of an intervention: no parameter of the market, and no other world."""
    return Field(default, description=doc, json_schema_extra=SETTING, **more)


class NthOrder(Frozen):
    """An order of a seller, counted from the end of the warm-up."""

    seller: str = said(..., "Name of the seller", min_length=1, max_length=80)
    n: int = said(..., "Which one: 1 = the first", ge=1, le=10_000_000)


class When(Frozen):
    """What an intervention waits for: a day or an event, exactly one of them."""

    day: int | None = said(
        None, "A day after the warm-up; posts change in its evening, all else holds from its "
        "morning", ge=1, le=20_000)
    event: int | None = said(
        None, "Id of an event, as in ledger.parquet", ge=1, le=EVENT_IDS)
    first_negative_review: str | None = said(
        None, "The first review with one or two stars of this listing", max_length=80)
    first_negative_feedback: str | None = said(
        None, "The first feedback for this seller that the platform counts as negative",
        max_length=80)
    first_review: str | None = said(None, "The first review of this listing", max_length=80)
    first_feedback: str | None = said(None, "The first feedback for this seller", max_length=80)
    nth_order: NthOrder | None = said(None, "An order of a seller")

    @model_validator(mode="after")
    def _one(self) -> Self:
        stated = [name for name in WHEN if getattr(self, name) is not None]
        if len(stated) != 1:
            found = " and ".join(stated) or "nothing"
            raise ValueError(f"found {found}; allowed: exactly one of {', '.join(WHEN)}")
        return self

    @property
    def kind(self) -> str:
        """Which of them it is."""
        return next(name for name in WHEN if getattr(self, name) is not None)

    @property
    def named(self) -> bool:
        """Is it an event that must be looked up before it can be waited for?"""
        return self.kind not in ("day", "event")


class Intervention(Frozen):
    """One thing that is done to the market from outside."""

    when: When = said(..., "The day or the event")
    do: Do = said(..., "What is done")
    after_days: int = said(0, "Days from an event to what is done", ge=0, le=400)
    stars: int | None = said(None, "post, flip, change: the stars", ge=1, le=5)
    channel: Literal["feedback", "review"] | None = said(
        None, "post by the customer of the order that is waited for: where (default: feedback)")
    listing: str | None = said(
        None, "position: of which listing; post: the listing that nobody of this market reviews",
        max_length=80)
    values: dict[str, Any] | None = said(
        None, "set: values of the market by dotted path, as in an arm", min_length=1,
        max_length=100)
    position: int | Literal["random"] | None = said(
        None, "position: the place, or another one every day")
    arrow: Arrow | None = said(None, "freeze: the arrow of the loop")
    until: int | None = said(
        None, "position, freeze: last day on which it holds; null = to the end", ge=1, le=20_000)

    @model_validator(mode="after")
    def _fits(self) -> Self:
        problems = list(_problems(self))
        if problems:
            raise ValueError("; ".join(problems))
        return self

    @property
    def by_customer(self) -> bool:
        """post: by the customer of an order, not by nobody?"""
        return self.do == "post" and self.listing is None


def _problems(i: Intervention) -> Iterator[str]:
    kind, needed = i.when.kind, NEEDS[i.do]
    takes = (*needed, *MAY.get(i.do, ()))
    for name in ("stars", "channel", "listing", "values", "position", "arrow", "until"):
        stated = getattr(i, name) is not None
        if stated and name not in takes:
            yield f"found {name} with do: {i.do}; allowed there: {', '.join(takes) or 'nothing'}"
        if not stated and name in needed:
            yield f"do: {i.do} needs {name}"
    if i.after_days and "after_days" not in takes:
        yield f"found after_days with do: {i.do}, which stops the event before it comes to pass"
    if i.after_days and kind == "day":
        yield "found after_days with a day; allowed: beside an event"
    if i.do in ("flip", "change", "delete") and kind not in OF_POSTS:
        yield f"found do: {i.do} on {kind}, which is no post; allowed: {', '.join(OF_POSTS)}"
    if i.do == "block" and kind == "day":
        yield "found do: block on a day; allowed: on an event"
    if i.do == "post" and i.listing is None and kind not in ("nth_order", "event"):
        yield (f"do: post on {kind} needs listing; without one the customer of an order posts, on "
               "nth_order or event")
    if i.do == "post" and i.listing is not None and i.channel is not None:
        yield "found channel beside listing; allowed: one of them, nobody writes reviews only"
    if isinstance(i.position, int) and i.position < 1:
        yield f"found position {i.position}; allowed: a whole number from 1, or random"
    if i.until is not None and kind == "day" and i.until < (i.when.day or 0):
        yield f"found until {i.until}, before its day; allowed: {i.when.day} or later"


def may_be_set(path: str) -> bool:
    """May this rule of a running market be replaced? ``path``: dotted, N for entries of lists."""
    inside = any(path == rule or path.startswith(rule + ".") for rule in RULES)
    return inside and path not in BUILT_WITH


def strategies_named(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """(path, strategy) of every strategy that a ``set`` names."""
    for path, value in values.items():
        if isinstance(value, str) and path.split(".")[-1] == "strategy":
            yield path, value
