"""The two ways in which code is compiled.

A *rule* is a small pure function on scalars, compiled into whoever calls it. A *kernel* is an
entry point: a loop over rows, compiled once and kept on disk (see ``sim/cache.py``).
``error_model="numpy"``: a division by zero gives inf or nan as in NumPy, without a branch.
"""

from numba import njit

rule = njit(error_model="numpy")
kernel = njit(error_model="numpy", cache=True)
