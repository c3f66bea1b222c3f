"""What becomes of ratings later: shown and struck through late, gone with a return.

Comes after the day's posts and revisions are settled, before contacts. Rules: reveal, defaults.
"""

import numpy as np

from sim.jit import kernel
from sim.phases.amend import strike, take_down
from sim.phases.common import order_row
from sim.phases.defaults import drop_default
from sim.phases.judge import has
from sim.phases.ledger import note_gone_with_return, post_event
from sim.phases.settle import show
from sim.state import DELETED, HIDDEN, NEVER, NOBODY, RETURNED


@kernel
def reveal(w, day):
    """Hidden posts whose day has come are shown; the others, and those yet to be struck, stay."""
    q, kept = w.posts, 0
    for k in range(w.now.n_hidden):
        post = w.hidden[k]
        if q.status[post] == HIDDEN and q.shown_on[post] <= day:
            show(w, post, day)
        if q.due_strike[post] == day:
            strike(w, post, day, post_event(w, post))
        to_be_struck = day < q.due_strike[post] < NEVER
        hidden = q.status[post] == HIDDEN and q.shown_on[post] < NEVER
        if hidden or (to_be_struck and q.status[post] != DELETED):
            w.hidden[kept] = post
            kept += 1
    w.now.n_hidden = kept


@kernel
def undo_after_trouble(w, day):
    """Complaints, claims and returns of today, in order of key: what was left for a silent
    customer goes, and with a return the customer's own rating where the platform has it so."""
    for i in np.argsort(w.troubles.key[: w.now.n_troubles]):
        row = order_row(w, w.troubles.order[i])
        drop_default(w, row, day)
        post = w.orders.feedback[row]
        gone = w.p.feedback_deleted_on_return != 0 and has(w, row, RETURNED)
        if gone and post != NOBODY and w.posts.status[post] != DELETED:
            note_gone_with_return(w, row, post)
            take_down(w, post, day)
    w.now.n_troubles = 0
