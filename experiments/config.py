"""From a YAML file to an experiment: everything between the file and the market's types."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from experiments import overrides as override_rules
from experiments.arms import Arm, resolved_arms
from experiments.experiment import Experiment, base_market
from experiments.levers import Lever, levers_of, with_levers
from experiments.mistakes import ConfigError, Loc, Mistake, dotted, shown
from experiments.platforms import ROOT, name_platform
from experiments.regression import check_regression
from experiments.said import mistakes_of, reading_order
from experiments.side_by_side import spread
from experiments.size import refuse_too_large
from experiments.strategies import SECTION, define_strategies, look_up_strategies
from experiments.yaml_source import Source, parse, read_text
from sim.config.market import CAPACITY_DAYS, Market

__all__ = ["ROOT", "Loaded", "load", "load_base", "load_market"]


@dataclass(frozen=True)
class Loaded:
    """An experiment with what was said about it on the way."""

    experiment: Experiment
    market: Market
    """The base market, which arms change."""
    arms: tuple[Arm, ...]
    path: Path
    text: str
    overrides: tuple[str, ...]
    warnings: tuple[Mistake, ...]
    levers: tuple[Lever, ...] = ()
    """What pilots set so that arms spend the same; until then arms have it in the middle."""

    @property
    def baseline(self) -> str:
        """Name of the arm that others are compared with."""
        return self.experiment.baseline or self.arms[0].name


def load_market(path: str | Path, overrides: Iterable[str] = ()) -> Market:
    """The base market of a YAML file; ``overrides`` as in ``sellers.0.on_time=0.9``.

    Raises ConfigError, which lists every mistake with its place but for those of arms.
    """
    return load_base(path, overrides)[1]


def load_base(path: str | Path, overrides: Iterable[str] = ()) -> tuple[Source, Market]:
    """As ``load_market``, with the values and places that changes can be made to."""
    read = _read(Path(path), tuple(overrides))
    market = base_market(_whole(read.experiment, read.mistakes))
    refuse_too_large(market, read.source)
    return read.source, market


def load(path: str | Path, overrides: Iterable[str] = ()) -> Loaded:
    """The experiment of a YAML file with all its arms, and the warnings about it.

    A market without arms is an experiment with one. Raises ConfigError as ``load_market``, arms
    included.
    """
    path, overrides = Path(path), tuple(overrides)
    read = _read(path, overrides)
    levers = levers_of(read.source, path.parent, read.mistakes)
    check_regression(read.source, read.mistakes)
    stated = with_levers(read.source, levers or ())
    arms = resolved_arms(stated, path.parent, read.mistakes, together=levers is not None)
    experiment = _whole(read.experiment, read.mistakes)
    for arm in arms:
        refuse_too_large(arm.market, read.source, arm.name if arm.rebuilt else None)
    warnings = tuple(_warnings(experiment, arms, read.source))
    market = base_market(experiment)
    return Loaded(experiment, market, arms, path, read.text, overrides, warnings, levers or ())


@dataclass(frozen=True)
class _Read:
    """A file as far as it could be understood."""

    text: str
    source: Source
    experiment: Experiment | None
    mistakes: list[Mistake]


def _read(path: Path, overrides: tuple[str, ...]) -> _Read:
    text = read_text(path)
    source = parse(text, str(path))
    if not isinstance(source.data, dict):
        found = "an empty file" if source.data is None else shown(source.data)
        said = f"found {found}; allowed: a mapping that begins with keys such as `name:`"
        raise ConfigError([Mistake(source.where(()), (), said)])
    _write_out(source, path.parent)
    for override in overrides:
        try:
            override_rules.apply(source, override)
        except ConfigError as error:
            source.mistakes += error.mistakes
        _write_out(source, path.parent)
    look_up_strategies(source)
    spread(source)
    mistakes, experiment = list(source.mistakes), None
    try:
        experiment = Experiment.model_validate(source.data)
    except ValidationError as error:
        mistakes += mistakes_of(error, source)
    return _Read(text, source, experiment, mistakes)


def _write_out(source: Source, folder: Path) -> None:
    """Put rule sets and strategies in the place of the files and names that stand for them."""
    name_platform(source, folder)
    define_strategies(source, folder)


def _whole(experiment: Experiment | None, mistakes: list[Mistake]) -> Experiment:
    if mistakes or experiment is None:
        raise ConfigError(sorted(mistakes, key=reading_order))
    return experiment


def _warnings(experiment: Experiment, arms: tuple[Arm, ...], source: Source) -> list[Mistake]:
    """Windows longer than the run, strategies for nobody, too few replicates for an interval."""
    found = []
    for arm in arms:
        place = source.where(("arms", arm.name), key=True) if arm.rebuilt else ""
        for loc, said in _long_windows(arm.market):
            if arm.rebuilt or arm is arms[0]:
                whose = f"arm {shown(arm.name)}: " if arm.rebuilt else ""
                found.append(Mistake(place or source.where(loc), loc, whose + said))
    for path in experiment.platform.plausible.keys() - experiment.platform.ranges().keys():
        loc = ("platform", "plausible", path)
        said = "leads to no number, so it is not moved"
        found.append(Mistake(source.where(loc, key=True), loc, said))
    lived = experiment.past.days + experiment.warm_up
    if len(arms) > 1 and experiment.rivals.load is not None and lived < CAPACITY_DAYS:
        said = f"past.days + warm_up is {lived}: rivals' capacities are set from what they sold in "
        said += f"{CAPACITY_DAYS} days, some of which arms change"
        found.append(Mistake(source.where(("rivals",)), ("rivals", "load"), said))
    followed = {name for arm in arms for name in arm.market.strategies}
    for name in experiment.strategies:
        loc = (SECTION, name)
        if name not in followed and loc in source.keys:
            found.append(
                Mistake(source.where(loc, key=True), loc, "no seller of any arm follows it")
            )
    if experiment.replicates == 1:
        said = "1 replicate gives no interval; 2 are the least, 20 the default"
        found.append(Mistake(source.where(("replicates",)), ("replicates",), said))
    return list(dict.fromkeys(found))


def _long_windows(market: Market) -> list[tuple[Loc, str]]:
    platform = market.platform
    windows: dict[Loc, dict[str, int | None]] = {
        ("platform", "feedback"): {
            "window_days": platform.feedback.window_days,
            "change_window_days": platform.feedback.change_window_days,
        },
        ("platform", "reviews"): {"change_window_days": platform.reviews.change_window_days},
        ("platform", "odr"): {
            "window_days": platform.odr.window_days,
            "lag_days": platform.odr.lag_days,
        },
    }
    found = []
    for loc, parts in windows.items():
        total = sum(days or 0 for days in parts.values())
        if total > market.days:
            stated = " + ".join(f"{name} {days}" for name, days in parts.items() if days)
            found.append((loc, f"{stated} is longer than the run of {market.days} days"))
    return found


def warning_text(warning: Mistake) -> str:
    """A warning without its place in the file."""
    return f"{dotted(warning.loc)}: {warning.text}"
