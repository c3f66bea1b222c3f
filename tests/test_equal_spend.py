"""Equal spend: levers set on pilots, what is said of mistakes in them, and what the report says."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_arms import BASE
from tiny import TINY

from experiments import pilots
from experiments.again import write_summary_and_report
from experiments.config import load
from experiments.equal_spend import WITHIN
from experiments.mistakes import ConfigError, UserError
from experiments.pilots import AIM, FIRST_PILOT, PilotsFailed, matched, run_pilot
from experiments.plan import plan_text
from experiments.platforms import ROOT
from experiments.replicate import Plan, Shared, Task
from experiments.root import MOST_TRIED, Search
from experiments.runner import run_experiment
from experiments.screen import show_result
from experiments.summary import read_summary

ARMS = """\
  base: {}
  ask: {strategy: ask_everyone}
  punctual: {}
  better: {focal.damaged: 0.001}
  again: {placebo: true}
"""
FIRST = (BASE + ARMS).count("\n") + 1
"""Line of ``equal_spend:``; `like` is on the next, the first lever two below that."""


def write(folder: Path, lines: str, arms: str = ARMS, end: str = "") -> Path:
    file = folder / "experiment.yaml"
    text = "".join(f"  {line}\n" for line in lines.splitlines())
    file.write_text(f"{BASE}{arms}equal_spend:\n{text}{end}")
    return file


def levers(*lines: str, like: str = "ask") -> str:
    return "\n".join([f"like: {like}", "levers:", *(f"  {line}" for line in lines)])


GOOD = "punctual: {set: focal.on_time, between: [0.95, 0.99]}"

MISTAKES = [
    # what                lines                                parts of the message
    ("unknown like", levers(GOOD, like="asks"),
        [f":{FIRST + 1}:9: equal_spend.like: found \"asks\"", "allowed: base, ask,", '"ask"?']),
    ("no like", f"levers:\n  {GOOD}",
        [f":{FIRST + 1}:3: equal_spend.like: missing; required: text"]),
    ("no levers", "like: ask", ["equal_spend.levers: missing"]),
    ("empty levers", "like: ask\nlevers: {}",
        [f":{FIRST + 2}:11: equal_spend.levers: found no lever; allowed: at least one"]),
    ("list of levers", "like: ask\nlevers: [focal.on_time]", ["equal_spend.levers: found a list"]),
    ("unknown key", levers(GOOD) + "\npilot: 3",
        [f":{FIRST + 4}:3: equal_spend.pilot: unknown key; did you mean \"pilots\"?"]),
    ("no pilots", levers(GOOD) + "\npilots: 0", ["equal_spend.pilots: found 0", "1 to 1,000"]),
    ("unknown arm", levers(GOOD.replace("punctual:", "punctua:")),
        [f":{FIRST + 3}:5: equal_spend.levers.punctua: found \"punctua\"", '"punctual"?']),
    ("lever of like", levers(GOOD.replace("punctual:", "ask:")),
        [f":{FIRST + 3}:5: equal_spend.levers.ask: the arm whose spending the others match"]),
    ("lever of the baseline", levers(GOOD.replace("punctual:", "base:")),
        [f":{FIRST + 3}:5: equal_spend.levers.base: the baseline"]),
    ("lever of a placebo", levers(GOOD.replace("punctual:", "again:")),
        [f":{FIRST + 3}:5: equal_spend.levers.again: a placebo"]),
    ("stated twice", levers("better: {set: focal.damaged, between: [0.001, 0.01]}"),
        [f":{FIRST + 3}:19: equal_spend.levers.better.set: found focal.damaged", "two places"]),
    ("stated by another name", levers("better: {set: sellers.C.damaged, between: [0.001, 0.01]}"),
        [f":{FIRST + 3}:19:", "found the same place as"]),
    ("misspelt path", levers(GOOD.replace("on_time", "on_tme")),
        [f":{FIRST + 3}:21: arms.punctual.sellers.1.on_tme: unknown key", '"on_time"?']),
    ("what arms share", levers(GOOD.replace("focal.on_time", "warm_up")),
        [f":{FIRST + 3}:21: arms.punctual.warm_up: warm_up belongs to the experiment"]),
    ("another world", levers("punctual: {set: buyers.trips_per_year, between: [20, 30]}"),
        [f":{FIRST + 3}:21: equal_spend.levers.punctual.set: found buyers.trips_per_year, which "
         "makes another world"]),
    ("a strategy that it does not follow",
        levers("punctual: {set: strategies.recover.lines.0.per_day, between: [1, 9]}"),
        ["equal_spend.levers.punctual.set", "changes nothing in this arm"]),
    ("no number", levers(GOOD.replace("on_time", "care")),
        [f":{FIRST + 3}:43: arms.punctual.sellers.1.care: found 0.95; allowed: a mapping"]),
    ("a word", levers(GOOD.replace("on_time", "name")), ["found 0.95; allowed: text"]),
    ("low end out of range", levers(GOOD.replace("0.95", "0.01")),
        [f":{FIRST + 3}:46: arms.punctual.sellers.1.on_time: found 0.01; allowed: a number from"]),
    ("high end out of range", levers(GOOD.replace("0.99", "1.5")),
        [f":{FIRST + 3}:52: arms.punctual.sellers.1.on_time: found 1.5; allowed: a number from"]),
    ("ends that fall", levers(GOOD.replace("[0.95, 0.99]", "[0.99, 0.95]")),
        [f":{FIRST + 3}:15: equal_spend.levers.punctual: found between: [0.99, 0.95]"]),
    ("three ends", levers(GOOD.replace("0.95, ", "0.95, 0.97, ")),
        ["equal_spend.levers.punctual.between: found a list of 3; allowed: a list of 2 numbers"]),
    ("parts of orders", levers("punctual: {set: focal.capacity, between: [1.5, 9]}"),
        ["arms.punctual.sellers.1.capacity: found 1.5; allowed: a whole number"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "parts"), [m[1:] for m in MISTAKES], ids=[m[0] for m in MISTAKES]
)
def test_a_mistake_is_told_once_with_its_place(tmp_path, lines, parts):
    with pytest.raises(ConfigError) as refused:
        load(write(tmp_path, lines))
    message = str(refused.value)
    assert all(part in message for part in parts), message
    assert message.count("\n") == 0, message


def test_mistakes_of_arms_and_base_are_told_beside_it_and_once(tmp_path):
    arms = ARMS.replace("better: {focal.damaged: 0.001}", "better: {focal.damaged: 2}")
    lever = "better: {set: focal.on_time, between: [0.9, 0.99]}"
    with pytest.raises(ConfigError) as refused:
        load(write(tmp_path, levers(GOOD, lever, like="nobody"), arms, "days: -1\n"))
    said = [str(mistake).split(": ")[1] for mistake in refused.value.mistakes]
    assert said == ["arms.better.sellers.1.damaged", "equal_spend.like", "days"]


def test_an_arm_that_has_only_a_lever_is_no_copy_of_the_baseline(tmp_path):
    loaded = load(write(tmp_path, levers(GOOD)))
    (lever,) = loaded.levers
    assert (lever.arm, lever.low, lever.high, lever.whole) == ("punctual", 0.95, 0.99, False)
    assert lever.loc == ("sellers", 1, "on_time")
    assert lever.set_to(0.98).market.sellers[1].on_time == 0.98
    assert [change.new for change in lever.set_to(0.98).changes] == [0.98]
    with pytest.raises(ValueError, match="allowed: a number from"):
        lever.set_to(2.0)


def test_levers_may_be_whole_numbers_and_parts_of_strategies(tmp_path):
    arms = ARMS.replace("punctual: {}", "punctual: {strategy: recover}")
    lines = levers(
        "punctual: {set: strategies.recover.lines.0.budget, between: [10, 90]}",
        "better: {set: focal.capacity, between: [3, 40]}",
    )
    budget, capacity = load(write(tmp_path, lines, arms)).levers
    assert (budget.whole, capacity.whole, capacity.middle) == (False, True, 21)
    followed = budget.set_to(33.5).market.strategies["recover"]
    assert followed.lines[0].budget == 33.5


def test_check_says_what_pilots_would_set(tmp_path):
    said = plan_text(load(write(tmp_path, levers(GOOD) + "\npilots: 3")))
    assert "3 pilot replicates set these so that the arms spend as much as ask:" in said
    assert "punctual: focal.on_time between 0.95 and 0.99" in said
    assert "sellers.C.on_time: 0.9 -> set by pilots, as below" in said


# --- the search ------------------------------------------------------------------------------


def shapes(low: float, high: float):
    """Monotone functions of every kind, from 500 to 3500."""
    span = high - low
    return {
        "line": lambda x: 500 + 3000 * (x - low) / span,
        "falling": lambda x: 3500 - 3000 * (x - low) / span,
        "steep at the end": lambda x: 500 + 30 * (1 / (1.01 - (x - low) / span) - 1 / 1.01),
        "steep at the start": lambda x: 500 + 3000 * ((x - low) / span) ** 0.5,
        "steps": lambda x: 500 + 10 * math.floor(300 * (x - low) / span),
        "curved": lambda x: 500 + 3000 * ((x - low) / span) ** 6,
    }


@given(
    shape=st.sampled_from(sorted(shapes(0, 1))),
    low=st.floats(-50, 50),
    span=st.floats(0.01, 1e4),
    share=st.floats(0.0, 1.0),
)
def test_the_search_comes_within_two_per_cent(shape, low, span, share):
    f = shapes(low, low + span)[shape]
    ends = f(low), f(low + span)
    wanted = min(ends) + share * abs(ends[1] - ends[0])
    search = Search(wanted, AIM * wanted, low, low + span, *ends)
    assert search.reachable
    while (x := search.next()) is not None:
        assert low < x < low + span
        search.tell(x, f(x))
    assert abs(search.best[1] / wanted - 1) <= WITHIN
    assert len(search.tried) <= MOST_TRIED


@given(low=st.integers(0, 50), span=st.integers(1, 5000), share=st.floats(0.0, 1.0))
def test_whole_numbers_end_beside_the_sum(low, span, share):
    wanted = 1000 + share * span
    search = Search(wanted, 0.4, low, low + span, 1000.0, 1000.0 + span, whole=True)
    while (x := search.next()) is not None:
        assert isinstance(x, int)
        search.tell(x, 1000.0 + x - low)
    assert abs(search.best[1] - wanted) <= 0.5


def test_a_sum_beyond_both_ends_is_not_reachable():
    assert not Search(100.0, 1.0, 0.0, 1.0, 10.0, 90.0).reachable
    assert Search(100.0, 1.0, 0.0, 1.0, 10.0, 99.5).reachable
    assert Search(100.0, 1.0, 0.0, 1.0, 10.0, 90.0).next() is None


# --- on a market -----------------------------------------------------------------------------

MARKET = """\
name: small
question: What does the same money do?
platform: amazon_2016
vary: luck
days: 60
run_out: 5
past: {days: 30}
replicates: 6
categories: [{name: kitchen, price: 30.0}]
sellers:
  - name: Northwind
    focal: true
    on_time: 0.9
    listings: [{category: kitchen, price: 30.0, reviews: [8, 8, 16, 60, 110]}]
