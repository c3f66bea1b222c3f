"""What a calibration file may hold."""

from __future__ import annotations

from typing import Any

from pydantic import Field, field_validator

from experiments.mistakes import shown
from sim.config.fields import Frozen
from sim.config.market import NAME


class Stated(Frozen):
    """What a calibration file holds."""

    name: str = Field("calibration", description="Heading of what is printed", pattern=NAME)
    market: str = Field(description="The market's file, as seen from this one", min_length=1)
    seeds: int = Field(8, description="Markets per point, the same at every point", ge=2, le=1000)
    days: int | None = Field(
        None, description="At most so many recorded days a market; null = as stated", ge=1, le=10000
    )
    steps: int = Field(8, description="Steps at most", ge=1, le=100)
    difference: float = Field(
        0.15, description="Share of its range over which a slope is taken", ge=0.01, le=0.5
    )
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
