"""Several sellers on one listing: who is featured, who sells, at whose price and cost."""

from __future__ import annotations

import numpy as np
import pytest
from compare import agents_in_random_order, agents_in_reverse, assert_same, compiled_day
from markets import lived, small_market
from test_isolation import shopped

from sim import day, room
from sim.engine import Engine
from sim.model import Marketplace
from sim.state import DEACTIVATED, HEALTHY, NEVER, NO_OFFER, OWN

LISTING = "Rival 1 / 1"
OFFERS = "sellers.0.offers=[{listing: Rival 1 / 1}, {listing: Rival 2 / 1, price: 30.0}]"
CALM = (
    "rivals.exit_per_year=0.0", "platform.account.enforced=false", "days=40",
    "buyers.trips_per_year=120.0",
)  # fmt: skip


def kept(engine: Engine) -> np.ndarray:
    """The orders that are still kept."""
    w = engine.world
    return w.orders[np.arange(w.count("oldest_order"), w.count("n_orders")) % w.orders.size]


def row_of(engine: Engine, name: str = LISTING) -> int:
    return engine.listing_names.index(name)


def of_listing(engine: Engine, name: str = LISTING) -> np.ndarray:
    """The kept orders of one listing."""
    orders = kept(engine)
    return orders[orders["listing"] == row_of(engine, name)]


@pytest.fixture(scope="module")
def market() -> Marketplace:
    return lived(OFFERS, *CALM)


# --- what there is ------------------------------------------------------------------------------


def test_an_order_is_of_the_seller_the_price_and_the_cost_of_its_offer(market):
    w, orders = market.world, kept(market)
    assert set(np.unique(orders["offer"])) == {OWN, 0, 1}
    own, offer = orders["offer"] < 0, np.maximum(orders["offer"], 0)
    for column in ("seller", "price"):
        stated = np.where(own, w.listings[column][orders["listing"]], w.offers[column][offer])
        assert (orders[column] == stated).all()
    assert (orders["listing"][~own] == w.offers["listing"][offer[~own]]).all()
    goods = np.where(own, w.listings["unit_cost"][orders["listing"]], w.offers["unit_cost"][offer])
    fee = np.rint(w.p["fees_referral"][0] * orders["price"])
    service = w.sellers["service_cost"][orders["seller"]]
    assert (orders["cost"] == goods + fee + service).all()


def test_what_is_not_stated_of_an_offer_is_as_the_listings_own(market):
    w, listing = market.world, market.world.listings[row_of(market)]
    assert w.offers["price"][0] == listing["price"]
    assert w.offers["unit_cost"][0] == listing["unit_cost"]
    assert w.offers["price"][1] == 3000 != w.listings["price"][row_of(market, "Rival 2 / 1")]


def test_the_tables_count_what_was_sold_through_whom(market):
    tables = market.tables()
    offers, sellers, listings = (tables[name] for name in ("offers", "sellers", "listings"))
    days = market.config.days
    assert len(offers["day"]) == 4 * days  # two further offers, and the own ones beside them
    for listing in np.unique(offers["listing"].astype(str)):
        through = offers["orders"][offers["listing"] == listing].reshape(days, -1).sum(axis=1)
        assert (through == listings["orders"][listings["listing"] == listing]).all()
    own = sellers["seller"] == "Northwind"
    through = offers["orders"][offers["seller"] == "Northwind"].reshape(days, -1).sum(axis=1)
    at_home = listings["orders"][listings["seller"] == "Northwind"].reshape(days, -1).sum(axis=1)
    assert (sellers["orders"][own] == through + at_home).all() and through.sum() > 50
    assert (sellers["offers"][own] == 6).all() and (sellers["live_offers"][own] == 6).all()
    featured = offers["featured"][offers["seller"] == "Northwind"].reshape(days, -1).sum(axis=1)
    assert (sellers["featured"][own] == 4 + featured).all()


def test_one_offer_is_featured_and_the_cheaper_more_often(market):
    offers = market.tables()["offers"]
    contested = offers["listing"] == "Rival 2 / 1"
    featured = offers["featured"][contested].reshape(-1, 2)
    assert (featured.sum(axis=1) == 1).all()
    price = offers["price"][contested].reshape(-1, 2)[0]
    assert featured[:, price.argmin()].mean() > 0.8 > featured[:, price.argmax()].mean() > 0


def test_feedback_belongs_to_the_orders_seller_and_stays_with_the_listing():
    engine = lived(OFFERS, *CALM, "platform.feedback.leave_rate=0.4")
    w, rival = engine.world, engine.seller_names.index("Rival 1")
    posts = w.posts[: w.count("n_posts")]
    here = posts[(posts["listing"] == row_of(engine)) & (posts["order"] >= 0)]
    sold = w.orders["seller"][here["order"] % w.orders.size]
    assert (here["seller"] == sold).all() and set(here["seller"]) == {0, rival}


