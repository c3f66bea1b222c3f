"""The order defect rate (rule 3 in README): which order dates count and when it is acted upon.

Window of order dates and limit: Amazon seller help G200285170; lag: account health report sample.
Order volume is considered; how is not public, so: a minimum of orders and of defects, and a
one-sided lower bound (Wilson 1927) that must exceed the limit. Each can be switched off.
"""

import numpy as np

from sim.jit import rule


@rule
def window(day, window_days, lag_days):
    """First and last order date that count tonight, both included."""
    last = day - lag_days
    return last - window_days + 1, last


@rule
def wilson_lower(defects, orders, z):
    """Lower bound of the share defects / orders at the one-sided normal quantile z."""
    if orders == 0:
        return 0.0
    share = defects / orders
    z2 = z * z / orders
    spread = z * np.sqrt(share * (1.0 - share) / orders + z2 / (4.0 * orders))
    return (share + z2 / 2.0 - spread) / (1.0 + z2)


@rule
def breached(defects, orders, limit, min_orders, min_defects, z):
    """Is the limit exceeded so clearly that the platform acts? z = 0 takes the plain rate."""
    if orders == 0 or orders < min_orders or defects < min_defects:
        return False
    return wilson_lower(defects, orders, z) > limit
