"""A market: categories, sellers with their listings, rivals, people, a platform, and how long."""
# fmt: off  (a table of parameters reads best with one paragraph each)
from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import (
    BeforeValidator,
    Field,
    ModelWrapValidatorHandler,
    ValidationError,
    model_validator,
)
from pydantic_core import InitErrorDetails

from sim.config.checks import whole_market
from sim.config.fields import Count, Frozen, Weight, param
from sim.config.intervened import misplaced
from sim.config.intervention import Intervention
from sim.config.people import (
    OLIST,
    Browsing,
    Choice,
    Complaining,
    Judging,
    Reconsidering,
    Responding,
    Shopping,
    Speaking,
)
from sim.config.platform import PlatformRules
from sim.config.strategy import Strategy, lines_or_strategy

Share: dict[str, Any] = dict(low=0.0, high=1.0)
NO_END = 90
"""Days that a window without an end is waited for in the run-out."""
DELIVERED = 60
"""Days of run-out at least, in which what was ordered arrives and claims are decided."""
CAPACITY_DAYS = 28
"""Days of sales from which drawn sellers' capacities are set."""
NO_STRATEGY = "none"
NAME = r"^[^\x00-\x1f]{1,60}$"


class Category(Frozen):
    """A category of the search: its listings compete for the same trips."""

    name: str = Field(description="Name", pattern=NAME)
    price: float = param(
        25.0, "Usual price", unit="USD", low=0.01, high=1e6, source="design", status="design",
        world=True)
    share: float = param(
        1.0, "Weight of the category among trips", unit="weight", low=0.0, high=1e6,
        source="design", status="design", world=True)


class Care(Frozen):
    """How complaints are answered under every strategy."""

    answers: float = param(
        0.9, "Share of complaints answered at all", unit="p", **Share, source="no source",
        status="assumed")
    delay_days: float = param(
        1.0, "Mean days from reading a complaint to the answer", unit="days", low=0.0,
        high=365.0, source="no source", status="assumed")
    tone: float = param(
        0.6, "Kindness of the answer", unit="0..1", **Share, source="no source",
        status="assumed")
    refund: float = param(
        0.5, "Share of the price given back with the answer", unit="share", **Share,
        source="no source", status="assumed")


class Listing(Frozen):
    """A product offered by one seller."""

    category: str = Field(description="Name of one of the categories")
    name: str | None = Field(None, description="Name; made from seller and number when missing",
                             pattern=NAME)
    price: float | None = param(
        None, "Price; null = drawn around the category's", unit="USD", low=0.01, high=1e6,
        source="design", status="design")
    unit_cost: float | None = param(
        None, "Cost of one unit; null = from price and quality", unit="USD", low=0.0, high=1e6,
        source="design", status="design")
    quality: float | None = param(
        None, "True quality; null = the seller's", unit="0..1", **Share, source="design",
        status="design")
    oversell: float | None = param(
        None, "How far the description promises more than the quality; null = drawn",
        unit="quality", low=-1.0, high=1.0, source="design", status="design")
    by_platform: bool = param(
        False, "Does the platform store, pack and ship it?", unit="yes/no", source="design",
        status="design", world=True)
    age_days: int | None = param(
        None, "Age at day 1; null = drawn", unit="days", low=0, high=7300, source="design",
        status="design", world=True)
    reviews: tuple[Count, Count, Count, Count, Count] | None = param(
        None, "Reviews from before the lived past, per star 1..5; null = drawn from quality "
        "and age",
        unit="count", source="design", status="design", world=True)


class Offer(Frozen):
    """What a seller asks for a listing that is another seller's."""

    listing: str = Field(description="Name of the listing", pattern=NAME)
    price: float | None = param(
        None, "Price; null = as the listing's own", unit="USD", low=0.01, high=1e6,
        source="design", status="design")
    unit_cost: float | None = param(
        None, "Cost of one unit; null = from the price and the listing's quality", unit="USD",
        low=0.0, high=1e6, source="design", status="design")
    by_platform: bool = param(
        False, "Does the platform store, pack and ship it?", unit="yes/no", source="design",
        status="design", world=True)


