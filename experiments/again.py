"""What is made from the tables of a result alone: summary, codebook, figures, report."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

from experiments.mistakes import UserError
from experiments.opening import manifest_in, read_manifest

__all__ = ["read_manifest", "write_summary_and_report"]


def write_summary_and_report(
    folder: Path, p_values: bool = False, *, half_made: bool = False
) -> Path:
    """Write all that is made from the tables; returns the report.

    That is ``summary.csv``, ``regression.csv`` where the experiment states one, ``codebook.md``,
    figures and ``report.html``. All of it is made beside the folder's files and put in place at
    the end. ``half_made``: asked for by the run that is still writing the folder. Raises UserError
    when the folder holds no result or a damaged one, or cannot be written to.
    """
    manifest = manifest_in(folder) if half_made else read_manifest(folder)
    making = folder / f".partial-{os.getpid()}"
    try:
        making.mkdir()
        _make(folder, making, manifest, p_values)
        for made in sorted(making.iterdir()):
            place = folder / made.name
            if place.is_dir():
                shutil.rmtree(place)
            made.replace(place)
    except (KeyError, ValueError, IndexError) as error:
        said = f"{folder}: damaged: its tables and its manifest do not fit together ({error!r})"
        raise UserError(said) from error
    except OSError as error:
        raise UserError(f"{folder}: cannot be written: {error.strerror}") from error
    finally:
        shutil.rmtree(making, ignore_errors=True)
    return folder / "report.html"


def _make(folder: Path, into: Path, manifest: dict[str, Any], p_values: bool) -> None:
    from experiments.codebook import codebook
    from experiments.metrics import METRICS
    from experiments.regression_table import table as regression_rows
    from experiments.regression_table import write_regression
    from experiments.report import write_report
    from experiments.results import read_table
    from experiments.summary import measured_from_table, summarise, write_summary

    measured = measured_from_table(read_table(folder / "measured.parquet"))
    arms = [arm["name"] for arm in manifest["arms"]]
    placebos = [arm["name"] for arm in manifest["arms"] if arm["placebo"]]
    rows = summarise(measured, arms, manifest["baseline"], placebos, p_values=p_values)
    write_summary(rows, into / "summary.csv")
    tables = [name for name in manifest["rows"] if name != "measured"]
    text = codebook(tables, METRICS, recorded_as=manifest["recorded_as"])
    (into / "codebook.md").write_text(text, encoding="utf-8")
    if manifest.get("regression"):
        write_regression(regression_rows(folder, manifest), into / "regression.csv")
    write_report(folder, into)
