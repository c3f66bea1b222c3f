"""What real logs say: orders of Olist (Brazil 2016-18), products of Amazon, with their bands.

A band is the range over data sets of one kind where there are several; where there is one, a
factor, stated in the conditions, on either side of its value. Statistics of Olist are computed by
the same functions from its rows (tests/test_estimators.py).
"""

from __future__ import annotations

import math

import numpy as np

from experiments import estimators, estimators_of_posts
from experiments.estimators import answered_before_delivery, days_to_answer, stars_by_lateness
from experiments.evidence.finding import Markets, finding
from experiments.evidence.seen import Seen

OLIST = "Olist orders and reviews, Brazil 2016-18"
AMAZON = "Amazon ratings: electronics and beauty to 2014, microwaves to 2015"
FIVE_LOGS = "Amazon reviews: microwaves, gift cards, hair dryers, pacifiers to 2015"


def _logit(p: float) -> float:
    return math.log(p / (1.0 - p)) if 0.0 < p < 1.0 else float("nan")


def _lateness(id: str, cell: str, low: float, high: float) -> None:
    """Register the logit of the negative share in a cell of lateness, over that on time."""

    def compute(m: Markets) -> float:
        cells = stars_by_lateness(m["base"].order_log)
        return _logit(cells[cell].negative) - _logit(cells["on time"].negative)

    compute.__doc__ = (
        f"Logit of the share of 1 and 2 stars in feedback on orders {cell}, less that on time."
    )
    finding(
        id, f"lateness to stars: {cell}", (low, high), OLIST, unit="log odds", role="tuned",
        conditions="shape alone, over all scored orders and over those with a comment",
    )(compute)  # fmt: skip


_lateness("L-1-3", "1-3 days late", 0.85, 1.31)
_lateness("L-4-7", "4-7 days late", 2.22, 2.75)
_lateness("L-8-14", "8-14 days late", 2.95, 3.56)
_lateness("L-15", "15 days late or more", 2.98, 3.60)

_WAITING = (
    "A parcel that comes a few days late often comes before the slow to answer have answered; "
    "Olist's survey prompts on the promised day, and most answer within three days."
)


@finding(
    "L-before", "many late orders are judged before they arrive", (0.52, 1.0), OLIST, unit="share",
    conditions="factor 1.5 of .786", why=_WAITING,
)  # fmt: skip
def before_late(m: Markets) -> float:
    """Share of feedback on late orders that came before the parcel."""
    return answered_before_delivery(m["base"].order_log).late


@finding(
    "L-before-all", "orders judged before they arrive", (0.045, 0.18), OLIST, unit="share",
    conditions="factor 2 of .090",
    why="Fewer orders are late here than in Brazil, and fewer of those are judged before they come "
    "(L-before).",
)  # fmt: skip
def before_all(m: Markets) -> float:
    """Share of feedback on delivered orders that came before the parcel."""
    return answered_before_delivery(m["base"].order_log).all


@finding("L-late", "late orders", (0.035, 0.14), OLIST, unit="share", conditions="factor 2 of .069")
def late(m: Markets) -> float:
    """Share of delivered orders that came on a calendar day after the promised one."""
    return estimators.late_share(m["base"].order_log)


def _rate_by_stars(seen: Seen, stars: int) -> float:
    """Feedback per order that would be given so many stars: by felt stars of service."""
    felt = seen.felt(seen.orders["service"]) == stars
    return float((seen.lived.stars[felt] > 0).mean())


@finding(
    "L-comments", "who is unhappy comments more", (1.47, 3.30), OLIST, unit="ratio", neutral=1.0,
    conditions="factor 1.5 of .784 / .357; comments on a survey stand for speaking unasked",
)  # fmt: skip
def comments_of_one(m: Markets) -> float:
    """Feedback per order of those who felt one star over those who felt five."""
    return _rate_by_stars(m["base"], 1) / _rate_by_stars(m["base"], 5)


@finding(
    "L-comments-mid", "the middle comments as much as the happy", (0.80, 1.81), OLIST, unit="ratio",
    conditions="factor 1.5 of .430 / .357",
    why="Without a survey the middle is taken to be quieter than the happy (Hu, Pavlou & Zhang "
    "2009), or ratings would not be J-shaped (A1); the survey has asked everybody already.",
)  # fmt: skip
def comments_of_three(m: Markets) -> float:
    """Feedback per order of those who felt three stars over those who felt five."""
    return _rate_by_stars(m["base"], 3) / _rate_by_stars(m["base"], 5)


