"""Metrics of rivals and of the market as a whole, beside the focal seller."""

from __future__ import annotations

import numpy as np

from experiments.metric import MISSING, Metric, Pair, Registry, View, a_month, codes, mean, weighted

MARKET = Registry()


def _of_a_rival(v: View, flow: str) -> Pair:
    """A month's flow of the mean rival; missing without rivals."""
    flows, whole = a_month(v, v.rivals[flow])
    return (flows / v.n_rivals, whole) if v.n_rivals else MISSING


@MARKET(Metric(
    "rivals_odr", "ODR of rivals", "As odr, all rivals of the first measured day together, those "
    "that left since included", "share of orders", "lower", "proportion",
    "replicates without orders add zero to both totals", whose="rivals"))  # fmt: skip
def _rivals_odr(v: View) -> Pair:
    return float(v.rivals["defects"].sum()), float(v.rivals["orders"].sum())


@MARKET(Metric(
    "rivals_orders", "Orders of a rival", "Orders a month of the mean rival of the first measured "
    "day", "orders/month", "higher", "mean", "missing without rivals", whose="rivals"))  # fmt: skip
def _rivals_orders(v: View) -> Pair:
    return _of_a_rival(v, "orders")


@MARKET(Metric(
    "rivals_position", "Position of rivals", "As position, over the listings of rivals of the "
    "first measured day", "position", "lower", "mean", "missing without rivals",
    whose="rivals"))  # fmt: skip
def _rivals_position(v: View) -> Pair:
    return mean(v.rival_listings["position"].astype(float))


@MARKET(Metric(
    "rivals_profit", "Profit of a rival", "Profit a month of the mean rival of the first measured "
    "day", "USD/month", "higher", "mean", "missing without rivals", whose="rivals"))  # fmt: skip
def _rivals_profit(v: View) -> Pair:
    return _of_a_rival(v, "profit")


@MARKET(Metric(
    "buyers_felt_service", "Buyers: service", "Private satisfaction with service of all buyers "
    "who judged an order in the period, whoever sold it", "stars", "higher", "mean",
    "missing without orders", whose="market"))  # fmt: skip
def _buyers_felt_service(v: View) -> Pair:
    return weighted(v.market["felt_service"], v.market["judged_service"])


@MARKET(Metric(
    "buyers_felt_product", "Buyers: product", "Private satisfaction with the product of all buyers "
    "who judged an order in the period, whoever sold it", "stars", "higher", "mean",
    "missing without orders", whose="market"))  # fmt: skip
def _buyers_felt_product(v: View) -> Pair:
    return weighted(v.market["felt_product"], v.market["judged_product"])


@MARKET(Metric(
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


@MARKET(Metric(
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
