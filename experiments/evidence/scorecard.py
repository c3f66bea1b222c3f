"""Run the findings over many seeds: one task a seed, every market of it once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from experiments.evidence import demand, dynamics, logs, outreach, speech, stars  # noqa: F401
from experiments.evidence.finding import FINDINGS, UNMEASURED, Finding, Unmeasured, Verdict
from experiments.evidence.markets import BASE, lived
from experiments.mistakes import UserError
from experiments.workers import Failure, run_tasks
from sim.config.checks import suggestion

SEEDS = 30
SHORT_DAYS = 120


@dataclass(frozen=True)
class Measured:
    """A finding with its value in every seed (NaN: could not be computed)."""

    finding: Finding
    values: np.ndarray

    @property
    def verdict(self) -> Verdict:
        """What the median over seeds says."""
        return self.finding.verdict(self.values)

    @property
    def known(self) -> np.ndarray:
        """Values that could be computed."""
        return self.values[~np.isnan(self.values)]

    @property
    def median(self) -> float:
        """Median over seeds; NaN without any."""
        return float(np.median(self.known)) if len(self.known) else float("nan")

    @property
    def spread(self) -> tuple[float, float]:
        """Range of the middle 80 % of seeds."""
        if not len(self.known):
            return float("nan"), float("nan")
        low, high = np.quantile(self.known, (0.1, 0.9))
        return float(low), float(high)


@dataclass(frozen=True)
class Plan:
    """What all seeds have in common."""

    config: Path
    ids: tuple[str, ...]
    days: int | None


def chosen(only: Iterable[str] = ()) -> tuple[list[Finding], list[Unmeasured]]:
    """The findings of the given ids, all without any; ``A1`` stands for ``A1-all`` too.

    Raises UserError for an id that does not exist.
    """
    wanted = list(only)
    groups = {key.partition("-")[0] if key[0] != "L" else "L" for key in (*FINDINGS, *UNMEASURED)}
    for id in wanted:
        known = {*FINDINGS, *UNMEASURED, *groups}
        if id not in known:
            said = f'found "{id}"; allowed: {", ".join(sorted(groups))} and their parts'
            raise UserError(said + suggestion(id, sorted(known)))

    def asked_for(key: str) -> bool:
        return not wanted or any(key == id or key.startswith(f"{id}-") for id in wanted)

    return (
        [f for key, f in FINDINGS.items() if asked_for(key)],
        [u for key, u in UNMEASURED.items() if asked_for(key)],
    )


def values_of(plan: Plan, seed: int) -> tuple[int, list[float]]:
    """Seed, and the value of every finding of the plan in it."""
    findings = [FINDINGS[id] for id in plan.ids]
    names = dict.fromkeys(name for f in findings for name in f.markets)
    markets = lived(names, seed, plan.config, plan.days)
    with np.errstate(divide="ignore", invalid="ignore"):
        return seed, [f.compute(markets) for f in findings]


def measure(
    findings: list[Finding],
    *,
    config: Path = BASE,
    seeds: Iterable[int] = range(1, SEEDS + 1),
    days: int | None = None,
    workers: int = 1,
    on_done: Callable[[], None] = lambda: None,
) -> list[Measured]:
    """Every finding over the seeds. The number of workers changes nothing.

    Raises RuntimeError when a market could not be run.
    """
    found: list[tuple[int, list[float]]] = []
    failures: list[Failure] = []

    def done(row: tuple[int, list[float]]) -> None:
        found.append(row)
        on_done()

    plan = Plan(config, tuple(f.id for f in findings), days)
    run_tasks(values_of, plan, list(seeds), workers, done, failures.append)
    if failures:
        raise RuntimeError(f"seed {failures[0].task}: {failures[0].error}\n{failures[0].trace}")
    values = np.array([row for _, row in sorted(found)], float)
    return [Measured(f, values[:, k]) for k, f in enumerate(findings)]
