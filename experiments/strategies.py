"""Strategies by name: those a file defines itself, then ``configs/strategies/*.yaml``, then none.

A file may define a strategy as a list of lines, as a mapping with ``about`` and ``lines``, or by
naming a YAML file. A market holds the strategies that its sellers follow, and no others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from experiments.mistakes import ConfigError, Loc, Mistake, shown
from experiments.platforms import ROOT, read_source
from experiments.yaml_source import Source
from sim.config.changes import Change, changes
from sim.config.checks import suggestion
from sim.config.intervention import strategies_named
from sim.config.market import NAME, NO_STRATEGY, Market
from sim.config.strategy import CODE, Strategy

STRATEGIES = ROOT / "configs" / "strategies"
SECTION = "strategies"
DEFINITION = "a list of lines, a mapping with about and lines, or a path ending in .yaml"
NONE = Strategy(about="Answers complaints as the seller's care says, and writes to nobody else.")
"""``none`` with what is said about it; the market's own has no text."""

_UNKNOWN: dict[str, Any] = {}
"""Stands under a name of no strategy, so that nothing more is said about it than that."""


@cache
def shipped() -> tuple[str, ...]:
    """Names of the shipped strategies, ``none`` first."""
    return (NO_STRATEGY, *sorted(found.stem for found in STRATEGIES.glob("*.yaml")))


def shipped_strategies() -> dict[str, Strategy]:
    """The shipped strategies by name, ``none`` first."""
    return {name: shipped_strategy(name) for name in shipped()}


def shipped_strategy(name: str) -> Strategy:
    """The shipped strategy of that name."""
    return NONE if name == NO_STRATEGY else Strategy.model_validate(_shipped_source(name).data)


def used_only(market: Market) -> Market:
    """The market with the strategies that its sellers follow or are set to, in order of name."""
    followed = {seller.strategy for seller in market.sellers} | {market.rivals.strategy}
    for one in market.interventions:
        followed |= {name for _, name in strategies_named(one.values or {})}
    kept = {name: market.strategies[name] for name in sorted(followed & market.strategies.keys())}
    return market.model_copy(update={SECTION: kept})


def strategy_changes(base: Market, market: Market) -> Iterator[Change]:
    """What ``market`` changes in the lines of the strategies that its sellers follow.

    ``base`` holds everything its file defines, followed or not. That a strategy is followed at all
    is a change of the seller, and not said here.
    """
    for name, new in market.strategies.items():
        old = base.strategies.get(name)
        if old is None and name in shipped():
            old = shipped_strategy(name)
        if old is None:
            yield Change((SECTION, name), None, new, world=False)
        else:
            for change in changes(old, new):
                yield Change((SECTION, name, *change.loc), change.old, change.new, world=False)


# --- in a file ---------------------------------------------------------------------------------


def define_strategies(source: Source, folder: Path) -> None:
    """Write out what a file defines as a list of lines, or by naming a file in ``folder``."""
    for name, value in (_stated(source) or {}).items():
        if isinstance(value, dict):
            continue
        loc = (SECTION, name)
        definition = Source({})
        if loc not in source.spoiled:
            try:
                definition = _definition(source.part(loc, value), folder)
            except ConfigError as error:
                where = source.where(loc)
                source.mistakes += [Mistake(m.where or where, loc, m.text) for m in error.mistakes]
        _put(source, name, definition)


def fetch_strategy(source: Source, steps: list[str], where: str) -> None:
    """Have a shipped strategy written out before a path leads into it.

    ``where`` is the place of the path. Raises ConfigError when there is no such strategy.
    """
    stated = _stated(source)
    if steps[0] != SECTION or len(steps) < 3 or stated is None or steps[1] in stated:
        return
    name, known = steps[1], [known for known in _names(stated) if known != NO_STRATEGY]
    if name not in known:
        said = f"found no {shown(name)} in {SECTION}; allowed: {', '.join(known)}"
        raise ConfigError([Mistake(where, (SECTION,), said + suggestion(name, known))])
    _put(source, name, _shipped_source(name))


