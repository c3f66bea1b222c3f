"""Questions in SQL: one SELECT, over the tables of a result and nothing else, within limits."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import duckdb
import numpy as np
import pytest
from fake_result import write_result
from tiny import tiny
from typer.testing import CliRunner

from experiments import query_tables
from experiments.cli import app
from experiments.columns import TABLES
from experiments.mistakes import UserError
from experiments.opening import read_manifest
from experiments.platforms import ROOT
from experiments.query import found_by
from experiments.query_limits import Limits
from experiments.query_tables import locked_database, stored_tables
from experiments.results import read_table, write_table
from experiments.runner import run_experiment

DOCUMENTED = re.findall(
    r"```sql\n(.*?)```", (ROOT / "docs/how_to/query.md").read_text(encoding="utf-8"), re.DOTALL
)
IDS = np.array([2**64 - 1, 2**63 + 1, 7], dtype=np.uint64)


@pytest.fixture(scope="module")
def result(tmp_path_factory) -> Path:
    """Two arms, made up, and three rows of a ledger."""
    folder = write_result(
        tmp_path_factory.mktemp("made") / "up", ["=1+1", "other"], replicates=3, days=40
    )
    ledger = {
        "arm": np.array(["=1+1", "=1+1", "other"], dtype=object),
        "replicate": np.array([0, 1, 1], dtype=np.int32),
        "event_id": IDS,
        "order": IDS[::-1],
        "value": np.array([1.5, np.nan, 2.5]),
        "stars": np.array([1, 2, 3], dtype=np.uint8),
        "examined": np.array([["a", "b, c"], None, []], dtype=object),
    }
    keys = {c.name for c in TABLES["ledger"].columns if c.week == "key"}
    ledger |= {name: np.full(3, "-", dtype=object) for name in sorted(keys - set(ledger))}
    write_table(ledger, folder / "ledger.parquet")
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    names = ("focal", "measured", "ledger")
    manifest["rows"] = {name: len(read_table(folder / f"{name}.parquet")["arm"]) for name in names}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def lived(tmp_path_factory) -> Path:
    """A real result with its ledger, of a market small enough to wait for."""
    out = tmp_path_factory.mktemp("lived") / "out"
    rates = ("platform.feedback.leave_rate=0.9", "days=40", "sellers.Northwind.on_time=0.3")
    return run_experiment(tiny("record=ledger", *rates), out, workers=1).path


def asked(*arguments: object):
    """What the command does in here; for what may not end by itself see ``apart``."""
    return CliRunner().invoke(app, ["query", *map(str, arguments)])


def apart(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "run.py"), "query", *map(str, arguments)],
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )


def rows(result: Path, sql: str, **limits: float) -> Sequence[Sequence[object]]:
    return found_by(result, sql, Limits(**limits), pytest.fail).rows


# ---------------------------------------------------------------- what can be asked


def test_without_a_query_tables_are_listed_with_rows_and_columns(result):
    listed = asked(result)
    assert listed.exit_code == 0, listed.stderr
    text = " ".join(listed.stdout.split())
    assert "focal 240 rows One row per arm, replicate and day. arm VARCHAR" in text
    assert "ledger 3 rows" in text and "event_id UBIGINT" in text
    assert "summary" in text and "diff_ci_low DOUBLE" in text


def test_every_table_can_be_read_and_is_the_file(result):
    stored = stored_tables(result, read_manifest(result))
    assert list(stored) == ["focal", "measured", "ledger", "summary"]
    for name, table in stored.items():
        assert rows(result, f"select count(*) from {name}") == [(table.rows,)]
    file = read_table(result / "focal.parquet")
    assert rows(result, "select sum(orders), min(state) from focal") == [
        (file["orders"].sum(), min(file["state"]))
    ]


def test_a_missing_number_is_null_and_an_arm_has_its_name_back(result):
    assert rows(result, "select sum(value), count(value), count(*) from ledger") == [(4.0, 2, 3)]
    assert rows(result, "select distinct arm from summary order by all") == [("=1+1",), ("other",)]
    assert rows(result, "select count(*) from summary where isnan(diff)") == [(0,)]
    assert rows(result, "select count(*) from summary where diff is null")[0][0] > 0


def test_a_difference_of_stars_may_be_negative(result):
    assert rows(result, "select stars - 5::utinyint from ledger") == [(-4,), (-3,), (-2,)]


def test_ids_and_lists_print_in_full(result):
    found = asked(result, 'select "order", examined, value from ledger order by 1 desc')
    assert found.exit_code == 0, found.stderr
    lines = [line.split("  ") for line in found.stdout.splitlines()]
    cells = [[cell.strip() for cell in line if cell.strip()] for line in lines]
    assert ["18446744073709551615", "2.5"] in cells
    assert ["9223372036854775809"] in cells
    assert ["7", "a, b, c", "1.5"] in cells
    assert found.stdout.endswith("3 rows.\n")


@pytest.mark.parametrize(
    "sql",
    [
        "select 1;",
        " -- why\nselect 1 -- so\n;",
        "/* of the baseline */ from focal",
        "with a as (select day from focal) select max(day) from a",
        "with recursive a as (select 1 n union all select n + 1 from a where n < 9) from a",
        "values (1), (2)",
        "describe focal",
        "summarize focal",
        "from (pivot focal on state in ('healthy') using count(*))",
        "select d from range(3) r(d) join focal on day = d",
        "select unnest([1, 2]), 'read_csv(x); drop table focal' as text",
        "select * from main.focal f asof join focal g on f.day >= g.day limit 1",
        "select arm, count(*) filter (state = 'healthy') over () from focal qualify true limit 1",
        "FROM Focal SELECT Day UNION ALL BY NAME FROM Measured SELECT replicate AS day",
    ],
)
def test_one_select_in_any_dress_is_answered(result, sql):
    assert rows(result, sql)


# ---------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("", "found no statement"),
        ("/* nothing */ ;", "found no statement"),
        ("select 1; select 2", "found 2 statements; allowed: one SELECT"),
        ("select 1; drop table focal", "found 2 statements"),
        ("copy focal to 'x.csv'", "found a COPY statement; allowed: one SELECT"),
        ("copy (select 1) to 'x.csv'", "found a COPY statement"),
        ("copy focal from 'x.csv'", "found a COPY statement"),
        ("with a as (select 1) insert into focal select * from a", "found an INSERT statement"),
        ("delete from focal returning *", "found a DELETE statement"),
        ("update focal set day = 1 returning *", "found an UPDATE statement"),
        ("create table x as select 1", "found a CREATE statement"),
        ("create macro f() as table from read_csv('/etc/passwd')", "found a CREATE statement"),
        ("attach 'x.db'", "found an ATTACH statement"),
        ("install httpfs", "found a LOAD statement"),
        ("load httpfs", "found a LOAD statement"),
        ("export database 'x'", "found an EXPORT statement"),
        ("import database 'x'", "found a PRAGMA statement"),
        ("pragma database_list", "found a PRAGMA statement"),
        ("set memory_limit = '99GB'", "found a SET statement"),
        ("reset lock_configuration", "found a SET statement"),
        ("call pragma_version()", "found a CALL statement"),
        ("explain select 1", "found an EXPLAIN statement"),
        ("explain analyze from focal", "found an EXPLAIN statement"),
        ("prepare p as select 1", "found a PREPARE statement"),
        ("begin", "found a TRANSACTION statement"),
        ("pivot focal on state", "found PIVOT without its values"),
        ("select $1", "found a parameter"),
        ("select * into x from focal", "syntax error"),
        ("select * from (insert into focal values (1) returning *)", "syntax error"),
        ("from pragma_table_info('focal')", "found pragma_table_info(…) as a table"),
        ("from read_csv('/etc/passwd')", "found read_csv(…) as a table"),
        ("from read_text('/etc/passwd')", "found read_text(…) as a table"),
        ("from Read_Parquet('ledger.parquet')", "found read_parquet(…) as a table"),
        ("from sniff_csv('/etc/passwd')", "found sniff_csv(…) as a table"),
        ("from glob('/*')", "found glob(…) as a table"),
        ("from duckdb_secrets()", "found duckdb_secrets(…) as a table"),
        ("from duckdb_settings()", "found duckdb_settings(…) as a table"),
        ("from query('select 1')", "found query(…) as a table"),
        ("from query_table('focal')", "found query_table(…) as a table"),
        ("from enable_logging(storage = 'file')", "found enable_logging(…) as a table"),
        ("select (select count(*) from glob('/*')) from focal", "found glob(…) as a table"),
        ("with a as (from read_text('x')) select 1 where false", "found read_text(…) as a table"),
        ("select 1 order by (select max(file) from glob('*'))", "found glob(…) as a table"),
        ("from focal where day in (from duckdb_logs)", 'found "duckdb_logs" as a table'),
        ("from information_schema.tables", 'found "information_schema.tables" as a table'),
        ("from pg_catalog.pg_settings", 'found "pg_catalog.pg_settings" as a table'),
        ("with pg_settings as (select 1) from pg_settings", "found WITH pg_settings"),
        ("with a as (select 1) from pg_catalog.a", 'found "pg_catalog.a" as a table'),
        ("from '/etc/passwd'", 'found "/etc/passwd" as a table'),
        ("from 'focal.parquet'", 'found "focal.parquet" as a table'),
        ("from result", 'found "result" as a table'),
        ("show tables", "found SHOW"),
        ("show all tables", "found SHOW"),
        ("from (show databases)", "found SHOW"),
        ("select getenv('HOME')", "found getenv(…); allowed: functions of values"),
        ("select current_setting('secret_directory')", "found current_setting(…)"),
        ("select write_log('x')", "found write_log(…)"),
        ("select " + "1 + " * 50_000 + "1", "found a query of 200,008 characters"),
        ("select " + "(" * 5_000 + "1" + ")" * 5_000, "Max expression depth limit"),
        ("select now() as t", '"t": found a time with a zone'),
    ],
)  # fmt: skip
def test_anything_else_is_refused_in_one_message(result, tmp_path, monkeypatch, sql, said):
    monkeypatch.chdir(tmp_path)
    refused = asked(result, sql)
    assert refused.exit_code == 2
    assert said in refused.stderr and "Traceback" not in refused.stderr
    assert refused.stdout == "" and list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "sql",
    [
        "from read_csv('/etc/passwd')",
        "from '/etc/passwd.csv'",
        "from read_parquet('{measured}')",
        "copy focal to '{folder}/x.csv'",
        "copy focal to '{folder}/focal.parquet.csv'",
        "attach '{folder}/x.db'",
        "install httpfs",
        "set enable_external_access = true",
        "set allowed_paths = ['/etc/passwd']",
        "set memory_limit = '99GB'",
        "set temp_directory = '{folder}'",
        "select * from hidden",
    ],
)
@pytest.mark.parametrize("bytes_per_value", [1, 10**9], ids=["loaded", "in place"])
def test_the_database_itself_has_no_way_out(result, monkeypatch, sql, bytes_per_value):
    hidden = {"x": [1]}  # DuckDB would read a frame of this name
    assert hidden
    monkeypatch.setattr(query_tables, "BYTES_PER_VALUE", bytes_per_value)
    focal = stored_tables(result, read_manifest(result))["focal"]
    before = sorted(result.iterdir())
    with locked_database([focal], Limits()) as connection:
        assert connection.execute("select count(*) from focal").fetchall() == [(240,)]
        with pytest.raises(duckdb.Error):
            connection.execute(sql.format(folder=result, measured=result / "measured.parquet"))
    assert sorted(result.iterdir()) == before


def test_a_table_too_large_to_load_is_read_from_its_file(result, monkeypatch):
    sql = "select arm, sum(orders), avg(stars), count(stars) from focal group by arm order by arm"
    loaded = rows(result, sql)
    monkeypatch.setattr(query_tables, "BYTES_PER_VALUE", 10**9)
    assert rows(result, sql) == loaded
    assert rows(result, "select sum(value) from ledger") == [(4.0,)]


def test_tables_that_do_not_fit_are_said_with_a_way_on(result, monkeypatch):
    monkeypatch.setattr(query_tables, "BYTES_PER_VALUE", 0)
    with pytest.raises(UserError, match=r"more than 0\.001 GB of memory; allowed: more with"):
        rows(result, "from focal", memory=1_000_000)


# ---------------------------------------------------------------- what is stopped


@pytest.mark.parametrize(
    "sql",
    [
        "select count(*) from focal a, focal b, focal c, focal d, focal e, focal f",
        "select count(*) from range(1000000000000000)",
        "with recursive a as (select 1 n union all select n + 1 from a) select max(n) from a",
        "select sleep_ms(1000000)",
    ],
)
def test_what_goes_on_too_long_is_stopped(result, sql):
    began = time.monotonic()
    with pytest.raises(UserError, match=r"stopped after 0\.5 seconds; allowed: more"):
        rows(result, sql, seconds=0.5)
    assert time.monotonic() - began < 30


@pytest.mark.parametrize(
    "sql",
    [
        "select list(range) from range(10000000000)",
        "select string_agg(range::varchar) from range(10000000000)",
        "select count(*) from (select distinct a.orders + random() from focal a, focal b, focal c)",
    ],
)
def test_what_takes_too_much_memory_is_stopped(result, sql):
    with pytest.raises(UserError, match=r"stopped: the query needs more than 0\.1 GB"):
        rows(result, sql, memory=100_000_000)


@pytest.mark.parametrize(
    "sql",
    [
        "select repeat('x', 4000000000)",
        "select list_sum(list_transform(range(1000000000), lambda x: x * x))",
        "select levenshtein(repeat('a', 400000), repeat('b', 400000))",
        "select 1" + " union all select 1" * 5_000,
    ],
)
def test_one_value_without_end_takes_the_command_with_it(result, sql, tmp_path):
    out = tmp_path / "x.csv"
    stopped = apart(result, sql, "--seconds", "1", "--memory", "0.25", "--out", out)
    assert stopped.returncode == 2
    assert stopped.stderr.startswith("stopped") and stopped.stderr.count("\n") == 1
    assert stopped.stdout == "" and list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="no such signal")
def test_interrupting_a_query_ends_with_130(result):
    running = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(result)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert running.stdout is not None and running.stdout.readline() == "begun\n"
    running.send_signal(signal.SIGINT)
    _, said = running.communicate(timeout=60)
    assert (running.returncode, said) == (130, "Interrupted; nothing was written.\n")


# Says when rows are about to be asked for; whoever runs the tests may have switched interrupts off.
PROGRAM = """\
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
import experiments.query as query
real = query._rows
def rows(*given):
    print("begun", flush=True)
    return real(*given)
