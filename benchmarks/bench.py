"""How fast the market is: ``make bench``, or a part of it with ``--only``.

Prints a table as it goes, writes ``results/bench/bench.json`` and figures; ``--page`` renews the
figures and the numbers of ``docs/performance.md`` from what was measured. Reports medians and
ranges, asserts nothing. CPU seconds are user and system time of the process and its children.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import platform
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks import cases, contenders, page, phases
from benchmarks.contenders import MARKET, ROOT, size

PAGE = ROOT / "docs" / "performance.md"
PICTURE = ROOT / "docs" / "pictures" / "speed.svg"


@dataclass
class Row:
    """One line of the table."""

    what: str
    values: list[float]
    unit: str
    target: str = ""
    details: dict[str, Any] = field(default_factory=dict)


def sides(quick: bool, peers: bool) -> Iterator[Row]:
    """Ours, plain Mesa and the floor, in turns."""
    there = importlib.util.find_spec("benchmarks.plain_mesa") is not None
    kinds = contenders.KINDS if peers and there else ("ours", "floor")
    for buyers, rounds in ((10_000, 7), (100_000, 7), (1_000_000, 3)):
        if quick and buyers > 100_000:
            continue
        users = buyers + buyers // 5
        taken = contenders.side_by_side(buyers, kinds, rounds)
        for kind, seconds in taken.items():
            each = [1e9 * s / (users * contenders.BLOCK) for s in seconds]
            yield Row(f"{buyers:,} buyers: {kind}", each, "ns a user-day", "", {"kind": kind})
        for kind in kinds:
            pairs = zip(taken["ours"], taken[kind], strict=True)
            if kind == "floor":
                target = "5" if buyers >= 100_000 else ""
                yield Row("  ours / floor", [a / b for a, b in pairs], "times", target)
            elif kind != "ours":
                target = {"everyone": "70, aim 100", "sampled": "40"}[kind]
                target = target if buyers == 100_000 else ""
                yield Row(f"  {kind} / ours", [b / a for a, b in pairs], "times", target)


def years(quick: bool, huge: bool) -> Iterator[Row]:
    """A year with full rules and daily tables, and what memory holds at its end."""
    sizes = [(5_000, 7, "0.06"), (100_000, 3, "0.9"), (1_000_000, 1, "10")]
    for buyers, repeats, target in sizes[: 2 if quick else 3]:
        small = buyers == 5_000
        over = ("run_out=0",) if small else size(buyers)
        found = cases.in_worker(cases.QUICKSTART if small else MARKET, over, repeats)
        yield Row(f"a year of {buyers:,} buyers", found["seconds"], "s CPU", target, found)
        for what, n in (("trip", "trips"), ("order", "orders")):
            each = [1e9 * s / found[n] for s in found["seconds"]]
            yield Row(f"  the same, per {what}", each, "ns CPU")
        each = [1e9 * s / (found["users"] * found["days"]) for s in found["seconds"]]
        yield Row("  the same, per user and day", each, "ns CPU")
        if not small:
            users = found["users"]
            yield Row("  its users", [found["user_tables"] / users], "bytes a user", "100")
            yield Row("  everything alive", [found["arrays"] / users], "bytes a user", "450")
            target = "800" if buyers == 1_000_000 else ""
            yield Row("  the whole process", [found["process"] / 1e6], "MB", target)
    if huge:
        found = cases.in_worker(MARKET, size(10_000_000))
        yield Row("a year of 10,000,000 buyers", found["seconds"], "s CPU", "", found)
        yield Row("  the most memory it took", [found["peak"] / 1e9], "GB", "6")


def scaling(quick: bool) -> Iterator[Row]:
    """One thing varied at a time: the slope of cost on log-log paper."""
    for what in () if quick else cases.SCALING:
        points = cases.scaling(what)
        x, y = [p[0] for p in points], [p[1] for p in points]
        if what == "days":  # what all of them cost, not each
            y = [a * b for a, b in zip(x, y, strict=True)]
        target = "1.05" if what in ("buyers", "days") else ""
        details = {"x": x, "y": y, "what": what}
        yield Row(f"cost against {what}, {x[0]:,} to {x[-1]:,}", [page.slope(x, y)], "slope",
                  target, details)  # fmt: skip
        if what == "listings":
            each = 1e9 * (y[-1] - y[1]) / (x[-1] - x[1])
            yield Row("  per further listing and day", [each], "ns CPU", "250")


def where() -> Iterator[Row]:
    """Time per phase."""
    code = "import json, benchmarks.phases as p; print(json.dumps(p.profile(100000)))"
    done = cases.command(["-c", code], 1)
    found = json.loads(done["said"].splitlines()[-1])
    for phase, share, per_order in phases.lines(found):
        yield Row(f"  {phase}", [100 * share], "% of a year", "", {"ns_per_order": per_order})


def starts(quick: bool) -> Iterator[Row]:
    """From a command to its first answer."""
    found = cases.command(["run.py", "--help"], 5)
    yield Row("run.py --help", found["wall"], "s wall", "", found)
    found = cases.first_day(5)
    yield Row("warm command to its first day", found["wall"], "s wall", "1.5", found)
    yield Row("  the same", found["cpu"], "s CPU")
    if quick:
        return
    found = cases.many_arms(2)
    yield Row("27 arms of 10 replicates, to the report", found["wall"], "s wall", "25", found)
    yield Row("  the same, both cores", found["cpu"], "s CPU")
    found = cases.first_command()
    yield Row("first command ever, with compiling", found["wall"], "s wall", "30", found)
    yield Row("  the same", found["cpu"], "s CPU")


def machine() -> dict[str, Any]:
    """What the figures were measured on."""
    model = platform.processor()
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        model = next(line.split(":", 1)[1].strip() for line in text if "model name" in line)
    except (OSError, StopIteration):
        pass
    return {
        "processor": model,
        "cores": os.cpu_count(),
        "load": os.getloadavg() if hasattr(os, "getloadavg") else None,
        "python": platform.python_version(),
        **{name: version(name) for name in ("mesa", "numba", "numpy")},
        "when": datetime.now(UTC).isoformat(timespec="minutes"),
    }


def main() -> None:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(prog="benchmarks.bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small and warm cases only")
    parser.add_argument("--no-peers", action="store_true", help="leave plain Mesa out")
    parser.add_argument("--huge", action="store_true", help="a year of ten million buyers too")
    parser.add_argument("--page", action="store_true", help="renew docs/performance.md")
    parts: dict[str, Callable[[argparse.Namespace], Iterator[Row]]] = {
        "sides": lambda o: sides(o.quick, not o.no_peers),
        "years": lambda o: years(o.quick, o.huge),
        "scaling": lambda o: scaling(o.quick),
        "phases": lambda o: where(),
        "starts": lambda o: starts(o.quick),
    }
    parser.add_argument("--only", nargs="+", choices=parts, metavar="PART",
                        help=f"of {', '.join(parts)}")  # fmt: skip
    parser.add_argument("--out", type=Path, default=ROOT / "results" / "bench")
    options = parser.parse_args()
    if options.page and (options.only or options.quick or options.no_peers):
        parser.error("--page needs everything measured: no --only, --quick or --no-peers")
    if options.page:
        page.around(PAGE)  # before half an hour of measuring

    on = machine()
    print(f"{on['processor']}, {on['cores']} cores; one thread, experiments on all cores")
    print(f"Python {on['python']}, Mesa {on['mesa']}, Numba {on['numba']}, NumPy {on['numpy']}")
    cases.first_day(1)  # compiles what is missing, so that the cases find a warm cache
    print(page.HEAD)
    found: dict[str, list[Row]] = {}
    for part in options.only or parts:
        found[part] = []
        for row in parts[part](options):
            print(page.line(row.what, row.values, row.unit, row.target), flush=True)
            found[part].append(row)
    rows = {part: [asdict(row) for row in measured] for part, measured in found.items()}
    options.out.mkdir(parents=True, exist_ok=True)
    data = {"machine": on, "parts": rows}
    (options.out / "bench.json").write_text(json.dumps(data, indent=1), encoding="utf-8")
    print(f"written: {options.out / 'bench.json'}")
    if rows.get("scaling"):
        page.draw(rows, options.out / "speed.svg")
        print(f"written: {options.out / 'speed.svg'}")
    if options.page:
        page.draw(rows, PICTURE)
        page.renew(PAGE, on, rows)
        print(f"renewed: {PAGE}")


if __name__ == "__main__":
    main()
