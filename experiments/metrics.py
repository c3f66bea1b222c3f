"""What is measured in every run: one registry, and one function from tables to numbers.

Measured are days after the warm-up. A metric of a run is a part and a whole: defective orders and
orders, days above the limit and days. How they are brought together over replicates depends on
the kind of the metric (see ``experiments/statistics.py``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from sim.config.market import Market

Columns = Mapping[str, np.ndarray]
Tables = Mapping[str, Columns]
Pair = tuple[float, float]

MONTH_DAYS = 365.0 / 12.0
STARS = range(1, 6)
DOWN = ("deactivated", "closed")
GONE = ("closed", "left")
MISSING: Pair = (0.0, 0.0)


@dataclass(frozen=True)
class Metric:
    """One thing that is measured.

    ``kind``: "mean" is one number per replicate; "proportion" counts a part of a whole in every
    replicate and is reported as ratio of totals; "share" is 0 or 1 per replicate.
    ``clustered``: the things counted in one replicate (days of one state) hang together.
    """

    name: str
    label: str
    definition: str
    unit: str
    direction: Literal["lower", "higher", "neither"]
    kind: Literal["mean", "proportion", "share"]
    missing: str
    headline: bool = False
    whose: Literal["focal", "rivals", "market"] = "focal"
    clustered: bool = False


@dataclass(frozen=True)
class View:
    """The measured days of one run, cut into what metrics read."""

    own: Columns
    own_listings: Columns
    rivals: Columns
    rival_listings: Columns
    listings: Columns
    market: Columns
    n_rivals: int
    months: float
    limit: float
    negative_up_to: int


def measure(tables: Tables, focal: str, market: Market) -> dict[str, Pair]:
    """(part, whole) of every metric of one run; the value is part / whole, missing if whole is 0.

    ``tables``: "sellers", "listings" and "market" as the core makes them; ``focal``: the seller
    that the experiment is about; ``market``: what the run was made of.
    """
    view = _view(tables, focal, market)
    return {name: compute(view) for name, compute in _COMPUTE.items()}


def _view(tables: Tables, focal: str, market: Market) -> View:
    def rows(columns: Columns, keep: np.ndarray) -> Columns:
        return {name: column[keep] for name, column in columns.items()}

    period = {name: rows(c, c["day"] > market.warm_up) for name, c in tables.items()}
    sellers, listings = period["sellers"], period["listings"]
    own, own_listings = sellers["seller"] == focal, listings["seller"] == focal
    first = rivals_at_the_start(tables["sellers"], focal, market.warm_up)
    cohort = is_one_of(sellers["seller"], first)
    listed = is_one_of(listings["seller"], first)
    return View(
        own=rows(sellers, own),
        own_listings=rows(listings, own_listings),
        rivals=rows(sellers, cohort),
        rival_listings=rows(listings, listed),
        listings=rows(listings, own_listings | listed),
        market=period["market"],
        n_rivals=len(first),
        months=(market.days - market.warm_up) / MONTH_DAYS,
        limit=market.platform.odr.limit,
        negative_up_to=market.platform.feedback.negative_up_to,
    )


def rivals_at_the_start(sellers: Columns, focal: str, warm_up: int) -> set[str]:
    """Names of the rivals of the first measured day; who was gone by then is none of them."""

    def names(rows: np.ndarray) -> set[str]:
        return set(sellers["seller"][rows].tolist())

    gone = (sellers["day"] == warm_up) & np.isin(sellers["state"].astype(str), GONE)
    return names(sellers["day"] == warm_up + 1) - names(gone) - {focal}


def is_one_of(names: np.ndarray, wanted: set[str]) -> np.ndarray:
    """Which of many names, of which few differ, are wanted (bool, as long as ``names``)."""
    return np.fromiter(map(wanted.__contains__, names.tolist()), bool, len(names))


def codes(names: np.ndarray) -> np.ndarray:
    """Names as whole numbers in order of appearance."""
    listed = names.tolist()
    index = {name: i for i, name in enumerate(dict.fromkeys(listed))}
    return np.fromiter(map(index.__getitem__, listed), np.intp, len(listed))


# --- how each is computed --------------------------------------------------------------------

_COMPUTE: dict[str, Callable[[View], Pair]] = {}
METRICS: dict[str, Metric] = {}


def _metric(metric: Metric) -> Callable[[Callable[[View], Pair]], Callable[[View], Pair]]:
    def register(compute: Callable[[View], Pair]) -> Callable[[View], Pair]:
        METRICS[metric.name] = metric
        _COMPUTE[metric.name] = compute
        return compute

    return register


def _mean(values: np.ndarray) -> Pair:
    """Mean of what is there; missing when nothing is."""
    known = values[~np.isnan(values)]
    return (float(known.mean()), 1.0) if len(known) else MISSING


def _weighted(values: np.ndarray, weights: np.ndarray) -> Pair:
    total = float(weights.sum())
    return (float(np.nansum(values * weights)) / total, 1.0) if total > 0 else MISSING


def _a_month(v: View, flow: np.ndarray) -> Pair:
    return float(flow.sum()) / v.months, 1.0


def _of_a_rival(v: View, flow: str) -> Pair:
    """A month's flow of the mean rival; missing without rivals."""
    a_month, whole = _a_month(v, v.rivals[flow])
    return (a_month / v.n_rivals, whole) if v.n_rivals else MISSING


