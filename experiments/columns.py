"""Every column of every output table, declared once: type, unit, meaning, and how it goes by week.

The codebook beside each result and ``docs/tables.md`` (``experiments/codebook.py``) are made from
these declarations.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

Columns = Mapping[str, np.ndarray]
Week = Literal["key", "sum", "last"] | tuple[Literal["mean"], str]
"""How days become a week: ``key`` says whose row it is, flows are summed, levels are those of the
week's last day, and means are weighted by the column named (NaN where that sums to 0)."""

TEXT, WHOLE, NUMBER = "text", "whole number", "number"
DAYS_OF_WEEK = 7


@dataclass(frozen=True)
class Column:
    """One column of an output table."""

    name: str
    type: str
    unit: str
    meaning: str
    week: Week = "sum"


@dataclass(frozen=True)
class Table:
    """One output table: what a row stands for, whose rows it holds a day, and its columns."""

    row: str
    columns: tuple[Column, ...]
    group: str | tuple[str, ...] | None = None
    """Column, or columns, that tell the rows of a day apart; None where a day has one row."""


def _by_stars(name: str, meaning: str) -> tuple[Column, ...]:
    """``name_1`` to ``name_5``."""
    return tuple(Column(f"{name}_{k}", WHOLE, "posts", meaning.format(k)) for k in range(1, 6))


# A table of columns reads best with one paragraph each.
# fmt: off
RUN = (
    Column("arm", TEXT, "-", "Name of the arm", "key"),
    Column("replicate", WHOLE, "-", "Number of the replicate, from 0; the same number in two arms "
           "means the same random numbers", "key"),
)
DATE = Column("day", WHOLE, "day", "Day, 1 = first recorded; by week the last day of the week",
              "key")
STATES = ("healthy, at risk, deactivated, closed (by the platform) or left (for reasons of its "
          "own)")
FELT = (
    Column("judged_service", WHOLE, "orders", "Orders whose service was judged that day, which "
           "happens once: on arrival, or before it when patience runs out"),
    Column("felt_service", NUMBER, "stars 1..5", "Mean private satisfaction with the service of "
           "those; missing where nobody judged", ("mean", "judged_service")),
    Column("judged_product", WHOLE, "orders", "Orders whose product was judged that day: on "
           "arrival"),
    Column("felt_product", NUMBER, "stars 1..5", "Mean private satisfaction with the product of "
           "those; missing where nobody judged", ("mean", "judged_product")),
)

