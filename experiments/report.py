"""The report of an experiment: one HTML file that opens offline and answers the question.

Pictures are part of the file, there is no script, and nothing is fetched. Whatever a user wrote
passes through jinja2's escaping; what is said and how numbers look is decided in
``experiments.words`` and ``experiments.numbers``.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.break_even_table import BreakEven, read_break_even
from experiments.break_even_table import about as about_break_evens
from experiments.figures import Drawn, Skipped, draw_figures
from experiments.figures.beside import draw_beside
from experiments.figures.elasticities import draw_elasticities
from experiments.flips import read_flips
from experiments.intervention_words import intervention_sentences
from experiments.lead import lead
from experiments.metrics import METRICS
from experiments.numbers import known, unit_text, yaml_text
from experiments.regression_table import Elasticity, read_regression
from experiments.regression_words import regression_part
from experiments.report_tables import Fractions, full_table, headline_tables
from experiments.rests_on import assumptions, others_assumed
from experiments.side_by_side_table import SidePart, bases_only, setting, side_part, turned_by
from experiments.spending import EqualSpendPart, equal_spend_part
from experiments.verdicts import breach_sentences, tolerated_sentences
from experiments.words import (
    Manifest,
    arm_sentences,
    baseline_of,
    missing_sentences,
    named,
    placebo_sentences,
    question,
)

if TYPE_CHECKING:
    import jinja2
    import numpy as np

    from experiments.summary import Row

TEMPLATES = Path(__file__).resolve().parent / "templates"
LARGEST_SVG = 200_000
"""Bytes of a drawing beyond which the report holds the picture instead."""

LONGEST_VALUE = 160
VARY = {
    "world": "Every replicate draws rivals, qualities and luck anew; what the file states stays.",
    "luck": "Every replicate is the same market, rivals and qualities included; only luck differs.",
}


def write_report(folder: Path, into: Path | None = None) -> Path:
    """Draw the figures of a result directory and write its ``report.html``; returns the file.

    Reads manifest.json, focal.parquet and measured.parquet. ``into`` is where summary.csv and
    regression.csv lie and where report and figures go (default: ``folder`` itself). Raises
    UserError when the folder holds no result or a damaged one.
    """
    from experiments.opening import manifest_in
    from experiments.results import read_table
    from experiments.summary import measured_from_table, read_summary

    manifest = manifest_in(folder)
    into = into or folder
    rows = read_summary(into / "summary.csv")
    focal = read_table(folder / "focal.parquet")
    measured = read_table(folder / "measured.parquet")
    fractions = _fractions(measured)
    by_replicate = measured_from_table(measured)
    equal_spend = equal_spend_part(rows, by_replicate, manifest)
    flips = read_flips(folder)
    beside = side_part(manifest, by_replicate, flips)
    about, days = bases_only(manifest, focal) if beside else (manifest, focal)
    figures = draw_figures(days, about, rows, into / "figures")
    breaks = read_break_even(folder)
    regression = read_regression(into)
    if regression:
        figures.append(draw_elasticities(regression, into / "figures"))
    if beside and len(beside.tables) > 1:
        figures.append(draw_beside(beside, turned_by(flips), into / "figures"))
    text = render(
        manifest,
        rows,
        fractions,
        figures,
        into / "figures",
        breaks,
        equal_spend,
        regression,
        beside,
    )
    report = into / "report.html"
    report.write_text(text, encoding="utf-8")
    return report


def render(
    manifest: Manifest,
    rows: Sequence[Row],
    fractions: Fractions,
    figures: Sequence[Drawn | Skipped],
    pictures: Path,
    break_evens: Sequence[BreakEven] = (),
    equal_spend: EqualSpendPart | None = None,
    regression: Sequence[Elasticity] = (),
    beside: SidePart | None = None,
) -> str:
    """The report as HTML; ``pictures`` is the folder of the figures' files."""
    behind = assumptions(manifest)
    return (
        environment()
        .get_template("report.html.j2")
        .render(
            manifest=manifest,
            question=question(manifest),
            baseline=baseline_of(manifest),
            lead=[setting(beside)] if beside else lead(rows, manifest),
            beside=beside,
            breaches=breach_sentences(rows, manifest),
            tolerated=tolerated_sentences(manifest),
            interventions=intervention_sentences(manifest),
            sentences=[] if beside else arm_sentences(rows, manifest),
            tables=[] if beside else headline_tables(rows, manifest, fractions),
            full=full_table(rows, manifest),
            with_p=any(known(row.p_value) for row in rows),
            equal_spend=equal_spend,
            regression=regression_part(regression, manifest),
            drawn=[figure_of(figure, pictures) for figure in figures if isinstance(figure, Drawn)],
            skipped=[figure for figure in figures if isinstance(figure, Skipped)],
            placebos=placebo_sentences(manifest),
            missing=missing_sentences(rows),
            methods=_methods(rows),
            changes=_changes(manifest),
            behind=behind,
            more_behind=others_assumed(behind),
            platforms=_platforms(manifest),
            vary=VARY.get(manifest["vary"], ""),
            **about_break_evens(break_evens, manifest),
        )
    )


