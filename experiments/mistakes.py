"""What is said to somebody whose file is wrong: where, what was found, what is allowed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

Loc = tuple[str | int, ...]
MOST_SHOWN = 50


def dotted(loc: Loc) -> str:
    """``sellers.0.on_time``, on one line whatever a name holds"""
    text = ".".join(map(str, loc))
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


@dataclass(frozen=True)
class Mistake:
    """One mistake, or one warning: ``where`` is file:line:column or the option that brought it."""

    where: str
    loc: Loc
    text: str

    def __str__(self) -> str:
        return ": ".join(part for part in (self.where, dotted(self.loc), self.text) if part)


class UserError(Exception):
    """Something only the user can put right; the message says how. Never shown as a traceback."""


class ConfigError(UserError):
    """Everything that is wrong with a configuration."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        self.mistakes = mistakes
        lines = [str(mistake) for mistake in mistakes[:MOST_SHOWN]]
        if len(mistakes) > MOST_SHOWN:
            lines.append(f"... and {len(mistakes) - MOST_SHOWN} more mistakes")
        super().__init__("\n".join(lines))


def shown(value: Any) -> str:
    """A value as its author would recognise it, on one line, at most some 60 characters long."""
    match value:
        case None:
            return "nothing (null)"
        case bool():
            return "true" if value else "false"
        case float() if not math.isfinite(value):
            return ".nan" if math.isnan(value) else ".inf" if value > 0 else "-.inf"
        case dict():
            return "a mapping"
        case tuple() | list():
            return f"a list of {len(value)}"
        case str():
            text = value if len(value) <= 60 else value[:57] + "..."
            return '"' + text.encode("unicode_escape").decode().replace("\\\\", "\\") + '"'
        case int() if abs(value) >= 10**40:
            return "a whole number of more than 40 digits"
        case _:
            return repr(value)
