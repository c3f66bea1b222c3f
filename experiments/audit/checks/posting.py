"""Who may post, change and delete what, and when: every post is held against the stated rules.

Each check lists what it has looked at and says what is wrong with it. What the market refused has
left nothing behind, so only what it let through is looked at, and nothing that an intervention
wrote or changed, to which the rules say nothing; default ratings are looked at both
ways, as the rules say of every silent order whether it gets one.
"""

from __future__ import annotations

from experiments.audit.check import Check, Run
from experiments.audit.rules import Rules

FAR = 1_000_000
"""A day that never comes."""

# The day that the form of an order counts from; who buys what is not sent learns of it next day.
FORM = f"""
    SELECT o.*, CASE
        WHEN o.cancelled IS NOT NULL THEN o.cancelled + 1
        ELSE least(coalesce(o.delivered, {FAR}),
            o.dispatched + coalesce(r.feedback_auto_confirm_days, {FAR}), {FAR})
        END AS ended,
        CASE r.feedback_counts_from WHEN 'order' THEN o.placed WHEN 'promise' THEN o.promised
            ELSE ended END AS form_from
    FROM orders o JOIN rules r ON o.placed BETWEEN r.first_day AND r.last_day
"""

# Of two orders of a day the one with the smaller key came first.
SHARED = """
    SELECT DISTINCT later.order_id FROM orders later
    JOIN rules r ON later.placed BETWEEN r.first_day AND r.last_day
    {join}
    JOIN orders earlier ON earlier."user" = later."user" AND earlier.listing = later.listing
        AND (earlier.placed, earlier.order_id) < (later.placed, later.order_id)
        AND later.placed - earlier.placed < r.feedback_same_item_days
        AND (earlier.cancelled IS NULL OR earlier.cancelled > {day})
    WHERE r.channels = 1
"""

WINDOW = f"""
    SELECT p.posted AS day, p.seller || ', order ' || p.order_id AS who, CASE
        WHEN p.posted < f.form_from + r.feedback_opens_after_days
            THEN 'left before the form had opened, on day '
                || f.form_from + r.feedback_opens_after_days
        WHEN p.posted > f.form_from + r.feedback_window_days
            THEN 'left after the form had closed, on day ' || f.form_from + r.feedback_window_days
        END AS wrong
    FROM posts p JOIN ({FORM}) f USING (order_id)
    JOIN rules r ON p.posted BETWEEN r.first_day AND r.last_day
    WHERE p.channel = 'feedback' AND NOT p.from_outside
"""

FEEDBACK = f"""
    WITH shared AS ({
    SHARED.format(
        day="p.posted",
        join="JOIN posts p ON p.order_id = later.order_id AND p.channel = 'feedback'",
    )
})
    SELECT p.posted AS day, p.seller || ', post ' || p.post AS who, CASE
        WHEN o.order_id IS NULL OR o.placed > p.posted THEN 'of no order'
        WHEN p.seller <> o.seller OR p.listing <> o.listing THEN 'of an order of somebody else'
        WHEN p."user" <> o."user" THEN 'by somebody else than the buyer'
        WHEN row_number() OVER (PARTITION BY p.order_id ORDER BY p.posted) > 1
            THEN 'the order has feedback already'
        WHEN r.feedback_deleted_on_return AND o.returned <= p.posted
            THEN 'the order has been sent back'
        WHEN s.order_id IS NOT NULL THEN 'an order of the same item before is the one rated'
        WHEN r.channels = 1 AND b.day < p.posted THEN 'the store takes no ratings any more'
        WHEN r.scale = 3 AND p.stars NOT IN (1, 3, 5) THEN 'there is no mark of ' || p.stars
        END AS wrong
    FROM posts p JOIN rules r ON p.posted BETWEEN r.first_day AND r.last_day
    LEFT JOIN orders o USING (order_id) LEFT JOIN shared s USING (order_id)
    LEFT JOIN blocked b ON b.seller = p.seller
    WHERE p.channel = 'feedback' AND NOT p.from_outside
"""

