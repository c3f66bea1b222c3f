"""Where a year goes: the time of every phase. ``python -m benchmarks.phases 100000``

The parts of a day (``sim/day.py``) are compiled whole. Here their Python text runs instead, with a
clock around every phase, so that the order of the day is written once; phases are then entry points
of their own, which are compiled on first use. What the sum lacks of the whole is the clock's and
the day's work in Python.
"""

from __future__ import annotations

import sys
import time
from collections import defaultdict
from types import FunctionType
from typing import Any

from benchmarks.contenders import MARKET, size

PARTS = ("shop_all", "users_turn", "settle_sales", "settle_words", "close_day")
"""Parts of the day, as the engine calls them."""


class _Record:
    """The one row of ``w.now``, read as compiled code does."""

    def __init__(self, array: Any) -> None:
        self.__dict__["array"] = array

    def __getattr__(self, name: str) -> int:
        return int(self.__dict__["array"][name][0])

    def __setattr__(self, name: str, value: int) -> None:
        self.__dict__["array"][name] = value


class _Readable:
    """A world whose counts read in Python as they do in compiled code."""

    def __init__(self, world: Any) -> None:
        self.world = world
        self.now = _Record(world.now)


class Clock:
    """Times every phase of the days that are lived after ``take_apart``."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = defaultdict(float)

    def timed(self, phase: Any) -> Any:
        """The phase with a clock around it."""

        def call(w: Any, *arguments: Any) -> None:
            world = w.world if isinstance(w, _Readable) else w
            start = time.perf_counter()
            phase(world, *arguments)
            self.spent[phase.__name__] += time.perf_counter() - start

        return call

    def take_apart(self) -> None:
        """Make the engine of this process live its days phase by phase."""
        from sim import day, room

        names = dict(vars(day))
        for name, thing in names.items():
            if hasattr(thing, "py_func") and thing.__module__ != day.__name__:
                names[name] = self.timed(thing)
        for name in PARTS:
            body = getattr(day, name).py_func
            apart = FunctionType(body.__code__, names, name)
            setattr(day, name, lambda w, today, apart=apart: apart(_Readable(w), today))
        vars(room)["begin"] = self.timed(vars(room)["begin"])


def profile(buyers: int, days: int = 365) -> dict[str, Any]:
    """Seconds of each phase in so many days, of all of them together, and orders placed."""
    from experiments.config import load_market
    from sim.engine import Engine

    clock = Clock()
    clock.take_apart()
    short = load_market(MARKET, (*size(100), "past.days=0", "days=2"))
    Engine(short).live_through(2)  # compiles what is missing
    engine = Engine(load_market(MARKET, (*size(buyers), "past.days=30", f"days={days}")))
    clock.spent.clear()
    start = time.process_time()
    engine.live_through(days)
    whole = time.process_time() - start
    orders = int(engine.tables()["market"]["orders"].sum())
    return {"phases": dict(clock.spent), "whole": whole, "orders": orders}


def lines(found: dict[str, Any], least: float = 0.005) -> list[tuple[str, float, float]]:
    """(phase, share of the whole, ns per order), the longest first; small ones together."""
    whole, orders = found["whole"], max(found["orders"], 1)
    known = sorted(found["phases"].items(), key=lambda item: -item[1])
    large = [(name, seconds) for name, seconds in known if seconds >= least * whole]
    rest = whole - sum(seconds for _, seconds in large)
    large.append(("all else, and the clock", rest))
    return [(name, s / whole, 1e9 * s / orders) for name, s in large]


def main() -> None:
    buyers = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    found = profile(buyers)
    print(f"a year of {buyers:,} buyers, phase by phase: {found['whole']:.2f} s CPU")
    for name, share, per_order in lines(found):
        print(f"{name:26} {100 * share:5.1f} %  {per_order:7,.0f} ns per order")


if __name__ == "__main__":
    main()
