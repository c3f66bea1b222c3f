"""What a check is: rows recomputed from the ledger, and what of a table they are compared with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

    from experiments.audit.rules import Rules

KEYS = {
    "sellers": ("day", "seller"),
    "listings": ("day", "listing"),
    "offers": ("day", "offer"),
    "market": ("day",),
    "standing": ("day", "seller", "listing", "measure"),
}
"""What tells the rows of a daily table apart within a run."""


@dataclass(frozen=True)
class Run:
    """One arm in one replicate: a connection that holds its events, and the rules it lived by.

    ``con`` has the tables of ``experiments/audit/views.py``, none of which holds anything private
    or anything of the daily tables.
    """

    con: duckdb.DuckDBPyConnection
    arm: str
    replicate: int
    rules: Rules


Sql = str | Callable[[Run], str]
"""A SELECT; or a function that makes one, which may lay down tables of its own on the way."""


@dataclass(frozen=True)
class Check:
    """One thing that is recomputed.

    ``table`` and ``columns``: what it is compared with. ``sql`` then gives rows with the table's
    keys and these columns; rows that it lacks count as ``fill``. A further column ``NAME_or`` lists
    what else column NAME may say: where a number lies on the edge of a rounding, where equal ones
    may stand in any order, or where something was drawn. Without a
    ``table``, ``sql`` gives one row for each thing it has looked at: day, who, and ``wrong``, in
    words, NULL where all is well. ``if_``: whether the rules have it at all.
    """

    name: str
    about: str
    sql: Sql
    table: str = ""
    columns: tuple[str, ...] = ()
    fill: int | None = 0
    if_: Callable[[Rules], bool] = field(default=lambda rules: True)

    def query(self, run: Run) -> str:
        """The SELECT for one run."""
        return self.sql if isinstance(self.sql, str) else self.sql(run)


@dataclass(frozen=True)
class Difference:
    """What was recomputed is not what the table says; of a check without a table, what is wrong."""

    check: str
    arm: str
    replicate: int
    day: int
    who: str
    column: str
    recomputed: object
    found: object

    def __str__(self) -> str:
        where = f"{self.check}: arm {self.arm}, replicate {self.replicate}, day {self.day}"
        where += f", {self.who}" if self.who else ""
        if not self.column:
            return f"{where}: {self.recomputed}"
        return f"{where}: {self.column} is {self.found}, recomputed {self.recomputed}"
