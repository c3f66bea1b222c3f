"""What a platform decides: who may post what and when, what counts as a defect, what is shown.

Nothing here is a default of the engine; every number comes from a file in ``configs/platforms/``
or, where the file is silent, from the declaration below with its source. Sources in brackets name
the platform's public page or the study; ``assumed`` values have no source and a range instead.
"""

# fmt: off  (a table of parameters reads best with one paragraph each)
from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, model_validator

from sim.config.fields import WORDS, Frozen, Probability, param
from sim.config.form import BoughtReviews, ByPlatform, DefaultRules, OfferRules, RevealRules
from sim.config.health import PRODUCT_PENALTIES, Gate, Measure, PointsRules
from sim.config.policy import ContactRules, PolicyRules

Share: dict[str, Any] = dict(low=0.0, high=1.0)
CountsFrom = Literal["order", "end", "promise"]


class FeedbackRules(Frozen):
    """Feedback: stars for the store, from the customer of an order, through that order."""

    opens_after_days: int = param(
        3, "Days after the order before its feedback form opens", unit="days", low=0, high=60,
        source="Amazon seller help, About Feedback Manager", status="documented", world=True)
    window_days: int | None = param(
        90, "Days after the order in which feedback may be left; null = no end", unit="days",
        low=1, high=3650, source="Amazon seller help G97692EVY8H3CZY9", status="documented",
        world=True)
    change_window_days: int | None = param(
        60, "Days after leaving it in which the author may change or delete it; null = no end",
        unit="days", low=0, high=3650, source="seller lore of 2016; today: any time",
        status="assumed", world=True)
    can_change: bool = param(
        True, "May the author change the stars?", unit="yes/no",
        source="Amazon pages differ: update or remove", status="assumed", world=True)
    can_delete: bool = param(
        True, "May the author delete it?", unit="yes/no",
        source="Amazon seller help 202126280", status="documented", world=True)
    negative_up_to: int = param(
        2, "Feedback with at most these stars is negative", unit="stars", low=1, high=4,
        source="Amazon seller help 761", status="documented", world=True)
    positive_from: int = param(
        4, "Feedback with at least these stars is positive", unit="stars", low=2, high=5,
        source="Amazon seller help 761", status="documented", world=True)
    leave_rate: float = param(
        0.03, "Propensity to leave feedback on an order where the report curve is 1", unit="p",
        **Share, source="1 % (2017 analyses) to 10-20 % (vendor, 2016) of orders",
        status="assumed", world=True)
    reminder_after_promise_days: int = param(
        2, "The platform's reminder: days after the promised date", unit="days", low=0, high=60,
        source="Amazon seller help 761 (older copy)", status="documented", world=True)
    reminder_after_order_days: int = param(
        22, "... or days after the order, whichever is earlier", unit="days", low=0, high=120,
        source="Amazon seller help 761 (older copy)", status="documented", world=True)
    reminder_lift: float = param(
        1.3, "The reminder multiplies the propensity of a customer with nothing particular to "
        "say; that is a report curve of 1, and others gain as much", unit="x",
        low=1.0, high=5.0, source="adds the same to all: Brandes, Godes & Mayzlin 2022; size: no "
        "public figure", status="assumed", world=True)
    product_only_share: float = param(
        0.35, "Share of negatives from customers with only the product to complain of that speak "
        "of nothing else", unit="p", **Share, source="no public figure", status="assumed",
        world=True)
    strike_probability: float = param(
        0.7, "Chance that the platform strikes through feedback wholly about the product",
        unit="p", **Share, source="rule: Amazon seller help 20231; chance: none public",
        status="assumed", world=True)
    removal_granted: float = param(
        0.5, "Chance that such feedback, where it still stands, is struck through when the seller "
        "asks for it", unit="p", **Share, source="rule: Amazon seller help 20231; chance: none "
        "public", status="assumed", world=True)
    removal_window_days: int | None = param(
        90, "Days after posting in which the seller may ask for that; null = no end", unit="days",
        low=0, high=3650, source="sellers' guides: nothing older than 90 days", status="published",
        world=True)
    strike_lag_days: int = param(
        2, "Days from posting to the strike-through", unit="days", low=1, high=60,
        source="up to 48 h to drop out of the metrics (consultants)", status="published",
        world=True)
    score_window_days: int = param(
        365, "Window of the store score shown to shoppers", unit="days", low=1, high=3650,
        source="Amazon seller help G97692EVY8H3CZY9", status="documented", world=True)
    score_min_count: int = param(
        10, "With at most this many in the window the lifetime score is shown", unit="count",
        low=0, high=10000, source="Amazon seller help G97692EVY8H3CZY9", status="documented",
        world=True)
    counts_from: CountsFrom = param(
        "order", "What opens_after_days and window_days count from: the order; its end, which is "
        "receipt or auto_confirm_days after dispatch; the promised date", unit="event",
        source="see the platform's file", status="documented", world=True)
    auto_confirm_days: int | None = param(
        None, "Days after dispatch when an order ends without confirmed receipt; null = it ends "
        "with receipt alone", unit="days", low=1, high=365, source="see the platform's file",
        status="documented", world=True)
    kindness: float = param(
        0.0, "Latent units by which what is said to a partner of trade is kinder than what is "
        "felt", unit="latent", low=-5.0, high=5.0, source="as a platform's share of good ratings "
        "needs it", status="calibrated", world=True)
    change_up_to: int = param(
        5, "Only feedback with at most so many stars may be changed or deleted", unit="stars",
        low=1, high=5, source="see the platform's file", status="documented", world=True)
    change_to_from: int = param(
        1, "... and only to at least so many", unit="stars", low=1, high=5,
        source="see the platform's file", status="documented", world=True)
    max_changes: int | None = param(
        None, "How often one may be changed or deleted; null = as often as one likes",
        unit="count", low=0, high=1000, source="see the platform's file", status="documented",
        world=True)
    change_asked: bool = param(
        False, "May it only be changed after the seller has asked for it?", unit="yes/no",
        source="eBay help, revision requests", status="documented", world=True)
    follow_up_days: int = param(
        0, "Days after the end of the order in which the author may add one follow-up, which "
        "moves no score; 0 = none", unit="days", low=0, high=3650,
        source="see the platform's file", status="documented", world=True)
    removal: Literal["strike", "fold"] = param(
        "strike", "What the platform does with feedback that it agrees is not about the store: "
        "strike it from every score, or fold it: out of sight, though it counts", unit="rule",
        source="see the platform's file", status="documented", world=True)
    deleted_on_return: bool = param(
        False, "Does a return delete the rating of the order?", unit="yes/no",
        source="JD (sellers' guides)", status="published", world=True)
    same_item_days: int | None = param(
        None, "One channel: days in which a customer's further orders of the same listing get no "
        "rating of their own; null = every order gets one", unit="days", low=1, high=3650,
        source="JD (sellers' guides)", status="published", world=True)

    @model_validator(mode="after")
    def _apart(self) -> FeedbackRules:
        if self.negative_up_to >= self.positive_from:
            raise ValueError(
                f"found negative_up_to {self.negative_up_to} and positive_from "
                f"{self.positive_from}; allowed: negative_up_to below positive_from")
        if self.window_days is not None and self.opens_after_days > self.window_days:
            raise ValueError(
                f"found opens_after_days {self.opens_after_days} and window_days "
                f"{self.window_days}; allowed: opens_after_days at most window_days")
        return self


