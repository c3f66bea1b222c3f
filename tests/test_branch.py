"""Arms go on from one state: what branching keeps, what it changes, what it refuses."""

from __future__ import annotations

import re

import numpy as np
import pytest
from markets import small_market

from experiments.results import content_hash
from sim import settings
from sim.agents import Buyer
from sim.config.changes import changes
from sim.config.market import Market
from sim.engine import Engine
from sim.model import Marketplace

BRANCHING = 20
SETTINGS = (
    "sellers.0.on_time=0.5",
    "sellers.0.damaged=0.2",
    "sellers.0.wrong_item=0.2",
    "sellers.0.cancelled=0.2",
    "sellers.0.tracked=0.5",
    "sellers.0.capacity=1",
    "sellers.0.capacity=null",
    "sellers.0.care.answers=0.1",
    "sellers.0.care.delay_days=9.0",
    "sellers.0.care.tone=0.1",
    "sellers.0.care.refund=0.9",
    "sellers.0.strategy=recover",
    "sellers.0.quality=0.1",
    "sellers.0.listings.0.price=99.0",
    "sellers.0.listings.0.unit_cost=1.0",
    "sellers.0.listings.1.quality=0.1",
    "sellers.0.listings.0.oversell=0.9",
    "sellers.0.offers.0.price=9.0",
    "sellers.0.offers.0.unit_cost=1.0",
    "rivals.strategy=recover",
    "rivals.adopters=0.5",
    "costs.punctuality=1.0",
    "costs.intactness=1.0",
    "costs.answering=50.0",
    "costs.asking=50.0",
    "costs.unit_share=0.9",
    "costs.quality_share=0.9",
    "costs.return_shipping=90.0",
)
LIVELY = (
    "warm_up=20",
    "platform.feedback.leave_rate=0.3",
    "platform.account.enforced=false",
    "sellers.0.damaged=0.1",
    "sellers.0.capacity=7",  # a queue, but what is ordered after the branching still arrives
    "rivals.strategy=thank",
    "rivals.trouble_median=0.05",
    "sellers.0.offers=[{listing: Rival 1 / 1}]",
    "platform.measures={untracked: {orders_with: [untracked]}}",
)


@pytest.fixture(scope="module")
def begun() -> Engine:
    engine = Engine(small_market(*LIVELY))
    engine.live_through(BRANCHING)
    return engine


def lived_on(engine: Engine, market: Market) -> Engine:
    twin = engine.branch(market)
    twin.live_through(twin.last_day)
    return twin


def rows_up_to(engine: Engine, day: int) -> list[bytes]:
    """The tables up to a day, without what is known only at the end."""
    hindsight = ("defects", "odr_final")
    return [
        column[columns["day"] <= day].tobytes()
        for columns in engine.tables().values()
        for name, column in columns.items()
        if name not in hindsight and column.dtype != object
    ]


def test_an_engine_lives_as_the_mesa_model_does():
    market = small_market(*LIVELY)
    assert content_hash(lived_on(Engine(market), market).tables()) == content_hash(
        Marketplace(market).run().tables()
    )


def test_a_branch_without_changes_is_the_life_without_a_branching(begun):
    straight = Engine(begun.config)
    straight.live_through(straight.last_day)
    assert lived_on(begun, begun.config).state_hash() == straight.state_hash()


def test_branches_leave_the_shared_state_alone(begun):
    before = begun.state_hash()
    twin = begun.branch(begun.config)
    assert twin.state_hash() == before
    lived_on(begun, small_market(*LIVELY, "sellers.0.on_time=0.5"))
    assert begun.state_hash() == before


@pytest.mark.parametrize("setting", SETTINGS)
def test_every_setting_changes_the_future_and_only_that(begun, setting):
    market = small_market(*LIVELY, setting)
    assert not any(change.world for change in changes(begun.config, market))
    changed, same = lived_on(begun, market), lived_on(begun, begun.config)
    assert rows_up_to(changed, BRANCHING) == rows_up_to(same, BRANCHING)
    assert content_hash(changed.tables()) != content_hash(same.tables())


def test_every_setting_is_tried_above():
    """A new field without ``world`` must find its way into a branch."""
    from experiments.listings import parameters

    tried = {setting.partition("=")[0] for setting in SETTINGS}
    found = {p.path for p in parameters(Market) if p.makes == "setting"}
    # see test_strategies and test_interventions
    found = {path for path in found if not path.startswith(("strategies.", "interventions."))}
    assert found == {
        re.sub(r"\.\d", ".NAME", path).replace("offers.NAME", "offers.N") for path in tried
    }


