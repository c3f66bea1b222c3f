"""Penalties: what each does and when it ends; points of a calendar year; repeated offences."""

from __future__ import annotations

import numpy as np
import pytest
from lines import LOUD, lived, market, own, posts_of, total, whole
from markets import small_market
from punished import (
    ASK,
    CONDUCT,
    LATE,
    LISTINGS,
    THANK,
    evening,
    forbids,
    found_out,
    measure,
    of,
    on_sale,
    world,
)

from experiments.metrics import MONTH_DAYS
from experiments.metrics import measure as measured
from experiments.mistakes import ConfigError
from sim.engine import Engine
from sim.state import (
    CHANGED,
    CLOSED,
    DEACTIVATED,
    DEFAULT_GONE,
    DEFAULT_STANDS,
    FEEDBACK,
    HEALTHY,
    LEFT,
    NEVER,
    REVIEW,
    STANDING,
    STRUCK_THROUGH,
)


def punished(penalties: str, day: int = 5, more: tuple[str, ...] = ()):
    """A world in which Northwind was found out on a day, on the evening of it."""
    w = world(more=(forbids(penalties), *more))
    found_out(w, 0, THANK, day)
    evening(w, day)
    return w


def hidden_days(w, first: int, last: int) -> list[int]:
    """Evenings after which nothing of Northwind's is on sale."""
    days = []
    for day in range(first, last + 1):
        if day > first:
            evening(w, day)
        if set(of(w, 0)).isdisjoint(on_sale(w)):
            days.append(day)
        assert set(on_sale(w)) >= set(LISTINGS) - set(of(w, 0))
    return days


@pytest.mark.parametrize("name", ["hide", "delist"])
def test_hidden_for_days_then_back(name):
    w = punished(f"{{do: {name}, days: 7}}")
    assert hidden_days(w, 5, 15) == list(range(5, 12)), "days 6 to 12"


def test_hidden_for_good_where_no_days_are_stated():
    assert hidden_days(punished("hide"), 5, 9) == [5, 6, 7, 8, 9]


def test_a_shorter_penalty_does_not_end_a_longer_one():
    w = world(more=(forbids("{do: hide, days: 7}"), forbids("{do: hide, days: 2}", "ask")))
    found_out(w, 0, THANK, 5)
    found_out(w, 0, ASK, 6)
    evening(w, 6)
    assert w.sellers["hidden_until"][0] == 12


def test_what_is_removed_stays_off_sale():
    w = punished("remove")
    assert hidden_days(w, 5, 7) == [5, 6, 7]
    assert set(np.flatnonzero(w.listings["removed"])) == set(of(w, 0))


def test_deactivated_and_back_by_a_plan():
    w = punished("deactivate", more=("platform.account.plan_days=3",
                                     "platform.account.plan_accepted=1.0"))  # fmt: skip
    states = [int(w.sellers["state"][0])]
    for day in range(6, 10):
        evening(w, day)
        states.append(int(w.sellers["state"][0]))
    assert states == [DEACTIVATED] * 3 + [HEALTHY] * 2


@pytest.mark.parametrize(("warm_up", "expected"), [(4, CLOSED), (5, DEACTIVATED)])
def test_closed_after_the_warm_up_and_deactivated_in_it(warm_up, expected):
    w = punished("close", more=(f"warm_up={warm_up}",))
    assert w.sellers["state"][0] == expected
    assert w.count("exits") == (expected == CLOSED)
    assert set(on_sale(w)).isdisjoint(of(w, 0))


def test_nothing_is_done_before_day_one():
    w = punished("deactivate, {do: points, amount: 5}, hide, {do: fine, amount: 9}", day=0)
    assert w.sellers["state"][0] == HEALTHY and w.sellers["points"][0] == 0.0
    assert on_sale(w) == list(LISTINGS) and w.seller_days["fines"].sum() == 0
    evening(w, 1)
    assert w.sellers["state"][0] == HEALTHY


def test_nothing_is_done_to_who_is_gone():
    w = world(more=(forbids("{do: fine, amount: 9}, close"),))
    w.sellers["state"][0] = LEFT
    found_out(w, 0, THANK, 5)
    evening(w, 5)
    assert w.sellers["state"][0] == LEFT and w.seller_days["fines"].sum() == 0


