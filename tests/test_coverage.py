"""Do the intervals hold what they say, from tables to ``summary.csv``, where truths are not kind?

Truths are skewed, discrete and zero-heavy (``tests/fake_truth.py``): 20 replicates, four arms.
Short form: 200 repetitions; MARKETPLACE_FULL=1: 1,000. What was found is printed.

Gates are lower: the stated 95 %, less what so few replicates are known to lose (``LOSS``, from
3,000 repetitions of the same truths), less three standard errors of the repetitions. What is lost:
t intervals of skewed means miss rare large values that none of the replicates happened to have,
and the more so the higher the level; the exact interval at the effective number of trials is a
little short where most of it comes from a few replicates. Nothing else falls short.
"""

from __future__ import annotations

import math
import os
from pathlib import Path

import fake_truth as fake
import numpy as np
import pytest

from experiments.config import ROOT, load_market
from experiments.metrics import METRICS, measure
from experiments.summary import Measured, Row, read_summary, summarise, write_summary

REPLICATES, LEVEL = 20, 0.95
REPETITIONS = 1000 if os.environ.get("MARKETPLACE_FULL") else 200
ASKED = ("one arm", "one difference", "all differences")
LOSS = {"profit": 0.07, "contacts": 0.05, "orders": 0.02, "rivals_odr": 0.01}
Hits = dict[str, dict[str, list[float]]]


def measured_through_tables(totals: fake.Totals) -> Measured:
    """Every arm and replicate as tables, measured; and an A/A arm that is the baseline again."""
    settings = [f"days={fake.WARM_UP + fake.PERIOD}", f"warm_up={fake.WARM_UP}", "run_out=0"]
    market = load_market(ROOT / "configs" / "quickstart.yaml", settings)
    measured: Measured = {}
    for k, arm in enumerate(fake.ARMS):
        runs = [fake.tables(totals, r, k) for r in range(len(totals.profit))]
        found = [measure(run, fake.FOCAL, market) for run in runs]
        measured |= {(arm, m): np.array([f[m] for f in found]) for m in fake.TRUTHS}
    return measured | {("again", m): measured["base", m].copy() for m in fake.TRUTHS}


def _holds(low: float, high: float, truth: float) -> bool:
    return low - 1e-12 <= truth <= high + 1e-12


def _through_a_file(measured: Measured, arms: list[str], path: Path) -> dict[str, list[Row]]:
    """Rows of ``summary.csv``, by metric, in the order of the arms."""
    write_summary(summarise(measured, arms, "base", placebos=["again"], level=LEVEL), path)
    rows = read_summary(path)
    return {m: [row for row in rows if row.metric == m] for m in fake.TRUTHS}


def hits_of(measured: Measured, path: Path, hits: Hits) -> None:
    """Add to ``hits`` which intervals of one repetition hold the truth."""
    together = _through_a_file(measured, [*fake.ARMS, "again"], path)
    alone = [_through_a_file(measured, ["base", arm], path) for arm in fake.ARMS[1:]]
    for metric, truth in fake.TRUTHS.items():
        *arms, again = together[metric]
        assert (again.diff, again.diff_ci_low, again.diff_ci_high) == (0.0, 0.0, 0.0)
        effects = truth[1:] - truth[0]
        found = {
            "one arm": [_holds(r.ci_low, r.ci_high, t) for r, t in zip(arms, truth, strict=True)],
            "one difference": [
                _holds(rows[metric][1].diff_ci_low, rows[metric][1].diff_ci_high, effect)
                for rows, effect in zip(alone, effects, strict=True)
            ],
            "all differences": [
                all(
                    _holds(r.diff_ci_low, r.diff_ci_high, effect)
                    for r, effect in zip(arms[1:], effects, strict=True)
                )
            ],
        }
        for asked, held in found.items():
            hits[metric][asked].append(float(np.mean(held)))


@pytest.fixture(scope="module")
def coverage(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, float]]:
    """Metric -> what was asked -> share of repetitions in which intervals held the truth."""
    path = tmp_path_factory.mktemp("coverage") / "summary.csv"
    rng = np.random.default_rng(20)
    hits: Hits = {metric: {asked: [] for asked in ASKED} for metric in fake.TRUTHS}
    for _ in range(REPETITIONS):
        hits_of(measured_through_tables(fake.draw(rng, REPLICATES)), path, hits)
    return {m: {asked: float(np.mean(x)) for asked, x in h.items()} for m, h in hits.items()}


@pytest.mark.slow
def test_intervals_hold_the_truth(
    coverage: dict[str, dict[str, float]], capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [f"coverage of {LEVEL:.0%} intervals, n = {REPLICATES}, {REPETITIONS} repetitions, %"]
    lines += [f"{'metric':18}{'kind':12}{'truth':32}" + "".join(f"{a:>17}" for a in ASKED)]
    short = []
    for metric, found in coverage.items():
        error = math.sqrt(LEVEL * (1.0 - LEVEL) / REPETITIONS)
        gate = LEVEL - LOSS.get(metric, 0.0) - 3.0 * error
        short += [f"{metric}, {a}: {x:.3f} < {gate:.3f}" for a, x in found.items() if x < gate]
        text = "".join(f"{100.0 * x:17.1f}" for x in found.values())
        lines.append(f"{metric:18}{METRICS[metric].kind:12}{fake.NATURE[metric]:32}{text}")
    with capsys.disabled():
        print("", *lines, sep="\n")
    assert not short, "; ".join(short)


@pytest.mark.slow
def test_the_truths_are_the_means_of_what_is_drawn() -> None:
    totals = fake.draw(np.random.default_rng(1), 200_000)
    for part, whole, metric in (
        (totals.profit, fake.MONTHS, "profit"),
        (totals.orders, fake.MONTHS, "orders"),
        (totals.contacts, fake.MONTHS, "contacts"),
        (totals.defects, totals.orders, "odr"),
        (totals.late, totals.orders, "late"),
        (totals.rival_defects, totals.rival_orders, "rivals_odr"),
        (totals.negative, totals.feedback, "negative_feedback"),
        (totals.deactivated, 1.0, "deactivated"),
        (totals.trouble_days, fake.PERIOD, "days_above_limit"),
        (fake.PERIOD - totals.off_days, fake.PERIOD, "on_sale"),
    ):
        wholes = np.broadcast_to(np.asarray(whole, float), part.shape)
        found = part.sum(axis=0) / wholes.sum(axis=0)
        assert found == pytest.approx(fake.TRUTHS[metric], rel=0.03), metric
    assert np.nanmean(totals.stars, axis=0) == pytest.approx(fake.STARS, abs=0.005)


def test_the_warm_up_is_not_measured_and_totals_come_through() -> None:
    totals = fake.draw(np.random.default_rng(2), 3)
    measured = measured_through_tables(totals)
    for k, arm in enumerate(fake.ARMS):
        assert measured[arm, "odr"] == pytest.approx(
            np.stack([totals.defects[:, k], totals.orders[:, k]], axis=1)
        )
        assert measured[arm, "days_above_limit"][:, 0] == pytest.approx(totals.trouble_days[:, k])
        assert measured[arm, "deactivated"][:, 0] == pytest.approx(
            totals.deactivated[:, k].astype(float)
        )
        assert measured[arm, "on_sale"][:, 0] == pytest.approx(fake.PERIOD - totals.off_days[:, k])
