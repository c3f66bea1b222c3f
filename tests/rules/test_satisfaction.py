"""What a customer feels about service and product."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.config.people import Judging
from sim.rules.satisfaction import (
    TYPICAL_QUALITY,
    TYPICAL_STARS,
    days_felt_late,
    felt_stars,
    known_taste,
    lateness_loss,
    product_latent,
    product_taste,
    store_latent,
    taste_match,
)
from sim.state import NEVER

SHIPPED = Judging()
KNOTS = np.ascontiguousarray(np.array(SHIPPED.lateness).T)
CUTS = np.array(SHIPPED.cuts)
LATE = st.floats(-5.0, 60.0)
SHARE = st.floats(0.0, 1.0)
LATENT = st.floats(-10.0, 10.0)
SEEN = st.floats(1.0, 5.0)
DAY = st.integers(0, 100)


@pytest.mark.parametrize(
    ("days", "loss"),
    [(-3.0, 0.0), (0.0, 0.0), (0.5, 0.3), (1.0, 0.6), (3.75, 2.535), (10.5, 3.8), (99.0, 3.95)],
)
def test_lateness_by_hand(days, loss):
    assert lateness_loss(days, KNOTS) == pytest.approx(loss)


@given(LATE, LATE)
def test_later_is_never_better_and_saturates(a, b):
    soon, late = sorted((a, b))
    assert 0.0 <= lateness_loss(soon, KNOTS) <= lateness_loss(late, KNOTS) + 1e-12
    assert lateness_loss(late, KNOTS) <= KNOTS[1, -1]


def test_a_single_knot_is_a_constant():
    assert lateness_loss(-1.0, np.array([[0.0], [2.0]])) == 2.0
    assert lateness_loss(9.0, np.array([[0.0], [2.0]])) == 2.0


@pytest.mark.parametrize(
    ("judged", "delivered", "on_its_way", "days"),
    [
        (10, 10, True, 3.0),  # it has come three days late
        (8, 12, True, 5.0),  # tracking says when it will
        (10, 6, True, 0.0),
        (10, NEVER, False, 7.0),  # nothing sent: three days so far, and four for not knowing
        (5, NEVER, False, 4.0),
    ],
)
def test_lateness_is_what_is_known_of_the_parcel(judged, delivered, on_its_way, days):
    assert days_felt_late(judged, 7, delivered, on_its_way, 4.0) == days


@given(DAY, DAY, DAY, DAY, st.floats(0.0, 30.0))
def test_arriving_or_being_told_sooner_never_feels_later(a, b, judged, promised, adds):
    soon, late = sorted((a, b))
    sooner = days_felt_late(judged, promised, soon, True, adds)
    assert 0.0 <= sooner <= days_felt_late(judged, promised, late, True, adds)
    waited = days_felt_late(soon, promised, NEVER, False, adds)
    assert adds <= waited <= days_felt_late(late, promised, NEVER, False, adds)


@given(DAY, DAY, DAY, DAY)
def test_patience_does_not_change_what_is_felt_of_a_parcel_on_its_way(a, b, promised, delivered):
    early, patient = (days_felt_late(day, promised, delivered, True, 7.0) for day in (a, b))
    assert early == patient


def product(quality=0.7, oversell=0.1, seen=0.0, taste=0.2, noise=-0.1, disappointment=0.3):
    return product_latent(quality, oversell, seen, taste, noise, 5.0, 0.15, disappointment, 1.0)


def test_a_product_by_hand():
    # came .5, described as 1.0: .15 + .5 + .2 - .1 - .3 * .5
    assert product() == pytest.approx(0.6)
    # 4.6 stars promise .4: expected (1.0 + .4) / 2 = .7, so .3 * .2 is lost
    assert product(seen=4.6) == pytest.approx(0.75 - 0.06)
    # 3 stars promise -1.2: expected -.1, less than came, and nothing is gained by that
    assert product(seen=3.0) == pytest.approx(0.75)


def test_a_typical_product_honestly_described_is_typical():
    assert product(TYPICAL_QUALITY, 0.0, TYPICAL_STARS, 0.0, 0.0) == pytest.approx(0.15)
    assert product(TYPICAL_QUALITY, 0.0, 0.0, 0.0, 0.0) == pytest.approx(0.15)


@given(SHARE, SHARE, st.floats(-0.5, 0.5), SEEN, st.booleans(), SHARE)
def test_better_quality_never_satisfies_less(a, b, oversell, seen, none_seen, felt):
    seen = 0.0 if none_seen else seen
    bad, good = sorted((a, b))
    assert (
        product(bad, oversell, seen, disappointment=felt)
        <= product(good, oversell, seen, disappointment=felt) + 1e-12
    )


@given(SHARE, st.floats(-0.5, 0.5), st.floats(0.0, 0.5), SEEN, SEEN, SHARE)
def test_promising_more_never_satisfies_more(quality, oversell, more, s1, s2, felt):
    less, much = sorted((s1, s2))
    modest = product(quality, oversell, less, disappointment=felt)
    assert product(quality, oversell + more, much, disappointment=felt) <= modest + 1e-12


@given(SHARE, st.floats(-0.5, 0.5), SEEN, LATENT, LATENT)
def test_taste_and_noise_add_up(quality, oversell, seen, taste, noise):
    both = product(quality, oversell, seen, taste, noise)
    neither = product(quality, oversell, seen, 0.0, 0.0)
    assert both == pytest.approx(neither + taste + noise, abs=1e-9)


def test_private_stars_by_hand():
    latent = [-9.0, -3.0, -2.99, -2.1, -2.0, -1.2, -1.0, 0.0, 0.01, 9.0]
    assert [felt_stars(x, CUTS) for x in latent] == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]


@given(LATENT, LATENT)
def test_more_satisfaction_never_means_fewer_stars(a, b):
    low, high = (felt_stars(x, CUTS) for x in sorted((a, b)))
    assert 1 <= low <= high <= 5


@given(LATENT, LATENT)
def test_the_store_answers_for_the_product_to_those_who_blame_it(service, goods):
    assert store_latent(service, goods, True, True) == min(service, goods)
    assert store_latent(service, goods, True, False) == service
    assert store_latent(service, goods, False, True) == service


@given(LATENT, LATENT, LATENT, LATENT, st.booleans(), st.booleans())
def test_a_better_experience_never_lowers_the_stores(s1, s2, p1, p2, known, blames):
    worse = store_latent(min(s1, s2), min(p1, p2), known, blames)
    assert worse <= store_latent(max(s1, s2), max(p1, p2), known, blames)


@given(SHARE, st.floats(0.0, 5.0))
def test_taste_is_symmetric_and_bounded(u, half_width):
    assert -half_width <= taste_match(u, half_width) <= half_width
    assert taste_match(u, half_width) == pytest.approx(-taste_match(1.0 - u, half_width), abs=1e-12)


def test_taste_by_hand():
    # liked by half of the half-width before, disliked by half of it after: .6 * .4 - .8 * .4
    assert product_taste(0.75, 0.25, 0.8, 0.6) == pytest.approx(-0.08)
    assert known_taste(0.75, 0.8, 0.6) == pytest.approx(0.24)


@given(SHARE, SHARE, st.floats(0.0, 5.0))
def test_taste_is_that_of_after_or_that_of_before_at_the_ends(before, after, half_width):
    assert product_taste(before, after, half_width, 0.0) == taste_match(after, half_width)
    assert product_taste(before, after, half_width, 1.0) == taste_match(before, half_width)
    assert known_taste(before, half_width, 0.0) == 0.0


@given(SHARE, SHARE, SHARE, SHARE, SHARE)
def test_who_likes_it_more_before_or_after_is_never_less_pleased(b1, b2, a1, a2, known):
    less = product_taste(min(b1, b2), min(a1, a2), 0.8, known)
    assert less <= product_taste(max(b1, b2), max(a1, a2), 0.8, known) + 1e-12


@pytest.mark.parametrize("known", [0.0, 0.3, 0.9, 1.0])
def test_taste_varies_as_much_however_much_of_it_is_known(known):
    grid = (np.arange(200) + 0.5) / 200
    before = np.array([taste_match(u, 0.8) for u in grid])
    taste = np.array([[product_taste(b, a, 0.8, known) for a in grid] for b in grid])
    assert taste.mean() == pytest.approx(0.0, abs=1e-9)
    assert taste.std() == pytest.approx(before.std())
    assert (taste.mean(axis=1) * before).mean() / before.var() == pytest.approx(known)
