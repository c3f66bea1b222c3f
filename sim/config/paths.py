"""Values of a market by dotted path, as arms and interventions write them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.config.market import Market

FOCAL = "focal."


def with_values(market: Market, values: Mapping[str, Any]) -> Market:
    """The market with other values at some paths, checked as any other.

    ``focal.`` is short for the focal seller, ``strategy`` for its strategy; entries of lists go by
    name or number. Raises ValueError where a path leads nowhere or a value is not allowed there.
    """
    data = market.model_dump(mode="python", exclude={"interventions"})
    for path, value in values.items():
        data = _put(data, _steps(market, path), value, path)
    changed = Market.model_validate(data)
    return changed.model_copy(update={"interventions": market.interventions})


def _steps(market: Market, path: str) -> list[str]:
    if path == "strategy":
        path = FOCAL + path
    if not path.startswith(FOCAL):
        return path.split(".")
    names = [seller.name for seller in market.sellers]
    if not names:
        raise ValueError(f"{path}: no seller is stated")
    return ["sellers", str(names.index(market.focal_name())), *path.split(".")[1:]]


def _put(old: Any, steps: list[str], value: Any, path: str) -> Any:
    if not steps:
        return _in_tuples(value)
    if isinstance(old, dict):
        return {**old, steps[0]: _put(old.get(steps[0], {}), steps[1:], value, path)}
    if not isinstance(old, tuple):
        raise ValueError(f"{path}: nothing lies below {steps[0]}")
    index, used = _index(old, steps, path)
    return (*old[:index], _put(old[index], steps[used:], value, path), *old[index + 1 :])


def _in_tuples(value: Any) -> Any:
    """A value whose lists are tuples, as a configuration wants them."""
    if isinstance(value, (list, tuple)):
        return tuple(_in_tuples(item) for item in value)
    if isinstance(value, dict):
        return {key: _in_tuples(item) for key, item in value.items()}
    return value


def _index(items: tuple[Any, ...], steps: list[str], path: str) -> tuple[int, int]:
    """Entry that ``steps`` begins with, and how many steps name it: names may contain dots."""
    if steps[0].isdecimal() and int(steps[0]) < len(items):
        return int(steps[0]), 1
    names = [item.get("name") if isinstance(item, dict) else None for item in items]
    for used in range(len(steps), 0, -1):
        name = ".".join(steps[:used])
        if name in names:
            return names.index(name), used
    raise ValueError(f"{path}: there is no {steps[0]}")
