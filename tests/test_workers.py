"""Tasks in workers: all are done, what fails is named, what dies takes nobody with it."""

from __future__ import annotations

import os
import signal

import pytest
import tasks

from experiments.workers import DIED, Failure, run_tasks


def run(function, plan, work, workers: int) -> tuple[list, list[Failure]]:
    done: list = []
    failures: list[Failure] = []
    run_tasks(function, plan, work, workers, done.append, failures.append)
    return done, failures


@pytest.mark.parametrize("workers", [1, 2])
def test_a_task_that_raises_is_named_and_the_others_are_done(workers):
    done, failures = run(tasks.square, 10, range(12), workers)
    assert sorted(done) == [10 * k * k for k in range(12) if k != 9]
    (failure,) = failures
    assert (failure.task, failure.error) == (9, "ValueError: nine")
    assert "is not for us" in failure.trace


def test_only_the_task_that_kills_its_worker_is_lost(tmp_path):
    done, failures = run(tasks.die_at_four, tmp_path, range(12), 2)
    assert sorted(done) == [k for k in range(12) if k != 4]
    assert [(f.task, f.error) for f in failures] == [(4, DIED)]
    tries = [int(file.name.split("-")[0]) for file in tmp_path.iterdir()]
    assert tries.count(4) == 2, "in company, and then alone"
    assert max(tries.count(k) for k in range(12)) <= 3


@pytest.mark.parametrize("workers", [1, 2])
def test_an_error_that_cannot_travel_is_told_all_the_same(workers):
    done, failures = run(tasks.unsendable, None, [1, 2], workers)
    assert done == []
    assert {f.error for f in failures} == {"Local: sent home"}


def test_workers_have_one_thread_each_and_this_process_keeps_its_own(monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    monkeypatch.delenv("NUMBA_NUM_THREADS", raising=False)
    done, _ = run(tasks.threads, None, [1, 2], 2)
    assert done == 2 * [{"OMP_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"}]
    assert os.environ["OMP_NUM_THREADS"] == "7" and "NUMBA_NUM_THREADS" not in os.environ


def test_workers_live_for_the_whole_command():
    done, _ = run(tasks.process, None, range(16), 2)
    assert len(set(done)) == 2 and os.getpid() not in done


def test_one_worker_is_this_process():
    done, _ = run(tasks.process, None, [1, 2], 1)
    assert set(done) == {os.getpid()}


def test_an_interrupt_that_a_library_swallows_ends_the_work_all_the_same():
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    done: list = []
    try:
        with pytest.raises(KeyboardInterrupt):
            run_tasks(tasks.swallow, None, range(5), 1, done.append, done.append)
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)
    assert done == []


def test_nothing_to_do():
    assert run(tasks.square, 1, [], 2) == ([], [])
