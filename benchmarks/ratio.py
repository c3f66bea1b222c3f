"""Has the market become slower? It against the floor, in one run: ``python -m benchmarks.ratio``.

Seconds say little on a shared machine; the ratio of two programs that take turns says more. Both
live blocks of 60 days in turn, five of them, in a market of 100,000 buyers; the best of each count.
The ratio is compared with that in ``benchmarks/ratio.json``: above 1.5 times it there is a warning,
above 3 times the exit code is 1. A change that adds a rule may renew it, saying why:
``python -m benchmarks.ratio --renew "a rule of returns"``.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

from benchmarks.contenders import MARKET, size

STORED = Path(__file__).with_name("ratio.json")
SIZE = (*size(100_000), "past.days=30", "days=360")
BLOCK, ROUNDS = 60, 5
WARN, FAIL = 1.5, 3.0
RENEW = 'python -m benchmarks.ratio --renew "why"'


def measured() -> float:
    """CPU time of the market over that of the floor: best blocks of an interleaved run."""
    from benchmarks.floor import Floor
    from experiments.config import load_market
    from sim.engine import Engine

    market = load_market(MARKET, SIZE)
    engine, floor = Engine(market), Floor(market)
    ours, bare = [], []
    for _ in range(ROUNDS):
        start = time.process_time()
        engine.live_through(engine.day + BLOCK - 1)
        ours.append(time.process_time() - start)
        bare.append(floor.live(BLOCK))
    return min(ours) / min(bare)


def stored(path: Path = STORED) -> float:
    """The ratio that was stored. Raises ValueError, saying what is wrong, where there is none."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))["ratio"]
    except FileNotFoundError:
        raise ValueError(f"{path.name} is missing; make it with {RENEW}") from None
    except (KeyError, TypeError, ValueError):
        raise ValueError(f"{path.name} holds no ratio; make it anew with {RENEW}") from None
    if not isinstance(found, int | float) or isinstance(found, bool) or not found > 0:
        raise ValueError(f"{path.name}: ratio is {found!r}; it must be a number above 0")
    return float(found)


def verdict(ratio: float, before: float) -> tuple[str, int]:
    """What to say of a ratio beside the stored one, and the exit code."""
    said = f"the market takes {ratio:.1f} times the floor's time; stored: {before:.1f}"
    if ratio > FAIL * before:
        return f"{said}\nmore than {FAIL:g} times that is a failure; if it is meant: {RENEW}", 1
    if ratio > WARN * before:
        return f"{said}\nwarning: more than {WARN:g} times that; where does the time go?", 0
    return said, 0


def main(arguments: list[str] | None = None) -> int:
    """Measure, and compare or renew; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--renew", metavar="WHY", help="store the ratio as it is now, and why")
    options = parser.parse_args(arguments)
    if options.renew is not None:
        if not options.renew.strip():
            print("--renew: say why the ratio is another now", file=sys.stderr)
            return 2
        ratio = round(measured(), 2)
        text = json.dumps({"ratio": ratio, "why": options.renew}, indent=1)
        STORED.write_text(text + "\n", encoding="utf-8")
        print(f"stored: {ratio:.2f}")
        return 0
    try:
        before = stored()
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    said, code = verdict(measured(), before)
    print(said)
    return code


if __name__ == "__main__":
    sys.exit(main())
