"""Complaints, returns, claims and chargebacks: what an unhappy customer does first.

An unhappy customer asks the seller; kindness, money and speed settle it (apology against money:
Abeler et al. 2010); who is left alone or refused may claim. Rules: Amazon seller help 27951 and
Q6762Y9AB2FYDY8. Every decision is a threshold on a latent uniform.
"""

import numpy as np

from sim.jit import rule


@rule
def answered_well(tone, refund, delay, tone_settles, refund_settles, half_life):
    """Chance that an answer settles a complaint; kindness first, money on what is left."""
    unsettled = (1.0 - tone_settles * tone) * (1.0 - refund_settles * refund)
    return (1.0 - unsettled) * np.exp2(-delay / half_life)


@rule
def may_claim(day, promised, window):
    """Is the window for claims still open today?"""
    return day <= promised + window


@rule
def claim_granted(answered, refunded_all, at_fault, granted_unanswered):
    """Is a claim decided against the seller?

    Granted when the seller never answered (where the platform says so) or was at fault: late,
    damaged, wrong or never arrived, and has not given the money back.
    """
    if refunded_all:
        return False
    return (granted_unanswered and not answered) or at_fault


@rule
def worst_stars(service_stars, product_stars, product_known):
    """Severity of an experience: the lower of the two felt stars."""
    return min(service_stars, product_stars) if product_known else service_stars
