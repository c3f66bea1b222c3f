"""Strategies in JSON schemas: which acts, filters and fields go together."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from experiments.strategies import shipped_strategies
from sim.config.market import NAME
from sim.config.strategy import (
    ACTS,
    FILTERS,
    OF_ACTS,
    OF_EVENTS,
    OPTIONAL,
    TO_THE_STORE,
    Service,
)

Schema = dict[str, Any]


def definition() -> Schema:
    """A strategy as a file may define it: its lines, with what it is about, or in a file."""
    return {
        "anyOf": [
            {"$ref": "#/definitions/Strategy"},
            {"type": "array", "items": {"$ref": "#/definitions/Line"}},
            {"type": "string", "pattern": r"\.ya?ml$"},
        ]
    }


def offer_strategies(part: Schema) -> Schema:
    """``part``, to which the shipped strategies are offered; names of one's own are taken too."""
    strategies = shipped_strategies()
    known = " ".join(f"{name}: {strategy.about}" for name, strategy in strategies.items())
    said = part["description"].rstrip(".")
    part["description"] = f"{said}. One defined under `strategies`, or a shipped one. {known}"
    part.pop("type", None)
    part.pop("pattern", None)
    part["anyOf"] = [{"enum": list(strategies)}, {"type": "string", "pattern": NAME}]
    return part


def tell_lines(line: Schema) -> None:
    """Add to the schema of a line which acts, filters and fields go with which."""
    events, acts = line["properties"]["when"], line["properties"]["do"]
    filters = {name for names in FILTERS.values() for name in names}
    fields = {name for names in OF_ACTS.values() for name in names}
    line["allOf"] = []
    for event in events["enum"]:
        needed = {OF_EVENTS[event]} if event in OF_EVENTS else set()
        unfit = (filters - set(FILTERS[event])) | (set(OF_EVENTS.values()) - needed)
        fitting = {"do": {"enum": [act for act in ACTS[event] if act in acts["enum"]]}}
        line["allOf"].append(_rule("when", event, needed, unfit, fitting))
    for act in acts["enum"]:
        own = set(OF_ACTS.get(act, ()))
        needed = set() if act == "apologise" else own - set(OPTIONAL)
        unfit = fields - own | ({"per_day", "budget"} if act in TO_THE_STORE else set())
        more: Schema = {} if act == "reply_public" else {"verified": {"not": {"const": False}}}
        if act == "set_service":
            more["service"] = _something_of(Service)
        line["allOf"].append(_rule("do", act, needed, unfit, more))


def _something_of(model: type[BaseModel]) -> Schema:
    """A mapping in which at least one field of a model is stated."""
    stated: Schema = {"not": {"type": "null"}}
    fields = [{"required": [n], "properties": {n: stated}} for n in model.model_fields]
    return {"type": "object", "anyOf": fields}


def tell_code(strategy: Schema) -> None:
    """Add to the schema of a strategy that it has code or lines, and limits with code alone."""
    by_code = {"properties": {"code": {"type": "string"}}, "required": ["code"]}
    limits = {"per_day": {"type": "null"}, "budget": {"type": "null"}}
    strategy["allOf"] = [
        {
            "if": by_code,
            "then": {"properties": {"lines": {"maxItems": 0}}},
            "else": {"properties": limits},
        }
    ]


def _rule(key: str, word: str, needed: set[str], unfit: set[str], more: Schema) -> Schema:
    """Where ``key`` is ``word``: fields that must be stated, and fields that must not."""
    stated: Schema = {name: {"not": {"type": "null"}} for name in sorted(needed)}
    then: Schema = {
        "properties": stated | {name: {"type": "null"} for name in sorted(unfit)} | more
    }
    if needed:
        then["required"] = sorted(needed)
    return {"if": {"properties": {key: {"const": word}}, "required": [key]}, "then": then}
