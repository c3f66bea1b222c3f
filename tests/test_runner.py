"""An experiment from file to directory: what it writes, what arms share, what fails and is kept."""

from __future__ import annotations

import json
import os

import numpy as np
import pytest
from tiny import QUICKSTART, tiny

from experiments import replicate as worker
from experiments import runner
from experiments.again import write_summary_and_report
from experiments.config import load
from experiments.focal import focal_table
from experiments.manifest import from_real_statistics, without_folders
from experiments.metrics import METRICS, measure, rivals_at_the_start
from experiments.mistakes import UserError
from experiments.platforms import ROOT
from experiments.replicate import Plan, Task, run_task
from experiments.results import content_hash, read_table
from experiments.runner import NothingSucceeded, run_experiment, tasks_of
from experiments.size import bytes_a_worker, most_bytes, workers_that_fit
from experiments.summary import measured_from_table, read_summary, values
from experiments.workers import run_tasks
from sim.engine import Engine
from sim.model import Marketplace

TABLES = ("sellers", "listings", "market", "focal")
FILES = {*(f"{name}.parquet" for name in (*TABLES, "measured")), "manifest.json", "summary.csv",
         "codebook.md", "report.html", "figures"}  # fmt: skip


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    loaded = tiny("sellers.Northwind.capacity=2")
    outcome = run_experiment(loaded, tmp_path_factory.mktemp("ran") / "out", workers=1)
    return loaded, outcome


def test_a_result_holds_tables_summary_codebook_report_and_figures(ran):
    _, outcome = ran
    assert {file.name for file in outcome.path.iterdir()} == FILES
    figures = {file.suffix for file in (outcome.path / "figures").iterdir()}
    assert figures == {".png", ".svg"}
    assert [path.name for path in outcome.path.parent.iterdir()] == ["out"]
    assert outcome.failures == [] and outcome.placebos_exact


def test_tables_are_those_of_the_core_with_arm_and_replicate(ran):
    """Every cell, arm by arm, is what the Mesa model of that arm lives through alone."""
    loaded, outcome = ran
    tables = {name: read_table(outcome.path / f"{name}.parquet") for name in TABLES}
    for arm, r in ((loaded.arms[0], 0), (loaded.arms[2], 2)):
        base = Engine(loaded.market, r)
        alone = base.branch(arm.market)
        alone.live_through(alone.last_day)
        for name, columns in alone.tables().items():
            stored = tables[name]
            rows = (stored["arm"] == arm.name) & (stored["replicate"] == r)
            assert list(stored) == ["arm", "replicate", *columns]
            for column, expected in columns.items():
                found = stored[column][rows]
                if expected.dtype == object:
                    assert found.tolist() == expected.tolist(), column
                else:
                    np.testing.assert_array_equal(np.ma.filled(found, np.nan), expected, column)


def test_the_base_arm_is_the_market_that_the_mesa_model_runs(ran):
    loaded, outcome = ran
    assert loaded.arms[0].market == loaded.market
    tables = Marketplace(loaded.market, replicate=1).run().tables()
    sellers = read_table(outcome.path / "sellers.parquet")
    rows = (sellers["arm"] == loaded.arms[0].name) & (sellers["replicate"] == 1)
    np.testing.assert_array_equal(sellers["orders"][rows], tables["sellers"]["orders"])


def test_the_summary_is_about_what_was_measured(ran):
    loaded, outcome = ran
    measured = measured_from_table(read_table(outcome.path / "measured.parquet"))
    assert measured.keys() == {(arm.name, name) for arm in loaded.arms for name in METRICS}
    rows = {(row.arm, row.metric): row for row in read_summary(outcome.path / "summary.csv")}
    assert rows.keys() == measured.keys()
    for key in (("outreach", "orders"), ("better service", "profit")):
        assert rows[key].mean == pytest.approx(values(measured[key]).mean())
        base = values(measured["as it is", key[1]])
        assert rows[key].diff == pytest.approx((values(measured[key]) - base).mean())


