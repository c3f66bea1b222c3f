"""What two configurations differ in, and whether the difference needs another world."""

from __future__ import annotations

from typing import Any, NamedTuple

from sim.config.fields import Frozen

Loc = tuple[str | int, ...]


class Change(NamedTuple):
    """One value in which two configurations differ."""

    loc: Loc
    old: Any
    new: Any
    world: bool
    """Does it make another world? Settings (fields declared with ``world=False``) do not."""


def changes(old: Frozen, new: Frozen) -> list[Change]:
    """Every value that differs between two configurations of one type, in order of declaration.

    Lists are compared item by item while they are equally long; otherwise as a whole.
    """
    found: list[Change] = []
    _compare(old, new, (), True, found)
    return found


def _compare(old: Any, new: Any, loc: Loc, world: bool, found: list[Change]) -> None:
    if old == new:
        return
    if isinstance(old, Frozen) and isinstance(new, Frozen) and type(old) is type(new):
        for name, info in type(old).model_fields.items():
            extra = info.json_schema_extra
            inner = bool(extra.get("world", True)) if isinstance(extra, dict) else True
            _compare(getattr(old, name), getattr(new, name), (*loc, name), inner, found)
    elif isinstance(old, tuple) and isinstance(new, tuple) and len(old) == len(new):
        for i, (a, b) in enumerate(zip(old, new, strict=True)):
            _compare(a, b, (*loc, i), world, found)
    else:
        found.append(Change(loc, old, new, world))
