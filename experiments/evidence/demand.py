"""Findings on what stars and reviews do to sales."""

from __future__ import annotations

import numpy as np

from experiments.evidence.finding import ANY, Markets, finding
from experiments.evidence.markets import ACTED_UPON
from experiments.evidence.seen import Seen
from experiments.panel import panel_regression
from sim.config.market import Seller
from sim.founders import listing_name

LUCA = "Luca 2016 (Harvard WP 12-016): + 5 to 9 % revenue per Yelp star"
YOU = "You, Vadakkepatt & Joshi 2015, Journal of Marketing 79"
SPIEGEL = "Spiegel Research Center 2017"


def _acted(seen: Seen, name: str) -> np.ndarray:
    """A column of the daily table of the listings that are acted upon."""
    table = seen.tables["listings"]
    first = seen.market.sellers[0]
    return table[name][np.isin(table["listing"], [listing_name(first, k) for k in _rows(first)])]


def _rows(store: Seller) -> range:
    return range(min(ACTED_UPON, len(store.listings)))


def _log_ratio(m: Markets, more: str, less: str) -> float:
    """Log of their orders in one market over the other; NaN where one has none."""
    a, b = (_acted(m[name], "orders").sum() for name in (more, less))
    return float(np.log(a / b)) if a and b else float("nan")


def _stars_apart(m: Markets, more: str, less: str) -> float:
    return float(np.nanmean(_acted(m[more], "stars")) - np.nanmean(_acted(m[less], "stars")))


@finding(
    "D4", "revenue per displayed star", (0.05, 0.20), LUCA, neutral=0.0, kind="paired",
    markets=("low stars", "high stars"), unit="share per star",
    conditions="200 older reviews, mean 3.7 or 4.7, same quality",
    why="The effect on choice alone is .14 per star. The rest is rank: a niche has one order "
    "of results that everybody sees, each place up is looked at far more often, and what "
    "stars sell comes back as velocity and conversion. The review site of the finding "
    "does not rank by sales.",
)  # fmt: skip
def per_star(m: Markets) -> float:
    """Relative change of the listings' orders per star that their displayed mean was higher."""
    apart = _stars_apart(m, "high stars", "low stars")
    return float(np.expm1(_log_ratio(m, "high stars", "low stars") / apart))


@finding(
    "D4-count", "a star matters more with more reviews", (0.0, ANY), LUCA, neutral=0.0,
    kind="paired", markets=("low stars", "high stars", "few low stars", "few high stars"),
    unit="log points", conditions="200 older reviews against 10",
    why="A star weighs the same in choice however many reviews stand behind it. What is left "
    "is the rank, which trusts few reviews less.",
)  # fmt: skip
def star_by_count(m: Markets) -> float:
    """Log change of orders per displayed star with 200 older reviews, less the same with 10."""
    many = _log_ratio(m, "high stars", "low stars") / _stars_apart(m, "high stars", "low stars")
    few = _stars_apart(m, "few high stars", "few low stars")
    return many - _log_ratio(m, "few high stars", "few low stars") / few


@finding(
    "D5", "half a star sells out more often", (0.0, ANY),
    "Anderson & Magruder 2012, Economic Journal: + 19 points", neutral=0.0, kind="paired",
    markets=("few low stars", "few high stars"), unit="log points",
    conditions="sign alone: restaurants with tables to fill; no other source of information exists "
    "in the market",
)  # fmt: skip
def half_star(m: Markets) -> float:
    """Log change of orders for half a displayed star, 10 older reviews."""
    apart = _stars_apart(m, "few high stars", "few low stars")
    return 0.5 * _log_ratio(m, "few high stars", "few low stars") / apart


def _panel(seen: Seen) -> tuple[float, float]:
    t = seen.tables["listings"]
    found = panel_regression(
        t["listing"], t["day"], t["orders"], t["stars"], t["n_reviews"], t["on_sale"]
    )
    return found.volume.value, found.valence.value


