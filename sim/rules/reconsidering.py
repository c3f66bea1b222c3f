"""What a seller's message about a post makes its author do (rule 7 in README).

Nearly 45 % withdrew a bad evaluation after an apology, 21 % for money (Abeler, Calaki, Andree &
Basek 2010). The effect halves with delay; a clumsy message costs a star.
"""

import numpy as np

from sim.jit import rule

UNMOVED, CHANGES, DELETES, WORSE = range(4)


@rule
def reaction(u, effect, delay, half_life, clumsy_share, u_delete, delete_share, change, delete):
    """What the author does: UNMOVED, CHANGES, DELETES or WORSE.

    ``effect`` is the chance to be won over without delay; ``change`` and ``delete`` say what the
    platform still allows. Low u is won over, high u is put off, so no draw means both.
    """
    if u < effect * np.exp2(-delay / half_life):
        if delete and (u_delete < delete_share or not change):
            return DELETES
        return CHANGES if change else UNMOVED
    if u >= 1.0 - clumsy_share and change:
        return WORSE
    return UNMOVED


@rule
def changed_stars(stars, happier_stars, step=1):
    """Stars after being won over: what the mended experience is worth, at least ``step`` more."""
    return min(5, max(stars + step, happier_stars))