def test_a_placebo_differs_by_exactly_nothing(ran):
    _, outcome = ran
    assert outcome.manifest["placebo"] == {"as it is, again": True}
    rows = [r for r in read_summary(outcome.path / "summary.csv") if r.arm == "as it is, again"]
    known = [r for r in rows if not np.isnan(r.mean)]
    assert len(known) > 15
    assert all(r.diff == r.diff_ci_low == r.diff_ci_high == 0.0 for r in known)
    sellers = read_table(outcome.path / "sellers.parquet")
    a, b = (sellers["arm"] == name for name in ("as it is", "as it is, again"))
    assert all((sellers["revenue"][a] == sellers["revenue"][b]).tolist())


def test_arms_share_their_luck_up_to_the_end_of_the_warm_up(tmp_path):
    loaded = tiny("warm_up=8", "sellers.Northwind.capacity=2")
    outcome = run_experiment(loaded, tmp_path / "out", workers=1)
    sellers = read_table(outcome.path / "sellers.parquet")
    early = sellers["day"] <= 8
    first = sellers["arm"] == "as it is"
    for arm in loaded.arms[1:]:
        rows = sellers["arm"] == arm.name
        for name in ("orders", "revenue", "late", "window_orders"):
            assert (sellers[name][rows & early] == sellers[name][first & early]).all()
        assert arm.placebo or any(
            (sellers[name][rows & ~early] != sellers[name][first & ~early]).any()
            for name in ("profit", "revenue", "late", "orders")
        )
    assert outcome.manifest["warm_up"] == 8
    states = outcome.manifest["branched_from"]
    assert len(set(states.values())) == 3, "one state a replicate, of its own"
    shared = Engine(loaded.market, 1)
    shared.live_through(8)
    assert states[1] == shared.state_hash()


@pytest.mark.parametrize("vary", ["world", "luck"])
def test_replicates_redraw_the_world_or_luck_alone(tmp_path, vary):
    outcome = run_experiment(tiny(f"vary={vary}"), tmp_path / "out", workers=1)
    listings = read_table(outcome.path / "listings.parquet")
    first = (listings["day"] == 1) & (listings["arm"] == "as it is")
    per_replicate = [
        tuple(listings["quality"][first & (listings["replicate"] == r)]) for r in (0, 1, 2)
    ]
    assert len(set(per_replicate)) == (3 if vary == "world" else 1)
    assert len({q[:4] for q in per_replicate}) == 1  # what the focal seller states stays
    orders = [listings["orders"][first & (listings["replicate"] == r)].tolist() for r in (0, 1)]
    assert orders[0] != orders[1]


def test_workers_and_parts_change_nothing(tmp_path):
    """One worker or two, whole replicates or slices of their arms: the same bytes."""
    loaded = tiny("replicates=2")
    outcomes = [run_experiment(loaded, tmp_path / str(n), workers=n) for n in (1, 2, 5)]
    assert len({o.manifest["content_hash"] for o in outcomes}) == 1
    assert len(tasks_of(loaded, 5)) == 6 and len(tasks_of(loaded, 2)) == 2
    for name in (*TABLES, "measured"):
        tables = [read_table(o.path / f"{name}.parquet") for o in outcomes]
        for column, values_ in tables[0].items():
            for other in tables[1:]:
                assert np.array_equal(
                    np.ma.filled(values_, 0), np.ma.filled(other[column], 0),
                    equal_nan=values_.dtype.kind == "f",
                ), (name, column)  # fmt: skip
    for file in ("summary.csv", "codebook.md"):
        assert len({(o.path / file).read_bytes() for o in outcomes}) == 1


def test_parts_of_a_replicate_hold_every_arm_once():
    loaded = tiny("replicates=2")
    for workers in (1, 2, 3, 4, 7, 50):
        tasks = tasks_of(loaded, workers)
        for r in (0, 1):
            arms = [arm for task in tasks if task.replicate == r for arm in task.arms]
            assert arms == list(range(len(loaded.arms)))


def test_an_arm_of_another_world_is_built_anew(tmp_path):
    text = QUICKSTART.read_text(encoding="utf-8")
    arms = text.index("arms:")
    file = tmp_path / "worlds.yaml"
    file.write_text(
        text[:arms] + "arms:\n  as it is: {}\n  fewer buyers: {buyers.count: 100}\n"
        "  again: {placebo: true}\n\n" + text[text.index("categories:") :]
    )
    outcome = run_experiment(tiny(path=file), tmp_path / "out", workers=1)
    market = read_table(outcome.path / "market.parquet")
    trips = {a: market["trips"][market["arm"] == a].sum() for a in ("as it is", "fewer buyers")}
    assert trips["fewer buyers"] < 0.5 * trips["as it is"]
    assert [arm["rebuilt"] for arm in outcome.manifest["arms"]] == [False, True, False]
    assert outcome.placebos_exact


