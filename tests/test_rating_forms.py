"""The form of a rating and its display, where platforms differ: scale, days, kindness, window."""

from __future__ import annotations

import numpy as np
import pytest
from compare import (
    agents_in_random_order,
    agents_in_reverse,
    assert_same,
    compiled_day,
)
from lines import LOUD, evenings, whole
from markets import small_market

from sim import build, state
from sim.engine import Engine
from sim.model import Buyer, Marketplace
from sim.phases.common import newest_stars
from sim.phases.platform import low_stars_on_page
from sim.phases.settle import feedback_verdict
from sim.rules.feedback import ALLOWED, NOT_YET_OPEN, WINDOW_CLOSED

CLASSES = np.array([1, 1, 3, 5, 5])
PLAIN = ("platform.display.half_life_days=null",)
WINDOW = (*PLAIN, "platform.display.window_days=30")
ALL = (
    *WINDOW, "platform.channels=1", "platform.scale=3", "platform.feedback.counts_from=end",
    "platform.feedback.auto_confirm_days=6", "platform.feedback.opens_after_days=0",
    "platform.feedback.window_days=15", "platform.feedback.kindness=1.0",
    "platform.feedback.same_item_days=15", "platform.display.by_class=true",
)  # fmt: skip


def market(*more: str):
    """A small lively market."""
    return small_market(*LOUD, "days=60", *more)


def posts(engine: Engine) -> np.ndarray:
    return engine.world.posts[: engine.world.count("n_posts")]


def standing(engine: Engine, listing: int) -> np.ndarray:
    found = posts(engine)
    counts = (found["status"] == state.STANDING) | (found["status"] == state.CHANGED)
    return found[counts & (found["listing"] == listing)]


# three marks -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("scale", "marks"), [(3, {1, 3, 5}), (5, {1, 2, 3, 4, 5})])
@pytest.mark.parametrize("channels", [1, 2])
def test_everything_said_is_on_the_scale(scale, marks, channels):
    engine = whole(market(f"platform.scale={scale}", f"platform.channels={channels}",
                          "sellers.0.strategy=recover", "rivals.strategy=recover",
                          "reconsidering.clumsy_share=0.4"))  # fmt: skip
    said, n = posts(engine), engine.world.count("n_listings")
    assert set(said["stars"]) == set(said["first_stars"]) == marks
    changes = said["stars"].astype(int) - said["first_stars"]
    assert changes.min() < 0 < changes.max()
    assert set(1 + np.flatnonzero(engine.world.stock[:n].sum(axis=0))) == marks
    fresh = build.build(engine.config, 0)
    assert set(1 + np.flatnonzero(fresh.stock.sum(axis=0))) == marks


def test_who_is_won_over_goes_up_by_a_mark_at_least():
    """With nothing mended but the words, most would give the stars that they gave before."""
    words = ("reconsidering.apology=1.0", "reconsidering.delete_share=0.0",
             "reconsidering.clumsy_share=0.0", "complaining.recovery=0.0")  # fmt: skip
    engine = whole(market("platform.scale=3", "sellers.0.strategy=recover",
                          "rivals.strategy=recover", *words))  # fmt: skip
    changed = posts(engine)[posts(engine)["status"] == state.CHANGED]
    assert len(changed) > 20 and (changed["stars"] > changed["first_stars"]).all()


def test_stars_given_by_hand_become_marks():
    class Four(Buyer):
        def stars(self, order, channel):
            return 4

    config = market("platform.scale=3", "speaking.everyone_posts=true")
    model = Marketplace(config, buyers=dict.fromkeys(range(50), Four))
    for _ in range(30):
        model.step()
    own = model.world.users["own_mind"][posts(model)["author"]] == 1
    assert own.sum() > 20 and set(posts(model)["stars"][own]) == {5}
    post = int(np.flatnonzero(own)[-1])
    author = model.agents_by_type[Four][int(posts(model)["author"][post])]
    author.change_post(post, 2)
    model.platform_turn()
    assert posts(model)["stars"][post] == 1


@pytest.mark.parametrize("wrong", ["positive_from=3", "negative_up_to=3"])
def test_three_marks_need_a_class_for_three(wrong):
    with pytest.raises(Exception, match="kept for neutral"):
        market("platform.scale=3", f"platform.feedback.{wrong}")
    market("platform.scale=5", f"platform.feedback.{wrong}")


# days of the form --------------------------------------------------------------------------------

FORM = ("platform.feedback.opens_after_days=2", "platform.feedback.window_days=9",
        "speaking.everyone_posts=true", "platform.feedback.same_item_days=null",
        "sellers.0.cancelled=0.1", "fulfilment.promise_days=12")  # fmt: skip


def known_orders(engine: Engine) -> np.ndarray:
    w = engine.world
    kept = np.arange(w.count("oldest_order"), w.count("n_orders"))
    return w.orders[kept % w.orders.size]