def test_a_market_without_offers_has_no_table_of_them_and_an_offer_too_dear_moves_nothing():
    one = lived(*CALM, "platform.offers.others_share=0.0").tables()
    other = lived(
        *CALM, "platform.offers.others_share=0.0",
        "sellers.0.offers=[{listing: Rival 1 / 1, price: 999999}]",
    ).tables()  # fmt: skip
    assert "offers" not in one and other["offers"]["featured"].sum() == len(other["market"]["day"])
    for name, columns in one.items():
        for column, values in columns.items():
            if column not in ("offers", "live_offers"):
                np.testing.assert_array_equal(values, other[name][column], err_msg=column)


# --- purchases ----------------------------------------------------------------------------------


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_purchases_take_the_featured_offer_or_another(share):
    engine = lived(OFFERS, *CALM, f"platform.offers.others_share={share}")
    offers = engine.tables()["offers"]
    featured, sold = (offers[name].reshape(-1, 4) for name in ("featured", "orders"))
    here = np.where(featured[:-1] == 1, sold[1:], 0).sum()  # featured tonight for tomorrow
    assert here == (sold[1:].sum() if share == 0.0 else 0) and sold.sum() > 50


def test_the_usual_share_goes_to_other_offers(market):
    offers = market.tables()["offers"]
    featured, sold = (offers[name].reshape(-1, 4) for name in ("featured", "orders"))
    others = np.where(featured[:-1] == 0, sold[1:], 0).sum() / sold[1:].sum()
    n, p = sold[1:].sum(), 0.17
    assert others == pytest.approx(p, abs=4 * np.sqrt(p * (1 - p) / n))


def busy_morning() -> Engine:
    three = ", ".join(f"{{name: Shop {k}, listings: [{{category: garden}}], offers: "
                      f"[{{listing: Steel pan, price: {25 + k}}}]}}" for k in range(3))  # fmt: skip
    pan = "{name: Northwind, focal: true, listings: [{name: Steel pan, category: kitchen}]}"
    return Engine(small_market(
        f"sellers=[{pan}, {three}]", "buyers.count=1500", "buyers.trips_per_year=200.0",
        "past.days=15", "rivals.load=null",
    ))  # fmt: skip


def taken(w, today) -> dict[int, int]:
    """Offer by trip of those who buy the first listing."""
    w = w.copy()
    room.for_the_morning(w, today)
    day.shop_all(w, today)
    baskets = w.baskets[: w.count("n_baskets")]
    baskets = baskets[baskets["listing"] == 0]
    return dict(zip(baskets["key"].tolist(), baskets["offer"].tolist(), strict=True))


def test_taking_an_offer_away_moves_only_purchases_from_it():
    engine = busy_morning()
    w, today = engine.world, engine.day
    w.p["offers_others_share"] = 0.9
    before, moved = taken(w, today), 0
    for offer in range(3):
        if w.listings["offer"][0] == offer:
            continue
        without = w.copy()
        without.offers["live"][offer] = 0
        after = taken(without, today)
        assert after.keys() == before.keys()
        assert {a for t, a in before.items() if a != after[t]} == {offer}
        assert offer not in after.values()
        moved += 1
    assert moved >= 2
    assert shopped(w, today)[0].keys() >= before.keys()


# --- who may be featured, and what is live --------------------------------------------------------


@pytest.mark.parametrize(("share", "sells"), [(0.0, False), (1.0, True)])
def test_without_a_featured_offer_only_those_buy_who_look_further(share, sells):
    engine = Engine(small_market(OFFERS, *CALM, f"platform.offers.others_share={share}"))
    w = engine.world
    w.sellers["unfeatured_until"] = NEVER
    begun = engine.day
    engine.live_a_day()
    assert (w.listings["offer"][: w.count("n_listings")] == NO_OFFER).all()
    assert (w.listings["on_sale"][: w.count("n_listings")] == 1).all()
    engine.live_through(begun + 3)
    assert (kept(engine)["placed"] > begun).any() == sells
    assert (engine.world.seller_days["featured"][engine.world.count("day") - 1] == 0).all()


def test_sellers_at_risk_lose_the_featured_offer_where_the_platform_says_so():
    for allowed in ("true", "false"):
        engine = Engine(small_market(
            OFFERS, *CALM, f"platform.offers.at_risk_eligible={allowed}",
            "platform.account.enforced=true", "platform.odr.limit=0.0001",
            "platform.odr.min_orders=1", "platform.odr.min_defects=1", "platform.odr.lag_days=0",
            "platform.odr.lower_bound=0", "platform.account.at_risk_days=90",
            "sellers.0.damaged=0.3", "complaining.claim=[1, 1, 0, 0, 0]",
            "rivals.trouble_median=0", "rivals.late_median=0.0002",
        ))  # fmt: skip
        engine.live_through(30)
        offers = engine.tables()["offers"]
        state = engine.tables()["sellers"]["state"]
        risky = state[engine.tables()["sellers"]["seller"] == "Northwind"] == "at risk"
        own = offers["featured"][offers["seller"] == "Northwind"].reshape(-1, 2)
        assert risky.sum() > 10
        assert (own[risky].sum() > 0) == (allowed == "true")


