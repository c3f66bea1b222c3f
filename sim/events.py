"""What can happen: kinds of events, the words that go with them, and their ids.

An event's id is the hash of its kind and its birth key, so the same event has the same id in every
arm. ``sim/phases/ledger.py`` notes events where they happen, ``sim/ledger.py`` makes rows of them.
"""

from __future__ import annotations

from typing import get_args

import numpy as np

from sim.config.health import PenaltyKind
from sim.draws import GOLDEN, mix
from sim.jit import rule

# In the order in which a day's events are listed.
(PAST, ENTRY, SETTING, TRIP, ORDERED, DISPATCH, DELIVERY, COMPLAINT, CLAIMED, SENT_IN,
 LEFT_FEEDBACK, LEFT_REVIEW, CHANGE, DELETION, REMOVAL, MESSAGE, REMEDY, OPT_OUT, ENFORCEMENT,
 STATE, EXIT, INTERVENTION) = range(22)  # fmt: skip
KINDS = (
    *("past", "entry", "setting", "trip", "order", "dispatch", "delivery", "complaint", "claim"),
    *("return", "feedback", "review", "change", "deletion", "removal", "contact", "remedy"),
    *("opt-out", "enforcement", "state", "exit", "intervention"),
)
NO_EVENT = np.uint64(0)
"""In place of an event's id: nothing in the market caused it."""

# Words that say what of its kind an event is (``what``): contacts by kind, penalties, the rest,
# and from CATEGORIES on the names of categories
_MESSAGES = (
    *("answer", "apologise", "thank", "ask_feedback", "ask_review", "ask_both", "refund"),
    *("replace", "ask_change", "reply_public", "request_removal", "set_service", "set_price"),
    *("pause", "reward", "buy_reviews"),
)
_OTHERS = (
    *("review", "feedback", "bought before", "spends elsewhere", "offer", "price", "relevance"),
    *("by seller", "by platform", "untracked", "cancelled", "damaged", "wrong item"),
    *("unanswered", "opened", "granted", "refused", "paid by platform", "chargeback"),
    *("replacement", "settled", "forgiven", "default", "bought", "softer words", "harsher words"),
    *("by author", "with the return", "struck through", "folded", "bought, found", "wiped"),
    *("healthy", "at risk", "deactivated", "closed", "left"),
    *("forbidden", "found out", "plan accepted", "plan refused"),
    *("by intervention", "post", "flip", "change", "delete", "block", "set", "position", "freeze"),
)
WORDS = ("", *_MESSAGES, *get_args(PenaltyKind), *_OTHERS)
"""Every word that is not the name of a category; "" = none."""
PLAIN, A_MESSAGE, A_PENALTY = 0, 1, 1 + len(_MESSAGES)
(OLD_REVIEW, OLD_FEEDBACK, BOUGHT_BEFORE, SPENDS, OFFERED, PRICE, RELEVANCE, BY_ITS_SELLER,
 BY_THE_PLATFORM, UNTRACKED_PARCEL, WAS_CANCELLED, CAME_DAMAGED, CAME_WRONG, NOT_ANSWERED, OPENED,
 GRANTED, REFUSED, PAID_BY_PLATFORM, CHARGEBACK, REPLACEMENT, WAS_SETTLED, WAS_FORGIVEN, BY_DEFAULT,
 WAS_BOUGHT, SOFTER, HARSHER, BY_AUTHOR, WITH_RETURN, STRUCK_OUT, FOLDED, BOUGHT_AND_FOUND, WIPED,
 A_STATE, _AT_RISK, _DEACTIVATED, _CLOSED, _LEFT, FORBIDDEN, FOUND_OUT_ACT, PLAN_ACCEPTED,
 PLAN_REFUSED, BY_INTERVENTION, *_ACTS) = range(len(WORDS) - len(_OTHERS), len(WORDS))  # fmt: skip
AN_ACT = _ACTS[0]
"""Of the words that say what an intervention does, in the order of Do in
``sim/config/intervention.py``, the first."""
CATEGORIES = 1000


@rule
def event_id(kind, key):
    """Id of the event of a kind that is born of ``key`` (uint64)."""
    return mix(key ^ mix((np.uint64(kind) + np.uint64(1)) * GOLDEN))
