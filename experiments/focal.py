"""The focal seller day by day, with all its listings together, beside the mean rival.

The table that figures are drawn from: small however many sellers a market has. Rivals are those
of the first measured day; who has left since counts on, with nothing.
"""

from __future__ import annotations

import numpy as np

from experiments.metric import places
from experiments.metrics import STARS, Columns, Tables, is_one_of, rivals_at_the_start
from sim.config.market import Market

FLOWS = ("orders", "delivered", "late", "profit", "contacts")
FEEDBACK = tuple(f"feedback_{k}" for k in STARS)
REVIEWS = tuple(f"reviews_{k}" for k in STARS)
JUDGED = ("judged_service", "felt_service", "judged_product", "felt_product")


def focal_table(tables: Tables, focal: str, market: Market) -> dict[str, np.ndarray]:
    """One row per recorded day; ``tables`` as the core makes them."""
    sellers, listings = tables["sellers"], tables["listings"]
    days = len(tables["market"]["day"])
    first = rivals_at_the_start(sellers, focal, market.warm_up)
    own, mine = (_rows(columns, {focal}) for columns in (sellers, listings))
    rivals, theirs = (_rows(columns, first) for columns in (sellers, listings))
    n_rivals, place = len(first), places(listings, tables.get("offers"), focal)
    return {
        "day": tables["market"]["day"],
        **{name: own[name] for name in (*FLOWS, *FEEDBACK)},
        **{name: _sums(mine, name, days).astype(np.int64) for name in REVIEWS},
        **{name: own[name] for name in (*JUDGED, "window_orders", "window_defects", "state")},
        "n_reviews": _sums(mine, "n_reviews", days).astype(np.int64),
        "stars": _means(mine, "stars", days),
        "position": _means(place, "position", days),
        "on_sale": _means(place, "on_sale", days),
        "rival_orders": _per_head(_sums(rivals, "orders", days), n_rivals),
        "rival_profit": _per_head(_sums(rivals, "profit", days), n_rivals),
        "rival_window_orders": _sums(rivals, "window_orders", days).astype(np.int64),
        "rival_window_defects": _sums(rivals, "window_defects", days).astype(np.int64),
        "rival_position": _means(theirs, "position", days),
        "rival_stars": _means(theirs, "stars", days),
        "rival_trouble": _per_head(_troubled(rivals, days), n_rivals),
    }


def _rows(columns: Columns, sellers: set[str]) -> Columns:
    """The rows of some sellers."""
    keep = is_one_of(columns["seller"], sellers)
    return {name: column[keep] for name, column in columns.items()}


def _sums(columns: Columns, name: str, days: int) -> np.ndarray:
    """Sum of a column by day (float64[days])."""
    return np.bincount(columns["day"] - 1, columns[name], minlength=days)


def _means(columns: Columns, name: str, days: int) -> np.ndarray:
    """Mean by day of what is there; NaN on days without any."""
    values = columns[name].astype(float)
    known = ~np.isnan(values)
    day = columns["day"][known] - 1
    counts = np.bincount(day, minlength=days)
    with np.errstate(invalid="ignore"):
        return np.bincount(day, values[known], minlength=days) / counts


def _troubled(rivals: Columns, days: int) -> np.ndarray:
    healthy = rivals["state"] == "healthy"
    return np.bincount(rivals["day"][~healthy] - 1, minlength=days).astype(float)


def _per_head(totals: np.ndarray, n: int) -> np.ndarray:
    return totals / n if n else np.full(len(totals), np.nan)
