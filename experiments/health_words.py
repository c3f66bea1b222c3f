"""What a platform measures and what follows, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sim.config.health import Gate, Measure, Penalty, PointsRules

MARKS = {
    "low_rating": "a bad rating",
    "claim": "an upheld claim",
    "chargeback": "a chargeback",
    "cancelled": "cancelled by the seller",
    "refunded": "refunded",
    "returned": "returned",
    "shipped_late": "shipped late",
    "arrived_late": "arrived late",
    "untracked": "without tracking",
    "unanswered": "a complaint unanswered",
    "disputed": "a claim filed",
}
RATED = {
    "stars": "mean stars",
    "good": "share of good ratings",
    "points": "good less bad ratings",
    "described": "mean score for the item as described",
    "service": "mean score for service",
    "shipping": "mean score for shipping",
    "volume": "number of ratings",
}
DONE = {
    "at_risk": "account at risk",
    "deactivate": "account deactivated",
    "close": "account closed",
    "points": "{} points",
    "hide": "listings hidden",
    "delist": "listings taken down",
    "remove": "removed for good",
    "exposure": "shown {} times as much",
    "fine": "fine of {} USD",
    "hold_payout": "payouts held",
    "pay_refunds": "all refunds on the seller",
    "no_featured": "no featured offer",
    "policy_score": "{} points of conduct lost",
    "wipe_reviews": "reviews removed",
    "block_reviews": "new reviews refused",
}


def measure_in_words(measure: Measure) -> str:
    """``share of orders shipped late, by store, of 30 days``."""
    if measure.mix is not None:
        parts = " + ".join(f"{part.weight:g} x {part.measure}" for part in measure.mix)
        ranked = any(part.ranked for part in measure.mix)
        steps = "; shown in steps by rank" if measure.steps else ""
        return parts + (" (by rank among peers)" if ranked else "") + steps
    if measure.policy_score:
        return (
            f"score of conduct: {measure.start:g}, less violations, {measure.gain:g} more for "
            f"{measure.gain_orders} orders, of {measure.window_days} days"
        )
    if measure.orders_with is not None:
        what = "share of orders: " + " or ".join(MARKS[mark] for mark in measure.orders_with)
    else:
        what = RATED[str(measure.ratings)]
    return ", ".join([what, *_limits(measure)])


def _limits(measure: Measure) -> Iterator[str]:
    if measure.level == "product":
        yield "of a product"
    if measure.window_days < 3650:
        yield f"{measure.window_days} days"
    if measure.lag_days:
        yield f"the youngest {measure.lag_days} left out"
    if measure.min_count:
        yield f"from {measure.min_count} on"
    if measure.spared:
        yield f"{measure.spared} let off"
    if measure.defaults:
        yield "with those left for the silent"
    if measure.pair_month_max is not None:
        yield f"at most {measure.pair_month_max} a month of one customer"
    if measure.pair_item_days is not None:
        yield f"one a listing and customer in {measure.pair_item_days} days"


def gate_in_words(gate: Gate) -> str:
    """``late_shipment above 0.04 (from 30 on): account at risk``."""
    limit = f"above {gate.above:g}" if gate.above is not None else f"below {gate.below:g}"
    more = [f"from {gate.at_least} on"] * bool(gate.at_least)
    more += [f"every {gate.every_days} days"] * (gate.every_days > 1)
    said = f" ({', '.join(more)})" if more else ""
    return f"{gate.measure} {limit}{said}: {penalties_in_words(gate.then)}"


def points_in_words(points: PointsRules) -> list[str]:
    """``12 points in a year: listings hidden for 7 days``, step by step."""
    said = [
        f"{step.at:g} points in a year: {penalties_in_words(step.then)}" for step in points.steps
    ]
    if points.carried_from is not None:
        said.append(
            f"a year ended with {points.carried_from:g} points or more: the next begins "
            f"with {points.carried:g}"
        )
    if points.kept_from is not None:
        said.append(f"from {points.kept_from:g} points on they are kept")
    return said


def penalties_in_words(penalties: Iterable[Penalty]) -> str:
    """Penalties one after the other; ``nothing`` for none."""
    return ", ".join(map(penalty_in_words, penalties)) or "nothing"


def penalty_in_words(penalty: Penalty) -> str:
    """``2 points the first time``."""
    amount = "" if penalty.amount is None else f"{penalty.amount:g}"
    said = DONE[penalty.do].format(amount)
    said = said.replace("1 points", "1 point") if amount == "1" else said
    if penalty.days is not None:
        said += f" for {penalty.days} days"
    first, last = penalty.first_time, penalty.last_time
    if last is not None:
        times = f"time {first}" if first == last else f"times {first} to {last}"
        said += f" ({times} in a year)"
    elif first > 1:
        said += f" (from time {first} in a year on)"
    return said
