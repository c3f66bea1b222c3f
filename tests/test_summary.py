"""From measured numbers to rows, to ``summary.csv`` and back; missing numbers; cells that bite."""

from __future__ import annotations

import csv
import math
from dataclasses import astuple, fields, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments import ratios, statistics
from experiments.metrics import METRICS
from experiments.summary import (
    Measured,
    Row,
    measured_from_table,
    measured_table,
    read_summary,
    summarise,
    values,
    write_summary,
)

NAN = math.nan
ARMS = ["as it is", "faster", "slower", "again"]
PLAIN = Row("a", "odr", 2, 0.1, 0.0, 0.2, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, 0, NAN)
HEADER = (
    "arm,metric,n,mean,ci_low,ci_high,diff,diff_ci_low,diff_ci_high,ahead,variance_reduction,"
    "ahead_ci_low,ahead_ci_high,tied,missing,p_value"
)


def same(one: list[Row], two: list[Row]) -> bool:
    """Equal rows, where NaN equals NaN."""
    return [list(map(repr, astuple(r))) for r in one] == [list(map(repr, astuple(r))) for r in two]


def by_arm(rows: list[Row], metric: str) -> dict[str, Row]:
    return {row.arm: row for row in rows if row.metric == metric}


@pytest.fixture
def measured() -> Measured:
    """Three metrics of three arms and an A/A arm over ten replicates."""
    rng, found = np.random.default_rng(5), {}
    world = rng.lognormal(size=10)
    for k, arm in enumerate(ARMS[:3]):
        profit = 100 * world + rng.normal(5 * k, 3, 10)
        orders = rng.poisson(200, 10).astype(float)
        found[arm, "profit"] = np.stack([profit, np.ones(10)], axis=1)
        found[arm, "odr"] = np.stack([rng.binomial(200, 0.01 * (k + 1), 10), orders], axis=1)
        found[arm, "deactivated"] = np.stack([rng.random(10) < 0.3 * k, np.ones(10)], axis=1)
    return (
        found
        | {("again", m): found["as it is", m].copy() for m in ("profit", "odr")}
        | {("again", "deactivated"): found["as it is", "deactivated"].copy()}
    )


# ---------------------------------------------------------------- rows


def test_rows_come_by_metric_in_order_of_the_registry_and_of_the_arms(measured: Measured) -> None:
    rows = summarise(measured, ARMS, "as it is", ["again"])
    metrics = [m for m in METRICS if m in ("odr", "deactivated", "profit")]
    assert [(r.metric, r.arm) for r in rows] == [(m, a) for m in metrics for a in ARMS]
    assert [f.name for f in fields(Row)] == HEADER.split(",")


def test_each_kind_goes_to_its_method_and_the_family_is_two_arms(measured: Measured) -> None:
    rows = summarise(measured, ARMS, "as it is", ["again"])
    wide = statistics.family_level(0.95, 2)
    for metric, single, difference in (
        ("profit", statistics.mean, statistics.mean_difference),
        ("deactivated", statistics.share, statistics.share_difference),
        ("odr", ratios.ratio, ratios.ratio_difference),
    ):
        arm, base = measured["faster", metric].astype(float), measured["as it is", metric] * 1.0
        if metric != "odr":
            arm, base = values(arm), values(base)
        row = by_arm(rows, metric)["faster"]
        assert (row.mean, row.ci_low, row.ci_high) == single(arm, 0.95)
        assert (row.diff, row.diff_ci_low, row.diff_ci_high) == difference(arm, base, wide)
        assert (row.n, row.missing) == (10, 0)


def test_the_baseline_is_not_compared_with_itself(measured: Measured) -> None:
    for row in summarise(measured, ARMS, "as it is", ["again"], p_values=True):
        compared = (row.diff, row.diff_ci_low, row.diff_ci_high, row.ahead, row.ahead_ci_low)
        if row.arm == "as it is":
            assert np.isnan([*compared, row.variance_reduction, row.tied, row.p_value]).all()
        assert not math.isnan(row.mean)


def test_an_arm_that_changes_nothing_differs_by_exactly_zero(measured: Measured) -> None:
    for metric in ("profit", "odr", "deactivated"):
        row = by_arm(summarise(measured, ARMS, "as it is", ["again"]), metric)["again"]
        assert (row.diff, row.diff_ci_low, row.diff_ci_high) == (0.0, 0.0, 0.0)
        assert (row.ahead, row.ahead_ci_low, row.ahead_ci_high, row.tied) == (0.0, 0.0, 0.0, 1.0)
        assert row.variance_reduction == math.inf or math.isnan(row.variance_reduction)
        assert math.isnan(row.p_value)


def test_a_placebo_that_differs_is_shown_to_differ(measured: Measured) -> None:
    measured["again", "profit"][3, 0] += 1e-9
    row = by_arm(summarise(measured, ARMS, "as it is", ["again"]), "profit")["again"]
    assert row.diff != 0.0 and row.diff_ci_low < row.diff_ci_high and row.ahead == 0.1


