"""The command line: what it prints, which code it ends with, what it leaves behind."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tiny import QUICKSTART, TINY

from experiments.exits import DISK_FULL, INTERRUPTED, MISTAKE, OUTSIDE, SOME_FAILED
from experiments.platforms import ROOT

SET = [word for override in TINY for word in ("--set", override)]

# Whoever runs the tests in the background may have told them to ignore interrupts.
PROGRAM = """\
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.argv = ["run.py", *{arguments!r}]
{before}
from experiments.cli import main
if __name__ == "__main__":
    main()
"""

# Replicate 1 fails wherever it is run.
FAILING = """\
import experiments.replicate as worker
real = worker.run_task
def run_task(plan, task):
    if task.replicate == 1:
        raise ValueError("not this one")
    return real(plan, task)
worker.run_task = run_task
"""


def command(folder: Path, *arguments: object, before: str = "") -> subprocess.CompletedProcess[str]:
    text = PROGRAM.format(arguments=list(map(str, arguments)), before=before)
    return subprocess.run(
        [sys.executable, "-c", text],
        check=False,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    folder = tmp_path_factory.mktemp("command")
    return folder, command(folder, "run", QUICKSTART, *SET, "--out", "mine", "--workers", "2")


def test_run_answers_in_words_and_names_the_report(done):
    folder, finished = done
    assert finished.returncode == 0, finished.stderr
    assert "better service" in finished.stdout and "as it is" in finished.stdout
    assert finished.stdout.rstrip().endswith("Report:  mine/report.html")
    assert "is longer than the run of 20 days" in finished.stderr
    assert "18 of 18 runs" in finished.stderr
    assert (folder / "mine" / "report.html").is_file()


def test_report_makes_the_same_files_again_from_the_tables(done, tmp_path):
    folder, _ = done
    shutil.copytree(folder / "mine", tmp_path / "copy")
    names = ("summary.csv", "codebook.md", "report.html")
    before = {name: (folder / "mine" / name).read_bytes() for name in names}
    for name in names:
        (tmp_path / "copy" / name).unlink()
    shutil.rmtree(tmp_path / "copy" / "figures")
    again = command(tmp_path, "report", "copy")
    assert (again.returncode, again.stdout) == (0, "copy/report.html\n"), again.stderr
    assert {name: (tmp_path / "copy" / name).read_bytes() for name in names} == before
    assert len(list((tmp_path / "copy" / "figures").iterdir())) >= 8


def test_p_values_come_when_they_are_asked_for(done, tmp_path):
    folder, _ = done
    shutil.copytree(folder / "mine", tmp_path / "copy")
    head, first, *_ = (folder / "mine" / "summary.csv").read_text().splitlines()
    assert head.startswith(
        "arm,metric,n,mean,ci_low,ci_high,diff,diff_ci_low,diff_ci_high,ahead,variance_reduction"
    )
    assert head.endswith("p_value") and first.endswith(",")
    again = command(tmp_path, "report", "copy", "--p-values")
    assert again.returncode == 0
    rows = (tmp_path / "copy" / "summary.csv").read_text().splitlines()
    assert any(row.startswith("better service,profit") and row[-1] != "," for row in rows)


@pytest.mark.parametrize(
    ("manifest", "said"),
    [
        (None, "no result: it holds no manifest.json"),
        ("{", "damaged"),
        ("[]", "damaged"),
        ('{"name": "x"}', "not of an experiment; it lacks arms, baseline"),
    ],
)
def test_a_directory_without_a_result_is_refused(tmp_path, manifest, said):
    if manifest is not None:
        (tmp_path / "manifest.json").write_text(manifest)
    refused = command(tmp_path, "report", ".")
    assert refused.returncode == 2
    assert said in refused.stderr and "Traceback" not in refused.stderr


def test_a_result_without_its_tables_is_refused(done, tmp_path):
    folder, _ = done
    shutil.copytree(folder / "mine", tmp_path / "copy")
    (tmp_path / "copy" / "measured.parquet").unlink()
    refused = command(tmp_path, "report", "copy")
    assert refused.returncode == 2
    assert "measured.parquet: cannot be read" in refused.stderr


@pytest.mark.parametrize(
    ("table", "said"),
    [("measured", "it is no table measured, as it lacks metric"), ("focal", "do not fit together")],
)
def test_a_result_with_a_foreign_table_is_refused(done, tmp_path, table, said):
    folder, _ = done
    shutil.copytree(folder / "mine", tmp_path / "copy")
    shutil.copy(folder / "mine" / "market.parquet", tmp_path / "copy" / f"{table}.parquet")
    before = {file.name: file.read_bytes() for file in (tmp_path / "copy").glob("*.*")}
    refused = command(tmp_path, "report", "copy")
    assert refused.returncode == 2, refused.stderr
    assert said in refused.stderr and "Traceback" not in refused.stderr
    assert {file.name: file.read_bytes() for file in (tmp_path / "copy").glob("*.*")} == before


def test_some_replicates_failed(tmp_path):
    some = command(
        tmp_path, "run", QUICKSTART, *SET, "--out", "out", "--workers", "1", before=FAILING
    )
    assert some.returncode == 3
    assert "replicate 1 failed: ValueError: not this one" in some.stderr
    again = next(line for line in some.stderr.splitlines() if line.startswith("  again: "))
    assert again.endswith("--only-replicate 1") and "configs/quickstart.yaml" in again
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())["replicates"] == [0, 2]
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "not this one" in page and "--only-replicate 1" in page


def test_a_failing_replicate_run_alone_shows_where(tmp_path):
    one = command(
        tmp_path, "run", QUICKSTART, *SET, "--only-replicate", "1", "--out", "out", before=FAILING
    )
    assert one.returncode == 3
    assert "Traceback" in one.stderr and "not this one" in one.stderr
    assert list(tmp_path.iterdir()) == []


def test_quiet_prints_the_directory_only(tmp_path):
    quiet = command(
        tmp_path, "run", QUICKSTART, *SET, "--set", "days=120", "--replicates", "2", "--quiet",
        "--out", "mine", "--workers", "1",
    )  # fmt: skip
    assert (quiet.returncode, quiet.stdout) == (0, "mine\n"), quiet.stderr


def test_check_says_what_would_be_run(tmp_path):
    checked = command(tmp_path, "check", QUICKSTART)
    assert checked.returncode == 0
    for part in ("6 arms x 20 replicates", "as it is (baseline)", "as it is, again (placebo)",
                 "sellers.Northwind.on_time: 0.8 -> 0.98", "120 runs"):  # fmt: skip
        assert part in checked.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("what", ["platforms", "strategies", "metrics", "parameters"])
def test_list(tmp_path, what):
    listed = command(tmp_path, "list", what)
    assert listed.returncode == 0, listed.stderr
    expected = {"platforms": "amazon_2016", "strategies": "recover", "metrics": "days_above_limit"}
    assert expected.get(what, "speaking.herding") in listed.stdout


@pytest.mark.parametrize("kind", ["experiment", "platform", "strategy"])
def test_schema_prints_json(tmp_path, kind):
    assert "properties" in json.loads(command(tmp_path, "schema", kind).stdout)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["run", "gone.yaml"], "gone.yaml: no such file"),
        (["check", "gone.yaml"], "gone.yaml: no such file"),
        (["run", QUICKSTART, "--set", "dayz=3"], 'did you mean "days"?'),
        (["run", QUICKSTART, "--set", "days=0", "--set", "seed=x"], "mistakes; nothing was run"),
        (["run", QUICKSTART, "--out", "full"], "full: exists already"),
        (["run", QUICKSTART, "--out", "file"], "file: exists already"),
        (["run", QUICKSTART, "--out", "file/inside"], "cannot be written"),
        (["run", QUICKSTART, "--out", "/"], "/: a root"),
        (["run", QUICKSTART, "--out", "."], "exists already"),
        (["run", QUICKSTART, "--only-replicate", "20"], "found 20; allowed: 0 to 19"),
        (["run", QUICKSTART, "--seed", "-1"], "--seed"),
        (["run", QUICKSTART, "--days", "many"], "--days"),
        (["run", QUICKSTART, "--workers", "0"], "--workers"),
        (["run", QUICKSTART, "--replicates", "0"], "--replicates"),
        (["report", "gone"], "gone: no result"),
        (["query", "gone"], "gone: no result"),
        (["query", "full", "select 1"], "full: no result: it holds no manifest.json"),
        (["query", "file", "select 1"], "file: no result: a file"),
        (["list", "nothing"], "nothing"),
        (["list", "parameters", "--status", "guessed"], "guessed"),
        (["schema", "nothing"], "nothing"),
        (["run"], "config"),
        (["rum"], "rum"),
    ],
)
def test_a_mistake_ends_with_2_a_message_and_nothing_written(tmp_path, arguments, said):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "precious").touch()
    (tmp_path / "file").touch()
    refused = command(tmp_path, *arguments)
    assert refused.returncode == 2
    assert said in refused.stderr and "Traceback" not in refused.stderr
    assert refused.stdout == ""
    left = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*"))
    assert left == ["file", "full", "full/precious"]


@pytest.mark.parametrize(
    ("workers", "sent"), [("1", signal.SIGINT), ("2", signal.SIGINT), ("2", signal.SIGTERM)]
)
def test_interrupting_ends_with_130_and_leaves_nothing(tmp_path, workers, sent):
    arguments = ["run", str(QUICKSTART), "--out", "mine", "--workers", workers]
    arguments += ["--replicates", "2000"]
    program = tmp_path / "program.py"
    program.write_text(PROGRAM.format(arguments=arguments, before=""))
    running = subprocess.Popen(
        [sys.executable, str(program)],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
        text=True,
    )
    until = time.monotonic() + 60
    while not list(tmp_path.glob("mine.partial*/parts/*.parquet")) and time.monotonic() < until:
        time.sleep(0.05)
    assert list(tmp_path.glob("mine.partial*/parts/*")), "the run did not begin"
    running.send_signal(sent)
    _, said = running.communicate(timeout=60)
    assert running.returncode == 130
    assert said.splitlines()[-1] == "Interrupted; nothing was written."
    assert "Traceback" not in said
    assert list(tmp_path.iterdir()) == [program]


def test_the_command_alone_shows_help_with_examples(tmp_path):
    alone = command(tmp_path)
    said = alone.stdout + alone.stderr
    assert said.count("  python run.py ") == 5 and "Exit codes:" in said
    assert re.search(r"^ +3 +some replicates", said, re.MULTILINE)


def test_exit_codes_are_the_same_in_the_help_and_the_documentation(tmp_path):
    said = command(tmp_path, "--help").stdout.partition("Exit codes:")[2]
    page = (ROOT / "docs/how_to/first_experiment.md").read_text(encoding="utf-8")
    in_help = {int(n): text for n, text in re.findall(r"^ +(\d+)  +(\S.*)$", said, re.MULTILINE)}
    on_page = {int(n): text for n, text in re.findall(r"^\| (\d+) \| (.*) \|$", page, re.MULTILINE)}
    assert list(in_help) == list(on_page)
    assert {OUTSIDE, MISTAKE, SOME_FAILED, DISK_FULL, INTERRUPTED} == set(in_help) - {0}
    assert in_help[MISTAKE] == on_page[MISTAKE]


def test_help_imports_nothing_heavy(tmp_path):
    text = "import sys; sys.argv = ['run.py', '--help']\nfrom experiments.cli import main\n"
    text += "try: main()\nexcept SystemExit: pass\nprint(sorted(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", text],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    for module in ("numba", "numpy", "mesa", "pandas", "matplotlib", "duckdb", "pydantic"):
        assert f"'{module}'" not in done.stdout
