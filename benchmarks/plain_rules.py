"""The rules of the market for plain Python: its parameters, ready for use, and small functions.

Written anew on floats and lists, as what is quick for arrays and compiled loops is slow here and
the other way round. What depends on the configuration alone is worked out once.
"""

from __future__ import annotations

from bisect import bisect_left
from math import exp, sqrt

import numpy as np

from sim.config.market import Market
from sim.parameters import kept_days

NEVER = 1_000_000
"""A day that does not come."""
TYPICAL_QUALITY, TYPICAL_STARS, TYPICAL_STORE = 0.6, 4.2, 0.95
FINE_FROM = 4
"""Felt stars from which there is nothing to object to."""
MOST_TRIPS = 8
FINE, DAMAGED, WRONG, CANCELLED = range(4)
"""What went wrong with an order."""


class Rules:
    """What holds in one market, in the units in which agents use it.

    Curves have a chance for each number of stars from 1 to 5; base rates are multiplied in.
    """

    def __init__(self, market: Market) -> None:
        self._search_and_choice(market)
        self._judging(market)
        self._speaking(market)
        self._complaining(market)

    def _search_and_choice(self, market: Market) -> None:
        choice = market.choice
        self.explore_share = market.platform.search.explore_share
        self.nothing = exp(choice.buy_nothing)
        self.taste = choice.taste
        self.experience = choice.own_experience
        self.half_life = choice.memory_half_life_days
        self.longest_days = market.fulfilment.longest_days
        self.kept_days = kept_days(market)

    def _judging(self, market: Market) -> None:
        judging = market.judging
        self.cuts = list(judging.cuts)
        knots = np.array(judging.lateness)
        self.late_costs = np.interp(np.arange(knots[-1, 0] + 1), *knots.T).tolist()
        self.trouble_costs = (0.0, judging.damaged, judging.wrong_item, judging.cancelled)
        self.service, self.product, self.quality = judging.service, judging.product, judging.quality
        self.known = judging.taste_known * judging.taste / market.choice.taste
        self.taste_after = judging.taste * sqrt(1.0 - judging.taste_known**2)
        self.disappointment = judging.disappointment
        self.expected_per_star = judging.expected_per_star
        self.blames_store = judging.blames_store

    def _speaking(self, market: Market) -> None:
        speaking, feedback = market.speaking, market.platform.feedback
        reviews, curve = market.platform.reviews, speaking.report_curve
        lift = feedback.reminder_lift - 1.0
        self.feedback_chance = [feedback.leave_rate * c for c in curve]
        self.reminded_chance = [feedback.leave_rate * max(0.0, c + lift) for c in curve]
        self.review_chance = [reviews.leave_rate * c for c in curve]
        self.unbought_chance = reviews.leave_rate_unbought * max(curve)
        self.unbought_share = [c / max(curve) for c in curve]
        self.unbought_bias = speaking.unbought_bias
        self.unbought_spread = speaking.unbought_spread
        self.feedback_delay = (speaking.feedback_delay_days, speaking.feedback_delay_sd)
        self.review_delay = (speaking.review_delay_days, speaking.review_delay_sd)
        self.reminder_after_promise = feedback.reminder_after_promise_days
        self.reminder_after_order = feedback.reminder_after_order_days
        self.feedback_opens = feedback.opens_after_days
        window = feedback.window_days
        self.feedback_window = NEVER - 1 if window is None else window
        self.negative_up_to = feedback.negative_up_to
        self.positive_from = feedback.positive_from
        self.kindness = feedback.kindness
        self.product_only = feedback.product_only_share
        self.strike_share = feedback.strike_probability
        self.strike_lag = feedback.strike_lag_days
        self.noise, self.nearby = speaking.noise, speaking.nearby
        self.per_star = speaking.latent_per_star
        self.min_purchases = reviews.min_purchases

    def _complaining(self, market: Market) -> None:
        complaining, claims = market.complaining, market.platform.claims
        self.complain, self.claim = complaining.complain, complaining.claim
        self.returns = complaining.returns
        self.complaint_delay = complaining.delay_days
        self.claim_if_refused = complaining.claim_if_refused
        self.tone_settles = complaining.tone_settles
        self.refund_settles = complaining.refund_settles
        self.recovery = complaining.recovery
        self.reach_half_life = market.reconsidering.half_life_days
        self.answer_days, self.claim_days = claims.answer_days, claims.decision_days
        self.claim_window = claims.window_days
        self.granted_unanswered = claims.granted_unanswered
        self.chargeback_share = claims.chargeback_share

    def felt(self, latent: float) -> int:
        """Private stars 1..5 of a latent satisfaction."""
        return 1 + bisect_left(self.cuts, latent)

    def settles(self, tone: float, refund: float, waited: int) -> float:
        """Chance that an answer settles a complaint: kindness first, money on what is left."""
        unsettled = (1.0 - self.tone_settles * tone) * (1.0 - self.refund_settles * refund)
        return (1.0 - unsettled) * 2.0 ** (-waited / self.reach_half_life)


def trips_on_day(rate: float, u: float) -> int:
    """Number of trips: a Poisson count with this mean, inverted at u."""
    term = exp(-rate)
    more, n = 1.0 - term, 0
    while n < MOST_TRIPS and u < more:
        n += 1
        term *= rate / n
        more -= term
    return n


def delay_days(z: float, median: float, sd: float) -> int:
    """Days until something is written, at least 1 (log-normal, z standard normal)."""
    return max(1, round(median * exp(sd * z)))


def must_be_plain(market: Market) -> None:
    """Raise ValueError where the market has what is left out here."""
    rules, rivals = market.platform, market.rivals
    left_out = {
        "sellers with stated values": bool(market.sellers),
        "strategies": rivals.strategy != "none",
        "limits to capacity": rivals.load is not None,
        "exits": rivals.exit_per_year > 0.0,
        "interventions": bool(market.interventions),
        "enforcement": rules.account.enforced,
        "measures and gates": bool(rules.measures or rules.gates),
        "one channel": rules.channels != 2 or rules.scale != 5,
        "ratings by default": rules.defaults.when != "never",
        "reviews kept back": rules.reveal.moderation_days > 0 or rules.reveal.double_blind,
        "a window of display": rules.display.window_days is not None,
        "forms that count from elsewhere": rules.feedback.counts_from != "order",
        "choice without taste": market.choice.taste == 0.0,
        "closed reviews": not rules.reviews.open_to_non_buyers or rules.reviews.min_spend > 0,
    }
    found = [what for what, there in left_out.items() if there]
    if found:
        raise ValueError(f"found {', '.join(found)}; allowed: a market without")
