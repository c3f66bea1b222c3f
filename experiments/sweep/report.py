"""The report of a sweep: one HTML file that opens offline, and its figures as PNG and SVG."""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from experiments.figures.sheet import Drawn, style
from experiments.figures.surfaces import Surface, draw_main_effects, draw_surface
from experiments.metrics import METRICS, Metric
from experiments.mistakes import UserError
from experiments.numbers import change_text, known, limit_text, style_of, value_text, yaml_text
from experiments.report import environment, figure_of
from experiments.results import slug
from experiments.statistics import Estimate
from experiments.summary import estimate
from experiments.sweep.effects import (
    LEVEL,
    Axis,
    Contrast,
    along,
    axis,
    grouped,
    interactions,
    main_effect,
    moved_along,
    moved_over,
    over,
    pairs_of,
)
from experiments.sweep.run import again
from experiments.sweep.store import Store
from experiments.sweep.table import BASE, Table
from experiments.words import ANSWER, in_sentence

MOST_FACTORS = 6
"""Factors whose effects are shown; of more, those that move the first metric most."""
MOST_CELLS = 200
MOST_FAILURES = 10


def write_sweep_report(folder: Path) -> Path:
    """Draw the figures of a sweep and write its ``report.html``; returns the file.

    Raises UserError where nothing has been lived yet, or the folder cannot be written to.
    """
    with Store(folder) as store:
        table = Table(store)
        told = _told(store, table)
    try:
        return _write(table, told, folder)
    except OSError as error:
        raise UserError(f"{folder}: cannot be written: {error.strerror}") from error


def _write(table: Table, told: dict[str, Any], folder: Path) -> Path:
    pictures = folder / "figures"
    shutil.rmtree(pictures, ignore_errors=True)
    pictures.mkdir()
    metrics = _metrics(table)
    axes = _axes(table, metrics[0])
    surfaces = _surfaces(table, axes)
    effects = [
        main_effect(pairs_of(table, name), laid, METRICS[name])
        for name in metrics
        for laid in axes
        if len(laid.labels) > 1
    ]
    figures = _draw(table, surfaces, metrics, axes, pictures)
    text = (
        environment()
        .get_template("sweep.html.j2")
        .render(
            **told,
            lead=[
                sentence for name in metrics for sentence in _lead(table, METRICS[name], effects)
            ],
            figures=[figure_of(figure, pictures) for figure in figures],
            effects=[_line(effect) for effect in effects],
            interactions=[_line(one) for one in interactions(table, axes, metrics)],
            heads=[METRICS[name] for name in metrics],
            cells=_cells(table, metrics) if len(table.points) <= MOST_CELLS else [],
            left_out=len(table.factors) - len(axes),
        )
    )
    report = folder / "report.html"
    report.write_text(text, encoding="utf-8")
    return report


def _told(store: Store, table: Table) -> dict[str, Any]:
    """What is said about the sweep itself."""
    ok, failed, _ = store.counts()
    total = len(set(store.digests())) * int(store.meta("replicates"))
    file = store.meta("config_file")
    failures = store.failures()
    events = store.diary()
    return {
        "stated": table.stated,
        "focal": store.meta("focal"),
        "limit": limit_text(table.limit),
        "factors": [_factor(table, name) for name in table.factors],
        "n_cells": len(table.points),
        "ok": ok,
        "failed": failed,
        "missing": total - ok - failed,
        "failures": [
            {"cell": cell, "replicate": replicate, "error": error,
             "again": again(file, cell, replicate)}
            for cell, replicate, _, error in failures[:MOST_FAILURES]
        ],
        "more_failures": max(0, len(failures) - MOST_FAILURES),
        "fingerprint": store.meta("fingerprint"),
        "identity": store.meta("identity"),
        "config": store.meta("config"),
        "config_file": Path(file).name,
        "began": time.strftime("%Y-%m-%d", time.gmtime(events[0][0])) if events else "",
    }  # fmt: skip


def _metrics(table: Table) -> list[str]:
    """Those of the stated surfaces, else those that answer the question of the place."""
    stated = dict.fromkeys(surface["metric"] for surface in table.stated["surfaces"])
    return [name for name in stated or ANSWER if name in table.metrics]


def _axes(table: Table, metric: str) -> list[Axis]:
    """Factors in order of the file; of many, those that move the first metric most."""
    axes = [axis(table, name) for name in table.factors]
    if len(axes) <= MOST_FACTORS:
        return axes
    pairs = pairs_of(table, metric)

    def reach(laid: Axis) -> float:
        found = [e.value for e in along(pairs, laid, METRICS[metric]) if known(e.value)]
        return max(found) - min(found) if found else 0.0

    largest = sorted(axes, key=reach, reverse=True)[:MOST_FACTORS]
    return [laid for laid in axes if laid in largest]