@finding(
    "L-answer", "days from delivery to feedback, median", (1.4, 3.15), OLIST, unit="days",
    role="input", conditions="factor 1.5 of 2.1; whole days and .3 here",
    why="The unprompted answer as fast as at Olist; the feedback that the reminder brings "
    "weeks later moves the median.",
)  # fmt: skip
def answer_median(m: Markets) -> float:
    """Median days from delivery to feedback given after it."""
    return float(np.median(days_to_answer(m["base"].order_log)))


@finding(
    "L-answer-90", "delivery to feedback, the slowest tenth", (4.02, 9.05), OLIST, unit="days",
    conditions="factor 1.5 of 6.03",
    why="The platform's reminder, three weeks after the order, brings feedback of its own; Olist's "
    "survey came with the parcel and asked once.",
)  # fmt: skip
def answer_slow(m: Markets) -> float:
    """.9 quantile of days from delivery to feedback given after it."""
    return float(np.quantile(days_to_answer(m["base"].order_log), 0.9))


def _to_the_door(seen: Seen) -> np.ndarray:
    days = seen.order_log.delivered - seen.order_log.ordered
    return days[~np.isnan(days)]


@finding(
    "L-door", "days from order to door, median", (6.8, 15.2), OLIST, unit="days",
    conditions="factor 1.5 of 10.2; handling and transit are inputs, stores' speed is not",
    why="Stores of the base market promise what Olist's do and keep it better: they are faster.",
)  # fmt: skip
def door_median(m: Markets) -> float:
    """Median days from order to delivery."""
    return float(np.median(_to_the_door(m["base"])))


@finding(
    "L-door-90", "order to door, the slowest tenth", (15.8, 35.5), OLIST, unit="days",
    conditions="factor 1.5 of 23.7", why="As L-door.",
)  # fmt: skip
def door_slow(m: Markets) -> float:
    """.9 quantile of days from order to delivery."""
    return float(np.quantile(_to_the_door(m["base"]), 0.9))


# --- sellers ---------------------------------------------------------------------------------


@finding(
    "L-sellers", "orders per seller, Gini", (0.52, 1.0), OLIST, unit="Gini",
    conditions="factor 1.5 of .783",
    why="Every drawn store has as many listings as any other; at Olist orders follow the number of "
    "products almost one to one (correlation of logs .92).",
)  # fmt: skip
def sellers_gini(m: Markets) -> float:
    """Gini of delivered orders over sellers with any."""
    seen = m["base"]
    delivered = ~np.isnan(seen.order_log.delivered)
    return estimators_of_posts.gini(
        estimators_of_posts.per_target(seen.orders["seller"][delivered])
    )


@finding(
    "L-late-between", "sellers differ in their late share", (0.022, 0.088), OLIST, unit="share",
    conditions="factor 2 of .044, sellers with 30 orders",
)  # fmt: skip
def late_between(m: Markets) -> float:
    """Standard deviation over sellers with 30 orders of the late share, binomial noise off."""
    seen = m["base"]
    days = estimators.days_late(seen.order_log)
    return estimators.sd_between(days[~np.isnan(days)] > 0, seen.orders["seller"][~np.isnan(days)])


