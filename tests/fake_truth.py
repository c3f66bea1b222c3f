"""Tables of markets that never were, with truths that are known by formula.

Every replicate of every arm is drawn from stated distributions: some skewed, some small counts,
some nearly always zero. The arms of a replicate share most of their luck, as in the simulation.
Totals of the measured period are put into tables with the columns of the core, behind a warm-up
full of numbers that must not be measured.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

FOCAL, RIVAL = "Northwind", "Rival 1"
ARMS = ("base", "mild", "strong", "worse")
WARM_UP, PERIOD = 10, 30
MONTHS = PERIOD / (365.0 / 12.0)

# One entry per arm, the baseline first.
GROWTH = np.array([0.0, 0.1, 0.4, -0.2])  # of log profit
KEPT = np.array([0.8, 0.7, 0.3, 1.0])  # of bad events that could happen
SOLD = np.array([0.7, 0.75, 0.9, 0.65])  # of orders that could be placed
NEGATIVE = np.array([0.15, 0.12, 0.05, 0.3])  # of feedback
LOST = np.array([0.08, 0.05, 0.01, 0.25])  # risk of deactivation
TROUBLE = np.array([0.15, 0.10, 0.02, 0.40])  # risk of a spell above the limit
OFF = np.array([0.30, 0.20, 0.05, 0.50])  # risk of a spell off sale
STARS = np.array([4.2, 4.25, 4.4, 4.0])

PROFIT, PROFIT_SPREAD, ARM_SPREAD = 1000.0, 0.8, 0.3
ORDERS, ORDERS_SPREAD = 150.0, 0.4
DEFECTS, LATE, BURST, BURSTS = 0.012, 0.001, 0.02, 0.3
FEEDBACK, CONTACTS, UNREVIEWED = 2.0, 1.5, 0.15
TROUBLE_DAYS, OFF_DAYS = 20, 15  # longest spells; all lengths from 1 are as likely


def _truths() -> dict[str, np.ndarray]:
    orders = ORDERS * math.exp(ORDERS_SPREAD**2 / 2)
    profit = PROFIT * np.exp(GROWTH + (PROFIT_SPREAD**2 + ARM_SPREAD**2) / 2)
    return {
        "profit": profit / MONTHS,
        "orders": orders * SOLD / MONTHS,
        "contacts": CONTACTS * KEPT / MONTHS,
        "stars": STARS,
        "odr": DEFECTS * KEPT / SOLD,
        "late": LATE * KEPT / SOLD,
        "rivals_odr": BURSTS * BURST * KEPT,
        "negative_feedback": NEGATIVE,
        "deactivated": LOST,
        "days_above_limit": TROUBLE * (TROUBLE_DAYS + 1) / 2 / PERIOD,
        "on_sale": 1.0 - OFF * (OFF_DAYS + 1) / 2 / PERIOD,
    }


TRUTHS = _truths()
"""Metric -> true value of every arm [arms], in the unit of the metric."""

NATURE = {
    "profit": "log-normal",
    "orders": "log-normal times Poisson",
    "contacts": "Poisson, mean 1.2",
    "stars": "normal, 15 % missing",
    "odr": "gamma rates, 29 defects in all",
    "late": "2 late in all",
    "rivals_odr": "none in 70 % of replicates",
    "negative_feedback": "2 feedbacks each, some none",
    "deactivated": "8 % of replicates",
    "days_above_limit": "spells in 15 % of replicates",
    "on_sale": "spells in 30 % of replicates",
}
"""Metric -> what the baseline's numbers are like, over 20 replicates."""


@dataclass(frozen=True)
class Totals:
    """What happened in the measured period; every array [replicates, arms]."""

    profit: np.ndarray
    orders: np.ndarray
    defects: np.ndarray
    late: np.ndarray
    rival_orders: np.ndarray
    rival_defects: np.ndarray
    contacts: np.ndarray
    feedback: np.ndarray
    negative: np.ndarray
    deactivated: np.ndarray
    trouble_days: np.ndarray
    off_days: np.ndarray
    stars: np.ndarray


