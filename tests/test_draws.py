"""Keyed random numbers: pinned, uniform, and independent wherever keys are neighbours.

The statistical tests have fixed keys, so they either hold or do not: each statistic is compared
with what it exceeds once in 100,000 when draws are independent and uniform.
"""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markets import small_market
from numba import njit
from scipy.special import ndtri
from scipy.stats import chi2, kstest, norm, poisson

from sim import draws
from sim.build import build
from sim.phases.common import day_word
from sim.phases.morning import begin
from sim.room import with_room
from sim.state import BUYER, NON_BUYER

RARE = 1e-5
STREAMS = draws.streams(1, 0)
WORD = st.integers(0, 2**64 - 1)


@njit
def keys_of_users(group, count):
    out = np.empty(count, np.uint64)
    for i in range(count):
        out[i] = draws.user_key(group, i)
    return out


@njit
def keys_joined(keys, part):
    out = np.empty(keys.size, np.uint64)
    for i in range(keys.size):
        out[i] = draws.join(keys[i], part)
    return out


@njit
def uniforms(stream, keys, slot):
    out = np.empty(keys.size)
    for i in range(keys.size):
        out[i] = draws.uniform(stream, keys[i], slot)
    return out


@njit
def one_uniform(stream, key, slot):
    return draws.uniform(stream, key, slot)


@njit
def mixed(word):
    return draws.mix(word)


@njit
def quantiles(u):
    out = np.empty(u.size)
    for i in range(u.size):
        out[i] = draws.normal_quantile(u[i])
    return out


USERS = keys_of_users(BUYER, 20_000)


def chi_square(observed, expected):
    return ((observed - expected) ** 2 / expected).sum()


def assert_uniform(u):
    """Kolmogorov-Smirnov and chi-square over 64 bins."""
    assert kstest(u, "uniform").pvalue > RARE
    counts = np.bincount((u * 64).astype(int), minlength=64)
    assert chi_square(counts, u.size / 64) < chi2.isf(RARE, 63)


def assert_independent(u, v):
    """Correlation, and chi-square over 8 x 8 cells."""
    assert abs(np.corrcoef(u, v)[0, 1]) < norm.isf(RARE / 2) / np.sqrt(u.size)
    cells = np.bincount((u * 8).astype(int) * 8 + (v * 8).astype(int), minlength=64)
    assert chi_square(cells, u.size / 64) < chi2.isf(RARE, 63)


# --- the registry ----------------------------------------------------------------------------


def test_a_purpose_is_registered_once():
    before = draws.purposes()
    with pytest.raises(ValueError, match="registered twice"):
        draws.purpose("user: voice")
    assert draws.purposes() == before
    assert len(set(before)) == len(before)


def test_a_further_purpose_moves_no_other_stream(monkeypatch):
    monkeypatch.setattr(draws, "_REGISTRY", {"a new purpose": False, **draws._REGISTRY})
    draws.purpose("another")
    np.testing.assert_array_equal(draws.streams(1, 0)[1:-1], STREAMS)


def test_every_purpose_seed_and_replicate_has_a_stream_of_its_own():
    all_streams = [draws.streams(seed, rep) for seed in (0, 1, 11, 111) for rep in (0, 1, 11, 111)]
    assert np.unique(all_streams).size == np.size(all_streams)


def test_the_world_may_be_kept_while_lives_differ():
    builds = np.array([draws._REGISTRY[name] for name in draws.purposes()])
    kept = draws.streams(1, 5, world_replicate=0)
    np.testing.assert_array_equal(kept[builds], STREAMS[builds])
    np.testing.assert_array_equal(kept[~builds], draws.streams(1, 5)[~builds])
    assert 0 < builds.sum() < builds.size and not np.any(kept[~builds] == STREAMS[~builds])


# --- the numbers -----------------------------------------------------------------------------

PINNED = [  # (stream, key, slot, uniform)
    (0x0, 0x0, 0, 5.551115123125783e-17),
    (0x0, 0x1, 0, 0.3381666012719898),
    (0x1, 0x0, 0, 0.3381666012719898),
    (0x0, 0x0, 1, 0.8833108082136427),
    (0xDEADBEEF, 0xC0FFEE, 0, 0.6484639905730596),
    (0xDEADBEEF, 0xC0FFEE, 1, 0.3659364358618425),
    (0xFFFFFFFFFFFFFFFF, 0xFFFFFFFFFFFFFFFF, 7, 0.1738678659596829),
    (0x0123456789ABCDEF, 0xFEDCBA9876543210, 0, 0.7063039534139497),
    (0x50E6466687628AF3, 0xE220A8397B1DCDAF, 0, 0.22136535925014916),
    (0x7E7EC1F4F28385E7, 0xAB578DF42FE0F6F5, 3, 0.08622516517774442),
]


