"""What the strategy language refuses: every combination of its declarations, and in which words."""

from __future__ import annotations

from itertools import combinations, product
from typing import get_args

import pytest
from markets import small_market
from pydantic import ValidationError

from experiments.mistakes import ConfigError
from sim import strategies
from sim.config.health import FOR_DAYS, WITH_AMOUNT, PenaltyKind
from sim.config.policy import ContactRules, PolicyRules, Says, Verdict
from sim.config.strategy import (
    ACTS,
    FILTERS,
    OF_ACTS,
    OF_EVENTS,
    OPTIONAL,
    STORE_ACTS,
    TO_THE_STORE,
    AccountState,
    Bought,
    Do,
    Line,
    Remedy,
    Service,
    When,
)

EVENTS, DOES = get_args(When), get_args(Do)
DETAILS_OF_EVENTS = {"above": 0.01, "state": "at risk", "days": 7, "day": 9}
DETAILS_OF_ACTS = {
    "tone": 0.5, "remedy": Remedy(refund=0.5), "service": Service(on_time=0.9), "price": 0.9,
    "pause_days": 3, "reward": 2.5, "bought": Bought(reviews=3, price=9.0),
}  # fmt: skip
FILTER_VALUES = {
    "stars": (1, 2), "verified": True, "reviewed": False, "contacted": True, "days_since": (0, 9),
}  # fmt: skip
ALLOWED = [(when, do) for when, acts in ACTS.items() for do in acts]


def fields(when: str, do: str) -> dict:
    """The least that a line of this event and act needs."""
    line: dict = {"when": when, "do": do}
    if when in OF_EVENTS:
        line[OF_EVENTS[when]] = DETAILS_OF_EVENTS[OF_EVENTS[when]]
    for name in needed(do):
        line[name] = DETAILS_OF_ACTS[name]
    return line


def needed(do: str) -> list[str]:
    return [n for n in OF_ACTS.get(do, ()) if n not in OPTIONAL and do != "apologise"]


def refused(line: dict, *parts: str) -> None:
    """The line is refused, once, with these words in the message."""
    with pytest.raises(ValidationError) as error:
        Line(**line)
    (found,) = error.value.errors()
    for part in parts:
        assert part in found["msg"], found["msg"]


def event_of(do: str) -> str:
    return next(when for when in EVENTS if do in ACTS[when])


# --- the declarations hang together ------------------------------------------------------------


def test_every_event_and_act_is_declared_once_and_compiled():
    assert set(ACTS) == set(FILTERS) == set(EVENTS) == set(strategies.WHEN)
    done = {do for acts in ACTS.values() for do in acts}
    assert done == set(DOES) == set(strategies.DO)
    assert set(OF_EVENTS) <= set(EVENTS) and set(OF_ACTS) == done - {"request_removal"}
    assert set(OF_EVENTS.values()) == set(DETAILS_OF_EVENTS)
    assert {name for names in OF_ACTS.values() for name in names} == set(DETAILS_OF_ACTS)
    assert {name for names in FILTERS.values() for name in names} == set(FILTER_VALUES)
    rest = {"when", "do", "after_days", "per_day", "budget"}
    assert set(Line.model_fields) == rest | {*DETAILS_OF_EVENTS, *DETAILS_OF_ACTS, *FILTER_VALUES}
    for table in (strategies.WHEN, strategies.DO):
        assert len(set(table.values())) == len(table)


# --- events and acts ---------------------------------------------------------------------------


@pytest.mark.parametrize(("when", "do"), list(product(EVENTS, DOES)))
def test_an_act_is_taken_on_its_events_and_refused_on_all_others(when, do):
    line = fields(when, do)
    if do in ACTS[when]:
        assert Line(**line).do == do
    else:
        refused(line, f"found do: {do} on {when}; allowed: {', '.join(ACTS[when])}")


@pytest.mark.parametrize(("when", "name"), list(product(EVENTS, FILTER_VALUES)))
def test_a_filter_is_taken_where_it_can_be_seen_and_refused_elsewhere(when, name):
    line = fields(when, ACTS[when][-1]) | {name: FILTER_VALUES[name]}
    if name in FILTERS[when]:
        assert getattr(Line(**line), name) == FILTER_VALUES[name]
    else:
        seen = ", ".join(FILTERS[when]) or "no filter"
        refused(line, f"found {name} on {when}; allowed there: {seen}")


@pytest.mark.parametrize(("when", "event"), list(product(EVENTS, OF_EVENTS)))
def test_what_says_more_of_an_event_belongs_to_it_and_is_needed_there(when, event):
    name, line = OF_EVENTS[event], fields(when, ACTS[when][-1])
    message = f"{name} belongs to {event}, and {event} needs it"
    if when == event:
        assert getattr(Line(**line), name) == DETAILS_OF_EVENTS[name]
        refused({k: v for k, v in line.items() if k != name}, message)
    else:
        refused(line | {name: DETAILS_OF_EVENTS[name]}, message)


