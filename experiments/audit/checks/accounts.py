"""Defects, the order defect rate over its window, account states, points of the year, fines."""

from __future__ import annotations

from statistics import NormalDist

from experiments.audit.check import Check, Run

DAYS_OF_YEAR = 365

# Evenings on which an order is defective, for whatever reasons at once: it is one defect.
DEFECTIVE = """
    WITH reasons AS (
        SELECT p.order_id, p.from_day, p.to_day FROM standing_posts p
        JOIN rules r ON p.posted BETWEEN r.first_day AND r.last_day
        WHERE p.channel = 'feedback' AND p.order_id IS NOT NULL
            AND p.stars <= r.feedback_negative_up_to
        UNION ALL SELECT order_id, granted, NULL FROM orders WHERE granted IS NOT NULL
        UNION ALL SELECT order_id, charged_back, NULL FROM orders WHERE charged_back IS NOT NULL
    ), moves AS (
        SELECT order_id, from_day AS day, 1 AS more FROM reasons
        UNION ALL SELECT order_id, to_day, -1 FROM reasons WHERE to_day IS NOT NULL
    ), evenings AS (SELECT order_id, day, sum(more) AS more FROM moves GROUP BY ALL),
    standing AS (
        SELECT order_id, day AS from_day, lead(day) OVER later AS to_day,
            sum(more) OVER (PARTITION BY order_id ORDER BY day) AS reasons
        FROM evenings WINDOW later AS (PARTITION BY order_id ORDER BY day)
    )
    SELECT s.order_id, o.seller, o.placed, o.by_platform, s.from_day, s.to_day
    FROM standing s JOIN orders o USING (order_id) WHERE s.reasons > 0
"""

DEFECTS = """
    SELECT placed AS day, seller, count(*) AS defects FROM defective
    WHERE from_day <= (SELECT any_value(final_day) FROM rules)
        AND (to_day IS NULL OR to_day > (SELECT any_value(final_day) FROM rules)) GROUP BY ALL
"""


def _defects(run: Run) -> str:
    """Lays down ``defective``, from which the later checks start too."""
    run.con.execute(f"CREATE OR REPLACE TEMP TABLE defective AS {DEFECTIVE}")
    return DEFECTS


def windows(run: Run, final: bool = False) -> str:
    """Orders and defects in the window of every evening; ``final``: as known at the end.

    An order placed on day p is in it from the evening of p + lag on, for as many evenings as the
    window has; and as a defect while it is one.
    """
    odr = run.rules.platform["odr"]
    lag, days = odr["lag_days"], odr["window_days"]
    last = run.rules.last_day
    known = f"from_day <= {last} AND (to_day IS NULL OR to_day > {last})" if final else "true"
    since = f"placed + {lag}" if final else f"greatest(from_day, placed + {lag})"
    until = f"placed + {lag + days}"
    if not final:
        until = f"least(coalesce(to_day, {until}), {until})"
    return f"""
        WITH spells AS (
            SELECT seller, by_platform, 1 AS one, 0 AS bad, placed + {lag} AS a,
                placed + {lag + days} AS b FROM orders
            UNION ALL SELECT seller, by_platform, 0, 1, {since}, {until}
            FROM defective WHERE ({known}) AND {since} < {until}
        ), moves AS (
            SELECT seller, a AS day, one, bad, one * by_platform::INT AS one_p,
                bad * by_platform::INT AS bad_p FROM spells
            UNION ALL SELECT seller, b, -one, -bad, -one * by_platform::INT,
                -bad * by_platform::INT FROM spells
        ), daily AS (
            SELECT m.seller, greatest(m.day, s.first_row) AS day, sum(one) AS one, sum(bad) AS bad,
                sum(one_p) AS one_p, sum(bad_p) AS bad_p
            FROM moves m JOIN stores s USING (seller) GROUP BY ALL
        ), counted AS (
            SELECT d.day, d.seller,
                (sum(coalesce(one, 0)) OVER so_far)::INT AS window_orders,
                (sum(coalesce(bad, 0)) OVER so_far)::INT AS window_defects,
                (sum(coalesce(one_p, 0)) OVER so_far)::INT AS platform_orders,
                (sum(coalesce(bad_p, 0)) OVER so_far)::INT AS platform_defects
            FROM store_days d LEFT JOIN daily USING (day, seller)
            WINDOW so_far AS (PARTITION BY d.seller ORDER BY d.day)
        )
        SELECT *, CASE WHEN window_orders > 0 THEN window_defects / window_orders END AS rate
        FROM counted
    """


