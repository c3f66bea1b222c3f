"""What if, told: the event and its role, the replicate with it and without, the mean of others."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from experiments.numbers import harmless
from experiments.statistics import Estimate
from experiments.whatif import MEASURES, Answer, Measure

if TYPE_CHECKING:
    from rich.table import Table


def about_event(answer: Answer) -> str:
    """Which event it is, and its role."""
    row, question = answer.event, answer.question
    kind, what = str(row["kind"]), str(row["what"])
    said = [f"{kind} ({what})" if what and kind == "contact" else kind]
    if row["stars"]:
        said.append(f"with {row['stars']} star{'s' * (row['stars'] != 1)}")
    if row["listing"]:
        said.append(f"about {row['listing']}" if kind != "order" else f"of {row['listing']}")
    said.append(f"({row['seller']}) on day {row['day']}")
    where = f"arm {question.arm}, replicate {answer.here.replicate}"
    return harmless(
        f"Event {row['event_id']}: {' '.join(said)}, {where}.\nIts role: {question.role}, counted "
        "from the end of the warm-up."
    )


def what_is_done(answer: Answer) -> str:
    """What the world without it is."""
    stars = answer.question.stars
    if stars is None:
        return "without it"
    return f"with {stars} star{'s' * (stars != 1)}"


def what_differs(answer: Answer) -> str:
    """When the two lives part."""
    day = answer.here.first_day
    if day is None:
        return "Nothing that the tables hold would have been different."
    return f"Up to day {day - 1} the two lives are the same to the bit; day {day} differs first."


def about_others(answer: Answer) -> str:
    """How many replicates the means are over."""
    n, tried = len(answer.with_role), len(answer.others)
    said = f"{n} of {tried} replicates that were tried have an event in this role"
    if n < answer.wanted:
        said += f", fewer than the {answer.wanted} asked for"
    if n < 2:
        return f"{said}: too few for an interval."
    return f"{said}; the mean difference above is over them, with its 95 % interval."


def table(answer: Answer) -> Table:
    """With and without, what differs here, and the mean of that over the replicates."""
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    made = Table(box=box.SIMPLE_HEAD, padding=(0, 1))
    here = answer.here.replicate
    heads = ("as it was", what_is_done(answer), "difference", "mean difference", "95 % interval")
    made.add_column(escape(harmless(f"{answer.question.seller}, replicate {here}")))
    for head in heads:
        made.add_column(head, justify="right")
    for measure, cells in rows(answer):
        made.add_row(f"{measure.name} ({measure.unit})", *cells)
    return made


def rows(answer: Answer) -> Iterator[tuple[Measure, list[str]]]:
    """Every measure that there is something to say of, with its cells as text."""
    found = answer.differences()
    here = answer.here
    for k, measure in enumerate(MEASURES):
        was, instead = here.as_it_was[k], here.instead[k]
        if math.isnan(was) and math.isnan(instead) and math.isnan(found[k].value):
            continue
        cells = [_text(was, measure), _text(instead, measure)]
        cells += [_text(instead - was, measure, signed=True), *_estimate(found[k], measure)]
        yield measure, cells


def _estimate(estimate: Estimate, measure: Measure) -> list[str]:
    signed, digits = "+,.{}f", measure.digits + (2 if measure.digits < 2 else 1)
    if math.isnan(estimate.value):
        return ["-", "-"]
    each = [format(x + 0.0, signed.format(digits)) for x in estimate]
    if math.isnan(estimate.low):
        return [each[0], "all the same"]
    return [each[0], f"{each[1]} to {each[2]}"]


def _text(value: float, measure: Measure, *, signed: bool = False) -> str:
    if math.isnan(value):
        return "-"
    return format(value + 0.0, f"{'+' if signed and value else ''},.{measure.digits}f")


def show(answer: Answer) -> None:
    """Print all of it."""
    from rich.text import Text

    from experiments.screen import console

    screen = console()
    for text in (about_event(answer), what_differs(answer)):
        screen.print(Text(text))
    screen.print(table(answer))
    screen.print(Text(about_others(answer)))