@finding(
    "L-late-months", "late shares move from month to month", (0.025, 0.098), OLIST, unit="share",
    conditions="factor 2 of .049",
    why="Neither carriers nor stores have bad months here: only queues move lateness.",
)  # fmt: skip
def late_months(m: Markets) -> float:
    """Standard deviation over months of the late share of what was ordered in them."""
    log = m["base"].order_log
    days, month = estimators.days_late(log), (log.ordered // 30.4).astype(int)
    known = ~np.isnan(days)
    shares = [np.mean(days[known & (month == k)] > 0) for k in range(int(m["base"].days / 30.4))]
    return float(np.std(shares, ddof=1))


# --- products --------------------------------------------------------------------------------


@finding(
    "L-icc", "stars differ between products", (0.118, 0.359), AMAZON, unit="ICC", role="tuned",
    conditions="products with 10 reviews; tuned when the market was first made",
)  # fmt: skip
def icc(m: Markets) -> float:
    """Intraclass correlation of stars by listing, listings with 10 reviews."""
    return estimators_of_posts.icc(m["base"].reviews)


@finding("L-means", "standard deviation of product means", (0.535, 1.075), AMAZON, unit="stars")
def means(m: Markets) -> float:
    """Standard deviation over listings with 10 reviews of mean stars."""
    return estimators_of_posts.sd_of_means(m["base"].reviews)


@finding(
    "L-per-product", "reviews per product, Gini", (0.607, 0.836),
    "Amazon: microwaves, electronics, beauty, hair dryers, pacifiers", markets=("two years",),
    unit="Gini", conditions="two years with entry", why="As B6: the thin tail is not simulated.",
)  # fmt: skip
def per_product(m: Markets) -> float:
    """Gini of reviews per listing, of listings with any."""
    counts = estimators_of_posts.per_target(m["two years"].reviews.target)
    return estimators_of_posts.gini(counts)


@finding(
    "L-top-tenth", "the top tenth of products hold most reviews",
    (0.484, 0.734), AMAZON, markets=("two years",),
    unit="share", why="As B6: the thin tail is not simulated.",
)  # fmt: skip
def top_tenth(m: Markets) -> float:
    """Share of reviews on the top tenth of listings."""
    counts = estimators_of_posts.per_target(m["two years"].reviews.target)
    return estimators_of_posts.top_share(counts, 0.1)


_STEADY = (
    "Season and fashion move demand by the week; promotions, stock-outs, news and the rise and "
    "fall of a product, which bring reviews in bursts, are left out."
)


@finding(
    "L-bursts", "reviews come in bursts", (0.134, 0.412),
    "Amazon: microwaves, pacifiers, hair dryers, beauty, electronics", unit="burstiness",
    neutral=0.0, markets=("two years",), conditions="products with 50 reviews; days as the unit",
    why=_STEADY,
)  # fmt: skip
def bursts(m: Markets) -> float:
    """Median over listings with 50 reviews of (s - m) / (s + m) of days between reviews."""
    return estimators_of_posts.burstiness(m["two years"].reviews)


@finding(
    "L-memory", "gaps between reviews follow gaps like them", (0.102, 0.410), AMAZON,
    unit="correlation", neutral=0.0, markets=("two years",), why=_STEADY,
)  # fmt: skip
def gaps(m: Markets) -> float:
    """Median over listings with 50 reviews of the correlation of successive gaps."""
    return estimators_of_posts.memory(m["two years"].reviews)


@finding(
    "L-weeks", "weekly reviews vary more than chance", (1.108, 1.436),
    "Amazon: microwaves, pacifiers, hair dryers, beauty, electronics", unit="ratio", neutral=1.0,
    markets=("two years",), why=_STEADY,
)  # fmt: skip
def weeks(m: Markets) -> float:
    """Median over listings with 50 reviews of variance over mean of weekly counts."""
    return estimators_of_posts.weekly_dispersion(m["two years"].reviews)


@finding(
    "L-unverified", "reviews without a purchase", (0.055, 0.326), FIVE_LOGS, unit="share",
    role="tuned",
)  # fmt: skip
def unverified(m: Markets) -> float:
    """Share of reviews posted by users who had not bought the listing."""
    return float(np.mean(~m["base"].reviews.verified))


def _windows(m: Markets) -> np.ndarray:
    return estimators_of_posts.low_in_windows(m["two years"].reviews)


@finding(
    "L-windows-5", "60-day windows with over 5 % low stars", (0.709, 0.805),
    "Amazon ratings: electronics, beauty", markets=("two years",), unit="share",
    conditions="product and window with 10 reviews",
    why="Products of the two logs have a mean of 4.0 and 4.1 stars, the market is tuned to "
    "4.2 (A2): fewer stars are low.",
)  # fmt: skip
def windows_5(m: Markets) -> float:
    """Share of 60-day windows of a listing with 10 reviews in which over 5 % have 1 or 2 stars."""
    return float(np.mean(_windows(m) > 0.05))


@finding(
    "L-windows-10", "60-day windows with over 10 % low stars",
    (0.471, 0.587), "Amazon ratings: electronics, beauty",
    markets=("two years",), unit="share",
    why="As L-windows-5.",
)  # fmt: skip
def windows_10(m: Markets) -> float:
    """The same, in which over 10 % have 1 or 2 stars."""
    return float(np.mean(_windows(m) > 0.10))


@finding(
    "L-windows-20", "60-day windows with over 20 % low stars",
    (0.203, 0.277), "Amazon ratings: electronics, beauty",
    markets=("two years",), unit="share",
    why="As L-windows-5.",
)  # fmt: skip
def windows_20(m: Markets) -> float:
    """The same, in which over 20 % have 1 or 2 stars."""
    return float(np.mean(_windows(m) > 0.20))
