"""``python run.py query``: one SELECT over the tables of a result, or the list of those tables."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.mistakes import UserError
from experiments.opening import read_manifest
from experiments.query_limits import GIGABYTE, ROWS, Limits, end_command, memory_by_default, watched
from experiments.query_output import (
    Found,
    new_file,
    refuse_existing,
    table,
    write_csv,
    write_parquet,
)
from experiments.query_select import select_of, tables_in
from experiments.query_tables import Stored, locked_database, stored_tables

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, Statement

FORMS = ("csv", "parquet")
ROWS_ON_SCREEN = 100
"""Rows that are shown where nobody asks for a number of them."""

BATCH = 1_000
ZONED = "TIMESTAMP WITH TIME ZONE"


def limits_of(
    rows: int | None, seconds: float, gigabytes: float | None, *, on_screen: bool
) -> Limits:
    """The limits of a query from its options; None stands for what nobody stated."""
    memory = memory_by_default() if gigabytes is None else int(gigabytes * GIGABYTE)
    return Limits(rows or (ROWS_ON_SCREEN if on_screen else ROWS), seconds, memory)


def query(
    folder: Path, sql: str | None, form: str | None, out: Path | None, limits: Limits
) -> None:
    """Run one SELECT over a result and print what it finds, or write it to a new file.

    ``sql`` None lists the tables. ``form`` None: as the name of ``out`` ends, else a table. Raises
    UserError for what cannot be run or written; nothing is printed or written then.
    """
    if sql is None:
        if out is not None or form is not None:
            raise UserError("--to, --out: found no query; allowed: with one")
        return _list(folder)
    form = _form(form, out)
    if out is not None:
        refuse_existing(out)
    found = found_by(folder, sql, limits)
    if out is None and form is None:
        return _show(found)
    if out is None:
        write_csv(found, sys.stdout, "\n")
    else:
        with new_file(out) as making:
            if form == "parquet":
                write_parquet(found, making)
            else:
                with making.open("x", newline="", encoding="utf-8") as file:
                    write_csv(found, file)
    print(_counted(found) if out is None else f"{out}: {_counted(found)}", file=sys.stderr)


def found_by(
    folder: Path, sql: str, limits: Limits, end: Callable[[], None] = end_command
) -> Found:
    """What one SELECT finds in a result.

    Raises UserError for a directory that holds no whole result, for anything but one SELECT over
    its tables, for what DuckDB says of it, and when a limit is reached. ``end`` as in ``watched``.
    """
    import duckdb

    stored = stored_tables(folder, read_manifest(folder))
    try:
        with (
            locked_database(stored.values(), limits, empty=True) as connection,
            watched(connection, limits, end),
        ):
            names = _looked_at(sql, stored, connection)
        wanted = [stored[name] for name in stored if name in names]
        with (
            locked_database(wanted, limits) as connection,
            watched(connection, limits, end),
        ):
            return _rows(select_of(sql, stored, connection), limits.rows, connection)
    except duckdb.Error as error:
        raise UserError(_in_words(error, stored)) from error


def _looked_at(sql: str, stored: Mapping[str, Stored], connection: DuckDBPyConnection) -> set[str]:
    """Names of the tables that a SELECT reads, after every name in it has been found."""
    import duckdb

    statement = select_of(sql, stored, connection)
    try:
        bound = connection.sql(statement.query)
    except duckdb.Error:
        connection.execute(statement.query)  # the same mistake, said with its place
        raise
    for name, type_ in zip(bound.columns, map(str, bound.types), strict=True):
        if ZONED in type_:
            raise UserError(
                f'"{name}": found a time with a zone; allowed: times without, x::TIMESTAMP'
            )
    return tables_in(statement, connection)


def _rows(statement: Statement, most: int, connection: DuckDBPyConnection) -> Found:
    """At most so many rows; those beyond are never made."""
    connection.execute(statement)
    names, types = zip(*((str(d[0]), str(d[1])) for d in connection.description or ()), strict=True)
    rows: list[tuple[Any, ...]] = []
    while len(rows) <= most and (batch := connection.fetchmany(min(BATCH, most + 1 - len(rows)))):
        rows += batch
    return Found(names, types, rows[:most], len(rows) > most)


def _in_words(error: Exception, stored: Mapping[str, Stored]) -> str:
    """What DuckDB says, and for a name that is not there, those that are."""
    said = str(error).strip()
    if "not found in FROM" not in said and "does not have a column" not in said:
        return said
    listed = (f"{name}: {', '.join(one.columns)}" for name, one in stored.items())
    return "\n".join([said, "", "columns:", *listed])


def _form(form: str | None, out: Path | None) -> str | None:
    """``csv``, ``parquet`` or None, for the screen."""
    if out is None:
        if form == "parquet":
            raise UserError("--to parquet: found no file; allowed: with --out FILE")
        return form
    by_name = out.suffix.lower().removeprefix(".")
    if form is None and by_name not in FORMS:
        raise UserError(f"--out: found {out.name}; allowed: a name in .csv or .parquet, or --to")
    return form or by_name


def _counted(found: Found) -> str:
    n = len(found.rows)
    if found.is_cut:
        return f"The first {n:,} rows only, there are more: --limit N."
    return f"{n:,} row{'s' * (n != 1)}."


def _show(found: Found) -> None:
    from experiments.terminal import console

    screen = console()
    shown, columns = table(found, screen.width)
    screen.print(shown)
    print(_counted(found))
    if columns < len(found.names):
        left = len(found.names) - columns
        print(f"{left} of {len(found.names)} columns left out for want of room: --out FILE.csv")


def _list(folder: Path) -> None:
    """Every table with what a row stands for, and its columns."""
    from rich.text import Text

    from experiments.columns import TABLES
    from experiments.listings import plain_table
    from experiments.terminal import console

    stored = stored_tables(folder, read_manifest(folder))
    listed = plain_table(f"Tables of {folder}")
    listed.add_column(no_wrap=True)
    listed.add_column(justify="right", no_wrap=True)
    listed.add_column(overflow="fold")
    for name, one in stored.items():
        about = f"One row per {TABLES[name].row}.\n" if name in TABLES else ""
        columns = ", ".join(f"{c} {t}" for c, t in one.columns.items())
        said = Text(about).append(columns, style="dim")
        listed.add_row(Text(name, style="bold"), f"{one.rows:,} rows", said)
    console().print(listed)
    print("python run.py query DIR 'select …'; numbers that are missing are NULL.")
