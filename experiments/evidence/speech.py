"""Findings on who speaks, how many are negative, and what the order defect rate looks like."""

from __future__ import annotations

import numpy as np

from experiments.estimators_of_posts import after_a_low_one, low_share
from experiments.evidence.finding import ANY, Markets, finding, unmeasured
from experiments.evidence.seen import Seen
from sim.state import ARRIVED, NOBODY, REVIEW

DELLAROCAS = "Dellarocas & Wood 2008, Management Science 54(3)"
ADVICE = "advice to Amazon sellers (ecomengine.com, amzadvisers.com)"


def _feedback_rate(seen: Seen, stars: tuple[int, ...]) -> float:
    """Feedback per order of customers who felt so about the service."""
    felt = np.isin(seen.felt(seen.orders["service"]), stars)
    return float((seen.lived.stars[felt] > 0).mean())


@finding(
    "R2", "the delighted report more often than the very unhappy", (1.0, ANY), DELLAROCAS,
    neutral=1.0, unit="ratio", conditions="an auction site whose sellers rated back",
    why="The site behind the finding let sellers retaliate, which kept the unhappy silent; here "
    "nobody rates customers. One-sided surveys point the other way: those who gave one star "
    "commented twice as often as those who gave five (L-comments).",
)  # fmt: skip
def delighted(m: Markets) -> float:
    """Feedback per order at 5 felt stars of service over the same at 1."""
    return _feedback_rate(m["base"], (5,)) / _feedback_rate(m["base"], (1,))


@finding(
    "R2-mild", "the very unhappy report more often than the mildly unhappy", (1.0, ANY),
    DELLAROCAS, neutral=1.0, unit="ratio",
)  # fmt: skip
def mildly(m: Markets) -> float:
    """Feedback per order at 1 felt star of service over the same at 3."""
    return _feedback_rate(m["base"], (1,)) / _feedback_rate(m["base"], (3,))


@finding(
    "R2-hidden", "few of the truly dissatisfied show in public", (0.01, 0.10), DELLAROCAS,
    unit="share", conditions="without retaliation",
    why="The site of the finding was two-sided: fear kept the unhappy silent. Here a very "
    "unhappy customer speaks more than anyone, or there would be too few one-star reviews "
    "(A3-ones).",
)  # fmt: skip
def hidden(m: Markets) -> float:
    """Share with negative feedback of orders whose service was felt as 1 or 2 stars in the end."""
    seen = m["base"]
    unhappy = np.isin(seen.felt(seen.orders["service"]), (1, 2))
    negative = (seen.lived.stars >= 1) & (seen.lived.stars <= 2)
    return float(negative[unhappy].mean())


@finding(
    "R12", "product reviews per order", (0.01, 0.03), "trade figures: 1-3 % (sellerby.com)",
    unit="share", role="tuned",
)  # fmt: skip
def reviews_per_order(m: Markets) -> float:
    """Reviews by buyers per order that arrived."""
    seen = m["base"]
    arrived = (seen.orders["marks"] & ARRIVED) != 0
    return float(seen.reviews.verified.sum() / arrived.sum())


def _rates(seen: Seen) -> np.ndarray:
    """Order defect rates of the platform's window at the end of every day, stores with orders."""
    odr = seen.tables["sellers"]["odr"]
    return odr[~np.isnan(odr)]


@finding("R15", "median order defect rate", (0.002, 0.005), ADVICE, unit="share", role="tuned")
def median_rate(m: Markets) -> float:
    """Median over stores with 100 orders of orders with a defect in the end per order."""
    sellers = m["base"].tables["sellers"]
    names, which = np.unique(sellers["seller"].astype(str), return_inverse=True)
    orders = np.bincount(which, sellers["orders"], len(names))
    defects = np.bincount(which, sellers["defects"], len(names))
    return float(np.median(defects[orders >= 100] / orders[orders >= 100]))


@finding(
    "R15-tail", "a thin tail of stores above 1 %", (0.03, 0.10), ADVICE, unit="share",
    role="tuned",
)  # fmt: skip
def above_limit(m: Markets) -> float:
    """Share of store-days with an order defect rate above 1 %, stores with orders."""
    return float(np.mean(_rates(m["base"]) > 0.01))


