"""Ids of events and the birth keys behind them, in plain numbers.

An id is a bijection of its birth key (``sim/events.py``), so the key that an event of a kind must
have been born of can be worked out from its id.
"""

from __future__ import annotations

from sim.draws import GOLDEN, M1, M2
from sim.events import KINDS

_WORD = 2**64 - 1
_GOLDEN, _M1, _M2 = int(GOLDEN), int(M1), int(M2)
_BACK_1, _BACK_2 = pow(_M1, -1, 2**64), pow(_M2, -1, 2**64)


def _mix(z: int) -> int:
    z = (z ^ (z >> 30)) * _M1 & _WORD
    z = (z ^ (z >> 27)) * _M2 & _WORD
    return z ^ (z >> 31)


def _unmix(z: int) -> int:
    z = (z ^ (z >> 31) ^ (z >> 62)) * _BACK_2 & _WORD
    z = (z ^ (z >> 27) ^ (z >> 54)) * _BACK_1 & _WORD
    return z ^ (z >> 30) ^ (z >> 60)


def _of_kind(kind: str) -> int:
    return _mix((KINDS.index(kind) + 1) * _GOLDEN & _WORD)


def event_of(kind: str, key: int) -> int:
    """Id of the event of a kind that is born of a key."""
    return _mix(key ^ _of_kind(kind))


def key_of(kind: str, event: int) -> int:
    """Birth key of the event with an id, if it is of that kind."""
    return _unmix(event) ^ _of_kind(kind)


def next_change(post: int, changes: int) -> int:
    """Birth key of the next change of a post (by its key) that was changed so often."""
    return _mix(post + (changes + 2) * _GOLDEN & _WORD)


def born_of(day: int, place: int) -> int:
    """Birth key of what an intervention does on a day; ``place``: its number in the market."""
    day_and_place = (day + 1_000_000) * 10_000 + place
    return _mix(day_and_place * _GOLDEN & _WORD)
