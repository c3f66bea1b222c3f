"""A strategy in Python: answer the angriest customers first, as long as the purse holds.

A class with one method. It sees what arrived for its seller as arrays, one entry per mail, and
returns acts; see ``docs/how_to/your_own_strategy.md``. Used by ``configs/own_strategy.yaml``.
"""

from __future__ import annotations

import numpy as np

from sim.own_strategy import Act, Inbox

BAD_POSTS = ("feedback_posted", "review_posted")


class AngriestFirst:
    """Apologises for bad posts, worst first, a few a day; more of them the nearer the limit."""

    def act(self, inbox: Inbox) -> list[Act]:
        """Apologies to the authors of the day's worst posts, with money where the ODR is high."""
        bad = np.isin(inbox.event, BAD_POSTS) & (inbox.stars <= 3) & inbox.reachable
        worst_first = sorted(np.flatnonzero(bad), key=lambda row: (inbox.stars[row], row))
        in_danger = inbox.odr > 0.007
        most = 5 if in_danger else 2
        refund = 0.5 if in_danger else 0.0
        return [Act(int(row), "apologise", tone=0.9, refund=refund) for row in worst_first[:most]]
