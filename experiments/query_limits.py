"""Limits on what a query may take: rows, seconds, memory; and who sees to them.

DuckDB keeps its own tables within a limit of memory and ends a query when told to, but looks up
only between one batch of rows and the next. One endless value is a single step to it, so what does
not end when told to takes the whole command with it.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from experiments.mistakes import UserError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

GIGABYTE = 10**9
ROWS = 10_000
SECONDS = 60.0
MOST_GIGABYTES = 4.0
EVERY_S = 0.02
GRACE_S = {"time": 2.0, "memory": 0.25}
"""Seconds from being told to end to being ended; memory is filled by a gigabyte in half of one."""

SLACK = 256_000_000
"""Bytes beside DuckDB's own that a query may take: rows on their way out, and the program."""


@dataclass(frozen=True)
class Limits:
    """What one query may take; ``memory`` in bytes."""

    rows: int = ROWS
    seconds: float = SECONDS
    memory: int = int(MOST_GIGABYTES * GIGABYTE)

    @property
    def memory_text(self) -> str:
        return f"{self.memory / GIGABYTE:g} GB"


def memory_by_default() -> int:
    """Bytes: four gigabytes, or half of what the machine has where that is less."""
    from experiments.size import most_bytes

    return min(int(MOST_GIGABYTES * GIGABYTE), most_bytes() // 2)


@contextmanager
def watched(
    connection: DuckDBPyConnection, limits: Limits, end: Callable[[], None]
) -> Iterator[None]:
    """Whatever runs on the connection in this block is ended when its time or memory is used up.

    Raises UserError for what ended when told to, KeyboardInterrupt for Ctrl-C. ``end`` is called
    from another thread, after the message, for what did not, and must not return.
    """
    import duckdb

    signals = _Signals()
    watch = _Watch(connection, limits, end, signals)
    watch.start()
    try:
        yield
    except (RuntimeError, duckdb.Error) as error:
        if watch.reason:
            raise UserError(watch.reason) from error
        if isinstance(error, duckdb.OutOfMemoryException):
            raise UserError(out_of_memory(limits)) from error
        if isinstance(error, duckdb.InterruptException) or type(error) is RuntimeError:
            raise KeyboardInterrupt from error
        raise
    except MemoryError as error:
        raise UserError(out_of_memory(limits)) from error
    finally:
        watch.over.set()
        watch.join()
        signals.close()


def end_command() -> None:
    """The end of the process, at once, with the code of a user's mistake."""
    os._exit(2)


def out_of_memory(limits: Limits) -> str:
    return (
        f"stopped: the query needs more than {limits.memory_text} of memory; allowed: more with "
        "--memory GB, or a query of fewer rows and columns"
    )


class _Signals:
    """Tells another thread of Ctrl-C at once.

    Python itself would be told only between two of its own steps, and a query is one step to it.
    """

    def __init__(self) -> None:
        self._theirs, self._ours = socket.socketpair()
        self._theirs.setblocking(False)
        self._ours.setblocking(False)
        self._before: int | None = None
        if threading.current_thread() is threading.main_thread():
            self._before = signal.set_wakeup_fd(self._theirs.fileno(), warn_on_full_buffer=False)

    def interrupted(self) -> bool:
        """Has there been a Ctrl-C since this was last asked?"""
        try:
            return bytes([signal.SIGINT]) in self._ours.recv(64)
        except BlockingIOError:
            return False

    def close(self) -> None:
        """Signals go their usual way again."""
        if self._before is not None:
            signal.set_wakeup_fd(self._before)
        self._theirs.close()
        self._ours.close()


class _Watch(threading.Thread):
    """Looks at the clock and at memory until it is ``over``; ``reason`` says what ended a query."""

    def __init__(
        self,
        connection: DuckDBPyConnection,
        limits: Limits,
        end: Callable[[], None],
        signals: _Signals,
    ) -> None:
        super().__init__(daemon=True)
        self.connection, self.limits, self.end = connection, limits, end
        self.signals = signals
        self.over = threading.Event()
        self.reason = ""

    def run(self) -> None:
        started, before, told = time.monotonic(), _resident(), False
        most = before + self.limits.memory + self.limits.memory // 4 + SLACK
        while not self.over.wait(EVERY_S):
            told = told or self.signals.interrupted()
            if told:  # again and again: a query that is about to begin forgets it
                self.connection.interrupt()
            if time.monotonic() - started > self.limits.seconds:
                said = (
                    f"stopped after {self.limits.seconds:g} seconds; allowed: more with --seconds N"
                )
                return self._halt(said, "time")
            if _resident() > most:
                return self._halt(out_of_memory(self.limits), "memory")

    def _halt(self, reason: str, kind: str) -> None:
        self.reason = reason
        self.connection.interrupt()
        if self.over.wait(GRACE_S[kind]):
            return
        print(reason, file=sys.stderr, flush=True)
        self.end()


def _resident() -> int:
    """Bytes of memory that this process holds; 0 where the system does not say."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError):
        pass
    try:
        import resource  # its peak; Linux tells it too, but with that of whoever started us
    except ImportError:
        return 0
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
