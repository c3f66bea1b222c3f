"""Search: the score of every listing by its components, its position, and what trips saw of it."""

from __future__ import annotations

from experiments.audit.check import Check, Run
from experiments.audit.checks.listings import decay, lay_displayed, lay_on_sale

COMPONENTS = ("relevance", "velocity", "conversion", "stars", "count", "price")
EQUAL = 1e-9
"""Scores that differ by less may stand in either order."""


def lay_demand(run: Run) -> None:
    """Make ``demand``: orders and examinations of listings by evening, each day's fading."""
    lay_on_sale(run)
    kept, days = decay(run.rules.value("search.velocity_half_life_days")), run.rules.days
    run.con.execute("""
        CREATE TEMP TABLE IF NOT EXISTS looked_at AS
        SELECT day, unnest(examined) AS listing, coalesce(shown, 0) AS shown FROM ledger
        WHERE kind = 'trip' AND examined IS NOT NULL
    """)
    run.con.execute(f"""
        CREATE TEMP TABLE IF NOT EXISTS demand AS
        WITH events AS (
            SELECT listing, placed AS day, count(*) AS orders, 0 AS looks FROM orders GROUP BY ALL
            UNION ALL
            SELECT listing, day, 0, count(*) FROM looked_at GROUP BY ALL
        ), daily AS (
            SELECT listing, greatest(day, 0) AS evening,
                sum(orders * pow({kept!r}, {days} - day)) AS orders,
                sum(looks * pow({kept!r}, {days} - day)) AS looks
            FROM events GROUP BY ALL
        )
        SELECT listing, evening,
            coalesce(sum(orders) OVER so_far, 0.0) * pow({kept!r}, evening - {days}) AS velocity,
            coalesce(sum(looks) OVER so_far, 0.0) * pow({kept!r}, evening - {days}) AS examined
        FROM (SELECT listing, evening FROM goods, evenings) LEFT JOIN daily USING (listing, evening)
        WINDOW so_far AS (PARTITION BY listing ORDER BY evening)
    """)


def lay_prices(run: Run) -> None:
    """Make ``prices``: what listings on sale cost by evening.

    Which of several offers is featured is drawn, so a listing may show any live one's price
    (``version``); where an arm sets prices anew they hold on its first morning.
    """
    run.con.execute("""
        CREATE TEMP TABLE IF NOT EXISTS prices AS
        WITH stated AS (
            SELECT listing, seller, price, -1000000 AS day, -1000000 AS until FROM goods
            UNION ALL SELECT listing, seller, price, -1000000, -1000000 FROM further_offers
            UNION ALL SELECT listing, seller, value, day, until FROM ledger
                WHERE kind = 'setting' AND what = 'price'
        ), asked AS (
            SELECT o.evening, o.again, o.listing,
                max_by(p.price, (p.until, p.day)) AS price
            FROM offered o JOIN stated p USING (listing, seller)
            WHERE o.live AND (p.day <= o.evening OR (o.again AND p.until <= o.evening + 1))
            GROUP BY o.evening, o.again, o.listing, o.seller
        )
        SELECT evening, again, listing, price,
            row_number() OVER (PARTITION BY evening, again, listing ORDER BY price) AS version
        FROM (SELECT DISTINCT * FROM asked)
    """)


def lay_penalties(run: Run) -> None:
    """Make ``exposure``: what penalties add to the scores of stores and listings by evening.

    What holds as long as a gate is breached is noted every evening; of what lasts for days the
    same penalty counts once, however often it was given.
    """
    run.con.execute("""
        CREATE TEMP TABLE IF NOT EXISTS exposure AS
        WITH given AS (
            SELECT seller, listing, day, until, value, coalesce(until - day, -1) AS days FROM ledger
            WHERE kind = 'enforcement' AND what = 'exposure'
        ), held AS (
            SELECT e.evening, seller, listing, sum(value) AS value FROM given g JOIN evenings e
                ON g.day = e.evening WHERE g.days = 1 GROUP BY ALL
            UNION ALL
            SELECT evening, seller, listing, sum(value) FROM (
                SELECT DISTINCT e.evening, seller, listing, value, g.days FROM given g
                JOIN evenings e ON g.day <= e.evening AND (g.until > e.evening OR g.until IS NULL)
                WHERE g.days <> 1
            ) GROUP BY ALL
        )
        SELECT evening, seller, listing, sum(value) AS value FROM held GROUP BY ALL
    """)


