"""Every line of the strategy language does what it says, and nothing before its first act."""

from __future__ import annotations

import numpy as np
import pytest
from lines import FEEDBACK, LOUD, REVIEWS, kinds, lived, own, sent_by_day, total
from markets import small_market

from sim import state
from sim.engine import Engine


@pytest.fixture(scope="module")
def silent() -> Engine:
    engine = Engine(small_market(*LOUD))
    engine.live_through(engine.last_day)
    return engine


ASK = "{{when: order_delivered, do: {}, after_days: {}}}"


@pytest.mark.parametrize(
    ("do", "feedback", "reviews"),
    [("ask_feedback", True, False), ("ask_review", False, True), ("ask_both", True, True)],
)
def test_who_is_asked_writes_more_in_that_channel(silent, do, feedback, reviews):
    asked = lived(ASK.format(do, 1))
    # of an order: what is asked for shows on the page, and that moves how many there are
    fewer = total(silent, "orders") / total(asked, "orders")
    more_feedback = fewer * total(asked, *FEEDBACK) / total(silent, *FEEDBACK)
    more_reviews = (
        fewer * total(asked, *REVIEWS, table="listings") / total(silent, *REVIEWS, table="listings")
    )
    assert (more_feedback > 1.15) == feedback, more_feedback
    assert (more_reviews > 1.3) == reviews, more_reviews
    assert total(asked, "contacts") > 5 * total(silent, "contacts")


def test_asking_prompts_the_unhappy_too_and_screening_does_not(silent):
    everyone = lived(ASK.format("ask_review", 1))
    happy = lived("{when: feedback_posted, stars: [4, 5], do: ask_review}")
    low = {
        name: total(e, "reviews_1", "reviews_2", table="listings")
        for name, e in (("silent", silent), ("everyone", everyone), ("happy", happy))
    }
    assert low["everyone"] > 1.2 * low["silent"]
    added = {
        name: total(e, *REVIEWS, table="listings") - total(silent, *REVIEWS, table="listings")
        for name, e in (("everyone", everyone), ("happy", happy))
    }
    worse = {name: (low[name] - low["silent"]) / added[name] for name in added}
    assert worse["happy"] < worse["everyone"]


def test_what_was_asked_for_is_less_extreme(silent):
    asked = lived(ASK.format("ask_review", 1), more=("responding.ask_review=10.0",))
    middle = [
        total(e, *REVIEWS[1:4], table="listings") / total(e, *REVIEWS, table="listings")
        for e in (silent, asked)
    ]
    assert middle[1] > 1.2 * middle[0]


def test_a_request_lifts_the_chance_by_the_stated_factor():
    """Where the lift is 1 nothing changes but the money spent on asking."""
    none = lived(ASK.format("ask_both", 1), more=("responding.ask_review=1.0",
                 "responding.ask_feedback=1.0", "responding.opt_out=0.0"))  # fmt: skip
    silent = Engine(small_market(*LOUD, "responding.opt_out=0.0"))
    silent.live_through(silent.last_day)
    for columns, table in ((FEEDBACK, "sellers"), (REVIEWS, "listings")):
        assert total(none, *columns, table=table) == total(silent, *columns, table=table)
    assert total(none, "profit") < total(silent, "profit")


def test_nothing_differs_before_the_first_act():
    """Switching a strategy on leaves everything as it was until its first message."""
    more = ("past.days=0",)
    late = lived("{when: feedback_posted, stars: [1], do: apologise, after_days: 30}", more=more)
    silent = Engine(small_market(*LOUD, *more))
    silent.live_through(silent.last_day)
    sent = np.flatnonzero(own(late, "contacts") != own(silent, "contacts"))[0]
    assert sent >= 30
    for name, columns in silent.tables().items():
        early = columns["day"] <= sent
        for column, values in columns.items():
            if column not in ("defects", "odr_final"):
                found = late.tables()[name][column][early]
                assert found.tolist() == values[early].tolist() or (
                    values.dtype.kind == "f"
                    and np.array_equal(found, values[early], equal_nan=True)
                ), (name, column)


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("{when: feedback_posted, stars: [4, 5], do: thank}", state.THANK),
        ("{when: feedback_posted, stars: [4, 5], reviewed: false, do: ask_review}",
         state.ASK_REVIEW),
        ("{when: review_posted, stars: [1, 2, 3], verified: true, do: apologise}",
         state.APOLOGISE),
        ("{when: review_posted, stars: [1, 2], do: refund, remedy: {refund: 0.5}}", state.REFUND),
        ("{when: feedback_posted, stars: [1, 2], do: replace}", state.REPLACE),
        ("{when: order_shipped, do: ask_feedback}", state.ASK_FEEDBACK),
        ("{when: order_delivered, do: ask_both, after_days: 5}", state.ASK_BOTH),
        ("{when: claim_opened, do: refund, remedy: {refund: 1.0}}", state.REFUND),
    ],
)  # fmt: skip
def test_a_line_acts_on_its_event_and_on_nothing_else(line, kind):
    engine, arrived = sent_by_day((line,))
    rows = kinds(arrived, kind)
    assert len(rows) > 0
    others = [k for k in np.unique(np.concatenate(arrived)["kind"]) if k != state.ANSWER]
    assert others == [kind]
    posts = engine.world.posts
    if "feedback_posted" in line or "review_posted" in line:
        wanted = {int(c) for c in line.split("[")[1].split("]")[0].split(",")}
        assert set(posts["first_stars"][rows["post"]].tolist()) <= wanted
        channel = state.FEEDBACK if "feedback_posted" in line else state.REVIEW
        assert (posts["channel"][rows["post"]] == channel).all()
    if "verified" in line:
        assert (posts["verified"][rows["post"]] == 1).all()


