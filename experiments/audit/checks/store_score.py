"""The score of a store as shoppers see it: the share of positive feedback, or a measure."""

from __future__ import annotations

from experiments.audit.check import Check, Run
from experiments.audit.checks.listings import lay_evenings
from experiments.audit.checks.measures import lay_standing
from experiments.audit.rules import Rules


def positive_share(run: Run) -> str:
    """Share of positive feedback in the window; with too little of it, of all there ever was."""
    lay_evenings(run)
    rules = run.rules
    window, least = (rules.value(f"feedback.score_{x}") for x in ("window_days", "min_count"))
    good = f"stars >= {rules.value('feedback.positive_from')}"
    return f"""
        WITH units AS (
            SELECT seller, ({good})::INT AS good, from_day, to_day, posted FROM standing_posts
            WHERE channel = 'feedback'
            UNION ALL
            SELECT seller, ({good})::INT, day, NULL, day FROM old_feedback
        ), steps AS (
            SELECT seller, greatest(from_day, 0) AS evening, 1 AS ever, good AS good_ever,
                0 AS n, 0 AS good FROM units
            UNION ALL SELECT seller, to_day, -1, -good, 0, 0 FROM units WHERE to_day IS NOT NULL
            UNION ALL SELECT seller, greatest(from_day, 0), 0, 0, 1, good FROM units
                WHERE greatest(from_day, 0) < posted + {window}
            UNION ALL SELECT seller, least(to_day, posted + {window}), 0, 0, -1, -good FROM units
                WHERE greatest(from_day, 0) < posted + {window}
        ), settled AS (
            SELECT seller, greatest(evening, 0) AS evening, sum(ever) AS ever,
                sum(good_ever) AS good_ever, sum(n) AS n, sum(good) AS good FROM steps GROUP BY ALL
        ), sums AS (
            SELECT seller, evening, coalesce(sum(ever) OVER so_far, 0) AS ever,
                coalesce(sum(good_ever) OVER so_far, 0) AS good_ever,
                coalesce(sum(n) OVER so_far, 0) AS n, coalesce(sum(good) OVER so_far, 0) AS good
            FROM (SELECT seller, evening FROM stores, evenings)
            LEFT JOIN settled USING (seller, evening)
            WINDOW so_far AS (PARTITION BY seller ORDER BY evening)
        )
        SELECT day, store_days.seller, CASE WHEN n > {least} THEN good::DOUBLE / n::DOUBLE
            WHEN ever > 0 THEN good_ever::DOUBLE / ever::DOUBLE END AS score
        FROM store_days JOIN sums ON evening = day AND sums.seller = store_days.seller
    """


def shown_measure(run: Run) -> str:
    """The measure that shoppers see, over its best value, between 0 and 1."""
    lay_standing(run)
    name, best = run.rules.value("shown_score"), float(run.rules.value("shown_best"))
    return f"""
        SELECT day, seller,
            if(value IS NULL, NULL, least(1.0, greatest(0.0, value / {best!r}))) AS score
        FROM standing WHERE measure = '{name}'
    """


def _shows_share(rules: Rules) -> bool:
    return rules.value("shown_score") is None


def _shows_measure(rules: Rules) -> bool:
    return not _shows_share(rules)


CHECKS = (
    Check(
        "store score",
        "share of positive feedback that stands, in the window or, with too little, ever",
        positive_share,
        table="sellers",
        columns=("score",),
        fill=None,
        if_=_shows_share,
    ),
    Check(
        "measure as store score",
        "the measure that shoppers see, over its best value",
        shown_measure,
        table="sellers",
        columns=("score",),
        fill=None,
        if_=_shows_measure,
    ),
)
