"""Rows of a dataclass as a CSV file, written as ``summary.csv`` is: NaN is an empty cell."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable
from dataclasses import astuple, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from experiments.summary import cell_text, text_in

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Row = TypeVar("Row", bound="DataclassInstance")


def columns_of(kind: type[DataclassInstance]) -> tuple[str, ...]:
    """Columns of a file that holds rows of this dataclass."""
    return tuple(field.name for field in fields(kind))


def write_rows(rows: Iterable[Any], kind: type[DataclassInstance], path: Path) -> None:
    """Write rows of the dataclass ``kind``, whose fields are text, whole numbers and numbers."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns_of(kind))
        writer.writerows([cell_text(x) for x in astuple(row)] for row in rows)


def read_rows(kind: type[Row], path: Path) -> list[Row]:
    """The rows of a file of ``write_rows``; none where there is no such file.

    Raises ValueError when it has other columns.
    """
    if not path.is_file():
        return []
    columns, types = columns_of(kind), [str(field.type) for field in fields(kind)]
    with path.open(newline="", encoding="utf-8") as file:
        lines = csv.reader(file)
        if tuple(next(lines, ())) != columns:
            raise ValueError(f"{path}: not the columns of {path.name}: {', '.join(columns)}")
        return [kind(*map(_value, types, line)) for line in lines]


def _value(type_name: str, cell: str) -> Any:
    match type_name:
        case "str":
            return text_in(cell)
        case "int":
            return int(cell)
    return float(cell) if cell else math.nan
