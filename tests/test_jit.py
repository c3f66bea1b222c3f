"""What is called by compiled code is compiled once, into its callers; results stay the same."""

from __future__ import annotations

import numpy as np

from sim.jit import kernel, rule


def make():
    """A rule and a kernel that calls it with whole numbers of several widths."""

    @rule
    def half(number):
        return number / 2 + 0.25

    @kernel
    def total(narrow, wide):
        return half(narrow[0]) + half(wide[0]) + half(3) + half(wide[0] > 1)

    return half, total


def test_a_rule_is_compiled_once_for_all_widths_of_whole_numbers():
    half, total = make()
    narrow, wide = np.array([1], np.uint8), np.array([2], np.int32)
    assert total(narrow, wide) == sum(half.py_func(x) for x in (1, 2, 3, True))
    signatures = [str(args[0]) for args in half._inner.signatures]
    assert sorted(signatures) == ["bool", "int64"]
    assert not half.signatures  # no machine code of its own: Python has not called it


def test_python_may_call_rules_and_kernels_alike():
    half, total = make()
    assert half(7) == half.py_func(7) == 3.75
    narrow, wide = np.array([1], np.uint8), np.array([2], np.int32)
    assert total(narrow, wide) == half(1) + half(2) + half(3) + half(True)


def test_keys_stay_what_they_are():
    @rule
    def next_key(key):
        return key + np.uint64(1)

    @kernel
    def last(keys):
        keys[0] = next_key(keys[0])

    keys = np.array([2**64 - 2], np.uint64)
    last(keys)
    assert keys[0] == 2**64 - 1


def test_a_kernel_called_by_a_kernel_is_an_ingredient_too():
    @kernel
    def inner(values, k):
        values[k] += 1.0

    @kernel
    def outer(values):
        for k in range(values.size):
            inner(values, k)

    values = np.zeros(3)
    outer(values)
    assert values.tolist() == [1.0, 1.0, 1.0]
    assert not inner.signatures and len(outer.signatures) == 1
    inner(values, 1)
    assert values.tolist() == [1.0, 2.0, 1.0] and len(inner.signatures) == 1
