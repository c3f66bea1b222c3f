"""Daily counts: what happened on a day, of a seller, a listing, the market."""

from __future__ import annotations

from experiments.audit.check import Check, Run

STARS = range(1, 6)


def _by_stars(name: str) -> str:
    return ", ".join(f"count(*) FILTER (stars = {k}) AS {name}_{k}" for k in STARS)


def _events(kind: str, name: str, condition: str = "true") -> str:
    """Events of a kind, counted by day and seller."""
    return (
        f"SELECT day, seller, count(*) AS {name} FROM ledger "
        f"WHERE kind = '{kind}' AND {condition} GROUP BY ALL"
    )


QUEUE = """
        WITH moves AS (
            SELECT seller, placed AS day, 1 AS more FROM orders
            UNION ALL SELECT seller, left_queue, -1 FROM orders WHERE left_queue IS NOT NULL
        ), daily AS (
            SELECT seller, greatest(day, 1) AS day, sum(more) AS more FROM moves GROUP BY ALL
        )
        SELECT d.day, d.seller, (sum(coalesce(more, 0)) OVER so_far)::INT AS queue
        FROM store_days d LEFT JOIN daily USING (day, seller)
        WINDOW so_far AS (PARTITION BY d.seller ORDER BY d.day)
    """


def trips(run: Run) -> str:
    """Trips by who goes: rows of users begin with the buyers."""
    buyers = run.rules.market["buyers"]["count"]
    return f"""
        SELECT day, count(*) FILTER ("user" < {buyers}) AS trips,
            count(*) FILTER ("user" >= {buyers}) AS browsing
        FROM ledger WHERE kind = 'trip' GROUP BY day
    """


def reviewers(run: Run) -> str:
    """Reviews by who has left them; a bought one is by nobody."""
    buyers = run.rules.market["buyers"]["count"]
    return f"""
        SELECT posted AS day, count(*) AS reviews,
            count(*) FILTER (verified = 0 AND "user" < {buyers})
                AS reviews_by_buyers_of_other_things,
            count(*) FILTER (verified = 0 AND "user" >= {buyers}) AS reviews_by_non_buying_users,
            count(*) FILTER (bought) AS bought
        FROM rated_listings GROUP BY posted
    """


LATER = """
        SELECT day,
            count(*) FILTER (kind = 'change' AND coalesce(what = 'by intervention', true))
                AS changes,
            count(*) FILTER (kind = 'change' AND what IN ('softer words', 'harsher words'))
                AS follow_ups,
            count(*) FILTER (kind = 'deletion') AS deletions,
            count(*) FILTER (kind = 'removal' AND what IN ('struck through', 'folded')) AS struck,
            count(*) FILTER (kind = 'removal' AND what = 'bought, found') AS removed
        FROM ledger WHERE kind IN ('change', 'deletion', 'removal') GROUP BY day
    """


ORDERS = (
    Check(
        "orders",
        "orders and their prices, by the day on which they were placed",
        "SELECT placed AS day, seller, count(*) AS orders, sum(price) AS revenue "
        "FROM orders GROUP BY ALL",
        table="sellers",
        columns=("orders", "revenue"),
    ),
    Check(
        "orders of listings",
        "orders by listing, whoever sold it",
        "SELECT placed AS day, listing, count(*) AS orders FROM orders GROUP BY ALL",
        table="listings",
        columns=("orders",),
    ),
    Check(
        "dispatched",
        "orders handed to the carrier",
        "SELECT dispatched AS day, seller, count(*) AS dispatched FROM orders "
        "WHERE dispatched IS NOT NULL GROUP BY ALL",
        table="sellers",
        columns=("dispatched",),
    ),
    Check(
        "delivered",
        "orders that arrived, and those of them after the promised day",
        "SELECT delivered AS day, seller, count(*) AS delivered, "
        "count(*) FILTER (delivered > promised) AS late FROM orders "
        "WHERE delivered IS NOT NULL GROUP BY ALL",
        table="sellers",
        columns=("delivered", "late"),
    ),
    Check(
        "cancelled",
        "orders cancelled",
        "SELECT cancelled AS day, seller, count(*) AS cancelled FROM orders "
        "WHERE cancelled IS NOT NULL GROUP BY ALL",
        table="sellers",
        columns=("cancelled",),
    ),
    Check(
        "queue",
        "orders that wait of an evening",
        QUEUE,
        table="sellers",
        columns=("queue",),
    ),
    Check(
        "complaints",
        "complaints to the store",
        _events("complaint", "complaints", "what IS NULL"),
        table="sellers",
        columns=("complaints",),
    ),
    Check(
        "claims",
        "claims filed with the platform",
        _events("claim", "claims", "what = 'opened'"),
        table="sellers",
        columns=("claims",),
    ),
    Check(
        "returns",
        "orders sent back",
        _events("return", "returns"),
        table="sellers",
        columns=("returns",),
    ),
)

