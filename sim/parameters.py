"""Parameters as the kernels see them: one record, made from the configuration by its own names.

``platform.feedback.window_days`` becomes ``p.feedback_window_days``, ``judging.service`` becomes
``p.judging_service``: search for either to find the other. ``null`` (no limit) becomes a number of
days that no run reaches. Lists become arrays of :class:`sim.state.World`.
"""

from __future__ import annotations

from collections.abc import Iterator
from statistics import NormalDist
from typing import Any, Literal, get_args, get_origin

import numpy as np

from sim.config.market import Market
from sim.config.platform import PlatformRules
from sim.rules.attention import MAX_EXAMINED, depth_cdf
from sim.rules.display import decay
from sim.rules.fulfilment import slowness

NO_LIMIT = 10_000
ANSWERS_DAYS = 15
"""Orders are kept this long beyond every window, for answers on their way."""
LONGEST_KEPT_DAYS = 400

_SECTIONS = (
    *("judging", "speaking", "complaining", "responding", "reconsidering"),
    *("buyers", "fulfilment", "costs", "choice"),
)
_NO_SECTIONS = (
    *("name", "about", "scale", "channels", "measures", "gates", "points"),
    *("plausible", "shown_score", "shown_best", "policy"),
)
_PLATFORM = tuple(n for n in PlatformRules.model_fields if n not in _NO_SECTIONS)
_DERIVED = {
    "odr_z": "f8",  # normal quantile of the lower bound, 0 = plain rate
    "display_decay": "f8",  # per day
    "search_decay": "f8",  # per day
    "display_first_date": "i8",  # of ``shown``
    "choice_nothing_rate": "f8",  # exp(utility) of buying nothing
    "shown_measure": "i8",  # row of the measure shown as the store's score, -1 = none
    "shown_best": "f8",
    "scale": "i8",  # marks of a rating: 5 stars, or 3 classes kept as 5, 3 and 1 stars
    "channels": "i8",  # 2: feedback and reviews; 1: ratings for both
    "points_carried_from": "f8",  # penalty points; infinite = none, as the next but one
    "points_carried": "f8",
    "points_kept_from": "f8",
    "by_platform_slowness": "f8",  # as a seller's, of orders that the platform fulfils
    "n_buyers": "i8",
    "n_users": "i8",
    "past_days": "i8",
    "warm_up": "i8",  # last day on which no account is closed
    "first_date": "i8",  # of the books
    "kept_days": "i8",  # an order is kept
}
_TYPES = {int: "i8", bool: "i8", int | None: "i8", float: "f8", float | None: "f8"}


def _scalar_fields() -> Iterator[tuple[str, str, str, str]]:
    """(flat name, section, field, type) of every scalar parameter."""
    for section in (*_SECTIONS, *_PLATFORM):
        model = PlatformRules if section in _PLATFORM else Market
        part: Any = model.model_fields[section].annotation
        for name, field in part.model_fields.items():
            if field.annotation in _TYPES:
                yield f"{section}_{name}", section, name, _TYPES[field.annotation]
            elif get_origin(field.annotation) is Literal:  # its place among those allowed
                yield f"{section}_{name}", section, name, "i8"


PARAMETERS = np.dtype(
    [(name, kind) for name, _, _, kind in _scalar_fields()] + list(_DERIVED.items()), align=True
)
SEGMENT = np.dtype([(n, "f8") for n in ("price", "stars", "count", "low_stars", "store")])


def kept_days(market: Market) -> int:
    """Days after which no window can reach an order any more."""
    rules = market.platform

    def days(window: int | None) -> int:
        return NO_LIMIT if window is None else window

    feedback, reveal = rules.feedback, rules.reveal
    hidden = reveal.moderation_days + reveal.bad_after_days * reveal.double_blind
    longest = max(
        days_to_form(market)
        + days(feedback.window_days)
        + max(days(feedback.change_window_days), hidden),
        feedback.same_item_days or 0,
        days_to_form(market) + feedback.follow_up_days,
        rules.claims.window_days + rules.claims.decision_days,
        rules.odr.window_days + rules.odr.lag_days,
        market.fulfilment.dispatch_days if rules.measures else 0,
        rules.reviews.min_spend_days if rules.reviews.min_spend > 0 else 0,
    )
    return min(longest + ANSWERS_DAYS, LONGEST_KEPT_DAYS)


