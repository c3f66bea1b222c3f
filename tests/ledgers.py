"""Small ledgers in memory, as ``sim.ledger`` makes their columns, from what a test says."""

from __future__ import annotations

from typing import Any

import numpy as np

from experiments.events import COLUMNS, MISSING, NUMBERS

FIRST = 11_000_000_000_000_000_001
"""A birth key; larger than what fits into a signed number."""
IDS = ("event_id", "cause_id", "order", "post", "prompted_by")
WORDS = ("kind", "what", "seller", "listing", "channel")


def ledger_of(events: list[dict[str, Any]]) -> dict[str, np.ndarray]:
    """Columns with these events; ``id`` and ``cause`` stand for event_id and cause_id."""
    rows = [
        {"event_id": e.pop("id"), "cause_id": e.pop("cause", 0), **e}
        for e in (dict(event) for event in events)
    ]
    return {name: _column(name, [row.get(name) for row in rows]) for name in COLUMNS}


def _column(name: str, values: list[Any]) -> np.ndarray:
    if name == "examined":
        column = np.full(len(values), None, dtype=object)
        for k, value in enumerate(values):
            column[k] = value
        return column
    missing = np.nan if name in NUMBERS else MISSING.get(name, 0)
    kind: Any = np.uint64 if name in IDS else object if name in WORDS else np.int32
    filled = [missing if value is None else value for value in values]
    return np.array(filled, dtype=float if name in NUMBERS else kind)