@pytest.mark.parametrize(("stream", "key", "slot", "u"), PINNED)
def test_pinned_draws(stream, key, slot, u):
    # to 1e-15, so that a better last bit may come
    found = one_uniform(np.uint64(stream), np.uint64(key), slot)
    assert found == pytest.approx(u, abs=1e-15)


def test_pinned_streams():
    named = dict(zip(draws.purposes(), STREAMS.tolist(), strict=True))
    assert named["user: trip rate"] == 0x50E6466687628AF3
    assert named["trip, listing: race of choice"] == 0xD7A8D0873D91BC34
    assert int(draws.name_key("Northwind")) == 0x4AE0D7164FDBCA1C


def test_the_hash_is_splitmix64():
    # the first three outputs of the reference generator from seed 0
    states = np.arange(1, 4, dtype=np.uint64) * draws.GOLDEN
    expected = [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F]
    assert [int(mixed(state)) for state in states] == expected


@given(st.integers(0, 2**64 - 2**11 - 1))
def test_uniforms_lie_inside_the_unit_interval(word):
    assert 0.0 < draws.to_unit(np.uint64(word)) < 1.0


def test_the_largest_word_gives_less_than_one():
    assert draws.to_unit(np.uint64(2**64 - 1)) < 1.0


@given(WORD, st.integers(0, 63))
def test_one_bit_of_a_word_moves_about_half_of_its_hash(word, bit):
    changed = int(mixed(np.uint64(word))) ^ int(mixed(np.uint64(word ^ (1 << bit))))
    assert 8 <= changed.bit_count() <= 56


# --- uniform and independent -----------------------------------------------------------------


@pytest.mark.parametrize("purpose", ["TRIP_CHOICE", "FEEDBACK_POSTED", "USER_RATE"])
@pytest.mark.parametrize("slot", [0, 1, 799])
def test_draws_over_users_are_uniform(purpose, slot):
    assert_uniform(uniforms(STREAMS[getattr(draws, purpose)], USERS, slot))


def test_draws_over_days_slots_and_purposes_of_one_user_are_uniform():
    me = USERS[17:18]
    days = [keys_joined(me, day_word(day))[0] for day in range(-2000, 4000)]
    assert_uniform(uniforms(STREAMS[draws.TRIP_CHOICE], np.array(days), 0))
    assert_uniform(np.array([one_uniform(STREAMS[0], me[0], slot) for slot in range(6000)]))
    streams = np.concatenate([draws.streams(seed, 0) for seed in range(100)])
    assert_uniform(np.array([one_uniform(stream, me[0], 0) for stream in streams]))


@pytest.mark.parametrize("lag", [1, 2, 64])
def test_neighbouring_users_are_independent(lag):
    u = uniforms(STREAMS[draws.USER_VOICE], USERS, 0)
    assert_independent(u[:-lag], u[lag:])


@pytest.mark.parametrize("lag", [1, 7])
def test_neighbouring_days_of_the_same_user_are_independent(lag):
    today, later = (keys_joined(USERS, day_word(d)) for d in (1, 1 + lag))
    stream = STREAMS[draws.TRIP_CHOICE]
    assert_independent(uniforms(stream, today, 0), uniforms(stream, later, 0))


@pytest.mark.parametrize("part", [0, 1, 100])
def test_neighbouring_joined_keys_are_independent(part):
    stream = STREAMS[draws.REVIEW_POSTED]
    own, first, second = USERS, keys_joined(USERS, part), keys_joined(USERS, part + 1)
    assert_independent(uniforms(stream, first, 0), uniforms(stream, second, 0))
    assert_independent(uniforms(stream, own, 0), uniforms(stream, first, 0))


@pytest.mark.parametrize(("a", "b"), [(0, 1), (1, 2), (0, 4), (3, 4)])
def test_slots_are_independent(a, b):
    stream = STREAMS[draws.LISTING_PAST]
    assert_independent(uniforms(stream, USERS, a), uniforms(stream, USERS, b))


@pytest.mark.parametrize("k", range(0, len(STREAMS) - 1, 4))
def test_neighbouring_purposes_are_independent(k):
    assert_independent(uniforms(STREAMS[k], USERS, 0), uniforms(STREAMS[k + 1], USERS, 0))


@pytest.mark.parametrize(("seed", "replicate"), [(1, 1), (1, 2), (2, 0), (10, 0)])
def test_replicates_and_seeds_are_independent(seed, replicate):
    other = draws.streams(seed, replicate)[draws.TRIP_CHOICE]
    mine = STREAMS[draws.TRIP_CHOICE]
    assert_independent(uniforms(mine, USERS, 0), uniforms(other, USERS, 0))


