"""Runs every check on every run of a result, and collects where table and ledger differ."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from experiments.audit import views
from experiments.audit.check import KEYS, Check, Difference, Run
from experiments.audit.checks import CHECKS
from experiments.audit.rules import Rules, lay_down, rules_of
from experiments.mistakes import UserError
from experiments.opening import read_manifest

MOST_KEPT = 3
"""Differences kept of a column in a run; all are counted."""
CLOSE = 1e-9
AGAINST_THE_RULES = ("set", "position", "freeze")
"""Interventions under which an arm does not live by the rules stated for it; others act on posts,
and are events of the ledger."""
LAID_BY = ("mine", "theirs", "compared")


class NoLedger(UserError):
    """The result keeps no ledger, so there is nothing to recompute from."""

    no_ledger = True


@dataclass
class Told:
    """What came of one check."""

    check: Check
    values: int = 0
    """Compared, or looked at."""
    wrong: int = 0
    on_edge: int = 0
    """Values that agree only with another that they may have: on an edge, or by a draw."""
    runs: int = 0
    why_not: str = ""
    """Why it was not made, where it was made in no run."""


@dataclass
class Audit:
    """What was checked, and what differs."""

    folder: Path
    arms: list[str]
    replicates: list[int]
    told: dict[str, Told]
    differences: list[Difference] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    """Arms in which an intervention sets something else than stated: nothing of them is checked."""

    @property
    def clean(self) -> bool:
        """Does everything agree?"""
        return not any(told.wrong for told in self.told.values())


def audit(folder: Path, checks: tuple[Check, ...] = CHECKS) -> Audit:
    """Recompute the daily tables of a result from its ledger.

    Raises NoLedger where it has none, UserError where there is no result or a damaged one.
    """
    manifest = read_manifest(folder)
    try:
        return _audit(folder, manifest, checks)
    except (KeyError, duckdb.IOException, duckdb.InvalidInputException) as error:
        raise UserError(f"{folder}: damaged: {error!r}") from error


def _audit(folder: Path, manifest: dict[str, Any], checks: tuple[Check, ...]) -> Audit:
    _refuse(folder, manifest)
    arms = [arm["name"] for arm in manifest["arms"]]
    made = Audit(folder, arms, manifest["replicates"], {c.name: Told(c) for c in checks})
    for arm in arms:
        rules = rules_of(manifest, arm)
        if any(i["do"] in AGAINST_THE_RULES for i in rules.market.get("interventions", ())):
            made.left_out.append(arm)
            continue
        for replicate in manifest["replicates"]:
            with duckdb.connect() as con:
                _open(con, folder, arm, replicate, rules)
                run = Run(con, arm, replicate, rules)
                for check in checks:
                    _make(made, check, run, folder)
    return made


def _refuse(folder: Path, manifest: dict[str, Any]) -> None:
    """Raise where there is nothing to recompute from."""
    rows = manifest["rows"]
    if "ledger" not in rows:
        raise NoLedger(
            f"{folder}: keeps no ledger, found record: {manifest.get('record')}; "
            "allowed for an audit: a result of record: ledger"
        )
    for name in ("ledger", *(table for table in KEYS if table in rows)):
        if not (folder / f"{name}.parquet").is_file():
            raise UserError(f"{folder}: damaged: {name}.parquet is missing")
    file = _quoted(folder / "ledger.parquet")
    with duckdb.connect() as con:
        counted = con.execute(f"SELECT count(*) FROM read_parquet({file})").fetchall()[0][0]
    if counted != rows["ledger"]:
        raise UserError(
            f"{folder}: damaged: found {counted} rows in ledger.parquet, and {rows['ledger']} "
            "in its manifest"
        )


def _open(
    con: duckdb.DuckDBPyConnection, folder: Path, arm: str, replicate: int, rules: Rules
) -> None:
    """Lay down the rules and the events of one run."""
    con.execute("SET threads = 2; SET preserve_insertion_order = false")
    lay_down(con, rules)
    hidden = ", ".join(("arm", "replicate", '"order"', *views.PRIVATE))
    signed = ", ".join(f"{name}::INT AS {name}" for name in views.SMALL)
    con.execute(
        f"CREATE TEMP TABLE ledger AS SELECT * EXCLUDE ({hidden}) REPLACE ({signed}), "
        '"order" AS order_id '
        f"FROM read_parquet({_quoted(folder / 'ledger.parquet')}) WHERE arm = ? AND replicate = ?",
        [arm, replicate],
    )
    views.lay_down(con)


def _make(made: Audit, check: Check, run: Run, folder: Path) -> None:
    """Make one check on one run."""
    told = made.told[check.name]
    if check.table and not (folder / f"{check.table}.parquet").is_file():
        told.why_not = f"this result has no table {check.table}"
        return
    if not check.if_(run.rules):
        told.why_not = "its rules have none of it"
        return
    told.runs += 1
    if check.table:
        _compare(made, told, run, folder)
    else:
        _look(made, told, run)


def _look(made: Audit, told: Told, run: Run) -> None:
    """A check without a table: whatever it finds wrong is a difference."""
    run.con.execute(f"CREATE OR REPLACE TEMP TABLE looked AS {told.check.query(run)}")
    counted = run.con.execute("SELECT count(*), count(wrong) FROM looked").fetchall()[0]
    told.values += counted[0]
    told.wrong += counted[1]
    if counted[1]:
        rows = run.con.execute(
            "SELECT day, who, wrong FROM looked WHERE wrong IS NOT NULL "
            f"ORDER BY day, who LIMIT {MOST_KEPT}"
        ).fetchall()
        made.differences += [
            Difference(told.check.name, run.arm, run.replicate, day, str(who), "", wrong, None)
            for day, who, wrong in rows
        ]


def _compare(made: Audit, told: Told, run: Run, folder: Path) -> None:
    """A check of a table: value by value."""
    check, con = told.check, run.con
    keys, last = KEYS[check.table], run.rules.days
    con.execute(f"CREATE OR REPLACE TEMP TABLE mine AS {check.query(run)}")
    file = _quoted(folder / f"{check.table}.parquet")
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE theirs AS SELECT {_names((*keys, *check.columns))} "
        f"FROM read_parquet({file}) WHERE arm = ? AND replicate = ? AND day <= {last}",
        [run.arm, run.replicate],
    )
    types = dict(con.execute("SELECT column_name, column_type FROM (DESCRIBE theirs)").fetchall())
    named = {name for (name,) in con.execute("SELECT column_name FROM (DESCRIBE mine)").fetchall()}
    fill = "NULL" if check.fill is None else str(check.fill)
    chosen = [f"coalesce(t.{k}, m.{k}) AS {k}" for k in keys]
    for name in check.columns:
        other = f'm."{name}_or"' if f"{name}_or" in named else "NULL::DOUBLE[]"
        chosen.append(f'{_value("t", name, types[name])} AS "{name}"')
        chosen.append(f'if(m.day IS NULL, {fill}, m."{name}") AS "{name}_mine"')
        chosen.append(f'{other} AS "{name}_or"')
    joined = " AND ".join(f"t.{k} IS NOT DISTINCT FROM m.{k}" for k in keys)
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE compared AS SELECT {', '.join(chosen)}, "
        "t.day IS NULL AS extra "
        f"FROM theirs t FULL JOIN (SELECT * FROM mine WHERE day BETWEEN 1 AND {last}) m "
        f"ON {joined}"
    )
    for name in check.columns:
        _count(made, told, run, name, types[name])
    for table in LAID_BY:  # no later check is to see them
        con.execute(f"DROP TABLE {table}")


def _count(made: Audit, told: Told, run: Run, name: str, type_: str) -> None:
    """Count and keep the differences of one column."""
    here = f'"{name}"'
    same, alike = (_same(here, other, type_) for other in (f'"{name}_mine"', "other"))
    edge = f'coalesce(list_bool_or(list_transform("{name}_or", lambda other: {alike})), false)'
    counted = run.con.execute(
        f"SELECT count(*), count(*) FILTER (extra OR NOT ({same} OR {edge})), "
        f"count(*) FILTER (NOT extra AND NOT {same} AND {edge}) FROM compared"
    ).fetchall()[0]
    told.values += counted[0]
    told.wrong += counted[1]
    told.on_edge += counted[2]
    if counted[1]:
        keys = KEYS[told.check.table]
        rows = run.con.execute(
            f'SELECT {_names(keys)}, "{name}_mine", if(extra, \'not there\', "{name}"::VARCHAR) '
            f"FROM compared WHERE extra OR NOT ({same} OR {edge}) "
            f"ORDER BY {_names(keys)} LIMIT {MOST_KEPT}"
        ).fetchall()
        made.differences += [
            Difference(
                told.check.name, run.arm, run.replicate, row[0],
                ", ".join(str(part) for part in row[1 : len(keys)] if part), name, row[-2], row[-1],
            )
            for row in rows
        ]  # fmt: skip


def _value(table: str, name: str, type_: str) -> str:
    """A value of a table; what is no number is missing."""
    value = f'{table}."{name}"'
    return f"CASE WHEN NOT isnan({value}) THEN {value} END" if _is_float(type_) else value


def _same(one: str, other: str, type_: str) -> str:
    exact = f"{one} IS NOT DISTINCT FROM {other}"
    if not _is_float(type_):
        return f"({exact})"
    near = f"abs({one} - {other}) <= {CLOSE} * greatest(1, abs({one}))"
    return f"({exact} OR coalesce({near}, false))"


def _is_float(type_: str) -> bool:
    return type_ in ("DOUBLE", "FLOAT")


def _names(names: tuple[str, ...]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
