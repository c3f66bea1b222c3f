"""What a file would run, in words: ``python run.py check FILE``."""

from __future__ import annotations

from typing import Any

from experiments.arms import Arm
from experiments.config import Loaded
from experiments.intervention_words import in_words
from experiments.interventions import SECTION
from experiments.manifest import path_in_words
from experiments.numbers import harmless, yaml_text
from experiments.runner import recorded_as, total_rows
from experiments.size import bytes_a_worker, n_cores, workers_that_fit
from experiments.strategy_words import strategy_in_words
from experiments.verdicts import breach_words
from sim.config.strategy import Line, Strategy

MOST_CHANGES = 8


def plan_text(loaded: Loaded) -> str:
    """Arms with their changes, how much is run, and what that needs; safe on a terminal."""
    experiment, market = loaded.experiment, loaded.market
    runs = len(loaded.arms) * experiment.replicates
    lines = [f"{experiment.name}: {len(loaded.arms)} arms x {experiment.replicates} replicates"]
    if experiment.question:
        lines.append(experiment.question.strip())
    lines += ["", f"Focal seller: {market.focal_name()}; platform: {market.platform.name}"]
    period = f"days {market.warm_up + 1} to {market.days}, then {market.run_out_days()} of run-out"
    lines += [f"Measured: {period}", f"Replicates redraw: {_vary(experiment.vary)}", ""]
    for arm in loaded.arms:
        lines += _arm_lines(loaded, arm)
    lines += _lever_lines(loaded)
    lines += _strategy_lines(loaded)
    markets = [arm.market for arm in loaded.arms]
    needs, workers = bytes_a_worker(markets), workers_that_fit(markets, n_cores())
    lines += [
        "",
        f"{runs:,} runs; {total_rows(loaded):,} rows of a day at most, kept as "
        f"{recorded_as(loaded)}; about {needs / 1e6:,.0f} MB a worker, {workers} "
        f"worker{'s' * (workers > 1)}.",
        "Nothing is wrong with it.",
    ]
    return harmless("\n".join(lines))


def _strategy_lines(loaded: Loaded) -> list[str]:
    """The strategies of all arms in words; one that arms define differently, once for each way."""
    followed: dict[tuple[str, Strategy], list[str]] = {}
    for arm in loaded.arms:
        for name, strategy in arm.market.strategies.items():
            followed.setdefault((name, strategy), []).append(arm.name)
    lines = []
    for (name, strategy), arms in followed.items():
        several = sum(name == other for other, _ in followed) > 1
        lines.append(f"  {name}" + (f" (in {', '.join(arms)})" if several else ""))
        lines += [f"      {strategy.about}"] * bool(strategy.about)
        lines += [f"      - {line}" for line in strategy_in_words(strategy)]
    broken = [f"  {arm.name}: {text}" for arm in loaded.arms for text in breach_words(arm.market)]
    if broken:
        lines += ["", "What the platform says of it:", *broken]
    return ["", "Strategies:", *lines] if lines else []


def _in_words(value: Any) -> str:
    """A value of a change; strategies and their lines stand below the arms."""
    if isinstance(value, Strategy):
        return "as below"
    if isinstance(value, tuple) and value and isinstance(value[0], Line):
        return f"{len(value)} line{'s' * (len(value) > 1)}"
    return yaml_text(value)


def _lever_lines(loaded: Loaded) -> list[str]:
    """What pilots would set before the run."""
    section = loaded.experiment.equal_spend
    if section is None:
        return []
    some = f"{section.pilots} pilot replicate{'s' * (section.pilots > 1)}"
    lines = ["", f"Equal spend: {some} set these so that the arms spend as much as {section.like}:"]
    lines += [
        f"  {lever.arm}: {lever.path} between {yaml_text(lever.low)} and {yaml_text(lever.high)}"
        for lever in loaded.levers
    ]
    return lines


def _vary(vary: str) -> str:
    return "luck, rivals and qualities" if vary == "world" else "luck alone"


def _arm_lines(loaded: Loaded, arm: Arm) -> list[str]:
    notes = ["baseline"] * (arm.name == loaded.baseline) + ["placebo"] * arm.placebo
    notes += ["a world of its own"] * arm.rebuilt
    lines = [f"  {arm.name}" + (f" ({', '.join(notes)})" if notes else "")]
    if arm.about:
        lines.append(f"      {arm.about}")
    levers = {lever.loc for lever in loaded.levers if lever.arm == arm.name}
    values = [change for change in arm.changes if change.loc[0] != SECTION]
    for change in values[:MOST_CHANGES]:
        path = path_in_words(arm.market, change.loc)
        if change.loc in levers:
            lines.append(f"      {path}: {_in_words(change.old)} -> set by pilots, as below")
            continue
        lines.append(f"      {path}: {_in_words(change.old)} -> {_in_words(change.new)}")
    if len(values) > MOST_CHANGES:
        lines.append(f"      ... and {len(values) - MOST_CHANGES} more changes")
    lines += [f"      {in_words(one)}" for one in arm.market.interventions]
    if not arm.changes and not arm.market.interventions:
        lines.append("      nothing changed")
    return lines
