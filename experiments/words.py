"""What an experiment found, in sentences; the report and the terminal say the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from experiments.metrics import METRICS
from experiments.numbers import change_unit, difference_texts, known, never_differs, value_text

if TYPE_CHECKING:
    from experiments.metrics import Metric
    from experiments.summary import Row

Manifest = Mapping[str, Any]
Found = Mapping[tuple[str, str], "Row"]
"""Rows of a summary by arm and metric."""

ANSWER = ("odr", "position", "profit", "deactivated")
"""The metrics that answer the question of the place: health, visibility, money, survival."""

MOST_NAMED = 4
"""Arms named in one sentence; more are counted."""

Verdict = Literal["better", "worse", "higher", "lower", "unclear", "same", "equal", "unknown"]
VERDICTS: dict[Verdict, str] = {
    "better": "Clearly better",
    "worse": "Clearly worse",
    "higher": "Clearly higher",
    "lower": "Clearly lower",
    "unclear": "No clear difference",
    "same": "The same in every replicate",
    "equal": "No difference at all",
    "unknown": "No interval, so chance cannot be judged",
}
"""In the order in which a sentence goes through them."""

VERDICT_WORDS = {str(kind): str(kind) for kind in VERDICTS} | {"equal": "same", "unknown": ""}
"""The same as one word for the cell of a table."""


@dataclass(frozen=True)
class Sentence:
    """What is said about one arm; ``subject`` is its name."""

    subject: str
    text: str

    def __str__(self) -> str:
        return f"{self.subject}: {self.text}"


def by_arm_and_metric(rows: Iterable[Row]) -> Found:
    """The rows of a summary, to be looked up."""
    return {(row.arm, row.metric): row for row in rows}


def arm_names(manifest: Manifest) -> list[str]:
    """Names of the arms, in the order of the file."""
    return [str(arm["name"]) for arm in manifest["arms"]]


def baseline_of(manifest: Manifest) -> str | None:
    """The arm that others are compared with; None where nothing is compared."""
    baseline, names = manifest.get("baseline"), arm_names(manifest)
    return str(baseline) if baseline in names and len(names) > 1 else None


def others(manifest: Manifest) -> list[str]:
    """Arms that are compared with the baseline."""
    baseline = baseline_of(manifest)
    return [name for name in arm_names(manifest) if name != baseline] if baseline else []


def limits_of(manifest: Manifest) -> dict[str, float]:
    """The limit of the order defect rate in each arm, as a share."""
    limit = float(manifest["limit"])
    return {str(arm["name"]): float(arm.get("limit", limit)) for arm in manifest["arms"]}


def verdict(row: Row | None, metric: Metric) -> Verdict:
    """Does the interval of the difference leave zero out, and on which side?"""
    if row is None or not known(row.diff):
        return "unknown"
    low, high = row.diff_ci_low, row.diff_ci_high
    if never_differs(row):
        return "same"
    if not (known(low) and known(high)):
        return "unknown"
    if row.diff == low == high == 0.0:
        return "equal"
    if low <= 0.0 <= high:
        return "unclear"
    side: Verdict = "higher" if low > 0.0 else "lower"
    if metric.direction == "neither":
        return side
    return "better" if side == metric.direction else "worse"


def question(manifest: Manifest) -> str:
    """The question of the experiment; made from its arms where the file asks none."""
    given = str(manifest.get("question") or "").strip()
    if given:
        return given
    baseline, focal = baseline_of(manifest), manifest["focal"]
    if baseline is None:
        return f"What happens to {focal}?"
    changed = others(manifest)
    ways = f"“{changed[0]}”" if len(changed) == 1 else f"each of {len(changed)} arms"
    return f"What does {ways} change for {focal}, compared with “{baseline}”?"


# ---------------------------------------------------------------- arm by arm


def arm_sentences(rows: Sequence[Row], manifest: Manifest) -> list[Sentence]:
    """Each arm against the baseline in the metrics of the answer; empty without a baseline."""
    found, baseline = by_arm_and_metric(rows), baseline_of(manifest)
    if baseline is None:
        return []
    return [Sentence(arm, _compared(found, arm, baseline)) for arm in others(manifest)]


def _compared(found: Found, arm: str, baseline: str) -> str:
    """``Clearly better: ODR 1.30 % → 0.62 % [−0.92 to −0.41 points], … No clear difference: …``"""
    groups: dict[Verdict, list[str]] = {kind: [] for kind in VERDICTS}
    for name in ANSWER:
        row, base = found.get((arm, name)), found.get((baseline, name))
        if row is not None and base is not None:
            groups[verdict(row, METRICS[name])].append(_moved(row, base, METRICS[name]))
    if len(groups["equal"]) == sum(map(len, groups.values())) > 0:
        return f"exactly the same as “{baseline}”: {listed(groups['equal'])}."
    return " ".join(
        f"{VERDICTS[kind]}: {'; '.join(phrases)}." for kind, phrases in groups.items() if phrases
    )


def _moved(row: Row, base: Row, metric: Metric) -> str:
    """From the baseline's mean to the arm's, and where the difference lies."""
    before, after = value_text(base.mean, metric), value_text(row.mean, metric)
    change, span = difference_texts(row, metric)
    per_month = " a month" if "month" in metric.unit else ""
    label = in_sentence(metric)
    if row.diff == 0.0 and before == after:
        return f"{label} {after}{per_month} in both"
    where = f" [{span}{change_unit(metric)}]" if span else ""
    if metric.name == "profit":
        return f"{label} {change}{per_month}{where}"
    return f"{label} {before} → {after}{per_month}{where}"


def level(row: Row, metric: Metric) -> str:
    """Metric and mean: ``position 6.2 (1 = top)``."""
    return f"{in_sentence(metric)} {level_alone(row, metric)}"


def level_alone(row: Row, metric: Metric) -> str:
    """The mean alone: ``6.2 (1 = top)``."""
    text = value_text(row.mean, metric) + (" a month" if "month" in metric.unit else "")
    return f"{text} (1 = top)" if metric.name == "position" else text


def in_sentence(metric: Metric) -> str:
    """A label as it stands inside a sentence: small at the start, but ODR stays ODR."""
    label = metric.label
    return label if label[:2].isupper() else label[:1].lower() + label[1:]


def listed(parts: Sequence[str]) -> str:
    """Phrases as one: with commas, or with semicolons where one has a comma itself."""
    if len(parts) < 2:
        return "".join(parts)
    if any("," in part for part in parts):
        return "; ".join(parts[:-1]) + f"; and {parts[-1]}"
    return named(parts)


def named(parts: Sequence[str]) -> str:
    """Names as one phrase; they stand in quotes, so that a comma in a name does no harm."""
    return ", ".join(parts[:-1]) + f" and {parts[-1]}" if len(parts) > 1 else "".join(parts)


# ---------------------------------------------------------------- what else must be said


def placebo_sentences(manifest: Manifest) -> list[str]:
    """What became of the arms that change nothing."""
    baseline = baseline_of(manifest)
    said = []
    for arm, exact in (manifest.get("placebo") or {}).items():
        if exact:
            said.append(
                f"The placebo arm “{arm}” changes nothing and differs from “{baseline}” by exactly "
                "zero in every metric, as it must: arms share their random numbers."
            )
        else:
            said.append(
                f"The placebo arm “{arm}” changes nothing, yet differs from “{baseline}”. "
                "This is a fault of the program: do not trust the differences."
            )
    return said


def missing_sentences(rows: Sequence[Row]) -> list[str]:
    """Replicates without orders, and other values that could not be had, counted aloud."""
    said = []
    for row in rows:
        if not row.missing:
            continue
        metric, of = METRICS[row.metric], f"{row.missing:,} of {row.missing + row.n:,} replicates"
        if row.metric == "odr":
            said.append(
                f"“{row.arm}”: in {of} the store had no order in the measured period; they add "
                "nothing to its order defect rate."
            )
        elif metric.headline:
            said.append(f"“{row.arm}”: {in_sentence(metric)} has no value in {of}.")
    return said