def draw(rng: np.random.Generator, n: int) -> Totals:
    """``n`` replicates of all arms."""
    shape, one = (n, len(ARMS)), (n, 1)

    def kept(events: np.ndarray, shares: np.ndarray) -> np.ndarray:
        return rng.binomial(np.broadcast_to(events, shape), shares)

    def mostly_shared() -> np.ndarray:
        return np.where(rng.random(shape) < 0.7, rng.random(one), rng.random(shape))

    def spells(risk: np.ndarray, longest: int) -> np.ndarray:
        return (mostly_shared() < risk) * np.ceil(longest * mostly_shared())

    profit = PROFIT * np.exp(PROFIT_SPREAD * rng.normal(size=one) + GROWTH)
    orders = rng.poisson(ORDERS * np.exp(ORDERS_SPREAD * rng.normal(size=one)))
    rates = rng.gamma(1.5, DEFECTS / 1.5, one)
    bursts = (rng.random(one) < BURSTS) * rng.gamma(1.5, BURST / 1.5, one)
    rival_orders = rng.poisson(np.full(one, 100.0))
    feedback = rng.poisson(np.full(one, FEEDBACK))
    stars = STARS + 0.2 * rng.normal(size=one) + 0.1 * rng.normal(size=shape)
    return Totals(
        profit=profit * np.exp(ARM_SPREAD * rng.normal(size=shape)),
        orders=kept(orders, SOLD),
        defects=kept(rng.poisson(orders * rates), KEPT),
        late=kept(rng.poisson(orders * LATE), KEPT),
        rival_orders=np.broadcast_to(rival_orders, shape),
        rival_defects=kept(rng.poisson(rival_orders * bursts), KEPT),
        contacts=kept(rng.poisson(np.full(one, CONTACTS)), KEPT),
        feedback=np.broadcast_to(feedback, shape),
        negative=kept(rng.binomial(feedback, 0.5), NEGATIVE / 0.5),
        deactivated=mostly_shared() < LOST,
        trouble_days=spells(TROUBLE, TROUBLE_DAYS),
        off_days=spells(OFF, OFF_DAYS),
        stars=np.where(rng.random(one) < UNREVIEWED, np.nan, stars),
    )


# ---------------------------------------------------------------- as tables

Tables = dict[str, dict[str, np.ndarray]]
_DAYS = np.arange(1, WARM_UP + PERIOD + 1)
_SINCE = np.repeat(_DAYS - WARM_UP, 2)  # of both sellers' rows; 1 = first measured day
_OWN, _RIVAL = 2 * WARM_UP, 2 * WARM_UP + 1  # rows of the first measured day
_FLOWS = ("orders", "dispatched", "delivered", "late", "complaints", "returns", "claims")
_FLOWS += ("revenue", "profit", "cancelled", "contacts", "defects", "queue")
_FLOWS += ("forbidden", "found_out", "spent_quality", "spent_service", "spent_outreach")
_FLOWS += ("fines", "withheld", "points", "breaches", "offers", "featured", "score")
_FLOWS += tuple(f"feedback_{k}" for k in range(1, 6))
_FELT = ("felt_service", "felt_product", "judged_service", "judged_product")


def _before() -> Tables:
    """What is the same in every run: a busy warm-up, then nothing."""
    both, n = len(_DAYS), 2 * len(_DAYS)
    sellers = {name: np.where(_SINCE < 1, 7.0, 0.0) for name in _FLOWS}
    listings = {f"reviews_{k}": np.zeros(n, np.int32) for k in range(1, 6)}
    names = {"seller": (FOCAL, RIVAL), "listing": ("Pan", "Pot"), "category": ("kitchen",) * 2}
    text = {name: np.array(pair * both, dtype=object) for name, pair in names.items()}
    day = {"day": np.repeat(_DAYS, 2)}
    return {
        "sellers": day
        | {"seller": text["seller"], "window_orders": np.full(n, 100.0)}
        | sellers
        | {name: np.full(n, 0.0 if "judged" in name else np.nan) for name in (*_FELT, "odr")},
        "listings": day
        | text
        | listings
        | {"orders": np.zeros(n), "quality": np.tile([0.6, 0.5], both)},
        "market": {"day": _DAYS, **{name: np.zeros(both) for name in _FELT}},
    }


_SAME = _before()


def tables(totals: Totals, replicate: int, arm: int) -> Tables:
    """Tables "sellers", "listings" and "market" of one run, with what metrics read."""

    def of(name: str) -> float:
        return float(getattr(totals, name)[replicate, arm])

    own = {name: of(name) for name in ("profit", "orders", "defects", "late", "contacts")}
    own |= {"delivered": of("orders"), "feedback_1": of("negative")}
    own |= {"feedback_5": of("feedback") - of("negative")}
    sellers = dict(_SAME["sellers"])
    for name, total in own.items():
        sellers[name] = sellers[name].copy()
        sellers[name][_OWN] = total
    sellers["orders"][_RIVAL], sellers["defects"][_RIVAL] = of("rival_orders"), of("rival_defects")
    sellers["window_defects"] = np.where(of("trouble_days") >= _SINCE, 5.0, 1.0)
    down = (_SINCE < 1) | ((_SINCE >= 20) & bool(of("deactivated")))
    sellers["state"] = np.where(down, "deactivated", "healthy")
    on_sale = (_SINCE < 1) | (of("off_days") < _SINCE)
    listings = _SAME["listings"] | {
        "on_sale": on_sale.astype(np.int32),
        "position": np.where(on_sale, 1.0, 3.0),
        "stars": np.full(len(_SINCE), of("stars")),
    }
    return {"sellers": sellers, "listings": listings, "market": _SAME["market"]}
