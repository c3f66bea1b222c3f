"""YAML as plain values, with the line and column of every key and value.

Nothing is constructed from tags, repeated nodes are limited, and every mistake that does not stop
the reading is collected, so that the user sees all of them at once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from experiments.mistakes import ConfigError, Loc, Mistake, shown

MAX_BYTES = 1_000_000
MAX_REPEATED = 1_000
"""Nodes that aliases may repeat in all: plenty for shared blocks, far too few for a bomb."""

CORE = "tag:yaml.org,2002:"


@dataclass
class Source:
    """Values, where they stand, and what was wrong already while reading them."""

    data: Any = None
    keys: dict[Loc, str] = field(default_factory=dict)
    values: dict[Loc, str] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)
    spoiled: list[Loc] = field(default_factory=list)

    def where(self, loc: Loc, *, key: bool = False) -> str:
        """Place of a value (or of its key); of what encloses it when it is not in the source."""
        if key and loc in self.keys:
            return self.keys[loc]
        while loc and loc not in self.values:
            loc = loc[:-1]
        return self.values.get(loc, "")

    def part(self, loc: Loc, data: Any) -> Source:
        """``data``, which stands at ``loc``, with its places."""
        keys, values = (
            {k[len(loc) :]: place for k, place in places.items() if k[: len(loc)] == loc}
            for places in (self.keys, self.values)
        )
        spoiled = [k[len(loc) :] for k in self.spoiled if k[: len(loc)] == loc]
        return Source(data, keys, values, [], spoiled)

    def graft(self, loc: Loc, other: Source) -> None:
        """Take over the places and mistakes of ``other``, whose data now stands at ``loc``."""
        for places in (self.keys, self.values):
            for old in [k for k in places if k[: len(loc)] == loc and len(k) > len(loc)]:
                del places[old]
        self.keys.update({(*loc, *k): place for k, place in other.keys.items()})
        self.values.update({(*loc, *k): place for k, place in other.values.items()})
        self.mistakes += [Mistake(m.where, (*loc, *m.loc), m.text) for m in other.mistakes]
        self.spoiled = [k for k in self.spoiled if k[: len(loc)] != loc]
        self.spoiled += [(*loc, *k) for k in other.spoiled]


def read_text(path: Path) -> str:
    """The text of a file. Raises ConfigError when it cannot be a configuration."""

    def refuse(text: str, line: int | None = None) -> ConfigError:
        return ConfigError([Mistake(str(path) if line is None else f"{path}:{line}", (), text)])

    try:
        if path.is_dir():
            raise refuse("found a directory; allowed: a YAML file")
        if not path.exists():
            raise refuse("no such file")
        if not path.is_file():
            raise refuse("found something that is not a regular file; allowed: a YAML file")
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise refuse(f"found {size:,} bytes; allowed: at most {MAX_BYTES:,}")
        raw = path.read_bytes()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise refuse(f"cannot be read: {reason}") from error
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise refuse("found bytes that are not UTF-8; allowed: a UTF-8 text", line) from error


def parse(text: str, label: str, *, places: bool = True) -> Source:
    """Values of a YAML text; ``label`` names the text, ``places`` adds line and column to it.

    Raises ConfigError when the text is not YAML at all.
    """

    def place(line: int, column: int) -> str:
        return f"{label}:{line + 1}:{column + 1}" if places else label

    node = _compose(text, place)
    if node is None:
        return Source(values={(): place(0, 0)})
    reader = _Reader(lambda n: place(n.start_mark.line, n.start_mark.column))
    reader.source.data = reader.read(node, ())
    return reader.source


def _compose(text: str, place: Callable[[int, int], str]) -> Any:
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    yaml = YAML(typ="safe", pure=True)
    yaml.composer.warn_double_anchors = False
    try:
        return yaml.compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = place(mark.line, mark.column) if mark else place(0, 0)
        said = error.problem or error.context or "unreadable"
        raise ConfigError([Mistake(where, (), f"not valid YAML: {said}")]) from error
    except RecursionError as error:
        raise ConfigError([Mistake(place(0, 0), (), "nested too deeply")]) from error
    except (YAMLError, ValueError, AssertionError, AttributeError, IndexError) as error:
        # What the parser lets slip on broken directives and characters is still a user's mistake.
        at = getattr(error, "position", 0)
        before = text[:at] if isinstance(at, int) else ""
        where = place(before.count("\n"), len(before) - before.rfind("\n") - 1)
        reason = getattr(error, "reason", None) or "unreadable"
        raise ConfigError([Mistake(where, (), f"not valid YAML: {reason}")]) from error


class _Reader:
    """Turns composed nodes into values; visits every node once, repeated ones again."""

    def __init__(self, place: Callable[[Any], str]) -> None:
        self.source = Source()
        self.place = place
        self.seen: set[int] = set()
        self.inside: set[int] = set()
        self.repeated = 0

    def read(self, node: Any, loc: Loc) -> Any:
        self.source.values[loc] = self.place(node)
        if id(node) in self.inside:
            return self.spoil(node, loc, "found an alias that contains itself")
        if id(node) in self.seen:
            self.repeated += 1
            if self.repeated == MAX_REPEATED + 1:
                text = f"found aliases that repeat more than {MAX_REPEATED:,} values"
                return self.spoil(node, loc, f"{text}; allowed: fewer; write them out")
            if self.repeated > MAX_REPEATED:
                self.source.spoiled.append(loc)
                return None
        self.seen.add(id(node))
        self.inside.add(id(node))
        kind = str(node.tag).removeprefix(CORE)
        try:
            match (node.id, kind):
                case ("mapping", "map"):
                    return self.mapping(node, loc)
                case ("sequence", "seq"):
                    return tuple(self.read(item, (*loc, i)) for i, item in enumerate(node.value))
                case ("scalar", _):
                    return self.scalar(node, loc, kind)
                case _:
                    return self.refuse_tag(node, loc)
        finally:
            self.inside.discard(id(node))

    def mapping(self, node: Any, loc: Loc) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for key, value in node.value:
            name = key.value if key.id == "scalar" else "?"
            here = (*loc, name)
            if key.id != "scalar":
                self.spoil(key, here, "found a key that is not a name; allowed: a name")
            elif name == "<<":
                self.spoil(key, here, "merge keys are not part of YAML 1.2; write the values out")
            elif name in values:
                first = self.source.keys[here]
                self.add(key, here, f"found the key a second time; the first is at {first}")
            else:
                self.source.keys[here] = self.place(key)
                values[name] = self.read(value, here)
        return values

    def scalar(self, node: Any, loc: Loc, kind: str) -> Any:
        text = node.value
        if kind in ("str", "timestamp"):
            return text
        if kind == "null":
            return None
        if kind == "bool" and text.lower() in ("true", "false"):
            return text.lower() == "true"
        if kind not in ("bool", "int", "float"):
            return self.refuse_tag(node, loc)
        try:
            return _number(text, kind)
        except (ValueError, OverflowError):
            found = shown(text)
            return self.spoil(node, loc, f"found {found}; allowed: a value of type {kind}")

    def refuse_tag(self, node: Any, loc: Loc) -> None:
        tag = str(node.tag)
        short = f"!!{tag.removeprefix(CORE)}" if tag.startswith(CORE) else tag
        self.spoil(node, loc, f"found the tag {short}; allowed: plain values without tags")

    def add(self, node: Any, loc: Loc, text: str) -> None:
        self.source.mistakes.append(Mistake(self.place(node), loc, text))

    def spoil(self, node: Any, loc: Loc, text: str) -> None:
        """Note a mistake after which nothing more can be said about the value at ``loc``."""
        self.add(node, loc, text)
        self.source.spoiled.append(loc)


def _number(text: str, kind: str) -> int | float:
    plain = text.replace("_", "").lower()
    if kind == "int":
        base = {"0x": 16, "0o": 8, "0b": 2}.get(plain.lstrip("+-")[:2], 10)
        return int(plain, base)
    return float(plain.replace(".inf", "inf").replace(".nan", "nan"))
