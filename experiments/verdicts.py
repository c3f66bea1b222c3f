"""What an arm's outreach breaks, and what that risks, in sentences; a report begins with them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from experiments.health_words import penalties_in_words
from experiments.metrics import METRICS
from experiments.numbers import known, value_text
from experiments.words import Manifest, Sentence, by_arm_and_metric, listed, named
from sim.config.market import Market
from sim.config.policy import PolicyRules, kinds

if TYPE_CHECKING:
    from experiments.summary import Row

FORBIDDEN, TOLERATED = SAYS = ("forbidden", "tolerated")
"""Verdicts that are worth a sentence, the worse one first."""

ACTS = {"buy_reviews": "review", "request_removal": "request", "wrong_removal": "request"}
"""What is found out of a kind of outreach, where it is no message."""


def breaches(market: Market) -> list[dict[str, Any]]:
    """Kinds of outreach in followed strategies that the platform does not plainly allow.

    One entry per verdict and kind, as a manifest holds it: says, kind, meaning, strategies,
    whether the focal seller does it, chance to be found out, penalties, the same in words.
    """
    focal = next((s.strategy for s in market.sellers if s.name == market.focal_name()), None)
    focal = market.rivals.strategy if focal is None else focal
    found: dict[str, dict[str, Any]] = {}
    followed = {seller.strategy for seller in market.sellers}
    if market.rivals.count > 0 and market.rivals.adopters > 0.0:
        followed.add(market.rivals.strategy)
    strategies = {name: s for name, s in market.strategies.items() if name in followed}
    for name, strategy in strategies.items():
        for kind in (kind for line in strategy.lines for kind in kinds(line)):
            verdict = market.platform.policy.of(kind)
            if verdict.says in SAYS:
                entry: dict[str, Any] = {
                    "says": verdict.says,
                    "kind": kind,
                    "meaning": PolicyRules.model_fields[kind].description,
                    "strategies": [],
                    "focal": False,
                    "found_out": verdict.found_out,
                    "penalties": [penalty.do for penalty in verdict.penalties],
                    "follows": penalties_in_words(verdict.penalties),
                }
                entry = found.setdefault(kind, entry)
                entry["strategies"] = [*dict.fromkeys([*entry["strategies"], name])]
                entry["focal"] |= name == focal
    return sorted(found.values(), key=lambda entry: SAYS.index(entry["says"]))


def breach_sentences(rows: Sequence[Row], manifest: Manifest) -> list[Sentence]:
    """For every arm what its platform forbids of it, and what came of that."""
    found = by_arm_and_metric(rows)
    sentences = []
    for arm in manifest["arms"]:
        entries = [e for e in arm.get("breaches", []) if e["says"] == FORBIDDEN]
        texts = [_breaks(arm, entries, FORBIDDEN), "".join(_risked(found, arm))]
        if any(texts):
            sentences.append(Sentence(str(arm["name"]), " ".join(filter(None, texts))))
    return sentences


def tolerated_sentences(manifest: Manifest) -> list[str]:
    """What platforms tolerate rather than allow, each kind with the arms that do it."""
    kinds: dict[str, dict[str, list[str]]] = {}
    for arm in manifest["arms"]:
        for entry in arm.get("breaches", []):
            if entry["says"] == TOLERATED:
                arms = kinds.setdefault(str(arm["platform"]), {}).setdefault(_kind(entry), [])
                arms.append(f"“{arm['name']}”")
    return [
        f"{place} tolerates, which is less than to allow: "
        + "; ".join(f"{kind} ({named(arms)})" for kind, arms in found.items())
        + "."
        for place, found in kinds.items()
    ]


def breach_words(market: Market) -> list[str]:
    """The same for ``check``, before anything was run: one text per verdict."""
    arm = {"platform": market.platform.name}
    entries = breaches(market)
    texts = [_breaks(arm, [e for e in entries if e["says"] == says], says) for says in SAYS]
    code = sorted(name for name, s in market.strategies.items() if s.code is not None)
    if code:
        texts.append(f"what {named(code)} breaks is counted when it runs, as it is code.")
    return [text for text in texts if text]


def _breaks(arm: Any, entries: list[dict[str, Any]], says: str) -> str:
    if not entries:
        return ""
    place = arm["platform"]
    lead = (
        f"breaks the rules of {place}, which forbids" if says == SAYS[0] else f"{place} tolerates"
    )
    return f"{lead} {listed([_kind(entry) for entry in entries])}."


def _kind(entry: dict[str, Any]) -> str:
    """``requests to those alone whose stars please (found out with a chance of 0.2 %, …)``"""
    meaning = str(entry["meaning"])
    text = meaning[0].lower() + meaning[1:]
    if not entry["focal"]:
        text += " (other sellers do it)"
    if entry["says"] != SAYS[0]:
        return text
    act = ACTS.get(entry["kind"], "message")
    penalty = "the account is deactivated"
    if entry["penalties"] != ["deactivate"]:
        penalty = entry.get("follows", "nothing")
    chance = f"{100 * entry['found_out']:g} %"
    return f"{text} (each {act} is found out with a chance of {chance}, then {penalty})"


def _risked(found: Any, arm: Any) -> Iterator[str]:
    sent, caught = (found.get((arm["name"], name)) for name in ("forbidden", "found_out"))
    if sent is not None and known(sent.mean) and sent.mean > 0:
        count = value_text(sent.mean, METRICS["forbidden"])
        buys = any(entry["kind"] == "buy_reviews" for entry in arm.get("breaches", []))
        acts = "messages and bought reviews" if buys else "messages"
        yield f"It sent {count} {acts} a month that {arm['platform']} forbids"
        if caught is not None and known(caught.mean):
            yield f" and was found out in {round(caught.mean * caught.n)} of {caught.n} replicates"
        yield "."
