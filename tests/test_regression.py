"""A regression beside the truth: what an experiment with ``regression:`` writes and says."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest
from tiny import tiny

from experiments.again import write_summary_and_report
from experiments.codebook import codebook
from experiments.config import load
from experiments.metrics import METRICS
from experiments.panel import COLUMNS, panel_regression
from experiments.platforms import ROOT
from experiments.regression_columns import REGRESSION
from experiments.regression_table import (
    COLUMNS as FILE_COLUMNS,
)
from experiments.regression_table import (
    FIXED,
    POOLED,
    TRUTH,
    Elasticity,
    read_regression,
    write_regression,
)
from experiments.regression_words import off, regression_part, sentences
from experiments.results import read_table
from experiments.runner import run_experiment
from experiments.screen import show_result

CONFIG = ROOT / "configs" / "regression_or_truth.yaml"
MANIFEST = {"regression": {"stars": "s", "reviews": "r"}, "focal": "Northwind"}


@pytest.fixture(scope="module", params=["daily", "weekly"])
def ran(request, tmp_path_factory):
    loaded = tiny("days=130", f"record={request.param}", path=CONFIG)
    return run_experiment(loaded, tmp_path_factory.mktemp("ran") / "out", workers=1).path


def test_the_file_holds_each_estimator_of_both(ran):
    rows = read_regression(ran)
    assert [(row.what, row.estimator) for row in rows] == [
        (what, name) for what in ("stars", "reviews") for name in (POOLED, FIXED, TRUTH)
    ]
    for row in rows:
        assert row.low < row.estimate < row.high and not row.why_not
        assert row.n_of == ("replicates" if row.estimator == TRUTH else "listing-periods")
    truth = [row for row in rows if row.estimator == TRUTH]
    assert all(row.n == 3 and row.shown_arm > row.shown_baseline for row in truth)


def test_numbers_are_those_of_the_baselines_records(ran):
    listings = read_table(ran / "listings.parquet")
    base = {name: column[listings["arm"] == "as it is"] for name, column in listings.items()}
    pairs = zip(base["replicate"], base["listing"], strict=True)
    base["listing"] = np.array([f"{replicate} {listing}" for replicate, listing in pairs])
    found = panel_regression(*(base[name] for name in COLUMNS))
    rows = {(row.what, row.estimator): row for row in read_regression(ran)}
    said = rows["stars", FIXED]
    assert said.estimate == pytest.approx(found.valence.value)
    assert rows["reviews", FIXED].high == pytest.approx(found.volume.high)
    assert (said.n, said.listings) == (found.listing_periods, found.listings)
    assert said.not_on_sale == found.left_out.not_on_sale


def test_the_truth_is_that_of_the_focal_seller_pair_by_pair(ran):
    listings = read_table(ran / "listings.parquet")
    own = listings["seller"] == "Northwind"

    def total(arm: str, name: str) -> float:
        return float(listings[name][own & (listings["arm"] == arm)].astype(float).sum())

    orders, reviews = (total("more reviews", c) / total("as it is", c)
                       for c in ("orders", "n_reviews"))  # fmt: skip
    row = next(r for r in read_regression(ran) if (r.what, r.estimator) == ("reviews", TRUTH))
    assert row.orders_ratio == pytest.approx(orders)
    assert row.estimate == pytest.approx(math.log(orders) / math.log(reviews))


def test_the_report_shows_it_and_is_the_same_again(ran):
    files = [ran / "report.html", ran / "regression.csv", ran / "figures" / "elasticities.svg"]
    before = [file.read_bytes() for file in files]
    page = before[0].decode()
    assert page.index('id="numbers"') < page.index('id="regression"') < page.index('id="pictures"')
    assert page.count("<b>Figure 2.</b>") == 1 and page.count("<figure") == 9
    assert FIXED in page and "listing-periods of" in page and "is not drawn" not in page
    write_summary_and_report(ran)
    assert [file.read_bytes() for file in files] == before


def test_the_terminal_says_it_too(ran, capsys):
    show_result(ran)
    said = " ".join(capsys.readouterr().out.split())
    assert "Displayed stars: In truth, 1 % higher stars changed orders by" in said


def test_too_short_a_run_is_said_and_does_not_fail(tmp_path):
    path = run_experiment(tiny("replicates=1", path=CONFIG), tmp_path / "out", workers=1).path
    found = {row.estimator: row for row in read_regression(path)}
    assert "found 0 whole periods of 28 days" in found[FIXED].why_not
    assert math.isnan(found[FIXED].estimate) and math.isfinite(found[TRUTH].estimate)
    page = " ".join((path / "report.html").read_text(encoding="utf-8").split())
    assert "cannot be made: found 0 whole periods" in page


def test_there_is_no_such_file_without_the_key(tmp_path):
    assert read_regression(tmp_path) == []
    assert regression_part([], MANIFEST) is None
    assert load(ROOT / "configs" / "quickstart.yaml").experiment.regression is None


def test_the_codebook_declares_every_column_of_the_file():
    assert tuple(column.name for column in REGRESSION.columns) == FILE_COLUMNS
    assert "## regression.csv" in codebook(["focal"], METRICS)


# ---------------------------------------------------------------- words from numbers


def made_up(truth: tuple[float, float, float], fixed: tuple[float, float, float]):
    """The six rows of a file, with these for both stars and reviews."""
    rows = []
    for what in ("stars", "reviews"):
        rows += [Elasticity(what, name, *fixed, 900, "listing-periods", 30) for name in
                 (POOLED, FIXED)]  # fmt: skip
        rows.append(
            Elasticity(what, TRUTH, *truth, 20, "replicates", *5 * [0], 4.2, 4.5, 136.0, 147.0, 1.2)
        )
    return rows


@pytest.mark.parametrize(
    ("truth", "fixed", "said"),
    [
        ((2.0, 1.8, 2.2), (1.0, 0.9, 1.1), "too low by 1.00 [0.78 to 1.22], 50\u00a0% of the true"),
        ((1.0, 0.9, 1.1), (2.0, 1.8, 2.2), "too high by 1.00 [0.78 to 1.22], 200\u00a0% of the"),
        ((1.0, 0.9, 1.1), (-0.5, -0.6, -0.4), "too low by 1.50 [1.36 to 1.64], on the other side"),
        ((-1.0, -1.1, -0.9), (-0.5, -0.6, -0.4), "too high by 0.50 [0.36 to 0.64], 50\u00a0% of"),
        ((0.1, -0.1, 0.3), (1.0, 0.9, 1.1), "too high by 0.90 [0.68 to 1.12]."),
        ((1.0, 0.2, 1.8), (0.9, 0.8, 1.0), "not clearly off, as the difference is −0.10 [−0.91 to"),
        ((1.0, math.nan, math.nan), (0.9, 0.8, 1.0), "−0.10 apart, without an interval"),
    ],
)
def test_words_follow_the_numbers(truth, fixed, said):
    rows = made_up(truth, fixed)
    assert (off(rows[1], rows[2]) + ".").startswith(said)
    for sentence in sentences(rows):
        assert sentence.text.count(said) == 2


def test_what_cannot_be_told_is_said():
    nothing = (math.nan, math.nan, math.nan)
    rows = [replace(row, why_not="too little") for row in made_up(nothing, nothing)]
    said = sentences(rows)[0].text
    assert "The true effect cannot be told: too little." in said
    assert "The pooled regression cannot be made: too little." in said
    part = regression_part(rows, MANIFEST)
    assert [line.estimate for line in part.blocks[0][1]] == ["–"] * 3


def test_what_was_shown_and_left_out_is_said():
    rows = [replace(row, no_orders=7) if row.n == 900 else row
            for row in made_up((1.0, 0.9, 1.1), (1.0, 0.9, 1.1))]  # fmt: skip
    part = regression_part(rows, MANIFEST)
    assert part.shown[0] == (
        "In “s” Northwind showed 4.50 stars (baseline: 4.20) on average, 147 reviews (baseline: "
        "136), and sold 1.20 times as much."
    )
    assert part.left_out.endswith("900 listing-periods of 30 listings. Left out: 7 without orders.")


def test_rows_come_back_from_the_file_and_other_columns_are_refused(tmp_path):
    rows = made_up((1.0, 0.9, 1.1), (0.5, 0.4, 0.6))
    write_regression(rows, tmp_path / "regression.csv")
    assert str(read_regression(tmp_path)) == str(rows)
    (tmp_path / "regression.csv").write_text("a,b\n", encoding="utf-8")
    with pytest.raises(ValueError, match="not the columns of regression"):
        read_regression(tmp_path)


def test_the_manifest_names_the_arms(ran):
    manifest = json.loads((ran / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["regression"] == {"stars": "more stars", "reviews": "more reviews"}
