"""Listings: which reviews and stars they display, and whether they are on sale."""

from __future__ import annotations

from experiments.audit.check import Check, Run


def about_listings(run: Run) -> str:
    """Condition on posts: those that are about the listing, bought ones among them."""
    return "true" if run.rules.value("channels") == 1 else "channel = 'review'"


def decay(half_life: float | None) -> float:
    """What a weight with this half-life keeps of itself in a day."""
    return 1.0 if half_life is None else 2.0 ** (-1.0 / half_life)


def of_class(run: Run, stars: str) -> str:
    """Stars for which a review counts in the display: its own, or those of its class."""
    if not run.rules.value("display.by_class"):
        return stars
    good, bad = (
        run.rules.value("feedback.positive_from"),
        run.rules.value("feedback.negative_up_to"),
    )
    return f"CASE WHEN {stars} <= {bad} THEN 1 WHEN {stars} >= {good} THEN 5 ELSE 3 END"


def lay_evenings(run: Run) -> None:
    """Make ``evenings`` from that of day 0 on, and ``shelf``: the listings of each.

    Whoever enters on a morning stands on the shelf from the evening before.
    """
    run.con.execute(
        "CREATE TEMP TABLE IF NOT EXISTS evenings AS "
        f"SELECT unnest(generate_series(0, {run.rules.days})) AS evening"
    )
    run.con.execute(
        "CREATE TEMP TABLE IF NOT EXISTS shelf AS SELECT e.evening, g.* "
        "FROM evenings e JOIN goods g ON e.evening >= g.entered - 1"
    )


def lay_on_display(run: Run) -> None:
    """Make ``on_display``: every review with the evenings on which it counts, its weight, stars.

    Reviews from before the lived past are as old as they are, to the part of a day.
    """
    rules, window = run.rules, run.rules.value("display.window_days")
    verified = float(rules.value("display.weight_verified"))
    other = float(rules.value("display.weight_unverified"))
    left = f"dated + {window}" if window is not None else "NULL"
    silent = "true" if rules.value("defaults.in_display") else "false"
    run.con.execute(f"""
        CREATE TEMP TABLE IF NOT EXISTS on_display AS
        WITH wiped AS (
            SELECT listing, day AS wiped_on FROM ledger
            WHERE kind = 'removal' AND what = 'wiped' AND post IS NULL
        ), first_wiped AS (
            SELECT listing, min(wiped_on) AS wiped_on FROM wiped GROUP BY listing
        ), units AS (
            SELECT listing, -age AS born, day AS dated, {verified} AS weight, stars,
                -1000000 AS from_day, wiped_on AS to_day
            FROM old_reviews LEFT JOIN first_wiped USING (listing)
            UNION ALL
            SELECT listing, posted, posted, if(verified = 1, {verified}, {other}), stars,
                from_day, to_day
            FROM standing_posts WHERE {about_listings(run)}
            UNION ALL
            SELECT d.listing, from_day, from_day, {verified}, 5, from_day,
                least(any_value(to_day), min(wiped_on))
            FROM defaults d LEFT JOIN wiped w
                ON w.listing = d.listing AND wiped_on >= from_day
            WHERE {silent} GROUP BY order_id, d.listing, from_day
        )
        SELECT listing, born, weight, {of_class(run, "stars")} AS stars,
            greatest(from_day, 0) AS from_evening, least(to_day, {left}) AS to_evening
        FROM units
    """)