def _star_counts(columns: Columns, channel: str) -> np.ndarray:
    return np.array([columns[f"{channel}_{k}"].sum() for k in STARS], float)


@_metric(Metric(
    "odr", "ODR", "Order defect rate: orders placed in the period that ended with a defect "
    "(standing negative feedback, a granted claim, a chargeback), once windows had closed, of all "
    "orders placed in it", "share of orders", "lower", "proportion",
    "replicates without orders add zero to both totals and are counted aloud", True))  # fmt: skip
def _odr(v: View) -> Pair:
    return float(v.own["defects"].sum()), float(v.own["orders"].sum())


@_metric(Metric(
    "days_above_limit", "Days above limit", "Days on which the ODR that the platform saw stood "
    "above its limit, of all days of the period; days without orders in the window are not above",
    "share of days", "lower", "proportion", "never missing", True, clustered=True))  # fmt: skip
def _days_above(v: View) -> Pair:
    above = v.own["window_defects"] > v.limit * v.own["window_orders"]
    return float(above.sum()), float(len(above))


@_metric(Metric(
    "deactivated", "Risk of deactivation", "Was the account deactivated or closed on any day of "
    "the period? Its mean is the share of replicates in which it was", "share of replicates",
    "lower", "share", "never missing", True))  # fmt: skip
def _deactivated(v: View) -> Pair:
    return float(np.isin(v.own["state"].astype(str), DOWN).any()), 1.0


@_metric(Metric(
    "position", "Position", "Mean over days and listings of the position in search in the "
    "listing's category, 1 = first; a listing that is not on sale has the number of listings in "
    "its category + 1", "position", "lower", "mean", "never missing", True))  # fmt: skip
def _position(v: View) -> Pair:
    return _mean(v.own_listings["position"].astype(float))


@_metric(Metric(
    "on_sale", "On sale", "Days on which listings were on sale, of all days of all listings",
    "share of days", "higher", "proportion", "never missing", True, clustered=True))  # fmt: skip
def _on_sale(v: View) -> Pair:
    return float(v.own_listings["on_sale"].sum()), float(len(v.own_listings["on_sale"]))


@_metric(Metric(
    "position_on_sale", "Position on sale", "As position, over the days on which the listing was "
    "on sale", "position", "lower", "mean",
    "missing in replicates in which nothing was on sale on any day"))  # fmt: skip
def _position_on_sale(v: View) -> Pair:
    return _mean(v.own_listings["position"][v.own_listings["on_sale"] == 1].astype(float))


@_metric(Metric(
    "orders", "Orders", "Orders placed in the period, a month", "orders/month", "higher", "mean",
    "never missing", True))  # fmt: skip
def _orders(v: View) -> Pair:
    return _a_month(v, v.own["orders"])


@_metric(Metric(
    "profit", "Profit", "Revenue less goods, service, fees, refunds, returns, answers and "
    "contacts, a month", "USD/month", "higher", "mean", "never missing", True))  # fmt: skip
def _profit(v: View) -> Pair:
    return _a_month(v, v.own["profit"])


def _spent(v: View) -> float:
    """Money on quality, service and outreach in the period, USD."""
    return sum(float(v.own[f"spent_{what}"].sum()) for what in ("quality", "service", "outreach"))


@_metric(Metric(
    "spending", "Spending", "Money on quality beyond the least, on punctual and careful dispatch, "
    "on answers to complaints and on outreach, a month", "USD/month", "neither", "mean",
    "never missing"))  # fmt: skip
def _spending(v: View) -> Pair:
    return _spent(v) / v.months, 1.0


@_metric(Metric(
    "quality_spending", "Spending on quality", "Part of spending: what goods cost beyond goods of "
    "quality 0, a month", "USD/month", "neither", "mean", "never missing"))  # fmt: skip
