"""What shoppers see: stars of a listing, score of a store, low stars on the page."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.rules.display import decay, displayed_stars, is_low, low_share, store_score

STARS = st.integers(1, 5)
WEIGHTED = st.lists(st.tuples(STARS, st.floats(0.01, 1.0)), min_size=1, max_size=30)


def shown(reviews, prior_stars=4.2, prior_reviews=0.0):
    """Displayed stars of (stars, weight) pairs."""
    total = sum(weight for _, weight in reviews)
    stars = sum(s * weight for s, weight in reviews)
    return displayed_stars(stars, total, len(reviews), prior_stars, prior_reviews)


def test_five_reviews_by_hand():
    # verified weigh 1, others 0.4, halved every 180 days: 1, .5, .4, .25, .2 of 2.35 in all
    a_day = decay(180.0)
    reviews = [
        (5, 1.0 * a_day**0),
        (4, 1.0 * a_day**180),
        (1, 0.4 * a_day**0),
        (3, 1.0 * a_day**360),
        (5, 0.4 * a_day**180),
    ]
    assert sum(weight for _, weight in reviews) == pytest.approx(2.35)
    assert shown(reviews) == 3.9  # (5 + 2 + .4 + .75 + 1) / 2.35 = 3.894


def test_equal_weights_show_the_plain_mean_and_a_half_is_rounded_up():
    assert shown([(s, 1.0) for s in (4, 4, 4, 5)]) == 4.3  # 4.25
    assert shown([(s, 0.25) for s in (4, 4, 4, 5)]) == 4.3
    assert shown([(s, 1.0) for s in (1, 2, 3, 4, 5)]) == 3.0


def test_without_reviews_or_weight_no_stars_are_shown():
    for prior in (0.0, 10.0):
        assert displayed_stars(0.0, 0.0, 0, 4.2, prior) == 0.0
        assert displayed_stars(5.0, 1.0, 0, 4.2, prior) == 0.0
        assert displayed_stars(0.0, 0.0, 3, 4.2, prior) == 0.0


def test_a_bayesian_mean_by_hand():
    assert shown([(5, 1.0)], 3.0, 4.0) == 3.4  # (5 + 4 * 3) / 5
    assert shown([(1, 0.5)], 4.2, 0.5) == 2.6
    assert shown([(2, 1.0)] * 1000, 4.2, 1.0) == 2.0


@given(WEIGHTED, st.floats(1.0, 5.0), st.floats(0.0, 1000.0), st.floats(0.0, 1000.0))
def test_more_prior_reviews_bring_the_stars_no_further_from_the_prior(reviews, prior, n1, n2):
    few, many = (shown(reviews, prior, n) for n in sorted((n1, n2)))
    assert abs(many - prior) <= abs(few - prior) + 0.1001  # both are rounded
    assert shown(reviews, prior, 0.0) == shown(reviews)


@given(WEIGHTED)
def test_displayed_stars_lie_among_those_given(reviews):
    given_stars = [s for s, _ in reviews]
    assert min(given_stars) <= shown(reviews) <= max(given_stars)


@given(WEIGHTED, st.floats(0.01, 1.0), STARS, STARS)
def test_a_better_review_never_shows_fewer_stars(reviews, weight, one, other):
    worse, better = sorted((one, other))
    assert shown([*reviews, (worse, weight)]) <= shown([*reviews, (better, weight)])
    assert shown([*reviews, (1, weight)]) <= shown(reviews) <= shown([*reviews, (5, weight)])


@given(WEIGHTED, st.floats(0.1, 10.0))
def test_only_relative_weights_matter(reviews, factor):
    scaled = shown([(s, factor * weight) for s, weight in reviews])
    assert scaled == pytest.approx(shown(reviews), abs=0.1001)  # a rounding edge may be crossed
    assert scaled * 10 == pytest.approx(round(scaled * 10))


@given(st.floats(1.0, 1000.0))
def test_weight_halves_in_a_half_life(half_life):
    assert decay(half_life) ** half_life == pytest.approx(0.5)
    assert 0.0 < decay(half_life) < 1.0


def test_without_a_half_life_reviews_never_fade():
    assert decay(None) == 1.0


@pytest.mark.parametrize(
    ("positive", "rated", "positive_ever", "rated_ever", "score"),
    [
        (9, 11, 50, 100, 9 / 11),
        (9, 10, 50, 100, 0.5),  # more than ten are needed
        (0, 0, 3, 4, 0.75),
        (0, 0, 0, 0, -1.0),
    ],
)
def test_the_store_score_is_of_twelve_months_where_those_suffice(
    positive, rated, positive_ever, rated_ever, score
):
    assert store_score(positive, rated, positive_ever, rated_ever, 10) == pytest.approx(score)


@given(st.integers(0, 50), st.integers(0, 50), st.integers(0, 50), st.integers(0, 50))
def test_another_positive_feedback_never_lowers_the_store_score(good, bad, good_before, bad_before):
    def score(good, bad):
        ever = good_before + good, good_before + bad_before + good + bad
        return store_score(good, good + bad, *ever, 0)

    if good + bad > 0:
        assert 0.0 <= score(good, bad + 1) <= score(good, bad) <= score(good + 1, bad) <= 1.0


def test_low_stars_on_the_page_by_hand():
    assert low_share(3, 8) == 0.375
    assert low_share(0, 0) == 0.0
    assert [is_low(s) for s in range(1, 6)] == [True, True, False, False, False]
