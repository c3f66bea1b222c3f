"""What a platform measures of stores and products every evening: part, whole, value.

What counts of a date enters a sum on one evening and leaves it on another, with its window or when
it counts no more; so sums over windows are running sums of what enters and leaves.
"""

from __future__ import annotations

from typing import Any

from experiments.audit.check import Check, Run
from experiments.audit.checks.listings import lay_accounts
from experiments.audit.checks.marks import lay_marks
from experiments.audit.checks.ratings import ratings_of
from experiments.audit.rules import Rules

ENDLESS = 2**62


def lay_standing(run: Run) -> None:
    """Make ``standing``: part, whole and value of every measure by evening and who is measured."""
    if run.con.execute("FROM duckdb_tables() WHERE table_name = 'standing'").fetchall():
        return
    lay_accounts(run)
    lay_marks(run)
    _lay_who(run)
    run.con.execute(
        "CREATE TEMP TABLE standing (day INT, seller VARCHAR, listing VARCHAR, measure VARCHAR, "
        "part BIGINT, whole BIGINT, value DOUBLE, peer BOOLEAN)"
    )
    for name, measure in run.rules.value("measures").items():
        run.con.execute(f"CREATE OR REPLACE TEMP TABLE now AS {_measured(run, name, measure)}")
        if measure["steps"]:
            ranked = _ranked("now", measure)
            run.con.execute(
                f"CREATE OR REPLACE TEMP TABLE stepped AS SELECT * REPLACE "
                f"({_step(measure['steps'])} AS value) FROM ({ranked})"
            )
            run.con.execute(
                "CREATE OR REPLACE TEMP TABLE now AS SELECT * EXCLUDE rank FROM stepped"
            )
        run.con.execute(
            "INSERT INTO standing BY NAME SELECT n.day, n.seller, n.listing, "
            f"{_text(name)} AS measure, part, whole, value, peer FROM now n"
        )


def _lay_who(run: Run) -> None:
    """Make ``measured``: stores and listings of every evening; peers are those not gone by then.

    Who goes tonight is measured before.
    """
    run.con.execute("""
        CREATE TEMP TABLE IF NOT EXISTS measured AS
        WITH there AS (
            SELECT a.evening + 1 AS day, a.seller, NOT a.gone AS peer FROM accounts a
            JOIN stores s USING (seller) WHERE NOT a.again AND a.evening + 1 >= s.entered
        )
        SELECT day, seller, '' AS listing, seller AS who, 'store' AS level, peer FROM there
        UNION ALL
        SELECT day, t.seller, g.listing, g.listing, 'product', peer
        FROM there t JOIN goods g USING (seller)
    """)
    run.con.execute("""
        CREATE TEMP TABLE IF NOT EXISTS reinstated AS
        SELECT e.seller, e.day FROM ledger e WHERE e.kind = 'state' AND e.what = 'healthy'
        AND (SELECT arg_max(s.what, s.day) FROM ledger s WHERE s.kind = 'state'
            AND s.seller = e.seller AND s.day < e.day) = 'deactivated'
    """)


def _measured(run: Run, name: str, measure: dict[str, Any]) -> str:
    """SELECT of a measure before any steps."""
    if measure["mix"]:
        return _mixed(run, measure)
    if measure["orders_with"]:
        _sum_up(run, measure, _orders_with(run, measure))
        spared, least = measure["spared"], measure["min_count"]
        value = (
            f"if(whole = 0 OR whole < {least}, NULL, "
            f"greatest(0, part - {spared})::DOUBLE / whole::DOUBLE)"
        )
    elif measure["ratings"]:
        _sum_up(run, measure, ratings_of(run, name, measure))
        sums = measure["ratings"] in ("points", "volume")
        none = f"whole < {measure['min_count']}" + ("" if sums else " OR whole = 0")
        value = f"if({none}, NULL, " + (
            "part::DOUBLE)" if sums else "part::DOUBLE / whole::DOUBLE)"
        )
    else:
        _sum_up(run, measure, _conduct(run, measure))
        start, most, gain = (float(measure[x]) for x in ("start", "most", "gain"))
        value = (
            f"if(whole < {measure['min_count']}, NULL, greatest(0.0, least({most!r}, {start!r} + "
            f"{gain!r} * (whole // {measure['gain_orders']}) - lost)))"
        )
    return f"SELECT day, seller, listing, peer, part, whole, {value} AS value FROM summed"