def test_settings_of_an_arm_with_a_world_of_its_own_wait_for_the_end_of_the_warm_up(tmp_path):
    """What is changed beside a world field does not reach back into the past."""
    text = QUICKSTART.read_text(encoding="utf-8")
    file = tmp_path / "worlds.yaml"
    world = "platform.fees.referral: 0.2"
    file.write_text(
        text[: text.index("baseline:")]
        + f"arms:\n  as it is: {{}}\n  dearer: {{{world}}}\n"
        + f"  dearer and worse: {{{world}, focal.on_time: 0.3, focal.damaged: 0.5}}\n"
        + "  named: {platform.about: Words change nothing, focal.on_time: 0.5}\n\n"
        + text[text.index("categories:") :]
    )
    loaded = tiny("warm_up=12", path=file)
    assert [arm.rebuilt for arm in loaded.arms] == [False, True, True, False]
    outcome = run_experiment(loaded, tmp_path / "out", workers=1)
    sellers = read_table(outcome.path / "sellers.parquet")
    early = sellers["day"] <= 12
    one, two = (sellers["arm"] == name for name in ("dearer", "dearer and worse"))
    for name in ("orders", "late", "profit", "window_defects"):
        assert (sellers[name][one & early] == sellers[name][two & early]).all(), name
    assert (sellers["profit"][one & ~early] != sellers["profit"][two & ~early]).any()


def test_a_shared_state_that_an_arm_wrote_into_is_noticed(tmp_path, monkeypatch):
    loaded = tiny()
    monkeypatch.setattr(Engine, "branch", lambda self, config, own: self)
    (tmp_path / "parts").mkdir()
    plan = Plan(loaded.market, loaded.arms, "world", "daily", tmp_path / "parts")
    with pytest.raises(RuntimeError, match="written into the state that arms share"):
        run_task(plan, Task(0, (0,)))


def test_rivals_that_left_in_the_warm_up_are_not_among_those_that_are_measured():
    loaded = tiny("warm_up=60", "days=80", "rivals.exit_per_year=0.9")
    engine = Engine(loaded.market)
    engine.live_through(engine.last_day)
    tables = engine.tables()
    sellers = tables["sellers"]
    present = (sellers["day"] == 61) & ~np.isin(sellers["state"].astype(str), ["left", "closed"])
    gone = (sellers["day"] == 60) & np.isin(sellers["state"].astype(str), ["left", "closed"])
    assert gone.sum() >= 3
    there = rivals_at_the_start(sellers, engine.focal, 60)
    assert not there & set(sellers["seller"][gone])
    assert there >= set(sellers["seller"][present].tolist()) - {engine.focal}
    assert len(there) == 11  # who leaves is replaced
    assert focal_table(tables, engine.focal, loaded.market)["rival_trouble"][60] <= 2 / 11


def failing(monkeypatch, *replicates: int) -> None:
    real = worker.measure

    def measure_or_fail(tables, focal, market):
        if failing.now in replicates:
            raise ValueError(f"cannot measure\n{ROOT}/secret")
        return real(tables, focal, market)

    class Noting(Engine):
        def __init__(self, config, replicate=0, world_replicate=None, **more):
            failing.now = replicate
            super().__init__(config, replicate, world_replicate)

    monkeypatch.setattr(worker, "Engine", Noting)
    monkeypatch.setattr(worker, "measure", measure_or_fail)


