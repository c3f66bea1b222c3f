"""Findings on how ratings move over a product's life, and on visible opinion."""

from __future__ import annotations

import numpy as np

from experiments.estimators_of_posts import (
    gini,
    lag_dependence,
    later_against_earlier,
    rank_slope,
    trend_with_age,
)
from experiments.evidence.finding import ANY, Markets, finding, unmeasured
from experiments.evidence.seen import Seen
from sim.state import ARRIVED, REVIEWED

LI_HITT = "Li & Hitt 2008, Information Systems Research 19"
MUSIC = "Salganik, Dodds & Watts 2006, Science 311"
YOUNG = 60
"""Days before day 1 at most, at which a listing whose whole life is looked at was born."""


@finding(
    "E1", "ratings decline over a product's life", (0.55, 0.85), LI_HITT, neutral=0.5,
    markets=("two years",), unit="share of listings",
    conditions="listings born in the two years or just before",
)  # fmt: skip
def decline(m: Markets) -> float:
    """Share of young listings with 20 reviews whose stars fall with log age."""
    seen = m["two years"]
    young = np.flatnonzero(seen.listings["born"] > -YOUNG)
    slopes = trend_with_age(seen.reviews.only(np.isin(seen.reviews.target, young)))
    return float(np.mean(slopes < 0)) if len(slopes) else float("nan")


@finding(
    "E4", "later opinions go against earlier ones", (-1.0, 0.0),
    "Wu & Huberman 2008, Workshop on Internet and Network Economics", neutral=0.0,
    unit="correlation", conditions="negative in part by construction, there as here",
)  # fmt: skip
def against(m: Markets) -> float:
    """Correlation of (stars less the mean before) with (that mean less the listing's), listings
    with 20 reviews."""
    return later_against_earlier(m["base"].reviews)


def _posting(seen: Seen, column: np.ndarray) -> float:
    """Relative change of reviews per arrived order for a unit of what was seen when ordering,
    within listings: better ones have more stars and happier customers, who speak more."""
    there = ((seen.orders["marks"] & ARRIVED) != 0) & (seen.orders["seen_stars"] > 0)
    posted = ((seen.orders["marks"][there] & REVIEWED) != 0).astype(float)
    listing = seen.orders["listing"][there]
    n = np.maximum(np.bincount(listing), 1)
    x = column[there] - (np.bincount(listing, column[there]) / n)[listing]
    off = posted - (np.bincount(listing, posted) / n)[listing]
    return float((x @ off) / (x @ x) / posted.mean())


MOE = "Moe & Schweidel 2012, Marketing Science 31"


@finding(
    "E5", "customers post more where displayed stars are high", (0.0, ANY), MOE, neutral=0.0,
    unit="relative per star",
    why="Stars on the page do not move a customer to speak here; they only promise more, so that "
    "the disappointed feel fewer stars.",
)  # fmt: skip
def post_by_stars(m: Markets) -> float:
    """Slope, within listings, of reviewing an arrived order on the stars seen when ordering, over
    the mean rate."""
    return _posting(m["base"], m["base"].orders["seen_stars"] / 10.0)


@finding(
    "E5-count", "customers post more where there are many reviews", (0.0, ANY), MOE, neutral=0.0,
    unit="relative per log",
    why="Whether a customer speaks depends on the own experience and on being asked; how much has "
    "been said already is not weighed.",
)  # fmt: skip
def post_by_count(m: Markets) -> float:
    """E5 on the log of the number of reviews seen when ordering."""
    return _posting(m["base"], np.log1p(m["base"].orders["seen_count"]))


def _standard(x: np.ndarray) -> np.ndarray:
    return (x - x.mean()) / x.std()


@finding(
    "E7", "variance of ratings helps where the mean is low", (-ANY, 0.0),
    "Sun 2012, Management Science 58(4)", neutral=0.0, unit="log points",
    why="Shoppers see the mean, the count and the newest low stars, not the spread.",
)  # fmt: skip
def variance(m: Markets) -> float:
    """Coefficient of (variance x mean), both standardised, of stars of the first half of the days
    on log orders in the second half, beside both alone, listings with 10 reviews."""
    seen = m["base"]
    half = seen.days // 2
    parts = seen.reviews.only(seen.reviews.day <= half).by_target(10)
    late = seen.orders["listing"][seen.orders["placed"] > half]
    sold = np.array([np.sum(late == part.target[0]) for part in parts])
    kept = sold > 0
    if kept.sum() < 20:
        return float("nan")
    mean = _standard(np.array([part.stars.mean() for part in parts])[kept])
    var = _standard(np.array([part.stars.var() for part in parts])[kept])
    columns = np.column_stack([np.ones(kept.sum()), mean, var, mean * var])
    return float(np.linalg.lstsq(columns, np.log(sold[kept]), rcond=None)[0][3])


