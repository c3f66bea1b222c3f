"""Sweeps: designs, cells, the store, what is lived again and what is not."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from experiments.cli import app
from experiments.metrics import METRICS
from experiments.mistakes import ConfigError, UserError
from experiments.platforms import ROOT
from experiments.sweep.condition import Condition
from experiments.sweep.designs import at_share, most_points, points_of, settings
from experiments.sweep.file import load_sweep
from experiments.sweep.live import Task
from experiments.sweep.run import keep_plan, planned, run_planned
from experiments.sweep.stated import Design, Factor
from experiments.sweep.store import OK, DiskFull, Row, Store, only_one, packed, unpacked
from experiments.sweep.table import Table, export
from experiments.workers import Failure

MARKET = "days: 20, past.days: 20, run_out: 5, buyers.count: 200, non_buying_users.count: 10"
SWEEP = """
name: small
base: {base}
set: {{{market}}}
replicates: 2
factors:
  on time: {{path: focal.on_time, values: [0.8, 0.95]}}
  strategy: {{values: [none, recover]}}
{more}
"""


def write(folder: Path, more: str = "", text: str = SWEEP, name: str = "sweep.yaml") -> Path:
    file = folder / name
    file.write_text(text.format(base=ROOT / "configs/quickstart.yaml", market=MARKET, more=more))
    return file


def run(file: Path, folder: Path, **how) -> Store:
    """Live a sweep in this process, into a store that stays open."""
    sweep = load_sweep(file)
    folder.mkdir(exist_ok=True)
    store = Store(folder, make=True, most_pages=how.pop("most_pages", 0))
    plan = planned(sweep, store, 1, retry=how.pop("retry", False))
    keep_plan(plan, store)
    run_planned(plan, store, 1, run=how.pop("run", in_here), **how)
    return store


def in_here(function, plan, tasks, workers, done, failed, apart):
    for task in tasks:
        done(function(plan, task))


def refused(file: Path) -> str:
    with pytest.raises(ConfigError) as error:
        planned(load_sweep(file), None, 1)
    return str(error.value)


# --- designs -----------------------------------------------------------------------------------

TWO = {
    "a": Factor(values=(1, 2, 3)),
    "b": Factor(levels={"low": {}, "high": {"focal.on_time": 0.9}}),
}


def test_a_factorial_has_every_combination_once_in_the_order_of_the_file():
    found = points_of(Design(), TWO)
    assert found == [(a, b) for a in (1, 2, 3) for b in ("low", "high")]
    assert most_points(Design(), TWO) == 6


def test_one_at_a_time_moves_one_factor_from_the_base():
    found = points_of(Design(kind="one_at_a_time"), TWO)
    assert found[0] == (None, None) and len(found) == 6
    assert all(sum(value is not None for value in point) == 1 for point in found[1:])


def test_points_leave_out_what_stays_as_in_the_base():
    design = Design(kind="points", points=({"a": 2}, {"a": 2.5, "b": "low"}, {"a": 2}))
    assert points_of(design, TWO) == [(2, None), (2.5, "low")]


@given(st.sampled_from(["latin_hypercube", "sobol", "halton"]), st.integers(0, 5))
def test_sampled_designs_fill_every_part_of_a_range(kind, draw):
    factors = {"x": Factor(between=(1.0, 100.0), scale="log"), "n": Factor(values=("p", "q"))}
    found = points_of(Design(kind=kind, cells=64, draw=draw), factors)
    shares = np.log([x for x, _ in found]) / np.log(100.0)
    assert len(found) == 64 and np.histogram(shares, 4, (0.0, 1.0))[0].tolist() == pytest.approx(
        [16] * 4, abs=3
    )
    assert [n for _, n in found].count("p") == pytest.approx(32, abs=3)
    assert found == points_of(Design(kind=kind, cells=64, draw=draw), factors)
    assert found != points_of(Design(kind=kind, cells=64, draw=draw + 1), factors)


def test_combined_designs_have_each_cell_once():
    design = Design(
        kind="combined",
        designs=(Design(), Design(kind="points", points=({"a": 1, "b": "low"}, {}))),
    )
    assert points_of(design, TWO) == [*points_of(Design(), TWO), (None, None)]


def test_a_filter_keeps_the_cells_for_which_it_holds():
    design = Design(kind="filtered", design=Design(), keep="a >= 2 and b == 'low' or a == 1")
    assert points_of(design, TWO) == [(1, "low"), (1, "high"), (2, "low"), (3, "low")]


@given(st.floats(0.001, 10), st.floats(0.001, 10), st.integers(2, 50), st.booleans())
def test_steps_of_a_range_begin_and_end_where_it_does(low, more, steps, log):
    factor = Factor(between=(low, low + more), steps=steps, scale="log" if log else "linear")
    found = settings(factor)
    assert found[0] == pytest.approx(low) and found[-1] == low + more
    assert found == sorted(found)
    assert at_share(factor, 0.0) == found[0]


@pytest.mark.parametrize(
    ("text", "holds"),
    [("1 < a < 3", True), ("not b in ['low']", False), ("a + 1 == 3", True), ("-a < 0", True),
     ("a / 2 > 1 or b != 'low'", False)],
)  # fmt: skip
def test_conditions_mean_what_they_say(text, holds):
    assert Condition(text, ["a", "b"])({"a": 2, "b": "low"}) is holds


@pytest.mark.parametrize(
    "text", ["__import__('os')", "a.real", "c > 1", "a if b else 1", "a >", "[x for x in a]", "a()"]
)
def test_a_condition_is_read_and_never_executed(text):
    with pytest.raises(ValueError, match=r"allowed|cannot be read"):
        Condition(text, ["a", "b"])


def test_a_condition_that_compares_text_with_numbers_is_told():
    with pytest.raises(ValueError, match="has no answer"):
        Condition("b > 1", ["a", "b"])({"a": 2, "b": "low"})


# --- mistakes ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "where", "said"),
    [
        ("values: [0.8, 0.95]", "values: [0.8, 1.95]", "7:48", "number from 0.02 to"),
        ("path: focal.on_time", "path: focal.on_tim", "7", "on_time"),
        ("[none, recover]", "[none, recovr]", "8:29", "recover"),
        ("values: [0.8, 0.95]", "values: []", "7", "at least"),
        ("values: [0.8, 0.95]", "between: [0.9, 0.8]", "7", "the smaller first"),
        ("values: [0.8, 0.95]", "between: [0, 1], scale: log", "7", "more than 0"),
        ("values: [0.8, 0.95]", "steps: 3", "7", "says no values"),
        ("replicates: 2", "replicates: two", "5:13", "whole number"),
        ("replicates: 2", "replicats: 2", "5", "replicates"),
        ("{{{market}}}", "{{days: 0}}", "4:13", "days"),
        ("path: focal.on_time", "path: seed", "7", "belongs to the experiment"),
        ("path: focal.on_time", "path: strategy", "8", "same path"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_place(tmp_path, old, new, where, said):
    text = SWEEP.replace(old, new)
    assert text != SWEEP
    message = refused(write(tmp_path, text=text))
    assert f"sweep.yaml:{where}" in message and said in message, message
    assert len(message.splitlines()) == 1, "one mistake, one line"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("design: {kind: sobol, cells: 100}", "powers of 2"),
        ("design: {kind: latin_hypercube}", "needs cells"),
        ("design: {kind: filtered, design: {}, keep: strategy == 'x'}", "without cells"),
        ("design: {kind: filtered, design: {}, keep: outreach == 1}", "no factor"),
        ("design: {kind: points, points: [{size: 1}]}", "no factor"),
        ("design: {kind: halton, cells: 9, keep: a}", "found keep"),
        ("surfaces: [{x: on time, y: strategy, metric: oder}]", "no metric"),
        ("surfaces: [{x: on time, y: on time, metric: odr}]", "another one"),
    ],
)
def test_a_mistake_in_a_design_or_surface_is_told(tmp_path, more, said):
    message = refused(write(tmp_path, more))
    assert "sweep.yaml:9" in message and said in message, message


def test_a_base_that_is_not_there_or_wrong_is_told(tmp_path):
    file = tmp_path / "sweep.yaml"
    file.write_text("name: x\nbase: nothing.yaml\nfactors: {strategy: {values: [none]}}\n")
    assert 'sweep.yaml:2:7: base: found "nothing.yaml"' in refused(file)
    (tmp_path / "nothing.yaml").write_text("name: y\ndayz: 3\n")
    assert "nothing.yaml:2:1: dayz" in refused(file)


# --- cells -------------------------------------------------------------------------------------


def test_paths_that_move_together_end_where_they_are_said_to(tmp_path):
    text = SWEEP.replace("path: focal.on_time, values: [0.8, 0.95]",
                         "moves: {{focal.on_time: [0.5, 0.9], focal.capacity: [10, 21]}}, "
                         "steps: 3")  # fmt: skip
    sweep = load_sweep(write(tmp_path, text=text))
    sellers = [sweep.arm(point).market.sellers[0] for point in sweep.points[::2]]
    assert [(s.on_time, s.capacity) for s in sellers] == [(0.5, 10), (0.7, 16), (0.9, 21)]


def test_a_cell_is_known_by_what_is_lived_there_alone(tmp_path):
    one = load_sweep(write(tmp_path))
    renamed = SWEEP.replace("  on time:", "  punctual:").replace("name: small", "name: other")
    other = load_sweep(write(tmp_path, text=renamed, name="other.yaml"))
    digests = [one.digest(one.arm(point)) for point in one.points]
    assert digests == [other.digest(other.arm(point)) for point in other.points]
    assert len(set(digests)) == 4
    seeded = load_sweep(
        write(tmp_path, text=SWEEP.replace("{market}", "seed: 2, {market}"), name="s.yaml")
    )
    assert not {seeded.digest(seeded.arm(point)) for point in seeded.points} & set(digests)


# --- the store ---------------------------------------------------------------------------------


def test_a_result_counts_once_and_comes_back_to_the_bit(tmp_path):
    numbers = packed({"a": (0.1, 3.0), "b": (float("nan"), -0.0)}, ["a", "b"])
    with Store(tmp_path, make=True) as store:
        store.plan([(b"x" * 16, {"f": 1})], replicates=3)
        store.add(Row(b"x" * 16, 0, "failed", None, "E: no"))
        assert store.counts() == (0, 1, 0)
        store.add(Row(b"x" * 16, 0, OK, numbers))
        store.add(Row(b"x" * 16, 0, OK, b"another"))
        store.add(Row(b"y" * 16, 0, OK, numbers))
        assert store.counts() == (1, 0, 1)
        ((cell, replicate, kept),) = store.of_the_plan()
    assert (cell, replicate, kept) == (0, 0, numbers)
    assert unpacked(kept).tobytes() == numbers


def test_a_store_that_is_none_or_of_another_version_or_damaged_is_told(tmp_path):
    with pytest.raises(UserError, match="holds no sweep"):
        Store(tmp_path)
    with Store(tmp_path, make=True) as store:
        store.tell(version=99)
    with pytest.raises(UserError, match="found a store of version 99; allowed: 1"):
        Store(tmp_path)
    whole = (tmp_path / "sweep.db").read_bytes()
    (tmp_path / "sweep.db").write_bytes(whole[:50] + b"\xff" * (len(whole) - 50))
    with pytest.raises(UserError, match="damaged"):
        Store(tmp_path)
    (tmp_path / "sweep.db").unlink()
    with sqlite3.connect(tmp_path / "sweep.db") as other:
        other.execute("CREATE TABLE mine (x)")
    with pytest.raises(UserError, match="not the store of a sweep"):
        Store(tmp_path)


def test_two_commands_do_not_work_on_one_sweep(tmp_path):
    with (
        only_one(tmp_path),
        pytest.raises(UserError, match="another command is at work"),
        only_one(tmp_path),
    ):
        pass
    with only_one(tmp_path):
        pass


def test_a_full_disk_loses_nothing_that_was_finished(tmp_path):
    file, stored = write(tmp_path, text=SWEEP.replace("replicates: 2", "replicates: 40")), []
    with pytest.raises(DiskFull, match="what was finished is stored"):
        run(file, tmp_path / "out", most_pages=20, run=quick(stored))
    with Store(tmp_path / "out") as store:
        ok, failed, _ = store.counts()
    assert 0 < ok == len(stored) - 1 and failed == 0, "all but the one for which there was no room"
    again: list[Task] = []
    with run(file, tmp_path / "out", run=quick(again)) as store:
        assert store.counts() == (160, 0, 0)
    assert len(again) == 160 - ok and again[0] == stored[-1]


def quick(tasks: list[Task]):
    """A way to run tasks that only invents numbers, and remembers what it was asked for."""

    def run(function, plan, wanted, workers, done, failed, apart):
        from experiments.sweep.live import Lived

        for task in wanted:
            tasks.append(task)
            invented = {name: (float(task.cell), task.replicate + 1.0) for name in METRICS}
            done(Lived(task, packed(invented, list(METRICS)), 0.1, 0.1))

    return run


# --- running -----------------------------------------------------------------------------------


def test_what_is_there_is_not_lived_again(tmp_path):
    first: list[Task] = []
    run(write(tmp_path), tmp_path / "out", run=quick(first)).close()
    assert first == [Task(cell, replicate) for replicate in (0, 1) for cell in range(4)]
    larger = SWEEP.replace("[0.8, 0.95]", "[0.8, 0.9, 0.95]").replace(
        "replicates: 2", "replicates: 3"
    )
    more: list[Task] = []
    with run(write(tmp_path, text=larger), tmp_path / "out", run=quick(more)) as store:
        assert store.counts() == (18, 0, 0)
    assert len(more) == 18 - 8
    with run(write(tmp_path), tmp_path / "out", run=quick([])) as store:
        assert store.counts() == (8, 0, 10), "what is of no cell now stays and is not exported"
        assert len(Table(store).cell) == 8


def test_a_failure_is_kept_and_tried_again_only_when_asked(tmp_path):
    def failing(function, plan, tasks, workers, done, failed, apart):
        first, *rest = tasks
        failed(Failure(first, "ValueError: no", "trace"))
        quick([])(function, plan, rest, workers, done, failed, apart)

    with run(write(tmp_path), tmp_path / "out", run=failing) as store:
        assert store.failures() == [(0, 0, "failed", "ValueError: no")]
    none: list[Task] = []
    run(write(tmp_path), tmp_path / "out", run=quick(none)).close()
    assert none == []
    with run(write(tmp_path), tmp_path / "out", run=quick(none), retry=True) as store:
        assert none == [Task(0, 0)] and store.counts() == (8, 0, 0)


def test_a_sweep_lives_what_an_experiment_lives(tmp_path):
    from experiments.config import load
    from experiments.replicate import Plan, run_task
    from experiments.replicate import Task as Arms

    experiment = tmp_path / "arms.yaml"
    text = (ROOT / "configs/quickstart.yaml").read_text()
    experiment.write_text(text)
    settings_of = [part.replace(": ", "=") for part in MARKET.split(", ")]
    more = ["arms={a: {focal.on_time: 0.8}, b: {focal.on_time: 0.95, strategy: recover}}"]
    loaded = load(experiment, [*settings_of, *more, "baseline=a", "break_even=0"])
    parts = tmp_path / "parts"
    parts.mkdir()
    lived = run_task(Plan(loaded.market, loaded.arms, "world", "focal", parts), Arms(1, (0, 1)))
    with run(write(tmp_path), tmp_path / "out") as store:
        found = {(c, r): unpacked(n).tolist() for c, r, n in store.of_the_plan()}
    for cell, arm in ((0, 0), (3, 1)):
        np.testing.assert_array_equal(found[cell, 1], [lived.measured[arm][m] for m in METRICS])


def test_the_exported_table_is_sorted_and_whole(tmp_path):
    run(write(tmp_path), tmp_path / "out", run=quick([])).close()
    lines = export(tmp_path / "out", "csv", None).read_text().splitlines()
    assert lines[0].startswith("cell,replicate,on time,factor.strategy,odr") or lines[0].startswith(
        "cell,replicate,on time,strategy,odr"
    )
    assert [line.split(",")[:4] for line in lines[1:4]] == [
        ["0", "0", "0.8", "none"], ["0", "1", "0.8", "none"], ["1", "0", "0.8", "recover"]
    ]  # fmt: skip
    file = export(tmp_path / "out", "parquet", tmp_path / "table.parquet")
    with pytest.raises(UserError, match="exists already"):
        export(tmp_path / "out", "parquet", file)


# --- the command line --------------------------------------------------------------------------


def test_a_sweep_on_the_command_line(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path)
    invoke = CliRunner().invoke
    looked = invoke(app, ["sweep", "sweep.yaml", "--dry-run"])
    assert looked.exit_code == 0 and "4 cells x 2 replicates" in looked.stdout
    assert not (tmp_path / "results").exists()
    nothing = invoke(app, ["status", "results/small"])
    assert nothing.exit_code == 2 and "holds no sweep" in nothing.output


def test_a_large_sweep_asks_whether_it_is_meant(tmp_path, monkeypatch):
    monkeypatch.setattr("experiments.sweep.command.MOST_RUNS", 7)
    done = CliRunner().invoke(app, ["sweep", str(write(tmp_path)), "--out", str(tmp_path / "out")])
    assert done.exit_code == 2 and "allowed without --yes: at most 7" in done.output
    assert not (tmp_path / "out").exists()


def test_a_changed_sweep_is_told_and_not_mixed(tmp_path):
    run(write(tmp_path), tmp_path / "out", run=quick([])).close()
    write(tmp_path, text=SWEEP.replace("[0.8, 0.95]", "[0.7, 0.95]"))
    arguments = ["sweep", str(tmp_path / "sweep.yaml"), "--out", str(tmp_path / "out")]
    there = CliRunner().invoke(app, arguments)
    assert there.exit_code == 2 and "holds a sweep already" in there.output
    done = CliRunner().invoke(app, [*arguments, "--resume"])
    assert done.exit_code == 2 and "changed since 4 of 8 results" in done.output
    with Store(tmp_path / "out") as store:
        assert store.counts() == (8, 0, 0), "nothing has been touched"


def test_the_file_in_the_documentation_can_be_run(tmp_path):
    page = (ROOT / "docs/how_to/sweeps.md").read_text(encoding="utf-8")
    (text,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    file = tmp_path / "late_or_broken.yaml"
    file.write_text(text.replace("base: ..", f"base: {ROOT}/configs"))
    plan = planned(load_sweep(file), None, 1)
    assert plan.runs == 4 * 3 * 2 * 5
