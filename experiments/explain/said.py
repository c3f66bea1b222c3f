"""What both explanations print: numbers that add up as printed, a heading, reasons and chains."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from experiments.event_words import told_chain
from experiments.numbers import NOTHING

if TYPE_CHECKING:
    from rich.table import Table

    from experiments.events import Events
    from experiments.explain.because import Reason


@dataclass(frozen=True)
class Told:
    """An explanation as it is printed: a heading, sentences, tables, what is behind it."""

    heading: str
    sentences: list[str]
    tables: list[Table]
    behind: list[str]
    """Lines of their own, those of a chain indented."""


def adding_up(
    values: Sequence[float | Fraction], digits: int, total: float | None = None
) -> list[float]:
    """Values rounded so that they add up, as written, to ``total`` (default: their rounded sum).

    Largest remainders: each value is rounded down, and those that lose most get a unit back.
    """
    scale = 10**digits
    exact = [scale * value for value in values]
    whole = [int(np.floor(value)) for value in exact]
    wanted = round(float(sum(exact))) if total is None else round(scale * total)
    lost = sorted(range(len(exact)), key=lambda i: (whole[i] - exact[i], i))
    for i in lost[: max(0, wanted - sum(whole))]:
        whole[i] += 1
    return [number / scale for number in whole]


def signed(value: float, digits: int = 3) -> str:
    """``+0.120``, ``−0.034``, ``0``."""
    if not np.isfinite(value):
        return NOTHING
    value = round(value, digits)
    if value == 0:
        return "0"
    return f"{'−' if value < 0 else '+'}{abs(value):,.{digits}f}"


def reason_lines(reasons: Iterable[Reason], events: Events) -> Iterator[str]:
    """What is behind a change, chains indented below their sentences."""
    for reason in reasons:
        yield reason.text
        for line in told_chain(reason.chain, events):
            yield f"  {line}"


def in_run(days: tuple[int, int], arm: str, replicate: int) -> str:
    """Where and when: ``evenings of days 53 and 60; arm “as it is”, replicate 0``."""
    return f"evenings of days {days[0]} and {days[1]}; arm “{arm}”, replicate {replicate}"


def new_table(title: str) -> Table:
    """A table in the look of all of them."""
    from rich import box
    from rich.markup import escape
    from rich.table import Table

    return Table(
        title=escape(title),
        title_justify="left",
        box=box.SIMPLE_HEAD,
        padding=(0, 1, 0, 0),
    )