def lay_displayed(run: Run) -> None:
    """Make ``displayed``: reviews, their weight and weighted stars by listing and evening.

    A weight falls by the same factor every day, so sums of weights as of one day serve for all.
    """
    lay_evenings(run)
    lay_on_display(run)
    kept, days = decay(run.rules.value("display.half_life_days")), run.rules.days
    run.con.execute(f"""
        CREATE TEMP TABLE IF NOT EXISTS displayed AS
        WITH weighed AS (
            SELECT *, weight * pow({kept!r}, {days} - born) AS mass FROM on_display
            WHERE to_evening IS NULL OR to_evening > from_evening
        ), steps AS (
            SELECT listing, from_evening AS evening, 1 AS n, mass, mass * stars AS heap FROM weighed
            UNION ALL
            SELECT listing, to_evening, -1, -mass, -mass * stars FROM weighed
            WHERE to_evening IS NOT NULL
        ), daily AS (
            SELECT listing, evening, sum(n) AS n, sum(mass) AS mass, sum(heap) AS heap
            FROM steps GROUP BY ALL
        )
        SELECT listing, evening, coalesce(sum(n) OVER so_far, 0)::BIGINT AS n_reviews,
            if(n_reviews = 0, 0, (sum(mass) OVER so_far) * pow({kept!r}, evening - {days}))
                AS weight,
            if(n_reviews = 0, 0, (sum(heap) OVER so_far) * pow({kept!r}, evening - {days}))
                AS weighted_stars
        FROM (SELECT listing, evening FROM goods, evenings) LEFT JOIN daily USING (listing, evening)
        WINDOW so_far AS (PARTITION BY listing ORDER BY evening)
    """)


def displayed(run: Run) -> str:
    """Stars and number of reviews; a mean on the edge of a tenth may show either."""
    lay_displayed(run)
    prior, stars = (run.rules.value(f"display.prior_{x}") for x in ("reviews", "stars"))
    return f"""
        WITH means AS (
            SELECT s.evening AS day, listing, n_reviews, if(n_reviews > 0 AND weight > 1e-12,
                10.0 * (weighted_stars + {prior} * {stars}) / (weight + {prior}) + 0.5, NULL) AS up
            FROM shelf s JOIN displayed USING (listing, evening) WHERE s.evening >= s.first_row
        )
        SELECT day, listing, n_reviews, floor(up) / 10.0 AS stars,
            if(abs(up - round(up)) <= 1e-9 * up, [(round(up) - 1) / 10.0, round(up) / 10.0], NULL)
                AS stars_or
        FROM means
    """


# --- on sale ------------------------------------------------------------------------------------


def lay_accounts(run: Run) -> None:
    """Make ``accounts``: every store's state by evening, and what keeps its listings off sale.

    A store that an arm sets anew on its first day pauses no more. ``again``: as things are shown
    once more on that morning.
    """
    lay_evenings(run)
    turn = run.rules.warm_up
    anew = set_anew(run)
    run.con.execute(f"""
        CREATE TEMP TABLE IF NOT EXISTS accounts AS
        WITH looks AS (
            SELECT evening, false AS again FROM evenings UNION ALL SELECT {turn}, true
        ), states AS (
            SELECT seller, entered - 1 AS day, 'healthy' AS state FROM stores
            UNION ALL
            SELECT seller, day, max_by(what, what IN ('closed', 'left')) FROM ledger
            WHERE kind = 'state' GROUP BY ALL
        ), spells AS (
            SELECT seller, state, day AS from_day,
                coalesce(lead(day) OVER (PARTITION BY seller ORDER BY day), 1000000) AS to_day
            FROM states
        ), paused AS (
            SELECT seller, day AS from_day, until, ({anew}) AND day <= {turn} AS ends
            FROM ledger WHERE kind = 'setting' AND what = 'pause'
        ), hidden AS (
            SELECT seller, day AS from_day, coalesce(until, 1000000) AS until FROM ledger
            WHERE kind = 'enforcement' AND what IN ('hide', 'delist')
        ), sentences AS (
            SELECT seller, day FROM ledger
            WHERE kind = 'enforcement' AND what IN ('deactivate', 'close')
        )
        SELECT l.evening, l.again, s.seller, s.state, s.state IN ('closed', 'left') AS gone,
            EXISTS (FROM paused p WHERE p.seller = s.seller AND p.from_day <= l.evening
                AND p.until > l.evening AND NOT (p.ends AND (l.evening > {turn} OR l.again)))
            OR EXISTS (FROM hidden h WHERE h.seller = s.seller AND h.from_day <= l.evening
                AND h.until > l.evening) AS off,
            s.state = 'deactivated' AND EXISTS (FROM sentences x WHERE x.seller = s.seller
                AND x.day BETWEEN s.from_day AND l.evening) AS barred
        FROM looks l JOIN spells s ON l.evening >= s.from_day AND l.evening < s.to_day
    """)


