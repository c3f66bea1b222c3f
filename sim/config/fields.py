"""How a parameter is declared: default, unit, range, source and status in one line.

Everything said about a parameter to a reader, an editor or in an error message is made from these
declarations, so a parameter is documented where it is defined and nowhere else.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

Status = Literal["documented", "published", "calibrated", "assumed", "design"]
"""documented: the platform says so; published: a paper or log; calibrated: fitted to a target;
assumed: nobody knows, see the range; design: a choice of whoever writes the market."""

Probability = Annotated[float, Field(ge=0.0, le=1.0)]
Weight = Annotated[float, Field(ge=0.0, le=1e6)]
Count = Annotated[int, Field(ge=0, le=1_000_000)]


WORDS: dict[str, Any] = {"world": False, "words": True}
"""Marks fields that are words about a configuration: they change nothing that happens."""


class Frozen(BaseModel):
    """Base of all configuration types: unknown keys, NaN and silent type changes are refused."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, allow_inf_nan=False, validate_default=True
    )


def param(
    default: Any,
    doc: str,
    *,
    unit: str,
    source: str,
    status: Status,
    low: float | None = None,
    high: float | None = None,
    world: bool = False,
    plausible: tuple[float, float] | None = None,
    **more: Any,
) -> Any:
    """A configuration field that says what it is.

    ``low`` and ``high`` are the allowed range, both ends included; ``world`` marks fields that
    define the population or the platform, so that changing one means another world.
    ``plausible`` is the narrower range in which the true value of an assumed or published number
    may lie. Raises ValueError for an unknown status.
    """
    if status not in get_args(Status):
        raise ValueError(f"status {status!r} is not one of {get_args(Status)}")
    return Field(
        default,
        ge=low,
        le=high,
        description=doc,
        json_schema_extra={
            "unit": unit,
            "source": source,
            "status": status,
            "world": world,
            "plausible": None if plausible is None else list(plausible),
        },
        **more,
    )
