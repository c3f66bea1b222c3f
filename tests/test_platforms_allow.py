"""What each shipped platform allows and refuses, by its own file and the rules of the market."""

from __future__ import annotations

import numpy as np
import pytest

from experiments.platform_values import shipped_platforms
from sim.config.platform import PlatformRules
from sim.parameters import NO_LIMIT
from sim.penalties import DO, penalty_arrays
from sim.rules import defaults, editing, feedback, follow_ups, reveal, reviews
from sim.rules.penalties import crosses
from sim.state import NEVER

PLATFORMS = shipped_platforms()
BUYER, OTHER = 3, 4
ENDED = 100  # day from which forms count


def leave(rules: PlatformRules, day: int, *, author: int = BUYER, already=False, shared=False):
    """Verdict on feedback (or a rating) so many days after the day that the form counts from."""
    f = rules.feedback
    window = NO_LIMIT if f.window_days is None else f.window_days
    return feedback.may_leave(
        author, BUYER, already, ENDED + day, ENDED, f.opens_after_days, window, shared
    )


def revise(rules: PlatformRules, days: int, old: int, new: int, *, changes=0, asked=False):
    """Verdict on changing a rating of ``old`` stars to ``new`` (0 = deleting it) after so long."""
    f = rules.feedback
    window = NO_LIMIT if f.change_window_days is None else f.change_window_days
    can = f.can_delete if new == 0 else f.can_change
    verdict = editing.may_revise(BUYER, BUYER, False, ENDED + days, ENDED, window, can)
    if verdict != editing.ALLOWED:
        return verdict
    most = NO_LIMIT if f.max_changes is None else f.max_changes
    return editing.may_become(
        old, new, False, asked, changes, f.change_up_to, f.change_to_from, most, f.change_asked
    )


@pytest.mark.parametrize(
    ("name", "day", "verdict"),
    [
        ("amazon", 2, feedback.NOT_YET_OPEN), ("amazon", 3, feedback.ALLOWED),
        ("amazon", 90, feedback.ALLOWED), ("amazon", 91, feedback.WINDOW_CLOSED),
        ("amazon_2016", 90, feedback.ALLOWED), ("amazon_2016", 91, feedback.WINDOW_CLOSED),
        ("taobao", 0, feedback.ALLOWED), ("taobao", 15, feedback.ALLOWED),
        ("taobao", 16, feedback.WINDOW_CLOSED),
        ("jd", 90, feedback.ALLOWED), ("jd", 91, feedback.WINDOW_CLOSED),
        ("wish", -1, feedback.NOT_YET_OPEN), ("wish", 0, feedback.ALLOWED),
        ("wish", 2000, feedback.ALLOWED),
        ("ebay", 60, feedback.ALLOWED), ("ebay", 61, feedback.WINDOW_CLOSED),
    ],
)  # fmt: skip
def test_when_a_rating_may_be_left(name, day, verdict):
    assert leave(PLATFORMS[name], day) == verdict


@pytest.mark.parametrize("name", PLATFORMS)
def test_a_rating_is_of_the_orders_customer_and_once(name):
    rules = PLATFORMS[name]
    day = rules.feedback.opens_after_days
    assert leave(rules, day) == feedback.ALLOWED
    assert leave(rules, day, author=OTHER) == feedback.NOT_THE_BUYER
    assert leave(rules, day, already=True) == feedback.ALREADY_LEFT


def test_what_the_form_counts_from():
    froms = {name: rules.feedback.counts_from for name, rules in PLATFORMS.items()}
    assert froms["taobao"] == "end" and froms["wish"] == "promise"
    assert {froms[name] for name in ("amazon", "amazon_2016", "jd", "ebay")} == {"order"}
    confirm = PLATFORMS["taobao"].feedback.auto_confirm_days
    assert feedback.end_of_order(20, 24, confirm) == 24  # received
    assert feedback.end_of_order(20, 99, confirm) == 30  # taken for received after ten days
    assert feedback.end_of_order(NEVER, NEVER, confirm) == NEVER


