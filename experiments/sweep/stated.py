"""What a sweep file says: a base, factors, and a design that says which cells are lived."""

# A table of parameters reads best with one paragraph each.
# fmt: off
from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, Self

from pydantic import Field, field_validator, model_validator

from experiments.mistakes import shown
from sim.config.fields import Frozen
from sim.config.market import NAME

MOST_FACTORS = 100
MOST = 1e15
"""Numbers are at most so large, so that arithmetic with them stays exact enough and finite."""
NAME_OF_A_FACTOR = r"^[^\x00-\x1f]{1,200}$"
"""Longer than other names, as it may be a path; what cannot be printed is refused as well."""


def wrong_name(name: str) -> str:
    """What is wrong with the name of a factor or level; empty when nothing is."""
    if name.isprintable() and 1 <= len(name) <= 200:
        return ""
    return f"found the name {shown(name)}; allowed: 1 to 200 characters that can be printed"


def is_share(value: Any) -> bool:
    """Is it a number from 0 to 1?"""
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return number and 0 <= value <= 1


class Factor(Frozen):
    """What cells differ in: one path, several that move together, or levels with names."""

    about: str = Field("", description="What the factor stands for, in a sentence", max_length=500)
    path: str | None = Field(
        None, description="Dotted path as in arms; without it the factor's name is the path")
    moves: dict[str, tuple[float, float]] | None = Field(
        None, description="Paths that move together, each from its first number (factor at 0) to "
        "its second (factor at 1)", min_length=1)
    levels: dict[str, dict[str, Any] | None] | None = Field(
        None, description="Changes by name of the level, as in arms")
    values: tuple[Any, ...] | None = Field(
        None, description="The values, one by one", min_length=1)
    between: tuple[float, float] | None = Field(
        None, description="Least and greatest value; 0 and 1 where paths move")
    steps: int = Field(
        5, description="Values from the least to the greatest, in designs that take each",
        ge=2, le=10_000)
    scale: Literal["linear", "log"] = Field(
        "linear", description="Whether steps are equal as differences or as factors")
    whole: bool = Field(False, description="Whole numbers only")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        problems = list(self._problems())
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def _problems(self) -> Iterator[str]:
        ways = [name for name in ("path", "moves", "levels") if getattr(self, name) is not None]
        if len(ways) > 1:
            yield f"found {' and '.join(ways)}; allowed: one of them"
        if self.values is None and self.between is None and not (self.moves or self.levels):
            yield "says no values; allowed: values, between, moves, or levels"
        if self.levels is not None:
            yield from filter(None, map(wrong_name, self.levels))
            if self.values is not None or self.between is not None:
                yield "found levels beside values; allowed: either, as levels are the values"
        elif self.values is not None and self.between is not None:
            yield "found values and between; allowed: one of them"
        if self.values is not None or self.levels is not None:
            yield from self._beside_single_values()
        if self.values is not None and len(set(map(_sameness, self.values))) < len(self.values):
            yield "found a value twice; allowed: each once"
        if self.moves is not None:
            yield from self._of_moves()
        if self.between is not None or self.moves is not None:
            yield from self._of_a_range(*(self.between or (0.0, 1.0)))

    def _beside_single_values(self) -> Iterator[str]:
        for name in ("steps", "scale", "whole"):
            if getattr(self, name) != type(self).model_fields[name].default:
                yield f"found {name} beside single values; allowed: only with between or moves"

    def _of_moves(self) -> Iterator[str]:
        for value in (*(self.values or ()), *(self.between or ())):
            if not is_share(value):
                yield f"found {shown(value)} where paths move; allowed: numbers from 0 to 1"
        if self.whole:
            yield ("found whole: true where paths move; allowed: without, as paths that take whole "
                   "numbers get whole numbers")
        for path, ends in (self.moves or {}).items():
            if max(map(abs, ends)) > MOST:
                yield f"found {path}: {list(ends)}; allowed: numbers from -1e15 to 1e15"

    def _of_a_range(self, low: float, high: float) -> Iterator[str]:
        if not low < high:
            yield f"found between: [{low}, {high}]; allowed: the smaller first"
        elif max(abs(low), abs(high)) > MOST:
            yield f"found between: [{low}, {high}]; allowed: numbers from -1e15 to 1e15"
        elif self.scale == "log" and low <= 0 and self.values is None:
            yield f"found scale: log from {low}; allowed: between, from more than 0"
        elif self.whole and not (low.is_integer() and high.is_integer()):
            yield f"found whole: true between {low} and {high}; allowed: whole ends"


