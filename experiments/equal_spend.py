"""``equal_spend:`` of an experiment file: which arms shall spend as much as another, and how."""

# A table of parameters reads best with one paragraph each.
# fmt: off
from __future__ import annotations

from typing import Any, Self

from pydantic import Field, field_validator, model_validator

from sim.config.fields import Frozen, param
from sim.config.market import NAME

SECTION = "equal_spend"
WITHIN = 0.02
"""Shares of the sum by which arms that are said to spend the same may differ, in pilots."""


class LeverStated(Frozen):
    """What is set in an arm so that it spends the sum wanted: a number, between two ends."""

    set: str = Field(
        description="Dotted path to a number, as in arms: `focal.on_time`", min_length=1)
    between: tuple[float, float] = Field(
        description="Least and largest value; spending may rise or fall from one to the other")

    @model_validator(mode="after")
    def _increasing(self) -> Self:
        low, high = self.between
        if not low < high:
            raise ValueError(
                f"found between: [{low:g}, {high:g}]; allowed: the smaller number first")
        return self


class EqualSpend(Frozen):
    """Arms whose levers are set on pilot replicates so that they spend what another arm spends."""

    like: str = Field(description="The arm whose mean spending the others match", pattern=NAME)
    pilots: int = param(
        8, "Pilot replicates on which levers are set, with other draws than the measured ones",
        unit="replicates", low=1, high=1000, source="design", status="design")
    levers: dict[str, LeverStated] = Field(
        description="By name of the arm: which value is set in it, and between which ends")

    @field_validator("levers")
    @classmethod
    def _some(cls, levers: dict[str, Any]) -> dict[str, Any]:
        if not levers:
            raise ValueError("found no lever; allowed: at least one, by name of its arm, as in "
                             "`better service: {set: focal.on_time, between: [0.96, 0.99]}`")
        return levers
