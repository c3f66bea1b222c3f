"""What a finding is: a statistic with a source and a band, looked for in simulated markets."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from experiments.evidence.seen import Seen

Markets = Mapping[str, Seen]
Role = Literal["outcome", "tuned", "input"]
Kind = Literal["observational", "paired"]
Verdict = Literal[
    "in band", "right sign only", "wrong", "not applicable", "waiting", "not computed"
]

ANY = float("inf")


@dataclass(frozen=True)
class Finding:
    """A published number or sign, or one of a real log, as a test of the market.

    ``band``: where the median over seeds should lie, ends included; it is stated with the source
    and never moved. ``neutral``: the value at which there would be no effect; a median on the
    band's side of it has the right sign. ``role``: an *outcome* is a test, a *tuned* row was used
    to set parameters, an *input* goes into the market as it is and is not counted.
    """

    id: str
    name: str
    source: str
    unit: str
    band: tuple[float, float]
    neutral: float | None
    role: Role
    kind: Kind
    markets: tuple[str, ...]
    compute: Callable[[Markets], float]
    conditions: str
    why: str
    """The mechanism, where the market falls short."""

    @property
    def how(self) -> str:
        """How the value is computed."""
        return " ".join((self.compute.__doc__ or "").split())

    def verdict(self, values: np.ndarray) -> Verdict:
        """What the median of one value per seed (NaN dropped) says; no effect at all is wrong."""
        known = values[~np.isnan(values)]
        if 2 * len(known) < len(values) or not len(known):
            return "not computed"
        median, (low, high) = float(np.median(known)), self.band
        if low <= median <= high and median != self.neutral:
            return "in band"
        if self.neutral is None:
            return "wrong"
        above = low >= self.neutral
        right = median > self.neutral if above else median < self.neutral
        return "right sign only" if right else "wrong"

    def inside(self, values: np.ndarray) -> float:
        """Share of seeds whose own value lies in the band."""
        known = values[~np.isnan(values)]
        inside = (known >= self.band[0]) & (known <= self.band[1])
        return float(np.mean(inside & (known != self.neutral))) if len(known) else float("nan")


@dataclass(frozen=True)
class Unmeasured:
    """A finding that cannot be looked for, and why."""

    id: str
    name: str
    source: str
    verdict: Literal["not applicable", "waiting"]
    why: str


FINDINGS: dict[str, Finding] = {}
UNMEASURED: dict[str, Unmeasured] = {}


def finding(
    id: str,
    name: str,
    band: tuple[float, float],
    source: str,
    *,
    markets: tuple[str, ...] = ("base",),
    unit: str = "",
    neutral: float | None = None,
    role: Role = "outcome",
    kind: Kind = "observational",
    conditions: str = "",
    why: str = "",
) -> Callable[[Callable[[Markets], float]], Callable[[Markets], float]]:
    """Register a function of the markets named as the finding's statistic.

    Raises ValueError for an id that is taken, a band upside down, or a neutral value inside it.
    """

    def register(compute: Callable[[Markets], float]) -> Callable[[Markets], float]:
        if id in FINDINGS or id in UNMEASURED:
            raise ValueError(f"finding {id} is registered twice")
        if band[0] > band[1] or (neutral is not None and band[0] < neutral < band[1]):
            raise ValueError(f"finding {id}: band {band} with neutral {neutral}")
        FINDINGS[id] = Finding(
            id, name, source, unit, band, neutral, role, kind, markets, compute, conditions, why
        )
        return compute

    return register


def unmeasured(
    id: str, name: str, source: str, verdict: Literal["not applicable", "waiting"], why: str
) -> None:
    """Register a finding that cannot be looked for. Raises ValueError for an id that is taken."""
    if id in FINDINGS or id in UNMEASURED:
        raise ValueError(f"finding {id} is registered twice")
    UNMEASURED[id] = Unmeasured(id, name, source, verdict, why)
