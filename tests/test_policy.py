"""What a platform says of outreach: which line is which kind, and what breaking a rule leads to."""

from __future__ import annotations

import numpy as np
import pytest
from compare import differing
from lines import LOUD, lived, lived_without, market, own, same_tables, total
from markets import small_market

from sim.config.policy import PolicyRules, about
from sim.config.strategy import ACTS, ALL_STARS, Bought, Line, Remedy, Service
from sim.engine import Engine

# --- which kind a line is ------------------------------------------------------------------------

ORDERS = ("order_shipped", "order_delivered", "promise_passed")
STORE = ("odr_above", "state_is", "every_days", "on_day")
OWN_KIND = {"thank": "thank", "ask_feedback": "ask", "ask_review": "ask", "ask_both": "ask",
            "reply_public": "reply_public", "reward": "reward"}  # fmt: skip
TABLE = {
    **{(when, do): OWN_KIND.get(do, "answer") for when in ORDERS for do in ACTS[when]},
    **{(when, do): "answer" for when in ("complaint", "claim_opened")
       for do in ("apologise", "refund", "replace")},
    **{(when, do): kind for when in ("feedback_posted", "review_posted")
       for do, kind in OWN_KIND.items()},
    ("feedback_posted", "apologise"): "write_about_feedback",
    ("feedback_posted", "refund"): "write_about_feedback",
    ("feedback_posted", "replace"): "write_about_feedback",
    ("feedback_posted", "ask_change"): "ask_change_of_feedback",
    ("feedback_posted", "request_removal"): "request_removal",
    ("review_posted", "apologise"): "write_about_review",
    ("review_posted", "refund"): "refund_about_review",
    ("review_posted", "replace"): "write_about_review",
    ("review_posted", "ask_change"): "ask_change_of_review",
    **{(when, do): None for when in STORE for do in ("set_service", "set_price", "pause")},
    **{(when, "buy_reviews"): "buy_reviews" for when in STORE},
}  # fmt: skip
NEEDS = {
    "refund": {"remedy": Remedy(refund=0.5)}, "set_service": {"service": Service(on_time=0.9)},
    "set_price": {"price": 0.9}, "pause": {"pause_days": 1}, "odr_above": {"above": 0.01},
    "state_is": {"state": "at risk"}, "every_days": {"days": 7}, "on_day": {"day": 9},
    "reward": {"reward": 2.0}, "buy_reviews": {"bought": Bought(reviews=2, price=3.0)},
}  # fmt: skip
ALL = [(when, do) for when, acts in ACTS.items() for do in acts]


def line(when: str, do: str, **more) -> Line:
    return Line(when=when, do=do, **NEEDS.get(when, {}), **NEEDS.get(do, {}), **more)


def test_the_table_of_kinds_is_whole():
    assert set(TABLE) == set(ALL)
    kinds = {kind for kind in TABLE.values() if kind} | {"ask_selectively"}
    assert kinds | {"wrong_removal"} == set(PolicyRules.model_fields)


@pytest.mark.parametrize(("when", "do"), ALL)
def test_every_act_on_every_event_is_of_one_kind(when, do):
    assert about(line(when, do)) == TABLE[when, do]


@pytest.mark.parametrize(("when", "do"), [pair for pair in ALL if "posted" in pair[0]])
@pytest.mark.parametrize("stars", [(4, 5), (1,), (5, 4, 3, 2), (1, 2, 3, 4, 5), (5, 4, 3, 2, 1)])
def test_picking_stars_makes_a_request_selective_and_nothing_else(when, do, stars):
    kind = about(line(when, do, stars=stars))
    if TABLE[when, do] == "ask" and set(stars) != ALL_STARS:
        assert kind == "ask_selectively"
    else:
        assert kind == TABLE[when, do]


def test_other_filters_do_not_make_a_request_selective():
    some = dict(reviewed=False, contacted=False, days_since=(0, 9), after_days=3, per_day=1)
    assert about(line("feedback_posted", "ask_review", **some)) == "ask"


# --- being found out -----------------------------------------------------------------------------

ONE_A_MONTH = "{when: feedback_posted, do: thank, budget: 0.1}"
THANK = "{when: feedback_posted, do: thank}"
ACCOUNT = ("platform.account.plan_days=5", "platform.account.plan_accepted=1.0")


def says(kind: str, verdict: str) -> tuple[str, ...]:
    return (f"platform.policy.{kind}={{says: {verdict}}}", *ACCOUNT)


