"""The command line. Commands import what they need when they run, so that help comes at once."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from experiments.config import Loaded
    from experiments.runner import Run

MISTAKE = 2
INTERRUPTED = 130
OUTSIDE = 1

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Simulate a marketplace whose sellers live by feedback, reviews and their order defect "
    "rate.",
    epilog="Exit codes: 0 all went well; 1 a value lies outside its band (bands); "
    "2 a mistake in a file or an option, nothing was written; "
    "130 interrupted, nothing was left behind.",
)

Out = Annotated[
    Path | None,
    typer.Option(help="New or empty directory for the results. Default: results/NAME-N."),
]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print the results directory only.")]


@app.command()
def run(
    config: Annotated[Path, typer.Argument(help="A YAML file as in configs/.")],
    out: Out = None,
    seed: Annotated[int | None, typer.Option(min=0, help="In place of the file's seed.")] = None,
    days: Annotated[int | None, typer.Option(min=1, help="In place of the file's days.")] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="PATH=VALUE",
            help="Replace one value, as in sellers.0.on_time=0.9 or sellers.NAME.on_time=0.9. "
            "Can be repeated.",
        ),
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Run one market and write its tables, a manifest and a plot."""
    given = {"seed": seed, "days": days}
    overrides = [f"{name}={value}" for name, value in given.items() if value is not None]
    with _exit_codes():
        _run(config, [*overrides, *(set_ or [])], out, quiet)


@app.command()
def demo(out: Out = None, quiet: Quiet = False) -> None:
    """Run the quickstart market and say in plain words what came out."""
    with _exit_codes():
        from experiments.config import ROOT

        loaded, done = _run(ROOT / "configs" / "quickstart.yaml", [], out, quiet)
        if not quiet:
            from experiments.report import plain_words, summaries

            found = summaries(done.tables["sellers"], done.tables["listings"], loaded.market)
            print("\n" + plain_words(found, done.focal, loaded.market))
            print(f"  The plot: {_near(done.path / 'odr_and_position.png')}")
            print("  Next: change configs/quickstart.yaml, or")
            print("  python run.py run configs/quickstart.yaml --set sellers.0.on_time=0.9")


@app.command()
def bands(
    config: Annotated[Path | None, typer.Argument(help="Default: the quickstart market.")] = None,
    seeds: Annotated[int, typer.Option(min=2, help="Markets to run, seeds 1, 2, …")] = 30,
    short: Annotated[bool, typer.Option("--short", help="150 days each, as the tests do.")] = False,
) -> None:
    """Check that a market looks like the marketplace it stands for, over many seeds."""
    with _exit_codes():
        from experiments.bands import SHORT_DAYS, measure
        from experiments.config import ROOT, load
        from experiments.report import band_table
        from sim.warm import warm_up

        path = config or ROOT / "configs" / "quickstart.yaml"
        load(path, [])
        warm_up()
        outcomes = measure(path, seeds, SHORT_DAYS if short else None, os.cpu_count() or 1)
        _console().print(band_table(outcomes))
        outside = [o.band.name for o in outcomes if not o.inside]
        print(f"Outside: {', '.join(outside)}." if outside else "All inside.")
        raise typer.Exit(OUTSIDE if outside else 0)


def main() -> None:
    """Entry point of ``run.py``."""
    app()


@contextmanager
def _exit_codes() -> Iterator[None]:
    """A user's mistake and Ctrl-C end in a message and a code, never in a traceback."""
    from experiments.mistakes import ConfigError, UserError

    try:
        yield
    except ConfigError as error:
        count = len(error.mistakes)
        print(error, file=sys.stderr)
        print(f"{count} mistake{'s' * (count > 1)}; nothing was run.", file=sys.stderr)
        raise typer.Exit(MISTAKE) from error
    except UserError as error:
        print(error, file=sys.stderr)
        raise typer.Exit(MISTAKE) from error
    except KeyboardInterrupt as error:
        print("Interrupted; nothing was written.", file=sys.stderr)
        raise typer.Exit(INTERRUPTED) from error


def _run(config: Path, overrides: list[str], out: Path | None, quiet: bool) -> tuple[Loaded, Run]:
    from experiments.config import load
    from experiments.runner import run_market
    from sim import cache
    from sim.warm import warm_up

    loaded = load(config, overrides)
    for warning in loaded.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    if not cache.is_warm():
        if not quiet:
            print("Compiling the simulator (once, about a minute)…", file=sys.stderr, flush=True)
        warm_up()
    with _day_counter(shown=not quiet) as progress:
        done = run_market(loaded, out, progress)
    if quiet:
        print(_near(done.path))
    else:
        _show(loaded, done)
    return loaded, done


def _show(loaded: Loaded, done: Run) -> None:
    from experiments.report import measured_width, seller_table, summaries

    console = _console()
    found = summaries(done.tables["sellers"], done.tables["listings"], loaded.market)
    table = seller_table(found, done.focal, loaded.market)
    if measured_width(table) > console.width:
        table = seller_table(found, done.focal, loaded.market, narrow=True)
    console.print(table)
    print(f"Results: {_near(done.path)}")


def _console() -> Console:
    from rich.console import Console

    # Files and pipes have no width; a table that does not wrap is worth more than 80 columns.
    return Console(width=None if sys.stdout.isatty() else 160)


def _near(path: Path) -> Path:
    """``path`` as seen from here when it lies below."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


@contextmanager
def _day_counter(shown: bool) -> Iterator[Callable[[int, int], None] | None]:
    """A progress bar on a terminal, nothing elsewhere."""
    if not (shown and sys.stderr.isatty()):
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = (TextColumn("day"), MofNCompleteColumn(), BarColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("days", total=None)
        yield lambda day, total: bar.update(task, completed=day, total=total)
