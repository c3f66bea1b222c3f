"""Compile the simulator before it is needed, in two processes at once.

Compiled code is kept on disk (see ``sim/cache.py``), so this happens once per change of ``sim/``.
``python -m sim.warm`` does it by hand.
"""

from __future__ import annotations

import subprocess
import sys

import sim
from sim import cache


def _platform() -> None:
    """Compile the platform's evening."""
    from numba import float64, int32, int64

    from sim import day
    from sim.phases.platform import score_parts
    from sim.world import WORLD_TYPE

    for kernel in (day.settle_sales, day.settle_words, day.close_day):
        kernel.compile((WORLD_TYPE, int64))
    score_parts.compile((WORLD_TYPE, int32[::1], int64, float64[:, ::1]))


def _users() -> None:
    """Compile the morning, what users and sellers do, and what building needs."""
    from numba import float64, int64, types, uint64
    from numba.np.numpy_support import from_dtype

    from sim import day, past
    from sim.phases import by_code, intervene, ledger, offers, settle
    from sim.phases.morning import begin
    from sim.phases.platform import low_stars_on_page
    from sim.rules.account import is_closed
    from sim.rules.costs import service_cost_usd, unit_cost_usd
    from sim.world import WORLD_TYPE

    for kernel in (begin, day.shop_all, day.users_turn, day.platform_shows, day.platform_opens):
        kernel.compile((WORLD_TYPE, int64))
    seen = types.Array(from_dtype(by_code.SEEN), 1, "C")
    by_code.look_at.compile((WORLD_TYPE, int64[::1], int64, seen))
    whole, real = int64[::1], float64[::1]
    by_code.act_by_code.compile((WORLD_TYPE, int64, int64, whole, whole, whole, real, real, whole))
    offers.give_keys.compile((WORLD_TYPE,))
    past.old_reviews.compile((WORLD_TYPE, int64, int64, int64))
    past.stated_reviews.compile((WORLD_TYPE, int64, int64[::1], int64))
    past.old_feedback.compile((WORLD_TYPE, int64, int64, float64))
    past.one_draw.compile((uint64, uint64, int64))
    past.user_draws.compile((uint64, int64, float64[::1]))
    ledger.start.fill_ids.compile((int64, uint64[::1], uint64[::1]))
    ledger.id_of.compile((int64, uint64))
    ledger.keys_of_users.compile((WORLD_TYPE, uint64[::1]))
    ledger.note_price.compile((WORLD_TYPE, int64, int64, int64))
    intervene.post_by_nobody.compile((WORLD_TYPE, *[int64] * 3, uint64, int64))
    intervene.post_of_order.compile((WORLD_TYPE, *[int64] * 3, uint64, int64))
    intervene.change_post.compile((WORLD_TYPE, int64, int64, uint64, int64))
    for verdict in (settle.may_post, intervene.is_allowed):
        verdict.compile((WORLD_TYPE, int64, int64))
    ledger.note_intervention.compile((WORLD_TYPE, uint64, uint64, int64))
    low_stars_on_page.compile((WORLD_TYPE, int64))
    is_closed.compile((int64,))
    for cost in (service_cost_usd, unit_cost_usd):
        cost.compile((float64, float64, float64, float64))


def warm_up() -> None:
    """Compile everything a run needs; returns when it is on disk. Does nothing when it is."""
    if cache.is_warm():
        return
    users = subprocess.Popen(
        [sys.executable, "-c", "from sim import warm; warm._users()"],
        cwd=str(cache.SOURCES.parent),
        stdout=subprocess.DEVNULL,
    )
    try:
        _platform()
    finally:
        users.wait()
    if users.returncode == 0:
        cache.mark_warm()


if __name__ == "__main__":
    warm_up()
    print(f"model {sim.MODEL_VERSION}: compiled code lies in {cache.folder()}")
