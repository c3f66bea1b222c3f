"""All checks, in the order in which they are told."""

from __future__ import annotations

from experiments.audit.check import Check
from experiments.audit.checks import (
    accounts,
    counts,
    gates,
    listings,
    measures,
    offers,
    posting,
    ranking,
    store_score,
)

CHECKS: tuple[Check, ...] = (
    *counts.CHECKS,
    *posting.CHECKS,
    *accounts.CHECKS,
    *listings.CHECKS,
    *ranking.CHECKS,
    *offers.CHECKS,
    *measures.CHECKS,
    *gates.CHECKS,
    *store_score.CHECKS,
)

NOT_CHECKED = {
    "judged_*, felt_*": "private: no act of anybody's shows it",
    "profit, spent_*, withheld": "money beyond prices and what was given back is no event",
    "quality": "private: nobody in the market sees it",
    "featured": "drawn where several offers may be it; checked to be one of them",
}
"""Columns that no check recomputes, and why."""