def test_what_fails_is_named_and_the_rest_is_kept(tmp_path, monkeypatch):
    failing(monkeypatch, 1)
    outcome = run_experiment(tiny(), tmp_path / "out", workers=1)
    assert [f.task.replicate for f in outcome.failures] == [1]
    manifest = outcome.manifest
    assert manifest["replicates"] == [0, 2]
    (failed,) = manifest["failed"]
    assert failed["error"] == "ValueError: cannot measure"
    assert failed["again"].startswith("python run.py run configs/quickstart.yaml --set days=20")
    assert failed["again"].endswith("--only-replicate 1")
    sellers = read_table(outcome.path / "sellers.parquet")
    assert sorted(set(sellers["replicate"].tolist())) == [0, 2]
    row = next(r for r in read_summary(outcome.path / "summary.csv") if r.metric == "orders")
    assert row.n == 2


def test_a_replicate_that_fails_in_several_parts_is_named_once(tmp_path, monkeypatch):
    def part_fails(plan, task):
        if task.replicate == 1 and task.part > 0:
            raise ValueError(f"part {task.part}")
        return run_task(plan, task)

    def in_here(function, plan, tasks, workers, on_done, on_failure):
        return run_tasks(part_fails, plan, tasks, 1, on_done, on_failure)

    monkeypatch.setattr(runner, "run_tasks", in_here)
    outcome = run_experiment(tiny("replicates=2"), tmp_path / "out", workers=6)
    assert [failed["replicate"] for failed in outcome.manifest["failed"]] == [1]
    assert outcome.manifest["failed"][0]["error"] == "ValueError: part 1"
    assert outcome.manifest["replicates"] == [0]


def test_a_report_that_cannot_be_made_costs_no_tables(tmp_path, monkeypatch):
    def broken(*arguments):
        raise ZeroDivisionError("no ink")

    monkeypatch.setattr("experiments.report.draw_figures", broken)
    outcome = run_experiment(tiny(), tmp_path / "out", workers=1)
    assert outcome.report_problem == "ZeroDivisionError: no ink"
    kept = {file.name for file in outcome.path.iterdir()}
    assert kept == {*(f"{name}.parquet" for name in (*TABLES, "measured")), "manifest.json"}
    monkeypatch.undo()
    assert write_summary_and_report(outcome.path).is_file()
    assert {file.name for file in outcome.path.iterdir()} == FILES


def test_nothing_is_written_when_everything_fails(tmp_path, monkeypatch):
    failing(monkeypatch, 0, 1, 2)
    with pytest.raises(NothingSucceeded, match="all replicates failed; the first: ValueError"):
        run_experiment(tiny(), tmp_path / "out", workers=1)
    assert list(tmp_path.iterdir()) == []


def test_one_replicate_can_be_run_alone(tmp_path, ran):
    loaded = tiny("sellers.Northwind.capacity=2")
    alone = run_experiment(loaded, tmp_path / "out", workers=2, only_replicate=2)
    assert alone.manifest["replicates"] == [2]
    mine, all_of_them = (read_table(path / "focal.parquet") for path in (alone.path, ran[1].path))
    rows = all_of_them["replicate"] == 2
    np.testing.assert_array_equal(mine["profit"], all_of_them["profit"][rows])
    with pytest.raises(UserError, match="found 3; allowed: 0 to 2"):
        run_experiment(loaded, tmp_path / "other", only_replicate=3)


@pytest.mark.parametrize("record", ["weekly", "focal"])
def test_fewer_rows_can_be_kept(tmp_path, record, ran):
    outcome = run_experiment(
        tiny("sellers.Northwind.capacity=2", f"record={record}"), tmp_path / "out", workers=1
    )
    assert outcome.manifest["content_hash"] == ran[1].manifest["content_hash"]
    same = (outcome.path / "summary.csv").read_text() == (ran[1].path / "summary.csv").read_text()
    assert same, "what is measured does not depend on what is kept"
    kept = {file.stem for file in outcome.path.glob("*.parquet")}
    if record == "focal":
        assert kept == {"market", "focal", "measured"}
    else:
        assert kept == {*TABLES, "measured"}
        days = read_table(outcome.path / "sellers.parquet")["day"]
        assert sorted(set(days.tolist())) == [7, 14, 20]


def test_too_many_rows_become_weeks_and_that_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(runner, "MOST_ROWS", 1000)
    outcome = run_experiment(tiny(), tmp_path / "out", workers=1)
    assert (outcome.manifest["record"], outcome.manifest["recorded_as"]) == ("daily", "weekly")


