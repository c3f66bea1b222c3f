"""Memory for tables: zeroed, and beginning where a line of the processor's cache does.

A row of 32 or 64 bytes then lies in one line, so that to read it is to wait for memory once.
"""

from __future__ import annotations

from math import prod

import numpy as np

from sim.jit import LINE


def zeros(shape: int | tuple[int, ...], dtype: np.dtype | type) -> np.ndarray:
    """As ``numpy.zeros``: an array of this shape and type, all bytes 0."""
    dtype, shape = np.dtype(dtype), (shape,) if isinstance(shape, int) else shape
    size = prod(shape) * dtype.itemsize
    raw = np.zeros(size + LINE, np.uint8)
    start = -raw.ctypes.data % LINE
    return raw[start : start + size].view(dtype).reshape(shape)
