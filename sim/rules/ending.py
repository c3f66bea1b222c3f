"""When an order is over, and the day from which its feedback form counts.

Taobao: receipt, or some ten days after dispatch (seller portals quoting the rule); Wish: the
promised date (merchant help).
"""

from sim.jit import rule
from sim.state import NEVER

FROM_ORDER, FROM_END, FROM_PROMISE = range(3)
"""What the form counts from, in the order of ``CountsFrom``."""


@rule
def end_of_order(dispatched, delivered, auto_confirm):
    """Day on which an order ends: receipt or ``auto_confirm`` days after dispatch; NEVER = open."""
    return min(delivered, dispatched + auto_confirm, NEVER)


@rule
def counted_from(counts_from, placed, ended, promised):
    """Day from which the days of the feedback form are counted."""
    if counts_from == FROM_END:
        return ended
    return promised if counts_from == FROM_PROMISE else placed
