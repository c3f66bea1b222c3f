"""The statistics that real and simulated logs share, against published values of real rows."""

from __future__ import annotations

import csv
import gzip
import json
from datetime import datetime
from itertools import pairwise

import numpy as np
import pytest

from experiments.estimators import (
    LATENESS,
    OrderLog,
    answered_before_delivery,
    days_late,
    days_to_answer,
    late_share,
    log_sd,
    on_time_by_duration,
    stars_by_lateness,
    stars_said,
    weekday_shares,
)
from experiments.platforms import ROOT

SHARED = ROOT.parent / "shared"
ROWS, TARGETS = SHARED / "data", SHARED / "reference" / "real_targets.json"
real = pytest.mark.skipif(
    not (ROWS.is_dir() and TARGETS.is_file()),
    reason="rows of real logs are not at hand: they are no part of this project",
)
DAY_ZERO = datetime(2016, 1, 4)  # a Monday


def log_of(**columns) -> OrderLog:
    n = len(next(iter(columns.values())))
    empty = {
        name: np.full(n, np.nan)
        for name in ("ordered", "handed_over", "delivered", "promised", "answered")
    }
    return OrderLog(**{**empty, "stars": np.zeros(n, int), **columns})


# --- by hand ------------------------------------------------------------------------------------


def test_lateness_counts_calendar_days():
    log = log_of(promised=np.array([10.0, 10.0, 10.0, 10.0]),
                 delivered=np.array([10.9, 11.0, 9.5, np.nan]))  # fmt: skip
    assert days_late(log)[:3].tolist() == [0.0, 1.0, -1.0] and np.isnan(days_late(log)[3])
    assert late_share(log) == pytest.approx(1 / 3)


def test_cells_of_lateness_take_their_ends_in():
    late = np.array([0, 1, 3, 4, 7, 8, 14, 15, 60])
    log = log_of(promised=np.full(9, 5.0), delivered=5.5 + late, stars=np.arange(9) % 5 + 1)
    cells = stars_by_lateness(log)
    assert [cells[name].n for name in LATENESS] == [1, 2, 2, 2, 2]


def test_what_was_said_of_nothing_is_missing():
    said = stars_said(np.zeros(3, int))
    assert said.n == 0 and np.isnan(said.negative) and np.isnan(said.mean)
    said = stars_said(np.array([1, 2, 5, 5, 0]))
    assert (said.n, said.negative, said.mean) == (4, 0.5, 3.25)


def test_columns_belong_together():
    with pytest.raises(ValueError, match="different lengths"):
        log_of(stars=np.zeros(2, int), delivered=np.zeros(3))


def test_who_answers_first_is_counted_by_lateness():
    log = log_of(promised=np.array([5.0, 5.0, 5.0]), delivered=np.array([9.0, 9.0, 4.0]),
                 answered=np.array([6.0, 10.5, 6.0]), stars=np.array([1, 3, 5]))  # fmt: skip
    assert answered_before_delivery(log) == (pytest.approx(1 / 3), 0.5, 0.0)
    assert sorted(days_to_answer(log)) == [1.5, 2.0]


# --- real rows ----------------------------------------------------------------------------------


