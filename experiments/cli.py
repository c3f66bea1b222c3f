"""The command line. Commands import what they need when they run, so that help comes at once."""

from __future__ import annotations

import signal
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from experiments.exits import OUTSIDE, SOME_FAILED, exit_codes
from experiments.sweep.cli import add_sweeps
from experiments.workers import settle_in

if TYPE_CHECKING:
    from experiments.config import Loaded
    from experiments.runner import Outcome

EXAMPLES = """\b
Examples:
  python run.py demo
  python run.py run configs/quickstart.yaml --replicates 40
  python run.py list parameters on_time
  python run.py sweep configs/sweeps/service_by_outreach.yaml
  python run.py explain results/quickstart-1 --seller Northwind --day 200

\b
Exit codes:
  0    all went well
  1    a value outside its band (bands, calibrate); a placebo arm that differs, or
       a report that could not be made from whole tables (run); a value that is not
       what the ledger and the rules make it (audit)
  2    a mistake in a file, an option or a query; nothing was written
  3    some replicates or cells failed; the rest is kept, the failures are named (run,
       sweep); the result keeps no ledger (audit)
  4    the disk is full; what was finished is kept (sweep)
  130  interrupted; nothing was left behind, of a sweep what was finished"""

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Experiments with a marketplace whose sellers live by feedback, reviews and their order "
    "defect rate.",
    epilog=EXAMPLES,
)

Config = Annotated[Path, typer.Argument(help="A YAML file as in configs/.")]
Out = Annotated[
    Path | None,
    typer.Option(help="New or empty directory for the results. Default: results/NAME-N."),
]
Quiet = Annotated[bool, typer.Option("--quiet", help="Print the results directory only.")]
Workers = Annotated[
    int | None,
    typer.Option(min=1, help="Processes; changes nothing in the results. Default: one a core."),
]
Replicates = Annotated[int | None, typer.Option(min=1, help="In place of the file's replicates.")]
PValues = Annotated[
    bool, typer.Option("--p-values", help="Add p-values to summary and report (Holm).")
]
Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="PATH=VALUE",
        help="Replace one value of the base, as in sellers.0.on_time=0.9 or "
        "sellers.NAME.on_time=0.9. Can be repeated.",
    ),
]


class Kind(StrEnum):
    """What there is a JSON schema of."""

    EXPERIMENT = "experiment"
    PLATFORM = "platform"
    STRATEGY = "strategy"
    CALIBRATION = "calibration"
    SWEEP = "sweep"


class Form(StrEnum):
    """How rows are written into a file."""

    CSV = "csv"
    PARQUET = "parquet"


class Listed(StrEnum):
    """What can be listed."""

    PLATFORMS = "platforms"
    STRATEGIES = "strategies"
    METRICS = "metrics"
    PARAMETERS = "parameters"


@app.command()
def run(
    config: Config,
    out: Out = None,
    seed: Annotated[int | None, typer.Option(min=0, help="In place of the file's seed.")] = None,
    days: Annotated[int | None, typer.Option(min=1, help="In place of the file's days.")] = None,
    replicates: Replicates = None,
    set_: Set = None,
    workers: Workers = None,
    only_replicate: Annotated[
        int | None, typer.Option(min=0, help="Run just this replicate, to look into it.")
    ] = None,
    p_values: PValues = False,
    no_break_even: Annotated[
        bool, typer.Option("--no-break-even", help="Spare the runs for break-even responses.")
    ] = False,
    allow_code: Annotated[
        bool,
        typer.Option("--allow-code", help="Run strategies in Python that the file names."),
    ] = False,
    quiet: Quiet = False,
) -> None:
    """Run an experiment: all its arms and replicates, tables, summary and a report."""
    spared = 0 if no_break_even else None
    given = {"seed": seed, "days": days, "replicates": replicates, "break_even": spared}
    overrides = [f"{name}={value}" for name, value in given.items() if value is not None]
    with exit_codes():
        loaded = _loaded(config, [*overrides, *(set_ or [])])
        outcome = _run(loaded, out, workers, only_replicate, p_values, quiet, allow_code)
        _finish(outcome, quiet)


