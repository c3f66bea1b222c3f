"""No compiled loop reads or writes beyond a table."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from experiments.config import ROOT

BUSY = (
    "days=40",
    "past.days=20",
    "rivals.strategy=recover",
    "rivals.exit_per_year=0.9",
    "sellers.0.capacity=3",
    "platform.account.at_risk_days=2",
    "platform.odr.min_orders=3",
    "platform.odr.min_defects=1",
    "platform.odr.lower_bound=0.0",
    "platform.odr.window_days=20",
    "platform.odr.lag_days=3",
    "platform.feedback.leave_rate=0.3",
    "platform.reviews.leave_rate=0.3",
    "platform.reviews.leave_rate_unbought=0.01",
)
"""Queues, deactivations, exits and entrants, apologies: every loop has something to do."""

TIGHT = """
import sys
import numpy as np
from numba import config, njit
from compare import fingerprint
from markets import small_market
from sim import day, room
from sim.model import Marketplace
from sim.rules.attention import MAX_EXAMINED

if config.BOUNDSCHECK:
    try:
        njit(lambda a: a[3])(np.zeros(3))
    except IndexError:
        print("checked")
tables = ("posts", "trips", "due_today", "baskets", "encounters", "drafts", "revisions", "mail",
          "outbox", "inbox", "pending", "arrivals")
model = Marketplace(small_market(*sys.argv[1:]))
sizes = {name: 1 for name in tables}

def exactly(array, rows, axis=0):
    # no row more than was asked for, so that one too few is noticed
    if array.shape[axis] >= rows:
        return array
    shape = list(array.shape)
    shape[axis] = rows
    larger = np.zeros(shape, array.dtype)
    larger[tuple(slice(n) for n in array.shape)] = array
    return larger

room.grown = exactly
w, counts = model.world, {"posts": "n_posts", "inbox": "n_inbox", "pending": "n_pending",
                          "arrivals": "n_arrivals"}
while model.day <= model.last_day:
    for name in tables:
        used = w.count(counts[name]) if name in counts else 0
        w.replace(**{name: getattr(w, name)[: max(1, used)].copy()})
    model.step()
print(fingerprint(model))
"""


def run(overrides: tuple[str, ...], **environment: str) -> list[str]:
    """What a market with no room to spare comes to, in a process of its own."""
    path = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    done = subprocess.run(
        [sys.executable, "-c", TIGHT, *overrides],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": path, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.split()


@pytest.mark.slow
def test_a_market_without_room_to_spare_stays_within_its_tables():
    """Checked code is kept in a folder of its own, as the cache is named by Numba's switches."""
    assert run(BUSY, NUMBA_BOUNDSCHECK="1") == ["checked", *run(BUSY)]
