"""How long it takes and how much memory it needs: ``make bench``.

Reports medians of several repeats and asserts nothing. Each case runs in a process of its own, on
one thread, with compiled code from the cache (but for the last case, which compiles). CPU seconds
are user + system time of that process and its children; "aim" is what the project aims at.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
QUICKSTART = ROOT / "configs" / "quickstart.yaml"
MEASURED = ("run_out=0",)  # the recorded days only
LARGE = (
    *MEASURED,
    "buyers.count=100000",
    "non_buying_users.count=20000",
    "rivals.count=49",  # with the focal seller: 50 sellers
    "rivals.listings_each=10",  # with its four listings: 494
    "sellers.0.capacity=null",
    "choice.buy_nothing=3.6",  # more to choose from: keeps 12 orders a buyer and year
)

DAILY_TABLES = ("seller_days", "listing_days", "market_days", "books")

Result = dict[str, Any]


# --- what is measured, inside a worker process -----------------------------------------------


def year(overrides: tuple[str, ...], repeats: int) -> Result:
    """CPU seconds to build with and without the past, and to live the recorded days."""
    from experiments.config import load_market
    from sim.model import Marketplace

    config = load_market(QUICKSTART, overrides)
    young = load_market(QUICKSTART, (*overrides, "past.days=0"))
    warm_up = load_market(QUICKSTART, ("run_out=0", "days=2", "past.days=2", "buyers.count=100"))
    Marketplace(warm_up).run()
    found: Result = {"build": [], "build_without_past": [], "year": []}
    for _ in range(repeats):
        with cpu(found["build_without_past"]):
            market = Marketplace(young)
        with cpu(found["build"]):
            market = Marketplace(config)
        with cpu(found["year"]):
            market.run()
        orders = int(market.tables()["market"]["orders"].sum())
        del market
        gc.collect()
    return {**found, "orders": orders, "users": config.buyers.count + config.non_buying_users.count}


def memory(overrides: tuple[str, ...], repeats: int) -> Result:
    """Bytes a user after a year: growth of the process, and the sum of the market's arrays."""
    from experiments.config import load_market
    from sim.model import Marketplace

    small = load_market(QUICKSTART, ("run_out=0", "days=2", "past.days=2", "buyers.count=100"))
    Marketplace(small).run()
    gc.collect()
    before = resident_bytes()
    config = load_market(QUICKSTART, overrides)
    users = config.buyers.count + config.non_buying_users.count
    market = Marketplace(config)
    market.run()
    gc.collect()
    arrays = market.nbytes()
    return {
        "users": users,
        "resident": [(resident_bytes() - before) / users],
        "arrays": [sum(arrays.values()) / users],
        "arrays_but_tables": [
            sum(n for name, n in arrays.items() if name not in DAILY_TABLES) / users
        ],
        "largest": sorted(arrays.items(), key=lambda item: -item[1])[:8],
        "process": resident_bytes(),
    }


@contextmanager
def cpu(into: list[float]) -> Iterator[None]:
    """Append the CPU seconds of this process that pass inside."""
    start = time.process_time()
    yield
    into.append(time.process_time() - start)


