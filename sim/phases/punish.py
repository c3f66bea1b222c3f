"""Punish: what the platform does to a seller that was found out, crossed a gate or has the points.

Only writes what is to be done: accounts are judged, reviews removed and listings shown later in the
evening, so that the order of penalties within it changes nothing. Rules: penalties.
"""

import numpy as np

from sim.jit import rule
from sim.phases.common import book_row, record_row
from sim.phases.ledger import note_penalty
from sim.rules.account import is_closed
from sim.rules.penalties import (
    calendar_year,
    in_turn,
    lasts_until,
    points_of_new_year,
    reaches,
)
from sim.state import (
    ADD_POINTS,
    BLOCK_REVIEWS,
    CHARGE,
    CLOSE,
    DEACTIVATE,
    DELIST,
    EXPOSE,
    HIDE,
    HOLD_PAYOUT,
    LOWER_POLICY_SCORE,
    NEVER,
    NOBODY,
    PAY_REFUNDS,
    PUT_AT_RISK,
    REMOVE,
    TO_CLOSE,
    TO_DEACTIVATE,
    UNFEATURE,
    WIPE_REVIEWS,
)


@rule
def count_time(table, row, column, day):
    """Once more in this calendar year; returns how often by now. ``table``: gated, offences."""
    year = calendar_year(day)
    if table.year[row, column] != year:
        table.year[row, column], table.times[row, column] = year, 0
    table.times[row, column] += 1
    return table.times[row, column]


@rule
def turn_year(w, seller, day):
    """Where a new calendar year has begun, points begin anew."""
    s, p, year = w.sellers, w.p, calendar_year(day)
    if s.points_year[seller] != year:
        s.points[seller] = points_of_new_year(
            s.points[seller], p.points_carried_from, p.points_carried, p.points_kept_from
        )
        s.points_year[seller] = year


@rule
def remove_all(w, seller):
    """Every listing of the seller is off sale for good."""
    for k in range(w.now.n_listings):
        if w.listings.seller[k] == seller:
            w.listings.removed[k] = 1


@rule
def charge(w, seller, cents, day):
    """A fine, part of the costs."""
    w.seller_days.fines[record_row(day), seller] += cents
    w.seller_days.costs[record_row(day), seller] += cents


@rule
def do_for_days(w, seller, k, last):
    """Penalty k holds until its last day, or longer where it does already."""
    s, do = w.sellers, w.penalties.do[k]
    if do == HIDE or do == DELIST:
        s.hidden_until[seller] = max(s.hidden_until[seller], last)
    elif do == HOLD_PAYOUT:
        s.held_until[seller] = max(s.held_until[seller], last)
    elif do == PAY_REFUNDS:
        s.refunds_until[seller] = max(s.refunds_until[seller], last)
    elif do == UNFEATURE:
        s.unfeatured_until[seller] = max(s.unfeatured_until[seller], last)
    elif do == EXPOSE:
        w.exposures[seller, k] = max(w.exposures[seller, k], last)


@rule
def do_now(w, seller, k, day):
    """Penalty k is done tonight; points are added elsewhere."""
    s, do, amount = w.sellers, w.penalties.do[k], w.penalties.amount[k]
    if do == PUT_AT_RISK:
        s.at_risk[seller] = 1
    elif do == DEACTIVATE:
        s.sentence[seller] = max(s.sentence[seller], TO_DEACTIVATE)
    elif do == CLOSE:
        s.sentence[seller] = TO_CLOSE
    elif do == CHARGE:
        charge(w, seller, int(np.rint(amount)), day)
    elif do == REMOVE:
        remove_all(w, seller)
    elif do == WIPE_REVIEWS:
        s.to_wipe[seller] = 1
    elif do == BLOCK_REVIEWS:
        s.reviews_blocked[seller] = 1
    elif do == LOWER_POLICY_SCORE and w.lost_points.shape[0] > 0:
        w.lost_points[book_row(w, day), seller] += amount


@rule
def add_points(w, seller, amount, day):
    """Points of the year, and what follows where they reach a step."""
    turn_year(w, seller, day)
    before = w.sellers.points[seller]
    w.sellers.points[seller] = before + amount
    steps = w.points_steps
    for step in range(steps.size):
        if reaches(before, before + amount, steps.at[step]):
            for k in range(steps.first[step], steps.first[step] + steps.count[step]):
                if in_turn(1, w.penalties.first_time[k], w.penalties.last_time[k]):
                    last = lasts_until(day, w.penalties.days[k], NEVER)
                    note_penalty(w, seller, NOBODY, k, last)
                    do_now(w, seller, k, day)
                    do_for_days(w, seller, k, last)


@rule
def inflict(w, seller, k, day, last):
    """Penalty k on a seller; one that lasts does so until its last day."""
    note_penalty(w, seller, NOBODY, k, last)
    if w.penalties.do[k] == ADD_POINTS:
        add_points(w, seller, w.penalties.amount[k], day)
    else:
        do_now(w, seller, k, day)
        do_for_days(w, seller, k, last)


@rule
def punish(w, seller, first_penalty, n_penalties, times, day):
    """Those of some penalties that are meant for so many times; what states no days is for good.

    From day 1 on, like everything that is done to accounts; in the evening, before the gates.
    """
    if day < 1 or is_closed(w.sellers.state[seller]):
        return
    for k in range(first_penalty, first_penalty + n_penalties):
        if in_turn(times, w.penalties.first_time[k], w.penalties.last_time[k]):
            inflict(w, seller, k, day, lasts_until(day, w.penalties.days[k], NEVER))


@rule
def break_rule(w, seller, kind, day):
    """The platform has found out outreach of a kind (a row of verdicts) that it forbids."""
    if day >= 1 and kind >= 0:
        times = count_time(w.offences, seller, kind, day)
        punish(w, seller, w.verdicts.first[kind], w.verdicts.count[kind], times, day)
