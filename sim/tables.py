"""The daily tables of a market as columns, in the words and units of its users."""

from __future__ import annotations

import numpy as np

from sim.config.platform import OdrRules
from sim.rules.odr import window
from sim.state import STATE_NAMES
from sim.world import World

Columns = dict[str, np.ndarray]
SPENT = ("spent_quality", "spent_service", "spent_outreach")
OF_OFFERS = ("platform_orders", "platform_defects", "offers", "live_offers", "featured")


def tables(
    w: World,
    *,
    days: int,
    first_date: int,
    odr: OdrRules,
    sellers: list[str],
    born: list[int],
    listings: list[str],
    categories: list[str],
    measures: list[str],
) -> dict[str, Columns]:
    """Tables "sellers", "listings", "market": one row per day (and seller or listing), day first.

    "standing", where something is measured: one row per day, seller (or listing) and measure.

    Rows of an entrant start with its first day. Rates are NaN where there were no orders.
    """
    first_days = np.maximum(1, np.array(born))
    owner = w.listings["seller"][: len(listings)]
    found = {
        "sellers": _rows(_seller_columns(w, days, first_date, odr, sellers), first_days, days),
        "listings": _rows(
            _listing_columns(w, days, sellers, listings, categories), first_days[owner], days
        ),
        "market": _market_columns(w, days),
    }
    if measures:
        there = np.concatenate([first_days, first_days[owner]])
        found["standing"] = _standing_table(w, days, sellers, listings, measures, there)
    return found


def _rows(grids: Columns, first_days: np.ndarray, days: int) -> Columns:
    """Flatten grids [days, k] to rows, leaving out days before something was there."""
    there = np.arange(1, days + 1)[:, None] >= first_days[None, :]
    return {name: np.broadcast_to(grid, there.shape)[there] for name, grid in grids.items()}


def _windowed(counts: np.ndarray, first_date: int, days: int, odr: OdrRules) -> np.ndarray:
    """Sums over the ODR window of every day 1..days; counts [dates, k] -> [days, k]."""
    sums = np.vstack([np.zeros((1, counts.shape[1]), np.int64), np.cumsum(counts, axis=0)])
    out = np.empty((days, counts.shape[1]), np.int64)
    for day in range(1, days + 1):
        first, last = window(day, odr.window_days, odr.lag_days)
        lo, hi = max(0, first - first_date), max(0, last + 1 - first_date)
        out[day - 1] = sums[hi] - sums[lo]
    return out


def _ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore"):
        return np.where(whole > 0, part / np.maximum(whole, 1), np.nan)


def _seller_columns(
    w: World, days: int, first_date: int, odr: OdrRules, names: list[str]
) -> Columns:
    n = len(names)
    record = w.seller_days[1 : days + 1, :n]
    booked = w.books[1 - first_date : 1 - first_date + days, :n]
    final_orders = _windowed(w.books["orders"][:, :n], first_date, days, odr)
    final_defects = _windowed(w.books["defects"][:, :n], first_date, days, odr)
    counts = ("orders", "dispatched", "delivered", "late", "complaints", "returns", "claims")
    return {
        "day": np.arange(1, days + 1, dtype=np.int32)[:, None],
        "seller": np.array(names, dtype=object)[None, :],
        **{name: record[name] for name in counts},
        "revenue": record["revenue"] / 100.0,
        "profit": (record["revenue"] - record["costs"]) / 100.0,
        **{name: record[name] / 100.0 for name in (*SPENT, "fines", "withheld")},
        **{f"feedback_{k}": record[f"feedback_{k}"] for k in range(1, 6)},
        "defaults": record["defaults"],
        "cancelled": record["cancelled"],
        **{name: record[name] for name in ("contacts", "forbidden", "found_out")},
        **_felt(record),
        "defects": booked["defects"],
        "odr": _ratio(record["window_defects"], record["window_orders"]),
        "odr_final": _ratio(final_defects, final_orders),
        "window_orders": record["window_orders"],
        "window_defects": record["window_defects"],
        "state": np.array(STATE_NAMES, dtype=object)[record["state"]],
        "queue": record["queue"],
        "score": np.where(record["score"] >= 0.0, record["score"], np.nan),
        "points": record["points"],
        "breaches": record["breaches"],
        **{name: record[name] for name in OF_OFFERS},
    }


def _felt(record: np.ndarray | Columns) -> Columns:
    """Orders judged on a day, and the mean private stars of those."""
    columns = {}
    for part in ("service", "product"):
        n = record[f"judged_{part}"]
        columns[f"judged_{part}"] = n
        columns[f"felt_{part}"] = _ratio(record[f"felt_{part}"], n)
    return columns


