"""Reviews: who may post one on a listing (rules 4 and 5 in README)."""

from sim.jit import rule

ALLOWED, NOT_ELIGIBLE, ALREADY_REVIEWED, NOT_A_BUYER, RATINGS_ONLY = range(5)
REFUSALS = (
    "allowed",
    "a review needs purchases on the platform, as many and for as much as it asks",
    "one review per user and listing",
    "this platform takes reviews from buyers of the listing only",
    "on this platform the rating of an order stands for the listing too",
)


@rule
def may_review(
    purchases, min_purchases, spent, min_spend, already, verified, open_to_non_buyers,
    ratings_only=False,
):  # fmt: skip
    """May this user review this listing? Returns ALLOWED or why not.

    ``purchases`` and money ``spent`` (USD in the platform's months) are those anywhere on the
    platform; ``verified`` whether this listing was among them; ``ratings_only`` whether there are
    no reviews beside the ratings of orders.
    """
    if ratings_only:
        return RATINGS_ONLY
    if already:
        return ALREADY_REVIEWED
    if purchases < min_purchases or spent < min_spend:
        return NOT_ELIGIBLE
    if not verified and not open_to_non_buyers:
        return NOT_A_BUYER
    return ALLOWED