# --- visible popularity and opinion ----------------------------------------------------------


def _shares(m: Markets, condition: str) -> np.ndarray:
    """Share of orders per listing [world, listing] in the worlds of a condition."""
    rows = []
    for name, seen in m.items():
        if name.rpartition(" ")[0] == condition:
            n = len(seen.market.sellers[0].listings) + seen.market.rivals.listings_each * (
                seen.market.rivals.count
            )
            rows.append(np.bincount(seen.orders["listing"], minlength=n)[:n] / len(seen.orders))
    return np.array(rows)


def _inequality(m: Markets, condition: str) -> float:
    return float(np.mean([gini(row) for row in _shares(m, condition)]))


def _unpredictability(m: Markets, condition: str) -> float:
    """Mean absolute difference of a listing's share between two worlds, mean over listings."""
    shares = _shares(m, condition)
    a, b = np.triu_indices(len(shares), 1)
    return float(np.abs(shares[a] - shares[b]).mean())


_WEAK = ("alone", "stars in random order")
_STRONG = ("stars in random order", "ranked")


@finding(
    "F2", "visible opinion makes success unequal", (0.0, ANY), MUSIC, neutral=0.0, kind="paired",
    markets=_WEAK, unit="Gini", conditions="8 worlds of the same new listings",
)  # fmt: skip
def unequal(m: Markets) -> float:
    """Mean Gini of listings' orders where stars and counts are weighed less where they are not,
    results in random order."""
    return _inequality(m, "stars in random order") - _inequality(m, "alone")


@finding(
    "F2-ranked", "ranking by success makes it more unequal", (0.0, ANY), MUSIC, neutral=0.0,
    kind="paired", markets=_STRONG, unit="Gini",
)  # fmt: skip
def unequal_ranked(m: Markets) -> float:
    """Mean Gini of listings' orders with the usual ranking less the same in random order."""
    return _inequality(m, "ranked") - _inequality(m, "stars in random order")


@finding(
    "F2-chance", "visible opinion makes success unpredictable", (0.0, ANY), MUSIC, neutral=0.0,
    kind="paired", markets=("alone", "ranked"), unit="share of orders",
)  # fmt: skip
def unpredictable(m: Markets) -> float:
    """Mean difference of a listing's share of orders between two worlds: ranked less alone."""
    return _unpredictability(m, "ranked") - _unpredictability(m, "alone")


@finding(
    "F2-quality", "the best rarely do badly", (0.05, 0.95), MUSIC, neutral=0.0,
    markets=("ranked",), unit="Spearman",
)  # fmt: skip
def quality_and_success(m: Markets) -> float:
    """Spearman correlation of true quality with the mean share of orders over the worlds."""
    from scipy.stats import spearmanr

    shares = _shares(m, "ranked").mean(axis=0)
    quality = m["ranked 0"].listings["quality"][: len(shares)]
    return float(spearmanr(quality, shares).statistic)


HAN = "Han & Anderson (TripAdvisor), as quoted in the survey by Sterner"


@finding(
    "F3", "neighbouring reviews are alike, farther ones less", (0.0, ANY), HAN, neutral=0.0,
    unit="correlation",
    why="The two newest reviews pull what is said, but opinion pulls little in all "
    "(`speaking.herding` .12), and some fifty reviews a listing and year are few to see it by.",
)  # fmt: skip
def near_and_far(m: Markets) -> float:
    """Correlation within listings of a review with the one before, less with the third before."""
    reviews = m["base"].reviews
    return lag_dependence(reviews, 1) - lag_dependence(reviews, 3)


@finding(
    "F3-third", "the third review before hardly matters", (-0.03, 0.03), HAN, unit="correlation"
)
def third_before(m: Markets) -> float:
    """Correlation within listings of a review with the third before it."""
    return lag_dependence(m["base"].reviews, 3)


BLIND = "Askalidis, Kim & Malthouse 2017, Decision Support Systems 97"


@finding(
    "F4", "who cannot see earlier stars does not follow them", (-0.02, 0.02), BLIND,
    markets=("blind",), unit="correlation",
    conditions="of little power: the base market lies in the band too; F4-seen compares the two",
)  # fmt: skip
def blind(m: Markets) -> float:
    """Correlation within listings of a review with the one before, opinions not pulled."""
    return lag_dependence(m["blind"].reviews, 1)


@finding(
    "F4-seen", "who sees them does", (0.0, ANY), BLIND, neutral=0.0, kind="paired",
    markets=("base", "blind"), unit="correlation",
)  # fmt: skip
def herding(m: Markets) -> float:
    """F4 in the base market less F4 itself."""
    return lag_dependence(m["base"].reviews, 1) - blind(m)