def set_anew(run: Run) -> str:
    """SQL of stores that the arm sets anew on its first day: whose settings it states otherwise.

    A drawn store that has paused before follows the strategy of rivals.
    """
    before, after = run.rules.spells[0].market, run.rules.market
    if before["costs"] != after["costs"]:
        return "true"
    was = {seller["name"]: seller for seller in before["sellers"]}
    stated = [_text(seller["name"]) for seller in after["sellers"]]
    changed = [_text(s["name"]) for s in after["sellers"] if s != was.get(s["name"])]
    rivals = any(
        after["rivals"][name] != value
        for name, value in before["rivals"].items()
        if name not in ("adopters", "exit_per_year", "load", "count")
    )
    found = [f"seller IN ({', '.join(changed)})"] if changed else []
    if rivals:
        found.append(f"seller NOT IN ({', '.join(stated)})" if stated else "true")
    return " OR ".join(found) or "false"


def _text(name: str) -> str:
    return "'" + name.replace("'", "''") + "'"


def shipped_by_platform(run: Run) -> list[str]:
    """Listings that the platform stores and ships for their own seller."""
    return [
        listing["name"] or f"{seller['name']} / {i + 1}"
        for seller in run.rules.market["sellers"]
        for i, listing in enumerate(seller["listings"])
        if listing["by_platform"]
    ]


def lay_on_sale(run: Run) -> None:
    """Make ``offered``: every offer by evening, and whether it is live; then ``on_sale``."""
    lay_accounts(run)
    shipped = ", ".join("'" + x.replace("'", "''") + "'" for x in shipped_by_platform(run))
    outlives = "true" if run.rules.value("by_platform.goes_on") else "false"
    run.con.execute(f"""
        CREATE TEMP TABLE IF NOT EXISTS offered AS
        WITH all_offers AS (
            SELECT listing, seller, true AS own, listing IN ({shipped or "NULL"}) AS by_platform
            FROM goods
            UNION ALL SELECT listing, seller, false, by_platform = 1 FROM further_offers
        ), removed AS (
            SELECT g.listing, min(e.day) AS day FROM ledger e JOIN goods g
                ON e.listing = g.listing OR (e.listing IS NULL AND e.seller = g.seller)
            WHERE e.kind = 'enforcement' AND e.what = 'remove' GROUP BY ALL
        )
        SELECT a.evening, a.again, o.listing, o.seller, o.own, a.gone,
            g.born <= a.evening + 1 AND NOT coalesce(r.day <= a.evening, false) AND NOT a.off
            AND (a.state IN ('healthy', 'at risk') OR (coalesce(o.by_platform, false) AND {outlives}
                AND a.state = 'deactivated' AND NOT a.barred)) AS live
        FROM all_offers o JOIN goods g USING (listing) JOIN accounts a ON a.seller = o.seller
        LEFT JOIN removed r ON r.listing = o.listing
        WHERE a.evening >= g.entered - 1
    """)
    run.con.execute("""
        CREATE TEMP TABLE IF NOT EXISTS on_sale AS
        SELECT evening, again, listing, bool_or(live) AS on_sale, NOT bool_and(gone) AS listed
        FROM offered GROUP BY ALL
    """)


def on_sale(run: Run) -> str:
    """Whether anybody can buy it tomorrow."""
    lay_on_sale(run)
    return """
        SELECT evening AS day, listing, on_sale::INT AS on_sale
        FROM on_sale JOIN goods USING (listing) WHERE NOT again AND evening >= first_row
    """


CHECKS = (
    Check(
        "reviews displayed",
        "reviews that stand, are shown and have not left the display",
        displayed,
        table="listings",
        columns=("n_reviews",),
    ),
    Check(
        "stars displayed",
        "mean of the displayed reviews, weighed by age and verification, rounded to a tenth",
        displayed,
        table="listings",
        columns=("stars",),
        fill=None,
    ),
    Check(
        "on sale",
        "born, not removed, and its store open, not paused and not hidden",
        on_sale,
        table="listings",
        columns=("on_sale",),
    ),
)
