"""The columns of ``break_even.csv``, for the codebook."""

from __future__ import annotations

from experiments.columns import NUMBER, TEXT, WHOLE, Column, Table

# fmt: off
BREAK_EVEN = Table("outreach arm, metric and response", (
    Column("arm", TEXT, "-", "Name of the arm"),
    Column("metric", TEXT, "-", "Name of the metric"),
    Column("response", TEXT, "-", "Parameter of how people respond to messages"),
    Column("default", NUMBER, "of the response", "Its value in the experiment"),
    Column("low", NUMBER, "of the response", "Plausible range: from"),
    Column("high", NUMBER, "of the response", "Plausible range: to"),
    Column("status", TEXT, "-", "How its value is known: assumed, published, …"),
    Column("arm_is", TEXT, "-", "better or worse than the baseline; empty where not clearly so"),
    Column("verdict", TEXT, "-", "found; none in range; unsettled: in the replicates used the "
           "difference lies on another side than in all; failed; no clear difference: not tried"),
    Column("break_even", NUMBER, "of the response", "Value at which the difference disappears"),
    Column("least", NUMBER, "of the response", "Least break-even with one replicate left out; "
           "empty where there is none without one of them"),
    Column("most", NUMBER, "of the response", "The same: largest"),
    Column("replicates", WHOLE, "replicates", "Replicates that were looked at"),
    Column("runs", WHOLE, "runs", "Runs beyond those of the experiment; rows share them"),
))
# fmt: on
