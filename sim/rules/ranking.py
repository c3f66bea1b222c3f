"""The score by which results are ordered: components shrunk, scaled within the category, added.

Order of weights: reconstructions by sellers (velocity and conversion first, then reviews and
price); no platform publishes values. Shrinking to the category's mean keeps one lucky order from
ruling the rank; scaling makes weights comparable and parts add up.
"""

import numpy as np

from sim.jit import rule


@rule
def shrunk(total, exposure, prior, category_mean):
    """Mean total / exposure, drawn to the category's by ``prior`` units of exposure.

    Where there is neither exposure nor prior it is the category's.
    """
    if exposure + prior <= 0.0:
        return category_mean
    return (total + prior * category_mean) / (exposure + prior)


@rule
def relative_velocity(orders, prior, category_mean):
    """Log of recent orders over the category's mean, both with ``prior`` orders added."""
    return np.log((orders + prior) / (category_mean + prior))


@rule
def scaled(value, mean, sd):
    """Value in standard deviations of its category; 0 where all are the same."""
    return (value - mean) / sd if sd > 1e-12 else 0.0


@rule
def new_boost(age_days, new_days, boost):
    """Score added to a new listing: ``boost`` at age 0, nothing from ``new_days`` on."""
    if age_days >= new_days:
        return 0.0
    return boost * (1.0 - age_days / new_days)


@rule
def log_count(n_reviews):
    """Number of reviews as it enters the score."""
    return np.log(1.0 + n_reviews)
