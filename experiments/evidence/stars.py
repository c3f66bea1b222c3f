"""Findings on the shape of ratings and on who writes them (purchasers only, or anyone)."""

from __future__ import annotations

import numpy as np

from experiments.estimators import stars_said
from experiments.estimators_of_posts import PostLog, per_target, share_of_ones
from experiments.evidence.finding import ANY, Markets, finding, unmeasured
from experiments.evidence.seen import Seen
from sim.state import NOBODY, REQUESTED, REVIEW

AWS = "160.8 million Amazon reviews to August 2015 (AWS Open Data), query published on dzone.com"
HU = "Hu, Pavlou & Zhang 2009, Communications of the ACM 52(10)"
SCHOENMUELLER = "Schoenmueller, Netzer & Stahl 2020, Journal of Marketing Research"
ANDERSON = "Anderson & Simester 2014, Journal of Marketing Research 51"


@finding("A1", "ratings are J-shaped", (1.0, 1.0), HU, unit="share of 3 conditions")
def j_shape(m: Markets) -> float:
    """Of reviews posted: more 5 than 4 stars, more 1 than 2, fewest of 2 or of 3."""
    s = stars_said(m["base"].reviews.stars).shares
    return float(np.mean([s[4] > s[3], s[0] > s[1], int(np.argmin(s)) in (1, 2)]))


@finding(
    "A1-all", "when everybody posts, the bump at one star is gone", (-ANY, 0.0), HU, neutral=0.0,
    markets=("everyone posts",), unit="share",
    conditions="every order reviewed, in place of the choice to post",
)  # fmt: skip
def no_bump(m: Markets) -> float:
    """Share of one-star less share of two-star reviews by buyers."""
    reviews = m["everyone posts"].reviews
    s = stars_said(reviews.stars[reviews.verified]).shares
    return float(s[0] - s[1])


@finding("A2", "mean stars of reviews", (4.1, 4.3), AWS, unit="stars", role="tuned")
def mean_stars(m: Markets) -> float:
    """Mean stars of all reviews posted."""
    return stars_said(m["base"].reviews.stars).mean


@finding(
    "A3", "share of five-star reviews", (0.55, 0.70), "1 million Amazon reviews (GetReviewBox)",
    unit="share", role="tuned",
)  # fmt: skip
def five_stars(m: Markets) -> float:
    """Share of reviews posted with five stars."""
    return float(stars_said(m["base"].reviews.stars).shares[4])


@finding(
    "A3-positive", "share of four and five stars", (0.75, 0.85),
    "1 million Amazon reviews (GetReviewBox)", unit="share", role="tuned",
)  # fmt: skip
def positive(m: Markets) -> float:
    """Share of reviews posted with four or five stars."""
    return float(stars_said(m["base"].reviews.stars).shares[3:].sum())


@finding(
    "A3-ones", "share of one-star reviews", (0.06, 0.12), "Amazon ratings to 2015, vendors' counts",
    unit="share", role="tuned",
)  # fmt: skip
def one_star(m: Markets) -> float:
    """Share of reviews posted with one star."""
    return float(stars_said(m["base"].reviews.stars).shares[0])


_SPLIT = np.array([0.07, 0.045, 0.085, 0.19, 0.61])


@finding(
    "A4", "full split of stars", (0.0, 0.10), "Amazon reviews of the 2010s, consistent with A2",
    unit="total variation",
    role="tuned", conditions="follows from A2 and A3",
)  # fmt: skip
def split(m: Markets) -> float:
    """Total variation between shares of 1..5 stars posted and .07 .045 .085 .19 .61."""
    return float(np.abs(stars_said(m["base"].reviews.stars).shares - _SPLIT).sum() / 2)


def _extreme(seen: Seen) -> float:
    shares = stars_said(seen.reviews.stars).shares
    return float(shares[0] + shares[4])


@finding(
    "A6", "fewer reviews by moderates, more polarity", (0.0, ANY), SCHOENMUELLER, neutral=0.0,
    markets=("base", "quiet middle"), unit="share", kind="paired",
)  # fmt: skip
def polarity(m: Markets) -> float:
    """Share of one- and five-star reviews where the middle posts a quarter as often, less base."""
    return _extreme(m["quiet middle"]) - _extreme(m["base"])


