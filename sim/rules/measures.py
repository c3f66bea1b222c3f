"""What a platform makes of its counts: shares, scores of conduct, ranks among peers, points.

Shares of orders with a trouble in a window: Amazon account health, eBay seller standards, Wish
refund standards. Score of conduct: Amazon account health rating, 0 to 1,000, 200 to begin with,
4 more for every 200 orders. Points +1, 0, -1, at most so many from one customer in a month of
order dates, and one for several alike about one item: Taobao credit rules. Ranks among peers, and
values by rank: JD shop stars. What these platforms do not publish is the reading of the model.
"""

import numpy as np

from sim.jit import rule

MONTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
DAYS_OF_YEAR = 365


@rule
def month_of_year(day):
    """Month 1..12 of a day; day 1 is 1 January, and every year has 365 days."""
    left, month = (day - 1) % DAYS_OF_YEAR, 1
    for length in MONTHS:
        if left < length:
            break
        left -= length
        month += 1
    return month


@rule
def month_of(day):
    """Months from January of the first year to that of a day; negative in the past."""
    return 12 * ((day - 1) // DAYS_OF_YEAR) + month_of_year(day) - 1


@rule
def class_points(positive, negative):
    """Points of a rating: 1 for a good one, -1 for a bad one."""
    return int(positive) - int(negative)


@rule
def points_within(points, before, most):
    """What these points add to those of a customer's month before, which count to at most ``most``.

    The sum over a month is the smaller of its points and ``most`` (0 = no limit).
    """
    if most == 0:
        return points
    return min(most, before + points) - min(most, before)


@rule
def share_of_orders(part, whole, spared, min_count):
    """Share of orders with a mark, of which some are spared; NaN with too few orders."""
    if whole == 0 or whole < min_count:
        return np.nan
    return max(0, part - spared) / whole


@rule
def mean_of_ratings(part, whole, min_count):
    """Mean over ratings; NaN with too few."""
    if whole == 0 or whole < min_count:
        return np.nan
    return part / whole


@rule
def sum_of_ratings(part, whole, min_count):
    """Sum over ratings, 0 of none; NaN with too few."""
    return np.nan if whole < min_count else float(part)


@rule
def conduct(start, gain, gain_orders, orders, lost, most):
    """Score of conduct: the start, more for every so many orders, less what violations cost."""
    return max(0.0, min(most, start + gain * (orders // gain_orders) - lost))


@rule
def rank_among(peers, own, is_peer):
    """Share of the others that are worse, ties half; 0.5 without others, NaN without a value.

    ``peers`` are sorted, better ones last; ``is_peer`` whether one's own value is among them.
    """
    if np.isnan(own):
        return np.nan
    worse = np.searchsorted(peers, own, side="left")
    alike = np.searchsorted(peers, own, side="right") - worse - is_peer
    others = peers.size - is_peer
    return (worse + 0.5 * alike) / others if others > 0 else 0.5


@rule
def between(rank, worst, best):
    """A rank as a value between those of the worst and the best."""
    return worst + (best - worst) * rank


@rule
def stepped(rank, ranks, values):
    """Value of the highest step that a rank reaches; NaN below the first, or without a rank."""
    shown = np.nan
    for k in range(ranks.size):
        if rank >= ranks[k]:
            shown = values[k]
    return shown


@rule
def shown_score(value, best):
    """A measure as the store's score, 0..1, as shares of positive feedback are; -1 = none."""
    return -1.0 if np.isnan(value) else min(1.0, max(0.0, value / best))
