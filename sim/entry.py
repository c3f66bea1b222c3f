"""Entry replaces exit: whoever closes or leaves is followed by a newcomer the next morning.

An entrant is drawn like any rival, by a name that derives from the seller it replaces, so that the
same place is taken by the same entrant in every arm. Its listings start without reviews.
"""

from __future__ import annotations

import re

from sim.build import add_seller
from sim.config.market import Market
from sim.founders import rival
from sim.rules.account import is_closed
from sim.settings import set_capacities
from sim.world import World

_TURN = re.compile(r"^(.*) \((\d+)\)$")


def entrant_name(name: str) -> str:
    """Name of the seller that takes the place of ``name``: "A" -> "A (2)" -> "A (3)"."""
    match = _TURN.match(name)
    base, turn = (match[1], int(match[2])) if match else (name, 1)
    return f"{base} ({turn + 1})"


def replaced_name(name: str) -> str:
    """Name of the seller whose place an entrant has taken: "A (3)" -> "A (2)" -> "A"."""
    match = _TURN.match(name)
    if match is None:
        raise ValueError(f"{name!r} is not the name of an entrant")
    turn = int(match[2])
    return f"{match[1]} ({turn - 1})" if turn > 2 else match[1]


def replace_exits(market: Market, w: World, names: list[str], replaced: int) -> list[str]:
    """Add an entrant for every seller gone since the last call; returns the new names.

    ``names`` are those of all sellers by row, ``replaced`` how many exits have been followed.
    """
    gone = [k for k in range(w.count("n_sellers")) if is_closed(int(w.sellers["state"][k]))]
    gone.sort(key=lambda k: (int(w.sellers["since"][k]), k))
    entrants = []
    for k in gone[replaced:]:
        name = entrant_name(names[k])
        first, born = w.count("n_sellers"), w.count("day") + 1
        add_seller(market, w, rival(market, w.streams, name), born=born)
        set_capacities(market, w, first)
        entrants.append(name)
    return entrants
