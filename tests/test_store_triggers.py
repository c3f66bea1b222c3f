"""Lines about the store itself: when they fire, what they set, from when on, and for how long."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from compare import differing
from lines import LOUD, UNMOVED, evenings, lived, market, own, prices, total
from markets import small_market

from sim import state
from sim.config.market import Market
from sim.engine import Engine
from sim.rules.costs import service_cost_usd
from sim.rules.fulfilment import slowness

YOUNG = ("past.days=0", "days=40", "buyers.trips_per_year=150.0", "run_out=0",
         "sellers.0.capacity=null", "sellers.0.care.answers=0.0")  # fmt: skip
SET = "{{when: every_days, days: 10, do: set_service, service: {{{}}}}}"
USUAL = "{when: every_days, days: 1, do: set_price, price: 1.0}"
HALF = "{{when: {}, do: set_price, price: 0.5}}"


def young(*lines: str, more: tuple[str, ...] = ()) -> Market:
    """Forty busy days without a past, queues or answers to complaints."""
    return market(*lines, more=(*YOUNG, *more))


def own_orders(engine: Engine) -> np.ndarray:
    """Orders of the focal seller, all of which are still kept."""
    assert engine.world.count("oldest_order") == 0
    orders = engine.world.orders[: engine.world.count("n_orders")]
    return orders[orders["seller"] == 0]


@pytest.fixture(scope="module")
def silent() -> Engine:
    engine = Engine(small_market(*LOUD, *YOUNG))
    engine.live_through(engine.last_day)
    return engine


# --- when ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("every", [1, 7, 10])
def test_every_days_acts_on_multiples_and_on_no_other_day(every):
    """The pair of lines sets the price back on every other day."""
    found = evenings(young(USUAL, HALF.format(f"every_days, days: {every}")), prices)
    stated = prices(Engine(young()).world)
    for day, now in enumerate(found, start=1):
        assert (now != stated) == (day % every == 0), day


def test_after_days_puts_a_setting_off():
    found = evenings(young(HALF.format("every_days, days: 10, after_days: 3")), prices)
    changed = [day for day in range(2, 41) if found[day - 1] != found[day - 2]]
    assert changed == [13]


CROSSING = ("speaking.everyone_posts=true", "platform.odr.window_days=12",
            "platform.odr.lag_days=0", "platform.odr.min_orders=0",
            "platform.feedback.strike_probability=0.0")  # fmt: skip


def test_odr_above_looks_at_the_rate_of_last_night():
    above = 0.02

    def look(w):
        row = w.sellers[0]
        return prices(w), int(row["odr_defects"]), int(row["odr_orders"])

    config = young(
        USUAL, HALF.format(f"odr_above, above: {above}"), more=(*CROSSING, "sellers.0.damaged=0.5")
    )
    found, stated = evenings(config, look), prices(Engine(config).world)
    fired = [now != stated for now, _, _ in found]
    rates = [defects / orders if orders else 0.0 for _, defects, orders in found]
    assert fired[0] is False
    assert fired[1:] == [rate > above for rate in rates[:-1]]
    assert sum(a != b for a, b in pairwise(fired)) >= 2, "on, and off again"


@pytest.mark.parametrize(
    ("defects", "orders", "fires"),
    [(0, 0, False), (0, 100, False), (29, 100, False), (30, 100, True), (57, 196, True),
     (29_000, 100_000, False), (29_001, 100_000, True), (1, 1, True)],
)  # fmt: skip
def test_odr_above_means_above(defects, orders, fires):
    engine = Engine(young(HALF.format("odr_above, above: 0.29")))
    stated = prices(engine.world)
    row = engine.world.sellers[0]
    row["odr_defects"], row["odr_orders"] = defects, orders
    engine.live_a_day()
    assert (prices(engine.world) != stated) == fires


STATES = ("platform.account.enforced=true", "platform.account.at_risk_days=3",
          "platform.account.plan_days=4", "platform.account.plan_accepted=1.0",
          "platform.odr.min_orders=5", "sellers.0.damaged=0.5")  # fmt: skip


@pytest.mark.parametrize("name", ["healthy", "at risk", "deactivated"])
def test_state_is_looks_at_the_state_of_last_night(name):
    config = young(USUAL, HALF.format(f"state_is, state: {name}"), more=(*CROSSING, *STATES))
    found = evenings(config, lambda w: (prices(w), int(w.sellers["state"][0])))
    stated = prices(Engine(config).world)
    last_night = [state.HEALTHY, *(s for _, s in found[:-1])]
    assert {state.HEALTHY, state.AT_RISK, state.DEACTIVATED} <= set(last_night)
    for (now, _), before in zip(found, last_night, strict=True):
        assert (now != stated) == (state.STATE_NAMES[before] == name)


def test_a_closed_store_sets_nothing_any_more():
    closing = (
        "platform.account.plan_accepted=0.0",
        "platform.account.plans_allowed=1",
        "warm_up=0",
    )
    config = young("{when: every_days, days: 39, do: set_price, price: 0.5}",
                   more=(*CROSSING, *STATES, *closing))  # fmt: skip
    engine = Engine(config)
    stated = prices(engine.world)
    engine.live_through(39)
    assert state.STATE_NAMES[engine.world.sellers["state"][0]] == "closed"
    assert prices(engine.world) == stated


# --- service -------------------------------------------------------------------------------------


def test_service_holds_from_the_next_day(silent):
    """All orders are cancelled from the eleventh day on, and none more than else before."""
    engine = lived(SET.format("cancelled: 1.0"), more=YOUNG)
    cancelled, orders = own(engine, "cancelled"), own(engine, "orders")
    assert cancelled[:10].tolist() == own(silent, "cancelled")[:10].tolist()
    assert orders[10:].sum() > 50
    placed = own_orders(engine)
    late = placed["placed"] > 10
    assert (placed["trouble"][late] == state.CANCELLED_ORDER).all()
    assert (placed["trouble"][placed["placed"] == 10] != state.CANCELLED_ORDER).any()


@pytest.mark.parametrize(
    ("field", "trouble"), [("damaged", state.DAMAGED_ITEM), ("wrong_item", state.WRONG)]
)
def test_what_is_set_is_what_goes_wrong(field, trouble):
    clean = ("sellers.0.damaged=0.0", "sellers.0.wrong_item=0.0", "sellers.0.cancelled=0.0")
    placed = own_orders(lived(SET.format(f"{field}: 1.0"), more=(*YOUNG, *clean)))
    early, late = placed[placed["placed"] < 10], placed[placed["placed"] > 10]
    assert (early["trouble"] == state.FINE).all() and (late["trouble"] == trouble).all()
    assert early.size > 20 and late.size > 50


def test_punctuality_and_capacity_as_set():
    late = lived(SET.format("on_time: 0.05"), more=YOUNG)
    assert late.world.sellers["on_time"][0] == 0.05
    assert late.world.sellers["slowness"][0] == slowness(0.05, late.config.fulfilment)
    placed = own_orders(late)
    after = placed[(placed["placed"] > 10) & (placed["placed"] < 30)]
    assert (after["delivered"] > after["promised"]).mean() > 0.6
    queued = lived(SET.format("capacity: 1"), more=YOUNG)
    dispatched = own(queued, "dispatched")  # what was begun before is sent some days later
    assert dispatched[22:].mean() <= 1.0 < dispatched[:10].mean()
    assert own(queued, "queue")[:9].max() == 0 < own(queued, "queue")[20:].min()


def test_what_a_line_leaves_open_stays_and_a_later_line_holds():
    def look(w):
        return tuple(float(w.sellers[name][0]) for name in ("on_time", "damaged", "wrong_item"))

    both = (SET.format("on_time: 0.9, damaged: 0.3"), SET.format("damaged: 0.2"))
    before, after = (evenings(young(*lines), look) for lines in (both, both[::-1]))
    stated = look(Engine(young()).world)
    assert before[8] == after[8] == stated
    assert before[9] == (0.9, 0.2, stated[2]) and after[9] == (0.9, 0.3, stated[2])


def test_better_service_costs_more_from_the_next_order_on(silent):
    engine = lived(SET.format("on_time: 0.995, damaged: 0.001"), more=YOUNG)
    costs = engine.config.costs
    cents = [
        round(100 * service_cost_usd(on_time, damaged, costs.punctuality, costs.intactness))
        for on_time, damaged in ((0.98, 0.1), (0.995, 0.001))
    ]
    assert cents[0] < cents[1]
    assert engine.world.sellers["service_cost"][0] == cents[1]
    spent = np.rint(100 * own(engine, "spent_service"))
    dispatched, orders = own(engine, "dispatched"), own(engine, "orders")
    handled = orders - own(engine, "cancelled")
    assert handled[10:].sum() > 50 and dispatched.sum() > 50
    assert spent[:10].tolist() == (cents[0] * handled[:10]).tolist()
    assert spent[10:].tolist() == (cents[1] * handled[10:]).tolist()


def test_what_is_sent_again_on_the_day_of_a_setting_costs_what_it_did():
    again = "{when: feedback_posted, do: replace, tone: 0.0}"
    more = (*YOUNG, *UNMOVED)
    spent = own(lived(again, more=more), "spent_outreach")
    day = int(spent.argmax()) + 1
    better = SET.format("on_time: 0.999, damaged: 0.0001").replace("days: 10", f"days: {day}")
    assert 1 < day < 40 and spent[day - 1] > 0
    found = own(lived(again, better, more=more), "spent_outreach")
    assert found[:day].tolist() == spent[:day].tolist()


# --- price ---------------------------------------------------------------------------------------


def test_a_price_is_a_share_of_the_stated_one_and_does_not_compound():
    config = young("{when: every_days, days: 10, do: set_price, price: 0.9}")
    stated = prices(Engine(config).world)
    found = evenings(config, prices)
    once = [round(0.9 * cents) for cents in stated]
    assert found[:9] == [stated] * 9 and found[9:] == [once] * 31


def test_a_price_holds_from_the_next_day_and_later_lines_hold():
    dear = "{when: every_days, days: 10, do: set_price, price: 1.5}"
    for lines, factor in (((HALF.format("every_days, days: 10"), dear), 1.5),
                          ((dear, HALF.format("every_days, days: 10")), 0.5)):  # fmt: skip
        engine = lived(*lines, more=YOUNG)
        stated = engine.world.listings["stated_price"]
        placed = own_orders(engine)
        paid = placed["price"] / stated[placed["listing"]]
        assert paid[placed["placed"] <= 10] == pytest.approx(1.0)
        assert (placed["placed"] == 10).any() and (placed["placed"] == 11).any()
        assert paid[placed["placed"] > 10] == pytest.approx(factor, rel=1e-3)


def test_the_cheaper_store_sells_more(silent):
    cheap = lived(HALF.format("every_days, days: 10"), more=YOUNG)
    assert own(cheap, "orders")[:10].tolist() == own(silent, "orders")[:10].tolist()
    assert own(cheap, "orders")[10:].sum() > 1.3 * own(silent, "orders")[10:].sum()


def test_nothing_is_given_away():
    config = young("{when: every_days, days: 1, do: set_price, price: 0.01}",
                   more=("sellers.0.listings.0.price=0.2",))  # fmt: skip
    assert evenings(config, prices)[0][0] == 1


# --- pause ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("length", [1, 3, 9])
def test_a_pause_takes_listings_off_sale_for_exactly_so_many_days(silent, length):
    engine = lived(f"{{when: every_days, days: 10, do: pause, pause_days: {length}}}", more=YOUNG)
    off = {day for first in (11, 21, 31) for day in range(first, first + length)}
    orders = own(engine, "orders")
    assert own(silent, "orders").min() > 0
    assert {day for day in range(1, 41) if orders[day - 1] == 0} == off
    table = engine.tables()["listings"]
    mine = table["seller"] == "Northwind"
    for category in set(table["category"][mine]):
        here = table["category"] == category
        listed = len(set(table["listing"][here]))
        for day in range(1, 40):  # the table says what shoppers meet the next morning
            places = table["position"][here & mine & (table["day"] == day)]
            assert (places > listed).all() if day + 1 in off else (places <= listed).all()
    assert set(own(engine, "state")) == {"healthy"}


def test_of_two_pauses_the_longer_holds():
    lines = [f"{{when: every_days, days: 10, do: pause, pause_days: {n}}}" for n in (2, 5)]
    for pair in (lines, lines[::-1]):
        orders = own(lived(*pair, more=YOUNG), "orders")
        assert [day for day in range(1, 20) if orders[day - 1] == 0] == [11, 12, 13, 14, 15]


# --- what it does not touch ----------------------------------------------------------------------


def test_settings_take_no_work_no_money_and_no_message():
    pause = "{when: every_days, days: 20, do: pause, pause_days: 1}"
    engine = lived(
        SET.format("damaged: 0.2"), HALF.format("every_days, days: 5"), pause, more=YOUNG
    )
    assert total(engine, "spent_outreach") == 0.0
    assert total(engine, "contacts", "forbidden", "found_out") == 0.0


STRATEGY = ("lines.", "strategies.", "sellers.strategy", "line_use.")


@pytest.mark.parametrize(
    "line",
    [
        "{when: every_days, days: 30, do: pause, pause_days: 1}",
        "{when: every_days, days: 30, do: set_service, service: {damaged: 1.0}}",
        "{when: every_days, days: 15, do: set_price, price: 0.5, after_days: 15}",
    ],
)
def test_nothing_differs_until_the_evening_of_the_first_act(line):
    engine, silent = Engine(young(line)), Engine(small_market(*LOUD, *YOUNG))
    for day in range(1, 33):
        engine.live_a_day()
        silent.live_a_day()
        found = [n for n in differing(engine.world, silent.world) if not n.startswith(STRATEGY)]
        if day < 30 and "after_days" in line and day >= 15:
            found = [n for n in found if not n.startswith(("pending.", "now.n_pending"))]
        assert bool(found) == (day >= 30), (day, found)


def test_rivals_keep_their_settings():
    engine = Engine(young(HALF.format("every_days, days: 1"), SET.format("damaged: 0.9")))
    rows = engine.world.listings[: engine.world.count("n_listings")].copy()
    sellers = engine.world.sellers[1 : engine.world.count("n_sellers")].copy()
    engine.live_through(20)
    after = engine.world.listings[: rows.size]
    mine = rows["seller"] == 0
    assert (after["price"][~mine] == rows["price"][~mine]).all()
    assert (after["price"][mine] != rows["price"][mine]).all()
    assert (engine.world.sellers["damaged"][1 : sellers.size + 1] == sellers["damaged"]).all()
