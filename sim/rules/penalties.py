"""Penalties: when a gate is breached, which penalty is due, how long it lasts, points of a year.

Repeated offences weigh more within a calendar year (rules of JD on induced ratings and of Tmall on
harassment); points end with the year, but for those that are carried over or kept (Taobao).
"""

import numpy as np

from sim.jit import rule
from sim.state import (
    ADD_POINTS,
    BLOCK_REVIEWS,
    CHARGE,
    CLOSE,
    DEACTIVATE,
    LOWER_POLICY_SCORE,
    REMOVE,
    WIPE_REVIEWS,
)

DAYS_OF_YEAR = 365


@rule
def calendar_year(day):
    """Calendar year of a recorded day from 0: day 1 is 1 January of the first; no leap years."""
    return (day - 1) // DAYS_OF_YEAR


@rule
def crosses(value, whole, limit, is_above, at_least):
    """Does a measure stand beyond its gate's limit? Not without a value or with too few in it."""
    if np.isnan(value) or whole < at_least:
        return False
    return value > limit if is_above else value < limit


@rule
def in_turn(times, first_time, last_time):
    """Is a penalty meant for so many times in a year?"""
    return first_time <= times <= last_time


@rule
def happens_once(do):
    """Is it done when a gate is crossed, and not again while it stays breached?"""
    once = do == ADD_POINTS or do == CHARGE or do == LOWER_POLICY_SCORE or do == REMOVE
    return once or do == CLOSE or do == DEACTIVATE or do == WIPE_REVIEWS or do == BLOCK_REVIEWS


@rule
def lasts_until(day, days, otherwise):
    """Last day of a penalty of tonight, which begins tomorrow; 0 days = as long as otherwise."""
    return day + days if days > 0 else otherwise


@rule
def reaches(before, after, at):
    """Is a step of points reached now? Not where it had been reached before."""
    return before < at <= after


@rule
def points_of_new_year(points, carried_from, carried, kept_from):
    """Points with which a year begins, from those at the end of the last."""
    if points >= kept_from:
        return points
    return carried if points >= carried_from else 0.0