class Seller(Frozen):
    """A seller with stated values; its listings."""

    name: str = Field(description="Name; draws are keyed by it", pattern=NAME)
    focal: bool = Field(False, description="The seller that tables and plots are about")
    quality: float = param(
        0.6, "True quality of its listings where they do not state their own", unit="0..1",
        **Share, source="design", status="design")
    on_time: float = param(
        0.97, "Share of orders that arrive by the promise when nothing queues", unit="p",
        low=0.02, high=0.9999, source="late shipment target 4 %; Olist 93 %", status="design")
    damaged: float = param(
        0.004, "Share of orders that arrive damaged", unit="p", **Share, source="no source",
        status="assumed")
    wrong_item: float = param(
        0.002, "Share of orders with a wrong item", unit="p", **Share, source="no source",
        status="assumed")
    cancelled: float = param(
        0.004, "Share of orders cancelled by the seller", unit="p", **Share,
        source="target 2.5 %; Olist 0.9 %", status="assumed")
    capacity: int | None = param(
        None, "Orders handled per day; the rest queues. null = no limit", unit="orders/day",
        low=1, high=10_000_000, source="design", status="design")
    care: Care = Care()
    strategy: str = param(
        "none", "What the seller does toward customers and reviewers: the name of a strategy",
        unit="name", source="design", status="design", pattern=NAME)
    tracked: float = param(
        0.99, "Share of orders sent with a tracking number that works", unit="p", **Share,
        source="target 95 % (Amazon)", status="assumed")
    listings: tuple[Listing, ...] = Field(
        description="Its listings", min_length=1, max_length=1000)
    offers: tuple[Offer, ...] = Field(
        (), description="What it offers on others' listings", max_length=1000)


class Rivals(Frozen):
    """Sellers drawn at random; entrants are drawn in the same way."""

    count: int = param(
        11, "Rival sellers", unit="sellers", low=0, high=100_000, source="design",
        status="design", world=True)
    listings_each: int = param(
        3, "Listings of each", unit="listings", low=1, high=1000, source="design",
        status="design", world=True)
    quality_mean: float = param(
        0.6, "Mean quality", unit="0..1", **Share, source="design", status="design", world=True)
    quality_sd: float = param(
        0.22, "Standard deviation of quality over listings", unit="quality", **Share,
        source="product ICC of stars (Amazon ratings to 2014)", status="calibrated", world=True)
    late_median: float = param(
        0.02, "Median share of late orders", unit="p", low=0.0002, high=0.9,
        source="late shipment target 4 %", status="calibrated", world=True)
    late_sd: float = param(
        0.8, "Standard deviation of its log over sellers", unit="-", low=0.0, high=3.0,
        source=f"quartiles of sellers' late shares; {OLIST}", status="calibrated", world=True)
    trouble_median: float = param(
        0.004, "Median share of damaged orders; wrong items are half of it", unit="p",
        low=0.0, high=0.5, source="no source", status="assumed", world=True)
    trouble_sd: float = param(
        0.7, "Standard deviation of its log over sellers", unit="-", low=0.0, high=3.0,
        source="no source", status="assumed", world=True)
    care_mean: float = param(
        0.6, "Mean care in answering (tone and share of the price given back)", unit="0..1",
        **Share, source="no source", status="assumed", world=True)
    care_sd: float = param(
        0.2, "Its standard deviation over sellers", unit="0..1", **Share, source="no source",
        status="assumed", world=True)
    load: float | None = param(
        0.5, "Expected orders as a share of capacity, from which capacity is set; null = no "
        "limit", unit="share", low=0.01, high=10.0, source="no source", status="assumed",
        world=True)
    strategy: str = param(
        "none", "The strategy of those who follow one", unit="name", source="design",
        status="design", pattern=NAME)
    adopters: float = param(
        1.0, "Share of rivals who follow it; the same ones, and more, at a larger share",
        unit="share", **Share, source="design", status="design")
    exit_per_year: float = param(
        0.08, "Chance per year that a rival leaves for reasons of its own", unit="p", low=0.0,
        high=0.99, source="no source", status="assumed", world=True)