def _seen(run: Run) -> str:
    """Lays down ``seen_windows``, which the states look at."""
    run.con.execute(f"CREATE OR REPLACE TEMP TABLE seen_windows AS {windows(run)}")
    return "SELECT * EXCLUDE (rate), rate AS odr FROM seen_windows"


def _final(run: Run) -> str:
    return f"SELECT day, seller, rate AS odr_final FROM ({windows(run, final=True)})"


# Of every evening: the state of the evening before, since when, what has been refused since the
# last reinstatement, from which order date on orders count toward the state, what is decreed.
BEFORE = """
    WITH states AS (
        SELECT seller, day, arg_max(what, list_position(['healthy', 'at risk', 'deactivated',
            'closed', 'left'], what)) AS state
        FROM ledger WHERE kind = 'state' GROUP BY seller, day
    ), spells AS (
        SELECT seller, day, state, lag(state, 1, 'healthy') OVER by_day AS was,
            lead(day, 1, 1000000) OVER by_day AS until
        FROM states WINDOW by_day AS (PARTITION BY seller ORDER BY day)
    ), plans AS (
        SELECT seller, day, bool_or(what = 'plan accepted') AS accepted
        FROM ledger WHERE kind = 'enforcement' AND what IN ('plan accepted', 'plan refused')
        GROUP BY seller, day
    ), reinstated AS (
        SELECT seller, day FROM spells WHERE was = 'deactivated' AND state = 'healthy'
    ), decreed AS (
        SELECT seller, day, bool_or(what = 'at_risk') AS at_risk,
            bool_or(what = 'deactivate') AS deactivate, bool_or(what = 'close') AS close
        FROM ledger WHERE kind = 'enforcement' AND listing IS NULL
            AND what IN ('at_risk', 'deactivate', 'close')
        GROUP BY seller, day
    )
    SELECT d.day, d.seller, coalesce(s.state, 'healthy') AS state, s.day AS changed,
        p.day AS planned, q.accepted, r.day AS reinstated,
        (SELECT count(*) FROM plans x WHERE x.seller = d.seller AND NOT x.accepted
            AND x.day <= d.day AND x.day > coalesce(r.day, -1000000)) AS refused,
        coalesce(c.at_risk, false) AS at_risk, coalesce(c.deactivate, false) AS deactivate,
        coalesce(c.close, false) AS close,
        l.state IS NOT NULL AS leaves
    FROM store_days d
    ASOF LEFT JOIN (SELECT *, day + 1 AS from_day FROM spells) s
        ON s.seller = d.seller AND s.from_day <= d.day
    ASOF LEFT JOIN (SELECT *, day + 1 AS from_day FROM plans) p
        ON p.seller = d.seller AND p.from_day <= d.day
    ASOF LEFT JOIN (SELECT *, day + 1 AS from_day FROM reinstated) r
        ON r.seller = d.seller AND r.from_day <= d.day
    LEFT JOIN plans q ON q.seller = d.seller AND q.day = d.day
    LEFT JOIN decreed c ON c.seller = d.seller AND c.day = d.day
    LEFT JOIN states l ON l.seller = d.seller AND l.day = d.day AND l.state = 'left'
"""


