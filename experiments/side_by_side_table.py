"""What a report sets side by side: platforms as columns, each arm against the baseline there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.flips import Flip
from experiments.metrics import METRICS
from experiments.numbers import difference_texts, mean_texts
from experiments.report_tables import Cell
from experiments.side_by_side import each_side, on_platform
from experiments.summary import Measured, Row, summarise
from experiments.words import VERDICT_WORDS, Manifest, in_sentence, listed, named, verdict

if TYPE_CHECKING:
    from experiments.metrics import Metric

SHOWN = (
    *("odr", "own_gates", "deactivated", "on_sale", "store_score"),
    *("stars", "position", "orders", "profit"),
    *("buyers_felt_service", "buyers_felt_product"),
)
"""Metrics that are set side by side: the common yardstick first, the platform's own gates next."""

IN_WORDS = ("odr", "position", "profit")


@dataclass(frozen=True)
class Side:
    """One platform: its column, its arms and what was found there."""

    name: str
    about: str
    assumed: str
    baseline: str
    rows: Mapping[tuple[str, str], Row]


@dataclass(frozen=True)
class SideCell(Cell):
    """A cell, and the assumed values with which the conclusion would flip."""

    flips: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class SideTable:
    """One arm: metrics as rows, platforms as columns."""

    arm: str
    lines: list[tuple[Metric, list[SideCell]]]


@dataclass(frozen=True)
class SidePart:
    """The part of a report that compares platforms."""

    baseline: str
    sides: list[Side]
    tables: list[SideTable]
    sentences: list[tuple[str, str]]
    replicates: int
    moved: bool
    """Has any platform values that were moved?"""


def sides_of(manifest: Manifest, measured: Measured) -> list[Side]:
    """Every platform with the rows of its own arms, compared with its own baseline."""
    entry = manifest["side_by_side"]
    known = {arm["name"]: arm for arm in manifest["arms"]}
    found = []
    for platform, base, others in each_side(entry):
        names = [base, *others]
        own = {key: pairs for key, pairs in measured.items() if key[0] in names}
        rows = {(row.arm, row.metric): row for row in summarise(own, names, base)}
        arm = known[base]
        about = arm.get("platform_about", "")
        found.append(Side(platform, about, _assumed(arm), base, rows))
    return found


def side_part(manifest: Manifest, measured: Measured, flips: Sequence[Flip]) -> SidePart | None:
    """The part of the report; None where the experiment has one platform."""
    entry = manifest.get("side_by_side")
    if not entry:
        return None
    sides = sides_of(manifest, measured)
    others = [arm for arm in entry["arms"] if arm != entry["baseline"]]
    turned = turned_by(flips)
    tables = [SideTable(entry["baseline"], _lines(sides, entry["baseline"], turned))]
    tables += [SideTable(arm, _lines(sides, arm, turned)) for arm in others]
    sentences = [(arm, _in_words(arm, sides, turned)) for arm in others]
    moved = bool(flips)
    return SidePart(entry["baseline"], sides, tables, sentences, int(entry["replicates"]), moved)


def bases_only(
    manifest: Manifest, focal: Mapping[str, np.ndarray]
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Manifest and days with the baseline of every platform as the only arms, for figures."""
    bases = [base for _, base, _ in each_side(manifest["side_by_side"])]
    arms = [arm for arm in manifest["arms"] if arm["name"] in bases]
    mine = np.isin(focal["arm"].astype(str), bases)
    days = {name: column[mine] for name, column in focal.items()}
    return {**manifest, "arms": arms, "baseline": bases[0]}, days


def setting(part: SidePart) -> str:
    """What was done, in a sentence."""
    arms, places = len(part.tables), named([side.name for side in part.sides])
    noun = "arm was" if arms == 1 else "arms were"
    return f"{arms} {noun} lived on {len(part.sides)} platforms: {places}."


def turned_by(flips: Sequence[Flip]) -> dict[tuple[str, str], list[str]]:
    """Paths of the values with which a conclusion flips, by arm (as spread) and metric."""
    found: dict[tuple[str, str], list[str]] = {}
    for flip in flips:
        if flip.flips:
            found.setdefault((flip.arm, flip.metric), []).append(flip.path)
    return found


def _assumed(arm: Mapping[str, Any]) -> str:
    assumed, of = arm.get("assumed") or (0, 0)
    return f"{assumed} of {of} values assumed ({100 * assumed / of:.0f} %)" if of else ""


def _lines(
    sides: Sequence[Side], arm: str, turned: Mapping[tuple[str, str], list[str]]
) -> list[tuple[Metric, list[SideCell]]]:
    return [
        (METRICS[name], [_cell(side, arm, METRICS[name], turned) for side in sides])
        for name in SHOWN
        if name in METRICS
    ]


def _cell(
    side: Side, arm: str, metric: Metric, turned: Mapping[tuple[str, str], list[str]]
) -> SideCell:
    """The baseline's mean; of other arms the difference to it and its verdict."""
    name = on_platform(side.name, arm)
    row = side.rows.get((name, metric.name))
    if row is None:
        return SideCell("–")
    if name == side.baseline:
        return SideCell(*mean_texts(row, metric))
    change, interval = difference_texts(row, metric)
    word = VERDICT_WORDS[verdict(row, metric)]
    return SideCell(change, interval, word=word, flips=turned.get((name, metric.name), []))


def _in_words(arm: str, sides: Sequence[Side], turned: Mapping[tuple[str, str], list[str]]) -> str:
    """``ODR: clearly better on a and b, clearly worse on c; unclear on d.``"""
    said = []
    for metric in (METRICS[name] for name in IN_WORDS):
        groups: dict[str, list[str]] = {}
        for side in sides:
            name = on_platform(side.name, arm)
            row = side.rows.get((name, metric.name))
            flips = turned.get((name, metric.name), [])
            mark = f" (it flips with {named(flips)})" if flips else ""
            word = VERDICT_WORDS[verdict(row, metric)] or "without an interval"
            groups.setdefault(word, []).append(side.name + mark)
        parts = [
            f"{'clearly ' if word in ('better', 'worse') else ''}{word} on {named(places)}"
            for word, places in groups.items()
        ]
        said.append(f"{in_sentence(metric)} {listed(parts)}")
    return "; ".join(said) + "."
