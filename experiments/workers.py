"""Tasks on all cores: spawned workers that live for the whole command, one thread each.

A task that raises is a failure and the others go on. A worker that dies takes the tasks in flight
with it: they are tried again one by one, so that only the one that kills its worker is lost.
"""

from __future__ import annotations

import gc
import os
import pickle
import signal
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any, TypeVar

Task = TypeVar("Task")
Done = TypeVar("Done")

IN_FLIGHT = 2
"""Tasks handed out per worker, the running one included."""
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
OBJECTS_BETWEEN_COLLECTIONS = 50_000
DIED = "the worker process died (killed, or out of memory)"


@dataclass(frozen=True)
class Failure:
    """A task that came to nothing, with the error in one line and the trace of the calls."""

    task: Any
    error: str
    trace: str


def settle_in() -> None:
    """Set a process up for one long calculation, before anything heavy is imported.

    One thread below NumPy, where idle ones would wait for work that never comes; and garbage is
    looked for less often than by default: importing and loading compiled code make many objects
    that stay.
    """
    for name in ONE_THREAD:
        os.environ.setdefault(name, "1")
    gc.set_threshold(OBJECTS_BETWEEN_COLLECTIONS)


def run_tasks(
    function: Callable[[Any, Task], Done],
    plan: Any,
    tasks: Sequence[Task],
    workers: int,
    on_done: Callable[[Done], None],
    on_failure: Callable[[Failure], None],
    more: Callable[[], Sequence[Task]] = tuple,
    *,
    apart: bool = False,
) -> None:
    """Call ``function(plan, task)`` for every task; ``on_done`` gets results as they come.

    ``more`` is asked for further tasks whenever all have ended, until there are none. With one
    worker everything runs in this process, unless it shall be ``apart``, so that a task may die.
    ``function`` must be importable by name.
    KeyboardInterrupt ends all workers.
    """
    if not apart and (workers == 1 or (len(tasks) == 1 and more is tuple)):
        with _interrupts_noted() as interrupted:
            while tasks:
                for task in tasks:
                    outcome = _guarded(function, plan, task)
                    if interrupted:
                        raise KeyboardInterrupt
                    (on_failure if isinstance(outcome, Failure) else on_done)(outcome)  # type: ignore[operator]
                tasks = more()
        return
    waiting, suspects = deque(tasks), deque[Task]()
    while waiting or suspects:
        # After a death each suspect gets a worker of its own, and what comes after waits for it.
        queue, count, then = (suspects, 1, tuple) if suspects else (waiting, workers, more)
        lost = _run_until_death(function, plan, queue, count, on_done, on_failure, then)
        if len(lost) == 1 and queue is suspects:
            on_failure(Failure(lost[0], DIED, ""))
        else:
            suspects.extend(lost)
        if not waiting and not suspects:
            waiting.extend(more())


@contextmanager
def _interrupts_noted() -> Iterator[list[int]]:
    """Signals that should have ended this process, in case a library has swallowed one.

    A KeyboardInterrupt that is raised inside a destructor, for example, goes no further.
    """
    noted: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield noted
        return

    def noting(before: Any) -> Any:
        def handler(signum: int, frame: Any) -> Any:
            noted.append(signum)
            return before(signum, frame)

        return handler

    before = {s: signal.getsignal(s) for s in (signal.SIGINT, signal.SIGTERM)}
    ours = {s: handler for s, handler in before.items() if callable(handler)}
    try:
        for number, handler in ours.items():
            signal.signal(number, noting(handler))
        yield noted
    finally:
        for number, handler in ours.items():
            signal.signal(number, handler)


def _run_until_death(
    function: Callable[[Any, Task], Done],
    plan: Any,
    queue: deque[Task],
    workers: int,
    on_done: Callable[[Done], None],
    on_failure: Callable[[Failure], None],
    more: Callable[[], Sequence[Task]],
) -> list[Task]:
    """Work off ``queue`` and what comes after it until there is none or a worker dies.

    Returns what was in flight then.
    """
    most = workers * IN_FLIGHT if workers > 1 else 1
    with _pool(workers, function, plan) as pool:
        flying: dict[Future[Any], Task] = {}
        while queue or flying:
            try:
                while queue and len(flying) < most:
                    flying[pool.submit(_in_worker, queue[0])] = queue[0]
                    queue.popleft()
                landed, _ = wait(flying, return_when=FIRST_COMPLETED)
                for future in landed:
                    outcome = future.result()
                    del flying[future]
                    (on_failure if isinstance(outcome, Failure) else on_done)(outcome)
            except BrokenProcessPool:
                return list(flying.values())
            if not queue and not flying:
                queue.extend(more())
    return []


@contextmanager
def _pool(workers: int, function: Any, plan: Any) -> Iterator[ProcessPoolExecutor]:
    before = {name: os.environ.get(name) for name in ONE_THREAD}
    os.environ.update(dict.fromkeys(ONE_THREAD, "1"))
    work = pickle.dumps((function, plan))  # read by the worker once it has settled in
    pool = ProcessPoolExecutor(
        workers, get_context("spawn"), initializer=_start, initargs=(os.getpid(), work)
    )
    try:
        yield pool
        pool.shutdown()
    except BaseException:
        processes = list((getattr(pool, "_processes", None) or {}).values())
        pool.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            process.kill()
        raise
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


# --- inside a worker -------------------------------------------------------------------------

_work: tuple[Callable[[Any, Any], Any], Any]


def _start(parent: int, work: bytes) -> None:
    """Interrupts are the parent's business; a worker whose parent has died ends too."""
    global _work  # noqa: PLW0603 - set once, when the worker starts
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    settle_in()
    _work = pickle.loads(work)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1.0)
    os._exit(1)


def _in_worker(task: Any) -> Any:
    function, plan = _work
    return _guarded(function, plan, task)


def _guarded(function: Callable[[Any, Any], Any], plan: Any, task: Any) -> Any:
    """The outcome, or a Failure in text: not every exception can travel between processes."""
    try:
        return function(plan, task)
    except Exception as error:
        said = str(error).strip().splitlines()
        line = f"{type(error).__name__}: {said[0] if said else 'no message'}"
        return Failure(task, line, traceback.format_exc())
