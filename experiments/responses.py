"""Responses: what messages are assumed to do to people, and which of them an arm works through.

A response is a parameter of how people react that declares the range in which it may lie
(``plausible``). An arm rests on those that the lines it adds, drops or changes work through.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from operator import attrgetter

from experiments.listings import parameters
from sim.config.market import Market
from sim.config.strategy import ASKS, POSTS, TO_THE_STORE, Line
from sim.strategies import lines_of

ABOUT_POSTS = ("apologise", "refund", "replace")
"""Acts that ask an author to think again when they are about a post, and answer one otherwise."""

ANSWER = "answer"
"""Such an act about trouble with an order."""

CARE = "care"
"""The seller's care, which answers complaints under every strategy."""

NO_RESPONSES = ("costs.", "buyers.", "judging.", "speaking.", "responding.follow_up_softens")
"""Sections whose plausible ranges are not of what messages do; and what follow-ups do to shoppers,
which few platforms have."""

_TO_AUTHORS = (*ABOUT_POSTS, "ask_change")
_MESSAGES = ("thank", *ASKS, "reward", *_TO_AUTHORS, ANSWER)

WORKS_THROUGH: dict[str, tuple[str, ...]] = {
    "responding.thank_posting": ("thank",),
    "responding.thank_return": ("thank",),
    "responding.ask_review": ("ask_review", "ask_both"),
    "responding.ask_feedback": ("ask_feedback", "ask_both"),
    "responding.reward": ("reward",),
    "responding.reward_scale": ("reward",),
    "responding.reward_kindness": ("reward",),
    "responding.reply_softens": ("reply_public",),
    "responding.further_message": _MESSAGES,
    "responding.opt_out": _MESSAGES,
    "reconsidering.apology": ("apologise",),
    "reconsidering.money": ("refund", "replace"),
    "reconsidering.ask_change": ("ask_change",),
    "reconsidering.half_life_days": (*_TO_AUTHORS, ANSWER, CARE),
    "reconsidering.clumsy_share": _TO_AUTHORS,
}
"""Path of a response -> the acts through which it shows."""


@dataclass(frozen=True)
class Response:
    """A response with its plausible range, in the unit of the parameter."""

    path: str
    low: float
    high: float
    status: str

    @property
    def acts(self) -> frozenset[str]:
        """The acts through which it shows. Raises LookupError when nobody has said which."""
        if self.path not in WORKS_THROUGH:
            raise LookupError(f"say in experiments/responses.py which acts {self.path} is about")
        return frozenset(WORKS_THROUGH[self.path])

    def value_in(self, market: Market) -> float:
        """Its value in a market."""
        return float(attrgetter(self.path)(market))


def responses() -> list[Response]:
    """All responses, in order of declaration."""
    return [
        Response(p.path, *p.plausible, p.status)
        for p in parameters(Market)
        if p.plausible is not None and not p.path.startswith(NO_RESPONSES)
    ]


def with_response(market: Market, path: str, value: float) -> Market:
    """The market with one response set. Raises ValueError for a value that is not allowed."""
    section, name = path.split(".")
    part = getattr(market, section)
    stated = type(part).model_validate(part.model_dump() | {name: value})
    return market.model_copy(update={section: stated})


def acts_between(market: Market, base: Market) -> frozenset[str]:
    """Acts of the lines of those who do not follow the same lines in both markets.

    Empty where everybody follows the same: then the two do not differ by outreach.
    """
    ours, theirs = _followed(market), _followed(base)
    differing = (who for who in {**ours, **theirs} if ours.get(who) != theirs.get(who))
    found: set[str] = set()
    for who in differing:
        for place, followed in ((market, ours), (base, theirs)):
            for line in followed.get(who, (0, ()))[1]:
                found.update(_acts(line, place))
    return frozenset(found)


def acts_in(market: Market) -> frozenset[str]:
    """Acts that are done to customers in a market, by whomever."""
    lines = (line for _, followed in _followed(market).values() for line in followed)
    return frozenset(act for line in lines for act in _acts(line, market)) | {CARE}


def _followed(market: Market) -> dict[str, tuple[float, tuple[Line, ...]]]:
    """Share who follow and lines that are followed, by stated seller and for drawn rivals."""
    known, rivals = market.all_strategies(), market.rivals
    found = {seller.name: (1.0, lines_of(known[seller.strategy])) for seller in market.sellers}
    found["rivals"] = (rivals.adopters if rivals.count else 0.0, lines_of(known[rivals.strategy]))
    return {who: (share, lines) for who, (share, lines) in found.items() if share and lines}


def _acts(line: Line, market: Market) -> Iterator[str]:
    if line.do in TO_THE_STORE:
        return
    if line.do in ASKS and market.platform.contact.requests_ask_both:
        yield "ask_both"
        return
    if line.do in ABOUT_POSTS and line.when not in POSTS:
        yield ANSWER
        return
    yield line.do
    if line.do == "apologise" and line.remedy is not None and line.remedy.refund > 0.0:
        yield "refund"