def _sum_up(run: Run, measure: dict[str, Any], units: str) -> None:
    """Make ``summed``: units (who, date, part, whole, from_day, to_day) over the measure's window.

    A unit of a date is in the window of the evenings from ``lag`` days after it on.
    """
    lag, window = measure["lag_days"], measure["window_days"]
    run.con.execute(f"""
        CREATE OR REPLACE TEMP TABLE summed AS
        WITH units AS (
            SELECT who, part, whole, greatest(from_day, date + {lag}, 1) AS first_day,
                least(coalesce(to_day, 1000000), date + {lag + window}) AS end_day
            FROM ({units})
        ), daily AS (
            SELECT who, day, sum(part) AS part, sum(whole) AS whole FROM (
                SELECT who, first_day AS day, part, whole FROM units WHERE end_day > first_day
                UNION ALL
                SELECT who, end_day, -part, -whole FROM units WHERE end_day > first_day
            ) GROUP BY ALL
        ), running AS (
            SELECT c.day, w.who, coalesce(sum(part) OVER so_far, 0) AS part,
                coalesce(sum(whole) OVER so_far, 0) AS whole
            FROM calendar c CROSS JOIN (SELECT DISTINCT who FROM measured
                WHERE level = '{measure["level"]}') w
            LEFT JOIN daily d ON d.day = c.day AND d.who = w.who
            WINDOW so_far AS (PARTITION BY w.who ORDER BY c.day)
        )
        SELECT m.*, round(r.part)::BIGINT AS part, r.part AS lost, r.whole::BIGINT AS whole
        FROM measured m JOIN running r USING (day, who) WHERE m.level = '{measure["level"]}'
    """)


def _counted_until(run: Run, level: str) -> str:
    """SQL of the first evening on which an order counts no more: orders placed before an account's
    return to business do not, from the evening after it on."""
    if level == "product":
        return "NULL"
    return (
        "(SELECT min(r.day) + 1 FROM reinstated r WHERE r.seller = o.seller AND r.day >= o.placed)"
    )


def _whose(measure: dict[str, Any]) -> tuple[str, str]:
    """Column of whose orders count, and SQL of which: of stores those that they shipped."""
    if measure["level"] == "product":
        return "listing", "true"
    return "seller", "NOT o.by_platform"


def _orders_with(run: Run, measure: dict[str, Any]) -> str:
    """Units of a share of orders: each counts once, however many of the marks it has."""
    who, own = _whose(measure)
    looked_at = ", ".join(_text(mark) for mark in measure["orders_with"])
    until = _counted_until(run, measure["level"])
    return f"""
        WITH marked AS (
            SELECT order_id, from_day, to_day, min(if(to_day IS NULL, from_day, NULL))
                OVER (PARTITION BY order_id) AS for_good FROM marks WHERE mark IN ({looked_at})
        ), spells AS (
            SELECT order_id, min(from_day) AS from_day, NULL AS to_day FROM marked
            WHERE to_day IS NULL GROUP BY order_id
            UNION ALL
            SELECT order_id, from_day, least(to_day, for_good) FROM marked
            WHERE to_day IS NOT NULL AND (for_good IS NULL OR from_day < for_good)
        )
        SELECT o.{who} AS who, placed AS date, 1 AS part, 0 AS whole, from_day,
            least(to_day, {until}) AS to_day
        FROM spells JOIN orders o USING (order_id) WHERE {own}
        UNION ALL
        SELECT o.{who}, placed, 0, 1, placed, {until} FROM orders o WHERE {own}
    """


