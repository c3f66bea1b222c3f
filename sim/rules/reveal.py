"""When a rating is shown and counts: at once, after moderation, or when both sides have rated.

Double-blind: Taobao's rule of 2008-2015 (portals quoting it); moderation: JD (sellers' guides).
"""

from sim.jit import rule
from sim.state import NEVER


@rule
def shown_from(day, moderation, double_blind, good, rates, closes, bad_after):
    """Day from which a rating left today is shown, known at once.

    ``rates`` whether the seller rates its customers, which it has done by now; ``closes`` the day
    on which the form closes.
    """
    shown = day + moderation
    if double_blind:
        open_to_both = day if rates else max(day, closes)
        shown = max(shown, open_to_both if good else open_to_both + bad_after)
    return min(shown, NEVER)
