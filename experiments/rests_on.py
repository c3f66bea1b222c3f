"""Which assumed parameters a difference rests on: those that what an arm changes works through.

A better on-time rate shows only as far as lateness is felt, and costs what punctuality is taken to
cost. Nobody outside the platforms knows some of these numbers; ``RESTS_ON`` says which ones stand
behind what. Changes of anything but a seller rest on the changed values themselves.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from experiments.listings import Parameter, parameters
from experiments.numbers import NOTHING, yaml_text
from experiments.words import Manifest, baseline_of

ASSUMED = "assumed"
_ANY = ("NAME", "N")
"""Steps of a declared path that stand for any entry of a list."""

_ITEMS = r"(\.[0-9]+)*"
"""What follows the path of a value that is a list when one of its items is meant."""

_LATENESS = ("judging.waiting_days", "fulfilment.longest_days", "costs.punctuality")
_QUEUE = ("judging.waiting_days", "fulfilment.cancelled_after_days", "judging.cancelled")
_RETURNS = ("complaining.returns", "costs.return_shipping")
_DAMAGE = ("judging.damaged", "costs.intactness", *_RETURNS)
_PROMISE = (
    "judging.taste", "judging.taste_known", "judging.disappointment", "judging.expected_per_star",
    *_RETURNS,
)  # fmt: skip
_GOODS = ("costs.unit_share", "costs.quality_share")
_CARE = ("complaining", "reconsidering.half_life_days", "costs.answering")
_OUTREACH = (
    "responding", "reconsidering", "complaining", "platform.contact", "costs.answering",
    "costs.asking",
    "platform.feedback.change_window_days", "platform.feedback.can_change",
    "platform.reviews.change_window_days", "platform.reviews.can_change",
)  # fmt: skip
_BOUGHT = (
    "platform.bought", "platform.policy.buy_reviews", "platform.display", "choice.segments",
    "platform.search.weight_stars", "platform.search.weight_count",
    "platform.search.prior_reviews", "speaking.herding", "speaking.nearby",
)  # fmt: skip
_PRICE = ("choice.segments", "choice.taste", "platform.search.weight_price", *_GOODS)
_BY_PLATFORM = ("platform.by_platform",)
_OLD_REVIEWS = (
    "choice.segments", "platform.display", "platform.search.weight_stars",
    "platform.search.weight_count", "platform.search.prior_reviews", "speaking.herding",
    "speaking.nearby",
)  # fmt: skip
_AGE = ("platform.search.new_days", "platform.search.new_boost", "platform.search.explore_share")

_OF_LINES = (
    "when", "do", "stars", "verified", "reviewed", "contacted", "days_since", "after_days",
    "per_day", "budget", "tone", "remedy.refund", "reward",
)  # fmt: skip

RESTS_ON: dict[str, tuple[str, ...]] = {
    "sellers.NAME.strategy": _OUTREACH,
    "sellers.NAME.care.answers": _CARE,
    "sellers.NAME.care.delay_days": _CARE,
    "sellers.NAME.care.tone": _CARE,
    "sellers.NAME.care.refund": _CARE,
    "sellers.NAME.on_time": _LATENESS,
    "sellers.NAME.damaged": _DAMAGE,
    "sellers.NAME.wrong_item": ("judging.wrong_item", *_RETURNS),
    "sellers.NAME.cancelled": ("judging.cancelled",),
    "sellers.NAME.capacity": _QUEUE,
    "sellers.NAME.tracked": (),
    "sellers.NAME.quality": (*_PROMISE, *_GOODS),
    "sellers.NAME.listings.NAME.quality": (*_PROMISE, *_GOODS),
    "sellers.NAME.listings.NAME.oversell": _PROMISE,
    "sellers.NAME.listings.NAME.price": _PRICE,
    "sellers.NAME.listings.NAME.unit_cost": (),
    "sellers.NAME.listings.NAME.by_platform": _BY_PLATFORM,
    "sellers.NAME.offers.N.price": ("platform.offers", *_PRICE),
    "sellers.NAME.offers.N.unit_cost": (),
    "sellers.NAME.offers.N.by_platform": _BY_PLATFORM,
    "sellers.NAME.listings.NAME.age_days": _AGE,
    "sellers.NAME.listings.NAME.reviews": _OLD_REVIEWS,
    "rivals.strategy": _OUTREACH,
    "rivals.adopters": _OUTREACH,
    **{f"strategies.NAME.lines.N.{name}": _OUTREACH for name in _OF_LINES},
    **{
        f"strategies.NAME.lines.N.{name}": _BOUGHT
        for name in ("bought.reviews", "bought.price", "bought.stars")
    },
    **{f"strategies.NAME.{name}": _OUTREACH for name in ("code", "per_day", "budget")},
    "rivals.care_mean": _CARE,
    "rivals.care_sd": _CARE,
    "rivals.late_median": _LATENESS,
    "rivals.late_sd": _LATENESS,
    "rivals.trouble_median": (*_DAMAGE, "judging.wrong_item"),
    "rivals.trouble_sd": (*_DAMAGE, "judging.wrong_item"),
    "rivals.load": _QUEUE,
    "rivals.quality_mean": (*_PROMISE, *_GOODS),
    "rivals.quality_sd": (*_PROMISE, *_GOODS),
}
"""Declared path of what changes -> paths of what the effect works through; a section stands for
all that is in it."""


@dataclass(frozen=True)
class Assumption:
    """An assumed parameter and the arms whose difference to the baseline rests on it."""

    path: str
    meaning: str
    value: str
    unit: str
    limits: str
    plausible: str
    source: str
    arms: list[str] = field(default_factory=list)


def rests_on(changed: Iterable[str], declared: Sequence[Parameter]) -> list[Parameter]:
    """The assumed parameters behind a change of these paths, in order of declaration.

    ``changed``: as in a manifest (``sellers.Northwind.on_time``); ``declared``: all parameters.
    """
    wanted: set[str] = set()
    for path in changed:
        for parameter in _declared(path, declared):
            if not parameter.path.startswith("sellers."):
                wanted.add(parameter.path)
            wanted.update(RESTS_ON.get(parameter.path, ()))
    return [
        parameter
        for parameter in declared
        if parameter.status == ASSUMED
        and any(parameter.path == path or parameter.path.startswith(f"{path}.") for path in wanted)
    ]


def assumptions(manifest: Manifest) -> list[Assumption]:
    """What the differences of a result rest on, with the arms; empty without a baseline."""
    declared = list(parameters())
    found: dict[str, Assumption] = {}
    for name, changed in _changed(manifest).items():
        for parameter in rests_on(changed, declared):
            entry = found.setdefault(parameter.path, _assumption(parameter, manifest))
            entry.arms.append(name)
    return [found[parameter.path] for parameter in declared if parameter.path in found]


def others_assumed(known: Iterable[Assumption]) -> dict[str, int]:
    """How many more assumed parameters the market has, by section; what sellers state aside."""
    named = {entry.path for entry in known}
    counts: dict[str, int] = {}
    for parameter in parameters():
        section = parameter.path.rpartition(".")[0].removesuffix(".N")
        if parameter.status != ASSUMED or parameter.path in named:
            continue
        if not section.startswith("sellers."):
            counts[section] = counts.get(section, 0) + 1
    return counts


def _changed(manifest: Manifest) -> dict[str, list[str]]:
    """Paths in which each arm differs from the baseline, for the arms that do."""
    baseline = baseline_of(manifest)
    stated = {
        arm["name"]: {change["path"]: json.dumps(change["value"]) for change in arm["changes"]}
        for arm in manifest["arms"]
    }
    if baseline is None:
        return {}
    base = stated[baseline]
    differing = {
        name: [path for path in {**base, **own} if base.get(path) != own.get(path)]
        for name, own in stated.items()
    }
    broken = {arm["name"]: set(_rules_broken(arm)) for arm in manifest["arms"]}
    return {
        name: [*paths, *sorted(broken[name] ^ broken[baseline])]
        for name, paths in differing.items()
        if paths
    }


def _rules_broken(arm: Mapping[str, Any]) -> Iterator[str]:
    """Chances to be found out of what an arm does that is forbidden, and what becomes of it."""
    for entry in arm.get("breaches", []):
        if entry["says"] == "forbidden":
            yield f"platform.policy.{entry['kind']}.found_out"
        if entry["kind"] == "buy_reviews":
            yield "platform.bought"


def _declared(path: str, declared: Sequence[Parameter]) -> list[Parameter]:
    """The parameters that a changed path is about: one, or all of what was changed as a whole.

    Names may hold dots themselves; what has the most steps in its declaration fits best.
    """
    steps = {parameter: parameter.path.split(".") for parameter in declared}
    fitting = [p for p, own in steps.items() if re.fullmatch(_pattern(own) + _ITEMS, path)]
    if fitting:
        return [max(fitting, key=lambda parameter: len(steps[parameter]))]
    depth = {parameter: _steps_above(path, own) for parameter, own in steps.items()}
    deepest = max(depth.values(), default=0)
    return [parameter for parameter, n in depth.items() if n == deepest > 0]


def _steps_above(path: str, own: Sequence[str]) -> int:
    """How many steps of a declaration a path covers that ends above it; 0 = it is elsewhere."""
    return max((n for n in range(1, len(own)) if re.fullmatch(_pattern(own[:n]), path)), default=0)


def _pattern(steps: Sequence[str]) -> str:
    return r"\.".join(".+" if step in _ANY else re.escape(step) for step in steps)


# ---------------------------------------------------------------- as text


def _assumption(parameter: Parameter, manifest: Manifest) -> Assumption:
    resolved = manifest.get("config_resolved") or {}
    values = list(dict.fromkeys(map(yaml_text, _values(resolved, parameter.path.split(".")))))
    unit = "" if parameter.unit == "-" else parameter.unit
    return Assumption(
        parameter.path,
        parameter.meaning,
        ", ".join(values) or NOTHING,
        unit,
        parameter.limits,
        parameter.plausible_text,
        parameter.source,
    )


def _values(part: Any, steps: Sequence[str]) -> Iterator[Any]:
    """The values at a declared path of a resolved configuration; of a list those of all entries."""
    if not steps:
        yield part
    elif isinstance(part, Mapping) and steps[0] in part:
        yield from _values(part[steps[0]], steps[1:])
    elif isinstance(part, (list, Mapping)) and steps[0] in _ANY:
        for entry in part.values() if isinstance(part, Mapping) else part:
            yield from _values(entry, steps[1:])
