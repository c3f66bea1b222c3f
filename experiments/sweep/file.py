"""From a sweep file to its cells: every mistake of every cell is said before anything is run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from experiments import overrides
from experiments.allowed import slot
from experiments.arms import Arm, resolved_arm, steps_of
from experiments.config import load_base
from experiments.metrics import METRICS
from experiments.mistakes import ConfigError, Loc, Mistake, shown
from experiments.own_code import code_of, source_of
from experiments.said import mistakes_of, reading_order
from experiments.strategies import used_only
from experiments.sweep.designs import Point, most_points, points_of, settings
from experiments.sweep.stated import Factor, SweepStated
from experiments.yaml_source import Source, parse, read_text
from sim import cache
from sim.config.checks import suggestion
from sim.config.market import Market

MOST_CELLS = 10_000_000
OUTSIDE_DIGESTS = {"name", "about"}
"""Parts of a market that change nothing in it."""


@dataclass(frozen=True)
class Sweep:
    """A sweep file that can be run, with the points of its cells."""

    path: Path
    text: str
    stated: SweepStated
    source: Source
    base_path: Path
    base_source: Source
    base: Market
    points: tuple[Point, ...]

    @property
    def factors(self) -> dict[str, Factor]:
        """Factors by name, in the order of the file."""
        return self.stated.factors

    @cached_property
    def base_arm(self) -> Arm:
        """The base as an arm that changes nothing."""
        return Arm("base", used_only(self.base))

    @cached_property
    def identity(self) -> str:
        """Hash of all that decides which cells there are and what they are (32 hex digits)."""
        said = [
            cache.fingerprint(),
            list(METRICS),
            self.stated.vary,
            self.base.model_dump_json(),
            self.base_source.data,
            {name: factor.model_dump(mode="json") for name, factor in self.factors.items()},
            # What names of strategies and platforms stand for may change as well.
            [self._singly(name, value) for name, value in self._named_settings()],
            self.points,
        ]
        return _hash(json.dumps(said, default=str, sort_keys=True))

    def changes(self, point: Point) -> dict[str, Any]:
        """The changes of a cell by path, as an arm would state them."""
        return {path: value for path, value, _ in self._changes(point)}

    def resolved(self, point: Point, found: list[Mistake]) -> Arm | None:
        """The market of a cell, or None when something is wrong with it, which is in ``found``."""
        problems: list[Mistake] = []
        # Places of what the base says take half the time and are needed where something is wrong.
        arm = self._resolved(point, replace(self.base_source, keys={}, values={}), [])
        if arm is None:
            source = self.base_source
            twin = replace(source, keys=dict(source.keys), values=dict(source.values))
            arm = self._resolved(point, twin, problems)
        which = words(self.factors, point)
        found += [Mistake(m.where, _in_cell(m.loc), f"{m.text} (in {which})") for m in problems]
        return arm

    def _resolved(self, point: Point, twin: Source, problems: list[Mistake]) -> Arm | None:
        """The market of a cell, from a base to whose places those of the cell are added."""
        name = "cell"
        content: dict[str, Any] = {}
        for path, value, loc in self._changes(point):
            at = ("arms", name, path)
            if path in content:
                said = "found the same path in another factor; allowed: each once in a cell"
                factor = loc[:2]
                problems.append(Mistake(self.source.where(factor, key=True), factor, said))
            content[path] = value
            twin.keys[at] = self._place_of_path(loc)
            twin.values[at] = self.source.where(loc)
            if isinstance(value, (dict, tuple)):
                self._places_within(loc, at, twin)
        twin.keys["arms", name] = self.source.where(("factors",), key=True)
        arm = resolved_arm(name, content, twin, self.base_path.parent, self.base, problems)
        return None if problems else arm

    def arm(self, point: Point) -> Arm:
        """The market of a cell. Raises ConfigError when something is wrong with it."""
        found: list[Mistake] = []
        arm = self.resolved(point, found)
        if arm is None:
            raise ConfigError(found)
        return arm

    def digest(self, arm: Arm) -> bytes:
        """Sixteen bytes that stand for a cell: its market, its past, the code, what is measured.

        The same for the same market however its factors are called, wherever it stands in a design
        and whoever lives it; seed included, replicate not.
        """
        told = [self._told, self._base_told, arm.market.model_dump_json(exclude=OUTSIDE_DIGESTS)]
        if arm.rebuilt:
            told[1] = arm.world(self.base).model_dump_json(exclude=OUTSIDE_DIGESTS)
        told += [source_of(spec, self.path.parent) for spec in code_of(arm.market).values()]
        return hashlib.blake2b("\n".join(told).encode(), digest_size=16).digest()

    @cached_property
    def _told(self) -> str:
        return json.dumps([cache.fingerprint(), list(METRICS), self.stated.vary])

    @cached_property
    def _base_told(self) -> str:
        return self.base.model_dump_json(exclude=OUTSIDE_DIGESTS)

    def _changes(self, point: Point) -> Iterator[tuple[str, Any, Loc]]:
        """Path, value and place in the file of every change."""
        for (name, factor), value in zip(self.factors.items(), point, strict=True):
            if value is None:
                continue
            at = ("factors", name)
            if factor.levels is not None:
                for path, new in (factor.levels[value] or {}).items():
                    yield path, new, (*at, "levels", value, path)
            elif factor.moves is not None:
                for path, (low, high) in factor.moves.items():
                    new = low + (high - low) * value
                    new = round(new) if path in self._whole else float(f"{new:.12g}")
                    yield path, new, (*at, "moves", path)
            else:
                yield factor.path or name, value, _place_of(factor, value, at)

    def _place_of_path(self, loc: Loc) -> str:
        """Where the path of a change stands whose value is at ``loc``."""
        if loc[2:3] in (("moves",), ("levels",)):
            return self.source.where(loc, key=True)
        stated = (*loc[:2], "path")
        return self.source.values.get(stated) or self.source.where(loc[:2], key=True)

    @cached_property
    def _whole(self) -> frozenset[str]:
        """Paths that move together with others and take whole numbers."""
        paths = {path for factor in self.factors.values() for path in factor.moves or ()}
        return frozenset(path for path in paths if self._takes(path) in (int, int | None))

    def _takes(self, path: str) -> Any:
        """Type of the value at a path, None where there is no such place."""
        twin = replace(self.base_source, keys={}, values={}, mistakes=[])
        try:
            here = slot(overrides.put(twin, steps_of(path, twin.data, ""), None, ""), Market)
        except ConfigError:
            return None  # said when cells are made
        return here.kind if here else None

    def _places_within(self, loc: Loc, at: Loc, twin: Source) -> None:
        n = len(loc)
        for old, new in ((self.source.keys, twin.keys), (self.source.values, twin.values)):
            within = {k: place for k, place in old.items() if len(k) > n and k[:n] == loc}
            new.update({(*at, *k[n:]): place for k, place in within.items()})

    def _named_settings(self) -> Iterator[tuple[str, Any]]:
        for name, factor in self.factors.items():
            if factor.moves is None:
                for value in settings(factor) if factor.between is None else ():
                    if not isinstance(value, (int, float)):
                        yield name, value

    def _singly(self, name: str, value: Any) -> Any:
        point = tuple(value if other == name else None for other in self.factors)
        arm = self.resolved(point, [])
        return arm.market.model_dump_json() if arm else None


# --- reading ---------------------------------------------------------------------------------


def load_sweep(path: Path) -> Sweep:
    """The sweep of a YAML file. Raises ConfigError, which lists every mistake with its place.

    Cells are not looked into: see ``checked``.
    """
    text = read_text(path)
    source = parse(text, str(path))
    if not isinstance(source.data, dict):
        found = "an empty file" if source.data is None else shown(source.data)
        said = f"found {found}; allowed: a mapping that begins with keys such as `base:`"
        raise ConfigError([Mistake(source.where(()), (), said)])
    mistakes, stated = list(source.mistakes), None
    try:
        stated = SweepStated.model_validate(source.data)
    except ValidationError as error:
        mistakes += mistakes_of(error, source, SweepStated)
    base = _base(source, path.parent, mistakes)
    if mistakes or stated is None or base is None:
        raise ConfigError(sorted(set(mistakes), key=reading_order))
    points = _points(stated, source, mistakes)
    _check_surfaces(stated, source, mistakes)
    if mistakes:
        raise ConfigError(sorted(set(mistakes), key=reading_order))
    return Sweep(path, text, stated, source, *base, tuple(points))


def words(factors: dict[str, Factor], point: Point) -> str:
    """A point as one says it: ``service 0.5, outreach recover``."""
    said = [
        f"{name} {value}" for name, value in zip(factors, point, strict=True) if value is not None
    ]
    return ", ".join(said) or "the base"


def _base(
    source: Source, folder: Path, mistakes: list[Mistake]
) -> tuple[Path, Source, Market] | None:
    """The base with what ``set`` replaces in it; mistakes of its own file stand in that file."""
    stated, replaced = source.data.get("base"), source.data.get("set", {})
    if not isinstance(stated, str) or not isinstance(replaced, dict):
        return None  # said by the declarations already
    path = folder / stated
    if not path.is_file():
        said = f"found {shown(stated)}; allowed: a file with a market, as seen from this one"
        mistakes.append(Mistake(source.where(("base",)), ("base",), said))
        return None
    given = {f"{key}={json.dumps(value)}": key for key, value in replaced.items()}
    try:
        return path, *load_base(path, given)
    except ConfigError as error:
        for m in error.mistakes:
            key = given.get(m.where.removeprefix("--set "))
            mistakes.append(m if key is None else replace(m, where=source.where(("set", key))))
    return None


def _points(stated: SweepStated, source: Source, mistakes: list[Mistake]) -> list[Point]:
    at: Loc = ("design",)
    place = source.where(at) if "design" in source.data else source.where(("factors",))
    n = most_points(stated.design, stated.factors)
    said = ""
    if n > MOST_CELLS:
        said = f"found {n:,} cells; allowed: at most {MOST_CELLS:,}"
    else:
        try:
            points = points_of(stated.design, stated.factors)
            if points:
                return points
            said = "found a design without cells; allowed: at least one"
        except ValueError as error:
            said = str(error)
    mistakes.append(Mistake(place, at, said))
    return []


def _check_surfaces(stated: SweepStated, source: Source, mistakes: list[Mistake]) -> None:
    for i, surface in enumerate(stated.surfaces):
        for key, name, known in (
            ("x", surface.x, list(stated.factors)),
            ("y", surface.y, list(stated.factors)),
            ("metric", surface.metric, list(METRICS)),
        ):
            if name not in known:
                what = "metric" if key == "metric" else "factor"
                close = suggestion(name, known)
                some = "see `python run.py list metrics`" if what == "metric" else ", ".join(known)
                said = f"found {shown(name)}, which is no {what}; allowed: {some}{close}"
                loc = ("surfaces", i, key)
                mistakes.append(Mistake(source.where(loc), loc, said))
        if surface.x == surface.y:
            loc = ("surfaces", i, "y")
            said = "found the factor of x; allowed: another one"
            mistakes.append(Mistake(source.where(loc), loc, said))


def _place_of(factor: Factor, value: Any, at: Loc) -> Loc:
    """Where a value of a factor with one path stands."""
    if factor.values is None:
        return (*at, "between")
    found = [i for i, one in enumerate(factor.values) if repr(one) == repr(value)]
    return (*at, "values", found[0]) if found else at


def _in_cell(loc: Loc) -> Loc:
    """The place in a market of what is wrong in a cell."""
    return loc[2:] if loc[:1] == ("arms",) else loc


def _hash(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