class Fulfilment(Frozen):
    """From order to door, in days."""

    handling_days: float = param(
        1.9, "Median days from order to carrier", unit="days", low=0.0, high=100.0,
        source=f"approval to carrier; {OLIST}", status="published", world=True)
    handling_sd: float = param(
        1.05, "Standard deviation of its log", unit="-", low=0.0, high=5.0,
        source=f"approval to carrier; {OLIST}", status="published", world=True)
    transit_days: float = param(
        7.1, "Median days from carrier to door", unit="days", low=0.0, high=200.0,
        source=f"carrier to door; {OLIST}", status="published", world=True)
    transit_sd: float = param(
        0.90, "Standard deviation of its log", unit="-", low=0.0, high=5.0,
        source=f"carrier to door; {OLIST}", status="published", world=True)
    promise_days: float = param(
        23.2, "Median days from order to promised date", unit="days", low=1.0, high=365.0,
        source=f"purchase to promised date; {OLIST}", status="published", world=True)
    promise_sd: float = param(
        0.42, "Standard deviation of its log", unit="-", low=0.0, high=5.0,
        source=f"purchase to promised date; {OLIST}", status="published", world=True)
    distance: float = param(
        0.75, "Correlation of log transit and log promise, both of which know the distance",
        unit="-", low=0.0, high=0.99, source=f"that 7 % of orders are late; {OLIST}",
        status="calibrated", world=True)
    longest_days: int = param(
        60, "Handling and transit are cut at so many days each: what is later is not heard of",
        unit="days", low=1, high=365, source=f".99 quantiles are 17 and 39 days; {OLIST}",
        status="assumed", world=True)
    dispatch_days: int = param(
        14, "Days after the order by which it should be on its way", unit="days", low=0, high=365,
        source="so that few sellers of the shipped market come near 4 % of late dispatches",
        status="calibrated", world=True)
    cancelled_after_days: int = param(
        7, "Days past the promise after which the platform cancels what still waits", unit="days",
        low=0, high=365, source="unshipped orders are cancelled after about a week (sellers)",
        status="assumed", world=True)


class Costs(Frozen):
    """What service and quality cost the seller."""

    punctuality: float = param(
        0.02, "Cost per order times (0.5 / late share - 1): convex in lateness avoided",
        unit="USD", low=0.0, high=100.0, source="no source", status="assumed",
        plausible=(0.005, 0.1))
    intactness: float = param(
        0.002, "Cost per order times (0.1 / damaged share - 1)", unit="USD", low=0.0,
        high=100.0, source="no source", status="assumed", plausible=(0.0005, 0.01))
    answering: float = param(
        3.0, "Work of a personal message, an answer or an apology, times tone", unit="USD",
        low=0.0, high=1000.0, source="some minutes of work", status="assumed",
        plausible=(1.0, 10.0))
    asking: float = param(
        0.1, "Work of a request or of thanks, whose words are written once for all", unit="USD",
        low=0.0, high=1000.0, source="no source", status="assumed", plausible=(0.0, 1.0))
    unit_share: float = param(
        0.35, "Unit cost as a share of price at quality 0", unit="share", **Share,
        source="no source", status="assumed", plausible=(0.2, 0.5))
    quality_share: float = param(
        0.35, "Added share times quality squared: convex in quality", unit="share", **Share,
        source="no source", status="assumed", plausible=(0.2, 0.5))
    return_shipping: float = param(
        5.0, "Cost of a return to the seller besides the refund", unit="USD", low=0.0,
        high=1000.0, source="no source", status="assumed")


class Past(Frozen):
    """What lies behind day 1."""

    days: int = param(
        90, "Days the market lives unrecorded before day 1, so that orders, posts and windows "
        "are full", unit="days", low=0, high=3650, source="ODR window and lag", status="design",
        world=True)
    age_days: float = param(
        400.0, "Mean age of listings at day 1", unit="days", low=1.0, high=7300.0,
        source="design", status="design", world=True)
    reviews_per_day: float = param(
        0.12, "Mean reviews per listing and day before day 1, heavy-tailed over listings",
        unit="1/day", low=0.0, high=1000.0, source="the market's own rate", status="calibrated",
        world=True)
    reviews_sd: float = param(
        1.0, "Standard deviation of its log over listings", unit="-", low=0.0, high=3.0,
        source="reviews per product, Gini .80 (Amazon ratings to 2014)", status="calibrated",
        world=True)
    feedback_per_day: float = param(
        0.5, "Feedback per seller and day before that", unit="1/day", low=0.0, high=1000.0,
        source="the market's own rate", status="calibrated", world=True)