def _listing_columns(
    w: World, days: int, sellers: list[str], names: list[str], categories: list[str]
) -> Columns:
    n = len(names)
    record, rows = w.listing_days[1 : days + 1, :n], w.listings[:n]
    counts = ("impressions", "examined", "orders")
    stars = np.where(record["tenths"] > 0, record["tenths"] / 10.0, np.nan)
    return {
        "day": np.arange(1, days + 1, dtype=np.int32)[:, None],
        "listing": np.array(names, dtype=object)[None, :],
        "seller": np.array(sellers, dtype=object)[rows["seller"]][None, :],
        "category": np.array(categories, dtype=object)[rows["category"]][None, :],
        **{name: record[name] for name in counts},
        **{f"reviews_{k}": record[f"reviews_{k}"].astype(np.int32) for k in range(1, 6)},
        "n_reviews": record["n_reviews"],
        "stars": stars,
        "score": record["score"],
        "position": record["position"],
        "on_sale": record["on_sale"].astype(np.int32),
        "quality": np.where(
            np.arange(1, days + 1)[:, None] >= rows["since"],
            rows["quality"],
            rows["quality_before"],
        ),
    }


def offer_table(
    w: World, days: int, sellers: list[str], listings: list[str], n_own: int
) -> Columns:
    """Table "offers": every offer on a listing with several, own ones (``n_own``) after others."""
    n = w.count("n_offers")
    record = w.offer_days[1 : days + 1, : n + n_own]
    slots = w.listings["own_slot"][: len(listings)]
    owns = np.flatnonzero(slots >= 0)
    owns = owns[np.argsort(slots[owns])]
    listing = np.append(w.offers["listing"][:n], owns)
    seller = np.append(w.offers["seller"][:n], w.listings["seller"][owns])
    named = [f"{sellers[s]}: {listings[k]}" for s, k in zip(seller, listing, strict=True)]
    grids = {
        "day": np.arange(1, days + 1, dtype=np.int32)[:, None],
        "offer": np.array(named, dtype=object)[None, :],
        "listing": np.array(listings, dtype=object)[listing][None, :],
        "seller": np.array(sellers, dtype=object)[seller][None, :],
        "price": record["price"] / 100.0,
        "orders": record["orders"],
        "live": record["live"].astype(np.int32),
        "featured": record["featured"].astype(np.int32),
        "position": record["position"],
    }
    return _rows(grids, np.ones(n + n_own, np.int64), days)


def _market_columns(w: World, days: int) -> Columns:
    record = w.market_days[1 : days + 1]
    sellers = w.seller_days[1 : days + 1]
    everyone = {
        name: sellers[name].sum(axis=1, dtype=np.int64)
        for name in ("judged_service", "judged_product", "felt_service", "felt_product")
    }
    said = {"said_feedback": "feedback", "said_reviews": "reviews"}
    columns = {"day": np.arange(1, days + 1, dtype=np.int32)}
    columns |= {name: record[name].copy() for name in record.dtype.names or () if name not in said}
    return (
        columns
        | _felt(everyone)
        | {name: _ratio(record[name], record[n]) for name, n in said.items()}
    )


def _standing_table(
    w: World, days: int, sellers: list[str], listings: list[str], names: list[str],
    first_days: np.ndarray,
) -> Columns:  # fmt: skip
    """Every day's stores and their measures, then listings and theirs."""
    owners = [sellers[k] for k in w.listings["seller"][: len(listings)]]
    parts = []
    for table, product, of, listing, first in (
        (w.standing_days, 0, sellers, [""] * len(sellers), first_days[: len(sellers)]),
        (w.product_standing_days, 1, owners, listings, first_days[len(sellers) :]),
    ):
        shown = np.flatnonzero(w.measures["product"] == product)
        if len(shown) == 0:
            continue
        column = (np.arange(len(of))[:, None] * len(names) + shown).ravel()
        record = table[1 : days + 1, column]
        grid: Columns = {
            "day": np.arange(1, days + 1, dtype=np.int32)[:, None],
            "seller": np.repeat(np.array(of, dtype=object), len(shown))[None, :],
            "listing": np.repeat(np.array(listing, dtype=object), len(shown))[None, :],
            "measure": np.tile(np.array(names, dtype=object)[shown], len(of))[None, :],
            **{name: record[name] for name in ("part", "whole", "value")},
            "breached": record["breached"].astype(np.int32),
        }
        parts.append(_rows(grid, np.repeat(first, len(shown)), days))
    together = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    order = np.argsort(together["day"], kind="stable")
    return {name: values[order] for name, values in together.items()}
