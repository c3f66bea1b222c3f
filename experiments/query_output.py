"""What a query found: a table for the screen, lines of CSV, a Parquet file."""

from __future__ import annotations

import csv
import json
import math
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from experiments.mistakes import UserError
from experiments.numbers import harmless

if TYPE_CHECKING:
    from rich.table import Table

WIDEST_CELL = 48
GAP = 3
"""Columns of a terminal between two of a table."""
NUMBERS = ("INT", "DOUBLE", "FLOAT", "DECIMAL")


@dataclass(frozen=True)
class Found:
    """Rows of a query with the names of their columns and DuckDB's types."""

    names: Sequence[str]
    types: Sequence[str]
    rows: Sequence[Sequence[Any]]
    is_cut: bool
    """Are there more rows than these?"""


def table(found: Found, width: int) -> tuple[Table, int]:
    """As many columns from the left as fit, one at least; and how many those are."""
    from rich import box
    from rich.cells import cell_len
    from rich.table import Table
    from rich.text import Text

    shown = Table(box=box.SIMPLE_HEAD, padding=(0, 1))
    columns, taken = 0, GAP
    for k, (name, type_) in enumerate(zip(found.names, found.types, strict=True)):
        cells = [_cut(cell_text(row[k])) for row in found.rows]
        taken += max(map(cell_len, (_cut(name), *cells))) + GAP
        if columns and taken > width:
            break
        right = any(word in type_ for word in NUMBERS) and not type_.endswith(("]", ")", "NUM"))
        right = right or type_.startswith("DECIMAL")
        shown.add_column(Text(_cut(name)), justify="right" if right else "left", no_wrap=True)
        columns += 1
    for row in found.rows:
        shown.add_row(*(Text(_cut(cell_text(value))) for value in row[:columns]))
    return shown, columns


def cell_text(value: Any) -> str:
    """A value on the screen: whole numbers in full, as ids are copied from there."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case float():
            return (
                f"{value:.6g}" if not math.isfinite(value) or abs(value) < 1e6 else f"{value:.1f}"
            )
        case list() | tuple():
            return ", ".join(map(cell_text, value))
        case dict():
            return ", ".join(f"{key}: {cell_text(x)}" for key, x in value.items())
    return str(value)


def _cut(text: str) -> str:
    text = harmless(text[: WIDEST_CELL + 1]).replace("\n", "\\n")
    return text if len(text) <= WIDEST_CELL else f"{text[: WIDEST_CELL - 1]}…"


def write_csv(found: Found, file: IO[str], line_end: str = "\r\n") -> None:
    """Write as ``summary.csv`` is: NULL an empty cell, no text a formula; lists are JSON."""
    writer = csv.writer(file, lineterminator=line_end)
    writer.writerow(map(_csv_text, found.names))
    writer.writerows([_csv_text(value) for value in row] for row in found.rows)


def _csv_text(value: Any) -> str:
    from experiments.summary import cell_text as guarded

    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str() | float():
            return guarded(value)
        case list() | tuple() | dict():
            return guarded(json.dumps(value, ensure_ascii=False, default=str))
    return str(value)


def write_parquet(found: Found, file: Path) -> None:
    """Write with the types that DuckDB found, over a database of its own."""
    import duckdb

    from experiments.results import PARQUET

    names = list(_apart(found.names))
    types = ["VARCHAR" if type_ == '"NULL"' else type_ for type_ in found.types]
    quoted = ['"' + name.replace('"', '""') + '"' for name in names]
    declared = ", ".join(f"{name} {type_}" for name, type_ in zip(quoted, types, strict=True))
    values = ", ".join(f"unnest(?::{type_}[])" for type_ in types)
    columns = [[row[k] for row in found.rows] for k in range(len(names))]
    place = str(file).replace("'", "''")
    try:
        with duckdb.connect() as connection:
            connection.execute(f"CREATE TABLE found ({declared})")
            connection.execute(f"INSERT INTO found SELECT {values}", columns)
            connection.execute(f"COPY found TO '{place}' {PARQUET}")
    except duckdb.IOException as error:
        raise UserError(f"cannot be written: {str(error).splitlines()[0]}") from error


def _apart(names: Sequence[str]) -> Iterator[str]:
    """The names, the second of two that are equal with a number behind."""
    taken: set[str] = set()
    for name in names:
        own, n = name, 1
        while own.lower() in taken:
            own, n = f"{name}_{n}", n + 1
        taken.add(own.lower())
        yield own


@contextmanager
def new_file(out: Path) -> Iterator[Path]:
    """A file beside ``out`` that takes its name when the block ends well, and never another's.

    Raises UserError when ``out`` is there already or cannot be made.
    """
    making = out.with_name(f".{out.name}.partial-{os.getpid()}")
    try:
        yield making
        _put(making, out)
    except OSError as error:
        raise UserError(f"{out}: cannot be written: {error.strerror}") from error
    finally:
        making.unlink(missing_ok=True)


def refuse_existing(out: Path) -> None:
    """Raises UserError where a file cannot be made."""
    if out.exists() or out.is_symlink():
        raise UserError(f"{out}: exists already; allowed: a new file")
    if not out.parent.is_dir():
        raise UserError(f"{out}: cannot be written: there is no directory {out.parent}")


def _put(making: Path, out: Path) -> None:
    link: Callable[..., None] | None = getattr(os, "link", None)
    try:
        if link is None:
            raise OSError
        link(making, out)  # unlike a move it never takes the place of a file
    except FileExistsError as error:
        raise UserError(f"{out}: exists already; allowed: a new file") from error
    except OSError:  # no links here
        refuse_existing(out)
        making.rename(out)
