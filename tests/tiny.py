"""Tiny experiments for tests of what surrounds the market: seconds, not minutes."""

from __future__ import annotations

from pathlib import Path

from experiments.config import Loaded, load
from experiments.platforms import ROOT

QUICKSTART = ROOT / "configs" / "quickstart.yaml"
TINY = (
    "days=20",
    "past.days=30",
    "run_out=10",
    "buyers.count=300",
    "non_buying_users.count=20",
    "platform.feedback.leave_rate=0.3",
    "platform.reviews.leave_rate=0.2",
    "replicates=3",
    "break_even=0",
)


def tiny(*overrides: str, path: Path = QUICKSTART) -> Loaded:
    """The quickstart experiment, or another, cut down to a second."""
    return load(path, [*TINY, *overrides])