SELLERS = Table("arm, replicate, day and seller", (
    *RUN, DATE,
    Column("seller", TEXT, "-", "Name of the store; NAME (2) is the newcomer that took the place "
           "of NAME", "key"),
    Column("orders", WHOLE, "orders", "Orders placed that day"),
    Column("dispatched", WHOLE, "orders", "Orders handed to the carrier"),
    Column("delivered", WHOLE, "orders", "Orders that arrived"),
    Column("late", WHOLE, "orders", "Of those that arrived, the ones after their promised day"),
    Column("complaints", WHOLE, "complaints", "Complaints sent to the store"),
    Column("returns", WHOLE, "orders", "Orders sent back"),
    Column("claims", WHOLE, "claims", "Claims filed with the platform, chargebacks not among them"),
    Column("revenue", NUMBER, "USD", "Prices of the orders placed; refunds count as costs"),
    Column("profit", NUMBER, "USD", "Revenue less costs: goods, service, fees, refunds, returns, "
           "answers and messages"),
    Column("spent_quality", NUMBER, "USD", "Part of the costs: goods handled that day beyond what "
           "those of quality 0 cost"),
    Column("spent_service", NUMBER, "USD", "Part of the costs: punctual and careful dispatch, and "
           "answers to complaints with the money that went with them"),
    Column("spent_outreach", NUMBER, "USD", "Part of the costs: what lines of strategies took, "
           "work, money, goods, rewards and bought reviews"),
    Column("fines", NUMBER, "USD", "Part of the costs: fines of the platform"),
    Column("withheld", NUMBER, "USD", "Part of the revenue: what the platform holds back of that "
           "day's; paid later, lost as a cost only if the account is closed before"),
    *_by_stars("feedback", "Feedback posted with {} of 5 stars"),
    Column("defaults", WHOLE, "orders", "Orders for which the platform left a good rating, as the "
           "customer had said nothing"),
    Column("cancelled", WHOLE, "orders", "Orders cancelled, by the store or for waiting too long"),
    Column("contacts", WHOLE, "messages", "Messages sent to customers and authors, public replies "
           "among them"),
    Column("forbidden", WHOLE, "messages", "Messages, requests for removal and bought reviews that "
           "the platform forbids"),
    Column("found_out", WHOLE, "messages", "Of the forbidden ones, those that it found out"),
    *FELT,
    Column("defects", WHOLE, "orders", "Of the orders placed that day, those with a defect at the "
           "end of the run-out"),
    Column("odr", NUMBER, "share 0..1", "Order defect rate that the platform saw that evening: "
           "window_defects / window_orders; missing without orders", "last"),
    Column("odr_final", NUMBER, "share 0..1", "The same window with what was known at the end of "
           "the run-out", "last"),
    Column("window_orders", WHOLE, "orders", "Orders in the platform's window that evening",
           "last"),
    Column("window_defects", WHOLE, "orders", "Of those, the ones with a defect as of that evening",
           "last"),
    Column("state", TEXT, "-", f"State of the account that evening: {STATES}", "last"),
    Column("queue", WHOLE, "orders", "Orders waiting to be handled that evening", "last"),
    Column("score", NUMBER, "share 0..1", "Score of the store as shoppers see it on the next day, "
           "over its best value; missing while there is none", "last"),
    Column("breaches", WHOLE, "limits", "Limits of the platform (order defect rate, gates) beyond "
           "which the store or one of its products stood that evening, each counted", "last"),
    Column("points", NUMBER, "points", "Penalty points of the calendar year that evening", "last"),
    Column("platform_orders", WHOLE, "orders", "Of window_orders, those that the platform "
           "fulfilled, which the state of the account passes over", "last"),
    Column("platform_defects", WHOLE, "orders", "Of window_defects, those among them", "last"),
    Column("offers", WHOLE, "offers", "Its offers, on its own listings and on others'; none once "
           "it is closed or has left", "last"),
    Column("live_offers", WHOLE, "offers", "Of those, the ones that can be bought tomorrow",
           "last"),
    Column("featured", WHOLE, "offers", "Of those, the ones that are their listing's featured "
           "offer tomorrow", "last"),
), group="seller")

LISTINGS = Table("arm, replicate, day and listing", (
    *RUN, DATE,
    Column("listing", TEXT, "-", "Name of the listing", "key"),
    Column("seller", TEXT, "-", "Its store", "key"),
    Column("category", TEXT, "-", "Its category, within which it is ranked", "key"),
    Column("impressions", WHOLE, "times", "Times it stood on an opened page of results"),
    Column("examined", WHOLE, "times", "Times that somebody looked at it, on trips of buyers and "
           "of users who never buy here"),
    Column("orders", WHOLE, "orders", "Orders placed that day"),
    *_by_stars("reviews", "Reviews posted with {} of 5 stars"),
    Column("n_reviews", WHOLE, "reviews", "Reviews standing that evening", "last"),
    Column("stars", NUMBER, "stars 1..5", "Displayed stars that evening, to a tenth; missing "
           "without reviews", "last"),
    Column("score", NUMBER, "-", "Search score that evening, comparable within the category; "
           "missing when not on sale", "last"),
    Column("position", WHOLE, "position", "Position in tomorrow's search results, 1 = first; the "
           "number of listings in the category + 1 when not on sale", "last"),
    Column("on_sale", WHOLE, "0 or 1", "1 = on sale tomorrow", "last"),
    Column("quality", NUMBER, "0..1", "True quality, which nobody in the market sees", "last"),
), group="listing")

STANDING = Table("arm, replicate, day, store (or listing) and measure", (
    *RUN, DATE,
    Column("seller", TEXT, "-", "Name of the store", "key"),
    Column("listing", TEXT, "-", "Name of the listing, where products are measured; empty of a "
           "store", "key"),
    Column("measure", TEXT, "-", "Name of the measure in the platform's rules", "key"),
    Column("part", WHOLE, "see measure", "Orders with a mark, the sum over ratings, or the points "
           "of conduct lost, in the window as of that evening", "last"),
    Column("whole", WHOLE, "orders or ratings", "All orders or ratings in the window; of a mix the "
           "fewest of its parts", "last"),
    Column("value", NUMBER, "see measure", "Value of the measure that evening; missing where there "
           "is none", "last"),
    Column("breached", WHOLE, "0 or 1", "1 = a gate on it was breached that evening", "last"),
), group=("seller", "listing", "measure"))

