"""Why an order defect rate changed: which defects came and went, and how many orders.

The rate is d / n, defective orders over orders in a window of order dates. Between two evenings

    d1/n1 − d0/n0 = (d1 − d0) · (1/n0 + 1/n1) / 2 − (n1 − n0) · (d0 + d1) / (2 n0 n1)

which is the mean of the two ways in which one could go over from the old counts to the new: first
the defects, then the orders, or the other way round (Shapley's value of the two counts). A defect
that came or went has the same share of the first term, each order that came in or aged out the same
share of the second. So the parts add up exactly, and they are kept as exact fractions.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import numpy as np

Part = Literal[
    "defects added", "defects withdrawn", "defects aged out", "orders in", "orders aged out"
]
OF_DEFECTS: dict[Part, int] = {
    "defects added": 1,
    "defects withdrawn": -1,
    "defects aged out": -1,
}
OF_ORDERS: dict[Part, int] = {"orders in": 1, "orders aged out": -1}
PARTS: tuple[Part, ...] = (*OF_DEFECTS, *OF_ORDERS)


@dataclass(frozen=True)
class Window:
    """Orders of a seller that the platform counted on an evening."""

    day: int
    first: int
    last: int
    """Order dates that count, both included."""
    keys: np.ndarray
    """Birth keys of the orders (uint64)."""
    placed: np.ndarray
    defect: np.ndarray
    """Reasons for which each counts as a defect, as bits; 0 = none does."""

    @property
    def orders(self) -> int:
        """Orders in the window."""
        return len(self.keys)

    @property
    def defects(self) -> int:
        """Of those, the defective ones."""
        return int(np.count_nonzero(self.defect))

    @property
    def rate(self) -> Fraction | None:
        """The order defect rate; None without orders."""
        return Fraction(self.defects, self.orders) if self.orders else None

    def rows(self) -> dict[int, tuple[int, int]]:
        """Order date and reasons by key."""
        columns = (self.keys.tolist(), self.placed.tolist(), self.defect.tolist())
        return {key: (placed, defect) for key, placed, defect in zip(*columns, strict=True)}


@dataclass(frozen=True)
class Defect:
    """A defective order that came or went."""

    order: int
    placed: int
    part: Part
    reasons: int
    """Bits: for which it counts now, or counted before it went."""
    with_order: bool = False
    """Did its order come into the window between the two evenings?"""


@dataclass(frozen=True)
class RateChange:
    """The change of an order defect rate between two evenings, and what it is made of."""

    seller: str
    before: Window
    after: Window
    defects: tuple[Defect, ...]
    orders_in: tuple[int, ...]
    """Order dates of the orders that came in."""
    orders_out: tuple[int, ...]

    @property
    def change(self) -> Fraction | None:
        """New rate minus old; None where there was none on one of the evenings."""
        old, new = self.before.rate, self.after.rate
        return None if old is None or new is None else new - old

    def of(self, part: Part) -> list[Defect]:
        """Defects of one part, in order of their orders."""
        return [defect for defect in self.defects if defect.part == part]

    def count(self, part: Part) -> int:
        """How many defects or orders a part is of."""
        if part in OF_DEFECTS:
            return len(self.of(part))
        return len(self.orders_in if part == "orders in" else self.orders_out)

    def each(self, part: Part) -> Fraction:
        """What one defect, or one order, of a part adds to the rate. Needs a rate on both."""
        n0, n1 = self.before.orders, self.after.orders
        if part in OF_DEFECTS:
            return OF_DEFECTS[part] * (Fraction(1, n0) + Fraction(1, n1)) / 2
        return -OF_ORDERS[part] * Fraction(self.before.defects + self.after.defects, 2 * n0 * n1)

    def parts(self) -> dict[Part, Fraction]:
        """What each part adds to the rate; they add up to ``change``. Empty where that is None."""
        if self.change is None:
            return {}
        return {part: self.count(part) * self.each(part) for part in PARTS}

    def largest(self) -> Part | None:
        """The part that stands for the change: the largest of those that moved it the way it went.

        None where nothing moved.
        """
        parts = {part: effect for part, effect in self.parts().items() if effect}
        went = self.change or Fraction(0)
        along = {part: effect for part, effect in parts.items() if effect * went >= 0}
        return max(along, key=lambda part: abs(along[part]), default=None)


def rate_change(seller: str, before: Window, after: Window) -> RateChange:
    """Take the change of an order defect rate apart."""
    old, new = before.rows(), after.rows()
    defects = []
    for order, (placed, reasons) in sorted(new.items(), key=lambda item: (item[1][0], item[0])):
        had = old[order][1] if order in old else 0
        if reasons and not had:
            defects.append(Defect(order, placed, "defects added", reasons, order not in old))
        elif had and not reasons:
            defects.append(Defect(order, placed, "defects withdrawn", had))
    for order, (placed, had) in sorted(old.items(), key=lambda item: (item[1][0], item[0])):
        if had and order not in new:
            defects.append(Defect(order, placed, "defects aged out", had))
    return RateChange(
        seller,
        before,
        after,
        tuple(defects),
        tuple(sorted(placed for order, (placed, _) in new.items() if order not in old)),
        tuple(sorted(placed for order, (placed, _) in old.items() if order not in new)),
    )