def environment() -> jinja2.Environment:
    """Templates in which whatever a user wrote is escaped and a missing name is an error."""
    import jinja2

    found = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters["unit"] = unit_text
    return found


def figure_of(figure: Drawn, pictures: Path) -> dict[str, str]:
    """A figure with its picture as a data URI: the SVG, or the PNG where that is smaller."""
    drawing = (pictures / f"{figure.name}.svg").read_bytes()
    kind, data = "image/svg+xml", drawing
    if len(drawing) > LARGEST_SVG:
        kind, data = "image/png", (pictures / f"{figure.name}.png").read_bytes()
    return {
        "name": figure.name,
        "caption": figure.caption,
        "alt": f"{figure.title}. {figure.alt}",
        "uri": f"data:{kind};base64,{b64encode(data).decode('ascii')}",
    }


def _fractions(measured: Mapping[str, np.ndarray]) -> Fractions:
    """Part and whole added up over replicates, by arm and metric."""
    totals: dict[tuple[str, str], tuple[float, float]] = {}
    columns = (measured[name].tolist() for name in ("arm", "metric", "part", "whole"))
    for arm, metric, part, whole in zip(*columns, strict=True):
        before = totals.get((arm, metric), (0.0, 0.0))
        totals[arm, metric] = (before[0] + part, before[1] + whole)
    return totals


def _methods(rows: Sequence[Row]) -> list[str]:
    """How intervals were made, for the kinds of metrics that there are."""
    from experiments.statistics import FAMILY, METHODS

    names = {
        "mean": "Means",
        "proportion": "Proportions",
        "share": "Shares of replicates",
        "ahead": "Share ahead",
        "p_value": "p-values",
    }
    kinds = {METRICS[row.metric].kind for row in rows if row.metric in METRICS} | {"ahead"}
    if any(known(row.p_value) for row in rows):
        kinds.add("p_value")
    return [FAMILY, *(f"{names[kind]}: {METHODS[kind]}" for kind in names if kind in kinds)]


def _changes(manifest: Manifest) -> list[dict[str, Any]]:
    """Every value that arms change, as text, with what is known about the parameter.

    Arms that change a parameter to the same value share an entry.
    """
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for arm in manifest["arms"]:
        for change in arm["changes"]:
            entry = {
                "arms": [],
                "path": change["path"],
                "base": _value(change["base"]),
                "value": _value(change["value"]),
                "unit": change.get("unit") or "",
                "status": change.get("status") or "",
                "range": _range(change),
                "source": change.get("source") or "",
            }
            key = (change["path"], json.dumps(change["value"]))
            found.setdefault(key, entry)["arms"].append(arm["name"])
    return list(found.values())


def _platforms(manifest: Manifest) -> str:
    """Names of the arms' platforms, the base's first."""
    base = manifest["platform"]
    return named(list(dict.fromkeys([base, *(a.get("platform", base) for a in manifest["arms"])])))


def _value(value: Any) -> str:
    text = yaml_text(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"


def _range(change: Mapping[str, Any]) -> str:
    low, high = change.get("low"), change.get("high")
    if low is None and high is None:
        return ""
    if low is None:
        return f"up to {high:g}"
    return f"from {low:g}" if high is None else f"{low:g} to {high:g}"
