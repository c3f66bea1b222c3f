"""One market from its file to a results directory."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from experiments.config import Loaded
from experiments.results import Tables, results_directory, write_manifest, write_tables

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Run:
    """What a run came to: where it is, whom it is about, and its tables."""

    path: Path
    focal: str
    tables: Tables


def run_market(loaded: Loaded, out: Path | None = None, progress: Progress | None = None) -> Run:
    """Run one market and write its results to ``out`` (default: the next free place in results/).

    Raises UserError when ``out`` holds something already; leaves nothing behind when interrupted.
    """
    with results_directory(out, loaded.market.name) as target:
        from experiments.plots import draw_odr_and_position
        from sim.model import Marketplace

        wall, cpu = time.perf_counter(), time.process_time()
        model = Marketplace(loaded.market)
        built = time.perf_counter()
        model.run(progress)
        times = {
            "build_s": round(built - wall, 3),
            "run_s": round(time.perf_counter() - built, 3),
            "cpu_s": round(time.process_time() - cpu, 3),
        }
        tables: Tables = model.tables()
        write_tables(tables, target.partial)
        draw_odr_and_position(tables, model.focal, loaded.market, target.partial)
        times["wall_s"] = round(time.perf_counter() - wall, 3)
        # Last, so that a directory with a manifest is a whole one even before it has its name.
        write_manifest(target.partial, loaded, tables, times)
    return Run(target.path, model.focal, tables)
