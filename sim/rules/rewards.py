"""Money for reviews: what the promise of a reward does, and when a bought review is found.

Money raises the number of reviews (Burtch et al. 2018); a rebate hardly raises the number of
feedbacks, but cuts negatives where delivery is slow (Cabral & Li 2015): what is said is kinder.
Many bought reviews are found and deleted, months later (He, Hollenbeck & Proserpio 2022). Sizes
are assumed (ranges in ``sim/config/people.py`` and ``sim/config/form.py``).
"""

import numpy as np

from sim.jit import rule
from sim.state import NEVER


@rule
def reach(cents, scale):
    """How far a reward goes toward what one without end would do, 0..1; ``scale`` USD."""
    return 1.0 - np.exp(-cents / (100.0 * scale))


@rule
def reward_effect(effect, reached):
    """What a reward multiplies a propensity by, where one without end does ``effect``."""
    return 1.0 + (effect - 1.0) * reached


@rule
def found_day(day, u_found, share, u_delay, mean):
    """Day on which the platform deletes a review bought on ``day``, or NEVER.

    A ``share`` is found in the end, after days that are exponential with this ``mean``.
    """
    if u_found >= share:
        return NEVER
    return int(min(float(NEVER), day + max(1.0, np.ceil(-np.log(u_delay) * mean))))
