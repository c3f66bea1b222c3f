"""The terminal, apart from what is shown on it, which takes long to import."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

PIPE_COLUMNS = 160
"""Files and pipes have no width; a table that does not wrap is worth more than 80 columns."""


def console() -> Console:
    """The terminal, or something wide where there is none."""
    from rich.console import Console

    return Console(width=None if sys.stdout.isatty() else PIPE_COLUMNS)
