"""What each strategy does, in a sentence: the lists, the schema and the reports quote it."""

from __future__ import annotations

STRATEGIES = {
    "none": "Answers complaints as the seller's care says, and writes to nobody else.",
    "recover": "Also apologises to the authors of feedback and reviews that are not positive, "
    "where a channel to them exists, so that they may change or delete what they wrote.",
}