# --- concentration ---------------------------------------------------------------------------

GARG = "Garg & Telang 2013, MIS Quarterly, Table 1: exponents .61 to 1.2"


def _sales(seen: Seen) -> np.ndarray:
    """Orders per listing that was ever on sale."""
    n = int((seen.listings["born"] <= seen.days).sum())
    return np.bincount(seen.orders["listing"], minlength=n)


@finding("J1", "sales fall off as a power of rank", (0.6, 1.2), GARG, unit="exponent", role="tuned")
def sales_by_rank(m: Markets) -> float:
    """Minus the slope of log orders on log rank of sales over the better half of listings."""
    return rank_slope(_sales(m["base"]))[0]


@finding(
    "J2", "sales fall off faster in the far tail", (-ANY, 0.0),
    "Brynjolfsson, Hu & Smith 2010 (Amazon books)", neutral=0.0, unit="log points",
)  # fmt: skip
def steeper(m: Markets) -> float:
    """Coefficient of squared log rank, all listings with orders."""
    return rank_slope(_sales(m["base"]))[1]


@finding(
    "J3", "Gini of listing sales", (0.36, 0.74), "exact sums for the exponents of J1, 100 listings",
    unit="Gini", role="tuned",
)  # fmt: skip
def gini_of_sales(m: Markets) -> float:
    """Gini of orders over all listings ever on sale."""
    return gini(_sales(m["base"]))


@finding(
    "J4", "easier search, less concentration", (-ANY, 0.0),
    "Brynjolfsson, Hu & Simester 2011, Management Science 57", neutral=0.0, kind="paired",
    markets=("base", "deep search"), unit="Gini",
)  # fmt: skip
def search_cost(m: Markets) -> float:
    """Gini of orders over listings where pages are turned three times as often, less base."""
    return gini(_sales(m["deep search"])) - gini(_sales(m["base"]))


@finding(
    "J6", "few see the second page", (0.1, 0.3), "Compete 2014 (marketingcharts.com): 19.7 %",
    unit="share", role="input",
)  # fmt: skip
def second_page(m: Markets) -> float:
    """Impressions per day at the first position of the second page over those at position 1."""
    seen, t = m["base"], m["base"].tables["listings"]
    first_of_two = seen.market.platform.search.page_size + 1
    shown = [t["impressions"][t["position"] == place].mean() for place in (first_of_two, 1)]
    return float(shown[0] / shown[1])


BOUGHT_ON = 30


@finding(
    "I1", "who has less of a name has more to gain from bought reviews", (0.0, ANY),
    "Mayzlin, Dover & Chevalier 2014, American Economic Review 104(8): small independents "
    "manipulate more", neutral=0.0, kind="paired", markets=("base", "bought"), unit="log points",
    conditions="the incentive itself, as sellers do not choose to manipulate: half of the stores "
    "buy 30 reviews each, none of which is found",
)  # fmt: skip
def gain_of_the_unknown(m: Markets) -> float:
    """Mean log change of orders after the purchase of the buying stores' listings: those with at
    most the median of reviews before it, less those with more."""
    base, bought = m["base"], m["bought"]
    buys = bought.stores["strategy"][bought.listings["seller"]] > 0
    t = base.tables["listings"]
    evening = t["day"] == BOUGHT_ON
    names, reviews = t["listing"][evening], t["n_reviews"][evening]
    after = [
        {name: s.tables["listings"]["orders"][rows].sum() for name, rows in _late_rows(s).items()}
        for s in (bought, base)
    ]
    gains = np.array([np.log((after[0][n] + 0.5) / (after[1][n] + 0.5)) for n in names])
    buys = buys[: len(names)]  # no listing comes before the purchase
    few = reviews <= np.median(reviews[buys])
    return float(gains[buys & few].mean() - gains[buys & ~few].mean())


def _late_rows(seen: Seen) -> dict[str, np.ndarray]:
    """Rows of every listing's days after the purchase."""
    t = seen.tables["listings"]
    late = np.flatnonzero(t["day"] > BOUGHT_ON)
    names, which = np.unique(t["listing"][late].astype(str), return_inverse=True)
    order = np.argsort(which, kind="stable")
    parts = np.split(late[order], np.cumsum(np.bincount(which))[:-1])
    return dict(zip(names.tolist(), parts, strict=True))


unmeasured(
    "J9", "helpful votes penalise deviation", "Danescu-Niculescu-Mizil et al. 2009, WWW",
    "not applicable", "Helpful votes are left out.",
)  # fmt: skip
