"""Does it run at all? The few seconds that tell on any supported Python."""

from __future__ import annotations

import numpy as np
import pytest
from compare import fingerprint
from markets import lived

from sim.model import Marketplace

TINY = ("buyers.count=200", "non_buying_users.count=50", "past.days=10", "days=20")

DOCUMENTED = {
    "sellers": (
        "day seller orders dispatched delivered late complaints returns claims revenue profit "
        "feedback_1 feedback_2 feedback_3 feedback_4 feedback_5 defects odr odr_final state queue"
    ),
    "listings": (
        "day listing category impressions examined orders reviews_1 reviews_2 reviews_3 reviews_4 "
        "reviews_5 n_reviews stars score position"
    ),
    "market": (
        "day trips orders feedback reviews reviews_by_buyers_of_other_things "
        "reviews_by_non_buying_users changes deletions claims"
    ),
}
NAMES = ("seller", "listing", "category", "state")
MEASURES = (
    *("revenue", "profit", "odr", "odr_final", "stars", "score", "quality"),
    *("felt_service", "felt_product", "said_feedback", "said_reviews"),
    *("spent_quality", "spent_service", "spent_outreach", "fines", "withheld", "points"),
)
"""Columns of floats; names are text, everything else counts."""


@pytest.fixture(scope="module")
def tiny() -> Marketplace:
    return lived(*TINY)


@pytest.mark.parametrize("table", DOCUMENTED)
def test_tables_have_the_documented_columns_of_the_documented_types(tiny, table):
    columns = tiny.tables()[table]
    assert set(DOCUMENTED[table].split()) <= columns.keys()
    for name, column in columns.items():
        assert column.ndim == 1 and column.size == columns["day"].size, name
        kind = "O" if name in NAMES else "f" if name in MEASURES else "i"
        assert column.dtype.kind == kind, name


def test_there_is_a_row_for_every_day_and_seller_and_listing(tiny):
    tables = tiny.tables()
    assert tables["market"]["day"].tolist() == list(range(1, 21))
    for table, names in (("sellers", tiny.seller_names), ("listings", tiny.listing_names)):
        rows = list(zip(tables[table]["day"], tables[table][table[:-1]], strict=True))
        assert len(set(rows)) == len(rows) == 20 * len(names)


def test_something_happens(tiny):
    tables = tiny.tables()
    assert 0 < tables["market"]["orders"].sum() < tables["market"]["trips"].sum()
    for name in ("revenue", "delivered", "feedback_5"):
        assert tables["sellers"][name].sum() > 0, name
    assert tables["listings"]["examined"].sum() > 0
    assert ((tables["listings"]["stars"] >= 1) & (tables["listings"]["stars"] <= 5)).any()
    assert set(tables["sellers"]["state"]) >= {"healthy"}


def test_what_is_counted_twice_agrees(tiny):
    tables = tiny.tables()
    for day in (1, 10, 20):
        at = {name: columns["day"] == day for name, columns in tables.items()}
        orders = [int(tables[name]["orders"][at[name]].sum()) for name in tables]
        assert len(set(orders)) == 1
        feedback = sum(tables["sellers"][f"feedback_{k}"][at["sellers"]].sum() for k in range(1, 6))
        assert feedback == tables["market"]["feedback"][at["market"]].sum()
        reviews = sum(tables["listings"][f"reviews_{k}"][at["listings"]].sum() for k in range(1, 6))
        assert reviews == tables["market"]["reviews"][at["market"]].sum()


def test_agents_step_as_the_market_does(tiny):
    by_agent = lived(*TINY, days=0)
    for _ in range(20):
        by_agent.agents.shuffle_do("step")
        by_agent.platform_turn()
    assert fingerprint(by_agent) == fingerprint(tiny)


def test_numbers_are_finite_where_there_is_something_to_measure(tiny):
    sellers = tiny.tables()["sellers"]
    assert np.isfinite(sellers["revenue"]).all() and np.isfinite(sellers["profit"]).all()
    assert np.isfinite(sellers["odr"][sellers["window_orders"] > 0]).all()
