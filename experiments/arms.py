"""Arms: what each of them changes in the base market, resolved into a market of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from experiments import overrides
from experiments.experiment import EXPERIMENT_KEYS
from experiments.interventions import check_sets
from experiments.mistakes import ConfigError, Loc, Mistake, shown
from experiments.platforms import name_platform
from experiments.said import mistakes_of
from experiments.strategies import (
    SECTION,
    define_strategies,
    look_up_strategies,
    strategy_changes,
    used_only,
)
from experiments.yaml_source import Source
from sim.config.changes import Change, changes, with_changes
from sim.config.checks import suggestion
from sim.config.market import NAME, Market

FOCAL = "focal."
ABOUT_AN_ARM = ("about", "placebo")
WHO = "focal, all, or a share of the rivals as in {share: 0.3}"
"""Who may follow the strategy of an arm."""

OF_THE_EXPERIMENT = (*EXPERIMENT_KEYS, "name", "seed", "days", "warm_up", "run_out")
"""What all arms share: a comparison of different periods or draws would compare nothing."""

ONLY_ARM = "as stated"
"""Name of the one arm of an experiment that states none."""


@dataclass(frozen=True)
class Arm:
    """One arm: a whole market, and how it differs from the base."""

    name: str
    market: Market
    about: str = ""
    placebo: bool = False
    changes: tuple[Change, ...] = ()

    @property
    def rebuilt(self) -> bool:
        """Does it live in a world of its own, from the first day of the past?"""
        return any(change.world for change in self.changes)

    def world(self, base: Market) -> Market:
        """The base market in this arm's world, before its settings take effect."""
        market: Market = with_changes(base, (change for change in self.changes if change.world))
        return market


def resolved_arms(
    source: Source, folder: Path, mistakes: list[Mistake], *, together: bool = True
) -> tuple[Arm, ...]:
    """The arms of an experiment file whose base is ``source``, in the order of the file.

    Adds what is wrong with them to ``mistakes``; mistakes of the base are not said again.
    ``together``: also say what only shows when arms are seen side by side.
    """
    stated = source.data.get("arms", {})
    if not isinstance(stated, dict):
        stated = {}  # said by the declarations already
    base = _validated(source, [])
    if base:
        mistakes += check_sets(source, base, _put_anywhere, _validated)
    if not stated:
        return (Arm(ONLY_ARM, used_only(base)),) if base else ()
    known: set[tuple[str, str | Loc]] = {
        (m.where, said) for m in mistakes for said in (m.text, m.loc)
    }
    arms = []
    for name, content in stated.items():
        found: list[Mistake] = []
        arm = resolved_arm(name, _written_out(content, stated, source), source, folder, base, found)
        for m in found:
            if not {(m.where, m.text), (m.where, m.loc)} & known:
                known.add((m.where, m.text))
                mistakes.append(replace(m, loc=_in_arm(name, m.loc)))
        if arm:
            arms.append(arm)
    if together and len(arms) == len(stated):
        _check_together(arms, source, mistakes)
    return tuple(arms)


def _written_out(content: Any, stated: dict[str, Any], source: Source) -> Any:
    """An arm's content; a placebo without changes repeats those of the baseline."""
    content = content or {}
    if not isinstance(content, dict) or content.get("placebo") is not True:
        return content
    base = stated.get(stated_baseline(source) or next(iter(stated))) or {}
    if content.keys() - set(ABOUT_AN_ARM) or not isinstance(base, dict):
        return content
    return {**base, "about": "", **content}


def _in_arm(name: str, loc: Loc) -> Loc:
    return loc if loc[:1] == ("arms",) else ("arms", name, *loc)