def _surfaces(table: Table, axes: Sequence[Axis]) -> list[Surface]:
    """The stated ones, else every metric over the first two factors, where the design has them."""
    stated = table.stated["surfaces"]
    if not stated and len(axes) > 1:
        first, second = axes[0].name, axes[1].name
        stated = [{"x": first, "y": second, "metric": m, "contours": ()} for m in _metrics(table)]
    found = []
    for one in stated:
        metric, x, y = METRICS[one["metric"]], axis(table, one["x"]), axis(table, one["y"])
        pairs = pairs_of(table, metric.name)
        cells = over(pairs, x, y, metric)
        n = sum(known(cell.value) for row in cells for cell in row)
        if min(len(x.labels), len(y.labels)) > 1 and n > len(x.labels) + len(y.labels) - 1:
            limit = table.limit if metric.name == "odr" else None
            moves = moved_over(pairs, x, y, metric)
            found.append(Surface(metric, x, y, cells, moves, limit, tuple(one["contours"])))
    return found


def _draw(
    table: Table,
    surfaces: Sequence[Surface],
    metrics: Sequence[str],
    axes: Sequence[Axis],
    pictures: Path,
) -> list[Drawn]:
    with style():
        figures = [
            draw_surface(surface, pictures, f"surface_{i}_{slug(surface.name)}")
            for i, surface in enumerate(surfaces, 1)
        ]
        effects = {
            (name, laid.name): moved_along(pairs_of(table, name), laid, METRICS[name])
            for name in metrics
            for laid in axes
        }
        shown = [METRICS[name] for name in metrics]
        figures.append(draw_main_effects(shown, axes, effects, pictures))
    return figures


def _lead(table: Table, metric: Metric, effects: Sequence[Contrast]) -> list[str]:
    """Where a metric lies, in how many cells it is within the limit, what moves it most."""
    found = table.cell_means(metric.name)
    there = np.flatnonzero(~np.isnan(found))
    if not len(there):
        return [f"{metric.label}: no cell has a value."]
    least, most = (int(there[k(found[there])]) for k in (np.argmin, np.argmax))
    said = (
        f"{metric.label} lies between {value_text(float(found[least]), metric)} "
        f"({_point(table, least)}) and {value_text(float(found[most]), metric)} "
        f"({_point(table, most)})."
    )
    if metric.name == "odr":
        n = int((found[there] <= table.limit).sum())
        said += (
            f" It is within the limit of {limit_text(table.limit)} in {n} of {len(there)} cells."
        )
    own = [e for e in effects if e.metric is metric and known(e.found.value)]
    sentences = [said]
    for effect in sorted(own, key=lambda e: -abs(e.found.value)):
        (first, last), name = effect.ends[0], effect.factors[0]
        sentences.append(
            f"From {name} {first} to {last}, {in_sentence(metric)} changes by "
            f"{_change(effect.found, metric)}{_clear(effect.found)}."
        )
    return sentences


def _clear(found: Estimate) -> str:
    if not (known(found.low) and known(found.high)):
        return ""
    return ", which may be chance" if found.low <= 0.0 <= found.high else ""


def _change(found: Estimate, metric: Metric) -> str:
    """``−0.68 points (−0.92 to −0.41)``."""
    texts = [change_text(value, metric) for value in found]
    unit = style_of(metric).unit_of_change
    if not known(found.value):
        return texts[0]
    span = f" ({texts[1]} to {texts[2]})" if known(found.low) and known(found.high) else ""
    return f"{texts[0]}{unit}{span}"


def _line(effect: Contrast) -> dict[str, Any]:
    metric = effect.metric
    return {
        "metric": metric.label,
        "factors": effect.factors,
        "ends": effect.ends,
        "parts": [_change(part, metric) for part in effect.parts],
        "change": _change(effect.found, metric),
        "clear": known(effect.found.low) and not effect.found.low <= 0 <= effect.found.high,
    }


def _cells(table: Table, metrics: Sequence[str]) -> list[dict[str, Any]]:
    """A line per cell: its factors, and the metrics with their intervals."""
    lines = []
    pairs = {name: pairs_of(table, name) for name in metrics}
    for cell, point in enumerate(table.points):
        values = []
        for name in metrics:
            found = estimate(METRICS[name], grouped(pairs[name][[cell]], METRICS[name]), LEVEL)
            span = ""
            if known(found.low) and known(found.high):
                ends = (value_text(end, METRICS[name]) for end in found[1:])
                span = "{} to {}".format(*ends)
            values.append({"mean": value_text(found.value, METRICS[name]), "span": span})
        given = [BASE if value is None else yaml_text(value) for value in point.values()]
        lines.append({"cell": cell, "point": given, "values": values})
    return lines


def _factor(table: Table, name: str) -> dict[str, Any]:
    """What a factor stands for, and which paths it changes to what."""
    factor = table.stated["factors"][name]
    changes = []
    for path, (low, high) in (factor["moves"] or {}).items():
        changes.append((path, f"{low:g} at 0 to {high:g} at 1"))
    for level, content in (factor["levels"] or {}).items():
        text = ", ".join(f"{path} {yaml_text(value)}" for path, value in (content or {}).items())
        changes.append((level, text or "as in the base"))
    if not changes:
        changes.append((factor["path"] or name, ""))
    labels = axis(table, name).labels
    return {"name": name, "about": factor["about"], "changes": changes, "values": labels}


def _point(table: Table, cell: int) -> str:
    point = table.points[cell]
    said = [f"{name} {yaml_text(value)}" for name, value in point.items() if value is not None]
    return ", ".join(said) or "the base"
