"""``python run.py sweep``, ``status``, ``export`` and ``compare``."""

from __future__ import annotations

import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from experiments.mistakes import UserError
from experiments.numbers import harmless
from experiments.progress import shown_progress
from experiments.results import RESULTS, slug
from experiments.size import n_cores, workers_that_fit
from experiments.sweep.designs import value_text
from experiments.sweep.file import load_sweep, words
from experiments.sweep.planning import seconds_per_user_day
from experiments.sweep.run import (
    MOST_RUNS,
    Planned,
    Ran,
    again,
    keep_plan,
    live_one,
    near,
    planned,
    run_planned,
)
from experiments.sweep.store import FILE, Store, only_one, unpacked

MOST_FAILURES = 10
RATE_OVER_S = 60.0


@dataclass(frozen=True)
class Options:
    """What is asked of a sweep beside its file."""

    out: Path | None = None
    workers: int | None = None
    resume: bool = False
    dry_run: bool = False
    yes: bool = False
    retry: bool = False
    allow_code: bool = False
    quiet: bool = False


def sweep(config: Path, options: Options) -> bool:
    """Run a sweep; is everything in the store now? Raises UserError before anything is run."""
    found = load_sweep(config)
    folder = options.out or RESULTS / (slug(found.stated.name) or "sweep")
    there = _is_there(folder, options)
    workers = workers_that_fit([found.base], options.workers or n_cores())
    with ExitStack() as stack:
        store = stack.enter_context(Store(folder)) if there else None
        plan = planned(found, store, workers, retry=options.retry)
        missing = sum(1 for _ in plan.tasks())
        if not options.quiet or options.dry_run:
            print(_plan_text(plan, missing, workers, store))
        if options.dry_run:
            return True
        _refuse_unless_meant(plan, missing, folder, options)
        if store is None:
            _make(folder)
        stack.enter_context(only_one(folder))
        store = store or stack.enter_context(Store(folder, make=True))
        keep_plan(plan, store)
        ran = _run(plan, store, workers, options)
        return _finish(plan, store, ran, folder, options)


def live_cell(config: Path, cell: int, replicate: int, allow_code: bool) -> None:
    """Live one cell in this process and print what was measured; errors show where they arose."""
    from experiments.metrics import METRICS
    from experiments.terminal import console

    found = load_sweep(config)
    lived = live_one(found, cell, replicate, allow_code)
    print(
        harmless(f"Cell {cell} ({words(found.factors, found.points[cell])}), replicate {replicate}")
    )
    for metric, (part, whole) in zip(METRICS.values(), unpacked(lived.numbers), strict=True):
        value = f"{part / whole:.6g}" if whole else "none"
        console().print(f"  {metric.name:32}{value}", highlight=False)


def _is_there(folder: Path, options: Options) -> bool:
    """Is there a sweep in the folder? Raises UserError where that is not what is asked for."""
    there = (folder / FILE).is_file()
    if there and not (options.resume or options.retry or options.dry_run):
        raise UserError(
            f"{folder}: holds a sweep already; allowed: --resume to go on with it, or --out with "
            "another directory"
        )
    if not there and folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise UserError(f"{folder}: exists and holds no sweep; allowed: a new or empty directory")
    return there


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"{folder}: cannot be written: {error.strerror}") from error


def _refuse_unless_meant(plan: Planned, missing: int, folder: Path, options: Options) -> None:
    """Raises UserError for what is only done with --yes."""
    if options.yes:
        return
    if missing > MOST_RUNS:
        raise UserError(
            f"found {missing:,} runs; allowed without --yes: at most {MOST_RUNS:,}; --dry-run "
            "shows what they would be"
        )
    if plan.lost:
        what = "the code has" if plan.new_code else "the file, or its base, has"
        raise UserError(
            f"{folder}: {what} changed since {plan.lost:,} of {len(plan.known):,} results there, "
            "which belong to no cell of this design; allowed: --yes to set them aside (they stay "
            "in the store and count again where a design has their cells), or another --out"
        )


def _plan_text(plan: Planned, missing: int, workers: int, store: Store | None) -> str:
    """What would be run, in words."""
    sweep, n = plan.sweep, len(plan.digests)
    stated = sweep.stated
    lines = [f"{stated.name}: {n:,} cells x {stated.replicates} replicates"]
    lines += [stated.question.strip()] * bool(stated.question)
    for name, factor in stated.factors.items():
        i = list(stated.factors).index(name)
        values = (point[i] for point in sweep.points if point[i] is not None)
        shown = list(dict.fromkeys(map(value_text, values)))
        some = ", ".join(shown if len(shown) <= 8 else [*shown[:3], "…", shown[-1]])
        lines.append(f"  {name}: {some}" + (f" ({len(shown):,} values)" if len(shown) > 8 else ""))
        lines += [f"      {factor.about}"] * bool(factor.about)
    same = n - len(set(plan.digests))
    if same:
        lines.append(f"{same:,} cells are the same market as another and are not lived again.")
    if plan.new_code and plan.lost:
        lines.append("The code has changed since what is there was lived.")
    done = plan.runs - missing
    if store is not None:
        lines.append(
            f"{done:,} of {plan.runs:,} runs are there already, {missing:,} are to be lived."
        )
    if plan.lost:
        lines.append(f"{plan.lost:,} results there belong to no cell of this design.")
    if missing:
        lines.append(_time_text(plan, missing, workers, store))
    return harmless("\n".join(lines))