class ReviewRules(Frozen):
    """Reviews: stars for the listing, from any eligible user of the platform."""

    open_to_non_buyers: bool = param(
        True, "May users who did not buy the listing review it?", unit="yes/no",
        source="Amazon review guidelines", status="documented", world=True)
    min_purchases: int = param(
        1, "Purchases anywhere on the platform that make a user eligible; of those before day 1 "
        "at most one is known", unit="count",
        low=0, high=1000, source="any purchase ever, until July 2016", status="published",
        world=True)
    min_spend: float = param(
        0.0, "Money spent anywhere on the platform that makes a user eligible", unit="USD",
        low=0.0, high=1e6, source="none until August 2016; today 50 USD (review guidelines)",
        status="documented", world=True)
    min_spend_days: int = param(
        365, "Days in which it has been spent", unit="days", low=1, high=385,
        source="review guidelines: in the past 12 months", status="documented", world=True)
    change_window_days: int | None = param(
        60, "Days after posting in which the author may change or delete it; null = no end",
        unit="days", low=0, high=3650, source="the seed rule of this model; today: any time",
        status="assumed", world=True)
    can_change: bool = param(
        True, "May the author change the stars?", unit="yes/no", source="common practice",
        status="assumed", world=True)
    can_delete: bool = param(
        True, "May the author delete it?", unit="yes/no",
        source="seller pages note removal by reviewers", status="documented", world=True)
    leave_rate: float = param(
        0.0125, "Propensity to review a bought listing where the report curve is 1", unit="p",
        **Share, source="1-3 % of orders are reviewed (trade)", status="calibrated", world=True)
    leave_rate_unbought: float = param(
        0.00083, "Propensity to review a listing met but not bought where the report curve is 1",
        unit="p", low=0.0, high=0.1, source="no public figure; 5-22 % of reviews are unverified",
        status="calibrated", world=True)