def _quality_spending(v: View) -> Pair:
    return _a_month(v, v.own["spent_quality"])


@_metric(Metric(
    "service_spending", "Spending on service", "Part of spending: punctual and careful dispatch, "
    "and answers to complaints, a month", "USD/month", "neither", "mean",
    "never missing"))  # fmt: skip
def _service_spending(v: View) -> Pair:
    return _a_month(v, v.own["spent_service"])


@_metric(Metric(
    "outreach_spending", "Spending on outreach", "Part of spending: work, money and goods that "
    "lines of strategies took, a month", "USD/month", "neither", "mean",
    "never missing"))  # fmt: skip
def _outreach_spending(v: View) -> Pair:
    return _a_month(v, v.own["spent_outreach"])


@_metric(Metric(
    "reviews_per_dollar", "Positive reviews per $1,000", "Reviews with 4 or 5 stars posted on the "
    "listings in the period, for every 1,000 dollars of spending in it",
    "reviews per 1,000 dollars", "higher",
    "mean", "missing in replicates that spent nothing"))  # fmt: skip
def _reviews_per_dollar(v: View) -> Pair:
    positive, spent = float(_star_counts(v.own_listings, "reviews")[3:].sum()), _spent(v)
    return (1000.0 * positive / spent, 1.0) if spent > 0 else MISSING


@_metric(Metric(
    "revenue", "Revenue", "Price of orders, a month", "USD/month", "higher", "mean",
    "never missing"))  # fmt: skip
def _revenue(v: View) -> Pair:
    return _a_month(v, v.own["revenue"])


@_metric(Metric(
    "stars", "Stars", "Displayed stars on the last day, mean over listings that show any",
    "stars", "higher", "mean", "missing while no listing has a review", True))  # fmt: skip
def _stars(v: View) -> Pair:
    last = v.own_listings["day"] == v.own_listings["day"].max()
    return _mean(v.own_listings["stars"][last])


@_metric(Metric(
    "review_stars", "Stars of new reviews", "Mean stars of the reviews posted in the period",
    "stars", "higher", "mean", "missing in replicates without a review"))  # fmt: skip
def _review_stars(v: View) -> Pair:
    counts = _star_counts(v.own_listings, "reviews")
    return _weighted(np.array(STARS, float), counts)


@_metric(Metric(
    "reviews", "Reviews", "Reviews posted on the listings, a month", "reviews/month", "higher",
    "mean", "never missing", True))  # fmt: skip
def _reviews(v: View) -> Pair:
    return _a_month(v, _star_counts(v.own_listings, "reviews"))


@_metric(Metric(
    "feedback", "Feedback", "Feedback left on orders of the store, a month", "feedback/month",
    "higher", "mean", "never missing", True))  # fmt: skip
def _feedback(v: View) -> Pair:
    return _a_month(v, _star_counts(v.own, "feedback"))


@_metric(Metric(
    "negative_feedback", "Negative feedback", "Feedback with the platform's negative stars, of all "
    "feedback left in the period", "share of feedback", "lower", "proportion",
    "replicates without feedback add zero to both totals"))  # fmt: skip
def _negative(v: View) -> Pair:
    counts = _star_counts(v.own, "feedback")
    return float(counts[: v.negative_up_to].sum()), float(counts.sum())


@_metric(Metric(
    "late", "Late", "Orders delivered in the period after their promised day, of those delivered",
    "share of orders", "lower", "proportion",
    "replicates without deliveries add zero to both totals"))  # fmt: skip
def _late(v: View) -> Pair:
    return float(v.own["late"].sum()), float(v.own["delivered"].sum())


@_metric(Metric(
    "felt_service", "Felt service", "Private satisfaction with the service, in stars, mean over "
    "customers who judged it in the period", "stars", "higher", "mean",
    "missing in replicates without customers"))  # fmt: skip
def _felt_service(v: View) -> Pair:
    return _weighted(v.own["felt_service"], v.own["judged_service"])


@_metric(Metric(
    "felt_product", "Felt product", "Private satisfaction with the product, in stars, mean over "
    "customers who judged it in the period", "stars", "higher", "mean",
    "missing in replicates without customers"))  # fmt: skip
def _felt_product(v: View) -> Pair:
    return _weighted(v.own["felt_product"], v.own["judged_product"])


@_metric(Metric(
    "contacts", "Contacts", "Answers and messages sent to customers and authors, a month",
    "contacts/month", "neither", "mean", "never missing"))  # fmt: skip
