"""The markets in which findings are looked for: the base market, and what differs in the others.

All of a seed share their draws (common random numbers), so that two of them differ by what is said
here and by nothing else. What-if markets act on Midway's listings, each in a niche of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from experiments.config import load_market
from experiments.evidence.seen import Seen, live
from experiments.platforms import ROOT

BASE = ROOT / "configs" / "evidence" / "base_market.yaml"
ACTED_UPON = 4
"""Listings of the first stated store, on all of which what-if markets act."""
SETTLED = ("run_out=0",)
"""Where what comes after the last day is not asked for."""


@dataclass(frozen=True)
class Cell:
    """One market: what differs from the base, and whether it is one of many worlds."""

    about: str
    overrides: tuple[str, ...] = ()
    worlds: int = 1
    """Markets of the same sellers, listings and qualities with luck of their own."""


def _reviews(*counts: int) -> tuple[str, ...]:
    """The same older reviews for all of Midway's listings, each in a niche of its own."""
    return tuple(f"sellers.0.listings.{k}.reviews={list(counts)}" for k in range(ACTED_UPON))


def _everyone(strategy: str) -> tuple[str, ...]:
    return (f"rivals.strategy={strategy}", f"sellers.0.strategy={strategy}")


def _replies(stars: str) -> tuple[str, ...]:
    line = f"[{{when: review_posted, stars: {stars}, do: reply_public, after_days: 0}}]"
    return (f"strategies={{replies: {line}}}", *_everyone("replies"))


def _promised(usd: float) -> tuple[str, ...]:
    """All stores promise so much for a review, as late as a request, and nobody looks."""
    line = f"{{when: order_delivered, do: reward, reward: {usd}, after_days: 5}}"
    allowed = "platform.policy.reward={says: allowed}"
    return (f"strategies={{rewards: [{line}]}}", *_everyone("rewards"), allowed, *SETTLED)


_BUYS = (
    "strategies={buys: [{when: on_day, day: 30, do: buy_reviews, "
    "bought: {reviews: 30, price: 5}}]}",
    "rivals.strategy=buys", "rivals.adopters=0.5", "platform.policy.buy_reviews={says: allowed}",
    "platform.bought.found_share=0.0", *SETTLED,
)  # fmt: skip
_ENTERS = ("past.days=0", "days=28", *SETTLED)
_FEW_USERS = (
    "buyers.count=4000", "non_buying_users.count=800", "rivals.count=9", "days=150", "run_out=0",
    "past.reviews_per_day=0.001", "past.age_days=1",
)  # fmt: skip
_BLIND_CHOICE = (
    "choice.segments=[{share: 0.5, stars: 0, count: 0, low_stars: 0}, "
    "{share: 0.3, price: -2.5, stars: 0, count: 0, low_stars: 0}, "
    "{share: 0.2, price: -0.8, stars: 0, count: 0, low_stars: 0, store: 1.5}]",
    "choice.first_reviews=0",
)  # fmt: skip
_BY_SUCCESS = (
    "platform.search.new_boost=0",
    "platform.search.weight_relevance=0",
    "platform.search.weight_price=0",
)
_NO_RANKING = _BY_SUCCESS + tuple(
    f"platform.search.weight_{part}=0" for part in ("velocity", "conversion", "stars", "count")
)
_NEGATIVE = "when: feedback_posted, stars: [1, 2], after_days: 0"

