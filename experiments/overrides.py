"""``--set path=value``: one value of a configuration replaced from the command line."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from experiments.allowed import slot
from experiments.mistakes import ConfigError, Loc, Mistake, dotted, shown
from experiments.strategies import fetch_strategy
from experiments.yaml_source import Source, parse
from sim.config.checks import suggestion


def split(override: str) -> tuple[str, str]:
    """``("days", "30")`` from ``days=30``. Raises ConfigError where there is no path."""
    path, equals, text = override.partition("=")
    if not equals or not path.strip():
        said = f"found {shown(override)}; allowed: path=value, as in sellers.0.on_time=0.9"
        raise ConfigError([Mistake(label(override), (), said)])
    return path.strip(), text


def label(override: str) -> str:
    """Where a mistake in an override stands."""
    return f"--set {override}"


def apply(source: Source, override: str) -> None:
    """Put the value of ``override`` at its path. Raises ConfigError where that is impossible."""
    path, text = split(override)
    new = parse(text, label(override), places=False)
    loc = put(source, path.split("."), new.data, label(override))
    new.keys[()] = new.values[()] = label(override)
    source.graft(loc, new)


def put(source: Source, steps: list[str], value: Any, where: str) -> Loc:
    """Replace the value at ``steps`` and return its place; lists are rebuilt as tuples.

    ``where`` is the place of the path, for mistakes. Raises ConfigError where there is no such
    entry of a list, or no such strategy to change.
    """

    def refuse(loc: Loc, text: str) -> ConfigError:
        return ConfigError([Mistake(where, loc, text)])

    def replaced(old: Any, rest: list[str], loc: Loc) -> tuple[Any, Loc]:
        if not rest:
            return value, loc
        if old is None:
            old = _default(loc)
        if isinstance(old, dict):
            new, at = replaced(old.get(rest[0]), rest[1:], (*loc, rest[0]))
            return {**old, rest[0]: new}, at
        if not isinstance(old, tuple):
            raise refuse(loc, f"found {shown(old)}, which has no part named {shown(rest[0])}")
        index, used = _index(old, rest, loc, refuse)
        new, at = replaced(old[index], rest[used:], (*loc, index))
        return (*old[:index], new, *old[index + 1 :]), at

    fetch_strategy(source, steps, where)
    source.data, loc = replaced(source.data, steps, ())
    # Mappings that the override created stand where the override does.
    for length in range(1, len(loc)):
        if loc[:length] not in source.values:
            source.keys[loc[:length]] = source.values[loc[:length]] = where
    return loc


def _index(items: tuple[Any, ...], rest: list[str], loc: Loc, refuse: Any) -> tuple[int, int]:
    """Index that ``rest`` begins with, and how many steps name it: names may contain dots."""
    if rest[0].isdecimal() and len(rest[0]) < 10:
        if int(rest[0]) < len(items):
            return int(rest[0]), 1
        known = f"0 to {len(items) - 1}" if items else "nothing, the list is empty"
        raise refuse(loc, f"found index {rest[0]}; allowed: {known}")
    names = [item.get("name") if isinstance(item, dict) else None for item in items]
    for used in range(len(rest), 0, -1):
        name = ".".join(rest[:used])
        if names.count(name) > 1:
            raise refuse(loc, f'found "{name}", the name of several; allowed: an index')
        if name in names:
            return names.index(name), used
    known_names = list(dict.fromkeys(name for name in names if isinstance(name, str)))
    close = suggestion(rest[0], known_names)
    stated = ", ".join(known_names[:10]) or f"an index from 0 to {len(items) - 1}"
    raise refuse(loc, f"found no {shown(rest[0])} in {dotted(loc)}; allowed: {stated}{close}")


def _default(loc: Loc) -> Any:
    """What stands at ``loc`` when the file is silent: a list's default, else an empty mapping."""
    here = slot(loc)
    default = here.info.default if here and here.info else None
    if not isinstance(default, tuple):
        return {}
    return tuple(
        item.model_dump(mode="python") if isinstance(item, BaseModel) else item for item in default
    )