OFFERS = Table("arm, replicate, day and offer, on listings that several sellers offer", (
    *RUN, DATE,
    Column("offer", TEXT, "-", "Name of the store, and of the listing after a colon", "key"),
    Column("listing", TEXT, "-", "Name of the listing", "key"),
    Column("seller", TEXT, "-", "Name of the store that offers it", "key"),
    Column("price", NUMBER, "USD", "Price that evening", "last"),
    Column("orders", WHOLE, "orders", "Orders placed that day through this offer"),
    Column("live", WHOLE, "0 or 1", "1 = it can be bought tomorrow", "last"),
    Column("featured", WHOLE, "0 or 1", "1 = it is the featured offer tomorrow", "last"),
    Column("position", WHOLE, "position", "The listing's position in tomorrow's search results; "
           "the number of listings in the category + 1 where the offer cannot be bought", "last"),
), group="offer")

MARKET = Table("arm, replicate and day", (
    *RUN, DATE,
    Column("trips", WHOLE, "trips", "Shopping trips of buyers"),
    Column("browsing", WHOLE, "trips", "Trips of users who never buy here"),
    Column("orders", WHOLE, "orders", "Orders placed"),
    Column("feedback", WHOLE, "posts", "Feedback posted"),
    Column("reviews", WHOLE, "posts", "Reviews posted"),
    Column("reviews_by_buyers_of_other_things", WHOLE, "posts", "Of those, by buyers who had not "
           "bought the listing"),
    Column("reviews_by_non_buying_users", WHOLE, "posts", "Of those, by users who never buy here"),
    Column("changes", WHOLE, "posts", "Posts whose author changed the stars"),
    Column("deletions", WHOLE, "posts", "Posts that their author deleted, or that went with a "
           "returned order"),
    Column("struck", WHOLE, "posts", "Feedback that the platform struck through, or folded"),
    Column("follow_ups", WHOLE, "posts", "Ratings to which their author added a follow-up"),
    Column("defaults", WHOLE, "orders", "Orders for which the platform left a good rating"),
    Column("bought", WHOLE, "reviews", "Reviews that sellers bought, counted among those posted"),
    Column("removed", WHOLE, "reviews", "Bought reviews that the platform found and deleted"),
    Column("complaints", WHOLE, "complaints", "Complaints sent to stores"),
    Column("claims", WHOLE, "claims", "Claims filed with the platform, chargebacks not among them"),
    Column("returns", WHOLE, "orders", "Orders sent back"),
    *FELT,
    Column("said_feedback", NUMBER, "stars 1..5", "Mean stars of the feedback posted; missing "
           "without any", ("mean", "feedback")),
    Column("said_reviews", NUMBER, "stars 1..5", "Mean stars of the reviews posted; missing "
           "without any", ("mean", "reviews")),
))

FOCAL = Table("arm, replicate and day", (
    *RUN, DATE,
    Column("orders", WHOLE, "orders", "Orders placed that day"),
    Column("delivered", WHOLE, "orders", "Orders that arrived"),
    Column("late", WHOLE, "orders", "Of those that arrived, the ones after their promised day"),
    Column("profit", NUMBER, "USD", "Revenue less costs"),
    Column("contacts", WHOLE, "messages", "Messages sent to customers and authors"),
    *_by_stars("feedback", "Feedback posted with {} of 5 stars"),
    *_by_stars("reviews", "Reviews of its listings posted with {} of 5 stars"),
    *FELT,
    Column("window_orders", WHOLE, "orders", "Orders in the platform's window that evening",
           "last"),
    Column("window_defects", WHOLE, "orders", "Of those, the ones with a defect as of that "
           "evening; divided by window_orders: the ODR that the platform saw", "last"),
    Column("state", TEXT, "-", f"State of the account that evening: {STATES}", "last"),
    Column("n_reviews", WHOLE, "reviews", "Reviews standing on its listings that evening", "last"),
    Column("stars", NUMBER, "stars 1..5", "Mean displayed stars over its listings that show any; "
           "missing when none does", "last"),
    Column("position", NUMBER, "position", "Mean position in search over its listings and those of "
           "others on which it has an offer, 1 = first; where it is not on sale, the number of "
           "listings in the category + 1", "last"),
    Column("on_sale", NUMBER, "share 0..1", "Share of its listings, and of its offers on others', "
           "on sale tomorrow", "last"),
    Column("rival_orders", NUMBER, "orders", "Orders of the mean rival; rivals are those of the "
           "first measured day, whatever became of them"),
    Column("rival_profit", NUMBER, "USD", "Profit of the mean rival"),
    Column("rival_window_orders", WHOLE, "orders", "Orders of all rivals in the platform's window "
           "that evening", "last"),
    Column("rival_window_defects", WHOLE, "orders", "Of those, the ones with a defect as of that "
           "evening", "last"),
    Column("rival_position", NUMBER, "position", "Mean position in search over rivals' listings",
           "last"),
    Column("rival_stars", NUMBER, "stars 1..5", "Mean displayed stars over rivals' listings that "
           "show any; missing when none does", "last"),
    Column("rival_trouble", NUMBER, "share 0..1", "Share of rivals that are not healthy that "
           "evening", "last"),
))

