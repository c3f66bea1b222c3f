"""Columns are declared as they are written, days become weeks, and the codebook is whole."""

from __future__ import annotations

import time

import numpy as np
import pytest

from experiments.codebook import codebook, document
from experiments.columns import DAILY, MEASURED, SOMETIMES, SUMMARY, TABLES, weekly
from experiments.config import ROOT
from experiments.focal import focal_table
from experiments.metrics import METRICS, Metric
from experiments.summary import COLUMNS, measured_table
from tests.markets import lived

KINDS = {"text": "OUT", "whole number": "iu", "number": "f"}


@pytest.fixture(scope="module")
def tables():
    model = lived("sellers.0.offers=[{listing: Rival 1 / 1}]", days=40)
    tables = model.tables()
    return {**tables, "focal": focal_table(tables, model.focal, model.config)}


def names(table) -> list[str]:
    return [column.name for column in table.columns]


@pytest.mark.parametrize("name", DAILY)
def test_every_column_that_is_written_is_declared_with_its_type_and_no_other(tables, name):
    declared = {c.name: c for c in TABLES[name].columns}
    assert list(declared)[:3] == ["arm", "replicate", "day"]
    assert set(declared) == {"arm", "replicate", *tables[name]}
    for column, values in tables[name].items():
        assert values.dtype.kind in KINDS[declared[column].type], column


def test_what_is_measured_and_summarised_is_declared_in_order():
    written = measured_table({("A", "odr"): np.array([[1.0, 2.0]])})
    assert names(MEASURED) == list(written)
    assert names(SUMMARY) == list(COLUMNS)


def test_means_are_weighted_by_columns_of_their_table():
    for table in TABLES.values():
        weights = [c.week[1] for c in table.columns if isinstance(c.week, tuple)]
        assert set(weights) <= set(names(table))


def test_a_week_by_hand():
    """Days 1 to 9; B comes on day 5: flows are summed, levels are those of the last day."""
    rows = [(d, s) for d in range(1, 10) for s in "AB" if s == "A" or d >= 5]
    day = np.array([d for d, _ in rows], dtype=np.int32)
    seller = np.array([s for _, s in rows], dtype=object)
    judged = np.where(day == 2, 3, np.where(day == 5, 1, 0)).astype(np.int32)
    felt = np.where(judged > 0, np.where(day == 2, 5.0, 1.0), np.nan)
    state = np.where(day == 7, "at risk", "healthy").astype(object)
    week = weekly("sellers", {
        "arm": np.full(len(day), "base", dtype=object), "day": day, "seller": seller,
        "orders": day, "profit": day / 2, "queue": day, "state": state,
        "judged_service": judged, "felt_service": felt,
    })  # fmt: skip
    assert week["arm"].tolist() == ["base"] * 4
    assert week["day"].tolist() == [7, 7, 9, 9]
    assert week["seller"].tolist() == ["A", "B", "A", "B"]
    assert week["orders"].tolist() == [28, 18, 17, 17]
    assert week["profit"].tolist() == [14.0, 9.0, 8.5, 8.5]
    assert week["queue"].tolist() == [7, 7, 9, 9]
    assert week["state"].tolist() == ["at risk", "at risk", "healthy", "healthy"]
    assert week["judged_service"].tolist() == [4, 1, 0, 0]
    np.testing.assert_equal(week["felt_service"], [4.0, 1.0, np.nan, np.nan])


@pytest.mark.parametrize("name", DAILY)
def test_weeks_conserve_flows_and_keep_the_last_level(tables, name):
    daily, group = tables[name], TABLES[name].group
    week = weekly(name, daily)
    assert list(week) == list(daily)
    whose = daily[group] if group else np.zeros(len(daily["day"]))
    whose_week = week[group] if group else np.zeros(len(week["day"]))
    for column in TABLES[name].columns[2:]:
        for one in dict.fromkeys(whose.tolist()):
            days, weeks = daily[column.name][whose == one], week[column.name][whose_week == one]
            assert len(weeks) == 6
            if column.week == "sum":
                assert weeks.sum() == pytest.approx(days.sum(), nan_ok=True)
                assert (weeks.dtype.kind == "f") == (days.dtype.kind == "f")
            elif not isinstance(column.week, tuple):
                np.testing.assert_equal(weeks[[0, -1]].tolist(), days[[6, -1]].tolist())


@pytest.mark.parametrize("name", ["sellers", "market"])
def test_a_week_of_nothing_and_an_unknown_column(tables, name):
    empty = {column: values[:0] for column, values in tables[name].items()}
    assert all(len(values) == 0 for values in weekly(name, empty).values())
    with pytest.raises(KeyError, match="magic"):
        weekly(name, {**tables[name], "magic": tables[name]["day"]})


def test_weeks_are_fast():
    """A year of 15 sellers in a few milliseconds, as every arm of every replicate needs it."""
    sellers = [f"Rival {k}" for k in range(15)]
    day = np.repeat(np.arange(1, 366, dtype=np.int32), len(sellers))
    columns = {c.name: day for c in TABLES["sellers"].columns[2:]}
    columns |= {"seller": np.tile(np.array(sellers, dtype=object), 365)}
    columns |= {"state": np.full(len(day), "healthy", dtype=object)}
    times = []
    for _ in range(7):
        began = time.perf_counter()
        weekly("sellers", columns)
        times.append(time.perf_counter() - began)
    assert min(times) < 0.005


def a_metric(**parts) -> Metric:
    said = dict(name="x", label="X", definition="a | b", unit="share", direction="lower",
                kind="share", missing="never", headline=True, whose="focal")  # fmt: skip
    return Metric(**{**said, **parts})


def test_the_codebook_names_every_file_column_and_metric():
    text = codebook((*DAILY, *SOMETIMES, "ledger"), METRICS)
    for name, table in {**TABLES, "summary": SUMMARY}.items():
        part = text.split(f"## {name}.")[1].split("\n## ")[0]
        assert all(f"| `{column}` |" in part for column in names(table)), name
    assert all(f"| `{name}`" in text for name in METRICS)
    for file in ("manifest.json", "report.html", "figures/", "codebook.md"):
        assert f"| `{file}` |" in text


def test_the_codebook_says_what_this_result_holds():
    text = codebook(["market", "focal"], {"x": a_metric()}, recorded_as="weekly")
    assert "sellers.parquet" not in text and "by week**" in text
    assert "| meaning | here |" in text and "mean weighted by `judged_service`" in text
    assert "| `x` (headline) | focal | a \\| b | share | lower | share | never |" in text
    assert "| by week |" not in codebook(["focal"], {}, recorded_as="focal")


def test_every_line_of_a_table_has_its_cells():
    widths = set()
    for line in codebook(DAILY, METRICS).splitlines():
        if line.startswith("| --- "):
            widths.add(line.count("|"))
        assert not line.startswith("|") or line.endswith(" |")
    assert widths == {3, 5, 6, 8}


def test_the_documentation_of_the_tables_is_current():
    file = ROOT / "docs" / "tables.md"
    assert file.read_text(encoding="utf-8") == document(METRICS), (
        "write it again: python -m experiments.codebook > docs/tables.md"
    )