# Money given back by the evening on which a review is settled: what goes with messages comes later.
REVIEWS = """
    WITH back AS (
        SELECT order_id, day, value FROM ledger WHERE order_id IS NOT NULL AND value > 0
            AND (kind = 'return' OR kind = 'claim')
        UNION ALL SELECT order_id, day + 1, value FROM ledger
            WHERE kind = 'remedy' AND what = 'refund' AND order_id IS NOT NULL
    ), paid AS (
        SELECT p.post, o.order_id, o.price - coalesce(sum(b.value), 0) AS kept
        FROM posts p JOIN rules r ON p.posted BETWEEN r.first_day AND r.last_day
        JOIN orders o ON o."user" = p."user" AND o.placed <= p.posted
            AND o.placed > p.posted - r.reviews_min_spend_days
            AND (o.cancelled IS NULL OR o.cancelled > p.posted)
        LEFT JOIN back b ON b.order_id = o.order_id AND b.day <= p.posted
        WHERE p.channel = 'review' AND r.reviews_min_spend > 0
        GROUP BY p.post, o.order_id, o.price
    ), spent AS (SELECT post, sum(kept) AS here FROM paid GROUP BY post),
    bought AS (
        SELECT p.post, count(*) AS purchases,
            bool_or(o.listing = p.listing AND (o.cancelled IS NULL OR o.cancelled > p.posted))
                AS this
        FROM posts p JOIN orders o ON o."user" = p."user" AND o.placed <= p.posted
        WHERE p.channel = 'review' GROUP BY p.post
    ), known AS (
        SELECT "user", count(*) FILTER (what = 'bought before') AS before,
            sum(value) FILTER (what = 'spends elsewhere') AS elsewhere
        FROM ledger WHERE kind = 'past' AND "user" IS NOT NULL GROUP BY "user"
    )
    SELECT p.posted AS day, p.listing || ', post ' || p.post AS who, CASE
        WHEN r.channels = 1 THEN 'there are no reviews beside the ratings of orders'
        WHEN row_number() OVER (PARTITION BY p."user", p.listing ORDER BY p.posted) > 1
            THEN 'its author had reviewed this listing'
        WHEN coalesce(b.purchases, 0) + coalesce(k.before, 0) < r.reviews_min_purchases
            THEN 'its author had too few purchases'
        WHEN r.reviews_min_spend > 0 AND coalesce(s.here, 0)
                + coalesce(k.elsewhere, 0) * r.reviews_min_spend_days / 365.0
                < r.reviews_min_spend - 1e-6
            THEN 'its author had spent too little'
        WHEN NOT r.reviews_open_to_non_buyers AND NOT coalesce(b.this, false)
            THEN 'its author had not bought the listing'
        WHEN x.day < p.posted THEN 'the store takes no reviews any more'
        END AS wrong
    FROM posts p JOIN rules r ON p.posted BETWEEN r.first_day AND r.last_day
    LEFT JOIN bought b USING (post) LEFT JOIN spent s USING (post)
    LEFT JOIN known k ON k."user" = p."user" LEFT JOIN blocked x ON x.seller = p.seller
    WHERE p.channel = 'review' AND NOT p.bought AND NOT p.from_outside
"""

VERIFIED = """
    SELECT p.posted AS day, p.listing || ', post ' || p.post AS who, CASE
        WHEN p.bought AND (p.verified = 1) <> r.bought_verified
            THEN 'bought, and verified: ' || p.verified
        WHEN NOT p.bought AND (p.verified = 1) <> coalesce(o.listing = p.listing
                AND o."user" = p."user" AND o.delivered <= p.posted, false)
            THEN 'verified: ' || p.verified
        WHEN p.stars NOT BETWEEN 1 AND 5 THEN 'there is no mark of ' || p.stars
        END AS wrong
    FROM posts p JOIN rules r ON p.posted BETWEEN r.first_day AND r.last_day
    LEFT JOIN orders o USING (order_id)
    WHERE p.channel = 'review'
"""

