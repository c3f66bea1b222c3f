"""What figures are drawn from: the days of the focal seller as arrays, the summary, the looks."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.words import Found, arm_names, baseline_of, by_arm_and_metric

if TYPE_CHECKING:
    from experiments.summary import Row

Columns = Mapping[str, np.ndarray]

BASELINE_COLOUR = "#000000"
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")
"""Okabe and Ito's, apart from black, which is the baseline's, and yellow, which vanishes."""

MARKERS = "s^Dv*PX<>ph"
DASHES = ((0, (6, 1.5)), (0, (5, 1.5, 1, 1.5)), (0, (1.2, 1.2)), (0, (9, 2)), (0, (3, 1.2)))
_UNSEEN = frozenset(
    "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufffe\uffff"
)


@dataclass(frozen=True)
class Look:
    """How an arm is drawn: colour, dashes and marker each tell it from its neighbours."""

    colour: str
    dashes: Any
    marker: str


class Material:
    """The columns of focal.parquet as arrays [arm, replicate, day], with summary and manifest."""

    def __init__(self, focal: Columns, manifest: Mapping[str, Any], rows: Sequence[Row]) -> None:
        self.manifest = manifest
        self.arms = arm_names(manifest)
        self.baseline = baseline_of(manifest)
        self.found: Found = by_arm_and_metric(rows)
        self.focal = str(manifest["focal"])
        self.warm_up = int(manifest["warm_up"])
        self._columns = focal
        numbers = {name: i for i, name in enumerate(self.arms)}
        arm = np.fromiter((numbers[name] for name in focal["arm"]), int, len(focal["arm"]))
        self.replicates, replicate = np.unique(focal["replicate"], return_inverse=True)
        self.days, day = np.unique(focal["day"], return_inverse=True)
        self._places = (arm, replicate, day)

    @property
    def n(self) -> int:
        """Replicates."""
        return len(self.replicates)

    @cached_property
    def measured(self) -> np.ndarray:
        """Which of the days count: those after the warm-up; bool [day]."""
        return np.asarray(self.days > self.warm_up)

    @cached_property
    def looks(self) -> list[Look]:
        """One look per arm; the baseline is a black line with a round marker."""
        if len(self.arms) == 1:
            return [Look(COLOURS[0], "-", "o")]
        looks, changed = [], 0
        for arm in self.arms:
            if arm == self.baseline:
                looks.append(Look(BASELINE_COLOUR, "-", "o"))
                continue
            colour = COLOURS[changed % len(COLOURS)]
            dashes, marker = DASHES[changed % len(DASHES)], MARKERS[changed % len(MARKERS)]
            looks.append(Look(colour, dashes, marker))
            changed += 1
        return looks

    def labels(self, most: int, rows: int = 1) -> list[str]:
        """Names as labels of ``rows`` lines of ``most`` columns; never two that look alike."""
        write = short if rows == 1 else lines
        labels = [write(name, most) for name in self.arms]
        return [
            label if labels.count(label) == 1 else f"{short(name, most - 5)} ({i + 1})"
            for i, (name, label) in enumerate(zip(self.arms, labels, strict=True))
        ]

    def labels_of_focal(self, most: int) -> str:
        """The focal seller's name as a label."""
        return short(self.focal, most)

    def of_arms(self, key: str) -> list[Any]:
        """What the manifest says of the arms, each value once; of the base where it says nothing.

        Results of before an arm had a say in it hold the base's value alone.
        """
        base = self.manifest[key]
        return list(dict.fromkeys(arm.get(key, base) for arm in self.manifest["arms"]))

    def array(self, column: str) -> np.ndarray:
        """A column as float [arm, replicate, day]; NaN where a row or a value is missing."""
        values = np.ma.filled(self._columns[column].astype(float), np.nan)
        return self._spread(values)

    def states(self, *which: str) -> np.ndarray:
        """1 where the account is in one of these states, else 0; float [arm, replicate, day]."""
        wide, codes = self._states
        wanted = [codes[state] for state in which if state in codes]
        return np.isin(wide, wanted).astype(float)

    @cached_property
    def _states(self) -> tuple[np.ndarray, dict[str, int]]:
        codes: dict[str, int] = {}
        numbered = [codes.setdefault(state, len(codes)) for state in self._columns["state"]]
        return self._spread(np.array(numbered, float)), codes

    def total(self, column: str) -> np.ndarray:
        """A flow summed over replicates and the measured days; float [arm]."""
        return np.asarray(np.nansum(self.array(column)[:, :, self.measured], axis=(1, 2)))

    def _spread(self, values: np.ndarray) -> np.ndarray:
        wide = np.full((len(self.arms), self.n, len(self.days)), np.nan)
        wide[self._places] = values
        return wide


def short(name: str, most: int) -> str:
    """A name in at most ``most`` columns: its middle is left out, as arms often differ at the end.

    Characters that cannot be seen or that turn the direction of writing are left out.
    """
    seen = "".join(
        c for c in name if c not in _UNSEEN and unicodedata.category(c) not in ("Cc", "Cs")
    )
    if _columns(seen) <= most:
        return seen
    head, tail = "", ""
    while _columns(head) + _columns(tail) < most - 1:
        if _columns(head) <= _columns(tail):
            head += seen[len(head)]
        else:
            tail = seen[-len(tail) - 1] + tail
    return f"{head.rstrip()}…{tail.lstrip()}"


def lines(name: str, most: int) -> str:
    """A name on one line or two of ``most`` columns each, broken between words where possible."""
    name = short(name, 1000)
    if _columns(name) <= most:
        return name
    breaks = [i for i, c in enumerate(name) if c == " " and 0 < _columns(name[:i]) <= most]
    if not breaks:
        return short(name, most)
    fitting = [i for i in breaks if _columns(name[i + 1 :]) <= most]
    # As even as can be where both halves fit, else as much as can be on the first line.
    at = min(fitting, key=lambda i: abs(2 * i - len(name))) if fitting else breaks[-1]
    return f"{name[:at]}\n{short(name[at + 1 :], most)}"


def _columns(text: str) -> int:
    """Columns of a terminal or a plot: wide characters take two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