def test_a_fine_is_a_cost_of_its_day_alone():
    w = punished("{do: fine, amount: 20.5}")
    assert w.seller_days["fines"][5, 0] == w.seller_days["costs"][5, 0] == 2050
    assert w.seller_days["fines"].sum() == 2050
    found_out(w, 0, THANK, 5)
    assert w.seller_days["fines"][5, 0] == 4100, "for every act"


def test_not_featured_for_days():
    w, flags = punished("{do: no_featured, days: 2}"), []
    for day in (6, 7, 8):
        flags.append(int(w.sellers["no_featured"][0]))
        evening(w, day)
    assert flags == [1, 1, 0] and w.sellers["no_featured"].sum() == 0


def test_exposure_of_what_was_found_out_ends_after_its_days():
    w, moved = punished("{do: exposure, amount: 0.5, days: 2}"), []
    for day in (6, 7, 8):
        moved.append(float(w.sellers["exposure"][0]))
        evening(w, day)
    assert moved == [np.log(0.5), np.log(0.5), 0.0]


@pytest.mark.parametrize("scored", [True, False])
def test_points_of_conduct_are_lost_on_their_day_where_somebody_keeps_score(scored):
    more = () if scored else ("platform.measures={}",)
    w = punished("{do: policy_score, amount: 8}", more=more)
    found_out(w, 0, THANK, 5)
    assert w.lost_points.sum() == 16.0 * scored
    if scored:
        assert w.lost_points[5 - int(w.p["first_date"][0]), 0] == 16.0


def test_a_warning_holds_for_an_evening():
    w = punished("at_risk")
    assert w.sellers["state"][0] == 1
    evening(w, 6)
    assert w.sellers["state"][0] == HEALTHY


# --- repeated offences -------------------------------------------------------------------------

JD = ("{do: points, amount: 2, last_time: 1}, {do: points, amount: 4, first_time: 2, last_time: 2},"
      "{do: points, amount: 8, first_time: 3}")  # fmt: skip


def test_the_second_and_third_time_weigh_more_and_a_new_year_forgets():
    w, points = world(more=(forbids(JD),)), []
    for day in (3, 3, 50, 365, 366, 367):
        found_out(w, 0, THANK, day)
        evening(w, day)
        points.append(float(w.sellers["points"][0]))
    assert points == [2.0, 6.0, 14.0, 22.0, 2.0, 6.0]


def test_every_kind_of_outreach_is_counted_for_itself_and_every_seller():
    w = world(more=(forbids(JD), forbids(JD, "ask")))
    for seller, kind in ((0, THANK), (0, ASK), (1, THANK), (0, ASK)):
        found_out(w, seller, kind, 3)
    assert w.sellers["points"][:3].tolist() == [8.0, 2.0, 0.0]


# --- ladders of points -------------------------------------------------------------------------

TAOBAO = (
    "platform.points={carried_from: 24, carried: 24, kept_from: 48, steps: ["
    "{at: 12, then: [{do: hide, days: 7}]}, {at: 24, then: [{do: delist, days: 14}]}, "
    "{at: 36, then: [{do: hide, days: 21}]}, {at: 48, then: [close]}]}"
)


def climb(ladder: str, each: float, times: int, more: tuple[str, ...] = ()):
    """World and what became of Northwind at every offence, ten a day from day 1."""
    w, seen = world(more=(ladder, forbids(f"{{do: points, amount: {each}}}"), *more)), []
    for k in range(times):
        day = 1 + 100 * k
        found_out(w, 0, THANK, day)
        evening(w, day)
        seen.append((float(w.sellers["points"][0]), int(w.sellers["hidden_until"][0]) - day,
                     int(w.sellers["state"][0])))  # fmt: skip
    return w, seen


def test_taobao_hides_delists_shuts_and_seals():
    _, seen = climb(TAOBAO, 12, 4, more=("warm_up=0",))
    assert seen == [(12, 7, HEALTHY), (24, 14, HEALTHY), (36, 21, HEALTHY), (48, -79, CLOSED)]


def test_steps_in_one_go_are_all_taken():
    w, seen = climb(TAOBAO, 40, 1)
    assert seen == [(40, 21, HEALTHY)]
    evening(w, 2)
    assert w.sellers["hidden_until"][0] == 22, "and not again"