# Every change and deletion by an author, with the number of those of its post so far.
REVISED = """
    SELECT l.day, l.post, l.kind, l.what, l.stars, l.stars_before, p.channel, p.posted, p.shown_on,
        p.seller, p.order_id, p.stars + coalesce(t.more, 0) AS standing,
        count(*) OVER (PARTITION BY l.post ORDER BY l.day) AS times,
        count(*) OVER (PARTITION BY l.post, l.day) AS that_day,
        p."user" IS NOT DISTINCT FROM l."user" AS by_author,
        gone.day < l.day OR (gone.day = l.day AND l.kind = 'change') AS is_gone
    FROM ledger l LEFT JOIN posts p USING (post)
    LEFT JOIN turns t ON t.post = l.post AND t.from_day < l.day
        AND (t.to_day IS NULL OR t.to_day >= l.day)
    LEFT JOIN (SELECT post, min(day) AS day FROM ledger WHERE kind = 'deletion' GROUP BY post) gone
        ON gone.post = l.post
    WHERE (l.kind = 'change' AND l.what IS NULL)
        OR (l.kind = 'deletion' AND l.what = 'by author')
"""

CHANGES = f"""
    SELECT v.day, v.channel || ' of ' || v.seller || ', post ' || v.post AS who, CASE
        WHEN v.day > v.posted + if(v.channel = 'feedback', r.feedback_change_window_days,
                r.reviews_change_window_days) THEN v.kind || ' after the window had closed, on day '
            || v.posted + if(v.channel = 'feedback', r.feedback_change_window_days,
                r.reviews_change_window_days)
        END AS wrong
    FROM ({REVISED}) v JOIN rules r ON v.day BETWEEN r.first_day AND r.last_day
"""

REVISIONS = f"""
    SELECT v.day, v.channel || ' of ' || v.seller || ', post ' || v.post AS who, CASE
        WHEN v.posted IS NULL THEN v.kind || ' of no post'
        WHEN NOT v.by_author THEN v.kind || ' by somebody else than the author'
        WHEN v.is_gone THEN v.kind || ' of what was deleted'
        WHEN v.kind = 'change' AND NOT if(v.channel = 'feedback', r.feedback_can_change,
            r.reviews_can_change) THEN 'changed, which the platform does not offer'
        WHEN v.kind = 'deletion' AND NOT if(v.channel = 'feedback', r.feedback_can_delete,
            r.reviews_can_delete) THEN 'deleted, which the platform does not offer'
        WHEN v.kind = 'change' AND v.shown_on > v.posted AND v.day <= v.shown_on
            THEN 'changed before it was shown'
        WHEN v.that_day = 1 AND v.stars_before <> v.standing
            THEN 'had ' || v.standing || ' stars, not ' || v.stars_before
        WHEN v.kind = 'change' AND v.stars NOT BETWEEN 1 AND 5
            THEN 'there is no mark of ' || v.stars
        WHEN v.channel = 'review' THEN NULL
        WHEN v.stars_before > r.feedback_change_up_to
            THEN 'what has ' || v.stars_before || ' stars stays'
        WHEN v.kind = 'change' AND v.stars < r.feedback_change_to_from
            THEN 'changed to so few stars as ' || v.stars
        WHEN v.times > r.feedback_max_changes THEN 'revised ' || v.times || ' times'
        WHEN v.kind = 'change' AND r.feedback_change_asked AND NOT EXISTS (
            FROM ledger c WHERE c.kind = 'contact' AND c.post = v.post AND c.day < v.day
                AND c.what IN ('apologise', 'refund', 'replace', 'ask_change'))
            THEN 'changed though the seller had not asked for it'
        END AS wrong
    FROM ({REVISED}) v JOIN rules r ON v.day BETWEEN r.first_day AND r.last_day
"""