@app.command()
def check(config: Config, set_: Set = None) -> None:
    """Read a file and say what it would run, or everything that is wrong with it."""
    with exit_codes():
        from experiments.plan import plan_text

        print(plan_text(_loaded(config, set_ or [])))


@app.command()
def demo(
    out: Out = None, replicates: Replicates = None, workers: Workers = None, quiet: Quiet = False
) -> None:
    """Run the quickstart experiment and say in plain words what came out."""
    with exit_codes():
        from experiments.platforms import ROOT

        overrides = [] if replicates is None else [f"replicates={replicates}"]
        loaded = _loaded(ROOT / "configs" / "quickstart.yaml", overrides)
        outcome = _run(loaded, out, workers, None, False, quiet)
        _finish(outcome, quiet)
        if not quiet:
            print("Next: open the report, then change configs/quickstart.yaml, or")
            print("python run.py run configs/quickstart.yaml --set sellers.Northwind.on_time=0.95")


@app.command()
def report(
    folder: Annotated[Path, typer.Argument(help="A results directory.")], p_values: PValues = False
) -> None:
    """Make summary, figures and report of a result, or of a sweep, again, from its tables."""
    with exit_codes():
        from experiments.again import write_summary_and_report
        from experiments.sweep.store import FILE

        if (folder / FILE).is_file():
            from experiments.sweep.report import write_sweep_report

            print(_near(write_sweep_report(folder)))
            return
        print(_near(write_summary_and_report(folder, p_values)))