def _sameness(value: Any) -> Any:
    """What is equal for values that are the same: 1, 1.0 and true are."""
    return value if isinstance(value, (int, float)) else repr(value)


DESIGNS = Literal[
    "factorial", "points", "one_at_a_time", "latin_hypercube", "sobol", "halton", "combined",
    "filtered"]
SAMPLED = ("latin_hypercube", "sobol", "halton")
NEEDS: dict[str, tuple[str, ...]] = {
    "factorial": (), "points": ("points",), "one_at_a_time": (),
    **{kind: ("cells",) for kind in SAMPLED},
    "combined": ("designs",), "filtered": ("design", "keep")}
"""Parts that go with each kind of design; it has no others."""


class Design(Frozen):
    """Which cells are lived.

    factorial: every value of every factor with every value of all others; points: the cells one by
    one; one_at_a_time: the base, then every value of each factor while others stay as in the base;
    latin_hypercube, sobol, halton: cells spread over the ranges, factors with single values taking
    all about equally often; combined: the cells of several designs, each once; filtered: the cells
    of a design for which a condition holds.
    """

    kind: DESIGNS = Field("factorial", description="Which design")
    points: tuple[dict[str, Any], ...] | None = Field(
        None, description="points: values by factor; one that is left out stays as in the base",
        min_length=1)
    cells: int | None = Field(
        None, description="sampled designs: how many; for sobol a power of 2", ge=1, le=10_000_000)
    draw: int = Field(0, description="sampled designs: another number, another draw", ge=0)
    designs: tuple[Design, ...] | None = Field(None, description="combined: which", min_length=1)
    design: Design | None = Field(None, description="filtered: of which cells")
    keep: str | None = Field(
        None, description="filtered: condition on factors by name, as in: service >= 0.5 or "
        "outreach == 'none'", max_length=2000)

    @model_validator(mode="after")
    def _fits(self) -> Self:
        needed = NEEDS[self.kind]
        problems = [
            f"kind: {self.kind} needs {name}" for name in needed if getattr(self, name) is None]
        for name in ("points", "cells", "designs", "design", "keep"):
            if getattr(self, name) is not None and name not in needed:
                problems.append(f"found {name} with kind: {self.kind}; allowed there: "
                                f"{', '.join(needed) or 'nothing else'}")
        if self.draw and self.kind not in SAMPLED:
            problems.append(f"found draw with kind: {self.kind}; allowed with {', '.join(SAMPLED)}")
        if self.kind == "sobol" and self.cells and self.cells & (self.cells - 1):
            near = 1 << self.cells.bit_length()
            problems.append(f"found {self.cells} cells; allowed in a sobol design: powers of 2, "
                            f"such as {near // 2} and {near}")
        if problems:
            raise ValueError("; ".join(problems))
        return self


class Surface(Frozen):
    """A picture of one metric over two factors."""

    x: str = Field(description="Factor along the page")
    y: str = Field(description="Factor up the page")
    metric: str = Field(description="What is shown, as in `python run.py list metrics`")
    contours: tuple[float, ...] = Field(
        (), description="Values at which a line is drawn; the platform's limit always is")


class SweepStated(Frozen):
    """A sweep file."""

    name: str = Field(description="Name of the sweep", pattern=NAME)
    question: str = Field("", description="The question that it answers", max_length=2000)
    about: str = Field("", description="What else is to be said", max_length=5000)
    base: str = Field(description="The file whose market cells change; from this file's place")
    set: dict[str, Any] = Field(
        {}, description="Values of the base replaced for all cells, by path, as in days: 90")
    replicates: int = Field(10, description="Times that every cell is lived", ge=1, le=100_000)
    vary: Literal["world", "luck"] = Field(
        "world", description="What replicates redraw: rivals and qualities too, or luck alone")
    factors: dict[str, Factor] = Field(
        description="What cells differ in, by name")
    design: Design = Field(Design(), description="Which cells are lived")
    surfaces: tuple[Surface, ...] = Field(
        (), description="Pictures; without them every headline metric over the first two factors")

    @field_validator("factors")
    @classmethod
    def _named(cls, factors: dict[str, Factor]) -> dict[str, Factor]:
        problems = [*filter(None, map(wrong_name, factors))]
        if not 1 <= len(factors) <= MOST_FACTORS:
            problems.append(f"found {len(factors)} factors; allowed: 1 to {MOST_FACTORS}")
        if problems:
            raise ValueError("; ".join(problems))
        return factors