@finding(
    "A6-across", "the more customers review, the less polar", (-1.0, 0.0), SCHOENMUELLER,
    neutral=0.0, markets=("base", "quiet middle", "everyone posts", "asked"), unit="correlation",
)  # fmt: skip
def polarity_across(m: Markets) -> float:
    """Correlation over four markets of log reviews per order with the share of 1 and 5 stars."""
    markets = [m[name] for name in ("base", "quiet middle", "everyone posts", "asked")]
    rate = [np.log(len(seen.reviews) / len(seen.orders)) for seen in markets]
    return float(np.corrcoef(rate, [_extreme(seen) for seen in markets])[0, 1])


def _by_purchase(seen: Seen) -> tuple[np.ndarray, np.ndarray]:
    reviews = seen.reviews
    return reviews.stars[reviews.verified], reviews.stars[~reviews.verified]


@finding(
    "B1", "reviews without a purchase are lower", (-ANY, 0.0), ANDERSON, neutral=0.0, unit="stars",
    role="tuned", conditions="the same number as B3, its sign turned",
)  # fmt: skip
def no_purchase_gap(m: Markets) -> float:
    """Mean stars of reviews by those who did not buy the listing, less those who did."""
    bought, not_bought = _by_purchase(m["base"])
    return float(not_bought.mean() - bought.mean())


@finding(
    "B2", "without a purchase, twice as many one-star", (1.5, 2.5), ANDERSON, neutral=1.0,
    unit="ratio",
)  # fmt: skip
def no_purchase_ones(m: Markets) -> float:
    """Share of one star without a purchase over the share with one."""
    bought, not_bought = _by_purchase(m["base"])
    return float(np.mean(not_bought == 1) / np.mean(bought == 1))


@finding(
    "B3", "verified reviews are higher on Amazon too", (0.05, 0.30), AWS, neutral=0.0,
    unit="stars", role="tuned",
)  # fmt: skip
def verified_gap(m: Markets) -> float:
    """Mean stars of verified less unverified reviews."""
    return -no_purchase_gap(m)


ASKALIDIS = "Askalidis, Kim & Malthouse 2017, Decision Support Systems 97"


def _asked_and_others(seen: Seen) -> tuple[PostLog, PostLog]:
    """Reviews of orders with a request that was sent, and reviews by nobody's asking."""
    posts = seen.posts[seen.posts["channel"] == REVIEW]
    index = seen.order_of(posts)
    asked = (index >= 0) & (seen.orders["asked"][index] & REQUESTED != 0)
    return seen.reviews.only(asked), seen.reviews.only(posts["order"] == NOBODY)


@finding(
    "B4", "asked customers rate higher than self-motivated writers", (0.2, 0.5), ASKALIDIS,
    neutral=0.0, markets=("asked",), unit="stars",
    conditions="all stores ask every customer; the others write without a purchase",
    why="A request adds the same to everybody here, so it brings the unhappy too; and those "
    "who write unasked are only as much lower as reviews without a purchase are (B3), to "
    "which their opinion is tuned.",
)  # fmt: skip
def asked_gap(m: Markets) -> float:
    """Mean stars of reviews on orders with a request, less reviews without an order."""
    asked, others = _asked_and_others(m["asked"])
    return float(asked.stars.mean() - others.stars.mean())


def _slope_over_n(log: PostLog) -> float:
    """Mean slope of stars on the log of a review's number within its listing, weighted by n."""
    slopes, weights = [], []
    for part in log.by_target(8):
        n = np.log(np.arange(1, len(part) + 1))
        slopes.append(np.polyfit(n, part.stars, 1)[0])
        weights.append(len(part))
    return float(np.average(slopes, weights=weights)) if slopes else float("nan")


@finding(
    "B4-trend", "the self-motivated series falls, against the asked one", (-ANY, 0.0), ASKALIDIS,
    neutral=0.0, markets=("asked",), unit="stars per log n",
    why="Those who write unasked meet the same displayed stars as the others, and who likes a "
    "listing most buys first but need not look first: nothing strong makes one series "
    "fall.",
)  # fmt: skip
def asked_trend(m: Markets) -> float:
    """Slope of stars on log number within a listing: self-motivated less asked."""
    asked, others = _asked_and_others(m["asked"])
    return _slope_over_n(others) - _slope_over_n(asked)


