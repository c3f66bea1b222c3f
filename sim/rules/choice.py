"""Choice among the examined listings and buying nothing: a multinomial logit as a race.

Each alternative finishes at an exponential time with rate exp(utility), drawn by its own key; the
first wins. Winning chances are those of the logit (Luce 1959; McFadden 1974), and a change of one
listing's utility moves only trips to or from it, which keeps two worlds paired.

What moves utility: stars (You et al. 2015; Luca 2016), number of reviews, most of it from the
first few (Spiegel Research Center 2017), recent low stars (Chevalier & Mayzlin 2006), the store's
feedback score (Resnick et al. 2006), own experience.
"""

import numpy as np

from sim.jit import rule

TYPICAL_STARS = 4.2
TYPICAL_STORE = 0.95


@rule
def first_reviews(n_reviews, utility, scale):
    """Utility of having reviews at all: rises to ``utility`` within a few ``scale``."""
    return utility * (1.0 - np.exp(-n_reviews / scale))


@rule
def utility(
    log_price, stars, n_reviews, low_share, store_score, having_reviews,
    w_price, w_stars, w_count, w_low, w_store,
):  # fmt: skip
    """Utility of a listing to a segment, before taste and own experience.

    ``log_price`` over the category's usual price; ``stars`` 0 = none shown, taken as typical;
    ``store_score`` share of positive feedback, below 0 = none yet, taken as typical.
    """
    v = w_price * log_price + w_count * np.log(1.0 + n_reviews) + having_reviews
    if stars > 0.0:
        v += w_stars * (stars - TYPICAL_STARS)
    v += w_low * low_share
    if store_score >= 0.0:
        v += w_store * (store_score - TYPICAL_STORE)
    return v


@rule
def remembered(stars, days_ago, weight, half_life):
    """Utility of own experience: felt store stars above 3, fading."""
    return weight * (stars - 3.0) * np.exp2(-days_ago / half_life)


@rule
def soonest(u, attraction, personal):
    """A time before ``race_time``, and near it, without logarithm and exponential.

    From -log(u) >= 2 (1 - u) / (1 + u) and exp(-x) >= (1 - x / 4)^4 where x <= 4; the margin is
    wider than any rounding. Who could not have won by then has not won.
    """
    root = max(0.0, 1.0 - 0.25 * personal)
    square = root * root
    return (2.0 - 1e-9) * (1.0 - u) * square * square / (attraction * (1.0 + u))


@rule
def race_time(u, attraction, personal):
    """Finishing time of an alternative: exponential with rate attraction * exp(personal)."""
    return -np.log(u) * np.exp(-personal) / attraction
