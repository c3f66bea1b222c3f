"""The base market looks like the marketplace it stands for (short form; full: run.py bands)."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from experiments.bands import BANDS, SEEDS, SHORT_DAYS, Outcome, measure

QUICKSTART = Path(__file__).parents[1] / "configs" / "quickstart.yaml"


@pytest.fixture(scope="module")
def outcomes() -> dict[str, Outcome]:
    days = None if os.environ.get("MARKETPLACE_FULL") else SHORT_DAYS
    return {o.band.name: o for o in measure(QUICKSTART, SEEDS, days, workers=2)}


@pytest.mark.slow
@pytest.mark.parametrize("name", [band.name for band in BANDS])
def test_base_market_lies_in_its_band(outcomes: dict[str, Outcome], name: str) -> None:
    o = outcomes[name]
    assert o.inside, (
        f"{name}: {o.mean:.3f} ± {o.standard_error:.3f}, band {o.band.low}-{o.band.high}"
    )


def test_a_band_can_fail() -> None:
    band = BANDS[0]
    assert not Outcome(band, band.high + 0.1, 0.0, 30).inside
    assert not Outcome(band, np.nan, 0.0, 0).inside


@pytest.mark.slow
def test_workers_change_nothing() -> None:
    one, two = (measure(QUICKSTART, 2, 20, workers=n) for n in (1, 2))
    assert [o.mean for o in one] == [o.mean for o in two]
