"""What interventions do, as it is noted: nothing in the market caused it."""

from sim.draws import join
from sim.events import BY_INTERVENTION, CHANGE, DELETION, INTERVENTION, NO_EVENT, event_id
from sim.jit import kernel
from sim.phases.common import day_word
from sim.phases.ledger.basics import about_post, note
from sim.phases.ledger.posts import note_post


@kernel
def note_intervention(w, key, cause, what):
    """An intervention acts; returns the row of the event, -1 where no ledger is kept."""
    return note(w, INTERVENTION, key, cause, what) if w.log.on != 0 else -1


@kernel
def note_written(w, post, intervention):
    """An intervention (by its birth key) has let a post be written."""
    if w.log.on == 0:
        return
    n = w.log.n_events
    note_post(w, 0, post)
    w.events.cause[n], w.events.prompted[n] = event_id(INTERVENTION, intervention), NO_EVENT
    w.events.what[n] = BY_INTERVENTION


@kernel
def note_amended(w, post, before, deleted, intervention):
    """An intervention has changed or deleted a post that had so many stars."""
    if w.log.on == 0:
        return
    cause = event_id(INTERVENTION, intervention)
    if deleted:
        n = note(w, DELETION, w.posts.key[post], cause, BY_INTERVENTION)
    else:
        own = join(w.posts.key[post], day_word(w.now.day))
        n = note(w, CHANGE, own, cause, BY_INTERVENTION)
    about_post(w, n, post)
    w.events.stars_before[n] = before
    if deleted:
        w.events.stars[n] = 0
