"""Daily counts: what happened on a day, of a seller, a listing, the market."""

from __future__ import annotations

from experiments.audit.check import Check

CHECKS = (
    Check(
        "orders",
        "orders placed, by the day on which they were",
        "SELECT placed AS day, seller, count(*) AS orders FROM orders GROUP BY ALL",
        table="sellers",
        columns=("orders",),
    ),
)