def resolved_arm(
    name: str, content: Any, source: Source, folder: Path, base: Market | None, found: list[Mistake]
) -> Arm | None:
    """One arm of a file whose base is ``source``, or None and what is wrong in ``found``.

    ``content``: its changes by path; their places are those of ("arms", name, path) in ``source``.
    """
    place = source.where(("arms", name), key=True)
    if not re.fullmatch(NAME, name):
        said = "found a name of that kind; allowed: text of 1 to 60 characters on one line"
        found.append(Mistake(place, (), said))
    if not isinstance(content, dict):
        return None  # said by the declarations already
    twin = Source(source.data, dict(source.keys), dict(source.values), [], list(source.spoiled))
    twin.data = {key: value for key, value in twin.data.items() if key not in EXPERIMENT_KEYS}
    taken: dict[Loc, str] = {}
    # Sections before what lies in them, so that `platform: NAME` and `platform.odr.limit` go
    # together in whatever order they are written.
    for key in sorted(content.keys() - {*ABOUT_AN_ARM, "who"}, key=lambda key: key.count(".")):
        try:
            loc = _apply(twin, name, key, content[key], source)
            if loc in taken:
                where = source.where(("arms", name, key), key=True)
                said = f"found the same place as {taken[loc]}; allowed: each value once"
                found.append(Mistake(where, (key,), said))
            taken[loc] = key
        except ConfigError as error:
            found += error.mistakes
        name_platform(twin, folder)
        define_strategies(twin, folder)
    if "who" in content:
        try:
            _apply_who(twin, name, content, source, taken)
        except ConfigError as error:
            found += error.mistakes
    look_up_strategies(twin)
    about, placebo = content.get("about", ""), content.get("placebo", False)
    for key, value, kind, words in (
        ("about", about, str, "text"),
        ("placebo", placebo, bool, "true or false"),
    ):
        if not isinstance(value, kind):
            where = source.where(("arms", name, key))
            found.append(Mistake(where, (key,), f"found {shown(value)}; allowed: {words}"))
    market = _validated(twin, found)
    if market is not None and not found:
        found += check_sets(twin, market, _put_anywhere, _validated)
    if market is None or base is None or found:
        return None
    changed = tuple(_changes(base, used_only(market)))
    return Arm(name, used_only(market), about, placebo, changed)


def _changes(base: Market, market: Market) -> Iterator[Change]:
    """What an arm changes; of strategies what it changes in them, not that they are now there."""
    yield from (c for c in changes(base, market) if c.loc[0] != SECTION)
    yield from strategy_changes(base, market)


def _validated(source: Source, found: list[Mistake]) -> Market | None:
    """The market of a source without experiment keys, or None; adds what is wrong to ``found``.

    It holds all strategies that the source defines, also those that nobody follows.
    """
    found += source.mistakes
    data = {key: value for key, value in source.data.items() if key not in EXPERIMENT_KEYS}
    try:
        market = Market.model_validate(data)
    except ValidationError as error:
        found += mistakes_of(error, replace(source, data=data))
        return None
    return market


def _apply(twin: Source, arm: str, key: str, value: Any, source: Source) -> Loc:
    """Put one change of an arm in its place, and say which that is.

    Raises ConfigError where that is impossible.
    """
    at = ("arms", arm, key)
    return _put(twin, steps_of(key, twin.data, source.where(at, key=True)), value, at, source)


def _put(twin: Source, steps: list[str], value: Any, at: Loc, source: Source) -> Loc:
    """Put a value at a path, with the places that it has at ``at`` in ``source``."""
    key_where = source.where(at, key=True)
    new = source.part(at, value)
    new.keys[()], new.values[()] = key_where, source.where(at)
    loc = overrides.put(twin, steps, value, key_where)
    twin.graft(loc, new)
    return loc


def _put_anywhere(twin: Source, path: str, value: Any, where: str) -> Loc:
    """Put a value at a path that is written as in an arm. Raises ConfigError as ``_apply``."""
    return overrides.put(twin, steps_of(path, twin.data, where), value, where)


def _apply_who(
    twin: Source, arm: str, content: dict[str, Any], source: Source, taken: dict[Loc, str]
) -> None:
    """Let others than the focal seller follow the arm's strategy too, as ``who`` says.

    ``taken`` are the places that the arm has changed, with its words for them. Raises ConfigError
    where the two do not go together.
    """
    at: Loc = ("arms", arm, "who")
    share = _share_of_rivals(content, arm, source)
    if share is None:
        return
    sellers = twin.data.get("sellers")
    stated = len(sellers) if content["who"] == "all" and isinstance(sellers, tuple) else 0
    followers = [["sellers", str(i), "strategy"] for i in range(stated)] + [["rivals", "strategy"]]
    places = [_put(twin, s, content["strategy"], (*at[:2], "strategy"), source) for s in followers]
    places.append(_put(twin, ["rivals", "adopters"], share, at, source))
    for loc in places:
        if taken.get(loc, "strategy") != "strategy":
            said = f"found the same place as {taken[loc]}; allowed: each value once"
            raise ConfigError([Mistake(source.where(at, key=True), ("who",), said)])


