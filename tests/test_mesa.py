"""The market is a Mesa model: what Mesa's own tools see of it, and what they must not change."""

from __future__ import annotations

import random

import mesa
import numpy as np
import pytest
from compare import OWN_MIND, assert_same, differing
from markets import small_market

from sim.model import Buyer, Marketplace, NonBuyingUser, Seller
from sim.state import CLOSED, LEFT

SHORT = ("days=25", "past.days=15", "buyers.count=120", "non_buying_users.count=30")


def a_market(*overrides: str, **minds) -> Marketplace:
    return Marketplace(small_market(*SHORT, *overrides), **minds)


def made(model: Marketplace) -> list[mesa.Agent]:
    """Agents that are there already; looking makes none."""
    return list(mesa.Model.agents.fget(model))


def test_the_market_is_a_mesa_model_and_its_parts_are_mesa_agents():
    model = a_market()
    assert isinstance(model, mesa.Model)
    assert model.running
    assert all(isinstance(agent, mesa.Agent) for agent in model.agents)
    assert len({agent.unique_id for agent in model.agents}) == len(model.agents)


def test_agents_come_by_type_one_for_each_row():
    model = a_market()
    counts = {kind: len(model.agents_by_type[kind]) for kind in (Buyer, NonBuyingUser, Seller)}
    assert counts == {Buyer: 120, NonBuyingUser: 30, Seller: 5}
    assert len(model.agents) == 155
    assert sorted(b.row for b in model.agents_by_type[Buyer]) == list(range(120))
    assert sorted(u.row for u in model.agents_by_type[NonBuyingUser]) == list(range(120, 150))
    assert [s.name for s in model.agents_by_type[Seller]] == model.seller_names
    assert set(model.agent_types) == set(model.agents_by_type) == set(counts)


def test_a_market_without_non_buying_users_has_no_such_type():
    model = a_market("non_buying_users.count=0")
    assert model.agent_types == [Buyer, Seller]
    assert set(model.agents_by_type) == {Buyer, Seller}


def test_mesas_set_operations_work_on_them():
    model = a_market()
    buyers = model.agents_by_type[Buyer]
    assert buyers.get("row") == list(range(120))
    assert buyers.agg("row", max) == 119
    even = buyers.select(lambda b: b.row % 2 == 0)
    assert len(even) == 60
    purchases = [int(traits["purchases"]) for traits in buyers.get("traits")]
    assert purchases == model.world.users["purchases"][:120].tolist()
    assert sum(purchases) > 0
    sellers = model.agents.select(agent_type=Seller)
    assert sellers.agg("name", len) == 5
    model.agents.shuffle_do("step")
    model.platform_turn()
    assert model.day == 2


def test_making_agents_changes_nothing_and_draws_nothing():
    model, untouched = a_market(), a_market()
    before = model.world.copy()
    states = [model.random.getstate(), model.rng.bit_generator.state, random.getstate()]
    legacy = np.random.get_state()[1].tolist()
    assert len(model.agents) == 155
    assert differing(before, model.world) == []
    assert [model.random.getstate(), model.rng.bit_generator.state, random.getstate()] == states
    assert np.random.get_state()[1].tolist() == legacy
    for one in (model.run(), untouched.run()):
        assert one.day == one.last_day + 1
    assert_same(model, untouched)


def test_no_agent_is_made_before_somebody_looks():
    model = a_market()
    model.run()
    model.tables()
    assert made(model) == []
    assert len(model.agents_by_type[Seller]) == len(model.seller_names)
    assert {type(agent) for agent in made(model)} == {Seller}


def test_a_hundred_thousand_buyers_are_built_and_live_without_being_made():
    config = small_market("buyers.count=100000", "buyers.trips_per_year=5", "past.days=2", "days=3")
    model = Marketplace(config)
    model.step()
    assert made(model) == []
    assert model.tables()["market"]["trips"].sum() > 1000


