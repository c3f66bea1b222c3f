"""Equal spend in the report and on the terminal: what was set, what it came to, what it bought."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from experiments.metrics import METRICS
from experiments.numbers import GAP, NOTHING, known, mean_texts, value_text
from experiments.report_tables import HeadlineTable, headline_table
from experiments.words import (
    Found,
    Manifest,
    Sentence,
    arm_names,
    arm_sentences,
    baseline_of,
    by_arm_and_metric,
    named,
)

if TYPE_CHECKING:
    from experiments.summary import Measured, Row

SUM = "spending"
PARTS = ("quality_spending", "service_spending", "outreach_spending")
BOUGHT = ("odr", "position", "orders", "profit", "reviews_per_dollar")
"""What equal sums are compared in."""


@dataclass(frozen=True)
class SpendLine:
    """One arm in the table of sums; texts are "" where there is nothing to say."""

    arm: str
    role: str
    lever: str
    value: str
    in_pilots: str
    measured: str
    interval: str
    parts: list[str]
    gap: str
    gap_interval: str
    far: bool


@dataclass(frozen=True)
class EqualSpendPart:
    """Everything the report says of equal spend."""

    like: str
    pilots: int
    lines: list[SpendLine]
    warnings: list[str]
    sentences: list[Sentence]
    table: HeadlineTable


def equal_spend_part(
    rows: Sequence[Row], measured: Measured, manifest: Manifest
) -> EqualSpendPart | None:
    """The report's part on equal spend; None for an experiment without."""
    said = manifest.get("equal_spend")
    if not said:
        return None
    against, matched = _against_like(measured, manifest, said)
    lines = _lines(by_arm_and_metric(rows), by_arm_and_metric(against), manifest, said)
    metrics = [METRICS[name] for name in BOUGHT if (said["like"], name) in measured]
    return EqualSpendPart(
        like=said["like"],
        pilots=len(said["pilots"]),
        lines=lines,
        warnings=_warnings(lines, said),
        sentences=arm_sentences(against, matched),
        table=headline_table(against, matched, {}, metrics),
    )


def terminal_sentences(rows: Sequence[Row], measured: Measured, manifest: Manifest) -> list[str]:
    """The same for the terminal: the sums in a line, then each arm against ``like``."""
    part = equal_spend_part(rows, measured, manifest)
    if part is None:
        return []
    sums = [
        f"“{line.arm}” {line.measured}" + (f" ({line.gap})" if line.gap else "")
        for line in part.lines
        if line.value or line.arm == part.like
    ]
    first = f"Spending on quality, service and outreach a month: {named(sums)}."
    compared = [f"* {said.subject}, against {part.like}: {said.text}" for said in part.sentences]
    return [first, *part.warnings, *compared]


def _against_like(
    measured: Measured, manifest: Manifest, said: Mapping[str, Any]
) -> tuple[list[Row], dict[str, Any]]:
    """Matched arms compared with the arm they match in place of the baseline."""
    from experiments.summary import summarise

    wanted = {said["like"], *(arm["arm"] for arm in said["arms"])}
    arms = [arm for arm in manifest["arms"] if arm["name"] in wanted]
    arms.sort(key=lambda arm: arm["name"] != said["like"])
    like_first = {**manifest, "arms": arms, "baseline": said["like"], "placebo": {}}
    return summarise(measured, arm_names(like_first), said["like"]), like_first


def _lines(
    found: Found, against: Found, manifest: Manifest, said: Mapping[str, Any]
) -> list[SpendLine]:
    levers = {arm["arm"]: arm for arm in said["arms"]}
    placebos = {arm["name"] for arm in manifest["arms"] if arm.get("placebo")}
    return [
        _line(name, levers.get(name), found, against, manifest, said)
        for name in arm_names(manifest)
        if name not in placebos
    ]


def _line(
    name: str,
    lever: Mapping[str, Any] | None,
    found: Found,
    against: Found,
    manifest: Manifest,
    said: Mapping[str, Any],
) -> SpendLine:
    metric, row, like = METRICS[SUM], found[name, SUM], found[said["like"], SUM]
    role = "matched by the others" if name == said["like"] else "not matched" if not lever else ""
    if name == baseline_of(manifest):
        role = ", ".join(filter(None, ("baseline", role)))
    pilots = lever["spending"] if lever else said["wanted"] if name == said["like"] else None
    versus = against.get((name, SUM))
    gap = row.mean / like.mean - 1.0 if name != said["like"] and like.mean else None
    span = ""
    if lever and versus is not None and known(versus.diff_ci_low) and like.mean:
        ends = [_percent(x / like.mean) for x in (versus.diff_ci_low, versus.diff_ci_high)]
        span = f"{ends[0]} to {ends[1]}"
    return SpendLine(
        arm=name,
        role=role,
        lever=lever["lever"] if lever else "",
        value=f"{lever['value']:g}" if lever else "",
        in_pilots=NOTHING if pilots is None else value_text(pilots, metric),
        measured=value_text(row.mean, metric),
        interval=mean_texts(row, metric)[1],
        parts=[value_text(found[name, part].mean, METRICS[part]) for part in PARTS],
        gap="" if gap is None else f"{_percent(gap)}{GAP}%",
        gap_interval=span,
        far=lever is not None and gap is not None and abs(gap) > said["within"],
    )


def _warnings(lines: Sequence[SpendLine], said: Mapping[str, Any]) -> list[str]:
    far = [f"“{line.arm}” ({line.gap})" for line in lines if line.far]
    if not far:
        return []
    return [
        f"In the measured replicates {named(far)} spent more than {100 * said['within']:g}{GAP}% "
        f"apart from “{said['like']}”, though pilots agreed: luck differs. More pilots and more "
        "replicates bring the sums nearer."
    ]


def _percent(share: float) -> str:
    number = round(100.0 * share, 1)
    return f"{'−' if number < 0 else '+' if number else ''}{abs(number):.1f}"