def _contacts(v: View) -> Pair:
    return _a_month(v, v.own["contacts"])


@_metric(Metric(
    "forbidden", "Forbidden messages", "Messages and requests for removal that the platform "
    "forbids, a month",
    "contacts/month", "lower", "mean", "never missing"))  # fmt: skip
def _forbidden(v: View) -> Pair:
    return _a_month(v, v.own["forbidden"])


@_metric(Metric(
    "found_out", "Found out", "Did the platform find out a forbidden message in the period? Its "
    "mean is the share of replicates in which it did", "share of replicates", "lower", "share",
    "never missing"))  # fmt: skip
def _found_out(v: View) -> Pair:
    return float(v.own["found_out"].sum() > 0), 1.0


@_metric(Metric(
    "rivals_odr", "ODR of rivals", "As odr, all rivals of the first measured day together, those "
    "that left since included", "share of orders", "lower", "proportion",
    "replicates without orders add zero to both totals", whose="rivals"))  # fmt: skip
def _rivals_odr(v: View) -> Pair:
    return float(v.rivals["defects"].sum()), float(v.rivals["orders"].sum())


@_metric(Metric(
    "rivals_orders", "Orders of a rival", "Orders a month of the mean rival of the first measured "
    "day", "orders/month", "higher", "mean", "missing without rivals", whose="rivals"))  # fmt: skip
def _rivals_orders(v: View) -> Pair:
    return _of_a_rival(v, "orders")


@_metric(Metric(
    "rivals_position", "Position of rivals", "As position, over the listings of rivals of the "
    "first measured day", "position", "lower", "mean", "missing without rivals",
    whose="rivals"))  # fmt: skip
def _rivals_position(v: View) -> Pair:
    return _mean(v.rival_listings["position"].astype(float))


@_metric(Metric(
    "rivals_profit", "Profit of a rival", "Profit a month of the mean rival of the first measured "
    "day", "USD/month", "higher", "mean", "missing without rivals", whose="rivals"))  # fmt: skip
def _rivals_profit(v: View) -> Pair:
    return _of_a_rival(v, "profit")


@_metric(Metric(
    "buyers_felt_service", "Buyers: service", "Private satisfaction with service of all buyers "
    "who judged an order in the period, whoever sold it", "stars", "higher", "mean",
    "missing without orders", whose="market"))  # fmt: skip
def _buyers_felt_service(v: View) -> Pair:
    return _weighted(v.market["felt_service"], v.market["judged_service"])


@_metric(Metric(
    "buyers_felt_product", "Buyers: product", "Private satisfaction with the product of all buyers "
    "who judged an order in the period, whoever sold it", "stars", "higher", "mean",
    "missing without orders", whose="market"))  # fmt: skip
def _buyers_felt_product(v: View) -> Pair:
    return _weighted(v.market["felt_product"], v.market["judged_product"])


@_metric(Metric(
    "gini_sales", "Gini of sales", "Gini coefficient of orders in the period over the sellers of "
    "the first measured day: 0 = all sell alike", "-", "neither", "mean",
    "missing without orders", whose="market"))  # fmt: skip
def _gini(v: View) -> Pair:
    names = np.concatenate([v.own["seller"], v.rivals["seller"]])
    orders = np.concatenate([v.own["orders"], v.rivals["orders"]])
    x = np.sort(_totals(names, orders))
    if x.sum() == 0:
        return MISSING
    n = len(x)
    return float((2 * np.arange(1, n + 1) - n - 1) @ x / (n * x.sum())), 1.0


@_metric(Metric(
    "quality_sales", "Quality and sales", "Spearman correlation between the true quality of a "
    "listing and its orders in the period, over listings of the first measured day's sellers", "-",
    "neither", "mean", "missing where either does not vary", whose="market"))  # fmt: skip
def _quality_sales(v: View) -> Pair:
    names = v.listings["listing"]
    days = np.maximum(_totals(names, np.ones(len(names))), 1)
    quality = _ranks(np.round(_totals(names, v.listings["quality"]) / days, 12))
    orders = _ranks(_totals(names, v.listings["orders"]))
    if len(quality) < 2 or quality.std() == 0 or orders.std() == 0:
        return MISSING
    return float(np.corrcoef(quality, orders)[0, 1]), 1.0


def _totals(names: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Sum of ``values`` by name, in order of appearance."""
    return np.bincount(codes(names), values)


def _ranks(values: np.ndarray) -> np.ndarray:
    """Ranks from 0; equal values share their mean rank."""
    _, which, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return (ends - (counts + 1) / 2.0)[which]
