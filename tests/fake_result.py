"""A result directory made up: numbers that look like an experiment's, and any arm names."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from experiments.metrics import MONTH_DAYS
from experiments.results import write_table
from experiments.summary import Measured, measured_table, summarise, write_summary

FOCAL, LIMIT, N_RIVALS = "Northwind", 0.01, 11
HOSTILE = (
    "<img src=x onerror=alert(1)>",
    "$x_1$ and $\\frac{1}{2}$",
    "_starts with an underscore",
    "a name of sixty characters that goes on and on until it ends",
    "慢速发货 🐢 & slow",
)
STATES = ("healthy", "at risk", "deactivated", "closed", "left")

Columns = dict[str, np.ndarray]


def write_result(folder: Path, arms: Sequence[str], /, **given: Any) -> Path:
    """Tables, summary and manifest of made-up arms in ``folder``; the first is the baseline.

    ``given``: replicates, days, warm_up, every (days between rows), and whatever the manifest
    should say instead.
    """
    folder.mkdir(parents=True, exist_ok=True)
    replicates, days = given.pop("replicates", 6), given.pop("days", 120)
    every, warm_up = given.pop("every", 1), given.pop("warm_up", 30)
    focal = focal_columns(arms, replicates, days, every, warm_up)
    manifest = manifest_of(arms, replicates, days, warm_up) | given
    measured = measured_of(focal, manifest)
    tables = {"focal": focal, "measured": measured_table(measured)}
    manifest["rows"] = {name: len(columns["arm"]) for name, columns in tables.items()}
    text = json.dumps(manifest, ensure_ascii=False, indent=2)
    (folder / "manifest.json").write_text(text, encoding="utf-8")
    for name, columns in tables.items():
        write_table(columns, folder / f"{name}.parquet")
    placebos = [arm["name"] for arm in manifest["arms"] if arm["placebo"]]
    rows = summarise(measured, list(arms), manifest["baseline"], placebos)
    write_summary(rows, folder / "summary.csv")
    return folder


# ---------------------------------------------------------------- the focal seller's days


def focal_columns(
    arms: Sequence[str], replicates: int, days: int, every: int = 1, warm_up: int = 30
) -> Columns:
    """Rows of made-up arms: each is better than the one before, from the end of warm-up on."""
    random = np.random.default_rng(7)
    shape = (len(arms), replicates, days)
    good = (
        np.linspace(-1.0, 1.0, len(arms))[:, None, None] if len(arms) > 1 else np.zeros((1, 1, 1))
    )
    # What an arm changes comes gradually, and starts when warm-up ends.
    since = np.clip((np.arange(days) - warm_up) / 60.0, 0.0, 1.0)
    effect = good * since
    luck = random.normal(0.0, 0.35, (1, replicates, 1)) * np.ones(shape)
    wave = np.cumsum(random.normal(0.0, 0.05, (1, replicates, days)), axis=2) * np.ones(shape)
    state = _states(effect, luck, random)
    orders = random.poisson(np.maximum(14.0 + 3.0 * effect - luck, 0.5)) * (state < 2)
    flows = {
        "orders": orders,
        "delivered": orders,
        "late": random.binomial(orders, np.clip(0.06 - 0.04 * effect, 0.0, 1.0)),
        "profit": orders * (4.0 + 0.6 * effect) - 10.0,
        "contacts": random.binomial(orders, 0.1),
    }
    mix = np.array([0.08, 0.05, 0.08, 0.2, 0.59])
    for kind, rate in (("feedback", 0.3), ("reviews", 0.1)):
        for stars in range(5):
            tilt = 1.0 + 0.3 * effect * (stars - 2.5) / 2.5
            flows[f"{kind}_{stars + 1}"] = random.binomial(orders, rate * mix[stars] * tilt)
    levels = _levels(effect, luck, wave, state, flows)
    rows = np.arange(days) % every == every - 1
    weekly = {name: _summed(values, every, rows) for name, values in flows.items()}
    daily = {name: (values * np.ones(shape))[:, :, rows] for name, values in levels.items()}
    a, r, d = np.meshgrid(
        np.arange(len(arms)), np.arange(replicates), np.arange(1, days + 1)[rows], indexing="ij"
    )
    names = np.array(arms, dtype=object)[a.ravel()]
    columns: Columns = {"arm": names, "replicate": r.ravel(), "day": d.ravel()}
    columns |= {name: values.ravel() for name, values in (weekly | daily).items()}
    columns["state"] = np.array(STATES, dtype=object)[columns["state"].astype(int)]
    return columns


def _summed(values: np.ndarray, every: int, rows: np.ndarray) -> np.ndarray:
    totals = np.cumsum(values, axis=2)[:, :, rows]
    return np.diff(totals, axis=2, prepend=np.zeros_like(totals[:, :, :1]))


def _states(effect: np.ndarray, luck: np.ndarray, random: np.random.Generator) -> np.ndarray:
    pressure = -effect + luck + random.normal(0.0, 0.1, luck.shape).cumsum(axis=2) / 8.0
    state = (pressure > 0.9).astype(int) + (pressure > 1.4)
    closed = np.maximum.accumulate(pressure > 1.9, axis=2)
    return np.where(closed, 3, state)


def _levels(
    effect: np.ndarray, luck: np.ndarray, wave: np.ndarray, state: np.ndarray, flows: Columns
) -> Columns:
    window = np.maximum(_trailing(flows["orders"], 60), 0.0)
    rate = np.clip(0.012 - 0.007 * effect + 0.003 * luck, 0.0005, 1.0)
    off = state >= 2
    rng = np.random.default_rng(3)
    return {
        "judged_service": flows["orders"],
        "felt_service": np.where(flows["orders"] > 0, 4.1 + 0.3 * effect - 0.2 * luck, np.nan),
        "judged_product": flows["delivered"],
        "felt_product": np.where(flows["orders"] > 0, 4.2 + 0.1 * wave, np.nan),
        "window_orders": window,
        "window_defects": np.floor(window * rate + 0.5 + 0.6 * wave).clip(0),
        "state": state,
        "n_reviews": 80 + np.cumsum(sum(flows[f"reviews_{k}"] for k in range(1, 6)), axis=2),
        "stars": np.round(np.clip(4.1 + 0.25 * effect + 0.2 * wave, 1.0, 5.0), 1),
        "position": np.where(off, 13.0, np.clip(6.5 - 3.0 * effect + wave + luck, 1.0, 12.0)),
        "on_sale": 1.0 - off,
        "rival_orders": rng.poisson(12.0 - 0.3 * effect * np.ones_like(luck)),
        "rival_profit": 45.0 - effect,
        "rival_window_orders": 11 * 60 * 12.0 * np.ones_like(luck),
        "rival_window_defects": 11 * 60 * 12 * 0.0035 * (1 + 0.05 * wave),
        "rival_position": 6.6 + 0.25 * effect,
        "rival_stars": 4.2 + 0.02 * wave,
        "rival_trouble": np.clip(0.06 + 0.02 * wave, 0.0, 1.0),
    }


def _trailing(values: np.ndarray, window: int) -> np.ndarray:
    sums = np.cumsum(values, axis=2, dtype=float)
    before = np.zeros_like(sums)
    before[:, :, window:] = sums[:, :, :-window]
    return sums - before


# ---------------------------------------------------------------- summary and manifest


def measured_of(focal: Columns, manifest: dict[str, Any]) -> Measured:
    """(part, whole) of the metrics that the made-up columns can tell."""
    arms = [arm["name"] for arm in manifest["arms"]]
    period = focal["day"] > manifest["warm_up"]
    found: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for arm in arms:
        for replicate in manifest["replicates"]:
            rows = period & (focal["arm"] == arm) & (focal["replicate"] == replicate)
            mine = {name: column[rows] for name, column in focal.items()}
            for metric, pair in _pairs(mine).items():
                found.setdefault((arm, metric), []).append(pair)
    return {key: np.array(pairs, float) for key, pairs in found.items()}


def _pairs(rows: Columns) -> dict[str, tuple[float, float]]:
    days = float(rows["day"].max() - rows["day"].min() + 1)
    n, month = len(rows["day"]), MONTH_DAYS / days
    orders = float(rows["orders"].sum())
    above = rows["window_defects"] > LIMIT * rows["window_orders"]
    rate = rows["window_defects"].sum() / max(rows["window_orders"].sum(), 1)
    rivals_rate = rows["rival_window_defects"].sum() / rows["rival_window_orders"].sum()
    rivals_orders = float(rows["rival_orders"].sum())
    pairs = {
        "odr": (float(np.round(rate * orders)), orders),
        "days_above_limit": (float(above.sum()), float(n)),
        "deactivated": (float(np.isin(rows["state"], ["deactivated", "closed"]).any()), 1.0),
        "on_sale": (float(rows["on_sale"].sum()), float(n)),
        "orders": (orders * month, 1.0),
        "profit": (rows["profit"].sum() * month, 1.0),
        "rivals_orders": (rivals_orders * month, 1.0),
        "rivals_odr": (float(np.round(rivals_rate * rivals_orders)), rivals_orders),
        "rivals_profit": (rows["rival_profit"].sum() * month, 1.0),
        "rivals_position": (float(rows["rival_position"].mean()), 1.0),
        "position": (float(rows["position"].mean()), 1.0),
        "stars": (float(rows["stars"][-1]), 1.0),
    }
    for name in ("feedback", "reviews"):
        pairs[name] = (sum(rows[f"{name}_{k}"].sum() for k in range(1, 6)) * month, 1.0)
    return pairs


def manifest_of(
    arms: Sequence[str], replicates: int, days: int, warm_up: int = 30
) -> dict[str, Any]:
    """As the runner writes it, with two parameters that the arms touch."""
    on_time = {
        "path": f"sellers.{FOCAL}.on_time",
        "value": 0.9,
        "base": 0.98,
        "unit": "p",
        "status": "design",
        "source": "a choice of whoever writes the market",
        "low": 0.02,
        "high": 0.9999,
    }
    apology = {
        "path": "reconsidering.apology",
        "value": 0.3,
        "base": 0.45,
        "unit": "p",
        "status": "assumed",
        "source": "published values lie between .20 and .55",
        "low": 0.2,
        "high": 0.55,
    }
    return {
        "name": "made-up",
        "about": "Numbers made up for tests.",
        "question": "Does good service pay, and does it pay to answer bad feedback?",
        "focal": FOCAL,
        "baseline": arms[0],
        "seed": 1,
        "days": days,
        "warm_up": warm_up,
        "run_out": 150,
        "vary": "world",
        "replicates": list(range(replicates)),
        "failed": [],
        "record": "daily",
        "recorded_as": "daily",
        "limit": LIMIT,
        "window_days": 60,
        "lag_days": 15,
        "platform": "amazon_2016",
        "n_rivals": N_RIVALS,
        "n_listings": 4,
        "listings_in_category": {"kitchen": 12, "garden": 12},
        "arms": [
            {
                "name": name,
                "about": f"Arm {i} of {len(arms)}.",
                "placebo": False,
                "rebuilt": False,
                "slug": f"arm-{i}",
                "platform": "amazon_2016",
                "limit": LIMIT,
                "changes": [on_time, apology][: i % 3],
            }
            for i, name in enumerate(arms)
        ],
        "placebo": {},
        "warnings": [],
        "command": "python run.py run configs/quickstart.yaml",
        "config_as_given": "name: made-up\nseed: 1\n",
        "overrides": [],
        "config_resolved": {},
        "model_version": "0.1.0",
        "code_fingerprint": "0123456789abcdef",
        "commit": None,
        "versions": {"python": "3.11.8", "numpy": "2.2.0"},
        "content_hash": "feedface",
        "rows": {},
        "from_real_statistics": {},
        "times": {"wall_s": 20.0},
    }
