"""Compile once, before the first test that lives through a market; the same examples every time."""

from __future__ import annotations

import sys

import numba
import pytest
from hypothesis import settings

settings.register_profile("steady", deadline=None, derandomize=True, max_examples=50)
settings.load_profile("steady")


@pytest.fixture(scope="session", autouse=True)
def compiled() -> None:
    """Compiled code is on disk; nothing happens when no collected test uses a market."""
    if "markets" in sys.modules and not numba.config.DISABLE_JIT:
        from sim.warm import warm_up

        warm_up()
