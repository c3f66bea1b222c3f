"""``python run.py calibrate FILE``: read, search, say what came out."""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from experiments.calibration.config import Calibration, load_calibration
from experiments.calibration.evaluate import Evaluator, Moments, moments_at
from experiments.calibration.fit import CannotStart, Fitted, Problem, Step, fit
from experiments.calibration.identified import identify
from experiments.calibration.report import Section, markdown, outside, sections, show
from experiments.mistakes import UserError
from experiments.progress import Progress, shown_progress
from experiments.results import results_directory
from experiments.size import n_cores, workers_that_fit


def run_calibration(path: Path, out: Path | None, workers: int | None, quiet: bool) -> bool:
    """Run a calibration file and print what came out; with ``out``, write it there too.

    ``quiet``: print the lines of YAML only. Returns whether all moments came into their bands.
    Raises UserError for mistakes in the file, or where its market cannot be lived as it is.
    """
    from experiments.screen import console

    calibration = load_calibration(path)
    with _folder(out, calibration.name) as folder:
        _compiled(quiet)
        with shown_progress(quiet) as progress:
            fitted, evaluator = calibrated(
                calibration, workers=workers, progress=progress, said=_heard(quiet)
            )
        found = sections(calibration, fitted, identify(fitted))
        if folder is not None:
            _write(folder, calibration, evaluator, found)
    if quiet:
        print("\n".join(found[-1].lines))
    else:
        show(found, console())
        if out is not None:
            print(f"Written: {out / 'calibration.md'}")
    return not outside(calibration, fitted)


def calibrated(
    calibration: Calibration,
    *,
    workers: int | None = None,
    targets: Mapping[str, float] | None = None,
    progress: Progress | None = None,
    said: Callable[[Step], None] = lambda step: None,
) -> tuple[Fitted, Evaluator]:
    """Search for the parameters; also returns all points that were lived on the way.

    ``targets`` by id, in place of the middle of the band. ``workers`` None = one per core. Raises
    UserError where the market cannot be lived as it is.
    """
    plan = Moments(
        calibration.market_file,
        tuple(number.path for number in calibration.numbers),
        tuple(finding.id for finding in calibration.findings),
        calibration.days,
    )
    fitting = workers_that_fit([calibration.market], workers or n_cores())
    evaluator = Evaluator(moments_at, plan, calibration.seeds, fitting, progress)
    try:
        return fit(problem_of(calibration, targets), evaluator, calibration.steps, said), evaluator
    except CannotStart as error:
        raise UserError(f"the market cannot be lived where the search begins: {error}") from error


def problem_of(calibration: Calibration, targets: Mapping[str, float] | None = None) -> Problem:
    """Targets, widths and bounds as arrays. ``targets`` by id, in place of the band's middle."""
    bands = np.array([finding.band for finding in calibration.findings])
    middles = bands.mean(axis=1)
    for k, finding in enumerate(calibration.findings):
        middles[k] = (targets or {}).get(finding.id, middles[k])
    numbers = calibration.numbers
    return Problem(
        middles,
        (bands[:, 1] - bands[:, 0]) / 2.0,
        np.array([number.low for number in numbers]),
        np.array([number.high for number in numbers]),
        np.array([number.stated for number in numbers]),
        calibration.difference,
    )


@contextmanager
def _folder(out: Path | None, name: str) -> Iterator[Path | None]:
    """Where to write, if anywhere: whole in the end, or absent."""
    if out is None:
        yield None
        return
    with results_directory(out, name) as target:
        yield target.partial


def _compiled(quiet: bool) -> None:
    """Compile the simulator once, so that workers need not each do it."""
    from sim import cache
    from sim.warm import warm_up

    if not cache.is_warm():
        if not quiet:
            print("Compiling the simulator (once, about a minute)…", file=sys.stderr, flush=True)
        warm_up()


def _heard(quiet: bool) -> Callable[[Step], None]:
    def said(step: Step) -> None:
        if not quiet:
            how = "no better point" if step.damping is None else f"damping {step.damping:g}"
            refused = f", {step.refused} points refused" if step.refused else ""
            text = f"step {step.number}: distance {step.distance:.3f} ({how}{refused})"
            print(text, file=sys.stderr, flush=True)

    return said


def _write(
    folder: Path, calibration: Calibration, evaluator: Evaluator, found: list[Section]
) -> None:
    """The page, and every point that was lived with the means of its moments."""
    page = markdown(f"Calibration: {calibration.name}", found)
    (folder / "calibration.md").write_text(page, encoding="utf-8")
    paths = [number.path for number in calibration.numbers]
    ids = [finding.id for finding in calibration.findings]
    with (folder / "calibration.csv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow([*paths, *ids, "refused"])
        for point, outcome in evaluator.known.items():
            if isinstance(outcome, str):
                table.writerow([*point, *("" for _ in ids), outcome])
            else:
                means = np.nanmean(outcome, axis=0)
                table.writerow([*point, *(f"{x:.6g}" for x in means), ""])
