"""The answer in a few sentences, with which the report and the terminal begin."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from experiments.metrics import METRICS
from experiments.numbers import known, limit_text, share_text, value_text
from experiments.words import (
    ANSWER,
    MOST_NAMED,
    Found,
    Manifest,
    arm_names,
    baseline_of,
    by_arm_and_metric,
    level,
    level_alone,
    limits_of,
    listed,
    named,
    others,
    verdict,
)

if TYPE_CHECKING:
    from experiments.summary import Row


def lead(rows: Sequence[Row], manifest: Manifest) -> list[str]:
    """The answer in a few sentences: the lowest ODR, the best position, the most profit."""
    found, arms = by_arm_and_metric(rows), arm_names(manifest)
    if len(arms) == 1:
        return [_alone(found, arms[0]), *_against_limit(found, arms, manifest)]
    baseline = baseline_of(manifest)
    placebo = {str(arm["name"]) for arm in manifest["arms"] if arm.get("placebo")}
    candidates = [arm for arm in arms if arm not in placebo]
    said: dict[str, list[str]] = {}
    for name, most, side in (
        ("odr", "the lowest order defect rate (ODR)", "below"),
        ("position", "the best position in search", "better than"),
        ("profit", "the most profit", "above"),
    ):
        winner = _winner(found, candidates, name, baseline)
        if winner is not None:
            phrase = _won(found, winner, name, baseline, most, side)
            said.setdefault(winner, []).append(phrase)
    sentences = [f"“{arm}” had {listed(phrases)}." for arm, phrases in said.items()]
    return [*_setting(manifest), *sentences, *_against_limit(found, candidates, manifest)]


def _setting(manifest: Manifest) -> list[str]:
    baseline, n = baseline_of(manifest), len(manifest["replicates"])
    if baseline is None:
        return []
    placebos = sum(bool(arm.get("placebo")) for arm in manifest["arms"])
    count = len(others(manifest)) - placebos
    arms = "One arm was" if count == 1 else f"{count} arms were"
    also = f" (and {placebos} that change{'s' * (placebos == 1)} nothing)" if placebos else ""
    noun = "replicate" if n == 1 else "replicates"
    return [f"{arms} compared with the baseline, “{baseline}”{also}, in {n:,} {noun}."]


def _alone(found: Found, arm: str) -> str:
    parts = [level(found[arm, name], METRICS[name]) for name in ANSWER if (arm, name) in found]
    return f"“{arm}” was the only arm, so there is nothing to compare it with: {listed(parts)}."


def _winner(found: Found, arms: list[str], name: str, baseline: str | None) -> str | None:
    """The arm with the best mean; the baseline where another does no more than equal it."""
    sign = -1.0 if METRICS[name].direction == "lower" else 1.0
    with_mean = [arm for arm in arms if (arm, name) in found and known(found[arm, name].mean)]
    if not with_mean:
        return None
    return max(with_mean, key=lambda arm: (sign * found[arm, name].mean, arm == baseline))


def _won(found: Found, arm: str, name: str, baseline: str | None, most: str, side: str) -> str:
    metric = METRICS[name]
    phrase = f"{most}, {level_alone(found[arm, name], metric)}"
    if baseline is None or (baseline, name) not in found:
        return phrase
    if arm == baseline:
        return f"{phrase}: no other arm did better"
    theirs = f"baseline's {value_text(found[baseline, name].mean, metric)}"
    match verdict(found[arm, name], metric):
        case "better":
            return f"{phrase}, clearly {side} the {theirs}"
        case "unknown":
            return f"{phrase} (the {theirs})"
        case _:
            return f"{phrase}, not clearly {side} the {theirs}"


def _against_limit(found: Found, arms: list[str], manifest: Manifest) -> list[str]:
    """Where more orders went wrong than the platform allows, beside the rate that it saw.

    The platform acts on what it knew on each evening, which is less than what came of the orders.
    """
    limits = limits_of(manifest)
    rates = {arm: found[arm, "odr"].mean for arm in arms if (arm, "odr") in found}
    rates = {arm: rate for arm, rate in rates.items() if known(rate)}
    if not rates:
        return []
    own = {limits[arm] for arm in rates}
    allowed = "its platform's limit"
    if len(own) == 1:
        allowed = f"the platform's limit of {limit_text(own.pop())}"
    over = [arm for arm, rate in rates.items() if rate > limits[arm]]
    if not over:
        where = "Under each arm" if len(rates) > 1 else f"Under “{next(iter(rates))}”"
        seen = _seen_above(found, list(rates), each=False)
        return [f"{where}, orders that ended with a defect stayed within {allowed}{seen}."]
    seen = _seen_above(found, over, each=len(over) <= MOST_NAMED)
    if len(over) > MOST_NAMED:
        where = f"Under {len(over)} of {len(rates)} arms"
        return [f"{where}, more orders than {allowed} allows ended with a defect{seen}."]
    told = {arm: value_text(rates[arm], METRICS["odr"], limits[arm]) for arm in over}
    if len(over) == 1:
        placed = f"Of the orders placed under “{over[0]}”"
        return [f"{placed}, {told[over[0]]} ended with a defect, above {allowed}{seen}."]
    each = named([f"“{arm}” ({told[arm]})" for arm in over])
    return [f"More orders than {allowed} allows ended with a defect under {each}{seen}."]


def _seen_above(found: Found, arms: list[str], *, each: bool) -> str:
    """On how many days the rate that the platform saw was above its limit; each arm's or a span."""
    rows = [found.get((arm, "days_above_limit")) for arm in arms]
    shares = [row.mean for row in rows if row is not None and known(row.mean)]
    if not shares or len(shares) < len(arms):
        return ""
    days = share_text(shares[0])
    if min(shares) < max(shares):
        span = f"{share_text(min(shares))} to {share_text(max(shares))}"
        days = named(list(map(share_text, shares))) if each else span
    return f"; the rate that the platform saw was above it on {days} of days"