@finding(
    "D6", "elasticity of sales to the number of reviews", (0.1, 0.5), YOU, neutral=0.0,
    unit="elasticity", role="tuned", conditions="the weight of the count in choice is from there",
)  # fmt: skip
def volume(m: Markets) -> float:
    """Panel regression of log orders in 28 days on log reviews and log stars of the evening
    before, listing and period fixed effects: the coefficient of reviews."""
    return _panel(m["base"])[0]


@finding(
    "D6-stars", "elasticity of sales to mean stars", (0.2, 0.9), YOU, neutral=0.0,
    unit="elasticity", role="tuned", conditions="the weight of stars in choice is from there",
    why="As D4: the rank multiplies what stars do to choice, whose weight was taken from this "
    "very source.",
)  # fmt: skip
def valence(m: Markets) -> float:
    """The regression of D6: the coefficient of stars."""
    return _panel(m["base"])[1]


def _conversion(seen: Seen) -> float:
    """Orders per examination of the listings, in weeks in which their own reviews are few."""
    looks = _acted(seen, "examined").sum()
    return float(_acted(seen, "orders").sum() / looks) if looks else float("nan")


@finding(
    "D9", "five reviews against none", (2.0, 5.0), SPIEGEL, neutral=1.0, role="tuned",
    markets=("no reviews", "five reviews"), unit="ratio", kind="paired",
    conditions="listings enter with 0 or 5 older reviews; first four weeks",
)  # fmt: skip
def first_five(m: Markets) -> float:
    """Orders per examination with 5 older reviews over the same with none."""
    return _conversion(m["five reviews"]) / _conversion(m["no reviews"])


@finding(
    "D9-concave", "most of the lift comes from the first few", (0.0, ANY), SPIEGEL, neutral=0.0,
    markets=("no reviews", "five reviews", "fifty reviews"), unit="conversion", kind="paired",
    role="tuned", conditions="as D9; how fast the lift is reached is from there",
    why="The sign is right in most seeds; sales of four listings in four weeks leave much to "
    "luck.",
)  # fmt: skip
def concave(m: Markets) -> float:
    """Gain of conversion from 0 to 5 reviews less the gain from 5 to 50."""
    none, five, fifty = (
        _conversion(m[name]) for name in ("no reviews", "five reviews", "fifty reviews")
    )
    return (five - none) - (fifty - five)


@finding(
    "D11", "one star hurts more than five stars help", (0.0, ANY),
    "Chevalier & Mayzlin 2006, Journal of Marketing Research 43", neutral=0.0, kind="paired",
    markets=("as many", "one star more", "five stars more"), unit="log points",
    conditions="4 more one-star or five-star reviews beside 40",
    why="Low stars count twice, in the mean and among the newest on the page, but four "
    "reviews of 44 are soon behind others: too little to be told from luck in most seeds.",
)  # fmt: skip
def asymmetry(m: Markets) -> float:
    """Log orders lost by the one-star reviews less log orders won by the five-star ones."""
    lost = -_log_ratio(m, "one star more", "as many")
    return lost - _log_ratio(m, "five stars more", "as many")


@finding(
    "D3", "premium of an established store", (0.04, 0.12),
    "Resnick et al. 2006, Experimental Economics 9: 8.1 % of the price", neutral=0.0, unit="share",
    conditions="taken from the choice rule, as no price is bid here",
    why="A store without feedback is taken as typical: only the share of positive feedback is "
    "weighed, not that there is any. The premium of being known lies with listings (D9).",
)  # fmt: skip
def premium(m: Markets) -> float:
    """Rise of price that makes up for the median store's score against a store without feedback:
    weight of the store score times its lead, over the weight of log price, mean over segments."""
    from sim.rules.choice import TYPICAL_STORE

    seen = m["base"]
    lead = np.median(seen.stores["score"][seen.stores["score"] >= 0]) - TYPICAL_STORE
    rises = [(s.share, np.expm1(s.store * lead / -s.price)) for s in seen.market.choice.segments]
    return float(np.average([r for _, r in rises], weights=[share for share, _ in rises]))
