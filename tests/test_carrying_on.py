"""What an arm that changes one seller's strategy leaves of the others': messages, limits, money."""

from __future__ import annotations

import numpy as np
from lines import market, own, whole
from markets import small_market

from sim.engine import Engine
from sim.state import NOBODY

LATE = "{when: order_shipped, do: thank, after_days: 6, budget: 3}"
BOTH = (
    "days=60", f"strategies={{mine: [{LATE}], other: [{LATE}]}}", "sellers.0.strategy=mine",
    "rivals.strategy=other",
)  # fmt: skip


def test_who_keeps_a_strategy_keeps_what_was_put_off_and_what_was_spent():
    base = Engine(small_market(*BOTH))
    base.live_through(20)
    arm = base.branch(small_market(*BOTH, "strategies.mine.lines.0.after_days=1"))
    before, after = (e.world.pending[: e.world.count("n_pending")] for e in (base, arm))
    rival = before["seller"] > 0
    assert rival.sum() > 3 and (~rival).sum() > 3
    assert np.array_equal(before["line"][rival], after["line"][rival])
    assert (after["line"][~rival] == NOBODY).all()
    assert np.array_equal(base.world.line_use[1:], arm.world.line_use[1:])
    assert arm.world.line_use["spent"][0].sum() == 0 < base.world.line_use["spent"][0].sum()


def test_lines_that_move_are_followed_on():
    base = Engine(small_market(*BOTH))
    base.live_through(20)
    more = f"strategies={{aaa: [{LATE}, {LATE}], mine: [{LATE}], other: [{LATE}]}}"
    arm = base.branch(small_market(*BOTH, more, "sellers.0.strategy=aaa"))
    w = arm.world
    rivals = w.pending[: w.count("n_pending")]
    rivals = rivals[rivals["seller"] > 0]
    first = w.strategies["first"][w.sellers["strategy"][1]]
    assert first > base.world.strategies["first"][base.world.sellers["strategy"][1]]
    assert (rivals["line"] == first).all()


def test_a_price_does_not_change_what_quality_costs():
    day = "{when: every_days, days: 1, do: set_price, price: PRICE}"
    each = []
    for price in (1.0, 1.3):
        engine = whole(market(day.replace("PRICE", str(price)), more=("days=60",)))
        each.append(own(engine, "spent_quality")[5:].sum() / own(engine, "dispatched")[5:].sum())
    assert abs(each[1] / each[0] - 1.0) < 0.2