def _time_text(plan: Planned, missing: int, workers: int, store: Store | None) -> str:
    runs = f"{missing:,} runs on {workers} worker{'s' * (workers > 1)}"
    each = _seconds_a_run(plan, store)
    if each is None:
        return f"{runs}; how long they take is known once the simulator is compiled."
    return f"{runs}, about {_duration(missing * each / workers)} ({each * 1e3:.0f} ms of CPU each)."


def _seconds_a_run(plan: Planned, store: Store | None) -> float | None:
    """CPU seconds of a run: as measured, else from the first days of the base."""
    from sim import cache

    if store is not None:
        n, cpu, _ = store.costs()
        if n:
            return cpu / n
    if not cache.is_warm() or plan.code:
        return None
    return seconds_per_user_day(plan.sweep.base) * plan.user_days / max(len(plan.digests), 1)


def _duration(seconds: float) -> str:
    """A time as one says it."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h" if seconds < 172800 else f"{seconds / 86400:.1f} days"


def _run(plan: Planned, store: Store, workers: int, options: Options) -> Ran:
    from sim import cache
    from sim.warm import warm_up

    if not any(True for _ in plan.tasks()):
        return Ran()
    if not cache.is_warm():
        if not options.quiet:
            print("Compiling the simulator (once, about a minute)…", file=sys.stderr, flush=True)
        warm_up()
    store.note("began")
    try:
        with shown_progress(options.quiet) as progress:
            ran = run_planned(
                plan, store, workers, allow_code=options.allow_code, progress=progress
            )
    except KeyboardInterrupt:
        store.note("interrupted")
        ok, failed, _ = store.counts()
        folder = near(store.path.parent)
        print(
            f"Interrupted; {ok + failed:,} of {plan.runs:,} runs are stored.\n"
            f"  on: python run.py sweep {near(plan.sweep.path)} --out {folder} --resume",
            file=sys.stderr,
        )
        raise
    store.note(f"ended: {ran.ok:,} runs, {len(ran.failures):,} failed, {ran.wall_s:.1f} s")
    return ran


def _finish(plan: Planned, store: Store, ran: Ran, folder: Path, options: Options) -> bool:
    ok, failed, _ = store.counts()
    if not options.quiet and ran.ok:
        _, cpu, market = store.costs()
        rate = f"{ran.ok / ran.wall_s:,.1f} a second" if ran.wall_s else ""
        share = f"{market / cpu:.0%} of the workers' CPU in the market" if cpu else ""
        print(f"{ran.ok:,} runs in {_duration(ran.wall_s)}, {rate}; {share}.")
    for line in _failure_lines(store):
        print(line, file=sys.stderr)
    if ok:
        from experiments.sweep.report import write_sweep_report

        report = write_sweep_report(folder)
        if not options.quiet:
            print(f"Report:  {near(report)}")
    print(near(folder) if options.quiet else f"Sweep:   {near(folder)}")
    return failed == 0


def _failure_lines(store: Store) -> list[str]:
    """The first failures, with the command that shows each again."""
    failures, file = store.failures(), store.meta("config_file")
    lines = []
    for cell, replicate, status, error in failures[:MOST_FAILURES]:
        lines.append(harmless(f"cell {cell}, replicate {replicate} {status}: {error}"))
        lines.append(f"  again: {again(file, cell, replicate)}")
    if len(failures) > MOST_FAILURES:
        lines.append(f"... and {len(failures) - MOST_FAILURES:,} more failures")
    return lines


def status(folder: Path) -> None:
    """Say how far a sweep is, whoever is at work on it."""
    with Store(folder) as store:
        cells, replicates = len(set(store.digests())), store.meta("replicates")
        if replicates is None:
            raise UserError(f"{folder}: the sweep has not been planned yet")
        ok, failed, other = store.counts()
        total = cells * replicates
        at_work = _at_work(folder)
        print(
            harmless(
                f"{store.meta('name')}: {len(store.digests()):,} cells x {replicates} replicates"
            )
        )
        print(f"{ok + failed:,} of {total:,} runs are stored ({(ok + failed) / total:.1%})", end="")
        print(f", {failed:,} of them failed" if failed else "", end="")
        recent = store.finished_since(time.time() - RATE_OVER_S)
        if at_work and recent:
            rate = recent / RATE_OVER_S
            left = _duration((total - ok - failed) / rate)
            print(f"; {rate:.1f} a second in the last minute, about {left} left", end="")
        print("." if at_work or ok + failed == total else "; nobody is at work on it.")
        if other:
            print(f"{other:,} results belong to no cell of the design as it is.")
        n, cpu, market = store.costs()
        if n:
            share = market / max(cpu, 1e-9)
            print(f"{cpu / n * 1e3:.0f} ms of CPU a run, {share:.0%} of it the market.")
        for line in _failure_lines(store):
            print(line)
        for at, what in store.diary()[-5:]:
            print(time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at)), what)


def _at_work(folder: Path) -> bool:
    try:
        with only_one(folder):
            return False
    except UserError:
        return True
