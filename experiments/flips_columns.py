"""The columns of ``flips.csv``, for the codebook."""

from __future__ import annotations

from experiments.columns import NUMBER, TEXT, WHOLE, Column, Table

# fmt: off
FLIPS = Table("platform, arm, metric with a clear difference, and assumed value of the platform", (
    Column("platform", TEXT, "-", "Name of the rule set"),
    Column("arm", TEXT, "-", "Name of the arm, with its platform"),
    Column("metric", TEXT, "-", "Name of the metric"),
    Column("path", TEXT, "-", "The value that was moved, within the platform's rules"),
    Column("here", NUMBER, "of the value", "What the platform's file states"),
    Column("low", NUMBER, "of the value", "Range in which it may lie: from"),
    Column("high", NUMBER, "of the value", "... to"),
    Column("difference", NUMBER, "of the metric", "Arm minus baseline on the same platform in the "
           "replicates that were used, the value as it is"),
    Column("at_low", NUMBER, "of the metric", "The same with the value at the lower end"),
    Column("at_high", NUMBER, "of the metric", "... at the upper end"),
    Column("flips", WHOLE, "0 or 1", "1 = the difference changes its side at an end"),
    Column("replicates", WHOLE, "replicates", "Replicates that were used"),
))
# fmt: on
