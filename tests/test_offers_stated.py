"""Offers as stated: what a configuration may say, what is measured of them, and what is kept."""

from __future__ import annotations

import numpy as np
import pytest
from markets import lived, small_market
from tiny import tiny

from experiments.config import load_market
from experiments.focal import focal_table
from experiments.metrics import measure
from experiments.mistakes import ConfigError
from experiments.results import read_table
from experiments.runner import run_experiment as run
from sim.engine import Engine

MARKET = """\
platform: amazon_2016
categories: [{name: toys}]
rivals: {count: 2, listings_each: 3}
sellers:
- {name: A, listings: [{category: toys, name: Top}, {category: toys}]}
- {name: B, listings: [{category: toys}], offers: [OFFERS]}
"""


def told(tmp_path, offers: str) -> str:
    """What the author of these offers of B is told; empty if they are allowed."""
    file = tmp_path / "market.yaml"
    file.write_text(MARKET.replace("OFFERS", offers), encoding="utf-8")
    try:
        load_market(file)
    except ConfigError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("name", ["Top", "A / 2", "Rival 1 / 1", "Rival 2 / 3"])
def test_listings_of_others_may_be_offered_by_name(tmp_path, name):
    assert told(tmp_path, f"{{listing: {name}, price: 3.0, by_platform: true}}") == ""


@pytest.mark.parametrize(
    ("offers", "parts"),
    [
        (
            "{listing: Tops}",
            ['found "Tops", which is no listing of another', 'did you mean "Top"?'],
        ),
        ("{listing: A / 1}", ["which is no listing of another seller; allowed: Top, A / 2"]),
        ("{listing: Rival 3 / 1}", ["which is no listing"]),
        ("{listing: Rival 1 / 4}", ["which is no listing"]),
        ("{listing: Rival 0 / 1}", ["which is no listing"]),
        ("{listing: B / 1}", ["its own; allowed: listings of other sellers"]),
        ("{listing: Top}, {listing: Top}", ["6:78: sellers.1.offers.1.listing", "as in offers.0"]),
        ("{price: 3.0}", ["sellers.1.offers.0.listing: missing"]),
        ("{listing: Top, price: 0}", ["sellers.1.offers.0.price: found 0"]),
    ],
)
def test_other_offers_are_refused_with_their_place(tmp_path, offers, parts):
    message = told(tmp_path, offers)
    assert all(part in message for part in parts), message


# --- what is measured ---------------------------------------------------------------------------

OFFER = "sellers.0.offers=[{listing: Rival 1 / 1}]"
CALM = ("rivals.exit_per_year=0.0", "platform.account.enforced=false", "days=20")


@pytest.fixture(scope="module")
def paused() -> Engine:
    """A store that pauses on days 11 to 13 and again from day 21 on, which evening 20 knows."""
    line = "strategies={mine: [{when: every_days, days: 10, do: pause, pause_days: 3}]}"
    return lived(OFFER, line, "sellers.0.strategy=mine", *CALM)


def test_the_listing_of_another_is_among_its_own_for_position(paused):
    tables = paused.tables()
    listings, offers = tables["listings"], tables["offers"]
    mine, its = listings["seller"] == "Northwind", offers["seller"] == "Northwind"
    places = np.concatenate([listings["position"][mine], offers["position"][its]])
    measured = measure(tables, paused.focal, paused.config)
    assert measured["position"] == (pytest.approx(places.mean()), 1.0)
    focal = focal_table(tables, paused.focal, paused.config)
    assert focal["position"].mean() == pytest.approx(places.mean())
    assert focal["on_sale"].min() == 0.0  # though the rival goes on selling there


def test_without_a_live_offer_it_counts_as_off_sale(paused):
    tables = paused.tables()
    listings, offers = tables["listings"], tables["offers"]
    its = offers["seller"] == "Northwind"
    here = listings["listing"] == "Rival 1 / 1"
    off = offers["live"][its] == 0
    assert off.sum() == 4 and listings["on_sale"][here].all()
    category = listings["category"][here][0]
    listed = np.unique(listings["listing"][listings["category"] == category].astype(str)).size
    assert (offers["position"][its][off] == listed + 1).all()
    assert (offers["position"][its][~off] == listings["position"][here][~off]).all()
    on, days = measure(tables, paused.focal, paused.config)["on_sale"]
    assert (on, days) == (5 * 16, 5 * 20)


def test_the_share_of_days_on_which_it_is_featured(paused):
    tables = paused.tables()
    part, whole = measure(tables, paused.focal, paused.config)["featured_share"]
    offers = tables["offers"]
    featured = offers["featured"][offers["seller"] == "Northwind"].sum()
    assert whole == 5 * 20 and part == 4 * 16 + featured and 0 < featured < 16


def test_the_owner_of_a_listing_that_another_sells_may_be_off_sale_there():
    pot = "{name: Northwind, listings: [{name: Pot, category: kitchen}]}"
    shop = "{name: Shop, listings: [{category: garden}], offers: [{listing: Pot}]}"
    engine = Engine(small_market(f"sellers=[{pot}, {shop}]", *CALM, "past.days=0"))
    engine.world.sellers["paused_until"][0] = 5  # on sale again from the evening of day 5 on
    engine.live_through(engine.last_day)
    tables = engine.tables()
    assert tables["listings"]["on_sale"][tables["listings"]["listing"] == "Pot"].all()
    assert measure(tables, "Northwind", engine.config)["on_sale"] == (16.0, 20.0)


def test_a_market_without_offers_is_measured_by_its_listings():
    model = lived(*CALM)
    tables = model.tables()
    mine = tables["listings"]["seller"] == "Northwind"
    measured = measure(tables, model.focal, model.config)
    on_sale = tables["listings"]["on_sale"][mine]
    assert measured["on_sale"] == (on_sale.sum(), len(on_sale))
    assert measured["featured_share"] == measured["on_sale"]


def test_the_table_of_offers_is_kept_where_there_is_one(tmp_path):
    outcome = run(tiny(OFFER, "replicates=1"), tmp_path / "one", workers=1)
    table = read_table(outcome.path / "offers.parquet")
    assert set(table["offer"]) == {"Northwind: Rival 1 / 1", "Rival 1: Rival 1 / 1"}
    assert "## offers.parquet" in (outcome.path / "codebook.md").read_text(encoding="utf-8")