LEDGER = Table("arm, replicate and event, in order of day, kind and event_id", (
    *RUN,
    Column("event_id", WHOLE, "-", "Id of the event: a hash of its kind and of what it is born of, "
           "the same in every arm", "key"),
    Column("cause_id", WHOLE, "-", "event_id of what caused it; missing where nothing in the "
           "market did", "key"),
    Column("day", WHOLE, "day", "Day on which it happened; 0 and before is the past", "key"),
    Column("kind", TEXT, "-", "past, entry, setting, trip, order, dispatch, delivery, complaint, "
           "claim, return, feedback, review, change, deletion, removal, contact, remedy, opt-out, "
           "enforcement, state, exit or intervention", "key"),
    Column("what", TEXT, "-", "What of its kind; of a trip the category", "key"),
    Column("user", WHOLE, "-", "Who did it or whom it concerns: buyers from 0, then those who "
           "never buy here", "key"),
    Column("seller", TEXT, "-", "Name of the store", "key"),
    Column("listing", TEXT, "-", "Name of the listing", "key"),
    Column("order", WHOLE, "-", "The order, the same number in every arm (in SQL in double "
           "quotes)", "key"),
    Column("post", WHOLE, "-", "The feedback or review, the same number in every arm", "key"),
    Column("channel", TEXT, "-", "feedback or review", "key"),
    Column("stars", WHOLE, "stars 1..5", "Stars of the post from then on", "key"),
    Column("stars_before", WHOLE, "stars 1..5", "Stars that it had before", "key"),
    Column("described", WHOLE, "stars 1..5", "Stars given for the product, where stores have "
           "three scores", "key"),
    Column("served", WHOLE, "stars 1..5", "The same for service", "key"),
    Column("shipped", WHOLE, "stars 1..5", "The same for shipping", "key"),
    Column("verified", WHOLE, "0 or 1", "1 = its author bought the listing; of an offer: shipped "
           "by the platform", "key"),
    Column("prompted_by", WHOLE, "-", "event_id of the message without which the post would not "
           "have been planned", "key"),
    Column("value", NUMBER, "see kind", "USD of a price or a refund, amount of a penalty (a fine "
           "in cents, exposure as a log), ODR at a change of state, day of birth of an old review, "
           "relevance of a listing", "key"),
    Column("felt_service", NUMBER, "latent", "Private satisfaction with the service, which nobody "
           "in the market sees", "key"),
    Column("felt_product", NUMBER, "latent", "The same with the product", "key"),
    Column("shown_stars", NUMBER, "stars 1..5", "Displayed stars when ordering, or on the morning "
           "of the post", "key"),
    Column("shown_count", WHOLE, "reviews", "Number of reviews displayed then", "key"),
    Column("position", WHOLE, "position", "Position in search then", "key"),
    Column("until", WHOLE, "day", "A further day: promised, on its way from, shown from, in force "
           "until", "key"),
    Column("shown", WHOLE, "listings", "Listings on the pages that a trip opened", "key"),
    Column("examined", TEXT, "-", "List of the listings that a trip looked at, in order", "key"),
))

MEASURED = Table("arm, replicate and metric", (
    *RUN,
    Column("metric", TEXT, "-", "Name of the metric", "key"),
    Column("part", NUMBER, "see metrics", "What the metric measures, or counts of a whole"),
    Column("whole", NUMBER, "see metrics", "The whole of a proportion, else 1; 0 = missing. The "
           "value is part / whole"),
))

