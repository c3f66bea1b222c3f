"""From order to door: handling, transit and promise in days.

Log-normal shapes and medians from Olist's orders (Brazil 2016-18): approval to carrier, carrier to
door, purchase to promised date. Transit and promise share a distance, so that far customers are
promised more; the correlation reproduces the share of late orders.
"""

from __future__ import annotations

import numpy as np

from sim.jit import rule


@rule
def promise_days(z_distance, median, sd):
    """Days from order to the promised date, at least 1."""
    return max(1, round(median * np.exp(sd * z_distance)))


@rule
def handling_days(z, speed, median, sd):
    """Days from being served to the carrier, whole days, 0 = the same evening."""
    return int(speed * median * np.exp(sd * z))


@rule
def transit_days(z_distance, z, correlation, speed, median, sd):
    """Days from carrier to door, at least 1; increasing in ``speed``, the seller's slowness."""
    own = np.sqrt(1.0 - correlation * correlation)
    return max(1, int(np.ceil(speed * median * np.exp(sd * (correlation * z_distance + own * z)))))


@rule
def patience_days(z, median, sd):
    """Days past the promise after which a waiting customer judges, at least 1."""
    return max(1, int(np.ceil(median * np.exp(sd * z))))


def slowness(on_time: np.ndarray, fulfilment) -> np.ndarray:
    """Factor on handling and transit at which this share of orders is on time without a queue.

    ``on_time`` float64[n], ``fulfilment`` a ``sim.config.market.Fulfilment``. The late share of
    a factor is counted over a fixed grid of 17^3 quantiles of the three normals; the factor is
    found by bisection on its log, so a higher share never makes any order later.
    """
    from scipy.special import ndtri

    z = ndtri((np.arange(17) + 0.5) / 17)
    far, handle, travel = (g.ravel() for g in np.meshgrid(z, z, z))
    f = fulfilment
    promised = np.maximum(1, np.rint(f.promise_days * np.exp(f.promise_sd * far)))
    own = np.sqrt(1 - f.distance**2)
    handling = f.handling_days * np.exp(f.handling_sd * handle)
    transit = f.transit_days * np.exp(f.transit_sd * (f.distance * far + own * travel))

    def late_share(speed: float) -> float:
        days = np.floor(speed * handling) + np.maximum(1, np.ceil(speed * transit))
        return float(np.mean(days > promised))

    grid = np.geomspace(1e-3, 30.0, 240)
    late = np.maximum.accumulate([late_share(s) for s in grid])
    steps = np.flatnonzero(np.diff(late, prepend=-1.0) > 0)
    return np.exp(np.interp(1.0 - np.asarray(on_time), late[steps], np.log(grid[steps])))
