"""What a run leaves on disk, and what it leaves when it is not allowed or not left to finish."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import fake_market
import numpy as np
import pytest

from experiments import market
from experiments.config import ROOT, load
from experiments.mistakes import UserError
from experiments.report import seller_table, summaries
from experiments.results import content_hash, from_real_statistics, results_directory
from experiments.runner import run_market

QUICKSTART = ROOT / "configs" / "quickstart.yaml"
FILES = {
    "sellers.parquet",
    "listings.parquet",
    "market.parquet",
    "manifest.json",
    "odr_and_position.png",
    "odr_and_position.svg",
}

# A market that lives slowly enough to be interrupted, behind the real command line.
SLOW = """\
import signal, sys
# Whoever runs the tests in the background may have told them to ignore interrupts.
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.path.insert(0, {tests!r})
import fake_market
fake_market.install({nap})
sys.argv = ["run.py", *{arguments!r}]
from experiments.cli import main
main()
"""


@pytest.fixture
def fake(monkeypatch):
    monkeypatch.setitem(sys.modules, "sim.model", fake_market)


def script(*arguments: str, nap: float = 0.0) -> list[str]:
    text = SLOW.format(tests=str(ROOT / "tests"), nap=nap, arguments=list(map(str, arguments)))
    return [sys.executable, "-c", text]


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT)}


def command(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        script(*arguments),
        check=False,
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
    )


def test_a_run_writes_tables_manifest_and_plot(fake, tmp_path):
    loaded = load(QUICKSTART, ["days=20", "seed=7"])
    done = run_market(loaded, tmp_path / "out")
    assert {file.name for file in done.path.iterdir()} == FILES
    for name, columns in done.tables.items():
        frame = duckdb.read_parquet(str(done.path / f"{name}.parquet")).df()
        assert list(frame.columns) == list(columns)
        for column, values in columns.items():
            if values.dtype.kind == "O":
                assert list(frame[column]) == list(values)
            else:
                np.testing.assert_array_equal(frame[column].to_numpy(values.dtype), values)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_the_manifest_says_what_was_run_and_nothing_of_the_machine(fake, tmp_path):
    loaded = load(QUICKSTART, ["days=20", "fulfilment.handling_days=3.0"])
    done = run_market(loaded, tmp_path / "out")
    text = (done.path / "manifest.json").read_text(encoding="utf-8")
    manifest = json.loads(text)
    assert manifest["config_as_given"] == QUICKSTART.read_text(encoding="utf-8")
    assert manifest["overrides"] == ["days=20", "fulfilment.handling_days=3.0"]
    assert manifest["config_resolved"]["fulfilment"]["handling_days"] == 3.0
    assert manifest["config_resolved"]["platform"]["odr"]["limit"] == 0.01
    assert (manifest["seed"], manifest["days"]) == (1, 20)
    assert {"python", "numpy", "numba", "mesa"} <= set(manifest["versions"])
    assert manifest["content_hash"] == content_hash(done.tables)
    assert len(manifest["warnings"]) == 3
    assert manifest["times"]["wall_s"] >= manifest["times"]["run_s"] >= 0.0
    for secret in (str(tmp_path), str(ROOT), os.uname().nodename, "/home/"):
        assert secret not in text


def test_the_manifest_names_what_comes_from_real_statistics():
    market = load(QUICKSTART, ["fulfilment.handling_days=3.0"]).market
    real = from_real_statistics(market)
    for name in ("transit_days", "promise_days"):
        assert "Olist" in real[f"fulfilment.{name}"]["source"]
    assert "judging.lateness" in real
    assert "fulfilment.handling_days" not in real  # replaced by hand


def test_one_line_leads_from_yaml_to_a_market_and_runs_repeat(tmp_path):
    """With the simulator itself: same file and seed, same tables; its columns fit the report."""
    small = ["days=6", "past.days=0", "run_out=0", "buyers.count=300", "non_buying_users.count=20"]
    model = market(QUICKSTART, small).run()
    done = run_market(load(QUICKSTART, small), tmp_path / "out")
    assert content_hash(done.tables) == content_hash(model.tables())
    found = summaries(done.tables["sellers"], done.tables["listings"], model.config)
    assert found[done.focal].seller == "Northwind"
    assert sum(s.orders for s in found.values()) == done.tables["market"]["orders"].sum()
    assert seller_table(found, done.focal, model.config).row_count == len(found)


def test_equal_tables_have_equal_hashes_and_others_do_not(fake):
    def tables(seed: int) -> dict[str, dict[str, np.ndarray]]:
        return fake_market.Marketplace(load(QUICKSTART, [f"seed={seed}", "days=5"]).market).tables()

    assert content_hash(tables(1)) == content_hash(tables(1))
    changed = tables(1)
    changed["sellers"]["orders"][3] += 1
    assert len({content_hash(t) for t in (tables(1), tables(2), changed)}) == 3


def test_results_are_numbered_and_never_overwritten(fake, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    loaded = load(QUICKSTART, ["days=3", "name=Two words / one"])
    paths = [run_market(loaded).path for _ in range(2)]
    assert [str(path) for path in paths] == ["results/two-words-one-1", "results/two-words-one-2"]


def test_a_number_taken_meanwhile_is_passed_over(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with results_directory(None, "m") as target:
        (target.partial / "mine").touch()
        (tmp_path / "results" / "m-1").mkdir()
        (tmp_path / "results" / "m-1" / "theirs").touch()
    assert target.path.name == "m-2"
    assert [file.name for file in target.path.iterdir()] == ["mine"]


def test_a_directory_that_holds_something_is_refused_before_the_run(tmp_path):
    (tmp_path / "precious").write_text("kept")
    with pytest.raises(UserError, match="exists already"), results_directory(tmp_path, "m"):
        pytest.fail("the run began")
    assert [file.name for file in tmp_path.iterdir()] == ["precious"]


def test_an_empty_directory_and_missing_parents_are_fine(tmp_path):
    (tmp_path / "empty").mkdir()
    for out in (tmp_path / "empty", tmp_path / "a" / "b"):
        with results_directory(out, "m") as target:
            (target.partial / "file").touch()
        assert (out / "file").exists()


@pytest.mark.parametrize("end", [RuntimeError, KeyboardInterrupt, SystemExit])
def test_whatever_ends_a_run_leaves_nothing(tmp_path, end):
    with pytest.raises(end), results_directory(tmp_path / "out", "m") as target:
        (target.partial / "manifest.json").touch()
        raise end
    assert list(tmp_path.iterdir()) == []


def test_a_partial_directory_has_another_name(tmp_path):
    with results_directory(tmp_path / "out", "m") as target:
        assert not (tmp_path / "out").exists()
        assert target.partial.parent == tmp_path and ".partial" in target.partial.name


def test_run_prints_a_table_and_ends_with_0(tmp_path):
    done = command(tmp_path, "run", QUICKSTART, "--days", "9", "--seed", "3", "--out", "mine")
    assert done.returncode == 0, done.stderr
    assert "Northwind" in done.stdout and "Rival 11" in done.stdout and " of " in done.stdout
    assert done.stdout.rstrip().endswith("Results: mine")
    assert "is longer than the run of 9 days" in done.stderr
    manifest = json.loads((tmp_path / "mine" / "manifest.json").read_text(encoding="utf-8"))
    assert (manifest["days"], manifest["seed"]) == (9, 3)


def test_demo_ends_in_plain_words(tmp_path):
    done = command(tmp_path, "demo")
    assert done.returncode == 0, done.stderr
    assert "The order defect rate (ODR) is the share" in done.stdout
    assert "results/quickstart-1/odr_and_position.png" in done.stdout
    assert {file.name for file in (tmp_path / "results" / "quickstart-1").iterdir()} == FILES


def test_quiet_prints_the_directory_only(tmp_path):
    done = command(tmp_path, "run", QUICKSTART, "--quiet", "--out", "mine")
    assert (done.returncode, done.stdout, done.stderr) == (0, "mine\n", "")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "gone.yaml"], "gone.yaml: no such file"),
        (["run", QUICKSTART, "--set", "dayz=3"], 'did you mean "days"?'),
        (["run", QUICKSTART, "--set", "days=0", "--set", "seed=x"], "2 mistakes; nothing was run"),
        (["run", QUICKSTART, "--out", "full"], "full: exists already"),
        (["run", QUICKSTART, "--out", "file"], "file: exists already"),
        (["run", QUICKSTART, "--out", "file/inside"], "cannot be written"),
        (["run", QUICKSTART, "--seed", "-1"], "--seed"),
        (["run", QUICKSTART, "--days", "many"], "--days"),
        (["run"], "config"),
        (["rum"], "rum"),
    ],
)
def test_a_mistake_ends_with_2_a_message_and_nothing_written(tmp_path, arguments, said):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "precious").touch()
    (tmp_path / "file").touch()
    done = command(tmp_path, *arguments)
    assert done.returncode == 2
    assert said in done.stderr and "Traceback" not in done.stderr
    assert done.stdout == ""
    left = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*"))
    assert left == ["file", "full", "full/precious"]


def test_interrupting_ends_with_130_and_leaves_nothing(tmp_path):
    running = subprocess.Popen(
        script("run", QUICKSTART, "--out", "mine", nap=0.2),
        cwd=tmp_path,
        env=environment(),
        stderr=subprocess.PIPE,
        text=True,
    )
    until = time.monotonic() + 30
    while not list(tmp_path.glob("mine.partial*")) and time.monotonic() < until:
        time.sleep(0.02)
    assert list(tmp_path.glob("mine.partial*")), "the run did not begin"
    time.sleep(0.3)
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=30)
    assert running.returncode == 130
    assert said.splitlines()[-1] == "Interrupted; nothing was written."
    assert "Traceback" not in said
    assert list(tmp_path.iterdir()) == []


def test_help_imports_nothing_heavy(tmp_path):
    text = "import sys; sys.argv = ['run.py', '--help']\nfrom experiments.cli import main\n"
    text += "try: main()\nexcept SystemExit: pass\nprint(sorted(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", text], env=environment(), capture_output=True, text=True, check=True
    )
    for module in ("numba", "numpy", "mesa", "pandas", "matplotlib", "duckdb", "pydantic"):
        assert f"'{module}'" not in done.stdout
    assert "130 interrupted" in " ".join(done.stdout.split())
