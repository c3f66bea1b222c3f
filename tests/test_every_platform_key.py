"""Every value of every shipped platform does something: another one in its place moves a table.

Each value is replaced in turn, in a small market made lively enough for it (`LIVELY`, `MADE_FOR`),
by others that are as far away as its range allows. One of them must change what is recorded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from typing import Any, NamedTuple, get_args, get_origin

import pytest
from markets import small_market
from pydantic import ValidationError

from experiments.allowed import choices, slot
from experiments.platform_values import leaves, platform_file
from experiments.platforms import shipped
from experiments.results import content_hash
from experiments.yaml_source import parse
from sim.config import strategy as language
from sim.config.market import Market
from sim.config.platform import PlatformRules
from sim.errors import Refused
from sim.model import Buyer, Marketplace
from sim.state import NOBODY

Loc = tuple[str | int, ...]
MARKET = (
    "days=60",
    "past.days=40",
    "rivals.count=3",
    "buyers.count=150",
    "buyers.trips_per_year=150.0",
    "non_buying_users.count=60",
    "non_buying_users.trips_per_year=100.0",
    "fulfilment.transit_days=3.0",
    "fulfilment.promise_days=6.0",
    "rivals.strategy=recover",
    "sellers.Northwind.on_time=0.6",
    "sellers.Northwind.damaged=0.1",
    "sellers.Northwind.cancelled=0.05",
    "sellers.Northwind.tracked=0.8",
    "sellers.Northwind.care={answers: 0.3, delay_days: 3.0, tone: 0.2, refund: 0.6}",
    "sellers.Northwind.listings.1.by_platform=true",
    "sellers.Northwind.offers=[{listing: Rival 1 / 1, price: 20.0}, {listing: Rival 2 / 1}]",
    "sellers.Northwind.strategy=busy",
)
"""Two hundred orders a week at four stores; the first serves badly and writes to everybody."""
BUSY = (
    "{when: order_shipped, do: thank}",
    "{when: order_delivered, do: ask_feedback}",
    "{when: order_delivered, do: ask_review, after_days: 7}",
    "{when: complaint, do: apologise}",
    "{when: feedback_posted, stars: [1, 2, 3], do: apologise}",
    "{when: feedback_posted, stars: [1, 2, 3], do: ask_change, after_days: 2}",
    "{when: feedback_posted, stars: [1, 2, 3], do: request_removal, after_days: 2}",
    "{when: feedback_posted, stars: [1, 2, 3], do: reply_public}",
    "{when: feedback_posted, stars: [4, 5], do: ask_review}",
    "{when: review_posted, stars: [1, 2], do: apologise}",
    "{when: review_posted, stars: [1, 2, 3], do: ask_change, after_days: 2}",
    "{when: review_posted, do: refund, remedy: {refund: 0.1}}",
)
NOW_AND_THEN = (
    "{when: order_delivered, do: reward, reward: 5.0}",
    "{when: every_days, days: 5, do: buy_reviews, bought: {reviews: 4, price: 10.0, stars: 5}}",
)
"""Of every kind of outreach at least one line."""

LIVELY: dict[str, Any] = {
    "feedback.leave_rate": 0.3,
    "feedback.kindness": 0.0,
    "reviews.leave_rate": 0.3,
    "reviews.leave_rate_unbought": 0.02,
}
"""Values of every platform from which a change is made."""

QUICK = {
    "odr.lag_days": 2,
    "odr.min_orders": 2,
    "odr.min_defects": 1,
    "odr.lower_bound": 0.0,
    "account.at_risk_days": 2,
    "account.plan_days": 5,
}
"""Accounts that are deactivated within days."""


def punished(found_out: float, amount: float) -> dict[str, Any]:
    """Thanks cost points, time and again."""
    points = ({"do": "points", "amount": amount},)
    return {"policy.thank": {"says": "forbidden", "found_out": found_out, "penalties": points}}


MADE_FOR: tuple[tuple[str, dict[str, Any]], ...] = (
    (r"odr\.enforced", {**QUICK, "account.enforced": True}),
    (r"account\.", {**QUICK, "odr.enforced": True}),
    (r"points\.", punished(0.05, 0.7)),
    (r"points\.kept_from", punished(0.05, 0.2)),
    (r"display\.prior_stars", {"display.prior_reviews": 5.0}),
    (r"display\.half_life_days", {"display.window_days": None}),
    (r"display\.weight_verified", {"display.prior_reviews": 5.0}),
    (r"reviews\.min_(spend_days|purchases)", {"reviews.min_spend": 400.0}),
    (r"feedback\.(product_only_share|strike_.*)", {"feedback.strike_probability": 1.0}),
    (r"feedback\.removal.*", {"feedback.removal_granted": 1.0, "feedback.strike_probability": 0}),
    (r"contact\.request_to_days", {"contact.one_request_per_order": False}),
    (r"bought\.found_after_days", {"bought.found_share": 1.0}),
    (r"policy\.wrong_removal", {"feedback.removal_granted": 1.0}),
    (r"by_platform\.struck", {"by_platform.on_time": 0.3, "by_platform.damaged": 0.3}),
    (r"policy\.reward\.penalties\.\d\.days", {"policy.reward.found_out": 0.02}),
    (r"policy\.buy_reviews\.penalties\.\d\.last_time", {"policy.buy_reviews.found_out": 0.1}),
    (
        r"jd-(feedback\.removal|policy\.request_removal)",
        {"feedback.product_only_share": 1.0, "feedback.kindness": -2.0},
    ),
    (r"taobao-gates\.0\.", {"feedback.kindness": 4.5}),
    (r"amazon-gates\.2\.confidence", {"gates.2.above": 0.19}),
    (r"wish-gates\.3\.measure", {"gates.3.above": 1.5}),
    (r"wish-gates\.12\.then\.1\.days", {"gates.12.every_days": 30, "account.at_risk_days": 365}),
    (r"wish-gates\.13\.then\.1\.days", {"gates.13.every_days": 30, "account.at_risk_days": 365}),
)
"""What must hold besides for a value to matter, by pattern of its path, or of the platform and its
path (``wish-gates``); null = leave it out."""


class Life(NamedTuple):
    """The market that a rule set is lived in, and buyers with a mind of their own in it."""

    overrides: tuple[str, ...] = ()
    unasked: int = 0


AS_EVER = Life()
LIVES = (
    (r"points\.kept_from", Life(("days=420",))),
    (r"amazon-gates\.0\.", Life(("fulfilment.dispatch_days=1",))),
    (r"ebay-feedback\.change_asked", Life(unasked=150)),
)
"""Where a year must end, where parcels must leave late, and where buyers must do what the others
never do: change a rating before the seller has written about it."""

ANOTHER: dict[str, tuple[Any, ...]] = {
    "next_page": ((0.9, 0.9),),
    "ranked": ((0.0, 1.0), (9.0, 1.0)),
    "steps": (((0.0, 1.0),),),
    "above": (-1.0, 1e6),
    "below": (1e6, -1.0),
    "kindness": (2.0, -2.0),
    "scale": (3, 5),
    "channels": (1, 2),
}
"""Other values by the name of the key, where its range does not tell."""
FOR_READERS = "better"
"""Says which way a measure is better; moves something only where stores are ranked by it."""


def _ranks(measures: dict[str, Any], name: str) -> bool:
    """Are stores ranked by this measure?"""
    parts = [part for measure in measures.values() for part in measure.get("mix", ())]
    ranked = any(part["measure"] == name and "ranked" in part for part in parts)
    return ranked or "steps" in measures[name]


@cache
def _file(name: str) -> dict[str, Any]:
    return parse(platform_file(name).read_text(encoding="utf-8"), name).data


def keys() -> Iterator[Any]:
    """Platform and place of every value, as parameters of the test."""
    for name in shipped():
        for loc, _ in leaves(_file(name)):
            if loc[-1] == FOR_READERS and not _ranks(_file(name)["measures"], str(loc[1])):
                continue
            yield pytest.param(name, loc, id=f"{name}-{'.'.join(map(str, loc))}")


@pytest.mark.slow
@pytest.mark.parametrize(("name", "loc"), list(keys()))
def test_another_value_moves_a_table(name: str, loc: Loc):
    assert moved_by(name, loc) is not None, f"nothing moves with {'.'.join(map(str, loc))}"


def moved_by(name: str, loc: Loc) -> Any:
    """Another value at ``loc`` with which the tables are others; None where there is none."""
    base, life = made_for(name, loc), life_for(name, loc)
    before, tried = lived(base, life), 0
    for at, value in others(base, loc):
        try:
            rules = PlatformRules.model_validate(put(base, at, value))
        except ValidationError:
            continue
        tried += 1
        if lived_with(rules, life) != before:
            return value
    assert tried, f"no other value at {loc} is allowed: say one in ANOTHER"
    return None


def test_the_harness_tells_a_value_that_matters_from_one_that_does_not():
    assert moved_by("amazon_2016", ("fees", "referral")) is not None
    base = made_for("amazon_2016", ("fees", "referral"))
    assert lived(put(base, ("about",), "said otherwise")) == lived(base)


# --- markets -----------------------------------------------------------------------------------


class Unasked(Buyer):
    """Makes a rating a good one the day after, whether or not the seller has written about it."""

    def step(self) -> None:
        super().step()
        post = int(self.traits["last_post"])
        if post != NOBODY and self.world.posts["posted"][post] == self.model.day - 1:
            with suppress(Refused):
                self.change_post(post, 5)


@cache
def market(*more: str) -> Market:
    lines = [*BUSY, *(() if getattr(language, "NOT_YET", ()) else NOW_AND_THEN)]
    strategy = f"strategies={{busy: [{', '.join(lines)}]}}"
    return small_market(*MARKET[:-1], strategy, MARKET[-1], *more)


def life_for(name: str, loc: Loc) -> Life:
    """The life in which the value at ``loc`` can show."""
    return next((life for pattern, life in LIVES if _fits(pattern, name, loc)), AS_EVER)


def _fits(pattern: str, name: str, loc: Loc) -> bool:
    """Is the pattern one of this path, or of this platform and path?"""
    path = ".".join(map(str, loc))
    return any(re.match(pattern, place) for place in (path, f"{name}-{path}"))


_lived: dict[str, str] = {}


def lived(data: dict[str, Any], life: Life = AS_EVER) -> str:
    """Hash of the tables under a rule set, remembered."""
    key = repr((data, life))
    if key not in _lived:
        _lived[key] = lived_with(PlatformRules.model_validate(data), life)
    return _lived[key]


def lived_with(rules: PlatformRules, life: Life = AS_EVER) -> str:
    config = market(*life.overrides).model_copy(update={"platform": rules})
    model = Marketplace(config, buyers=dict.fromkeys(range(life.unasked), Unasked))
    return content_hash(model.run().tables())


def made_for(name: str, loc: Loc) -> dict[str, Any]:
    """The rule set in which the value at ``loc`` has something to do."""
    data = _file(name)
    changes = {key: value for key, value in LIVELY.items() if key.split(".")[0] in data}
    for kind, verdict in data["policy"].items():
        if "found_out" in verdict:
            found_out = 0.5 if loc[:2] == ("policy", kind) and loc[2] != "says" else 0.0
            changes[f"policy.{kind}.found_out"] = found_out
    for pattern, more in MADE_FOR:
        if _fits(pattern, name, loc):
            changes |= more
    for key, value in changes.items():
        steps = tuple(int(step) if step.isdigit() else step for step in key.split("."))
        if steps[0] in data or value is not None:
            data = put(data, steps, value)
    if loc[0] == "gates" and loc[2] not in ("above", "below", "measure"):
        gate = (*loc[:2],)
        data = put(data, (*gate, "at_least"), 0)
        if loc[2] in ("then", "at_least", "marked_at_least"):
            side = "above" if "above" in data["gates"][loc[1]] else "below"
            data = put(data, (*gate, side), -1.0 if side == "above" else 1e6)
    if loc[:2] == ("points", "steps") and loc[3] == "then":
        data = put(data, (*loc[:3], "at"), 1.0)
        for k in range(int(loc[2])):
            nothing = {"at": 0.1 * (k + 1), "then": ({"do": "fine", "amount": 0.0},)}
            data = put(data, ("points", "steps", k), nothing)
    return data


def put(data: Any, loc: Loc, value: Any) -> Any:
    """``data`` with another value at ``loc``."""
    if not loc:
        return value
    if isinstance(data, dict):
        return {**data, loc[0]: put(data.get(loc[0], {}), loc[1:], value)}
    return tuple(put(part, loc[1:], value) if k == loc[0] else part for k, part in enumerate(data))


# --- other values ------------------------------------------------------------------------------


def others(base: dict[str, Any], loc: Loc) -> Iterator[tuple[Loc, Any]]:
    """What to put in place of the value at ``loc``, and where; the likeliest to matter first."""
    now = base
    for step in loc:
        now = now[step]
    if loc[-1] == "policy_score":
        yield loc[:-1], {"orders_with": ("cancelled",)}
    elif loc[-1] == "do":
        for penalty in _penalties(base, loc):
            yield loc[:-1], penalty
    elif loc[-1] in ("then", "penalties") or "then" in loc[-2:]:
        for penalty in _penalties(base, loc):
            yield loc, (penalty,) if isinstance(now, tuple) else penalty
    else:
        for value in _values(base, loc, now):
            if value != now:
                yield loc, value


def _values(base: dict[str, Any], loc: Loc, now: Any) -> Iterator[Any]:
    here, key = slot(loc, PlatformRules), str(loc[-1])
    if key in ANOTHER:
        yield from ANOTHER[key]
    elif key in ("measure", "shown_score"):
        yield from base["measures"]
    elif isinstance(now, bool):
        yield not now
    elif words := choices(loc, PlatformRules):
        yield from words
    elif isinstance(now, tuple):
        yield from ((mark,) for mark in _marks(here))
    elif here is not None and {"ge", "le"} <= here.limits.keys():
        low, high = here.limits["ge"], here.limits["le"]
        yield from (low, high)
        if isinstance(low, int):
            yield from (value for value in (5, 20, low + 1) if low < value < high)
        else:
            yield (low + high) / 2
    else:
        yield from (10.0 * now, now / 10.0)


def _penalties(base: dict[str, Any], loc: Loc) -> Iterator[dict[str, Any]]:
    """Penalties that are allowed there."""
    measure = base["gates"][loc[1]]["measure"] if loc[0] == "gates" else None
    if measure and base["measures"][measure].get("level") == "product":
        yield from ({"do": "remove"}, {"do": "pay_refunds"}, {"do": "exposure", "amount": 0.1})
    else:
        yield from ({"do": "hide", "days": 9}, {"do": "close"}, {"do": "fine", "amount": 7.0})


def _marks(here: Any) -> tuple[str, ...]:
    """Words that a list may hold."""
    kinds = [here.kind, *get_args(here.kind)]
    lists = [kind for kind in kinds if get_origin(kind) is tuple]
    return tuple(map(str, get_args(get_args(lists[0])[0])))