rivals: {count: 0}
buyers: {count: 1500, trips_per_year: 60.0}
non_buying_users: {count: 20}
strategies:
  words: [{when: order_delivered, do: apologise, tone: 1.0, budget: 500}]
arms:
  base: {}
  outreach: {strategy: words}
  punctual: {}
  again: {placebo: true}
  fewer: {focal.damaged: 0.003}
equal_spend:
  like: outreach
  pilots: 4
  levers:
    punctual: {set: focal.on_time, between: [0.9, 0.998]}
    fewer: {set: focal.quality, between: [0.6, 0.9]}
"""


def market(folder: Path, *overrides: str, **swapped: str):
    text = MARKET
    for old, new in swapped.items():
        assert old in text
        text = text.replace(old, new)
    file = folder / "small.yaml"
    file.write_text(text)
    return load(file, overrides)


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    folder = tmp_path_factory.mktemp("spend")
    loaded, told = market(folder), []
    outcome = run_experiment(
        loaded, folder / "out", workers=1, progress=lambda *said: told.append(said)
    )
    return loaded, outcome, told


def test_pilots_and_fresh_replicates_spend_the_same(ran):
    _, outcome, _ = ran
    said = outcome.manifest["equal_spend"]
    assert [arm["arm"] for arm in said["arms"]] == ["punctual", "fewer"]
    for arm in said["arms"]:
        assert abs(arm["spending"] / said["wanted"] - 1) <= WITHIN
    rows = {r.arm: r for r in read_summary(outcome.path / "summary.csv") if r.metric == "spending"}
    for name in ("punctual", "fewer"):
        assert abs(rows[name].mean / rows["outreach"].mean - 1) <= WITHIN
    assert rows["outreach"].mean > 1.02 * rows["base"].mean


def test_the_value_stands_among_the_changes_of_its_arm(ran):
    loaded, outcome, _ = ran
    said = {arm["arm"]: arm for arm in outcome.manifest["equal_spend"]["arms"]}
    arms = {arm["name"]: arm["changes"] for arm in outcome.manifest["arms"]}
    (change,) = arms["punctual"]
    assert change["path"] == "sellers.Northwind.on_time"
    assert change["value"] == said["punctual"]["value"] != loaded.arms[2].changes[0].new
    assert {c["path"] for c in arms["fewer"]} == {
        "sellers.Northwind.quality",
        "sellers.Northwind.damaged",
    }
    assert outcome.manifest["placebo"] == {"again": True}


def test_pilots_have_other_numbers_than_measured_replicates(ran):
    loaded, outcome, told = ran
    numbers = outcome.manifest["equal_spend"]["pilots"]
    assert numbers == [FIRST_PILOT + k for k in range(4)]
    assert loaded.experiment.replicates < 100_001 < FIRST_PILOT
    assert not set(numbers) & set(outcome.manifest["replicates"])
    kinds = [said[2:] for said in told]
    assert kinds == sorted(kinds, reverse=True), "pilots come before the runs"
    assert ("pilot runs",) in kinds and () in kinds


def test_pilots_of_luck_live_in_the_market_that_is_measured(tmp_path):
    loaded = market(tmp_path, "rivals.count=2")
    arms = (loaded.arms[0],)

    def qualities(vary: str, replicate: int) -> list[float]:
        plan = Plan(loaded.market, arms, vary, "focal", Path())
        return Shared(plan, replicate).begin(arms[0]).world.listings["quality"].tolist()

    assert qualities("luck", FIRST_PILOT) == qualities("luck", 0)
    assert qualities("world", FIRST_PILOT) != qualities("world", 0)
    plan = Plan(loaded.market, arms, "luck", "focal", Path())
    draws = [run_pilot(plan, Task(n, (0,))).spending for n in (0, FIRST_PILOT, FIRST_PILOT + 1)]
    assert len(set(draws)) == 3


def test_a_pilot_measures_what_a_whole_run_would(tmp_path, ran):
    """Money is known on the day on which it is spent, so pilots leave the run-out out."""
    loaded, outcome, _ = ran
    rows = {r.arm: r for r in read_summary(outcome.path / "summary.csv") if r.metric == "spending"}
    plan = Plan(loaded.market, loaded.arms[:2], "luck", "focal", Path())
    spent = [run_pilot(plan, Task(r, (0, 1))).spending for r in range(6)]
    for i, name in enumerate(("base", "outreach")):
        assert sum(s[i] for s in spent) / 6 == pytest.approx(rows[name].mean, abs=1e-9)


@pytest.mark.slow
def test_workers_change_nothing(tmp_path, ran):
    loaded, outcome, _ = ran
    other = run_experiment(loaded, tmp_path / "out", workers=3)
    assert other.manifest["equal_spend"] == outcome.manifest["equal_spend"]
    assert other.manifest["content_hash"] == outcome.manifest["content_hash"]
    one, two = (o.path / "report.html" for o in (other, outcome))
    assert len(one.read_text()) == len(two.read_text())


def test_report_and_terminal_show_the_sums_and_compare_at_equal_spend(ran, capsys):
    _, outcome, _ = ran
    page = (outcome.path / "report.html").read_text(encoding="utf-8")
    part = page.split('id="equal-spend"')[1].split("</section>")[0]
    for said in outcome.manifest["equal_spend"]["arms"]:
        assert f"{said['value']:g}" in part
        assert f"${said['spending']:,.0f}" in part
    assert "4 pilot replicates" in part and "matched by the others" in part
    assert "baseline, not matched" in part and "again" not in part
    assert "more than 2" not in part
    before = page
    write_summary_and_report(outcome.path)
    assert (outcome.path / "report.html").read_text(encoding="utf-8") == before
    show_result(outcome.path)
    said = " ".join(capsys.readouterr().out.split())
    assert "Spending on quality, service and outreach a month: “outreach” $" in said
    assert "* punctual, against outreach: " in said


def test_sums_that_differ_by_luck_are_told_aloud(ran, tmp_path):
    _, outcome, _ = ran
    copy = tmp_path / "copy"
    copy.mkdir()
    for file in outcome.path.glob("*.*"):
        (copy / file.name).write_bytes(file.read_bytes())
    manifest = json.loads((copy / "manifest.json").read_text())
    manifest["equal_spend"]["arms"] = [
        {**arm, "arm": "base"} for arm in manifest["equal_spend"]["arms"][:1]
    ]
    (copy / "manifest.json").write_text(json.dumps(manifest))
    write_summary_and_report(copy)
    page = " ".join((copy / "report.html").read_text(encoding="utf-8").split())
    assert "spent more than 2 % apart from “outreach”, though pilots agreed" in page


def test_an_experiment_without_equal_spend_says_nothing_of_it(tmp_path):
    loaded = load(ROOT / "configs" / "quickstart.yaml", [*TINY, "replicates=1"])
    assert matched(loaded, 1) == (loaded, None)
    outcome = run_experiment(loaded, tmp_path / "out", workers=1)
    assert "equal_spend" not in outcome.manifest
    assert "Equal spend" not in (outcome.path / "report.html").read_text(encoding="utf-8")


def test_a_sum_that_cannot_be_reached_is_one_clear_mistake(tmp_path):
    loaded = market(tmp_path, **{"[0.9, 0.998]": "[0.9, 0.901]", "pilots: 4": "pilots: 2"})
    with pytest.raises(UserError) as refused:
        run_experiment(loaded, tmp_path / "out", workers=1)
    said = str(refused.value)
    place = f"{tmp_path}/small.yaml:{MARKET[: MARKET.index('[0.9, 0.998]')].count(chr(10)) + 1}:"
    assert said.startswith(place) and "equal_spend.levers.punctual" in said
    assert 'which cannot be reached: "punctual" spends $' in said
    assert "with focal.on_time at 0.9, $" in said and "\n" not in said
    assert [file.name for file in tmp_path.iterdir()] == ["small.yaml"]


def test_a_sum_that_is_jumped_over_is_refused(tmp_path, monkeypatch):
    loaded = market(tmp_path)

    def spending(self, arms):
        quality = [arm.market.sellers[0].quality for arm in arms]
        on_time = [arm.market.sellers[0].on_time for arm in arms]
        return [
            1000.0 if arm.name == "outreach" else 500.0 if q < 0.7 and t < 0.95 else 1500.0
            for arm, q, t in zip(arms, quality, on_time, strict=True)
        ]

    monkeypatch.setattr(pilots._Pilots, "spending", spending)
    with pytest.raises(UserError, match='is jumped over: "punctual" spends'):
        matched(loaded, 1)


def test_a_pilot_that_fails_is_named(tmp_path, monkeypatch):
    def broken(*arguments):
        raise ValueError("not today")

    monkeypatch.setattr(pilots, "measure", broken)
    with pytest.raises(PilotsFailed, match="pilot replicate 1 failed: ValueError: not today"):
        run_experiment(market(tmp_path), tmp_path / "out", workers=1)
    assert [file.name for file in tmp_path.iterdir()] == ["small.yaml"]


def test_an_interrupt_in_pilots_leaves_nothing_behind(tmp_path):
    def interrupt(*said):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_experiment(market(tmp_path), tmp_path / "out", workers=1, progress=interrupt)
    assert [file.name for file in tmp_path.iterdir()] == ["small.yaml"]