@pytest.mark.parametrize(
    ("name", "days", "old", "new", "more", "verdict"),
    [
        # Amazon today: removed at any time, never changed; in 2016 both, for 60 days
        ("amazon", 900, 1, 0, {}, editing.ALLOWED),
        ("amazon", 1, 1, 5, {}, editing.NOT_OFFERED),
        ("amazon_2016", 60, 1, 5, {}, editing.ALLOWED),
        ("amazon_2016", 61, 1, 5, {}, editing.WINDOW_CLOSED),
        ("amazon_2016", 61, 1, 0, {}, editing.WINDOW_CLOSED),
        # Taobao: neutral and bad ones to good, or deleted, once, in 30 days
        ("taobao", 30, 1, 5, {}, editing.ALLOWED),
        ("taobao", 30, 3, 0, {}, editing.ALLOWED),
        ("taobao", 31, 1, 5, {}, editing.WINDOW_CLOSED),
        ("taobao", 1, 5, 0, {}, editing.STAYS),
        ("taobao", 1, 5, 1, {}, editing.STAYS),
        ("taobao", 1, 1, 3, {}, editing.NOT_TO_THAT),
        ("taobao", 1, 1, 5, {"changes": 1}, editing.CHANGED_ENOUGH),
        # JD: deleted in 30 days, never changed
        ("jd", 30, 1, 0, {}, editing.ALLOWED),
        ("jd", 31, 1, 0, {}, editing.WINDOW_CLOSED),
        ("jd", 1, 1, 5, {}, editing.NOT_OFFERED),
        # Wish: changed at any time, never removed
        ("wish", 900, 1, 5, {"changes": 9}, editing.ALLOWED),
        ("wish", 1, 1, 0, {}, editing.NOT_OFFERED),
        # eBay: once, in 30 days, when the seller has asked
        ("ebay", 30, 1, 5, {"asked": True}, editing.ALLOWED),
        ("ebay", 30, 1, 5, {}, editing.NOT_ASKED),
        ("ebay", 31, 1, 5, {"asked": True}, editing.WINDOW_CLOSED),
        ("ebay", 30, 1, 5, {"asked": True, "changes": 1}, editing.CHANGED_ENOUGH),
        ("ebay", 1, 1, 0, {"asked": True}, editing.NOT_OFFERED),
    ],
)
def test_who_may_change_what_until_when(name, days, old, new, more, verdict):
    assert revise(PLATFORMS[name], days, old, new, **more) == verdict


@pytest.mark.parametrize(
    ("name", "days", "verdict"),
    [
        ("taobao", 180, follow_ups.ALLOWED), ("taobao", 181, follow_ups.TOO_LATE),
        ("jd", 180, follow_ups.ALLOWED), ("jd", 181, follow_ups.TOO_LATE),
        ("ebay", 60, follow_ups.ALLOWED), ("ebay", 61, follow_ups.TOO_LATE),
        ("amazon", 1, follow_ups.NOT_OFFERED), ("wish", 1, follow_ups.NOT_OFFERED),
    ],
)  # fmt: skip
def test_follow_ups(name, days, verdict):
    last = PLATFORMS[name].feedback.follow_up_days
    found = follow_ups.may_follow_up(BUYER, BUYER, True, False, ENDED + days, ENDED, last)
    assert found == verdict
    if verdict == follow_ups.ALLOWED:
        again = follow_ups.may_follow_up(BUYER, BUYER, True, True, ENDED + days, ENDED, last)
        assert again == follow_ups.ONE_ONLY


def test_reviews_by_others_are_amazons_alone():
    for name, rules in PLATFORMS.items():
        r, one = rules.reviews, rules.channels == 1
        bought = (9, r.min_purchases, 99.0, r.min_spend)
        found = reviews.may_review(*bought, False, False, r.open_to_non_buyers, one)
        assert found == (reviews.RATINGS_ONLY if one else reviews.ALLOWED), name
    today = PLATFORMS["amazon"].reviews
    assert reviews.may_review(9, 0, 49.0, today.min_spend, False, False, True) == (
        reviews.NOT_ELIGIBLE
    )


def test_orders_of_one_item_share_a_rating_on_jd_alone():
    days = PLATFORMS["jd"].feedback.same_item_days
    assert feedback.shares_rating(114, 100, days) and not feedback.shares_rating(115, 100, days)
    others = {rules.feedback.same_item_days for n, rules in PLATFORMS.items() if n != "jd"}
    assert others == {None}


@pytest.mark.parametrize(
    ("name", "case", "left"),
    [
        ("taobao", {"rates": True}, True), ("taobao", {"rates": False}, False),  # both silent
        ("jd", {"rates": False}, True), ("jd", {"troubled": True}, False),
        ("ebay", {}, True), ("ebay", {"on_time": False}, False),
        ("ebay", {"tracked": False}, False),
        ("wish", {}, False), ("amazon", {}, False),
    ],
)  # fmt: skip
def test_what_is_left_for_the_silent(name, case, left):
    when = ("never", "always", "if_seller_rated", "clean_delivery").index(
        PLATFORMS[name].defaults.when
    )
    facts = {"rates": True, "troubled": False, "tracked": True, "on_time": True, "fine": True}
    assert defaults.leaves_default(when, **(facts | case)) == left


def test_where_what_is_left_for_the_silent_counts():
    counted = {
        name: {m for m, measure in rules.measures.items() if measure.defaults}
        for name, rules in PLATFORMS.items()
    }
    assert counted["taobao"] == {"credit", "positive"}  # points, never the shop scores
    assert counted["jd"] == {"volume"}  # the index of reviews, not their mean
    assert counted["ebay"] == {"positive"}
    shown = {name for name, rules in PLATFORMS.items() if rules.defaults.in_display}
    assert "jd" not in shown and shown <= {"taobao", "ebay"}