def test_after_days_counts_from_reading():
    """Posted on day d, read on d + 1, sent after_days later, heard the next morning."""
    for after in (0, 4):
        line = f"{{when: feedback_posted, stars: [5], do: thank, after_days: {after}}}"
        engine, arrived = sent_by_day((line,))
        posted = engine.world.posts["posted"]
        for day, rows in enumerate(arrived, start=1):
            thanks = rows[rows["kind"] == state.THANK]
            assert (posted[thanks["post"]] == day - 1 - after).all()


def test_capacity_puts_off_and_a_budget_leaves_out():
    line = "{{when: order_delivered, do: ask_review, {}}}"
    _, free = sent_by_day((line.format("tone: 0.5"),))
    _, few = sent_by_day((line.format("tone: 0.5, per_day: 1"),))
    _, poor = sent_by_day((line.format("tone: 0.5, budget: 3"),))
    count = lambda arrived: [int((r["kind"] == state.ASK_REVIEW).sum()) for r in arrived]  # noqa: E731
    assert max(count(free)) > 1 == max(count(few))
    assert sum(count(few)) == 120  # every day, as there is always somebody who waits
    for month in range(4):
        spent = sum(count(poor)[30 * month : 30 * month + 30]) * 0.1
        assert 0 < spent <= 3.0
    assert sum(count(poor)) < sum(count(free))


def test_who_has_opted_out_gets_no_messages_but_answers():
    line = ("{when: feedback_posted, stars: [1, 2, 3, 4, 5], do: thank}",)
    _, arrived = sent_by_day(line, more=("platform.contact.opted_out_share=1.0",))
    assert set(np.concatenate(arrived)["kind"].tolist()) == {state.ANSWER}
    _, arrived = sent_by_day(line, more=("responding.opt_out=1.0",))
    rows = kinds(arrived, state.THANK)
    # Only what was sent before the first message was heard may come twice.
    assert len(rows) < 1.05 * len(set(rows["user"].tolist()))


def test_contacted_and_days_since_are_what_the_seller_knows():
    first = "{when: order_shipped, do: ask_feedback}"
    engine, again = sent_by_day((first, "{when: feedback_posted, contacted: false, do: thank}"))
    for thanks in kinds(again, state.THANK):  # written before anything could be shipped
        row = engine.world.orders[thanks["order"] % engine.world.orders.size]
        assert row["dispatched"] >= engine.world.posts["posted"][thanks["post"]] - 1
    _, known = sent_by_day((first, "{when: feedback_posted, contacted: true, do: thank}"))
    assert len(kinds(known, state.THANK)) > 0
    engine, arrived = sent_by_day(("{when: order_delivered, do: ask_review, days_since: [0, 8]}",))
    rows = kinds(arrived, state.ASK_REVIEW)
    w = engine.world
    late = rows[rows["order"] >= w.count("oldest_order")]
    placed = w.orders["placed"][late["order"] % w.orders.size]
    delivered = w.orders["delivered"][late["order"] % w.orders.size]
    assert len(late) and (delivered + 1 - placed <= 8).all()


def test_a_line_on_complaints_replaces_the_sellers_own_answer():
    _, care = sent_by_day(("{when: feedback_posted, stars: [5], do: thank}",))
    _, line = sent_by_day(("{when: complaint, do: apologise, tone: 1.0, remedy: {refund: 1.0}}",))
    answers = [kinds(arrived, state.ANSWER) for arrived in (care, line)]
    assert set(answers[0]["tone"].tolist()) == {0.5} and set(answers[0]["refund"]) == {0.0}
    assert set(answers[1]["tone"].tolist()) == {1.0} and set(answers[1]["refund"]) == {1.0}
    assert len(answers[1]) > 1.5 * len(answers[0])  # care answers half of them