@pytest.mark.parametrize(("do", "name"), list(product(DOES, DETAILS_OF_ACTS)))
def test_what_says_more_of_an_act_belongs_to_it_and_is_needed_there(do, name):
    line = fields(event_of(do), do)
    if name not in OF_ACTS.get(do, ()):
        allowed = ", ".join(OF_ACTS.get(do, ())) or "none"
        message = f"found {name} with do: {do}; allowed there: {allowed}"
        refused(line | {name: DETAILS_OF_ACTS[name]}, message)
        return
    assert getattr(Line(**line | {name: DETAILS_OF_ACTS[name]}), name) == DETAILS_OF_ACTS[name]
    without = {k: v for k, v in line.items() if k != name}
    if name in needed(do):
        refused(without, f"do: {do} needs {name}")
    else:
        assert getattr(Line(**without), name) is None


def test_only_what_needs_nothing_more_may_go_without():
    assert {do: needed(do) for do in OF_ACTS if needed(do)} == {
        "refund": ["remedy"],
        "set_service": ["service"],
        "set_price": ["price"],
        "pause": ["pause_days"],
        "reward": ["reward"],
        "buy_reviews": ["bought"],
    }


@pytest.mark.parametrize("do", ACTS["review_posted"])
def test_who_did_not_buy_is_reached_in_public_alone(do):
    line = fields("review_posted", do) | {"verified": False}
    if do == "reply_public":
        assert Line(**line).verified is False
    else:
        refused(line, "found verified: false; only do: reply_public reaches who did not buy")


@pytest.mark.parametrize(
    ("do", "name", "value"), list(product(STORE_ACTS, ("per_day", "budget"), (0, 5)))
)
def test_what_costs_no_work_and_no_money_has_no_limits(do, name, value):
    line = fields("every_days", do) | {name: value}
    refused(line, f"found {name} with do: {do}, which takes no work and no money")


@pytest.mark.parametrize("name", ["per_day", "budget"])
def test_what_is_bought_says_how_much_itself(name):
    line = fields("every_days", "buy_reviews") | {name: 5}
    refused(line, f"found {name} with do: buy_reviews, which takes its limits from bought")


@pytest.mark.parametrize(("when", "do"), ALLOWED)
def test_everything_else_may_be_limited_and_put_off(when, do):
    limits = {"after_days": 3} | ({} if do in TO_THE_STORE else {"per_day": 2, "budget": 9.0})
    line = Line(**fields(when, do) | limits)
    assert {name: getattr(line, name) for name in limits} == limits


def test_a_service_of_nothing_is_refused():
    line = fields("every_days", "set_service") | {"service": {}}
    refused(line, f"found a service of nothing; allowed: {', '.join(Service.model_fields)}")
    refused(line | {"service": dict.fromkeys(Service.model_fields)}, "a service of nothing")


@pytest.mark.parametrize("days", [(9, 2), (-1, 5), (-5, -1)])
def test_days_since_run_forward_from_nought(days):
    line = fields("order_delivered", "thank") | {"days_since": days}
    refused(line, f"found days_since {list(days)}; allowed: from 0 up, the first not later")


def test_all_that_is_wrong_with_a_line_is_said_at_once():
    refused(
        {"when": "complaint", "do": "thank", "stars": (1,), "price": 0.9, "days": 3},
        "found do: thank on complaint", "found stars on complaint", "days belongs to every_days",
        "found price with do: thank",
    )  # fmt: skip


# --- values ------------------------------------------------------------------------------------

