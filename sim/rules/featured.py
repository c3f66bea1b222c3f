"""The featured offer: which of several offers on a listing most purchases go to.

Chosen among eligible sellers by price and availability, among other things; the criteria of
performance are not public (Amazon seller help 37911, Featured Offer). So: a race every day, with a
rate that falls with price and with the order defect rate over its limit; sellers report that their
share falls as the rate nears the limit. Weights are assumed.
"""

import numpy as np

from sim.jit import rule
from sim.rules.account import is_on_sale
from sim.state import AT_RISK, DEACTIVATED

MOST_OVER_LIMIT = 3.0
"""An order defect rate of so many times its limit weighs as much as any higher one."""


@rule
def is_live(state, paused_until, day, by_platform, goes_on, barred):
    """Can an offer be bought on a day? What the platform fulfils may outlive a deactivation.

    ``barred``: deactivated for forbidden outreach, which takes everything off sale.
    """
    if is_on_sale(state, paused_until, day):
        return True
    outlives = by_platform and goes_on and not barred
    return outlives and state == DEACTIVATED and paused_until < day


@rule
def may_be_featured(state, no_featured, at_risk_eligible):
    """May a live offer of this seller be the featured one?"""
    return not no_featured and (state != AT_RISK or at_risk_eligible)


@rule
def log_weight(price, odr, limit, price_weight, odr_weight):
    """Log of an offer's rate in the race; ``price`` in any unit, the same for all."""
    over = min(odr / max(limit, 1e-9), MOST_OVER_LIMIT)
    return -price_weight * np.log(price) - odr_weight * over


@rule
def log_time(u, weight):
    """Log of an exponential finishing time; a log, as rates may be too small for numbers."""
    return np.log(-np.log(u)) - weight
