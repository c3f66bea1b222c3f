"""What the report and the terminal say of a regression beside the truth; made from its numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from experiments.numbers import GAP, NOTHING, known
from experiments.regression_table import FIXED, POOLED, REVIEWS, STARS, TRUTH, Elasticity
from experiments.statistics import Estimate, join
from experiments.words import Manifest, Sentence

SUBJECTS = {STARS: "Displayed stars", REVIEWS: "Number of reviews"}
MORE = {STARS: "1 % higher stars", REVIEWS: "1 % more reviews"}
SAYS = {
    FIXED: "The panel regression with listing and month fixed effects",
    POOLED: "The pooled regression",
}


@dataclass(frozen=True)
class Line:
    """One estimator in the table; ``interval`` is "" where there is none."""

    estimator: str
    is_truth: bool
    estimate: str
    interval: str
    n: str
    why_not: str


@dataclass(frozen=True)
class RegressionPart:
    """Everything that the report says of a regression beside the truth."""

    sentences: list[Sentence]
    blocks: list[tuple[str, list[Line]]]
    """Subject, and an estimator a line."""
    shown: list[str]
    left_out: str


def regression_part(rows: Sequence[Elasticity], manifest: Manifest) -> RegressionPart | None:
    """The report's part on the regression; None for an experiment without."""
    if not rows:
        return None
    blocks = [
        (subject, [_line(row) for row in rows if row.what == what])
        for what, subject in SUBJECTS.items()
    ]
    shown = [_shown(row, manifest) for row in rows if row.estimator == TRUTH]
    return RegressionPart(sentences(rows), blocks, shown, _left_out(rows))


def sentences(rows: Sequence[Elasticity]) -> list[Sentence]:
    """For stars and for reviews: the truth, and which way and how far each regression is off."""
    found = {(row.what, row.estimator): row for row in rows}
    said = []
    for what, subject in SUBJECTS.items():
        truth = found[what, TRUTH]
        parts = [_truth(truth)]
        parts += [_compared(found[what, name], truth) for name in SAYS]
        said.append(Sentence(subject, " ".join(parts)))
    return said


def _truth(row: Elasticity) -> str:
    if not known(row.estimate):
        return f"The true effect cannot be told: {row.why_not}."
    return f"In truth, {MORE[row.what]} changed orders by {_percent(row)}."


def _compared(row: Elasticity, truth: Elasticity) -> str:
    if not known(row.estimate):
        return f"{SAYS[row.estimator]} cannot be made: {row.why_not}."
    says = f"{SAYS[row.estimator]} says {_percent(row)}"
    return f"{says}: {off(row, truth)}." if known(truth.estimate) else f"{says}."


def off(row: Elasticity, truth: Elasticity) -> str:
    """Which way, and how far, an estimate is off; the two are taken as independent.

    ``too low by 0.40 [0.10 to 0.70], 50 % of the true effect``.
    """
    one, other = (Estimate(r.estimate, r.low, r.high) for r in (row, truth))
    gap = one.value - other.value
    if not all(map(known, (*one, *other))):
        return f"{number(gap, signed=True)} apart, without an interval to judge chance by"
    low, high = join(one, other, 0.0)
    if low <= 0.0 <= high:
        return (
            "not clearly off, as the difference is "
            f"{number(gap, signed=True)} [{number(low, signed=True)} to "
            f"{number(high, signed=True)}]"
        )
    ends = (low, high) if gap > 0 else (-high, -low)
    text = f"too {'high' if gap > 0 else 'low'} by {number(abs(gap))} "
    text += f"[{number(ends[0])} to {number(ends[1])}]"
    if truth.low > 0 or truth.high < 0:  # a share of what may be zero would mean nothing
        share = row.estimate / truth.estimate
        text += f", {100 * share:.0f}{GAP}% of the true effect" if share > 0 else (
            ", on the other side of zero"
        )  # fmt: skip
    return text


def _percent(row: Elasticity) -> str:
    """``+1.67 % [+1.44 to +1.90]``."""
    text = f"{number(row.estimate, signed=True)}{GAP}%"
    return f"{text} [{_interval(row)}]" if known(row.low) else text


def _interval(row: Elasticity) -> str:
    return f"{number(row.low, signed=True)} to {number(row.high, signed=True)}"


def number(value: float, *, signed: bool = False) -> str:
    """An elasticity as text: ``−0.31``."""
    size = f"{abs(value):.2f}"
    if float(size) == 0.0:
        return size
    return ("−" if value < 0 else "+" if signed else "") + size


def _line(row: Elasticity) -> Line:
    is_known = known(row.estimate)
    return Line(
        row.estimator,
        row.estimator == TRUTH,
        number(row.estimate, signed=True) if is_known else NOTHING,
        _interval(row) if known(row.low) else "",
        f"{row.n:,} {row.n_of}" if row.n else NOTHING,
        row.why_not,
    )


def _shown(row: Elasticity, manifest: Manifest) -> str:
    """What the arm came to show, and what it sold."""
    arm = manifest["regression"][row.what]
    if not known(row.shown_arm) or not known(row.shown_baseline):
        return f"In “{arm}” nothing was shown that could be compared with the baseline."
    other = REVIEWS if row.what == STARS else STARS
    shown = _levels(row.shown_arm, row.shown_baseline, row.what)
    beside = _levels(row.other_arm, row.other_baseline, other)
    sold = f", and sold {row.orders_ratio:.2f} times as much" if known(row.orders_ratio) else ""
    return f"In “{arm}” {manifest['focal']} showed {shown} on average, {beside}{sold}."


def _levels(arm: float, baseline: float, what: str) -> str:
    """``4.42 stars (baseline: 4.21)``."""
    digits = 2 if what == STARS else 0
    return f"{arm:,.{digits}f} {what} (baseline: {baseline:,.{digits}f})"


def _left_out(rows: Sequence[Elasticity]) -> str:
    """What the regressions are made of, and what they leave out."""
    made = [row for row in rows if row.estimator == FIXED and row.n]
    if not made:
        return ""
    row = made[0]
    reasons = {
        "in which a listing was not on sale throughout, or not there yet": row.not_on_sale,
        "without reviews the evening before": row.no_reviews,
        "without orders": row.no_orders,
        "that were all that was left of their listing": row.alone,
    }
    some = [f"{count:,} {why}" for why, count in reasons.items() if count]
    return (
        f"Both regressions use the same {row.n:,} listing-periods of {row.listings:,} listings. "
        f"Left out: {'; '.join(some) or 'none'}."
    )


def estimate_of(row: Elasticity) -> Estimate:
    """The estimate with its limits, which are the estimate itself where there is no interval."""
    ends = (end if math.isfinite(end) else row.estimate for end in (row.low, row.high))
    return Estimate(row.estimate, *ends)
