"""Strategies in plain words, for lists and checks: line by line, nothing left out."""

from __future__ import annotations

from sim.config.strategy import ABOUT_THE_STORE, Bought, Line, Remedy, Service, Strategy

EVENTS = {
    "order_shipped": "order shipped",
    "order_delivered": "order delivered",
    "promise_passed": "promised day passed without the order",
    "feedback_posted": "feedback",
    "review_posted": "review",
    "complaint": "complaint",
    "claim_opened": "claim opened",
    "odr_above": "ODR above {above}",
    "state_is": "account {state}",
    "every_days": "every {days}",
    "on_day": "on day {day}",
}
ACTS = {
    "thank": "thank",
    "ask_feedback": "ask for feedback",
    "ask_review": "ask for a review",
    "ask_both": "ask for feedback and a review",
    "apologise": "apologise",
    "refund": "refund",
    "replace": "send the item again",
    "reply_public": "reply in public",
    "ask_change": "ask to change it",
    "request_removal": "ask the platform to remove it",
    "set_service": "from then on",
    "set_price": "prices at {price} of the stated ones",
    "pause": "nothing on sale for {pause_days}",
    "reward": "promise {reward} USD for a review",
    "buy_reviews": "buy {reviews}",
}
SERVICE = {
    "on_time": "on time",
    "damaged": "damaged",
    "wrong_item": "wrong item",
    "cancelled": "cancelled",
    "capacity": "capacity",
}


def strategy_in_words(strategy: Strategy) -> list[str]:
    """Its lines, one text each; a strategy without lines has one that says so."""
    if strategy.code is not None:
        return [", ".join([f"code of its own, {strategy.code}", *_limits(strategy)])]
    return [line_in_words(line) for line in strategy.lines] or ["no lines: it does nothing"]


def line_in_words(line: Line) -> str:
    """``feedback of 4 or 5 stars, not yet reviewed: ask for a review 1 day later``"""
    when = ", ".join([_event(line), *_filters(line)])
    return f"{when}: {', '.join([_act(line), *_limits(line)])}"


def _event(line: Line) -> str:
    facts = {
        "above": _percent(line.above),
        "state": line.state,
        "days": _days(line.days),
        "day": line.day,
    }
    text = EVENTS[line.when].format(**facts)
    if line.verified is not None:
        text = f"{'' if line.verified else 'un'}verified {text}"
    return text if line.stars is None else f"{text} of {_stars(line.stars)}"


def _stars(stars: tuple[int, ...]) -> str:
    kept = sorted(set(stars))
    if len(kept) > 2 and kept[-1] - kept[0] == len(kept) - 1:
        return f"{kept[0]} to {kept[-1]} stars"
    *first, last = map(str, kept)
    text = f"{', '.join(first)} or {last}" if first else last
    return f"{text} star{'s' * (kept != [1])}"


def _filters(line: Line) -> list[str]:
    texts = []
    if line.reviewed is not None:
        texts.append("listing reviewed" if line.reviewed else "listing not yet reviewed")
    if line.contacted is not None:
        texts.append("written to before" if line.contacted else "not written to before")
    if line.days_since is not None:
        texts.append("order {} to {} days old".format(*line.days_since))
    return texts


def _act(line: Line) -> str:
    facts = {"price": _percent(line.price), "pause_days": _days(line.pause_days)}
    facts |= {"reward": f"{line.reward or 0.0:g}", "reviews": _bought(line.bought)}
    text = ACTS[line.do].format(**facts)
    if line.remedy is not None:
        text += _remedy(line.remedy, line.do)
    if line.service is not None:
        text += f" {_service(line.service)}"
    return text + _delay(line)


def _remedy(remedy: Remedy, act: str) -> str:
    money = f"{_percent(remedy.refund)} of the price"
    if act == "refund":
        return f" {money}"
    return f" with {money} back" if remedy.refund > 0 else ""


def _bought(bought: Bought | None) -> str:
    if bought is None:
        return ""
    reviews = f"{bought.reviews:,} review{'s' * (bought.reviews != 1)}"
    return f"{reviews} of {_stars((bought.stars,))} at {bought.price:g} USD each"


def _service(service: Service) -> str:
    values = {words: getattr(service, name) for name, words in SERVICE.items()}
    stated = {words: value for words, value in values.items() if value is not None}
    texts = [
        f"{words} {value:,} a day" if words == "capacity" else f"{words} {_percent(value)}"
        for words, value in stated.items()
    ]
    return ", ".join(texts) or "service as it is"


def _delay(line: Line) -> str:
    if line.after_days == 0:
        return "" if line.when in ABOUT_THE_STORE else " when read"
    return f" {_days(line.after_days)} later"


def _days(n: int | None) -> str:
    return f"{n} day{'s' * (n != 1)}"


def _limits(line: Line | Strategy) -> list[str]:
    texts = []
    if line.per_day is not None:
        texts.append(f"at most {line.per_day:,} a day")
    if line.budget is not None:
        texts.append(f"at most {line.budget:,g} USD in 30 days")
    if isinstance(line, Line) and line.tone is not None:
        texts.append(f"tone {line.tone:g}")
    return texts


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:g} %"
