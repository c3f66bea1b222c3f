"""Directories of results that are whole or absent, and tables as Parquet files in them."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.mistakes import UserError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from duckdb import DuckDBPyConnection

Tables = Mapping[str, Mapping[str, "np.ndarray"]]
WriteTable = Callable[[Path, Mapping[str, "np.ndarray"]], None]
WriteQuery = Callable[[Path, "pd.DataFrame", str], None]
RESULTS = Path("results")
PARQUET = "(FORMAT parquet, COMPRESSION zstd)"
PASSING = "(FORMAT parquet, COMPRESSION uncompressed)"
"""Of files that are soon joined into one."""


class Target:
    """A results directory in the making: ``partial`` until it is whole, then ``path``."""

    def __init__(self, out: Path | None, name: str) -> None:
        self.stem = slug(name) or "market"
        self.numbered = out is None
        self.path = _free(self.stem) if out is None else out
        whole = self.path.resolve()
        if whole == whole.parent:
            raise UserError(f"{out}: a root; allowed: a new or empty directory")
        self.partial = whole.with_name(f"{whole.name}.partial-{os.getpid()}")

    def finish(self) -> None:
        """Give the directory its name. Raises UserError when somebody else took it meanwhile."""
        while True:
            try:
                if self.path.is_dir():
                    self.path.rmdir()
                self.partial.rename(self.path)
                return
            except OSError as error:
                if not self.numbered:
                    raise UserError(f"{self.path}: {error.strerror}") from error
                self.path = _free(self.stem)


def _free(stem: str) -> Path:
    """``results/stem-n`` with the first n that is not taken."""
    n = 1
    while (RESULTS / f"{stem}-{n}").exists():
        n += 1
    return RESULTS / f"{stem}-{n}"


def slug(name: str) -> str:
    """A name as part of a file name: letters, digits, dots, dashes; empty when nothing is left."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.").lower()


@contextmanager
def results_directory(out: Path | None, name: str) -> Iterator[Target]:
    """A directory to write into that takes its name only when the block ends well.

    Whatever ends the block otherwise, Ctrl-C included, removes it. Raises UserError when ``out``
    holds something already or cannot be made.
    """
    target = Target(out, name)
    try:
        if target.path.exists() and not (target.path.is_dir() and not any(target.path.iterdir())):
            raise UserError(f"{target.path}: exists already; allowed: a new or empty directory")
        _sweep(target.partial.parent)
        target.partial.mkdir(parents=True)
    except OSError as error:
        raise UserError(f"{target.path}: cannot be written: {error.strerror}") from error
    try:
        yield target
        target.finish()
    except BaseException:
        shutil.rmtree(target.partial, ignore_errors=True)
        raise


def _sweep(folder: Path) -> None:
    """Remove what runs that were killed have left half made."""
    for partial in folder.glob("*.partial-*"):
        _, _, owner = partial.name.rpartition("-")
        if owner.isdecimal() and not _is_alive(int(owner)):
            shutil.rmtree(partial, ignore_errors=True)


def _is_alive(process: int) -> bool:
    if os.name != "posix":
        return True  # asking would end it
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


@contextmanager
def table_writer() -> Iterator[tuple[WriteTable, WriteQuery]]:
    """Write tables as Parquet over one connection, as opening one takes longer than a table.

    The first writes columns, the second what a query makes of a data frame called ``frame``.
    """
    import pandas as pd

    with _database() as connection:
        connection.execute("SET threads = 1")

        def write(file: Path, columns: Mapping[str, np.ndarray]) -> None:
            connection.register("frame", pd.DataFrame(dict(columns)))
            connection.execute(f"COPY frame TO {_quoted(file)} {PARQUET}")

        def write_query(file: Path, frame: pd.DataFrame, query: str) -> None:
            connection.register("frame", frame)
            connection.execute(f"COPY ({query}) TO {_quoted(file)} {PASSING}")

        yield write, write_query


def write_table(columns: Mapping[str, np.ndarray], file: Path) -> None:
    """Write one table as Parquet; the folder must exist."""
    with table_writer() as (write, _):
        write(file, columns)


def join_tables(parts: Sequence[Path], file: Path) -> int:
    """Write the rows of many Parquet files, in that order, into one; returns how many rows.

    Several threads would keep all of it in memory until it is in order again, and gain little.
    """
    with _database() as connection:
        connection.execute("SET threads = 1")
        listed = ", ".join(map(_quoted, parts))
        connection.execute(
            f"COPY (SELECT * FROM read_parquet([{listed}])) TO {_quoted(file)} {PARQUET}"
        )
        found = connection.execute(f"SELECT count(*) FROM {_quoted(file)}").fetchone()
    return int(found[0]) if found else 0


def read_table(file: Path, columns: Sequence[str] = ()) -> dict[str, np.ndarray]:
    """Columns of a Parquet file, all or those named. Raises UserError when it cannot be read."""
    import duckdb

    if not file.is_file():
        raise UserError(f"{file}: cannot be read: no such file")
    wanted = ", ".join(columns) or "*"
    try:
        with _database() as connection:
            found: Any = connection.execute(f"SELECT {wanted} FROM {_quoted(file)}").fetchnumpy()
            return dict(found)
    except duckdb.Error as error:
        raise UserError(f"{file}: cannot be read: {str(error).splitlines()[0]}") from error


def shapes(files: Iterable[Path]) -> list[tuple[list[str], int]]:
    """Names of the columns and number of rows of Parquet files, from what they say of themselves.

    Raises UserError for the first that cannot be read.
    """
    import duckdb

    found = []
    with _database() as connection:
        for file in files:
            if not file.is_file():
                raise UserError(f"{file}: cannot be read: no such file")
            try:
                rows = connection.execute(f"SELECT count(*) FROM {_quoted(file)}").fetchall()
                about = connection.execute(f"DESCRIBE FROM {_quoted(file)}").fetchall()
            except duckdb.Error as error:
                raise UserError(f"{file}: cannot be read: {str(error).splitlines()[0]}") from error
            found.append(([name for name, *_ in about], int(rows[0][0])))
    return found


@contextmanager
def _database() -> Iterator[DuckDBPyConnection]:
    """A connection on which Ctrl-C is what it is elsewhere, and no error of a query."""
    import duckdb

    try:
        with duckdb.connect() as connection:
            yield connection
    except (RuntimeError, duckdb.Error) as error:
        said = str(error)
        if "interrupted" in said.lower():
            raise KeyboardInterrupt from error
        if isinstance(error, duckdb.IOException):
            raise UserError(f"cannot read or write tables: {said.splitlines()[0]}") from error
        raise


def _quoted(file: Path) -> str:
    return "'" + str(file).replace("'", "''") + "'"


def content_hash(tables: Tables) -> str:
    """Hash (hex) of what the tables say: equal for equal tables, whatever the files look like."""
    digest = hashlib.sha256()
    for name, columns in sorted(tables.items()):
        for column, values in columns.items():
            digest.update(f"{name}.{column}:{len(values)}\n".encode())
            if values.dtype.kind in "OUT":
                digest.update("\0".join(map(str, values)).encode())
            else:
                digest.update(values.astype(values.dtype.newbyteorder("<")).tobytes())
    return digest.hexdigest()
