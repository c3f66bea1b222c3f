"""How often a user goes shopping, and for what: Poisson trips at a personal gamma rate.

Purchases are then negative binomial over users (Ehrenberg's NBD; Goodhardt & Ehrenberg 1967).
Weeks differ by season, for all, and by fashion, for a category; neighbouring weeks are alike, as
Olist's are (correlation .49 of weekly orders about their trend).
"""

import numpy as np

from sim.jit import rule

GUIDE = 256
"""Entries of the guide to a trip's category; a power of two, so that none is too far."""
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
def swing(z_week, z_before, sd):
    """Factor of a week, mean 1: log-normal, half of it shared with the week before."""
    return np.exp(sd * (z_week + z_before) / np.sqrt(2.0) - 0.5 * sd * sd)


@rule
def trip_category(cdf, guide, u):
    """Category of a trip, an index, for a uniform u; ``cdf`` need not end at 1.

    ``guide`` holds the categories of evenly spaced u, none too far (see ``category_guide``): the
    search starts there and mostly ends there too.
    """
    c = guide[int(u * guide.size)]
    while c < cdf.size - 1 and u * cdf[-1] >= cdf[c]:
        c += 1
    return c


@rule
def category_guide(cdf):
    """Categories (int64[GUIDE]) of the uniforms 0, 1 / GUIDE, 2 / GUIDE..."""
    guide, c = np.empty(GUIDE, np.int64), 0
    for k in range(GUIDE):
        while c < cdf.size - 1 and k / GUIDE * cdf[-1] >= cdf[c]:
            c += 1
        guide[k] = c
    return guide