def judged(run: Run) -> str:
    """Evenings with what the state is decided by: is the limit exceeded, is a plan due?

    After a reinstatement only orders placed since then count, and never those that the platform
    has fulfilled.
    """
    odr, account = run.rules.platform["odr"], run.rules.platform["account"]
    z = NormalDist().inv_cdf(odr["lower_bound"]) if odr["lower_bound"] > 0 else 0.0
    first, last = (
        f"b.day - {odr['lag_days'] + odr['window_days'] - 1}",
        f"b.day - {odr['lag_days']}",
    )
    return f"""
        WITH later AS (
            SELECT b.day, b.seller, count(*) AS n FROM before_evening b JOIN orders o
                ON o.seller = b.seller AND o.placed BETWEEN greatest({first}, b.reinstated + 1)
                    AND {last} AND NOT o.by_platform
            WHERE b.reinstated IS NOT NULL GROUP BY ALL
        ), worse AS (
            SELECT b.day, b.seller, count(*) AS bad FROM before_evening b JOIN defective o
                ON o.seller = b.seller AND o.placed BETWEEN greatest({first}, b.reinstated + 1)
                    AND {last} AND NOT o.by_platform AND o.from_day <= b.day
                    AND (o.to_day IS NULL OR o.to_day > b.day)
            WHERE b.reinstated IS NOT NULL GROUP BY ALL
        ), counted AS (
            SELECT b.*, if(b.reinstated IS NULL, w.window_orders - w.platform_orders,
                    coalesce(l.n, 0)) AS orders,
                if(b.reinstated IS NULL, w.window_defects - w.platform_defects,
                    coalesce(x.bad, 0)) AS defects
            FROM before_evening b JOIN seen_windows w USING (day, seller)
            LEFT JOIN later l USING (day, seller) LEFT JOIN worse x USING (day, seller)
        ), bounded AS (
            SELECT *, defects / orders AS share, {z!r} * {z!r} / orders AS z2 FROM counted
        )
        SELECT * EXCLUDE (share, z2),
            {account["enforced"]} AND {odr["enforced"]} AND orders > 0
                AND orders >= {odr["min_orders"]} AND defects >= {odr["min_defects"]}
                AND (share + z2 / 2 - {z!r} * sqrt(share * (1 - share) / orders
                    + z2 / (4 * orders))) / (1 + z2) > {odr["limit"]!r} AS exceeded,
            state = 'deactivated' AND day - greatest(changed, coalesce(planned, changed))
                >= {account["plan_days"]} AS plan_due
        FROM bounded
    """


def lay_judged(run: Run) -> None:
    """Make ``judged`` and what it starts from, unless they are there."""
    if run.con.execute("FROM duckdb_tables() WHERE table_name = 'judged'").fetchall():
        return
    _defects(run)
    _seen(run)
    run.con.execute(f"CREATE OR REPLACE TEMP TABLE before_evening AS {BEFORE}")
    run.con.execute(f"CREATE OR REPLACE TEMP TABLE judged AS {judged(run)}")


def states(run: Run) -> str:
    """The state of every evening, as it follows from the evening before."""
    lay_judged(run)
    account, warm_up = run.rules.platform["account"], run.rules.warm_up
    return f"""
        WITH ruled AS (
            SELECT *, CASE
                WHEN state = 'healthy' THEN if(exceeded OR at_risk, 'at risk', 'healthy')
                WHEN state = 'at risk' AND NOT (exceeded OR at_risk) THEN 'healthy'
                WHEN state = 'at risk' THEN if(day - changed >= {account["at_risk_days"]},
                    'deactivated', 'at risk')
                WHEN state = 'deactivated' AND plan_due AND accepted THEN 'healthy'
                WHEN state = 'deactivated' AND plan_due AND day > {warm_up}
                    AND refused >= {account["plans_allowed"]} THEN 'closed'
                ELSE state END AS next
            FROM judged
        ), sentenced AS (
            SELECT *, CASE
                WHEN state IN ('closed', 'left') THEN state
                WHEN close AND day > {warm_up} THEN 'closed'
                WHEN (close OR deactivate) AND next IN ('healthy', 'at risk') THEN 'deactivated'
                ELSE next END AS after
            FROM ruled
        )
        SELECT day, seller,
            if(leaves AND after NOT IN ('closed', 'left'), 'left', after) AS state
        FROM sentenced
    """


