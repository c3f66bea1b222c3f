"""Directories of results are whole or absent, and tables come back as they were written."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

from experiments.mistakes import UserError
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
