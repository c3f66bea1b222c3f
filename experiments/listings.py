"""What ``python run.py list`` prints: platforms, strategies, metrics and parameters.

Keys are never cut. Beside them stands a text that wraps, or below them on a narrow terminal.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from types import NoneType
from typing import TYPE_CHECKING, Any, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from experiments.allowed import UNITS, choices_of, limits_of
from experiments.arms import OF_THE_EXPERIMENT
from experiments.experiment import Experiment
from experiments.mistakes import UserError
from experiments.strategies import shipped_strategies
from experiments.strategy_words import line_in_words
from sim.config.fields import Frozen, Status

if TYPE_CHECKING:
    from rich.table import Table

LISTS = ("platforms", "strategies", "metrics", "parameters")
NARROW = 100
"""Columns of a terminal below which a text stands under its key."""


def tables(what: str, width: int = 160, text: str = "", status: str | None = None) -> list[Table]:
    """The tables of ``run.py list WHAT`` for a terminal of ``width`` columns.

    ``text`` keeps the entries that contain it, of platforms the one of that name, in full;
    ``status`` the parameters of that status. Raises UserError for something that cannot be listed,
    for an unknown status, and where nothing is left.
    """
    from experiments.platform_tables import platform_tables

    narrow = width < NARROW
    match what:
        case "platforms":
            return platform_tables(text, narrow=narrow)
        case "strategies":
            return [strategy_table(text, narrow=narrow)]
        case "metrics":
            return [metric_table(text, narrow=narrow)]
        case "parameters":
            return [parameter_table(text, status, narrow=narrow)]
    raise UserError(f'found "{what}"; allowed: {", ".join(LISTS)}')


# --- strategies, metrics ---------------------------------------------------------------------


def strategy_table(text: str = "", *, narrow: bool = False) -> Table:
    """What each shipped strategy does toward customers and reviewers, line by line."""
    rows = [
        (
            name,
            strategy.about,
            "\n".join(f"- {said}" for said in map(line_in_words, strategy.lines)),
        )
        for name, strategy in shipped_strategies().items()
    ]
    return entries_table("Strategies (configs/strategies/NAME.yaml)", rows, narrow, text)


def metric_table(text: str = "", *, narrow: bool = False) -> Table:
    """What is measured in every replicate."""
    from experiments.metrics import METRICS

    better = {"lower": "lower is better", "higher": "higher is better", "neither": ""}
    rows = [
        (m.name, m.definition, _facts(m.unit, better[m.direction], m.kind, f"about {m.whose}"))
        for m in METRICS.values()
    ]
    return entries_table("Metrics", rows, narrow, text)


# --- parameters ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Parameter:
    """One value of an experiment file; ``NAME`` and ``N`` in its path stand for any entry."""

    path: str
    default: str
    meaning: str
    unit: str = ""
    limits: str = ""
    status: str = ""
    source: str = ""
    makes: str = ""
    """``world``: an arm that changes it lives in a world of its own; ``setting``: it does not;
    ``shared``: arms cannot change it."""
    plausible: tuple[float, float] | None = None
    """Range in which the true value of an assumed or published number may lie."""

    @property
    def plausible_text(self) -> str:
        """``1.2 to 5``; empty where no range is declared."""
        return " to ".join(map(as_stated, self.plausible)) if self.plausible else ""

    def facts(self) -> str:
        """Everything but the meaning, on one line."""
        source = "" if self.source == self.status else self.source
        default = f"default {self.default}" if self.default else "required"
        likely = f"plausible {self.plausible_text}" if self.plausible else ""
        return _facts(default, self.limits, self.unit, self.status, likely, self.makes, source)


def parameter_table(text: str = "", status: str | None = None, *, narrow: bool = False) -> Table:
    """Every parameter of an experiment file, or those that match."""
    if status is not None and status not in get_args(Status):
        raise UserError(f'found status "{status}"; allowed: {", ".join(get_args(Status))}')
    rows = [
        (p.path, p.meaning, p.facts()) for p in parameters() if status is None or p.status == status
    ]
    table = entries_table("Parameters", rows, narrow, text)
    table.caption = (
        "world: an arm that changes it lives in a world of its own; setting: it does not; "
        "shared: the same in all arms"
    )
    return table


def parameters(root: type[BaseModel] = Experiment, prefix: str = "") -> Iterator[Parameter]:
    """The parameters below ``root`` in order of declaration; sections are not listed themselves."""
    for name, info in root.model_fields.items():
        path = prefix + name
        kind = _without_none(info.annotation)
        entry: Any = get_args(kind)[0] if get_origin(kind) is tuple else None
        named: Any = _without_none(get_args(kind)[1]) if get_origin(kind) is dict else None
        if _is_section(kind):
            yield from parameters(kind, f"{path}.")
        elif _is_section(entry):
            yield from parameters(
                entry, f"{path}.{'NAME' if 'name' in entry.model_fields else 'N'}."
            )
        elif _is_section(named):
            yield from parameters(named, f"{path}.NAME.")
        else:
            yield _parameter(path, info)


def _parameter(path: str, info: Any) -> Parameter:
    extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    limits = {name: x for name, x in limits_of(info).items() if name in ("ge", "le")}
    between = f"{as_stated(limits['ge'])} to {as_stated(limits['le'])}" if len(limits) == 2 else ""
    words = choices_of(info.annotation)
    unit = str(extra.get("unit", ""))
    plausible = extra.get("plausible")
    makes = "shared" if path in OF_THE_EXPERIMENT else ""
    if extra and not makes and not extra.get("words"):
        makes = "world" if extra["world"] else "setting"
    return Parameter(
        path=path,
        default="" if info.default is PydanticUndefined else as_stated(info.default),
        meaning=info.description or "",
        unit=UNITS.get(unit, unit),
        limits=f"one of {', '.join(words)}" if words else between,
        status=str(extra.get("status", "")),
        source=str(extra.get("source", "")),
        makes=makes,
        plausible=(plausible[0], plausible[1]) if isinstance(plausible, list) else None,
    )


def _is_section(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Frozen)


def _without_none(kind: Any) -> Any:
    """``kind`` without ``| None`` and ``Annotated``."""
    parts = get_args(kind)
    kind = next(p for p in parts if p is not NoneType) if NoneType in parts else kind
    return kind.__origin__ if hasattr(kind, "__metadata__") else kind


# --- text ------------------------------------------------------------------------------------


def as_stated(value: Any) -> str:
    """A value as it stands in YAML; whole numbers with commas, which YAML would not take."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case float() | int():
            return f"{int(value):,}" if value == int(value) else repr(value)
        case str():
            return value or '""'
        case dict():
            return "{}" if not value else ", ".join(map(str, value))
        case BaseModel():
            said = {name: getattr(value, name) for name in sorted(value.model_fields_set)}
            return f"{{{', '.join(f'{name}: {as_stated(x)}' for name, x in said.items())}}}"
    return "[" + ", ".join(map(as_stated, value)) + "]"


def _facts(*facts: str) -> str:
    return " · ".join(fact for fact in facts if fact)


def entries_table(
    title: str, rows: Iterable[tuple[str, str, str]], narrow: bool, text: str = ""
) -> Table:
    """A table of (key, meaning, facts) of the rows that contain ``text`` in any letter case."""
    from rich.text import Text

    kept = [row for row in rows if text.casefold() in " ".join(row).casefold()]
    if not kept:
        raise UserError(f'nothing in {title.lower()} contains "{text}"')
    table = plain_table(title)
    if not narrow:
        table.add_column(no_wrap=True, min_width=max(len(key) for key, *_ in kept))
    table.add_column(overflow="fold")
    for key, meaning, facts in kept:
        said = Text(meaning)
        if facts:
            said.append(f"\n{facts}", style="dim")
        if narrow:
            table.add_row(Text.assemble((key, "bold"), "\n", said))
        else:
            table.add_row(Text(key, style="bold"), said)
    return table


def plain_table(title: str) -> Table:
    from rich.table import Table

    return Table(
        title=f"{title}\n",
        title_justify="left",
        caption_justify="left",
        show_header=False,
        box=None,
        padding=(0, 2, 1, 0),
    )