def look_up_strategies(source: Source) -> None:
    """Add the shipped strategies that sellers follow, and say which names are of none."""
    stated = _stated(source)
    if stated is None:
        return  # said by the declarations
    for name in stated:
        if not re.fullmatch(NAME, name):
            said = "found a name of that kind; allowed: text of 1 to 60 characters on one line"
            source.mistakes.append(Mistake(source.where((SECTION, name), key=True), (), said))
    known = _names(stated)
    unknown: dict[str, str] = {}
    for loc, name in _followed(source.data):
        if name in shipped() and name not in (NO_STRATEGY, *stated):
            _put(source, name, _shipped_source(name))
        if re.fullmatch(CODE, name) and name not in stated:
            _put(source, name, Source({"code": name}))
            continue
        if name in known or not re.fullmatch(NAME, name):
            continue
        where = source.where(loc)
        if where not in unknown:  # one name of an arm may be that of several sellers
            said = f"found {shown(name)}, which is no strategy; allowed: {', '.join(known)}"
            source.mistakes.append(Mistake(where, loc, said + _hint(name, known)))
        unknown[where] = name
    for name in unknown.values():
        _put(source, name, Source(_UNKNOWN))


def _names(stated: dict[str, Any]) -> list[str]:
    """Names that may be followed: ``none``, those of the file, the shipped ones."""
    own = [
        name for name, value in stated.items() if value is not _UNKNOWN and name not in shipped()
    ]
    return [NO_STRATEGY, *(name for name in own if re.fullmatch(NAME, name)), *shipped()[1:]]


def _hint(name: str, known: list[str]) -> str:
    if name.endswith((".yaml", ".yml")):
        return f"; name a file under `{SECTION}:`, as in `{SECTION}: {{mine: {name}}}`"
    return suggestion(name, known)


def _stated(source: Source) -> dict[str, Any] | None:
    """What stands under ``strategies:``; None where that is not a mapping."""
    stated = source.data.get(SECTION, {})
    return stated if isinstance(stated, dict) else None


def _followed(data: dict[str, Any]) -> Iterator[tuple[Loc, str]]:
    """Places at which a strategy is named, with the names."""
    sellers = data.get("sellers")
    owners: list[tuple[Loc, Any]] = [(("rivals",), data.get("rivals"))]
    if isinstance(sellers, tuple):
        owners = [(("sellers", i), seller) for i, seller in enumerate(sellers)] + owners
    for loc, owner in owners:
        name = owner.get("strategy") if isinstance(owner, dict) else None
        if isinstance(name, str):
            yield (*loc, "strategy"), name
    interventions = data.get("interventions")
    for i, one in enumerate(interventions if isinstance(interventions, tuple) else ()):
        values = one.get("values") if isinstance(one, dict) else None
        for path, name in strategies_named(values if isinstance(values, dict) else {}):
            yield ("interventions", i, "values", path), name


def _put(source: Source, name: str, definition: Source) -> None:
    stated = _stated(source) or {}
    source.data = {**source.data, SECTION: {**stated, name: definition.data}}
    source.graft((SECTION, name), definition)


@cache
def _shipped_source(name: str) -> Source:
    return _definition(read_source(STRATEGIES / f"{name}.yaml"), STRATEGIES)


def _definition(found: Source, folder: Path) -> Source:
    """A strategy as a mapping, however it is written. Raises ConfigError when it is none."""
    if isinstance(found.data, str) and found.data.endswith((".yaml", ".yml")):
        file = read_source(folder / found.data)
        if not isinstance(file.data, (dict, tuple)):
            what = "an empty file" if file.data is None else shown(file.data)
            said = f"found {what}; allowed: a mapping with about and lines, or a list of lines"
            raise ConfigError([Mistake(file.where(()), (), said)])
        return _definition(file, folder)
    if isinstance(found.data, tuple):
        mapping = Source({"lines": found.data}, values={(): found.where(())})
        mapping.graft(("lines",), found)
        return mapping
    if isinstance(found.data, dict):
        return found
    raise ConfigError([Mistake("", (), f"found {shown(found.data)}; allowed: {DEFINITION}")])
