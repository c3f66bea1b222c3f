"""Run the findings over many seeds: one task a seed, every market of it once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from experiments.evidence import demand, dynamics, logs, outreach, speech, stars  # noqa: F401
from experiments.evidence.finding import (
    FINDINGS,
    UNMEASURED,
    Finding,
    Markets,
    Unmeasured,
    Verdict,
)
from experiments.evidence.markets import BASE, lived
from experiments.mistakes import UserError
from experiments.progress import Progress
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

    @property
    def surely(self) -> bool:
        """Can the right sign be told from none? A sign test over seeds, one-sided, at 2.5 %."""
        neutral = self.finding.neutral
        if neutral is None or not len(self.known):
            return True
        from scipy.stats import binomtest

        right = self.known > neutral if self.finding.band[0] >= neutral else self.known < neutral
        test = binomtest(int(right.sum()), len(right), alternative="greater")
        return bool(test.pvalue <= 0.025)


@dataclass(frozen=True)
class Plan:
    """What all seeds have in common."""

    config: Path
    ids: tuple[str, ...]
    days: int | None


def chosen(only: Iterable[str] = ()) -> tuple[list[Finding], list[Unmeasured]]:
    """The findings of the given ids, all without any.

    ``A1`` stands for its parts too, as ``A1-all``, and ``A`` for all that begin with it.

    Raises UserError for an id that does not exist.
    """
    wanted = [part for id in only for part in id.replace(",", " ").split()]
    everything = (*FINDINGS, *UNMEASURED)

    def named(key: str, id: str) -> bool:
        letters = key.rstrip("0123456789") if "-" not in key else key.partition("-")[0]
        return key == id or key.startswith(f"{id}-") or letters.rstrip("0123456789") == id

    for id in wanted:
        if not any(named(key, id) for key in everything):
            ids = sorted({key.partition("-")[0] for key in everything}, key=_by_number)
            said = f'found "{id}"; allowed: {", ".join(ids)}, parts of them and letters alone'
            raise UserError(said + suggestion(id, list(everything)))

    def asked_for(key: str) -> bool:
        return not wanted or any(named(key, id) for id in wanted)

    return (
        [f for key, f in FINDINGS.items() if asked_for(key)],
        [u for key, u in UNMEASURED.items() if asked_for(key)],
    )


def _by_number(id: str) -> tuple[str, int]:
    letter, digits = id[0], id[1:]
    return letter, int(digits) if digits else 0


def values_of(plan: Plan, seed: int) -> tuple[int, list[float]]:
    """Seed, and the value of every finding of the plan in it."""
    findings = [FINDINGS[id] for id in plan.ids]
    names = dict.fromkeys(name for f in findings for name in f.markets)
    markets = lived(names, seed, plan.config, plan.days)
    with np.errstate(divide="ignore", invalid="ignore"):
        return seed, [_value(f, markets) for f in findings]


def _value(f: Finding, markets: Markets) -> float:
    """A finding's value; NaN where a market has nothing to compute it from."""
    try:
        return f.compute(markets)
    except (ValueError, IndexError, ZeroDivisionError):
        return float("nan")


def measure(
    findings: list[Finding],
    *,
    config: Path = BASE,
    seeds: Sequence[int] = range(1, SEEDS + 1),
    days: int | None = None,
    workers: int = 1,
    progress: Progress | None = None,
) -> list[Measured]:
    """Every finding over the seeds. The number of workers changes nothing.

    Raises UserError when a market could not be run.
    """
    found: list[tuple[int, list[float]]] = []
    failures: list[Failure] = []

    def done(row: tuple[int, list[float]]) -> None:
        found.append(row)
        if progress is not None:
            progress(len(found), len(seeds), "seeds")

    plan = Plan(config, tuple(f.id for f in findings), days)
    run_tasks(values_of, plan, list(seeds), workers, done, failures.append)
    if failures:
        raise UserError(f"seed {failures[0].task} could not be run: {failures[0].error}")
    values = np.array([row for _, row in sorted(found)], float)
    return [Measured(f, values[:, k]) for k, f in enumerate(findings)]