def test_who_is_found_out_is_deactivated_that_evening_and_comes_back_by_a_plan():
    engine = lived(ONE_A_MONTH, more=says("thank", "forbidden, found_out: 1.0"))
    sent, found = own(engine, "forbidden"), own(engine, "found_out")
    assert sent.tolist() == found.tolist()
    days = np.flatnonzero(sent)
    assert len(days) == 4 and sent.sum() == 4, "one in every 30 days"
    off = {day + k for day in days for k in range(5)}
    states = own(engine, "state")
    assert {day for day in range(120) if states[day] == "deactivated"} == off & set(range(120))
    assert set(states) == {"deactivated", "healthy"}
    orders = own(engine, "orders")
    assert orders[[day + 1 for day in off if day + 1 < 120]].sum() == 0
    assert orders[days].sum() > 0


def test_what_is_sent_while_deactivated_keeps_no_plan_from_being_judged():
    engine = lived(THANK, more=says("thank", "forbidden, found_out: 1.0"))
    states, found = own(engine, "state"), own(engine, "found_out")
    first = int(np.flatnonzero(found)[0])
    assert set(states[:first]) <= {"healthy"}
    assert set(states[first : first + 5]) == {"deactivated"}
    back = np.flatnonzero((states[1:] == "healthy") & (states[:-1] == "deactivated")) + 1
    assert back.size > 0 and (found[back] == 0).all()


@pytest.mark.parametrize(
    ("verdict", "forbidden"),
    [("allowed", False), ("tolerated", False), ("forbidden", True),
     ("forbidden, found_out: 0.0", True)],
)  # fmt: skip
def test_nobody_is_found_out_where_nobody_looks(verdict, forbidden):
    plain = lived(THANK)
    engine = lived(THANK, more=says("thank", verdict))
    assert total(engine, "found_out") == 0 and set(own(engine, "state")) == {"healthy"}
    answers = total(lived_without(), "contacts")
    thanks = total(engine, "contacts") - answers
    assert thanks > 50
    assert total(engine, "forbidden") == pytest.approx(thanks if forbidden else 0.0, abs=10)
    assert own(engine, "orders").tolist() == own(plain, "orders").tolist()


def test_a_platform_may_find_out_and_do_nothing():
    never = lived(THANK, more=says("thank", "forbidden"))
    engine = lived(THANK, more=says("thank", "forbidden, found_out: 1.0, penalties: []"))
    assert total(engine, "found_out") == total(engine, "forbidden") > 50
    assert own(engine, "state").tolist() == own(never, "state").tolist()
    assert own(engine, "orders").tolist() == own(never, "orders").tolist()


def test_a_share_of_the_messages_is_found_out_and_a_larger_chance_finds_the_same_and_more():
    found = []
    for chance in (0.2, 0.6):
        verdict = f"forbidden, found_out: {chance}, penalties: []"
        engine = lived(THANK, more=says("thank", verdict))
        share = total(engine, "found_out") / total(engine, "forbidden")
        assert share == pytest.approx(chance, abs=0.12)
        found.append(own(engine, "found_out"))
    assert (found[0] <= found[1]).all()


FORBIDDEN = [
    ("thank", "{when: order_delivered, do: thank}"),
    ("ask", "{when: order_delivered, do: ask_review}"),
    ("ask", "{when: feedback_posted, stars: [1, 2, 3, 4, 5], do: ask_both}"),
    ("ask_selectively", "{when: feedback_posted, stars: [4, 5], do: ask_review}"),
    ("answer", "{when: complaint, do: apologise}"),
    ("answer", "{when: promise_passed, do: refund, remedy: {refund: 0.1}}"),
    ("write_about_feedback", "{when: feedback_posted, do: apologise}"),
    ("write_about_review", "{when: review_posted, do: replace}"),
    ("refund_about_review", "{when: review_posted, do: refund, remedy: {refund: 0.1}}"),
    ("ask_change_of_feedback", "{when: feedback_posted, do: ask_change}"),
    ("ask_change_of_review", "{when: review_posted, do: ask_change}"),
    ("reply_public", "{when: review_posted, do: reply_public}"),
    ("request_removal", "{when: feedback_posted, do: request_removal}"),
    ("reward", "{when: order_shipped, do: reward, reward: 2.0}"),
    ("buy_reviews", "{when: on_day, day: 9, do: buy_reviews, bought: {reviews: 3, price: 2}}"),
]


