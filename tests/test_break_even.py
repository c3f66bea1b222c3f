"""Break-even responses: found where differences turn round, and said with how little is known."""

from __future__ import annotations

import math
import re
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from fake_result import HOSTILE, write_result
from tiny import tiny

from experiments import break_even, runner
from experiments.again import write_summary_and_report
from experiments.break_even import FAILED, NOT_CLEAR, Lived, Rounds, questions
from experiments.break_even_columns import BREAK_EVEN
from experiments.break_even_table import (
    COLUMNS,
    FILE,
    BreakEven,
    of_arms,
    printed,
    read_break_even,
    write_break_even,
)
from experiments.config import load
from experiments.crossing import FOUND, NONE, UNSETTLED, crossing, difference, search
from experiments.listings import parameters
from experiments.metrics import METRICS
from experiments.platforms import ROOT
from experiments.responses import (
    WORKS_THROUGH,
    acts_between,
    acts_in,
    responses,
    with_response,
)
from experiments.runner import run_experiment
from experiments.summary import read_summary
from sim.config.market import Market

OUTREACH = ROOT / "configs" / "outreach.yaml"

MARKET = """\
name: breaks
platform: amazon_2016
seed: 11
days: 120
run_out: 60
replicates: 20
break_even: 20
record: focal
past: {days: 60}
arms:
  none: {}
  ask and mend: {strategy: ask and mend}
strategies:
  ask and mend:
    - {when: order_delivered, do: ask_feedback, after_days: 1}
    - {when: feedback_posted, stars: [1, 2, 3], do: apologise, tone: 0.9, after_days: 0}
responding: {ask_feedback: 1.2, further_message: 1.0}
categories: [{name: kitchen, price: 25.0}]
sellers:
  - name: Northwind
    on_time: 0.7
    damaged: 0.05
    care: {answers: 0.3, delay_days: 3.0, tone: 0.3, refund: 0.1}
    listings: [{category: kitchen, age_days: 200}]
rivals: {count: 2, listings_each: 1}
buyers: {count: 3000, trips_per_year: 60.0}
non_buying_users: {count: 20}
"""
"""Requests make the unhappy write, apologies win some of them over: the more are made to write,
the less is won."""


# ---------------------------------------------------------------- the search


def pairs(*differences: float) -> np.ndarray:
    """Replicates of a mean in which arm and baseline differ by so much."""
    return np.array([[(1.0 + d, 1.0), (1.0, 1.0)] for d in differences])


def finding(evaluate, start=2.0, ends=(1.0, 5.0), n=4):
    """What a search finds when ``evaluate(value)`` gives the differences of all replicates."""
    of = partial(difference, METRICS["position"])
    going, asked, sent = search(start, ends, n, of), [], None
    try:
        while True:
            asks = next(going) if sent is None else going.send(sent)
            asked += [(ask.value, ask.n) for ask in asks if ask.value != start]
            sent = [pairs(*evaluate(ask.value)[: ask.n]) for ask in asks]
    except StopIteration as end:
        return end.value, asked


@pytest.mark.parametrize("bend", [0.3, 1.0, 3.0])
def test_a_crossing_is_found_with_few_values(bend):
    noise = np.array([0.02, -0.01, 0.03, -0.04])
    found, asked = finding(lambda v: v**bend - 1.4**bend + noise)
    assert found.verdict == FOUND and found.replicates == 4
    assert found.value == pytest.approx(1.4, abs=0.06)
    assert found.low <= found.value <= found.high
    assert len({value for value, _ in asked}) <= 5


def test_an_end_that_changes_little_is_looked_at_in_one_replicate():
    found, asked = finding(lambda v: np.full(4, 1.0 + 0.01 * v))
    assert (found.verdict, found.replicates) == (NONE, 1)
    assert asked == [(1.0, 1), (5.0, 1)]


def test_an_end_that_changes_much_but_keeps_the_side_is_looked_at_in_all():
    found, asked = finding(lambda v: np.full(4, 1.0 - 0.3 * (v - 2.0)))
    assert (found.verdict, found.replicates) == (NONE, 4)
    assert [n for value, n in asked if value == 5.0] == [1, 2, 4]
    assert [n for value, n in asked if value == 1.0] == [1]


