"""From a YAML file to a market: everything between the file and ``sim.config.market.Market``."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from experiments import overrides as override_rules
from experiments.allowed import allowed, unknown_key
from experiments.mistakes import ConfigError, Loc, Mistake, shown
from experiments.yaml_source import Source, parse, read_text
from sim.config.checks import suggestion
from sim.config.market import Market

ROOT = Path(__file__).resolve().parent.parent
PLATFORMS = ROOT / "configs" / "platforms"

BYTES_PER_USER = 70
BYTES_PER_YEARLY_TRIP = 18
"""Orders that some window can still reach; per user and trip a year."""

BYTES_PER_TRIP = 3
"""Posts, which are kept for good; with the others some 600 bytes a user at 25 trips a year."""

BYTES_PER_DAY_AND_ROW = 2 * 20 * 8
"""Some 20 columns of daily results for every seller and listing, held once more while written."""

MOST_BYTES = 16_000_000_000


@dataclass(frozen=True)
class Loaded:
    """A market with what was said about it on the way."""

    market: Market
    text: str
    overrides: tuple[str, ...]
    warnings: tuple[Mistake, ...]


def load_market(path: str | Path, overrides: Iterable[str] = ()) -> Market:
    """The market of a YAML file; ``overrides`` as in ``sellers.0.on_time=0.9``.

    Raises ConfigError, which lists every mistake with its place.
    """
    return load(path, overrides).market


def load(path: str | Path, overrides: Iterable[str] = ()) -> Loaded:
    """As load_market, together with the text and the warnings."""
    path, overrides = Path(path), tuple(overrides)
    text = read_text(path)
    source = parse(text, str(path))
    if not isinstance(source.data, dict):
        found = "an empty file" if source.data is None else shown(source.data)
        said = f"found {found}; allowed: a mapping that begins with keys such as `name:`"
        raise ConfigError([Mistake(source.where(()), (), said)])
    _name_platform(source, path.parent)
    for override in overrides:
        try:
            override_rules.apply(source, override)
        except ConfigError as error:
            source.mistakes += error.mistakes
        _name_platform(source, path.parent)
    market = _validated(source)
    _refuse_too_large(market, source)
    return Loaded(market, text, overrides, tuple(_warnings(market, source)))


def _validated(source: Source) -> Market:
    mistakes, market = list(source.mistakes), None
    try:
        market = Market.model_validate(source.data)
    except ValidationError as error:
        mistakes += _mistakes(error, source)
    if mistakes or market is None:
        raise ConfigError(sorted(mistakes, key=_reading_order))
    return market


def _reading_order(mistake: Mistake) -> tuple[Any, ...]:
    """File by file from top to bottom, options last."""
    if mistake.where.startswith("--set"):
        return (True,)
    file, *position = mistake.where.rsplit(":", 2)
    return (False, file, [int(part) for part in position if part.isdecimal()])


# --- platform --------------------------------------------------------------------------------


def _name_platform(source: Source, folder: Path) -> None:
    """Replace the name of a platform, if one is stated, by the rule set it names."""
    name = source.data.get("platform")
    if not isinstance(name, str):
        return
    where = source.where(("platform",))
    try:
        rules = _platform(name, folder)
    except ConfigError as error:
        source.mistakes += [
            Mistake(m.where or where, ("platform",), m.text) for m in error.mistakes
        ]
        source.data["platform"] = {"name": "unknown"}
        return
    source.data["platform"] = rules.data
    source.graft(("platform",), rules)


def _platform(name: str, folder: Path) -> Source:
    if name.endswith((".yaml", ".yml")):
        file = folder / name
    else:
        known = sorted(found.stem for found in PLATFORMS.glob("*.yaml"))
        if name not in known:
            said = f"found {shown(name)}, which is no shipped platform; allowed: "
            said += f"{', '.join(known)}, a path ending in .yaml, or a mapping"
            raise ConfigError([Mistake("", (), said + suggestion(name, known))])
        file = PLATFORMS / f"{name}.yaml"
    label = str(file.relative_to(ROOT)) if file.is_relative_to(ROOT) else str(file)
    rules = parse(read_text(file), label)
    if not isinstance(rules.data, dict):
        said = f"found {shown(rules.data)}; allowed: a mapping that begins with `name:`"
        raise ConfigError([Mistake(rules.where(()), (), said)])
    return rules


# --- mistakes found by the declarations of the fields ----------------------------------------


def _mistakes(error: ValidationError, source: Source) -> list[Mistake]:
    found: dict[Loc, Mistake] = {}
    for detail in error.errors(include_url=False):
        loc, kind = detail["loc"], detail["type"]
        if kind == "missing" and isinstance(loc[-1], int):
            # A list with a fixed number of places is wrong as a whole.
            loc = loc[:-1]
        if kind == "too_short" and len(detail["input"]) > 0:
            continue  # said of a list whose entries are wrong; those are reported themselves
        if loc in found or any(loc[: len(bad)] == bad for bad in source.spoiled):
            continue
        found[loc] = _mistake(loc, detail, source)
    return list(found.values())


def _mistake(loc: Loc, detail: Any, source: Source) -> Mistake:
    match detail["type"]:
        case "extra_forbidden":
            return Mistake(source.where(loc, key=True), loc, unknown_key(loc))
        case "missing" if loc == detail["loc"]:
            return Mistake(source.where(loc), loc, f"missing; required: {allowed(loc)}")
        case "value_error":
            return Mistake(source.where(loc), loc, str(detail["ctx"]["error"]))
        case _:
            found = shown(_at(source.data, loc))
            return Mistake(source.where(loc), loc, f"found {found}; allowed: {allowed(loc)}")


def _at(data: Any, loc: Loc) -> Any:
    for step in loc:
        data = data[step]
    return data


# --- size and warnings -----------------------------------------------------------------------


def estimated_bytes(market: Market) -> int:
    """Memory a run of ``market`` needs, in bytes: users, and daily results of sellers, listings."""
    return sum(_needs(market).values())


def _needs(market: Market) -> dict[Loc, int]:
    """Estimated bytes by the parameter that causes them."""
    days = market.days + market.run_out_days()
    rows = market.rivals.count * (1 + market.rivals.listings_each)
    rows += sum(1 + len(seller.listings) for seller in market.sellers)

    def users(count: int, trips_per_year: float) -> int:
        per_trip = BYTES_PER_YEARLY_TRIP + BYTES_PER_TRIP * days / 365
        return int(count * (BYTES_PER_USER + trips_per_year * per_trip))

    buyers, others = market.buyers, market.non_buying_users
    return {
        ("buyers", "count"): users(buyers.count, buyers.trips_per_year),
        ("non_buying_users", "count"): users(others.count, others.trips_per_year),
        ("rivals", "count"): BYTES_PER_DAY_AND_ROW * rows * days,
    }


def _refuse_too_large(market: Market, source: Source) -> None:
    limit = min(MOST_BYTES, _memory_of_this_machine())
    if estimated_bytes(market) <= limit:
        return
    needs = _needs(market)
    loc = max(needs, key=lambda cause: needs[cause])
    said = (
        f"found {shown(_at(market.model_dump(), loc))}, with which a run of {market.days:,} days "
        f"needs about {estimated_bytes(market) / 1e9:,.1f} GB of memory; allowed: at most "
        f"{limit / 1e9:.1f} GB"
    )
    raise ConfigError([Mistake(source.where(loc), loc, said)])


def _memory_of_this_machine() -> int:
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return MOST_BYTES


def _warnings(market: Market, source: Source) -> list[Mistake]:
    """Windows that the run is too short to see close."""
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
            said = f"{stated} is longer than the run of {market.days} days"
            found.append(Mistake(source.where(loc), loc, said))
    return found
