"""Metrics of the focal seller: health, visibility, money, voices, outreach."""

from __future__ import annotations

import numpy as np

from experiments.metric import (
    DOWN,
    MISSING,
    STARS,
    Metric,
    Pair,
    Registry,
    View,
    a_month,
    mean,
    star_counts,
    weighted,
)

STORE = Registry()


@STORE(Metric(
    "odr", "ODR", "Order defect rate: orders placed in the period that ended with a defect "
    "(standing negative feedback, a granted claim, a chargeback), once windows had closed, of all "
    "orders placed in it", "share of orders", "lower", "proportion",
    "replicates without orders add zero to both totals and are counted aloud", True))  # fmt: skip
def _odr(v: View) -> Pair:
    return float(v.own["defects"].sum()), float(v.own["orders"].sum())


@STORE(Metric(
    "days_above_limit", "Days above limit", "Days on which the ODR that the platform saw stood "
    "above its limit, of all days of the period; days without orders in the window are not above",
    "share of days", "lower", "proportion", "never missing", True, clustered=True))  # fmt: skip
def _days_above(v: View) -> Pair:
    above = v.own["window_defects"] > v.limit * v.own["window_orders"]
    return float(above.sum()), float(len(above))


@STORE(Metric(
    "own_gates", "Beyond a limit", "Days on which the store or one of its products stood beyond a "
    "limit of the platform's own (the order defect rate as it enforces it, a gate that harms), of "
    "all days of the period", "share of days", "lower", "proportion", "never missing",
    clustered=True))  # fmt: skip
def _own_gates(v: View) -> Pair:
    return float((v.own["breaches"] > 0).sum()), float(len(v.own["breaches"]))


@STORE(Metric(
    "deactivated", "Risk of deactivation", "Was the account deactivated or closed on any day of "
    "the period? Its mean is the share of replicates in which it was", "share of replicates",
    "lower", "share", "never missing", True))  # fmt: skip
def _deactivated(v: View) -> Pair:
    return float(np.isin(v.own["state"].astype(str), DOWN).any()), 1.0


@STORE(Metric(
    "position", "Position", "Mean over days and listings of the position in search in the "
    "listing's category, 1 = first; a listing that is not on sale has the number of listings in "
    "its category + 1. Listings of others on which it has an offer are among its own; without "
    "a live offer it is not on sale there", "position", "lower", "mean", "never missing",
    True))  # fmt: skip
def _position(v: View) -> Pair:
    return mean(v.own_places["position"].astype(float))


@STORE(Metric(
    "on_sale", "On sale", "Days on which listings were on sale, of all days of all listings",
    "share of days", "higher", "proportion", "never missing", True, clustered=True))  # fmt: skip
def _on_sale(v: View) -> Pair:
    return float(v.own_places["on_sale"].sum()), float(len(v.own_places["on_sale"]))


@STORE(Metric(
    "position_on_sale", "Position on sale", "As position, over the days on which the listing was "
    "on sale", "position", "lower", "mean",
    "missing in replicates in which nothing was on sale on any day"))  # fmt: skip
def _position_on_sale(v: View) -> Pair:
    return mean(v.own_places["position"][v.own_places["on_sale"] == 1].astype(float))


@STORE(Metric(
    "featured_share", "Featured", "Days on which its offers were the featured ones of their "
    "listings, of all days of its offers while it was not closed; the only offer on a listing is "
    "the featured one while it is on sale", "share of days", "higher", "proportion",
    "missing in replicates in which it was closed throughout", clustered=True))  # fmt: skip
def _featured_share(v: View) -> Pair:
    return float(v.own["featured"].sum()), float(v.own["offers"].sum())


@STORE(Metric(
    "orders", "Orders", "Orders placed in the period, a month", "orders/month", "higher", "mean",
    "never missing", True))  # fmt: skip
def _orders(v: View) -> Pair:
    return a_month(v, v.own["orders"])


@STORE(Metric(
    "profit", "Profit", "Revenue less goods, service, fees, refunds, returns, answers and "
    "contacts, a month", "USD/month", "higher", "mean", "never missing", True))  # fmt: skip
def _profit(v: View) -> Pair:
    return a_month(v, v.own["profit"])


def _spent(v: View) -> float:
    """Money on quality, service and outreach in the period, USD."""
    return sum(float(v.own[f"spent_{what}"].sum()) for what in ("quality", "service", "outreach"))


@STORE(Metric(
    "spending", "Spending", "Money on quality beyond the least, on punctual and careful dispatch, "
    "on answers to complaints and on outreach, a month", "USD/month", "neither", "mean",
    "never missing"))  # fmt: skip
def _spending(v: View) -> Pair:
    return _spent(v) / v.months, 1.0


@STORE(Metric(
    "quality_spending", "Spending on quality", "Part of spending: what goods cost beyond goods of "
    "quality 0, a month", "USD/month", "neither", "mean", "never missing"))  # fmt: skip
def _quality_spending(v: View) -> Pair:
    return a_month(v, v.own["spent_quality"])


@STORE(Metric(
    "service_spending", "Spending on service", "Part of spending: punctual and careful dispatch, "
    "and answers to complaints, a month", "USD/month", "neither", "mean",
    "never missing"))  # fmt: skip
def _service_spending(v: View) -> Pair:
    return a_month(v, v.own["spent_service"])


@STORE(Metric(
    "outreach_spending", "Spending on outreach", "Part of spending: work, money, goods and reviews "
    "that lines of strategies took, a month", "USD/month", "neither", "mean",
    "never missing"))  # fmt: skip
