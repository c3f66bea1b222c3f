"""What shoppers see: displayed stars of a listing, score of a store.

Displayed stars weigh recency and verification (Amazon's ratings help: both are used, the weights
are not public). Platforms differ, so reviews may never fade, or be taken together with a prior (a
Bayesian mean). Store score: positive / all feedback over 12 months if more than 10, else ever.
"""

import numpy as np

from sim.jit import rule


def decay(half_life_days: float | None) -> float:
    """Factor by which a weight with this half-life (None = it never falls) falls in a day."""
    return 1.0 if half_life_days is None else 2.0 ** (-1.0 / half_life_days)


@rule
def displayed_stars(weighted_stars, weight, n_reviews, prior_stars, prior_reviews):
    """Stars shown, rounded to 0.1; 0 = none, as no review has a weight.

    ``prior_reviews`` of ``prior_stars`` are added before the mean is taken, 0 = the plain mean.
    """
    if n_reviews == 0 or weight <= 0.0:
        return 0.0
    mean = 10.0 * (weighted_stars + prior_reviews * prior_stars) / (weight + prior_reviews)
    return np.floor(mean + 0.5) / 10.0


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
