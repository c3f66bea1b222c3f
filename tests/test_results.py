"""Directories of results are whole or absent, and tables come back as they were written."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from fake_result import write_result
from typer.testing import CliRunner

from experiments.cli import app
from experiments.mistakes import UserError
from experiments.opening import read_manifest
from experiments.results import join_tables, read_table, results_directory, slug, write_table


def columns(first: int) -> dict[str, np.ndarray]:
    return {
        "name": np.array(["<b>", "a'b", "ä ∞"], dtype=object),
        "count": np.arange(first, first + 3, dtype=np.int32),
        "share": np.array([0.1, np.nan, -0.0]),
    }


def test_tables_come_back_as_they_were_written_and_joined_in_order(tmp_path):
    files = []
    for k in (2, 0, 1):
        files.append(tmp_path / f"it's {k}.parquet")
        write_table(columns(3 * k), files[-1])
    assert join_tables(sorted(files), tmp_path / "all.parquet") == 9
    found = read_table(tmp_path / "all.parquet")
    assert found["name"].tolist() == 3 * columns(0)["name"].tolist()
    assert found["count"].tolist() == list(range(9)) and found["count"].dtype == np.int32
    np.testing.assert_array_equal(found["share"], np.tile(columns(0)["share"], 3))


@pytest.mark.parametrize("content", [b"", b"nothing of the kind"])
def test_a_damaged_table_is_named(tmp_path, content):
    (tmp_path / "sellers.parquet").write_bytes(content)
    with pytest.raises(UserError, match=r"sellers\.parquet: cannot be read"):
        read_table(tmp_path / "sellers.parquet")


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("Two words / one", "two-words-one"),
        ("../../etc", "etc"),
        ("<img onerror>", "img-onerror"),
        ("商店", ""),
    ],
)
def test_names_become_parts_of_file_names(name, found):
    assert slug(name) == found


def test_results_are_numbered_and_never_overwritten(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for n in (1, 2):
        with results_directory(None, "Two words / one") as target:
            (target.partial / "file").touch()
        assert str(target.path) == f"results/two-words-one-{n}"
    with results_directory(None, "商店") as target:
        pass
    assert str(target.path) == "results/market-1"


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


def test_what_killed_runs_left_half_made_is_swept_away(tmp_path):
    ended = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"],
                           capture_output=True, text=True, check=True).stdout.strip()  # fmt: skip
    (tmp_path / f"old.partial-{ended}").mkdir()
    (tmp_path / f"mine.partial-{os.getpid()}").mkdir()
    (tmp_path / "notes.partial-draft").mkdir()
    with results_directory(tmp_path / "out", "m"):
        pass
    left = {path.name for path in tmp_path.iterdir()}
    assert left == {"out", f"mine.partial-{os.getpid()}", "notes.partial-draft"}


# ---------------------------------------------------------------- opening a result

READERS = ("report", "query")


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    """A result whose manifest counts the rows of its two tables."""
    folder = write_result(tmp_path_factory.mktemp("whole") / "out", ["a", "b"], days=40)
    tables = {name: read_table(folder / f"{name}.parquet") for name in ("focal", "measured")}
    restate(folder, rows={name: len(table["arm"]) for name, table in tables.items()})
    return folder


def restate(folder: Path, **said: object) -> None:
    """Change what a manifest says; None takes it away."""
    file = folder / "manifest.json"
    manifest = json.loads(file.read_text(encoding="utf-8")) | said
    kept = {key: value for key, value in manifest.items() if value is not None}
    file.write_text(json.dumps(kept), encoding="utf-8")


def swapped(folder: Path) -> None:
    (folder / "measured.parquet").replace(folder / "focal.parquet")
    write_table(columns(0), folder / "measured.parquet")


def cut(folder: Path) -> None:
    file = folder / "focal.parquet"
    file.write_bytes(file.read_bytes()[:-40])


def fewer(folder: Path) -> None:
    table = read_table(folder / "measured.parquet")
    write_table({name: x[1:] for name, x in table.items()}, folder / "measured.parquet")


WRONG = {
    "no directory": (shutil.rmtree, r"no result: there is none; allowed: a directory"),
    "no manifest": (lambda f: (f / "manifest.json").unlink(), "no result: it holds no manifest"),
    "an empty one": (lambda f: (f / "manifest.json").write_text(""), "manifest.json: damaged"),
    "half of one": (lambda f: (f / "manifest.json").write_text('{"a": [1'), "json: damaged"),
    "bytes": (lambda f: (f / "manifest.json").write_bytes(b"\xff\xfe\0"), "json: damaged"),
    "deep": (lambda f: (f / "manifest.json").write_text("[" * 10**5), "json: damaged"),
    "a list": (lambda f: (f / "manifest.json").write_text("[]"), "damaged: it holds no mapping"),
    "of something else": (
        lambda f: (f / "manifest.json").write_text('{"kind": "calibration", "rows": {}}'),
        "not of an experiment; it lacks arms, baseline",
    ),
    "no arms": (lambda f: restate(f, arms=[]), "damaged: arms cannot be what a run"),
    "odd arms": (lambda f: restate(f, arms=["a"]), "damaged: arms cannot be what a run"),
    "odd replicates": (lambda f: restate(f, replicates="all"), "damaged: replicates cannot"),
    "odd rows": (lambda f: restate(f, rows={"focal": "many"}), "damaged: rows cannot be"),
    "a way out": (lambda f: restate(f, rows={"../focal": 3}), "damaged: rows cannot be"),
    "no rows": (lambda f: restate(f, rows={}), "its rows lack the table measured"),
    "no table": (
        lambda f: (f / "focal.parquet").unlink(),
        "focal.parquet: cannot be read: no such",
    ),
    "an empty table": (
        lambda f: (f / "focal.parquet").write_bytes(b""),
        "focal.parquet: cannot be",
    ),
    "half a table": (cut, "focal.parquet: cannot be read"),
    "another's table": (swapped, "focal.parquet: foreign: it is no table focal, as it lacks day"),
    "fewer rows": (fewer, r"measured.parquet: damaged or foreign: found \d+ rows; its manifest"),
}


def test_a_whole_result_opens(whole):
    assert read_manifest(whole)["name"] == "made-up"


@pytest.mark.parametrize("command", READERS)
@pytest.mark.parametrize("wrong", WRONG)
def test_every_reader_refuses_what_is_no_whole_result_by_name(whole, tmp_path, wrong, command):
    folder = tmp_path / "copy"
    shutil.copytree(whole, folder)
    spoil, said = WRONG[wrong]
    spoil(folder)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*.*")}
    refused = CliRunner().invoke(app, [command, str(folder)])
    assert refused.exit_code == 2, refused.stderr
    assert re.match(re.escape(str(folder)) + ".*" + said, refused.stderr), refused.stderr
    assert refused.stderr.count("\n") == 1 and refused.stdout == ""
    assert {path: path.read_bytes() for path in tmp_path.rglob("*.*")} == before


@pytest.mark.parametrize("command", READERS)
def test_a_half_made_result_is_refused_by_its_name_from_inside_too(
    whole, tmp_path, monkeypatch, command
):
    folder = tmp_path / "out.partial-123"
    shutil.copytree(whole, folder)
    monkeypatch.chdir(folder)
    for given in (str(folder), "."):
        refused = CliRunner().invoke(app, [command, given])
        assert refused.exit_code == 2 and refused.stdout == ""
        assert refused.stderr.startswith(f"{given}: half made: its run was interrupted")


@pytest.mark.parametrize("command", READERS)
def test_a_file_is_no_result(tmp_path, command):
    (tmp_path / "manifest.json").write_text("{}")
    refused = CliRunner().invoke(app, [command, str(tmp_path / "manifest.json")])
    assert refused.exit_code == 2
    assert "manifest.json: no result: a file; allowed: a directory" in refused.stderr
