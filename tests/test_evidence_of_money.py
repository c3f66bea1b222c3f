"""Findings on rewards and bought reviews, looked for in small markets."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from experiments.evidence.finding import Finding
from experiments.evidence.markets import lived
from experiments.evidence.scorecard import chosen
from experiments.evidence.seen import Seen
from sim.state import NOBODY, REVIEW

SMALL = (
    "buyers.count=3000", "non_buying_users.count=300", "rivals.count=11", "past.days=40",
    "platform.reviews.leave_rate=0.05", "rivals.late_median=0.2", "run_out=0",
)  # fmt: skip
NAMES = ("base", "asked", "small rewards", "large rewards", "bought")


@pytest.fixture(scope="module")
def seen() -> dict[str, Seen]:
    return dict(lived(NAMES, 1, days=75, overrides=SMALL))


def known(id: str) -> Finding:
    return next(f for f in chosen([id])[0] if f.id == id)


def value(seen: dict[str, Seen], id: str) -> float:
    return known(id).compute({name: seen[name] for name in known(id).markets})


def test_money_has_the_signs_that_were_put_in(seen):
    assert value(seen, "R9") < 0
    assert 0 < value(seen, "R9-rate") < 0.4
    assert value(seen, "G11") > 0


def test_without_money_or_kindness_the_signs_are_gone():
    off = ("responding.reward=1.0", "responding.reward_kindness=0.0")
    same = dict(lived(("base", "small rewards"), 1, days=40, overrides=(*SMALL, *off)))
    assert value(same, "R9") == value(same, "R9-rate") == 0.0


def test_half_of_the_stores_buy_and_no_bought_review_counts_as_a_user_s(seen):
    bought, base = seen["bought"], seen["base"]
    buyers = np.flatnonzero(bought.stores["strategy"] > 0)
    assert 2 <= len(buyers) <= 10 and not (base.stores["strategy"] > 0).any()
    rows = bought.posts[bought.posts["author"] == NOBODY]
    counts = np.bincount(rows["seller"], minlength=len(bought.stores))
    assert set(counts[buyers].tolist()) == {30} and counts.sum() == 30 * len(buyers)
    users = (bought.posts["channel"] == REVIEW).sum() - len(rows)
    assert len(bought.reviews.stars) == users and not (bought.reviews.author == NOBODY).any()


def test_who_gains_is_compared_with_the_same_market_without(seen):
    """Against itself nobody gains; and what only the unknown gain is found as large as it is."""
    bought = seen["bought"]
    assert known("I1").compute({"base": bought, "bought": bought}) == 0.0
    assert np.isfinite(value(seen, "I1"))
    t = {name: dict(columns) for name, columns in bought.tables.items()}
    evening = t["listings"]["day"] == 30
    few = t["listings"]["n_reviews"][evening]
    names = t["listings"]["listing"][evening].astype(str)
    buys = bought.stores["strategy"][bought.listings["seller"]][: len(names)] > 0
    unknown = names[few <= np.median(few[buys])]
    grown = np.isin(t["listings"]["listing"].astype(str), unknown) & (t["listings"]["day"] > 30)
    t["listings"]["orders"] = np.where(grown, 3, 1) * (t["listings"]["orders"] * 0 + 4)
    flat = {name: dict(columns) for name, columns in bought.tables.items()}
    flat["listings"]["orders"] = flat["listings"]["orders"] * 0 + 4
    more, less = (replace(bought, tables=x) for x in (t, flat))
    assert known("I1").compute({"base": less, "bought": more}) == pytest.approx(np.log(3), abs=0.02)