@pytest.mark.parametrize(
    ("good", "rates", "shown"),
    [(True, True, 100), (True, False, 115), (False, True, 102), (False, False, 117)],
)
def test_taobao_rates_blind(good, rates, shown):
    rules = PLATFORMS["taobao"]
    closes = ENDED + rules.feedback.window_days
    found = reveal.shown_from(
        ENDED, rules.reveal.moderation_days, True, good, rates, closes, rules.reveal.bad_after_days
    )
    assert found == shown


def test_jd_looks_at_ratings_first_and_others_do_not():
    days = {name: rules.reveal.moderation_days for name, rules in PLATFORMS.items()}
    assert days.pop("jd") == 2 and set(days.values()) == {0}
    assert [n for n, rules in PLATFORMS.items() if rules.reveal.double_blind] == ["taobao"]


def test_no_platform_in_china_strikes_genuine_ratings_of_its_own_accord():
    for name in ("taobao", "jd"):
        f = PLATFORMS[name].feedback
        assert f.strike_probability == 0.0
        assert f.removal_granted == 0.0 or f.removal == "fold"


# gates ----------------------------------------------------------------------------------------


def outcome(name: str, measure: str, value: float, whole: int) -> set[str]:
    """What follows on a platform where a measure has this value, other conditions apart."""
    found = set()
    for gate in PLATFORMS[name].gates:
        above = gate.above is not None
        limit = gate.above if gate.above is not None else gate.below
        enough = round(value * whole) >= gate.marked_at_least and not gate.confidence
        crossed = crosses(value, whole, limit, above, gate.at_least)
        if gate.measure == measure and enough and crossed:
            found |= {penalty.do for penalty in gate.then}
    return found


@pytest.mark.parametrize(
    ("orders", "share", "follows"),
    [(20, 0.40, set()), (26, 0.21, {"pay_refunds"}), (60, 0.20, set()),
     (60, 0.40, {"pay_refunds", "remove"}), (50, 0.40, {"pay_refunds"})],
)  # fmt: skip
@pytest.mark.parametrize("window", ["young", "old"])
def test_products_of_wish_by_their_refunds(orders, share, follows, window):
    assert outcome("wish", f"product_refunds_{window}", share, orders) == follows


@pytest.mark.parametrize(
    ("share", "follows"),
    [(0.05, set()), (0.08, {"pay_refunds"}), (0.30, {"pay_refunds", "at_risk", "hold_payout"})],
)
def test_stores_of_wish_by_their_refunds(share, follows):
    assert outcome("wish", "refunds_young", share, 100) == follows


@pytest.mark.parametrize(
    ("orders", "defects", "follows"),
    [(100, 4, set()), (100, 5, {"exposure"}), (250, 5, set()), (250, 6, {"exposure"})],
)
def test_sellers_on_ebay_by_defects_and_buyers(orders, defects, follows):
    gates = [g for g in PLATFORMS["ebay"].gates if g.measure == "defects" and g.above is not None]
    above = {
        penalty.do
        for gate in gates
        if defects >= gate.marked_at_least
        and crosses(defects / orders, orders, gate.above, True, gate.at_least)
        for penalty in gate.then
    }
    assert above == follows


def test_points_of_a_year_lead_to_what_the_platform_says():
    steps = {s.at: [p.do for p in s.then] for s in PLATFORMS["taobao"].points.steps}
    assert list(steps) == [12, 24, 36, 48]
    assert steps[12] == ["hide"] and "delist" in steps[24] and steps[48] == ["close"]
    steps = {s.at: [p.do for p in s.then] for s in PLATFORMS["jd"].points.steps}
    assert steps == {25: ["fine"], 50: ["fine"], 75: ["fine"], 100: ["close"]}
    assert {n for n, rules in PLATFORMS.items() if rules.points.steps} == {"taobao", "jd"}


def test_rewards_on_jd_cost_more_every_time():
    """Two points, four, then eight and half of the exposure for a week."""
    penalties = PLATFORMS["jd"].policy.reward.penalties
    due = [
        {p.do: p.amount for p in penalties if p.first_time <= n <= (p.last_time or n)}
        for n in (1, 2, 3, 9)
    ]
    assert due[:2] == [{"points": 2.0}, {"points": 4.0}]
    assert due[2] == due[3] == {"points": 8.0, "exposure": 0.5}


def test_what_amazon_does_about_bought_reviews():
    verdict = PLATFORMS["amazon"].policy.buy_reviews
    assert verdict.says == "forbidden"
    assert {p.do for p in verdict.penalties} == {"deactivate", "wipe_reviews", "block_reviews"}


@pytest.mark.parametrize("name", PLATFORMS)
def test_every_penalty_that_is_stated_is_one_of_the_engines(name):
    from markets import small_market

    table = penalty_arrays(small_market(f"platform={name}"))["penalties"]
    assert np.isin(table["do"], list(DO.values())).all()
