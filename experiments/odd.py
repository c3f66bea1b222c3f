"""The parts of ``docs/model.md`` that are made from declarations: parameters and patterns.

``python -m experiments.odd`` writes them into the page, each between its two marks.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from operator import attrgetter
from typing import Any, get_args

from experiments.allowed import allowed, slot
from experiments.bands import BANDS
from experiments.codebook import markdown_table
from experiments.listings import Parameter, as_stated, parameters
from experiments.platform_values import shipped_platforms
from experiments.platforms import ROOT
from sim.config.fields import Status
from sim.config.market import Market
from sim.config.people import OLIST, Choice, Segment

PAGE = ROOT / "docs" / "model.md"
MARKS = "<!-- {}: made by `python -m experiments.odd` -->", "<!-- end of {} -->"
PLATFORM = "platform"
HEAD = ("parameter", "meaning", "default")
FACTS = ("unit", "range", "status", "source")


def document(text: str) -> str:
    """The page with its made parts as of now. Raises ValueError where a mark is missing."""
    for name, made in parts().items():
        begin, end = (mark.format(name) for mark in MARKS)
        before, _, rest = text.partition(begin)
        if begin not in text or end not in rest:
            raise ValueError(f"the page has nothing between {begin} and {end}")
        text = f"{before}{begin}\n\n{made}\n\n{end}{rest.partition(end)[2]}"
    return text


def parts() -> dict[str, str]:
    """The made parts of the page, Markdown by name."""
    return {"patterns": patterns(), "statuses": statuses(), "parameters": tables()}


def patterns() -> str:
    """What the base market is held against: statistic, range, and where the range is from."""
    rows = [
        (b.name, f"{b.low:g} to {b.high:g}", b.unit, b.compute.__doc__ or "", b.source)
        for b in BANDS
    ]
    return markdown_table(
        ("statistic", "range", "unit", "computed as", "source of the range"), rows
    )


def statuses() -> str:
    """How many parameters there are of each status."""
    count = Counter(p.status for p in parameters(Market) if p.status)
    total = sum(count.values())
    rows = [(f"`{s}`", str(count[s]), f"{count[s] / total:.0%}") for s in get_args(Status)]
    return markdown_table(("status", "parameters", "share"), rows)


def tables() -> str:
    """Every parameter of a market, a table for each section; platforms side by side."""
    groups: dict[str, list[Parameter]] = defaultdict(list)
    for parameter in parameters(Market):
        section = parameter.path.rpartition(".")[0]
        for parent in _and_above(section):
            groups[parent]  # a section stands before those inside it
        groups[section].append(parameter)
    return "\n\n".join(_section(path, found) for path, found in groups.items() if found)


def _and_above(path: str) -> Iterator[str]:
    """The path of a section after those of the sections it belongs to."""
    steps = path.split(".")
    yield from (".".join(steps[: k + 1]) for k in range(len(steps)))


def _section(path: str, found: Iterable[Parameter]) -> str:
    title = f"### `{path}`" if path else "### The market itself"
    about = _about(path)
    steps = path.split(".")
    if steps[0] == PLATFORM and not {"NAME", "N"} & set(steps):  # one value for each platform
        rules = shipped_platforms()
        rows = [
            (*_said(p), *(_value(r, p.path) for r in rules.values()), *_facts(p)) for p in found
        ]
        return "\n\n".join(
            (title, about, markdown_table((*HEAD, *map(_code, rules), *FACTS), rows))
        )
    rows = [(*_said(p), *_facts(p)) for p in found]
    text = "\n\n".join((title, about, markdown_table((*HEAD, *FACTS), rows)))
    return text + _usual_segments() * (path == "choice.segments.N")


def _about(path: str) -> str:
    """What the section's type says of itself."""
    here = slot(_loc(path)) if path else None
    kind: Any = here.kind if here else Market
    kind = (get_args(kind) or (kind,))[0]
    return str(kind.__doc__).strip().split("\n\n")[0].replace("``", "`")


def _usual_segments() -> str:
    """The segments of a market that states none."""
    names = list(Segment.model_fields)
    rows = [tuple(as_stated(getattr(s, name)) for name in names) for s in Choice().segments]
    return "\n\nA market that states none has these:\n\n" + markdown_table(names, rows)


def _said(p: Parameter) -> tuple[str, ...]:
    return _code(p.path), p.meaning, p.default or "required"


def _facts(p: Parameter) -> tuple[str, ...]:
    words = allowed(_loc(p.path)).replace(f" ({p.unit})", "").removesuffix(" or null")
    source = p.source.replace(OLIST, "Olist")
    likely = f"; plausible {p.plausible_text}" if p.plausible else ""
    return p.unit or "-", (p.limits or words) + likely, p.status or "-", source or "-"


def _value(rules: Any, path: str) -> str:
    """The value of a rule set at ``platform.section.name``; a description would be too long."""
    name = path.removeprefix(f"{PLATFORM}.")
    return "…" if name == "about" else as_stated(attrgetter(name)(rules))


def _loc(path: str) -> tuple[str | int, ...]:
    """A path as a place in a configuration; any entry stands for all of its list."""
    return tuple(0 if step in ("NAME", "N") else step for step in path.split("."))


def _code(text: str) -> str:
    return f"`{text}`"


if __name__ == "__main__":
    PAGE.write_text(document(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
