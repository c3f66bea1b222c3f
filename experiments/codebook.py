"""The codebook: what every file, column and metric of a result means, as Markdown.

``python -m experiments.codebook > docs/tables.md`` writes the one in the documentation.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from experiments.break_even_columns import BREAK_EVEN
from experiments.columns import DAILY, LEDGER, MEASURED, SOMETIMES, SUMMARY, TABLES, Column, Table
from experiments.flips_columns import FLIPS
from experiments.regression_columns import REGRESSION

if TYPE_CHECKING:
    from experiments.metrics import Metric

BETTER = {"lower": "lower", "higher": "higher", "neither": "-"}
"""Which direction is better."""
ABOUT_METRICS = (
    "Measured are the days after the warm-up (warm_up + 1 to days), with what was known at the "
    "end of the run-out. A *mean* is one number per replicate; a *proportion* is part of a whole "
    "and reported as the ratio of their totals over replicates; a *share* is 0 or 1 per replicate."
)
OTHER_FILES = {
    "break_even.csv": "where the advantage of outreach disappears: one row per "
    f"{BREAK_EVEN.row}; absent where no arm differs by outreach",
    "flips.csv": "which conclusions about platforms turn round with what is assumed: one row per "
    f"{FLIPS.row}; absent where the experiment states no `platforms`",
    "regression.csv": "a plain regression beside the truth: one row per "
    f"{REGRESSION.row}; absent where the experiment states no `regression`",
    "manifest.json": "what was run: file, arms and their changes, seed, versions, content hash, "
    "warnings, replicates that failed, times",
    "report.html": "the answer with tables and figures; opens offline",
    "figures/": "each figure of the report as PNG and SVG",
    "codebook.md": "this page",
}
ABOUT_FOCAL = (
    "Everything is about the focal seller, all its listings together; columns that begin with "
    "`rival_` are about the others."
)


def codebook(
    tables: Collection[str], metrics: Mapping[str, Metric], *, recorded_as: str = "daily"
) -> str:
    """The codebook of a result that holds these ``tables`` (names as in ``columns.TABLES``).

    ``recorded_as``: "daily", "weekly" or "focal", as in the manifest.
    """
    daily = [name for name in tables if name in (*DAILY, *SOMETIMES)]
    by_week = {"daily": False, "ledger": False, "weekly": True}.get(recorded_as)
    kept = [*daily, *(name for name in ("ledger",) if name in tables)]
    parts = ["# Codebook", _intro(recorded_as), "## Files", _files(kept)]
    for name in daily:
        parts += [f"## {name}.parquet", f"One row per {TABLES[name].row}."]
        parts += [ABOUT_FOCAL] * (name == "focal")
        parts.append(_columns(TABLES[name], by_week))
    others = {
        **({"ledger.parquet": LEDGER} if "ledger" in tables else {}),
        "measured.parquet": MEASURED,
        "summary.csv": SUMMARY,
        "break_even.csv": BREAK_EVEN,
        "flips.csv": FLIPS,
        "regression.csv": REGRESSION,
    }
    for file, table in others.items():
        parts += [f"## {file}", f"One row per {table.row}.", _columns(table, None)]
    parts += ["## Metrics", ABOUT_METRICS, _metrics(metrics)]
    return "\n\n".join(parts) + "\n"


def document(metrics: Mapping[str, Metric]) -> str:
    """``docs/tables.md``: the codebook of a result that holds everything."""
    made = "<!-- Made by `python -m experiments.codebook > docs/tables.md`; do not edit. -->\n\n"
    text = codebook((*DAILY, *SOMETIMES, "ledger"), metrics).replace(
        "# Codebook", "# The output tables", 1
    )
    return made + text.replace("| this page |", "| this page, beside each result |", 1)


def _intro(recorded_as: str) -> str:
    text = (
        "Counts are of the day on which something happened; states, stars, scores and places are "
        "those of the evening, which shoppers meet the next morning. Missing values are empty "
        "(null or NaN). In summary.csv a text that a spreadsheet would take for a formula has an "
        "apostrophe before it."
    )
    if recorded_as == "weekly":
        text += "\n\nThese tables are **by week**: days 1-7, 8-14, …; the last may be shorter."
    elif recorded_as == "daily":
        text += (
            "\n\nWith `record: weekly` a row stands for the days 1-7, 8-14, … (the last week may "
            'be shorter); the column "by week" says how. With `record: focal` sellers.parquet, '
            "listings.parquet and standing.parquet are left out; the last is there only where the "
            "platform's rules state measures."
        )
    return text


def _files(tables: Sequence[str]) -> str:
    rows = {f"{name}.parquet": f"one row per {TABLES[name].row}" for name in tables}
    rows["measured.parquet"] = f"every metric's value: one row per {MEASURED.row}"
    rows["summary.csv"] = f"what the report's table says: one row per {SUMMARY.row}"
    return markdown_table(
        ("file", "holds"), [(_code(f), text) for f, text in (rows | OTHER_FILES).items()]
    )


def _columns(table: Table, is_weekly: bool | None) -> str:
    """The columns of a table, and how they go to a week unless ``is_weekly`` is None."""
    head = ("column", "type", "unit", "meaning")
    rows = [(_code(c.name), c.type, c.unit, c.meaning) for c in table.columns]
    if is_weekly is None:
        return markdown_table(head, rows)
    weeks = [_week(c) for c in table.columns]
    return markdown_table(
        (*head, "here" if is_weekly else "by week"),
        [(*row, week) for row, week in zip(rows, weeks, strict=True)],
    )


def _week(column: Column) -> str:
    match column.week:
        case ("mean", weight):
            return f"mean weighted by {_code(weight)}"
        case "sum":
            return "sum"
        case "key" if column.name != "day":
            return "same"
        case _:
            return "last day"


def _metrics(metrics: Mapping[str, Metric]) -> str:
    head = ("metric", "about", "definition", "unit", "better", "kind", "missing")
    return markdown_table(
        head,
        [
            (
                _code(m.name) + (" (headline)" if m.headline else ""),
                m.whose,
                m.definition,
                m.unit,
                BETTER[m.direction],
                m.kind,
                m.missing,
            )
            for m in metrics.values()
        ],
    )


def _code(text: str) -> str:
    return f"`{text}`"


def markdown_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; bars inside cells are escaped."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(
        "| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines
    )


if __name__ == "__main__":
    from experiments.metrics import METRICS

    print(document(METRICS), end="")