def lay_parts(run: Run) -> None:
    """Make ``parts``: components of every listing on sale, not scaled yet, by evening."""
    lay_displayed(run)
    lay_demand(run)
    lay_prices(run)
    lay_penalties(run)
    search = run.rules.value("search")
    priors = {x: search[f"prior_{x}"] for x in ("orders", "examined", "reviews")}
    usual = " ".join(
        f"WHEN '{_escaped(c['name'])}' THEN {float(c['price'])!r}"
        for c in run.rules.market["categories"]
    )
    run.con.execute(f"""
        CREATE TEMP TABLE IF NOT EXISTS parts AS
        WITH contested AS (
            SELECT evening, again, category, max(version) AS versions,
                count(*) FILTER (version = 2) AS listings
            FROM prices JOIN goods USING (listing) GROUP BY ALL
        ), there AS (
            SELECT p.evening, p.again, g.category, v.version, p.listing, p.price, g.born, g.seller
            FROM prices p JOIN goods g USING (listing)
            JOIN contested c USING (evening, again, category)
            JOIN (SELECT unnest(generate_series(1, 16)) AS version) v ON v.version <= c.versions
            WHERE c.listings <= 1 AND (p.version = v.version OR (p.version = 1 AND
                NOT EXISTS (FROM prices q WHERE q.evening = p.evening AND q.again = p.again
                    AND q.listing = p.listing AND q.version = 2)))
        )
        SELECT t.*, r.value AS relevance,
            ln((d.velocity + {priors["orders"]}) / (avg(d.velocity) OVER shop + {priors["orders"]}))
                AS velocity,
            {_shrunk("d.velocity", "d.examined", priors["examined"])} AS conversion,
            {_shrunk("s.weighted_stars", "s.weight", priors["reviews"])} AS stars,
            ln(1.0 + s.n_reviews) AS count,
            -ln(t.price / CASE t.category {usual} END) AS price_part,
            coalesce(x.value, 0.0) AS of_store, coalesce(y.value, 0.0) AS of_listing
        FROM there t JOIN demand d USING (listing, evening)
        JOIN displayed s USING (listing, evening)
        LEFT JOIN (FROM ledger WHERE kind = 'setting' AND what = 'relevance') r USING (listing)
        LEFT JOIN exposure x ON x.seller = t.seller AND x.listing IS NULL AND x.evening = t.evening
        LEFT JOIN exposure y ON y.listing = t.listing AND y.evening = t.evening
        WINDOW shop AS (PARTITION BY t.evening, t.again, t.category, t.version)
    """)


def _shrunk(total: str, exposure: str, prior: float) -> str:
    """SQL of a mean drawn to the category's by a prior."""
    mean = (
        f"if(sum({exposure}) OVER shop > 0, sum({total}) OVER shop / sum({exposure}) OVER shop, 0)"
    )
    own = f"({total} + {prior} * ({mean})) / ({exposure} + {prior})"
    return f"if({exposure} + {prior} <= 0, {mean}, {own})"


def lay_ranked(run: Run) -> None:
    """Make ``ranked``: score and position of every listing on sale by evening.

    ``first_place`` to ``last_place``: positions that it may have among those of equal score.
    """
    lay_parts(run)
    search = run.rules.value("search")
    names = {name: "price_part" if name == "price" else name for name in COMPONENTS}
    score = " + ".join(
        f"{float(search[f'weight_{name}'])!r} * if(stddev_pop({column}) OVER shop > 1e-12, "
        f"({column} - avg({column}) OVER shop) / stddev_pop({column}) OVER shop, 0.0)"
        for name, column in names.items()
    )
    boost, new = float(search["new_boost"]), max(search["new_days"], 1)
    age = "(evening + 1 - born)"
    fresh = f"if({age} < {search['new_days']}, {boost!r} * (1.0 - {age} / {new}), 0.0)"
    run.con.execute(f"""
        CREATE TEMP TABLE IF NOT EXISTS ranked AS
        WITH scored AS (
            SELECT evening, again, category, version, listing,
                {fresh} + {score} + of_store + of_listing AS score
            FROM parts WINDOW shop AS (PARTITION BY evening, again, category, version)
        )
        SELECT *,
            count(*) OVER (near RANGE BETWEEN UNBOUNDED PRECEDING AND {EQUAL} PRECEDING) + 1
                AS first_place,
            count(*) OVER (near RANGE BETWEEN UNBOUNDED PRECEDING AND {EQUAL} FOLLOWING)
                AS last_place
        FROM scored
        WINDOW near AS (PARTITION BY evening, again, category, version ORDER BY -score)
    """)