def test_what_a_few_replicates_see_the_other_way_round_is_not_settled():
    found, asked = finding(lambda v: np.full(4, -1.0))
    assert found.verdict == UNSETTLED and asked == []
    assert finding(lambda v: np.full(4, math.nan))[0].verdict == UNSETTLED


def test_a_crossing_that_hangs_on_one_replicate_says_so():
    found, _ = finding(lambda v: np.array([2.0 * v - 3.5, 0.5, 0.5, 0.5]), ends=(0.2,))
    assert found.verdict == FOUND and math.isnan(found.low) and math.isnan(found.high)


def test_one_replicate_is_enough_for_a_crossing_but_not_for_a_span():
    found, _ = finding(lambda v: np.array([v - 1.5]), n=1)
    assert found.value == pytest.approx(1.5) and math.isnan(found.low)


def test_of_several_crossings_the_nearest_counts():
    points = {0.0: -1.0, 1.0: 1.0, 2.0: 1.0, 6.0: -1.0, 9.0: 1.0}
    assert crossing(points, 2.0) == 0.5
    assert crossing(points | {2.5: 0.0}, 2.0) == 2.5
    assert math.isnan(crossing({1.0: -1.0, 2.0: 1.0}, 1.0))
    assert math.isnan(crossing({1.0: 1.0, 2.0: 1.0}, 1.0))


def test_differences_are_those_of_the_summary():
    both = np.array([[(1, 10), (2, 10)], [(0, 0), (1, 40)]], float)
    assert difference(METRICS["odr"], both) == pytest.approx(1 / 10 - 3 / 50)
    assert difference(METRICS["position"], both) == pytest.approx(1 / 10 - 2 / 10)
    assert math.isnan(difference(METRICS["odr"], np.zeros((2, 2, 2))))


# ---------------------------------------------------------------- which responses of which arms


def test_every_response_says_which_acts_it_is_about():
    """A new parameter with a plausible range belongs into WORKS_THROUGH."""
    assert {response.path for response in responses()} == set(WORKS_THROUGH)
    assert all(response.acts for response in responses())
    declared = {p.path: p for p in parameters(Market)}
    for response in responses():
        limits = declared[response.path]
        assert response.low < response.high, response.path
        assert limits.plausible_text in limits.facts()


def test_a_response_that_nobody_has_placed_is_refused_in_words(monkeypatch):
    monkeypatch.delitem(WORKS_THROUGH, "reconsidering.money")
    with pytest.raises(LookupError, match=r"which acts reconsidering\.money is about"):
        list(questions(*asked_of(OUTREACH)))


def test_every_response_can_be_set_to_both_ends_of_its_range():
    market = tiny().market
    for response in responses():
        for value in (response.low, response.high):
            assert response.value_in(with_response(market, response.path, value)) == value
    with pytest.raises(ValueError, match="together exceed 1"):
        with_response(market, "reconsidering.clumsy_share", 0.6)


def asked_of(path: Path, *overrides: str, clear: float = 1.0):
    """An experiment and made-up measurements in which every arm differs clearly in profit alone."""
    loaded = tiny(*overrides, path=path)
    noise = np.linspace(0.0, 0.1, 3)
    measured = {}
    for i, arm in enumerate(loaded.arms):
        for metric in break_even.MEASURES:
            shift = clear * i if metric == "profit" else 0.0
            part = 1.0 + shift + noise * (1.0 + 0.01 * i)
            measured[arm.name, metric] = np.column_stack([part, np.full(3, 2.0)])
    return loaded, measured


def test_each_arm_is_asked_about_what_its_messages_work_through():
    loaded, measured = asked_of(OUTREACH)
    names = [arm.name for arm in loaded.arms]
    found: dict[str, set[str]] = {}
    for question in questions(loaded, measured):
        found.setdefault(names[question.arm], set()).add(question.response.path.split(".")[1])
        assert question.reaches_baseline == question.response.path.endswith("half_life_days")
        assert (question.verdict == "better") == (question.metric == "profit")
    every = {"further_message", "opt_out"}
    words = every | {"apology", "half_life_days", "clumsy_share"}
    assert found == {
        "thank": every | {"thank_posting", "thank_return"},
        "recover": words,
        "hit product": words | {"ask_review"},
        "ask everyone": every | {"ask_review"},
        "full service": words | {"money", "thank_posting", "thank_return", "ask_review"},
        "brand template": words - {"apology"} | {"money", "ask_review", "ask_feedback"},
    }


