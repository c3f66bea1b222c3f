"""Phrases of which the sentences about events are made: what is written, removed, done; numbers."""

from __future__ import annotations

from collections.abc import Sequence

MOST_NAMED = 4

WROTE = {
    "answer": "answered the complaint{of}",
    "apologise": "apologised{to}",
    "thank": "said thank you{to}",
    "ask_feedback": "asked{whom} for feedback",
    "ask_review": "asked{whom} for a review",
    "ask_both": "asked{whom} for feedback and a review",
    "refund": "wrote{to} about money back",
    "replace": "wrote{to} about sending it again",
    "ask_change": "asked{whom} for a change of {post}",
    "reply_public": "replied in public to {post}",
    "request_removal": "asked the platform to remove {post}",
    "reward": "promised{whom} a reward for a review",
    "buy_reviews": "bought reviews",
}
"""What sellers wrote; ``{whom}`` and the like are empty where the reader knows to whom."""
SET = {
    "service": "changed its service",
    "set_service": "changed its service",
    "set_price": "changed its prices",
    "buy_reviews": "bought reviews",
}
REMOVED = {
    "struck through": "struck {} through",
    "folded": "folded {} out of sight",
    "bought, found": "found {} to be bought and removed it",
}
CLAIMED = {
    "granted": "the platform granted the claim",
    "refused": "the platform refused the claim",
    "paid by platform": "the platform paid the claim itself, no defect",
    "chargeback": "the card issuer took the money back",
}
DONE = {
    "at_risk": "put {} at risk",
    "deactivate": "deactivated {}",
    "close": "closed {}",
    "points": "gave {} {value:g} penalty points",
    "hide": "hid the listings of {}",
    "delist": "took the listings of {} down",
    "remove": "took {} off sale for good",
    "exposure": "changed how high {} is placed",
    "fine": "fined {}",
    "hold_payout": "held back what {} was owed",
    "pay_refunds": "let the seller pay all refunds of {}",
    "no_featured": "featured no offer of {}",
    "policy_score": "took {value:g} points of conduct from {}",
    "wipe_reviews": "removed the reviews of {}",
    "block_reviews": "took no new reviews of {}",
}
"""Penalties, by the name of a store or a listing."""
INTERVENED = {
    "post": "let a post be written",
    "flip": "turned the stars of a post round",
    "change": "changed the stars of a post",
    "delete": "deleted a post",
    "block": "kept a post from being written",
    "set": "changed settings",
    "position": "kept {item} {at}",
    "freeze": "froze an arrow of the loop",
}


def usd(value: float | None) -> str:
    """``23.50 USD``."""
    return "an unknown sum" if value is None else f"{value:,.2f} USD"


def percent(share: float) -> str:
    """``1.32 %``."""
    return f"{100 * share:.2f} %"


def days_of(n: int) -> str:
    """``1 day``, ``3 days``."""
    return counted(n, "day")


def counted(n: int, noun: str) -> str:
    """``1 order``, ``3 orders``."""
    return f"{n:,} {noun}{'s' * (n != 1)}"


def starred(stars: int | None) -> str:
    """``1 star``, ``4 stars``."""
    return "no stars" if stars is None else counted(stars, "star")


def felt_star(latent: float, cuts: Sequence[float]) -> int:
    """Private stars 1 to 5 of a latent satisfaction, as ``sim.rules.satisfaction`` cuts it."""
    return 1 + sum(latent > cut for cut in cuts)


def listed_names(names: Sequence[str]) -> str:
    """``A, B and C``; of many the first and how many more."""
    if len(names) <= MOST_NAMED:
        return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
    return f"{', '.join(names[:MOST_NAMED])} and {len(names) - MOST_NAMED} more"
