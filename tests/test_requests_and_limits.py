"""What holds messages back: the platform's window, one request an order, opt-out, own limits."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from lines import (
    FEEDBACK,
    REVIEWS,
    UNMOVED,
    kinds,
    lived,
    lived_without,
    own,
    same_tables,
    sent_by_day,
    total,
)

from sim import state
from sim.engine import Engine

ON_SHIPPING = "{when: order_shipped, do: ask_review}"
ON_DELIVERY = "{{when: order_delivered, do: {}, after_days: {}}}"
WINDOW = ("platform.contact.request_from_days=5", "platform.contact.request_to_days=30",
          "responding.opt_out=0.0", "days=90")  # fmt: skip
ONCE = "platform.contact.one_request_per_order=true"
BOTH = "platform.contact.requests_ask_both=true"


def with_orders(engine: Engine, arrived: list, kind: int) -> tuple[np.ndarray, np.ndarray]:
    """(orders that are still kept, days on which the messages of this kind about them were sent)"""
    w, orders, days = engine.world, [], []
    for day, rows in enumerate(arrived, start=1):
        for row in rows[(rows["kind"] == kind) & (rows["order"] >= w.count("oldest_order"))]:
            orders.append(w.orders[row["order"] % w.orders.size])
            days.append(day)
    return np.array(orders), np.array(days)


# --- the platform's window -----------------------------------------------------------------------


def test_a_request_that_is_too_early_waits_for_the_window():
    engine, arrived = sent_by_day((ON_SHIPPING,), more=WINDOW)
    orders, sent = with_orders(engine, arrived, state.ASK_REVIEW)
    assert sent.size > 100
    assert (sent == orders["delivered"] + 5).all()
    free, arrived = sent_by_day((ON_SHIPPING,), more=WINDOW[2:])
    orders, sent = with_orders(free, arrived, state.ASK_REVIEW)
    assert (sent == orders["dispatched"] + 1).all() and (sent < orders["delivered"] + 2).all()


def test_a_request_within_the_window_goes_out_at_once():
    engine, arrived = sent_by_day((ON_DELIVERY.format("ask_review", 9),), more=WINDOW)
    orders, sent = with_orders(engine, arrived, state.ASK_REVIEW)
    assert sent.size > 100 and (sent == orders["delivered"] + 10).all()


@pytest.mark.parametrize(("after", "sent"), [(28, True), (29, True), (30, False), (60, False)])
def test_a_request_that_is_too_late_is_never_sent(after, sent):
    """Delivered in the evening and read the day after, so 29 days later is the thirtieth."""
    engine = lived(ON_DELIVERY.format("ask_feedback", after), more=WINDOW)
    assert (total(engine, "spent_outreach") > 0) == sent
    assert (engine.world.orders["asked"] & state.REQUESTED != 0).any() == sent


def test_thanks_and_words_need_no_window():
    thank = lived("{when: order_shipped, do: thank}", more=WINDOW)
    assert same_tables(thank, lived("{when: order_shipped, do: thank}", more=WINDOW[2:]))


# --- once, and both together ---------------------------------------------------------------------

TWICE = (ON_DELIVERY.format("ask_feedback", 1), ON_DELIVERY.format("ask_review", 3))


def test_a_second_request_about_an_order_is_refused():
    several = (ON_SHIPPING, *TWICE, ON_DELIVERY.format("ask_both", 3))
    engine, arrived = sent_by_day(several, more=(*WINDOW[2:], ONCE))
    asked = np.concatenate(arrived)
    asked = asked[(asked["kind"] >= state.ASK_FEEDBACK) & (asked["kind"] <= state.ASK_BOTH)]
    assert asked.size > 100 and len(set(asked["order"].tolist())) == asked.size
    assert set(asked["kind"].tolist()) == {state.ASK_REVIEW}
    _, free = sent_by_day(several, more=WINDOW[2:])
    assert {len(kinds(free, k)) > 100 for k in range(state.ASK_FEEDBACK, state.ASK_BOTH + 1)} == {
        True
    }
    assert total(engine, "spent_outreach") == pytest.approx(0.10 * asked.size)


def test_a_refused_request_does_nothing():
    assert same_tables(
        lived(TWICE[0], more=(*WINDOW[2:], ONCE)), lived(*TWICE, more=(*WINDOW[2:], ONCE))
    )


@pytest.mark.parametrize("do", ["ask_feedback", "ask_review", "ask_both"])
def test_the_button_asks_for_both_whatever_was_meant(do):
    line = ON_DELIVERY.format(do, 1)
    both = lived(ON_DELIVERY.format("ask_both", 1), more=WINDOW[2:])
    button = lived(line, more=(*WINDOW[2:], BOTH))
    for columns, table in ((FEEDBACK, "sellers"), (REVIEWS, "listings")):
        found, expected = (total(e, *columns, table=table) for e in (button, both))
        assert found == pytest.approx(expected, rel=0.02)
    _, arrived = sent_by_day((line,), more=(*WINDOW[2:], BOTH))
    asked = np.concatenate(arrived)["kind"]
    assert set(asked[asked != state.ANSWER].tolist()) == {state.ASK_BOTH}


def test_nobody_is_asked_about_a_cancelled_order_or_one_long_gone():
    line = "{when: feedback_posted, do: ask_review}"
    engine, arrived = sent_by_day((line,), more=("sellers.0.cancelled=0.5", *WINDOW[2:]))
    orders, _ = with_orders(engine, arrived, state.ASK_REVIEW)
    assert orders.size > 10 and (orders["trouble"] != state.CANCELLED_ORDER).all()
    feedback = engine.world.posts[: engine.world.count("n_posts")]
    about = feedback["order"][feedback["order"] >= engine.world.count("oldest_order")]
    trouble = engine.world.orders["trouble"][about % engine.world.orders.size]
    assert (trouble == state.CANCELLED_ORDER).any()
    short = ("platform.feedback.window_days=30", "platform.feedback.change_window_days=0",
             "days=200", "responding.opt_out=0.0")  # fmt: skip
    gone = lived(ON_DELIVERY.format("ask_review", 150), more=short)
    assert gone.world.count("oldest_order") > 0
    assert same_tables(gone, lived_without(*short))


# --- who wants no messages -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "second",
    [
        "{when: order_shipped, do: ask_review, after_days: 12}",
        "{when: order_shipped, do: thank, after_days: 12}",
    ],
)
def test_opting_out_stops_what_was_already_on_its_way(second):
    first = "{when: order_shipped, do: ask_feedback}"
    counts = []
    for chance in (0.0, 1.0):
        more = ("past.days=0", "days=60", f"responding.opt_out={chance}")
        engine, arrived = sent_by_day((first, second), more=more)
        kind = state.THANK if "thank" in second else state.ASK_REVIEW
        late = kinds(arrived, kind)
        counts.append((len(late), len(kinds(arrived, state.ASK_FEEDBACK))))
        paid = sum(counts[-1]) * 0.10
        assert total(engine, "spent_outreach") == pytest.approx(paid, abs=0.01)
    assert counts[0][0] > 50 and counts[1][0] == 0 < counts[1][1]


def test_answers_and_word_of_late_orders_reach_who_opted_out():
    out = ("platform.contact.opted_out_share=1.0", "sellers.0.on_time=0.5")
    for line in ("{when: promise_passed, do: apologise}",
                 "{when: complaint, do: refund, remedy: {refund: 0.1}}",
                 "{when: claim_opened, do: replace}"):  # fmt: skip
        assert total(lived(line, more=out), "spent_outreach") > 0
    for line in ("{when: feedback_posted, do: apologise}", "{when: review_posted, do: replace}",
                 "{when: order_delivered, do: thank}", "{when: feedback_posted, do: ask_change}",
                 ON_SHIPPING):  # fmt: skip
        assert same_tables(lived(line, more=out), lived_without(*out))


def test_without_a_channel_no_author_of_a_review_is_reached():
    shut = ("platform.contact.match_review=0.0", "platform.reviews.leave_rate_unbought=0.02")
    for do in ("apologise", "ask_change", "thank", "ask_feedback", "replace"):
        line = f"{{when: review_posted, do: {do}}}"
        assert same_tables(lived(line, more=shut), lived_without(*shut))
    _, arrived = sent_by_day(("{when: review_posted, do: thank}",), more=shut[1:])
    engine, _ = sent_by_day(("{when: review_posted, do: thank}",), more=shut[1:])
    thanked = engine.world.posts[kinds(arrived, state.THANK)["post"]]
    assert thanked.size > 10 and (thanked["verified"] == 1).all()


# --- limits of a line ----------------------------------------------------------------------------


def in_month(arrived: list, kind: int) -> list[int]:
    counts = [int((rows["kind"] == kind).sum()) for rows in arrived]
    return [sum(counts[k : k + 30]) for k in range(0, len(counts), 30)]


@pytest.mark.parametrize("more", [WINDOW, (*WINDOW, ONCE), (*WINDOW[2:], ONCE)])
def test_what_the_platform_puts_off_or_refuses_is_taken_back_from_the_limits(more):
    """Three requests about every order, twenty a month paid for: all twenty are sent."""
    limited = [line.replace("}", ", budget: 2}") for line in (ON_SHIPPING, *TWICE)]
    engine, arrived = sent_by_day(tuple(limited), more=more)
    requests = [in_month(arrived, k) for k in (state.ASK_FEEDBACK, state.ASK_REVIEW)]
    # The line on shipping asks for a review, and so does the last one.
    assert [month[1:] for month in requests] == [[20, 20], [40, 40]]
    sent = np.concatenate(arrived[60:])
    for line in range(3):
        of_line = (sent["line"] == engine.world.strategies["first"][1] + line).sum()
        assert engine.world.line_use["spent"][0, line] == 10 * of_line <= 200


def test_a_limit_a_day_counts_what_went_out():
    line = ON_SHIPPING.replace("}", ", per_day: 2}")
    for more in (WINDOW[2:], WINDOW):
        _, arrived = sent_by_day((line,), more=more)
        counts = [int((rows["kind"] == state.ASK_REVIEW).sum()) for rows in arrived]
        assert max(counts) == 2 and counts[40:].count(2) > 40


def test_every_line_has_limits_of_its_own():
    lines = ("{when: order_shipped, do: thank, per_day: 1}",
             "{when: order_shipped, do: ask_review, per_day: 3}",
             "{when: order_delivered, do: ask_feedback, budget: 1}")  # fmt: skip
    _, arrived = sent_by_day(lines, more=WINDOW[2:])
    per_day = {k: max(int((rows["kind"] == k).sum()) for rows in arrived)
               for k in (state.THANK, state.ASK_REVIEW)}  # fmt: skip
    assert per_day == {state.THANK: 1, state.ASK_REVIEW: 3}
    assert in_month(arrived, state.ASK_FEEDBACK) == [10, 10, 10]


def test_what_waited_longest_goes_first():
    line = "{when: order_shipped, do: thank, per_day: 3}"
    _, arrived = sent_by_day((line,), more=(*WINDOW[2:], "buyers.trips_per_year=120.0"))
    about = [rows["about"][rows["kind"] == state.THANK] for rows in arrived]
    assert [day.size for day in about] == [3] * len(about)
    assert all(now.max() <= later.min() for now, later in pairwise(about))
    waits = [int(day - 1 - rows["about"].max()) for day, rows in enumerate(arrived, 1) if rows.size]
    assert max(waits) > 20, "there is a queue"


@pytest.mark.parametrize("limit", ["per_day: 0", "budget: 0"])
def test_a_limit_of_nought_is_doing_nothing(limit):
    more = ("responding.opt_out=0.0", "days=60")
    line = f"{{when: order_shipped, do: thank, {limit}}}"
    assert same_tables(lived(line, more=more), lived_without(*more))


def test_a_budget_pays_for_words_money_and_goods():
    more = (*UNMOVED, "sellers.0.damaged=0.4", "platform.feedback.leave_rate=1.0", "days=90")
    for act in ("apologise, tone: 1.0", "refund, remedy: {refund: 0.5}", "replace, tone: 0.0"):
        line = f"{{when: feedback_posted, stars: [1, 2, 3], do: {act}LIMIT}}"
        rich, poor = (
            lived(line.replace("LIMIT", limit), more=more) for limit in ("", ", budget: 40")
        )
        spent = own(poor, "spent_outreach").reshape(3, 30).sum(axis=1)
        assert spent.sum() > 20 and (spent <= 40).all()
        assert total(rich, "spent_outreach") > 1.2 * spent.sum()


# --- complaints whose line has no money ----------------------------------------------------------

AT_ONCE = "sellers.0.care={answers: 0.5, delay_days: 0.0, tone: 0.5, refund: 0.2}"


@pytest.mark.parametrize("act", ["apologise, tone: 1.0", "refund, remedy: {refund: 1.0}, tone: 0.3",
                                 "replace"])  # fmt: skip
def test_a_complaint_is_answered_with_care_where_the_line_has_no_money(act):
    line = f"{{when: complaint, do: {act}, budget: 0}}"
    assert same_tables(lived(line, more=(AT_ONCE,)), lived_without(AT_ONCE))
    assert (
        total(lived(line.replace("budget: 0", "budget: 500"), more=(AT_ONCE,)), "spent_outreach")
        > 50
    )


@pytest.mark.parametrize("event", ["order_shipped", "promise_passed"])
def test_no_other_line_falls_back_on_care(event):
    """What care says of a complaint is said once, whatever other messages had no money."""
    more = (AT_ONCE, "sellers.0.on_time=0.5", "platform.claims.answer_days=30",
            "sellers.0.care.answers=1.0", "sellers.0.care.delay_days=9.0")  # fmt: skip
    line = f"{{when: {event}, do: apologise, tone: 1.0, after_days: 4, budget: 0}}"
    assert same_tables(lived(line, more=more), lived_without(*more))


def test_care_answers_a_complaint_once_however_many_lines_have_no_money():
    lines = ("{when: complaint, do: apologise, tone: 1.0, budget: 0}",
             "{when: complaint, do: refund, remedy: {refund: 1.0}, budget: 0}")  # fmt: skip
    assert same_tables(lived(*lines, more=(AT_ONCE,)), lived_without(AT_ONCE))
