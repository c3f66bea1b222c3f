"""The tables of a result in a database of their own, which then has no way out.

Tables that a query names are loaded, missing numbers as NULL. One that is too large for that is
read from its file, which is then the one file that DuckDB may open.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.columns import NUMBER, SUMMARY, TEXT, WHOLE, Table
from experiments.mistakes import UserError
from experiments.opening import tables_of
from experiments.query_limits import Limits, out_of_memory

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

BYTES_PER_VALUE = 10
"""In memory, of a table with texts; 8.2 were measured on one of 26 columns."""

_WIDER = {
    **dict.fromkeys(("TINYINT", "UTINYINT", "SMALLINT", "USMALLINT"), "INTEGER"),
    "UINTEGER": "BIGINT",
}
"""Types in which a difference would not fit: 2 stars less 5 are an error without a sign."""

_SQL_TYPES = {TEXT: "VARCHAR", WHOLE: "BIGINT", NUMBER: "DOUBLE"}


@dataclass(frozen=True)
class Stored:
    """One table of a result as it lies in its file."""

    name: str
    file: Path
    rows: int
    columns: dict[str, str]
    """DuckDB's type by name of the column."""

    @property
    def bytes(self) -> int:
        """Memory that it takes when it is loaded, roughly."""
        return self.rows * len(self.columns) * BYTES_PER_VALUE

    def select(self) -> str:
        """SQL that reads it: of a number that is missing NULL, as NaN would spoil every mean."""
        parts = [self._column(name, type_) for name, type_ in self.columns.items()]
        return f"SELECT {', '.join(parts)} FROM {self._source()}"

    def _column(self, name: str, type_: str) -> str:
        column = _name(name)
        if self.file.suffix == ".csv" and type_ == "VARCHAR":
            return rf"regexp_replace({column}, '^''(''*[=+\-@\t\r])', '\1') AS {column}"
        if type_ in ("DOUBLE", "FLOAT"):
            return f"CASE WHEN isnan({column}) THEN NULL ELSE {column} END AS {column}"
        if type_ in _WIDER.values():
            return f"{column}::{type_} AS {column}"
        return column

    def _source(self) -> str:
        if self.file.suffix != ".csv":
            return f"read_parquet({_text(self.file)})"
        types = ", ".join(f"{_text(name)}: '{type_}'" for name, type_ in self.columns.items())
        form = "header = true, auto_detect = false, delim = ',', quote = '\"', escape = '\"'"
        return f"read_csv({_text(self.file)}, {form}, columns = {{{types}}})"


def stored_tables(folder: Path, manifest: dict[str, Any]) -> dict[str, Stored]:
    """Every table of an opened result by its name."""
    found = {}
    with _database() as connection:
        for name, file in tables_of(folder, manifest).items():
            about = connection.execute(f"DESCRIBE FROM read_parquet({_text(file)})").fetchall()
            columns = {str(c): _WIDER.get(str(type_), str(type_)) for c, type_, *_ in about}
            found[name] = Stored(name, file, manifest["rows"][name], columns)
    for name, table in _csv_tables().items():
        file = folder / f"{name}.csv"
        if file.is_file():
            columns = {column.name: _SQL_TYPES[column.type] for column in table.columns}
            found[name] = Stored(name, file, _rows_of_csv(file, columns), columns)
    return found


@contextmanager
def locked_database(
    tables: Iterable[Stored], limits: Limits, *, empty: bool = False
) -> Iterator[DuckDBPyConnection]:
    """A database that holds the tables and reaches nothing else: no files, network, settings.

    ``empty``: with their columns only, to look at a query before anything is loaded. Raises
    UserError for a file that cannot be read and for tables that do not fit into memory.
    """
    import duckdb

    in_place = []
    with _database(limits) as connection:
        for table in tables:
            name, rows = _name(table.name), " LIMIT 0" if empty else ""
            is_large = not empty and table.bytes > limits.memory // 2
            kind = "VIEW" if is_large and table.file.suffix == ".parquet" else "TABLE"
            in_place += [table.file] * (kind == "VIEW")
            try:
                connection.execute(f"CREATE {kind} {name} AS {table.select()}{rows}")
            except duckdb.OutOfMemoryException as error:
                raise UserError(out_of_memory(limits)) from error
            except duckdb.Error as error:
                said = str(error).splitlines()[0]
                raise UserError(f"{table.file}: cannot be read: {said}") from error
        if in_place:
            files = ", ".join(map(_text, in_place))
            connection.execute(f"SET allowed_paths = [{files}]")
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        yield connection


@contextmanager
def _database(limits: Limits | None = None) -> Iterator[DuckDBPyConnection]:
    """An empty database in memory that never writes to a disk or looks at Python's variables."""
    import duckdb

    from experiments.size import n_cores

    config: dict[str, Any] = {
        "python_enable_replacements": False,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "allow_community_extensions": False,
        "temp_directory": "",
        "threads": n_cores(),
    }
    if limits is not None:
        config["memory_limit"] = f"{limits.memory}B"
    with duckdb.connect(":memory:", config=config) as connection:
        yield connection


def _csv_tables() -> dict[str, Table]:
    from experiments.break_even_columns import BREAK_EVEN
    from experiments.flips_columns import FLIPS
    from experiments.regression_columns import REGRESSION

    return {
        "summary": SUMMARY,
        "break_even": BREAK_EVEN,
        "flips": FLIPS,
        "regression": REGRESSION,
    }


def _rows_of_csv(file: Path, columns: Collection[str]) -> int:
    try:
        with file.open(newline="", encoding="utf-8") as lines:
            rows = csv.reader(lines)
            if next(rows, None) != list(columns):
                raise UserError(f"{file}: damaged or foreign: not the columns of {file.name}")
            return sum(1 for _ in rows)
    except (OSError, ValueError, csv.Error) as error:
        raise UserError(f"{file}: cannot be read: {error}") from error


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(text: str | Path) -> str:
    return "'" + str(text).replace("'", "''") + "'"
