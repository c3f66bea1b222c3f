"""Follow-ups: words added to a rating that moves no more (Taobao, JD: one, within 180 days).

They move no score; who reads the page reads them. How much they weigh there is assumed.
"""

from sim.jit import rule
from sim.rules.display import is_low
from sim.state import SOFTENED, WORSENED

ALLOWED, NOT_THE_AUTHOR, NO_RATING, ONE_ONLY, TOO_LATE, NOT_OFFERED = range(6)
REFUSALS = (
    "allowed",
    "only the author may add to a rating",
    "there is no rating on show to add to",
    "a rating has one follow-up",
    "the days for follow-ups are over",
    "this platform has no follow-ups to that",
)


@rule
def may_follow_up(user, author, on_show, already, day, ended, days):
    """May this user add a follow-up to this rating today? Returns ALLOWED or why not.

    ``days`` after the order ``ended``, both ends included; 0 = the platform has none.
    """
    if user != author:
        return NOT_THE_AUTHOR
    if days == 0:
        return NOT_OFFERED
    if not on_show:
        return NO_RATING
    if already:
        return ONE_ONLY
    if day > ended + days:
        return TOO_LATE
    return ALLOWED


@rule
def low_weight(stars, replied, reply_softens, follow_up, follow_up_softens):
    """What a review on the page weighs among low ones: 1 for a low one that nothing softens.

    A follow-up that makes it worse makes a good one count as low.
    """
    if not is_low(stars) and follow_up != WORSENED:
        return 0.0
    weight = 1.0 - reply_softens if replied else 1.0
    if follow_up == SOFTENED:
        weight *= 1.0 - follow_up_softens
    return weight
