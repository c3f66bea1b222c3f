"""From order to door: handling, transit and promise in days.

Log-normal shapes and medians from Olist's orders (Brazil 2016-18): approval to carrier, carrier to
door, purchase to promised date. Transit and promise share a distance, so that far customers are
promised more; how much reproduces the share of late orders.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from sim.config.market import Fulfilment
from sim.jit import rule


@rule
def combined(z_shared, z_own, load):
    """Standard normal with correlation ``load`` to the shared one."""
    return load * z_shared + np.sqrt(1.0 - load * load) * z_own


@rule
def promise_days(z_distance, z, load, median, sd):
    """Days from order to the promised date, at least 1; ``load`` of the distance on its log."""
    return int(max(1.0, np.rint(median * np.exp(sd * combined(z_distance, z, load)))))


@rule
def handling_days(z, slowness, median, sd, longest):
    """Days from being served to the carrier, whole days, 0 = the same evening."""
    return int(min(longest, slowness * median * np.exp(sd * z)))


@rule
def transit_days(z_distance, z, load, slowness, median, sd, longest):
    """Days from carrier to door, at least 1; ``load`` of the distance on its log."""
    days = slowness * median * np.exp(sd * combined(z_distance, z, load))
    return int(max(1.0, np.ceil(min(longest, days))))


@rule
def patience_days(z, median, sd):
    """Days past the promise after which a waiting customer judges, at least 1."""
    return int(max(1.0, np.ceil(median * np.exp(sd * z))))


def slowness(on_time: float, fulfilment: Fulfilment) -> float:
    """Factor on handling and transit at which this share of orders is on time without a queue.

    Falls with ``on_time``, so a more punctual seller delivers no order later.
    """
    late, log_slowness = _late_shares(fulfilment)
    return float(np.exp(np.interp(1.0 - on_time, late, log_slowness)))


@lru_cache(maxsize=16)
def _late_shares(f: Fulfilment) -> tuple[np.ndarray, np.ndarray]:
    """Late share (increasing) against the log of slowness, over a fixed sample of orders."""
    from scipy.special import ndtri
    from scipy.stats import qmc

    far, promise, handle, travel = ndtri(qmc.Halton(4, scramble=False).random(1 << 14)[1:]).T
    load, own = np.sqrt(f.distance), np.sqrt(1.0 - f.distance)
    promised = f.promise_days * np.exp(f.promise_sd * (load * far + own * promise))
    promised = np.maximum(1.0, np.rint(promised))
    handling = f.handling_days * np.exp(f.handling_sd * handle)
    transit = f.transit_days * np.exp(f.transit_sd * (load * far + own * travel))
    grid = np.geomspace(0.02, 30.0, 160)
    late = np.empty(grid.size)
    for k, slow in enumerate(grid):
        served = np.floor(np.minimum(f.longest_days, slow * handling))
        carried = np.maximum(1.0, np.ceil(np.minimum(f.longest_days, slow * transit)))
        late[k] = np.mean(served + carried > promised)
    late = np.maximum.accumulate(late)
    steps = np.flatnonzero(np.diff(late, prepend=-1.0) > 0)
    return late[steps], np.log(grid[steps])
