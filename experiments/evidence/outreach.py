"""Findings on what sellers' answers and requests, and the platform's reminders, do."""

from __future__ import annotations

import numpy as np

from experiments.estimators import stars_said
from experiments.evidence.finding import ANY, Markets, finding, unmeasured
from experiments.evidence.seen import Seen
from sim.state import ARRIVED, CHANGED, DAMAGED_ITEM, DELETED, FEEDBACK, WRONG

PROSERPIO = "Proserpio & Zervas 2017, Marketing Science (hotels): + .12 star, + 12 % reviews"
ABELER = "Abeler, Calaki, Andree & Basek 2010, Economics Letters: 45 % and 21 % withdrew"
_READERS = (
    "Replies are read by shoppers, who forgive a low review in part; authors do not know whether a "
    "store replies. So more is sold of weaker listings, and that alone moves what is written."
)


def _per_order(seen: Seen, rows: np.ndarray) -> float:
    return float(rows.sum() / len(seen.orders))


def _more_stars(m: Markets, name: str) -> float:
    return stars_said(m[name].reviews.stars).mean - stars_said(m["base"].reviews.stars).mean


@finding(
    "G1", "replying raises ratings", (0.05, 0.20), PROSERPIO, neutral=0.0, kind="paired",
    markets=("base", "replies"), unit="stars", why=_READERS,
)  # fmt: skip
def replies_stars(m: Markets) -> float:
    """Mean stars of reviews where all stores reply to all reviews, less base."""
    return _more_stars(m, "replies")


def _more_reviews(m: Markets) -> float:
    counts = [_per_order(m[name], m[name].reviews.verified) for name in ("replies", "base")]
    return counts[0] / counts[1] - 1.0


@finding(
    "G1-volume", "replying raises the number of reviews",
    (0.05, 0.20), PROSERPIO, neutral=0.0, kind="paired",
    markets=("base", "replies"), unit="share", why=_READERS,
)  # fmt: skip
def replies_volume(m: Markets) -> float:
    """Relative change of reviews by buyers per order where all stores reply to all reviews."""
    return _more_reviews(m)


@finding(
    "G2", "replying raises the number of reviews elsewhere too", (0.0, ANY),
    "Chen, Gu, Ye & Zhu 2019, Information Systems Research 30", neutral=0.0, kind="paired",
    markets=("base", "replies"), unit="share", why=_READERS,
)  # fmt: skip
def replies_volume_again(m: Markets) -> float:
    """As G1-volume; its effect on stars is disputed."""
    return _more_reviews(m)


@finding(
    "G3", "replying also stimulates negative reviews", (0.0, ANY),
    "Chevalier, Dover & Mayzlin 2018, Marketing Science", neutral=0.0, kind="paired",
    markets=("base", "replies"), unit="share", why=_READERS,
    conditions="here by what is sold: replies let more be sold of weaker listings (see G1)",
)  # fmt: skip
def replies_negative(m: Markets) -> float:
    """Relative change of one- and two-star reviews by buyers per order where stores reply."""
    low = {
        name: _per_order(seen, seen.reviews.verified & (seen.reviews.stars <= 2))
        for name, seen in m.items()
    }
    return low["replies"] / low["base"] - 1.0


WANG = "Wang & Chaudhry 2018, Journal of Marketing Research"


@finding(
    "G4", "replying to the negatives raises later opinion", (0.0, ANY), WANG, neutral=0.0,
    kind="paired", markets=("base", "replies to low"), unit="stars", why=_READERS,
)  # fmt: skip
def replies_to_low(m: Markets) -> float:
    """Mean stars of reviews where all stores reply to reviews of 1 to 3 stars, less base."""
    return _more_stars(m, "replies to low")


@finding(
    "G4-positive", "replying to the positives lowers it", (-ANY, 0.0), WANG, neutral=0.0,
    kind="paired", markets=("base", "replies to high"), unit="stars",
    why="A reply weighs on low reviews alone; nobody is put off by thanks for a good one.",
)  # fmt: skip
def replies_to_high(m: Markets) -> float:
    """Mean stars of reviews where all stores reply to reviews of 4 and 5 stars, less base."""
    return _more_stars(m, "replies to high")


MA = "Ma, Sun & Kekre 2015, Marketing Science (a telecom on Twitter)"


def _gone_wrong(seen: Seen) -> np.ndarray:
    o = seen.orders
    late = ((o["marks"] & ARRIVED) != 0) & (o["delivered"] > o["promised"])
    return late | (o["trouble"] == DAMAGED_ITEM) | (o["trouble"] == WRONG)


def _complaints(seen: Seen) -> float:
    total = seen.tables["market"]["complaints"].sum()
    return float(total / _gone_wrong(seen).sum())


