"""Messages of sellers and what they do to customers, as they are noted."""

from sim.draws import join
from sim.events import (
    A_MESSAGE,
    CLAIMED,
    COMPLAINT,
    DELIVERY,
    DISPATCH,
    MESSAGE,
    NO_EVENT,
    OPT_OUT,
    ORDERED,
    PLAIN,
    REMEDY,
    REPLACEMENT,
    event_id,
)
from sim.jit import kernel, rule
from sim.phases.common import key_of_user, order_row
from sim.phases.ledger.basics import (
    SECOND_OF_ITS_KIND,
    THIRD_OF_ITS_KIND,
    about_order,
    about_post,
    note,
    post_event,
)
from sim.state import (
    MAIL_CLAIM,
    MAIL_COMPLAINT,
    MAIL_DELIVERED,
    MAIL_FEEDBACK,
    MAIL_PROMISE_PASSED,
    MAIL_REVIEW,
    MAIL_SHIPPED,
    NEVER,
    NOBODY,
    REFUND,
    REPLACE,
)


@rule
def read_of(w, i):
    """Id of the event that contact i of the outbox answers."""
    a, row = w.outbox, order_row(w, w.outbox.order[i])
    post, line = a.post[i], a.line[i]
    when = w.lines.when[line] if line != NOBODY else MAIL_COMPLAINT
    if post != NOBODY and (line == NOBODY or when == MAIL_FEEDBACK or when == MAIL_REVIEW):
        return post_event(w, post)
    if row < 0:
        return NO_EVENT
    key = w.orders.key[row]
    if when == MAIL_CLAIM:
        return event_id(CLAIMED, key)
    if when == MAIL_SHIPPED:
        return event_id(DISPATCH, key)
    if when == MAIL_DELIVERED:
        return event_id(DELIVERY, key)
    return event_id(ORDERED if when == MAIL_PROMISE_PASSED else COMPLAINT, key)


@kernel
def note_message(w, i):
    """Contact i of the outbox goes out; tomorrow morning its customer has it."""
    if w.log.on == 0:
        return
    a, e = w.outbox, w.events
    n = note(w, MESSAGE, a.key[i], read_of(w, i), A_MESSAGE + a.kind[i])
    row, post = order_row(w, a.order[i]), a.post[i]
    if row >= 0:
        about_order(w, n, row)
    if post != NOBODY:
        about_post(w, n, post)
    e.user[n], e.seller[n] = a.user[i], a.seller[i]


@kernel
def note_remedy(w, i, given, goods):
    """Money or goods go with contact i of the outbox; both in cents."""
    if w.log.on == 0:
        return
    a, e, row = w.outbox, w.events, order_row(w, w.outbox.order[i])
    cause = event_id(MESSAGE, a.key[i])
    if given > 0:
        n = note(w, REMEDY, a.key[i], cause, A_MESSAGE + REFUND)
        about_order(w, n, row)
        e.value[n] = given / 100.0
    if a.kind[i] == REPLACE and row >= 0:
        n = note(w, REMEDY, join(a.key[i], SECOND_OF_ITS_KIND), cause, REPLACEMENT)
        about_order(w, n, row)
        e.value[n] = goods / 100.0


@kernel
def note_heard(w, i, row):
    """Arrival i is the last thing that happened to the order."""
    if w.log.on != 0:
        w.trails.last[row] = event_id(MESSAGE, w.arrivals.key[i])


@kernel
def note_calmed(w, i, row, what):
    """Arrival i has settled a complaint, or a lateness is forgiven before there is one."""
    if w.log.on == 0:
        return
    key = w.arrivals.key[i]
    n = note(w, REMEDY, join(key, THIRD_OF_ITS_KIND), event_id(MESSAGE, key), what)
    about_order(w, n, row)
    w.trails.last[row] = w.events.id[n]


@kernel
def note_prompted(w, i, row, feedback_before, review_before):
    """What arrival i has made its customer plan; ``..._before``: days planned before it came."""
    if w.log.on == 0:
        return
    o, cause = w.orders, event_id(MESSAGE, w.arrivals.key[i])
    if feedback_before == NEVER and o.due_feedback[row] != NEVER:
        w.trails.feedback_by[row] = cause
    if review_before == NEVER and o.due_review[row] != NEVER:
        w.trails.review_by[row] = cause


@kernel
def note_opt_out(w, i):
    """After arrival i its customer wants no more messages."""
    if w.log.on == 0:
        return
    user = w.arrivals.user[i]
    n = note(w, OPT_OUT, key_of_user(w, user), event_id(MESSAGE, w.arrivals.key[i]), PLAIN)
    w.events.user[n] = user
