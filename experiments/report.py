"""A run on the screen: the focal seller beside its rivals, and what that means in plain words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sim.config.market import Market

if TYPE_CHECKING:
    from rich.table import Table

    from experiments.bands import Outcome

Columns = Mapping[str, np.ndarray]
MOST_RIVALS = 24
TROUBLE = ("at risk", "deactivated", "closed")


@dataclass(frozen=True)
class Ratio:
    """A share that never goes without its fraction."""

    part: int
    whole: int

    @property
    def value(self) -> float:
        return self.part / self.whole if self.whole else float("nan")

    def text(self, narrow: bool = False) -> str:
        """``0.37 % (19 of 5,123)``, or the same on two short lines."""
        if not self.whole:
            return "-"
        gap, of = ("\n", "/") if narrow else (" ", " of ")
        return f"{100 * self.value:.2f} %{gap}({self.part:,}{of}{self.whole:,})"


@dataclass(frozen=True)
class Summary:
    """One seller over the recorded days."""

    seller: str
    orders: int
    odr: Ratio
    state: str
    days_in_trouble: int
    late: Ratio
    negative: Ratio
    stars: float
    n_reviews: int
    position: float
    profit: float


def summaries(sellers: Columns, listings: Columns, market: Market) -> dict[str, Summary]:
    """One summary per seller, in the order of the tables."""
    negative = market.platform.feedback.negative_up_to
    # One pass over the rows of a seller each, as tables hold a row per seller and day.
    rows_of = _rows_by(sellers["seller"])
    listings_of = _rows_by(listings["seller"])
    nothing = np.array([], dtype=int)
    return {
        name: _summary(
            name,
            {key: column[rows] for key, column in sellers.items()},
            {key: column[listings_of.get(name, nothing)] for key, column in listings.items()},
            negative,
        )
        for name, rows in rows_of.items()
    }


def _rows_by(names: np.ndarray) -> dict[str, np.ndarray]:
    unique, first, inverse = np.unique(names.astype(str), return_index=True, return_inverse=True)
    order = np.argsort(inverse, kind="stable")
    groups = np.split(order, np.cumsum(np.bincount(inverse))[:-1])
    return {str(unique[i]): groups[i] for i in np.argsort(first)}


def _summary(name: str, seller: Columns, listing: Columns, negative_up_to: int) -> Summary:
    total = {key: int(column.sum()) for key, column in seller.items() if column.dtype.kind in "iu"}
    feedback = [total[f"feedback_{stars}"] for stars in range(1, 6)]
    last = listing["day"] == (listing["day"].max() if len(listing["day"]) else 0)
    n_reviews = listing["n_reviews"][last]
    # Listings without reviews have no stars.
    stars = np.nansum(listing["stars"][last] * n_reviews) / max(n_reviews.sum(), 1)
    return Summary(
        seller=name,
        orders=total["orders"],
        odr=Ratio(total["defects"], total["orders"]),
        state=str(seller["state"][-1]),
        days_in_trouble=int(np.isin(seller["state"].astype(str), TROUBLE).sum()),
        late=Ratio(total["late"], total["delivered"]),
        negative=Ratio(sum(feedback[:negative_up_to]), sum(feedback)),
        stars=float(stars) if n_reviews.sum() else float("nan"),
        n_reviews=int(n_reviews.sum()),
        position=float(listing["position"].mean()) if len(listing["day"]) else float("nan"),
        profit=float(seller["profit"].sum()),
    )


def seller_table(
    found: dict[str, Summary], focal: str, market: Market, *, narrow: bool = False
) -> Table:
    """The focal seller first, then its rivals by orders; ``narrow`` fits 80 columns."""
    from rich import box
    from rich.table import Table

    rivals = sorted((s for s in found.values() if s.seller != focal), key=lambda s: -s.orders)
    table = Table(
        title=f"{market.name}: {len(found)} sellers over {market.days} days (seed {market.seed})",
        caption="\n".join(_notes(found, len(rivals), narrow)),
        box=box.SIMPLE_HEAD,
        padding=(0, 0) if narrow else (0, 1, 0, 0),
    )
    gap = "\n" if narrow else " "
    table.add_column("Seller", no_wrap=True, max_width=12 if narrow else 20, overflow="ellipsis")
    headers = ["Orders", "ODR", "State", "Late", f"Negative{gap}feedback", f"Stars{gap}(reviews)"]
    headers += [f"Profit{gap}USD"] if narrow else ["Position", "Profit USD"]
    for name in headers:
        table.add_column(name, justify="left" if name == "State" else "right", no_wrap=True)
    table.add_row(*_cells(found[focal], narrow), style="bold", end_section=True)
    for summary in rivals[:MOST_RIVALS]:
        table.add_row(*_cells(summary, narrow))
    return table


def _notes(found: dict[str, Summary], n_rivals: int, narrow: bool) -> list[str]:
    notes = [
        "ODR: orders with a defect / orders placed in these days, once windows closed.",
        "Late: of delivered orders. Negative: of feedback left.",
    ]
    if narrow:
        notes.append("A wider terminal shows positions in search too.")
    else:
        notes[-1] += " Position in search: mean over days, 1 = top."
    if any(name.endswith("(2)") for name in found):
        notes.append("NAME (2) is the newcomer that took the place of NAME.")
    if n_rivals > MOST_RIVALS:
        notes.append(f"{n_rivals - MOST_RIVALS:,} more with fewer orders are not shown.")
    return notes


def _cells(summary: Summary, narrow: bool) -> list[str]:
    from rich.markup import escape

    stars = "-"
    if summary.n_reviews:
        gap = "\n" if narrow else " "
        stars = f"{summary.stars:.1f}{gap}({summary.n_reviews:,})"
    cells = [
        escape(summary.seller),
        f"{summary.orders:,}",
        summary.odr.text(narrow),
        summary.state,
        f"{100 * summary.late.value:.1f} %" if summary.late.whole else "-",
        summary.negative.text(narrow),
        stars,
    ]
    return cells + ([] if narrow else [f"{summary.position:.1f}"]) + [f"{summary.profit:,.0f}"]


def plain_words(found: dict[str, Summary], focal: str, market: Market) -> str:
    """The table for somebody who reads it for the first time."""
    limit = market.platform.odr.limit
    seller = found[focal]
    side = "below" if seller.odr.value <= limit else "above"
    above = [s for s in found.values() if s.odr.value > limit]
    troubled = [s for s in found.values() if s.days_in_trouble]
    noun = "seller" if len(found) == 1 else "sellers"
    return "\n".join(
        (
            "How to read this",
            "  The order defect rate (ODR) is the share of a store's orders that ended badly: with",
            "  negative feedback still standing, a claim granted against the store, or a",
            f"  chargeback. The platform wants it at or below {_percent(limit)}.",
            f"  {focal} had {seller.odr.part:,} such orders among {seller.odr.whole:,}: "
            f"{_percent(seller.odr.value)}, {side} the limit.",
            f"  {len(above)} of {len(found)} {noun} ended above it{_named(above)}.",
            f"  {len(troubled)} of {len(found)} {noun} spent a day or more at risk, deactivated or "
            f"closed{_named(troubled)}.",
            "  The platform acts on the rate of recent orders, and only where there are enough.",
            "  Few orders make the rate jump: that is why each rate stands with its fraction.",
        )
    )


def _percent(share: float) -> str:
    return f"{100 * share:.2f} %".replace(".00 %", " %")


def _named(sellers: list[Summary]) -> str:
    names = ", ".join(s.seller for s in sellers[:5])
    return f": {names}{', ...' if len(sellers) > 5 else ''}" if names else ""


def band_table(outcomes: list[Outcome]) -> Table:
    """Every band's mean over seeds, its standard error, and where it should lie."""
    from rich.table import Table

    table = Table(title=f"Base market, mean over {outcomes[0].seeds} seeds", title_justify="left")
    for heading in ("statistic", "mean ± s.e.", "band", "unit", "source", ""):
        table.add_column(heading, justify="right" if "mean" in heading else "left")
    for o in outcomes:
        table.add_row(
            o.band.name,
            f"{o.mean:.3f} ± {o.standard_error:.3f}",
            f"{o.band.low:g} to {o.band.high:g}",
            o.band.unit,
            o.band.source,
            "" if o.inside else "OUTSIDE",
        )
    return table


def measured_width(table: Table) -> int:
    """Columns that a table needs so that nothing wraps."""
    from rich.console import Console

    return Console(width=1000).measure(table).maximum
