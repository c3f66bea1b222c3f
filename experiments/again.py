"""What is made from the tables of a result alone: summary, codebook, figures, report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from experiments.mistakes import UserError


def write_summary_and_report(folder: Path, p_values: bool = False) -> Path:
    """Write ``summary.csv``, ``codebook.md``, figures and ``report.html``; returns the report.

    Raises UserError when the folder holds no result or a damaged one.
    """
    from experiments.codebook import codebook
    from experiments.metrics import METRICS
    from experiments.report import write_report
    from experiments.results import read_table
    from experiments.summary import measured_from_table, summarise, write_summary

    manifest = read_manifest(folder)
    measured = measured_from_table(read_table(folder / "measured.parquet"))
    arms = [arm["name"] for arm in manifest["arms"]]
    placebos = [arm["name"] for arm in manifest["arms"] if arm["placebo"]]
    rows = summarise(measured, arms, manifest["baseline"], placebos, p_values=p_values)
    write_summary(rows, folder / "summary.csv")
    recorded = manifest["recorded_as"]
    tables = [name for name in manifest["rows"] if name != "measured"]
    text = codebook(tables, METRICS, recorded_as=recorded)
    (folder / "codebook.md").write_text(text, encoding="utf-8")
    return write_report(folder)


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a result. Raises UserError when there is none or it is damaged."""
    file = folder / "manifest.json"
    if not file.is_file():
        raise UserError(f"{folder}: no result: it holds no manifest.json")
    try:
        manifest = json.loads(file.read_text(encoding="utf-8"))
        missing = {"arms", "baseline", "rows", "recorded_as", "replicates"} - manifest.keys()
    except (ValueError, AttributeError, OSError) as error:
        raise UserError(f"{file}: damaged: {error}") from error
    if missing:
        raise UserError(f"{file}: not of an experiment; it lacks {', '.join(sorted(missing))}")
    return dict(manifest)
