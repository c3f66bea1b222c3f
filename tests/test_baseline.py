"""Headline numbers of one small market, as they were: a change of results is made knowingly.

After a change that is meant, write them anew and look at the difference::

    python -m tests.test_baseline
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

STORED = Path(__file__).with_name("baseline.json")
MARKET = (
    "seed=11",
    "days=120",
    "run_out=90",
    "past.days=60",
    "buyers.count=800",
    "sellers.0.strategy=recover",
    "platform.feedback.leave_rate=0.1",
    "platform.reviews.leave_rate=0.05",
    "platform.reviews.leave_rate_unbought=0.01",
)


def measured() -> dict[str, dict[str, float]]:
    """Sums of counts and means of shares over the recorded days, by table."""
    from markets import lived

    model = lived(*MARKET)
    tables = model.tables()
    found: dict[str, dict[str, float]] = {"market": {}, "sellers": {}, "focal": {}, "listings": {}}
    for name, column in tables["market"].items():
        if name != "day":
            found["market"][name] = number(column)
    sellers = tables["sellers"]
    focal = sellers["seller"] == model.focal
    for name, column in sellers.items():
        if column.dtype.kind in "if" and name != "day":
            found["sellers"][name] = number(column)
            found["focal"][name] = number(column[focal])
    for name, column in tables["listings"].items():
        if column.dtype.kind in "if" and name != "day":
            found["listings"][name] = number(column)
    return found


def number(column) -> float:
    """Sum of counts, mean of measures (days without any left out)."""
    import numpy as np

    if column.dtype.kind == "i":
        return int(column.sum())
    return float(np.nanmean(column))


@pytest.fixture(scope="module")
def now() -> dict[str, dict[str, float]]:
    return measured()


@pytest.mark.parametrize("table", ["market", "sellers", "focal", "listings"])
def test_headline_numbers_are_as_stored(now, table):
    """Counts to the last one; means within a millionth, as summing may differ between machines."""
    stored = json.loads(STORED.read_text(encoding="utf-8"))
    assert now[table].keys() == stored[table].keys()
    off = {
        name: (stored[table][name], value)
        for name, value in now[table].items()
        if value != pytest.approx(stored[table][name], rel=1e-6, abs=1e-9)
    }
    assert off == {}, "stored, found; if meant: python -m tests.test_baseline"


def main() -> None:
    """Write the numbers anew and print what has changed."""
    sys.path.insert(0, str(STORED.parent))
    before = json.loads(STORED.read_text(encoding="utf-8")) if STORED.exists() else {}
    after = measured()
    for table, numbers in after.items():
        for name, value in numbers.items():
            old = before.get(table, {}).get(name)
            if old != value:
                print(f"{table}.{name}: {old} -> {value}")
    STORED.write_text(json.dumps(after, indent=1) + "\n", encoding="utf-8")
    print(f"written: {STORED.name}")


if __name__ == "__main__":
    main()
