"""Directories of results that are whole or absent, and tables as Parquet files in them."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from os import getpid
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.mistakes import UserError

if TYPE_CHECKING:
    import numpy as np
    from duckdb import DuckDBPyConnection

Tables = Mapping[str, Mapping[str, "np.ndarray"]]
RESULTS = Path("results")
PARQUET = "(FORMAT parquet, COMPRESSION zstd)"


class Target:
    """A results directory in the making: ``partial`` until it is whole, then ``path``."""

    def __init__(self, out: Path | None, name: str) -> None:
        self.stem = slug(name) or "market"
        self.numbered = out is None
        self.path = _free(self.stem) if out is None else out
        self.partial = self.path.with_name(f"{self.path.name}.partial-{getpid()}")

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
        target.partial.mkdir(parents=True)
    except OSError as error:
        raise UserError(f"{target.path}: cannot be written: {error.strerror}") from error
    try:
        yield target
        target.finish()
    except BaseException:
        shutil.rmtree(target.partial, ignore_errors=True)
        raise


def write_table(columns: Mapping[str, np.ndarray], file: Path) -> None:
    """Write one table as Parquet; the folder must exist."""
    write_tables({file: columns})


def write_tables(tables: Mapping[Path, Mapping[str, np.ndarray]]) -> None:
    """Write tables by file, over one connection, as opening one takes longer than a table."""
    import pandas as pd

    with _database() as connection:
        connection.execute("SET threads = 1")
        for file, columns in tables.items():
            connection.register("frame", pd.DataFrame(dict(columns)))
            connection.execute(f"COPY frame TO {_quoted(file)} {PARQUET}")


def join_tables(parts: Sequence[Path], file: Path) -> int:
    """Write the rows of many Parquet files, in that order, into one; returns how many rows."""
    with _database() as connection:
        listed = ", ".join(map(_quoted, parts))
        connection.execute(
            f"COPY (SELECT * FROM read_parquet([{listed}])) TO {_quoted(file)} {PARQUET}"
        )
        found = connection.execute(f"SELECT count(*) FROM {_quoted(file)}").fetchone()
    return int(found[0]) if found else 0


def read_table(file: Path) -> dict[str, np.ndarray]:
    """Columns of a Parquet file. Raises UserError when it cannot be read."""
    import duckdb

    try:
        with _database() as connection:
            found: Any = connection.execute(f"SELECT * FROM {_quoted(file)}").fetchnumpy()
            return dict(found)
    except duckdb.Error as error:
        raise UserError(f"{file}: cannot be read: {str(error).splitlines()[0]}") from error


@contextmanager
def _database() -> Iterator[DuckDBPyConnection]:
    """A connection on which Ctrl-C is what it is elsewhere, and no error of a query."""
    import duckdb

    try:
        with duckdb.connect() as connection:
            yield connection
    except (RuntimeError, duckdb.Error) as error:
        if "interrupted" in str(error).lower():
            raise KeyboardInterrupt from error
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
