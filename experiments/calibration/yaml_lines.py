"""Calibrated parameters as lines of YAML: sections as a market's file has them, lists whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from experiments.calibration.config import Calibration
from experiments.mistakes import Loc

PLATFORM = "platform"


def yaml_lines(calibration: Calibration, values: Sequence[float]) -> Iterator[str]:
    """Lines for the market's file, for that of its platform, and what stands in lists of mappings.

    The last cannot be pasted, as an entry of a list has no name of its own; it comes as a comment.
    """
    dump = calibration.market.model_dump()
    for number, value in zip(calibration.numbers, values, strict=True):
        dump = _put(dump, number.loc, value)
    parts: dict[str, dict[str, Any]] = {"market": {}, PLATFORM: {}}
    entries = []
    for number, value in zip(calibration.numbers, values, strict=True):
        place, whole = _pasted(dump, number.loc)
        if _has_mappings(whole):
            entries.append(f"# {number.path}: {value!r}")
        elif place[0] == PLATFORM:
            _nest(parts[PLATFORM], place[1:], whole)
        else:
            _nest(parts["market"], place, whole)
    if parts["market"]:
        yield f"# {calibration.market_file.name}"
        yield from _written(parts["market"], "")
    if parts[PLATFORM]:
        yield f"# the rules of the platform ({calibration.market.platform.name})"
        yield from _written(parts[PLATFORM], "")
    if entries:
        yield "# in entries of lists"
        yield from entries


def _put(part: Any, loc: Loc, value: Any) -> Any:
    if not loc:
        return value
    step, rest = loc[0], loc[1:]
    if isinstance(part, dict):
        return {**part, step: _put(part[step], rest, value)}
    return (*part[:step], _put(part[step], rest, value), *part[step + 1 :])  # type: ignore[operator,misc]


def _pasted(dump: Any, loc: Loc) -> tuple[Loc, Any]:
    """What is written for a number: itself, or the outermost list that it is part of."""
    value = dump
    for k, step in enumerate(loc):
        value = value[step]
        if isinstance(value, tuple):
            return loc[: k + 1], value
    return loc, value


def _has_mappings(value: Any) -> bool:
    return isinstance(value, tuple) and any(isinstance(item, dict) for item in value)


def _nest(into: dict[str, Any], place: Loc, value: Any) -> None:
    for step in place[:-1]:
        into = into.setdefault(str(step), {})
    into[str(place[-1])] = value


def _written(part: dict[str, Any], indent: str) -> Iterator[str]:
    for name, value in part.items():
        if isinstance(value, dict):
            yield f"{indent}{name}:"
            yield from _written(value, indent + "  ")
        else:
            yield f"{indent}{name}: {_flow(value)}"


def _flow(value: Any) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(_flow, value))}]"
    return repr(value)