@app.command()
def query(
    folder: Annotated[Path, typer.Argument(help="A results directory.")],
    sql: Annotated[
        str | None, typer.Argument(help="One SELECT. Without it: the tables and their columns.")
    ] = None,
    to: Annotated[
        Form | None, typer.Option(help="Default: as the name of --out ends, else a table.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="A new file for the rows.")] = None,
    limit: Annotated[
        int | None, typer.Option(min=1, help="Most rows. Default: 100 on the screen, else 10000.")
    ] = None,
    seconds: Annotated[float, typer.Option(min=0.1, help="Most time.")] = 60.0,
    memory: Annotated[
        float | None, typer.Option(min=0.25, metavar="GB", help="Most memory. Default: 4.")
    ] = None,
) -> None:
    """Ask the tables of a result a question in SQL."""
    with exit_codes():
        from experiments.query import limits_of
        from experiments.query import query as ask

        limits = limits_of(limit, seconds, memory, on_screen=to is None and out is None)
        ask(folder, sql, to.value if to else None, out, limits)


@app.command()
def whatif(
    folder: Annotated[Path, typer.Argument(help="A results directory.")],
    drop_event: Annotated[
        int | None, typer.Option(metavar="ID", help="The event that does not happen.")
    ] = None,
    flip: Annotated[
        int | None, typer.Option(metavar="ID", help="The post that says something else.")
    ] = None,
    to: Annotated[int | None, typer.Option(min=1, max=5, help="Stars that it says.")] = None,
    arm: Annotated[str | None, typer.Option(help="Default: the baseline.")] = None,
    replicate: Annotated[int | None, typer.Option(min=0, help="Default: the first.")] = None,
    replicates: Annotated[
        int, typer.Option(min=2, help="With an event in the same role, for the mean.")
    ] = 20,
    workers: Workers = None,
) -> None:
    """Live a replicate without one event, or with other stars: what would be different?"""
    with exit_codes():
        from experiments.mistakes import UserError
        from experiments.size import n_cores
        from experiments.whatif import what_if
        from experiments.whatif_words import show

        if (drop_event is None) == (flip is None):
            raise UserError("allowed: one of --drop-event ID and --flip ID --to STARS")
        if (flip is None) != (to is None):
            raise UserError("--to: how many stars; allowed with --flip, which needs it")
        event = flip if drop_event is None else drop_event
        answer = what_if(
            folder,
            int(event or 0),
            stars=to,
            arm=arm,
            replicate=replicate,
            replicates=replicates,
            workers=workers or n_cores(),
        )
        show(answer)


@app.command()
def explain(
    folder: Annotated[Path, typer.Argument(help="A results directory.")],
    day: Annotated[int, typer.Option(help="The evening to explain.")],
    listing: Annotated[str | None, typer.Option(help="Why this listing stands there.")] = None,
    seller: Annotated[str | None, typer.Option(help="Why its order defect rate is so.")] = None,
    since: Annotated[
        int | None, typer.Option(help="The evening to compare with. Default: a week earlier.")
    ] = None,
    arm: Annotated[str | None, typer.Option(help="Default: the baseline.")] = None,
    replicate: Annotated[int | None, typer.Option(help="Default: the first.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="The figure, .png or .svg. Default: both, in DIR.")
    ] = None,
) -> None:
    """Say why a position or an order defect rate changed, part by part, down to the events."""
    with exit_codes():
        from experiments.explain.command import explain as said

        said(
            folder,
            listing=listing,
            seller=seller,
            day=day,
            since=since,
            arm=arm,
            replicate=replicate,
            out=out,
        )


@app.command()
def audit(
    folder: Annotated[Path, typer.Argument(help="A results directory of record: ledger.")],
) -> None:
    """Recompute the daily tables from the ledger and the stated rules, and compare."""
    with exit_codes():
        from experiments.audit.command import audited

        text, clean = audited(folder)
        print(text)
        raise typer.Exit(0 if clean else OUTSIDE)


@app.command()
def schema(
    of: Annotated[Kind, typer.Argument(help="What the files describe.")] = Kind.EXPERIMENT,
) -> None:
    """Print the JSON schema with which editors complete and check YAML files."""
    from experiments.schema import schema_text

    print(schema_text(of.value), end="")


@app.command(name="list")
def list_(
    what: Annotated[Listed, typer.Argument(help="What to list.")],
    text: Annotated[str, typer.Argument(help="Only entries that contain this.")] = "",
    status: Annotated[
        str | None, typer.Option(help="Only parameters of this status, as in assumed.")
    ] = None,
) -> None:
    """List platforms, strategies, metrics or parameters with what is known about them."""
    with exit_codes():
        from experiments.listings import tables
        from experiments.terminal import console

        screen = console()
        for table in tables(what.value, screen.width, text, status):
            screen.print(table)


@app.command()
def bands(
    config: Annotated[Path | None, typer.Argument(help="Default: the quickstart market.")] = None,
    seeds: Annotated[int, typer.Option(min=2, help="Markets to run, seeds 1, 2, …")] = 30,
    short: Annotated[bool, typer.Option("--short", help="150 days each, as the tests do.")] = False,
) -> None:
    """Check that a market looks like the marketplace it stands for, over many seeds."""
    with exit_codes():
        from experiments.bands import SHORT_DAYS, measure
        from experiments.mistakes import UserError
        from experiments.own_code import refuse_unless_allowed
        from experiments.platforms import ROOT
        from experiments.screen import band_table, console
        from experiments.size import n_cores
        from sim.warm import warm_up

        path = config or ROOT / "configs" / "quickstart.yaml"
        if refuse_unless_allowed(_loaded(path, []), allowed=True):
            raise UserError("found a strategy in Python; allowed for bands: strategies of lines")
        warm_up()
        outcomes = measure(path, seeds, SHORT_DAYS if short else None, n_cores())
        console().print(band_table(outcomes))
        outside = [o.band.name for o in outcomes if not o.inside]
        print(f"Outside: {', '.join(outside)}." if outside else "All inside.")
        raise typer.Exit(OUTSIDE if outside else 0)


@app.command()
def calibrate(
    config: Annotated[
        Path, typer.Argument(help="A YAML file as configs/evidence/calibration.yaml.")
    ],
    out: Annotated[Path | None, typer.Option(help="New or empty directory for a report.")] = None,
    workers: Workers = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print the lines of YAML only.")] = False,
) -> None:
    """Fit parameters of a market so that findings come out, and say which of them are known."""
    with exit_codes():
        from experiments.calibration.command import run_calibration

        raise typer.Exit(0 if run_calibration(config, out, workers, quiet) else OUTSIDE)


@app.command()
def validate(
    config: Annotated[Path | None, typer.Option(help="Default: the base market.")] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="ID…", help="Just these findings, as A2 B3, or groups, as L."),
    ] = None,
    more: Annotated[list[str] | None, typer.Argument(hidden=True)] = None,
    again: Annotated[
        Path | None, typer.Option(help="Write the page in this directory anew from its values.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Write validation.md, its values and its figure there.")
    ] = None,
    seeds: Annotated[int, typer.Option(min=2, help="Markets of each kind, seeds 1, 2, …")] = 30,
    short: Annotated[bool, typer.Option("--short", help="120 days at most, as tests do.")] = False,
) -> None:
    """Compare the market with published findings and real logs: the scorecard."""
    with exit_codes():
        from experiments.evidence.command import again as written_again
        from experiments.evidence.command import validate as compare

        if again is not None:
            return written_again(again)
        compare(config, [*(only or []), *(more or [])], out, seeds, short)


@app.command()
def follow(
    folder: Annotated[Path, typer.Argument(help="A results directory.")],
    user: Annotated[
        int | None, typer.Option(help="A customer by number: buyers from 0, then non-buying users.")
    ] = None,
    listing: Annotated[str | None, typer.Option(help="A listing by name.")] = None,
    order: Annotated[int | None, typer.Option(help="An order by its number in the ledger.")] = None,
    arm: Annotated[str | None, typer.Option(help="Default: the baseline.")] = None,
    replicate: Annotated[int | None, typer.Option(help="Default: the first.")] = None,
    twin: Annotated[
        str | None, typer.Option(help="The arm beside it. Default: the first that differs.")
    ] = None,
    days: Annotated[str | None, typer.Option(metavar="FROM-TO", help="As in 40-70.")] = None,
    out: Annotated[Path | None, typer.Option(help="Write a page there, FILE.html.")] = None,
) -> None:
    """Tell the diary of a customer, a listing or an order, beside its twin in another arm.

    Without any of the three: whom one might follow.
    """
    with exit_codes():
        from experiments.follow.command import Target
        from experiments.follow.command import follow as follow_one

        follow_one(folder, Target(user, listing, order), arm, replicate, twin, days, out)


add_sweeps(app)


def main() -> None:
    """Entry point of ``run.py`` and of the installed command."""
    # Being told to end is no reason to leave half a result behind.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    settle_in()
    app()


def _loaded(config: Path, overrides: list[str]) -> Loaded:
    from experiments.config import load

    loaded = load(config, overrides)
    for warning in loaded.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    return loaded


def _run(
    loaded: Loaded,
    out: Path | None,
    workers: int | None,
    only_replicate: int | None,
    p_values: bool,
    quiet: bool,
    allow_code: bool = False,
) -> Outcome:
    from experiments.progress import shown_progress
    from experiments.runner import recorded_as, run_experiment
    from sim import cache
    from sim.warm import warm_up

    if not cache.is_warm():
        if not quiet:
            print("Compiling the simulator (once, about a minute)…", file=sys.stderr, flush=True)
        warm_up()
    if recorded_as(loaded) != loaded.experiment.record:
        print("Tables hold weeks, as days would be over 5 million rows.", file=sys.stderr)
    with shown_progress(quiet) as progress:
        return run_experiment(
            loaded,
            out,
            workers=workers,
            only_replicate=only_replicate,
            p_values=p_values,
            allow_code=allow_code,
            progress=progress,
        )


def _finish(outcome: Outcome, quiet: bool) -> None:
    """Show what came out, name what failed, and end with the code for it."""
    from experiments.numbers import harmless

    near = _near(outcome.path)
    if quiet or outcome.report_problem:
        print(near)
    else:
        from experiments.screen import show_result

        show_result(outcome.path)
        print(f"Report:  {near / 'report.html'}")
    for failed in outcome.manifest["failed"]:
        print(
            f"replicate {failed['replicate']} failed: {harmless(failed['error'])}\n"
            f"  again: {failed['again']}",
            file=sys.stderr,
        )
    if outcome.failures:
        raise typer.Exit(SOME_FAILED)
    if outcome.report_problem:
        print(
            f"The tables are whole, but not the report: {outcome.report_problem}\n"
            f"  again: python run.py report {near}",
            file=sys.stderr,
        )
        raise typer.Exit(OUTSIDE)
    if not outcome.placebos_exact:
        print("A placebo arm differs from the baseline: this is a defect.", file=sys.stderr)
        raise typer.Exit(OUTSIDE)


def _near(path: Path) -> Path:
    """``path`` as seen from here when it lies below."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
