"""What two configurations differ in, and whether the difference needs another world."""

from __future__ import annotations

from collections.abc import Iterable
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

    Lists are compared item by item while they are equally long; otherwise as a whole. Words about
    a platform are passed over: they change nothing that happens.
    """
    found: list[Change] = []
    _compare(old, new, (), True, found)
    return found


def with_changes(config: Frozen, wanted: Iterable[Change]) -> Any:
    """The configuration with some of its changes made (values as they were checked before)."""
    for change in wanted:
        config = _replaced(config, change.loc, change.new)
    return config


def _replaced(part: Any, loc: Loc, value: Any) -> Any:
    if not loc:
        return value
    step, rest = loc[0], loc[1:]
    if isinstance(step, int):
        return (*part[:step], _replaced(part[step], rest, value), *part[step + 1 :])
    return part.model_copy(update={step: _replaced(getattr(part, step), rest, value)})


def _compare(old: Any, new: Any, loc: Loc, world: bool, found: list[Change]) -> None:
    if old == new:
        return
    if isinstance(old, Frozen) and isinstance(new, Frozen) and type(old) is type(new):
        for name, info in type(old).model_fields.items():
            extra = info.json_schema_extra
            says = extra if isinstance(extra, dict) else {}
            if says.get("words"):
                continue
            inner = bool(says.get("world", True))
            _compare(getattr(old, name), getattr(new, name), (*loc, name), inner, found)
    elif isinstance(old, tuple) and isinstance(new, tuple) and len(old) == len(new):
        for i, (a, b) in enumerate(zip(old, new, strict=True)):
            _compare(a, b, (*loc, i), world, found)
    else:
        found.append(Change(loc, old, new, world))