@finding(
    "R15-negative", "negative share of feedback", (0.02, 0.06), ADVICE, unit="share", role="tuned"
)
def negative_share(m: Markets) -> float:
    """Share of feedback posted with one or two stars."""
    return low_share(m["base"].feedback.stars)


@finding(
    "R16", "few stores have more than 5 % negative feedback", (0.0, 0.20),
    "feedvisor.com: below 5 % is regarded as acceptable", unit="share",
    conditions="'few' taken as at most a fifth of stores",
    why="Stores differ in the share of their orders that goes wrong as Olist's do; where the mean "
    "is above 4 %, more than a fifth must lie above 5 %.",
)  # fmt: skip
def tail_of_negatives(m: Markets) -> float:
    """Share of stores with 50 feedbacks of which more than 5 % are negative."""
    parts = m["base"].feedback.by_target(50)
    return float(np.mean([low_share(part.stars) > 0.05 for part in parts]))


@finding(
    "D2", "after a negative come more negatives", (0.0, ANY),
    "Khopkar, Li & Resnick 2005, ACM Conference on Electronic Commerce", neutral=0.0,
    unit="probability", conditions="at a fixed store",
)  # fmt: skip
def after_a_negative(m: Markets) -> float:
    """P(negative feedback after a negative one) of a store less what shuffling its feedback
    gives, stores with 20 feedbacks."""
    return after_a_low_one(m["base"].feedback)


@finding(
    "S-orders", "orders per buyer and year", (11.0, 13.0), "stated for the base market",
    unit="1/year", role="tuned",
)  # fmt: skip
def orders_per_buyer(m: Markets) -> float:
    """Orders on recorded days per buyer, as a year's."""
    seen = m["base"]
    return len(seen.orders) / seen.market.buyers.count * 365.0 / seen.days


unmeasured(
    "R1", "over half of buyers leave feedback on the early eBay", "Resnick & Zeckhauser 2002",
    "not applicable", "A two-sided auction site; the shipped rule sets are one-sided shops.",
)  # fmt: skip
unmeasured(
    "R5", "without retaliation sellers improve", "Klein, Lambertz & Stahl 2016, Journal of "
    "Political Economy", "not applicable",
    "Sellers follow fixed strategies: none invests by itself in service.",
)  # fmt: skip
CABRAL = "Cabral & Li 2015, Management Science (a rebate for feedback on eBay)"


def _of_late_orders(seen: Seen) -> np.ndarray:
    """Stars of reviews by customers whose order arrived after its promised day."""
    reviews = seen.posts[(seen.posts["channel"] == REVIEW) & (seen.posts["order"] != NOBODY)]
    index = seen.order_of(reviews)
    orders = seen.orders[index]
    late = (index >= 0) & (orders["delivered"] > orders["promised"])
    return reviews["first_stars"][late]


@finding(
    "R9", "a small rebate cuts negatives where delivery is slow", (-ANY, 0.0), CABRAL, neutral=0.0,
    kind="paired", markets=("base", "small rewards"), unit="share", role="input",
    conditions="1 USD for a review, where the study's rebate was for feedback",
)  # fmt: skip
def negatives_with_money(m: Markets) -> float:
    """Share of one and two stars among reviews of orders that came late: with 1 USD promised for
    a review, less base."""
    shares = [low_share(_of_late_orders(m[name])) for name in ("small rewards", "base")]
    return shares[0] - shares[1]


@finding(
    "R9-rate", "it barely raises the rate of posting", (0.0, 0.25), CABRAL, neutral=0.0,
    kind="paired", markets=("base", "small rewards"), unit="share", role="input",
    conditions="'barely' taken as at most a quarter",
)  # fmt: skip
def posting_with_money(m: Markets) -> float:
    """Relative change of reviews by buyers per order where all stores promise 1 USD for one."""
    counts = [m[n].reviews.verified.sum() / len(m[n].orders) for n in ("small rewards", "base")]
    return float(counts[0] / counts[1] - 1.0)