VALUES = [
    ("odr_above", "pause", {"above": 1.01}), ("odr_above", "pause", {"above": -0.01}),
    ("state_is", "pause", {"state": "closed"}), ("state_is", "pause", {"state": "left"}),
    ("on_day", "pause", {"day": 0}), ("on_day", "pause", {"day": 3651}),
    ("order_delivered", "reward", {"reward": 0.0}),
    ("order_delivered", "reward", {"reward": 1000.5}),
    ("on_day", "buy_reviews", {"bought": {"reviews": 0, "price": 1.0}}),
    ("on_day", "buy_reviews", {"bought": {"reviews": 10_001, "price": 1.0}}),
    ("on_day", "buy_reviews", {"bought": {"reviews": 1, "price": -1.0}}),
    ("on_day", "buy_reviews", {"bought": {"reviews": 1}}),
    ("on_day", "buy_reviews", {"bought": {"price": 1.0}}),
    ("on_day", "buy_reviews", {"bought": {"reviews": 1, "price": 1.0, "stars": 6}}),
    ("on_day", "buy_reviews", {"bought": {"reviews": 1, "price": 1.0, "listing": "Pan"}}),
    ("every_days", "pause", {"days": 0}), ("every_days", "pause", {"days": 3651}),
    ("every_days", "pause", {"pause_days": 0}), ("every_days", "pause", {"pause_days": 3651}),
    ("every_days", "set_price", {"price": 0.0}), ("every_days", "set_price", {"price": 100.1}),
    ("every_days", "set_service", {"service": {"on_time": 1.0}}),
    ("every_days", "set_service", {"service": {"on_time": 0.01}}),
    ("every_days", "set_service", {"service": {"damaged": 1.1}}),
    ("every_days", "set_service", {"service": {"wrong_item": -0.1}}),
    ("every_days", "set_service", {"service": {"cancelled": 2}}),
    ("every_days", "set_service", {"service": {"capacity": 0}}),
    ("every_days", "set_service", {"service": {"quality": 0.9}}),
    ("feedback_posted", "thank", {"stars": ()}), ("feedback_posted", "thank", {"stars": (0,)}),
    ("feedback_posted", "thank", {"stars": (6,)}), ("feedback_posted", "thank", {"tone": 1.1}),
    ("feedback_posted", "thank", {"after_days": -1}),
    ("feedback_posted", "thank", {"after_days": 366}),
    ("feedback_posted", "thank", {"per_day": -1}), ("feedback_posted", "thank", {"budget": -0.1}),
    ("complaint", "refund", {"remedy": {"refund": 1.1}}),
    ("complaint", "refund", {"remedy": {"money": 1.0}}),
]  # fmt: skip


@pytest.mark.parametrize(("when", "do", "more"), VALUES)
def test_a_value_out_of_its_range_is_refused(when, do, more):
    assert Line(**fields(when, do))
    with pytest.raises(ValidationError):
        Line(**fields(when, do) | more)


@pytest.mark.parametrize("state", get_args(AccountState))
def test_every_state_in_which_a_seller_still_acts_may_be_named(state):
    assert Line(**fields("state_is", "pause") | {"state": state}).state == state


# --- what platforms may say --------------------------------------------------------------------


@pytest.mark.parametrize("says", get_args(Says))
def test_only_what_is_forbidden_is_looked_for(says):
    if says == "forbidden":
        assert Verdict(says=says, found_out=0.3).found_out == 0.3
    else:
        with pytest.raises(ValidationError, match=f"found found_out 0.3 with says: {says}"):
            Verdict(says=says, found_out=0.3)
    assert Verdict(says=says).found_out == 0.0


@pytest.mark.parametrize("kind", get_args(PenaltyKind))
def test_a_penalty_has_an_amount_and_days_where_they_mean_something(kind):
    needed = {"amount": 2.0} if kind in WITH_AMOUNT else {}
    Verdict(says="forbidden", penalties=({"do": kind, **needed},))
    with pytest.raises(ValidationError, match="amount belongs to"):
        wrong = {} if needed else {"amount": 2.0}
        Verdict(says="forbidden", penalties=({"do": kind, **wrong},))
    if kind not in FOR_DAYS:
        with pytest.raises(ValidationError, match="found days with do"):
            Verdict(says="forbidden", penalties=({"do": kind, **needed, "days": 3},))


def test_a_window_for_requests_ends_no_earlier_than_it_begins():
    with pytest.raises(ValidationError, match="request_from_days at most request_to_days"):
        ContactRules(request_from_days=6, request_to_days=5)
    assert ContactRules(request_from_days=5, request_to_days=5).request_to_days == 5
    assert ContactRules(request_from_days=300, request_to_days=None).request_to_days is None


@pytest.mark.parametrize(
    ("setting", "part"),
    [
        ("policy.thank.found_out=0.1", "found found_out 0.1 with says: allowed"),
        ("policy.thank={says: forbidden, penalties: [fine]}", "amount belongs to"),
        ("policy.thank={says: banned}", 'found "banned"'),
        ("policy.praise={says: allowed}", "praise: unknown key"),
        ("contact={request_from_days: 9, request_to_days: 5}", "request_from_days 9"),
    ],
)
def test_a_platform_s_mistakes_are_told_with_their_place(setting, part):
    with pytest.raises(ConfigError) as error:
        small_market(f"platform.{setting}")
    assert "platform." + setting.partition(".")[0].partition("=")[0] in str(error.value)
    assert part in str(error.value)


def test_every_kind_of_outreach_has_a_verdict_of_its_own():
    rules = PolicyRules(**{
        kind: {"says": "forbidden", "found_out": k / 100}
        for k, kind in enumerate(PolicyRules.model_fields)
    })  # fmt: skip
    kinds = list(PolicyRules.model_fields)
    assert all(rules.of(a) != rules.of(b) for a, b in combinations(kinds, 2))
    assert rules.of(None) == Verdict(says="allowed")
