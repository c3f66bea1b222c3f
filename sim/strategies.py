"""Strategies as compiled loops see them: one table of lines, whatever the strategies are called."""

from __future__ import annotations

import numpy as np

from sim import state
from sim.config.market import Market
from sim.config.policy import KINDS, PolicyRules, about
from sim.config.strategy import ACTS, ASKS, POSTS, Line, Remedy, Service, Strategy
from sim.rules.fulfilment import slowness

ANY = -1
MIDDLING = 0.5
NO_LIMIT = np.iinfo(np.int32).max

WHEN = {
    "complaint": state.MAIL_COMPLAINT,
    "feedback_posted": state.MAIL_FEEDBACK,
    "review_posted": state.MAIL_REVIEW,
    "claim_opened": state.MAIL_CLAIM,
    "order_shipped": state.MAIL_SHIPPED,
    "order_delivered": state.MAIL_DELIVERED,
    "promise_passed": state.MAIL_PROMISE_PASSED,
    "odr_above": state.ODR_ABOVE,
    "state_is": state.STATE_IS,
    "every_days": state.EVERY_DAYS,
    "on_day": state.ON_DAY,
}
DO = {
    "apologise": state.APOLOGISE,
    "thank": state.THANK,
    "ask_feedback": state.ASK_FEEDBACK,
    "ask_review": state.ASK_REVIEW,
    "ask_both": state.ASK_BOTH,
    "refund": state.REFUND,
    "replace": state.REPLACE,
    "ask_change": state.ASK_CHANGE,
    "reply_public": state.REPLY_PUBLIC,
    "request_removal": state.REQUEST_REMOVAL,
    "set_service": state.SET_SERVICE,
    "set_price": state.SET_PRICE,
    "pause": state.PAUSE,
    "reward": state.REWARD,
    "buy_reviews": state.BUY_REVIEWS,
}

CODE_EVENTS = {WHEN[when]: when for when, acts in ACTS.items() if "apologise" in acts}
"""Events that a class in Python reads, by kind of mail."""


def strategy_arrays(market: Market) -> dict[str, np.ndarray]:
    """Tables "lines" and "strategies" of a market, strategies in the order of their names there."""
    lines: list[Line] = []
    rows = np.zeros(len(market.all_strategies()), state.STRATEGY)
    for row, strategy in zip(rows, market.all_strategies().values(), strict=True):
        own = lines_of(strategy)
        row["first"], row["count"] = len(lines), len(own)
        for line in own:
            row["reads"] |= 1 << kind_of_mail(line, market)
        row["code"] = strategy.code is not None
        lines += own
    table = np.zeros(len(lines), state.LINE)
    for row, line in zip(table, lines, strict=True):
        _fill(row, line, market)
    for row in rows:
        purses = table["purse"][row["first"] :][: row["count"]]
        purses[:] = 0 if row["code"] else range(row["count"])
    return {"lines": table, "strategies": rows}


def kind_of_mail(line: Line, market: Market) -> int:
    """What a line reads; where one rating is for store and listing, lines for reviews read it."""
    if line.when == "review_posted" and market.platform.channels == 1:
        return state.MAIL_FEEDBACK
    return WHEN[line.when]


def lines_of(strategy: Strategy) -> tuple[Line, ...]:
    """Its lines; of a class in Python one for everything that it may do, with its limits."""
    if strategy.code is None:
        return strategy.lines
    return tuple(_allowed(when, do, strategy) for when, acts in CODE_ACTS.items() for do in acts)


CODE_ACTS = {when: ACTS[when] for when in CODE_EVENTS.values()}


def code_line(when: str, do: str) -> int:
    """Which line of a class in Python stands for an act on an event."""
    before = 0
    for event, acts in CODE_ACTS.items():
        if event == when:
            return before + acts.index(do)
        before += len(acts)
    raise KeyError(when)


def _allowed(when: str, do: str, strategy: Strategy) -> Line:
    """A line that stands for an act of a class: who picks whom to ask about posts screens them."""
    return Line(
        when=when,  # type: ignore[arg-type]
        do=do,  # type: ignore[arg-type]
        stars=(5,) if do in ASKS and when in POSTS else None,
        remedy=Remedy() if do == "refund" else None,
        reward=0.01 if do == "reward" else None,  # each act says its own
        per_day=strategy.per_day,
        budget=strategy.budget,
    )


def _fill(row: np.void, line: Line, market: Market) -> None:
    row["when"], row["do"] = kind_of_mail(line, market), DO[line.do]
    row["for_reviews"] = line.when == "review_posted"
    row["stars"] = sum(1 << stars for stars in set(line.stars or ()))
    for name in ("verified", "reviewed", "contacted"):
        wanted = getattr(line, name)
        row[name] = ANY if wanted is None else int(wanted)
    row["from_days"], row["to_days"] = (min(n, NO_LIMIT) for n in line.days_since or (0, NO_LIMIT))
    row["after_days"] = line.after_days
    row["per_day"] = NO_LIMIT if line.per_day is None else line.per_day
    row["budget"] = 2**62 if line.budget is None else round(100 * line.budget)
    row["tone"] = ANY if line.tone is None else line.tone
    if line.tone is None and line.do == "refund":  # money without words of one's own
        row["tone"] = MIDDLING if line.when in POSTS else 0.0
    row["refund"] = line.remedy.refund if line.remedy else 0.0
    policy, kind = market.platform.policy, about(line)
    _judge(row, "", policy, kind)
    if line.do == "request_removal":
        _judge(row, "wrong_", policy, "wrong_removal")
    row["above"] = 0.0 if line.above is None else line.above
    row["state"] = ANY if line.state is None else state.STATE_NAMES.index(line.state)
    row["days"], row["day"] = line.days or 1, line.day or 0
    row["reward"] = round(100 * (line.reward or 0.0))
    if line.bought is not None:
        row["reviews"], row["review_stars"] = line.bought.reviews, line.bought.stars
        row["review_price"] = round(100 * line.bought.price)
    row["pause_days"], row["price"] = line.pause_days or 0, line.price or 1.0
    _fill_service(row, line.service or Service(), market)


def _judge(row: np.void, which: str, policy: PolicyRules, kind: str | None) -> None:
    verdict = policy.of(kind)
    row[f"{which}forbidden"] = verdict.says == "forbidden"
    row[f"{which}found_out"] = verdict.found_out
    row[f"{which}kind"] = KINDS.index(kind) if kind else state.NOBODY


def _fill_service(row: np.void, service: Service, market: Market) -> None:
    for name in ("on_time", "damaged", "wrong_item", "cancelled", "capacity"):
        wanted = getattr(service, name)
        row[name] = ANY if wanted is None else wanted
    row["slowness"] = ANY
    if service.on_time is not None:
        row["slowness"] = slowness(service.on_time, market.fulfilment)
