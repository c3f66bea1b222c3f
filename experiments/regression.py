"""``regression:`` of an experiment file: the arms that hold the truth beside a plain regression."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from experiments.mistakes import Loc, Mistake, shown
from experiments.yaml_source import Source
from sim.config.checks import suggestion
from sim.config.fields import Frozen
from sim.config.market import NAME

SECTION = "regression"


class RegressionStated(Frozen):
    """The arms in which the focal seller's listings show something else at the same quality."""

    stars: str = Field(
        description="The arm in which they show other stars than in the baseline", pattern=NAME
    )
    reviews: str = Field(
        description="The arm in which they show another number of reviews, at equal stars",
        pattern=NAME,
    )


def check_regression(source: Source, mistakes: list[Mistake]) -> None:
    """Add to ``mistakes`` what is wrong with the section beside its form."""
    stated = source.data.get(SECTION)
    if not isinstance(stated, dict):
        return  # absent, or said by the declarations
    arms = source.data.get("arms")
    arms = arms if isinstance(arms, dict) else {}
    for key in RegressionStated.model_fields:
        said = _wrong_with(stated, key, arms, source.data.get("baseline"))
        if said:
            loc: Loc = (SECTION, key)
            mistakes.append(Mistake(source.where(loc), loc, said))
    if source.data.get("record") == "focal":
        said = 'found "focal", which keeps no table of listings, of which `regression` is made; '
        said += "allowed beside it: daily, weekly"
        mistakes.append(Mistake(source.where(("record",)), ("record",), said))


def _wrong_with(stated: dict[str, Any], key: str, arms: dict[str, Any], baseline: Any) -> str:
    """Why this arm cannot hold the truth; empty when it can, or when its name is no text."""
    name = stated.get(key)
    if not isinstance(name, str):
        return ""
    base = baseline if isinstance(baseline, str) else next(iter(arms), None)
    others = [arm for arm, content in arms.items() if arm != base and not _is_placebo(content)]
    allowed = f"allowed: {', '.join(others) or 'an arm beside the baseline; there is none'}"
    if name not in arms:
        return f"found {shown(name)}, which is no arm; {allowed}{suggestion(name, others)}"
    if name == base:
        return f"found {shown(name)}, the baseline, from which the arm must differ; {allowed}"
    if _is_placebo(arms[name]):
        return f"found {shown(name)}, a placebo, which changes nothing; {allowed}"
    if key == "reviews" and name == stated.get("stars"):
        return (
            f"found {shown(name)}, the arm of `stars` too; allowed: two arms, each of which "
            "changes one of the two"
        )
    return ""


def _is_placebo(content: Any) -> bool:
    return isinstance(content, dict) and content.get("placebo") is True
