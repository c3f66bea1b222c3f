"""What a configuration allows at a place, in words made from the declarations of its fields."""

from __future__ import annotations

from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from experiments.experiment import Experiment
from experiments.mistakes import Loc, dotted
from sim.config.checks import suggestion
from sim.config.fields import Frozen
from sim.config.market import NAME

BELONGS = {
    "listings": "listings belong to a seller; write them as `listings:` under an entry of "
    "`sellers:`",
    "who": "who says who follows the strategy of an arm; write it beside the arm's `strategy:`",
}
"""Keys at the top of the file that deserve more than a "did you mean"."""

UNITS = {"p": "probability", "x": "factor", "-": "", "0..1": "", "yes/no": "", "name": ""}
"""Units that the declarations abbreviate, or that the type says already."""


PATHS = "a mapping from paths to values, as in `focal.on_time: 0.9`"
STRATEGY = "the name of a strategy, shipped or under `strategies:`"


class Slot(NamedTuple):
    """A place in a configuration: the type it takes and what its field says about it."""

    kind: Any
    limits: dict[str, Any]
    unit: str
    info: FieldInfo | None


def slot(loc: Loc, root: type[BaseModel] = Experiment) -> Slot | None:
    """The slot at ``loc``, None when the configuration has no such place."""
    found = Slot(root, {}, "", None)
    for step in loc:
        inner = _plain(found.kind)
        if _is_model(inner):
            info = inner.model_fields.get(str(step))
            if info is None:
                return None
            extra = info.json_schema_extra
            unit = str(extra.get("unit", "")) if isinstance(extra, dict) else ""
            found = Slot(info.annotation, limits_of(info), unit, info)
        elif get_origin(inner) is dict:
            found = Slot(_plain(get_args(inner)[1]), {}, "", None)
        elif get_origin(inner) is tuple and isinstance(step, int):
            items = get_args(inner)
            place = 0 if items[-1] is Ellipsis else step
            if place >= len(items):
                return None
            found = _item(items[place], found)
        else:
            return None
    return found


def allowed(loc: Loc, root: type[BaseModel] = Experiment) -> str:
    """Type, range and unit at ``loc``: ``a number from 0 to 1 (p)``."""
    here = slot(loc, root)
    if here is None:
        return "no value here"
    text = STRATEGY if loc[-1] == "strategy" else _words(here)
    unit = UNITS.get(here.unit, here.unit)
    return (
        text
        + (f" ({unit})" if unit else "")
        + (" or null" if NoneType in get_args(here.kind) else "")
    )


def choices(loc: Loc, root: type[BaseModel] = Experiment) -> list[str]:
    """The words of which one must stand at ``loc``; empty where anything else may."""
    here = slot(loc, root)
    return choices_of(here.kind) if here else []


def choices_of(kind: Any) -> list[str]:
    """The words that a type takes; empty when it takes anything else."""
    kind = _plain(kind)
    return [str(word) for word in get_args(kind)] if get_origin(kind) is Literal else []


def unknown_key(loc: Loc, root: type[BaseModel] = Experiment) -> str:
    """What to say about a key that does not exist at ``loc``."""
    key, of_a_market = str(loc[-1]), root is Experiment
    if of_a_market and len(loc) == 1 and key in BELONGS:
        return f"unknown key; {BELONGS[key]}"
    parent = slot(loc[:-1], root)
    known = sorted(_plain(parent.kind).model_fields) if parent else []
    close = suggestion(key, known)
    if of_a_market and not close and key in _everywhere() and loc[0] != "strategies":
        close = f"; did you mean {' or '.join(_everywhere()[key][:3])}?"
    return f"unknown key{close or '; allowed: ' + ', '.join(known)}"