def _outreach_spending(v: View) -> Pair:
    return a_month(v, v.own["spent_outreach"])


@STORE(Metric(
    "reviews_per_dollar", "Positive reviews per $1,000", "Reviews with 4 or 5 stars posted on the "
    "listings in the period, for every 1,000 dollars of spending in it",
    "reviews per 1,000 dollars", "higher",
    "mean", "missing in replicates that spent nothing"))  # fmt: skip
def _reviews_per_dollar(v: View) -> Pair:
    positive, spent = float(star_counts(v.own_listings, "reviews")[3:].sum()), _spent(v)
    return (1000.0 * positive / spent, 1.0) if spent > 0 else MISSING


@STORE(Metric(
    "revenue", "Revenue", "Price of orders, a month", "USD/month", "higher", "mean",
    "never missing"))  # fmt: skip
def _revenue(v: View) -> Pair:
    return a_month(v, v.own["revenue"])


@STORE(Metric(
    "stars", "Stars", "Displayed stars on the last day, mean over listings that show any",
    "stars", "higher", "mean", "missing while no listing has a review", True))  # fmt: skip
def _stars(v: View) -> Pair:
    last = v.own_listings["day"] == v.own_listings["day"].max()
    return mean(v.own_listings["stars"][last])


@STORE(Metric(
    "review_stars", "Stars of new reviews", "Mean stars of the reviews posted in the period",
    "stars", "higher", "mean", "missing in replicates without a review"))  # fmt: skip
def _review_stars(v: View) -> Pair:
    counts = star_counts(v.own_listings, "reviews")
    return weighted(np.array(STARS, float), counts)


@STORE(Metric(
    "store_score", "Store score", "Score of the store that shoppers see, over its best value (of "
    "Amazon: the share of positive feedback), mean over days", "share of the best", "higher",
    "mean", "missing in replicates in which there never was one"))  # fmt: skip
def _store_score(v: View) -> Pair:
    return mean(v.own["score"])


@STORE(Metric(
    "reviews", "Reviews", "Reviews posted on the listings, a month", "reviews/month", "higher",
    "mean", "never missing", True))  # fmt: skip
def _reviews(v: View) -> Pair:
    return a_month(v, star_counts(v.own_listings, "reviews"))


@STORE(Metric(
    "feedback", "Feedback", "Feedback left on orders of the store, a month", "feedback/month",
    "higher", "mean", "never missing", True))  # fmt: skip
def _feedback(v: View) -> Pair:
    return a_month(v, star_counts(v.own, "feedback"))


@STORE(Metric(
    "negative_feedback", "Negative feedback", "Feedback with the platform's negative stars, of all "
    "feedback left in the period", "share of feedback", "lower", "proportion",
    "replicates without feedback add zero to both totals"))  # fmt: skip
def _negative(v: View) -> Pair:
    counts = star_counts(v.own, "feedback")
    return float(counts[: v.negative_up_to].sum()), float(counts.sum())


@STORE(Metric(
    "late", "Late", "Orders delivered in the period after their promised day, of those delivered",
    "share of orders", "lower", "proportion",
    "replicates without deliveries add zero to both totals"))  # fmt: skip
def _late(v: View) -> Pair:
    return float(v.own["late"].sum()), float(v.own["delivered"].sum())


@STORE(Metric(
    "felt_service", "Felt service", "Private satisfaction with the service, in stars, mean over "
    "customers who judged it in the period", "stars", "higher", "mean",
    "missing in replicates without customers"))  # fmt: skip
def _felt_service(v: View) -> Pair:
    return weighted(v.own["felt_service"], v.own["judged_service"])


@STORE(Metric(
    "felt_product", "Felt product", "Private satisfaction with the product, in stars, mean over "
    "customers who judged it in the period", "stars", "higher", "mean",
    "missing in replicates without customers"))  # fmt: skip
def _felt_product(v: View) -> Pair:
    return weighted(v.own["felt_product"], v.own["judged_product"])


@STORE(Metric(
    "contacts", "Contacts", "Answers and messages sent to customers and authors, a month",
    "contacts/month", "neither", "mean", "never missing"))  # fmt: skip
def _contacts(v: View) -> Pair:
    return a_month(v, v.own["contacts"])


@STORE(Metric(
    "forbidden", "Forbidden messages", "Messages, requests for removal and bought reviews that "
    "the platform forbids, a month",
    "contacts/month", "lower", "mean", "never missing"))  # fmt: skip
def _forbidden(v: View) -> Pair:
    return a_month(v, v.own["forbidden"])


@STORE(Metric(
    "fines", "Fines", "Fines of the platform, a month", "USD/month", "lower", "mean",
    "never missing"))  # fmt: skip
def _fines(v: View) -> Pair:
    return a_month(v, v.own["fines"])


@STORE(Metric(
    "withheld", "Held back", "Revenue that the platform holds back, to be paid later, a month",
    "USD/month", "lower", "mean", "never missing"))  # fmt: skip
def _withheld(v: View) -> Pair:
    return a_month(v, v.own["withheld"])


@STORE(Metric(
    "points", "Penalty points", "Penalty points of the calendar year on the last day of the "
    "period", "points", "lower", "mean", "never missing"))  # fmt: skip
def _points(v: View) -> Pair:
    return float(v.own["points"][-1]), 1.0


@STORE(Metric(
    "found_out", "Found out", "Did the platform find out a forbidden message, or a bought review, "
    "in the period? Its mean is the share of replicates in which it did", "share of replicates",
    "lower", "share", "never missing"))  # fmt: skip
def _found_out(v: View) -> Pair:
    return float(v.own["found_out"].sum() > 0), 1.0