class OdrRules(Frozen):
    """The order defect rate and when it is acted upon."""

    enforced: bool = param(
        True, "Does its limit put an account at risk? The rate is told either way", unit="yes/no",
        source="Amazon seller help G200285170", status="documented", world=True)
    window_days: int = param(
        60, "Order dates in the window", unit="days", low=1, high=730,
        source="Amazon seller help G200285170", status="documented", world=True)
    lag_days: int = param(
        15, "Youngest orders left out, so that defects have time to appear", unit="days",
        low=0, high=365, source="read off Amazon's account health report sample",
        status="documented", world=True)
    limit: float = param(
        0.01, "The rate must stay at or below this", unit="share", **Share,
        source="Amazon seller help G200285170", status="documented", world=True)
    min_orders: int = param(
        30, "Fewer orders in the window are not acted upon", unit="orders", low=0, high=10000,
        source="order volume is considered (Amazon forum); value: none public", status="assumed",
        world=True)
    min_defects: int = param(
        3, "Fewer defects in the window are not acted upon", unit="orders", low=0, high=1000,
        source="as min_orders", status="assumed", world=True)
    lower_bound: float = param(
        0.9, "Confidence of the one-sided Wilson lower bound that must exceed the limit; 0 = the "
        "plain rate", unit="p", low=0.0, high=0.999, source="as min_orders", status="assumed",
        world=True)

    @model_validator(mode="after")
    def _below(self) -> OdrRules:
        if 0.0 < self.lower_bound < 0.5:
            raise ValueError(
                f"found lower_bound {self.lower_bound}, above which the rate itself would lie; "
                "allowed: 0, or 0.5 to 0.999")
        return self


class AccountRules(Frozen):
    """healthy -> at risk -> deactivated -> plan of action -> reinstated or closed."""

    enforced: bool = param(
        True, "Does the platform act on the ODR at all?", unit="yes/no", source="model switch",
        status="design", world=True)
    at_risk_days: int = param(
        14, "Days at risk before deactivation", unit="days", low=1, high=365,
        source="no public figure", status="assumed", world=True)
    plan_days: int = param(
        14, "Days from deactivation (or a refused plan) to the verdict on a plan of action",
        unit="days", low=1, high=365, source="days to weeks (vendors)", status="published",
        world=True)
    plan_accepted: float = param(
        0.6, "Chance that a plan of action is accepted", unit="p", **Share,
        source="no public figure", status="assumed", world=True)
    plans_allowed: int = param(
        2, "Plans refused before the account is closed", unit="count", low=1, high=20,
        source="no public figure", status="assumed", world=True)


class ClaimRules(Frozen):
    """Claims against the seller and chargebacks: what a customer left alone may do."""

    answer_days: int = param(
        2, "Days a seller has to answer before a claim may be filed", unit="days", low=1, high=30,
        source="Amazon seller help 27951 (48 h)", status="documented", world=True)
    window_days: int = param(
        90, "Days after the promised date in which a claim may be filed", unit="days", low=1,
        high=730, source="Amazon seller help 27951", status="documented", world=True)
    decision_days: int = param(
        7, "Days from claim to decision", unit="days", low=1, high=60, source="no public figure",
        status="assumed", world=True)
    granted_unanswered: bool = param(
        True, "Is a claim granted when the seller never answered?", unit="yes/no",
        source="Amazon help Q6762Y9AB2FYDY8 (72 h)", status="documented", world=True)
    refunds_by_platform: float = param(
        0.0, "Share of what claims and returns give back that the platform pays, not the seller",
        unit="share", **Share, source="see the platform's file", status="documented", world=True)
    chargeback_share: float = param(
        0.033, "Share of escalations that go to the card issuer instead", unit="p", **Share,
        source="15 of 457 in Amazon's account health report sample", status="documented",
        world=True)


