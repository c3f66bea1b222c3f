"""``break_even.csv`` and what the report says of it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from experiments.break_even import FAILED, MEASURES, NOT_CLEAR, Answer, Explored
from experiments.crossing import FOUND, NONE, UNSETTLED
from experiments.listings import Parameter, parameters
from experiments.manifest import without_folders
from experiments.metrics import METRICS
from experiments.numbers import NOTHING
from experiments.row_files import columns_of, read_rows, write_rows
from experiments.words import Manifest, in_sentence, named
from sim.config.market import Market

FILE = "break_even.csv"

CELLS = {
    NONE: "none in range",
    UNSETTLED: "not settled",
    FAILED: "failed",
    NOT_CLEAR: NOTHING,
}
"""Verdicts as the cell of a table; a value that was found is said with its side."""


@dataclass(frozen=True)
class BreakEven:
    """One arm, metric and response; numbers that do not exist are NaN."""

    arm: str
    metric: str
    response: str
    default: float  # in the experiment, unit of the response
    low: float  # plausible range
    high: float
    status: str
    arm_is: str  # better or worse than the baseline; empty where that is not clear
    verdict: str
    break_even: float
    least: float  # with replicates left out one at a time
    most: float
    replicates: int
    runs: int  # beyond the main ones; rows share runs


def table(answers: Iterable[Answer], arms: Sequence[str]) -> list[BreakEven]:
    """The rows of the file, from answers whose questions name arms by their place in ``arms``."""
    return [
        BreakEven(
            arms[q.arm], q.metric, q.response.path, q.start, q.response.low, q.response.high,
            q.response.status, q.verdict, f.verdict, f.value, f.low, f.high, f.replicates, a.runs,
        )
        for a in answers
        for q, f in [(a.question, a.finding)]
    ]  # fmt: skip


def write_explored(explored: Explored, arms: Sequence[str], folder: Path) -> dict[str, Any]:
    """Write the file, where there is anything to say; returns the entry of the manifest."""
    if explored.answers:
        write_break_even(table(explored.answers, arms), folder / FILE)
    return {
        "replicates": explored.replicates,
        "runs": explored.runs,
        "cpu_s": round(explored.worked_s, 3),
        "failed": [
            {
                "response": failure.task.path,
                "value": failure.task.value,
                "replicate": failure.task.replicate,
                "error": without_folders(failure.error),
            }
            for failure in explored.failures
        ],
    }


COLUMNS = columns_of(BreakEven)


def write_break_even(rows: Iterable[BreakEven], path: Path) -> None:
    """Write ``break_even.csv``."""
    write_rows(rows, BreakEven, path)


def read_break_even(folder: Path) -> list[BreakEven]:
    """Rows of a result's ``break_even.csv``; none where there is no such file.

    Raises ValueError when it has other columns.
    """
    return read_rows(BreakEven, folder / FILE)


# ---------------------------------------------------------------- the report


@dataclass(frozen=True)
class Cell:
    """A break-even as text, and how sure it is; "" where there is nothing to add."""

    text: str
    span: str = ""


@dataclass(frozen=True)
class Line:
    """A response with its cells, one a measure."""

    path: str
    meaning: str
    value: str
    unit: str
    plausible: str
    status: str
    cells: list[Cell]


@dataclass(frozen=True)
class OfArm:
    """What the report says of one outreach arm."""

    arm: str
    sentences: list[str]
    measures: list[tuple[str, str]]
    """Label, and what the arm is there."""
    lines: list[Line]
    turns: bool
    """Is there a break-even in any line?"""


def of_arms(rows: Sequence[BreakEven]) -> list[OfArm]:
    """Sentences and a table for each outreach arm, in order of the file."""
    known = {parameter.path: parameter for parameter in parameters(Market)}
    return [
        _of_arm(arm, [row for row in rows if row.arm == arm], known)
        for arm in dict.fromkeys(row.arm for row in rows)
    ]


def _of_arm(arm: str, rows: Sequence[BreakEven], known: dict[str, Parameter]) -> OfArm:
    metrics = [name for name in MEASURES if any(row.metric == name for row in rows)]
    by_metric = {name: [row for row in rows if row.metric == name] for name in metrics}
    unclear = [in_sentence(METRICS[name]) for name in metrics if not by_metric[name][0].arm_is]
    clear = [name for name in metrics if by_metric[name][0].arm_is]
    steady = [name for name in clear if all(row.verdict == NONE for row in by_metric[name])]
    said = [_said(name, by_metric[name], known) for name in clear if name not in steady]
    if steady:
        whats = named([_what(name, by_metric[name]) for name in steady])
        said.append(
            f"Its {whats} stay{'s' * (len(steady) == 1)} at both ends of all plausible ranges."
        )
    if unclear:
        said.append(f"It has no clear difference to lose in {named(unclear)}.")
    heads = [(METRICS[name].label, by_metric[name][0].arm_is or NOT_CLEAR) for name in metrics]
    paths = list(dict.fromkeys(row.response for row in rows)) if len(unclear) < len(metrics) else []
    found = {(row.metric, row.response): row for row in rows}
    lines = [_line([found[name, path] for name in metrics], known.get(path)) for path in paths]
    return OfArm(arm, said, heads, lines, any(row.verdict == FOUND for row in rows))


def _said(name: str, rows: Sequence[BreakEven], known: dict[str, Parameter]) -> str:
    """One measure of an arm in a sentence, where not everything keeps its side."""
    what = f"Its {_what(name, rows)}"
    turning = [row for row in rows if row.verdict == FOUND]
    open_ = [row.response for row in rows if row.verdict in (FAILED, UNSETTLED)]
    if len(open_) == len(rows):
        return f"What its {_what(name, rows)} rests on, these few replicates do not say."
    rest = f" About {named(open_)} these few replicates say nothing." if open_ else ""
    if not turning:
        return f"{what} stays at both ends of all other plausible ranges.{rest}"
    return f"{what} stays unless {', or '.join(_unless(row, known) for row in turning)}.{rest}"


def _what(name: str, rows: Sequence[BreakEven]) -> str:
    return f"{rows[0].arm_is} {in_sentence(METRICS[name])}"


def _unless(row: BreakEven, known: dict[str, Parameter]) -> str:
    """``responding.ask_review (a request …) is below 1.3 (assumed: 2; plausible: 1.2 to 5)``."""
    parameter = known.get(row.response)
    meaning = f" ({_short(parameter.meaning)})" if parameter else ""
    return (
        f"{row.response}{meaning} is {_side(row)} ({row.status}: {row.default:g}; "
        f"plausible: {row.low:g} to {row.high:g}{_doubt(row)})"
    )


def _doubt(row: BreakEven) -> str:
    return "; a rough guess" if row.replicates < 2 or math.isnan(row.least) else ""


def _short(meaning: str) -> str:
    """A meaning up to its first pause, as it stands inside a sentence."""
    first = re.split("[;:]", meaning, maxsplit=1)[0]
    return first[:1].lower() + first[1:]


def _side(row: BreakEven) -> str:
    way = "below" if row.break_even < row.default else "above"
    return f"{way} {printed(row.break_even, row)}"


def printed(value: float, row: BreakEven) -> str:
    """A break-even as it is printed, to some hundredth of its range: few runs carry no more."""
    digits = max(0, 2 - math.floor(math.log10(row.high - row.low)))
    return f"{round(value, digits):g}"


def _line(rows: Sequence[BreakEven], parameter: Parameter | None) -> Line:
    row = rows[0]
    return Line(
        path=row.response,
        meaning=parameter.meaning if parameter else "",
        value=f"{row.default:g}",
        unit=parameter.unit if parameter else "",
        plausible=f"{row.low:g} to {row.high:g}",
        status=row.status,
        cells=[_cell(row) for row in rows],
    )


def _cell(row: BreakEven) -> Cell:
    if row.verdict != FOUND:
        return Cell(CELLS.get(row.verdict, row.verdict))
    if row.replicates < 2:
        return Cell(_side(row))
    if math.isnan(row.least):
        return Cell(_side(row), "not without one of the replicates")
    return Cell(_side(row), f"{printed(row.least, row)} to {printed(row.most, row)}")


def about(rows: Sequence[BreakEven], manifest: Manifest) -> dict[str, Any]:
    """What the template of the report needs."""
    n = (manifest.get("break_even") or {}).get("replicates", 0)
    return {
        "break_evens": of_arms(rows),
        "break_even_failures": failures(manifest),
        "break_even_note": f"{n} replicate{'s' * (n != 1)}",
    }


def failures(manifest: Manifest) -> list[str]:
    """Runs for break-evens that came to nothing, in sentences."""
    failed = (manifest.get("break_even") or {}).get("failed") or []
    return [
        f"A run with {one['response']} at {one['value']:g} (replicate {one['replicate']}) failed, "
        f"so that its break-evens are not known: {one['error']}."
        for one in failed
    ]
