"""Contenders: programs that live the same market, side by side, in processes of their own.

``ours`` is the market itself; ``everyone`` and ``sampled`` are the two idioms of plain Mesa
(``benchmarks/plain_mesa.py``); ``floor`` is the bare loop of ``benchmarks/floor.py``. They take
turns in blocks of days: alternating single days would be unfair to ours, as a Python program
empties the processor's cache before each of them. CPU seconds are those of the contender's process.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from experiments.workers import ONE_THREAD

ROOT = Path(__file__).resolve().parent.parent
MARKET = ROOT / "benchmarks" / "market.yaml"
KINDS = ("ours", "everyone", "sampled", "floor")
BLOCK = 30
"""Days that a contender lives at a time."""
DAYS = 720


def size(buyers: int) -> tuple[str, ...]:
    """Overrides that set the size of the market: a fifth as many users never buy."""
    return f"buyers.count={buyers}", f"non_buying_users.count={buyers // 5}"


def quiet_environment() -> dict[str, str]:
    """One thread everywhere, also in the libraries below NumPy."""
    return {**os.environ, **dict.fromkeys(ONE_THREAD, "1"), "PYTHONPATH": str(ROOT)}


def liver(kind: str, buyers: int) -> Callable[[int], object]:
    """What lives so many more days of the market, as this kind of contender does."""
    from experiments.config import load_market

    market = load_market(MARKET, (*size(buyers), "past.days=0", f"days={DAYS}"))
    if kind == "ours":
        from sim.engine import Engine

        engine = Engine(market)
        return lambda days: engine.live_through(engine.day + days - 1)
    if kind == "floor":
        from benchmarks.floor import Floor

        floor = Floor(market)
        return floor.live
    from benchmarks.plain_mesa import PlainMarket

    plain = PlainMarket(market, "everyone" if kind == "everyone" else "sampled")
    return plain.run


class Contender:
    """A contender in a process of its own, built and warmed up by one block of days."""

    def __init__(self, kind: str, buyers: int) -> None:
        self.kind = kind
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.contenders", kind, str(buyers)],
            cwd=ROOT,
            env=quiet_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.live(BLOCK)

    def live(self, days: int = BLOCK) -> float:
        """CPU seconds that so many more days take."""
        assert self._process.stdin is not None and self._process.stdout is not None
        try:
            self._process.stdin.write(f"{days}\n")
            self._process.stdin.flush()
            answer = self._process.stdout.readline()
        except BrokenPipeError:
            answer = ""
        if not answer:
            raise SystemExit(f"the contender {self.kind} ended; its message stands above")
        return float(answer)

    def end(self) -> None:
        """Let it go."""
        self._process.kill()
        self._process.wait()


def side_by_side(buyers: int, kinds: tuple[str, ...], rounds: int) -> dict[str, list[float]]:
    """CPU seconds of blocks of days of every kind, which take turns."""
    contenders = [Contender(kind, buyers) for kind in kinds]
    try:
        taken: dict[str, list[float]] = {kind: [] for kind in kinds}
        for _ in range(rounds):
            for contender in contenders:
                taken[contender.kind].append(contender.live())
        return taken
    finally:
        for contender in contenders:
            contender.end()


def main() -> None:
    """Live as many days as each line of the input says; answer with CPU seconds."""
    live = liver(sys.argv[1], int(sys.argv[2]))
    for line in sys.stdin:
        start = time.process_time()
        live(int(line))
        print(time.process_time() - start, flush=True)


if __name__ == "__main__":
    main()
