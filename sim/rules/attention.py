"""How many results a shopper examines: pages opened, then places on the last page.

Sources: share of searchers who open page 2, 3, 4 (Compete, Sept 2014); clicks by position fall
as a power of it (AOL log; position bias on Amazon: Information Economics and Policy 69, 2024).
"""

from __future__ import annotations

import numpy as np

from sim.jit import rule

MAX_EXAMINED = 16
"""At most this many listings are examined on a trip."""


def depth_cdf(
    page_size: int, next_page: tuple[float, ...], exponent: float, most: int
) -> np.ndarray:
    """Distribution of the number of listings examined on a trip.

    Page n + 1 is opened with chance ``next_page[n - 1]`` (the last value repeats); of the last
    opened page at least k places are examined with chance k ** -exponent. Returns float64[most]:
    entry d - 1 is P(depth <= d); what would go beyond ``most`` stops there.
    """
    pmf = np.zeros(most)
    opened = 1.0
    for page, first in enumerate(range(0, most, page_size)):
        onward = next_page[min(page, len(next_page) - 1)] if first + page_size < most else 0.0
        places = np.arange(1, page_size + 1)
        at_least = np.append(places**-exponent, 0.0)
        depths = np.minimum(first + places, most)
        np.add.at(pmf, depths - 1, opened * (1.0 - onward) * -np.diff(at_least))
        opened *= onward
    cdf = np.cumsum(pmf)
    cdf[-1] = 1.0
    return cdf


@rule
def depth(cdf, u):
    """Number of listings examined, 1..len(cdf), for a uniform u."""
    d = 1
    for k in range(cdf.size - 1):  # all of it, as where to stop could not be guessed
        d += u >= cdf[k]
    return d


@rule
def pages_opened(examined, page_size):
    """Pages of results opened by a trip that examined so many listings."""
    return (examined + page_size - 1) // page_size