def test_money_without_apology_moves_fewer_authors():
    changed = {}
    for do in ("apologise", "refund, remedy: {refund: 1.0}"):
        engine = lived(f"{{when: feedback_posted, stars: [1, 2, 3], do: {do}}}",
                       more=("reconsidering.clumsy_share=0.0", "platform.feedback.leave_rate=1.0",
                             "sellers.0.damaged=0.4"))  # fmt: skip
        posts = engine.world.posts[: engine.world.count("n_posts")]
        bad = (posts["channel"] == state.FEEDBACK) & (posts["first_stars"] <= 3)
        bad &= posts["seller"] == 0
        moved = np.isin(posts["status"][bad], (state.CHANGED, state.DELETED))
        changed[do[:6]] = moved.mean()
    assert 0.08 < changed["refund"] < 0.75 * changed["apolog"] < 0.5


def test_a_further_message_about_an_order_does_less():
    double = ("{when: order_delivered, do: ask_review}",
              "{when: order_delivered, do: ask_both, after_days: 1}")  # fmt: skip
    more = ("responding.ask_feedback=3.0", "responding.further_message={}")
    totals = [
        total(lived(*double, more=(more[0], more[1].format(x))), *FEEDBACK) for x in (1.0, 0.0)
    ]
    assert totals[0] > 1.2 * totals[1]


def test_a_clumsy_message_to_somebody_with_nothing_to_lose_adds_a_review():
    line = "{when: feedback_posted, stars: [1], do: apologise}"
    counts = [
        total(
            lived(line, more=("reconsidering.apology=0.0", "reconsidering.ask_change=0.0",
                                  f"reconsidering.clumsy_share={x}",
                              "sellers.0.damaged=0.4", "platform.reviews.leave_rate=0.02")),
            "reviews_1", "reviews_2", table="listings",
        )
        for x in (0.0, 1.0)
    ]  # fmt: skip
    assert counts[1] > counts[0]


def test_thanks_do_nothing_unless_the_parameters_say_so(silent):
    line = "{when: feedback_posted, stars: [4, 5], do: thank}"
    plain = lived(line, more=("responding.opt_out=0.0",))
    assert total(plain, *REVIEWS, table="listings") == total(silent, *REVIEWS, table="listings")
    warm = lived(line, more=("responding.opt_out=0.0", "responding.thank_posting=2.0"))
    assert total(warm, *REVIEWS, table="listings") > total(plain, *REVIEWS, table="listings")
    back = lived(line, more=("responding.opt_out=0.0", "responding.thank_return=1.0"))
    assert total(back, "orders") != total(plain, "orders")


def test_a_replacement_costs_goods_and_service_once_more():
    """With nobody moved by it, the store is poorer by exactly what was sent again."""
    line = ("{when: feedback_posted, stars: [1, 2], do: replace, tone: 0.0}",)
    unmoved = (
        "responding.opt_out=0.0", "reconsidering.apology=0.0", "reconsidering.money=0.0",
        "reconsidering.clumsy_share=0.0", "run_out=0",
    )  # fmt: skip
    engine, arrived = sent_by_day(line, more=unmoved)
    silent = Engine(small_market(*LOUD, *unmoved))
    silent.live_through(silent.last_day)
    sent = kinds(arrived, state.REPLACE)
    listings = engine.world.posts["listing"][sent["post"]]
    goods = engine.world.listings["unit_cost"][listings].sum() / 100.0
    service = len(sent) * engine.world.sellers["service_cost"][0] / 100.0
    lost = total(silent, "profit") - total(engine, "profit")
    assert len(sent) > 3 and lost == pytest.approx(goods + service)


def test_adopters_are_nested_and_follow_the_rivals_strategy():
    def followers(share: float) -> set[int]:
        engine = Engine(
            small_market("rivals.count=40", "strategies={mine: []}", "rivals.strategy=mine",
                         f"rivals.adopters={share}", "past.days=0")
        )  # fmt: skip
        rows = engine.world.sellers[1 : engine.world.count("n_sellers")]
        return set(np.flatnonzero(rows["strategy"] == 1).tolist())

    few, many, everyone = (followers(share) for share in (0.2, 0.6, 1.0))
    assert few < many < everyone and len(everyone) == 40
    assert followers(0.0) == set()


def test_rivals_do_not_follow_the_focal_sellers_strategy(silent):
    asked = lived(ASK.format("ask_review", 1))

    def per_order(engine: Engine) -> float:
        """Messages of the others, who answer complaints: whatever Northwind's customers leave."""
        table = engine.tables()["sellers"]
        others = table["seller"] != "Northwind"
        return table["contacts"][others].sum() / table["orders"][others].sum()

    assert per_order(asked) == pytest.approx(per_order(silent), rel=0.2)


def test_thanks_bring_no_store_to_mind_that_was_not_judged_yet():
    """Before the parcel has come there is no satisfaction to be remembered."""
    line = "{when: order_shipped, do: thank}"
    low = {}
    for chance in (0.0, 1.0):
        engine = lived(line, more=("days=40", f"responding.thank_return={chance}"))
        memory = engine.world.memory
        low[chance] = int(((memory["seller"] == 0) & (memory["stars"] == 1)).sum())
    assert 0 < low[1.0] <= 1.2 * low[0.0] + 3