class DisplayRules(Frozen):
    """The stars shown on a listing: a weighted mean, rounded to one decimal."""

    half_life_days: float | None = param(
        180.0, "Age at which a review weighs half; null = reviews never fade", unit="days",
        low=1.0, high=1e6, source="recency is confirmed, the weight is not public",
        status="assumed", world=True)
    prior_reviews: float = param(
        0.0, "Reviews of prior_stars added to every listing before the mean is taken: 0 = plain, "
        "above = Bayesian mean", unit="reviews", low=0.0, high=1000.0,
        source="platforms differ; none is known here", status="assumed", world=True)
    prior_stars: float = param(
        4.2, "Stars of these", unit="stars", low=1.0, high=5.0, source="mean of reviews 4.1-4.3",
        status="assumed", world=True)
    weight_verified: float = param(
        1.0, "Weight of a verified review", unit="x", low=0.0, high=10.0,
        source="verified status is confirmed, the weight is not public", status="assumed",
        world=True)
    weight_unverified: float = param(
        0.4, "Weight of any other review", unit="x", low=0.0, high=10.0, source="as verified",
        status="assumed", world=True)
    recent_reviews: int = param(
        8, "Reviews a shopper sees on the page, newest first", unit="count", low=1, high=16,
        source="page layout", status="assumed", world=True)
    window_days: int | None = param(
        None, "Reviews older than this are no longer shown or counted; null = all are; needs "
        "half_life_days: null", unit="days", low=1, high=3650,
        source="Taobao item pages: 180 days", status="published", world=True)
    by_class: bool = param(
        False, "Are good, neutral and bad reviews shown as 5, 3 and 1 stars, as where a share of "
        "good ones is displayed?", unit="yes/no", source="see the platform's file",
        status="documented", world=True)

    @model_validator(mode="after")
    def _fades_or_ends(self) -> DisplayRules:
        if self.window_days is not None and self.half_life_days is not None:
            raise ValueError("found window_days and half_life_days; allowed: one of them, the "
                             "other null")
        return self


class SearchRules(Frozen):
    """Search results: how far shoppers look and what moves a listing up."""

    page_size: int = param(
        6, "Listings on a page of results; the platform's own is 48 to 60, scaled down as 40 "
        "listings stand for thousands", unit="listings", low=1, high=100, source="model.scale",
        status="assumed", world=True)
    next_page: tuple[Probability, ...] = param(
        (0.197, 0.64, 0.67), "Chance to open page 2, then 3, then 4, each given the one before",
        unit="p", source="Compete, 75 M consumers, Sept 2014 (marketingcharts.com 48541)",
        status="published", world=True, min_length=1, max_length=16)
    position_exponent: float = param(
        1.1, "On the last opened page the k-th place is examined with chance k^-exponent",
        unit="-", low=0.0, high=5.0, source="fit to web search clicks (AOL log)",
        status="published", world=True)
    explore_share: float = param(
        0.05, "Chance that a trip's last examined place goes to a new listing", unit="p", **Share,
        source="no public figure", status="assumed", world=True)
    new_days: int = param(
        30, "Age below which a listing is new", unit="days", low=0, high=730,
        source="30 d to 6 months are claimed, disputed", status="assumed", world=True)
    new_boost: float = param(
        0.5, "Score added to a listing of age 0, falling to 0 when no longer new",
        unit="sd of a component", low=0.0, high=10.0, source="disputed", status="assumed",
        world=True)
    weight_relevance: float = param(
        0.30, "Weight of relevance", unit="weight", low=0.0, high=10.0,
        source="order of weights: seller-side reconstructions; values: none public",
        status="assumed", world=True)
    weight_velocity: float = param(
        0.25, "Weight of recent orders", unit="weight", low=0.0, high=10.0, source="as relevance",
        status="assumed", world=True)
    weight_conversion: float = param(
        0.20, "Weight of orders per examination", unit="weight", low=0.0, high=10.0,
        source="as relevance", status="assumed", world=True)
    weight_stars: float = param(
        0.10, "Weight of displayed stars: the direct path from reviews to rank", unit="weight",
        low=0.0, high=10.0, source="as relevance", status="assumed", world=True)
    weight_count: float = param(
        0.05, "Weight of the log of the number of reviews", unit="weight", low=0.0, high=10.0,
        source="as relevance", status="assumed", world=True)
    weight_price: float = param(
        0.10, "Weight of a low price", unit="weight", low=0.0, high=10.0, source="as relevance",
        status="assumed", world=True)
    velocity_half_life_days: float = param(
        14.0, "Half-life of the memory for orders and conversion", unit="days", low=0.5,
        high=365.0, source="windows of 7, 14, 30 days are claimed", status="assumed", world=True)
    prior_orders: float = param(
        5.0, "Orders that a listing's velocity is shrunk by toward its category's", unit="orders",
        low=0.0, high=1e4, source="design of the score", status="assumed", world=True)
    prior_examined: float = param(
        40.0, "Examinations that conversion is shrunk by", unit="examinations", low=0.0, high=1e5,
        source="design of the score", status="assumed", world=True)
    prior_reviews: float = param(
        5.0, "Reviews that displayed stars are shrunk by", unit="reviews", low=0.0, high=1e4,
        source="design of the score", status="assumed", world=True)