@finding(
    "G5", "who sees complaints answered complains more", (0.0, ANY), MA, neutral=0.0,
    kind="paired", markets=("no care", "much care"), unit="share",
    why="Whether to complain follows from how bad it was alone: customers do not learn which store "
    "answers.",
)  # fmt: skip
def complaining(m: Markets) -> float:
    """Relative change of complaints per order gone wrong between no care and the best."""
    return _complaints(m["much care"]) / _complaints(m["no care"]) - 1.0


@finding(
    "G5-net", "complaints answered, satisfied in the end",
    (0.0, ANY), MA, neutral=0.0, kind="paired",
    markets=("no care", "much care"), unit="stars",
)  # fmt: skip
def satisfaction(m: Markets) -> float:
    """Mean felt stars of service, in the end, of orders gone wrong: best care less none."""
    felt = []
    for name in ("much care", "no care"):
        seen = m[name]
        stars = seen.felt(seen.orders["service"][_gone_wrong(seen)])
        felt.append(stars[stars > 0].mean())
    return float(felt[0] - felt[1])


def withdrawn(seen: Seen) -> float:
    """Share of negative feedback that its author deleted, or changed to something better."""
    posts = seen.posts
    low = posts[(posts["channel"] == FEEDBACK) & (posts["first_stars"] <= 2)]
    better = (low["status"] == CHANGED) & (low["stars"] > 2)
    return float(np.mean((low["status"] == DELETED) | better)) if len(low) else float("nan")


@finding(
    "R7", "outreach makes some authors withdraw", (0.10, 0.25),
    "eBay disputes and laboratory (survey by Sterner): 16 % of negatives withdrawn", neutral=0.0,
    markets=("recover",), unit="share", conditions="all stores apologise in their own tone",
    why="Every store answers every negative within a day here; on eBay many did nothing.",
)  # fmt: skip
def withdrawn_after_outreach(m: Markets) -> float:
    """Share of negative feedback that its author deleted, or changed to something better."""
    return withdrawn(m["recover"])


@finding(
    "G6", "nearly half withdraw after an apology", (0.35, 0.55), ABELER, markets=("apologies",),
    unit="share", role="input",
    why="The chance is that of the source for an apology at once; here it is read a day "
    "later, halves in a week, and a clumsy one makes it worse.",
)  # fmt: skip
def after_apology(m: Markets) -> float:
    """Share of negative feedback withdrawn or raised, apologies within a day."""
    return withdrawn(m["apologies"])


@finding(
    "G6-money", "fewer for money", (0.10, 0.30), ABELER, markets=("money",), unit="share",
    role="input",
)  # fmt: skip
def after_money(m: Markets) -> float:
    """Share of negative feedback withdrawn or raised, the price given back."""
    return withdrawn(m["money"])


def _rate(seen: Seen) -> float:
    t = seen.tables["sellers"]
    return float(t["defects"].sum() / t["orders"].sum())


@finding(
    "G6-rate", "apologies lower the order defect rate more than money", (-ANY, 0.0), ABELER,
    neutral=0.0, kind="paired", markets=("apologies", "money"), unit="log points",
)  # fmt: skip
def apology_or_money(m: Markets) -> float:
    """Log of the order defect rate of all stores with apologies over the same with money back."""
    return float(np.log(_rate(m["apologies"]) / _rate(m["money"])))


@finding(
    "G9", "a reminder makes what is said less extreme", (-ANY, 0.0),
    "Brandes, Godes & Mayzlin 2022, Journal of Marketing Research", neutral=0.0, kind="paired",
    markets=("early reminder", "no reminder"), unit="share",
)  # fmt: skip
def extremity(m: Markets) -> float:
    """Share of one- and five-star feedback with an early reminder less without any."""
    found = [
        stars_said(m[name].feedback.stars).shares for name in ("early reminder", "no reminder")
    ]
    return float(found[0][0] + found[0][4] - found[1][0] - found[1][4])


unmeasured(
    "G7", "compensation in public invites more negatives", "Journal of Research in Interactive "
    "Marketing 20(3), 2025", "not applicable", "Replies in public offer nothing here.",
)  # fmt: skip


@finding(
    "G11", "money raises the number of reviews more than norms do", (0.0, ANY),
    "Burtch, Hong, Bapna & Griskevicius 2018, Management Science 64", neutral=0.0, kind="paired",
    markets=("asked", "large rewards"), unit="share", role="input",
    conditions="10 USD against a request without money; the length of texts is left out",
)  # fmt: skip
def money_or_words(m: Markets) -> float:
    """Relative change of reviews by buyers per order where all stores promise 10 USD for one,
    against a request alone."""
    counts = [_per_order(m[n], m[n].reviews.verified) for n in ("large rewards", "asked")]
    return counts[0] / counts[1] - 1.0


unmeasured(
    "G12", "revealing ratings at once", "Fradkin, Grewal & Holtz 2021", "not applicable",
    "Two-sided sites alone.",
)  # fmt: skip