class Market(Frozen):
    """Everything needed to build and run one market."""

    name: str = Field("market", description="Name of the market", pattern=NAME)
    about: str = Field("", description="What it is for", max_length=2000)
    seed: int = param(
        1, "Seed of every draw", unit="-", low=0, high=2**63 - 1, source="design",
        status="design")
    days: int = param(
        365, "Days that are recorded, the warm-up among them", unit="days", low=1, high=10_000,
        source="design", status="design")
    warm_up: int = param(
        0, "Days at the start, counted in days, that are not measured; no account is closed in "
        "them", unit="days", low=0, high=10_000, source="design", status="design", world=True)
    run_out: int | None = param(
        None, "Days the market goes on unrecorded so that windows close; null = the platform's "
        "feedback and change windows, at least 60", unit="days", low=0, high=10_000,
        source="design", status="design")
    platform: PlatformRules = Field(description="Rule set, or the name of a shipped one")
    categories: tuple[Category, ...] = Field(description="Categories", min_length=1,
                                             max_length=1000)
    sellers: tuple[Seller, ...] = Field((), description="Sellers with stated values",
                                        max_length=100_000)
    rivals: Rivals = Rivals()
    strategies: dict[str, Annotated[Strategy, BeforeValidator(lines_or_strategy)]] = param(
        {}, "Strategies by name, beside `none`, which does nothing", unit="lines",
        source="design", status="design")
    buyers: Shopping = Shopping()
    non_buying_users: Browsing = Browsing()
    choice: Choice = Choice()
    judging: Judging = Judging()
    speaking: Speaking = Speaking()
    complaining: Complaining = Complaining()
    responding: Responding = Responding()
    reconsidering: Reconsidering = Reconsidering()
    fulfilment: Fulfilment = Fulfilment()
    costs: Costs = Costs()
    past: Past = Past()
    interventions: tuple[Intervention, ...] = param(
        (), "What is done to the running market from outside, on a day or on an event",
        unit="interventions", source="design", status="design", max_length=1000)
    weekday: tuple[Weight, Weight, Weight, Weight, Weight, Weight, Weight] = param(
        (0.160, 0.148, 0.158, 0.153, 0.151, 0.109, 0.121), "Share of trips by weekday, Monday "
        "first; day 1 is a Monday", unit="weight", source=f"orders by weekday; {OLIST}",
        status="published", world=True)

    @model_validator(mode="wrap")
    @classmethod
    def _whole(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        mistakes = whole_market(data)
        try:
            market = handler(data)
            mistakes += [
                InitErrorDetails(type="value_error", loc=loc, input=found,
                                 ctx={"error": ValueError(text)})
                for loc, found, text in misplaced(market)
            ]
        except ValidationError as error:
            mistakes = [
                InitErrorDetails(type=e["type"], loc=e["loc"], input=e["input"],
                                 ctx=e.get("ctx", {}))
                for e in error.errors()
            ] + mistakes
        if mistakes:
            raise ValidationError.from_exception_data(cls.__name__, mistakes)
        return market

    def all_strategies(self) -> dict[str, Strategy]:
        """Strategies by name, ``none`` first."""
        return {NO_STRATEGY: Strategy(), **self.strategies}

    def focal_name(self) -> str:
        """Name of the seller that tables and plots are about: marked, else the first."""
        marked = [s.name for s in self.sellers if s.focal]
        stated = [s.name for s in self.sellers]
        return (marked or stated or ["Rival 1"])[0]

    def run_out_days(self) -> int:
        """Days after ``days`` that the market goes on (int >= 0)."""
        if self.run_out is not None:
            return self.run_out
        feedback = self.platform.feedback
        leave = NO_END if feedback.window_days is None else feedback.window_days
        change = NO_END if feedback.change_window_days is None else feedback.change_window_days
        begins = 0 if feedback.counts_from == "order" else DELIVERED
        reveal = self.platform.reveal
        hidden = reveal.moderation_days + reveal.bad_after_days * reveal.double_blind
        return max(begins + leave + max(change, hidden), DELIVERED)
