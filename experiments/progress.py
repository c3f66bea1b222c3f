"""How far a command has come: a bar on a terminal, plain lines elsewhere, nothing when quiet."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Progress = Callable[[int, int], None]
LINE_EVERY_S = 5.0


@contextmanager
def shown_progress(quiet: bool) -> Iterator[Progress | None]:
    """Shows (runs done, runs in all) on the error stream as they come."""
    if quiet:
        yield None
    elif sys.stderr.isatty():
        with _bar() as progress:
            yield progress
    else:
        yield _Lines()


@contextmanager
def _bar() -> Iterator[Progress]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (
        TextColumn("runs"),
        MofNCompleteColumn(),
        BarColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        TextColumn("left"),
    )
    began = time.monotonic()
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("runs", total=None, rate="starting")

        def progress(done: int, total: int) -> None:
            rate = f"{done / max(time.monotonic() - began, 1e-9):.1f} a second"
            bar.update(task, completed=done, total=total, rate=rate)

        yield progress


class _Lines:
    """A line now and then, never more than one in some seconds."""

    def __init__(self) -> None:
        self.began = self.last = time.monotonic()

    def __call__(self, done: int, total: int) -> None:
        now = time.monotonic()
        if now - self.last < LINE_EVERY_S and done < total:
            return
        self.last = now
        rate = done / max(now - self.began, 1e-9)
        left = f", about {(total - done) / rate:.0f} s left" if 0 < done < total else ""
        print(f"{done} of {total} runs, {rate:.1f} a second{left}", file=sys.stderr, flush=True)