def test_the_manifest_says_what_was_run_and_nothing_of_the_machine(ran):
    loaded, outcome = ran
    text = (outcome.path / "manifest.json").read_text(encoding="utf-8")
    manifest = json.loads(text)
    assert manifest["config_as_given"] == QUICKSTART.read_text(encoding="utf-8")
    assert manifest["overrides"] == list(loaded.overrides)
    assert manifest["config_resolved"]["past"]["days"] == 30
    assert {"python", "numpy", "numba", "mesa"} <= set(manifest["versions"])
    assert manifest["times"]["worker_cpu_s"] >= manifest["times"]["market_cpu_s"] > 0.0
    change = manifest["arms"][2]["changes"][0]
    assert change["path"] == "sellers.Northwind.on_time"
    assert (change["base"], change["value"], change["status"]) == (0.8, 0.98, "design")
    assert (change["low"], change["high"], change["unit"]) == (0.02, 0.9999, "p")
    for secret in (str(outcome.path), str(ROOT), os.uname().nodename, "/home/"):
        assert secret not in text
        assert secret not in (outcome.path / "report.html").read_text(encoding="utf-8")


def test_absolute_paths_are_names_in_the_manifest():
    said = without_folders("platform=/some/folder/mine.yaml: [Errno 2] '/tmp/a b/c.txt' 3/4 a/b")
    assert said == "platform=mine.yaml: [Errno 2] 'a b/c.txt' 3/4 a/b"


def test_there_are_no_more_workers_than_fit_into_memory():
    small, large = (tiny(f"buyers.count={n}").market for n in (300, 3_000_000))
    assert workers_that_fit([small], 4) == 4
    fits = most_bytes() // bytes_a_worker([small, large])
    assert workers_that_fit([small, large], 1000) == max(1, fits) < 1000


def test_the_manifest_names_what_comes_from_real_statistics():
    market = load(QUICKSTART, ["fulfilment.handling_days=3.0"]).market
    real = from_real_statistics(market)
    for name in ("transit_days", "promise_days"):
        assert "Olist" in real[f"fulfilment.{name}"]["source"]
    assert "judging.lateness" in real
    assert "fulfilment.handling_days" not in real  # replaced by hand


def test_the_focal_table_adds_up_to_the_tables_of_the_core():
    loaded = tiny("warm_up=5")
    engine = Engine(loaded.market)
    engine.live_through(engine.last_day)
    tables = engine.tables()
    focal = focal_table(tables, engine.focal, loaded.market)
    sellers, listings = tables["sellers"], tables["listings"]
    assert len(focal["day"]) == 20
    assert focal["orders"].sum() == sellers["orders"][sellers["seller"] == engine.focal].sum()
    own = listings["seller"] == engine.focal
    assert focal["reviews_5"].sum() == listings["reviews_5"][own].sum()
    assert focal["position"][6] == listings["position"][own & (listings["day"] == 7)].mean()
    n = len(set(sellers["seller"][sellers["day"] == 6])) - 1
    others = (sellers["seller"] != engine.focal) & (sellers["day"] == 6)
    assert focal["rival_orders"][5] == pytest.approx(sellers["orders"][others].sum() / n)


def test_measuring_leaves_the_warm_up_out():
    loaded = tiny("warm_up=5")
    engine = Engine(loaded.market)
    engine.live_through(engine.last_day)
    tables = engine.tables()
    late = {n: {c: v[t["day"] > 5] for c, v in t.items()} for n, t in tables.items()}
    assert measure(tables, engine.focal, loaded.market) == measure(
        late, engine.focal, loaded.market
    )
    part, whole = measure(tables, engine.focal, loaded.market)["odr"]
    own = (tables["sellers"]["seller"] == engine.focal) & (tables["sellers"]["day"] > 5)
    assert whole == tables["sellers"]["orders"][own].sum()
    assert part == tables["sellers"]["defects"][own].sum()


def test_equal_tables_have_equal_hashes_and_others_do_not():
    def tables(seed: int):
        return Marketplace(tiny(f"seed={seed}", "days=3").market).run().tables()

    assert content_hash(tables(1)) == content_hash(tables(1))
    changed = tables(1)
    changed["sellers"]["orders"][3] += 1
    assert len({content_hash(t) for t in (tables(1), tables(2), changed)}) == 3
