"""The audit: clean on every shipped experiment and platform, and on its own two feet."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest
from tiny import tiny
from typer.testing import CliRunner

from experiments.audit import views
from experiments.audit.check import Run
from experiments.audit.checks import CHECKS
from experiments.audit.run import LAID_BY, NoLedger, audit
from experiments.cli import app
from experiments.config import load
from experiments.mistakes import UserError
from experiments.platforms import ROOT
from experiments.runner import run_experiment

SHIPPED = sorted((ROOT / "configs").glob("*.yaml"))
PLATFORMS = ("amazon", "amazon_2016", "taobao", "jd", "wish", "ebay")
SHORT = ("record=ledger", "replicates=1", "days=40", "warm_up=0")
BUSY = (
    "warm_up=15",
    "days=80",
    "run_out=20",
    "buyers.count=400",
    "platform.feedback.window_days=20",
    "platform.feedback.change_window_days=12",
    "platform.reviews.leave_rate=0.3",
    "platform.reviews.leave_rate_unbought=0.05",
    "platform.reviews.change_window_days=9",
    "platform.odr.window_days=30",
    "platform.odr.lag_days=4",
    "platform.odr.min_orders=8",
    "platform.odr.min_defects=2",
    "platform.odr.lower_bound=0.6",
    "platform.account.at_risk_days=5",
    "platform.account.plan_days=6",
    "sellers.0.strategy=full_service",
    "sellers.0.capacity=4",
    "sellers.0.damaged=0.15",
    "rivals.strategy=hit_product",
    "rivals.exit_per_year=0.9",
)
"""Windows are short and accounts fall, so that every rule has something to say."""


@pytest.fixture(scope="module")
def result(tmp_path_factory):
    """A tiny result with a ledger."""
    out = tmp_path_factory.mktemp("audit") / "out"
    run_experiment(tiny(*SHORT, "days=15"), out, workers=1)
    return out


def spoilt(result: Path, folder: Path, table: str, sql: str, *, told: bool = True) -> Path:
    """A copy of a result in which a table's rows are those of ``sql`` (``t`` is the table).

    ``told``: does its manifest know how many these are?
    """
    copy = folder / "spoilt"
    shutil.copytree(result, copy)
    made, file = copy / "made.parquet", copy / f"{table}.parquet"
    with duckdb.connect() as con:
        con.execute(f"CREATE TABLE t AS FROM read_parquet('{file}')")
        con.execute(f"COPY ({sql}) TO '{made}' (FORMAT parquet)")
        found = con.execute(f"SELECT count(*) FROM '{made}'").fetchone()
    made.replace(file)
    if told:
        manifest = json.loads((copy / "manifest.json").read_text(encoding="utf-8"))
        manifest["rows"][table] = found[0]
        (copy / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return copy


def ended(folder: Path) -> tuple[int, str]:
    """Exit code of the command, and all that it says."""
    done = CliRunner().invoke(app, ["audit", str(folder)])
    return done.exit_code, done.output


@pytest.mark.slow
@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_the_audit_of_a_shipped_experiment_is_clean(path, tmp_path):
    levers = [f"equal_spend.levers.{lever.arm}.between=[0.4, 0.999]" for lever in load(path).levers]
    if load(path).experiment.equal_spend:  # another market, in which other values match
        levers += ["platform.feedback.leave_rate=0.03", "platform.reviews.leave_rate=0.015"]
        levers += ["equal_spend.pilots=4", "buyers.count=2000", "days=120"]
    loaded = tiny(*SHORT, *levers, path=path)
    made = audit(run_experiment(loaded, tmp_path / "out", workers=1, allow_code=True).path)
    assert made.clean, made.differences


@pytest.mark.slow
@pytest.mark.parametrize("platform", PLATFORMS)
def test_the_audit_of_a_busy_market_is_clean_on_every_platform(platform, tmp_path):
    loaded = tiny(f"platform={platform}", *SHORT, *BUSY)
    made = audit(run_experiment(loaded, tmp_path / "out", workers=1).path)
    assert made.clean, made.differences
    assert made.told["ODR window"].values > 1000 and made.told["window of feedback"].values > 100


@pytest.mark.slow
@pytest.mark.parametrize("platform", PLATFORMS)
def test_arms_in_which_posts_come_and_go_from_outside_are_audited_too(platform, tmp_path):
    bad, first = {"first_negative_feedback": "Northwind"}, {"first_review": "Steel pan"}
    if platform not in ("amazon", "amazon_2016"):
        first = {"first_feedback": "Northwind"}
    acts = {
        "posted": [
            {"when": {"nth_order": {"seller": "Northwind", "n": 3}}, "do": "post", "stars": 1},
            {"when": {"day": 9}, "do": "post", "listing": "Steel pan", "stars": 5},
        ],
        "blocked": [{"when": bad, "do": "block"}, {"when": first, "do": "flip", "stars": 3}],
        "changed": [{"when": bad, "do": "change", "stars": 5, "after_days": 1}],
        "deleted": [{"when": first, "do": "delete", "after_days": 2}],
    }
    arms = {"as it was": {}} | {name: {"interventions": done} for name, done in acts.items()}
    levers = [f"arms={json.dumps(arms)}", "baseline=as it was", "sellers.0.damaged=0.3"]
    loaded = tiny(f"platform={platform}", *SHORT, *levers)
    made = audit(run_experiment(loaded, tmp_path / "out", workers=1).path)
    assert made.clean, made.differences
    assert not made.left_out


def test_an_arm_that_does_not_live_by_its_stated_rules_is_left_out_aloud(tmp_path):
    set_ = {"when": {"day": 3}, "do": "set", "values": {"sellers.0.damaged": 0.9}}
    arms = {"as it was": {}, "broken": {"interventions": [set_]}}
    loaded = tiny(f"arms={json.dumps(arms)}", "baseline=as it was", *SHORT, "days=5")
    code, said = ended(run_experiment(loaded, tmp_path / "out", workers=1).path)
    assert code == 0
    assert "interventions set rules, positions or arrows of the loop: broken" in said


def test_a_clean_result_is_said_to_be_so(result):
    code, said = ended(result)
    assert code == 0
    assert "all agree" in said and "Not checked" in said
    assert all(check.name in said for check in CHECKS)


def test_a_changed_number_is_named_with_where_it_stands(result, tmp_path):
    changed = "SELECT * REPLACE (orders + (day = 9 AND seller = 'Northwind')::INT AS orders) FROM t"
    code, said = ended(spoilt(result, tmp_path, "sellers", changed))
    assert code == 1
    assert "orders: arm as it is, replicate 0, day 9, Northwind: orders is " in said


def test_a_row_that_nothing_tells_of_and_a_missing_one_are_differences(result, tmp_path):
    missing = spoilt(result, tmp_path, "sellers", "FROM t WHERE day <> 4")
    told = audit(missing).told
    assert told["ODR window"].wrong > 0
    assert told["orders"].wrong > 0


def test_without_a_ledger_the_code_is_3(tmp_path):
    outcome = run_experiment(tiny("replicates=1", "days=5"), tmp_path / "out", workers=1)
    with pytest.raises(NoLedger):
        audit(outcome.path)
    assert ended(outcome.path)[0] == 3


def test_what_is_no_result_or_a_damaged_one_is_the_users_mistake(result, tmp_path):
    assert ended(tmp_path)[0] == 2
    shutil.copytree(result, tmp_path / "cut")
    (tmp_path / "cut" / "sellers.parquet").unlink()
    with pytest.raises(UserError, match="no such file"):
        audit(tmp_path / "cut")
    fewer = spoilt(result, tmp_path, "ledger", "FROM t LIMIT 1000", told=False)
    with pytest.raises(UserError, match="found 1,000 rows"):
        audit(fewer)


def test_nothing_of_the_market_is_even_loaded():
    code = (
        "import sys, experiments.audit.command, experiments.audit.run; "
        "sys.exit(any(name == 'sim' or name.startswith('sim.') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, cwd=ROOT).returncode == 0


def test_checks_see_neither_what_is_private_nor_the_tables(result):
    """What the SQL of a check could read, it reads from the ledger and the rules."""
    asked: list[str] = []

    def listening(check):
        def query(run: Run) -> str:
            laid = run.con.execute("SELECT table_name FROM duckdb_tables()").fetchall()
            assert not {name for (name,) in laid} & set(LAID_BY)
            columns = run.con.execute("SELECT column_name FROM (DESCRIBE ledger)").fetchall()
            assert not {name for (name,) in columns} & set(views.PRIVATE)
            asked.append(check.name)
            sql = check.query(run)
            assert "parquet" not in sql
            return sql

        return replace(check, sql=query)

    assert audit(result, tuple(listening(check) for check in CHECKS)).clean
    assert "orders" in asked