FOLLOW_UPS = f"""
    SELECT l.day, p.seller || ', post ' || l.post AS who, CASE
        WHEN p.channel IS DISTINCT FROM 'feedback' OR f.order_id IS NULL
            THEN 'to what is no feedback of an order'
        WHEN l."user" <> p."user" THEN 'by somebody else than the author'
        WHEN r.feedback_follow_up_days = 0 THEN 'the platform has no follow-ups'
        WHEN l.day > f.ended + r.feedback_follow_up_days
            THEN 'after the last day for it, ' || f.ended + r.feedback_follow_up_days
        WHEN row_number() OVER (PARTITION BY l.post ORDER BY l.day) > 1 THEN 'a second one'
        WHEN p.shown_on > p.posted AND l.day <= p.shown_on THEN 'to what was not shown yet'
        WHEN EXISTS (FROM ledger d WHERE d.kind = 'deletion' AND d.post = l.post AND d.day < l.day)
            THEN 'to what was deleted'
        END AS wrong
    FROM ledger l LEFT JOIN posts p USING (post) LEFT JOIN ({FORM}) f ON f.order_id = p.order_id
    JOIN rules r ON l.day BETWEEN r.first_day AND r.last_day
    WHERE l.kind = 'change' AND l.what IN ('softer words', 'harsher words')
"""

REMOVALS = """
    SELECT l.day, p.seller || ', post ' || l.post AS who, CASE
        WHEN l.what = 'bought, found' THEN if(p.bought, NULL, 'nobody had bought it')
        WHEN p.channel <> 'feedback' THEN 'it is no feedback'
        WHEN l.stars_before > r.feedback_negative_up_to
            THEN 'it is not negative, with stars ' || l.stars_before
        WHEN (l.what = 'folded') <> (r.feedback_removal = 'fold') THEN 'it is ' || l.what
        WHEN c.kind = 'contact' AND (c.what <> 'request_removal' OR c.day <> l.day)
            THEN 'nobody had asked for it that day'
        WHEN c.kind = 'contact' AND l.day > p.posted + r.feedback_removal_window_days
            THEN 'asked for too late'
        WHEN c.kind = 'feedback' AND l.day <> p.shown_on + r.feedback_strike_lag_days
            THEN 'its day was ' || p.shown_on + r.feedback_strike_lag_days
        WHEN c.kind IS NULL OR c.kind NOT IN ('contact', 'feedback') THEN 'of no cause'
        END AS wrong
    FROM ledger l JOIN posts p USING (post)
    LEFT JOIN (SELECT event_id, kind, what, day FROM ledger
        WHERE kind IN ('contact', 'feedback')) c ON c.event_id = l.cause_id
    JOIN rules r ON l.day BETWEEN r.first_day AND r.last_day
    WHERE l.kind = 'removal' AND l.what IN ('struck through', 'folded', 'bought, found')
"""

SHOWN = f"""
    WITH raters AS (SELECT DISTINCT seller FROM defaults)
    SELECT p.posted AS day, p.channel || ' of ' || p.seller || ', post ' || p.post AS who, CASE
        WHEN NOT (r.reveal_double_blind AND p.channel = 'feedback')
                AND p.shown_on <> p.posted + if(p.bought, 0, r.reveal_moderation_days)
                AND p.shown_on <> p.posted + r.reveal_moderation_days
            THEN 'shown on day ' || p.shown_on
        WHEN r.reveal_double_blind AND p.channel = 'feedback' AND p.shown_on NOT IN (
                early + hidden, closes + hidden, greatest(p.posted + r.reveal_moderation_days,
                early + hidden), greatest(p.posted + r.reveal_moderation_days, closes + hidden))
            THEN 'shown on day ' || p.shown_on
        END AS wrong
    FROM (SELECT q.*, q.posted AS early,
            greatest(q.posted, f.form_from + coalesce(s.feedback_window_days, {FAR})) AS closes,
            if(q.stars >= s.feedback_positive_from, 0, s.reveal_bad_after_days) AS hidden
        FROM posts q LEFT JOIN ({FORM}) f USING (order_id)
        JOIN rules s ON q.posted BETWEEN s.first_day AND s.last_day) p
    JOIN rules r ON p.posted BETWEEN r.first_day AND r.last_day
    WHERE p.shown_on IS NOT NULL
"""