@finding(
    "B5", "a purchasers-only channel is happier than an open one", (0.05, 0.20),
    "Mayzlin, Dover & Chevalier 2014, American Economic Review 104(8): 44 % against 31 %",
    neutral=0.0, unit="share",
    conditions="the same store: feedback on it against reviews of its listings",
    why="The two sites of the finding rate the same stays. Here feedback is about service, "
    "which goes well in most orders, and reviews are about products, of which tastes "
    "differ.",
)  # fmt: skip
def channels(m: Markets) -> float:
    """Mean over stores with 20 of each of the share of five stars in feedback less in reviews."""
    seen = m["base"]
    posts = seen.posts
    top = posts["first_stars"] == 5
    gaps = []
    for store in np.unique(posts["seller"]):
        mine = posts["seller"] == store
        review = mine & (posts["channel"] == REVIEW)
        feedback = mine & (posts["channel"] != REVIEW)
        if review.sum() >= 20 and feedback.sum() >= 20:
            gaps.append(top[feedback].mean() - top[review].mean())
    return float(np.mean(gaps))


MCAULEY = "80.7 million Amazon ratings 1996-2014 (minimaxir.com)"


@finding(
    "B6", "many products have exactly one review", (0.30, 0.50), MCAULEY,
    markets=("two years",), unit="share", conditions="two years with entry",
    why="Forty listings of a niche stand for thousands: a listing that sells at all sells some "
    "1,500 times a year, and the thin tail that hardly sells is not simulated.",
)  # fmt: skip
def singletons(m: Markets) -> float:
    """Share of listings reviewed in the recorded days that have exactly one review."""
    return share_of_ones(per_target(m["two years"].reviews.target))


@finding(
    "B6-authors", "about half of the authors write once", (0.519, 0.68),
    "20.4 million Amazon users to 2014 (.519); Jindal & Liu 2008 (.68)", markets=("two years",),
    unit="share",
)  # fmt: skip
def write_once(m: Markets) -> float:
    """Share of authors of reviews who posted exactly one."""
    return share_of_ones(per_target(m["two years"].reviews.author))


@finding(
    "B7", "few authors write much", (0.04, 0.16), "Jindal & Liu 2008, WSDM: 8 % wrote five or more",
    markets=("two years",), unit="share", conditions="factor 2 of the published value",
    why="Two years in one market of some hundred listings; accounts of the crawl were up to "
    "ten years old and wrote about all that a platform sells.",
)  # fmt: skip
def write_much(m: Markets) -> float:
    """Share of authors who posted five reviews or more."""
    return float(np.mean(per_target(m["two years"].reviews.author) >= 5))


@finding(
    "J8", "reviews per product are heavy-tailed", (3.0, ANY), MCAULEY, neutral=1.0,
    markets=("two years",), unit="ratio", conditions="two years with entry",
    why="As B6: the thin tail of products that hardly sell is not simulated.",
)  # fmt: skip
def mean_over_median(m: Markets) -> float:
    """Mean over median of reviews per listing, of listings with any."""
    counts = per_target(m["two years"].reviews.target)
    return float(counts.mean() / np.median(counts))


@finding(
    "J8-top", "the top 1 % of products hold much", (0.15, 1.0), MCAULEY, markets=("two years",),
    unit="share", why="As B6; 1 % of the listings of this market are one or two.",
)  # fmt: skip
def top_percent(m: Markets) -> float:
    """Share of reviews held by the top 1 % of listings, at least one of them."""
    counts = np.sort(per_target(m["two years"].reviews.target))
    return float(counts[-max(1, round(0.01 * len(counts))) :].sum() / counts.sum())


unmeasured(
    "A7", "94 % of listings at 4.5 stars or more on two-sided sharing platforms",
    "Zervas, Proserpio & Byers 2021, Marketing Letters 32", "not applicable",
    "Hosts and guests rate each other there; here customers alone rate, and reviews do not answer.",
)  # fmt: skip
unmeasured(
    "A8", "ratings inflate as raters feel pressure", "Filippas, Horton & Golden 2022, Marketing "
    "Science 41(4)", "not applicable", "What a low rating costs its author is not modelled.",
)  # fmt: skip
