"""``regression.csv``: a regression on the market's own records beside the truth of paired arms."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from experiments.panel import Panel, fit, panel
from experiments.results import read_table
from experiments.row_files import columns_of, read_rows, write_rows
from experiments.statistics import NOTHING
from experiments.true_effect import elasticity

FILE = "regression.csv"
STARS, REVIEWS = "stars", "reviews"
SHOWN = {STARS: "stars", REVIEWS: "n_reviews"}
"""Their columns in listings.parquet."""
FIXED = "panel regression, listing and month fixed effects"
POOLED = "pooled regression"
TRUTH = "true effect (paired arms)"

Columns = Mapping[str, np.ndarray]
READ = (
    "arm", "replicate", "day", "listing", "seller", "orders", "stars", "n_reviews", "on_sale",
)  # fmt: skip
"""Columns of listings.parquet that it is made of."""


@dataclass(frozen=True)
class Elasticity:
    """One estimator's elasticity of orders to one thing shown; numbers that do not exist are NaN.

    Columns are described in ``experiments.regression_columns``.
    """

    what: str
    estimator: str
    estimate: float
    low: float
    high: float
    n: int
    n_of: str
    listings: int = 0
    not_on_sale: int = 0
    no_reviews: int = 0
    no_orders: int = 0
    alone: int = 0
    shown_baseline: float = math.nan
    shown_arm: float = math.nan
    other_baseline: float = math.nan
    other_arm: float = math.nan
    orders_ratio: float = math.nan
    why_not: str = ""


def table(folder: Path, manifest: Mapping[str, Any]) -> list[Elasticity]:
    """The rows of the file, from the tables of a result whose experiment states ``regression``.

    Raises UserError when the table of listings cannot be read.
    """
    columns = read_table(folder / "listings.parquet", READ)
    base = _arm(columns, manifest["baseline"], manifest)
    regressions = {POOLED: False, FIXED: True}
    rows = [row for name, within in regressions.items() for row in _regression(name, within, base)]
    for what, arm in manifest["regression"].items():
        rows.append(_truth(what, base, _arm(columns, arm, manifest), manifest))
    return sorted(rows, key=lambda row: row.what != STARS)  # keeps the order of estimators


def _arm(columns: Columns, arm: str, manifest: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """Rows of one arm on measured days, and of the evening before them where it is on record."""
    rows = (columns["arm"] == arm) & (columns["day"] >= manifest["warm_up"])
    return {name: values[rows] for name, values in columns.items() if name != "arm"}


def _regression(estimator: str, within: bool, rows: Columns) -> list[Elasticity]:
    """Both elasticities of one regression on the rows of an arm, all replicates together."""
    try:
        found = _panel(rows)
        done = fit(found, listing_effects=within)
    except ValueError as error:
        said, of = str(error), "listing-periods"
        return [
            Elasticity(what, estimator, *NOTHING, 0, of, why_not=said) for what in (STARS, REVIEWS)
        ]
    left = astuple(done.left_out)
    return [
        Elasticity(
            what, estimator, *estimate, done.listing_periods, "listing-periods", done.listings,
            *left,
        )
        for what, estimate in ((STARS, done.valence), (REVIEWS, done.volume))
    ]  # fmt: skip


def _panel(rows: Columns) -> Panel:
    """The listing-periods of an arm; a listing of one replicate is none of another."""
    codes, names = pd.factorize(rows["listing"], sort=True)
    listing = rows["replicate"].astype(np.int64) * len(names) + codes
    return panel(listing, *(rows[c] for c in ("day", "orders", "stars", "n_reviews", "on_sale")))


def _truth(what: str, base: Columns, arm: Columns, manifest: Mapping[str, Any]) -> Elasticity:
    """The paired effect of an arm on the focal seller's orders, per 1 % more of what it shows."""
    kept = REVIEWS if what == STARS else STARS
    mine, theirs = (_by_replicate(rows, SHOWN[what], manifest) for rows in (arm, base))
    others = (_by_replicate(rows, SHOWN[kept], manifest) for rows in (arm, base))
    found = elasticity(mine, theirs)
    (sold, seen), (sold_base, seen_base) = (pd.DataFrame(x).mean() for x in (mine, theirs))
    other, other_base = (float(pd.DataFrame(x)[1].mean()) for x in others)
    why = ""
    if not math.isfinite(found.value):
        why = "arm and baseline do not clearly differ in what the store shows, or sell nothing"
    return Elasticity(
        what, TRUTH, *found, len(mine), "replicates", shown_baseline=float(seen_base),
        shown_arm=float(seen), other_baseline=other_base, other_arm=other,
        orders_ratio=float(sold / sold_base) if sold_base > 0 else math.nan, why_not=why,
    )  # fmt: skip


def _by_replicate(rows: Columns, shown: str, manifest: Mapping[str, Any]) -> np.ndarray:
    """[replicates, 2]: orders of the focal seller, and the mean of what its listings show.

    Means are over measured days and listings; NaN where nothing is shown on any.
    """
    own = (rows["seller"] == manifest["focal"]) & (rows["day"] > manifest["warm_up"])
    frame = pd.DataFrame(
        {
            "replicate": rows["replicate"][own],
            "orders": rows["orders"][own],
            "shown": np.ma.filled(np.ma.asarray(rows[shown][own], float), np.nan),
        }
    )
    grouped = frame.groupby("replicate").agg({"orders": "sum", "shown": "mean"})
    return grouped.reindex(manifest["replicates"]).to_numpy(float)


# ---------------------------------------------------------------- the file

COLUMNS = columns_of(Elasticity)


def write_regression(rows: Iterable[Elasticity], path: Path) -> None:
    """Write ``regression.csv``."""
    write_rows(rows, Elasticity, path)


def read_regression(folder: Path) -> Sequence[Elasticity]:
    """Rows of a folder's ``regression.csv``; none where there is no such file.

    Raises ValueError when it has other columns.
    """
    return read_rows(Elasticity, folder / FILE)