def test_buyers_and_non_buyers_are_independent_and_share_no_key():
    others = keys_of_users(NON_BUYER, USERS.size)
    assert np.unique(np.concatenate([USERS, others])).size == 2 * USERS.size
    stream = STREAMS[draws.USER_LENIENCY]
    assert_independent(uniforms(stream, USERS, 0), uniforms(stream, others, 0))


# --- distributions ---------------------------------------------------------------------------


def test_normal_quantile_agrees_with_scipy():
    tails = np.geomspace(1e-16, 0.5, 2001)
    u = np.concatenate([tails, 1.0 - tails[tails > 1e-15], np.linspace(0.001, 0.999, 4001)])
    np.testing.assert_allclose(quantiles(u), ndtri(u), atol=1e-6, rtol=0)


def test_normal_quantile_is_symmetric_and_rises():
    u = np.linspace(1e-4, 0.5, 3001)
    np.testing.assert_allclose(quantiles(u), -quantiles(1.0 - u), atol=1e-9)
    assert np.all(np.diff(quantiles(np.linspace(1e-9, 1 - 1e-9, 10_001))) > 0.0)


def test_logistic_noise_by_hand():
    assert draws.logistic_noise(0.5) == 0.0
    assert draws.logistic_noise(0.75) == pytest.approx(np.log(3.0))
    assert draws.logistic_noise(0.25) == pytest.approx(-np.log(3.0))


@pytest.fixture(scope="module")
def trips():
    """Trips of 10,000 buyers on 12 days at half a trip a day: [days, users]."""
    market = small_market(
        "buyers.count=10000",
        "buyers.trips_per_year=182.5",
        "buyers.trips_shape=1000.0",
        "weekday=[1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]",
        "buyers.season_sd=0.0",
        "past.days=0",
    )
    w = build(market, 0)
    w.rate[:] = 0.5
    with_room(w, trips=20_000)
    counts = []
    for day in range(1, 13):
        begin(w, day)
        users = w.trips["user"][: w.count("n_trips")]
        counts.append(np.bincount(users, minlength=w.users.size)[:10_000])
    return np.array(counts)


def test_trips_a_day_are_poisson(trips):
    counts = np.bincount(np.minimum(trips.ravel(), 4), minlength=5)
    expected = poisson.pmf(np.arange(5), 0.5)
    expected[4] = 1.0 - expected[:4].sum()
    assert chi_square(counts, trips.size * expected) < chi2.isf(RARE, 4)


def test_trips_of_neighbouring_days_and_users_are_independent(trips):
    limit = norm.isf(RARE / 2)
    for a, b in ((trips[:-1], trips[1:]), (trips[:, :-1], trips[:, 1:]), (trips[:-7], trips[7:])):
        assert abs(np.corrcoef(a.ravel(), b.ravel())[0, 1]) < limit / np.sqrt(a.size)


def test_trips_of_a_user_over_days_vary_as_poisson(trips):
    # the sum over users of (n - mean)^2 / mean is chi-square where counts are Poisson
    totals = trips.sum(axis=0)
    spread = chi_square(totals, totals.mean())
    assert abs(norm.ppf(chi2.cdf(spread, totals.size - 1))) < norm.isf(RARE / 2)


# --- populations -----------------------------------------------------------------------------


def test_populations_are_nested():
    few, many = (
        build(small_market(f"buyers.count={n}", f"non_buying_users.count={n // 2}"), 3)
        for n in (500, 600)
    )
    for less, more in ((slice(0, 500), slice(0, 500)), (slice(500, 750), slice(600, 850))):
        assert few.users[less].tobytes() == many.users[more].tobytes()
        np.testing.assert_array_equal(few.rate[less], many.rate[more])
    sellers = few.count("n_sellers")
    for field in ("key", "on_time", "damaged", "tone", "slowness"):
        np.testing.assert_array_equal(few.sellers[field][:sellers], many.sellers[field][:sellers])
    np.testing.assert_array_equal(few.listings["quality"], many.listings["quality"])
    np.testing.assert_array_equal(few.stock, many.stock)


def test_a_further_rival_leaves_the_others_as_they_were():
    few, many = (build(small_market(f"rivals.count={n}"), 0) for n in (4, 5))
    n = few.count("n_listings")
    for field in ("key", "price", "quality", "relevance", "oversell", "n_reviews"):
        np.testing.assert_array_equal(few.listings[field][:n], many.listings[field][:n])
    assert few.users.tobytes() == many.users.tobytes()


def test_other_replicates_hold_other_people():
    one, other = (build(small_market(), replicate) for replicate in (0, 1))
    alike = np.corrcoef(one.users["voice"][:400], other.users["voice"][:400])[0, 1]
    assert abs(alike) < norm.isf(RARE / 2) / np.sqrt(400)
