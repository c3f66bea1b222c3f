"""Numbers as text, in one place: tables, sentences and figures all write them the same way."""

from __future__ import annotations

import json
import math
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from experiments.metrics import Metric
    from experiments.summary import Row

NOTHING = "–"
GAP = "\u00a0"
"""Keeps a number and its unit on one line."""

_TURNS = ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")
"""Signs that turn the direction of writing."""

_MORE_DIGITS = 2
"""Digits added at most where what isn't zero, or a difference's two ends, would look alike."""


@dataclass(frozen=True)
class Style:
    """How values of one kind are written: ``scale`` times the value, ``digits`` behind the point.

    ``few`` digits are enough from ``large`` upward. ``unit`` follows a value, ``unit_of_change``
    a difference of two values.
    """

    digits: int
    scale: float = 1.0
    large: float = math.inf
    few: int = 0
    sign: str = ""
    unit: str = ""
    unit_of_change: str = ""


PERCENT = Style(2, 100.0, 10.0, 1, unit=f"{GAP}%", unit_of_change=f"{GAP}points")
SHARE = Style(0, 100.0, unit=f"{GAP}%", unit_of_change=f"{GAP}points")
MONEY = Style(0, sign="$")
STARS = Style(2)
PLACE = Style(1)
COUNT = Style(1, large=100.0, few=0)
PLAIN = Style(2)


def style_of(metric: Metric) -> Style:
    """The style for a metric's values, from its kind and unit."""
    if metric.kind == "share":
        return SHARE
    if metric.kind == "proportion":
        return PERCENT
    unit = metric.unit.lower()
    if "usd" in unit or "$" in unit:
        return MONEY
    if "star" in unit:
        return STARS
    if "position" in metric.name:
        return PLACE
    return COUNT if "month" in unit else PLAIN


def known(value: float | None) -> bool:
    """Is there a number? Neither missing nor NaN nor infinite."""
    return value is not None and math.isfinite(value)


def value_text(value: float, metric: Metric, beside: float | None = None) -> str:
    """A value of a metric: ``0.62 %``, ``$1,150``, ``6.2``.

    With more digits where it would look like ``beside``, which it is not.
    """
    style = style_of(metric)
    text = _written(style, (value, beside), apart=beside is not None)[0]
    return text if text == NOTHING else text + style.unit


def never_differs(row: Row) -> bool:
    """Is the arm the baseline's equal in every one of several replicates, without an interval?

    Differences that are all alike have none.
    """
    limits = (row.diff_ci_low, row.diff_ci_high)
    return row.diff == 0.0 and row.tied == 1.0 and row.n > 1 and not any(map(known, limits))


def mean_texts(row: Row, metric: Metric) -> tuple[str, str]:
    """A row's mean and its interval: ``("0.62 %", "0.55 to 0.68")``; "" where there is none."""
    span = _span(_written(style_of(metric), (row.ci_low, row.ci_high)))
    return value_text(row.mean, metric), span


def difference_texts(row: Row, metric: Metric) -> tuple[str, str]:
    """Difference to the baseline and its interval: ``("−0.68 points", "−0.92 to −0.41")``.

    ``("0 points", "")`` where the two are the same, with certainty or in every replicate.
    """
    style, limits = style_of(metric), (row.diff_ci_low, row.diff_ci_high)
    if row.diff == 0.0 and (limits == (0.0, 0.0) or never_differs(row)):
        return f"0{style.unit_of_change}", ""
    texts = _written(style, (row.diff, *limits), signed=True, apart=True)
    if texts[0] != NOTHING:
        texts[0] += style.unit_of_change
    return texts[0], _span(texts[1:])


def change_text(value: float, metric: Metric) -> str:
    """A difference alone, without its unit: ``−0.68``, ``+$320``."""
    return _written(style_of(metric), (value,), signed=True)[0] if value else "0"


def unit_text(metric: Metric) -> str:
    """The unit for the head of a column, where positions say which end is the good one."""
    return "1 = top" if style_of(metric) is PLACE else metric.unit


def change_unit(metric: Metric) -> str:
    """What follows a difference, with a space in front: `` points`` or nothing."""
    return style_of(metric).unit_of_change


def share_text(share: float | None, low: float | None = None, high: float | None = None) -> str:
    """``85 %`` or ``85 % (64 to 95)``."""
    if not known(share):
        return NOTHING
    texts = _written(SHARE, (share, low, high))
    span = _span(texts[1:])
    return texts[0] + SHARE.unit + (f" ({span})" if span else "")


def limit_text(share: float) -> str:
    """A limit as it was set: ``1 %``."""
    return f"{100.0 * share:g}{GAP}%"


def fraction_text(part: float, whole: float) -> str:
    """``612 of 98,700``."""
    return f"{part:,.0f} of {whole:,.0f}"


def tick_text(style: Style, number: float, *, signed: bool = False) -> str:
    """A tick of an axis, from what stands there (scaled already): ``+$500``, ``−0.5``."""
    size = (
        f"{style.sign}{abs(number):,.6g}" if abs(number) < 1e6 else f"{style.sign}{abs(number):.3g}"
    )
    return ("−" if number < 0 else "+" if signed and number else "") + size


def yaml_text(value: Any) -> str:
    """A value as YAML takes it, on one line: ``null``, ``true``, ``[1, 2]``; text as it is."""
    if isinstance(value, str):
        return value
    return json.dumps(
        value, ensure_ascii=False, default=lambda model: model.model_dump(mode="json")
    )


def plain(text: str) -> str:
    """The same in signs that every terminal has: ``->``, ``-`` and blanks."""
    for sign, instead in (("→", "->"), ("−", "-"), ("–", "-"), (GAP, " ")):
        text = text.replace(sign, instead)
    return harmless(text)


def harmless(text: str) -> str:
    """The same with what a terminal would obey written out (``\\x1b``): nothing moves or colours.

    Lines stay lines.
    """
    return "".join(
        c.encode("unicode_escape").decode() if _is_obeyed(c) and c != "\n" else c for c in text
    )


def _is_obeyed(c: str) -> bool:
    turns = unicodedata.bidirectional(c) in _TURNS
    return turns or unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp")


def _span(texts: list[str]) -> str:
    return "" if NOTHING in texts else f"{texts[0]} to {texts[1]}"


def _written(
    style: Style, values: tuple[float | None, ...], *, signed: bool = False, apart: bool = False
) -> list[str]:
    """Values with one number of digits, with ``apart`` enough to keep apart what differs."""
    numbers = [style.scale * v for v in values if v is not None and math.isfinite(v)]
    largest = max((abs(number) for number in numbers), default=0.0)
    digits = style.few if largest >= style.large else style.digits
    distinct = {number for number in (round(number, 9) for number in numbers) if number}
    for _ in range(_MORE_DIGITS):
        rounded = {round(number, digits) for number in distinct}
        if 0.0 not in rounded and (not apart or len(rounded) == len(distinct)):
            break
        digits += 1
    return [_number(style, value, digits, signed=signed) for value in values]


def _number(style: Style, value: float | None, digits: int, *, signed: bool) -> str:
    if value is None or not math.isfinite(value):
        return NOTHING
    number = round(style.scale * value, digits)
    size = f"{style.sign}{abs(number):,.{digits}f}"
    if number == 0:
        return size
    return ("−" if number < 0 else "+" if signed else "") + size
