"""Whom one might follow: three customers of the focal store, each with a story of its own."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from experiments.event_words import in_words
from experiments.events import Event
from experiments.follow.lives import Life
from experiments.replay import Result

Find = Callable[[Life], Event | None]


def suggestions(
    of: Callable[[str], Life], result: Result, arm: str, replicate: int, folder: Path
) -> Iterator[str]:
    """Lines that name three customers, and how to follow each.

    What the arm itself does not have is looked for in the others; ``of`` lives them.
    """
    focal = str(result.manifest["focal"])
    yield f"Whom to follow? Three customers of {focal}, replicate {replicate}:"
    for title, find in (
        ("who complained", _complained),
        ("who thought again", _changed),
        ("who reviewed without ever having bought", _never_bought),
    ):
        arms = [arm, *(name for name in result.arms if name != arm)]
        found = next(((a, e) for a in arms if (e := find(of(a))) is not None), None)
        if found is None:
            yield f"* {title}: nobody in any arm"
            continue
        where, event = found
        yield f"* {title}: day {event.day}, {in_words(event, of(where).context('order'))}"
        if where != arm:
            yield f"  (nobody in “{arm}”; this is in “{where}”)"
        yield f"  {_command(result, folder, f'--user {event.user}', where, replicate)}"
    listing = shlex.quote(of(arm).engine.listing_names[_first_listing(of(arm))])
    yield "Or a listing, or an order by its number in a customer's diary:"
    yield f"  {_command(result, folder, f'--listing {listing}', arm, replicate)}"


def _command(result: Result, folder: Path, target: str, arm: str, replicate: int) -> str:
    said = f"python run.py follow {shlex.quote(str(folder))} {target}"
    if arm != result.manifest["baseline"]:
        said += f" --arm {shlex.quote(arm)}"
    if replicate != result.manifest["replicates"][0]:
        said += f" --replicate {replicate}"
    return said


def _first_listing(life: Life) -> int:
    seller = life.engine.seller_names.index(life.engine.focal)
    return int(np.flatnonzero(life.engine.world.listings["seller"] == seller)[0])


def _measured(life: Life, kinds: tuple[str, ...]) -> list[Event]:
    """Events of some kinds about the focal store's customers, in the recorded days."""
    ledger, days = life.ledger, life.engine.config
    rows = np.isin(ledger["kind"], kinds) & (ledger["seller"] == life.engine.focal)
    rows &= (ledger["user"] >= 0) & (ledger["day"] > days.warm_up) & (ledger["day"] <= days.days)
    return life.at(np.flatnonzero(rows))


def _complained(life: Life) -> Event | None:
    """The complaint about whose order most is to be told; of several the first."""
    found = [event for event in _measured(life, ("complaint",)) if event.what is None]
    lengths = Counter(life.ledger["order"].tolist())
    return max(found, key=lambda event: lengths[event.order], default=None)


def _changed(life: Life) -> Event | None:
    """What gained most stars; a deletion where nothing else was changed."""
    found = [e for e in _measured(life, ("change", "deletion")) if e.what != "with the return"]
    return max(found, key=lambda e: (e.stars or 0) - (e.stars_before or 0), default=None)


def _never_bought(life: Life) -> Event | None:
    """A review by somebody who never buys here; else by a buyer of other things."""
    found = [e for e in _measured(life, ("review",)) if not e.verified and e.what is None]
    found.sort(key=lambda event: (event.user or 0) < life.n_buyers)
    return next(iter(found), None)
