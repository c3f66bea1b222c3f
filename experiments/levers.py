"""Levers of ``equal_spend``: what is wrong with them, and an arm with its lever at a value.

An arm with a lever is read anew for every value, as if its file stated it: so the value is checked
like any other, and stands among the arm's changes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from experiments.arms import Arm, resolved_arms, stated_baseline
from experiments.equal_spend import SECTION, EqualSpend, LeverStated
from experiments.mistakes import Loc, Mistake, shown
from experiments.yaml_source import Source
from sim.config.changes import Change
from sim.config.checks import suggestion

Number = int | float


@dataclass(frozen=True)
class Lever:
    """A number of one arm, to be set between two ends."""

    arm: str
    path: str
    """As the file says it."""
    loc: Loc
    low: Number
    high: Number
    whole: bool
    """Does the place take whole numbers only?"""
    where: str
    """Where its ends are stated."""
    source: Source
    folder: Path

    def set_to(self, value: Number) -> Arm:
        """The arm with this value. Raises ValueError for a value that its place does not take."""
        mistakes: list[Mistake] = []
        stated = _stated(self.source, self.arm, self.path, value, self.where)
        arms = resolved_arms(_alone(stated, self.arm), self.folder, mistakes)
        if mistakes or not arms:
            raise ValueError(f"{self.path} = {value}: {'; '.join(map(str, mistakes))}")
        return arms[0]

    @property
    def middle(self) -> Number:
        """A value between the ends, or one of them."""
        return (self.low + self.high) // 2 if self.whole else (self.low + self.high) / 2


def levers_of(source: Source, folder: Path, mistakes: list[Mistake]) -> tuple[Lever, ...] | None:
    """The levers of a file in their order; adds what is wrong with them to ``mistakes``.

    None where their section cannot be understood, which the declarations have said already.
    """
    stated = source.data.get(SECTION)
    if stated is None:
        return ()
    try:
        section = EqualSpend.model_validate(stated)
    except ValidationError:
        return None
    found: list[Mistake] = []
    arms = source.data.get("arms")
    arms = arms if isinstance(arms, dict) else {}
    _check_like(section, arms, source, found)
    levers = []
    for name, lever in section.levers.items():
        said = _wrong_with(name, section, lever, arms, source)
        if said:
            found.append(said)
        else:
            levers += _ends(name, lever, source, folder, found, [*mistakes, *found])
    mistakes += found
    return tuple(levers) if not found else None


def with_levers(source: Source, levers: tuple[Lever, ...]) -> Source:
    """The file as if its arms stated their levers, each in the middle of its ends."""
    for lever in levers:
        source = _stated(source, lever.arm, lever.path, lever.middle, lever.where)
    return source


def _check_like(
    section: EqualSpend, arms: dict[str, Any], source: Source, found: list[Mistake]
) -> None:
    if section.like not in arms:
        loc: Loc = (SECTION, "like")
        said = f"found {shown(section.like)}, which is no arm; allowed: {', '.join(arms)}"
        found.append(Mistake(source.where(loc), loc, said + suggestion(section.like, list(arms))))


def _wrong_with(
    name: str, section: EqualSpend, lever: LeverStated, arms: dict[str, Any], source: Source
) -> Mistake | None:
    """Why this arm can have no such lever, if so."""
    loc: Loc = (SECTION, "levers", name)
    where, said = source.where(loc, key=True), ""
    content = arms.get(name) or {}
    if name not in arms:
        known = [arm for arm in arms if arm != section.like]
        said = f"found {shown(name)}, which is no arm; allowed: {', '.join(known)}"
        said += suggestion(name, known)
    elif name == section.like:
        said = "the arm whose spending the others match; allowed: other arms"
    elif name == (stated_baseline(source) or next(iter(arms))):
        said = "the baseline, which stays as it is stated; allowed: other arms"
    elif not isinstance(content, dict):
        return None  # said by the declarations
    elif content.get("placebo") is True:
        said = "a placebo, which changes nothing; allowed: other arms"
    elif lever.set in content:
        at = source.where(("arms", name, lever.set), key=True)
        loc, where = (*loc, "set"), source.where((*loc, "set"))
        said = f"found {lever.set}, which the arm states at {at}; allowed: in one of the two places"
    return Mistake(where, loc, said) if said else None


def _ends(
    name: str,
    lever: LeverStated,
    source: Source,
    folder: Path,
    found: list[Mistake],
    known: list[Mistake],
) -> list[Lever]:
    """The lever, once its arm could be read at both ends; else nothing, and why is in ``found``.

    Mistakes that are ``known`` are not told again.
    """
    loc: Loc = (SECTION, "levers", name)
    low, high = source.data[SECTION]["levers"][name]["between"]
    read: list[Arm] = []
    for i, value in enumerate((low, high)):
        told = list(known)
        stated = _stated(source, name, lever.set, value, source.where((*loc, "between", i)))
        stated.keys["arms", name, lever.set] = source.where((*loc, "set"))
        read += resolved_arms(_alone(stated, name), folder, told)
        if told != known:
            # The other end would mostly say the same once more.
            found += [m for m in told[len(known) :] if not _of_the_arm(m, source, name)]
            return []
    if len(read) < 2:
        return []  # something is wrong with the base, which is told as such
    moved = _moved(*read)
    said = _cannot_move(moved, lever.set)
    if said:
        found.append(Mistake(source.where((*loc, "set")), (*loc, "set"), said))
        return []
    whole = isinstance(moved[0].new, int)
    where = source.where((*loc, "between"))
    return [Lever(name, lever.set, moved[0].loc, low, high, whole, where, source, folder)]


def _cannot_move(moved: list[Change], path: str) -> str:
    """Why what differs between the two ends makes no lever; empty when it does."""
    if not moved:
        return f"found {path}, which changes nothing in this arm; allowed: what it follows or sells"
    if any(change.world for change in moved):
        return f"found {path}, which makes another world; allowed: settings, as in focal.on_time"
    if len(moved) > 1 or isinstance(moved[0].new, bool):
        return f"found {path}, which is no number; allowed: a path to one, as in focal.on_time"
    return ""


def _moved(low: Arm, high: Arm) -> list[Change]:
    """The changes in which an arm at one end differs from itself at the other."""
    one, two = ({change.loc: change for change in arm.changes} for arm in (low, high))
    return [
        (two.get(loc) or one[loc])
        for loc in {**one, **two}
        if loc not in one or loc not in two or one[loc].new != two[loc].new
    ]


def _of_the_arm(mistake: Mistake, source: Source, name: str) -> bool:
    """Is this mistake one of what the arm itself states? It is told with the arm."""
    return any(
        mistake.where == place
        for places in (source.keys, source.values)
        for loc, place in places.items()
        if loc[:2] == ("arms", name)
    )


def _stated(source: Source, arm: str, path: str, value: Number, where: str) -> Source:
    """The file as if an arm stated ``path: value``, which stands at ``where``."""
    arms = source.data["arms"]
    content = {**(arms[arm] or {}), path: value}
    data = {**source.data, "arms": {**arms, arm: content}}
    at = ("arms", arm, path)
    places = {"keys": {**source.keys, at: where}, "values": {**source.values, at: where}}
    return replace(source, data=data, **places, mistakes=[], spoiled=list(source.spoiled))


def _alone(source: Source, arm: str) -> Source:
    """The file as if it had this arm only."""
    data = {key: value for key, value in source.data.items() if key != "baseline"}
    return replace(source, data={**data, "arms": {arm: data["arms"][arm]}})
