"""How often a user goes shopping: Poisson trips at a personal gamma rate.

Purchases are then negative binomial over users (Ehrenberg's NBD; Goodhardt & Ehrenberg 1967).
"""

import numpy as np

from sim.jit import rule

MOST_TRIPS = 8
"""Trips of one user on one day are cut here; at 25 a year the chance of more is below 1e-13."""


@rule
def trips_on_day(rate, u):
    """Number of trips: P(at least k) for a Poisson count with this mean, inverted at u.

    Zero whenever u >= rate, as P(at least 1) = 1 - exp(-rate) < rate; so who goes shopping can be
    found by one comparison, and the rest looked at closely.
    """
    term = np.exp(-rate)
    more = 1.0 - term
    n = 0
    while n < MOST_TRIPS and u < more:
        n += 1
        term *= rate / n
        more -= term
    return n


@rule
def trip_category(cdf, u):
    """Category of a trip, an index, for a uniform u."""
    c = 0
    while c < cdf.size - 1 and u >= cdf[c]:
        c += 1
    return c
