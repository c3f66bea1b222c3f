"""Tables that every check may start from, made from the events of one run.

``ledger`` holds the run's events without what is private; ``"order"`` is called ``order_id`` there.
What was so on the *evening* of a day is what the platform saw: ``from_day`` is the first such
evening, ``to_day`` the first on which it is so no more (NULL = it still is).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

PRIVATE = ("felt_service", "felt_product")
SMALL = ("stars", "stars_before", "described", "served", "shipped", "verified")
"""Numbers of one byte, which would overflow as soon as one is taken from another."""

VIEWS = {
    # Stores and listings, from their entries; their rows begin with day 1 or the store's first.
    "stores": """
        SELECT seller, day AS entered, greatest(day, 1) AS first_row
        FROM ledger WHERE kind = 'entry' AND listing IS NULL
    """,
    "goods": """
        SELECT e.listing, e.seller, e.what AS category, e.value AS price, e.until AS born,
            s.entered, s.first_row
        FROM ledger e JOIN stores s USING (seller)
        WHERE e.kind = 'entry' AND e.listing IS NOT NULL AND e.verified IS NULL
    """,
    "further_offers": """
        SELECT listing, seller, value AS price, verified AS by_platform, day AS entered
        FROM ledger WHERE kind = 'entry' AND listing IS NOT NULL AND verified IS NOT NULL
    """,
    "calendar": "SELECT unnest(generate_series(1, (SELECT any_value(days) FROM rules))) AS day",
    "store_days": "SELECT day, seller FROM calendar JOIN stores ON day >= first_row",
    # One row per order, with the days on which things happened to it.
    "orders": """
        SELECT order_id,
            any_value("user") FILTER (kind = 'order') AS "user",
            any_value(seller) FILTER (kind = 'order') AS seller,
            any_value(listing) FILTER (kind = 'order') AS listing,
            any_value(day) FILTER (kind = 'order') AS placed,
            any_value(value) FILTER (kind = 'order') AS price,
            any_value(until) FILTER (kind = 'order') AS promised,
            bool_or(kind = 'order' AND what = 'by platform') AS by_platform,
            min(until) FILTER (kind = 'dispatch' AND what IS DISTINCT FROM 'cancelled')
                AS dispatched,
            min(day) FILTER (kind = 'dispatch' AND what = 'cancelled') AS cancelled,
            min(day) FILTER (kind = 'dispatch') AS left_queue,
            bool_or(kind = 'dispatch' AND what IS NOT DISTINCT FROM 'untracked') AS untracked,
            min(day) FILTER (kind = 'delivery') AS delivered,
            min(day) FILTER (kind = 'complaint' AND what IS NULL) AS complained,
            min(day) FILTER (kind = 'claim' AND what = 'opened') AS claimed,
            min(day) FILTER (kind = 'claim' AND what = 'granted') AS granted,
            min(day) FILTER (kind = 'claim' AND what = 'chargeback') AS charged_back,
            min(day) FILTER (kind = 'return') AS returned
        FROM ledger WHERE order_id IS NOT NULL GROUP BY order_id
        HAVING bool_or(kind = 'order')
    """,
    # One row per post; those of before the lived past are not among them. Bought ones are shown at
    # once, whatever the platform's moderation.
    "posts": """
        SELECT post, kind AS channel, "user", seller, listing, order_id, day AS posted,
            if(what = 'bought', day, until) AS shown_on, stars, verified,
            what IS NOT DISTINCT FROM 'bought' AS bought,
            what IS NOT DISTINCT FROM 'by intervention' AS from_outside,
            described, served, shipped, prompted_by
        FROM ledger WHERE kind IN ('feedback', 'review') AND post IS NOT NULL
    """,
    # What stands on listings' pages: reviews, or where there is one channel every rating.
    "rated_listings": """
        SELECT * FROM posts WHERE channel = 'review' OR (SELECT any_value(channels) FROM rules) = 1
    """,
    # Stores of which no review (or, in one channel, rating) is taken any more, from the day after.
    "blocked": """
        SELECT seller, min(day) AS day FROM ledger
        WHERE kind = 'enforcement' AND what = 'block_reviews' GROUP BY seller
    """,
    # Evenings on which a post's stars, or whether they count, became others. Changes of stars add
    # up whatever their order within a day. What is folded counts, and is seen no more.
    "turns": """
        WITH happened AS (
            SELECT post, posted AS day, 0 AS more, NULL AS what FROM posts
            UNION ALL SELECT post, shown_on, 0, 'shown' FROM posts WHERE shown_on IS NOT NULL
            UNION ALL SELECT post, day, stars - stars_before, NULL FROM ledger
                WHERE kind = 'change' AND coalesce(what = 'by intervention', true)
            UNION ALL SELECT post, day, 0, 'gone' FROM ledger
                WHERE kind = 'deletion' AND post IS NOT NULL
            UNION ALL SELECT post, day, 0, if(what = 'folded', 'folded', 'gone') FROM ledger
                WHERE kind = 'removal' AND post IS NOT NULL
        ), evenings AS (
            SELECT post, day, sum(more) AS more,
                bool_or(what IS NOT DISTINCT FROM 'shown') AS shown,
                bool_or(what IS NOT DISTINCT FROM 'gone') AS gone,
                bool_or(what IS NOT DISTINCT FROM 'folded') AS folded
            FROM happened GROUP BY post, day
        )
        SELECT post, day AS from_day, lead(day) OVER later AS to_day,
            (sum(more) OVER so_far)::INT AS more,
            bool_or(shown) OVER so_far AND NOT bool_or(gone) OVER so_far AS counts,
            bool_or(folded) OVER so_far AS folded
        FROM evenings
        WINDOW later AS (PARTITION BY post ORDER BY day),
            so_far AS (PARTITION BY post ORDER BY day ROWS UNBOUNDED PRECEDING)
    """,
    # Spells of evenings on which a post counts, with the stars it then has.
    "standing_posts": """
        SELECT p.* EXCLUDE (stars), p.stars AS first_stars, p.stars + t.more AS stars,
            t.from_day, t.to_day, t.folded
        FROM posts p JOIN turns t USING (post) WHERE t.counts
    """,
    # Ratings that the platform leaves for silent customers, five stars each, and their end.
    "defaults": """
        SELECT f.order_id, f.seller, f.listing, f."user", f.day AS from_day, r.day AS to_day
        FROM ledger f LEFT JOIN ledger r
            ON r.kind = 'removal' AND r.what = 'default' AND r.order_id = f.order_id
        WHERE f.kind = 'feedback' AND f.what = 'default'
    """,
    "old_feedback": """
        SELECT seller, day, stars FROM ledger WHERE kind = 'past' AND what = 'feedback'
    """,
    "old_reviews": """
        SELECT seller, listing, day, stars, -value AS age FROM ledger
        WHERE kind = 'past' AND what = 'review'
    """,
}


def lay_down(con: duckdb.DuckDBPyConnection) -> None:
    """Make the tables; ``ledger`` and ``rules`` are there."""
    for name, sql in VIEWS.items():
        con.execute(f"CREATE OR REPLACE TEMP TABLE {name} AS {sql}")