def test_arms_that_differ_by_service_alone_are_not_asked_about():
    loaded, measured = asked_of(ROOT / "configs" / "quickstart.yaml")
    asked = {loaded.arms[question.arm].name for question in questions(loaded, measured)}
    assert asked == {"outreach", "better service and outreach"}


def test_what_the_baseline_does_too_is_no_difference_and_shows_in_it(tmp_path):
    text = OUTREACH.read_text(encoding="utf-8")
    file = tmp_path / "other.yaml"
    file.write_text(text.replace("baseline: none", "baseline: recover"), encoding="utf-8")
    loaded, measured = asked_of(file)
    base = next(arm.market for arm in loaded.arms if arm.name == "recover")
    none = next(arm.market for arm in loaded.arms if arm.name == "none")
    assert acts_between(base, base) == frozenset()
    assert acts_between(none, base) == {"apologise"}
    assert {"apologise", "care"} <= acts_in(base)
    reached = {q.response.path for q in questions(loaded, measured) if q.reaches_baseline}
    assert {"reconsidering.apology", "responding.opt_out"} <= reached


def test_rivals_that_follow_make_an_outreach_arm_too():
    arms = {arm.name: arm.market for arm in load(ROOT / "configs" / "who_adopts.yaml").arms}
    followed = [m for m in arms.values() if m.rivals.strategy != "none" and m.rivals.adopters]
    few = followed[0].rivals.model_copy(update={"adopters": 0.0})
    nobody = followed[0].model_copy(update={"rivals": few})
    assert acts_between(followed[0], nobody)
    assert not acts_between(nobody, nobody.model_copy(update={"rivals": few}))


# ---------------------------------------------------------------- rounds of runs


def explored(lives, loaded=None, measured=None):
    """Answers when trial after trial is lived by ``lives(trial, arm)``, and all trials."""
    from experiments.workers import Failure

    if loaded is None:
        loaded, measured = asked_of(OUTREACH)
    asked = list(questions(loaded, measured))
    plan = break_even.Plan(loaded.market, loaded.arms, "world", "daily", Path())
    told: list[tuple[int, int]] = []
    rounds = Rounds(asked, measured, plan, "none", [0, 1, 2], lambda *t: told.append(t))
    trials = []
    while now := rounds.next():
        trials += now
        for trial in now:
            try:
                found = {arm: lives(trial, arm) for arm in trial.arms}
                rounds.done(Lived(trial, found, 1.0))
            except ArithmeticError as error:
                rounds.failed(Failure(trial, str(error), ""))
    assert not told or told[-1][0] == told[-1][1]
    return rounds, trials


def turning_at(threshold: float):
    """Profit turns round where a request multiplies by less than ``threshold``; else nothing."""

    def lives(trial, arm):
        profit = 1.0
        if arm:
            review = trial.path == "responding.ask_review"
            profit += arm * ((trial.value - threshold) if review else 1.0)
        return {"odr": (1.0, 2.0), "position": (1.0, 2.0), "profit": (profit, 2.0)}

    return lives


def test_one_run_serves_all_arms_and_nothing_is_run_twice():
    rounds, trials = explored(turning_at(1.5))
    found = {
        (rounds.names[q.arm], q.response.path): a.finding
        for q, a in rounds.answers.items()
        if q.metric == "profit"
    }
    for arm in ("hit product", "ask everyone", "full service", "brand template"):
        assert found[arm, "responding.ask_review"].verdict == FOUND
        assert found[arm, "responding.ask_review"].value == pytest.approx(1.5, abs=0.05)
    assert found["recover", "reconsidering.apology"].verdict == NONE
    others = [a.finding.verdict for q, a in rounds.answers.items() if q.metric != "profit"]
    assert set(others) == {NOT_CLEAR}
    runs = [(t.path, t.value, t.replicate, arm) for t in trials for arm in t.arms]
    assert len(runs) == len(set(runs)) == rounds.lived
    together = [t for t in trials if t.path == "responding.ask_review"]
    assert len(together[0].arms) == 4


def test_a_run_that_fails_costs_its_own_questions_only():
    def lives(trial, arm):
        if trial.path == "responding.ask_review" and trial.value < 2.0:
            raise ArithmeticError("no such request")
        return turning_at(1.5)(trial, arm)

    rounds, _ = explored(lives)
    verdicts = {(q.response.path, a.finding.verdict) for q, a in rounds.answers.items() if q.side}
    assert ("responding.ask_review", FAILED) in verdicts
    assert {v for path, v in verdicts if path != "responding.ask_review"} == {NONE}
    assert rounds.failures and not rounds.open


