"""What shoppers see: displayed stars of a listing, score of a store.

Displayed stars weigh recency and verification (Amazon's ratings help: both are used, the weights
are not public). Store score: positive / all feedback over 12 months if more than 10, else ever.
"""

import numpy as np

from sim.jit import rule


def decay(half_life_days: float) -> float:
    """Factor by which a weight with this half-life falls in a day; worked out once a run."""
    return 2.0 ** (-1.0 / half_life_days)


@rule
def displayed_stars(weighted_stars, weight, n_reviews):
    """Stars shown, rounded to 0.1; 0 = none, as no review has a weight."""
    if n_reviews == 0 or weight <= 0.0:
        return 0.0
    return np.floor(10.0 * weighted_stars / weight + 0.5) / 10.0


@rule
def store_score(positive, rated, positive_ever, rated_ever, min_count):
    """Share of positive feedback shown, or -1 when there is none."""
    if rated > min_count:
        return positive / rated
    return positive_ever / rated_ever if rated_ever > 0 else -1.0


@rule
def low_share(n_low, n_shown):
    """Share of one- and two-star reviews among the newest on the page; 0 when there are none."""
    return n_low / n_shown if n_shown > 0 else 0.0


@rule
def is_low(stars):
    """Does a review put shoppers off?"""
    return stars <= 2
