"""How far a command has come: lines now and then, a bar on a terminal, nothing when quiet."""

from __future__ import annotations

import sys

import pytest

from experiments import progress
from experiments.progress import LINE_EVERY_S, shown_progress


@pytest.fixture
def clock(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def test_lines_come_now_and_then_with_rate_and_what_is_left(clock, capsys):
    with shown_progress(quiet=False) as shown:
        for done in range(1, 41):
            clock[0] += 1.0
            shown(2 * done, 80)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 40 / LINE_EVERY_S
    assert lines[0] == "10 of 80 runs, 2.0 a second, about 35 s left"
    assert lines[-1] == "80 of 80 runs, 2.0 a second"


def test_the_last_run_is_always_told(clock, capsys):
    with shown_progress(quiet=False) as shown:
        clock[0] += 0.5
        shown(3, 3)
    assert capsys.readouterr().err == "3 of 3 runs, 6.0 a second\n"


def test_quiet_shows_nothing(capsys):
    with shown_progress(quiet=True) as shown:
        assert shown is None
    assert capsys.readouterr() == ("", "")


def test_a_terminal_gets_a_bar(monkeypatch, capsys):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("FORCE_COLOR", "1")
    with shown_progress(quiet=False) as shown:
        shown(1, 4)
        shown(4, 4)
    said = capsys.readouterr().err
    assert "4/4" in said and "a second" in said
