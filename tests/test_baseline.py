"""Headline numbers of two small markets, as they were: a change of results is made knowingly.

One follows the rules of 2016. The other those of Amazon today, without the gates on what else is
measured of a store: with those consequences off, its numbers are those of before there were any.

After a change that is meant, write them anew and look at the difference::

    python -m tests.test_baseline
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

STORED = Path(__file__).with_name("baseline.json")
BOTH = (
    "seed=11",
    "days=120",
    "run_out=90",
    "past.days=60",
    "buyers.count=800",
    "sellers.0.strategy=recover",
)
MARKETS = {
    "2016": (
        *BOTH,
        "platform.feedback.leave_rate=0.1",
        "platform.reviews.leave_rate=0.05",
        "platform.reviews.leave_rate_unbought=0.01",
    ),
    "today, no gates": (*BOTH, "platform=amazon", "platform.gates=[]"),
}
TABLES = ("market", "sellers", "focal", "listings")


def measured(name: str) -> dict[str, dict[str, float]]:
    """Sums of counts and means of shares over the recorded days, by table."""
    from markets import lived

    model = lived(*MARKETS[name])
    tables = model.tables()
    found: dict[str, dict[str, float]] = {table: {} for table in TABLES}
    for column_name, column in tables["market"].items():
        if column_name != "day":
            found["market"][column_name] = number(column)
    sellers = tables["sellers"]
    focal = sellers["seller"] == model.focal
    for column_name, column in sellers.items():
        if column.dtype.kind in "if" and column_name != "day":
            found["sellers"][column_name] = number(column)
            found["focal"][column_name] = number(column[focal])
    for column_name, column in tables["listings"].items():
        if column.dtype.kind in "if" and column_name != "day":
            found["listings"][column_name] = number(column)
    return found


def number(column) -> float:
    """Sum of counts, mean of measures (days without any left out)."""
    import numpy as np

    if column.dtype.kind == "i":
        return int(column.sum())
    return float(np.nanmean(column))


@pytest.fixture(scope="module", params=MARKETS)
def now(request) -> tuple[str, dict[str, dict[str, float]]]:
    return request.param, measured(request.param)


@pytest.mark.parametrize("table", TABLES)
def test_headline_numbers_are_as_stored(now, table):
    """Counts to the last one; means within a millionth, as summing may differ between machines."""
    name, found = now
    stored = json.loads(STORED.read_text(encoding="utf-8"))[name]
    assert found[table].keys() == stored[table].keys()
    off = {
        column: (stored[table][column], value)
        for column, value in found[table].items()
        if value != pytest.approx(stored[table][column], rel=1e-6, abs=1e-9)
    }
    assert off == {}, "stored, found; if meant: python -m tests.test_baseline"


def main() -> None:
    """Write the numbers anew and print what has changed."""
    sys.path.insert(0, str(STORED.parent))
    before = json.loads(STORED.read_text(encoding="utf-8")) if STORED.exists() else {}
    after = {name: measured(name) for name in MARKETS}
    for name, tables in after.items():
        for table, numbers in tables.items():
            for column, value in numbers.items():
                old = before.get(name, {}).get(table, {}).get(column)
                if old != value:
                    print(f"{name}: {table}.{column}: {old} -> {value}")
    STORED.write_text(json.dumps(after, indent=1) + "\n", encoding="utf-8")
    print(f"written: {STORED.name}")


if __name__ == "__main__":
    main()