def test_settings_apply_as_if_they_had_been_stated_from_the_start(begun):
    """After a change the rows of sellers and listings are those of a market built that way."""
    overrides = [o for o in SETTINGS if "strategy" not in o and "capacity=1" not in o]
    market = small_market(*LIVELY, *overrides)
    branch, built = begun.branch(market), Engine(market)
    k, n = branch.world.count("n_sellers"), branch.world.count("n_listings")
    for name in ("on_time", "slowness", "service_cost", "tone", "refund"):
        np.testing.assert_array_equal(
            branch.world.sellers[name][:k], built.world.sellers[name][:k], err_msg=name
        )
    for name in ("price", "unit_cost", "quality", "oversell"):
        np.testing.assert_array_equal(
            branch.world.listings[name][:n], built.world.listings[name][:n], err_msg=name
        )
    assert branch.world.sellers["capacity"][0] == -1
    assert (branch.world.sellers["capacity"][1:k] == begun.world.sellers["capacity"][1:k]).all()


def test_what_was_sold_before_is_judged_as_it_was_sold(begun):
    """A parcel under way does not turn bad with the arm, nor does its cost."""
    worse = small_market(
        *LIVELY, "sellers.0.quality=0.02", "sellers.0.listings.1.quality=0.02",
        "sellers.0.listings.0.unit_cost=0.0", "sellers.0.cancelled=1.0",
    )  # fmt: skip
    branch, same = begun.branch(worse), begun.branch(begun.config)
    for engine in (branch, same):
        engine.live_through(BRANCHING + 1)
    days = [e.tables()["sellers"] for e in (branch, same)]
    own = [(d["seller"] == "Northwind") & (d["day"] == BRANCHING + 1) for d in days]
    felt = [d["felt_product"][rows][0] for d, rows in zip(days, own, strict=True)]
    assert days[0]["judged_product"][own[0]] >= 1
    assert felt[0] == felt[1], "nothing sold today has arrived today"
    w = branch.world
    before = (w.orders["placed"] > 0) & (w.orders["placed"] <= BRANCHING)
    kept = np.flatnonzero(before & (w.orders["listing"] == 0) & (w.orders["buyer"] > 0))
    fees = w.orders["price"][kept] * worse.platform.fees.referral
    assert len(kept) and (w.orders["cost"][kept] > fees + 100).all()


def test_prices_of_an_arm_are_seen_on_its_first_morning(begun):
    market = small_market(*LIVELY, "sellers.0.listings.0.price=99.0")
    assert (begun.branch(market).world.attraction[:, 0] < begun.world.attraction[:, 0] / 1.5).all()


@pytest.mark.parametrize(
    "override",
    ["buyers.count=401", "rivals.count=5", "platform.odr.limit=0.02", "warm_up=21",
     "sellers.0.listings.0.age_days=7", "past.days=41"],
)  # fmt: skip
def test_what_makes_another_world_is_no_branch(begun, override):
    with pytest.raises(ValueError, match=r"makes another world"):
        begun.branch(small_market(*LIVELY, override))


def test_another_list_of_sellers_makes_another_world():
    one = small_market()
    two = one.model_copy(update={"sellers": one.sellers * 2})
    assert [change.loc for change in changes(one, two)] == [("sellers",)]
    assert changes(one, two)[0].world
    assert changes(one, one) == []


def test_agents_of_ones_own_cannot_be_branched():
    market = small_market()
    with pytest.raises(ValueError, match="override hooks"):
        Marketplace(market, buyers={3: type("Mine", (Buyer,), {})}).branch(market)


def test_one_luck_in_many_worlds_and_many_lucks_in_one_world():
    """``world_replicate`` keys what builds the world; users are always luck."""
    market = small_market()
    worlds = [Engine(market, r, w) for r, w in ((0, 0), (1, 0), (0, 1))]
    first, luck, world = (e.world for e in worlds)
    n = first.count("n_listings")
    assert (first.listings["quality"][:n] == luck.listings["quality"][:n]).all()
    assert (first.listings["quality"][4:n] != world.listings["quality"][4:n]).any()
    assert (first.listings["quality"][:4] == world.listings["quality"][:4]).all()  # stated
    assert (first.rate != luck.rate).any() and (first.rate == world.rate).all()


def test_no_account_is_closed_in_the_warm_up():
    """A store that is refused for ever is closed at once, or after the warm-up."""
    sick = (
        "days=50", "platform.odr.min_orders=1", "platform.odr.min_defects=1", "past.days=30",
        "platform.odr.lower_bound=0.0", "platform.account.at_risk_days=1",
        "platform.account.plan_days=1", "platform.account.plan_accepted=0.0",
        "platform.account.plans_allowed=1", "sellers.0.damaged=0.5",
        "platform.feedback.leave_rate=0.3",
    )  # fmt: skip
    for warm_up in (0, 40):
        engine = Engine(small_market(*sick, f"warm_up={warm_up}"))
        engine.live_through(engine.last_day)
        sellers = engine.tables()["sellers"]
        days = sellers["day"][(sellers["state"] == "closed") & (sellers["seller"] == "Northwind")]
        assert days.min() == warm_up + 1 if warm_up else days.min() < 20
        down = sellers["state"][(sellers["day"] == 39) & (sellers["seller"] == "Northwind")]
        assert down[0] == ("deactivated" if warm_up else "closed")


def test_change_settings_says_whether_anything_changed(begun):
    same = begun.branch(begun.config)
    assert not settings.change_settings(begun.config, begun.config, same.world, same.seller_names)
