"""What was there before anybody acted; ids for those who come later."""

import numpy as np

from sim.draws import join
from sim.events import NO_EVENT, OLD_FEEDBACK, OLD_REVIEW, PAST, event_id
from sim.jit import kernel
from sim.phases.common import key_of_user
from sim.phases.ledger.basics import note
from sim.state import FEEDBACK, REVIEW


@kernel
def note_old_review(w, listing, place, stars, age):
    """A review from before the lived past, of so many days before day 0."""
    if w.log.on == 0:
        return
    n = note(w, PAST, join(w.listings.key[listing], place), NO_EVENT, OLD_REVIEW)
    e = w.events
    e.day[n], e.value[n] = -int(age), -age
    e.listing[n], e.seller[n] = listing, w.listings.seller[listing]
    e.channel[n], e.stars[n], e.verified[n] = REVIEW, stars, 1


@kernel
def note_old_feedback(w, seller, place, stars, date):
    """Feedback from before the lived past."""
    if w.log.on == 0:
        return
    n = note(w, PAST, join(w.sellers.key[seller], place), NO_EVENT, OLD_FEEDBACK)
    e = w.events
    e.day[n], e.seller[n], e.channel[n], e.stars[n] = date, seller, FEEDBACK, stars


@kernel
def id_of(kind, key):
    """Id of one event."""
    return event_id(kind, key)


@kernel
def fill_ids(kind, keys, out):
    """Ids of events of a kind by the keys of which they are born (uint64[n]) into out."""
    for i in range(keys.size):
        out[i] = event_id(kind, keys[i])


def ids_of(kind: int, keys: np.ndarray) -> np.ndarray:
    """Ids of events of a kind by the keys of which they are born (uint64[n])."""
    out = np.empty(len(keys), np.uint64)
    fill_ids(kind, np.ascontiguousarray(keys), out)
    return out


@kernel
def keys_of_users(w, out):
    """Birth keys of all users into out (uint64[n])."""
    for user in range(out.size):
        out[user] = key_of_user(w, user)
