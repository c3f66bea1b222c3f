"""What an experiment found, in sentences; the report and the terminal say the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from experiments.metrics import METRICS
from experiments.numbers import change_unit, difference_texts, known, limit_text, value_text

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

Verdict = Literal["better", "worse", "higher", "lower", "unclear", "equal", "unknown"]
VERDICTS: dict[Verdict, str] = {
    "better": "Clearly better",
    "worse": "Clearly worse",
    "higher": "Clearly higher",
    "lower": "Clearly lower",
    "unclear": "No clear difference",
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


# ---------------------------------------------------------------- the answer


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
    sentences = [f"“{arm}” had {_listed(phrases)}." for arm, phrases in said.items()]
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
    parts = [_level(found[arm, name], METRICS[name]) for name in ANSWER if (arm, name) in found]
    return f"“{arm}” was the only arm, so there is nothing to compare it with: {_listed(parts)}."


def _winner(found: Found, arms: list[str], name: str, baseline: str | None) -> str | None:
    """The arm with the best mean; the baseline where another does no more than equal it."""
    sign = -1.0 if METRICS[name].direction == "lower" else 1.0
    with_mean = [arm for arm in arms if (arm, name) in found and known(found[arm, name].mean)]
    if not with_mean:
        return None
    return max(with_mean, key=lambda arm: (sign * found[arm, name].mean, arm == baseline))


def _won(found: Found, arm: str, name: str, baseline: str | None, most: str, side: str) -> str:
    metric = METRICS[name]
    phrase = f"{most}, {_level_alone(found[arm, name], metric)}"
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
    """Which arms kept the platform's limit over the whole period, on average."""
    limits = limits_of(manifest)
    rates = {arm: found[arm, "odr"].mean for arm in arms if (arm, "odr") in found}
    rates = {arm: rate for arm, rate in rates.items() if known(rate)}
    if not rates:
        return []
    each = "Each arm" if len(rates) > 1 else "It"
    over = [f"“{arm}”" for arm, rate in rates.items() if rate > limits[arm]]
    several = len({limits[arm] for arm in rates}) > 1
    allowed = "its platform's limit"
    if not several:
        allowed = f"the platform's limit of {limit_text(limits[next(iter(rates))])}"
    if not over:
        return [f"{each} stayed within {allowed} over the whole period, on average."]
    if len(over) == len(rates):
        return [f"{each} was above {allowed} over the whole period, on average."]
    which = _listed(over) if len(over) <= MOST_NAMED else f"{len(over)} of {len(rates)} arms"
    verb = "was" if len(over) == 1 else "were"
    return [f"On average over the period, {which} {verb} above {allowed}."]


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
        return f"exactly the same as “{baseline}”: {_listed(groups['equal'])}."
    return " ".join(
        f"{VERDICTS[kind]}: {'; '.join(phrases)}." for kind, phrases in groups.items() if phrases
    )


def _moved(row: Row, base: Row, metric: Metric) -> str:
    """From the baseline's mean to the arm's, and where the difference lies."""
    before, after = value_text(base.mean, metric), value_text(row.mean, metric)
    change, span = difference_texts(row, metric)
    per_month = " a month" if "month" in metric.unit else ""
    label = _in_sentence(metric)
    if row.diff == 0.0 and before == after:
        return f"{label} {after}{per_month} in both"
    where = f" [{span}{change_unit(metric)}]" if span else ""
    if metric.name == "profit":
        return f"{label} {change}{per_month}{where}"
    return f"{label} {before} → {after}{per_month}{where}"


def _level(row: Row, metric: Metric) -> str:
    return f"{_in_sentence(metric)} {_level_alone(row, metric)}"


def _level_alone(row: Row, metric: Metric) -> str:
    text = value_text(row.mean, metric) + (" a month" if "month" in metric.unit else "")
    return f"{text} (1 = top)" if metric.name == "position" else text


def _in_sentence(metric: Metric) -> str:
    """A label as it stands inside a sentence: small at the start, but ODR stays ODR."""
    label = metric.label
    return label if label[:2].isupper() else label[:1].lower() + label[1:]


def _listed(parts: Sequence[str]) -> str:
    if len(parts) < 2:
        return "".join(parts)
    if any("," in part for part in parts):
        return "; ".join(parts[:-1]) + f"; and {parts[-1]}"
    return ", ".join(parts[:-1]) + f" and {parts[-1]}"


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
            said.append(f"“{row.arm}”: {_in_sentence(metric)} has no value in {of}.")
    return said
