"""Does the base market look like the marketplace it stands for? Bands over many seeds.

Each band says what is computed, on which rows, and where it comes from. Values are outcomes of the
model; the test suite checks a short form of the same function, ``python run.py bands`` the full.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from experiments.workers import Failure, run_tasks

SEEDS = 30
SHORT_DAYS = 150
_STARS = range(1, 6)

Tables = dict[str, dict[str, np.ndarray]]


@dataclass(frozen=True)
class Band:
    """One statistic of a market, and the range in which its mean over seeds should lie."""

    name: str
    unit: str
    low: float
    high: float
    source: str
    compute: Callable[[Tables, str, int], float]


@dataclass(frozen=True)
class Outcome:
    """What a band's statistic came to: mean and standard error over seeds (NaN seeds dropped)."""

    band: Band
    mean: float
    standard_error: float
    seeds: int

    @property
    def inside(self) -> bool:
        """Does the mean lie in the band?"""
        return self.band.low <= self.mean <= self.band.high


def _rivals(tables: Tables, focal: str) -> np.ndarray:
    return np.asarray(tables["sellers"]["seller"] != focal)


def _median_odr(tables: Tables, focal: str, buyers: int) -> float:
    """Median over rivals with at least 100 orders of defective orders / orders, percent."""
    s, rows = tables["sellers"], _rivals(tables, focal)
    names, which = np.unique(s["seller"][rows].astype(str), return_inverse=True)
    orders = np.bincount(which, s["orders"][rows], len(names))
    defects = np.bincount(which, s["defects"][rows], len(names))
    enough = orders >= 100
    return float(100.0 * np.median(defects[enough] / orders[enough]))


def _above_limit(tables: Tables, focal: str, buyers: int) -> float:
    """Share of days of rivals with orders in the window on which the ODR was above 1 %."""
    s, rows = tables["sellers"], _rivals(tables, focal)
    odr = s["odr"][rows]
    return float(100.0 * np.mean(odr[~np.isnan(odr)] > 0.01))


def _negative_share(tables: Tables, focal: str, buyers: int) -> float:
    """Share of all feedback that has one or two stars, percent."""
    counts = [tables["sellers"][f"feedback_{k}"].sum() for k in _STARS]
    return float(100.0 * sum(counts[:2]) / sum(counts))


def _review_counts(tables: Tables) -> np.ndarray:
    return np.array([tables["listings"][f"reviews_{k}"].sum() for k in _STARS], float)


def _five_stars(tables: Tables, focal: str, buyers: int) -> float:
    """Share of reviews posted that have five stars."""
    counts = _review_counts(tables)
    return float(counts[4] / counts.sum())


def _one_star(tables: Tables, focal: str, buyers: int) -> float:
    """Share of reviews posted that have one star."""
    counts = _review_counts(tables)
    return float(counts[0] / counts.sum())


def _mean_stars(tables: Tables, focal: str, buyers: int) -> float:
    """Mean stars of reviews posted."""
    counts = _review_counts(tables)
    return float(counts @ np.arange(1, 6) / counts.sum())


def _per_year(name: str) -> Callable[[Tables, str, int], float]:
    def compute(tables: Tables, focal: str, buyers: int) -> float:
        flow = tables["market"][name]
        return float(flow.sum() / buyers * 365.0 / len(flow))

    compute.__doc__ = f"{name.capitalize()} per buyer and year."
    return compute


def _unverified(tables: Tables, focal: str, buyers: int) -> float:
    """Share of reviews by users who did not buy the listing, percent."""
    m = tables["market"]
    others = m["reviews_by_buyers_of_other_things"].sum() + m["reviews_by_non_buying_users"].sum()
    return float(100.0 * others / m["reviews"].sum())


def _ratio(tables: Tables, focal: str, buyers: int) -> float:
    """Feedback posted per review posted."""
    return float(tables["market"]["feedback"].sum() / tables["market"]["reviews"].sum())


_AMAZON = "Amazon reviews to 2015 and vendors' counts"
BANDS = (
    Band("median ODR of rivals", "%", 0.2, 0.5, "target of the base market", _median_odr),
    Band("rival-days above 1 %", "%", 3.0, 10.0, "target of the base market", _above_limit),
    Band("negative share of feedback", "%", 2.0, 6.0, "< 5 % advised to sellers", _negative_share),
    Band("reviews with 5 stars", "share", 0.55, 0.70, _AMAZON, _five_stars),
    Band("reviews with 1 star", "share", 0.06, 0.12, _AMAZON, _one_star),
    Band("mean stars of reviews", "stars", 4.1, 4.3, _AMAZON, _mean_stars),
    Band("trips per buyer and year", "1/year", 24.5, 25.5, "stated", _per_year("trips")),
    Band("orders per buyer and year", "1/year", 11.0, 13.0, "calibrated", _per_year("orders")),
    Band("reviews without purchase", "%", 5.0, 22.0, "5 % to 22 % in published logs", _unverified),
    Band("feedback per review", "x", 0.2, 20.0, "published figures disagree", _ratio),
)


def statistics_of(plan: tuple[Path, int | None], seed: int) -> tuple[int, list[float]]:
    """Seed and all bands' statistics of one market; ``plan``: its file and days (None = stated)."""
    from experiments.config import load_market
    from sim.engine import Engine

    config, days = plan
    overrides = [f"seed={seed}", *([f"days={days}"] if days else [])]
    market = load_market(config, overrides)
    engine = Engine(market)
    engine.live_through(engine.last_day)
    tables = engine.tables()
    return seed, [band.compute(tables, engine.focal, market.buyers.count) for band in BANDS]


def measure(
    config: Path, seeds: int = SEEDS, days: int | None = None, workers: int = 1
) -> list[Outcome]:
    """Every band over seeds 1..seeds of a config. The number of workers changes nothing.

    Raises RuntimeError when a market could not be run.
    """
    found: list[tuple[int, list[float]]] = []
    failures: list[Failure] = []
    tasks = range(1, seeds + 1)
    run_tasks(statistics_of, (config, days), tasks, workers, found.append, failures.append)
    if failures:
        raise RuntimeError(f"seed {failures[0].task}: {failures[0].error}\n{failures[0].trace}")
    rows = [row for _, row in sorted(found)]
    values = np.array(rows)
    outcomes = []
    for k, band in enumerate(BANDS):
        known = values[~np.isnan(values[:, k]), k]
        error = known.std(ddof=1) / np.sqrt(len(known)) if len(known) > 1 else np.nan
        mean = float(known.mean()) if len(known) else np.nan
        outcomes.append(Outcome(band, mean, float(error), len(known)))
    return outcomes
