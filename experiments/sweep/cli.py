"""The commands about sweeps, as they stand on the command line."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from experiments.exits import SOME_FAILED, exit_codes

Folder = Annotated[Path, typer.Argument(help="Directory of a sweep.")]


class Form(StrEnum):
    """How a table is written."""

    CSV = "csv"
    PARQUET = "parquet"


def add_sweeps(app: typer.Typer) -> None:
    """Add the commands to the others."""
    for command in (sweep, status, export, compare):
        app.command()(command)


def sweep(
    config: Annotated[Path, typer.Argument(help="A YAML file as in configs/sweeps/.")],
    out: Annotated[
        Path | None, typer.Option(help="Directory of the store. Default: results/NAME.")
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(min=1, help="Processes; changes nothing in the results. Default: one a core."),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with the sweep in the directory.")
    ] = False,
    retry: Annotated[
        bool, typer.Option("--retry", help="Go on, and live again what failed.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be run, and run nothing.")
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", help="A large sweep, or a changed one, is meant.")
    ] = False,
    cell: Annotated[
        int | None, typer.Option(help="Live just this cell and print it; keeps nothing.")
    ] = None,
    replicate: Annotated[int, typer.Option(help="In which replicate, with --cell.")] = 0,
    allow_code: Annotated[
        bool, typer.Option("--allow-code", help="Run strategies in Python that the file names.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print the directory only.")] = False,
) -> None:
    """Live many markets, one per cell of a design; whatever ends it, it goes on with --resume."""
    with exit_codes(interrupted=""):
        from experiments.sweep.command import Options, live_cell
        from experiments.sweep.command import sweep as live_cells

        if cell is not None:
            return live_cell(config, cell, replicate, allow_code)
        options = Options(out, workers, resume, dry_run, yes, retry, allow_code, quiet)
        if not live_cells(config, options):
            raise typer.Exit(SOME_FAILED)


def status(folder: Folder) -> None:
    """Say how far a sweep is: runs, rate, time left, failures."""
    with exit_codes():
        from experiments.sweep.command import status as show

        show(folder)


def export(
    folder: Folder,
    to: Annotated[Form, typer.Option(help="Form of the table.")] = Form.CSV,
    out: Annotated[
        Path | None, typer.Option(help="A new file. Default: DIR/table.csv or .parquet.")
    ] = None,
) -> None:
    """Write the table of a sweep: a row per cell and replicate, sorted."""
    with exit_codes():
        from experiments.sweep.run import near
        from experiments.sweep.table import export as write

        print(near(write(folder, to.value, out)))


def compare(
    first: Folder, second: Annotated[Path, typer.Argument(help="Directory of another.")]
) -> None:
    """Say what two sweeps have in common, and how the second's numbers differ."""
    with exit_codes():
        from experiments.sweep.compare import compare as show

        show(first, second)