def test_an_experiment_without_clear_differences_runs_nothing():
    rounds, trials = explored(turning_at(1.5), *asked_of(OUTREACH, clear=0.0))
    assert trials == [] and {a.finding.verdict for a in rounds.answers.values()} == {NOT_CLEAR}


# ---------------------------------------------------------------- the file and the report


def row(arm="b", metric="odr", path="responding.ask_review", verdict=FOUND, **given) -> BreakEven:
    known = {
        "default": 2.0, "low": 1.2, "high": 5.0, "status": "assumed", "arm_is": "better",
        "break_even": math.nan, "least": math.nan, "most": math.nan, "replicates": 4, "runs": 9,
    }  # fmt: skip
    return BreakEven(arm=arm, metric=metric, response=path, verdict=verdict, **(known | given))


@pytest.mark.parametrize("name", [*HOSTILE, "=1+1", "'quoted'", 'a, "b"'])
def test_the_file_gives_back_what_was_written(tmp_path, name):
    rows = [row(name, break_even=1.0281230746, least=1.0, most=1.1), row(name, verdict=NONE)]
    write_break_even(rows, tmp_path / FILE)
    assert repr(read_break_even(tmp_path)) == repr(rows)
    assert tuple(column.name for column in BREAK_EVEN.columns) == COLUMNS


def test_a_file_with_other_columns_is_refused(tmp_path):
    (tmp_path / FILE).write_text("arm,metric\n")
    with pytest.raises(ValueError, match="not the columns"):
        read_break_even(tmp_path)
    assert read_break_even(tmp_path / "nowhere") == []


def test_sentences_name_what_is_assumed_and_where_the_advantage_goes():
    rows = [
        row(break_even=1.3281, least=1.24, most=1.41),
        row(path="reconsidering.apology", verdict=NONE, status="published"),
        row(metric="position", arm_is="", verdict=NOT_CLEAR),
        row(metric="position", arm_is="", verdict=NOT_CLEAR, path="reconsidering.apology"),
        row(metric="profit", arm_is="worse", verdict=NONE),
        row(metric="profit", arm_is="worse", verdict=UNSETTLED, path="reconsidering.apology"),
    ]
    (one,) = of_arms(rows)
    assert one.sentences == [
        "Its better ODR stays unless responding.ask_review (a request multiplies the propensity to "
        "review of a customer with nothing particular to say) is below 1.33 (assumed: 2; "
        "plausible: 1.2 to 5).",
        "Its worse profit stays at both ends of all other plausible ranges. About "
        "reconsidering.apology these few replicates say nothing.",
        "It has no clear difference to lose in position.",
    ]
    (two,) = of_arms([row(verdict=NONE), row(verdict=NONE, metric="profit", arm_is="worse")])
    assert two.sentences == [
        "Its better ODR and worse profit stay at both ends of all plausible ranges."
    ]
    assert one.turns and not two.turns
    cells = {line.path: [cell.text for cell in line.cells] for line in one.lines}
    assert cells["responding.ask_review"] == ["below 1.33", "–", "none in range"]
    assert cells["reconsidering.apology"] == ["none in range", "–", "not settled"]
    assert one.lines[0].cells[0].span == "1.24 to 1.41"


def test_a_break_even_near_the_end_of_its_range_is_not_printed_as_the_end():
    assert printed(1.0281, row(low=1.0, high=3.0)) == "1.03"
    assert printed(13.246, row(low=2.0, high=20.0)) == "13.2"
    assert printed(0.26399, row(low=0.2, high=0.55)) == "0.264"


def test_an_arm_without_a_clear_difference_has_a_sentence_and_no_table():
    rows = [row(metric=m, arm_is="", verdict=NOT_CLEAR) for m in break_even.MEASURES]
    (one,) = of_arms(rows)
    assert one.sentences == ["It has no clear difference to lose in ODR, position and profit."]
    assert one.lines == []