def test_equal_numbers_by_chance_are_not_certain_to_stay_equal() -> None:
    never = np.stack([np.zeros(20), np.ones(20)], axis=1)
    profit = np.stack([np.arange(20.0), np.ones(20)], axis=1)
    measured = {
        (arm, metric): x
        for arm in ("a", "b")
        for metric, x in (("deactivated", never), ("profit", profit))
    }
    rows = summarise(measured, ["a", "b"], "a")
    risk, money = by_arm(rows, "deactivated")["b"], by_arm(rows, "profit")["b"]
    assert risk.diff == money.diff == 0.0
    assert risk.diff_ci_low < -0.1 and risk.diff_ci_high > 0.1
    assert math.isnan(money.diff_ci_low) and money.tied == 1.0


def test_p_values_only_on_request_and_adjusted_within_the_metric(measured: Measured) -> None:
    assert all(math.isnan(r.p_value) for r in summarise(measured, ARMS, "as it is", ["again"]))
    rows = summarise(measured, ARMS, "as it is", ["again"], p_values=True)
    base = values(measured["as it is", "profit"])
    raw = [statistics.mean_p(values(measured[a, "profit"]), base) for a in ("faster", "slower")]
    found = by_arm(rows, "profit")
    assert [found[a].p_value for a in ("faster", "slower")] == statistics.holm(raw)
    assert math.isnan(found["again"].p_value)


def test_the_level_is_the_one_asked_for(measured: Measured) -> None:
    narrow, wide = (
        by_arm(summarise(measured, ARMS, "as it is", level=level), "profit")["faster"]
        for level in (0.8, 0.99)
    )
    assert wide.ci_low < narrow.ci_low < narrow.ci_high < wide.ci_high
    assert wide.diff_ci_low < narrow.diff_ci_low < narrow.diff_ci_high < wide.diff_ci_high
    assert wide.ahead_ci_low < narrow.ahead_ci_low


def test_replicates_without_a_value_are_left_out_in_pairs_and_counted() -> None:
    arm = np.array([[4.0, 1], [0.0, 0], [5.0, 1], [9.0, 1], [NAN, 1]])
    base = np.array([[1.0, 1], [2.0, 1], [NAN, 0], [3.0, 1], [7.0, 1]])
    rows = summarise({("a", "stars"): arm, ("b", "stars"): base}, ["b", "a"], "b")
    b, a = rows
    assert (a.n, a.missing, a.mean) == (3, 2, 6.0)
    assert (b.n, b.missing, b.mean) == (4, 1, 3.25)
    assert a.diff == 4.5 and a.ahead == 1.0


def test_replicates_without_orders_add_nothing_and_are_counted() -> None:
    arm = np.array([[1.0, 10], [0.0, 0], [3.0, 30]])
    base = np.array([[2.0, 10], [1.0, 10], [0.0, 20]])
    b, a = summarise({("a", "odr"): arm, ("b", "odr"): base}, ["b", "a"], "b")
    assert (a.n, a.missing, a.mean) == (2, 1, 0.1)
    assert (b.n, b.missing, b.mean) == (3, 0, 0.075)
    assert a.diff == pytest.approx(0.025)
    assert (a.ahead, a.tied) == (0.5, 0.0), "of the two replicates that can be compared"


@pytest.mark.parametrize("metric", ["odr", "profit", "deactivated", "days_above_limit"])
def test_one_replicate_gives_numbers_without_intervals(metric: str) -> None:
    measured = {("a", metric): np.array([[1.0, 1.0]]), ("b", metric): np.array([[0.0, 1.0]])}
    b, a = summarise(measured, ["b", "a"], "b", p_values=True)
    assert (a.n, a.mean, b.mean, a.diff) == (1, 1.0, 0.0, 1.0)
    for row in (a, b):
        limits = (row.ci_low, row.ci_high, row.diff_ci_low, row.diff_ci_high)
        assert np.isnan([*limits, row.ahead_ci_low, row.ahead_ci_high, row.p_value]).all()


def test_no_replicate_at_all_gives_no_numbers() -> None:
    nothing = np.zeros((3, 2))
    for metric in ("odr", "profit", "deactivated"):
        measured = {(arm, metric): nothing for arm in ("a", "b")}
        for row in summarise(measured, ["a", "b"], "a", ["b"]):
            assert (row.n, row.missing) == (0, 3)
            assert math.isnan(row.mean) and math.isnan(row.diff)


def test_what_cannot_be_compared_is_refused(measured: Measured) -> None:
    with pytest.raises(ValueError, match="'nobody' is not among the arms: as it is, faster"):
        summarise(measured, ARMS, "nobody")
    measured["faster", "profit"] = measured["faster", "profit"][:-1]
    with pytest.raises(ValueError, match="cannot be paired"):
        summarise(measured, ARMS, "as it is")
    del measured["faster", "profit"]
    with pytest.raises(ValueError, match="profit was not measured in faster"):
        summarise(measured, ARMS, "as it is")


