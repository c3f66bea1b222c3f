"""What is measured of the market alone: years, memory, scaling, starts. Each in a fresh process."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.contenders import MARKET, ROOT, quiet_environment, size

QUICKSTART = ROOT / "configs" / "quickstart.yaml"
SHORT = 60
"""Days for which cost is measured where one thing is varied."""
BASE = 20_000
"""Buyers where days are varied."""

Result = dict[str, Any]

SCALING: dict[str, tuple[tuple[int, tuple[str, ...], int], ...]] = {
    "buyers": tuple((n, size(n), SHORT) for n in (10_000, 30_000, 100_000, 300_000, 1_000_000)),
    "days": tuple((n, size(BASE), n) for n in (90, 365, 1_460)),
    "listings": tuple(
        (500 * n, (*size(100_000), f"rivals.listings_each={n}"), SHORT) for n in (1, 2, 10, 40)
    ),
    "sellers": tuple(
        (n, (*size(100_000), f"rivals.count={n}", f"rivals.listings_each={5_000 // n}"), SHORT)
        for n in (50, 500, 5_000)
    ),
}
"""What is varied: (its value, overrides, days)."""


def live(path: str, overrides: list[str], repeats: int) -> Result:
    """CPU seconds to live the recorded days, what happened in them, and what memory holds then."""
    from experiments.config import load_market
    from sim.engine import Engine

    config = load_market(path, tuple(overrides))
    short = load_market(QUICKSTART, ("run_out=0", "days=2", "past.days=2", "buyers.count=100"))
    Engine(short).live_through(2)  # loads compiled code, or makes it
    seconds, build = [], []
    for _ in range(repeats):
        start = time.process_time()
        market = Engine(config)
        built = time.process_time()
        market.live_through(config.days)
        seconds.append(time.process_time() - built)
        build.append(built - start)
    totals = market.tables()["market"]
    arrays = market.nbytes()
    return {
        "seconds": seconds,
        "build": build,
        "orders": int(totals["orders"].sum()),
        "trips": int(totals["trips"].sum() + totals["browsing"].sum()),
        "users": config.buyers.count + config.non_buying_users.count,
        "days": config.days,
        "user_tables": sum(arrays[name] for name in ("users", "memory", "rate")),
        "arrays": sum(arrays.values()),
        "largest": sorted(arrays.items(), key=lambda item: -item[1])[:8],
        "process": _resident(),
        "peak": _peak(),
    }


def _peak() -> int:
    """Most bytes that this process has held."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _resident() -> int:
    """Bytes of this process now; its peak where the system does not say."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return _peak()


def in_worker(path: Path, overrides: tuple[str, ...], repeats: int = 1) -> Result:
    """``live`` in a fresh process."""
    call = json.dumps([str(path), list(overrides), repeats])
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.cases", call],
        cwd=ROOT,
        env=quiet_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{done.stderr}\nthe case {call} failed")
    result: Result = json.loads(done.stdout.splitlines()[-1])
    return result


def scaling(what: str) -> list[tuple[int, float, Result]]:
    """(value, CPU seconds a day, details) for every value of what is varied."""
    found = []
    for value, overrides, days in SCALING[what]:
        result = in_worker(MARKET, (*overrides, "past.days=30", f"days={days}"))
        found.append((value, min(result["seconds"]) / days, result))
    return found


def command(arguments: list[str], repeats: int, **environment: str) -> Result:
    """CPU and wall seconds of a whole command, and what it wrote last."""
    cpus, walls, said = [], [], ""
    for _ in range(repeats):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        start = time.perf_counter()
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=quiet_environment() | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        walls.append(time.perf_counter() - start)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpus.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
        said = done.stdout
        if done.returncode:
            raise SystemExit(f"{said}\n{' '.join(arguments)} failed")
    return {"cpu": cpus, "wall": walls, "said": said}


def first_day(repeats: int) -> Result:
    """From nothing to the first simulated day, past included, compiled code on disk."""
    start = f"from experiments import market; market({str(QUICKSTART)!r}).step()"
    return command(["-c", start], repeats)


def first_command() -> Result:
    """The first command ever: compiling included."""
    with tempfile.TemporaryDirectory() as empty:
        run = ["run.py", "run", str(QUICKSTART), "--days", "1", "--set", "run_out=0"]
        run += ["--replicates", "1", "--no-break-even", "--out", f"{empty}/out"]
        return command(run, 1, MARKETPLACE_CACHE_DIR=empty)


def many_arms(repeats: int) -> Result:
    """27 arms of 10 replicates of the quickstart market, from start to report, on all cores."""
    from itertools import product

    from ruamel.yaml import YAML

    text = QUICKSTART.read_text(encoding="utf-8")
    yaml = YAML()
    stated = yaml.load(text)
    levers = {
        "focal.on_time": (0.8, 0.9, 0.98),
        "focal.care.answers": (0.4, 0.7, 0.95),
        "focal.quality": (0.5, 0.62, 0.75),
    }
    arms = {}
    for values in product(*levers.values()):
        arms[", ".join(map(str, values))] = dict(zip(levers, values, strict=True))
    stated["arms"], stated["baseline"] = arms, next(iter(arms))
    found: Result = {"cpu": [], "wall": []}
    for _ in range(repeats):
        with tempfile.TemporaryDirectory() as place:
            path = Path(place, "arms.yaml")
            with path.open("w", encoding="utf-8") as file:
                yaml.dump(stated, file)
            run = ["run.py", "run", str(path), "--replicates", "10", "--no-break-even", "--quiet"]
            once = command([*run, "--out", f"{place}/out"], 1)
        for key in found:
            found[key] += once[key]
    return found


if __name__ == "__main__":
    print(json.dumps(live(*json.loads(sys.argv[1]))))
