"""The rules by which an arm lived, as its manifest states them: plain JSON, read without help."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb

LONG_AGO, FAR_AHEAD = -1_000_000, 1_000_000


@dataclass(frozen=True)
class Spell:
    """Days on which one market's settings held, both ends included."""

    first: int
    last: int
    market: dict[str, Any]


@dataclass(frozen=True)
class Rules:
    """All that is stated for an arm: its market in the warm-up, and after it."""

    days: int
    warm_up: int
    last_day: int
    """Of the run-out; what is known on its evening is final."""
    spells: tuple[Spell, ...]

    @property
    def market(self) -> dict[str, Any]:
        """The settings of the measured period."""
        return self.spells[-1].market

    @property
    def platform(self) -> dict[str, Any]:
        """The rule set of the measured period."""
        return self.market["platform"]

    def value(self, path: str) -> Any:
        """A value of the rule set by its dotted path, as in ``feedback.window_days``."""
        here: Any = self.platform
        for step in path.split("."):
            here = here[step]
        return here


def rules_of(manifest: dict[str, Any], arm: str) -> Rules:
    """The rules of an arm. Raises KeyError where the manifest does not hold them."""
    entry = next(entry for entry in manifest["arms"] if entry["name"] == arm)
    base, days = manifest["config_resolved"], manifest["days"]
    warm_up, last = manifest["warm_up"], manifest["days"] + manifest["run_out"]
    after = Spell(warm_up + 1, FAR_AHEAD, {**base, **entry["resolved"]})
    before = Spell(LONG_AGO, warm_up, {**base, **entry["resolved_in_warm_up"]})
    return Rules(days, warm_up, last, (before, after))


def leaves(part: dict[str, Any], name: str = "") -> Iterator[tuple[str, Any]]:
    """Every single value of a rule set, as ``feedback_window_days``; lists left out."""
    for key, value in part.items():
        path = f"{name}_{key}" if name else key
        if isinstance(value, dict) and key not in ("measures", "plausible"):
            yield from leaves(value, path)
        elif not isinstance(value, (dict, list)) and key not in ("about", "name"):
            yield path, value


def lay_down(con: duckdb.DuckDBPyConnection, rules: Rules) -> None:
    """Make the table ``rules``: a row per spell with every value of the rule set, by day.

    ``first_day`` and ``last_day`` say when they hold; ``warm_up``, ``days`` and ``final_day`` are
    those of the run. A value that is null in the rules is NULL.
    """
    rows = []
    for spell in rules.spells:
        whose = {"first_day": spell.first, "last_day": spell.last, "warm_up": rules.warm_up}
        whose |= {"days": rules.days, "final_day": rules.last_day}
        rows.append(whose | dict(leaves(spell.market["platform"])))
    names = list(rows[0])
    columns = ", ".join(f'"{name}" {_type([row[name] for row in rows])}' for name in names)
    con.execute(f"CREATE OR REPLACE TEMP TABLE rules ({columns})")
    marks = ", ".join("?" * len(names))
    con.executemany(f"INSERT INTO rules VALUES ({marks})", [[r[n] for n in names] for r in rows])


def _type(values: list[Any]) -> str:
    stated = [value for value in values if value is not None]
    if any(isinstance(value, str) for value in stated):
        return "VARCHAR"
    if stated and all(isinstance(value, bool) for value in stated):
        return "BOOLEAN"
    return "BIGINT" if all(isinstance(value, int) for value in stated) else "DOUBLE"
