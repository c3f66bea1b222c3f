"""What is said of orders, and from when to when: the marks that shares of orders are made of."""

from __future__ import annotations

from experiments.audit.check import Run


def lay_marks(run: Run) -> None:
    """Make ``marks``: order, mark, first evening with it, first without it again (NULL = none).

    What is low may be taken back; everything else stays said.
    """
    dispatch = run.rules.market["fulfilment"]["dispatch_days"]
    low = f"stars <= {run.rules.value('feedback.negative_up_to')}"
    lay_refunded(run)
    run.con.execute(f"""
        CREATE TEMP TABLE IF NOT EXISTS marks AS
        SELECT order_id, 'low_rating' AS mark, from_day, to_day FROM standing_posts
        WHERE channel = 'feedback' AND {low}
        UNION ALL SELECT order_id, 'claim', granted, NULL FROM orders WHERE granted IS NOT NULL
        UNION ALL SELECT order_id, 'chargeback', charged_back, NULL FROM orders
            WHERE charged_back IS NOT NULL
        UNION ALL SELECT order_id, 'cancelled', cancelled, NULL FROM orders
            WHERE cancelled IS NOT NULL
        UNION ALL SELECT order_id, 'refunded', day, NULL FROM refunded
        UNION ALL SELECT order_id, 'returned', returned, NULL FROM orders
            WHERE returned IS NOT NULL
        UNION ALL SELECT order_id, 'shipped_late', placed + {dispatch}, NULL FROM orders
            WHERE coalesce(dispatched > placed + {dispatch}, true)
                AND coalesce(cancelled > placed + {dispatch}, true)
        UNION ALL SELECT order_id, 'arrived_late', promised, NULL FROM orders
            WHERE coalesce(delivered > promised, true) AND coalesce(cancelled > promised, true)
        UNION ALL SELECT order_id, 'untracked', left_queue, NULL FROM orders WHERE untracked
        UNION ALL SELECT order_id, 'unanswered', min(day), NULL FROM ledger
            WHERE kind = 'complaint' AND what = 'unanswered' GROUP BY order_id
        UNION ALL SELECT order_id, 'disputed', claimed, NULL FROM orders WHERE claimed IS NOT NULL
    """)


def lay_refunded(run: Run) -> None:
    """Make ``refunded``: the day by which more than half of an order's price was given back.

    It is looked at when money is given back, and with every message about the order; not once the
    order has been cancelled.
    """
    run.con.execute("""
        CREATE TEMP TABLE IF NOT EXISTS refunded AS
        WITH money AS (
            SELECT order_id, day, round(100 * coalesce(value, 0)) AS cents,
                kind = 'claim' AND what = 'paid by platform' AS unseen,
                kind IN ('contact', 'remedy') AS evening
            FROM ledger WHERE order_id IS NOT NULL AND (kind IN ('return', 'contact')
                OR (kind = 'claim' AND what IN ('granted', 'chargeback', 'paid by platform'))
                OR (kind = 'remedy' AND what = 'refund'))
        ), sums AS (
            SELECT order_id, day, unseen, evening, sum(cents) OVER so_far AS given FROM money
            WINDOW so_far AS
                (PARTITION BY order_id ORDER BY day, evening RANGE UNBOUNDED PRECEDING)
        )
        SELECT order_id, min(day) AS day FROM sums JOIN orders o USING (order_id)
        WHERE NOT unseen AND 2 * given > round(100 * o.price)
            AND (o.cancelled IS NULL OR o.cancelled > day OR (o.cancelled = day AND NOT evening))
        GROUP BY order_id
    """)
