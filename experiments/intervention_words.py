"""Interventions in words: what is done, and what became of it in an arm."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from statistics import median
from typing import Any

from experiments.interventions import Fate
from experiments.numbers import yaml_text
from sim.config.intervention import ARROWS, Intervention, When
from sim.config.market import Market

MOST_REPLICATES = 8
"""Replicates that a sentence names one by one."""


def in_words(one: Intervention) -> str:
    """``on day 40: focal.on_time is 0.7 from then on``"""
    return f"{_when(one.when, one.after_days)}: {_what(one)}"


def _when(when: When, after: int) -> str:
    later = f", {after} day{'s' * (after > 1)} later" if after else ""
    match when.kind:
        case "day":
            return f"on day {when.day}"
        case "event":
            return f"on event {when.event}{later}"
        case "nth_order" if when.nth_order is not None:
            return f"on order {when.nth_order.n:,} of {when.nth_order.seller}{later}"
        case kind:
            return f"on the {kind.replace('_', ' ')} of {getattr(when, kind)}{later}"


def _what(one: Intervention) -> str:
    stars = f"{one.stars} star{'s' * (one.stars != 1)}"
    until = f" until day {one.until}" if one.until is not None else ""
    match one.do:
        case "post" if one.by_customer:
            return f"its customer leaves {one.channel or 'feedback'} with {stars}"
        case "post":
            return f"a review of {one.listing} with {stars} appears"
        case "flip":
            return f"it is written with {stars}"
        case "change":
            return f"it is changed to {stars}"
        case "delete":
            return "it is deleted"
        case "block":
            return "it does not come to pass"
        case "set":
            values = (one.values or {}).items()
            return "; ".join(f"{path} becomes {yaml_text(value)}" for path, value in values)
        case "position":
            where = "a place at random" if one.position == "random" else f"place {one.position}"
            return f"{one.listing} is kept at {where}{until}"
        case _:
            return f"{one.arrow} is frozen{until}: {ARROWS[str(one.arrow)]}"


def intervention_entry(
    market: Market, replicates: Sequence[int], fates: Sequence[Sequence[Fate]]
) -> dict[str, Any]:
    """The entry of an arm in the manifest; nothing where it has no interventions.

    ``fates``: for every replicate what became of each.
    """
    if not market.interventions:
        return {}
    entry = []
    for n, one in enumerate(market.interventions):
        found = dict(zip(replicates, (fate[n] for fate in fates), strict=True))
        not_done: dict[str, list[int]] = {}
        for replicate, fate in found.items():
            if fate.acted is None:
                not_done.setdefault(fate.why, []).append(replicate)
        acted = {str(r): fate.acted for r, fate in found.items() if fate.acted is not None}
        # As text: numbers of 64 bits are more than some readers of JSON can hold.
        events = {str(r): str(f.event) for r, f in found.items() if f.event is not None}
        entry.append(
            {
                "in_words": in_words(one),
                "acted": acted,
                "not_acted": not_done,
                "events": events,
            }
        )
    return {"interventions": entry}


def intervention_sentences(manifest: Mapping[str, Any]) -> list[str]:
    """What became of interventions, a sentence for each of an arm."""
    return [
        f"{arm['name']}: {entry['in_words']}: {_became(entry)}."
        for arm in manifest["arms"]
        for entry in arm.get("interventions", ())
    ]


def _became(entry: Mapping[str, Any]) -> str:
    days = list(entry["acted"].values())
    n = len(days) + sum(map(len, entry["not_acted"].values()))
    if not days:
        text = f"in none of {n} replicates"
    elif min(days) == max(days):
        text = f"in {len(days)} of {n} replicates, on day {days[0]}"
    else:
        span = f"days {min(days)} to {max(days)}, in the middle {median(days):.0f}"
        text = f"in {len(days)} of {n} replicates, on {span}"
    return "; ".join([text, *_reasons(entry["not_acted"])])


def _reasons(not_acted: Mapping[str, Sequence[int]]) -> Iterator[str]:
    for why, replicates in not_acted.items():
        named = ", ".join(map(str, replicates[:MOST_REPLICATES]))
        more = ", ..." if len(replicates) > MOST_REPLICATES else ""
        which = "replicate" if len(replicates) == 1 else "replicates"
        yield f"not in {len(replicates)}, as {why} ({which} {named}{more})"
