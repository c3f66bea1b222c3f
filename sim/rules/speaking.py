"""Whether, when and with how many stars people speak.

Extremes speak more than the middle, and the very satisfied more than the mildly unhappy (Hu,
Pavlou & Zhang 2009; Dellarocas & Wood 2008). Prompts bring the middle back: unprompted, moderates
fall silent first, and a reminder makes reviews less extreme (Brandes, Godes & Mayzlin 2022;
Askalidis, Kim & Malthouse 2017). A decision is a threshold on one latent uniform: a prompt raises
the threshold, it never tosses the coin again. Said stars are felt stars plus leniency, pulled a
little toward what is displayed (Moe & Trusov 2011) and the newest reviews (Han & Anderson).
"""

import numpy as np

from sim.jit import rule
from sim.state import NEVER


@rule
def propensity(base, stars, voice, curve, lift):
    """Chance to post for felt stars 1..5; ``curve`` float64[5] in units of the base rate.

    ``lift`` is the product of what prompts do, 1 = none. It adds the same to everybody's curve,
    whatever the experience was, so the middle gains most for its size.
    """
    return min(1.0, base * max(0.0, curve[stars - 1] + (lift - 1.0)) * voice)


@rule
def delay_days(z, median, sd):
    """Days until a post is written, at least 1 (log-normal, z standard normal)."""
    return max(1, int(np.rint(median * np.exp(sd * z))))


@rule
def reminder_day(placed, promised, after_promise, after_order):
    """Day of the platform's reminder: so long after promise or order, whichever is earlier."""
    return min(promised + after_promise, placed + after_order)


@rule
def post_day(u, chance, reminded, day, reminder, delay):
    """Day on which a post is due, or NEVER: spontaneous if u is below the chance, after the
    reminder if it is below the chance of those ``reminded``."""
    if u < chance:
        return day + delay
    if u < reminded:
        return max(day, reminder) + delay
    return NEVER


@rule
def stars_met(displayed, newest, nearby):
    """Stars that pull what a reviewer says, 0 = none: those displayed, in part (``nearby``) those
    of the newest reviews (0 = none stands)."""
    if displayed <= 0.0 or newest <= 0.0:
        return displayed
    return (1.0 - nearby) * displayed + nearby * newest


@rule
def said_latent(latent, leniency, noise, shown_stars, felt, conformity, per_star):
    """Latent opinion as said; ``shown_stars`` 0 = nothing displayed."""
    said = latent + leniency + noise
    if shown_stars > 0.0:
        said += conformity * per_star * (shown_stars - felt)
    return said