def rows(name: str) -> list[dict[str, str]]:
    with gzip.open(ROWS / name, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def days(found: list[dict[str, str]], name: str) -> np.ndarray:
    """A column of times as days since a Monday's midnight."""
    times = [row[name] for row in found]
    return np.array([
        (datetime.fromisoformat(t) - DAY_ZERO).total_seconds() / 86_400 if t else np.nan
        for t in times
    ])  # fmt: skip


@pytest.fixture(scope="module")
def targets() -> dict[str, float]:
    return {row["id"]: row["value"] for row in json.loads(TARGETS.read_text(encoding="utf-8"))}


@pytest.fixture(scope="module")
def commented() -> OrderLog:
    found = [r for r in rows("olist_classified_public_dataset.csv.gz")
             if r["order_status"] == "delivered"]  # fmt: skip
    return log_of(
        ordered=days(found, "order_purchase_timestamp"),
        promised=days(found, "order_estimated_delivery_date"),
        delivered=days(found, "order_delivered_customer_date"),
        answered=days(found, "review_answer_timestamp"),
        stars=np.array([int(r["review_score"]) for r in found]),
    )


@pytest.fixture(scope="module")
def sample() -> OrderLog:
    found = rows("olist_orders_dataset.sample.csv.gz")
    return log_of(
        ordered=days(found, "order_purchase_timestamp"),
        promised=days(found, "order_estimated_delivery_date"),
        handed_over=days(found, "order_delivered_carrier_date"),
        delivered=np.where([r["order_status"] == "delivered" for r in found],
                           days(found, "order_delivered_customer_date"), np.nan),
    )  # fmt: skip


@real
def test_scores_of_a_survey(targets):
    scores = np.array([int(r["review_score"])
                       for r in rows("olist_order_reviews_dataset.sample.csv.gz")])  # fmt: skip
    said = stars_said(scores)
    for k in range(5):
        assert said.shares[k] == pytest.approx(targets[f"ol_score_p{k + 1}"], abs=1e-4)
    assert said.negative == pytest.approx(targets["ol_neg_share"], abs=1e-4)
    assert said.mean == pytest.approx(targets["ol_score_mean"], abs=1e-4)


@real
def test_stars_by_lateness_of_commented_orders(targets, commented):
    short = ("ontime", "late1_3", "late4_7", "late8_14", "late15p")
    names = dict(zip(LATENESS, short, strict=True))
    for name, cell in stars_by_lateness(commented).items():
        assert cell.negative == pytest.approx(targets[f"oc_neg_{names[name]}"], abs=1e-4)
        assert cell.mean == pytest.approx(targets[f"oc_mean_{names[name]}"], abs=1e-4)
        for k in range(5):
            wanted = targets[f"oc_p{k + 1}_{names[name]}"]
            assert cell.shares[k] == pytest.approx(wanted, abs=1e-4)


@real
def test_speed_matters_less_than_the_promise(targets, commented):
    edges = (0, 5, 10, 15, 20, 30, 999)
    found = on_time_by_duration(commented, edges)
    for (low, high), cell in zip(pairwise(edges), found, strict=True):
        wanted = targets[f"oc_mean_ontime_days{low}_{high}"]
        assert cell.mean == pytest.approx(wanted, abs=1e-4)


@real
def test_answers_before_delivery_and_after(targets, commented):
    before = answered_before_delivery(commented)
    assert before.all == pytest.approx(targets["oc_answer_before_delivery"], abs=1e-4)
    assert before.late == pytest.approx(targets["oc_answer_before_late"], abs=1e-4)
    assert before.on_time == pytest.approx(targets["oc_answer_before_ontime"], abs=1e-4)
    for q in (10, 25, 50, 75, 90, 95):
        wanted = targets[f"oc_deliv2answer_q{q}"]
        assert np.quantile(days_to_answer(commented), q / 100) == pytest.approx(wanted, abs=1e-3)


@real
def test_delivery_times_and_weekdays_of_a_sample_of_orders(targets, sample):
    assert late_share(sample) == pytest.approx(targets["ol_late_share"], abs=1e-4)
    there = sample.only(~np.isnan(sample.delivered))
    for name, found in {
        "transit": there.delivered - there.handed_over,
        "total": there.delivered - there.ordered,
        "slack": there.promised - there.ordered,
    }.items():
        found = found[~np.isnan(found)]
        for q in (10, 50, 90, 99):
            wanted = targets[f"ol_{name}_days_q{q}"]
            assert np.quantile(found, q / 100) == pytest.approx(wanted, abs=2e-3)
        assert log_sd(found) == pytest.approx(targets[f"ol_{name}_logsd"], abs=1e-3)
    shares = weekday_shares(sample.ordered, 0.0)
    for k in range(7):
        assert shares[k] == pytest.approx(targets[f"ol_weekday_{k}"], abs=1e-4)
