"""How far down the results a shopper looks."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.rules.attention import MAX_EXAMINED, depth, depth_cdf, pages_opened

PUBLISHED = (0.197, 0.64, 0.67)  # page 2, then 3, then 4, each given the one before
CHANCE = st.floats(0.0, 1.0)
PAGES = st.lists(CHANCE, min_size=1, max_size=4).map(tuple)
SIZE = st.integers(1, 20)
EXPONENT = st.floats(0.0, 4.0)


def beyond(cdf, d):
    """P(depth > d)."""
    return 1.0 - cdf[d - 1]


@pytest.mark.parametrize("page_size", [3, 5, 6, 10])
def test_pages_are_opened_as_often_as_published(page_size):
    # Compete 2014: page 2 opened by 19.7 %, page 3 by 12.6 %; page 4 would be 8.5 % (8.4 here)
    cdf = depth_cdf(page_size, PUBLISHED, 1.1, 5 * page_size)
    assert beyond(cdf, page_size) == pytest.approx(0.197)
    assert beyond(cdf, 2 * page_size) == pytest.approx(0.126, abs=0.0005)
    assert beyond(cdf, 3 * page_size) == pytest.approx(0.085, abs=0.001)


def test_the_cut_at_the_most_examined_leaves_the_pages_before_it_alone():
    cut, whole = (depth_cdf(6, PUBLISHED, 1.1, most) for most in (MAX_EXAMINED, 60))
    np.testing.assert_allclose(cut[:12], whole[:12])
    assert cut.size == MAX_EXAMINED and cut[-1] == 1.0


def test_two_pages_of_two_by_hand():
    # page 1 is the last with 1/2, and half of those look at one place only; page 2 likewise
    np.testing.assert_allclose(depth_cdf(2, (0.5,), 1.0, 4), [0.25, 0.5, 0.75, 1.0])


def test_places_on_the_last_page_fall_as_a_power():
    cdf = depth_cdf(8, (0.0,), 1.1, 8)
    for k in range(1, 8):
        assert beyond(cdf, k) == pytest.approx((k + 1) ** -1.1)


def test_without_a_further_page_or_decay_exactly_one_page_is_examined():
    np.testing.assert_allclose(depth_cdf(3, (0.0,), 0.0, 6), [0, 0, 1, 1, 1, 1])


@given(SIZE, PAGES, EXPONENT, st.integers(1, 40))
def test_depths_are_a_distribution(size, pages, exponent, most):
    cdf = depth_cdf(size, pages, exponent, most)
    assert cdf.size == most and cdf[-1] == 1.0
    assert np.all(np.diff(cdf) >= -1e-12) and np.all(cdf >= 0.0) and np.all(cdf <= 1.0 + 1e-12)


@given(SIZE, PAGES, EXPONENT, CHANCE, st.integers(0, 3))
def test_who_turns_pages_more_readily_looks_no_less_far(size, pages, exponent, raised, which):
    which %= len(pages)
    more = (*pages[:which], max(pages[which], raised), *pages[which + 1 :])
    before, after = (depth_cdf(size, p, exponent, MAX_EXAMINED) for p in (pages, more))
    assert np.all(after <= before + 1e-12)


@given(SIZE, PAGES, EXPONENT, EXPONENT)
def test_a_steeper_fall_looks_no_further(size, pages, a, b):
    flat, steep = (depth_cdf(size, pages, e, MAX_EXAMINED) for e in sorted((a, b)))
    assert np.all(steep >= flat - 1e-12)


def test_depth_inverts_its_distribution():
    cdf = depth_cdf(6, PUBLISHED, 1.1, MAX_EXAMINED)
    u = (np.arange(20_000) + 0.5) / 20_000
    depths = np.array([depth(cdf, x) for x in u])
    shares = np.bincount(depths, minlength=MAX_EXAMINED + 1)[1:] / u.size
    np.testing.assert_allclose(np.cumsum(shares), cdf, atol=1e-4)
    assert np.all(np.diff(depths) >= 0)


def test_depth_at_the_ends():
    cdf = np.array([0.25, 0.5, 1.0])
    assert [depth(cdf, u) for u in (1e-12, 0.25, 0.4999, 0.5, 1.0)] == [1, 2, 2, 3, 3]


@pytest.mark.parametrize(("examined", "pages"), [(1, 1), (6, 1), (7, 2), (12, 2), (13, 3)])
def test_pages_of_six_by_hand(examined, pages):
    assert pages_opened(examined, 6) == pages


@given(st.integers(1, 200), SIZE)
def test_the_last_opened_page_holds_the_last_examined_place(examined, size):
    pages = pages_opened(examined, size)
    assert (pages - 1) * size < examined <= pages * size