POSTS = (
    Check(
        "feedback",
        "feedback left, by its stars of that day",
        f"SELECT posted AS day, seller, {_by_stars('feedback')} FROM posts "
        "WHERE channel = 'feedback' GROUP BY ALL",
        table="sellers",
        columns=tuple(f"feedback_{k}" for k in STARS),
    ),
    Check(
        "reviews",
        "reviews left, by their stars of that day",
        f"SELECT posted AS day, listing, {_by_stars('reviews')} FROM rated_listings GROUP BY ALL",
        table="listings",
        columns=tuple(f"reviews_{k}" for k in STARS),
    ),
    Check(
        "default ratings",
        "ratings that the platform left for silent customers",
        "SELECT from_day AS day, seller, count(*) AS defaults FROM defaults GROUP BY ALL",
        table="sellers",
        columns=("defaults",),
    ),
    Check(
        "contacts",
        "messages that went out",
        _events("contact", "contacts", "what <> 'request_removal'"),
        table="sellers",
        columns=("contacts",),
    ),
    Check(
        "forbidden acts",
        "acts that the platform forbids, and those that it found out",
        "SELECT day, seller, count(*) FILTER (what = 'forbidden') AS forbidden, "
        "count(*) FILTER (what = 'found out') AS found_out FROM ledger "
        "WHERE kind = 'enforcement' GROUP BY ALL",
        table="sellers",
        columns=("forbidden", "found_out"),
    ),
)

MARKET = (
    Check(
        "trips", "trips of buyers and of others", trips, table="market",
        columns=("trips", "browsing"),
    ),
    Check(
        "who reviews",
        "reviews by who has left them",
        reviewers,
        table="market",
        columns=(
            "reviews",
            "reviews_by_buyers_of_other_things",
            "reviews_by_non_buying_users",
            "bought",
        ),
    ),
    Check(
        "later fate of posts",
        "changes, follow-ups, deletions, strike-through, bought reviews found",
        LATER,
        table="market",
        columns=("changes", "follow_ups", "deletions", "struck", "removed"),
    ),
    Check(
        "sums of the market",
        "orders, feedback, complaints, claims, returns and default ratings of all",
        """
        SELECT day, count(*) FILTER (kind = 'order') AS orders,
            count(*) FILTER (kind = 'feedback' AND post IS NOT NULL) AS feedback,
            count(*) FILTER (kind = 'feedback' AND what = 'default') AS defaults,
            count(*) FILTER (kind = 'complaint' AND what IS NULL) AS complaints,
            count(*) FILTER (kind = 'claim' AND what = 'opened') AS claims,
            count(*) FILTER (kind = 'return') AS returns
        FROM ledger GROUP BY day
        """,
        table="market",
        columns=("orders", "feedback", "defaults", "complaints", "claims", "returns"),
    ),
    Check(
        "stars said in feedback",
        "mean stars of the feedback left",
        "SELECT posted AS day, avg(stars) AS said_feedback FROM posts "
        "WHERE channel = 'feedback' GROUP BY ALL",
        table="market",
        columns=("said_feedback",),
        fill=None,
    ),
    Check(
        "stars said in reviews",
        "mean stars of the reviews left",
        "SELECT posted AS day, avg(stars) AS said_reviews FROM rated_listings GROUP BY ALL",
        table="market",
        columns=("said_reviews",),
        fill=None,
    ),
)  # fmt: skip

CHECKS = (*ORDERS, *POSTS, *MARKET)
