"""What can happen: kinds of events, the words that go with them, and their ids.

An event's id is the hash of its kind and its birth key, so the same event has the same id in every
arm. ``sim/phases/ledger.py`` notes events where they happen, ``sim/ledger.py`` makes rows of them.
"""

from __future__ import annotations

import numpy as np

from sim.draws import GOLDEN, mix
from sim.jit import rule

# In the order in which a day's events are listed.
(PAST, ENTRY, SETTING, TRIP, ORDER, DISPATCH, DELIVERY, COMPLAINT, CLAIM, RETURN, FEEDBACK_EVENT,
 REVIEW_EVENT, CHANGE, DELETION, REMOVAL, CONTACT_EVENT, REMEDY, OPT_OUT, ENFORCEMENT, STATE, EXIT,
 INTERVENTION) = range(22)  # fmt: skip
KINDS = (
    *("past", "entry", "setting", "trip", "order", "dispatch", "delivery", "complaint", "claim"),
    *("return", "feedback", "review", "change", "deletion", "removal", "contact", "remedy"),
    *("opt-out", "enforcement", "state", "exit", "intervention"),
)
NO_EVENT = 0
"""In place of an event's id: nothing in the market caused it."""


@rule
def event_id(kind, key):
    """Id of the event of a kind that is born of ``key`` (uint64)."""
    return mix(key ^ mix((np.uint64(kind) + np.uint64(1)) * GOLDEN))
