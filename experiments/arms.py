"""Arms: what each of them changes in the base market, resolved into a market of its own."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from experiments import overrides
from experiments.experiment import EXPERIMENT_KEYS
from experiments.mistakes import ConfigError, Loc, Mistake, shown
from experiments.platforms import name_platform
from experiments.said import mistakes_of
from experiments.yaml_source import Source
from sim.config.changes import Change, changes, with_changes
from sim.config.checks import suggestion
from sim.config.market import NAME, Market

FOCAL = "focal."
ABOUT_AN_ARM = ("about", "placebo")
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


def resolved_arms(source: Source, folder: Path, mistakes: list[Mistake]) -> tuple[Arm, ...]:
    """The arms of an experiment file whose base is ``source``, in the order of the file.

    Adds what is wrong with them to ``mistakes``; mistakes of the base are not said again.
    """
    stated = source.data.get("arms", {})
    if not isinstance(stated, dict):
        stated = {}  # said by the declarations already
    base = _validated(source, [])
    if not stated:
        return (Arm(ONLY_ARM, base),) if base else ()
    known = {(m.where, m.text) for m in mistakes}
    arms = []
    for name, content in stated.items():
        found: list[Mistake] = []
        arm = _resolved(name, _written_out(content, stated, source), source, folder, base, found)
        said = [replace(m, loc=_in_arm(name, m.loc)) for m in found]
        mistakes += [m for m in said if (m.where, m.text) not in known]
        if arm:
            arms.append(arm)
    if len(arms) == len(stated):
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


def _resolved(
    name: str, content: Any, source: Source, folder: Path, base: Market | None, found: list[Mistake]
) -> Arm | None:
    """One arm, or None when something is wrong with it."""
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
    for key in sorted(content.keys() - set(ABOUT_AN_ARM), key=lambda key: key.count(".")):
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
    about, placebo = content.get("about", ""), content.get("placebo", False)
    for key, value, kind, words in (
        ("about", about, str, "text"),
        ("placebo", placebo, bool, "true or false"),
    ):
        if not isinstance(value, kind):
            where = source.where(("arms", name, key))
            found.append(Mistake(where, (key,), f"found {shown(value)}; allowed: {words}"))
    market = _validated(twin, found)
    if market is None or base is None or found:
        return None
    return Arm(name, market, about, placebo, tuple(changes(base, market)))


def _validated(source: Source, found: list[Mistake]) -> Market | None:
    """The market of a source without experiment keys, or None; adds what is wrong to ``found``."""
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
    where, key_where = source.where(at), source.where(at, key=True)
    steps = _steps(key, twin.data, key_where)
    new = Source(
        value,
        {loc[3:]: place for loc, place in source.keys.items() if loc[:3] == at},
        {loc[3:]: place for loc, place in source.values.items() if loc[:3] == at},
    )
    new.keys[()], new.values[()] = key_where, where
    loc = overrides.put(twin, steps, value, key_where)
    twin.graft(loc, new)
    return loc


def _steps(key: str, data: dict[str, Any], where: str) -> list[str]:
    """The steps of a path as written in an arm."""

    def refuse(said: str) -> ConfigError:
        return ConfigError([Mistake(where, (key,), said)])

    if key == "strategy":
        key = FOCAL + "strategy"
    first = key.split(".")[0]
    if first in OF_THE_EXPERIMENT:
        raise refuse(
            f"{first} belongs to the experiment, which all arms share; allowed in an arm: other "
            "paths of the market, strategy, platform, about, placebo"
        )
    if not key.startswith(FOCAL):
        if first not in Market.model_fields:
            known = ["strategy", *ABOUT_AN_ARM, *Market.model_fields]
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
