"""What if: the life without an event is that of an experiment with the intervention, to the bit."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny import tiny
from typer.testing import CliRunner

from experiments.again import read_manifest
from experiments.cli import app
from experiments.config import Loaded
from experiments.ledger_table import in_memory
from experiments.mistakes import UserError
from experiments.replay import begin, open_result, replay
from experiments.replicate import Plan, Shared
from experiments.results import content_hash
from experiments.roles import DROPPED, Role, event_in_role, role_of
from experiments.runner import run_experiment
from experiments.whatif import MEASURES, first_difference, intervention, live_instead, what_if
from experiments.whatif_words import about_event, about_others, rows, what_differs

ARMS: dict[str, Any] = {
    "as it was": {},
    "outreach": {
        "strategy": "full_service",
        "interventions": [
            {"when": {"first_negative_feedback": "Northwind"}, "do": "flip", "stars": 4}
        ],
    },
}
BUSY = (
    "baseline=null",
    "warm_up=3",
    "sellers.0.damaged=0.3",
    "sellers.0.on_time=0.5",
    "platform.feedback.change_window_days=60",
    "reconsidering.apology=0.55",
)


def experiment(arms: dict[str, Any]) -> Loaded:
    return tiny(f"arms={json.dumps(arms)}", *BUSY)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp("whatif") / "out"
    outcome = run_experiment(experiment(ARMS), out, workers=1)
    assert not outcome.failures and not outcome.report_problem
    return out


@pytest.fixture(scope="module")
def lived(folder):
    """The outreach arm of every replicate, lived again."""
    result = open_result(folder)
    return [replay(result, "outreach", replicate) for replicate in range(3)]


def events(ledger, kind: str, **columns: str) -> np.ndarray:
    there = (ledger["kind"] == kind) & (ledger["day"] > 3)
    for name, value in columns.items():
        there &= ledger[name] == value
    return ledger["event_id"][there]


def one_of(lived, kind: str) -> tuple[int, int]:
    """(replicate, id) of an event of a kind that can be dropped."""
    for replayed in lived:
        for event in events(replayed.ledger, kind).tolist():
            what = replayed.ledger["what"][replayed.ledger["event_id"] == event][0]
            if what in ("", "by author", "apologise", "thank", "by seller", "by platform"):
                return replayed.replicate, event
    raise AssertionError(f"nothing of kind {kind} happens")


# equal to the intervention -------------------------------------------------------------------


@pytest.mark.parametrize("kind", DROPPED)
def test_dropping_is_the_matching_intervention_to_the_bit(folder, lived, kind):
    replicate, event = one_of(lived, kind)
    without = live_instead(open_result(folder), "outreach", replicate, event, None)
    block = {"when": {"event": event}, "do": "block"}
    assert content_hash(without.tables()) == hash_of_a_fresh_run(replicate, block)
    as_it_was = lived[replicate].engine
    assert without.state_hash() != as_it_was.state_hash()
    ids = without.interventions.planned
    assert ids[-1].acted == ids[-1].event.day is not None


def test_flipping_is_the_matching_intervention_to_the_bit(folder, lived):
    replicate, event = one_of(lived, "review")
    flipped = live_instead(open_result(folder), "outreach", replicate, event, 3)
    flip = {"when": {"event": event}, "do": "flip", "stars": 3}
    assert content_hash(flipped.tables()) == hash_of_a_fresh_run(replicate, flip)


def hash_of_a_fresh_run(replicate: int, intervention: dict[str, Any]) -> str:
    """Hash of the daily tables of the outreach arm with one intervention more."""
    own = ARMS["outreach"]["interventions"]
    arms = {**ARMS, "outreach": {**ARMS["outreach"], "interventions": [*own, intervention]}}
    loaded = experiment(arms)
    plan = Plan(loaded.market, loaded.arms, "world", "daily", Path())
    engine = Shared(plan, replicate).begin(loaded.arms[1])
    engine.live_through(engine.last_day)
    return content_hash(engine.tables())


def test_a_dropped_event_is_in_the_ledger_no_more_and_all_before_it_is(folder, lived):
    replicate, event = one_of(lived, "order")
    result, was = open_result(folder), lived[replicate].ledger
    engine = begin(result, "outreach", replicate, more=(intervention(event, None),))
    engine.live_through(engine.last_day)
    now = in_memory(engine)
    day = int(was["day"][was["event_id"] == event][0])
    assert event not in now["event_id"]
    assert {k for k in now["kind"][now["cause_id"] == event]} == {"intervention"}
    for name in ("event_id", "cause_id", "value", "stars"):
        np.testing.assert_array_equal(was[name][was["day"] < day], now[name][now["day"] < day])
    first = first_difference(lived[replicate].engine, engine)
    assert first == day


# roles ---------------------------------------------------------------------------------------


def test_every_event_is_found_again_by_its_role(lived):
    replayed = lived[0]
    ledger, market = replayed.ledger, replayed.engine.config
    kinds = Counter()
    for kind in DROPPED:
        for event in events(ledger, kind)[:40].tolist():
            row = {name: column[ledger["event_id"] == event][0] for name, column in ledger.items()}
            if row["what"] in ("default", "bought", "softer words", "harsher words",
                               "with the return", "by intervention"):  # fmt: skip
                continue
            role = role_of(ledger, row, market)
            assert event_in_role(ledger, role, market) == event
            kinds[kind] += 1
    assert set(kinds) >= {"order", "feedback", "review", "contact"}


def test_roles_are_counted_by_hand(lived):
    ledger, market = lived[0].ledger, lived[0].engine.config
    mine = events(ledger, "order", seller="Northwind")
    keys = [(d, int(k)) for d, k, e in zip(ledger["day"], ledger["order"], ledger["event_id"],
                                           strict=True) if e in set(mine.tolist())]  # fmt: skip
    third = sorted(k for k in keys)[2]
    event = event_in_role(ledger, Role("order", 3, "seller", "Northwind"), market)
    row = ledger["event_id"] == event
    assert (ledger["day"][row][0], int(ledger["order"][row][0])) == third
    assert event_in_role(ledger, Role("order", 10**6, "seller", "Northwind"), market) is None
    bad = Role("feedback", 1, "seller", "Northwind", negative=True)
    first = event_in_role(ledger, bad, market)
    days = ledger["day"][np.isin(ledger["event_id"], events(ledger, "feedback", seller="Northwind"))
                         & (ledger["stars"] <= 2) & (ledger["stars"] > 0)]  # fmt: skip
    if first is not None:
        assert ledger["day"][ledger["event_id"] == first][0] == days.min()


# the answer ----------------------------------------------------------------------------------


def test_the_answer_holds_both_lives_and_the_mean_over_replicates(folder, lived):
    order = event_in_role(lived[1].ledger, Role("order", 5, "seller", "Northwind"),
                          lived[1].engine.config)  # fmt: skip
    answer = what_if(folder, order, arm="outreach", replicate=1, replicates=4)
    assert answer.question.role == Role("order", 5, "seller", "Northwind")
    assert str(answer.question.role) == "order number 5 of Northwind"
    tried = [pair.replicate for pair in answer.others]
    assert tried == list(range(len(tried))) and len(tried) > 3  # the last was not lived before
    assert len(answer.with_role) == 4 and answer.others[1] == answer.here
    estimates = answer.differences()
    by_hand = [pair.instead[1] - pair.as_it_was[1] for pair in answer.with_role]
    assert estimates[1].value == pytest.approx(np.mean(by_hand))
    table = lived[1].engine.tables()["sellers"]
    mine = (table["seller"] == "Northwind") & (table["day"] > 3)
    assert answer.here.as_it_was[1] == table["orders"][mine].sum()
    said = about_event(answer)
    assert f"Event {order}: order of " in said and "arm outreach, replicate 1" in said
    assert f"4 of {len(tried)} replicates that were tried" in about_others(answer)
    assert f"day {answer.here.first_day} differs first" in what_differs(answer)
    texts = {measure.name: cells for measure, cells in rows(answer)}
    assert len(texts) == len(MEASURES)
    assert float(texts["orders"][0].replace(",", "")) == answer.here.as_it_was[1]


def test_several_workers_find_the_same(folder, lived):
    order = event_in_role(lived[0].ledger, Role("order", 2, "seller", "Northwind"),
                          lived[0].engine.config)  # fmt: skip
    alone, both = (what_if(folder, order, arm="outreach", replicates=3, workers=n) for n in (1, 2))
    assert alone.here == both.here and alone.others == both.others


def test_a_role_that_few_have_is_said(folder, lived):
    n = min(len(events(one.ledger, "order", seller="Northwind")) for one in lived)
    most = max(lived, key=lambda one: len(events(one.ledger, "order", seller="Northwind")))
    role = Role("order", n + 1, "seller", "Northwind")
    event = event_in_role(most.ledger, role, most.engine.config)
    answer = what_if(folder, event, arm="outreach", replicate=most.replicate, replicates=3)
    assert any(pair.event is None for pair in answer.others)
    assert len(answer.with_role) <= 3 and answer.here in answer.others


# mistakes ------------------------------------------------------------------------------------


def test_what_cannot_be_asked_is_refused(folder, lived):
    ledger = lived[0].ledger
    with pytest.raises(UserError, match=r"event 12 does not happen in arm 'outreach'"):
        what_if(folder, 12, arm="outreach")
    trip = int(events(ledger, "trip")[0])
    with pytest.raises(UserError, match=r"is a trip.*allowed to be dropped: order, feedback"):
        what_if(folder, trip, arm="outreach")
    order = int(events(ledger, "order")[0])
    with pytest.raises(UserError, match=r"allowed to be flipped: feedback, review, change"):
        what_if(folder, order, arm="outreach", stars=3)
    early = ledger["event_id"][(ledger["kind"] == "order") & (ledger["day"] == 2)][0]
    with pytest.raises(UserError, match=r"after the warm-up, which ends with day 3"):
        what_if(folder, int(early), arm="outreach")
    with pytest.raises(UserError, match=r"--arm: found 'nobody'"):
        what_if(folder, order, arm="nobody")


def test_the_command_tells_and_refuses(folder, lived):
    run = CliRunner()
    replicate, review = one_of(lived, "review")
    ledger = lived[replicate].ledger
    to = 5 if ledger["stars"][ledger["event_id"] == review][0] != 5 else 1
    done = run.invoke(app, ["whatif", str(folder), "--flip", str(review), "--to", str(to), "--arm",
                            "outreach", "--replicate", str(replicate), "--replicates", "2",
                            "--workers", "1"])  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "Its role: " in done.output and "mean difference" in done.output
    for wrong in (
        [],
        ["--drop-event", "1", "--flip", "2", "--to", "3"],
        ["--flip", "1"],
        ["--drop-event", "1", "--to", "3"],
        ["--drop-event", "12"],
    ):
        assert run.invoke(app, ["whatif", str(folder), *wrong]).exit_code == 2
    assert read_manifest(folder)["arms"][1]["interventions"]