query._rows = rows
sys.argv = ["run.py", "query", sys.argv[1], "select count(*) from range(1000000000000000)"]
from experiments.cli import main
main()
"""


# ---------------------------------------------------------------- mistakes in SQL


def test_a_mistake_is_shown_with_its_place_and_the_columns_there_are(result):
    refused = asked(result, "select day,\n  nonsense\nfrom focal")
    assert refused.exit_code == 2
    assert "LINE 2:   nonsense\n          ^^^^" in refused.stderr
    assert 'Referenced column "nonsense" not found' in refused.stderr
    assert "columns:\nfocal: arm, replicate, day, orders" in refused.stderr
    refused = asked(result, "select f.nonsense from focal f")
    assert refused.exit_code == 2 and "columns:\nfocal: arm" in refused.stderr


def test_an_unknown_table_brings_the_list_of_tables(result):
    refused = asked(result, "select * from focl")
    assert refused.exit_code == 2
    said = (
        'found "focl" as a table; did you mean "focal"? allowed: focal, measured, ledger, summary'
    )
    assert refused.stderr == said + "\n"


@pytest.mark.parametrize(
    "sql",
    [
        "select order from ledger",
        "select count(distinct order) from ledger order by 1",
        "from ledger where order = 3",
        "select 1 from ledger a join ledger b using (order)",
    ],
)
def test_a_bare_order_is_hinted_at(result, sql):
    refused = asked(result, sql)
    assert refused.exit_code == 2
    assert "syntax error" in refused.stderr and 'double quotes: "order"' in refused.stderr


@pytest.mark.parametrize(
    "sql", ["select from ledger order by", 'select "order" from from', "select 'order' 'order'"]
)
def test_nothing_is_hinted_where_order_is_right(result, sql):
    refused = asked(result, sql)
    assert refused.exit_code == 2
    assert "syntax error" in refused.stderr and "double quotes" not in refused.stderr


def test_an_error_of_the_rows_is_said_as_it_is(result):
    refused = asked(result, "select state::integer from focal")
    assert refused.exit_code == 2 and "Could not convert string" in refused.stderr


# ---------------------------------------------------------------- where rows go


def test_rows_beyond_the_limit_are_cut_and_that_is_said(result):
    shown = asked(result, "select day from focal")
    assert shown.exit_code == 0
    assert shown.stdout.endswith("The first 100 rows only, there are more: --limit N.\n")
    exact = asked(result, "select day from focal", "--limit", 240, "--to", "csv")
    assert exact.stderr == "240 rows.\n" and len(exact.stdout.splitlines()) == 241
    written = asked(result, "from range(20000)", "--to", "csv")
    assert written.stderr == "The first 10,000 rows only, there are more: --limit N.\n"
    assert len(written.stdout.splitlines()) == 10_001


def test_columns_that_do_not_fit_are_counted(result):
    shown = asked(result, "from focal limit 1")
    line = shown.stdout.splitlines()[-1]
    found = re.fullmatch(r"(\d+) of (\d+) columns left out for want of room: --out FILE.csv", line)
    heads = shown.stdout.splitlines()[1].split()
    assert found and len(heads) == int(found[2]) - int(found[1])
    assert all(len(text) <= 160 for text in shown.stdout.splitlines()) and "…" not in shown.stdout


def test_a_terminal_obeys_nothing_that_a_table_holds(result):
    shown = asked(result, "select chr(27) || '[31m[red]x[/red]' as " + '"a\x1b[0m"')
    assert shown.exit_code == 0, shown.stderr
    assert "\x1b" not in shown.stdout and "[red]x[/red]" in shown.stdout


def test_csv_is_written_as_the_summary_is(result, tmp_path):
    out = tmp_path / "new.csv"
    sql = "select arm, event_id, value, examined, null as none, true as yes from ledger"
    written = asked(result, sql, "--out", out)
    assert (written.exit_code, written.stdout) == (0, ""), written.stderr
    assert written.stderr == f"{out}: 3 rows.\n"
    with out.open(newline="", encoding="utf-8") as file:
        head, *lines = csv.reader(file)
    assert head == ["arm", "event_id", "value", "examined", "none", "yes"]
    assert lines[0] == ["'=1+1", "18446744073709551615", "1.5", '["a", "b, c"]', "", "true"]
    assert lines[1] == ["'=1+1", "9223372036854775809", "", "", "", "true"]
    printed = asked(result, sql, "--to", "csv").stdout
    assert list(csv.reader(io.StringIO(printed))) == [head, *lines]
    assert [path.name for path in tmp_path.iterdir()] == ["new.csv"]


def test_parquet_keeps_types_and_every_digit(result, tmp_path):
    out = tmp_path / "it's.parquet"
    sql = (
        "select arm, event_id, value, examined, null as none, {'a': [1]} as s, day as day, "
        'day as "DAY", 1.10::decimal(9, 2) as d from (select *, 1 as day from ledger)'
    )
    written = asked(result, sql.replace("select *", "select * exclude (day)"), "--out", out)
    assert written.exit_code == 0, written.stderr
    with duckdb.connect() as connection:
        place = str(out).replace("'", "''")
        found = connection.execute(f"from '{place}'")
        types = {d[0]: str(d[1]) for d in found.description or ()}
        kept = found.fetchall()
    assert types == {
        "arm": "VARCHAR", "event_id": "UBIGINT", "value": "DOUBLE", "examined": "VARCHAR[]",
        "none": "VARCHAR", "s": "STRUCT(a INTEGER[])", "day": "INTEGER", "DAY_1": "INTEGER",
        "d": "DECIMAL(9,2)",
    }  # fmt: skip
    assert [row[1] for row in kept] == IDS.tolist()
    assert [row[3] for row in kept] == [["a", "b, c"], None, []]
    assert kept[0][5:] == ({"a": [1]}, 1, 1, kept[0][8]) and str(kept[0][8]) == "1.10"


def test_a_query_that_finds_nothing_says_so_everywhere(result, tmp_path):
    sql = "select arm, examined from ledger where false"
    assert asked(result, sql).stdout.endswith("0 rows.\n")
    assert asked(result, sql, "--to", "csv").stdout == "arm,examined\n"
    assert asked(result, sql, "--out", tmp_path / "x.parquet").exit_code == 0
    assert list(read_table(tmp_path / "x.parquet")) == ["arm", "examined"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--out", "there.csv"], "there.csv: exists already; allowed: a new file"),
        (["--out", "gone/x.csv"], "gone/x.csv: cannot be written: there is no directory gone"),
        (["--out", "x.txt"], "--out: found x.txt; allowed: a name in .csv or .parquet, or --to"),
        (["--to", "parquet"], "--to parquet: found no file; allowed: with --out FILE"),
        (["--to", "json"], "json"),
        (["--limit", "0"], "--limit"),
        (["--seconds", "0"], "--seconds"),
        (["--seconds", "nan"], "--seconds"),
        (["--memory", "0"], "--memory"),
    ],
)
def test_a_mistake_in_an_option_writes_nothing(result, tmp_path, monkeypatch, options, said):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there.csv").write_text("precious")
    refused = asked(result, "select 1", *options)
    assert refused.exit_code == 2 and said in refused.stderr
    assert refused.stdout == ""
    assert [path.name for path in tmp_path.iterdir()] == ["there.csv"]
    assert (tmp_path / "there.csv").read_text() == "precious"


def test_a_place_for_rows_needs_a_query(result, tmp_path):
    refused = asked(result, "--out", tmp_path / "x.csv")
    assert refused.exit_code == 2 and "found no query" in refused.stderr


# ---------------------------------------------------------------- the documented queries


def test_six_queries_are_documented():
    assert len(DOCUMENTED) == 6
    assert sum("ledger" in sql for sql in DOCUMENTED) == 4


@pytest.mark.parametrize("number", range(6))
def test_a_documented_query_finds_rows(lived, number):
    assert rows(lived, DOCUMENTED[number])


def test_documented_queries_find_what_the_tables_say(lived):
    months = rows(lived, DOCUMENTED[0])
    focal = read_table(lived / "focal.parquet")
    first = (focal["arm"] == "as it is") & (focal["day"] <= 30)
    odr = focal["window_defects"][first].sum() / focal["window_orders"][first].sum()
    assert {row[0]: row[2] for row in months if row[1] == 1}["as it is"] == pytest.approx(odr)
    base = {row[1]: row[2] for row in rows(lived, DOCUMENTED[1])}
    said = (
        "select replicate, part / whole from measured where metric = 'profit' and arm = 'as it is'"
    )
    assert base.items() <= dict(rows(lived, said)).items()
    daily = "select arm, sum(feedback_1 + feedback_2) from focal group by arm"
    found: dict[object, int] = {}
    for arm, _, _, n, _ in rows(lived, DOCUMENTED[2]):
        found[arm] = found.get(arm, 0) + int(n)
    assert all(found[arm] >= n for arm, n in rows(lived, daily))
    twins = rows(lived, DOCUMENTED[4])
    assert len(twins) == found["as it is"] and all(row[4] <= 2 for row in twins)
    assert any(row[5] is not None and row[5] > 2 for row in twins)
    shares = rows(lived, DOCUMENTED[5])
    assert all(0 <= row[4] <= 1 for row in shares)
    trips = "select count(*) from ledger where kind = 'order' and arm = 'as it is' and day > 0"
    assert sum(row[3] for row in shares if row[0] == "as it is") == rows(lived, trips)[0][0]
