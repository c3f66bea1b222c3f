"""An experiment file: a market, and which changes of it are compared, how often, over what."""

# A table of parameters reads best with one paragraph each.
# fmt: off
from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from experiments.equal_spend import EqualSpend
from experiments.regression import RegressionStated
from experiments.strategies import used_only
from sim.config.fields import param
from sim.config.market import NAME, Market


class Experiment(Market):
    """A base market with named arms, each of which changes a few of its values."""

    question: str = Field("", description="The question that the experiment answers, in words",
                          max_length=2000)
    replicates: int = param(
        20, "Times that every arm is run, each with luck of its own that all arms share",
        unit="replicates", low=1, high=100_000, source="design", status="design")
    vary: Literal["world", "luck"] = param(
        "world", "What replicates redraw: rivals and qualities too, or luck alone; what the file "
        "states stays as stated, users and tastes are always luck", unit="name", source="design",
        status="design")
    record: Literal["daily", "weekly", "focal", "ledger"] = param(
        "daily", "Rows of the tables: a day, a week, or only the focal seller beside the mean "
        "rival; beyond five million rows a day becomes a week. ledger: days, and every event",
        unit="name", source="design", status="design")
    break_even: int = param(
        4, "Replicates in which the responses that outreach rests on are moved to find where its "
        "advantage disappears; 0 = none", unit="replicates", low=0, high=1000, source="design",
        status="design")
    baseline: str | None = Field(
        None, description="The arm that others are compared with; null = the first", pattern=NAME)
    arms: dict[str, dict[str, Any] | None] = Field(
        {}, description="Changes by name of the arm: dotted paths with values; `focal.` is short "
        "for the focal seller; also `strategy` (of the focal seller; `who` says who else follows "
        "it), `platform`, `about`, and `placebo: true` for an arm that changes nothing",
        max_length=1000)
    platforms: tuple[str, ...] = Field(
        (), description="Rule sets on each of which every arm is lived and compared with the "
        "baseline there; names of shipped ones or paths ending in .yaml", max_length=20)
    equal_spend: EqualSpend | None = Field(
        None, description="Sets levers of arms on pilot replicates so that they spend the same on "
        "quality, service and outreach")
    regression: RegressionStated | None = Field(
        None, description="Sets a plain regression of sales on stars and reviews, made on the "
        "baseline's records, beside the true effect in two arms")


EXPERIMENT_KEYS = tuple(name for name in Experiment.model_fields if name not in Market.model_fields)


def base_market(experiment: Experiment) -> Market:
    """The market of an experiment without its arms, with the strategies that it uses."""
    values = {name: getattr(experiment, name) for name in Market.model_fields}
    return used_only(Market.model_construct(**values))