@pytest.mark.parametrize(("kind", "text"), FORBIDDEN)
def test_every_kind_can_be_found_out_and_by_its_own_verdict_alone(kind, text):
    sure = "forbidden, found_out: 1.0"
    engine = lived(text, more=("days=40", *says(kind, sure)))
    assert total(engine, "found_out") == total(engine, "forbidden") > 0
    assert "deactivated" in set(own(engine, "state"))
    others = [name for name in PolicyRules.model_fields if name != kind]
    if kind == "request_removal":  # a wrong one is of both kinds
        others.remove("wrong_removal")
    elsewhere = tuple(f"platform.policy.{name}={{says: {sure}}}" for name in others)
    plain = lived(text, more=("days=40", f"platform.policy.{kind}={{says: allowed}}", *elsewhere))
    assert total(plain, "forbidden", "found_out") == 0
    assert set(own(plain, "state")) == {"healthy"}


def test_care_breaks_no_rule():
    """Answers that no line asked for are never looked into."""
    engine = lived_without("platform.policy.answer={says: forbidden, found_out: 1.0}")
    assert total(engine, "contacts") > 20 and total(engine, "forbidden", "found_out") == 0


SICK = ("sellers.0.damaged=1.0", "speaking.everyone_posts=true", "platform.odr.lag_days=0")


def test_not_enforcing_the_odr_leaves_the_rules_of_outreach():
    off = (*SICK, "platform.account.enforced=false")
    silent = lived_without(*off)
    assert set(own(silent, "state")) == {"healthy"} and own(silent, "odr")[-1] > 0.01
    engine = lived(ONE_A_MONTH, more=(*off, *says("thank", "forbidden, found_out: 1.0")))
    assert set(own(engine, "state")) == {"healthy", "deactivated"}
    on = lived_without(*SICK, "platform.account.enforced=true")
    assert "at risk" in set(own(on, "state"))


def test_only_who_breaks_the_rule_is_punished():
    engine = lived(ONE_A_MONTH, more=says("thank", "forbidden, found_out: 1.0"))
    table = engine.tables()["sellers"]
    others = table["seller"] != "Northwind"
    assert table["forbidden"][others].sum() == 0
    assert set(table["state"][others]) <= {"healthy", "left"}
    rivals = lived(THANK, more=("rivals.strategy=mine", "sellers.0.strategy=none",
                                *says("thank", "forbidden, found_out: 1.0")))  # fmt: skip
    table = rivals.tables()["sellers"]
    others = table["seller"] != "Northwind"
    assert (table["state"][others] == "deactivated").any()
    assert set(own(rivals, "state")) == {"healthy"}


def test_what_was_found_out_before_day_one_is_forgotten():
    """Accounts are judged from day 1 on; messages of the past bring nobody down."""
    engine = Engine(market("{when: order_delivered, do: thank}",
                           more=says("thank", "forbidden, found_out: 1.0")))  # fmt: skip
    assert engine.day == 1 and engine.world.sellers["state"][0] == 0


@pytest.mark.parametrize(
    "text",
    [
        "{when: feedback_posted, do: thank, after_days: 25}",
        "{when: order_shipped, do: ask_both, after_days: 25}",
        "{when: review_posted, do: reply_public, after_days: 25}",
        "{when: promise_passed, do: apologise, tone: 1.0, after_days: 25}",
    ],
)
def test_nothing_differs_before_the_first_forbidden_message(text):
    young = ("past.days=0", "days=60", "sellers.0.on_time=0.5")
    config = market(text, more=(*young, *(f"platform.policy.{kind}.{value}"
        for kind in ("thank", "ask", "reply_public", "answer")
        for value in ("says=forbidden", "found_out=1.0"))))  # fmt: skip
    engine, silent = Engine(config), Engine(small_market(*LOUD, *young))
    mail = ("inbox.", "mail.", "pending.", "now.n_inbox", "now.n_pending", "line_use.")
    written = ("lines.", "strategies.", "sellers.strategy", "penalties.", "verdicts.", *mail)
    for _ in range(26):
        engine.live_a_day()
        silent.live_a_day()
        found = [n for n in differing(engine.world, silent.world) if not n.startswith(written)]
        assert found == []
    engine.live_through(60)
    silent.live_through(60)
    assert not same_tables(engine, silent) and total(engine, "found_out") > 0
