"""The numbers of a market that a calibration may move: where they stand, and between which ends."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args, get_origin

from experiments.allowed import slot, unknown_key
from experiments.config import load_market
from experiments.experiment import EXPERIMENT_KEYS
from experiments.mistakes import ConfigError, Loc, Mistake, shown
from experiments.overrides import put
from experiments.yaml_source import Source
from sim.config.market import Market

SECTION = "parameters"
Range = tuple[float, float]


@dataclass(frozen=True)
class NumberOf:
    """One number of a market, and the ends between which it may be moved."""

    path: str
    """As the file says it."""
    loc: Loc
    low: float
    high: float
    stated: float
    """Its value in the market as it is."""


def numbers_of(
    source: Source, file: Path, market: Market, mistakes: list[Mistake]
) -> tuple[NumberOf, ...]:
    """The numbers under ``parameters:``; adds what is wrong with them to ``mistakes``."""
    stated = source.data.get(SECTION)
    values = market.model_dump()
    found: dict[Loc, NumberOf] = {}
    for path, ends in stated.items() if isinstance(stated, dict) else ():
        here: Loc = (SECTION, path)
        try:
            loc, value = _place(path, values)
            if loc in found:
                raise ValueError(f"the same number as {found[loc].path}; allowed: each once")
            span = _span(ends, loc)
        except ValueError as error:
            mistakes.append(Mistake(source.where(here, key=True), here, str(error)))
            continue
        if span is None:
            continue  # said by the declarations
        found[loc] = NumberOf(path, loc, *span, value)
        mistakes += _refused_ends(found[loc], ends, source, file)
    return tuple(found.values())


def _place(path: str, values: dict[str, Any]) -> tuple[Loc, float]:
    """Place and value of the number at a path. Raises ValueError where there is none."""
    try:
        loc = put(Source(values), path.split("."), None, "")
    except ConfigError as error:
        raise ValueError(error.mistakes[0].text) from error
    if loc[0] in EXPERIMENT_KEYS:
        raise ValueError(f"found {shown(loc[0])}, which is no part of a market; allowed: what is")
    value: Any = values
    for k, step in enumerate(loc):
        if isinstance(value, dict) and step not in value:
            raise ValueError(unknown_key(loc[: k + 1]))
        value = value[step]
    if isinstance(value, bool) or not isinstance(value, int | float):
        hint = "; allowed: a path to a number"
        if isinstance(value, tuple | list):
            hint += f", as in {path}.0"
        if value is None:
            hint = "; allowed: a number that the market states"
        raise ValueError(f"found {shown(value)} there{hint}")
    if isinstance(value, int):
        # A little more of it is not to be had, so no slope either; and counts make other worlds.
        raise ValueError(f"found {value} there, a whole number; allowed: numbers with fractions")
    return loc, value


def _span(ends: Any, loc: Loc) -> Range | None:
    """The ends of a range; None for what is no range. Raises ValueError for one that cannot be."""
    if ends is None:
        here = slot(loc)
        extra = here.info.json_schema_extra if here and here.info else None
        likely = extra.get("plausible") if isinstance(extra, dict) else None
        if not isinstance(likely, list) or (here and _is_list(here.info)):
            raise ValueError(
                "found no range, and none is declared as plausible; allowed: [from, to]"
            )
        ends = (likely[0], likely[1])
    is_pair = isinstance(ends, tuple) and len(ends) == 2
    if not is_pair or not all(_is_finite(x) for x in ends):
        return None
    if not ends[0] < ends[1]:
        raise ValueError(f"found {list(ends)}; allowed: the smaller number first")
    return float(ends[0]), float(ends[1])


def _is_list(info: Any) -> bool:
    """Is the declared range that of a whole list?"""
    return any(get_origin(kind) is tuple for kind in (info.annotation, *get_args(info.annotation)))


def _is_finite(x: Any) -> bool:
    return isinstance(x, int | float) and not isinstance(x, bool) and math.isfinite(x)


def _refused_ends(number: NumberOf, ends: Any, source: Source, file: Path) -> list[Mistake]:
    """What the market says to the number at either end."""
    found = []
    for i, value in enumerate((number.low, number.high)):
        here: Loc = (SECTION, number.path) if ends is None else (SECTION, number.path, i)
        try:
            load_market(file, [f"{number.path}={value!r}"])
        except ConfigError as error:
            found.append(Mistake(source.where(here), here, error.mistakes[0].text))
    return found