def defaults(run: Run) -> str:
    """Of every order sent: does it have the rating that the rules say it has, and as long?

    Whether a seller rates its customers is its own secret; one default of it tells.
    """
    del run
    rated = SHARED.format(day=FAR, join="")
    return f"""
        WITH shared AS ({rated}), raters AS (SELECT DISTINCT seller FROM defaults),
        said AS (SELECT order_id, min(posted) AS day FROM posts WHERE channel = 'feedback'
            GROUP BY order_id),
        due AS (
            SELECT f.*, f.ended + r.defaults_after_days AS due, d.from_day, d.to_day,
                least(coalesce(f.complained, {FAR}), coalesce(f.returned, {FAR}),
                    coalesce(said.day, {FAR})) AS spoiled,
                CASE r.defaults_when
                    WHEN 'always' THEN true
                    WHEN 'if_seller_rated' THEN f.seller IN (FROM raters)
                    WHEN 'clean_delivery' THEN NOT f.untracked AND f.delivered <= f.promised
                        AND f.delivered <= due AND NOT coalesce(a.broken, false)
                    ELSE false END
                AND f.order_id NOT IN (SELECT order_id FROM shared) AS gets
            FROM ({FORM}) f JOIN rules r ON f.placed BETWEEN r.first_day AND r.last_day
            LEFT JOIN defaults d USING (order_id) LEFT JOIN said USING (order_id)
            LEFT JOIN (SELECT order_id, true AS broken FROM ledger WHERE kind = 'delivery'
                AND what IS NOT NULL) a ON a.order_id = f.order_id
            WHERE f.dispatched IS NOT NULL
        )
        SELECT due.due AS day, seller || ', order ' || order_id AS who, CASE
            WHEN from_day IS NULL AND gets AND spoiled > due.due AND due.due <= final_day
                THEN 'has none'
            WHEN from_day IS NOT NULL AND (NOT gets OR spoiled <= due.due) THEN 'has one'
            WHEN from_day <> due.due THEN 'has it from day ' || from_day
            WHEN from_day IS NOT NULL AND coalesce(to_day, {FAR}) <> spoiled
                THEN 'loses it on day ' || coalesce(to_day::VARCHAR, 'never')
            END AS wrong
        FROM due CROSS JOIN (SELECT any_value(final_day) AS final_day FROM rules)
    """


def _leaves_defaults(rules: Rules) -> bool:
    return bool(rules.value("defaults.when") != "never")


CHECKS = (
    Check("window of feedback", "feedback is left while its form is open", WINDOW),
    Check("eligibility of feedback", "once per order, by its buyer, to its store", FEEDBACK),
    Check("eligibility of reviews", "by who may, once per user and listing", REVIEWS),
    Check("verified reviews", "verified are those of who bought and got the listing", VERIFIED),
    Check("changes within their window", "changed and deleted in time", CHANGES),
    Check("changes as allowed", "by the author, as often and as far as offered", REVISIONS),
    Check("follow-ups", "once, in time, to feedback on show", FOLLOW_UPS),
    Check("removals", "struck or folded by the rules, bought reviews found", REMOVALS),
    Check("day on which posts are shown", "at once, after moderation, or double-blind", SHOWN),
    Check("defaults by the rules", "who is silent gets one, and loses it when there is trouble",
          defaults, if_=_leaves_defaults),
)  # fmt: skip