def starts(orders: np.ndarray, counts_from: str, confirm: int) -> np.ndarray:
    if counts_from == "order":
        return orders["placed"].astype(int)
    if counts_from == "promise":
        return orders["promised"].astype(int)
    end = np.minimum(orders["delivered"].astype(int), orders["dispatched"].astype(int) + confirm)
    return np.where(orders["trouble"] == state.CANCELLED_ORDER, orders["judged_on"], end)


@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("counts_from", ["order", "end", "promise"])
def test_feedback_comes_in_the_days_that_count_from(counts_from, channels):
    confirm = 5
    engine = whole(market(*FORM, f"platform.feedback.counts_from={counts_from}",
                          f"platform.feedback.auto_confirm_days={confirm}",
                          f"platform.channels={channels}"))  # fmt: skip
    orders = known_orders(engine)
    orders = orders[orders["feedback"] != state.NOBODY]
    days = posts(engine)["posted"][orders["feedback"]] - starts(orders, counts_from, confirm)
    assert (days.min(), days.max()) == (2, 9)
    sent = orders["delivered"] != state.NEVER
    early = orders["dispatched"][sent] + confirm < orders["delivered"][sent]
    assert early.any() and not early.all()  # the end is sometimes the one and sometimes the other
    if counts_from != "promise":
        assert (orders["trouble"] == state.CANCELLED_ORDER).any()


def test_the_verdict_at_the_edges_of_the_form():
    quiet = ("platform.feedback.leave_rate=0.0", "speaking.everyone_posts=false")
    of_the_end = ("platform.feedback.counts_from=end", "platform.feedback.auto_confirm_days=5")
    engine = Engine(market(*FORM, *of_the_end, *quiet))
    engine.live_through(40)
    w, looked_at = engine.world, 0
    for order in range(w.count("n_orders") - 100, w.count("n_orders")):
        row = order % w.orders.size
        buyer, end = int(w.orders["buyer"][row]), int(starts(w.orders[[row]], "end", 5)[0])
        if w.orders["trouble"][row] == state.CANCELLED_ORDER:
            continue
        if w.orders["dispatched"][row] == state.NEVER:  # waits to be handled
            assert feedback_verdict(w, buyer, order, 300) == NOT_YET_OPEN
            continue
        days = (end + 1, end + 2, end + 9, end + 10)
        found = [feedback_verdict(w, buyer, order, day) for day in days]
        assert found == [NOT_YET_OPEN, ALLOWED, ALLOWED, WINDOW_CLOSED]
        looked_at += 1
    assert looked_at > 50


def test_orders_are_kept_until_a_late_form_closes():
    kept = [
        build.build(market("platform.feedback.window_days=30", "platform.account.enforced=false",
                           f"platform.feedback.counts_from={start}"), 0).p["kept_days"][0]
        for start in ("order", "end", "promise")
    ]  # fmt: skip
    assert kept[0] < kept[2] <= kept[1]


# kindness ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kindness", "kinder"), [(1.5, 1), (0.0, 0), (-1.5, -1)])
def test_what_is_said_to_a_partner_of_trade_is_kinder(kindness, kinder):
    plain, kind = (Engine(market(f"platform.feedback.kindness={k}")) for k in (0.0, kindness))
    a, b = (build.build(e.config, 0) for e in (plain, kind))
    assert a.sellers["rated_ever"].tolist() == b.sellers["rated_ever"].tolist()
    more = b.sellers["positive_ever"].sum() - a.sellers["positive_ever"].sum()
    assert np.sign(more) == kinder
    assert a.stock.tolist() == b.stock.tolist()  # reviews are said to nobody
    said = []
    for engine in (plain, kind):
        engine.live_through(60)
        found = posts(engine)
        said.append([found["first_stars"][found["channel"] == c].mean() for c in (0, 1)])
    assert np.sign(round(said[1][0] - said[0][0], 1)) == kinder
    assert abs(said[1][1] - said[0][1]) < 0.1


def test_ratings_for_both_are_kind_in_the_past_too():
    a, b = (build.build(market("platform.channels=1", f"platform.feedback.kindness={k}"), 0)
            for k in (0.0, 1.5))  # fmt: skip
    assert a.stock.sum() == b.stock.sum() and a.stock[:, 4].sum() < b.stock[:, 4].sum()


# display -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("channels", [1, 2])
def test_only_reviews_of_the_window_are_displayed(channels):
    engine = Engine(market(*WINDOW, f"platform.channels={channels}", "sellers.0.strategy=recover",
                           "platform.reviews.change_window_days=null",
                           "platform.feedback.change_window_days=null"))  # fmt: skip
    w, left = engine.world, 0
    weights = engine.config.platform.display
    while engine.day <= 60:
        engine.live_a_day()
        for listing in range(w.count("n_listings")):
            found = standing(engine, listing)
            if channels == 2:
                found = found[found["channel"] == state.REVIEW]
            shown = found[found["posted"] > engine.day - 1 - 30]
            weight = np.where(shown["verified"] == 1, weights.weight_verified,
                              weights.weight_unverified)  # fmt: skip
            row = w.listings[listing]
            assert row["n_reviews"] == len(shown)
            assert row["weight"] == pytest.approx(weight.sum(), abs=1e-9)
            assert row["weighted_stars"] == pytest.approx((weight * shown["stars"]).sum())
            left += len(found) - len(shown)
            assert w.stock[listing].sum() >= len(found)
    assert left > 0


