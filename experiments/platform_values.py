"""What a rule set's file states, value by value, with the source and status from its comments.

Behind every value of ``configs/platforms/*.yaml`` stands ``# source [status]`` on its own line.
Where two statuses stand on a line, the first is of the first value on it and the last of the
others, or of the only one.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from experiments.mistakes import ConfigError, Loc, Mistake
from experiments.platforms import PLATFORMS, shipped
from experiments.yaml_source import Source, parse, read_text
from sim.config.platform import PlatformRules

STATUSES = ("documented", "published", "calibrated", "assumed")
STATUS = re.compile(rf"\[({'|'.join(STATUSES)})\]")
COMMENT = re.compile(r"\s#\s(.*)$")
WORDS = (("name",), ("about",), ("plausible",))
"""Values that are words about the file."""


@dataclass(frozen=True)
class Stated:
    """A value of a file, what it rests on, and how well."""

    loc: Loc
    value: Any
    source: str
    status: str

    @property
    def path(self) -> str:
        """``feedback.window_days``; entries of lists by their number from 1."""
        return ".".join(str(step + 1) if isinstance(step, int) else step for step in self.loc)

    @property
    def section(self) -> str:
        """The part of the rules that it belongs to; empty at the top."""
        return str(self.loc[0]) if len(self.loc) > 1 else ""


def shipped_platforms() -> dict[str, PlatformRules]:
    """The rule sets in ``configs/platforms/`` by name."""
    return {
        name: PlatformRules.model_validate(_source(platform_file(name)).data) for name in shipped()
    }


def platform_file(name: str) -> Path:
    """The file of a shipped platform."""
    return PLATFORMS / f"{name}.yaml"


def stated(file: Path) -> list[Stated]:
    """Every value of a platform's file with its source, in the order of the file.

    Raises ConfigError with the places of values behind which no source or status stands.
    """
    source, lines = _source(file), read_text(file).splitlines()
    placed = [(loc, value, source.where(loc)) for loc, value in leaves(source.data)]
    by_line: dict[int, list[Loc]] = defaultdict(list)
    for loc, _, place in placed:
        if not _refers(loc):
            by_line[_line(place)].append(loc)
    found, mistakes = [], []
    for loc, value, place in placed:
        comment = COMMENT.search(lines[_line(place) - 1])
        text = comment[1] if comment else ""
        statuses = STATUS.findall(text)
        said = re.sub(r"\s+,", ",", STATUS.sub("", text)).strip(" ,;")
        if not statuses or not said:
            text = "nothing says where it is from; allowed: `# source [status]` behind it"
            mistakes.append(Mistake(place, loc, text))
            continue
        beside = by_line[_line(place)]
        is_first = len(beside) > 1 and loc == beside[0]
        found.append(Stated(loc, value, said, statuses[0] if is_first else statuses[-1]))
    if mistakes:
        raise ConfigError(mistakes)
    return found


def assumed_share(values: list[Stated]) -> float:
    """Share of the values that nobody outside the platform knows."""
    own = [v for v in values if not _refers(v.loc)]
    return sum(v.status == "assumed" for v in own) / len(own)


@cache
def assumed_of(platform: str) -> tuple[int, int] | None:
    """How many of a shipped platform's values are assumed, of how many; None of another's."""
    if platform not in shipped():
        return None
    own = [v for v in stated(platform_file(platform)) if not _refers(v.loc)]
    return sum(v.status == "assumed" for v in own), len(own)


def leaves(data: Any, loc: Loc = ()) -> Iterator[tuple[Loc, Any]]:
    """Values that are not made of named ones; a list of plain values is one value."""
    if isinstance(data, dict):
        for name, part in data.items():
            if (*loc, name) not in WORDS:
                yield from leaves(part, (*loc, name))
    elif isinstance(data, (tuple, list)) and any(isinstance(part, dict) for part in data):
        for place, part in enumerate(data):
            yield from leaves(part, (*loc, place))
    else:
        yield loc, data


def _refers(loc: Loc) -> bool:
    """Is it only the name of a measure that is stated elsewhere?"""
    return loc[-1] == "measure"


def _line(place: str) -> int:
    """The line in ``file:line:column``."""
    return int(place.split(":")[-2])


def _source(file: Path) -> Source:
    return parse(read_text(file), file.name)