def _conduct(run: Run, measure: dict[str, Any]) -> str:
    """Units of a score of conduct: orders, whoever ships them, and points that acts have cost."""
    return f"""
        SELECT o.seller AS who, placed AS date, 0.0 AS part, 1 AS whole, placed AS from_day,
            {_counted_until(run, "store")} AS to_day
        FROM orders o
        UNION ALL
        SELECT e.seller, e.day, e.value, 0, e.day,
            (SELECT min(r.day) + 1 FROM reinstated r WHERE r.seller = e.seller AND r.day >= e.day)
        FROM ledger e WHERE e.kind = 'enforcement' AND e.what = 'policy_score'
    """


def _mixed(run: Run, measure: dict[str, Any]) -> str:
    """SELECT of a mix: its parts added in their order, none where one of them is missing."""
    measures = run.rules.value("measures")
    value, joins, wholes = "0.0", [], []
    for i, part in enumerate(measure["mix"]):
        one = f"(FROM standing WHERE measure = {_text(part['measure'])} AND listing = '')"
        if part["ranked"] is not None:
            one = f"({_ranked(one, measures[part['measure']])})"
            worst, best = (float(x) for x in part["ranked"])
            taken = f"({worst!r} + ({best!r} - {worst!r}) * m{i}.rank)"
        else:
            taken = f"m{i}.value"
        joins.append(f"JOIN {one} m{i} ON m{i}.day = m.day AND m{i}.seller = m.seller")
        wholes.append(f"m{i}.whole")
        value = f"({value} + {float(part['weight'])!r} * {taken})"
    whole = f"least({ENDLESS}, {', '.join(wholes)})"
    return f"""
        SELECT m.day, m.seller, m.listing, m.peer, 0 AS part, {whole} AS whole,
            if({whole} < {measure["min_count"]}, NULL, {value}) AS value
        FROM measured m {" ".join(joins)} WHERE m.level = 'store'
    """


def _ranked(rows: str, measure: dict[str, Any]) -> str:
    """SELECT that adds the rank among peers: the share of the others that are worse, ties half."""
    worse = "<" if measure["better"] == "higher" else ">"
    return f"""
        SELECT r.*, if(r.value IS NULL, NULL, if(n - r.peer::INT > 0,
            (worse + 0.5 * (alike - r.peer::INT)) / (n - r.peer::INT), 0.5)) AS rank
        FROM {rows} r LEFT JOIN LATERAL (
            SELECT count(*) AS n, count(*) FILTER (o.value {worse} r.value) AS worse,
                count(*) FILTER (o.value = r.value) AS alike
            FROM {rows} o WHERE o.day = r.day AND o.peer AND o.value IS NOT NULL
        ) ON true
    """


def _step(steps: list[list[float]]) -> str:
    """SQL of the value of the highest step that a rank reaches."""
    down = sorted(steps, reverse=True)
    reached = " ".join(f"WHEN rank >= {float(at)!r} THEN {float(v)!r}" for at, v in down)
    return f"CASE {reached} END"


def _text(name: str) -> str:
    return "'" + name.replace("'", "''") + "'"


def measured(run: Run) -> str:
    """Part, whole and value of every measure."""
    lay_standing(run)
    return (
        "SELECT s.day, seller, listing, measure, part, whole, value "
        "FROM standing s JOIN stores USING (seller) WHERE day >= first_row"
    )


def _measures(rules: Rules) -> bool:
    return bool(rules.value("measures"))


CHECKS = (
    Check(
        "measures",
        "shares of orders by their marks, sums over ratings, conduct, mixes and steps by rank",
        measured,
        table="standing",
        columns=("part", "whole", "value"),
        fill=None,
        if_=_measures,
    ),
)