CELLS: dict[str, Cell] = {
    "base": Cell("as it is"),
    "everyone posts": Cell(
        "every order gets feedback and a review", ("speaking.everyone_posts=true", *SETTLED)
    ),
    "quiet middle": Cell(
        "customers of 2 to 4 felt stars post a quarter as often",
        ("speaking.report_curve=[3.0, 0.375, 0.15, 0.25, 2.0]", *SETTLED),
    ),
    "two years": Cell(
        "two years in which a quarter of the stores leave each year and others enter",
        ("days=730", "rivals.exit_per_year=0.25", *SETTLED),
    ),
    "asked": Cell(
        "all stores ask every customer for a review", (*_everyone("ask_everyone"), *SETTLED)
    ),
    "small rewards": Cell("all stores promise 1 USD for a review", _promised(1.0)),
    "large rewards": Cell("all stores promise 10 USD for a review", _promised(10.0)),
    "bought": Cell("half of the stores buy 30 reviews on day 30, none of them found", _BUYS),
    "blind": Cell("nobody's stars are pulled by what is displayed", ("speaking.herding=0",)),
    "recover": Cell("all stores apologise to the authors of bad posts", _everyone("recover")),
    "low stars": Cell(
        "200 older reviews of Midway's listings with mean 3.7",
        (*_reviews(20, 20, 40, 40, 80), *SETTLED),
    ),
    "high stars": Cell(
        "200 older reviews with mean 4.7, same quality", (*_reviews(2, 4, 8, 24, 162), *SETTLED)
    ),
    "few low stars": Cell(
        "10 older reviews of Midway's listings with mean 3.7", (*_reviews(1, 1, 2, 2, 4), *SETTLED)
    ),
    "few high stars": Cell(
        "10 older reviews with mean 4.7, same quality", (*_reviews(0, 0, 1, 1, 8), *SETTLED)
    ),
    "no reviews": Cell(
        "Midway's listings enter without reviews; four weeks",
        (*_reviews(0, 0, 0, 0, 0), *_ENTERS),
    ),
    "five reviews": Cell(
        "they enter with 5 reviews of mean 4.2",
        (*_reviews(0, 0, 1, 2, 2), *_ENTERS),
    ),
    "fifty reviews": Cell(
        "they enter with 50 reviews of mean 4.2",
        (*_reviews(0, 0, 10, 20, 20), *_ENTERS),
    ),
    "as many": Cell("40 older reviews of Midway's listings", (*_reviews(3, 2, 4, 8, 23), *SETTLED)),
    "one star more": Cell(
        "the 40, and 4 with one star", (*_reviews(7, 2, 4, 8, 23), *SETTLED)
    ),
    "five stars more": Cell(
        "the 40, and 4 with five stars", (*_reviews(3, 2, 4, 8, 27), *SETTLED)
    ),
    "deep search": Cell(
        "shoppers turn pages three times as often",
        ("platform.search.next_page=[0.59, 0.9, 0.9]", *SETTLED),
    ),
    "replies": Cell("all stores reply to all reviews in public", _replies("[1, 2, 3, 4, 5]")),
    "replies to low": Cell("... to those of 1 to 3 stars", _replies("[1, 2, 3]")),
    "replies to high": Cell("... to those of 4 and 5 stars", _replies("[4, 5]")),
    "no care": Cell("nobody answers complaints", ("rivals.care_mean=0", "rivals.care_sd=0",
        "sellers.0.care={answers: 0, tone: 0, refund: 0}")),
    "much care": Cell("complaints are answered as well as can be", ("rivals.care_mean=1",
        "rivals.care_sd=0", "sellers.0.care={answers: 1, tone: 1, refund: 1, delay_days: 0}")),
    "apologies": Cell(
        "all stores apologise for negative feedback within a day",
        (f"strategies={{words: [{{{_NEGATIVE}, do: apologise, tone: 1.0}}]}}",
         *_everyone("words")),
    ),
    "money": Cell(
        "all stores give the money back for negative feedback within a day",
        (f"strategies={{money: [{{{_NEGATIVE}, do: refund, remedy: {{refund: 1.0}}}}]}}",
         *_everyone("money")),
    ),
    "early reminder": Cell(
        "the platform reminds the day after the promise",
        ("platform.feedback.reminder_after_promise_days=1",
         "platform.feedback.reminder_after_order_days=8", "platform.feedback.reminder_lift=3"),
    ),
    "no reminder": Cell("the platform reminds nobody", ("platform.feedback.reminder_lift=1",)),
    "alone": Cell(
        "small, new: results in random order, no stars or counts weighed",
        (*_FEW_USERS, *_BLIND_CHOICE, *_NO_RANKING), worlds=8,
    ),
    "stars in random order": Cell(
        "the same with stars and counts weighed", (*_FEW_USERS, *_NO_RANKING), worlds=8
    ),
    "ranked": Cell(
        "the same, ranked by sales and reviews", (*_FEW_USERS, *_BY_SUCCESS), worlds=8
    ),
}  # fmt: skip


def lived(
    names: Iterable[str],
    seed: int,
    config: Path = BASE,
    days: int | None = None,
    overrides: Sequence[str] = (),
) -> Mapping[str, Seen]:
    """The named markets of a seed; one of several worlds is named ``NAME 0``, ``NAME 1``, ...

    ``days``: at most so many recorded days each (None: as stated). ``overrides`` change the base,
    and with it all markets but for what these state themselves.
    """
    found = {}
    for name in names:
        cell = CELLS[name]
        changes = [f"seed={seed}", *overrides, *cell.overrides]
        market = load_market(config, changes)
        if days is not None and market.days > days:
            market = load_market(config, [*changes, f"days={days}"])
        if cell.worlds == 1:
            found[name] = live(market)
        else:
            for k in range(cell.worlds):
                found[f"{name} {k}"] = live(market, k, world_replicate=0)
    return found
