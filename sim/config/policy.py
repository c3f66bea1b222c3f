"""Whom a seller can reach, and what a platform says of every kind of outreach.

A strategy breaks the rules line by line: :func:`about` says what kind of outreach a line is.
Sources in brackets name the platform's public page.
"""

# fmt: off  (a table of parameters reads best with one paragraph each)
from __future__ import annotations

from typing import Any, Literal, Self

from pydantic import Field, model_validator

from sim.config.fields import Frozen, param
from sim.config.health import Penalties, Penalty
from sim.config.strategy import ALL_STARS, ASKS, POSTS, STORE_ACTS, Line

Says = Literal["allowed", "tolerated", "forbidden"]


class ContactRules(Frozen):
    """Whom a seller can reach about a post."""

    match_review: float = param(
        0.4, "Chance that a verified review can be matched to its order", unit="p", low=0.0,
        high=1.0, source="order matching was common advice in 2016; no rate public",
        status="assumed", world=True)
    request_from_days: int = param(
        0, "Days after delivery from which requests can be sent; earlier ones wait", unit="days",
        low=0, high=365, source="Amazon's request button: 5 (solicitations interface)",
        status="documented", world=True)
    request_to_days: int | None = param(
        None, "Days after delivery until which they can be sent; null = no end", unit="days",
        low=0, high=3650, source="Amazon's request button: 30 (solicitations interface)",
        status="documented", world=True)
    one_request_per_order: bool = param(
        False, "Is a second request about an order refused?", unit="yes/no",
        source="Amazon's request button: yes (solicitations interface)", status="documented",
        world=True)
    requests_ask_both: bool = param(
        False, "Does every request ask for feedback and a review together?", unit="yes/no",
        source="Amazon's request button: yes (solicitations interface)", status="documented",
        world=True)
    opted_out_share: float = param(
        0.15, "Customers who take no messages beyond what the order needs", unit="p", low=0.0,
        high=1.0, source="opt-out exists since 2017; share: none public", status="assumed",
        world=True)

    @model_validator(mode="after")
    def _in_order(self) -> ContactRules:
        if self.request_to_days is not None and self.request_from_days > self.request_to_days:
            raise ValueError(
                f"found request_from_days {self.request_from_days} and request_to_days "
                f"{self.request_to_days}; allowed: request_from_days at most request_to_days")
        return self


class Verdict(Frozen):
    """What the platform says of one kind of outreach, and what it does when it finds out."""

    says: Says = param(
        "allowed", "allowed; tolerated: against the rules or their spirit, and nobody looks; "
        "forbidden: found out now and then, and penalised", unit="verdict",
        source="the platform's rules, see its file", status="documented", world=True)
    found_out: float = param(
        0.0, "Chance per message, request or bought review that the platform finds out",
        unit="p", low=0.0, high=1.0, source="no public figure", status="assumed", world=True)
    penalties: Penalties = param(
        (Penalty(do="deactivate"),), "What follows", unit="penalties",
        source="Amazon customer reviews policies", status="documented", world=True, max_length=12)

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.found_out > 0.0 and self.says != "forbidden":
            raise ValueError(
                f"found found_out {self.found_out:g} with says: {self.says}; allowed: 0, as only "
                "what is forbidden is looked for")
        return self


def verdict(says: Says, found_out: float, doc: str) -> Any:
    """A field of :class:`PolicyRules` with its default."""
    return Field(Verdict(says=says, found_out=found_out), description=doc)


class PolicyRules(Frozen):
    """The platform's verdict on every kind of outreach; all of it is allowed unless stated."""

    answer: Verdict = verdict(
        "allowed", 0.0, "Words, money or goods about an order, a complaint or a claim")
    thank: Verdict = verdict("allowed", 0.0, "Messages that do no more than thank")
    ask: Verdict = verdict(
        "allowed", 0.0, "Requests for feedback or reviews, whatever was said before")
    ask_selectively: Verdict = verdict(
        "allowed", 0.0, "Requests to those alone whose stars please")
    write_about_feedback: Verdict = verdict(
        "allowed", 0.0, "Apologies, money or goods to the author of feedback")
    write_about_review: Verdict = verdict(
        "allowed", 0.0, "Apologies or goods, in words of one's own, to the author of a review")
    refund_about_review: Verdict = verdict(
        "allowed", 0.0, "A refund to the author of a review through the platform's template")
    ask_change_of_feedback: Verdict = verdict(
        "allowed", 0.0, "Asking an author to change or remove feedback")
    ask_change_of_review: Verdict = verdict(
        "allowed", 0.0, "Asking an author to change or remove a review")
    reply_public: Verdict = verdict("allowed", 0.0, "A reply that everybody can read")
    request_removal: Verdict = verdict(
        "allowed", 0.0, "Asking the platform to remove feedback that is about the product alone")
    reward: Verdict = verdict("forbidden", 0.01, "Rewards for feedback or reviews")
    buy_reviews: Verdict = verdict(
        "forbidden", 0.01, "Bought reviews, each of which is looked at")
    wrong_removal: Verdict = verdict(
        "allowed", 0.0, "Requests to remove feedback that is not about the product alone")

    def of(self, kind: str | None) -> Verdict:
        """The verdict on a kind of outreach; what is no outreach is allowed."""
        return Verdict() if kind is None else getattr(self, kind)


KINDS = tuple(PolicyRules.model_fields)
"""Kinds of outreach, in the order of the rows that the engine keeps of them."""


def kinds(line: Line) -> tuple[str, ...]:
    """All kinds of outreach that what a line does may turn out to be.

    A seller cannot ask for the removal of what is about the product alone and of nothing else.
    """
    kind = about(line)
    if kind is None:
        return ()
    return (kind, "wrong_removal") if kind == "request_removal" else (kind,)


def about(line: Line) -> str | None:
    """The kind of outreach (a field of :class:`PolicyRules`) that a line is; None for none."""
    if line.do in STORE_ACTS:
        return None
    if line.do in ASKS:
        picked = line.stars is not None and set(line.stars) != ALL_STARS
        return "ask_selectively" if picked else "ask"
    if line.do in ("thank", "reply_public", "request_removal", "reward", "buy_reviews"):
        return line.do
    if line.when not in POSTS:
        return "answer"
    channel = "feedback" if line.when == "feedback_posted" else "review"
    if line.do == "ask_change":
        return f"ask_change_of_{channel}"
    if line.do == "refund" and channel == "review":
        return "refund_about_review"
    return f"write_about_{channel}"