@pytest.mark.parametrize(("collected", "left"), [(23, 0), (24, 24), (36, 24), (47, 24), (48, 48)])
def test_what_of_the_points_is_left_in_the_next_year(collected, left):
    ladder = TAOBAO.replace("then: [close]", "then: [hide]")
    w, _ = climb(ladder, collected, 1)
    evening(w, 365)
    assert w.seller_days["points"][365, 0] == collected
    evening(w, 366)
    assert w.seller_days["points"][366, 0] == left
    evening(w, 731)
    assert w.sellers["points"][0] == left


def test_carried_points_do_not_take_their_step_again():
    w, _ = climb(TAOBAO, 24, 1)
    before = int(w.sellers["hidden_until"][0])
    evening(w, 366)
    assert w.sellers["points"][0] == 24 and w.sellers["hidden_until"][0] == before
    found_out(w, 0, THANK, 400)
    assert w.sellers["points"][0] == 48 and w.sellers["sentence"][0] == 2


STEPS = ", ".join(f"{{at: {at}, then: [{{do: fine, amount: 6000}}]}}" for at in (25, 50, 75))
JD_LADDER = (
    f"platform.points={{steps: [{STEPS}, {{at: 100, then: [{{do: fine, amount: 6000}}, close]}}]}}"
)


def test_jd_fines_every_25_and_ends_the_contract_at_100():
    w = world(more=(JD_LADDER, forbids("{do: points, amount: 8}"), "warm_up=0"))
    fined, day = {}, 0
    while w.sellers["state"][0] != CLOSED:
        day += 1
        found_out(w, 0, THANK, day)
        evening(w, day)
        if w.seller_days["fines"][day, 0]:
            fined[float(w.sellers["points"][0])] = int(w.seller_days["fines"][day, 0])
    assert fined == {32.0: 600000, 56.0: 600000, 80.0: 600000, 104.0: 600000}


def test_jd_forgets_on_the_first_of_january():
    w, _ = climb(JD_LADDER, 99, 1)
    evening(w, 365)
    assert w.sellers["points"][0] == 99
    found_out(w, 0, THANK, 366)
    assert w.sellers["points"][0] == 99 and w.sellers["sentence"][0] == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{at: 5, then: [{do: points, amount: 1}]}", "points as what follows from points"),
        ("{at: 0, then: [hide]}", "found 0; allowed: a number from 0.01 to"),
        ("{at: 5, then: [{do: exposure, amount: 0, days: 3}]}", "amount 0 with do: exposure"),
    ],
)
def test_ladders_that_make_no_sense_are_refused(text, message):
    with pytest.raises(ConfigError, match=message):
        world(more=(f"platform.points={{steps: [{text}]}}",))


# --- in a market -------------------------------------------------------------------------------


def every_evening(config, act) -> Engine:
    """A lived market in which ``act(world, day)`` is done on every morning."""
    engine = Engine(config)
    while engine.day <= config.days:
        act(engine.world, engine.day)
        engine.live_a_day()
    return engine


def test_revenue_is_held_back_and_paid_out():
    config = small_market(*LOUD, "days=40", forbids("{do: hold_payout, days: 10}"))
    plain, held = Engine(config), []

    def act(w, day):
        if day == 6:
            found_out(w, 0, THANK, 5)  # last evening
        held.append(int(w.sellers["withheld"][0]))

    engine = every_evening(config, act)
    plain.live_through(40)
    revenue, withheld = own(engine, "revenue"), own(engine, "withheld")
    assert withheld[5:15].tolist() == revenue[5:15].tolist() and revenue[5:15].sum() > 0
    assert withheld.sum() == revenue[5:15].sum()
    # what customers are given back meanwhile comes out of what is held
    assert 0.5 < max(held) / (100 * revenue[5:14].sum()) < 1.0 and held[15:] == [0] * 25
    assert own(engine, "profit").tolist() == own(plain, "profit").tolist()


def test_what_is_held_back_of_a_closed_account_is_lost():
    more = ("days=40", "warm_up=0", forbids("{do: hold_payout, days: 90}"), forbids("close", "ask"))
    config = small_market(*LOUD, *more)

    held = []

    def act(w, day):
        if day == 6:
            found_out(w, 0, THANK, 5)
        if day == 20:
            found_out(w, 0, ASK, 20)
        held.append(int(w.sellers["withheld"][0]))

    engine = every_evening(config, act)
    costs, withheld = engine.world.seller_days["costs"][20, 0], own(engine, "withheld")
    assert own(engine, "state")[19] == "closed"
    lost = held[18]  # as of the evening before
    assert 0 < lost < 100 * withheld.sum() and costs >= 0.9 * lost
    assert engine.world.sellers["withheld"][0] == 0