def resident_bytes() -> int:
    """Memory of this process now; its peak where /proc does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024


# --- how it is measured, from outside ----------------------------------------------------------


def worker(case: str, overrides: tuple[str, ...], repeats: int) -> Result:
    """Run ``year`` or ``memory`` in a fresh process."""
    call = json.dumps([case, overrides, repeats])
    done = subprocess.run(
        [sys.executable, __file__, "--worker", call],
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


def quickstart(repeats: int) -> tuple[Result, list[float]]:
    """The demo's experiment from start to report on all cores, and its workers' share, percent."""
    found: Result = {"cpu": [], "wall": []}
    share = []
    for _ in range(repeats):
        with tempfile.TemporaryDirectory() as empty:
            once = command(["run.py", "demo", "--quiet", "--out", f"{empty}/out"], 1)
            times = json.loads(Path(empty, "out", "manifest.json").read_text())["times"]
        share.append(100.0 * times["market_cpu_s"] / times["worker_cpu_s"])
        for key in found:
            found[key] += once[key]
    return found, share


def quiet_environment() -> dict[str, str]:
    """One thread everywhere, also in the libraries below NumPy."""
    one = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")}
    return {**os.environ, **one, "PYTHONPATH": str(ROOT)}


def measure(repeats: int, quick: bool) -> Iterator[tuple[str, list[float], str, str, Result]]:
    """(what, values, unit, aim, details) of every case, one after the other."""
    # Compile what is missing, so that the cases below find a warm cache.
    worker("year", ("run_out=0", "days=2", "past.days=2", "buyers.count=100"), 1)

    found = worker("year", MEASURED, repeats)
    yield "5,000 buyers: build without a past", found["build_without_past"], "s CPU", "", found
    yield "5,000 buyers: build with the past", found["build"], "s CPU", "", found
    yield "5,000 buyers: 365 days", found["year"], "s CPU", "0.15", found
    per_order = [1e9 * seconds / max(found["orders"], 1) for seconds in found["year"]]
    yield "  the same, per order", per_order, "ns CPU", "", {}
    if not quick:
        few = max(3, repeats // 2)
        found = worker("year", LARGE, few)
        yield "100,000 buyers: build with the past", found["build"], "s CPU", "", found
        yield "100,000 buyers: 365 days", found["year"], "s CPU", "2", found
        per_order = [1e9 * seconds / max(found["orders"], 1) for seconds in found["year"]]
        yield "  the same, per order", per_order, "ns CPU", "", {}
        found = worker("memory", LARGE, 1)
        yield "120,000 users: all arrays", found["arrays"], "bytes/user", "600", found
        yield "  without the daily tables", found["arrays_but_tables"], "bytes/user", "", found
        yield "120,000 users: growth of the process", found["resident"], "bytes/user", "", {}

    found = command(["run.py", "--help"], repeats)
    yield "run.py --help", found["wall"], "s wall", "0.5", {"cpu": found["cpu"]}
    start = f"from experiments import market; market({str(QUICKSTART)!r}).step()"
    found = command(["-c", start], repeats)
    yield "warm start to the first day, past included", found["wall"], "s wall", "", found
    if not quick:
        found, share = quickstart(max(3, repeats // 2))
        what = "quickstart: 6 arms x 20 replicates, report"
        yield what, found["wall"], "s wall", "30", {"cpu": found["cpu"]}
        yield "  workers' CPU inside the market", share, "%", "80", {}
        with tempfile.TemporaryDirectory() as empty:
            run = ["run.py", "run", str(QUICKSTART), "--days", "1", "--set", "run_out=0"]
            run += ["--replicates", "1"]
            found = command([*run, "--out", f"{empty}/out"], 1, MARKETPLACE_CACHE_DIR=empty)
        yield "first command ever, compiling included", found["wall"], "s wall", "45", found
        said = "yes" if "compil" in found["said"].lower() else "no"
        yield f"  (says that it compiles: {said})", found["cpu"], "s CPU", "", {}


def machine() -> Result:
    """What the figures were measured on."""
    model = platform.processor()
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        model = next(line.split(":", 1)[1].strip() for line in lines if "model name" in line)
    except (OSError, StopIteration):
        pass
    packages = {name: version(name) for name in ("mesa", "numba", "numpy")}
    load = os.getloadavg() if hasattr(os, "getloadavg") else None
    return {
        "processor": model,
        "cores": os.cpu_count(),
        "load": load,
        "python": platform.python_version(),
        **packages,
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=7, help="repeats of each case (7)")
    parser.add_argument("--quick", action="store_true", help="small and warm cases only")
    parser.add_argument("--out", type=Path, default=ROOT / "results" / "bench.json")
    parser.add_argument("--worker", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        case, overrides, repeats = json.loads(options.worker)
        print(json.dumps({"year": year, "memory": memory}[case](tuple(overrides), repeats)))
        return

    on = machine()
    print(f"{on['processor']}, {on['cores']} cores; one thread, the experiment on all cores")
    print(f"Python {on['python']}, Mesa {on['mesa']}, Numba {on['numba']}, NumPy {on['numpy']}")
    print(f"{'':44}{'median':>10}  {'range':>19}  {'unit':10} {'aim':>5}")
    rows = []
    for what, values, unit, aim, details in measure(options.repeats, options.quick):
        spread = f"{figure(min(values))} - {figure(max(values))}" if len(values) > 1 else ""
        middle = figure(median(values))
        print(f"{what:44}{middle:>10}  {spread:>19}  {unit:10} {aim:>5}", flush=True)
        rows.append({"what": what.strip(), "values": values, "unit": unit, "details": details})
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(json.dumps({"machine": on, "rows": rows}, indent=1), encoding="utf-8")
    print(f"written: {options.out}")


def figure(value: float) -> str:
    """Three digits that count."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


if __name__ == "__main__":
    main()