def test_a_listing_stays_on_sale_while_any_offer_is_live():
    engine = Engine(small_market(OFFERS, *CALM))
    w, rival, listing = engine.world, engine.seller_names.index("Rival 1"), row_of(engine)
    w.sellers["paused_until"][rival] = engine.day + 10
    engine.live_a_day()
    assert w.listings["on_sale"][listing] == 1 and w.listings["own_live"][listing] == 0
    assert w.listings["offer"][listing] == w.listings["shown"][listing] == 0
    w.sellers["paused_until"][0] = engine.day + 10
    engine.live_a_day()
    assert w.listings["on_sale"][listing] == 0 and w.listings["offer"][listing] == NO_OFFER


def test_what_the_page_shows_is_the_price_of_the_featured_offer():
    dear, cheap = (
        Engine(small_market(*CALM, f"sellers.0.offers=[{{listing: {LISTING}, price: {price}}}]"))
        for price in (999.0, 1.0)
    )
    listing = row_of(dear)
    assert dear.world.listings["shown"][listing] == OWN
    assert cheap.world.listings["shown"][listing] == 0
    a, b = (engine.world.attraction[:, listing] for engine in (dear, cheap))
    assert (b > a).all()
    assert cheap.world.listings["score"][listing] > dear.world.listings["score"][listing]


# --- sellers and arms ----------------------------------------------------------------------------


def test_a_line_about_prices_moves_offers_too():
    line = "strategies={mine: [{when: every_days, days: 5, do: set_price, price: 0.5}]}"
    engine = lived(OFFERS, line, "sellers.0.strategy=mine", *CALM, days=5)
    w = engine.world
    assert (w.offers["price"] == np.rint(w.offers["stated_price"] / 2)).all()
    assert w.listings["price"][row_of(engine)] == w.listings["stated_price"][row_of(engine)]


@pytest.mark.parametrize(
    ("change", "changed"),
    [
        ("sellers.0.offers.1.price=12.5", {1: (1250, None)}),
        ("sellers.0.offers.1.unit_cost=7.0", {1: (3000, 700)}),
        ("sellers.0.on_time=0.5", {}),
        ("sellers.1.listings.0.price=44.0", {0: (4400, None)}),
    ],
)
def test_an_arm_changes_what_it_says_of_offers_and_no_more(change, changed):
    shop = "sellers.1={name: Shop, listings: [{name: Pot, category: kitchen, price: 20.0}]}"
    text = ["sellers=[{name: Northwind, focal: true, listings: [{category: garden}], offers: "
            "[{listing: Pot}, {listing: Rival 1 / 1, price: 30.0}]}, "
            f"{shop.partition('=')[2]}]"]  # fmt: skip
    begun = Engine(small_market(*text, *CALM))
    before = begun.world.offers.copy()
    twin = begun.branch(small_market(*text, *CALM, change))
    assert (begun.world.offers == before).all()
    for n in range(2):
        price, cost = changed.get(n, (None, None))
        assert twin.world.offers["price"][n] == (price or before["price"][n])
        if cost is not None or price is None:
            assert twin.world.offers["unit_cost"][n] == (cost or before["unit_cost"][n])


def test_another_offer_makes_another_world():
    begun = Engine(small_market(OFFERS, *CALM, "past.days=0"))
    with pytest.raises(ValueError, match=r"offers.* makes another world"):
        begun.branch(small_market(*CALM, "past.days=0"))


# --- grains ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("live", [agents_in_random_order, agents_in_reverse])
def test_both_grains_are_equal_with_offers_and_orders_that_the_platform_fulfils(live):
    config = small_market(
        "sellers.0.offers=[{listing: Rival 1 / 1, by_platform: true}, {listing: Rival 2 / 1}]",
        "sellers.0.listings.0.by_platform=true", "platform.offers.others_share=0.5",
        "days=25", "run_out=5", "past.days=20", "buyers.count=150", "non_buying_users.count=40",
        "platform.feedback.leave_rate=0.3", "platform.account.at_risk_days=2",
        "platform.odr.min_orders=3", "platform.odr.min_defects=1", "platform.odr.lower_bound=0",
        "platform.odr.window_days=20", "platform.odr.lag_days=3", "sellers.0.damaged=0.2",
        "platform.by_platform.on_time=0.5", "rivals.exit_per_year=0.8",
    )  # fmt: skip
    at_once, by_agent = Marketplace(config), Marketplace(config)
    while at_once.day <= at_once.last_day:
        compiled_day(at_once)
        live(by_agent)
    assert_same(at_once, by_agent)
    states = set(at_once.world.seller_days["state"][:, 0].tolist())
    assert {HEALTHY, DEACTIVATED} <= states and (kept(at_once)["by"] == 1).any()