SUMMARY = Table("arm and metric", (
    Column("arm", TEXT, "-", "Name of the arm", "key"),
    Column("metric", TEXT, "-", "Name of the metric", "key"),
    Column("n", WHOLE, "replicates", "Replicates that have a value"),
    Column("mean", NUMBER, "of the metric", "Mean over replicates; of a proportion the ratio of "
           "totals, of a share the share of replicates"),
    Column("ci_low", NUMBER, "of the metric", "Lower end of its 95 % interval"),
    Column("ci_high", NUMBER, "of the metric", "Upper end"),
    Column("diff", NUMBER, "of the metric", "Arm minus baseline, paired by replicate; this and "
           "what compares is empty for the baseline"),
    Column("diff_ci_low", NUMBER, "of the metric", "Lower end of its interval: 95 % for all arms "
           "of the metric together (Bonferroni)"),
    Column("diff_ci_high", NUMBER, "of the metric", "Upper end"),
    Column("ahead", NUMBER, "share 0..1", "Share of replicates in which the arm is strictly better "
           "than the baseline; empty where neither direction is better"),
    Column("variance_reduction", NUMBER, "times", "How many times smaller pairing made the "
           "variance of the difference; `inf` where all paired differences are equal while the "
           "arms vary; empty where nothing varies"),
    Column("ahead_ci_low", NUMBER, "share 0..1", "Lower end of the 95 % interval of ahead"),
    Column("ahead_ci_high", NUMBER, "share 0..1", "Upper end"),
    Column("tied", NUMBER, "share 0..1", "Share of replicates in which the two are equal"),
    Column("missing", WHOLE, "replicates", "Replicates without a value; of a proportion they add 0 "
           "to both totals"),
    Column("p_value", NUMBER, "0..1", "p-value of the difference, adjusted within the metric "
           "(Holm); empty unless asked for with --p-values"),
))
# fmt: on

TABLES = {
    "sellers": SELLERS,
    "listings": LISTINGS,
    "offers": OFFERS,
    "market": MARKET,
    "standing": STANDING,
    "focal": FOCAL,
    "ledger": LEDGER,
    "measured": MEASURED,
}
"""Tables as Parquet files by name."""
DAILY = ("sellers", "listings", "market", "focal")
"""Those with a row per day, which can be kept by week."""
SOMETIMES = ("offers", "standing")
"""Further ones, only where several sellers offer a listing, or the platform's rules measure."""


def weekly(table_name: str, columns: Columns) -> dict[str, np.ndarray]:
    """A daily table by week: days 1-7, 8-14, …; the last week may be shorter.

    ``columns`` are those of one arm and replicate, sorted by day; rows come out by week, within it
    in the order in which sellers or listings first appeared. Whoever enters in mid-week has a row
    of the days it was there. Raises KeyError for a column that is not declared.
    """
    declared = {column.name: column.week for column in TABLES[table_name].columns}
    order, starts = _weeks(columns, TABLES[table_name].group)
    last = order[np.append(starts[1:], len(order)) - 1] if len(order) else order

    def by_week(name: str) -> np.ndarray:
        values, week = columns[name], declared[name]
        if isinstance(week, tuple):
            weights = columns[week[1]][order]
            return _weighted_mean(values[order], weights, starts)
        return _sums(values[order], starts) if week == "sum" else values[last]

    return {name: by_week(name) for name in columns}


def _weeks(columns: Columns, group: str | tuple[str, ...] | None) -> tuple[np.ndarray, np.ndarray]:
    """Order of the rows by week and group, days in order, and where each such block starts."""
    key = (columns["day"].astype(np.int64) - 1) // DAYS_OF_WEEK
    if group is not None:
        codes: dict[object, int] = {}
        # A dictionary numbers names five times as fast as sorting them does.
        code = [codes.setdefault(name, len(codes)) for name in _names(columns, group)]
        key = key * max(1, len(codes)) + np.array(code, dtype=np.int64)
    order = np.argsort(key, kind="stable")
    new = np.diff(key[order], prepend=-1) != 0
    return order, np.flatnonzero(new)


def _names(columns: Columns, group: str | tuple[str, ...]) -> Iterable[object]:
    """What tells the rows apart, row by row: a name, or several."""
    if isinstance(group, str):
        return columns[group].tolist()
    return zip(*(columns[name].tolist() for name in group), strict=True)


def _sums(values: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Sums of the blocks; whole numbers stay whole, in 64 bits."""
    kind = np.int64 if values.dtype.kind in "iub" else np.float64
    return np.add.reduceat(values, starts, dtype=kind) if len(starts) else values.astype(kind)


def _weighted_mean(values: np.ndarray, weights: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Means of the blocks, NaN where weights sum to 0; a value of weight 0 may be NaN itself."""
    total = _sums(weights, starts)
    summed = _sums(np.where(weights > 0, values * weights, 0.0), starts)
    return np.where(total > 0, summed / np.maximum(total, 1), np.nan)
