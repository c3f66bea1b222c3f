"""Compiled code on disk is never older than the rules, and always finds a place."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from numba import config as numba_config

from experiments.config import ROOT
from sim import cache


def folder(monkeypatch, **environment: str) -> Path:
    """Where code would be kept with these variables set ("" = not set)."""
    for name, value in environment.items():
        if value:
            monkeypatch.setenv(name, value)
        else:
            monkeypatch.delenv(name, raising=False)
    return cache.folder.__wrapped__()


@pytest.fixture
def home(monkeypatch, tmp_path) -> Path:
    """A home and a temporary folder of this test's own, and no other place stated."""
    for name in ("MARKETPLACE_CACHE_DIR", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "temp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temp"))
    return tmp_path / "home"


def test_code_is_kept_under_home_unless_another_place_is_stated(home, monkeypatch, tmp_path):
    assert home / ".cache" in cache.folder.__wrapped__().parents
    there = folder(monkeypatch, XDG_CACHE_HOME=str(tmp_path / "xdg"))
    assert tmp_path / "xdg" in there.parents
    there = folder(monkeypatch, MARKETPLACE_CACHE_DIR=str(tmp_path / "stated"))
    assert tmp_path / "stated" in there.parents


def test_a_home_that_cannot_be_written_to_is_replaced_by_a_temporary_folder(home, tmp_path):
    home.write_text("a file where a folder should be: nothing can be made in it")
    first, again = cache.folder.__wrapped__(), cache.folder.__wrapped__()
    assert tmp_path / "temp" in first.parents
    assert first == again  # so that the next run finds it
    assert os.access(first, os.W_OK)


def test_a_temporary_folder_held_by_somebody_else_is_replaced_by_a_fresh_one(home, tmp_path):
    home.write_text("a file")
    (tmp_path / "temp" / cache._private_name()).write_text("somebody else's")
    found = cache.folder.__wrapped__()
    assert found.is_dir() and os.access(found, os.W_OK)


def test_switches_of_the_compiler_have_code_of_their_own(home, monkeypatch):
    plain = folder(monkeypatch, NUMBA_BOUNDSCHECK="")
    checked = folder(monkeypatch, NUMBA_BOUNDSCHECK="1")
    assert checked != plain
    assert folder(monkeypatch, NUMBA_BOUNDSCHECK="", NUMBA_NUM_THREADS="2") == plain


def test_the_fingerprint_is_that_of_every_source(monkeypatch, tmp_path):
    copy = tmp_path / "sim"
    shutil.copytree(cache.SOURCES, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(cache, "SOURCES", copy)
    seen = {cache.fingerprint.__wrapped__()}
    assert seen == {cache.fingerprint()}
    for path in sorted(copy.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        path.write_text(text + "\n", encoding="utf-8")
        seen.add(cache.fingerprint.__wrapped__())
        path.write_text(text, encoding="utf-8")
    assert len(seen) == 1 + len(list(copy.rglob("*.py")))


def test_numba_is_pointed_at_it():
    assert Path(numba_config.CACHE_DIR) == cache.folder()


MORNING = """
import sys
from experiments.config import load_market
from sim import build, draws, room
config = load_market("configs/quickstart.yaml", ["buyers.count=300", "buyers.trips_per_year=900"])
w = build._empty(config, draws.streams(1, 0), config.buyers.count)
w.p["n_users"] = config.buyers.count
w.rate[:] = 2.5
room.for_the_morning(w, 1)
from sim.phases.morning import begin
print(w.count("n_trips"), "compiled" if begin.stats.cache_misses else "found")
"""
"""The shortest program in which a kernel calls a rule of another file: a morning's trips."""


@pytest.mark.slow
def test_an_edit_to_a_rule_is_seen_at_the_next_run(tmp_path):
    """Numba itself looks at the kernel's file only; the rule stands in another."""
    for part in ("sim", "experiments", "configs"):
        ignore = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / part, tmp_path / part, ignore=ignore)
    rule = tmp_path / "sim" / "rules" / "shopping.py"
    original = rule.read_text(encoding="utf-8")
    edited = original.replace("MOST_TRIPS = 8", "MOST_TRIPS = 1")
    assert edited != original

    def run(source: str) -> tuple[int, str]:
        rule.write_text(source, encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-B", "-c", MORNING],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": "", "MARKETPLACE_CACHE_DIR": str(tmp_path / "cache")},
            capture_output=True,
            text=True,
            check=True,
        )
        trips, how = done.stdout.split()
        return int(trips), how

    trips, how = run(original)
    assert how == "compiled"
    fewer, how = run(edited)
    assert how == "compiled"
    assert 0 < fewer <= 300 < trips
    assert run(original) == (trips, "found")
    assert run(edited) == (fewer, "found")


SIGNATURES = """
import importlib, json, pkgutil, sys
from numba.core.caching import NullCache
from numba.core.dispatcher import Dispatcher
import sim
from markets import small_market
from compare import agents_in_order
from sim.model import Marketplace
model = Marketplace(small_market("days=20", "past.days=10", "rivals.exit_per_year=0.9",
                                 "rivals.strategy=recover"))
for _ in range(10):
    model.step()
    agents_in_order(model)
found = {}
for info in pkgutil.walk_packages(sim.__path__, "sim."):
    module = importlib.import_module(info.name)
    for name, thing in vars(module).items():
        if isinstance(thing, Dispatcher) and thing.py_func.__module__ == module.__name__:
            kind = "rule" if isinstance(thing._cache, NullCache) else "kernel"
            compiled, misses = len(thing.nopython_signatures), thing.stats.cache_misses
            found[f"{module.__name__}.{name}"] = [kind, compiled, sum(misses.values())]
print(json.dumps(found))
"""


def test_a_run_at_either_grain_compiles_each_entry_once_and_finds_it_on_disk():
    """A second type of argument would be a second compilation, in the middle of a run."""
    used = entries_used()
    if any(misses for _, _, misses in used.values()):
        used = entries_used()  # the first time compiles what only agents use
    assert {"sim.day.users_turn", "sim.day.close_day", "sim.phases.shop.shop"} <= used.keys()
    assert {name: n for name, (_, n, _) in used.items() if n > 1} == {}
    assert {name for name, (kind, _, _) in used.items() if kind == "rule"} == set()
    assert {name for name, (_, _, misses) in used.items() if misses} == set()


def entries_used() -> dict[str, tuple[str, int, int]]:
    """Of a fresh process: (rule or kernel, compiled signatures, of these not on disk) by name."""
    done = subprocess.run(
        [sys.executable, "-c", SIGNATURES],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])},
        capture_output=True,
        text=True,
        check=True,
    )
    return {name: tuple(entry) for name, entry in json.loads(done.stdout).items() if entry[1]}