# ---------------------------------------------------------------- summary.csv


def test_summary_comes_back_as_it_was_written(measured: Measured, tmp_path: Path) -> None:
    rows = summarise(measured, ARMS, "as it is", ["again"], p_values=True)
    write_summary(rows, tmp_path / "summary.csv")
    assert same(read_summary(tmp_path / "summary.csv"), rows)


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20))
def test_any_name_comes_back(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    path = tmp_path_factory.mktemp("names") / "summary.csv"
    write_summary([replace(PLAIN, arm=name)], path)
    assert [row.arm for row in read_summary(path)] == [name]


@pytest.mark.parametrize(
    "name",
    ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "'=1", "''@x", '=HYPERLINK("http://x","y")'],
)
def test_a_name_that_a_spreadsheet_would_run_gets_an_apostrophe(tmp_path: Path, name: str) -> None:
    path = tmp_path / "summary.csv"
    write_summary([replace(PLAIN, arm=name)], path)
    with path.open(newline="", encoding="utf-8") as file:
        cells = list(csv.reader(file))[1]
    assert cells[0] == "'" + name
    assert read_summary(path)[0].arm == name


@pytest.mark.parametrize("name", ["'quoted'", "a=b", "1 - 2", "slow, but cheap", 'so "called"', ""])
def test_other_names_are_left_alone(tmp_path: Path, name: str) -> None:
    path = tmp_path / "summary.csv"
    write_summary([replace(PLAIN, arm=name)], path)
    with path.open(newline="", encoding="utf-8") as file:
        assert list(csv.reader(file))[1][0] == name


def test_the_file_is_plain_csv(tmp_path: Path) -> None:
    row = replace(
        PLAIN, arm='a "b", c\nd', diff=-0.5, diff_ci_low=-0.0, variance_reduction=math.inf
    )
    write_summary([row], tmp_path / "summary.csv")
    expected = '"a ""b"", c\nd",odr,2,0.1,0.0,0.2,-0.5,0.0,,,inf,,,,0,'
    text = (tmp_path / "summary.csv").read_bytes().decode()
    assert text == f"{HEADER}\r\n{expected}\r\n"


def test_another_file_is_no_summary(tmp_path: Path) -> None:
    (tmp_path / "other.csv").write_text("arm,metric\r\n")
    with pytest.raises(ValueError, match="not the columns of a summary"):
        read_summary(tmp_path / "other.csv")


# ---------------------------------------------------------------- measured.parquet


def test_measured_numbers_come_back_from_their_table(measured: Measured, tmp_path: Path) -> None:
    import duckdb
    import pandas as pd

    measured["slower", "profit"][2] = 0.0, 0.0
    table = measured_table(measured, [0, 1, 2, 4, 5, 6, 7, 8, 9, 11])
    assert table["replicate"].max() == 11 and len(table["part"]) == 120
    file = str(tmp_path / "measured.parquet")
    with duckdb.connect() as connection:
        connection.register("frame", pd.DataFrame(table))
        connection.execute(f"COPY (SELECT * FROM frame) TO '{file}' (FORMAT parquet)")
        columns = connection.sql(f"SELECT * FROM '{file}'").fetchnumpy()
    for found in (measured_from_table(table), measured_from_table(columns)):
        assert list(found) == list(measured)
        assert all(np.array_equal(found[key], measured[key]) for key in measured)


def test_rows_of_a_table_may_come_in_any_order(measured: Measured) -> None:
    table = measured_table(measured)
    order = np.random.default_rng(0).permutation(len(table["part"]))
    found = measured_from_table({name: column[order] for name, column in table.items()})
    assert all(np.array_equal(found[key], measured[key]) for key in measured)


def test_a_number_that_is_masked_in_a_table_is_missing(measured: Measured) -> None:
    table = measured_table(measured)
    table["part"] = np.ma.masked_array(table["part"], mask=np.arange(120) == 3)
    first = next(iter(measured))
    rows = summarise(measured_from_table(table), ARMS, "as it is")
    assert {(r.arm, r.metric) for r in rows if r.missing} == {first}


def test_a_table_with_holes_is_refused(measured: Measured) -> None:
    table = measured_table(measured)
    for rows in (slice(1, None), [0, *range(120)]):
        with pytest.raises(ValueError, match="not every replicate is there exactly once"):
            measured_from_table({name: column[rows] for name, column in table.items()})
    with pytest.raises(ValueError, match="10 rows for 3 replicates"):
        measured_table(measured, [0, 1, 2])


def test_an_empty_table_holds_nothing() -> None:
    assert measured_from_table(measured_table({})) == {}
