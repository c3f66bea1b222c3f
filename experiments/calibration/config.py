"""A calibration file: which findings are to come out, and which numbers may be moved for it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from experiments.calibration.numbers_of_market import NumberOf, numbers_of
from experiments.calibration.stated import Stated
from experiments.config import load_market
from experiments.evidence import scorecard  # noqa: F401 - registers all findings
from experiments.evidence.finding import FINDINGS, UNMEASURED, Finding
from experiments.evidence.markets import CELLS
from experiments.mistakes import ConfigError, Mistake, shown
from experiments.own_code import code_of
from experiments.said import mistakes_of, reading_order
from experiments.yaml_source import Source, parse, read_text
from sim.config.checks import suggestion
from sim.config.market import Market


@dataclass(frozen=True)
class Calibration:
    """A calibration file that can be run."""

    name: str
    market_file: Path
    market: Market
    seeds: tuple[int, ...]
    days: int | None
    steps: int
    difference: float
    """Share of its range over which the slopes by a parameter are taken."""
    findings: tuple[Finding, ...]
    numbers: tuple[NumberOf, ...]
    """The parameters that may be moved, in the order of the file."""


def load_calibration(path: Path) -> Calibration:
    """The calibration of a YAML file. Raises ConfigError, which lists every mistake with its place.

    Paths of parameters are checked only where the market's own file is without mistakes.
    """
    source = parse(read_text(path), str(path))
    if not isinstance(source.data, dict):
        found = "an empty file" if source.data is None else shown(source.data)
        said = f"found {found}; allowed: a mapping that begins with keys such as `market:`"
        raise ConfigError([Mistake(source.where(()), (), said)])
    mistakes, stated = list(source.mistakes), None
    try:
        stated = Stated.model_validate(source.data)
    except ValidationError as error:
        mistakes += mistakes_of(error, source, Stated)
    file, market = _market(source, path.parent, mistakes)
    findings = list(_findings(source, file if market else None, mistakes))
    numbers = numbers_of(source, file, market, mistakes) if file and market else ()
    if stated and len(stated.moments) < len(stated.parameters):
        said = f"found {len(stated.moments)} for {len(stated.parameters)} parameters; allowed: at "
        said += "least as many moments as parameters"
        mistakes.append(Mistake(source.where(("moments",), key=True), ("moments",), said))
    if mistakes or stated is None or file is None or market is None:
        raise ConfigError(sorted(set(mistakes), key=reading_order))
    return Calibration(
        stated.name,
        file,
        market,
        tuple(range(1, stated.seeds + 1)),
        stated.days,
        stated.steps,
        stated.difference,
        tuple(findings),
        numbers,
    )


def _market(
    source: Source, folder: Path, mistakes: list[Mistake]
) -> tuple[Path | None, Market | None]:
    """The market's file, and the market where it has no mistakes."""
    stated, loc = source.data.get("market"), ("market",)
    if not isinstance(stated, str) or not stated:
        return None, None  # said by the declarations
    file = folder / stated
    try:
        read_text(file)
    except ConfigError as error:
        mistakes += [Mistake(source.where(loc), loc, str(m)) for m in error.mistakes]
        return file, None
    try:
        market = load_market(file)
    except ConfigError as error:
        mistakes += error.mistakes
        return file, None
    for spec in code_of(market).values():
        said = f"found strategy {spec}, which is code; allowed: strategies of lines"
        mistakes.append(Mistake(source.where(loc), loc, said))
    return file, market


def _findings(source: Source, file: Path | None, mistakes: list[Mistake]) -> Iterator[Finding]:
    """The findings that are to come out. Their markets are tried where ``file`` is given."""
    stated = source.data.get("moments")
    first: dict[str, str] = {}
    for i, id in enumerate(stated if isinstance(stated, tuple) else ()):
        loc = ("moments", i)
        if not isinstance(id, str):
            continue  # said by the declarations
        where = source.where(loc)
        said = f"found {id} a second time; the first is at {first[id]}" if id in first else ""
        said = said or _unfit(id) or _cannot_be_run(id, file)
        first.setdefault(id, where)
        if said:
            mistakes.append(Mistake(where, loc, said))
        else:
            yield FINDINGS[id]


def _unfit(id: str) -> str:
    """Why a finding can be no moment; empty when it can."""
    if id in UNMEASURED:
        return f"found {id}, which cannot be looked for: {UNMEASURED[id].why}"
    if id not in FINDINGS:
        said = f"found {shown(id)}, which is no finding; allowed: ids of the scorecard, as in A2"
        return said + suggestion(id, sorted(FINDINGS))
    found = FINDINGS[id]
    low, high = found.band
    if found.role == "input":
        return f"found {id}, an input of the market; allowed: what comes out of it"
    if not (math.isfinite(low) and math.isfinite(high)):
        ends = f"{low:g} to {high:g}"
        return f"found {id}, whose band {ends} is open on one side; allowed: bands with two ends"
    if low == high:
        return f"found {id}, whose band is the single value {low:g}; allowed: bands with a width"
    return ""


def _cannot_be_run(id: str, file: Path | None) -> str:
    """Why one of a finding's markets cannot be made from the file; empty when all can."""
    for name in FINDINGS[id].markets if file else ():
        try:
            load_market(file or "", CELLS[name].overrides)
        except ConfigError as error:
            return f'found {id}, whose market "{name}" cannot be made: {error.mistakes[0]}'
    return ""
