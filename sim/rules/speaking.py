"""Whether, when and with how many stars people speak.

Extremes speak more than the middle, and the very satisfied more than the mildly unhappy (Hu,
Pavlou & Zhang 2009; Dellarocas & Wood 2008). A decision is a threshold on one latent uniform: a
reminder or a request raises the threshold, it never tosses the coin again. Said stars are felt
stars plus leniency, pulled a little toward what is displayed (Moe & Trusov 2011).
"""

import numpy as np

from sim.jit import rule
from sim.state import NEVER


@rule
def propensity(base, stars, voice, curve):
    """Chance to post for felt stars 1..5; ``curve`` float64[5] multiplies the base rate."""
    return min(1.0, base * curve[stars - 1] * voice)


@rule
def delay_days(z, median, sd):
    """Days until a post is written, at least 1 (log-normal, z standard normal)."""
    return max(1, int(np.rint(median * np.exp(sd * z))))


@rule
def reminder_day(placed, promised, after_promise, after_order):
    """Day of the platform's reminder: so long after promise or order, whichever is earlier."""
    return min(promised + after_promise, placed + after_order)


@rule
def post_day(u, chance, lift, day, reminder, delay):
    """Day on which a post is due, or NEVER: spontaneous if u is below the chance, after the
    reminder if it is below the lifted chance."""
    if u < chance:
        return day + delay
    if u < min(1.0, chance * lift):
        return max(day, reminder) + delay
    return NEVER


@rule
def said_latent(latent, leniency, noise, shown_stars, felt, conformity, per_star):
    """Latent opinion as said; ``shown_stars`` 0 = nothing displayed."""
    said = latent + leniency + noise
    if shown_stars > 0.0:
        said += conformity * per_star * (shown_stars - felt)
    return said
