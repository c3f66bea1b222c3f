"""Results on a terminal: the table of arms, the answer in words, the bands."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from experiments.flips import read_flips
from experiments.intervention_words import intervention_sentences
from experiments.lead import lead
from experiments.metrics import METRICS
from experiments.numbers import (
    change_unit,
    difference_texts,
    harmless,
    known,
    plain,
    unit_text,
    value_text,
)
from experiments.side_by_side import each_side
from experiments.side_by_side_table import SidePart, setting, side_part
from experiments.terminal import PIPE_COLUMNS, console
from experiments.words import (
    ANSWER,
    VERDICT_WORDS,
    Manifest,
    arm_names,
    arm_sentences,
    baseline_of,
    by_arm_and_metric,
    missing_sentences,
    placebo_sentences,
    question,
    verdict,
)

if TYPE_CHECKING:
    from rich.table import Table

    from experiments.bands import Outcome
    from experiments.metrics import Metric
    from experiments.summary import Row

__all__ = [
    "PIPE_COLUMNS",
    "arms_table",
    "band_table",
    "console",
    "measured_width",
    "show_result",
]

WIDEST_NAME = 24


def _beside(folder: Path, manifest: Manifest) -> SidePart | None:
    """What is said of platforms side by side; None where there is one."""
    from experiments.results import read_table
    from experiments.summary import measured_from_table

    if not manifest.get("side_by_side"):
        return None
    measured = measured_from_table(read_table(folder / "measured.parquet"))
    return side_part(manifest, measured, read_flips(folder))


def show_result(folder: Path) -> None:
    """Print the question, the table of arms and the answer of a result directory."""
    from rich.text import Text

    from experiments.opening import manifest_in
    from experiments.regression_table import read_regression
    from experiments.regression_words import sentences as regression_sentences
    from experiments.results import read_table
    from experiments.spending import terminal_sentences
    from experiments.summary import measured_from_table, read_summary
    from experiments.verdicts import breach_sentences, tolerated_sentences

    manifest, rows = manifest_in(folder), read_summary(folder / "summary.csv")
    screen = console()
    screen.print(Text(plain(question(manifest)), style="bold"))
    beside = _beside(folder, manifest)
    within = [row for side in beside.sides for row in side.rows.values()] if beside else rows
    screen.print(arms_table(within, manifest, width=screen.width))
    said = [str(said) for said in breach_sentences(rows, manifest)]
    said += intervention_sentences(manifest)
    if beside:
        said += [setting(beside), *(f"* {arm}: {text}" for arm, text in beside.sentences)]
    else:
        said += [*lead(rows, manifest), *(f"* {said}" for said in arm_sentences(rows, manifest))]
    if manifest.get("equal_spend"):
        measured = measured_from_table(read_table(folder / "measured.parquet"))
        said += terminal_sentences(rows, measured, manifest)
    regression = read_regression(folder)
    said += [f"* {sentence}" for sentence in regression_sentences(regression)] if regression else []
    said += [*tolerated_sentences(manifest), *placebo_sentences(manifest), *missing_sentences(rows)]
    for sentence in said:
        screen.print(Text(plain(sentence)))


def arms_table(rows: Sequence[Row], manifest: Manifest, *, width: int = PIPE_COLUMNS) -> Table:
    """Headline metrics, an arm a row, as many metrics as fit into ``width`` columns.

    A cell holds the mean, the difference to the baseline with what it means, and its interval.
    """
    wanted = sorted(
        (metric for metric in METRICS.values() if metric.headline),
        key=lambda metric: metric.name not in ANSWER,
    )
    metrics = wanted[: len(ANSWER)]
    for metric in wanted[len(ANSWER) :]:
        if measured_width(_table(rows, manifest, [*metrics, metric])) <= width:
            metrics.append(metric)
    in_order = [metric for metric in METRICS.values() if metric in metrics]
    return _table(rows, manifest, in_order)


def _table(rows: Sequence[Row], manifest: Manifest, metrics: Sequence[Metric]) -> Table:
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    found, bases = by_arm_and_metric(rows), _bases(manifest)
    metrics = [m for m in metrics if any((arm, m.name) in found for arm in arm_names(manifest))]
    n = len(manifest["replicates"])
    table = Table(
        title=escape(harmless(f"{manifest['name']}: {manifest['focal']}, {_counted(n)}")),
        caption=_note(_compared_with(manifest)),
        box=box.SIMPLE_HEAD,
        padding=(0, 0),
    )
    table.add_column("Arm", max_width=WIDEST_NAME, overflow="fold")
    for metric in metrics:
        heading = "\n".join(filter(None, (_in_two_lines(metric.label), _unit(metric))))
        table.add_column(heading, justify="right", no_wrap=True)
    for arm in arm_names(manifest):
        name = escape(harmless(arm)) + ("\n(baseline)" if arm in bases else "")
        cells = [_cell(found.get((arm, metric.name)), metric) for metric in metrics]
        table.add_row(name, *cells, end_section=True)
    return table


def _bases(manifest: Manifest) -> list[str]:
    """Arms that others are compared with: one, or one on every platform."""
    if manifest.get("side_by_side"):
        return [base for _, base, _ in each_side(manifest["side_by_side"])]
    baseline = baseline_of(manifest)
    return [baseline] if baseline else []


def _compared_with(manifest: Manifest) -> str | None:
    """The baseline in words; None where nothing is compared."""
    if manifest.get("side_by_side"):
        return f"{manifest['side_by_side']['baseline']} on the same platform"
    return baseline_of(manifest)


def _note(baseline: str | None) -> str:
    from rich.markup import escape

    if baseline is None:
        return "Mean over replicates."
    return (
        f"Mean; below it the difference to {escape(harmless(baseline))} with its interval, made "
        "for all arms of a metric together."
    )


def _counted(n: int) -> str:
    return f"{n:,} replicate{'s' * (n > 1)}"


def _in_two_lines(label: str) -> str:
    breaks = [i for i, c in enumerate(label) if c == " "]
    if len(label) < 10 or not breaks:
        return label
    middle = min(breaks, key=lambda i: abs(2 * i - len(label)))
    return f"{label[:middle]}\n{label[middle + 1 :]}"


def _unit(metric: Metric) -> str:
    """What a cell does not say itself."""
    unit = unit_text(metric)
    return "a month" if "month" in unit else unit if "=" in unit else ""


def _cell(row: Row | None, metric: Metric) -> str:
    if row is None:
        return "-"
    texts = [value_text(row.mean, metric)]
    change, span = difference_texts(row, metric)
    if known(row.diff):
        word = VERDICT_WORDS[verdict(row, metric)]
        texts += [f"{change.removesuffix(change_unit(metric))} {word}", span]
    return plain("\n".join(filter(None, texts)))


def band_table(outcomes: list[Outcome]) -> Table:
    """Every band's mean over seeds, its standard error, and where it should lie."""
    from rich.table import Table

    table = Table(title=f"Base market, mean over {outcomes[0].seeds} seeds", title_justify="left")
    for heading in ("statistic", "mean ± s.e.", "band", "unit", "source", ""):
        table.add_column(heading, justify="right" if "mean" in heading else "left")
    for o in outcomes:
        table.add_row(
            o.band.name,
            f"{o.mean:.3f} ± {o.standard_error:.3f}",
            f"{o.band.low:g} to {o.band.high:g}",
            o.band.unit,
            o.band.source,
            "" if o.inside else "OUTSIDE",
        )
    return table


def measured_width(table: Table) -> int:
    """Columns that a table needs so that nothing wraps."""
    from rich.console import Console

    return Console(width=1000).measure(table).maximum
