"""Checks that span several parts of a market, each with the place of the mistake.

They run beside the checks of the single fields, not after them, so that one look at a market finds
everything; the parts they read may therefore still be wrong, and are then passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

from pydantic_core import InitErrorDetails

Loc = tuple[str | int, ...]

RESERVED = {
    "seller": (re.compile(r"Rival \d+|.* \(\d+\)"), "`Rival N` and `NAME (N)` are drawn sellers'"),
    "listing": (re.compile(r".* / \d+"), "`SELLER / N` are listings' without a name"),
}


def whole_market(market: Any) -> list[InitErrorDetails]:
    """Mistakes between the parts of ``market`` (a mapping or a model, checked or not)."""
    return [
        InitErrorDetails(type="value_error", loc=loc, input=found, ctx={"error": ValueError(text)})
        for check in CHECKS
        for loc, found, text in check(market)
    ]


def _warm_up_ends(market: Any) -> Iterator[tuple[Loc, Any, str]]:
    warm_up, days = _get(market, "warm_up", 0), _get(market, "days", 365)
    if isinstance(warm_up, int) and isinstance(days, int) and warm_up >= days > 0:
        yield (
            ("warm_up",),
            warm_up,
            f"found {warm_up}; allowed: less than days ({days}), or nothing would be measured",
        )


def suggestion(word: Any, known: list[str]) -> str:
    """``; did you mean "x"?`` where a known name is close, else the empty string."""
    close = get_close_matches(str(word), known, n=1)
    return f'; did you mean "{close[0]}"?' if close else ""


def _get(part: Any, name: str, default: Any = None) -> Any:
    return part.get(name, default) if isinstance(part, dict) else getattr(part, name, default)


def _items(part: Any, name: str) -> list[tuple[int, Any]]:
    value = _get(part, name)
    return list(enumerate(value)) if isinstance(value, (tuple, list)) else []


def _somebody_sells(market: Any) -> Iterator[tuple[Loc, Any, str]]:
    rivals = _get(market, "rivals", {})
    sellers = _get(market, "sellers", ())
    if sellers in ((), []) and _get(rivals, "count", 11) == 0:
        yield ("sellers",), sellers, "nobody sells: state a seller or let rivals.count be above 0"


def _names(market: Any) -> Iterator[tuple[Loc, Any, str]]:
    """Draws are keyed by name, so two of a name would live the same life."""
    categories = [(("categories", i), c) for i, c in _items(market, "categories")]
    sellers = [(("sellers", i), s) for i, s in _items(market, "sellers")]
    listings = [
        ((*loc, "listings", j), listing)
        for loc, seller in sellers
        for j, listing in _items(seller, "listings")
    ]
    for kind, parts in (("category", categories), ("seller", sellers), ("listing", listings)):
        first: dict[str, Loc] = {}
        for loc, part in parts:
            name = _get(part, "name")
            if not isinstance(name, str):
                continue
            pattern, whose = RESERVED.get(kind, (None, ""))
            if pattern and pattern.fullmatch(name):
                yield (*loc, "name"), name, f'found "{name}"; allowed: other names, as {whose}'
            if name in first:
                where = ".".join(map(str, first[name]))
                yield (
                    (*loc, "name"),
                    name,
                    f'found "{name}", the name of {where} too; allowed: each {kind} its own name',
                )
            first.setdefault(name, loc)


def _one_focal(market: Any) -> Iterator[tuple[Loc, Any, str]]:
    focal = [i for i, seller in _items(market, "sellers") if _get(seller, "focal") is True]
    for i in focal[1:]:
        yield (
            ("sellers", i, "focal"),
            True,
            f"found a second focal seller (sellers.{focal[0]} is focal too); allowed: one",
        )


def _categories_exist(market: Any) -> Iterator[tuple[Loc, Any, str]]:
    stated = [_get(category, "name") for _, category in _items(market, "categories")]
    known = list(dict.fromkeys(name for name in stated if isinstance(name, str)))
    if not known:
        return
    for i, seller in _items(market, "sellers"):
        for j, listing in _items(seller, "listings"):
            name = _get(listing, "category")
            if isinstance(name, str) and name not in known:
                yield (
                    ("sellers", i, "listings", j, "category"),
                    name,
                    f'found "{name}", which is no category of this market; allowed: '
                    f"{', '.join(known)}{suggestion(name, known)}",
                )


def _strategies_exist(market: Any) -> Iterator[tuple[Loc, Any, str]]:
    stated = _get(market, "strategies", {})
    if not isinstance(stated, dict):
        return
    known = ["none", *stated]
    used = [(("sellers", i, "strategy"), seller) for i, seller in _items(market, "sellers")]
    for loc, owner in (*used, (("rivals", "strategy"), _get(market, "rivals", {}))):
        name = _get(owner, "strategy", "none")
        if isinstance(name, str) and name not in known:
            said = f'found "{name}", which is no strategy; allowed: {", ".join(known)}'
            yield loc, name, said + suggestion(name, known)
    if "none" in stated:
        yield ("strategies", "none"), None, "`none` does nothing; allowed: another name"


def _weights(market: Any) -> Iterator[tuple[Loc, Any, str]]:
    parts = {
        ("categories",): [_get(c, "share", 1.0) for _, c in _items(market, "categories")],
        ("choice", "segments"): [
            _get(s, "share", 1.0) for _, s in _items(_get(market, "choice"), "segments")
        ],
        ("weekday",): [day for _, day in _items(market, "weekday")],
    }
    for loc, weights in parts.items():
        if weights and all(weight == 0 for weight in weights):
            yield loc, None, "found weights that are all 0; allowed: at least one above 0"


def _listing_names(market: Any) -> Iterator[tuple[int, str]]:
    """(index of the seller, name) of every listing of stated sellers."""
    for i, seller in _items(market, "sellers"):
        for j, listing in _items(seller, "listings"):
            name = _get(listing, "name") or f"{_get(seller, 'name')} / {j + 1}"
            if isinstance(name, str):
                yield i, name


def _is_a_rivals(market: Any, name: str) -> bool:
    """Is it the name of a listing that a drawn seller has from the start?"""
    match, rivals = re.fullmatch(r"Rival ([1-9]\d*) / ([1-9]\d*)", name), _get(market, "rivals", {})
    count, each = _get(rivals, "count", 11), _get(rivals, "listings_each", 3)
    if match is None or not isinstance(count, int) or not isinstance(each, int):
        return False
    return int(match[1]) <= count and int(match[2]) <= each


def _offers_exist(market: Any) -> Iterator[tuple[Loc, Any, str]]:
    """Offers are on listings of other sellers that are there from the start, one on each."""
    owners: dict[str, int] = {}
    for i, name in _listing_names(market):
        owners.setdefault(name, i)
    for i, seller in _items(market, "sellers"):
        seen: dict[str, int] = {}
        for j, offer in _items(seller, "offers"):
            name, loc = _get(offer, "listing"), ("sellers", i, "offers", j, "listing")
            if not isinstance(name, str):
                continue
            if name in seen:
                said = f'found "{name}", as in offers.{seen[name]}; allowed: one offer on a listing'
                yield loc, name, said
            elif owners.get(name) == i:
                yield loc, name, f'found "{name}", its own; allowed: listings of other sellers'
            elif name not in owners and not _is_a_rivals(market, name):
                known = [known for known, owner in owners.items() if owner != i]
                stated = ", ".join(known[:10]) or "Rival 1 / 1 and so on"
                said = f'found "{name}", which is no listing of another seller; allowed: {stated}'
                yield loc, name, said + suggestion(name, known)
            seen.setdefault(name, j)


CHECKS = (
    _somebody_sells,
    _names,
    _one_focal,
    _categories_exist,
    _offers_exist,
    _strategies_exist,
    _weights,
    _warm_up_ends,
)
