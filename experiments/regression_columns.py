"""The columns of ``regression.csv``, for the codebook."""

from __future__ import annotations

from experiments.columns import NUMBER, TEXT, WHOLE, Column, Table

# fmt: off
REGRESSION = Table("estimator and what is shown", (
    Column("what", TEXT, "-", "stars: displayed stars; reviews: number of standing reviews"),
    Column("estimator", TEXT, "-", "How it was found: a regression on the records of all listings "
           "in the baseline, or the paired arms"),
    Column("estimate", NUMBER, "elasticity", "Orders, in % per 1 % more of what is shown; empty "
           "where it cannot be estimated"),
    Column("low", NUMBER, "elasticity", "Lower end of its 95 % interval"),
    Column("high", NUMBER, "elasticity", "Upper end"),
    Column("n", WHOLE, "see next", "Listing-periods of 28 days, or replicates of the paired arms"),
    Column("n_of", TEXT, "-", "What n counts: listing-periods or replicates"),
    Column("listings", WHOLE, "listings", "Listings behind a regression, of all replicates; 0 for "
           "the paired arms"),
    Column("not_on_sale", WHOLE, "listing-periods", "Left out of a regression: not on sale, or not "
           "there, on some day"),
    Column("no_reviews", WHOLE, "listing-periods", "Left out: without reviews the evening before"),
    Column("no_orders", WHOLE, "listing-periods", "Left out: without orders"),
    Column("alone", WHOLE, "listing-periods", "Left out: the only usable one of its listing"),
    Column("shown_baseline", NUMBER, "stars or reviews", "What the focal seller's listings showed "
           "in the baseline, mean over measured days; empty for a regression"),
    Column("shown_arm", NUMBER, "stars or reviews", "The same in the arm"),
    Column("other_baseline", NUMBER, "reviews or stars", "The other of the two in the baseline: "
           "reviews where stars differ, stars where reviews do"),
    Column("other_arm", NUMBER, "reviews or stars", "The same in the arm, which did not state it"),
    Column("orders_ratio", NUMBER, "-", "Orders of the focal seller in the arm over those in the "
           "baseline"),
    Column("why_not", TEXT, "-", "Why there is no estimate; empty where there is one"),
))
# fmt: on
