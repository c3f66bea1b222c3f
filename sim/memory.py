"""Memory for tables: zeroed, and in large pages where the system has them.

Users, orders and daily tables are read and written here and there; in pages of 4 KB the processor
then spends much of its time on finding the page. A table begins at the start of a page, so that a
row of 32 or 64 bytes lies in one line of the cache.
"""

from __future__ import annotations

import mmap
from math import prod

import numpy as np

LARGE = 1 << 20
"""Bytes from which a table gets pages of its own."""
_HUGE = getattr(mmap, "MADV_HUGEPAGE", None)  # Linux


def zeros(shape: int | tuple[int, ...], dtype: np.dtype | type) -> np.ndarray:
    """As ``numpy.zeros``: an array of this shape and type, all bytes 0."""
    dtype, shape = np.dtype(dtype), (shape,) if isinstance(shape, int) else shape
    n = prod(shape) * dtype.itemsize
    if n < LARGE or _HUGE is None:
        return np.zeros(shape, dtype)
    # Private: a process that is forked must not write into its parent's tables.
    pages = mmap.mmap(-1, n, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    pages.madvise(_HUGE)
    return np.frombuffer(pages, dtype, prod(shape)).reshape(shape)
