"""Compile once, before the first test that lives through a market."""

from __future__ import annotations

import sys

import numba
import pytest


@pytest.fixture(scope="session", autouse=True)
def compiled() -> None:
    """Compiled code is on disk; nothing happens when no collected test uses a market."""
    if "markets" in sys.modules and not numba.config.DISABLE_JIT:
        from sim.warm import warm_up

        warm_up()
