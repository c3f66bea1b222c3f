"""What measures sum over ratings: every rating that counts, by evening, and limits on pairs."""

from __future__ import annotations

from typing import Any

from experiments.audit.check import Run

SHOP_SCORES = {"described": "described", "service": "served", "shipping": "shipped"}
MONTH_ENDS = (31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334)
"""Days of the year with which its months end, but for the last."""


def part_of(run: Run, rated: str, stars: str = "stars") -> str:
    """SQL of what a rating adds to a sum."""
    good, bad = (
        run.rules.value("feedback.positive_from"),
        run.rules.value("feedback.negative_up_to"),
    )
    if rated in SHOP_SCORES:
        return SHOP_SCORES[rated]
    return {
        "stars": stars,
        "good": f"({stars} >= {good})::INT",
        "points": f"(({stars} >= {good})::INT - ({stars} <= {bad})::INT)",
        "volume": "1",
    }[rated]


def ratings_of(run: Run, name: str, measure: dict[str, Any]) -> str:
    """SELECT of spells of evenings in which a rating adds to a measure of ratings.

    who (store or listing), date, part, whole, from_day, to_day.
    """
    who = "listing" if measure["level"] == "product" else "seller"
    pairs = measure["pair_month_max"] is not None or measure["pair_item_days"] is not None
    rated, least = measure["ratings"], float(measure["min_price"])
    posts = _posts(run, measure)
    if pairs:
        posts = _by_pairs(run, name, measure, posts)
    else:
        posts = (
            f"SELECT {who} AS who, posted AS date, {part_of(run, rated)} AS part, 1 AS whole, "
            f"from_day, to_day FROM ({posts})"
        )
    found = [posts]
    of_stores = measure["level"] == "store"
    if rated not in SHOP_SCORES:
        if of_stores:
            found.append(
                f"SELECT seller, day, {part_of(run, rated)}, 1, day, NULL FROM old_feedback"
            )
        if measure["defaults"] and (of_stores or run.rules.value("channels") == 1):
            best = part_of(run, rated, "5")
            found.append(
                f"SELECT d.{who}, from_day, {best}, 1, from_day, to_day FROM defaults d "
                f"JOIN orders USING (order_id) WHERE price >= {least}"
            )
    return " UNION ALL ".join(found)


def _posts(run: Run, measure: dict[str, Any]) -> str:
    """SELECT of the spells of posts that a measure may count."""
    looks = "channel = 'feedback'"
    if measure["level"] == "product":
        looks = "true" if run.rules.value("channels") == 1 else "channel = 'review'"
    given = SHOP_SCORES.get(measure["ratings"])
    if given:
        looks += f" AND {given} > 0"
    return f"""
        SELECT p.*, if(channel = 'feedback', o.placed, NULL) AS ordered,
            coalesce(o.price, 0.0) AS price
        FROM standing_posts p LEFT JOIN orders o USING (order_id)
        WHERE {looks} AND coalesce(o.price, 0.0) >= {float(measure["min_price"])}
    """


def _by_pairs(run: Run, name: str, measure: dict[str, Any], posts: str) -> str:
    """Spells in which a post adds something, where only so much of one customer counts.

    Whenever a post of the pair changes, all of theirs that stand are gone through anew, oldest
    first: what says the same of the same item again is passed over, then the month has its limit.
    """
    most, points = measure["pair_month_max"] or 0, measure["ratings"] == "points"
    add, count = "k.part", "1"
    if most and points:
        add = f"(least({most}, k.before + k.part) - least({most}, k.before))"
    elif most:
        add, count = f"if(k.before >= {most}, 0, k.part)", f"if(k.before >= {most}, 0, 1)"
    _lay_said(run, measure, posts)
    table = f"of_pairs_{name.encode().hex()}"
    run.con.execute(f"""
        CREATE OR REPLACE TEMP TABLE {table} AS
        WITH turns AS (
            SELECT DISTINCT who, "user", day FROM (
                SELECT who, "user", from_day AS day FROM said WHERE "user" IS NOT NULL
                UNION ALL SELECT who, "user", to_day FROM said
                WHERE "user" IS NOT NULL AND to_day IS NOT NULL)
        ), spells AS (
            SELECT *, lead(day) OVER (PARTITION BY who, "user" ORDER BY day) AS to_day FROM turns
        ), stood AS (
            SELECT t.who, t."user", t.day, t.to_day,
                list([{_struct("s", "0")}] ORDER BY s.posted, s.post) AS posts
            FROM spells t JOIN said s ON s.who = t.who AND s."user" = t."user"
                AND s.from_day <= t.day AND (s.to_day IS NULL OR s.to_day > t.day)
            GROUP BY ALL
        ), kept AS (
            SELECT who, day, to_day, unnest({_gone_through(measure, "posts")}) AS k FROM stood
        )
        SELECT kept.who, posted AS date, {add} AS part, {count} AS whole, day AS from_day, to_day
        FROM kept JOIN (SELECT DISTINCT post, posted FROM said) p ON p.post = k.post
        UNION ALL
        SELECT who, posted, part, 1, from_day, to_day FROM said WHERE "user" IS NULL
    """)
    return f"SELECT who, date, part, whole, from_day, to_day FROM {table}"


def _lay_said(run: Run, measure: dict[str, Any], posts: str) -> None:
    """Make ``said``: what posts say and when they were about: the day of their order, its month."""
    who = "listing" if measure["level"] == "product" else "seller"
    trade = "coalesce(ordered, posted)"
    ends = " + ".join(f"((({trade} - 1) % 365 + 365) % 365 >= {end})::INT" for end in MONTH_ENDS)
    run.con.execute(f"""
        CREATE OR REPLACE TEMP TABLE said AS
        SELECT {who} AS who, "user", post, posted, listing, {trade} AS trade,
            12 * floor(({trade} - 1) / 365.0)::INT + {ends} AS month,
            {part_of(run, "points")} AS points, ({part_of(run, measure["ratings"])})::INT AS part,
            from_day, to_day
        FROM ({posts})
    """)


def _gone_through(measure: dict[str, Any], posts: str) -> str:
    """SQL of the posts of a pair that count; ``before``: what their month has had by then."""
    days = measure["pair_item_days"] or 0
    same = (
        "k.listing = x[1].listing AND k.points = x[1].points AND k.points <> 0 "
        f"AND abs(k.trade - x[1].trade) < {days}"
    )
    month = "list_filter(acc, lambda k: k.month = x[1].month)"
    if measure["ratings"] == "points":
        before = f"coalesce(list_sum(list_transform({month}, lambda k: k.part)), 0)"
    else:
        before = f"len({month})"
    return (
        f"list_reduce(list_prepend([], {posts}), lambda acc, x: "
        f"CASE WHEN len(list_filter(acc, lambda k: {same})) > 0 THEN acc "
        f"ELSE list_append(acc, {_struct('x[1]', before)}) END)"
    )


def _struct(of: str, before: str) -> str:
    """SQL of a post as it is gone through."""
    names = ("post", "listing", "trade", "month", "points", "part")
    fields = ", ".join(f"{name} := {of}.{name}" for name in names)
    return f"struct_pack({fields}, before := ({before})::INT)"
