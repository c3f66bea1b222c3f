"""Mistakes found by the declarations of the fields, said in the words of the file."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ValidationError

from experiments.allowed import allowed, choices, unknown_key
from experiments.experiment import Experiment
from experiments.mistakes import Loc, Mistake, shown
from experiments.size import at
from experiments.yaml_source import Source
from sim.config.checks import suggestion


def mistakes_of(
    error: ValidationError, source: Source, root: type[BaseModel] = Experiment
) -> list[Mistake]:
    """One mistake per place, with what was found there and what is allowed in files of ``root``."""
    found: dict[Loc, Mistake] = {}
    for detail in error.errors(include_url=False):
        loc, kind = detail["loc"], detail["type"]
        if kind == "missing" and isinstance(loc[-1], int):
            # A list with a fixed number of places is wrong as a whole.
            loc = loc[:-1]
        if kind == "too_short" and len(detail["input"]) > 0:
            continue  # said of a list whose entries are wrong; those are reported themselves
        if loc in found or any(loc[: len(bad)] == bad for bad in source.spoiled):
            continue
        found[loc] = _mistake(loc, detail, source, root)
    return list(found.values())


def reading_order(mistake: Mistake) -> tuple[Any, ...]:
    """File by file from top to bottom, options last."""
    if mistake.where.startswith("--set"):
        return (True,)
    file, *position = mistake.where.rsplit(":", 2)
    return (False, file, [int(part) for part in position if part.isdecimal()])


def _mistake(loc: Loc, detail: Any, source: Source, root: type[BaseModel]) -> Mistake:
    match detail["type"]:
        case "extra_forbidden":
            return Mistake(source.where(loc, key=True), loc, unknown_key(loc, root))
        case "missing" if loc == detail["loc"]:
            return Mistake(source.where(loc), loc, f"missing; required: {allowed(loc, root)}")
        case "value_error":
            return Mistake(source.where(loc), loc, str(detail["ctx"]["error"]))
        case _:
            found = at(source.data, loc)
            close = suggestion(found, choices(loc, root)) if isinstance(found, str) else ""
            said = f"found {shown(found)}; allowed: {allowed(loc, root)}{close}"
            return Mistake(source.where(loc), loc, said)
