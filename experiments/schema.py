"""JSON schemas of files for editors that check: experiments, sweeps, platforms, strategies,
calibrations.

Made from the configuration types and kept to what draft 7 knows, as editors read no later one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Literal, get_args

from experiments.allowed import UNITS
from experiments.arms import OF_THE_EXPERIMENT
from experiments.calibration.stated import Stated
from experiments.experiment import Experiment
from experiments.platforms import PLATFORMS, ROOT, shipped
from experiments.schema_lines import Schema, definition, offer_strategies, tell_code, tell_lines
from experiments.strategies import STRATEGIES
from experiments.sweep.stated import (
    MOST_FACTORS,
    NAME_OF_A_FACTOR,
    NEEDS,
    SweepStated,
)
from sim.config.health import WITH_AMOUNT, PenaltyKind
from sim.config.market import Market
from sim.config.platform import PlatformRules
from sim.config.strategy import Strategy

Kind = Literal["experiment", "platform", "strategy", "calibration", "sweep"]

DRAFT = "http://json-schema.org/draft-07/schema#"
FILES = {
    "experiment": ROOT / "configs" / "schema.json",
    "platform": PLATFORMS / "schema.json",
    "strategy": STRATEGIES / "schema.json",
    "calibration": ROOT / "configs" / "evidence" / "calibration.schema.json",
    "sweep": ROOT / "configs" / "sweeps" / "schema.json",
}
"""Where the schemas are kept."""

OWN_WORLD = "An arm that changes it lives in a world of its own."
NOT_IN_ARMS = (*OF_THE_EXPERIMENT, "about", "platform")
"""Parts of a market that all arms share, or that have a word of their own in arms."""

ENTRY = r"(?:(?!\.(?:listings|offers)\.).)+"
"""Name or index of an entry of a list. Names may hold dots, but a seller's ends at its listings
and offers."""

KEY = r"[^.]+"
"""Name of an entry of a mapping, in a path."""


def schema_text(kind: Kind) -> str:
    """The schema of files of that kind as it is kept in ``configs/``."""
    made = {
        "experiment": experiment_schema,
        "platform": platform_schema,
        "strategy": strategy_schema,
        "calibration": calibration_schema,
        "sweep": sweep_schema,
    }
    return json.dumps(made[kind](), indent=2, ensure_ascii=False) + "\n"


def platform_schema() -> Schema:
    """Schema of ``configs/platforms/*.yaml``."""
    return _whole("A platform's rules", _plain(PlatformRules.model_json_schema()))


def strategy_schema() -> Schema:
    """Schema of ``configs/strategies/*.yaml``: what a strategy is, or its lines alone."""
    schema = _plain(Strategy.model_json_schema())
    tell_lines(schema["definitions"]["Line"])
    tell_code(schema)
    schema |= {"type": ["object", "array"], "items": {"$ref": "#/definitions/Line"}}
    return _whole("A strategy", schema)


def calibration_schema() -> Schema:
    """Schema of files such as ``configs/evidence/calibration.yaml``."""
    schema = _plain(Stated.model_json_schema())
    ends = {"type": ["array", "null"], "items": {"type": "number"}, "minItems": 2, "maxItems": 2}
    schema["properties"]["parameters"] |= {"minProperties": 1, "additionalProperties": ends}
    return _whole("A calibration", schema)


def sweep_schema() -> Schema:
    """Schema of ``configs/sweeps/*.yaml``."""
    schema = _plain(SweepStated.model_json_schema())
    definitions = schema["definitions"]
    factor, design = definitions["Factor"]["properties"], definitions["Design"]
    ends = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}
    factor["moves"] |= {"minProperties": 1, "additionalProperties": ends}
    factor["levels"] |= {"minProperties": 1, "additionalProperties": {"type": ["object", "null"]}}
    schema["properties"]["factors"] |= {
        "minProperties": 1,
        "maxProperties": MOST_FACTORS,
        "propertyNames": {"pattern": NAME_OF_A_FACTOR},
        "additionalProperties": {"$ref": "#/definitions/Factor"},
    }
    design["allOf"] = list(_rules_of_designs())
    return _whole("A sweep", schema)


def _rules_of_designs() -> Iterator[Schema]:
    """Which parts of a design go with which kind."""
    parts = {part for needed in NEEDS.values() for part in needed}
    for kind, needed in NEEDS.items():
        rule: Schema = {"required": list(needed)} if needed else {}
        rule["properties"] = {part: {"type": "null"} for part in sorted(parts - set(needed))}
        when: Schema = {"properties": {"kind": {"const": kind}}}
        if kind != "factorial":  # which it is when it is not said
            when["required"] = ["kind"]
        yield {"if": when, "then": rule}


def experiment_schema() -> Schema:
    """Schema of ``configs/*.yaml``: a market with arms."""
    schema = _plain(Experiment.model_json_schema())
    properties, definitions = schema["properties"], schema["definitions"]
    tell_lines(definitions["Line"])
    tell_code(definitions["Strategy"])
    properties["strategies"]["additionalProperties"] = definition()
    for model in ("Seller", "Rivals"):
        offer_strategies(definitions[model]["properties"]["strategy"])
    properties["platform"] = _platform(properties["platform"]["description"])
    schema["definitions"]["Arm"] = _arm(schema)
    properties["arms"] = {
        "description": "Arms by name; each changes a few values of the market above",
        "type": "object",
        "additionalProperties": {"$ref": "#/definitions/Arm"},
    }
    levers = {"$ref": "#/definitions/LeverStated"}
    definitions["EqualSpend"]["properties"]["levers"] |= {
        "minProperties": 1,
        "additionalProperties": levers,
    }
    return _whole("An experiment", schema)


# --- arms ------------------------------------------------------------------------------------


def _arm(schema: Schema) -> Schema:
    """What an arm may say: five words of its own, and dotted paths to values.

    Only the words and the focal seller's values are offered; other paths are checked, as a list
    of all of them would bury what most files need.
    """
    about = {"description": "What the arm stands for, in a sentence", "type": "string"}
    placebo = {
        "description": "The baseline once more: its differences must be exactly zero",
        "type": "boolean",
        "default": False,
    }
    strategy = offer_strategies({"description": "Strategy of the focal seller"})
    who = {
        "description": "Who follows the arm's strategy: the focal seller (default), all sellers, "
        "or the focal seller and a share of the rivals",
        "anyOf": [
            {"enum": ["focal", "all"]},
            {
                "type": "object",
                "properties": {"share": {"type": "number", "minimum": 0, "maximum": 1}},
                "required": ["share"],
                "additionalProperties": False,
            },
        ],
    }
    words = {
        "about": about,
        "placebo": placebo,
        "platform": _platform("Another platform: the arm lives in a world of its own"),
        "strategy": strategy,
        "who": who,
    }
    paths = dict(_arm_paths(schema))
    offered = {p: part for p, part in paths.items() if re.match(r"focal\.(?!listings|offers)", p)}
    checked = {_pattern(p): part for p, part in paths.items() if p not in offered}
    return {
        "description": "Changes by dotted path, as in focal.on_time or rivals.count; focal is "
        "short for sellers and the name of the focal seller",
        "type": ["object", "null"],
        "properties": words | offered,
        "patternProperties": checked,
        "additionalProperties": False,
        "dependencies": {"who": ["strategy"]},
    }


def _arm_paths(schema: Schema) -> Iterator[tuple[str, Schema]]:
    """Every path that an arm may change, with what it takes.

    ``*`` stands for an entry of a list by name or number, ``#`` for one by number, ``@`` for a
    name in a mapping.
    """
    definitions, properties = schema["definitions"], schema["properties"]
    yield from _paths(definitions, "Seller", "focal")
    for name in Market.model_fields:
        if name not in NOT_IN_ARMS:
            yield name, {"$ref": f"#/properties/{name}"}
            yield from _below(definitions, properties[name], name)
    yield from _paths(definitions, "PlatformRules", "platform")


def _paths(definitions: Schema, model: str, prefix: str) -> Iterator[tuple[str, Schema]]:
    """Every path below ``prefix``, at which a ``model`` stands."""
    for name, part in definitions[model]["properties"].items():
        if model == "Seller" and name in ("name", "focal"):
            continue  # who a seller is makes no difference between arms
        path = f"{prefix}.{name}"
        yield path, {"$ref": f"#/definitions/{model}/properties/{name}"}
        yield from _below(definitions, part, path)


def _below(definitions: Schema, part: Schema, path: str) -> Iterator[tuple[str, Schema]]:
    """Paths to what a property holds: parts of a section, entries of a list or of a mapping."""
    for section in [part, *part.get("anyOf", [])]:
        if "allOf" in section:
            yield from _paths(definitions, _model(section["allOf"][0]), path)
    if "additionalProperties" in part:
        yield f"{path}.@", part["additionalProperties"]
        yield from _paths(definitions, "Strategy", f"{path}.@")
    items = part.get("items", {})
    if "$ref" in items:
        yield f"{path}.#", items
        yield from _paths(definitions, _model(items), f"{path}.*")
    elif items:
        yield f"{path}.*", {}


def _model(part: Schema) -> str:
    return str(part["$ref"]).rsplit("/", 1)[-1]


def _pattern(path: str) -> str:
    text = re.escape(path).replace(r"\*", ENTRY).replace(r"\#", r"\d+").replace("@", KEY)
    return f"^{text}$"


def _platform(description: str) -> Schema:
    """A platform as it may stand in an experiment: by name, as a file, or written out."""
    return {
        "description": f"{description}: a shipped platform, a path ending in .yaml, or a mapping",
        "anyOf": [
            {"enum": shipped()},
            {"type": "string", "pattern": r"\.ya?ml$"},
            {"$ref": "#/definitions/PlatformRules"},
        ],
    }


# --- from pydantic's schema to draft 7 -------------------------------------------------------


def _whole(title: str, schema: Schema) -> Schema:
    """The schema with its heading, and with the definitions that it needs."""
    definitions = schema.pop("definitions", {})
    needed: dict[str, Schema] = {}
    waiting = _references(schema)
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed[name] = definitions[name]
            waiting |= _references(definitions[name])
    schema |= {"definitions": {name: needed[name] for name in sorted(needed)}}
    return {"$schema": DRAFT, "title": title, **schema}


def _references(part: Any) -> set[str]:
    found = re.findall(r'"#/definitions/(\w+)', json.dumps(part))
    return set(found)


def _plain(schema: Schema) -> Schema:
    """pydantic's schema of a model in the words of draft 7, definitions included."""
    definitions = {name: _object(model) for name, model in schema.pop("$defs", {}).items()}
    whole = _object(schema) | {"definitions": definitions}
    for model in (whole, *definitions.values()):
        for part in model["properties"].values():
            if "allOf" in part:  # a section: described by what it is
                part.setdefault("description", definitions[_model(part["allOf"][0])]["description"])
    return whole


def _object(model: Schema) -> Schema:
    properties = {name: _property(part) for name, part in model["properties"].items()}
    kept: Schema = {key: model[key] for key in ("description", "type", "required") if key in model}
    if "description" in kept:
        kept["description"] = kept["description"].replace("``", "`")
    return {**kept, "properties": properties, "additionalProperties": False}


def _property(part: Schema) -> Schema:
    """A field: what it takes, described with unit, range, status and source."""
    said = {key: part[key] for key in ("description", "default") if key in part}
    value = _value({key: x for key, x in part.items() if key not in said})
    if "allOf" in value:
        said.pop("default", None)  # its own fields say theirs
    if "status" in part:
        said["description"] = _description(part, value)
    return said | value


def _value(part: Schema) -> Schema:
    """What a place takes: type, limits, entries."""
    if "$ref" in part:
        # Beside a $ref draft 7 reads nothing.
        return {"allOf": [{"$ref": _local(part["$ref"])}]}
    if "anyOf" in part:
        first, *others = (_value(choice) for choice in part["anyOf"])
        if others == [{"type": "null"}] and isinstance(first.get("type"), str):
            words = {"enum": [*first["enum"], None]} if "enum" in first else {}
            return first | words | {"type": [first["type"], "null"]}
        return {"anyOf": [first, *others]}
    keys = ("type", "enum", "const", "pattern", "minimum", "maximum", "minLength", "maxLength")
    value = {key: part[key] for key in (*keys, "minItems", "maxItems") if key in part}
    if "prefixItems" in part:
        first, *others = (_value(item) for item in part["prefixItems"])
        if any(other != first for other in others):
            raise ValueError("draft 7 editors cannot be told of a list of unlike entries")
        value["items"] = first
    elif "items" in part:
        value["items"] = _entry(part["items"])
    return value


def _entry(items: Schema) -> Schema:
    if "$ref" not in items:
        return _value(items)
    entry = {"$ref": _local(items["$ref"])}
    if entry["$ref"].endswith("/Penalty"):  # one without anything more to say is its name
        names = [name for name in get_args(PenaltyKind) if name not in WITH_AMOUNT]
        return {"anyOf": [{"enum": names}, entry]}
    return entry


def _local(reference: str) -> str:
    return reference.replace("#/$defs/", "#/definitions/")


def _description(part: Schema, value: Schema) -> str:
    """``Meaning. Unit: …; range: …. Status: …; source: ….``"""
    unit = UNITS.get(part["unit"], part["unit"])
    limits = value.get("items", value)
    facts = [f"unit: {unit}"] if unit else []
    if "minimum" in limits:
        facts.append(f"range: {_number(limits['minimum'])} to {_number(limits['maximum'])}")
    if part.get("plausible"):
        low, high = part["plausible"]
        facts.append(f"plausible: {_number(low)} to {_number(high)}")
    facts.append(f"status: {part['status']}")
    if part["source"] != part["status"]:
        facts.append(f"source: {part['source']}")
    world = f" {OWN_WORLD}" if part["world"] else ""
    return f"{part['description']} ({'; '.join(facts)}).{world}"


def _number(x: float) -> str:
    return f"{int(x):,}" if x == int(x) else repr(x)