BACK = (
    "days=50",
    "complaining.claim=[0.6, 0.6, 0.3, 0.0, 0.0]",
    "complaining.returns=[0.9, 0.9, 0.5, 0.0, 0.0]",
)


def test_the_platform_pays_its_share_of_claims_and_returns_and_of_nothing_else():
    """Customers get the same, whoever pays; a share of all pays the twofold of a half."""
    engines = [
        Engine(small_market(*LOUD, *BACK, f"platform.claims.refunds_by_platform={share}"))
        for share in (0.0, 0.5, 1.0)
    ]
    for engine in engines:
        engine.live_through(50)
    none, half, whole = (engine.world for engine in engines)
    assert np.array_equal(none.orders["refunded"], whole.orders["refunded"])
    saved = none.seller_days["costs"] - whole.seller_days["costs"]
    assert (saved >= 0).all() and saved.sum() > 0
    half_saved = none.seller_days["costs"] - half.seller_days["costs"]
    events = none.seller_days["returns"] + none.seller_days["claims"].max() + 9
    assert (np.abs(2 * half_saved - saved) <= events).all()
    returned = none.orders["marks"] & 4 != 0
    assert saved.sum() >= none.orders["refunded"][returned].sum() * 0.5


def test_who_must_pay_all_refunds_does_so_for_its_days():
    shared = "platform.claims.refunds_by_platform=1.0"
    config = small_market(*LOUD, *BACK, shared, forbids("{do: pay_refunds, days: 20}"))
    pays = every_evening(
        config, lambda w, day: day == 11 and found_out(w, 0, THANK, 10)
    )  # fmt: skip
    free, all_paid = Engine(config), Engine(small_market(*LOUD, *BACK))
    free.live_through(50)
    all_paid.live_through(50)
    found = {name: own(e, "profit") for name, e in
             (("pays", pays), ("free", free), ("paid", all_paid))}  # fmt: skip
    same_as_free = found["pays"] == found["free"]
    assert same_as_free[:10].all() and same_as_free[30:].all() and not same_as_free.all()
    assert found["pays"][10:30].tolist() == found["paid"][10:30].tolist()


@pytest.mark.parametrize("whose", [0, 1])
def test_of_a_product_all_refunds_are_its_sellers_and_of_no_other(whose):
    shared = small_market(*LOUD, *BACK, "platform.claims.refunds_by_platform=1.0")
    config = shared if whose == 1 else small_market(*LOUD, *BACK)
    flagged, plain = Engine(shared), Engine(config)
    mine = flagged.world.listings["seller"] == whose
    flagged.world.listings["refunds_until"][mine] = NEVER
    flagged.live_through(50)
    plain.live_through(50)
    assert own(flagged, "profit").tolist() == own(plain, "profit").tolist()


THANKS = "{when: feedback_posted, do: thank}"


def test_reviews_are_wiped_and_new_ones_refused():
    config = small_market(*LOUD, "days=60", forbids("wipe_reviews, block_reviews"))
    plain = Engine(config)
    engine = every_evening(config, lambda w, day: day == 31 and found_out(w, 0, THANK, 31))
    plain.live_through(60)
    w, mine = engine.world, slice(0, len(of(engine.world, 0)))
    posts = posts_of(engine, REVIEW)
    before = posts[posts["posted"] <= 30]
    assert before.size > 20 and not np.isin(before["status"], (STANDING, CHANGED)).any()
    assert (before["status"] == STRUCK_THROUGH).any() and posts["posted"].max() == 30
    assert w.listings["n_reviews"][mine].sum() == 0 and w.stock[mine].sum() == 0
    assert (w.listings["weight"][mine] == 0.0).all()
    reviews = sum(own(plain, f"reviews_{k}", "listings").sum() for k in range(1, 6))
    assert posts_of(plain, REVIEW).size == reviews + (posts_of(plain, REVIEW)["posted"] < 1).sum()
    others = engine.world.posts[: w.count("n_posts")]
    others = others[(others["seller"] != 0) & (others["channel"] == REVIEW)]
    assert not (others["status"] == STRUCK_THROUGH).any() and others["posted"].max() == 60


