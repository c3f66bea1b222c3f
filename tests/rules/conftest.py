"""Rules run compiled, or as plain functions with NUMBA_DISABLE_JIT=1."""

from __future__ import annotations

from collections.abc import Iterator

import numba
import numpy as np
import pytest


@pytest.fixture(autouse=True)
def wrapping_words() -> Iterator[None]:
    """Uncompiled, the 64-bit words of keys wrap round with a warning; they are meant to."""
    if numba.config.DISABLE_JIT:
        with np.errstate(over="ignore"):
            yield
    else:
        yield
