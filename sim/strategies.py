"""Strategies as compiled loops see them: one table of lines, whatever the strategies are called."""

from __future__ import annotations

import numpy as np

from sim import state
from sim.config.market import Market
from sim.config.strategy import Line

MOST_LINES = 50
ANY = -1
NO_LIMIT = np.iinfo(np.int32).max

WHEN = {
    "complaint": state.MAIL_COMPLAINT,
    "feedback_posted": state.MAIL_FEEDBACK,
    "review_posted": state.MAIL_REVIEW,
    "claim_opened": state.MAIL_CLAIM,
    "order_shipped": state.MAIL_SHIPPED,
    "order_delivered": state.MAIL_DELIVERED,
}
DO = {
    "apologise": state.APOLOGISE,
    "thank": state.THANK,
    "ask_feedback": state.ASK_FEEDBACK,
    "ask_review": state.ASK_REVIEW,
    "ask_both": state.ASK_BOTH,
    "refund": state.REFUND,
    "replace": state.REPLACE,
}


def strategy_arrays(market: Market) -> dict[str, np.ndarray]:
    """Tables "lines" and "strategies" of a market, strategies in the order of their names there."""
    lines: list[Line] = []
    rows = np.zeros(len(market.all_strategies()), state.STRATEGY)
    for row, strategy in zip(rows, market.all_strategies().values(), strict=True):
        row["first"], row["count"] = len(lines), len(strategy.lines)
        for line in strategy.lines:
            row["reads"] |= 1 << WHEN[line.when]
        lines += strategy.lines
    table = np.zeros(len(lines), state.LINE)
    for row, line in zip(table, lines, strict=True):
        _fill(row, line)
    return {"lines": table, "strategies": rows}


def _fill(row: np.void, line: Line) -> None:
    row["when"], row["do"] = WHEN[line.when], DO[line.do]
    row["stars"] = sum(1 << stars for stars in line.stars or ())
    for name in ("verified", "reviewed", "contacted"):
        wanted = getattr(line, name)
        row[name] = ANY if wanted is None else int(wanted)
    row["from_days"], row["to_days"] = line.days_since or (0, NO_LIMIT)
    row["after_days"] = line.after_days
    row["per_day"] = NO_LIMIT if line.per_day is None else line.per_day
    row["budget"] = 2**62 if line.budget is None else round(100 * line.budget)
    row["tone"] = ANY if line.tone is None else line.tone
    row["refund"] = line.remedy.refund if line.remedy else 0.0