class FeeRules(Frozen):
    """What the platform charges."""

    referral: float = param(
        0.15, "Referral fee; kept on refunds, not charged on cancelled orders",
        unit="share of price", **Share, source="Amazon fee schedule",
        status="documented", world=True)


class PlatformRules(Frozen):
    """One platform's rule set, as in ``configs/platforms/*.yaml``."""

    name: str = Field(description="Name of the rule set", min_length=1, max_length=60,
                      json_schema_extra=WORDS)
    about: str = Field("", description="What it describes, in a sentence", max_length=2000,
                       json_schema_extra=WORDS)
    scale: Literal[3, 5] = Field(
        5, description="Number of marks: 5 stars, or 3: good, neutral and bad, kept as 5, 3 and 1 "
        "stars")
    channels: Literal[1, 2] = Field(
        2, description="2: feedback for the store, reviews for the listing. 1: one rating for "
        "both, by the customer of an order, by the rules of `feedback`")
    measures: dict[str, Measure] = param(
        {}, "What is measured of every store, or product, by name", unit="measures",
        source="see the platform's file", status="documented", world=True, max_length=40)
    gates: tuple[Gate, ...] = param(
        (), "What follows where a measure crosses a limit", unit="gates",
        source="see the platform's file", status="documented", world=True, max_length=40)
    points: PointsRules = PointsRules()
    plausible: dict[str, tuple[float, float]] = Field(
        {}, description="For values that are assumed: by path within the rule set, the range in "
        "which the true value may lie", max_length=100, json_schema_extra=WORDS)
    shown_score: str | None = Field(
        None, description="Name of the measure that shoppers see as the store's score; null = the "
        "share of positive feedback", max_length=60)
    shown_best: float = param(
        1.0, "Value of that measure which is as good as all feedback being positive", unit="of "
        "the measure", low=0.001, high=1e6, source="see the platform's file", status="documented",
        world=True)
    feedback: FeedbackRules = FeedbackRules()
    reviews: ReviewRules = ReviewRules()
    odr: OdrRules = OdrRules()
    account: AccountRules = AccountRules()
    claims: ClaimRules = ClaimRules()
    display: DisplayRules = DisplayRules()
    search: SearchRules = SearchRules()
    contact: ContactRules = ContactRules()
    policy: PolicyRules = PolicyRules()
    fees: FeeRules = FeeRules()
    defaults: DefaultRules = DefaultRules()
    reveal: RevealRules = RevealRules()
    offers: OfferRules = OfferRules()
    by_platform: ByPlatform = ByPlatform()
    bought: BoughtReviews = BoughtReviews()

    @model_validator(mode="after")
    def _three_marks(self) -> PlatformRules:
        rules = self.feedback
        if self.scale == 3 and not rules.negative_up_to < 3 < rules.positive_from:
            raise ValueError(
                f"found scale 3 with negative_up_to {rules.negative_up_to} and positive_from "
                f"{rules.positive_from}; allowed: below and above 3, which is kept for neutral")
        return self

    @model_validator(mode="after")
    def _named(self) -> PlatformRules:
        known: list[str] = []
        for name, measure in self.measures.items():
            for part in measure.mix or ():
                _known(part.measure, known, f"measures.{name}.mix")
                _of_stores(self.measures[part.measure], part.measure, f"measures.{name}.mix")
            known.append(name)
        for gate in self.gates:
            _known(gate.measure, known, "gates")
            main = self.measures[gate.measure]
            if gate.confidence > 0.0 and main.orders_with is None:
                raise ValueError(f"found confidence on {gate.measure!r}; allowed: on shares of "
                                 "orders")
            for further in gate.also:
                _known(further.measure, known, "gates")
                if self.measures[further.measure].level != main.level:
                    raise ValueError(f"found {further.measure!r} beside {gate.measure!r}; allowed: "
                                     "both of stores, or both of products")
            if self.measures[gate.measure].level == "product":
                for penalty in gate.then:
                    if penalty.do not in PRODUCT_PENALTIES:
                        raise ValueError(
                            f"found {penalty.do} for a product; allowed: "
                            f"{', '.join(PRODUCT_PENALTIES)}")
        if self.shown_score is not None:
            _known(self.shown_score, known, "shown_score")
            _of_stores(self.measures[self.shown_score], self.shown_score, "shown_score")
        for path, (low, high) in self.plausible.items():
            if not low < high:
                raise ValueError(f"found plausible {path} from {low:g} to {high:g}; allowed: the "
                                 "smaller number first")
        return self

    def _at(self, path: str) -> Any:
        """The number (or null) at a dotted path; _NOWHERE if there is none."""
        here: Any = self
        for step in path.split("."):
            if isinstance(here, dict):
                here = here.get(step, _NOWHERE)
            elif isinstance(here, tuple):
                known = step.isdigit() and int(step) < len(here)
                here = here[int(step)] if known else _NOWHERE
            else:
                here = getattr(here, step) if step in _fields(here) else _NOWHERE
        number = here is None or isinstance(here, (int, float))
        return here if number and not isinstance(here, bool) else _NOWHERE

    def value_at(self, path: str) -> float:
        """A number of the rule set by its dotted path. Raises ValueError where there is none."""
        here = self._at(path)
        if here is _NOWHERE or here is None:
            raise ValueError(f"found path {path!r}; allowed: one that leads to a stated number")
        return float(here) if isinstance(here, float) else int(here)

    def ranges(self) -> dict[str, tuple[float, float]]:
        """``plausible`` without the paths at which no number stands (any more)."""
        there = {path: self._at(path) for path in self.plausible}
        return {p: self.plausible[p] for p, at in there.items() if at not in (None, _NOWHERE)}

    def with_value(self, path: str, value: float) -> PlatformRules:
        """The rule set with the number at a path set; whole ones are rounded. Raises ValueError."""
        whole = isinstance(self.value_at(path), int)
        data = self.model_dump() | {"plausible": {}}
        stated = _set(data, path.split("."), round(value) if whole else value)
        return PlatformRules.model_validate(stated)


_NOWHERE = object()
"""Stands for what a path that leads nowhere would have led to."""


def _fields(part: Any) -> Any:
    return type(part).model_fields if isinstance(part, Frozen) else ()


def _set(part: Any, steps: list[str], value: float) -> Any:
    """``part`` (of a dumped model) with the number at ``steps`` replaced."""
    if not steps:
        return value
    if isinstance(part, dict):
        return part | {steps[0]: _set(part[steps[0]], steps[1:], value)}
    k = int(steps[0])
    return (*part[:k], _set(part[k], steps[1:], value), *part[k + 1 :])


def _of_stores(measure: Measure, name: str, where: str) -> None:
    if measure.level != "store":
        raise ValueError(f"found {name!r}, a measure of products, in {where}; allowed: of stores")


def _known(name: str, known: list[str], where: str) -> None:
    if name not in known:
        raise ValueError(f"found measure {name!r} in {where}; allowed: those stated before it, "
                         f"{', '.join(known) or 'none'}")