def days_to_form(market: Market) -> int:
    """Days from an order to the day that its feedback form counts from, for nearly all orders."""
    made, counts_from = market.fulfilment, market.platform.feedback.counts_from
    if counts_from == "order":
        return 0
    promise = int(np.ceil(made.promise_days * np.exp(2.33 * made.promise_sd)))  # 99 of 100
    if counts_from == "promise":
        return promise
    confirmed = market.platform.feedback.auto_confirm_days or made.longest_days
    on_its_way = made.longest_days + min(confirmed, made.longest_days)
    return max(promise + made.cancelled_after_days, on_its_way)


def parameter_record(market: Market) -> np.ndarray:
    """The parameters, a structured array of one row (int64 and float64 columns)."""
    values: dict[str, int | float] = {}
    for flat, section, name, _ in _scalar_fields():
        owner = market.platform if section in _PLATFORM else market
        value = getattr(getattr(owner, section), name)
        values[flat] = NO_LIMIT if value is None else value
        if isinstance(value, str):
            model: Any = type(getattr(owner, section))
            values[flat] = get_args(model.model_fields[name].annotation).index(value)
    rules, measured = market.platform, list(market.platform.measures)
    odr, display, search = rules.odr, rules.display, rules.search
    values |= {
        "odr_z": NormalDist().inv_cdf(odr.lower_bound) if odr.lower_bound > 0 else 0.0,
        "display_decay": decay(display.half_life_days),
        "search_decay": decay(search.velocity_half_life_days),
        "display_first_date": first_shown(market),
        "choice_nothing_rate": float(np.exp(market.choice.buy_nothing)),
        "shown_measure": -1 if rules.shown_score is None else measured.index(rules.shown_score),
        "shown_best": rules.shown_best,
        "scale": rules.scale,
        "channels": market.platform.channels,
        "points_carried_from": _or_infinite(market.platform.points.carried_from),
        "points_carried": market.platform.points.carried,
        "points_kept_from": _or_infinite(market.platform.points.kept_from),
        "by_platform_slowness": slowness(market.platform.by_platform.on_time, market.fulfilment),
        "n_buyers": market.buyers.count,
        "n_users": market.buyers.count + market.non_buying_users.count,
        "past_days": market.past.days,
        "warm_up": market.warm_up,
        "first_date": first_date(market),
        "kept_days": kept_days(market),
    }
    return np.array([tuple(values[name] for name in PARAMETERS.names or ())], PARAMETERS)


def _or_infinite(value: float | None) -> float:
    return np.inf if value is None else value


def first_date(market: Market) -> int:
    """Earliest date in the books: what the store score of day 1 can still see."""
    return -max(market.past.days, market.platform.feedback.score_window_days)


def first_shown(market: Market) -> int:
    """Earliest date of a review that is displayed on the first morning, where reviews leave."""
    return 1 - market.past.days - (market.platform.display.window_days or 0)


def parameter_arrays(market: Market) -> dict[str, np.ndarray]:
    """Parameters that are lists, by their names in ``World``."""
    search, weekday = market.platform.search, np.array(market.weekday)
    shares = np.array([c.share for c in market.categories], float)
    segments = np.zeros(len(market.choice.segments), SEGMENT)
    for row, segment in zip(segments, market.choice.segments, strict=True):
        for name in SEGMENT.names or ():
            row[name] = getattr(segment, name)
    return {
        "cuts": np.array(market.judging.cuts),
        "lateness": np.ascontiguousarray(np.array(market.judging.lateness).T),
        "report_curve": np.array(market.speaking.report_curve),
        "complain": np.array(market.complaining.complain),
        "claim": np.array(market.complaining.claim),
        "returns": np.array(market.complaining.returns),
        "depth_cdf": depth_cdf(
            search.page_size, search.next_page, search.position_exponent, MAX_EXAMINED
        ),
        "category_cdf": np.cumsum(shares / shares.sum()),
        "category_price": np.array([c.price * 100.0 for c in market.categories]),
        "weekday": weekday / weekday.mean(),
        "segments": segments,
    }
