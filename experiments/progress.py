"""How far a command has come: a bar on a terminal, plain lines elsewhere, nothing when quiet."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol


class Progress(Protocol):
    """Is told how far a command has come."""

    def __call__(self, done: int, total: int, what: str = "runs", failed: int = 0) -> None:
        """``done`` of ``total`` runs; ``what`` they are called, and how many of them failed."""


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
        TextColumn("{task.description}"),
        MofNCompleteColumn(),
        BarColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        TextColumn("left"),
    )
    clock = _Clock()
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("runs", total=None, rate="starting")

        def progress(done: int, total: int, what: str = "runs", failed: int = 0) -> None:
            rate = f"{done / clock.since(what):.1f} a second{_failed(failed)}"
            bar.update(task, description=what, completed=done, total=total, rate=rate)

        yield progress


class _Lines:
    """A line now and then, never more than one in some seconds."""

    def __init__(self) -> None:
        self.clock, self.last = _Clock(), time.monotonic()

    def __call__(self, done: int, total: int, what: str = "runs", failed: int = 0) -> None:
        now, passed = time.monotonic(), self.clock.since(what)
        if now - self.last < LINE_EVERY_S and done < total:
            return
        self.last = now
        rate = done / passed
        left = f", about {(total - done) / rate:.0f} s left" if 0 < done < total else ""
        said = f"{done} of {total} {what}, {rate:.1f} a second{left}{_failed(failed)}"
        print(said, file=sys.stderr, flush=True)


def _failed(count: int) -> str:
    return f", {count} failed" if count else ""


class _Clock:
    """Seconds since the first run of a kind began: pilots say nothing about runs."""

    def __init__(self) -> None:
        self.what, self.began = "", time.monotonic()
        self.before = self.began

    def since(self, what: str) -> float:
        """Seconds since runs called ``what`` began, which is when the last of the others ended."""
        if self.what and what != self.what:
            self.began = self.before
        self.what, self.before = what, time.monotonic()
        return max(self.before - self.began, 1e-9)