def test_wiped_but_not_blocked_a_store_collects_anew():
    config = small_market(*LOUD, "days=60", forbids("wipe_reviews"))
    engine = every_evening(config, lambda w, day: day == 31 and found_out(w, 0, THANK, 31))
    posts = posts_of(engine, REVIEW)
    new = posts[(posts["posted"] > 31) & np.isin(posts["status"], (STANDING, CHANGED))]
    mine = slice(0, len(of(engine.world, 0)))
    assert new.size > 10 and engine.world.listings["n_reviews"][mine].sum() == new.size
    weighted = engine.world.listings["weight"][mine].sum()
    assert 0.0 < weighted <= new.size


def test_what_the_platform_left_for_customers_is_wiped_too_and_taken_away_once():
    left = "platform.defaults={when: always, after_days: 5, in_display: true}"
    more = ("days=60", "platform.channels=1", left, forbids("wipe_reviews"))
    engine = every_evening(
        small_market(*LOUD, *more), lambda w, day: day == 31 and found_out(w, 0, THANK, 31)
    )
    w, mine = engine.world, slice(0, len(of(engine.world, 0)))
    orders = w.orders[: w.count("n_orders")]
    orders = orders[np.isin(orders["listing"], np.arange(mine.stop))]
    gone = (orders["default"] == DEFAULT_GONE) & (orders["defaulted_on"] <= 31)
    stand = orders["default"] == DEFAULT_STANDS
    assert gone.sum() > 10 and stand.sum() > 10
    assert not (stand & (orders["defaulted_on"] <= 31)).any()
    posts = posts_of(engine, FEEDBACK)
    posts = posts[np.isin(posts["status"], (STANDING, CHANGED)) & (posts["listing"] < mine.stop)]
    assert w.listings["n_reviews"][mine].sum() == stand.sum() + len(posts)
    assert w.stock[mine].min() >= 0 and w.stock[mine].sum() == stand.sum() + len(posts)


def test_messages_that_are_found_out_bring_the_penalties_of_their_verdict():
    engine = lived(THANKS, more=("days=40", forbids("{do: fine, amount: 2}, {do: points, amount: 1,"
                                                    " last_time: 3}")))  # fmt: skip
    found = total(engine, "found_out")
    assert found > 10 and total(engine, "fines") == 2.0 * found
    assert own(engine, "points")[-1] == 3.0
    assert set(own(engine, "state")) == {"healthy"}
    silent = lived(THANKS, more=("days=40",))
    assert own(silent, "profit").sum() - own(engine, "profit").sum() == pytest.approx(2.0 * found)


def test_fines_what_is_held_back_and_points_are_metrics_of_the_store():
    config = market(THANKS, more=(
        "days=60", "warm_up=0", forbids("{do: fine, amount: 2}, {do: points, amount: 1},"
                                        "{do: hold_payout, days: 3}")))  # fmt: skip
    engine = whole(config)
    found = measured(engine.tables(), "Northwind", config)
    for name in ("fines", "withheld"):
        assert found[name] == (pytest.approx(total(engine, name) * MONTH_DAYS / 60), 1.0)
    assert found["points"] == (own(engine, "points")[59], 1.0)
    assert total(engine, "found_out") == total(engine, "fines") / 2 == found["points"][0] > 20
    assert 0 < total(engine, "withheld") <= total(engine, "revenue")


def test_who_is_not_found_out_has_no_points():
    engine = lived(THANKS, more=("days=40", "platform.policy.thank={says: tolerated, "
                                 "penalties: [{do: points, amount: 1}]}"))  # fmt: skip
    assert total(engine, "points", "fines", "withheld") == 0.0


def test_a_gate_and_a_verdict_hide_until_the_later_day():
    w = world("{measure: late, above: 0.04, then: [hide]}",
              more=(forbids("{do: hide, days: 3}"),))  # fmt: skip
    measure(w, LATE, 0.9)
    found_out(w, 0, THANK, 1)
    evening(w, 1)
    measure(w, LATE, 0.0)
    assert hidden_days(w, 1, 6) == [1, 2, 3]


def test_limits_of_days_are_beyond_any_run():
    w = punished("{do: exposure, amount: 2.0}, pay_refunds, no_featured, hold_payout, hide")
    s = w.sellers
    for name in ("refunds", "unfeatured", "held", "hidden"):
        assert s[f"{name}_until"][0] == NEVER and (s[f"{name}_until"][1:5] < 0).all()
    assert w.exposures.max() == NEVER and w.standing["value"][0, CONDUCT] != 0.0
