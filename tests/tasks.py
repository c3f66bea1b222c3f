"""Tasks for workers: some do, some raise, some take their worker with them."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from pathlib import Path


def square(plan: int, task: int) -> int:
    """Nine is no number to be squared."""
    if task == 9:
        raise ValueError("nine\nis not for us")
    return plan * task * task


def die_at_four(plan: Path, task: int) -> int:
    """The worker that gets task 4 dies; each try is noted in the folder."""
    (plan / f"{task}-{os.getpid()}-{time.monotonic_ns()}").touch()
    if task == 4:
        time.sleep(0.2)
        os.kill(os.getpid(), signal.SIGKILL)
    return task


def unsendable(plan: None, task: int) -> int:
    """Raises what cannot travel between processes."""

    class Local(Exception):
        def __reduce__(self):
            raise TypeError("stays here")

    raise Local("sent home")


def threads(plan: None, task: int) -> dict[str, str | None]:
    """What a worker is told about threads."""
    return {name: os.environ.get(name) for name in ("OMP_NUM_THREADS", "NUMBA_NUM_THREADS")}


def process(plan: None, task: int) -> int:
    """Which process works."""
    time.sleep(0.05)
    return os.getpid()


def swallow(plan: None, task: int) -> int:
    """Is interrupted, and goes on as if nothing had happened."""
    with contextlib.suppress(KeyboardInterrupt):
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(0.05)
    return task