@cache
def _everywhere() -> dict[str, list[str]]:
    """Every key of a market with the dotted places it belongs to; ``N`` stands for any index."""
    places: dict[str, list[str]] = {}

    def visit(model: type[BaseModel], loc: Loc) -> None:
        for name, info in model.model_fields.items():
            places.setdefault(name, []).append(dotted((*loc, name)))
            inner = _plain(info.annotation)
            if _is_model(inner):
                visit(inner, (*loc, name))
            elif get_origin(inner) is tuple and _is_model(get_args(inner)[0]):
                visit(get_args(inner)[0], (*loc, name, "N"))

    visit(Experiment, ())
    return places


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Frozen)


def _plain(kind: Any) -> Any:
    """``kind`` without ``| None`` and ``Annotated``."""
    if get_origin(kind) in (Union, UnionType):
        kind = next(part for part in get_args(kind) if part is not NoneType)
    return kind.__origin__ if hasattr(kind, "__metadata__") else kind


def _item(kind: Any, of: Slot) -> Slot:
    return Slot(_plain(kind), _limits_inside(kind), of.unit, of.info)


def limits_of(info: FieldInfo) -> dict[str, Any]:
    """Limits of a field by name (``ge``, ``le``, …), stated by itself or by its type."""
    return _limits_inside(info.annotation) | _limits(info.metadata)


def _limits_inside(kind: Any) -> dict[str, Any]:
    """Limits that a type holds itself, as in ``Annotated[float, Field(ge=0)] | None``."""
    parts = get_args(kind) if get_origin(kind) in (Union, UnionType) else (kind,)
    fields = [meta for part in parts for meta in getattr(part, "__metadata__", ())]
    return _limits(
        [rule for meta in fields if isinstance(meta, FieldInfo) for rule in meta.metadata]
    )


def _limits(metadata: list[Any]) -> dict[str, Any]:
    names = ("ge", "le", "min_length", "max_length", "pattern")
    pairs = ((name, getattr(rule, name, None)) for rule in metadata for name in names)
    return {name: value for name, value in pairs if value is not None}


def _words(here: Slot) -> str:
    kind, limits = _plain(here.kind), here.limits
    if kind is str:
        if limits.get("pattern") == NAME:
            return "text of 1 to 60 characters on one line"
        return "text" + _between(limits, "min_length", "max_length", " of", " characters")
    if kind in (int, float):
        name = "a whole number" if kind is int else "a number"
        return name + _between(limits, "ge", "le", "", "", " from")
    if get_origin(kind) is Literal:
        return "one of " + ", ".join(map(str, get_args(kind)))
    if get_origin(kind) is tuple:
        return _list_words(here)
    if get_origin(kind) is dict:
        inner = _plain(get_args(kind)[1])
        return "a mapping from names to mappings" if _is_dict(inner) or _is_model(inner) else PATHS
    if kind is bool:
        return "true or false"
    if kind is Any:
        return "a value"
    return "a mapping with " + ", ".join(kind.model_fields)


def _is_dict(kind: Any) -> bool:
    return get_origin(_plain(kind)) is dict


def _list_words(here: Slot) -> str:
    items = get_args(_plain(here.kind))
    inner = _item(items[0], here)
    each = "mappings" if _is_model(inner.kind) else _words(inner)
    each = each.replace("a whole number", "whole numbers").replace("a number", "numbers")
    each = each.replace("a list of", "lists of").replace("a value", "values")
    if items[-1] is not Ellipsis:
        return f"a list of {len(items)} {each}"
    count = _between(here.limits, "min_length", "max_length", "", "")
    return f"a list of{count} {each}"


def _between(
    limits: dict[str, Any], low: str, high: str, before: str, after: str, both: str = ""
) -> str:
    least, most = limits.get(low), limits.get(high)
    if least is None and most is None:
        return ""
    if least is None or most is None:
        side = "at most" if least is None else "at least"
        return f"{before} {side} {_plainly(most if least is None else least)}{after}"
    return f"{before}{both} {_plainly(least)} to {_plainly(most)}{after}"


def _plainly(number: Any) -> str:
    return f"{int(number):,}" if number == int(number) else repr(number)
