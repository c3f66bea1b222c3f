"""The ledger: events are noted where they happen, when somebody has asked for one.

Reads whatever the event is about; writes ``events``, ``looks`` and trails, which no other phase
reads. Every function here does nothing where no ledger is kept. What an event's fields say stands
in ``docs/ledger.md``; rows are made of them in ``sim/ledger.py``.
"""

from sim.phases.ledger.basics import note, post_event
from sim.phases.ledger.messages import (
    note_calmed,
    note_heard,
    note_message,
    note_opt_out,
    note_prompted,
    note_remedy,
)
from sim.phases.ledger.orders import (
    note_claim_decided,
    note_claim_opened,
    note_complaint,
    note_delivery,
    note_order,
    note_return,
    note_served,
    note_trip,
)
from sim.phases.ledger.outside import note_amended, note_intervention, note_written
from sim.phases.ledger.posts import (
    note_bad_feedback,
    note_default,
    note_follow_up,
    note_gone_with_return,
    note_post,
    note_removal,
    note_revision,
    note_wiped,
)
from sim.phases.ledger.sellers import (
    note_found_out,
    note_penalty,
    note_plan,
    note_price,
    note_set,
    note_state,
)
from sim.phases.ledger.start import id_of, ids_of, keys_of_users, note_old_feedback, note_old_review

__all__ = [
    "id_of",
    "ids_of",
    "keys_of_users",
    "note",
    "note_amended",
    "note_bad_feedback",
    "note_calmed",
    "note_claim_decided",
    "note_claim_opened",
    "note_complaint",
    "note_default",
    "note_delivery",
    "note_follow_up",
    "note_found_out",
    "note_gone_with_return",
    "note_heard",
    "note_intervention",
    "note_message",
    "note_old_feedback",
    "note_old_review",
    "note_opt_out",
    "note_order",
    "note_penalty",
    "note_plan",
    "note_post",
    "note_price",
    "note_prompted",
    "note_remedy",
    "note_removal",
    "note_return",
    "note_revision",
    "note_served",
    "note_set",
    "note_state",
    "note_trip",
    "note_wiped",
    "note_written",
    "post_event",
]