def test_older_reviews_leave_on_their_days():
    """The steel pan has 80 reviews, spread over 500 days before day 1; the past is 40 days."""
    quiet = ("platform.reviews.leave_rate=0.0", "platform.reviews.leave_rate_unbought=0.0")
    config = market(*PLAIN, "platform.display.window_days=200", *quiet)
    ages = np.maximum(40, 500 * (1.0 - (np.arange(80) + 0.5) / 80))
    fresh = build.build(config, 0)
    assert fresh.listings["n_reviews"][0] == (ages < 240).sum() > 0
    assert fresh.stock[0].sum() == 80
    seen = evenings(config, lambda w: (int(w.listings["n_reviews"][0]), int(w.stock[0].sum())))
    expected = [(int((-np.floor(ages) > day - 200).sum()), 80) for day in range(1, 61)]
    assert seen == expected
    assert len(set(seen)) > 5


@pytest.mark.parametrize(("days", "on_page"), [(30, False), (3000, True)])
def test_what_has_left_is_not_on_the_page(days, on_page):
    quiet = ("platform.reviews.leave_rate=0.0", "platform.reviews.leave_rate_unbought=0.0")
    w = whole(market(*PLAIN, f"platform.display.window_days={days}", *quiet)).world
    assert w.stock[0].tolist() == [6, 4, 7, 18, 45]
    assert (newest_stars(w, 0) > 0.0) == on_page
    w.recent[0] = -1
    assert low_stars_on_page(w, 0) == (1.0 if on_page else 0.0)


def test_reviews_that_have_left_move_nothing():
    model = Marketplace(market(*WINDOW, "platform.reviews.change_window_days=null"))
    for _ in range(50):
        model.step()
    w, found = model.world, posts(model)
    of_buyers = (found["channel"] == state.REVIEW) & (found["author"] < model.config.buyers.count)
    alive = of_buyers & (found["status"] == state.STANDING)
    old = int(np.flatnonzero(alive & (found["posted"] <= 51 - 30))[-1])
    young = int(np.flatnonzero(alive & (found["posted"] > 40))[0])

    def after(act) -> tuple[float, float]:
        """Change of displayed and of standing reviews of a listing, against a day without it."""
        twin, idle = Marketplace(model.config), Marketplace(model.config)
        for _ in range(50):
            twin.step()
            idle.step()
        post = posts(twin)[act]
        twin.agents_by_type[Buyer][int(post["author"])].delete_post(act)
        twin.platform_turn()
        idle.begin_day()
        idle.platform_turn()
        k = int(post["listing"])
        return (
            float(
                idle.world.listings["weighted_stars"][k] - twin.world.listings["weighted_stars"][k]
            ),
            float(idle.world.stock[k].sum() - twin.world.stock[k].sum()),
        )

    assert after(old) == (0.0, 1.0)
    assert after(young) == (float(w.posts["stars"][young]), 1.0)


@pytest.mark.parametrize(("by_class", "stars"), [("true", CLASSES), ("false", np.arange(1, 6))])
def test_what_is_displayed_may_be_classes(by_class, stars):
    engine = whole(market(*PLAIN, "platform.channels=1", f"platform.display.by_class={by_class}"))
    w, n = engine.world, engine.world.count("n_listings")
    expected = (w.stock[:n] * stars).sum(axis=1)
    assert w.listings["weighted_stars"][:n] == pytest.approx(expected)
    assert w.stock[:n, [1, 3]].sum() > 0


# all of it ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("live", [agents_in_random_order, agents_in_reverse])
@pytest.mark.parametrize("channels", [1, 2])
def test_all_of_it_is_the_same_at_both_grains(live, channels):
    small = ("days=25", "run_out=5", "past.days=20", "buyers.count=150")
    acting = ("sellers.0.strategy=recover", "rivals.strategy=recover", "rivals.exit_per_year=0.95")
    config = market(*ALL, f"platform.channels={channels}", *small, *acting)
    at_once, by_agent = Marketplace(config), Marketplace(config)
    for _ in range(25):
        compiled_day(at_once)
        live(by_agent)
    assert_same(at_once, by_agent)
    found = posts(at_once)
    assert len(found) > 60 and (found["status"] != state.STANDING).any()
    assert len(at_once.seller_names) > len(config.sellers) + config.rivals.count  # newcomers


def test_own_agents_who_change_nothing_change_nothing():
    class Obedient(Buyer):
        def stars(self, order, channel):
            return super().stars(order, channel)

    config = market(*ALL, "days=25", "buyers.count=150")
    own = Marketplace(config, buyers=dict.fromkeys(range(0, 150, 3), Obedient))
    plain = Marketplace(config)
    for _ in range(25):
        own.step()
        plain.step()
    assert_same(own, plain, ignore=("users.own_mind",))