def test_the_report_says_it_again_from_the_file_with_every_name_as_text(tmp_path):
    failed = {"response": HOSTILE[0], "value": 0.5, "replicate": 2, "error": HOSTILE[0]}
    told = {"replicates": 4, "runs": 9, "cpu_s": 1.0, "failed": [failed]}
    folder = write_result(tmp_path / "result", HOSTILE[:3], days=40, break_even=told)
    write_break_even(
        [row(HOSTILE[0], break_even=1.3, least=1.2, most=1.4), row(HOSTILE[2], path=HOSTILE[0])],
        folder / FILE,
    )
    html = write_summary_and_report(folder).read_text(encoding="utf-8")
    assert (folder / FILE).is_file()
    section = html[html.index('id="break-even"') : html.index('id="trust"')]
    assert "<img" not in section and "&lt;img src=x" in section
    assert "below 1.3" in section and "in 4 replicates" in section
    assert re.search(r"A run with .* at 0.5 \(replicate 2\) failed", section)


# ---------------------------------------------------------------- in a market


def experiment(folder: Path, *overrides: str):
    file = folder / "breaks.yaml"
    file.write_text(MARKET, encoding="utf-8")
    return load(file, overrides)


def test_workers_change_nothing_and_the_tables_stay_as_they_are(tmp_path, monkeypatch):
    monkeypatch.setattr(runner, "_problem_with_words", lambda folder, p_values: "")
    small = ("buyers.count=400", "days=60", "replicates=6", "costs.asking=50.0", "vary=luck")
    loaded = experiment(tmp_path, *small, "break_even=2")
    told: list[tuple[int, int]] = []
    one, two = (
        run_experiment(loaded, tmp_path / str(n), workers=n, progress=lambda *t: told.append(t))
        for n in (1, 2)
    )
    assert (one.path / FILE).read_bytes() == (two.path / FILE).read_bytes()
    rows = read_break_even(one.path)
    assert {r.metric for r in rows if r.arm_is} == {"profit"}, "requests that cost 50 dollars"
    assert one.manifest["break_even"]["runs"] == two.manifest["break_even"]["runs"] > 0
    assert told[-1][0] == told[-1][1] == 12 + one.manifest["break_even"]["runs"]
    without = experiment(tmp_path, *small, "break_even=0")
    bare = run_experiment(without, tmp_path / "bare", workers=1)
    assert bare.manifest["content_hash"] == one.manifest["content_hash"]
    assert not (bare.path / FILE).exists()


def test_results_outlive_runs_that_fail(tmp_path, monkeypatch):
    def broken(*arguments):
        raise ValueError("lost at /somewhere/private")

    monkeypatch.setattr(break_even, "with_response", broken)
    small = ("buyers.count=400", "days=60", "replicates=6", "costs.asking=50.0", "vary=luck")
    outcome = run_experiment(experiment(tmp_path, *small), tmp_path / "out", workers=1)
    assert outcome.failures == [] and not outcome.report_problem
    failed = outcome.manifest["break_even"]["failed"]
    assert failed[0]["error"] == "ValueError: lost at private"
    assert {r.verdict for r in read_break_even(outcome.path) if r.arm_is} == {FAILED}
    assert "failed, so that its break-evens" in (outcome.path / "report.html").read_text("utf-8")


@pytest.mark.slow
def test_a_printed_break_even_is_one_on_fresh_seeds(tmp_path):
    outcome = run_experiment(experiment(tmp_path), tmp_path / "out")
    (found,) = (
        r
        for r in read_break_even(outcome.path)
        if r.metric == "odr" and r.response == "responding.ask_feedback"
    )
    assert found.verdict == FOUND and found.arm_is == "better"
    value = float(printed(found.break_even, found))
    assert found.default < value < found.high

    def fresh(at: float):
        loaded = experiment(
            tmp_path, "seed=99", "break_even=0", "replicates=8", f"responding.ask_feedback={at}"
        )
        path = run_experiment(loaded, tmp_path / f"at {at}").path
        rows = read_summary(path / "summary.csv")
        return next(r for r in rows if (r.arm, r.metric) == ("ask and mend", "odr"))

    below, there, above = fresh(found.low), fresh(value), fresh(found.high)
    assert below.diff_ci_high < 0.0 < above.diff_ci_low
    assert there.diff_ci_low <= 0.0 <= there.diff_ci_high
    # Worlds of both samples differ, so the value is not where these would cross.
    assert abs(there.diff) < 0.5 * min(-below.diff, above.diff)
