"""Explanations lead back to events; the command says what they are, and what a result lacks."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from ledgers import FIRST, ledger_of
from markets import small_market
from tiny import tiny
from typer.testing import CliRunner

from experiments.cli import app
from experiments.event_words import told_chain
from experiments.events import Events
from experiments.explain.because import Between, counts_from
from experiments.explain.because_of_orders import behind_rate, named
from experiments.explain.command import (
    Watcher,
    change_of_place,
    change_of_rate,
    checked,
)
from experiments.explain.evenings import Evening, evening
from experiments.explain.of_places import told_place
from experiments.explain.rates import Window
from experiments.ledger_table import in_memory
from experiments.mistakes import UserError
from experiments.replay import Result
from experiments.results import read_table
from experiments.runner import run_experiment
from sim.engine import Engine
from sim.ledger import Ledger
from sim.state import BY_FEEDBACK

# ---------------------------------------------------------------- the events behind


def windows_of(defect: int) -> tuple[Evening, Evening]:
    """Evenings 60 and 67 of a seller with two orders, of which one may have become a defect."""
    found = []
    for day, reasons in ((60, 0), (67, defect)):
        keys = np.array([FIRST, FIRST + 1], np.uint64)
        window = Window(day, 1, 66, keys, np.array([41, 45]), np.array([reasons, 0]))
        found.append(Evening(day, {}, {"Northwind": window}, {}, {}, {}))
    return found[0], found[1]


def test_a_defect_is_named_by_its_event_and_led_back_to_the_trip():
    events = Events(
        ledger_of(
            [
                {"id": 1, "day": 41, "kind": "trip", "what": "kitchen", "user": 7,
                 "examined": ["Steel pan", "Wok"]},
                {"id": 2, "cause": 1, "day": 41, "kind": "order", "user": 7, "order": FIRST,
                 "seller": "Northwind", "listing": "Steel pan", "value": 24.0, "until": 60},
                {"id": 3, "cause": 2, "day": 44, "kind": "dispatch", "order": FIRST, "until": 44},
                {"id": 4, "cause": 3, "day": 63, "kind": "delivery", "order": FIRST},
                {"id": 5, "cause": 4, "day": 65, "kind": "feedback", "user": 7, "order": FIRST,
                 "post": 99, "seller": "Northwind", "listing": "Steel pan", "stars": 1,
                 "channel": "feedback", "until": 65},
                {"id": 6, "cause": 5, "day": 66, "kind": "contact", "what": "apologise",
                 "seller": "Northwind", "user": 7, "order": FIRST},
                {"id": 7, "day": 66, "kind": "trip", "what": "kitchen", "user": 8},
            ]
        )
    )  # fmt: skip
    between = Between(*windows_of(BY_FEEDBACK), events)
    change = change_of_rate("Northwind", between)
    (defect,) = change.defects
    found = named(defect, between)
    assert found.event is not None and found.event.event_id == 5
    assert found.why == "negative feedback"
    (reason,) = behind_rate(change, between)
    assert str(FIRST) in reason.text
    assert list(told_chain(reason.chain, events)) == [
        "day 41: buyer 7 looked at 2 kitchen listings: Steel pan and Wok",
        f"day 41: buyer 7 bought Steel pan from Northwind for 24.00 USD, promised for day 60 "
        f"(order {FIRST})",
        "day 44: the seller sent it",
        "day 63: it arrived 3 days late",
        "day 65: buyer 7 gave Northwind 1 star, unasked",
        "day 66: Northwind apologised to buyer 7",
    ]


def test_a_withdrawn_defect_is_named_by_what_took_it_back():
    events = Events(
        ledger_of(
            [
                {"id": 2, "day": 41, "kind": "order", "order": FIRST, "seller": "Northwind"},
                {"id": 5, "cause": 2, "day": 50, "kind": "feedback", "order": FIRST, "post": 99,
                 "stars": 2, "channel": "feedback", "until": 50},
                {"id": 6, "cause": 5, "day": 62, "kind": "contact", "what": "ask_change",
                 "seller": "Northwind", "order": FIRST, "post": 99},
                {"id": 8, "cause": 6, "day": 64, "kind": "change", "order": FIRST, "post": 99,
                 "user": 7, "channel": "feedback", "stars": 4, "stars_before": 2},
            ]
        )
    )  # fmt: skip
    after, before = windows_of(BY_FEEDBACK)
    between = Between(
        Evening(60, {}, before.windows, {}, {}, {}), Evening(67, {}, after.windows, {}, {}, {}),
        events,
    )  # fmt: skip
    change = change_of_rate("Northwind", between)
    (defect,) = change.defects
    assert defect.part == "defects withdrawn"
    event = named(defect, between).event
    assert event is not None and event.event_id == 8
    told = list(told_chain(events.chain(event), events))
    assert told[-2:] == [
        "day 62: Northwind asked for a change of it",
        "day 64: buyer 7 changed the feedback from 2 to 4 stars",
    ]


def test_chains_end_where_the_ledger_names_no_cause_and_never_turn_in_circles():
    events = Events(
        ledger_of(
            [
                {"id": 3, "cause": 4, "day": 1, "kind": "state"},
                {"id": 4, "cause": 3, "day": 2, "kind": "state"},
                {"id": 5, "cause": 77, "day": 2, "kind": "state"},
            ]
        )
    )
    assert [event.event_id for event in events.chain(events.at(0))] == [4, 3]
    assert [event.event_id for event in events.chain(events.at(2))] == [5]
    assert events.find(77) is None


# ---------------------------------------------------------------- with the ledger of what was lived

BUSY = (
    "days=50",
    "platform.feedback.leave_rate=0.3",
    "platform.reviews.leave_rate=0.3",
    "sellers.0.strategy=full_service",
    "sellers.0.on_time=0.4",
    "sellers.0.damaged=0.15",
    "buyers.count=800",
    "rivals.late_median=0.15",
    "rivals.exit_per_year=0.9",
    "platform.odr.window_days=30",
    "platform.odr.lag_days=5",
)
"""Everything happens often."""


@pytest.fixture(scope="module", params=["amazon", "amazon_2016"])
def busy(request) -> tuple[dict[int, Evening], Events]:
    engine = Engine(small_market(*BUSY, f"platform={request.param}"), ledger=Ledger())
    evenings = {}
    while engine.day <= engine.last_day:
        engine.live_a_day()
        evenings[engine.day - 1] = evening(engine)
    return evenings, Events(in_memory(engine))


def test_every_defect_that_comes_or_goes_has_an_event_with_an_order_behind_it(busy):
    evenings, events = busy
    found: Counter[str] = Counter()
    for first in range(1, 50, 4):
        between = Between(evenings[first], evenings[min(first + 5, 50)], events)
        for seller in between.after.windows:
            for defect in change_of_rate(seller, between).defects:
                event = named(defect, between).event
                assert event is not None, defect
                assert event.order == defect.order and event.seller == seller
                assert event.day <= between.after.day
                if defect.part == "defects added" and not defect.with_order:
                    assert counts_from(event) > between.before.day
                if defect.part == "defects withdrawn":
                    assert event.day > between.before.day
                chain = events.chain(event)
                assert chain[0].kind == "trip" and chain[-1] == event
                assert [e.day for e in chain] == sorted(e.day for e in chain)
                assert "order" in [e.kind for e in chain if e.order == defect.order]
                found[defect.part] += 1
    assert found["defects added"] > 10 and found["defects aged out"] > 3
    assert found["defects withdrawn"] > 0


def test_what_is_behind_a_position_is_said_of_every_listing(busy):
    evenings, events = busy
    said: Counter[str] = Counter()
    for first in (5, 15, 25, 35):
        between = Between(evenings[first], evenings[first + 15], events)
        for listing in between.after.sellers:
            change = change_of_place(listing, between)
            told = told_place(change, between, "as it is", 0)
            text = " ".join([told.heading, *told.sentences, *told.behind])
            assert "nan" not in text and "None" not in text
            moved = change.largest() is not None and change.largest().how != "passed me"
            assert not (moved and change.largest().most) or told.behind
            said[told.behind[0] if told.behind else ""] += 1
    assert len(said) > 5


# ---------------------------------------------------------------- what is asked

MANIFEST = {
    "arms": [{"name": "as it is"}, {"name": "better service"}],
    "baseline": "as it is",
    "replicates": [3, 4, 5],
    "days": 90,
}


def asked(**given):
    question = dict.fromkeys(("listing", "seller", "since", "arm", "replicate"))
    return checked(
        Result(Path(), MANIFEST), **(question | {"seller": "Northwind", "day": 60} | given)
    )


def test_what_is_left_out_is_a_week_of_the_baseline_and_the_first_replicate():
    one = asked()
    assert (one.days, one.arm, one.replicate) == ((53, 60), "as it is", 3)
    assert asked(day=4).days == (1, 4)
    assert asked(since=59, arm="better service", replicate=5).days == (59, 60)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"listing": "Mug"}, "allowed: one of them"),
        ({"seller": None}, "allowed: one of them"),
        ({"arm": "beter service"}, "--arm: found 'beter service'; allowed: as it is, better "
         'service; did you mean "better service"?'),
        ({"replicate": 0}, "--replicate: found 0; allowed: 3, 4, 5"),
        ({"day": 91}, "--day: found 91; allowed: 2 to 90"),
        ({"day": 1}, "--day: found 1; allowed: 2 to 90"),
        ({"since": 60}, "--since: found 60; allowed: 1 to 59"),
        ({"since": 0}, "--since: found 0; allowed: 1 to 59"),
    ],
)  # fmt: skip
def test_what_a_result_does_not_hold_is_named(given, said):
    with pytest.raises(UserError) as caught:
        asked(**given)
    assert said in str(caught.value)


def test_two_evenings_are_noted_while_a_market_is_lived():
    watcher = Watcher((2, 5))
    engine = Engine(small_market("days=6"))
    while engine.day <= engine.last_day:
        engine.live_a_day()
        watcher(engine, engine.day - 1)
    between = watcher.between(ledger_of([]))
    assert between.days == (2, 5)
    assert set(between.after.sellers) == set(engine.listing_names)


# ---------------------------------------------------------------- the command


@pytest.fixture(scope="module")
def result(tmp_path_factory) -> Path:
    loaded = tiny("replicates=2", "warm_up=6", "sellers.0.on_time=0.5", "sellers.0.damaged=0.3")
    return run_experiment(loaded, tmp_path_factory.mktemp("tiny") / "result").path


def run(*words: object):
    return CliRunner().invoke(app, ["explain", *map(str, words)])


def test_the_command_explains_a_seller_and_draws(result, tmp_path):
    ended = run(result, "--seller", "Northwind", "--day", 20, "--since", 2, "--replicate", 1,
                "--arm", "outreach", "--out", tmp_path / "why.svg")  # fmt: skip
    assert ended.exit_code == 0, ended.output
    table = read_table(result / "sellers.parquet")
    rows = (table["arm"] == "outreach") & (table["replicate"] == 1)
    rows &= table["seller"] == "Northwind"
    for day in (2, 20):
        (row,) = np.flatnonzero(rows & (table["day"] == day))
        counted = f"{table['window_defects'][row]} of {table['window_orders'][row]} orders"
        assert f"Evening of day {day}: {counted}" in ended.stdout
    assert "evenings of days 2 and 20; arm “outreach”, replicate 1" in ended.stdout
    assert "<svg" in (tmp_path / "why.svg").read_text(encoding="utf-8")
    assert [file.name for file in tmp_path.iterdir()] == ["why.svg"]


@pytest.mark.parametrize(("first", "last"), [(2, 5), (6, 7), (6, 20)])
def test_the_command_explains_a_listing_as_its_table_has_it(result, first, last):
    ended = run(result, "--listing", "Desk lamp", "--day", last, "--since", first)
    assert ended.exit_code == 0, ended.output
    table = read_table(result / "listings.parquet")
    rows = (table["arm"] == "as it is") & (table["replicate"] == 0)
    rows &= table["listing"] == "Desk lamp"
    old, new = (int(table["position"][rows & (table["day"] == day)][0]) for day in (first, last))
    head = f"from position {old} to {new}" if old != new else f"stayed at position {new}"
    assert head in ended.stdout
    name = f"explain-desk-lamp-days-{first}-to-{last}-as-it-is-0"
    assert (result / f"{name}.png").is_file() and (result / f"{name}.svg").is_file()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--seller", "Nortwind", "--day", 9), 'did you mean "Northwind"?'),
        (("--listing", "Desk lamps", "--day", 9), 'did you mean "Desk lamp"?'),
        (("--listing", "Desk lamp", "--day", 21), "--day: found 21; allowed: 2 to 20"),
        (("--listing", "Desk lamp", "--day", 9, "--arm", "x"), "--arm: found 'x'"),
        (("--listing", "Desk lamp", "--day", 9, "--replicate", 2), "--replicate: found 2"),
        (("--day", 9), "--listing and --seller"),
        (("--seller", "Northwind", "--day", 9, "--out", "why.pdf"), "found why.pdf; allowed"),
        (("--seller", "Northwind", "--day", 9, "--out", "no/where.png"), "cannot be written"),
    ],
)
def test_mistakes_end_with_code_2_and_say_what_is_allowed(result, words, said):
    ended = run(result, *words)
    assert ended.exit_code == 2
    assert said in ended.stderr and "Traceback" not in ended.output


def test_a_folder_without_a_result_is_named(tmp_path):
    ended = run(tmp_path, "--seller", "Northwind", "--day", 9)
    assert ended.exit_code == 2
    assert f"{tmp_path}: no result" in ended.stderr
