"""What is measured is kept with a result: day by day, by week, and only where it is measured."""

from __future__ import annotations

import numpy as np
import pytest
from tiny import tiny

from experiments.columns import TABLES, weekly
from experiments.replicate import recorded_tables
from experiments.results import read_table
from experiments.runner import run_experiment
from experiments.size import daily_rows, estimated_bytes
from sim.engine import Engine

MEASURES = (
    "platform.measures={late: {orders_with: [shipped_late]}, stars: {ratings: stars, better: "
    "higher}, refunds: {orders_with: [refunded], level: product}}"
)
KEYS = ("seller", "listing", "measure")


@pytest.mark.parametrize("record", ["daily", "weekly"])
def test_a_result_holds_what_its_markets_measured(tmp_path, record):
    loaded = tiny(MEASURES, f"record={record}", "replicates=2")
    outcome = run_experiment(loaded, tmp_path / "out", workers=1)
    assert outcome.failures == []
    stored = read_table(outcome.path / "standing.parquet")
    assert list(stored) == [column.name for column in TABLES["standing"].columns]
    engine = Engine(loaded.market, 1).branch(loaded.arms[0].market)
    engine.live_through(engine.last_day)
    table = engine.tables()["standing"]
    if record == "weekly":
        table = weekly("standing", table)
        assert sorted(set(table["day"].tolist())) == [7, 14, 20]
    mine = (stored["arm"] == loaded.arms[0].name) & (stored["replicate"] == 1)
    for name, values in table.items():
        found = np.ma.filled(stored[name], np.nan) if name == "value" else stored[name]
        np.testing.assert_array_equal(np.asarray(found)[mine], values, err_msg=name)
    assert outcome.manifest["rows"]["standing"] == len(stored["day"])
    assert "standing.parquet" in (outcome.path / "codebook.md").read_text(encoding="utf-8")


def test_a_week_is_that_of_its_last_day():
    engine = Engine(tiny(MEASURES).market)
    engine.live_through(20)
    daily = engine.tables()["standing"]
    week = weekly("standing", daily)
    for day in (7, 14, 20):
        one, other = daily["day"] == day, week["day"] == day
        assert one.sum() == other.sum() > 0
        by_key = [
            {tuple(t[name][i] for name in KEYS): t["whole"][i] for i in np.flatnonzero(rows)}
            for t, rows in ((daily, one), (week, other))
        ]
        assert by_key[0] == by_key[1]


def test_it_is_kept_where_something_is_measured():
    plain, measured = tiny().market, tiny(MEASURES).market
    assert "standing" not in recorded_tables("daily", [plain])
    assert "standing" in recorded_tables("daily", [plain, measured])
    assert "standing" not in recorded_tables("focal", [measured])
    n = Engine(measured).world
    rows = 20 * (2 * n.count("n_sellers") + n.count("n_listings"))
    assert daily_rows(measured) - daily_rows(plain) == rows
    assert estimated_bytes(measured) > estimated_bytes(plain)