def scores(run: Run) -> str:
    """Score, missing off sale."""
    lay_ranked(run)
    return """
        SELECT evening AS day, listing, any_value(score) FILTER (version = 1) AS score,
            list(score) AS score_or
        FROM ranked JOIN goods USING (listing)
        WHERE NOT again AND evening >= first_row GROUP BY ALL
    """


def positions(run: Run) -> str:
    """Position: the place of the score; the number of listings + 1 off sale."""
    lay_ranked(run)
    return """
        WITH listed AS (
            SELECT evening, category, count(*) + 1 AS off FROM on_sale JOIN goods USING (listing)
            WHERE listed AND NOT again GROUP BY ALL
        ), places AS (
            SELECT evening, listing, any_value(first_place) FILTER (version = 1) AS position,
                flatten(list(generate_series(first_place, last_place))) AS position_or
            FROM ranked WHERE NOT again GROUP BY ALL
        )
        SELECT evening AS day, listing, if(on_sale, position, coalesce(off, 1)) AS position,
            if(on_sale, position_or, NULL) AS position_or
        FROM on_sale JOIN goods USING (listing) LEFT JOIN places USING (evening, listing)
        LEFT JOIN listed USING (evening, category)
        WHERE NOT again AND evening >= first_row
    """


EXAMINED = "SELECT day, listing, count(*) AS examined FROM looked_at GROUP BY ALL"


def examined(run: Run) -> str:
    """Times that trips looked at a listing."""
    lay_demand(run)
    return EXAMINED


def impressions(run: Run) -> str:
    """Times that a listing stood on a page that a trip opened, or was looked at beyond it."""
    lay_ranked(run)
    turn = run.rules.warm_up
    return f"""
        WITH mornings AS (
            SELECT evening + 1 AS day, category, listing, version, first_place, last_place
            FROM ranked WHERE again = (evening = {turn})
        ), pages AS (
            SELECT day, what AS category, shown, count(*) AS trips FROM ledger
            WHERE kind = 'trip' AND day > 0 GROUP BY ALL
        ), stood AS (
            SELECT m.day, m.listing, m.version, m.first_place = m.last_place AS sure,
                coalesce(sum(trips), 0) AS trips
            FROM mornings m LEFT JOIN pages p
                ON p.day = m.day AND p.category = m.category AND p.shown >= m.first_place
            GROUP BY ALL
        ), beyond AS (
            SELECT l.day, l.listing, m.version, count(*) AS trips FROM looked_at l
            JOIN mornings m ON m.day = l.day AND m.listing = l.listing
            WHERE l.shown < m.first_place GROUP BY ALL
        ), seen AS (
            SELECT day, listing, version, sure, s.trips + coalesce(b.trips, 0) AS impressions
            FROM stood s LEFT JOIN beyond b USING (day, listing, version)
        )
        SELECT day, listing, any_value(impressions) FILTER (version = 1) AS impressions,
            list(impressions) AS impressions_or
        FROM seen JOIN goods USING (listing)
        WHERE day BETWEEN 1 AND {run.rules.days} AND day >= first_row GROUP BY ALL
    """


def _escaped(name: str) -> str:
    return name.replace("'", "''")


CHECKS = (
    Check(
        "examined",
        "times that trips looked at a listing",
        examined,
        table="listings",
        columns=("examined",),
    ),
    Check(
        "score",
        "relevance, velocity, conversion, stars, count and price, scaled within the category over "
        "what is on sale, boost of new listings, penalties on exposure",
        scores,
        table="listings",
        columns=("score",),
        fill=None,
    ),
    Check(
        "position",
        "place of the recomputed score in its category, equal ones in any order; off sale the "
        "number of listings + 1",
        positions,
        table="listings",
        columns=("position",),
    ),
    Check(
        "impressions",
        "listings on the pages that trips opened, by the positions of the evening before, and "
        "those looked at beyond",
        impressions,
        table="listings",
        columns=("impressions",),
    ),
)
