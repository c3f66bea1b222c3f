"""A sweep whose processes are killed again and again ends as one that nobody disturbed."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from experiments.platforms import ROOT

FULL = os.environ.get("MARKETPLACE_FULL") == "1"
KILLS = 50 if FULL else 8
HOW = ("parent", "between", "worker", "parent", "parent", "between", "worker", "early")
"""What is killed, in turn: the parent; the parent with a result in its hands; a worker, then the
parent; the parent while it starts."""

SWEEP = """
name: killed
base: {base}
set: {{days: 30, past.days: 30, buyers.count: 3000, non_buying_users.count: 300}}
replicates: {replicates}
factors:
  on time: {{path: focal.on_time, between: [0.8, 0.99], steps: 10}}
  strategy: {{values: [none, recover]}}
  damaged: {{path: focal.damaged, values: [0.05, 0.02, 0.0]}}
"""
pytestmark = pytest.mark.slow


class Disturbed:
    """Runs of one sweep that are killed, with a log of the moments."""

    def __init__(self, folder: Path, config: Path, seed: int) -> None:
        self.folder, self.config, self.random = folder, config, random.Random(seed)
        self.moments: list[dict[str, object]] = []
        self.pids: set[int] = set()
        self.sessions = 0

    def start(self, die_before_commit: int = 0) -> tuple[subprocess.Popen[str], Path]:
        told = self.folder.with_name(f"told-{len(self.moments)}")
        told.unlink(missing_ok=True)
        told.touch()
        paths = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
        running = subprocess.Popen(
            [sys.executable, str(ROOT / "tests" / "killed.py"), "sweep", str(self.config),
             "--out", str(self.folder), "--resume", "--quiet", "--workers", "2"],
            env={**os.environ, "PYTHONPATH": paths, "TOLD": str(told),
                 "DIE_BEFORE_COMMIT": str(die_before_commit)},
            stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        return running, told

    def disturb(self) -> None:
        """Start the sweep and kill it, or a worker and then it, at some moment."""
        how = HOW[self.sessions % len(HOW)]
        self.sessions += 1
        running, told = self.start(self.random.randint(1, 6) if how == "between" else 0)
        if how == "early":
            time.sleep(self.random.uniform(0.0, 2.5))
        elif how != "between":
            # In a worker's first cell, or between cells of one that has settled in.
            sign = "begin" if self.random.random() < 0.2 else "end"
            self.until(lambda: sign in told.read_text(), running)
            time.sleep(self.random.uniform(0.0, 0.5))
        if how == "worker":
            workers = [int(line.split()[3]) for line in told.read_text().splitlines()]
            self.kill(self.random.choice(workers), how, told)
            time.sleep(self.random.uniform(0.0, 1.5))
        if how != "between":
            self.kill(running.pid, "parent", told)
        running.wait(timeout=60)
        if how == "between":
            assert "between" in told.read_text(), "there was too little left to disturb"
            self.note(how, told)
        assert running.returncode == -signal.SIGKILL, "it ended before it was killed"

    def until(self, holds, running: subprocess.Popen[str]) -> None:
        last = time.monotonic() + 60
        while not holds():
            assert running.poll() is None, running.stderr.read() if running.stderr else ""
            assert time.monotonic() < last, "nothing began"
            time.sleep(0.01)

    def kill(self, pid: int, how: str, told: Path) -> None:
        os.kill(pid, signal.SIGKILL)
        self.note(how, told)

    def note(self, how: str, told: Path) -> None:
        """Log the moment, with the cells that had begun and not ended."""
        lines = [line.split() for line in told.read_text().splitlines()]
        self.pids |= {int(line[3]) for line in lines}
        begun = [tuple(line[1:]) for line in lines if line[0] == "begin"]
        ended = {tuple(line[1:]) for line in lines if line[0] == "end"}
        flying = [one for one in begun if one not in ended]
        self.moments.append({"killed": how, "in_flight": len(flying), "stored": self.stored()})

    def stored(self) -> int:
        if not (self.folder / "sweep.db").is_file():
            return 0
        with sqlite3.connect(self.folder / "sweep.db") as store:
            try:
                return int(store.execute("SELECT count(*) FROM results").fetchone()[0])
            except sqlite3.OperationalError:
                return 0  # killed before there was a table


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [sys.executable, str(ROOT / "run.py"), *arguments], capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done


def alive(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return status != "Z"


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks processes up in /proc")
def test_killed_at_any_moment_a_sweep_loses_nothing_and_counts_nothing_twice(tmp_path):
    config = tmp_path / "killed.yaml"
    replicates = 14 if FULL else 3
    config.write_text(SWEEP.format(base=ROOT / "configs/quickstart.yaml", replicates=replicates))
    command("sweep", str(config), "--out", str(tmp_path / "calm"), "--quiet", "--workers", "2")
    disturbed = Disturbed(tmp_path / "disturbed", config, seed=KILLS)
    while len(disturbed.moments) < KILLS:
        disturbed.disturb()
    (tmp_path / "moments.json").write_text(json.dumps(disturbed.moments, indent=1))
    print(json.dumps(disturbed.moments))
    command("sweep", str(config), "--out", str(tmp_path / "disturbed"), "--resume", "--quiet")
    tables = []
    for which in ("calm", "disturbed"):
        command("export", str(tmp_path / which))
        tables.append((tmp_path / which / "table.csv").read_bytes())
    assert tables[0].count(b"\n") == 60 * replicates + 1
    assert tables[0] == tables[1]
    assert disturbed.stored() == 60 * replicates, "no row more than cells and replicates"
    counts = [moment["stored"] for moment in disturbed.moments]
    assert counts == sorted(counts), "what was stored stayed"
    assert counts[-1] > 0 and counts[-1] < 60 * replicates
    last = time.monotonic() + 10
    while any(map(alive, disturbed.pids)) and time.monotonic() < last:
        time.sleep(0.1)
    assert not any(map(alive, disturbed.pids)), "a worker has outlived its parent"
    flying = sum(moment["in_flight"] != 0 for moment in disturbed.moments)
    between = sum(moment["killed"] == "between" for moment in disturbed.moments)
    assert flying >= 0.8 * KILLS and between >= (5 if FULL else 1), disturbed.moments
