"""What a calibration came to: tables and sentences, once for a terminal and once as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from experiments.calibration.config import Calibration
from experiments.calibration.fit import Fitted
from experiments.calibration.identified import Direction, Identified
from experiments.calibration.yaml_lines import yaml_lines
from experiments.evidence.finding import Finding

if TYPE_CHECKING:
    from rich.console import Console

Row = tuple[str, ...]


@dataclass(frozen=True)
class Section:
    """A heading, a table if it has one, and sentences below it."""

    title: str
    headings: Row = ()
    rows: tuple[Row, ...] = ()
    sentences: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    """Lines of YAML."""


def outside(calibration: Calibration, fitted: Fitted) -> list[str]:
    """Ids of moments whose mean over seeds lies outside their band in the end."""
    means = np.nanmean(fitted.outcome_after, axis=0)
    return [
        f.id for f, mean in zip(calibration.findings, means, strict=True) if not _inside(f, mean)
    ]


def sections(calibration: Calibration, fitted: Fitted, known: Identified) -> list[Section]:
    """All that is said, in order."""
    return [
        _moments(calibration, fitted),
        _parameters(calibration, fitted, known),
        _told_apart(calibration, known),
        _search(calibration, fitted),
        Section("To be pasted", lines=tuple(yaml_lines(calibration, fitted.after))),
    ]


def _moments(calibration: Calibration, fitted: Fitted) -> Section:
    """Every moment before and after."""
    before, after = (np.nanmean(x, axis=0) for x in (fitted.outcome_before, fitted.outcome_after))
    rows = tuple(
        (
            f.id,
            f.name,
            _short(target),
            f"{f.band[0]:g} to {f.band[1]:g}",
            _short(then),
            _short(now),
            f"{(now - target) / half:+.2f}",
            "yes" if _inside(f, now) else "NO",
        )
        for f, target, half, then, now in zip(
            calibration.findings,
            fitted.problem.targets,
            fitted.problem.half_widths,
            before,
            after,
            strict=True,
        )
    )
    headings = ("id", "moment", "target", "band", "before", "after", "half-widths off", "in band")
    lost = outside(calibration, fitted)
    said = f"Outside of their bands: {', '.join(lost)}." if lost else "All lie in their bands."
    n = len(calibration.seeds)
    return Section(f"Moments, means over {n} seeds", headings, rows, (said,))


def _parameters(calibration: Calibration, fitted: Fitted, known: Identified) -> Section:
    """Every parameter before and after, with its interval."""
    rows = []
    for number, then, now, interval in zip(
        calibration.numbers, fitted.before, fitted.after, known.intervals, strict=True
    ):
        notes = ["at a bound"] if interval.at_bound else []
        if not interval.identified:
            notes.append("not identified")
        elif interval.clipped:
            notes.append("interval clipped")
        span = f"{_short(interval.low)} to {_short(interval.high)}"
        bounds = f"{number.low:g} to {number.high:g}"
        rows.append((number.path, bounds, f"{then:g}", f"{now:g}", span, ", ".join(notes)))
    said = [
        "Intervals hold what the bands leave open (half a band = 1.96 standard deviations) and the "
        "luck of few seeds, and end at the bounds."
    ]
    said += [
        f"{n.path}: the search began at the bound {start:g}, as the market's {n.stated:g} lies "
        "outside."
        for n, start in zip(calibration.numbers, fitted.before, strict=True)
        if not n.low <= n.stated <= n.high
    ]
    headings = ("parameter", "bounds", "before", "after", "95 % interval", "")
    return Section("Parameters", headings, tuple(rows), tuple(said))


def _told_apart(calibration: Calibration, known: Identified) -> Section:
    """What the moments cannot tell."""
    paths = [number.path for number in calibration.numbers]
    said = [f"{paths[j]} alone: over its whole range it moves no moment." for j in known.alone]
    said += [_in_words(direction, paths) for direction in known.directions]
    said += [
        f"{paths[i]} and {paths[j]}: their estimates are correlated {alike:+.2f}; "
        f"{'both up' if alike > 0 else 'one up and the other down'} fits nearly as well."
        for i, j, alike in known.pairs
    ]
    unknown = [
        p for p, interval in zip(paths, known.intervals, strict=True) if not interval.identified
    ]
    if unknown:
        said.append(
            f"Not identified, as the interval covers all of the range: {', '.join(unknown)}."
        )
    sizes = ", ".join(f"{s:.2g}" for s in known.singular_values)
    said.append(
        f"Singular values of the slopes (half-widths per range; below 1 is no knowledge): {sizes}."
    )
    if len(said) == 1:
        said.insert(0, "All parameters can be told apart.")
    return Section("What the moments cannot tell apart", sentences=tuple(said))


def _in_words(direction: Direction, paths: Sequence[str]) -> str:
    if len(direction.parts) == 1:
        (j, _), size = direction.parts[0], direction.size
        return f"{paths[j]} nearly alone: its range moves little (singular value {size:.2g})."
    parts = [f"{paths[j]} {'up' if x > 0 else 'down'} by {abs(x):.2f}" for j, x in direction.parts]
    return (
        f"These move together (in shares of their ranges): {', '.join(parts)} leave all moments as "
        f"they are (singular value {direction.size:.2g})."
    )


def _search(calibration: Calibration, fitted: Fitted) -> Section:
    """How the search went."""
    rows = tuple(
        (
            str(step.number),
            f"{step.distance:.3f}",
            "none better" if step.damping is None else f"{step.damping:g}",
            str(step.refused),
        )
        for step in fitted.steps
    )
    first = fitted.problem.by_seed(fitted.outcome_before)
    start = float(np.sqrt(np.mean(np.nanmean(first, axis=0) ** 2)))
    said = [f"Distance: root mean square of the moments' residuals, {start:.3f} at the start."]
    said.append(f"Stopped: {fitted.stopped}.")
    said += [f"A point was refused: {reason}" for reason in fitted.refused]
    gaps = int(np.isnan(fitted.outcome_after).sum())
    if gaps:
        said.append(f"{gaps} values by seed could not be computed; means are over the others.")
    return Section("Search", ("step", "distance", "damping", "refused"), rows, tuple(said))


def _inside(finding: Finding, value: float) -> bool:
    return bool(finding.band[0] <= value <= finding.band[1])


def _short(x: float) -> str:
    return f"{x:.4g}"


# --- on a terminal, as Markdown, as a table of points ----------------------------------------


def show(found: Sequence[Section], screen: Console) -> None:
    """Print the sections."""
    from rich.table import Table
    from rich.text import Text

    for section in found:
        if section.rows:
            table = Table(title=section.title, title_justify="left")
            for k, heading in enumerate(section.headings):
                numeric = k > 0 and heading not in ("moment", "band", "bounds", "in band", "")
                table.add_column(heading, justify="right" if numeric else "left", overflow="fold")
            for row in section.rows:
                table.add_row(*map(Text, row))
            screen.print(table)
        else:
            screen.print(Text(section.title, style="bold"))
        for sentence in section.sentences:
            screen.print(Text(sentence))
        for line in section.lines:
            print(line)  # as it is, never wrapped
        screen.print()


def markdown(heading: str, found: Sequence[Section]) -> str:
    """The sections as a page."""
    return "\n".join([f"# {heading}", "", *(line for s in found for line in _page(s))])


def _page(section: Section) -> Iterator[str]:
    yield from (f"## {section.title}", "")
    if section.rows:
        for row in (section.headings, ("---",) * len(section.headings), *section.rows):
            yield f"| {' | '.join(cell.replace('|', '/') for cell in row)} |"
        yield ""
    for sentence in section.sentences:
        yield from (f"* {sentence}",)
    if section.sentences:
        yield ""
    if section.lines:
        yield from ("```yaml", *section.lines, "```", "")