def test_a_data_collector_of_sellers_makes_no_buyers():
    model, plain = a_market(), a_market()
    model.datacollector = mesa.DataCollector(
        model_reporters={"day": "day", "orders": lambda m: m.world.count("n_orders")},
        agenttype_reporters={
            Seller: {"name": "name", "queue": lambda s: int(s.account["queue"])},
        },
    )
    for _ in range(10):
        model.step()
        plain.step()
    assert {type(agent) for agent in made(model)} == {Seller}
    assert_same(model, plain)
    daily = model.datacollector.get_model_vars_dataframe()
    assert daily["day"].tolist() == list(range(2, 12))
    assert (daily["orders"].diff().dropna() > 0).any()
    of_sellers = model.datacollector.get_agenttype_vars_dataframe(Seller)
    assert len(of_sellers) == 10 * 5
    assert set(of_sellers["name"]) == set(model.seller_names)


def test_removing_handles_leaves_the_market_as_it_was():
    model, plain = a_market(), a_market()
    buyer = next(iter(model.agents_by_type[Buyer]))
    buyer.remove()
    assert len(model.agents_by_type[Buyer]) == 119
    assert buyer not in model.agents
    model.remove_all_agents()
    assert len(model.agents) == 0
    for _ in range(5):
        model.step()
        plain.step()
    assert_same(model, plain)


class Frugal(Buyer):
    """A buyer of its own kind."""

    def choose(self, trip, examined):
        return super().choose(trip, examined)


class Attentive(Seller):
    """A seller of its own kind."""


def test_overriding_agents_are_counted_under_their_own_class():
    model = a_market(buyers={3: Frugal, 5: Frugal}, sellers={"Northwind": Attentive})
    assert {type(agent) for agent in made(model)} == {Frugal, Attentive}
    assert len(model.agents_by_type[Frugal]) == 2
    assert len(model.agents_by_type[Buyer]) == 118
    assert len(model.agents_by_type[Attentive]) == 1
    assert len(model.agents_by_type[Seller]) == 4
    assert len(model.agents) == 155
    assert set(model.agent_types) == {Buyer, Frugal, NonBuyingUser, Seller, Attentive}
    plain = a_market().run()
    assert_same(model.run(), plain, ignore=OWN_MIND)


def test_whoever_enters_gets_a_handle():
    model = a_market("rivals.exit_per_year=0.99", "days=60")
    assert len(model.agents_by_type[Seller]) == 5
    model.run()
    entrants = model.seller_names[5:]
    assert entrants and all(name.endswith(")") for name in entrants)
    sellers = list(model.agents_by_type[Seller])
    assert [s.name for s in sellers] == model.seller_names
    assert [s.row for s in sellers] == list(range(len(sellers)))


def test_everyone_who_goes_is_replaced_the_next_morning():
    model = a_market("rivals.exit_per_year=0.99", "days=60")
    for _ in range(60):
        model.step()
        states = model.world.sellers["state"][: model.world.count("n_sellers")]
        assert np.isin(states, (CLOSED, LEFT)).sum() == len(model.seller_names) - 5
    assert len(model.seller_names) > 6


def test_an_own_step_of_a_seller_is_its_own_business():
    """``agents_by_type[Seller].do("step")`` then everyone else is a day like any other."""
    model, plain = a_market(), a_market()
    for _ in range(5):
        for kind in (Seller, NonBuyingUser, Buyer):
            model.agents_by_type[kind].do("step")
        model.platform_turn()
        plain.step()
    assert_same(model, plain)


def browser_page(model: Marketplace):
    """A page that steps a market in the browser; the smallest one there is.

    To look at it: put ``page = browser_page(Marketplace(...))`` into a file and start it with
    ``solara run file.py``.
    """
    from mesa.visualization import SolaraViz, make_plot_component

    model.datacollector = mesa.DataCollector(
        model_reporters={"orders": lambda m: m.world.count("n_orders")}
    )
    return SolaraViz(model, components=[make_plot_component("orders")], name=model.config.name)


def test_mesas_browser_view_shows_the_market():
    solara = pytest.importorskip("solara", reason="solara is not installed: pip install .[viz]")
    model = a_market()
    page = browser_page(model)
    _, context = solara.render(page, handle_error=False)
    model.step()
    assert model.datacollector.get_model_vars_dataframe()["orders"].iloc[-1] > 0
    assert not {type(agent) for agent in made(model)} & {Buyer, NonBuyingUser}
    context.close()