def _share_of_rivals(content: dict[str, Any], arm: str, source: Source) -> float | None:
    """The share of rivals that follow the arm's strategy, None where ``who`` leaves them alone."""
    who, at = content["who"], ("arms", arm, "who")

    def refuse(said: str, *steps: str, key: bool = False) -> ConfigError:
        return ConfigError([Mistake(source.where((*at, *steps), key=key), ("who", *steps), said)])

    if "strategy" not in content:
        said = "says who follows the strategy of the arm; allowed: only beside `strategy:`"
        raise refuse(said, key=True)
    if who == "focal":
        return None
    if who != "all" and not (isinstance(who, dict) and who.keys() == {"share"}):
        raise refuse(f"found {shown(who)}; allowed: {WHO}")
    share = 1.0 if who == "all" else who["share"]
    if isinstance(share, bool) or not isinstance(share, (int, float)) or not 0 <= share <= 1:
        raise refuse(f"found {shown(share)}; allowed: a number from 0 to 1 (share)", "share")
    return float(share)


def steps_of(key: str, data: dict[str, Any], where: str) -> list[str]:
    """The steps of a path as written in an arm."""

    def refuse(said: str) -> ConfigError:
        return ConfigError([Mistake(where, (key,), said)])

    if key == "strategy":
        key = FOCAL + "strategy"
    first = key.split(".")[0]
    if first in OF_THE_EXPERIMENT:
        raise refuse(
            f"{first} belongs to the experiment, which all arms share; allowed in an arm: other "
            "paths of the market, strategy, who, platform, about, placebo"
        )
    if not key.startswith(FOCAL):
        if first not in Market.model_fields:
            known = ["strategy", "who", *ABOUT_AN_ARM, *Market.model_fields]
            if first == "focal":
                raise refuse("found a section; allowed: one of its values, as in focal.on_time")
            close = suggestion(first, [name for name in known if name not in OF_THE_EXPERIMENT])
            said = close or "; allowed: paths as in sellers.NAME.on_time or focal.on_time"
            raise refuse(f"unknown path{said}")
        return key.split(".")
    sellers = data.get("sellers") or ()
    if not isinstance(sellers, tuple) or not sellers:
        raise refuse("no seller is stated; allowed: paths that do not begin with `focal`")
    marked = [i for i, s in enumerate(sellers) if isinstance(s, dict) and s.get("focal") is True]
    rest = key.removeprefix(FOCAL).split(".")
    return ["sellers", str((marked or [0])[0]), *rest]


def _check_together(arms: list[Arm], source: Source, mistakes: list[Mistake]) -> None:
    """What only shows when arms are seen side by side."""

    def add(arm: str, said: str) -> None:
        mistakes.append(Mistake(source.where(("arms", arm), key=True), ("arms", arm), said))

    names = [arm.name for arm in arms]
    baseline = stated_baseline(source)
    if baseline is not None and baseline not in names:
        said = f"found {shown(baseline)}, which is no arm; allowed: {', '.join(names)}"
        where = source.where(("baseline",))
        mistakes.append(Mistake(where, ("baseline",), said + suggestion(baseline, names)))
        return
    first = next(arm for arm in arms if arm.name == (baseline or names[0]))
    if first.placebo:
        add(first.name, "the baseline cannot be a placebo: it is what placebos are compared with")
    before: dict[str, str] = {}
    for arm in arms:
        same = repr(arm.changes)
        if arm.market.focal_name() != first.market.focal_name():
            said = f"the focal seller is {shown(arm.market.focal_name())} here and "
            said += f"{shown(first.market.focal_name())} in {shown(first.name)}; allowed: the same"
            add(arm.name, said)
        elif arm.placebo and arm is not first and same != repr(first.changes):
            said = f"found changes that {shown(first.name)}, the baseline, does not have; allowed "
            add(arm.name, said + "beside `placebo: true`: no changes, or those of the baseline")
        if same in before and not arm.placebo:
            said = f"the same market as arm {shown(before[same])}; allowed: a change, or "
            add(arm.name, said + "`placebo: true` for an arm that shall not differ")
        if not arm.placebo:
            before.setdefault(same, arm.name)


def stated_baseline(source: Source) -> str | None:
    """The baseline as stated, when it is a name at all."""
    baseline = source.data.get("baseline")
    return baseline if isinstance(baseline, str) else None