PLANS = """
    SELECT j.day, j.seller AS who, CASE
        WHEN j.plan_due AND j.accepted IS NULL THEN 'a plan of action was due'
        WHEN NOT j.plan_due AND j.accepted IS NOT NULL THEN 'no plan of action was due'
        END AS wrong
    FROM judged j WHERE j.plan_due OR j.accepted IS NOT NULL
"""


def points(run: Run) -> str:
    """Points of the calendar year, with what a new year takes over from the last."""
    rules = run.rules.platform["points"]
    kept, carried_from = (
        "1e300" if rules[name] is None else repr(float(rules[name]))
        for name in ("kept_from", "carried_from")
    )
    begins = (
        f"CASE WHEN coalesce(o.points, 0) >= {kept} THEN o.points "
        f"WHEN coalesce(o.points, 0) >= {carried_from} THEN {float(rules['carried'])!r} "
        "ELSE 0.0 END"
    )
    con = run.con
    con.execute(
        "CREATE OR REPLACE TEMP TABLE given AS SELECT seller, day, sum(value) AS points "
        "FROM ledger WHERE kind = 'enforcement' AND what = 'points' AND day >= 1 GROUP BY ALL"
    )
    con.execute("CREATE OR REPLACE TEMP TABLE opening AS SELECT 0 AS year, seller, 0.0::DOUBLE "
                "AS points FROM stores")  # fmt: skip
    for year in range(1, (run.rules.days - 1) // DAYS_OF_YEAR + 1):
        con.execute(f"""
            INSERT INTO opening
            SELECT {year}, o.seller, {begins} FROM (
                SELECT s.seller, s.points + coalesce(sum(g.points), 0) AS points
                FROM opening s LEFT JOIN given g ON g.seller = s.seller
                    AND (g.day - 1) // {DAYS_OF_YEAR} = {year - 1}
                WHERE s.year = {year - 1} GROUP BY s.seller, s.points) o
        """)
    return f"""
        SELECT d.day, d.seller, any_value(s.points) + coalesce(sum(g.points), 0.0) AS points
        FROM store_days d JOIN opening s
            ON s.seller = d.seller AND s.year = (d.day - 1) // {DAYS_OF_YEAR}
        LEFT JOIN given g ON g.seller = d.seller AND g.day <= d.day
            AND (g.day - 1) // {DAYS_OF_YEAR} = (d.day - 1) // {DAYS_OF_YEAR}
        GROUP BY d.day, d.seller
    """


FINES = """
    SELECT day, seller, sum(value) / 100.0 AS fines FROM ledger
    WHERE kind = 'enforcement' AND what = 'fine' GROUP BY ALL
"""


CHECKS = (
    Check("defects", "orders of a day with a defect in the end, each once", _defects,
          table="sellers", columns=("defects",)),
    Check("ODR window", "orders and defects in the window, as of every evening", _seen,
          table="sellers", fill=None,
          columns=("window_orders", "window_defects", "platform_orders", "platform_defects",
                   "odr")),
    Check("final ODR", "the same windows with what was known in the end", _final, table="sellers",
          columns=("odr_final",), fill=None),
    Check("states", "account states, each from the evening before", states, table="sellers",
          columns=("state",), fill=None),
    Check("plans of action", "decided when they are due", PLANS),
    Check("points", "penalty points of the calendar year", points, table="sellers",
          columns=("points",), fill=None),
    Check("fines", "fines of the platform", FINES, table="sellers", columns=("fines",)),
)  # fmt: skip
