"""What a calibration file may hold."""

from __future__ import annotations

from typing import Any

from pydantic import Field, field_validator

from experiments.mistakes import shown
from sim.config.fields import Frozen, param
from sim.config.market import NAME

DESIGN: dict[str, Any] = dict(source="design", status="design")


class Stated(Frozen):
    """What a calibration file holds."""

    name: str = Field("calibration", description="Heading of what is printed", pattern=NAME)
    market: str = Field(description="The market's file, as seen from this one", min_length=1)
    seeds: int = param(
        8, "Markets per point, the same at every point", unit="seeds", low=2, high=1000, **DESIGN
    )
    days: int | None = param(
        None, "At most so many recorded days a market; null = as stated", unit="days", low=1,
        high=10_000, **DESIGN,
    )  # fmt: skip
    steps: int = param(8, "Steps at most", unit="steps", low=1, high=100, **DESIGN)
    difference: float = param(
        0.15, "Share of its range over which a slope is taken", unit="share", low=0.01, high=0.5,
        **DESIGN,
    )  # fmt: skip
    moments: tuple[str, ...] = Field(
        description="Ids of findings; each should come to the middle of its band", min_length=1
    )
    parameters: dict[str, tuple[float, float] | None] = Field(
        description="By dotted path: from, to; null = the declared plausible range"
    )

    @field_validator("parameters", mode="before")
    @classmethod
    def _by_path(cls, parameters: Any) -> Any:
        if not isinstance(parameters, dict) or not parameters:
            found = "an empty mapping" if parameters == {} else shown(parameters)
            said = "allowed: a mapping from paths to ranges, as in `judging.product: [-0.6, 0.8]`"
            raise ValueError(f"found {found}; {said}")
        return parameters
