"""How a result is opened: whole and of an experiment, or refused in one sentence that names it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from experiments.mistakes import UserError

NEEDED = ("arms", "baseline", "focal", "name", "rows", "recorded_as", "replicates", "warm_up")
HALF_MADE = re.compile(r"\.partial-\d+$")
"""End of the name of a directory that a run has not finished (``experiments.results``)."""

_NAME = re.compile(r"[a-z][a-z_]*")


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a result, after a look at everything that it says is there.

    Every reader begins with this. Raises UserError for a directory that is absent, half made or
    not of an experiment, and for tables that are absent, damaged or not those of the manifest.
    """
    if HALF_MADE.search(folder.resolve().name):
        said = "half made: its run was interrupted, or is still going"
        raise UserError(f"{folder}: {said}; allowed: a directory without .partial-… in its name")
    manifest = manifest_in(folder)
    tables = tables_of(folder, manifest)
    if "measured" not in tables:
        raise UserError(f"{folder / 'manifest.json'}: damaged: its rows lack the table measured")
    _check_tables(tables, manifest["rows"])
    return manifest


def manifest_in(folder: Path) -> dict[str, Any]:
    """What ``manifest.json`` says; tables are not looked at, so a run may ask while it writes."""
    file = folder / "manifest.json"
    if not folder.is_dir():
        what = "a file" if folder.exists() else "there is none"
        raise UserError(f"{folder}: no result: {what}; allowed: a directory that a run has made")
    if not file.is_file():
        raise UserError(f"{folder}: no result: it holds no manifest.json")
    try:
        manifest = json.loads(file.read_text(encoding="utf-8"))
        if not isinstance(manifest, dict):
            raise ValueError("it holds no mapping")
    except (ValueError, RecursionError, OSError) as error:
        raise UserError(f"{file}: damaged: {error}") from error
    missing = [key for key in NEEDED if key not in manifest]
    if missing:
        raise UserError(f"{file}: not of an experiment; it lacks {', '.join(missing)}")
    _check_kinds(manifest, file)
    return manifest


def tables_of(folder: Path, manifest: dict[str, Any]) -> dict[str, Path]:
    """The Parquet file of every table that the manifest counts the rows of."""
    return {name: folder / f"{name}.parquet" for name in manifest["rows"]}


def _check_kinds(manifest: dict[str, Any], file: Path) -> None:
    """What readers take for granted: names of arms, numbers of replicates, rows of tables."""
    arms, replicates, rows = (manifest[key] for key in ("arms", "replicates", "rows"))
    fine = {
        "arms": isinstance(arms, list)
        and arms
        and all(isinstance(arm, dict) and isinstance(arm.get("name"), str) for arm in arms),
        "replicates": isinstance(replicates, list) and all(map(_is_count, replicates)),
        "rows": isinstance(rows, dict)
        and all(_NAME.fullmatch(name) and _is_count(n) for name, n in rows.items()),
    }
    odd = [key for key, is_fine in fine.items() if not is_fine]
    if odd:
        raise UserError(f"{file}: damaged: {', '.join(odd)} cannot be what a run has written")


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _check_tables(tables: dict[str, Path], rows: dict[str, int]) -> None:
    """Every table opens, is the one of its name, and has as many rows as the manifest says."""
    from experiments.columns import TABLES
    from experiments.results import shapes

    for (name, file), (columns, n) in zip(tables.items(), shapes(tables.values()), strict=True):
        keys = [c.name for c in TABLES[name].columns if c.week == "key"] if name in TABLES else []
        lacking = [key for key in keys if key not in columns]
        if lacking:
            raise UserError(
                f"{file}: foreign: it is no table {name}, as it lacks {', '.join(lacking)}"
            )
        if n != rows[name]:
            raise UserError(
                f"{file}: damaged or foreign: found {n:,} rows; its manifest says {rows[name]:,}"
            )
