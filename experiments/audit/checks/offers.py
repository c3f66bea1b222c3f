"""Offers: how many a store has, which can be bought, what they cost, which may be featured."""

from __future__ import annotations

from experiments.audit.check import Check, Run
from experiments.audit.checks.ranking import lay_ranked
from experiments.audit.rules import Rules


def lay_eligible(run: Run) -> None:
    """Make ``eligible``: every offer by evening, live or not, and whether it may be featured.

    ``rivals``: how many others on the same listing may be.
    """
    lay_ranked(run)
    at_risk = "true" if run.rules.value("offers.at_risk_eligible") else "false"
    run.con.execute(f"""
        CREATE TEMP TABLE IF NOT EXISTS eligible AS
        WITH barred AS (
            SELECT seller, day AS from_day, coalesce(until, 1000000) AS until FROM ledger
            WHERE kind = 'enforcement' AND what = 'no_featured'
        ), judged AS (
            SELECT o.*, o.live AND (a.state <> 'at risk' OR {at_risk})
                AND NOT EXISTS (FROM barred b WHERE b.seller = o.seller
                    AND b.from_day <= o.evening AND b.until > o.evening) AS may
            FROM offered o JOIN accounts a
                ON a.seller = o.seller AND a.evening = o.evening AND a.again = o.again
            WHERE NOT o.again
        )
        SELECT *, sum(may::INT) OVER (PARTITION BY evening, listing) - may::INT AS rivals,
            count(*) OVER (PARTITION BY evening, listing) > 1 AS contested
        FROM judged
    """)


def of_stores(run: Run) -> str:
    """Offers of a store; of those that may be featured where others may be too, a draw decides."""
    lay_eligible(run)
    return """
        SELECT evening AS day, seller, (count(*) FILTER (NOT gone))::INT AS offers,
            (count(*) FILTER (live AND NOT gone))::INT AS live_offers,
            (count(*) FILTER (may AND rivals = 0 AND NOT gone))::INT AS featured,
            generate_series(featured, (count(*) FILTER (may AND NOT gone))::INT) AS featured_or
        FROM eligible JOIN stores USING (seller) WHERE evening >= first_row GROUP BY ALL
    """


def on_contested(run: Run) -> str:
    """Offers on listings with several."""
    lay_eligible(run)
    return """
        WITH stated AS (
            SELECT listing, seller, price, -1000000 AS day, -1000000 AS until FROM goods
            UNION ALL SELECT listing, seller, price, -1000000, -1000000 FROM further_offers
            UNION ALL SELECT listing, seller, value, day, until FROM ledger
                WHERE kind = 'setting' AND what = 'price'
        ), asked AS (
            SELECT evening, listing, seller, max_by(price, (until, p.day)) AS price
            FROM eligible e JOIN stated p USING (listing, seller)
            WHERE contested AND p.day <= evening GROUP BY ALL
        ), taken AS (
            SELECT placed AS evening, listing, seller, count(*) AS orders FROM orders GROUP BY ALL
        ), off AS (
            SELECT evening, category, count(*) + 1 AS off FROM on_sale JOIN goods USING (listing)
            WHERE listed AND NOT again GROUP BY ALL
        ), places AS (
            SELECT evening, listing, any_value(first_place) FILTER (version = 1) AS place,
                flatten(list(generate_series(first_place, last_place))) AS places
            FROM ranked WHERE NOT again GROUP BY ALL
        )
        SELECT e.evening AS day, e.seller || ': ' || listing AS offer, asked.price,
            e.live::INT AS live, coalesce(orders, 0) AS orders,
            (may AND rivals = 0)::INT AS featured,
            if(may AND rivals > 0, [0, 1], NULL) AS featured_or,
            if(e.live, place, off) AS position, if(e.live, places, NULL) AS position_or
        FROM eligible e JOIN asked USING (evening, listing, seller)
        JOIN goods g USING (listing) LEFT JOIN taken t USING (evening, listing, seller)
        LEFT JOIN off f ON f.evening = e.evening AND f.category = g.category
        LEFT JOIN places p USING (evening, listing) WHERE contested
    """


def _several(rules: Rules) -> bool:
    return any(seller["offers"] for seller in rules.market["sellers"])


CHECKS = (
    Check(
        "offers of stores",
        "offers, those that can be bought tomorrow, those featured where no draw decides",
        of_stores,
        table="sellers",
        columns=("offers", "live_offers", "featured"),
    ),
    Check(
        "offers",
        "offers on listings with several: price, orders through them, live, position; featured "
        "only who may be",
        on_contested,
        table="offers",
        columns=("price", "orders", "live", "featured", "position"),
        if_=_several,
    ),
)
